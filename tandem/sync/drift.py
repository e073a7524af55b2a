"""Drift: a stream is no longer as it was when it was accepted. What follows for a mapping? Pure.

    accepted contract ─┐
    stream as it is ───┼─► differences ─► judge ─► harmless: the contract is brought up to date
    mapping ───────────┘                           warning:  somebody is told, all goes on
                                                   field:    the field rests, the others go on
                                                   mapping:  the mapping rests, the others go on

What rests is neither read nor written: the golden value stays, and no cut or empty value is taken
for somebody's edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from connectors.base import Column, StreamSpec
from tandem.mapping.compiler import CompiledField, CompiledMapping
from tandem.mapping.schema import Direction
from tandem.model.fields import Kind


class Change(StrEnum):
    """What is different about a stream or a column."""

    STREAM_GONE = "stream_gone"
    COLUMN_GONE = "column_gone"
    COLUMN_ADDED = "column_added"
    TYPE_CHANGED = "type_changed"
    TARGET_CHANGED = "target_changed"  #: a reference points to another stream
    SHORTENED = "shortened"
    LENGTHENED = "lengthened"
    VALUES_REMOVED = "values_removed"
    VALUES_ADDED = "values_added"
    MADE_MANDATORY = "made_mandatory"
    MADE_OPTIONAL = "made_optional"
    MADE_READ_ONLY = "made_read_only"
    MADE_WRITABLE = "made_writable"
    RELABELLED = "relabelled"


class Severity(StrEnum):
    """How far a change reaches, from nowhere to the whole mapping."""

    HARMLESS = "harmless"
    WARNING = "warning"
    FIELD = "field"
    MAPPING = "mapping"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is no longer as it was accepted; `column` is empty for the whole stream."""

    change: Change
    column: str = ""
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What the records seen so far hold in columns that became narrower.

    Attributes:
        longest: column → characters of its longest text.
        in_use: column → those of the values in question that records hold.
    """

    longest: Mapping[str, int] = field(default_factory=dict)
    in_use: Mapping[str, Set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drift:
    """A difference and what it means for one mapping.

    Attributes:
        fields: canonical fields that stand in the column, and those whose reading depends on them.
        acceptable: a person may accept it; otherwise the mapping or the system has to change.
        hint: what to do about it.
    """

    difference: Difference
    severity: Severity
    fields: tuple[str, ...] = ()
    acceptable: bool = True
    hint: str = ""


def differences(old: StreamSpec, new: StreamSpec | None) -> list[Difference]:
    """Everything in which two descriptions of a stream differ.

    >>> from connectors.memory import text_stream
    >>> for d in differences(text_stream("a", ["Fax", "Name"]), text_stream("a", ["Name", "Tel"])):
    ...     print(d.change, d.column)
    column_gone Fax
    column_added Tel
    """
    if new is None:
        return [Difference(Change.STREAM_GONE)]
    found: list[Difference] = []
    for name, column in old.columns.items():
        now = new.columns.get(name)
        if now is None:
            found.append(Difference(Change.COLUMN_GONE, name, before=column.label or name))
        else:
            found += _column(column, now)
    added = (c for name, c in new.columns.items() if name not in old.columns)
    found += (Difference(Change.COLUMN_ADDED, c.name, after=c.label or c.name) for c in added)
    return found


def _column(old: Column, new: Column) -> Iterator[Difference]:
    name = old.name
    if old.type is not new.type:
        yield Difference(Change.TYPE_CHANGED, name, old.type, new.type)
    if old.references != new.references:
        yield Difference(Change.TARGET_CHANGED, name, old.references, new.references)
    if old.length != new.length:
        shorter = new.length is not None and (old.length is None or new.length < old.length)
        change = Change.SHORTENED if shorter else Change.LENGTHENED
        yield Difference(change, name, old.length, new.length)
    if set(old.allowed) != set(new.allowed):
        # A column without a list of values allows every value.
        narrower = bool(new.allowed) and (not old.allowed or set(old.allowed) - set(new.allowed))
        change = Change.VALUES_REMOVED if narrower else Change.VALUES_ADDED
        yield Difference(change, name, sorted(old.allowed), sorted(new.allowed))
    if old.required is not new.required:
        yield Difference(Change.MADE_MANDATORY if new.required else Change.MADE_OPTIONAL, name)
    if old.writable is not new.writable:
        yield Difference(Change.MADE_WRITABLE if new.writable else Change.MADE_READ_ONLY, name)
    if old.label != new.label:
        yield Difference(Change.RELABELLED, name, old.label, new.label)


def never_there(mapping: CompiledMapping, old: StreamSpec, new: StreamSpec) -> list[Difference]:
    """Columns that the mapping names and that neither description has: a slip, or an old drift."""
    named = (*mapping.columns, *mapping.constants)
    return [
        Difference(Change.COLUMN_GONE, name)
        for name in dict.fromkeys(named)
        if name not in old.columns and name not in new.columns
    ]


def judge(
    difference: Difference,
    mapping: CompiledMapping,
    new: StreamSpec | None,
    *,
    keys: Set[str],
    usage: Usage,
) -> Drift:
    """What a difference means for a mapping.

    Args:
        difference: one of `differences`.
        mapping: the mapping as it is compiled, nothing resting.
        new: the stream as it is now, None when it is gone.
        keys: canonical fields without which a record cannot be told from others.
        usage: of the columns that became narrower.
    """
    if new is None:
        return Drift(difference, Severity.MAPPING, tuple(mapping.fields), acceptable=False)
    concerned = [f for f in mapping.fields.values() if difference.column in f.natives]
    drift = _JUDGE.get(difference.change, _harmless)(difference, mapping, new, concerned, usage)
    if drift.severity is not Severity.FIELD:
        return drift
    fields = resting_with((f.name for f in concerned), mapping)
    # A record without its name or tax id cannot be told from others: it would be made twice.
    reach = Severity.MAPPING if keys & set(fields) else Severity.FIELD
    return Drift(difference, reach, fields, drift.acceptable, drift.hint)


def resting_with(names: Iterable[str], mapping: CompiledMapping) -> tuple[str, ...]:
    """Fields that rest together: a phone is read in the country that the address tells."""
    resting = dict.fromkeys(names)
    if any(mapping.fields[name].kind is Kind.ADDRESS for name in resting):
        resting |= dict.fromkeys(f.name for f in mapping.fields.values() if f.by_country)
    return tuple(resting)


_Fields = list[CompiledField]


def _harmless(
    difference: Difference, _mapping: CompiledMapping, _new: StreamSpec, _f: _Fields, _u: Usage
) -> Drift:
    return Drift(difference, Severity.HARMLESS)


def _gone(
    difference: Difference, mapping: CompiledMapping, new: StreamSpec, fields: _Fields, _u: Usage
) -> Drift:
    column = difference.column
    if column in mapping.constants or column == mapping.country_column:
        hint = f"the mapping names '{column}' under 'constants' or 'country_column'"
        return Drift(difference, Severity.MAPPING, (), acceptable=False, hint=hint)
    if not fields and column != mapping.owner:
        return Drift(difference, Severity.HARMLESS)
    twins = [
        c.name
        for c in new.columns.values()
        if difference.before is not None
        and (c.label or c.name) == difference.before
        and c.name not in mapping.columns
    ]
    hint = f"perhaps it is called '{twins[0]}' now" if len(twins) == 1 else ""
    return Drift(difference, Severity.FIELD, acceptable=False, hint=hint)


def _other_kind(
    difference: Difference, _m: CompiledMapping, _new: StreamSpec, fields: _Fields, _u: Usage
) -> Drift:
    return Drift(difference, Severity.FIELD if fields else Severity.HARMLESS)


def _shortened(
    difference: Difference, _m: CompiledMapping, _new: StreamSpec, fields: _Fields, usage: Usage
) -> Drift:
    if not fields:
        return Drift(difference, Severity.HARMLESS)
    longest = usage.longest.get(difference.column, 0)
    if longest <= difference.after:
        return Drift(difference, Severity.WARNING, tuple(f.name for f in fields))
    hint = f"a record holds {longest} characters: it may have been cut"
    return Drift(difference, Severity.FIELD, hint=hint)


def _values_removed(
    difference: Difference, _m: CompiledMapping, _new: StreamSpec, fields: _Fields, usage: Usage
) -> Drift:
    if not fields:
        return Drift(difference, Severity.HARMLESS)
    lost = usage.in_use.get(difference.column, frozenset()) - set(difference.after)
    if not lost:
        return Drift(difference, Severity.WARNING, tuple(f.name for f in fields))
    hint = f"{len(lost)} of the removed values were in use"
    return Drift(difference, Severity.FIELD, hint=hint)


def _mandatory(
    difference: Difference, mapping: CompiledMapping, new: StreamSpec, fields: _Fields, _u: Usage
) -> Drift:
    column = new.columns[difference.column]
    if not (column.required and column.writable) or column.name in mapping.constants:
        return Drift(difference, Severity.HARMLESS)
    filled = [f for f in fields if f.direction is not Direction.READ]
    if not filled:
        hint = "no field fills it: map it, or give it a value under 'constants'"
        return Drift(difference, Severity.MAPPING, hint=hint)
    if all(f.required or f.default is not None for f in filled):
        return Drift(difference, Severity.HARMLESS)
    hint = "records without a value wait for one: mark the field 'required: true'"
    return Drift(difference, Severity.WARNING, tuple(f.name for f in filled), hint=hint)


def _read_only(
    difference: Difference, mapping: CompiledMapping, _new: StreamSpec, fields: _Fields, _u: Usage
) -> Drift:
    if difference.column in mapping.constants:
        hint = "the mapping sets it under 'constants'"
        return Drift(difference, Severity.MAPPING, acceptable=False, hint=hint)
    if all(f.direction is Direction.READ for f in fields):
        return Drift(difference, Severity.HARMLESS)
    hint = "set 'direction: read' for the field if it is meant to be so"
    return Drift(difference, Severity.FIELD, acceptable=False, hint=hint)


_JUDGE = {
    Change.COLUMN_GONE: _gone,
    Change.COLUMN_ADDED: _mandatory,
    Change.TYPE_CHANGED: _other_kind,
    Change.TARGET_CHANGED: _other_kind,
    Change.SHORTENED: _shortened,
    Change.VALUES_REMOVED: _values_removed,
    Change.MADE_MANDATORY: _mandatory,
    Change.MADE_READ_ONLY: _read_only,
}


def accepting(old: StreamSpec, new: StreamSpec, columns: Iterable[str]) -> StreamSpec:
    """The old description, with these columns as they are in the new one.

    >>> from connectors.memory import text_stream
    >>> old, new = text_stream("a", ["Fax", "Name"]), text_stream("a", ["Name", "Tel"])
    >>> sorted(accepting(old, new, ["Tel"]).columns)
    ['Fax', 'Name', 'Tel']
    """
    merged = dict(old.columns)
    for name in columns:
        merged.pop(name, None)
        if name in new.columns:
            merged[name] = new.columns[name]
    return StreamSpec(old.stream, merged)


def told(drift: Drift, object_name: str, system: str, stream: str) -> str:
    """What is different and what follows, in one line.

    >>> difference = Difference(Change.SHORTENED, "fax", 255, 80)
    >>> drift = Drift(difference, Severity.FIELD, ("fax",), hint="it may be cut")
    >>> told(drift, "account", "erp", "party")
    'erp:party.fax holds 80 characters, before 255: fax of account rests; it may be cut'
    """
    difference = drift.difference
    place = f"{system}:{stream}" + (f".{difference.column}" if difference.column else "")
    text = _TOLD.get(difference.change, "has changed")
    text = text.format(before=difference.before or "any number", after=difference.after)
    follows = {
        Severity.MAPPING: f"{object_name} rests in {system}",
        Severity.FIELD: f"{', '.join(drift.fields) or difference.column} of {object_name} rests",
    }.get(drift.severity, "nothing rests")
    return f"{place} {text}: {follows}" + (f"; {drift.hint}" if drift.hint else "")


_TOLD = {
    Change.STREAM_GONE: "is gone",
    Change.COLUMN_GONE: "is gone",
    Change.COLUMN_ADDED: "is new and mandatory",
    Change.TYPE_CHANGED: "holds {after} instead of {before}",
    Change.TARGET_CHANGED: "points to {after} instead of {before}",
    Change.SHORTENED: "holds {after} characters, before {before}",
    Change.VALUES_REMOVED: "allows fewer values",
    Change.MADE_MANDATORY: "is mandatory now",
    Change.MADE_READ_ONLY: "cannot be written any more",
}
