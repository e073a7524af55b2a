"""Quota: what may still be asked of a system today and now, shared by all workers.

One row per system. Calls are counted against two budgets, of which a *reserve* for other
applications is never touched:

    a day     `per_day` calls, or fewer when the system itself says so; starts anew at 00:00 UTC
    a rate    a bucket that refills evenly, small enough that no window holds more than its calls

Live work may use all of what is not reserved; a backfill stops at its own share, so that an edit
made while it runs always finds calls left. The same row holds until when *nobody* may call the
system: because it said so (`Retry-After`), or because it has been out of reach several times.

Workers take calls in blocks, before they make them. What a worker that died had taken counts as
used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection, or_, select, update

from tandem.state.bulk import insert_new
from tandem.state.tables import quota

BURST = 0.2
"""Share of a rate's calls that may leave at once; the others are spread over its window."""

HOLD = 1 / 6
"""Share of a rate's window for which a worker may hold calls that it has taken."""

BLOCK = 25
"""Calls of a day taken at once, at most: what is lost when a worker dies."""

TOLERATED = 3
"""Failures in a row after which a system counts as out of reach."""

LONGEST_PAUSE = timedelta(minutes=10)
"""Longest pause between two tries of a system that is out of reach."""

ASK_AGAIN = timedelta(minutes=5)
"""When to look again at a budget that only the system itself knows."""

DOWN = "down"
RATE = "rate"
DAY = "day"


class Priority(IntEnum):
    """Who goes first when calls are scarce."""

    LIVE = 0
    BACKFILL = 1


@dataclass(frozen=True, slots=True)
class Budget:
    """What is configured for one system.

    Attributes:
        rate: calls per `window`; None for no limit.
        per_day: calls per day (UTC); None for no limit but what the system tells.
        reserve: share of both that is left to other applications.
        backfill: share of what is not reserved that a backfill may use.
    """

    rate: int | None = None
    window: timedelta = timedelta(minutes=1)
    per_day: int | None = None
    reserve: float = 0.2
    backfill: float = 0.5

    @property
    def hold(self) -> timedelta | None:
        """How long calls may be held once taken; None for as long as one likes."""
        return self.window * HOLD if self.rate else None

    @property
    def capacity(self) -> int:
        """Most calls that may leave at once.

        >>> Budget(rate=100).capacity
        16
        """
        return max(1, int((self.rate or 0) * (1 - self.reserve) * BURST))

    @property
    def refill(self) -> float:
        """Calls that the bucket gains per second."""
        span = self.window * (1 + HOLD)
        return max((self.rate or 0) * (1 - self.reserve) - self.capacity, 1) / span.total_seconds()


