"""The pipeline: one cycle over a link, under a lease. Every driver runs this and nothing else.

cycle = settle doubts → pull every stream → work off the inbox → push the outbox → until quiet
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product

import structlog
from sqlalchemy import Connection

from connectors.base import Operation, Rejected
from connectors.errors import ConnectorError, RecordError
from tandem.state import chain as chains
from tandem.state import held, inbox, outbox, recovery, review
from tandem.state.chain import SideState
from tandem.state.contract import StreamKey
from tandem.state.inbox import Arrival, InboxState
from tandem.state.outbox import Intent, Kind, PushState
from tandem.state.quota import Priority
from tandem.sync import restored, reunite
from tandem.sync.batch import Batch
from tandem.sync.contracts import ContractInDoubtError
from tandem.sync.doubts import forget_agreement, moved_since, tell_of_merges
from tandem.sync.parents import will_not_come
from tandem.sync.pull import Pull
from tandem.sync.push import Outcomes, Push, settle_doubts
from tandem.sync.record import Recorder, outcome_subject
from tandem.sync.reread import to_reread, with_fresh
from tandem.sync.run import Run
from tandem.sync.twins import meet
from tandem.sync.types import (
    ObjectRules,
    Window,
)
from tandem.telemetry import span, traced

log = structlog.get_logger(__name__)

ROUNDS = 50
"""A cycle that is not quiet after so many rounds hands over to the next one."""


_ORDER = (
    Operation.CREATE,
    Operation.UNMERGE,
    Operation.UPDATE,
    Operation.MERGE,
    Operation.DELETE,
)
"""A record is there before anything refers to it; what refers to it moves before it goes."""


class Pipeline(Run):
    """Runs one link, step by step."""

    # Drivers' steps

    @traced("cycle")
    def cycle(self) -> None:
        """Pull what is new, then work until nothing is left to do now."""
        with self._begin() as connection:
            inbox.retry_deferred(connection, self._link.name)
            self._give_answers(connection, self._link.name, self._clock.now())
            self._governor.look(connection)
        self._watch()
        self._inspect(self._contracts.decided())
        self.settle_doubts()
        # What waits to be created may have been entered there meanwhile: it is read first.
        self.pull()
        self.drain()

    def pull(self, system: str | None = None) -> None:
        """Pull the changes of one system, or of all.

        What one stream cannot give now holds up nothing else: `failures` keeps it for the driver.
        """
        for pull in self._pulls(system):
            self._read(pull, Pull.changes)
            self._checkpoint("pull.stored")
        self._contracts.checked.clear()

    def compare(self, system: str | None = None) -> None:
        """Pull everything that one system, or every system, holds.

        What waits for its parent is looked at again: policies may have changed.
        """
        with self._begin() as connection:
            outbox.unpark_all(connection, self._link.name)
        self._watch(at_once=True)
        for pull in self._pulls(system):
            self._read(pull, Pull.compare)
        self._contracts.checked.clear()

    def _read(self, pull: Pull, read: Callable[[Pull], None]) -> None:
        """Read a stream; where it is not as agreed any more, read what is left of it."""
        key = (pull.system, pull.stream)
        try:
            with span("pull", self, system=pull.system, stream=pull.stream):
                read(pull)
            self._has_read(pull)
            if pull.absent:
                self._inspect([key])
        except RecordError as error:
            if not self._inspect([key]):
                self._failed(*key, error)
                return
            for again in self._pulls(pull.system):
                if again.stream == pull.stream:
                    self._try(again, read)
        except ConnectorError as error:
            self._failed(*key, error)

    def _try(self, pull: Pull, read: Callable[[Pull], None]) -> None:
        try:
            with span("pull", self, system=pull.system, stream=pull.stream):
                read(pull)
            self._has_read(pull)
        except ConnectorError as error:
            self._failed(pull.system, pull.stream, error)

    def _has_read(self, pull: Pull) -> None:
        if self._recovering:
            with self._begin() as connection:
                recovery.read(
                    connection, self._link.name, pull.system, pull.stream, self._clock.now()
                )

    def _watch(self, *, at_once: bool = False) -> None:
        """Carry out what was answered about a restored system; otherwise look for one."""
        watch, now = restored.Watch(self._link, self._begin), self._clock.now()
        for item in watch.answered():
            try:
                watch.apply(item, now)
            except ConnectorError as error:
                self._failed(item.system or "", "", error)
                return
            for pull in self._pulls(item.system):
                self._read(pull, Pull.compare)
            return
        if not self._recovering:
            watch.look(now, at_once=at_once)

    def backfill(self, window: Window) -> None:
        """Pull what was modified in a window."""
        for pull in self._pulls(None):
            pull.window(window)

    def hint(self, object_name: str, system: str, native_id: str) -> None:
        """Ask for one record to be read and brought into agreement."""
        stream = self._contracts.configured.objects[object_name].mappings[system].stream
        with self._begin() as connection:
            inbox.add_hints(
                connection,
                link=self._link.name,
                keys=[(object_name, system, stream, native_id)],
                cause=inbox.Cause.HINT,
                at=self._clock.now(),
            )

    def drain(self, *, push: bool = True) -> None:
        """Work off the inbox, then push, until both have nothing left that can be done now."""
        with self._begin() as connection:
            held = self._ceiling.look(connection, self._link, self._clock.now())
        self.counts.add("held", held)
        self._gate.look(self._link)
        self._checkpoint("gate.judged")
        for _ in range(ROUNDS):
            worked = self.work_off()
            pushed = self.push() if push else 0
            if not worked and not pushed:
                return

    def _pulls(self, system: str | None) -> Iterator[Pull]:
        for rules in self._link.objects.values():
            for name, mapping in rules.mappings.items():
                if system in (None, name):
                    yield Pull(
                        link=self._link.name,
                        connector=self._link.connectors[name],
                        mapping=mapping,
                        begin=self._begin,
                        clock=self._clock,
                        run_id=self.run_id,
                        counts=self.counts,
                    )

    # Inbox

    @traced("work_off")
    def work_off(self) -> int:
        """Bring everything in the inbox into the chains. Returns how many rows were worked off."""
        if self._recovering and not self._reunite():
            return 0
        total = 0
        while (worked := self._work_batch()) is not None:
            total += worked
        return total

    def _work_batch(self) -> int | None:
        """Work off one batch of one object. Returns how many rows; None when there are no more."""
        with self._begin() as connection:
            claimed = self._claim(connection)
            reread = to_reread(connection, claimed)
        if not claimed:
            return None
        rules = self._link.objects[claimed[0].object]
        arrivals = with_fresh(self._link, rules, claimed, reread, self._failed)
        try:
            with self._begin() as connection:
                # Of systems that cannot be read now, or whose mapping rests.
                unread = {a.id for a in claimed} - {a.id for a in arrivals}
                inbox.set_aside(connection, unread, InboxState.DEFERRED)
                admitted = self._gate.admit(connection, arrivals, reread.keys())
                now = self._clock.now()
                admitted, held = self._ceiling.admit(
                    connection, self._link, admitted, reread, now, self.run_id
                )
                self.counts.add("held", held)
                Batch(
                    connection,
                    self._link,
                    rules,
                    now=now,
                    run_id=self.run_id,
                    ids=self._ids,
                    counts=self.counts,
                    missing=self._missing,
                    priority=self._priority,
                    checked=self._contracts.checked,
                ).work(admitted)
        except ContractInDoubtError as doubt:
            self._inspect(doubt.streams)
            # Out of reach for a description: what was read is all there is to go by.
            self._contracts.checked.update(doubt.streams)
            return 0
        self._checkpoint("batch.stored")
        return len(arrivals)

    def _claim(self, connection: Connection) -> list[Arrival]:
        objects = tuple(self._link.objects)
        return inbox.claim(connection, link=self._link.name, objects=objects, limit=self._batch)

    def _reunite(self) -> bool:
        """After a restore of the state: recognise what we created since. False: not yet."""
        assert self._lease is not None
        try:
            found = reunite.catch_up(
                self._link,
                self._begin,
                token=self._lease.token,
                clock=self._clock,
                recorder=self._recorder,
            )
        except reunite.NotReadableError as error:
            self._failed(error.system, error.stream, error.cause)
            return False
        if found is None:
            return False
        self._recovering = False
        self.counts.add("reunited", found)
        log.info("link.recovered", link=self._link.name, reunited=found)
        return True

    # Outbox

    @traced("push")
    def push(self, system: str | None = None) -> int:
        """Send what is due; creates of parents before those of their children. Returns how many."""
        total, due = 0, self._sendable()
        if any(kind.operation is Operation.CREATE for kind in due):
            self._judge_what_came()
        for priority, operation in product(sorted({kind.priority for kind in due}), _ORDER):
            for object_name, rules in self._link.objects.items():
                for name in rules.mappings:
                    kind = Kind(priority, operation, object_name, name)
                    if system in (None, name) and kind in due:
                        total += self._push(object_name, name, operation, priority)
                        due = self._sendable()  # a parent that has arrived lets its children go
        return total

    def _judge_what_came(self) -> None:
        """A worker died before the gates: what they hold must not get a twin first."""
        with self._begin() as connection:
            unjudged = held.pending(connection, self._link.name)
        if unjudged:
            self._gate.look(self._link)

    def _sendable(self) -> set[Kind]:
        with self._begin() as connection:
            return outbox.sendable(connection, self._link.name, self._clock.now())

    def _push(self, object_name: str, system: str, operation: Operation, priority: Priority) -> int:
        rules = self._link.objects[object_name]
        if system not in rules.mappings:
            return 0  # it came to rest while others were pushed
        push, total = self._pusher(rules, system, priority), 0
        for outcomes in push.batches(operation):
            with self._begin() as connection:
                self._recorder(connection, rules).record(outcomes)
            self._checkpoint("push.recorded")
            total += len(outcomes)
            if self._doubt((system, rules.mappings[system].stream), outcomes):
                break
        if push.stopped is not None:
            self._failed(system, rules.mappings[system].stream, push.stopped)
        return total

    def _pusher(self, rules: ObjectRules, system: str, priority: Priority) -> Push:
        assert self._lease is not None
        return Push(
            link=self._links[priority],
            rules=rules,
            system=system,
            begin=self._begin,
            clock=self._clock,
            token=self._lease.token,
            checkpoint=self._checkpoint,
            priority=priority,
            ready=lambda: self._governor.ready(system, priority),
            stand_there=partial(meet, link=self._link, rules=rules, system=system),
            will_not_come=partial(will_not_come, link=self._contracts.configured, system=system),
        )

    def _doubt(self, stream: StreamKey, outcomes: Outcomes) -> bool:
        """A refusal that names columns may mean that they are not as agreed any more."""
        refused = any(isinstance(r, Rejected) and r.columns for _, r in outcomes)
        return refused and stream not in self._contracts.checked and self._inspect([stream])

    def _recorder(self, connection: Connection, rules: ObjectRules) -> Recorder:
        configured = self._contracts.configured
        return Recorder(
            connection,
            configured,
            configured.objects[rules.object],
            now=self._clock.now(),
            run_id=self.run_id,
            counts=self.counts,
        )

    def settle_doubts(self) -> None:
        """Find out what became of writes whose answer was lost, or whose worker was."""
        assert self._lease is not None
        with self._begin() as connection:
            doubtful = outbox.in_doubt(
                connection, self._link.name, self._lease.token, self._clock.now()
            )
            asked = review.for_records(connection, map(outcome_subject, doubtful))
        doubtful = [intent for intent in doubtful if outcome_subject(intent) not in asked]
        by_system: dict[str, list[Intent]] = {}
        for intent in doubtful:
            by_system.setdefault(intent.system, []).append(intent)
        for system, intents in by_system.items():
            try:
                self._settle_doubts(intents)
            except ConnectorError as error:
                # Nobody can be asked there now: the intents stay as doubtful as they are.
                self._failed(system, intents[0].stream, error)

    def _settle_doubts(self, doubtful: Sequence[Intent]) -> None:
        found = settle_doubts(doubtful, self._link, self._clock)
        told = [*found.undone, *found.reread, *(intent for intent, _ in found.outcomes)]
        settled = {intent.id for intent in (*told, *found.again)}
        moved = moved_since(found.reread, self._link)
        with self._begin() as connection:
            forget_agreement(connection, moved, self._link, self._clock.now(), self.run_id)
            tell_of_merges(connection, found.reread, self._clock.now(), self.run_id)
            for intent, result in found.outcomes:
                rules = self._link.objects[intent.object]
                self._recorder(connection, rules).record([(intent, result)], probed=True)
            undone = [intent.id for intent in found.undone]
            outbox.mark(connection, undone, PushState.INTENDED, not_before=None)
            outbox.mark(connection, [i.id for i in found.reread], PushState.SUPERSEDED)
            inbox.release(connection, {inbox.outcome_of(i.canonical_id) for i in told})
            for intent in doubtful:
                if intent.id not in settled:
                    rules = self._link.objects[intent.object]
                    self._recorder(connection, rules).leave_in_doubt(intent)
            inbox.add_hints(
                connection,
                link=self._link.name,
                keys=[
                    (i.object, *side.key)
                    for i in told
                    for side in chains.load(connection, [i.canonical_id])[i.canonical_id].sides
                    if side.state in _LOOKED_AT
                ],
                cause=inbox.Cause.HINT,
                at=self._clock.now(),
            )
        self._send_again(found.again)
        self.counts.add("doubts_settled", len(settled))
        self._checkpoint("doubts.settled")

    def _send_again(self, creates: Sequence[Intent]) -> None:
        """Send creates again that their system knows by their key: its answer tells."""
        for object_name, system in dict.fromkeys((i.object, i.system) for i in creates):
            rules = self._link.objects[object_name]
            if system not in rules.mappings:
                continue  # it rests
            push = self._pusher(rules, system, self._priority)
            own = [i for i in creates if (i.object, i.system) == (object_name, system)]
            for outcomes in push.again(own):
                with self._begin() as connection:
                    self._recorder(connection, rules).record(outcomes, again=True)
                self._checkpoint("push.recorded")
            if push.stopped is not None:
                self._failed(system, rules.mappings[system].stream, push.stopped)


_LOOKED_AT = (SideState.LINKED, SideState.MERGING, SideState.UNMERGING)
"""States of the records that tell what became of a write whose answer was lost."""
