"""Push: intents leave for their system, one batch per call; the intent is stored before the call.

Where the outcome of a call is not known, nothing is sent again before it has been found out: see
`settle_doubts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from connectors.base import (
    Accepted,
    Connector,
    Deferred,
    Gone,
    Idempotency,
    Operation,
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
from tandem.state.chain import Chain
from tandem.state.outbox import Intent, PushState
from tandem.sync.types import Checkpoint, Link, ObjectRules

Transaction = Callable[[], AbstractContextManager[Connection]]
Outcomes = list[tuple[Intent, WriteResult]]


@dataclass(slots=True)
class Outgoing:
    """An intent and what is to be sent for it."""

    intent: Intent
    write: Write


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
        self.stopped: StopRunError | None = None

    def batches(self, operation: Operation) -> Iterator[Outcomes]:
        """Send batch after batch; each batch's outcomes are recorded before the next leaves.

        Ends early when the system refuses everything; `stopped` says why.
        """
        while self.stopped is None:
            outgoing = self._prepare(operation)
            if outgoing is None:
                return
            if outgoing:
                self._checkpoint("push.intended")
                yield self._send(outgoing)

    def _prepare(self, operation: Operation) -> list[Outgoing] | None:
        """The next batch, marked as sending; empty when all of it was parked; None at the end."""
        with self._begin() as connection:
            due = outbox.due(
                connection,
                link=self._link.name,
                object_name=self._rules.object,
                system=self._system,
                operation=operation,
                now=self._clock.now(),
                limit=self._connector.capabilities.write_batch,
            )
            if not due:
                return None
            due_chains = chains.load(connection, (intent.canonical_id for intent in due))
            parents = self._parents(connection, due)
            outgoing = []
            for intent in due:
                waits = self._missing_parent(intent, parents)
                if waits is not None:
                    outbox.mark(connection, [intent.id], PushState.PARKED, waiting_on=waits)
                    continue
                chain = due_chains[intent.canonical_id]
                outgoing.append(Outgoing(intent, self._write(intent, chain, parents)))
            outbox.sending(
                connection, [o.intent.id for o in outgoing], self._token, self._clock.now()
            )
        return outgoing

    def _parents(self, connection: Connection, due: Sequence[Intent]) -> dict[str, str]:
        wanted = {
            value
            for intent in due
            for name in self._rules.references
            if (value := intent.values.get(name)) is not None
        }
        return chains.native_ids(connection, wanted, self._system)

    def _missing_parent(self, intent: Intent, parents: dict[str, str]) -> str | None:
        """The parent to wait for.

        A create does not wait for a parent of its own kind: two records that refer to each other
        would wait for ever. It goes without; an update follows.
        """
        for name, object_name in self._rules.references.items():
            value = intent.values.get(name)
            if value is None or value in parents:
                continue
            if intent.operation is Operation.CREATE and object_name == self._rules.object:
                continue
            return str(value)
        return None

    def _write(self, intent: Intent, chain: Chain, parents: dict[str, str]) -> Write:
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
        results: dict[int, WriteResult] = {}
        sent = list(outgoing)
        if sent[0].intent.operation is not Operation.CREATE:
            sent = self._without_stale(sent, results)
        if sent:
            self._checkpoint("push.sending")
            answers = self._call([o.write for o in sent])
            self._checkpoint("push.sent")
            results.update({o.intent.id: answer for o, answer in zip(sent, answers, strict=True)})
        return [(o.intent, results[o.intent.id]) for o in outgoing]

    def _call(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        try:
            return self._connector.write(self._mapping.stream, writes)
        except RetryableError as error:
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
        """For a system that does not check versions itself: look again right before writing."""
        if self._connector.capabilities.conditional_writes:
            return list(outgoing)
        ids = [o.intent.native_id for o in outgoing if o.intent.native_id]
        try:
            now = {
                record.native_id: record
                for record in self._connector.read(self._mapping.stream, self._mapping.columns, ids)
            }
        except (RetryableError, StopRunError) as error:
            self.stopped = error if isinstance(error, StopRunError) else None
            wait = getattr(error, "retry_after", 0.0)
            results.update({o.intent.id: Deferred(error.code, wait) for o in outgoing})
            return []
        fresh: list[Outgoing] = []
        with self._begin() as connection:
            seen = chains.load(connection, (o.intent.canonical_id for o in outgoing))
        for o in outgoing:
            record = now.get(o.intent.native_id or "")
            side = seen[o.intent.canonical_id].side(self._system)
            if record is None or record.deleted:
                results[o.intent.id] = Gone()
            elif side is None or any(
                record.values.get(column) != side.native.get(column)
                for column in self._mapping.columns
            ):
                results[o.intent.id] = Stale()
            else:
                fresh.append(o)
        return fresh


def settle_doubts(
    intents: Sequence[Intent], link: Link, clock: Clock
) -> tuple[Outcomes, list[Intent], list[Intent]]:
    """Find out what became of writes whose answer was lost.

    Returns:
        outcomes: creates that turned out to have been carried out;
        resend: creates that certainly were not, or that the system recognises when sent again;
        reread: updates and deletes: reading the record tells more than the lost answer would.
        An intent in none of the three has to wait, or is a person's to answer.
    """
    outcomes: Outcomes = []
    resend: list[Intent] = []
    reread: list[Intent] = []
    for intent in intents:
        connector = link.connectors[intent.system]
        capabilities = connector.capabilities
        if intent.operation is not Operation.CREATE:
            reread.append(intent)
            continue
        if capabilities.idempotency in (Idempotency.MARKER, Idempotency.EXTERNAL_ID):
            native_id = connector.find(intent.stream, intent.key)
            if native_id is not None:
                outcomes.append((intent, Accepted(native_id)))
                continue
            sent_at = intent.sent_at or clock.now()
            if clock.now() - sent_at >= capabilities.search_lag:
                resend.append(intent)
        elif capabilities.idempotency is Idempotency.KEY:
            resend.append(intent)
    return outcomes, resend, reread
