"""Time and ids are injected, so that a test or a chaos run decides both."""

from __future__ import annotations

import random
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Source of the current moment."""

    def now(self) -> datetime:
        """Current moment, UTC with zone."""

    def sleep(self, seconds: float) -> None:
        """Wait; a test's clock moves instead."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Current moment, UTC with zone."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Block for so many seconds."""
        time.sleep(seconds)


class ManualClock:
    """A clock that stands still until it is told otherwise.

    >>> clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock.sleep(90); clock.now().isoformat()
    '2026-01-01T00:01:30+00:00'
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """The moment it was set to."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move on by so many seconds at once."""
        self._now += timedelta(seconds=seconds)

    advance = sleep


class IdSource(Protocol):
    """Source of identifiers that are never used twice."""

    def new(self) -> str:
        """A new id: 32 hexadecimal digits."""


class RandomIds:
    """Ids that no other process will ever make."""

    def new(self) -> str:
        """A new random id."""
        return uuid.uuid4().hex


class SeededIds:
    """Ids that a seed repeats, for tests and chaos runs.

    >>> SeededIds(7).new() == SeededIds(7).new()
    True
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  (repeatable by purpose, no secret)

    def new(self) -> str:
        """The next id of the seed's sequence."""
        return f"{self._random.getrandbits(128):032x}"
