"""The ledger: every change that somebody made in a system, in canonical form.

It is drawn from the systems' own histories, not from what the engine says it has read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.base import Values
from tandem.chaos.faults import Change
from tandem.chaos.papers import Key, Papers
from tandem.chaos.system import FakeSystem
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.schema import Direction
from tandem.mapping.transforms import NativeReference
from tandem.model.fields import is_empty, same
from tandem.sync.types import Link, ObjectRules


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A native value without a safe reading, as somebody typed it."""

    typed: Any


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one record by somebody else than us.

    Attributes:
        fields: canonical field → what it was set to; a plain value or `Unreadable`.
        before: the same fields until then.
        deleted: the record was deleted; `fields` is empty.
    """

    number: int
    at: datetime
    object: str
    key: Key
    fields: Mapping[str, Any]
    before: Mapping[str, Any]
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    """One change of one record by a write of ours; `after` is None for a delete."""

    at: datetime
    object: str
    key: Key
    push_key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    columns: frozenset[str]


class Ledger:
    """All edits and all of our writes, by record, and what the records hold in the end.

    Attributes:
        gone: when somebody deleted a record, or merged it away, even if that was taken back.
    """

    def __init__(self, link: Link, systems: Mapping[str, FakeSystem], papers: Papers) -> None:
        self.link = link
        self.papers = papers
        self.edits: list[Edit] = []
        self.writings: list[Writing] = []
        self.of: dict[Key, list[Edit]] = defaultdict(list)
        self.gone: dict[Key, list[datetime]] = defaultdict(list)
        self.end: dict[Key, dict[str, Any]] = {}
        self.stream_object: dict[tuple[str, str], str] = {}
        for rules in link.objects.values():
            for system, mapping in rules.mappings.items():
                self.stream_object[system, mapping.stream] = rules.object
                self._draw_up(systems[system], rules, mapping)
        for edit in self.edits:
            self.of[edit.key].append(edit)

    def rules(self, object_name: str) -> ObjectRules:
        """Rules of an object."""
        return self.link.objects[object_name]

    def edits_of(self, chains: Collection[str]) -> Iterator[Edit]:
        """Edits of every record of these canonical ones, and of what once was one of theirs."""
        for key, edits in self.of.items():
            if self.papers.was_of(key, chains):
                yield from edits

    def later(self, edit: Edit) -> Sequence[Edit]:
        """Edits of the same record after this one."""
        edits = self.of[edit.key]
        return edits[edits.index(edit) + 1 :]

    def alike(self, object_name: str, name: str, a: Any, b: Any) -> bool:
        """Whether two values of a field mean the same; of a reference, or did once."""
        if isinstance(a, Unreadable) or isinstance(b, Unreadable):
            return bool(a == b)
        if name in self.rules(object_name).references and isinstance(a, str) and b is not None:
            return self.papers.root(b) in self.papers.kin(a)
        return same(self.rules(object_name).kinds[name], a, b)

    def said(self, mapping: CompiledMapping, native: Values) -> dict[str, Any]:
        """What a row says: canonical field → value, `Unreadable` or canonical id."""
        native = {**dict.fromkeys(mapping.columns), **native}
        reading = mapping.read(native)
        said: dict[str, Any] = {}
        for name, field in mapping.fields.items():
            if name in reading.refused:
                said[name] = Unreadable(field.native(native))
                continue
            value = reading.values[name]
            if isinstance(value, NativeReference):
                key = (mapping.system, value.stream, value.native_id)
                value = self.papers.chain(key) or Unreadable(value.native_id)
            said[name] = value
        return said

    # --- from the systems' histories --------------------------------------------------------------

    def _draw_up(self, system: FakeSystem, rules: ObjectRules, mapping: CompiledMapping) -> None:
        for native_id, row in system.rows(mapping.stream).items():
            self.end[system.name, mapping.stream, native_id] = self.said(mapping, row)
        merged: dict[str, Change] = {}
        for change in system.history:
            if change.stream != mapping.stream:
                continue
            if change.ours is not None:
                gone = merged.pop(change.native_id, None)
                if gone is not None and not self._brought_back(change.ours):
                    self._note_edit(system, rules, mapping, gone)
                self._note_writing(system, rules, mapping, change)
                continue
            if change.after is None:
                self.gone[system.name, mapping.stream, change.native_id].append(change.at)
            if change.merged:
                # Nobody's edit yet: if the merge is taken back, the record is what it was.
                merged[change.native_id] = change
            else:
                was = merged.pop(change.native_id, change)
                self._note_edit(system, rules, mapping, change._replace(before=was.before))
        for change in merged.values():
            self._note_edit(system, rules, mapping, change)

    def _brought_back(self, push_key: str) -> bool:
        return any(i.operation == "unmerge" for i in self.papers.intents.get(push_key, ()))

    def _note_edit(
        self, system: FakeSystem, rules: ObjectRules, mapping: CompiledMapping, change: Change
    ) -> None:
        key = (system.name, change.stream, change.native_id)
        number = len(self.edits)
        if change.after is None:
            self.edits.append(Edit(number, change.at, rules.object, key, {}, {}, deleted=True))
            return
        after = self.said(mapping, change.after)
        before = self.said(mapping, change.before) if change.before is not None else {}
        fields = {
            name: value
            for name, value in after.items()
            if mapping.fields[name].direction is not Direction.WRITE
            and (
                not self.alike(rules.object, name, before[name], value)
                if name in before
                else isinstance(value, Unreadable) or not is_empty(value)
            )
        }
        if fields or change.before is None:
            was = {name: before.get(name) for name in fields}
            self.edits.append(Edit(number, change.at, rules.object, key, fields, was))

    def _note_writing(
        self, system: FakeSystem, rules: ObjectRules, mapping: CompiledMapping, change: Change
    ) -> None:
        before, after = change.before or {}, change.after or {}
        columns = frozenset(c for c in {*before, *after} if before.get(c) != after.get(c))
        self.writings.append(
            Writing(
                change.at,
                rules.object,
                (system.name, change.stream, change.native_id),
                change.ours or "",
                self.said(mapping, before) if change.before is not None else None,
                self.said(mapping, after) if change.after is not None else None,
                columns,
            )
        )
