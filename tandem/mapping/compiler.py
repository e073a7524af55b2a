"""Compiles a mapping into plain functions over plain values.

    native values ── read ──► canonical values, refusals
    native values ◄─ write ── canonical values

The compiled form decides nothing; it only reshapes.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Set
from copy import copy
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import orjson

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
    """One field of a compiled mapping.

    Attributes:
        by_country: its reading depends on the record's country.
        length: most characters that its column holds, where the system's contract says so.
    """

    name: str
    kind: Kind
    column: str | None
    columns: tuple[tuple[str, str], ...]
    pair: Pair
    direction: Direction
    required: bool
    default: Plain
    by_country: bool = False
    length: int | None = None

    @property
    def natives(self) -> tuple[str, ...]:
        """The native columns it stands in."""
        return (self.column,) if self.column else tuple(column for _, column in self.columns)

    def native(self, values: MappingOf[str, Any]) -> Any:
        """What a row holds for this field: one value, or values by part."""
        if self.column:
            return values.get(self.column)
        return {part: values.get(column) for part, column in self.columns}

    def holds(self, native: MappingOf[str, Any], value: Plain) -> bool:
        """Whether a row looks exactly as we would write a value into it."""
        return not is_empty(value) and all(
            native.get(column) == written for column, written in self.write(value, native).items()
        )

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
        version: hash of what the mapping file says; the same file, the same version.
        document: what the mapping file says.
        resting: native columns that `fitted` has taken out of the mapping for now.
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
        self.merged_into = mapping.merged_into
        self.owner = mapping.owner
        self.constants = dict(mapping.constants)
        self.document: dict[str, Any] = mapping.model_dump(mode="json", exclude_defaults=True)
        self.version = _version(self.document)
        self.resting: tuple[str, ...] = ()
        types = field_types(mapping.object)
        compiled = [
            _compile(mapping, name, field, types[name].kind, catalogues)
            for name, field in mapping.fields.items()
        ]
        compiled.sort(key=lambda field: field.kind is not Kind.ADDRESS)
        self.fields = {field.name: field for field in compiled}
        self.columns = self._natives()

    def _natives(self) -> tuple[str, ...]:
        natives = [column for field in self.fields.values() for column in field.natives]
        natives += [column for column in (self.country_column, self.owner) if column]
        return tuple(dict.fromkeys(natives))

    def fitted(
        self,
        *,
        resting: Set[str] = frozenset(),
        gone: Set[str] = frozenset(),
        required: Set[str] = frozenset(),
        lengths: MappingOf[str, int] | None = None,
    ) -> CompiledMapping:
        """The same mapping as far as its stream allows it to be worked by now.

        Args:
            resting: canonical fields that are neither read nor written.
            gone: native columns that cannot be asked for.
            required: canonical fields without which the system would refuse a create.
            lengths: native column → most characters that it holds.
        """
        lengths = lengths or {}
        fitted = copy(self)
        fitted.fields = {
            name: replace(
                field,
                required=field.required or name in required,
                length=lengths.get(field.column or ""),
            )
            for name, field in self.fields.items()
            if name not in resting
        }
        fitted.owner = None if self.owner in gone else self.owner
        fitted.columns = fitted._natives()
        fitted.resting = tuple(c for c in self.columns if c not in fitted.columns)
        return fitted

    def read(
        self, native: MappingOf[str, Any], agreed: MappingOf[str, Plain] | None = None
    ) -> Reading:
        """Canonical values of a native row; what has no safe reading is named in `refused`.

        `agreed` holds values that the row is known to have agreed to. A text with two readings has
        one for us as long as it is the text that we write for such a value.
        """
        values: dict[str, Any] = {}
        refused: dict[str, tuple[str, ...]] = {}
        country = self._country_of(native)
        for name, field in self.fields.items():
            if any(column not in native for column in field.natives):
                # The row does not say: that is no empty value.
                refused[name] = ("refused:column_absent",)
                continue
            value = field.pair.read(field.native(native), country)
            if isinstance(value, Refused) and field.holds(native, (agreed or {}).get(name)):
                value = (agreed or {})[name]
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
        by_country=transform.by_country,
    )


def _version(document: MappingOf[str, Any]) -> str:
    content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return blake2b(content, digest_size=16).hexdigest()
