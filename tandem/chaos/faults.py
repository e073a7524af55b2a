"""What goes wrong between two systems, as values: each is one misbehaviour of one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from connectors.base import Values, Write, WriteResult
from connectors.errors import ConnectorError


class Precision(Enum):
    """How the API shows the microseconds that the system keeps."""

    EXACT = "exact"
    SECOND = "second"  # cut off
    ROUNDED_UP = "rounded up"

    def show(self, stamp: datetime) -> datetime:
        """A stamp as the API gives it."""
        if self is Precision.EXACT or stamp.microsecond == 0:
            return stamp
        cut = stamp.replace(microsecond=0)
        return cut if self is Precision.SECOND else cut + timedelta(seconds=1)


class Killed(BaseException):
    """The process died here; nothing may catch it but the driver."""


@dataclass(frozen=True)
class Fail:
    """The call does nothing and raises."""

    error: ConnectorError


@dataclass(frozen=True)
class LostAnswer:
    """The connection drops: for the whole call, or for the write at one index of it."""

    committed: bool = True
    at: int | None = None


@dataclass(frozen=True)
class RateLimit:
    """The writes from this index on are refused for now."""

    at: int = 0
    retry_after: float = 30.0


@dataclass(frozen=True)
class ShortPage:
    """A successful page that holds only the first of its records; the listing may end there."""

    keep: int = 0
    ends: bool = True


Fault = Fail | LostAnswer | RateLimit | ShortPage


class Sent(NamedTuple):
    """One write that reached the system, and what was answered."""

    stream: str
    write: Write
    result: WriteResult


class Event(NamedTuple):
    """What the system's webhook would say."""

    stream: str
    native_id: str
    version: str
    deleted: bool


class Change(NamedTuple):
    """One change of one record, as the system's own database would log it.

    Attributes:
        at: true time.
        before: the values until then; None when there was no record.
        after: the values from then on; None when it was deleted.
        ours: idempotency key of the write of ours that made it; None when somebody else did.
        merged: it went because it was merged into another record.
    """

    at: datetime
    stream: str
    native_id: str
    before: Values | None
    after: Values | None
    ours: str | None
    merged: bool = False
