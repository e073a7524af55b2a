"""The connector to a folder of CSV and XLSX files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.base import (
    Capabilities,
    Column,
    ColumnType,
    Cursor,
    Entry,
    Idempotency,
    Page,
    Record,
    StreamSpec,
    SystemInfo,
    Write,
    WriteResult,
)
from connectors.errors import ConnectorError, RecordError, RetryableError, StopRunError
from connectors.file.csv_sheet import CsvSheet
from connectors.file.edit import Edit, accepted
from connectors.file.scan import FAULTY, Layout, compare, good_lines, scan, summary
from connectors.file.settings import FileSettings
from connectors.file.sheet import Sheet, file_faults, locked, replace_file
from connectors.file.snapshot import Seen, Snapshot, State
from connectors.file.xlsx_sheet import XlsxSheet

SUFFIXES = frozenset({".csv", ".tsv", ".xlsx"})
ATTEMPTS = 3
"""Times that a write starts again because somebody saved the file meanwhile."""
UNSETTLED = timedelta(seconds=2)
"""A file saved so recently may be saved again without its time or size showing it."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _View:
    """A stream and its file as of the last look."""

    stream: str
    sheet: Sheet
    layout: Layout
    state: State
    signature: str

    def check(self, columns: Sequence[str]) -> None:
        """Refuse columns that are not in the header."""
        unknown = [name for name in columns if name not in self.layout.columns]
        if unknown:
            raise RecordError(
                f"{self.sheet.path.name} has no column {', '.join(map(repr, unknown))}",
                code="file.no_column",
            )

    def problem(self) -> ConnectorError | None:
        """What a person has to put right in this file."""
        name, state = self.sheet.path.name, self.state
        if state.vanished:
            return StopRunError(
                f"{name}: {state.vanished} of {state.known} known rows are missing; none of them "
                "is reported deleted. Restore the file, or confirm with the setting "
                f"accept_vanished: {{{self.stream}: {state.vanished}}}",
                code="file.rows_vanished",
            )
        if state.faults:
            return RecordError(f"{name}, {summary(state.faults)}", code="file.faulty_rows")
        return None

    def moved(self) -> RetryableError:
        return RetryableError(
            f"{self.sheet.path.name} was saved while it was read", code="file.changing"
        )


