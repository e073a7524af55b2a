"""The sandbox's own clock: it may run ahead or behind, and it ticks in whole seconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache

SECOND_MS = 1000


class SandboxClock:
    """Milliseconds since 1970, truncated to `precision_ms`.

    Salesforce stamps rows in whole seconds, so the default truncates: many rows share one stamp,
    and a reader that pages by time alone loses some of them here as it would there.

    Attributes:
        offset_s: seconds added to the machine's clock, to play a system whose clock is wrong.
        precision_ms: 1000 for whole seconds, 1 for milliseconds.
    """

    def __init__(self, *, offset_s: float = 0.0, precision_ms: int = SECOND_MS) -> None:
        self.offset_s = offset_s
        self.precision_ms = precision_ms

    def now_ms(self) -> int:
        """Return the sandbox's time."""
        raw = int((time.time() + self.offset_s) * SECOND_MS)
        return raw - raw % self.precision_ms

    def http_date(self) -> str:
        """Return the time as the `Date` header of a response."""
        return formatdate(time.time() + self.offset_s, usegmt=True)


@lru_cache(maxsize=65536)
def render_datetime(stamp_ms: int) -> str:
    """Write a stamp as the API does.

    >>> render_datetime(1603400603000)
    '2020-10-22T21:03:23.000+0000'
    """
    moment = datetime.fromtimestamp(stamp_ms // SECOND_MS, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{stamp_ms % SECOND_MS:03d}+0000"


def parse_datetime(text: str) -> int:
    """Read an ISO 8601 date-time with an offset into a stamp.

    >>> parse_datetime("2020-10-22T23:03:23.000+0200")
    1603400603000

    Raises:
        ValueError: not a date-time, or one without an offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = "a date-time needs an offset"
        raise ValueError(msg)
    return round(moment.timestamp() * SECOND_MS)
