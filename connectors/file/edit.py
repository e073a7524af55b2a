"""What a batch of writes does to one file, decided before a byte of it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from connectors.base import (
    Accepted,
    Deferred,
    Gone,
    Operation,
    Rejected,
    Stale,
    Write,
    WriteResult,
)
from connectors.file.scan import FAULTY, Layout, good_lines
from connectors.file.sheet import Changes, Sheet
from connectors.file.snapshot import Seen, State

Texts = dict[str, str]


def text_of(value: object) -> str | None:
    """A value as the text of a cell; None when it has none.

    >>> text_of("007"), text_of(None), text_of(True), text_of(Decimal("12.50")), text_of([1])
    ('007', '', 'TRUE', '12.50', None)
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value) if isinstance(value, str | int | float) else None


def accepted(native_id: str, seen: Seen | None) -> Accepted:
    """The answer to a write that was carried out; without a version when that is not known."""
    return Accepted(native_id, seen.version if seen and seen.hash else None)


class Edit:
    """Plans writes against a file as it is.

        edit = Edit(sheet, layout, state)
        edit.load(writes, seen)
        outcomes = [edit.plan(write) for write in writes]   # a result, or the id of what to write
        sheet.rewrite(edit.changes, draft)

    Attributes:
        changes: what to do to the file.
        removed: native ids of the rows to take out.
    """

    def __init__(self, sheet: Sheet, layout: Layout, state: State) -> None:
        self.changes = Changes()
        self.removed: set[str] = set()
        self._sheet, self._layout, self._state = sheet, layout, state
        self._read_only = sheet.read_only()
        self._rows: dict[str, tuple[int, Texts]] = {}
        self._added: dict[str, Texts] = {}
        self._seen: Mapping[str, Seen] = {}

    def native_ids(self, writes: Sequence[Write]) -> list[str]:
        """The rows that these writes are about."""
        return [i for write in writes if (i := self._native_id(write, self._texts(write)))]

    def load(self, writes: Sequence[Write], seen: Mapping[str, Seen]) -> None:
        """Get the rows that the writes are about.

        Args:
            writes: all that will be planned.
            seen: these rows in the snapshot.
        """
        self._seen = seen
        wanted = set(self.native_ids(writes))
        for native_id, line in good_lines(self._sheet, self._layout):
            if native_id in wanted:
                self._rows[native_id] = (line.number, self._layout.values(line.cells))

    def plan(self, write: Write) -> WriteResult | str:
        """Take one write into `changes`; the native id when it will be carried out."""
        if self._read_only:
            name = self._sheet.path.name
            return Rejected(self._read_only, f"{self._read_only}: {name} cannot be written")
        texts = self._texts(write)
        native_id = self._native_id(write, texts)
        rejected = self._rejection(write, texts, native_id)
        if rejected or native_id is None:
            return rejected or Rejected("REQUIRED", "REQUIRED: key", self._layout.key)
        if write.operation is Operation.CREATE:
            return self._create(write, native_id, texts)
        return self._change(write, native_id, texts)

    def _create(self, write: Write, native_id: str, texts: Texts) -> WriteResult | str:
        key = self._layout.key
        current = self._added.get(native_id)
        if current is None and native_id not in self.removed:
            current = self._rows.get(native_id, (0, None))[1]
        if current is not None:
            # Our own key is found again: made by an earlier try. A given key may be another's row.
            ours = native_id == write.key.strip() and not texts.get(key[0])
            same = all(current.get(name, "") == text for name, text in texts.items())
            return native_id if ours or same else Rejected("DUPLICATE_KEY", "DUPLICATE_KEY", key)
        if not any(texts.get(name) for name in key):
            texts = {**texts, key[0]: native_id}
        self._added[native_id] = texts
        self.changes.added.append(texts)
        return native_id

    def _change(self, write: Write, native_id: str, texts: Texts) -> WriteResult | str:
        seen = self._seen.get(native_id)
        if native_id not in self._rows or native_id in self.removed:
            if self._state.vanished and seen and seen.hash:
                return Deferred("too many rows of the file have vanished", retry_after=60)
            return Gone()
        if write.expected_version is not None and (
            seen is None or write.expected_version != seen.version
        ):
            return Stale()
        number, current = self._rows[native_id]
        if write.operation is Operation.DELETE:
            self.changes.edited.pop(number, None)
            self.changes.removed.add(number)
            self.removed.add(native_id)
        elif any(current[name] != text for name, text in texts.items()):
            current |= texts
            self.changes.edited[number] = {**self.changes.edited.get(number, {}), **texts}
        return native_id

    def _rejection(self, write: Write, texts: Texts, native_id: str | None) -> Rejected | None:
        seen = self._seen.get(native_id or "")
        if seen and seen.hash == FAULTY:
            return Rejected("FAULTY_ROW", "FAULTY_ROW: put the row right in the file first")
        for name, value in write.values.items():
            code = self._refusal(name, value)
            if code:
                return Rejected(code, f"{code} on {name}", (name,))
        if write.operation is Operation.UPDATE and native_id in self._rows:
            kept = self._rows[native_id][1]
            for name in self._layout.key:
                if texts.get(name, kept[name]) != kept[name]:
                    return Rejected("KEY_CHANGE", f"KEY_CHANGE on {name}", (name,))
        return None

    def _refusal(self, name: str, value: object) -> str | None:
        if name not in self._layout.columns:
            return "UNKNOWN_COLUMN"
        text = text_of(value)
        return "NOT_TEXT" if text is None else self._sheet.refusal(text)

    def _texts(self, write: Write) -> Texts:
        return {name: text_of(value) or "" for name, value in write.values.items()}

    def _native_id(self, write: Write, texts: Texts) -> str | None:
        if write.operation is not Operation.CREATE:
            return write.native_id
        native_id = self._layout.native_id([texts.get(name, "") for name in self._layout.columns])
        if native_id is None and len(self._layout.key) == 1:
            return write.key.strip() or None
        return native_id
