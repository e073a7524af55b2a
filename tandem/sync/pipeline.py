"""The pipeline: one cycle over a link, under a lease. Every driver runs this and nothing else.

cycle = settle doubts → pull every stream → work off the inbox → push the outbox → until quiet
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Connection, func, select

from connectors.base import Operation, Record
from connectors.errors import ConnectorError
from tandem.clock import Clock, IdSource, RandomIds, SystemClock
from tandem.state import audit, inbox, lease, outbox, review
from tandem.state import chain as chains
from tandem.state.bulk import chunks
from tandem.state.chain import SideState
from tandem.state.database import Database
from tandem.state.inbox import Arrival, InboxState
from tandem.state.lease import Lease
from tandem.state.outbox import PushState
from tandem.state.review import ReviewItem, ReviewKind
from tandem.state.tables import crosswalk, observed, same_record
from tandem.sync.batch import Batch, Key
from tandem.sync.pull import Pull
from tandem.sync.push import Push, settle_doubts
from tandem.sync.record import Recorder
from tandem.sync.types import Checkpoint, Counts, Link, ObjectRules, Window, no_checkpoint

log = structlog.get_logger(__name__)

BATCH = 500
LEASE = timedelta(seconds=60)
ROUNDS = 50
"""A cycle that is not quiet after so many rounds hands over to the next one."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A stream that could not be read or written in this run, and why."""

    system: str
    stream: str
    error: ConnectorError


