"""Record: what came of a push, into crosswalk, baseline, outbox and audit at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from connectors.base import (
    Accepted,
    Deferred,
    Gone,
    Idempotency,
    Operation,
    Rejected,
    Stale,
    Unknown,
    WriteResult,
)
from tandem.state import audit, inbox, outbox, review
from tandem.state import chain as chains
from tandem.state.chain import CREATED, Chain, Side, SideState
from tandem.state.inbox import Cause
from tandem.state.outbox import Intent, PushState, Verdict
from tandem.state.review import ReviewItem, ReviewKind
from tandem.sync.parents import look_again
from tandem.sync.types import Counts, Link, ObjectRules, Orphaned, backoff


def outcome_subject(intent: Intent) -> str:
    """What a question about what became of a create is filed under."""
    return f"{ReviewKind.UNKNOWN_OUTCOME}:{intent.id}"


class Recorder:
    """Stores the outcomes of one batch of writes of one object to one system."""

    def __init__(
        self,
        connection: Connection,
        link: Link,
        rules: ObjectRules,
        *,
        now: datetime,
        run_id: str,
        counts: Counts,
    ) -> None:
        self._connection = connection
        self._link = link
        self._rules = rules
        self._now = now
        self._run_id = run_id
        self._counts = counts
        self._facts: list[dict[str, Any]] = []
        self._verdicts: list[Verdict] = []
        self._hints: list[tuple[str, str, str, str]] = []
        self._created: list[Side] = []
        self._parents: list[str] = []
        self._probed = False
        self._again = False

    def record(
        self,
        outcomes: Sequence[tuple[Intent, WriteResult | Orphaned]],
        *,
        probed: bool = False,
        again: bool = False,
    ) -> None:
        """Store outcomes, wake up what waited for them, append to the audit.

        Args:
            outcomes: intents and what the system answered, or why it was not asked.
            probed: the answers were found out later, by looking for what an earlier call made.
            again: creates of unknown outcome, sent again to find out.
        """
        self._probed, self._again = probed, again
        loaded = chains.load(self._connection, (intent.canonical_id for intent, _ in outcomes))
        for intent, result in outcomes:
            _RECORD[type(result)](self, intent, result, loaded[intent.canonical_id])
        outbox.settle(self._connection, self._verdicts)
        chains.save(self._connection, loaded.values(), self._now)
        look_again(self._connection, (loaded[i] for i in self._parents), self._now)
        inbox.release(self._connection, (inbox.waiting_for(side.key) for side in self._created))
        inbox.release(self._connection, (inbox.outcome_of(canonical_id) for canonical_id in loaded))
        inbox.add_hints(
            self._connection,
            link=self._link.name,
            keys=self._hints,
            cause=Cause.HINT,
            at=self._now,
        )
        audit.append(self._connection, self._facts)

    def accepted(self, intent: Intent, result: Accepted, chain: Chain) -> None:
        """The system holds our values now: this is what it has agreed to."""
        if intent.operation in (Operation.MERGE, Operation.UNMERGE):
            self._merged(intent, result, chain)
            return
        mapping = self._rules.mappings[intent.system]
        side = chain.side(intent.system)
        before = {name: side.values.get(name) for name in intent.values} if side else None
        if intent.operation is Operation.DELETE:
            self._deleted(side)
        else:
            if side is None:
                side = Side(
                    intent.system,
                    intent.stream,
                    result.native_id,
                    rule=CREATED,
                    dirty={"crosswalk"},
                )
                chain.sides.append(side)
                self._created.append(side)
                self._parents.append(chain.id)
            written = self._written(intent, chain)
            shown = {name: mapping.echo(name, value) for name, value in written.items()}
            side.values = side.values | shown
            side.refused = {n: r for n, r in side.refused.items() if n not in shown}
            side.baseline = side.baseline | shown
            side.awaiting_echo = sorted({*side.awaiting_echo, *shown})
            side.native = side.native | mapping.write(
                {n: v for n, v in written.items() if n not in self._rules.references}, side.native
            )
            # What an earlier try has made may have been edited since: its version is not ours.
            side.version = None if self._may_be_older(intent) else result.version
            side.fingerprint, side.written_at = "", self._now
            side.dirty |= {"observed", "baseline"}
        if self._again:
            self._hint_siblings(chain)  # their news have waited for this
        self._settle(intent, PushState.ACCEPTED, answer=asdict(result))
        self._counts.add(f"{intent.operation}s")
        self._fact("write.accepted", intent, result.native_id, before=before, after=intent.values)

    def _merged(self, intent: Intent, result: Accepted, chain: Chain) -> None:
        side = chain.record(intent.system, intent.native_id)
        capabilities = self._link.connectors[intent.system].capabilities
        if side is not None:
            merges = intent.operation is Operation.MERGE
            side.state = SideState.MERGED if merges else SideState.LINKED
            side.deleted = merges and intent.stream in capabilities.merges
            if merges and not side.deleted and "active" in side.values:
                side.values = side.values | {"active": False}
            if not merges:
                self._parents.append(chain.id)
                self._created.append(side)
                self._hint(intent)
            side.version, side.fingerprint, side.written_at = result.version, "", self._now
            side.dirty |= {"crosswalk", "observed"}
        self._settle(intent, PushState.ACCEPTED, answer=asdict(result))
        self._counts.add(f"{intent.operation}s")
        self._fact("write.accepted", intent, result.native_id, after={})

    def _not_brought_back(self, intent: Intent, answer: dict[str, Any], chain: Chain) -> None:
        """A merged record that its system cannot bring back: it is created anew."""
        side = chain.record(intent.system, intent.native_id)
        if side is not None:
            side.miss(chain.id)
        self._settle(intent, PushState.SUPERSEDED, answer=answer)
        self._hint_siblings(chain)
        self._fact("write.rejected", intent, intent.native_id, after={"code": answer.get("code")})

    def _written(self, intent: Intent, chain: Chain) -> dict[str, Any]:
        """What was certainly sent.

        A create goes without a parent of its own kind that is not there yet, and when sent again
        without one that is gone. Where an earlier try may be what made the record, the parent may
        have come since: then the next reading tells.
        """
        written = dict(intent.values)
        if intent.operation is Operation.CREATE:
            earlier = self._may_be_older(intent)
            for name, object_name in self._rules.references.items():
                if written.get(name) is not None:
                    parents = chains.native_ids(self._connection, [written[name]], intent.system)
                    if not parents or (earlier and object_name == chain.object):
                        del written[name]
                        self._hint_siblings(chain)
        return written

    def _may_be_older(self, intent: Intent) -> bool:
        """Whether what was created may have been made by an earlier try."""
        tried = self._probed or self._again or intent.attempts > 1
        return tried and intent.operation is Operation.CREATE

    def _deleted(self, side: Side | None) -> None:
        if side is not None:
            side.state, side.deleted = SideState.GONE, True
            side.written_at = self._now
            side.dirty |= {"crosswalk", "observed"}

    def rejected(self, intent: Intent, result: Rejected, chain: Chain) -> None:
        """A dead letter, with the system's own words."""
        side = chain.record(intent.system, intent.native_id)
        if intent.operation is Operation.UNMERGE and (side is None or side.deleted):
            self._not_brought_back(intent, asdict(result), chain)
            return
        if self._again:
            # The first try may have been carried out all the same, and nothing tells any more.
            self._settle(intent, PushState.UNKNOWN, answer=asdict(result))
            self._ask_what_became_of(intent)
            return
        self._settle(intent, PushState.REJECTED, answer=asdict(result))
        self._counts.add("rejected")
        self._fact("write.rejected", intent, intent.native_id, after={"code": result.code})

    def orphaned(self, intent: Intent, result: Orphaned, chain: Chain) -> None:
        """A dead letter about what has to wait; whatever else was to be written is decided anew."""
        outbox.mark(
            self._connection,
            [intent.id],
            PushState.REJECTED,
            values=dict(result.values),
            waiting_on=result.parent,
            answer=asdict(result.answer),
            done_at=self._now,
        )
        if len(result.values) < len(intent.values):
            self._hint_siblings(chain)
        self._counts.add("rejected")
        after = {"code": result.answer.code}
        self._fact("write.rejected", intent, intent.native_id, after=after)

    def stale(self, intent: Intent, _result: Stale, chain: Chain) -> None:
        """The record has moved on since it was read: read it again and decide anew."""
        self._settle(intent, PushState.SUPERSEDED, answer={"stale": True})
        self._counts.add("stale")
        self._hint(intent)
        side = chain.record(intent.system, intent.native_id)
        if side is not None:
            # Forget what was seen: the reading that follows must not be taken for known.
            side.fingerprint = ""
            side.dirty.add("observed")

    def gone(self, intent: Intent, _result: Gone, chain: Chain) -> None:
        """The record is not there any more: a delete has nothing to do, an update reads again."""
        if intent.operation is Operation.UNMERGE:
            self._not_brought_back(intent, {"gone": True}, chain)
            return
        if intent.operation in (Operation.DELETE, Operation.MERGE):
            self.accepted(intent, Accepted(intent.native_id or ""), chain)
            return
        self._settle(intent, PushState.SUPERSEDED, answer={"gone": True})
        self._hint(intent)

    def unknown(self, intent: Intent, result: Unknown, _chain: Chain) -> None:
        """The answer was lost. Nothing is sent again before it is known what became of it."""
        capabilities = self._link.connectors[intent.system].capabilities
        # Only what has to be searched for may not be found yet; a key is recognised at once.
        by_key = capabilities.idempotency is Idempotency.KEY
        lag = timedelta(0) if by_key else capabilities.search_lag
        self._settle(intent, PushState.UNKNOWN, answer=asdict(result), not_before=self._now + lag)
        self._counts.add("unknown")
        self._ask_if_nothing_tells(intent)

    def leave_in_doubt(self, intent: Intent) -> None:
        """Nothing tells yet what became of a write: it waits, or a person is asked."""
        outbox.mark(self._connection, [intent.id], PushState.UNKNOWN)
        self._ask_if_nothing_tells(intent)

    def _ask_if_nothing_tells(self, intent: Intent) -> None:
        capabilities = self._link.connectors[intent.system].capabilities
        if intent.operation is Operation.CREATE and capabilities.idempotency is Idempotency.NONE:
            self._ask_what_became_of(intent)

    def _ask_what_became_of(self, intent: Intent) -> None:
        review.open_items(
            self._connection,
            [
                ReviewItem(
                    link=intent.link,
                    kind=ReviewKind.UNKNOWN_OUTCOME,
                    subject=outcome_subject(intent),
                    object=intent.object,
                    group_key=f"{ReviewKind.UNKNOWN_OUTCOME}:{intent.system}",
                    question={"intent": intent.id, "values": intent.values},
                    canonical_id=intent.canonical_id,
                    system=intent.system,
                    stream=intent.stream,
                )
            ],
            self._now,
        )

    def deferred(self, intent: Intent, result: Deferred, _chain: Chain) -> None:
        """Certainly not carried out: back into the queue after a pause."""
        pause = max(timedelta(seconds=result.retry_after), backoff(intent.attempts + 1))
        state = PushState.UNKNOWN if self._again else PushState.INTENDED
        self._settle(intent, state, answer=asdict(result), not_before=self._now + pause)
        self._counts.add("deferred")

    def _settle(
        self,
        intent: Intent,
        state: PushState,
        answer: dict[str, Any],
        not_before: datetime | None = None,
    ) -> None:
        done_at = None if state in _UNSETTLED else self._now
        self._verdicts.append(Verdict(intent.id, state, answer, done_at, not_before))

    def _hint(self, intent: Intent) -> None:
        if intent.native_id is not None:
            self._hints.append((intent.object, intent.system, intent.stream, intent.native_id))

    def _hint_siblings(self, chain: Chain) -> None:
        for side in chain.sides:
            if side.state is SideState.LINKED and side not in self._created:
                self._hints.append((chain.object, *side.key))

    def _fact(
        self, action: str, intent: Intent, native_id: str | None, *, before: Any = None, after: Any
    ) -> None:
        self._facts.append(
            outbox.fact_about(
                intent,
                action,
                at=self._now,
                run_id=self._run_id,
                native_id=native_id,
                before=before,
                after=after,
                operation=intent.operation,
                fields=intent.cause,
                mapping=intent.mapping,
            )
        )


_UNSETTLED = (PushState.INTENDED, PushState.UNKNOWN)

_RECORD: dict[type, Any] = {
    Accepted: Recorder.accepted,
    Rejected: Recorder.rejected,
    Orphaned: Recorder.orphaned,
    Stale: Recorder.stale,
    Gone: Recorder.gone,
    Unknown: Recorder.unknown,
    Deferred: Recorder.deferred,
}
