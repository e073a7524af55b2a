"""What waits in the inbox, and what the twin of each record finds it by.

Rows wait for another record, for the outcome of a write, for a person to say who they are, or in a
batch that is held. Their keys stay until they are worked off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update

from tandem.state.bulk import chunks, insert_new, one_of
from tandem.state.inbox import Arrival, InboxState, arrival_of, outcome_of
from tandem.state.tables import inbox, waiting_key

_KEYS = 5_000
"""Match keys that are looked up at a time."""

_STANDING = (InboxState.HELD, InboxState.SET_ASIDE, InboxState.IN_REVIEW)
_MET = (InboxState.PARKED, InboxState.NEW, *_STANDING)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that waits.

    Attributes:
        stays: it cannot go on alone: its batch is held or set aside, a person is asked who it is,
            or it may be what a write of ours has made whose answer was lost.
    """

    arrival: Arrival
    stays: bool


def note_keys(connection: Connection, object_name: str, keys: Mapping[int, Sequence[str]]) -> None:
    """What rows are found by that wait, should their twin come meanwhile."""
    rows = [
        {"object": object_name, "key": key, "inbox_id": row_id}
        for row_id, found in keys.items()
        for key in found
    ]
    insert_new(connection, waiting_key, rows)


def any_wait(connection: Connection, object_name: str) -> bool:
    """Whether a record of an object waits where its twin may find it."""
    query = select(waiting_key.c.key).where(waiting_key.c.object == object_name).limit(1)
    return connection.execute(query).first() is not None


def by_key(
    connection: Connection,
    link: str,
    object_name: str,
    system: str,
    keys: Iterable[str],
    most: int,
) -> dict[str, list[Waiting]]:
    """Match key → rows about a system's records that have it and wait.

    Rows that wait no longer and have not been worked off yet are among them.

    Args:
        connection: the state.
        link: whose rows.
        object_name: of what.
        system: where the records stand.
        keys: what to look for.
        most: a key that more rows have says too little, and finds none.
    """
    if not any_wait(connection, object_name):
        return {}
    of_object = waiting_key.c.object == object_name
    telling: list[str] = []
    for chunk in chunks(dict.fromkeys(keys), _KEYS):
        telling += connection.execute(
            select(waiting_key.c.key)
            .where(of_object, one_of(connection, waiting_key.c.key, chunk))
            .group_by(waiting_key.c.key)
            .having(func.count() <= most)
        ).scalars()
    having: dict[int, list[str]] = {}
    for chunk in chunks(telling, _KEYS):
        found = connection.execute(
            select(waiting_key.c.inbox_id, waiting_key.c.key)
            .where(of_object, one_of(connection, waiting_key.c.key, chunk))
            .order_by(waiting_key.c.inbox_id, waiting_key.c.key)
        )
        for row_id, key in found:
            having.setdefault(row_id, []).append(key)
    waiting: dict[str, list[Waiting]] = {}
    for ids in chunks(sorted(having)):
        rows = connection.execute(
            select(inbox)
            .where(
                inbox.c.id.in_(ids),
                inbox.c.link == link,
                inbox.c.system == system,
                inbox.c.state.in_(_MET),
            )
            .order_by(inbox.c.id)
        )
        for row in rows:
            each = Waiting(arrival_of(row), row.state in _STANDING or _in_doubt(row))
            for key in having[row.id]:
                waiting.setdefault(key, []).append(each)
    return waiting


def _in_doubt(row: Any) -> bool:
    return row.state == InboxState.PARKED and str(row.waiting_on).startswith(outcome_of(""))


def go_on(connection: Connection, ids: Iterable[int]) -> None:
    """Put rows back into the queue that go on without the record that they wait for."""
    for chunk in chunks(ids):
        connection.execute(
            update(inbox)
            .where(inbox.c.id.in_(chunk), inbox.c.state == InboxState.PARKED)
            .values(state=InboxState.NEW)
        )
