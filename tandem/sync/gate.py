"""Gate: larger batches are looked at as a whole before any of their records goes on.

    arrivals of one (object, system), more than `min_rows`
      └► frame ─► Great Expectations ─► passed: they go on
                                      └ failed: they are held, one question says why

What is held stays out of the pipeline until a person lets it go on or sets it aside. Newer content
of a record replaces what is held of it, and what is left is looked at again. Nobody makes the twin
of a newcomer beside it meanwhile: see `twins`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Any

import structlog
from sqlalchemy import Connection

from tandem.clock import Clock
from tandem.model.quality import Outcome, Severity, Verdict
from tandem.quality.frame import Frame
from tandem.quality.gate import judge
from tandem.quality.suite import Expectation, suite
from tandem.quality.tell import why
from tandem.settings import Quality
from tandem.state import audit, contract, held, quality, review
from tandem.state.bulk import chunks
from tandem.state.held import Pending
from tandem.state.inbox import Arrival
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.sync.pull import Transaction
from tandem.sync.twins import note_newcomers
from tandem.sync.types import Counts, Link

log = structlog.get_logger(__name__)

MOST_QUESTIONS = 1000
"""More held batches than any link has at one time."""


class Gate:
    """The quality gates of one link; `link` is what of it can be worked now."""

    def __init__(
        self, link: Link, *, begin: Transaction, clock: Clock, run_id: str, counts: Counts
    ) -> None:
        self._link = link
        self._begin = begin
        self._clock = clock
        self._run_id = run_id
        self._counts = counts
        self._holds = False

    def look(self, link: Link) -> None:
        """Bring everything that waits for a gate through it; what does not pass is held.

        What rests in `link` is left alone: nothing of it goes on anyway.
        """
        self._link = link
        with self._begin() as connection:
            self._holds = held.any_held(connection, self._link.name)
            newer = held.newer(connection, self._link.name) if self._holds else {}
            if not newer:
                questions, waiting = self._waiting(connection)
        if newer:
            # Twins find what takes the place of a held record as they have found that one.
            for object_name, ids in newer.items():
                self._note_newcomers(object_name, ids)
            with self._begin() as connection:
                questions, waiting = self._waiting(connection)
        for item in questions:
            if self._is_worked(item.object, item.system):
                self._look_again(item)
        for pending in waiting:
            if self._is_worked(pending.object, pending.system):
                rules = self._rules(pending.object)
                if rules.enabled and pending.rows >= rules.min_rows:
                    self._look_at(pending)

    def _is_worked(self, object_name: str, system: str | None) -> bool:
        rules = self._link.objects.get(object_name)
        return rules is not None and system in rules.mappings

    def admit(
        self, connection: Connection, arrivals: Sequence[Arrival], fresh: Collection[int]
    ) -> list[Arrival]:
        """Arrivals that may go on: not what was read afresh and is held just as it is."""
        if not self._holds:
            return list(arrivals)
        read = [arrival for arrival in arrivals if arrival.id in fresh]
        stopped = held.admit(connection, self._link.name, read)
        return [arrival for arrival in arrivals if arrival.id not in stopped]

    def _waiting(self, connection: Connection) -> tuple[list[ReviewItem], list[Pending]]:
        """Questions about held batches, and batches that have been through no gate."""
        if self._holds:
            held.replace_by_newer(connection, self._link.name)
        questions = review.listing(
            connection, self._link.name, kind=ReviewKind.QUALITY_GATE, limit=MOST_QUESTIONS
        )
        return questions, held.pending(connection, self._link.name)

    # One batch

    def _look_at(self, pending: Pending) -> None:
        link, name, system = self._link.name, pending.object, pending.system
        with self._begin() as connection:
            ids = held.pending_ids(connection, link, pending)
            listed = quality.last_listing(connection, link, name, system)
            frame, expected = self._frame(connection, name, system, ids)
        listed = listed if pending.compared else None
        verdict = judge(frame, expected, tolerance=self._rules(name).tolerance, listed=listed)
        kept = self._kept(verdict, ids)
        self._note_newcomers(name, kept)
        with self._begin() as connection:
            quality.forget_listing(connection, link, name, system)
            self._carry_out(connection, verdict, ids, kept, name, system)

    def _look_again(self, item: ReviewItem) -> None:
        """A held batch of which newer content has replaced a part, or whose rules have changed."""
        assert item.system is not None
        name, system, rules = item.object, item.system, self._rules(item.object)
        with self._begin() as connection:
            if not _is_open(connection, item):
                return
            ids = held.held_ids(connection, item.subject)
            before = quality.get(connection, item.question["gate"])
            if len(ids) == before.held and before.rules == _digest(rules):
                return
            if not ids or not rules.enabled:
                held.let_pass(connection, ids, before.id)
                self._end(connection, item, before.id)
                return
            frame, expected = self._frame(connection, name, system, ids)
        verdict = judge(frame, expected, tolerance=rules.tolerance, listed=before.listed)
        kept = self._kept(verdict, ids)
        with self._begin() as connection:
            if not _is_open(connection, item):
                return  # a person was faster
            if self._carry_out(connection, verdict, ids, kept, name, system, item.subject):
                quality.conclude(connection, before.id, Outcome.SUPERSEDED)
            else:
                self._end(connection, item, before.id)

    def _end(self, connection: Connection, item: ReviewItem, gate_id: int) -> None:
        """Nothing is held under a question any more."""
        quality.conclude(connection, gate_id, Outcome.SUPERSEDED)
        review.close(connection, [item.id], ReviewState.VOID, self._clock.now())

    def _frame(
        self,
        connection: Connection,
        object_name: str,
        system: str,
        ids: Sequence[int],
    ) -> tuple[Frame, list[Expectation]]:
        mapping = self._link.objects[object_name].mappings[system]
        rules = self._rules(object_name)
        past = quality.past(connection, self._link.name, object_name, system, rules.history)
        known = contract.current(connection, self._link.name).get((system, mapping.stream))
        expected = suite(mapping, known.spec if known else None, rules, past)
        frame = Frame(mapping, expected)
        for arrival in held.arrivals(connection, held.newest(connection, ids)):
            assert arrival.record is not None, "what says nothing goes by no gate"
            frame.add(arrival.native_id, arrival.record.values)
        return frame, expected

    def _kept(self, verdict: Verdict, ids: Sequence[int]) -> Sequence[int]:
        """What of a batch has to wait."""
        if verdict.outcome is Outcome.HELD:
            return ids
        if not verdict.culprits:
            return ()
        with self._begin() as connection:
            return held.of_records(connection, ids, verdict.culprits)

    def _note_newcomers(self, object_name: str, ids: Sequence[int]) -> None:
        """What twins from other systems find newcomers by, noted before these are held."""
        rules = self._link.objects.get(object_name)
        if rules is None:
            return  # it rests
        with self._begin() as connection:
            newest = held.newest(connection, ids)
        for chunk in chunks(newest):
            with self._begin() as connection:
                note_newcomers(connection, self._link, rules, held.arrivals(connection, chunk))

    def _carry_out(
        self,
        connection: Connection,
        verdict: Verdict,
        ids: Sequence[int],
        kept: Sequence[int],
        object_name: str,
        system: str,
        subject: str | None = None,
    ) -> bool:
        """Hold what has to wait and let the rest go on. Returns whether anything is held.

        `subject` is that of the question under which all of it has been held until now.
        """
        gate_id = quality.add(
            connection,
            verdict,
            link=self._link.name,
            object_name=object_name,
            system=system,
            held=len(kept),
            rules=_digest(self._rules(object_name)),
            run_id=self._run_id,
            at=self._clock.now(),
        )
        stays = set(kept)
        held.let_pass(connection, [i for i in ids if i not in stays], gate_id)
        if kept:
            subject = subject or f"{ReviewKind.QUALITY_GATE}:{gate_id}"
            held.hold(connection, kept, gate_id, subject)
            self._holds = True
            self._ask(connection, verdict, gate_id, len(kept), object_name, system, subject)
        self._count(verdict, gate_id, len(kept), object_name, system)
        return bool(kept)

    def _ask(
        self,
        connection: Connection,
        verdict: Verdict,
        gate_id: int,
        count: int,
        object_name: str,
        system: str,
        subject: str,
    ) -> None:
        now = self._clock.now()
        item = ReviewItem(
            link=self._link.name,
            kind=ReviewKind.QUALITY_GATE,
            subject=subject,
            object=object_name,
            group_key=f"{ReviewKind.QUALITY_GATE}:{self._link.name}:{object_name}:{system}",
            question=question(verdict, gate_id, count),
            system=system,
            stream=self._link.objects[object_name].mappings[system].stream,
        )
        self._counts.add("asked", review.open_items(connection, [item], now))
        fact = audit.fact(
            now,
            self._link.name,
            "batch.held",
            object_name=object_name,
            system=system,
            cause={"gate": gate_id, "rows": verdict.rows, "held": count},
            run_id=self._run_id,
        )
        audit.append(connection, [fact])

    def _count(
        self, verdict: Verdict, gate_id: int, count: int, object_name: str, system: str
    ) -> None:
        self._counts.add("gates")
        self._counts.add("gates_failed", verdict.outcome is Outcome.HELD)
        self._counts.add("gate_held", count)
        log.info(
            "gate.judged",
            link=self._link.name,
            object=object_name,
            system=system,
            gate=gate_id,
            outcome=verdict.outcome,
            rows=verdict.rows,
            held=count,
            unmet=[finding.name for finding in verdict.failed],
        )

    # What a batch is judged by

    def _rules(self, object_name: str) -> Quality:
        return self._link.objects[object_name].policy.quality


def _is_open(connection: Connection, item: ReviewItem) -> bool:
    return review.get(connection, item.id).state is ReviewState.OPEN


def question(verdict: Verdict, gate_id: int, count: int) -> dict[str, Any]:
    """What a person gets to see of a batch that is held: figures and ids, no values."""
    guilty = [
        finding
        for finding in verdict.findings
        if not finding.met or (finding.failed and finding.severity is Severity.HOLD)
    ]
    return {
        "gate": gate_id,
        "rows": verdict.rows,
        "held": count,
        "expectations": [
            {
                "expectation": finding.name,
                "why": why(finding),
                "severity": finding.severity,
                "columns": list(finding.columns),
                "failed": finding.failed,
                "observed": finding.observed,
                "allowed": list(finding.allowed),
                "native_ids": list(finding.native_ids),
            }
            for finding in guilty
        ],
    }


def _digest(rules: Quality) -> str:
    return blake2b(rules.model_dump_json().encode(), digest_size=16).hexdigest()
