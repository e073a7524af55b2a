"""Push: intents leave for their system, one batch per call; the intent is stored before the call.

Where the outcome of a call is not known, nothing is sent again before it has been found out: see
`settle_doubts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from connectors.base import (
    Accepted,
    Connector,
    Deferred,
    Gone,
    Idempotency,
    Operation,
    Record,
    Rejected,
    Stale,
    Unknown,
    Write,
    WriteResult,
)
from connectors.errors import RecordError, RetryableError, StopRunError, UnknownOutcomeError
from tandem.clock import Clock
from tandem.mapping.compiler import CompiledMapping
from tandem.state import chain as chains
from tandem.state import outbox
from tandem.state.bulk import chunks
from tandem.state.chain import Chain, Side
from tandem.state.outbox import Intent, PushState
from tandem.state.quota import Priority
from tandem.sync.types import Checkpoint, Link, ObjectRules, Orphaned

Transaction = Callable[[], AbstractContextManager[Connection]]
Outcomes = list[tuple[Intent, WriteResult | Orphaned]]
WillNotCome = Callable[[Connection, Set[str]], Mapping[str, str]]
"""Tells why canonical records that are missing in the system will not come there, by id."""
StandThere = Callable[[Connection, Sequence[Intent], Mapping[str, Chain]], set[int]]
"""Tells, by id, creates of what may be in the system already: they wait."""


@dataclass(slots=True)
class Outgoing:
    """An intent and what is to be sent for it."""

    intent: Intent
    write: Write


@dataclass(slots=True)
class Prepared:
    """What is to be sent now, and what is not sent because its parent will not come."""

    outgoing: list[Outgoing] = field(default_factory=list)
    orphaned: Outcomes = field(default_factory=list)


class Push:
    """Sends what is due for one object to one system."""

    def __init__(
        self,
        *,
        link: Link,
        rules: ObjectRules,
        system: str,
        begin: Transaction,
        clock: Clock,
        token: int,
        checkpoint: Checkpoint,
        priority: Priority = Priority.LIVE,
        ready: Callable[[], bool] = lambda: True,
        stand_there: StandThere = lambda _connection, _creates, _chains: set(),
        will_not_come: WillNotCome = lambda _connection, _missing: {},
    ) -> None:
        self._link = link
        self._rules = rules
        self._system = system
        self._connector: Connector = link.connectors[system]
        self._mapping: CompiledMapping = rules.mappings[system]
        self._begin = begin
        self._clock = clock
        self._token = token
        self._checkpoint = checkpoint
        self._priority = priority
        self._ready = ready
        self._stand_there = stand_there
        self._will_not_come = will_not_come
        self._paused = False
        self.stopped: StopRunError | None = None

    def batches(self, operation: Operation) -> Iterator[Outcomes]:
        """Send batch after batch; each batch's outcomes are recorded before the next leaves.

        Ends early when the system is not to be called now, and when it refuses everything;
        `stopped` says why. What has not left stays as it is.
        """
        while self.stopped is None and not self._paused and self._ready():
            prepared = self._prepare(operation)
            if prepared is None:
                return
            outcomes = list(prepared.orphaned)
            if prepared.outgoing:
                self._checkpoint("push.intended")
                outcomes += self._send(prepared.outgoing)
            if outcomes:
                yield outcomes

    def again(self, creates: Sequence[Intent]) -> Iterator[Outcomes]:
        """Send creates of unknown outcome as they were: their system knows them by key and tells.

        None waits for a parent that is gone by now, nor is one decided anew before it is known.
        """
        for batch in chunks(creates, self._connector.capabilities.write_batch):
            if self.stopped is not None or self._paused or not self._ready():
                return
            with self._begin() as connection:
                found = chains.load(connection, (intent.canonical_id for intent in batch))
                parents = self._parents(connection, batch)
                outgoing = [
                    Outgoing(i, self._write(i, found[i.canonical_id], parents)) for i in batch
                ]
                ids = [intent.id for intent in batch]
                outbox.sending(connection, ids, self._token, self._clock.now())
            self._checkpoint("push.intended")
            yield self._send(outgoing)

    def _prepare(self, operation: Operation) -> Prepared | None:
        """The next batch, marked as sending; empty when all of it waits; None at the end."""
        with self._begin() as connection:
            due = outbox.due(
                connection,
                link=self._link.name,
                object_name=self._rules.object,
                system=self._system,
                operation=operation,
                priority=self._priority,
                now=self._clock.now(),
                limit=self._connector.capabilities.write_batch,
            )
            if not due:
                return None
            due_chains = chains.load(connection, (intent.canonical_id for intent in due))
            parents = self._parents(connection, due)
            met = self._meet(connection, due, due_chains)
            missing = {intent.id: self._missing_parents(intent, parents) for intent in due}
            wanted = {parent for names in missing.values() for parent in names.values()}
            lost = self._will_not_come(connection, wanted) if wanted else {}
            prepared = Prepared()
            for intent in due:
                if intent.id in met or self._goes_after(intent, prepared.outgoing):
                    continue
                orphaned = self._orphaned(intent, missing[intent.id], lost)
                if orphaned is not None:
                    prepared.orphaned.append((intent, orphaned))
                elif missing[intent.id]:
                    waits = next(iter(missing[intent.id].values()))
                    outbox.mark(connection, [intent.id], PushState.PARKED, waiting_on=waits)
                else:
                    chain = due_chains[intent.canonical_id]
                    write = self._write(intent, chain, parents)
                    prepared.outgoing.append(Outgoing(intent, write))
            ids = [o.intent.id for o in prepared.outgoing]
            outbox.sending(connection, ids, self._token, self._clock.now())
        return prepared

    def _meet(
        self, connection: Connection, due: Sequence[Intent], due_chains: Mapping[str, Chain]
    ) -> set[int]:
        creates = [intent for intent in due if intent.operation is Operation.CREATE]
        return self._stand_there(connection, creates, due_chains)

    def _parents(self, connection: Connection, due: Sequence[Intent]) -> dict[str, str]:
        wanted = {
            value
            for intent in due
            for name in self._rules.references
            if (value := intent.values.get(name)) is not None
        }
        return chains.native_ids(connection, wanted, self._system)

    def _goes_after(self, intent: Intent, outgoing: Sequence[Outgoing]) -> bool:
        """Whether a create's parent of its own kind is created by this very call: the next one."""
        own = [n for n, name in self._rules.references.items() if name == self._rules.object]
        parents = {intent.values.get(name) for name in own} - {None, intent.canonical_id}
        return (
            bool(parents)
            and intent.operation is Operation.CREATE
            and any(o.intent.canonical_id in parents for o in outgoing)
        )

    def _missing_parents(self, intent: Intent, parents: Mapping[str, str]) -> dict[str, str]:
        """Field → the parent that it names and that is to be waited for.

        A create does not wait for a parent of its own kind: two records that refer to each other
        would wait for ever. It goes without; an update follows.
        """
        creates = intent.operation is Operation.CREATE
        return {
            name: value
            for name, object_name in self._rules.references.items()
            if (value := intent.values.get(name)) is not None
            and value not in parents
            and not (creates and object_name == self._rules.object)
        }

    def _orphaned(
        self, intent: Intent, missing: Mapping[str, str], lost: Mapping[str, str]
    ) -> Orphaned | None:
        """What a write has to wait for that a person must see to; None: nothing."""
        name = next((name for name, parent in missing.items() if parent in lost), None)
        if name is None:
            return None
        parent = missing[name]
        text = f"{name}: {self._rules.references[name]} {parent} {lost[parent]}"
        way_out = f"link or restore it in {self._system}, or name another one"
        values = {n: v for n, v in missing.items() if v == parent}
        if intent.operation is Operation.CREATE:
            values = intent.values
        return Orphaned(parent, values, Rejected("no_parent", f"{text}; {way_out}"))

    def _merge_write(self, intent: Intent, chain: Chain) -> Write:
        """A merge as its system knows it, or else: the record is out of use and says where to look.

        The other way round, a record that was put out of use is put back into use.
        """
        capabilities = self._connector.capabilities
        side = chain.record(self._system, intent.native_id)
        primary = chain.side(self._system)
        merges = intent.operation is Operation.MERGE
        native = capabilities.merges if merges else capabilities.unmerges
        if self._mapping.stream in native and (merges or (side is not None and side.deleted)):
            return Write(
                intent.operation,
                intent.key,
                intent.native_id,
                expected_version=intent.expected_version if merges else None,
                into=primary.native_id if merges and primary else None,
            )
        values: dict[str, Any] = {}
        if "active" in self._mapping.fields:
            active = False if merges else chain.values.get("active") is not False
            values = self._mapping.write({"active": active}, side.native if side else None)
        if self._mapping.merged_into:
            values[self._mapping.merged_into] = primary.native_id if merges and primary else None
        return Write(
            Operation.UPDATE,
            intent.key,
            intent.native_id,
            values,
            expected_version=intent.expected_version,
        )

    def _write(self, intent: Intent, chain: Chain, parents: dict[str, str]) -> Write:
        if intent.operation in (Operation.MERGE, Operation.UNMERGE):
            return self._merge_write(intent, chain)
        side = chain.side(self._system)
        values = dict(intent.values)
        for name in self._rules.references:
            if values.get(name) is not None:
                native_id = parents.get(values[name])
                if native_id is None:
                    del values[name]
                else:
                    values[name] = native_id
        native: dict[str, Any] = self._mapping.write(values, side.native if side else None)
        if intent.operation is Operation.CREATE:
            native = self._mapping.constants | {k: v for k, v in native.items() if v is not None}
        return Write(
            operation=intent.operation,
            key=intent.key,
            native_id=intent.native_id,
            values=native,
            expected_version=intent.expected_version,
        )

    def _send(self, outgoing: Sequence[Outgoing]) -> Outcomes:
        results: dict[int, WriteResult] = self._too_long(outgoing) | {
            # A merge in a system that can neither merge nor put out of use: there is nothing to do.
            o.intent.id: Accepted(o.intent.native_id or "", o.intent.expected_version)
            for o in outgoing
            if o.write.operation is Operation.UPDATE and not o.write.values
        }
        sent = [o for o in outgoing if o.intent.id not in results]
        if sent and sent[0].intent.operation is not Operation.CREATE:
            sent = self._without_stale(sent, results)
        if sent:
            self._checkpoint("push.sending")
            with self._begin():
                pass  # a worker that slept until another one took over is told before it writes
            answers = self._call([o.write for o in sent])
            self._checkpoint("push.sent")
            results.update({o.intent.id: answer for o, answer in zip(sent, answers, strict=True)})
        return [(o.intent, results[o.intent.id]) for o in outgoing]

    def _too_long(self, outgoing: Sequence[Outgoing]) -> dict[int, WriteResult]:
        """Refusals of texts that their column would cut: some systems do so without a word."""
        most = {f.column: f.length for f in self._mapping.fields.values() if f.length}
        refused: dict[int, WriteResult] = {}
        for o in outgoing:
            columns = tuple(
                column
                for column, value in o.write.values.items()
                if isinstance(value, str) and len(value) > (most.get(column) or len(value))
            )
            if columns:
                refused[o.intent.id] = Rejected("too_long", "longer than the column", columns)
        return refused

    def _call(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        # A worker that slept while another took over must not wake up and write: see FencedError.
        with self._begin():
            pass
        try:
            return self._connector.write(self._mapping.stream, writes)
        except RetryableError as error:
            self._paused = True
            wait = getattr(error, "retry_after", 0.0)
            return [Deferred(error.code, wait)] * len(writes)
        except StopRunError as error:
            self.stopped = error
            return [Deferred(error.code)] * len(writes)
        except UnknownOutcomeError as error:
            return [Unknown(error.code)] * len(writes)
        except RecordError as error:
            if len(writes) == 1:
                return [Rejected(error.code, error.message)]
            # Somewhere in the batch is a write that spoils the call: alone, it spoils only itself.
            return [self._call([write])[0] for write in writes]

    def _without_stale(
        self, outgoing: Sequence[Outgoing], results: dict[int, WriteResult]
    ) -> list[Outgoing]:
        """Look again right before writing where the system does not check versions itself.

        Nor can it where none is known: an answer that made a record need not tell its version.
        """
        checks = self._connector.capabilities.conditional_writes
        blind = {
            o.intent.native_id: o
            for o in outgoing
            if o.write.operation is not Operation.UNMERGE
            and not (checks and o.write.expected_version)
        }
        if not blind:
            return list(outgoing)
        try:
            now = {
                record.native_id: record
                for record in self._connector.read(
                    self._mapping.stream, self._mapping.columns, [i for i in blind if i]
                )
            }
        except (RetryableError, StopRunError) as error:
            self.stopped = error if isinstance(error, StopRunError) else None
            self._paused = True
            wait = getattr(error, "retry_after", 0.0)
            results.update({o.intent.id: Deferred(error.code, wait) for o in outgoing})
            return []
        with self._begin() as connection:
            seen = chains.load(connection, (o.intent.canonical_id for o in blind.values()))
        for native_id, o in blind.items():
            side = seen[o.intent.canonical_id].record(self._system, native_id)
            record = now.get(native_id or "")
            found = self._looked_at(o.write, side, record)
            if found is not None:
                results[o.intent.id] = found
            elif checks and record is not None:
                o.write = replace(o.write, expected_version=record.version)
        return [o for o in outgoing if o.intent.id not in results]

    def _looked_at(
        self, write: Write, side: Side | None, record: Record | None
    ) -> WriteResult | None:
        """What has become of a write whose record was looked at; None: it may leave."""
        if write.into and record is not None and record.merged_into == write.into:
            return Accepted(record.native_id, record.version)
        if record is None or record.deleted:
            return Gone()
        if side is None or any(
            record.values.get(column) != side.native.get(column) for column in self._mapping.columns
        ):
            return Stale()
        return None


@dataclass(slots=True)
class Doubts:
    """What became of writes whose answer was lost; one in no list waits, or is a person's to tell.

    Attributes:
        outcomes: creates that turned out to have been carried out.
        undone: creates that certainly were not.
        again: creates that their system recognises when they are sent again.
        reread: others: reading the record tells more than the lost answer would.
    """

    outcomes: Outcomes = field(default_factory=list)
    undone: list[Intent] = field(default_factory=list)
    again: list[Intent] = field(default_factory=list)
    reread: list[Intent] = field(default_factory=list)


def settle_doubts(intents: Sequence[Intent], link: Link, clock: Clock) -> Doubts:
    """Find out what became of writes whose answer was lost."""
    found = Doubts()
    for intent in intents:
        connector = link.connectors[intent.system]
        capabilities = connector.capabilities
        if intent.operation is not Operation.CREATE:
            found.reread.append(intent)
            continue
        if capabilities.idempotency in (Idempotency.MARKER, Idempotency.EXTERNAL_ID):
            native_id = connector.find(intent.stream, intent.key)
            if native_id is not None:
                found.outcomes.append((intent, Accepted(native_id)))
                continue
            sent_at = intent.sent_at or clock.now()
            if clock.now() - sent_at >= capabilities.search_lag:
                found.undone.append(intent)
        elif capabilities.idempotency is Idempotency.KEY:
            found.again.append(intent)
    return found
