"""A CRM or ERP that misbehaves: the memory system with every fault that real ones have shown.

Set once, it stays:

    erp = FakeSystem(
        [text_stream("party", ["name", "phone"])], clock=clock, name="E",
        capabilities=replace(CAPABILITIES, look_back=timedelta(minutes=2)),
        precision=Precision.SECOND, skew=timedelta(minutes=10), tells_version=False,
        rewrite=lambda stream, values: {k: v.upper() for k, v in values.items()},
    )

Scripted, each step is used up by one call of that kind (None lets a call pass):

    erp.script("write", None, LostAnswer(), RateLimit(at=57, retry_after=30))
    crm.script("page", ShortPage())

Looked at afterwards: `rows`, `sent`, `events`, `calls`.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

from connectors.base import (
    Accepted,
    Capabilities,
    Column,
    Cursor,
    Deferred,
    Entry,
    Operation,
    Page,
    Record,
    Rejected,
    StreamSpec,
    SystemInfo,
    Unknown,
    Values,
    Write,
    WriteResult,
)
from connectors.errors import ConnectorError
from connectors.memory.system import CAPABILITIES, MemorySystem, Row
from tandem.clock import Clock


class Precision(Enum):
    """How the API shows the microseconds that the system keeps."""

    EXACT = "exact"
    SECOND = "second"  # cut off
    ROUNDED_UP = "rounded up"

    def show(self, stamp: datetime) -> datetime:
        if self is Precision.EXACT or stamp.microsecond == 0:
            return stamp
        cut = stamp.replace(microsecond=0)
        return cut if self is Precision.SECOND else cut + timedelta(seconds=1)


class Killed(BaseException):
    """The process died here; nothing may catch it but the test."""


# --- faults of one call -------------------------------------------------------------------------


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


class _Late(NamedTuple):
    """A transaction that has not committed yet; the number keeps the order of equals."""

    due: datetime
    number: int
    stamp: datetime
    stream: str
    native_id: str
    values: Values | None


class Merge(NamedTuple):
    """What it takes to undo a merge."""

    stream: str
    loser: str
    winner: str
    before: dict[str, dict[str, Any]]
    moved: list[tuple[str, str, str]]


class FakeSystem(MemorySystem):
    """See the module.

    Args:
        specs: the streams.
        clock: true time; `skew` is added to it.
        name: for crash points.
        capabilities: `search_lag` and `look_back` are really so long.
        directories: name → entries.
        precision: of the stamps it shows.
        skew: its clock minus true time.
        stamp_versions: the version token is the stamp as shown, hence as coarse.
        tells_version: answers of writes carry the new version.
        rewrite: stream, values → what is kept of them.
        automation: stream, native id, saved values → what a rule of the system, running as our own
            user, sets `automation_delay` after our write; None for nothing.
        reject: stream, write → a refusal, or None.
        at_point: told `<name>.write.before`, `.write.row`, `.write.after` and (a page was taken,
            another is asked for) `.page` as they pass; may raise `Killed`, or edit the system.
        quota: calls of the period that `check` reports as the limit.
    """

    def __init__(
        self,
        specs: Iterable[StreamSpec],
        *,
        clock: Clock,
        name: str = "fake",
        capabilities: Capabilities = CAPABILITIES,
        directories: Mapping[str, Sequence[Entry]] | None = None,
        precision: Precision = Precision.EXACT,
        skew: timedelta = timedelta(0),
        stamp_versions: bool = False,
        tells_version: bool = True,
        rewrite: Callable[[str, Values], Values] | None = None,
        automation: Callable[[str, str, Values], Values | None] | None = None,
        automation_delay: timedelta = timedelta(milliseconds=50),
        reject: Callable[[str, Write], Rejected | None] | None = None,
        at_point: Callable[[str], None] | None = None,
        quota: int | None = None,
    ) -> None:
        super().__init__(specs, capabilities, directories, lambda: clock.now() + self.skew)
        if precision is not Precision.EXACT and capabilities.look_back < timedelta(seconds=1):
            raise ValueError("a reader of whole seconds must look back at least one")
        self.name = name
        self.precision, self.skew = precision, skew
        self.stamp_versions, self.tells_version = stamp_versions, tells_version
        self.rewrite, self.reject, self.at_point = rewrite, reject, at_point
        self.automation, self.automation_delay = automation, automation_delay
        self.quota = quota
        self.sent: list[Sent] = []
        self.events: list[Event] = []
        self._script: dict[str, deque[Fault | None]] = defaultdict(deque)
        self._late: list[_Late] = []
        self._made_at: dict[tuple[str, str], datetime] = {}

    @property
    def writes(self) -> list[Write]:
        """Every write that reached the system, in order, carried out or not."""
        return [sent.write for sent in self.sent]

    def script(self, kind: str, *faults: Fault | None) -> None:
        """What becomes of the next calls of a kind: `write`, `page`, `read`, `find` or `check`."""
        self._script[kind].extend(faults)

    # --- people and rules at work in the system -----------------------------------------------

    def edit_late(
        self, stream: str, native_id: str, values: Values | None, delay: timedelta
    ) -> None:
        """A long transaction: stamped now, to be seen only after the delay; None deletes."""
        now = self.now()
        self._commit_at(now + delay, now, stream, native_id, values)

    def edit_quietly(self, stream: str, native_id: str, **columns: Any) -> None:
        """Straight into the database: neither stamp nor version moves."""
        self._stream(stream).rows[native_id].values.update(columns)

    def merge(self, stream: str, loser: str, winner: str) -> Merge:
        """Merge two records: gaps of the winner are filled, references move, the loser goes."""
        before = {i: self.rows(stream)[i] for i in (loser, winner)}
        gaps = {c: v for c, v in before[loser].items() if before[winner].get(c) in (None, "")}
        moved = [
            (other, native_id, column.name)
            for other, table in self._streams.items()
            for column in table.columns.values()
            if column.references == stream
            for native_id, values in self.rows(other).items()
            if values.get(column.name) == loser
        ]
        for other, native_id, column_name in moved:
            self.edit(other, native_id, {column_name: winner})
        self.edit(stream, winner, gaps)
        self.remove(stream, loser)
        return Merge(stream, loser, winner, before, moved)

    def unmerge(self, merge: Merge) -> None:
        """Take a merge back: both records as they were, references where they were."""
        for native_id, values in merge.before.items():
            blank = dict.fromkeys(self._stream(merge.stream).rows[native_id].values)
            self.edit(merge.stream, native_id, {**blank, **values})
        for other, native_id, column_name in merge.moved:
            self.edit(other, native_id, {column_name: merge.loser})

    def alter(self, stream: str, column: str, **changes: Any) -> None:
        """Change a column's `Column`; a new `name` renames it, `name=None` drops it."""
        table = self._stream(stream)
        old = table.columns.pop(column, None) or Column(column, changes["type"])
        if changes.get("name", column) is None:
            return
        new = table.columns[changes.get("name", column)] = replace(old, **changes)
        for row in table.rows.values():
            if column in row.values:
                row.values[new.name] = row.values.pop(column)

    # --- how it differs from a good system ----------------------------------------------------

    def commit(
        self, stream: str, native_id: str, values: Values | None, stamp: datetime | None = None
    ) -> Row:
        if stamp is None:
            self._commit_due()
        row = super().commit(stream, native_id, values, stamp)
        self._made_at.setdefault((stream, native_id), self.now())
        self.events.append(Event(stream, native_id, self.shown(row)[0], row.deleted))
        return row

    def rows(self, stream: str) -> dict[str, dict[str, Any]]:
        self._commit_due()
        return super().rows(stream)

    def saved(self, stream: str, values: Values) -> Values:
        return self.rewrite(stream, values) if self.rewrite else values

    def shown(self, row: Row) -> tuple[str, datetime]:
        stamp = self.precision.show(row.stamp)
        return (stamp.isoformat() if self.stamp_versions else str(row.number)), stamp

    def visible(self, stream: str, native_id: str) -> bool:
        return self.now() >= self._made_at[stream, native_id] + self.capabilities.search_lag

    # --- calls, with their faults -------------------------------------------------------------

    def check(self) -> SystemInfo:
        self._begin("check")
        info = super().check()
        return replace(info, clock_skew=self.skew, quota_used=self.calls, quota_limit=self.quota)

    def read_changes(
        self, stream: str, columns: Sequence[str], cursor: Cursor | None
    ) -> Iterator[Page]:
        return self._faulty(super().read_changes(stream, columns, cursor))

    def read(self, stream: str, columns: Sequence[str], native_ids: Sequence[str]) -> list[Record]:
        self._begin("read")
        return super().read(stream, columns, native_ids)

    def find(self, stream: str, key: str) -> str | None:
        self._begin("find")
        return super().find(stream, key)

    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        if not writes:
            return []
        fault = self._begin("write")
        self._pass("write.before")
        self.calls += 1
        results: list[WriteResult] = []
        for index, write in enumerate(writes):
            result = self._answer(fault, index) or self.carry_out(stream, write)
            if isinstance(fault, LostAnswer) and fault.at in (None, index):
                result = Unknown("connection lost")
            results.append(result)
            self.sent.append(Sent(stream, write, result))
            self._pass("write.row")
        self._pass("write.after")
        return results

    def carry_out(self, stream: str, write: Write) -> WriteResult:
        result = (self.reject and self.reject(stream, write)) or super().carry_out(stream, write)
        if not isinstance(result, Accepted):
            return result
        if self.automation and write.operation is not Operation.DELETE:
            values = self.automation(stream, result.native_id, write.values)
            if values is not None:
                due = self.now() + self.automation_delay
                self._commit_at(due, due, stream, result.native_id, values)
        return result if self.tells_version else replace(result, version=None)

    def _faulty(self, pages: Iterator[Page]) -> Iterator[Page]:
        self._commit_due()
        self._commit_due()
        for page in pages:
            fault = self._next_fault("page")
            if isinstance(fault, Fail):
                raise fault.error
            if isinstance(fault, ShortPage):
                cursor = page.cursor if self.capabilities.incremental or not fault.ends else {}
                yield Page(page.records[: fault.keep], cursor)
                if fault.ends:
                    return
            else:
                yield page
            self._pass("page")
            self._commit_due()

    def _answer(self, fault: Fault | None, index: int) -> WriteResult | None:
        """What the write at this index gets without being carried out; None when it is."""
        if isinstance(fault, RateLimit) and index >= fault.at:
            return Deferred("429", fault.retry_after)
        if isinstance(fault, LostAnswer) and not fault.committed and fault.at in (None, index):
            return Unknown("connection lost")
        return None

    def _begin(self, kind: str) -> Fault | None:
        """What every call begins with: due transactions commit, its fault leaves the script."""
        self._commit_due()
        fault = self._next_fault(kind)
        if isinstance(fault, Fail):
            self.calls += 1
            raise fault.error
        return fault

    def _next_fault(self, kind: str) -> Fault | None:
        return self._script[kind].popleft() if self._script[kind] else None

    def _commit_at(
        self, due: datetime, stamp: datetime, stream: str, native_id: str, values: Values | None
    ) -> None:
        late = _Late(due, next(self._sequence), stamp, stream, native_id, values)
        self._late = sorted([*self._late, late], key=lambda late: late[:2])

    def _commit_due(self) -> None:
        while self._late and self._late[0].due <= self.now():
            late = self._late.pop(0)
            self.commit(late.stream, late.native_id, late.values, late.stamp)

    def _pass(self, point: str) -> None:
        if self.at_point:
            self.at_point(f"{self.name}.{point}")


class Desk:
    """Somebody at work on one stream of a memory system; see `connectors.testing.Outside`."""

    def __init__(self, system: MemorySystem, stream: str) -> None:
        self._system, self._stream = system, stream

    def insert(self, values: Values) -> str:
        return self._system.insert(self._stream, values)

    def edit(self, native_id: str, values: Values) -> None:
        self._system.edit(self._stream, native_id, values)

    def remove(self, native_id: str) -> None:
        self._system.remove(self._stream, native_id)