class Pipeline:
    """Runs one link. Holds a lease from `open` to `close`; every transaction proves it."""

    def __init__(
        self,
        link: Link,
        database: Database,
        *,
        clock: Clock | None = None,
        ids: IdSource | None = None,
        holder: str | None = None,
        lane: str = "cli",
        checkpoint: Checkpoint = no_checkpoint,
        batch: int = BATCH,
    ) -> None:
        self._link = link
        self._database = database
        self._clock = clock or SystemClock()
        self._ids = ids or RandomIds()
        self._holder = holder or f"{socket.gethostname()}:{os.getpid()}:{self._ids.new()[:8]}"
        self._lane = lane
        self._checkpoint = checkpoint
        self._batch = batch
        self._lease: Lease | None = None
        self._missing: set[Key] = set()
        self.run_id = self._ids.new()
        self.counts = Counts()
        self.failures: list[Failure] = []

    # The lease

    def open(self) -> bool:
        """Take the lease and begin a run; False while another worker holds it."""
        now = self._clock.now()
        with self._database.begin() as connection:
            self._lease = lease.acquire(connection, self._link.name, self._holder, now, LEASE)
            if self._lease is None:
                return False
            audit.start_run(connection, self.run_id, self._link.name, self._lane, now)
        log.info("run.started", link=self._link.name, run=self.run_id, lane=self._lane)
        return True

    def close(self, outcome: str = "done") -> None:
        """End the run and give the lease back."""
        if self._lease is None:
            return
        now = self._clock.now()
        with self._database.begin() as connection:
            audit.finish_run(connection, self.run_id, outcome, self.counts.by_name, now)
            lease.release(connection, self._lease, now)
        self._lease = None
        log.info(
            "run.finished",
            link=self._link.name,
            run=self.run_id,
            outcome=outcome,
            **self.counts.by_name,
        )

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        assert self._lease is not None, "open() comes first"
        with self._database.begin() as connection:
            lease.prove(connection, self._lease, self._clock.now(), LEASE)
            yield connection

    # Drivers' steps

    def cycle(self) -> None:
        """Pull what is new, then work until nothing is left to do now."""
        with self._begin() as connection:
            inbox.retry_deferred(connection, self._link.name)
        self.settle_doubts()
        # What is decided leaves first: a create of ours must not be met as somebody else's record.
        self.push()
        self.pull()
        self.drain()

    def pull(self, system: str | None = None) -> None:
        """Pull the changes of one system, or of all.

        What one stream cannot give now holds up nothing else: `failures` keeps it for the driver.
        """
        for pull in self._pulls(system):
            self._try(pull, pull.changes)
            self._checkpoint("pull.stored")

    def compare(self, system: str | None = None) -> None:
        """Pull everything that one system, or every system, holds."""
        for pull in self._pulls(system):
            self._try(pull, pull.compare)

    def _try(self, pull: Pull, read: Callable[[], None]) -> None:
        try:
            read()
        except ConnectorError as error:
            self._failed(pull.system, pull.stream, error)

    def _failed(self, system: str, stream: str, error: ConnectorError) -> None:
        self.failures.append(Failure(system, stream, error))
        self.counts.add("failures")
        log.warning(
            "system.failed", link=self._link.name, system=system, stream=stream, code=error.code
        )

    def backfill(self, window: Window) -> None:
        """Pull what was modified in a window."""
        for pull in self._pulls(None):
            pull.window(window)

    def hint(self, object_name: str, system: str, native_id: str) -> None:
        """Ask for one record to be read and brought into agreement."""
        stream = self._link.objects[object_name].mappings[system].stream
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
        self._hold_deletions()
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

    def work_off(self) -> int:
        """Bring everything in the inbox into the chains. Returns how many rows were worked off."""
        total = 0
        while True:
            with self._begin() as connection:
                arrivals = inbox.claim(
                    connection,
                    link=self._link.name,
                    objects=tuple(self._link.objects),
                    limit=self._batch,
                )
                reread = self._to_reread(connection, arrivals)
            if not arrivals:
                return total
            rules = self._link.objects[arrivals[0].object]
            arrivals = self._with_fresh(rules, arrivals, reread)
            with self._begin() as connection:
                unread = reread.keys() - {a.id for a in arrivals}
                inbox.set_aside(connection, unread, InboxState.DEFERRED)
                Batch(
                    connection,
                    self._link,
                    rules,
                    now=self._clock.now(),
                    run_id=self.run_id,
                    ids=self._ids,
                    counts=self.counts,
                    missing=self._missing,
                ).work(arrivals)
            self._checkpoint("batch.stored")
            total += len(arrivals)

    def _to_reread(self, connection: Connection, arrivals: Sequence[Arrival]) -> dict[int, Arrival]:
        """Rows that say less than the system does by now.

        Hints, and what was read before our last write or after the record was found deleted.
        """
        known: dict[Key, tuple[object, str]] = {}
        by_stream: dict[tuple[str, str], list[str]] = {}
        for arrival in arrivals:
            by_stream.setdefault((arrival.system, arrival.stream), []).append(arrival.native_id)
        for (system, stream), ids in by_stream.items():
            for chunk in chunks(ids):
                rows = connection.execute(
                    select(crosswalk.c.native_id, crosswalk.c.state, observed.c.written_at)
                    .outerjoin(
                        observed,
                        same_record(observed, crosswalk),
                    )
                    .where(
                        crosswalk.c.system == system,
                        crosswalk.c.stream == stream,
                        crosswalk.c.native_id.in_(chunk),
                    )
                )
                known.update({(system, stream, r.native_id): (r.written_at, r.state) for r in rows})
        return {a.id: a for a in arrivals if _says_less(a, known.get(a.key))}

    def _with_fresh(
        self, rules: ObjectRules, arrivals: Sequence[Arrival], reread: dict[int, Arrival]
    ) -> list[Arrival]:
        fresh: dict[Key, Record] = {}
        by_stream: dict[tuple[str, str], set[str]] = {}
        for arrival in reread.values():
            by_stream.setdefault((arrival.system, arrival.stream), set()).add(arrival.native_id)
        for (system, stream), ids in by_stream.items():
            connector = self._link.connectors[system]
            columns = rules.mappings[system].columns
            try:
                for chunk in chunks(sorted(ids), connector.capabilities.read_batch):
                    for record in connector.read(stream, columns, chunk):
                        fresh[(system, stream, record.native_id)] = record
            except ConnectorError as error:
                # Its rows stay in the inbox for the next cycle; the others go on.
                self._failed(system, stream, error)
        return [
            _refreshed(a, fresh[a.key]) if a.id in reread else a
            for a in arrivals
            if a.id not in reread or a.key in fresh
        ]

    def _hold_deletions(self) -> None:
        """Above the ceiling nobody's deletions go out before a person has looked at them."""
        now = self._clock.now()
        with self._begin() as connection:
            for (object_name, system), ids in inbox.tombstones(connection, self._link.name).items():
                deletes = self._link.objects[object_name].policy.deletes
                linked = self._linked_count(connection, object_name, system)
                allowed = min(deletes.ceiling, max(1, int(linked * deletes.ceiling_share)))
                if len(ids) <= allowed:
                    continue
                subject = f"{ReviewKind.DELETE_APPROVAL}:{self._link.name}:{object_name}:{system}"
                inbox.set_aside(connection, ids, InboxState.HELD, subject)
                item = ReviewItem(
                    link=self._link.name,
                    kind=ReviewKind.DELETE_APPROVAL,
                    subject=subject,
                    object=object_name,
                    group_key=subject,
                    question={"deletions": len(ids), "linked": linked, "allowed": allowed},
                    system=system,
                )
                review.open_items(connection, [item], now)
                self.counts.add("held", len(ids))

    def _linked_count(self, connection: Connection, object_name: str, system: str) -> int:
        return connection.execute(
            select(func.count())
            .select_from(crosswalk)
            .where(
                crosswalk.c.object == object_name,
                crosswalk.c.system == system,
                crosswalk.c.state == SideState.LINKED,
            )
        ).scalar_one()

    # Outbox

    def push(self, system: str | None = None) -> int:
        """Send what is due; creates of parents before those of their children. Returns how many."""
        total = 0
        for operation in (Operation.CREATE, Operation.UPDATE, Operation.DELETE):
            for rules in self._link.objects.values():
                for name in rules.mappings:
                    if system in (None, name):
                        total += self._push(rules, name, operation)
        return total

    def _push(self, rules: ObjectRules, system: str, operation: Operation) -> int:
        assert self._lease is not None
        push = Push(
            link=self._link,
            rules=rules,
            system=system,
            begin=self._begin,
            clock=self._clock,
            token=self._lease.token,
            checkpoint=self._checkpoint,
        )
        total = 0
        for outcomes in push.batches(operation):
            with self._begin() as connection:
                self._recorder(connection, rules).record(outcomes)
            self._checkpoint("push.recorded")
            total += len(outcomes)
        if push.stopped is not None:
            self._failed(system, rules.mappings[system].stream, push.stopped)
        return total

    def _recorder(self, connection: Connection, rules: ObjectRules) -> Recorder:
        return Recorder(
            connection,
            self._link,
            rules,
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
        if not doubtful:
            return
        try:
            outcomes, resend, reread = settle_doubts(doubtful, self._link, self._clock)
        except ConnectorError as error:
            # Nobody can be asked now: the intents stay as doubtful as they are.
            self._failed(doubtful[0].system, doubtful[0].stream, error)
            return
        settled = {i.id for i, _ in outcomes} | {i.id for i in (*resend, *reread)}
        with self._begin() as connection:
            for intent, result in outcomes:
                rules = self._link.objects[intent.object]
                self._recorder(connection, rules).record([(intent, result)])
            outbox.mark(connection, [i.id for i in resend], PushState.INTENDED, not_before=None)
            outbox.mark(connection, [i.id for i in reread], PushState.SUPERSEDED)
            outbox.mark(
                connection, [i.id for i in doubtful if i.id not in settled], PushState.UNKNOWN
            )
            inbox.add_hints(
                connection,
                link=self._link.name,
                keys=[
                    (i.object, *side.key)
                    for i in (*resend, *reread, *(i for i, _ in outcomes))
                    for side in chains.load(connection, [i.canonical_id])[i.canonical_id].sides
                    if side.state is SideState.LINKED
                ],
                cause=inbox.Cause.HINT,
                at=self._clock.now(),
            )
        self.counts.add("doubts_settled", len(settled))
        self._checkpoint("doubts.settled")


def _says_less(arrival: Arrival, known: tuple[object, str] | None) -> bool:
    if arrival.record is None:
        return True
    if known is None:
        return False
    written_at, state = known
    if state == SideState.GONE and not arrival.record.deleted:
        return True
    return written_at is not None and arrival.received_at <= written_at  # type: ignore[operator]  # both are moments


def _refreshed(arrival: Arrival, record: Record) -> Arrival:
    return Arrival(
        id=arrival.id,
        object=arrival.object,
        system=arrival.system,
        stream=arrival.stream,
        native_id=arrival.native_id,
        record=record,
        fingerprint=inbox.fingerprint(record),
        cause=arrival.cause,
        received_at=arrival.received_at,
    )
