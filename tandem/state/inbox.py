"""The inbox: everything lands here before it is worked on, once per (record, version, content)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, delete, exists, func, select, tuple_, update

from connectors.base import Record
from tandem.state import outbox
from tandem.state.bulk import chunks, insert_new
from tandem.state.chain import SideState
from tandem.state.tables import crosswalk, inbox, observed, same_record, waiting_key


class Cause(StrEnum):
    """Why a record is in the inbox."""

    POLL = "poll"
    COMPARE = "compare"  #: a full compare found it different or missing
    HINT = "hint"  #: somebody said that it changed: read it again
    DECISION = "decision"  #: a person decided something about it
    APPROVED = "approved"  #: a person let its deletion pass
    REPLAY = "replay"  #: a person asked for another try
    REFERENCE = "reference"  #: what it refers to has come after all


class News(NamedTuple):
    """How many records were news, and of those, how many we had not written ourselves."""

    arrived: int
    unannounced: int


class InboxState(StrEnum):
    """Where an inbox row stands."""

    NEW = "new"
    PARKED = "parked"  #: waits for the record it refers to
    AWAITED = "awaited"  #: went on without a reference; read again should its target come
    IN_REVIEW = "in_review"  #: waits for a person to say which record it is
    HELD = "held"  #: a deletion above the ceiling, or part of a batch that failed its gate
    SET_ASIDE = "set_aside"  #: a person dropped its batch; the next full compare reads it again
    DEFERRED = "deferred"  #: its system could not be read just now; the next cycle tries again


_WAITING = (InboxState.PARKED, InboxState.IN_REVIEW, InboxState.HELD, InboxState.SET_ASIDE)
"""States of rows that wait for a person or for another record, or that a person has set aside."""

_READINGS = (Cause.POLL, Cause.COMPARE)
"""Causes of rows that say what a record held when they were stored."""

_ON_THE_WAY = (InboxState.NEW, InboxState.DEFERRED, InboxState.PARKED)
"""States of rows that are worked off without anybody's leave."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One row of the inbox.

    Attributes:
        record: None for a hint: it must be read from its system.
        goes_on: it has waited for another record and now goes on without it.
        fresh: the record is as it was read from its system just now.
    """

    id: int
    object: str
    system: str
    stream: str
    native_id: str
    record: Record | None
    fingerprint: str
    cause: Cause
    received_at: datetime
    goes_on: bool = False
    fresh: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """(system, stream, native id)."""
        return (self.system, self.stream, self.native_id)


def fingerprint(record: Record) -> str:
    """Digest of a record's content; tells two edits apart that share a coarse version."""
    content = orjson.dumps(
        [record.deleted, record.values, *([record.merged_into] * bool(record.merged_into))],
        option=orjson.OPT_SORT_KEYS,
        default=str,
    )
    return blake2b(content, digest_size=16).hexdigest()


def waiting_for(key: tuple[str, str, str]) -> str:
    """Name of a record that parked rows wait for."""
    return "|".join(key)


def outcome_of(canonical_id: str) -> str:
    """Name of a write's outcome that parked rows wait for."""
    return f"outcome|{canonical_id}"


def _row(
    link: str, object_name: str, system: str, record: Record, cause: Cause, at: datetime, run: str
) -> dict[str, Any]:
    return {
        "link": link,
        "object": object_name,
        "system": system,
        "stream": record.stream,
        "native_id": record.native_id,
        "version": record.version,
        "fingerprint": fingerprint(record),
        "modified_at": record.modified_at,
        "values": dict(record.values),
        "deleted": record.deleted,
        "merged_into": record.merged_into,
        "cause": cause,
        "state": InboxState.NEW,
        "waiting_on": None,
        "received_at": at,
        "run_id": run,
    }


def add_records(
    connection: Connection,
    *,
    link: str,
    object_name: str,
    system: str,
    records: Sequence[Record],
    cause: Cause,
    at: datetime,
    run: str,
) -> News:
    """Store what is news; what was seen like this before is dropped."""
    rows = [_row(link, object_name, system, record, cause, at, run) for record in records]
    seen: dict[tuple[str, str], tuple[str | None, str]] = {}
    for chunk in chunks(row["native_id"] for row in rows):
        found = connection.execute(
            select(
                observed.c.stream, observed.c.native_id, observed.c.version, observed.c.fingerprint
            ).where(observed.c.system == system, observed.c.native_id.in_(chunk))
        )
        seen.update({(r.stream, r.native_id): (r.version, r.fingerprint) for r in found})
    news = [
        row
        for row in rows
        if seen.get((row["stream"], row["native_id"])) != (row["version"], row["fingerprint"])
    ]
    insert_new(connection, inbox, news)
    # A record without a fingerprint was written by us and has not been seen since: its echo.
    echoes = sum(seen.get((row["stream"], row["native_id"]), (None, "-"))[1] == "" for row in news)
    return News(len(news), len(news) - echoes)


