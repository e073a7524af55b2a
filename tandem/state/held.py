"""Batches of the inbox at a quality gate: what waits for one, what is held, what replaces it.

A row goes through a gate once: `gate_id` names the result, whether it passed or is held. What is
held stays in the inbox until a person decides, newer content of its record arrives, or a look at
what is left finds it good. What a person set aside stays too, so that a listing that looks back
does not bring it again at once: the next full compare brings it before a gate once more.

Beside a newcomer that is held or set aside nobody makes its twin: the create waits, see
`outbox.beside`, until the row has been let go and worked on, or is forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    select,
    tuple_,
    update,
)

from connectors.base import Record
from tandem.state.bulk import chunks
from tandem.state.inbox import Arrival, Cause, InboxState, arrival_of, done, fingerprint
from tandem.state.tables import baseline, inbox, same_record


@dataclass(frozen=True, slots=True)
class Pending:
    """What of one object came from one system and has been through no gate yet.

    Attributes:
        compared: whether some of it came by a full compare.
    """

    object: str
    system: str
    rows: int
    compared: bool


def pending(connection: Connection, link: str) -> list[Pending]:
    """What has come in by itself and waits to be worked on; tombstones go by their own rules."""
    compared = func.max(case((inbox.c.cause == Cause.COMPARE, 1), else_=0))
    rows = connection.execute(
        select(inbox.c.object, inbox.c.system, func.count(), compared)
        .where(*_ungated(link))
        .group_by(inbox.c.object, inbox.c.system)
        .order_by(inbox.c.object, inbox.c.system)
    )
    return [Pending(name, system, count, bool(by)) for name, system, count, by in rows]


def _ungated(link: str) -> tuple[ColumnElement[bool], ...]:
    # What we wrote ourselves comes back as it left: it is nobody's batch.
    our_own = (
        select(baseline.c.native_id)
        .where(same_record(baseline, inbox), cast(baseline.c.awaiting_echo, Text) != "[]")
        .exists()
    )
    return (
        inbox.c.link == link,
        inbox.c.state == InboxState.NEW,
        inbox.c.gate_id.is_(None),
        inbox.c.cause.in_([Cause.POLL, Cause.COMPARE]),
        inbox.c["values"].is_not(None),
        inbox.c.deleted.is_(False),
        ~our_own,
    )


def pending_ids(connection: Connection, link: str, of: Pending) -> list[int]:
    """The rows of a pending batch, oldest first."""
    here = (inbox.c.object == of.object, inbox.c.system == of.system)
    query = select(inbox.c.id).where(*_ungated(link), *here).order_by(inbox.c.id)
    return list(connection.execute(query).scalars())


def held_ids(connection: Connection, subject: str) -> list[int]:
    """The rows that are held under a question, oldest first."""
    query = select(inbox.c.id).where(inbox.c.waiting_on == subject).order_by(inbox.c.id)
    return list(connection.execute(query).scalars())


def newest(connection: Connection, ids: Iterable[int]) -> list[int]:
    """These rows, oldest first, less those that a later one of their record replaces."""
    columns = (inbox.c.system, inbox.c.stream, inbox.c.native_id)
    last: dict[tuple[str, str, str], int] = {}
    for chunk in chunks(ids):
        rows = connection.execute(
            select(inbox.c.id, *columns).where(inbox.c.id.in_(chunk)).order_by(inbox.c.id)
        )
        last.update({(row.system, row.stream, row.native_id): row.id for row in rows})
    return sorted(last.values())


def arrivals(connection: Connection, ids: Iterable[int]) -> Iterator[Arrival]:
    """Rows of a batch as they came."""
    for chunk in chunks(ids):
        rows = connection.execute(select(inbox).where(inbox.c.id.in_(chunk)).order_by(inbox.c.id))
        yield from map(arrival_of, rows)


def of_records(
    connection: Connection, ids: Collection[int], native_ids: Collection[str]
) -> list[int]:
    """Those rows of a batch that are about certain records."""
    found: list[int] = []
    for chunk in chunks(ids):
        rows = connection.execute(
            select(inbox.c.id, inbox.c.native_id).where(inbox.c.id.in_(chunk))
        )
        found += [row.id for row in rows if row.native_id in native_ids]
    return found


def let_pass(connection: Connection, ids: Iterable[int], gate_id: int) -> None:
    """These rows go on; no gate looks at them again."""
    _mark(connection, ids, gate_id, InboxState.NEW, None)


def hold(connection: Connection, ids: Iterable[int], gate_id: int, subject: str) -> None:
    """These rows wait under a question."""
    _mark(connection, ids, gate_id, InboxState.HELD, subject)


def _mark(
    connection: Connection,
    ids: Iterable[int],
    gate_id: int,
    state: InboxState,
    subject: str | None,
) -> None:
    for chunk in chunks(ids):
        connection.execute(
            update(inbox)
            .where(inbox.c.id.in_(chunk))
            .values(state=state, waiting_on=subject, gate_id=gate_id)
        )


def set_aside(connection: Connection, subject: str) -> None:
    """Drop what is held under a question, until the next full compare.

    It stands in its system all the same: creates that wait beside it go on waiting.
    """
    connection.execute(
        update(inbox)
        .where(inbox.c.waiting_on == subject)
        .values(state=InboxState.SET_ASIDE, waiting_on=None)
    )


def put_back(
    connection: Connection, link: str, system: str, records: Iterable[Record], at: datetime
) -> None:
    """A full compare has shown these records: those that were set aside come before a gate again.

    Where one says something else by now, what was set aside is forgotten, or waits to be replaced
    by the newer content.
    """
    shown = {(r.stream, r.native_id): r for r in records if not r.deleted}
    new = inbox.alias("new")
    is_news = and_(same_record(new, inbox), new.c.link == link, new.c.state == InboxState.NEW)
    columns = (inbox.c.id, inbox.c.stream, inbox.c.native_id, inbox.c.fingerprint)
    for chunk in chunks(native_id for _, native_id in shown):
        rows = connection.execute(
            select(*columns, exists().where(is_news).label("is_news")).where(
                inbox.c.link == link,
                inbox.c.state == InboxState.SET_ASIDE,
                inbox.c.system == system,
                inbox.c.native_id.in_(chunk),
            )
        ).all()
        if not rows:
            continue
        known = [(row, shown[row.stream, row.native_id]) for row in rows if row[1:3] in shown]
        same = [row.id for row, record in known if row.fingerprint == fingerprint(record)]
        again = {"state": InboxState.NEW, "gate_id": None, "cause": Cause.COMPARE}
        connection.execute(
            update(inbox).where(inbox.c.id.in_(same)).values(received_at=at, **again)
        )
        done(connection, (r.id for r, _ in known if r.id not in same and not r.is_news))


def standing(connection: Connection, link: str, system: str, stream: str) -> set[str]:
    """Native ids of the records of a stream that are held or set aside."""
    rows = connection.execute(
        select(inbox.c.native_id).where(
            inbox.c.link == link,
            _is_held(inbox),
            inbox.c.system == system,
            inbox.c.stream == stream,
        )
    )
    return set(rows.scalars())


def _is_held(table: Any) -> ColumnElement[bool]:
    states = (InboxState.HELD, InboxState.SET_ASIDE)
    return and_(table.c.state.in_(states), table.c.gate_id.is_not(None))


def any_held(connection: Connection, link: str) -> bool:
    """Whether anything of a link is held or set aside."""
    query = select(inbox.c.id).where(inbox.c.link == link, _is_held(inbox)).limit(1)
    return connection.execute(query).first() is not None


def newer(connection: Connection, link: str) -> dict[str, list[int]]:
    """Object → rows that hold newer content of records that are held, oldest first."""
    old, new = inbox.alias("old"), inbox.alias("new")
    rows = connection.execute(
        select(new.c.object, new.c.id)
        .distinct()
        .where(_one_record(link, old, new), old.c.fingerprint != new.c.fingerprint)
        .order_by(new.c.id)
    )
    found: dict[str, list[int]] = {}
    for object_name, row_id in rows:
        found.setdefault(object_name, []).append(row_id)
    return found


def replace_by_newer(connection: Connection, link: str) -> None:
    """Newer content of a record replaces what is held of it; the same once more changes nothing."""
    old, new = inbox.alias("old"), inbox.alias("new")
    one_record = _one_record(link, old, new)
    repeated = select(new.c.id).where(one_record, old.c.fingerprint == new.c.fingerprint)
    done(connection, connection.execute(repeated.distinct()).scalars().all())
    changed = select(old.c.id).where(one_record, old.c.fingerprint != new.c.fingerprint)
    done(connection, connection.execute(changed.distinct()).scalars().all())


def _one_record(link: str, old: Any, new: Any) -> ColumnElement[bool]:
    """A row that is held, and a newer one about its record."""
    return and_(
        *(old.c[name] == new.c[name] for name in ("link", "system", "stream", "native_id")),
        old.c.link == link,
        new.c.link == link,
        old.c.id < new.c.id,
        _is_held(old),
        new.c.state == InboxState.NEW,
        new.c["values"].is_not(None),
    )


def there_again(connection: Connection, tombstones: Sequence[Arrival]) -> set[tuple[str, str, str]]:
    """Of deleted records those of which something is held that was read after the deletion."""
    last: dict[tuple[str, str, str], int] = {}
    for arrival in tombstones:
        last[arrival.key] = max(arrival.id, last.get(arrival.key, 0))
    columns = (inbox.c.system, inbox.c.stream, inbox.c.native_id)
    found: set[tuple[str, str, str]] = set()
    for chunk in chunks(last):
        rows = connection.execute(
            select(inbox.c.id, *columns).where(
                tuple_(*columns).in_(chunk), _is_held(inbox), inbox.c.deleted.is_(False)
            )
        )
        for row in rows:
            key = (row.system, row.stream, row.native_id)
            if row.id > last[key]:
                found.add(key)
    return found


def admit(connection: Connection, link: str, arrivals: Sequence[Arrival]) -> set[int]:
    """Ids of the freshly read rows that must not go on: their records are held just as they are.

    What holds a record holds it whoever asks for it, so these rows are forgotten. A record that
    has changed since goes on, and what was held of it is forgotten.
    """
    fresh = {arrival.key: arrival.fingerprint for arrival in arrivals}
    outdated: list[int] = []
    held: set[tuple[str, str, str]] = set()
    for chunk in chunks(native_id for _, _, native_id in fresh):
        rows = connection.execute(
            select(inbox).where(inbox.c.link == link, _is_held(inbox), inbox.c.native_id.in_(chunk))
        )
        for row in rows:
            key = (row.system, row.stream, row.native_id)
            if fresh.get(key) == row.fingerprint:
                held.add(key)
            elif key in fresh:
                outdated.append(row.id)
    stopped = {arrival.id for arrival in arrivals if arrival.key in held}
    done(connection, [*outdated, *stopped])
    return stopped
