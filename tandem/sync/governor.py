"""The governor: no call leaves for a system before it has been allowed, by budget and by mood.

Every connector of a pipeline is wrapped, so the stages call it as before:

    connector.write(…) ──► enough calls taken? ──► system.write(…) ──► what it took is reckoned
                      └──► QuotaWaitError, SystemDownError: nothing was called, the work waits

In the normal case that costs a subtraction: calls are taken from the database in blocks, and what
other workers have found out about a system is looked up every two seconds. A call that takes more
requests than it ever did before is reckoned afterwards; from then on as many are taken in advance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from connectors.base import (
    Capabilities,
    Connector,
    Cursor,
    Deferred,
    Entry,
    Metered,
    Page,
    Record,
    StreamSpec,
    SystemInfo,
    Write,
    WriteResult,
)
from connectors.errors import (
    RateLimitedError,
    RecordError,
    RetryableError,
    StopRunError,
    UnknownOutcomeError,
)
from tandem.clock import Clock
from tandem.state import quota
from tandem.state.database import Database
from tandem.state.quota import Budget, Priority
from tandem.sync.types import Link

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

FRESH = timedelta(seconds=2)
"""How long it may take until a worker knows that another one was asked to wait."""

PATIENCE = timedelta(seconds=20)
"""A wait for the rate that is no longer is slept through; any other work waits in the state.

A rate's bucket is full again after less, so no cycle ends for want of it: one that did would spend
what had come in meanwhile on looking around again, and never get to its work. A lease lasts longer.
"""


class QuotaWaitError(RateLimitedError):
    """Nothing was called: the system's budget, or its own wish, says to wait."""

    code = "quota.waiting"


class SystemDownError(RetryableError):
    """Nothing was called: the system was out of reach several times; it is tried again later."""

    code = "system.down"


@dataclass(slots=True)
class Held:
    """Calls that this worker has taken from a budget and not made yet."""

    calls: int
    taken_at: datetime


