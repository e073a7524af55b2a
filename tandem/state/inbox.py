"""The inbox: everything lands here before it is worked on, once per (record, version, content)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, select, tuple_, update

from connectors.base import Record
from tandem.state.bulk import chunks, insert_new
from tandem.state.tables import inbox, observed


class Cause(StrEnum):
    """Why a record is in the inbox."""

    POLL = "poll"
    COMPARE = "compare"  #: a full compare found it different or missing
    HINT = "hint"  #: somebody said that it changed: read it again
    DECISION = "decision"  #: a person decided something about it
    REPLAY = "replay"  #: a person asked for another try


class InboxState(StrEnum):
    """Where an inbox row stands."""

    NEW = "new"
    PARKED = "parked"  #: waits for the record it refers to
    IN_REVIEW = "in_review"  #: waits for a person to say which record it is
    HELD = "held"  #: a deletion above the ceiling
    DEFERRED = "deferred"  #: its system could not be read just now; the next cycle tries again


@dataclass(frozen=True, slots=True)
class Arrival:
    """One row of the inbox. `record` is None for a hint: it must be read from its system."""

    id: int
    object: str
    system: str
    stream: str
    native_id: str
    record: Record | None
    fingerprint: str
    cause: Cause
    received_at: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        """(system, stream, native id)."""
        return (self.system, self.stream, self.native_id)


def fingerprint(record: Record) -> str:
    """Digest of a record's content; tells two edits apart that share a coarse version."""
    content = orjson.dumps(
        [record.deleted, record.values], option=orjson.OPT_SORT_KEYS, default=str
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
) -> int:
    """Store what is news; what was seen like this before is dropped. Returns how many."""
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
    return len(news)


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
        {
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
        for object_name, system, stream, native_id in dict.fromkeys(keys)
    ]
    insert_new(connection, inbox, rows)


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
            return [_arrival(row) for row in rows]
    return []


def _arrival(row: Any) -> Arrival:
    record = None
    if row.values is not None:
        record = Record(
            row.stream, row.native_id, row.version, row.modified_at, row.values, row.deleted
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
    )


def done(connection: Connection, ids: Iterable[int]) -> None:
    """Forget rows that have been worked off."""
    for chunk in chunks(ids):
        connection.execute(delete(inbox).where(inbox.c.id.in_(chunk)))


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


def drop_for(connection: Connection, keys: Iterable[tuple[str, str, str]]) -> None:
    """Forget rows of records that newer rows replace while they wait for a person."""
    for chunk in chunks(keys):
        connection.execute(
            delete(inbox).where(
                tuple_(inbox.c.system, inbox.c.stream, inbox.c.native_id).in_(chunk),
                inbox.c.state == InboxState.IN_REVIEW,
            )
        )


def counts(connection: Connection, link: str) -> dict[str, int]:
    """Rows of a link by state."""
    rows = connection.execute(
        select(inbox.c.state, func.count()).where(inbox.c.link == link).group_by(inbox.c.state)
    )
    return dict(rows.all())


def tombstones(connection: Connection, link: str) -> dict[tuple[str, str], list[int]]:
    """Ids of the deletions waiting to be worked on, by (object, system)."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in connection.execute(
        select(inbox.c.id, inbox.c.object, inbox.c.system).where(
            inbox.c.link == link,
            inbox.c.state == InboxState.NEW,
            inbox.c.deleted,
            inbox.c.cause.in_([Cause.POLL, Cause.COMPARE]),
        )
    ):
        found.setdefault((row.object, row.system), []).append(row.id)
    return found
