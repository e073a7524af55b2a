"""A well-behaved system in memory, fast enough to show what the engine costs.

Each stream keeps its rows in a dict and, beside it, a log of (stamp, sequence, native id) in
order. A change appends to the log; the row remembers its last sequence, so older entries of the log
are known to be stale. Reading changes is a bisection and a walk: an idle cycle scans nothing.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, NamedTuple

from connectors.base import (
    Accepted,
    Capabilities,
    Column,
    ColumnType,
    Cursor,
    Entry,
    Gone,
    Idempotency,
    Operation,
    Page,
    Record,
    Rejected,
    Stale,
    StreamSpec,
    SystemInfo,
    Values,
    Write,
    WriteResult,
)
from connectors.errors import RecordError

CAPABILITIES = Capabilities(
    incremental=True,
    tombstones=True,
    idempotency=Idempotency.KEY,
    conditional_writes=True,
    clears_references=False,
)

_START = (datetime.min.replace(tzinfo=UTC), -1)


def text_stream(stream: str, columns: Iterable[str]) -> StreamSpec:
    """A stream of free-text columns.

    >>> list(text_stream("account", ["name", "phone"]).columns)
    ['name', 'phone']
    """
    return StreamSpec(stream, {name: Column(name, ColumnType.STRING) for name in columns})


@dataclass(slots=True)
class Row:
    """A record as the system keeps it."""

    values: dict[str, Any]
    stamp: datetime
    sequence: int
    number: int = 1  #: version
    deleted: bool = False
    merged_into: str | None = None


@dataclass(slots=True)
class Stream:
    """One stream's rows and the log of their changes."""

    columns: dict[str, Column]
    rows: dict[str, Row] = field(default_factory=dict)
    listing: list[str] = field(default_factory=list)  #: native ids in the order they were made
    log: list[tuple[datetime, int, str]] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)  #: idempotency key → native id


