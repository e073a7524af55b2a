"""Quarantine: records that could not be brought into canonical form, kept whole for a replay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, tuple_

from tandem.state.bulk import chunks, upsert
from tandem.state.tables import quarantine


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that could not be normalised, and why.

    Attributes:
        reasons: canonical field → stable reason codes; free of values.
        payload: the native row as it came.
    """

    link: str
    object: str
    system: str
    stream: str
    native_id: str
    reasons: dict[str, list[str]]
    payload: dict[str, Any]
    since: datetime | None = None


def put(
    connection: Connection, records: Sequence[Quarantined], at: datetime, run_id: str | None
) -> None:
    """Keep records; a newer payload of the same record replaces the older one."""
    rows = [
        {
            "system": r.system,
            "stream": r.stream,
            "native_id": r.native_id,
            "link": r.link,
            "object": r.object,
            "reasons": r.reasons,
            "payload": r.payload,
            "since": at,
            "run_id": run_id,
        }
        for r in records
    ]
    upsert(connection, quarantine, rows)


def lift(connection: Connection, keys: Iterable[tuple[str, str, str]]) -> None:
    """Let records go that could be normalised after all; keys are (system, stream, id)."""
    for chunk in chunks(keys):
        connection.execute(
            delete(quarantine).where(
                tuple_(quarantine.c.system, quarantine.c.stream, quarantine.c.native_id).in_(chunk)
            )
        )


def among(
    connection: Connection, keys: Iterable[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Those of these records that are in quarantine; keys are (system, stream, id)."""
    columns = (quarantine.c.system, quarantine.c.stream, quarantine.c.native_id)
    found: set[tuple[str, str, str]] = set()
    for chunk in chunks(keys):
        rows = connection.execute(select(*columns).where(tuple_(*columns).in_(chunk)))
        found.update((r.system, r.stream, r.native_id) for r in rows)
    return found


def listing(connection: Connection, link: str | None = None, limit: int = 100) -> list[Quarantined]:
    """Quarantined records, oldest first."""
    query = select(quarantine).order_by(quarantine.c.since).limit(limit)
    if link:
        query = query.where(quarantine.c.link == link)
    return [_quarantined(row) for row in connection.execute(query)]


def get(connection: Connection, key: tuple[str, str, str]) -> Quarantined | None:
    """The record with this (system, stream, id), if it is in quarantine."""
    columns = (quarantine.c.system, quarantine.c.stream, quarantine.c.native_id)
    row = connection.execute(select(quarantine).where(tuple_(*columns) == key)).one_or_none()
    return _quarantined(row) if row else None


def _quarantined(row: Any) -> Quarantined:
    return Quarantined(
        row.link,
        row.object,
        row.system,
        row.stream,
        row.native_id,
        row.reasons,
        row.payload,
        row.since,
    )


def count(connection: Connection, link: str) -> int:
    """How many records of a link are in quarantine."""
    return connection.execute(
        select(func.count()).select_from(quarantine).where(quarantine.c.link == link)
    ).scalar_one()
