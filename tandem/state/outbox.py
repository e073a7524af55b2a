"""The outbox: no system is written to without a row here, stored before the call is made.

intended ──► sending ──► accepted
   ▲  │         ├──────► rejected     a dead letter; replay makes a new intent
   │  │         ├──────► superseded   the world moved on: decided anew
   │  └► parked └──────► unknown ───► probed, then accepted, intended again, or asked of a person
   └──────┘ waits for its parent, or for a record that stands there and may be the same; a parent
            that will not come makes it a dead letter
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, or_, select, update

from connectors.base import Operation
from tandem.state import audit
from tandem.state.bulk import chunks
from tandem.state.quota import Priority
from tandem.state.tables import outbox


class PushState(StrEnum):
    """Where an intent stands; see the module's picture."""

    INTENDED = "intended"
    PARKED = "parked"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"


@dataclass(slots=True)
class Intent:
    """One write that was decided.

    Attributes:
        values: canonical field → value to be written.
        key: idempotency key, the same on every try.
        mapping: version of the mapping by which it was decided.
        cause: which system's change or whose decision led here, per field.
        changed_at: when the change was made at its source, where known.
        priority: writes of a backfill give way to others.
        waiting_on: the parent without which it is not sent: parked, or a dead letter until then.
    """

    link: str
    object: str
    canonical_id: str
    system: str
    stream: str
    operation: Operation
    values: dict[str, Any]
    key: str
    native_id: str | None = None
    expected_version: str | None = None
    mapping: str | None = None
    cause: dict[str, Any] = field(default_factory=dict)
    changed_at: datetime | None = None
    id: int = 0
    state: PushState = PushState.INTENDED
    attempts: int = 0
    lease_token: int | None = None
    sent_at: datetime | None = None
    created_at: datetime | None = None
    answer: dict[str, Any] | None = None
    run_id: str | None = None
    priority: Priority = Priority.LIVE
    waiting_on: str | None = None


def fact_about(
    intent: Intent,
    action: str,
    *,
    at: datetime,
    actor: str = audit.ENGINE,
    run_id: str | None = None,
    native_id: str | None = None,
    before: Any = None,
    after: Any = None,
    **cause: Any,
) -> dict[str, Any]:
    """What became of a write, as a row for `audit.append`; `cause` adds to its cause.

    `native_id` is that of the record where it was not known when the write was decided.
    """
    return audit.fact(
        at,
        intent.link,
        action,
        object_name=intent.object,
        canonical_id=intent.canonical_id,
        system=intent.system,
        native_id=intent.native_id if native_id is None else native_id,
        before=before,
        after=after,
        cause={"intent": intent.id, **cause},
        actor=actor,
        run_id=run_id,
    )


_FIELDS = (
    "link", "object", "canonical_id", "system", "stream", "operation", "values", "key",
    "native_id", "expected_version", "mapping", "cause", "changed_at", "run_id", "priority",
)  # fmt: skip


def add(connection: Connection, intents: Sequence[Intent], at: datetime) -> None:
    """Store intents, before anything is sent."""
    if intents:
        rows = [
            {name: getattr(intent, name) for name in _FIELDS}
            | {"state": PushState.INTENDED, "attempts": 0, "created_at": at}
            for intent in intents
        ]
        connection.execute(insert(outbox), rows)


def _intent(row: Any) -> Intent:
    return Intent(
        link=row.link,
        object=row.object,
        canonical_id=row.canonical_id,
        system=row.system,
        stream=row.stream,
        operation=Operation(row.operation),
        values=row.values,
        key=row.key,
        native_id=row.native_id,
        expected_version=row.expected_version,
        mapping=row.mapping,
        cause=row.cause,
        changed_at=row.changed_at,
        id=row.id,
        state=PushState(row.state),
        attempts=row.attempts,
        lease_token=row.lease_token,
        sent_at=row.sent_at,
        created_at=row.created_at,
        answer=row.answer,
        run_id=row.run_id,
        priority=Priority(row.priority),
        waiting_on=row.waiting_on,
    )


