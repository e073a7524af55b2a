"""Two misbehaving systems, a link between them, and a clock that stands still until it is moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from connectors.base import Column, ColumnType, Connector, Record, StreamSpec
from connectors.memory.system import CAPABILITIES
from tandem.chaos.system import FakeSystem
from tandem.clock import ManualClock, SeededIds
from tandem.desk.groups import give_due
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.schema import Mapping as MappingFile
from tandem.mapping.transforms import Catalogues
from tandem.matching.incremental import Matcher
from tandem.model.objects import OBJECTS, field_types
from tandem.settings import LinkConfig
from tandem.state import chain as chains
from tandem.state import inbox, outbox, review
from tandem.state.database import Database
from tandem.state.inbox import Cause
from tandem.state.quota import Budget
from tandem.state.review import ReviewItem
from tandem.state.tables import audit, crosswalk
from tandem.sync.pipeline import Pipeline
from tandem.sync.run import BATCH
from tandem.sync.types import Link, ObjectRules

ACCOUNT_COLUMNS = ("name", "phone", "tax_id", "industry", "website")
CAPABLE = replace(CAPABILITIES, look_back=timedelta(seconds=5))


def specs(account: str, contact: str) -> list[StreamSpec]:
    columns = {name: Column(name, ColumnType.STRING) for name in ACCOUNT_COLUMNS}
    columns["active"] = Column("active", ColumnType.BOOLEAN)
    columns["parent"] = Column("parent", ColumnType.REFERENCE, references=account)
    people = {name: Column(name, ColumnType.STRING) for name in ("given", "family", "phone")}
    people["account"] = Column("account", ColumnType.REFERENCE, references=account)
    return [StreamSpec(account, columns), StreamSpec(contact, people)]


CRM_SPECS = specs("Account", "Contact")
ERP_SPECS = specs("party", "person")


def account_mapping(system: str, stream: str) -> MappingFile:
    fields: dict[str, Any] = {name: name for name in ACCOUNT_COLUMNS}
    fields["active"] = {"column": "active", "transform": "boolean"}
    fields["parent"] = {
        "column": "parent",
        "transform": "reference",
        "options": {"stream": stream},
    }
    return MappingFile(object="account", system=system, stream=stream, fields=fields)


def contact_mapping(system: str, stream: str, account: str) -> MappingFile:
    return MappingFile(
        object="contact",
        system=system,
        stream=stream,
        fields={
            "name": {
                "columns": {"given": "given", "family": "family"},
                "transform": "name_parts",
            },
            "phone": "phone",
            "account": {
                "column": "account",
                "transform": "reference",
                "options": {"stream": account},
            },
        },
    )


class World:
    """CRM `C` and ERP `E`, kept in agreement. `cycle()` is what a scheduled job does."""

    def __init__(
        self,
        database: Database,
        *,
        policy: Mapping[str, Any] | None = None,
        crm: Mapping[str, Any] | None = None,
        erp: Mapping[str, Any] | None = None,
        objects: tuple[str, ...] = ("account",),
        budgets: Mapping[str, Budget] | None = None,
        seed: int = 1,
    ) -> None:
        self.database = database
        self.budgets = dict(budgets or {})
        self.clock = ManualClock()
        self.ids = SeededIds(seed)
        self.crm = FakeSystem(
            CRM_SPECS, clock=self.clock, name="crm", **{"capabilities": CAPABLE, **(crm or {})}
        )
        self.erp = FakeSystem(
            ERP_SPECS, clock=self.clock, name="erp", **{"capabilities": CAPABLE, **(erp or {})}
        )
        rules = {"deletes": {"policy": "review"}, **(policy or {})}
        self.config = LinkConfig.model_validate(
            {
                "link": "customers",
                "systems": ["crm", "erp"],
                "objects": {name: rules if name == "account" else {} for name in objects},
            }
        )
        self.checkpoint: Callable[[str], None] = lambda _step: None
        files = (
            account_mapping("crm", "Account"),
            account_mapping("erp", "party"),
            contact_mapping("crm", "Contact", "Account"),
            contact_mapping("erp", "person", "party"),
        )
        self.mappings = {(file.object, file.system): file for file in files}

    def map_field(self, object_name: str, system: str, name: str, how: Any) -> None:
        """Somebody changes how one field is mapped."""
        file = self.mappings[object_name, system]
        told = file.model_dump(exclude_defaults=True)
        told["fields"] |= {name: how}
        self.mappings[object_name, system] = MappingFile.model_validate(told)

    @property
    def link(self) -> Link:
        connectors: dict[str, Connector] = {"crm": self.crm, "erp": self.erp}
        objects = {}
        for name in OBJECTS:
            if name in self.config.objects:
                types = field_types(name)
                objects[name] = ObjectRules(
                    object=name,
                    kinds={n: t.kind for n, t in types.items()},
                    references={n: t.references for n, t in types.items() if t.references},
                    policy=self.config.objects[name],
                    mappings={
                        system: CompiledMapping(file, Catalogues())
                        for (mapped, system), file in self.mappings.items()
                        if mapped == name
                    },
                    matcher=Matcher.for_object(name),
                    skew={"crm": self.crm.skew, "erp": self.erp.skew},
                    tolerance=self.config.clock_skew,
                )
        return Link(self.config, connectors, objects, budgets=self.budgets)

    def pipeline(
        self,
        holder: str = "worker",
        *,
        lane: str = "cli",
        link: Link | None = None,
        batch: int = BATCH,
    ) -> Pipeline:
        return Pipeline(
            link or self.link,
            self.database,
            clock=self.clock,
            ids=self.ids,
            holder=holder,
            lane=lane,
            checkpoint=self._at_checkpoint,
            give_answers=give_due,
            batch=batch,
        )

    def _at_checkpoint(self, step: str) -> None:
        self.checkpoint(step)

    def cycle(self, times: int = 1, *, pause: float = 1.0) -> dict[str, int]:
        """So many cycles, each a process of its own, a second apart. The last one's counts."""
        counts: dict[str, int] = {}
        for _ in range(times):
            self.clock.advance(pause)
            pipeline = self.pipeline()
            assert pipeline.open()
            pipeline.cycle()
            pipeline.close()
            counts = pipeline.counts.by_name
        return counts

    def compare(self) -> dict[str, int]:
        """A full compare and what follows from it."""
        self.clock.advance(1)
        pipeline = self.pipeline()
        assert pipeline.open()
        pipeline.compare()
        pipeline.drain()
        pipeline.close()
        return pipeline.counts.by_name

    def pair(self, **values: Any) -> tuple[str, str]:
        """A linked account on both sides; (id in C, id in E). The write logs are cleared."""
        native_id = self.crm.insert("Account", {"name": "Acme", **values})
        self.cycle(3)
        (partner,) = [i for i in self.erp.rows("party") if self.linked(native_id) == i]
        self.crm.sent.clear()
        self.erp.sent.clear()
        return native_id, partner

    def phone_conflicts(self, *names: str) -> list[tuple[str, str]]:
        """Accounts of these names, phone 2 in C and 3 in E, asked about; (id in C, id in E)."""
        pairs = []
        for name in names:
            crm_id = self.crm.insert("Account", name=name, phone="1", industry=name)
            self.cycle(3)
            erp_id = self.linked(crm_id)
            assert erp_id
            pairs.append((crm_id, erp_id))
        for crm_id, erp_id in pairs:
            self.crm.edit("Account", crm_id, phone="2")
            self.erp.edit("party", erp_id, phone="3")
        self.cycle(2)
        return pairs

    def linked(self, crm_id: str) -> str | None:
        """The ERP record that a CRM account is linked to."""
        with self.database.begin() as connection:
            found = chains.find(connection, [("crm", "Account", crm_id)])
            if not found:
                return None
            ids = chains.native_ids(connection, found.values(), "erp")
            return next(iter(ids.values()), None)

    def quiet(self, cycles: int = 10) -> None:
        """Nothing is written in so many further cycles."""
        before = len(self.crm.sent), len(self.erp.sent)
        self.cycle(cycles)
        assert (len(self.crm.sent), len(self.erp.sent)) == before

    def quiet_but(self, *, crm: list[dict[str, Any]], cycles: int = 5) -> None:
        """These values are written to the CRM, once, and nothing else to anybody."""
        before = len(self.erp.sent)
        self.crm.sent.clear()
        self.cycle(cycles)
        assert [dict(s.write.values) for s in self.crm.sent] == crm
        assert len(self.erp.sent) == before

    # Looking at the state

    def reviews(self, kind: str | None = None) -> list[ReviewItem]:
        with self.database.begin() as connection:
            return review.listing(connection, kind=kind)

    def decide(
        self, item: ReviewItem, decision: dict[str, Any], *, version: int | None = None
    ) -> None:
        from tandem.decide import decide

        decide(
            self.database,
            item.id,
            version=item.version if version is None else version,
            decision=decision,
            person="stella",
            at=self.clock.now(),
        )

    def receive(self, system: str, record: Record, *, cause: Cause = Cause.POLL) -> None:
        """A reading of an account lies in the inbox, whatever its system holds by now."""
        with self.database.begin() as connection:
            inbox.add_records(
                connection,
                link="customers",
                object_name="account",
                system=system,
                records=[record],
                cause=cause,
                at=self.clock.now(),
                run="late",
            )

    def inbox(self) -> dict[str, int]:
        with self.database.begin() as connection:
            return inbox.counts(connection, "customers")

    def outbox(self) -> dict[str, int]:
        with self.database.begin() as connection:
            return outbox.counts(connection, "customers")

    def facts(self, action: str) -> list[Any]:
        with self.database.begin() as connection:
            rows = select(audit).where(audit.c.action == action).order_by(audit.c.id)
            return list(connection.execute(rows))

    def crosswalk(self) -> list[Any]:
        with self.database.begin() as connection:
            rows = select(crosswalk).order_by(crosswalk.c.system, crosswalk.c.native_id)
            return list(connection.execute(rows))

    def links(self) -> int:
        with self.database.begin() as connection:
            return len(connection.execute(select(crosswalk)).all())
