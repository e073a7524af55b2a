"""What happens in the demo: two full systems meet, people go on working in both, and it all agrees.

1  seed        the same parties, spelled differently, in CRM and ERP; some in one of them only
2  first load  Airflow's batch lane: match, link, ask, create what is missing
3  burst       edits on both sides at once, conflicts, deletions, a duplicate; Airflow's live lane
4  report      both systems are read afresh and compared field by field
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
from sqlalchemy import func, select

from connectors.base import Accepted, Connector, Operation, Write
from connectors.registry import connector as build_connector
from tandem.app import App
from tandem.demo import parties
from tandem.demo.stage import LINK, Stage, StageError
from tandem.model.fields import same
from tandem.model.objects import field_types
from tandem.model.quality import Outcome
from tandem.orchestration.lanes import dag_id
from tandem.state import inbox, outbox, quality, quarantine, review
from tandem.state.outbox import PushState
from tandem.state.tables import audit, crosswalk
from tandem.state.tables import outbox as outbox_table
from tandem.sync.agreement import compare

Progress = Callable[[str, float], None]
SALES = "olena.sales@tandem.example"
OWNERS = (SALES, "nikos.support@tandem.example")
"""People of the CRM to whom its records belong."""
"""User of the CRM who edits records at her desk."""

ORGANIZATIONS, PERSONS = "party.organization", "party.person"


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to do. `shared` parties are in both systems."""

    accounts: int = 2000
    contacts: int = 3000
    shared: float = 0.7
    edits: int = 120


@dataclass(slots=True)
class Cast:
    """Native ids of what was seeded, by number of the party."""

    crm_accounts: dict[int, str] = field(default_factory=dict)
    erp_accounts: dict[int, str] = field(default_factory=dict)
    crm_contacts: dict[int, str] = field(default_factory=dict)
    companies: Sequence[parties.Company] = ()