def due(
    connection: Connection,
    *,
    link: str,
    object_name: str,
    system: str,
    operation: Operation,
    priority: Priority,
    now: datetime,
    limit: int,
) -> list[Intent]:
    """The oldest intents of a priority that may be sent now."""
    rows = connection.execute(
        select(outbox)
        .where(
            outbox.c.link == link,
            outbox.c.state == PushState.INTENDED,
            outbox.c.priority == priority,
            outbox.c.system == system,
            outbox.c.object == object_name,
            outbox.c.operation == operation,
            or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now),
        )
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return [_intent(row) for row in rows]


def creates(connection: Connection, link: str, object_name: str, system: str) -> list[int]:
    """Ids of the creates that nothing but their turn keeps from being sent, oldest first."""
    query = select(outbox.c.id).where(
        outbox.c.link == link,
        outbox.c.state == PushState.INTENDED,
        outbox.c.system == system,
        outbox.c.object == object_name,
        outbox.c.operation == Operation.CREATE,
    )
    return list(connection.execute(query.order_by(outbox.c.id)).scalars())


class Kind(NamedTuple):
    """What tells the calls apart by which intents are sent."""

    priority: Priority
    operation: Operation
    object: str
    system: str


def sendable(connection: Connection, link: str, now: datetime) -> set[Kind]:
    """The kinds of intents of which something may be sent now."""
    found = connection.execute(
        select(outbox.c.priority, outbox.c.operation, outbox.c.object, outbox.c.system)
        .distinct()
        .where(
            outbox.c.link == link,
            outbox.c.state == PushState.INTENDED,
            or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now),
        )
    )
    return {
        Kind(Priority(row.priority), Operation(row.operation), row.object, row.system)
        for row in found
    }


def in_doubt(connection: Connection, link: str, token: int, now: datetime) -> list[Intent]:
    """Intents whose outcome nobody knows.

    Unknown ones that are due, and those that a worker with an older lease was sending when it
    vanished.
    """
    rows = connection.execute(
        select(outbox)
        .where(
            outbox.c.link == link,
            or_(
                (outbox.c.state == PushState.SENDING) & (outbox.c.lease_token != token),
                (outbox.c.state == PushState.UNKNOWN)
                & (or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now)),
            ),
        )
        .order_by(outbox.c.id)
    )
    return [_intent(row) for row in rows]


OPEN = (
    PushState.INTENDED,
    PushState.PARKED,
    PushState.SENDING,
    PushState.UNKNOWN,
    PushState.REJECTED,
)
"""States in which an intent still has a say in what is decided next for its chain."""


def open_for(connection: Connection, canonical_ids: Iterable[str]) -> dict[str, list[Intent]]:
    """Canonical id → its intents that are not settled, oldest first; dead letters included."""
    found: dict[str, list[Intent]] = {}
    for chunk in chunks(canonical_ids):
        rows = connection.execute(
            select(outbox)
            .where(outbox.c.canonical_id.in_(chunk), outbox.c.state.in_(OPEN))
            .order_by(outbox.c.id)
        )
        for row in rows:
            found.setdefault(row.canonical_id, []).append(_intent(row))
    return found


def creating(
    connection: Connection, link: str, object_name: str
) -> dict[tuple[str, str], datetime]:
    """(canonical id, system) of the creates whose outcome is not known → when they were sent."""
    rows = connection.execute(
        select(outbox.c.canonical_id, outbox.c.system, outbox.c.sent_at).where(
            outbox.c.link == link,
            outbox.c.object == object_name,
            outbox.c.state.in_([PushState.SENDING, PushState.UNKNOWN]),
            outbox.c.operation == Operation.CREATE,
        )
    )
    return {(row.canonical_id, row.system): row.sent_at for row in rows}