def with_last_seen(
    connection: Connection, system: str, records: Sequence[Record], columns: Sequence[str]
) -> Sequence[Record]:
    """Records with what they were last seen to hold in columns that rest: they are not read now.

    So nothing is news for lacking them.
    """
    if not columns:
        return records
    native: dict[tuple[str, str], dict[str, Any]] = {}
    for chunk in chunks(record.native_id for record in records):
        found = connection.execute(
            select(observed.c.stream, observed.c.native_id, observed.c.native).where(
                observed.c.system == system, observed.c.native_id.in_(chunk)
            )
        )
        native.update({(r.stream, r.native_id): r.native for r in found})
    completed = []
    for record in records:
        seen = native.get((record.stream, record.native_id), {})
        kept = {c: seen[c] for c in columns if c in seen} if not record.deleted else {}
        completed.append(replace(record, values={**record.values, **kept}))
    return completed


def add_hints(
    connection: Connection,
    *,
    link: str,
    keys: Iterable[tuple[str, str, str, str]],
    cause: Cause,
    at: datetime,
) -> None:
    """Ask for records to be read and worked on again; keys are (object, system, stream, id)."""
    rows = [
        _hint(link, object_name, (system, stream, native_id), cause, at)
        for object_name, system, stream, native_id in dict.fromkeys(keys)
    ]
    insert_new(connection, inbox, rows)


def await_records(
    connection: Connection, link: str, awaited: Iterable[tuple[Arrival, str]], at: datetime
) -> None:
    """Have records read again when those arrive that they refer to; see `waiting_for`."""
    rows = [
        _hint(link, arrival.object, arrival.key, Cause.REFERENCE, at)
        | {"version": target, "state": InboxState.AWAITED, "waiting_on": target}
        for arrival, target in awaited
    ]
    insert_new(connection, inbox, rows)


def _hint(
    link: str, object_name: str, key: tuple[str, str, str], cause: Cause, at: datetime
) -> dict[str, Any]:
    system, stream, native_id = key
    return {
        "link": link,
        "object": object_name,
        "system": system,
        "stream": stream,
        "native_id": native_id,
        "version": "",
        "fingerprint": cause,
        "modified_at": None,
        "values": None,
        "deleted": False,
        "cause": cause,
        "state": InboxState.NEW,
        "waiting_on": None,
        "received_at": at,
        "run_id": None,
    }


def parked_on(connection: Connection, name: str) -> str | None:
    """Name of the record that a parked one waits for; both as `waiting_for` gives them.

    None as well where the name is that of an outcome: no record waits for itself there.
    """
    if name.count("|") < 2:
        return None
    system, stream, native_id = name.split("|", 2)
    return connection.execute(
        select(inbox.c.waiting_on)
        .where(
            inbox.c.system == system,
            inbox.c.stream == stream,
            inbox.c.native_id == native_id,
            inbox.c.state == InboxState.PARKED,
        )
        .limit(1)
    ).scalar()


def claim(
    connection: Connection, *, link: str, objects: Sequence[str], limit: int
) -> list[Arrival]:
    """The oldest rows to work on, objects in the given order: parents before children."""
    for object_name in objects:
        rows = connection.execute(
            select(inbox)
            .where(
                inbox.c.link == link,
                inbox.c.state == InboxState.NEW,
                inbox.c.object == object_name,
            )
            .order_by(inbox.c.id)
            .limit(limit)
        ).all()
        if rows:
            return [arrival_of(row) for row in rows]
    return []


def arrival_of(row: Any) -> Arrival:
    """A row of the table."""
    record = None
    if row.values is not None:
        record = Record(
            row.stream,
            row.native_id,
            row.version,
            row.modified_at,
            row.values,
            row.deleted,
            row.merged_into,
        )
    return Arrival(
        id=row.id,
        object=row.object,
        system=row.system,
        stream=row.stream,
        native_id=row.native_id,
        record=record,
        fingerprint=row.fingerprint,
        cause=Cause(row.cause),
        received_at=row.received_at,
        goes_on=row.waiting_on is not None,
    )


def done(connection: Connection, ids: Iterable[int]) -> None:
    """Forget rows that have been worked off, and let go what has waited beside them."""
    for chunk in chunks(ids):
        connection.execute(delete(inbox).where(inbox.c.id.in_(chunk)))
        keys = delete(waiting_key).where(waiting_key.c.inbox_id.in_(chunk))
        if connection.execute(keys).rowcount:
            outbox.unpark_beside(connection, chunk)


def clear(connection: Connection, link: str, system: str) -> None:
    """Forget every row about a system, whatever it waits for."""
    rows = select(inbox.c.id).where(inbox.c.link == link, inbox.c.system == system)
    done(connection, connection.execute(rows).scalars().all())


