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

Looked at afterwards: `rows`, `sent`, `events`, `calls`, and `history`, every change of every record
and who made it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
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
from connectors.memory.system import CAPABILITIES, MemorySystem, Row
from tandem.chaos.faults import (
    Change,
    Event,
    Fail,
    Fault,
    LostAnswer,
    Precision,
    RateLimit,
    Sent,
    ShortPage,
)
from tandem.chaos.meter import Meter
from tandem.clock import Clock
from tandem.state.quota import Budget


class _Late(NamedTuple):
    """A transaction that has not committed yet; the number keeps the order of equals."""

    due: datetime
    number: int
    stamp: datetime
    stream: str
    native_id: str
    values: Values | None


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
        quota: what it allows; `check` tells that of the day. Calls beyond are counted, not refused.
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
        quota: Budget | None = None,
    ) -> None:
        super().__init__(specs, capabilities, directories, lambda: clock.now() + self.skew)
        if precision is not Precision.EXACT and capabilities.look_back < timedelta(seconds=1):
            raise ValueError("a reader of whole seconds must look back at least one")
        self.name = name
        self.precision, self.skew = precision, skew
        self.stamp_versions, self.tells_version = stamp_versions, tells_version
        self.rewrite, self.reject, self.at_point = rewrite, reject, at_point
        self.automation, self.automation_delay = automation, automation_delay
        self.meter = Meter(quota or Budget())
        self.sent: list[Sent] = []
        self.events: list[Event] = []
        self.history: list[Change] = []
        self._ours: str | None = None
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

    def calm(self) -> None:
        """Forget what is still in the script: from now on every call goes well."""
        self._script.clear()

    # --- people and rules at work in the system -----------------------------------------------

    def edit_late(
        self, stream: str, native_id: str, values: Values | None, delay: timedelta
    ) -> None:
        """A long transaction: stamped now, to be seen only after the delay; None deletes."""
        now = self.now()
        self._commit_at(now + delay, now, stream, native_id, values)

    def edit_quietly(self, stream: str, native_id: str, **columns: Any) -> None:
        """Straight into the database: neither stamp nor version moves."""
        before = self._held(stream, native_id)
        self._stream(stream).rows[native_id].values.update(columns)
        self._remember(stream, native_id, before)

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
        """What commits late comes in before this change."""
        if stamp is None:
            self._commit_due()
        before = self._held(stream, native_id)
        row = super().commit(stream, native_id, values, stamp)
        self._remember(stream, native_id, before)
        self._made_at.setdefault((stream, native_id), self.now())
        self.events.append(Event(stream, native_id, self.shown(row)[0], row.deleted))
        return row

    def rows(self, stream: str) -> dict[str, dict[str, Any]]:
        """What the system holds by now; see `MemorySystem`."""
        self._commit_due()
        return super().rows(stream)

    def saved(self, stream: str, values: Values) -> Values:
        """What `rewrite` makes of the values."""
        return self.rewrite(stream, values) if self.rewrite else values

    def shown(self, row: Row) -> tuple[str, datetime]:
        """Version and stamp, as coarse as `precision` and `stamp_versions` say."""
        stamp = self.precision.show(row.stamp)
        return (stamp.isoformat() if self.stamp_versions else str(row.number)), stamp

    def visible(self, stream: str, native_id: str) -> bool:
        """`find` sees a record only when the search lag has passed."""
        return self.now() >= self._made_at[stream, native_id] + self.capabilities.search_lag

    def called(self, times: int = 1) -> None:
        """See `MemorySystem`; its vendor counts, by true time."""
        super().called(times)
        self.meter.count(times, self.now() - self.skew)

    # --- calls, with their faults -------------------------------------------------------------

    def check(self) -> SystemInfo:
        """See `Connector`; tells the skew and the quota."""
        self._begin("check")
        info = super().check()
        limit = self.meter.quota.per_day
        return replace(info, clock_skew=self.skew, quota_used=self.calls, quota_limit=limit)

    def read_changes(
        self, stream: str, columns: Sequence[str], cursor: Cursor | None
    ) -> Iterator[Page]:
        """See `Connector`; faults of kind `page` strike each page."""
        return self._faulty(super().read_changes(stream, columns, cursor))

    def read(self, stream: str, columns: Sequence[str], native_ids: Sequence[str]) -> list[Record]:
        """See `Connector`; faults of kind `read`."""
        self._begin("read")
        return super().read(stream, columns, native_ids)

    def find(self, stream: str, key: str) -> str | None:
        """See `Connector`; faults of kind `find`."""
        self._begin("find")
        return super().find(stream, key)

    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        """See `Connector`; faults of kind `write`. Keeps the journal `sent`."""
        if not writes:
            return []
        fault = self._begin("write")
        self._pass("write.before")
        self.called()
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
        """Do one write, unless `reject` refuses it; an automation may follow."""
        self._ours = write.key
        result = (self.reject and self.reject(stream, write)) or super().carry_out(stream, write)
        self._ours = None
        if not isinstance(result, Accepted):
            return result
        if self.automation and write.operation in (Operation.CREATE, Operation.UPDATE):
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
            self.called()
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
        ours, self._ours = self._ours, None
        while self._late and self._late[0].due <= self.now():
            late = self._late.pop(0)
            row = self._stream(late.stream).rows.get(late.native_id)
            if row is None or not row.deleted:  # what was deleted meanwhile stays so
                self.commit(late.stream, late.native_id, late.values, late.stamp)
        self._ours = ours

    def _held(self, stream: str, native_id: str) -> Values | None:
        row = self._stream(stream).rows.get(native_id)
        return None if row is None or row.deleted else dict(row.values)

    def _remember(self, stream: str, native_id: str, before: Values | None) -> None:
        after = self._held(stream, native_id)
        at = self.now() - self.skew
        merged = after is None and self._stream(stream).rows[native_id].merged_into is not None
        self.history.append(Change(at, stream, native_id, before, after, self._ours, merged))

    def _pass(self, point: str) -> None:
        if self.at_point:
            self.at_point(f"{self.name}.{point}")