def mark(connection: Connection, ids: Iterable[int], state: PushState, **values: Any) -> None:
    """Move intents to a state."""
    for chunk in chunks(ids):
        connection.execute(
            update(outbox).where(outbox.c.id.in_(chunk)).values(state=state, **values)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one intent: its new state and the system's answer."""

    id: int
    state: PushState
    answer: dict[str, Any]
    done_at: datetime | None = None
    not_before: datetime | None = None


_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("intent_id"))
    .values(
        state=bindparam("new_state"),
        answer=bindparam("new_answer", type_=outbox.c.answer.type),
        done_at=bindparam("new_done_at", type_=outbox.c.done_at.type),
        not_before=bindparam("new_not_before", type_=outbox.c.not_before.type),
    )
)


def settle(connection: Connection, verdicts: Sequence[Verdict]) -> None:
    """Store what became of intents, in one statement."""
    if verdicts:
        connection.execute(
            _SETTLE,
            [
                {
                    "intent_id": v.id,
                    "new_state": v.state,
                    "new_answer": v.answer,
                    "new_done_at": v.done_at,
                    "new_not_before": v.not_before,
                }
                for v in verdicts
            ],
        )


def sending(connection: Connection, ids: Sequence[int], token: int, at: datetime) -> None:
    """Note that intents are about to leave; committed before the call is made."""
    for chunk in chunks(ids):
        connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(chunk))
            .values(
                state=PushState.SENDING,
                lease_token=token,
                sent_at=at,
                attempts=outbox.c.attempts + 1,
            )
        )


def waiting_for(connection: Connection, canonical_ids: Iterable[str]) -> list[Intent]:
    """Intents that are not sent for want of these parents, oldest first; dead letters included."""
    found: list[Intent] = []
    for chunk in chunks(canonical_ids):
        rows = connection.execute(
            select(outbox)
            .where(
                outbox.c.waiting_on.in_(chunk),
                outbox.c.state.in_([PushState.PARKED, PushState.REJECTED]),
            )
            .order_by(outbox.c.id)
        )
        found += [_intent(row) for row in rows]
    return found


def unpark(connection: Connection, ids: Iterable[int]) -> None:
    """Have it decided again what these intents wait for."""
    mark(connection, ids, PushState.INTENDED, waiting_on=None)


def unpark_all(connection: Connection, link: str) -> None:
    """Have it decided again what the intents of a link wait for."""
    connection.execute(
        update(outbox)
        .where(outbox.c.link == link, outbox.c.state == PushState.PARKED)
        .values(state=PushState.INTENDED, waiting_on=None)
    )


_BESIDE = "beside|"


def beside(row_id: int) -> str:
    """Name of a row of the inbox that waits, beside which a create might make a twin."""
    return f"{_BESIDE}{row_id}"


def waits_beside() -> ColumnElement[bool]:
    """Of intents that are not sent: those that wait beside a row of the inbox."""
    return func.coalesce(outbox.c.waiting_on, "").startswith(_BESIDE)


def unpark_beside(connection: Connection, row_ids: Iterable[int]) -> None:
    """Let creates go that waited beside these rows of the inbox."""
    for chunk in chunks(map(beside, row_ids)):
        connection.execute(
            update(outbox)
            .where(outbox.c.waiting_on.in_(chunk), outbox.c.state == PushState.PARKED)
            .values(state=PushState.INTENDED, waiting_on=None)
        )


def counts(connection: Connection, link: str) -> dict[str, int]:
    """Intents of a link by state."""
    rows = connection.execute(
        select(outbox.c.state, func.count()).where(outbox.c.link == link).group_by(outbox.c.state)
    )
    return dict(rows.all())


def by_ids(connection: Connection, ids: Iterable[int]) -> list[Intent]:
    """These intents, oldest first."""
    rows = connection.execute(
        select(outbox).where(outbox.c.id.in_(list(ids))).order_by(outbox.c.id)
    )
    return [_intent(row) for row in rows]


def dead_letters(connection: Connection, link: str, limit: int | None = None) -> list[Intent]:
    """Rejected intents that nothing has replaced yet, oldest first."""
    rows = connection.execute(
        select(outbox)
        .where(outbox.c.link == link, outbox.c.state == PushState.REJECTED)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return [_intent(row) for row in rows]
