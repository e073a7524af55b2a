"""The first load of two full systems: its rows as they were looked at, and their bundles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from tandem.state.bulk import chunks, insert_new
from tandem.state.inbox import Arrival, InboxState, arrival_of
from tandem.state.tables import canonical, first_load, inbox


@dataclass(frozen=True, slots=True)
class Looked:
    """A row of the inbox as it was looked at ahead.

    Attributes:
        evidence: what is compared of it.
        found_by: its match keys.
        tied_by: names of records that it must not be parted from, its own among them.
    """

    inbox_id: int
    evidence: dict[str, Any]
    found_by: Sequence[str]
    tied_by: Sequence[str]


def _new(link: str, object_name: str) -> list[ColumnElement[bool]]:
    """Rows that say what a record holds and wait for nothing."""
    return [
        inbox.c.link == link,
        inbox.c.object == object_name,
        inbox.c.state == InboxState.NEW,
        inbox.c["values"].is_not(None),
        inbox.c.deleted.is_(False),
    ]


def is_first(connection: Connection, object_name: str) -> bool:
    """Whether nothing is known of this object yet, by any link."""
    known = select(canonical.c.id).where(canonical.c.object == object_name).limit(1)
    return connection.execute(known).first() is None


def size(connection: Connection, link: str, object_name: str) -> int:
    """How many rows there are to look at."""
    rows = select(func.count()).select_from(inbox).where(*_new(link, object_name))
    return connection.execute(rows).scalar_one()


def shares(connection: Connection, link: str, object_name: str, rows: int) -> list[tuple[int, int]]:
    """First and last id of every so many rows."""
    query = select(inbox.c.id).where(*_new(link, object_name)).order_by(inbox.c.id)
    ids = connection.execute(query).scalars().all()
    return [(chunk[0], chunk[-1]) for chunk in chunks(ids, rows)]


def arrivals(
    connection: Connection, link: str, object_name: str, share: tuple[int, int]
) -> Iterator[list[Arrival]]:
    """The rows of a share, a few hundred at a time."""
    first, last = share
    query = (
        select(inbox)
        .where(*_new(link, object_name), inbox.c.id.between(first, last))
        .order_by(inbox.c.id)
    )
    yield from chunks(map(arrival_of, connection.execute(query)))


def add(connection: Connection, link: str, object_name: str, looked: Iterable[Looked]) -> None:
    """Note what was seen; a second look at a row changes nothing."""
    rows = [
        {
            "inbox_id": row.inbox_id,
            "link": link,
            "object": object_name,
            "evidence": row.evidence,
            "found_by": list(row.found_by),
            "tied_by": list(row.tied_by),
            "bundle": None,
        }
        for row in looked
    ]
    insert_new(connection, first_load, rows)


def looked_at(connection: Connection, link: str, object_name: str) -> Iterator[Looked]:
    """What was seen of the rows that have not been worked off since."""
    new = select(inbox.c.id).where(*_new(link, object_name))
    there = set(connection.execute(new).scalars())
    query = (
        select(first_load)
        .where(first_load.c.link == link, first_load.c.object == object_name)
        .order_by(first_load.c.inbox_id)
    )
    for row in connection.execute(query):
        if row.inbox_id in there:
            yield Looked(row.inbox_id, row.evidence, row.found_by, row.tied_by)


def bundle(connection: Connection, bundles: Sequence[Sequence[int]]) -> None:
    """Say which rows are settled together: the first bundle is number 0."""
    for number, ids in enumerate(bundles):
        for chunk in chunks(ids):
            connection.execute(
                update(first_load).where(first_load.c.inbox_id.in_(chunk)).values(bundle=number)
            )


def claim(
    connection: Connection, link: str, object_name: str, number: int, limit: int
) -> list[Arrival]:
    """The oldest rows of a bundle that can be worked off."""
    rows = connection.execute(
        select(inbox)
        .join(first_load, first_load.c.inbox_id == inbox.c.id)
        .where(
            first_load.c.link == link,
            first_load.c.object == object_name,
            first_load.c.bundle == number,
            inbox.c.state == InboxState.NEW,
        )
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return [arrival_of(row) for row in rows]


def forget(connection: Connection, link: str, object_name: str, number: int | None = None) -> None:
    """Forget what was seen of a bundle's rows, or of all."""
    rows = delete(first_load).where(first_load.c.link == link, first_load.c.object == object_name)
    if number is not None:
        rows = rows.where(first_load.c.bundle == number)
    connection.execute(rows)
