"""What has been asked of each system, what is left, and which ones wait."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from tandem.state.outbox import PushState
from tandem.state.tables import lease, outbox, quota


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """One system's calls of the day (UTC), and whether it may be called.

    Attributes:
        used: calls of the day; those of other applications are in it where the system tells.
        limit: calls of the day that there are; None where neither it nor its quota says.
        reserved: of these, the calls left to other applications.
        told: the system itself told how many are used.
        failures: how often in a row it was out of reach.
        waits_until: nobody calls it before; None while it may be called.
        reason: why: `retry_after` (it asked to be left alone) or `down` (out of reach).
        unsent: writes that are decided and wait to be sent to it.
    """

    system: str
    used: int
    limit: int | None
    reserved: int | None
    told: bool
    failures: int
    waits_until: datetime | None
    reason: str | None
    unsent: int

    @property
    def left(self) -> int | None:
        """Calls that we may still make today; None for as many as one likes."""
        if self.limit is None:
            return None
        return max(self.limit - (self.reserved or 0) - self.used, 0)


def quotas_of(
    connection: Connection, *, now: datetime, systems: Iterable[str] | None = None
) -> list[QuotaStatus]:
    """Systems that were ever limited, counted or out of reach, by name; of `systems` if given."""
    # Named by their leases, links lead to the few writes that wait by an index.
    waiting: dict[str, int] = dict(
        connection.execute(
            select(outbox.c.system, func.count())
            .where(outbox.c.state == PushState.INTENDED, outbox.c.link.in_(select(lease.c.link)))
            .group_by(outbox.c.system)
        ).all()
    )
    query = select(quota).order_by(quota.c.system)
    if systems is not None:
        query = query.where(quota.c.system.in_(list(systems)))
    found = []
    for row in connection.execute(query):
        today = now - row.day < timedelta(days=1)
        told = today and row.told_used is not None
        waits = row.not_before is not None and row.not_before > now
        found.append(
            QuotaStatus(
                system=row.system,
                used=max(row.used, row.told_used + row.since_told if told else 0) if today else 0,
                limit=row.day_limit if row.day_limit is not None else row.told_limit,
                reserved=row.reserved,
                told=told,
                failures=row.failures,
                waits_until=row.not_before if waits else None,
                reason=row.reason if waits else None,
                unsent=waiting.get(row.system, 0),
            )
        )
    return found
