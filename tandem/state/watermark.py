"""Watermarks: how far each stream of a link has been read; moved with what was read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from connectors.base import Cursor
from tandem.state.bulk import upsert
from tandem.state.tables import watermark


def get(connection: Connection, link: str, system: str, stream: str) -> Cursor | None:
    """The committed position, None before the first read."""
    return connection.execute(
        select(watermark.c.cursor).where(
            watermark.c.link == link,
            watermark.c.system == system,
            watermark.c.stream == stream,
        )
    ).scalar()


def move(
    connection: Connection, link: str, system: str, stream: str, cursor: Cursor, at: datetime
) -> None:
    """Commit a position, in the transaction that stores what was read before it."""
    row: dict[str, Any] = {
        "link": link,
        "system": system,
        "stream": stream,
        "cursor": dict(cursor),
        "moved_at": at,
    }
    upsert(connection, watermark, [row])
