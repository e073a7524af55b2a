"""Counts a system's calls as its vendor would, and those that its quota did not allow."""

from __future__ import annotations

from collections import deque
from datetime import date, datetime

from tandem.state.quota import Budget


class Meter:
    """The calls of each day, and of every window of the rate; the reserve counts as allowed.

    >>> from datetime import UTC, timedelta
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> meter = Meter(Budget(rate=3, window=timedelta(seconds=10)))
    >>> for second in (0, 4, 8, 9, 15):
    ...     meter.count(1, noon + timedelta(seconds=second))
    >>> meter.beyond
    1

    Attributes:
        beyond: calls that were more than the quota allows.
    """

    def __init__(self, quota: Budget) -> None:
        self.quota = quota
        self.beyond = 0
        self._window: deque[datetime] = deque()
        self._today: date | None = None
        self._used = 0

    def count(self, calls: int, at: datetime) -> None:
        """So many calls come in at a moment; moments do not go back."""
        if at.date() != self._today:
            self._today, self._used = at.date(), 0
        for _ in range(calls):
            self._used += 1
            self._window.append(at)
            while self._window[0] <= at - self.quota.window:
                self._window.popleft()
            too_many = self.quota.per_day is not None and self._used > self.quota.per_day
            too_fast = self.quota.rate is not None and len(self._window) > self.quota.rate
            self.beyond += too_many or too_fast