class FileConnector:
    """See the package. Lines that cannot be taken are reported after all others were read.

    Args:
        settings: the folder and how to read it.
        now: our clock, UTC.
    """

    def __init__(self, settings: FileSettings, now: Callable[[], datetime] = _utc_now) -> None:
        self.capabilities = Capabilities(
            incremental=True,
            tombstones=True,
            idempotency=Idempotency.EXTERNAL_ID,
            conditional_writes=True,
            read_batch=settings.read_batch,
            write_batch=2000,  # each call writes the whole file anew
        )
        self.calls = 0
        self._settings = settings
        self._now = now
        self._opened: Snapshot | None = None

    # --- what there is --------------------------------------------------------------------------

    def check(self) -> SystemInfo:
        """See `Connector`."""
        self.calls += 1
        count = len(self._files())
        return SystemInfo(f"folder of {count} CSV or XLSX file{'s' * (count != 1)}")

    def streams(self) -> Sequence[str]:
        """See `Connector`."""
        return tuple(sorted(self._files()))

    def describe(self, stream: str) -> StreamSpec:
        """See `Connector`."""
        self.calls += 1
        sheet = self._sheet(stream)
        with file_faults(sheet.path):
            layout = Layout.of(sheet, self._settings.key_of(stream))
        several = len(layout.key) > 1
        return StreamSpec(
            stream,
            {
                name: Column(
                    name,
                    ColumnType.STRING,
                    label=name,
                    length=sheet.longest,
                    required=several and name in layout.key,
                )
                for name in layout.columns
            },
        )

    def directory(self, name: str) -> Sequence[Entry]:
        """See `Connector`; a folder has none."""
        raise RecordError(f"a folder has no directory {name!r}", code="file.no_directory")

    def close(self) -> None:
        """See `Connector`."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    # --- reading --------------------------------------------------------------------------------

    def read_changes(
        self, stream: str, columns: Sequence[str], cursor: Cursor | None
    ) -> Iterator[Page]:
        """See `Connector`.

        Raises:
            StopRunError: after all pages, when too many rows have vanished.
            RecordError: after all pages, when there are faulty lines; it names them.
            RetryableError: the file was saved in the meantime.
        """
        view = self._look(stream)
        view.check(columns)
        state = view.state
        position = cursor if cursor and cursor["history"] == state.history else {}
        since = position.get("since", 0)
        same_file = position.get("file") == view.signature and position.get("top") == state.top
        done = position.get("row", 0) if same_file else 0
        midway = {
            "history": state.history,
            "since": since,
            "top": state.top,
            "file": view.signature,
        }
        batch: list[Record] = []
        with file_faults(view.sheet.path):
            for record in islice(self._changes(view, columns, since), done, None):
                if len(batch) == self._settings.read_batch:
                    yield Page(tuple(batch), {**midway, "row": done})
                    batch = []
                batch.append(record)
                done += 1
        yield Page(tuple(batch), {"history": state.history, "since": state.top})
        problem = view.problem()
        if problem:
            raise problem

    def cursor_at(self, stream: str, moment: datetime) -> Cursor:
        """See `Connector`."""
        state = self._snapshot.state(stream)
        return {"history": state.history, "since": self._snapshot.number_at(stream, moment)}

    def read(self, stream: str, columns: Sequence[str], native_ids: Sequence[str]) -> list[Record]:
        """See `Connector`.

        Raises:
            RecordError: a row is faulty.
            StopRunError: a row is among too many that have vanished.
        """
        view = self._look(stream)
        view.check(columns)
        seen = self._snapshot.seen(stream, list(native_ids))
        there = {i: s for i, s in seen.items() if s.hash is not None}
        if any(s.hash == FAULTY for s in there.values()):
            faults = [f for f in view.state.faults if f.native_id in there]
            raise RecordError(f"{view.sheet.path.name}, {summary(faults)}", code="file.faulty_rows")
        with file_faults(view.sheet.path):
            records = {r.native_id: r for r in self._rows(view, columns, there)} if there else {}
        return [
            records.get(native_id) or _tombstone(stream, native_id, seen.get(native_id))
            for native_id in dict.fromkeys(native_ids)
        ]

    def find(self, stream: str, key: str) -> str | None:
        """See `Connector`."""
        view = self._look(stream)
        found = self._snapshot.seen(stream, [key]).get(key)
        return key if len(view.layout.key) == 1 and found and found.hash is not None else None

    def _changes(self, view: _View, columns: Sequence[str], since: int) -> Iterator[Record]:
        """Rows changed after a number in the order of the file, then tombstones."""
        seen = self._snapshot.seen_since(view.stream, since)
        wanted = {i: s for i, s in seen.items() if s.hash != FAULTY}
        if wanted:
            yield from self._rows(view, columns, wanted)
        if since:  # who reads from the start never had what is gone
            for native_id, gone in self._snapshot.gone_since(view.stream, since):
                yield _tombstone(view.stream, native_id, gone)

    def _rows(
        self, view: _View, columns: Sequence[str], wanted: dict[str, Seen]
    ) -> Iterator[Record]:
        """These rows out of the file, which must still hold what was seen in it."""
        layout = view.layout
        indexes = [(name, layout.columns.index(name)) for name in columns]
        missing = len(wanted)
        for native_id, line in good_lines(view.sheet, layout):
            seen = wanted.get(native_id)
            if seen is None:
                continue
            if layout.hash(line.cells) != seen.hash:
                raise view.moved()
            missing -= 1
            values = {name: line.cells[index] for name, index in indexes}
            yield Record(view.stream, native_id, seen.version, seen.modified_at, values)
        if missing:
            raise (view.problem() if view.state.vanished else None) or view.moved()

    # --- writing --------------------------------------------------------------------------------

    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        """See `Connector`. The file is replaced as a whole, once for all writes.

        Whoever saves it between our last look and the replacement (microseconds apart) loses;
        no file system has a way around that.

        Raises:
            RetryableError: it is open in Excel, or others keep saving it; nothing was written.
        """
        if not writes:
            return []
        self.calls += 1
        path = self._path(stream)
        with file_faults(path), self._lock():
            for _ in range(ATTEMPTS):
                results = self._write_once(stream, writes)
                if results is not None:
                    return results
        raise RetryableError(f"{path.name} is being saved by others", code="file.changing")

    def _write_once(self, stream: str, writes: Sequence[Write]) -> list[WriteResult] | None:
        """One try; None when somebody saved the file before we did."""
        sheet = self._sheet(stream)
        view = self._refresh(sheet, stream)
        edit = Edit(sheet, view.layout, view.state)
        edit.load(writes, self._snapshot.seen(stream, edit.native_ids(writes)))
        outcomes = [edit.plan(write) for write in writes]
        if edit.changes:
            replaced = replace_file(
                sheet.path,
                partial(sheet.rewrite, edit.changes),
                lambda: self._signature(sheet.path, stream) == view.signature,
            )
            if not replaced:
                return None
        written = [outcome for outcome in outcomes if isinstance(outcome, str)]
        try:
            if edit.changes:
                self._refresh(self._sheet(stream), stream, removed_by_us=frozenset(edit.removed))
            seen = self._snapshot.seen(stream, written)
        except (ConnectorError, OSError):
            seen = {}  # written, but somebody saves the file right now: no version can be told
        return [accepted(o, seen.get(o)) if isinstance(o, str) else o for o in outcomes]

    # --- looking at a file ------------------------------------------------------------------------

    def _look(self, stream: str) -> _View:
        """The stream as it is now; costs one look at the file's size and time when it is quiet."""
        self.calls += 1
        sheet = self._sheet(stream)
        with file_faults(sheet.path):
            state = self._snapshot.state(stream)
            signature = self._signature(sheet.path, stream)
            newly_accepted = 0 < state.vanished == self._settings.accept_vanished.get(stream)
            if state.signature == signature and not newly_accepted:
                layout = Layout(state.columns, self._settings.key_of(stream))
                return _View(stream, sheet, layout, state, signature)
            with self._lock():
                return self._refresh(sheet, stream)

    def _refresh(
        self, sheet: Sheet, stream: str, removed_by_us: frozenset[str] = frozenset()
    ) -> _View:
        """Read the whole file and write down what is new; the lock must be held."""
        snapshot = self._snapshot
        signature = self._signature(sheet.path, stream)
        modified_at = datetime.fromtimestamp(sheet.path.stat().st_mtime, UTC)
        layout = Layout.of(sheet, self._settings.key_of(stream))
        now = scan(sheet, layout)
        if self._signature(sheet.path, stream) != signature:
            raise RetryableError(
                f"{sheet.path.name} was saved while it was read", code="file.changing"
            )
        before = snapshot.hashes(stream)
        difference = compare(
            before,
            now,
            removed_by_us=removed_by_us,
            vanish_percent=self._settings.vanish_percent,
            accepted=self._settings.accept_vanished.get(stream, 0),
        )
        settled = self._now() - modified_at > UNSETTLED
        state = replace(
            snapshot.state(stream),
            signature=signature if settled else "",
            columns=layout.columns,
            faults=tuple(now.faults),
            vanished=difference.vanished,
            known=len(before),
        )
        state = snapshot.advance(stream, state, difference.changed, difference.gone, modified_at)
        return _View(stream, sheet, layout, state, signature)

    def _signature(self, path: Path, stream: str) -> str:
        """Another one whenever the file, or how we read it, may be another one."""
        stat, settings = path.stat(), self._settings
        reading: tuple[Any, ...] = (
            path.name, settings.key_of(stream), settings.encoding, settings.delimiter,
            settings.sheet, settings.vanish_percent,
        )  # fmt: skip
        return f"{stat.st_ino}:{stat.st_size}:{stat.st_mtime_ns}:{reading}"

    def _files(self) -> dict[str, Path]:
        """Stream → its file."""
        found: dict[str, Path] = {}
        with file_faults(self._settings.path):
            for path in sorted(self._settings.path.iterdir()):
                # "~$name.xlsx" is Excel's note that somebody has the file open.
                if path.suffix.lower() not in SUFFIXES or path.name.startswith((".", "~$")):
                    continue
                if path.stem in found:
                    raise StopRunError(
                        f"{found[path.stem].name} and {path.name} would be one stream; rename one",
                        code="file.ambiguous",
                    )
                found[path.stem] = path
        return found

    def _path(self, stream: str) -> Path:
        path = self._files().get(stream)
        if path is None:
            raise RecordError(
                f"no file for stream {stream!r} in {self._settings.path}", code="file.no_stream"
            )
        return path

    def _sheet(self, stream: str) -> Sheet:
        path = self._path(stream)
        if path.suffix.lower() == ".xlsx":
            return XlsxSheet(path, self._settings.sheet)
        return CsvSheet(path, self._settings.encoding, self._settings.delimiter)

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self._state_folder() / "lock")

    @property
    def _snapshot(self) -> Snapshot:
        if self._opened is None:
            self._opened = Snapshot(self._state_folder() / "snapshot.sqlite")
        return self._opened

    def _state_folder(self) -> Path:
        folder = self._settings.state_folder
        with file_faults(folder):
            # Parents only of a folder that was asked for: an absent `path` is an absent share.
            folder.mkdir(exist_ok=True, parents=self._settings.state is not None)
        return folder


def _tombstone(stream: str, native_id: str, gone: Seen | None) -> Record:
    if gone is None:
        return Record(stream, native_id, "", None, {}, deleted=True)
    return Record(stream, native_id, gone.version, gone.modified_at, {}, deleted=True)
