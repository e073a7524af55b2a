"""Check: does a mapping fit the stream as the live system describes it? Pure.

What a schema cannot know is found here: a column that the system does not have, one that cannot be
written, one that every create has to fill, one that is too short for what the other side may hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from enum import StrEnum

from connectors.base import Column, StreamSpec
from tandem.mapping.schema import Direction, FieldMapping, Mapping
from tandem.yaml_file import did_you_mean


class Severity(StrEnum):
    """What a complaint means."""

    FAILED = "failed"  #: reads or writes would fail
    WARNING = "warning"  #: some records would


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong, and at which place of the mapping file."""

    place: tuple[str | int, ...]
    message: str
    severity: Severity = Severity.FAILED


def check_mapping(mapping: Mapping, spec: StreamSpec) -> list[Complaint]:
    """Complaints about a mapping, given its stream's columns.

    >>> from connectors.memory import text_stream
    >>> mapping = Mapping(
    ...     object="account", system="crm", stream="Account", fields={"name": "Nmae"}
    ... )
    >>> [c.message for c in check_mapping(mapping, text_stream("Account", ["Name", "Phone"]))]
    ["stream 'Account' has no column 'Nmae'; did you mean 'Name'?"]
    """
    return [
        *(c for name, field in mapping.fields.items() for c in _field(name, field, spec)),
        *_single_columns(mapping, spec),
        *_constants(mapping, spec),
        *_required(mapping, spec),
    ]


def _columns(field: FieldMapping) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(place within the field, native column) for each column that a field stands in."""
    if field.column is not None:
        yield ("column",), field.column
    for part, column in field.columns.items():
        yield ("columns", part), column


def _field(name: str, field: FieldMapping, spec: StreamSpec) -> Iterator[Complaint]:
    for inner, native in _columns(field):
        place = ("fields", name, *inner)
        column = spec.columns.get(native)
        if column is None:
            hint = did_you_mean(native, spec.columns)
            yield Complaint(place, f"stream '{spec.stream}' has no column '{native}'{hint}")
            continue
        if field.direction is not Direction.READ and not column.writable:
            yield Complaint(
                place, f"column '{native}' cannot be written; set 'direction: read' for {name}"
            )
        yield from _transform_fits(name, field, column)


def _transform_fits(name: str, field: FieldMapping, column: Column) -> Iterator[Complaint]:
    if field.transform == "choice" and column.allowed and field.direction is not Direction.READ:
        for native in field.options.get("values", {}):
            if native not in column.allowed:
                hint = did_you_mean(str(native), column.allowed)
                yield Complaint(
                    ("fields", name, "options", "values", native),
                    f"column '{column.name}' does not allow '{native}'{hint}",
                )
    points_to = field.options.get("stream") if field.transform == "reference" else None
    if points_to and column.references and column.references != points_to:
        yield Complaint(
            ("fields", name, "options", "stream"),
            f"column '{column.name}' refers to '{column.references}', not to '{points_to}'",
        )


def _single_columns(mapping: Mapping, spec: StreamSpec) -> Iterator[Complaint]:
    for place, native in (
        ("country_column", mapping.country_column),
        ("owner", mapping.owner),
        ("merged_into", mapping.merged_into),
    ):
        if native is not None and native not in spec.columns:
            hint = did_you_mean(native, spec.columns)
            yield Complaint((place,), f"stream '{spec.stream}' has no column '{native}'{hint}")


def _constants(mapping: Mapping, spec: StreamSpec) -> Iterator[Complaint]:
    for native in mapping.constants:
        column = spec.columns.get(native)
        if column is None:
            hint = did_you_mean(native, spec.columns)
            yield Complaint(
                ("constants", native), f"stream '{spec.stream}' has no column '{native}'{hint}"
            )
        elif not column.writable:
            yield Complaint(("constants", native), f"column '{native}' cannot be written")


def _required(mapping: Mapping, spec: StreamSpec) -> Iterator[Complaint]:
    filled = {
        native: (name, field)
        for name, field in mapping.fields.items()
        if field.direction is not Direction.READ
        for _, native in _columns(field)
    }
    for column in spec.columns.values():
        if not column.required or not column.writable or column.name in mapping.constants:
            continue
        if column.name not in filled:
            yield Complaint(
                ("fields",),
                f"stream '{spec.stream}' requires '{column.name}' and no field is written to it: "
                "map it, or give it a value under 'constants'",
            )
            continue
        name, field = filled[column.name]
        if not field.required and field.default is None:
            yield Complaint(
                ("fields", name),
                f"stream '{spec.stream}' requires '{column.name}': mark {name} as "
                "'required: true' so that people are asked for it, or give it a 'default'",
                Severity.WARNING,
            )


def check_lengths(
    mapping: Mapping, spec: StreamSpec, others: MappingOf[str, tuple[Mapping, StreamSpec]]
) -> list[Complaint]:
    """Columns that hold fewer characters than another system's column of the same field.

    Args:
        mapping: the mapping that is looked at.
        spec: its stream.
        others: the same object's mapping and stream, by the other systems of a link.
    """
    complaints: list[Complaint] = []
    for name, field in mapping.fields.items():
        if field.direction is Direction.READ:
            continue
        for inner, native in _columns(field):
            own = spec.columns.get(native)
            longest = max(_lengths(name, inner, others), default=None)
            if own is None or own.length is None or longest is None or longest[0] <= own.length:
                continue
            length, system = longest
            complaints.append(
                Complaint(
                    ("fields", name, *inner),
                    f"column '{native}' holds {own.length} characters, {system} up to {length}: "
                    "longer values are refused",
                    Severity.WARNING,
                )
            )
    return complaints


def _lengths(
    name: str,
    inner: tuple[str | int, ...],
    others: MappingOf[str, tuple[Mapping, StreamSpec]],
) -> Iterator[tuple[int, str]]:
    """(length, system) of the columns that hold the same field, or the same part of it."""
    for system, (mapping, spec) in others.items():
        field = mapping.fields.get(name)
        if field is None or field.direction is Direction.WRITE:
            continue
        for theirs, native in _columns(field):
            column = spec.columns.get(native)
            if theirs == inner and column is not None and column.length is not None:
                yield column.length, system
