"""After a restore: the state is older than the systems, and every link has to catch up first.

What happened since the backup was taken is read again, because the watermarks are older. What we
*created* since then comes back as if somebody else had made it; so no link works anything off
before all of its streams have been read and such records have been recognised by the key that they
carry. One row stands for a stream that has still to be read.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select, update

from connectors.base import Operation
from tandem.state.outbox import PushState
from tandem.state.tables import lease, outbox, recovery, watermark

TOKENS_AHEAD = 1_000_000
"""Workers from before the restore hold tokens that the older state has not given out yet."""


def begin(connection: Connection, at: datetime) -> None:
    """Prepare a state that was just restored.

    Creates that were to be sent may have been sent since: they count as sent with an unknown
    outcome, also those that went out by themselves once their parent was there. Other writes may be
    sent twice without harm: they name the version that they change.
    """
    connection.execute(
        update(lease).values(token=lease.c.token + TOKENS_AHEAD, holder="", expires_at=at)
    )
    connection.execute(delete(recovery))
    streams = select(watermark.c.link, watermark.c.system, watermark.c.stream)
    rows = [row._asdict() | {"restored_at": at} for row in connection.execute(streams)]
    if rows:
        connection.execute(insert(recovery), rows)
    connection.execute(
        update(outbox)
        .where(
            or_(
                outbox.c.state.in_([PushState.INTENDED, PushState.SENDING, PushState.PARKED]),
                (outbox.c.state == PushState.REJECTED) & outbox.c.waiting_on.is_not(None),
            ),
            outbox.c.operation == Operation.CREATE,
        )
        .values(state=PushState.UNKNOWN, not_before=None, waiting_on=None)
    )


def catching_up(connection: Connection, link: str, streams: Set[tuple[str, str]]) -> bool:
    """Whether a link has not caught up with a restore yet.

    `streams` are the (system, stream) pairs that it reads now; others need not be read any more.
    """
    left = _streams(connection, link)
    needless = {key for key, read in left.items() if not read} - streams
    for system, stream in needless:
        connection.execute(
            delete(recovery).where(
                recovery.c.link == link,
                recovery.c.system == system,
                recovery.c.stream == stream,
            )
        )
    return bool(left.keys() - needless)


def all_read(connection: Connection, link: str, streams: Set[tuple[str, str]]) -> bool:
    """Whether each of these streams of a link has been read since the restore."""
    left = _streams(connection, link)
    return all(left.get(stream, True) for stream in streams)


def _streams(connection: Connection, link: str) -> dict[tuple[str, str], bool]:
    """Streams of a restored link, and whether they have been read since."""
    rows = connection.execute(
        select(recovery.c.system, recovery.c.stream, recovery.c.read_at).where(
            recovery.c.link == link
        )
    )
    return {(row.system, row.stream): row.read_at is not None for row in rows}


def read(connection: Connection, link: str, system: str, stream: str, at: datetime) -> None:
    """A stream has been read up to now."""
    connection.execute(
        update(recovery)
        .where(recovery.c.link == link, recovery.c.system == system, recovery.c.stream == stream)
        .values(read_at=at)
    )


def end(connection: Connection, link: str) -> None:
    """The link has caught up."""
    connection.execute(delete(recovery).where(recovery.c.link == link))