def set_aside(
    connection: Connection, ids: Iterable[int], state: InboxState, waiting_on: str | None = None
) -> None:
    """Take rows out of the queue until `release` puts them back."""
    for chunk in chunks(ids):
        connection.execute(
            update(inbox).where(inbox.c.id.in_(chunk)).values(state=state, waiting_on=waiting_on)
        )


def release(connection: Connection, waiting_on: Iterable[str]) -> int:
    """Put rows back into the queue that wait for any of these. Returns how many."""
    count = 0
    for chunk in chunks(waiting_on):
        count += connection.execute(
            update(inbox)
            .where(inbox.c.waiting_on.in_(chunk))
            .values(state=InboxState.NEW, waiting_on=None)
        ).rowcount
    return count


def retry_deferred(connection: Connection, link: str) -> None:
    """Put rows back into the queue whose system could not be read."""
    connection.execute(
        update(inbox)
        .where(inbox.c.link == link, inbox.c.state == InboxState.DEFERRED)
        .values(state=InboxState.NEW)
    )


def waiting(
    connection: Connection, keys: Iterable[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Those of these records whose news wait for a person or for another record."""
    columns = (inbox.c.system, inbox.c.stream, inbox.c.native_id)
    found: set[tuple[str, str, str]] = set()
    for chunk in chunks(keys):
        rows = connection.execute(
            select(*columns).where(tuple_(*columns).in_(chunk), inbox.c.state.in_(_WAITING))
        )
        found.update((r.system, r.stream, r.native_id) for r in rows)
    return found


def drop_for(connection: Connection, keys: Iterable[tuple[str, str, str]]) -> None:
    """Forget rows of records that newer rows replace while they wait for a person."""
    for chunk in chunks(keys):
        rows = select(inbox.c.id).where(
            tuple_(inbox.c.system, inbox.c.stream, inbox.c.native_id).in_(chunk),
            inbox.c.state == InboxState.IN_REVIEW,
        )
        done(connection, connection.execute(rows).scalars().all())


def drop_overtaken(connection: Connection, worked: Sequence[Arrival]) -> None:
    """Forget older readings of records that wait: for another record, or for their turn.

    Later they would be taken for news. A deletion is overtaken by a record that is there.

    Args:
        connection: the state.
        worked: what has just been worked off; what was read just now is newer than any row.
    """
    last: dict[tuple[str, str, str], Arrival] = {}
    fresh: set[tuple[str, str, str]] = set()
    for arrival in worked:
        last[arrival.key] = arrival
        if arrival.fresh:
            fresh.add(arrival.key)
    columns = (inbox.c.system, inbox.c.stream, inbox.c.native_id)
    overtaken: list[int] = []
    for chunk in chunks(last):
        rows = connection.execute(
            select(inbox.c.id, inbox.c.state, inbox.c.deleted, *columns).where(
                tuple_(*columns).in_(chunk),
                inbox.c.state.in_(_ON_THE_WAY),
                inbox.c.cause.in_(_READINGS),
            )
        )
        for row in rows:
            key = (row.system, row.stream, row.native_id)
            record = last[key].record
            there = record is not None and not record.deleted
            older = row.id < last[key].id and row.state != InboxState.NEW
            if (key in fresh or older) and (there or not row.deleted):
                overtaken.append(row.id)
    done(connection, overtaken)


def counts(connection: Connection, link: str) -> dict[str, int]:
    """Rows of a link by state."""
    rows = connection.execute(
        select(inbox.c.state, func.count()).where(inbox.c.link == link).group_by(inbox.c.state)
    )
    return dict(rows.all())


def waiting_count(connection: Connection, waiting_on: str) -> int:
    """How many rows wait for this."""
    query = select(func.count()).select_from(inbox).where(inbox.c.waiting_on == waiting_on)
    return connection.execute(query).scalar_one()


def tombstones(connection: Connection, link: str) -> dict[tuple[str, str], list[int]]:
    """Ids of the deletions of linked records waiting to be worked on, by (object, system).

    Those that a person has let pass are not among them.
    """
    approval = inbox.alias("approval")
    approved = exists().where(
        same_record(approval, inbox),
        approval.c.link == link,
        approval.c.state == InboxState.NEW,
        approval.c.cause == Cause.APPROVED,
    )
    found: dict[tuple[str, str], list[int]] = {}
    for row in connection.execute(
        select(inbox.c.id, inbox.c.object, inbox.c.system)
        .join(crosswalk, same_record(inbox, crosswalk))
        .where(
            inbox.c.link == link,
            inbox.c.state == InboxState.NEW,
            inbox.c.deleted,
            crosswalk.c.state == SideState.LINKED,
            ~approved,
        )
    ):
        found.setdefault((row.object, row.system), []).append(row.id)
    return found