class Merge(NamedTuple):
    """What it takes to undo a merge: how the two were, and what referred to the loser."""

    stream: str
    loser: str
    winner: str
    before: dict[str, dict[str, Any]]
    moved: list[tuple[str, str, str]]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MemorySystem:
    """See the module. Subclasses misbehave by overriding `saved`, `shown`, `visible` or a call.

    Args:
        specs: the streams.
        capabilities: what it can do; the system really does it, and no more.
        directories: name → entries.
        now: the system's clock, UTC.
    """

    def __init__(
        self,
        specs: Iterable[StreamSpec],
        capabilities: Capabilities = CAPABILITIES,
        directories: Mapping[str, Sequence[Entry]] | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.capabilities = capabilities
        self.calls = 0
        self.now = now
        self._streams = {spec.stream: Stream(dict(spec.columns)) for spec in specs}
        self._directories = dict(directories or {})
        self._sequence = count(1)
        self._native_ids = count(1)

    # --- people at work in the system -----------------------------------------------------------

    def insert(self, stream: str, values: Values | None = None, /, **columns: Any) -> str:
        """Somebody makes a record; its native id."""
        native_id = str(next(self._native_ids))
        self.commit(stream, native_id, {**(values or {}), **columns})
        return native_id

    def edit(
        self, stream: str, native_id: str, values: Values | None = None, /, **columns: Any
    ) -> None:
        """Somebody sets some columns of a record."""
        self.commit(stream, native_id, {**(values or {}), **columns})

    def remove(self, stream: str, native_id: str) -> None:
        """Somebody deletes a record."""
        self.commit(stream, native_id, None)

    def merge(self, stream: str, loser: str, winner: str) -> Merge:
        """Somebody merges two records: gaps are filled, references move, the loser goes."""
        before = {i: self.rows(stream)[i] for i in (loser, winner)}
        moved = [
            (other, native_id, name)
            for other, name in self._referring(stream)
            for native_id, values in self.rows(other).items()
            if values.get(name) == loser and not (other == stream and native_id in before)
        ]
        for other, native_id, name in moved:
            self.edit(other, native_id, {name: winner})
        gaps = self._gaps(stream, before[winner], before[loser], before)
        if gaps:
            self.edit(stream, winner, gaps)
        self._stream(stream).rows[loser].merged_into = winner
        self.commit(stream, loser, None)
        return Merge(stream, loser, winner, before, moved)

    def _referring(self, stream: str) -> list[tuple[str, str]]:
        return [
            (other, column.name)
            for other, table in self._streams.items()
            for column in table.columns.values()
            if column.references == stream
        ]

    def _gaps(
        self, stream: str, kept: Values, given: Values, merged: Collection[str]
    ) -> dict[str, Any]:
        """What a merge changes in the record that stays, which does not come to name itself."""
        filled = {c: v for c, v in given.items() if kept.get(c) in (None, "") and v != ""}
        both = {**kept, **filled}
        own = [name for other, name in self._referring(stream) if other == stream]
        both |= {name: None for name in own if both.get(name) in merged}
        return {c: v for c, v in both.items() if v != kept.get(c)}

    def can_unmerge(self, merge: Merge) -> bool:
        """Whether the loser is still merged into the winner, and the winner is still there."""
        rows = self._stream(merge.stream).rows
        loser, winner = rows[merge.loser], rows[merge.winner]
        return loser.deleted and loser.merged_into == merge.winner and not winner.deleted

    def unmerge(self, merge: Merge) -> None:
        """Somebody takes a merge back: both records as they were, and what moved with the loser."""
        for native_id, values in merge.before.items():
            blank = dict.fromkeys(self._stream(merge.stream).rows[native_id].values)
            self.edit(merge.stream, native_id, {**blank, **values})
        for other, native_id, column_name in merge.moved:
            if self.rows(other).get(native_id, {}).get(column_name) == merge.winner:
                self.edit(other, native_id, {column_name: merge.loser})

    def rows(self, stream: str) -> dict[str, dict[str, Any]]:
        """What the system holds: native id → values, deleted records left out."""
        rows = self._stream(stream).rows
        return {native_id: dict(r.values) for native_id, r in rows.items() if not r.deleted}

    def commit(
        self, stream: str, native_id: str, values: Values | None, stamp: datetime | None = None
    ) -> Row:
        """Every change of a record ends here; None for the values deletes it."""
        table = self._stream(stream)
        row = table.rows.get(native_id)
        if stamp is None:  # a clock that is set back must not put a change before the cursors
            stamp = max(self.now(), table.log[-1][0]) if table.log else self.now()
        sequence = next(self._sequence)
        if row is None:
            row = table.rows[native_id] = Row({}, stamp, sequence)
            table.listing.append(native_id)
        else:
            row.stamp, row.sequence, row.number = stamp, sequence, row.number + 1
        row.deleted = values is None
        if values is not None:
            row.merged_into = None
            row.values.update(self.saved(stream, values))
        insort(table.log, (stamp, sequence, native_id))
        if len(table.log) > 2 * len(table.rows) + 1000:
            rows = table.rows
            table.log = [entry for entry in table.log if rows[entry[2]].sequence == entry[1]]
        return row

    # --- what a subclass may make worse -----------------------------------------------------------

    def saved(self, stream: str, values: Values) -> Values:  # noqa: ARG002 - for subclasses
        """What the system keeps of the values given."""
        return values

    def shown(self, row: Row) -> tuple[str, datetime]:
        """Version and stamp of a row as its API gives them."""
        return str(row.number), row.stamp

    def visible(self, stream: str, native_id: str) -> bool:  # noqa: ARG002 - for subclasses
        """`find` sees the record."""
        return True

    def called(self, times: int = 1) -> None:
        """Calls came in."""
        self.calls += times

    # --- Connector ------------------------------------------------------------------------------

    def check(self) -> SystemInfo:
        """See `Connector`."""
        self.called()
        return SystemInfo("in memory")

    def streams(self) -> Sequence[str]:
        """See `Connector`."""
        return tuple(self._streams)

    def describe(self, stream: str) -> StreamSpec:
        """See `Connector`."""
        self.called()
        return StreamSpec(stream, dict(self._stream(stream).columns))

    def read_changes(
        self, stream: str, columns: Sequence[str], cursor: Cursor | None
    ) -> Iterator[Page]:
        """See `Connector`."""
        self._check_columns(stream, columns)
        if self.capabilities.incremental:
            return self._changes(stream, columns, cursor or {})
        return self._listing(stream, columns, cursor or {})

    def cursor_at(self, stream: str, moment: datetime) -> Cursor:  # noqa: ARG002 - of the protocol
        """See `Connector`."""
        return {"after": [moment.isoformat(), -1]} if self.capabilities.incremental else {}

    def read(self, stream: str, columns: Sequence[str], native_ids: Sequence[str]) -> list[Record]:
        """See `Connector`."""
        self._check_columns(stream, columns)
        self.called(-(-len(native_ids) // self.capabilities.read_batch))
        rows = self._stream(stream).rows
        return [
            self._record(stream, native_id, rows[native_id], columns)
            if native_id in rows
            else Record(stream, native_id, "", None, {}, deleted=True)
            for native_id in dict.fromkeys(native_ids)
        ]

    def find(self, stream: str, key: str) -> str | None:
        """See `Connector`."""
        if self.capabilities.idempotency not in (Idempotency.EXTERNAL_ID, Idempotency.MARKER):
            raise RecordError("this system cannot find records by our key", code="memory.no_find")
        self.called()
        native_id = self._stream(stream).made.get(key)
        return native_id if native_id and self.visible(stream, native_id) else None

    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        """See `Connector`."""
        if not writes:
            return []
        self.called()
        return [self.carry_out(stream, write) for write in writes]

    def directory(self, name: str) -> Sequence[Entry]:
        """See `Connector`."""
        if name not in self._directories:
            raise RecordError(f"no directory {name!r}", code="memory.no_directory")
        self.called()
        return self._directories[name]

    def close(self) -> None:
        """See `Connector`; there is nothing to give back."""

    # --- one write ------------------------------------------------------------------------------

    def carry_out(self, stream: str, write: Write) -> WriteResult:
        """Do one write."""
        rejected = self._rejection(stream, write)
        if rejected:
            return rejected
        return _CARRY_OUT[write.operation](self, stream, write)

    def _create(self, stream: str, write: Write) -> WriteResult:
        table = self._stream(stream)
        known = table.made.get(write.key) if self._recognises_keys else None
        native_id = known or str(next(self._native_ids))
        if known and not table.rows[known].deleted:
            return self._accepted(known, table.rows[known])
        if known:  # what is made anew holds nothing of the record that was deleted
            table.rows[known].values.clear()
        table.made[write.key] = native_id
        return self._accepted(native_id, self.commit(stream, native_id, write.values))

    def _change(self, stream: str, write: Write) -> WriteResult:
        native_id = write.native_id or ""
        row = self._stream(stream).rows.get(native_id)
        if row is None or row.deleted:
            return Gone()
        if self._is_stale(row, write):
            return Stale()
        values = None if write.operation is Operation.DELETE else write.values
        return self._accepted(native_id, self.commit(stream, native_id, values))

    def _merge(self, stream: str, write: Write) -> WriteResult:
        native_id, into = write.native_id or "", write.into or ""
        row = self._stream(stream).rows.get(native_id)
        if row is not None and row.deleted and row.merged_into == into:
            return self._accepted(native_id, row)
        if row is None or row.deleted:
            return Gone()
        if self._is_stale(row, write):
            return Stale()
        if into == native_id or not self._holds(stream, into):
            return Rejected("NO_SURVIVOR", "there is no such record to merge into")
        self.merge(stream, native_id, into)
        return self._accepted(native_id, row)

    def _unmerge(self, stream: str, write: Write) -> WriteResult:
        native_id = write.native_id or ""
        row = self._stream(stream).rows.get(native_id)
        if row is None or (row.deleted and row.merged_into is None):
            return Gone()
        if row.deleted:
            self.commit(stream, native_id, {})
        return self._accepted(native_id, row)

    def _is_stale(self, row: Row, write: Write) -> bool:
        return (
            self.capabilities.conditional_writes
            and write.expected_version is not None
            and write.expected_version != self.shown(row)[0]
        )

    @property
    def _recognises_keys(self) -> bool:
        return self.capabilities.idempotency in (Idempotency.KEY, Idempotency.EXTERNAL_ID)

    def _accepted(self, native_id: str, row: Row) -> Accepted:
        return Accepted(native_id, self.shown(row)[0])

    def _rejection(self, stream: str, write: Write) -> Rejected | None:
        table = self._stream(stream)
        if write.operation is Operation.DELETE:
            if self.capabilities.deletes:
                return None
            return Rejected("NO_DELETE", "records of this system cannot be deleted")
        able = {Operation.MERGE: "merges", Operation.UNMERGE: "unmerges"}.get(write.operation)
        if able and stream not in getattr(self.capabilities, able):
            return Rejected("NO_MERGE", f"records of {stream} cannot be merged or unmerged")
        for name, value in write.values.items():
            code = self._fault_of(table.columns.get(name), value)
            if code:
                return Rejected(code, f"{code} on {name}", (name,))
        if write.operation is Operation.CREATE:
            missing = tuple(
                name
                for name, column in table.columns.items()
                if column.required and write.values.get(name) in (None, "")
            )
            if missing:
                return Rejected("REQUIRED", f"REQUIRED: {', '.join(missing)}", missing)
        return None

    def _fault_of(self, column: Column | None, value: Any) -> str | None:
        """What is wrong with a value for a column, as a vendor would code it."""
        if column is None:
            return "UNKNOWN_COLUMN"
        if not column.writable:
            return "READ_ONLY"
        if value in (None, ""):
            return "REQUIRED" if column.required else None
        faults = {
            "TOO_LONG": column.length is not None and len(str(value)) > column.length,
            "NOT_ALLOWED": column.allowed and value not in column.allowed,
            "NO_SUCH_REFERENCE": column.references and not self._holds(column.references, value),
        }
        return next((code for code, found in faults.items() if found), None)

    def _holds(self, stream: str, native_id: str) -> bool:
        row = self._stream(stream).rows.get(native_id)
        return row is not None and not row.deleted

    # --- reading --------------------------------------------------------------------------------

    def _changes(self, stream: str, columns: Sequence[str], cursor: Cursor) -> Iterator[Page]:
        """Pages of the log after a position; where rows commit late, the end is moved down.

        Mid-way a cursor holds the exact position and when the cycle began. A row that this cycle
        missed can only have been stamped in the look-back before that moment, so that is where
        the next cycle starts.
        """
        table = self._stream(stream)
        look_back = self.capabilities.look_back
        position = _position(cursor)
        began = cursor.get("began") or self.now().isoformat()
        tombstones, size = self.capabilities.tombstones, self.capabilities.read_batch
        while True:
            self.called()
            batch: list[Record] = []
            end = position
            # The log may have changed since the last page: go on by position, not by index.
            index = bisect_right(table.log, position, key=lambda entry: entry[:2])
            for stamp, sequence, native_id in _tail(table.log, index):
                row = table.rows[native_id]
                if row.sequence == sequence and (tombstones or not row.deleted):
                    if len(batch) == size:
                        break
                    batch.append(self._record(stream, native_id, row, columns))
                end = (stamp, sequence)
            else:
                break
            position = end
            yield Page(tuple(batch), {"after": [end[0].isoformat(), end[1]], "began": began})
        if look_back:
            floor = datetime.fromisoformat(began) - look_back
            end = max(_position(cursor), (floor, -1)) if "began" not in cursor else (floor, -1)
        yield Page(tuple(batch), {"after": [end[0].isoformat(), end[1]]})

    def _listing(self, stream: str, columns: Sequence[str], cursor: Cursor) -> Iterator[Page]:
        """Pages of all records in the order they were made; after the last, from the start."""
        table = self._stream(stream)
        start, size = int(cursor.get("from", 0)), self.capabilities.read_batch
        while True:
            self.called()
            ids = table.listing[start : start + size]
            start += size
            rows = ((i, table.rows[i]) for i in ids)
            records = tuple(
                self._record(stream, i, row, columns) for i, row in rows if not row.deleted
            )
            last = start >= len(table.listing)
            yield Page(records, {} if last else {"from": start})
            if last:
                return

    def _record(self, stream: str, native_id: str, row: Row, columns: Sequence[str]) -> Record:
        version, stamp = self.shown(row)
        if row.deleted:
            return Record(
                stream, native_id, version, stamp, {}, deleted=True, merged_into=row.merged_into
            )
        there = self._stream(stream).columns
        # A column that went after the call began is absent, as it is with real systems: not null.
        values = {c: row.values.get(c) for c in columns if c in there}
        return Record(stream, native_id, version, stamp, values)

    def _stream(self, stream: str) -> Stream:
        try:
            return self._streams[stream]
        except KeyError:
            raise RecordError(f"no stream {stream!r}", code="memory.no_stream") from None

    def _check_columns(self, stream: str, columns: Sequence[str]) -> None:
        unknown = [name for name in columns if name not in self._stream(stream).columns]
        if unknown:
            raise RecordError(
                f"stream {stream!r} has no column {', '.join(map(repr, unknown))}",
                code="memory.no_column",
            )


_CARRY_OUT = {
    Operation.CREATE: MemorySystem._create,
    Operation.UPDATE: MemorySystem._change,
    Operation.DELETE: MemorySystem._change,
    Operation.MERGE: MemorySystem._merge,
    Operation.UNMERGE: MemorySystem._unmerge,
}


def _position(cursor: Cursor) -> tuple[datetime, int]:
    if "after" not in cursor:
        return _START
    stamp, sequence = cursor["after"]
    return datetime.fromisoformat(stamp), sequence


def _tail(log: list[tuple[datetime, int, str]], index: int) -> Iterator[tuple[datetime, int, str]]:
    """The log from an index on, without copying it."""
    return (log[i] for i in range(index, len(log)))