class Governor:
    """What one worker knows of the budgets of its systems.

    Args:
        database: the state, in which all workers share the budgets.
        clock: of the pipeline.
        systems: those that the worker calls.
        budgets: by system; one that has none is only watched for being out of reach.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        systems: Iterable[str],
        budgets: Mapping[str, Budget],
    ) -> None:
        self._database = database
        self._clock = clock
        self._systems = tuple(systems)
        self._budgets = budgets
        self._held: dict[tuple[str, Priority], Held] = {}
        self._waits: dict[str, tuple[datetime, str]] = {}
        self._looked_at: datetime | None = None
        self._failing: set[str] = set()
        self._cost: dict[tuple[str, str], int] = {}
        self._told: dict[str, tuple[int, int]] = {}

    def look(self, connection: Connection) -> None:
        """See what other workers have found out about the systems."""
        found = quota.troubles(connection, self._systems)
        self._waits = {s: (t.not_before, t.reason or "") for s, t in found.items() if t.not_before}
        self._failing = {system for system, trouble in found.items() if trouble.failures}
        self._looked_at = self._clock.now()

    def close(self) -> None:
        """Give back the calls that were taken and not made."""
        for system, priority in list(self._held):
            self._give_back(system, priority)

    def ready(self, system: str, priority: Priority) -> bool:
        """Whether a call to a system would be allowed."""
        try:
            self.admit(system, priority, "")
        except (QuotaWaitError, SystemDownError):
            return False
        return True

    def admit(self, system: str, priority: Priority, step: str) -> None:
        """Allow one step to call a system.

        Args:
            system: the system.
            priority: of the work.
            step: name of the kind of call; what it took before is taken in advance.

        Raises:
            QuotaWaitError: nobody may call it now, or the budget is spent.
            SystemDownError: it was out of reach and is not to be tried yet.
        """
        now = self._clock.now()
        if self._looked_at is None or now - self._looked_at >= FRESH:
            with self._database.begin() as connection:
                self.look(connection)
        if system in self._waits and self._waits[system][0] > now:
            raise _waiting(system, *self._waits[system], now)
        budget = self._budgets.get(system)
        if budget is None:
            return
        least = self._cost.get((system, step), 1)
        if self._drop_old(system, priority, budget, now) < least:
            self._take(system, priority, budget, least)

    def _take(self, system: str, priority: Priority, budget: Budget, least: int) -> None:
        self._give_back(system, priority)
        while True:
            now = self._clock.now()
            with self._database.begin() as connection:
                grant = quota.take(connection, system, budget, priority, least, now)
            if grant.until is None:
                self._held[system, priority] = Held(grant.calls, now)
                return
            if grant.reason != quota.RATE or grant.until - now > PATIENCE:
                raise _waiting(system, grant.until, grant.reason or "", now)
            self._clock.sleep((grant.until - now).total_seconds() + 0.001)

    def _drop_old(self, system: str, priority: Priority, budget: Budget, now: datetime) -> int:
        """Calls at hand; those held for too long would come on top of a later window."""
        held = self._held.get((system, priority))
        if held is None:
            return 0
        if budget.hold is not None and now - held.taken_at > budget.hold:
            self._give_back(system, priority)
            return 0
        return held.calls

    def _give_back(self, system: str, priority: Priority) -> None:
        held = self._held.pop((system, priority), None)
        if held is not None and held.calls:
            with self._database.begin() as connection:
                quota.spend(connection, system, -held.calls, self._clock.now())

    def spent(self, system: str, priority: Priority, step: str, calls: int) -> None:
        """Reckon what a step took."""
        key = (system, step)
        self._cost[key] = max(self._cost.get(key, 1), calls)
        held = self._held.get((system, priority))
        if held is None:
            return
        held.calls -= calls
        if held.calls < 0:
            with self._database.begin() as connection:
                quota.spend(connection, system, -held.calls, self._clock.now())
            held.calls = 0

    def told(self, system: str, used: int, limit: int) -> None:
        """Take over what a system says about its own quota, when it says something new."""
        known = self._told.get(system)
        # Our own calls are counted anyway: only a step that others may have part in is stored.
        if known is not None and known[1] == limit and abs(used - known[0]) < quota.BLOCK:
            return
        self._told[system] = (used, limit)
        held = sum(h.calls for (name, _), h in self._held.items() if name == system)
        with self._database.begin() as connection:
            quota.tell(connection, system, used, limit, held, self._clock.now())

    def answered(self, system: str) -> None:
        """A system is in reach."""
        if system in self._failing:
            self._failing.discard(system)
            self._change(system, lambda bucket, _now: bucket.answered())

    def failed(self, system: str) -> None:
        """A system was out of reach once more."""
        self._failing.add(system)
        self._change(system, lambda bucket, now: bucket.failed(now))

    def limited(self, system: str, retry_after: float) -> None:
        """A system asked to be left alone for so many seconds."""
        pause = timedelta(seconds=retry_after)
        self._change(system, lambda bucket, now: bucket.paused(now + pause, "retry_after"))
        log.info("system.paused", system=system, seconds=retry_after)

    def _change(
        self, system: str, change: Callable[[quota.Bucket, datetime], quota.Bucket]
    ) -> None:
        now = self._clock.now()
        with self._database.begin() as connection:
            bucket = change(quota.lock(connection, system, now), now)
            quota.save(connection, bucket, now)
        self._waits.pop(system, None)
        if bucket.not_before is not None and bucket.not_before > now:
            self._waits[system] = (bucket.not_before, bucket.reason or "")
        if bucket.failures:
            self._failing.add(system)


def _waiting(system: str, until: datetime, reason: str, now: datetime) -> RetryableError:
    left = (until - now).total_seconds()
    at = f"{until:%Y-%m-%d %H:%M:%S} UTC"
    if reason == quota.DOWN:
        return SystemDownError(
            f"system {system} was out of reach several times; it is tried again at {at}"
        )
    why = {
        quota.DAY: "the calls of the day that are not reserved for others are used",
        quota.RATE: "its rate is used",
    }.get(reason, "it asked to be left alone")
    return QuotaWaitError(f"system {system} is not called before {at}: {why}", retry_after=left)


def govern(link: Link, governor: Governor, priority: Priority) -> Link:
    """A link whose connectors ask the governor before they call their systems."""
    connectors: dict[str, Connector] = {
        system: Governed(connector, system, governor, priority)
        for system, connector in link.connectors.items()
    }
    return replace(link, connectors=connectors)


class Governed:
    """A connector that asks the governor first; see `Connector` for what the calls do."""

    def __init__(
        self, connector: Connector, system: str, governor: Governor, priority: Priority
    ) -> None:
        self._connector = connector
        self._system = system
        self._governor = governor
        self._priority = priority

    @contextmanager
    def _asked(self, step: str) -> Iterator[None]:
        self._governor.admit(self._system, self._priority, step)
        before = self._connector.calls
        try:
            yield
        except RateLimitedError as error:
            self._governor.limited(self._system, error.retry_after)
            raise
        except (RetryableError, UnknownOutcomeError):
            self._governor.failed(self._system)
            raise
        except (RecordError, StopRunError):
            # It answers, if only to say no.
            self._governor.answered(self._system)
            raise
        else:
            self._governor.answered(self._system)
        finally:
            calls = self._connector.calls - before
            self._governor.spent(self._system, self._priority, step, calls)
            if isinstance(self._connector, Metered) and self._connector.usage is not None:
                usage = self._connector.usage
                self._governor.told(self._system, usage.used, usage.limit)

    @property
    def capabilities(self) -> Capabilities:
        """See `Connector`."""
        return self._connector.capabilities

    @property
    def calls(self) -> int:
        """See `Connector`."""
        return self._connector.calls

    def check(self) -> SystemInfo:
        """See `Connector`."""
        with self._asked("check"):
            return self._connector.check()

    def streams(self) -> Sequence[str]:
        """See `Connector`."""
        with self._asked("streams"):
            return self._connector.streams()

    def describe(self, stream: str) -> StreamSpec:
        """See `Connector`."""
        with self._asked("describe"):
            return self._connector.describe(stream)

    def read_changes(
        self, stream: str, columns: Sequence[str], cursor: Cursor | None
    ) -> Iterator[Page]:
        """See `Connector`; every page is asked for."""
        with self._asked("page"):
            pages = iter(self._connector.read_changes(stream, columns, cursor))
            page = next(pages, None)
        while page is not None:
            yield page
            with self._asked("page"):
                page = next(pages, None)

    def cursor_at(self, stream: str, moment: datetime) -> Cursor:
        """See `Connector`."""
        return self._connector.cursor_at(stream, moment)

    def read(self, stream: str, columns: Sequence[str], native_ids: Sequence[str]) -> list[Record]:
        """See `Connector`."""
        with self._asked("read"):
            return self._connector.read(stream, columns, native_ids)

    def find(self, stream: str, key: str) -> str | None:
        """See `Connector`."""
        with self._asked("find"):
            return self._connector.find(stream, key)

    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        """See `Connector`."""
        if not writes:
            return []
        with self._asked("write"):
            results = self._connector.write(stream, writes)
        pauses = [r.retry_after for r in results if isinstance(r, Deferred) and r.retry_after > 0]
        if pauses:
            self._governor.limited(self._system, max(pauses))
        return results

    def directory(self, name: str) -> Sequence[Entry]:
        """See `Connector`."""
        with self._asked("directory"):
            return self._connector.directory(name)

    def close(self) -> None:
        """See `Connector`."""
        self._connector.close()
