"""Compiles a mapping into plain functions over plain values.

    native values ── read ──► canonical values, refusals
    native values ◄─ write ── canonical values

The compiled form decides nothing; it only reshapes.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Any

from cleansing.address.territories import cleanse_country
from tandem.errors import ConfigError
from tandem.mapping.schema import Direction, FieldMapping, Mapping
from tandem.mapping.transforms import TRANSFORMS, Catalogues, NativeReference, Pair, Refused
from tandem.model.fields import Kind, Plain, is_empty
from tandem.model.objects import field_types


@dataclass(frozen=True, slots=True)
class Reading:
    """A native row in canonical form.

    Attributes:
        values: canonical field → plain value, or `NativeReference` for a reference.
        refused: canonical field → reasons why its native value has no safe reading.
    """

    values: dict[str, Any]
    refused: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CompiledField:
    """One field of a compiled mapping."""

    name: str
    kind: Kind
    column: str | None
    columns: tuple[tuple[str, str], ...]
    pair: Pair
    direction: Direction
    required: bool
    default: Plain

    @property
    def natives(self) -> tuple[str, ...]:
        """The native columns it stands in."""
        return (self.column,) if self.column else tuple(column for _, column in self.columns)

    def native(self, values: MappingOf[str, Any]) -> Any:
        """What a row holds for this field: one value, or values by part."""
        if self.column:
            return values.get(self.column)
        return {part: values.get(column) for part, column in self.columns}

    def write(self, value: Plain, current: MappingOf[str, Any]) -> dict[str, Any]:
        """Native columns that make a row hold `value`."""
        written = self.pair.write(value, self.native(current))
        if self.column:
            return {self.column: written}
        return {column: written.get(part) for part, column in self.columns}


class CompiledMapping:
    """A mapping ready to run.

    Attributes:
        columns: native columns that a read has to ask for.
        fields: compiled fields by canonical name, addresses first: they tell the country.
    """

    def __init__(self, mapping: Mapping, catalogues: Catalogues) -> None:
        """Compile.

        Raises:
            ConfigError: an option has a value that its transform does not accept.
        """
        self.object = mapping.object
        self.system = mapping.system
        self.stream = mapping.stream
        self.country = mapping.country
        self.country_column = mapping.country_column
        self.constants = dict(mapping.constants)
        types = field_types(mapping.object)
        compiled = [
            _compile(mapping, name, field, types[name].kind, catalogues)
            for name, field in mapping.fields.items()
        ]
        compiled.sort(key=lambda field: field.kind is not Kind.ADDRESS)
        self.fields = {field.name: field for field in compiled}
        natives = [column for field in compiled for column in field.natives]
        if self.country_column:
            natives.append(self.country_column)
        self.columns = tuple(dict.fromkeys(natives))

    def read(self, native: MappingOf[str, Any]) -> Reading:
        """Canonical values of a native row; what has no safe reading is named in `refused`."""
        values: dict[str, Any] = {}
        refused: dict[str, tuple[str, ...]] = {}
        country = self._country_of(native)
        for name, field in self.fields.items():
            value = field.pair.read(field.native(native), country)
            if isinstance(value, Refused):
                refused[name] = value.reasons
                continue
            values[name] = value
            if field.kind is Kind.ADDRESS and value:
                country = value.get("country") or country
        return Reading(values, refused)

    def _country_of(self, native: MappingOf[str, Any]) -> str | None:
        named = native.get(self.country_column) if self.country_column else None
        return (cleanse_country(str(named)).value if named else None) or self.country

    def write(
        self, values: MappingOf[str, Plain], current: MappingOf[str, Any] | None = None
    ) -> dict[str, Any]:
        """Native columns for these canonical values; `current` is the row as it is now."""
        native: dict[str, Any] = {}
        for name, value in values.items():
            native.update(self.fields[name].write(value, current or {}))
        return native

    def echo(self, name: str, value: Plain, country: str | None = None) -> Plain:
        """How this system will show a value that we write: `read(write(value))`.

        A side that cannot hold the whole value (one line for a name in parts) answers its own
        rendition; the baseline keeps that, so our own write never looks like somebody's edit.
        """
        field = self.fields[name]
        if field.kind is Kind.REFERENCE or is_empty(value):
            return value
        shown = field.pair.read(field.native(field.write(value, {})), country or self.country)
        return value if isinstance(shown, (Refused, NativeReference)) else shown


def _compile(
    mapping: Mapping, name: str, field: FieldMapping, kind: Kind, catalogues: Catalogues
) -> CompiledField:
    transform = TRANSFORMS[field.transform]
    options = dict(field.options)
    if transform.takes_catalogues:
        options["catalogues"] = catalogues
    try:
        pair = transform.make(**options)
    except (TypeError, ValueError) as error:
        place = f"mapping of {mapping.object} in {mapping.system}, field {name}"
        raise ConfigError(f"{place}: transform '{field.transform}': {error}") from error
    return CompiledField(
        name=name,
        kind=kind,
        column=field.column,
        columns=tuple(field.columns.items()),
        pair=pair,
        direction=field.direction,
        required=field.required,
        default=field.default,
    )