@dataclass(frozen=True, slots=True)
class Grant:
    """Calls that may be made now; none of them before `until` when there are too few."""

    calls: int
    until: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """The state of one system's budgets. See the table's module for the period.

    Attributes:
        day: when the present day began.
        used: calls taken by us in it.
        told_used, told_limit: calls of everybody, as the system last told them.
        since_told: calls taken by us since then.
        tokens: calls in the bucket of the rate; None before the first.
        failures: how often in a row the system was out of reach.
        not_before, reason: until when nobody calls the system, and why.
    """

    system: str
    day: datetime
    used: int = 0
    told_used: int | None = None
    told_limit: int | None = None
    since_told: int = 0
    tokens: float | None = None
    refilled_at: datetime | None = None
    day_limit: int | None = None
    reserved: int | None = None
    failures: int = 0
    not_before: datetime | None = None
    reason: str | None = None

    def used_by_all(self) -> int:
        """Calls of the day, those of other applications included where the system tells."""
        told = None if self.told_used is None else self.told_used + self.since_told
        return max(self.used, told or 0)

    def at(self, budget: Budget, now: datetime) -> Bucket:
        """As of now: a new day has begun, the bucket has filled up."""
        bucket = self
        if _day(now) > self.day:
            bucket = replace(
                bucket, day=_day(now), used=0, told_used=None, told_limit=None, since_told=0
            )
        limits = [n for n in (budget.per_day, bucket.told_limit) if n is not None]
        limit = min(limits, default=None)
        bucket = replace(
            bucket,
            day_limit=limit,
            reserved=None if limit is None else limit - int(limit * (1 - budget.reserve)),
        )
        if not budget.rate:
            return replace(bucket, tokens=None, refilled_at=None)
        tokens = float(budget.capacity)
        if bucket.tokens is not None and bucket.refilled_at is not None:
            gained = max((now - bucket.refilled_at).total_seconds(), 0) * budget.refill
            tokens = min(bucket.tokens + gained, tokens)
        return replace(bucket, tokens=tokens, refilled_at=now)

    def spend(self, calls: int) -> Bucket:
        """So many calls are taken; fewer than none gives them back."""
        return replace(
            self,
            used=max(self.used + calls, 0),
            since_told=max(self.since_told + calls, 0),
            tokens=None if self.tokens is None else self.tokens - calls,
        )

    def grant(self, budget: Budget, priority: Priority, least: int, now: datetime) -> Grant:
        """What may be taken of a bucket that is up to date: a block, or nothing.

        Args:
            budget: as configured.
            priority: of the work.
            least: calls that the next step needs.
            now: the present moment.
        """
        if self.not_before is not None and self.not_before > now:
            return Grant(0, self.not_before, self.reason)
        wanted = max(least, BLOCK)
        if self.day_limit is not None and self.reserved is not None:
            usable = self.day_limit - self.reserved
            if priority is Priority.BACKFILL:
                usable = int(usable * budget.backfill)
            left = usable - self.used_by_all()
            if left < least:
                told_only = budget.per_day is None
                until = now + ASK_AGAIN if told_only else self.day + timedelta(days=1)
                return Grant(0, until, DAY)
            # Small blocks towards the end: what one worker holds another may need.
            wanted = min(wanted, max(least, left // 20))
        if self.tokens is not None:
            floor = int(budget.capacity * (1 - budget.backfill)) * (priority is Priority.BACKFILL)
            least = min(least, max(budget.capacity - floor, 1))
            if self.tokens - floor < least:
                missing = least + floor - self.tokens
                return Grant(0, now + timedelta(seconds=missing / budget.refill), RATE)
            wanted = min(wanted, max(least, int((self.tokens - floor) / 4)))
        return Grant(wanted)

    def failed(self, now: datetime) -> Bucket:
        """Once more out of reach: after a few times in a row the pauses begin, and double."""
        failures = self.failures + 1
        if failures < TOLERATED:
            return replace(self, failures=failures)
        doublings = min(failures - TOLERATED, 20)
        pause = min(timedelta(seconds=2) * (1 << doublings), LONGEST_PAUSE)
        return replace(self, failures=failures).paused(now + pause, DOWN)

    def paused(self, until: datetime, reason: str) -> Bucket:
        """Nobody calls the system before a moment; a later one that is set already stays."""
        if self.not_before is not None and self.not_before >= until:
            return self
        return replace(self, not_before=until, reason=reason)

    def answered(self) -> Bucket:
        """The system is in reach."""
        if self.reason == DOWN:
            return replace(self, failures=0, not_before=None, reason=None)
        return replace(self, failures=0)


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


_NAMES = [f.name for f in fields(Bucket)]


def lock(connection: Connection, system: str, now: datetime) -> Bucket:
    """The bucket of a system, to be changed in this transaction by nobody else."""
    new: dict[str, Any] = dict.fromkeys(_NAMES)
    new |= {"system": system, "day": _day(now), "used": 0, "since_told": 0, "failures": 0}
    insert_new(connection, quota, [new | {"changed_at": now}])
    row = connection.execute(select(quota).where(quota.c.system == system).with_for_update()).one()
    return Bucket(**{name: getattr(row, name) for name in _NAMES})


def save(connection: Connection, bucket: Bucket, now: datetime) -> None:
    """Store a bucket that was locked."""
    values = {name: getattr(bucket, name) for name in _NAMES if name != "system"}
    connection.execute(
        update(quota).where(quota.c.system == bucket.system).values(**values, changed_at=now)
    )


def take(
    connection: Connection,
    system: str,
    budget: Budget,
    priority: Priority,
    least: int,
    now: datetime,
) -> Grant:
    """Take a block of calls, before they are made. See `Bucket.grant`."""
    bucket = lock(connection, system, now).at(budget, now)
    grant = bucket.grant(budget, priority, least, now)
    save(connection, bucket.spend(grant.calls), now)
    return grant


def spend(connection: Connection, system: str, calls: int, now: datetime) -> None:
    """Calls made beyond those taken; fewer than none gives back what was not needed."""
    save(connection, lock(connection, system, now).spend(calls), now)


def tell(
    connection: Connection, system: str, used: int, limit: int, held: int, now: datetime
) -> None:
    """Take over the system's own figures; calls of other applications are in them.

    Args:
        connection: of the state.
        system: the system.
        used: calls of everybody that it counted.
        limit: calls that it allows.
        held: calls that the worker who was told has taken and not made.
        now: the present moment.
    """
    bucket = lock(connection, system, now)
    told = replace(bucket, told_used=used, told_limit=limit, since_told=held)
    save(connection, told, now)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A system that is not to be called before a moment, or that did not answer of late."""

    failures: int
    not_before: datetime | None
    reason: str | None


def troubles(connection: Connection, systems: Iterable[str]) -> dict[str, Trouble]:
    """System → what workers have found out about it, where there is anything."""
    rows = connection.execute(
        select(quota.c.system, quota.c.failures, quota.c.not_before, quota.c.reason).where(
            quota.c.system.in_(list(systems)),
            or_(quota.c.failures > 0, quota.c.not_before.is_not(None)),
        )
    )
    return {row.system: Trouble(row.failures, row.not_before, row.reason) for row in rows}
