"""Deletions, from Tryton's log of events.

`ir.model.log` keeps a row for every party that a user deleted. Its field `resource` held
`party.party,17`; but once 17 is gone, Tryton answers null for it, to readers as to forms. Searching
still sees the stored text, so the id is spelled out by asking which rows match `party.party,1%`,
`party.party,_7%` and so on: four questions a digit, for any number of rows at once. That happens
only when there are deletions; a poll that finds none is one call, shared by the streams.

What a process inside the server deletes without checking access rights is not logged; a full
compare finds it. Ids are never used again, so a row that is read twice does no harm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.tryton.rpc import Rpc, native_time, utc_time
from connectors.tryton.streams import STREAMS

LOG = "ir.model.log"
_PREFIX = "party.party,"
_BITS = (1, 2, 4, 8)
_LONGEST = 18
_REMEMBERED = 50_000
_PARTIES = [["event", "=", "delete"], ["resource", "like", _PREFIX + "%"]]


@dataclass(frozen=True, slots=True)
class Deletion:
    """One party that was deleted.

    Attributes:
        log_id: id of the row in the log; rises with time.
        party: id of the party.
        at: when, UTC.
    """

    log_id: int
    party: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class _Poll:
    """One look at the log: everything above `after`, as of `at`."""

    at: datetime
    after: int
    found: tuple[Deletion, ...]


class DeletionLog:
    """Reads the log for all streams of one connector."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._known: dict[int, Deletion] = {}
        self._latest: _Poll | None = None
        self._suspicious: set[str] = set()

    def head(self) -> int:
        """Id of the latest deletion, 0 when there is none."""
        ids = self._rpc.read(LOG, "search", _PARTIES, 0, 1, [["id", "DESC"]])
        return max(ids, default=0)

    def suspect(self) -> None:
        """Something was just deleted: every stream is to look, whatever its schedule."""
        self._latest = None
        self._suspicious = set(STREAMS)

    def is_suspected(self, stream: str) -> bool:
        """Whether a stream has to look now. Answers True once per suspicion."""
        suspected = stream in self._suspicious
        self._suspicious.discard(stream)
        return suspected

    def after(self, log_id: int, fresh: datetime) -> tuple[datetime, Sequence[Deletion]]:
        """Deletions above a row of the log, in order, and the moment as of which they are all.

        Args:
            log_id: position in the log.
            fresh: a poll this recent, by the server's clock, need not be repeated.
        """
        latest = self._latest
        if latest is None or latest.at <= fresh or latest.after > log_id:
            at = self._rpc.server_now()
            latest = _Poll(at, log_id, self._read([["id", ">", log_id]]))
            self._latest = latest
        return latest.at, [found for found in latest.found if found.log_id > log_id]

    def since(self, moment: datetime) -> tuple[datetime, Sequence[Deletion]]:
        """Deletions from a moment on, in order, and the moment as of which they are all."""
        at = self._rpc.server_now()
        return at, self._read([["create_date", ">=", native_time(moment)]])

    def _read(self, domain: list[Any]) -> tuple[Deletion, ...]:
        rows = self._rpc.read(
            LOG, "search_read", [*_PARTIES, *domain], 0, None, [["id", "ASC"]], ["create_date"]
        )
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        unknown = [row["id"] for row in rows if row["id"] not in self._known]
        parties = self._parties(unknown)
        times = {row["id"]: utc_time(row["create_date"]) for row in rows}
        self._known |= {i: Deletion(i, party, times[i]) for i, party in parties.items()}
        return tuple(self._known[i] for i in times if i in self._known)

    def _parties(self, log_ids: Iterable[int]) -> dict[int, int]:
        """Row of the log → the party it is about."""
        spelled = dict.fromkeys(log_ids, "")
        going = set(spelled)
        for position in range(_LONGEST):
            if not going:
                break
            digits = self._digits(going, position)
            going = set(digits)
            for log_id, digit in digits.items():
                spelled[log_id] += str(digit)
        return {log_id: int(text) for log_id, text in spelled.items() if text}

    def _digits(self, log_ids: Collection[int], position: int) -> dict[int, int]:
        """The digit that each row has at a position; rows whose id is shorter are left out."""
        codes = dict.fromkeys(log_ids, 0)
        for bit in _BITS:
            patterns = [
                f"{_PREFIX}{'_' * position}{digit}%" for digit in range(10) if (digit + 1) & bit
            ]
            domain = [
                ["id", "in", sorted(log_ids)],
                ["OR", *(["resource", "like", pattern] for pattern in patterns)],
            ]
            for log_id in self._rpc.read(LOG, "search", domain, 0, None, None):
                codes[log_id] |= bit
        return {log_id: code - 1 for log_id, code in codes.items() if code}