class Story:
    """The demo on a stage that has been started."""

    def __init__(self, stage: Stage, size: Size, progress: Progress, seed: int = 2026) -> None:
        self._stage = stage
        self._size = size
        self._progress = progress
        self._rnd = random.Random(seed)  # noqa: S311  (made-up people, no secrets)
        self._seed = seed
        self._app: App = stage.app()
        self._erp = self._app.connector("erp")
        self._crm = build_connector("salesforce", stage.crm.user_settings(SALES))
        self._cast = Cast()

    # 1. Seed

    def seed(self) -> None:
        """Fill both systems."""
        accounts, contacts = self._size.accounts, self._size.contacts
        in_crm, in_erp = parties.slices(accounts, int(accounts * self._size.shared))
        companies = parties.companies(max(in_erp) + 1, self._seed)
        self._cast.companies = companies
        titles: dict[str, list[str]] = {}
        for text, code in self._app.config.synonyms["position"]:
            titles.setdefault(code, []).append(text)
        per_company = contacts / accounts
        people = parties.people(companies, int(len(companies) * per_company), self._seed, titles)
        self._timed("seed the CRM", lambda: self._seed_crm(companies, people, in_crm))
        self._timed("seed the ERP", lambda: self._seed_erp(companies, people, in_erp))

    def _seed_crm(
        self, companies: Sequence[parties.Company], people: Sequence[parties.Person], which: range
    ) -> None:
        rows = [parties.crm_account(companies[n], self._rnd) for n in which]
        ids = self._seed_by_owner("Account", rows)
        self._cast.crm_accounts = dict(zip(which, ids, strict=True))
        chosen = [p for p in people if p.company.number in self._cast.crm_accounts]
        rows = [
            parties.crm_contact(p, self._cast.crm_accounts[p.company.number], self._rnd)
            for p in chosen
        ]
        ids = self._seed_by_owner("Contact", rows)
        self._cast.crm_contacts = dict(zip((p.number for p in chosen), ids, strict=True))

    def _seed_by_owner(self, sobject: str, rows: Sequence[dict[str, Any]]) -> list[str]:
        """Records that belong to the people of the CRM in turn; their ids in order."""
        ids = [""] * len(rows)
        for number, owner in enumerate(OWNERS):
            ids[number :: len(OWNERS)] = self._stage.crm.seed(
                sobject, rows[number :: len(OWNERS)], owner
            )
        return ids

    def _seed_erp(
        self, companies: Sequence[parties.Company], people: Sequence[parties.Person], which: range
    ) -> None:
        rows = [parties.erp_account(companies[n], self._rnd) for n in which]
        ids = self._create_in_erp(ORGANIZATIONS, rows)
        self._cast.erp_accounts = dict(zip(which, ids, strict=True))
        chosen = [p for p in people if p.company.number in self._cast.erp_accounts]
        self._create_in_erp(
            PERSONS,
            [parties.erp_contact(p, self._cast.erp_accounts[p.company.number]) for p in chosen],
        )

    def _create_in_erp(self, stream: str, rows: Sequence[dict[str, Any]]) -> list[str]:
        """Records as clerks made them: they carry no mark of ours."""
        ids: list[str] = []
        for batch in parties.in_batches(rows, self._erp.capabilities.write_batch):
            writes = [Write(Operation.CREATE, "", values=row) for row in batch]
            for result in self._erp.write(stream, writes):
                assert isinstance(result, Accepted), result
                ids.append(result.native_id)
        return ids

    # 2. First load

    def first_load(self) -> None:
        """Let Airflow's batch lane bring both systems together."""
        self._stage.airflow.wait_until_ready(180)
        self._stage.airflow.unpause(dag_id(LINK, "batch"))
        self._batch("first_load")

    def _batch(self, mode: str) -> None:
        airflow, lane = self._stage.airflow, dag_id(LINK, "batch")
        run = airflow.trigger(lane, {"mode": mode})
        state = airflow.wait(lane, run, self._progress, 900)
        if state != "success":
            raise StageError(f"the batch run in mode {mode} ended as {state}; see {airflow.logs}")

    # 3. Burst

    def burst(self) -> None:
        """Edit in both systems while Airflow's live lane runs, and wait until it is quiet."""
        airflow = self._stage.airflow
        airflow.unpause(dag_id(LINK, "live"))
        self._wait_for_live()
        # The live lane first reads back what the first load wrote.
        self._timed("live lane has caught up", self._wait_until_quiet)
        started = datetime.now(UTC)
        self._timed("edits on both sides", self._edit_both)
        self._timed("until quiet", self._wait_until_quiet)
        airflow.pause(dag_id(LINK, "live"))
        self.burst_started = started

    def full_compare(self) -> None:
        """Let Airflow compare every record with the state, as it does every night."""
        self._batch("compare")

    def _edit_both(self) -> None:
        shared = sorted(set(self._cast.crm_accounts) & set(self._cast.erp_accounts))
        # Some stay untouched: for deletions, and for a twin.
        chosen = self._rnd.sample(shared, min(self._size.edits, len(shared) // 2))
        quarter = max(len(chosen) // 4, 1)
        crm_only, erp_only, conflicts, mixed = (
            chosen[n * quarter : (n + 1) * quarter] for n in range(4)
        )
        for number in crm_only:
            self._edit_crm(number, {"Fax": self._number(number)})
        for number in erp_only:
            self._edit_erp(number, {"fax": self._number(number)})
        for number in conflicts:
            self._edit_crm(number, {"Phone": self._number(number)})
            self._edit_erp(number, {"phone": self._number(number)})
        for number in mixed:
            self._edit_crm(number, {"Website": f"new-{number}.example"})
            self._edit_erp(number, {"emails": [f"office-{number}@new.example"]})
        self._create_and_delete(shared, set(chosen))

    def _create_and_delete(self, shared: Sequence[int], edited: set[int]) -> None:
        untouched = [n for n in shared if n not in edited]
        gone = self._rnd.sample(untouched, 6)
        for number in gone[:3]:
            self._write(self._crm, "Account", Operation.DELETE, self._cast.crm_accounts[number], {})
        for number in gone[3:]:
            self._write(
                self._erp, ORGANIZATIONS, Operation.DELETE, self._cast.erp_accounts[number], {}
            )
        newcomers = parties.companies(10, self._seed + 1)
        self._stage.crm.seed(
            "Account",
            [
                parties.crm_account(c, self._rnd) | {"Name": f"{c.core} {c.number} Nova"}
                for c in newcomers
            ],
        )
        twin = parties.crm_account(self._cast.companies[untouched[0]], self._rnd)
        self._stage.crm.seed("Account", [twin])

    def _number(self, number: int) -> str:
        """A telephone number of the company's country that nobody has yet."""
        company = self._cast.companies[number]
        last = self._rnd.randint(0, 9)
        return company.phone[:-1] + str((int(company.phone[-1]) + 1 + last) % 10)

    def _edit_crm(self, number: int, values: dict[str, Any]) -> None:
        self._write(self._crm, "Account", Operation.UPDATE, self._cast.crm_accounts[number], values)

    def _edit_erp(self, number: int, values: dict[str, Any]) -> None:
        self._write(
            self._erp, ORGANIZATIONS, Operation.UPDATE, self._cast.erp_accounts[number], values
        )

    def _write(
        self,
        desk: Connector,
        stream: str,
        operation: Operation,
        native_id: str,
        values: dict[str, Any],
    ) -> None:
        """Somebody edits a record at their desk: the newest version, whatever it is."""
        desk.write(stream, [Write(operation, "desk", native_id, values)])

    def _wait_for_live(self, timeout: float = 120.0) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            runs = self._stage.airflow.runs(dag_id(LINK, "live"))
            if any(run["state"] == "running" for run in runs) and self._live_cycles() > 0:
                return
            time.sleep(0.5)
        raise StageError("the live lane did not start; see Airflow's logs")

    def _live_cycles(self) -> int:
        from tandem.state.tables import run  # noqa: PLC0415

        with self._app.database.begin() as connection:
            return connection.execute(
                select(func.count()).select_from(run).where(run.c.lane == "live")
            ).scalar_one()

    def _wait_until_quiet(self, timeout: float = 240.0, calm: float = 8.0) -> None:
        """Quiet: nothing to do in inbox and outbox, and nothing written, for a while."""
        deadline = time.monotonic() + timeout
        since, last = time.monotonic(), -1
        while time.monotonic() < deadline:
            with self._app.database.begin() as connection:
                waiting = inbox.counts(connection, LINK).get("new", 0)
                states = outbox.counts(connection, LINK)
            waiting += sum(states.get(s, 0) for s in ("intended", "sending", "unknown"))
            done = states.get(PushState.ACCEPTED, 0)
            if waiting or done != last:
                since, last = time.monotonic(), done
            elif time.monotonic() - since > calm:
                return
            time.sleep(0.5)
        raise StageError("the systems did not come to rest in time")

    # 4. Report

    def report(self) -> dict[str, Any]:
        """Read both systems afresh and say what came of it all."""
        app = self._app
        found = compare(app.link(LINK), app.database)
        with app.database.begin() as connection:
            linked = connection.execute(
                select(func.count()).select_from(crosswalk).where(crosswalk.c.rule.like("match:%"))
            ).scalar_one()
            states = outbox.counts(connection, LINK)
            items = review.counts(connection, LINK)
            writes = connection.execute(
                select(outbox_table).where(outbox_table.c.state == PushState.ACCEPTED)
            ).all()
            facts = connection.execute(
                select(audit).where(audit.c.action == "write.accepted")
            ).all()
            quarantined = quarantine.count(connection, LINK)
            gates = quality.results(connection, LINK, limit=1000)
        freshness = sorted(
            (w.done_at - w.changed_at).total_seconds()
            for w in writes
            if w.changed_at and w.changed_at >= self.burst_started
        )
        return {
            "agreement": found.holds,
            "agreement_share": round(found.share, 5),
            "records": found.records,
            "pairs": found.pairs,
            "linked": linked,
            "created": sum(1 for w in writes if w.operation == Operation.CREATE),
            "writes": len(writes),
            "echo_writes": sum(1 for fact in facts if _changed_nothing(fact)),
            "conflicts_open": items.get("conflict", 0),
            "review_open": sum(items.values()),
            "review_by_kind": items,
            "quarantined": quarantined,
            "quality_gates": {
                "gates": len(gates),
                "records": sum(gate.rows for gate in gates),
                "failed": sum(1 for gate in gates if gate.outcome is Outcome.HELD),
                "held": sum(gate.held for gate in gates),
            },
            "dead_letters": states.get(PushState.REJECTED, 0),
            "named_differences": len(found.named),
            "divergent_fields": len(found.divergent),
            "divergent": [
                f"{d.system} {d.object} {d.native_id} {d.field}" for d in found.divergent[:20]
            ],
            "unexplained_writes": self._unexplained(writes),
            "freshness_p50_s": round(statistics.median(freshness), 2) if freshness else None,
            "freshness_p95_s": round(freshness[int(len(freshness) * 0.95)], 2)
            if freshness
            else None,
            "cleansed": self._cleansed(),
            "dag_runs": {
                lane: len(self._stage.airflow.runs(dag_id(LINK, lane)))
                for lane in ("batch", "events", "live", "sweep")
            },
        }

    def _unexplained(self, writes: Sequence[Any]) -> int:
        """Count writes without a cause, and CRM records written to without the outbox knowing."""
        known = {w.answer["native_id"] for w in writes if w.system == "crm" and w.answer}
        ours = set()
        for stream in ("Account", "Contact"):
            answer = requests.get(f"{self._stage.crm.url}/sandbox/touched/{stream}", timeout=60)
            answer.raise_for_status()
            ours |= set(answer.json()["ids"])
        return sum(1 for w in writes if not w.cause) + len(ours - known)

    def _cleansed(self) -> dict[str, dict[str, int]]:
        """How many texts of the CRM became values, and how many were refused and asked."""
        from tandem.state.tables import observed  # noqa: PLC0415

        counted: dict[str, dict[str, int]] = {}
        with self._app.database.begin() as connection:
            rows = connection.execute(
                select(observed.c["values"], observed.c.refused).where(observed.c.system == "crm")
            )
            for values, refused in rows:
                for name, value in values.items():
                    if value not in (None, [], ""):
                        counted.setdefault(name, {"read": 0, "refused": 0})["read"] += 1
                for name in refused:
                    counted.setdefault(name, {"read": 0, "refused": 0})["refused"] += 1
        return dict(sorted(counted.items()))

    def _timed(self, step: str, work: Callable[[], None]) -> None:
        started = time.monotonic()
        work()
        self._progress(step, time.monotonic() - started)


def _changed_nothing(fact: Any) -> bool:
    """A write that told a system what it showed already: an echo."""
    if not fact.before or not fact.after:
        return False
    kinds = {name: t.kind for name, t in field_types(fact.object).items()}
    return all(
        name in fact.before and same(kinds[name], fact.before[name], value)
        for name, value in fact.after.items()
    )
