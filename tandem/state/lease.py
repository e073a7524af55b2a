"""Leases: one worker at a time works on a link, and a late one finds itself fenced off.

Every lease carries a token that only ever grows. Whatever a worker stores or sends, it first proves
that its token is still the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select, update

from tandem.errors import FencedError
from tandem.state.bulk import insert_new
from tandem.state.tables import lease


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a link until it expires or is taken over."""

    link: str
    token: int
    holder: str


def acquire(
    connection: Connection, link: str, holder: str, now: datetime, duration: timedelta
) -> Lease | None:
    """Take the lease when it is free or has expired; None while another worker holds it."""
    insert_new(connection, lease, [{"link": link, "token": 0, "holder": "", "expires_at": now}])
    row = connection.execute(select(lease).where(lease.c.link == link).with_for_update()).one()
    if row.holder and row.holder != holder and row.expires_at > now:
        return None
    taken = Lease(link, row.token + 1, holder)
    connection.execute(
        update(lease)
        .where(lease.c.link == link)
        .values(token=taken.token, holder=holder, expires_at=now + duration)
    )
    return taken


def prove(connection: Connection, held: Lease, now: datetime, duration: timedelta) -> None:
    """Check that the lease is still ours and extend it, in the transaction it protects.

    Raises:
        FencedError: another worker took over.
    """
    extended = connection.execute(
        _EXTEND, {"held_link": held.link, "held_token": held.token, "until": now + duration}
    )
    if extended.rowcount != 1:
        raise _fenced(held)


def prove_beside(connection: Connection, held: Lease) -> None:
    """Check that the lease is still ours, at the end of the transaction that it protects.

    Several who share a token do not wait for each other; whoever takes the lease over waits until
    they have stored what they are about to.

    Raises:
        FencedError: another worker took over.
    """
    ours = select(lease.c.link).where(lease.c.link == held.link, lease.c.token == held.token)
    if connection.execute(ours.with_for_update(read=True)).first() is None:
        raise _fenced(held)


def pass_on(connection: Connection, held: Lease, holder: str, until: datetime) -> Lease:
    """Let somebody else hold the lease under the same token."""
    connection.execute(
        update(lease)
        .where(lease.c.link == held.link, lease.c.token == held.token)
        .values(holder=holder, expires_at=until)
    )
    return Lease(held.link, held.token, holder)


def _fenced(held: Lease) -> FencedError:
    return FencedError(
        f"link {held.link}: lease {held.token} of {held.holder} has passed to another worker"
    )


# Built once: this statement opens every transaction of a worker.
_EXTEND = (
    update(lease)
    .where(lease.c.link == bindparam("held_link"), lease.c.token == bindparam("held_token"))
    .values(expires_at=bindparam("until"))
)


def release(connection: Connection, held: Lease, now: datetime) -> None:
    """Give the lease back, if it is still ours."""
    connection.execute(
        update(lease)
        .where(lease.c.link == held.link, lease.c.token == held.token)
        .values(holder="", expires_at=now)
    )
