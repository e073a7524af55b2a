"""Schema of a mapping file. The JSON Schema for editors is generated from these models."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tandem.mapping.transforms import TRANSFORMS
from tandem.model.objects import OBJECTS, field_types
from tandem.yaml_file import did_you_mean


class Direction(StrEnum):
    """Which way a field may travel between this system and the hub."""

    BOTH = "both"
    READ = "read"  #: the system's value counts, but nothing is written to it
    WRITE = "write"  #: the system receives the value, its own edits are not taken


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldMapping(_Model):
    """How one canonical field stands in one system.

    Attributes:
        column: the native column; or
        columns: several native columns that hold it together, by part.
        transform: name of the transform.
        options: the transform's options.
        direction: see `Direction`.
        required: a record is not created in this system while this field is empty.
        default: canonical value that a create takes when the hub has none.
    """

    column: str | None = None
    columns: MappingOf[str, str] = {}
    transform: str = "text"
    options: MappingOf[str, Any] = {}
    direction: Direction = Direction.BOTH
    required: bool = False
    default: Any = None

    @model_validator(mode="after")
    def _transform_fits(self) -> FieldMapping:
        known = TRANSFORMS.get(self.transform)
        if known is None:
            hint = did_you_mean(self.transform, TRANSFORMS)
            raise ValueError(f"there is no transform '{self.transform}'{hint}")
        if (self.column is None) == (not self.columns):
            raise ValueError("give either 'column' or 'columns'")
        if bool(known.parts) != bool(self.columns):
            takes = (
                f"'columns' with parts of {', '.join(known.parts)}" if known.parts else "'column'"
            )
            raise ValueError(f"transform '{self.transform}' takes {takes}")
        for part in self.columns:
            if part not in known.parts:
                hint = did_you_mean(part, known.parts)
                raise ValueError(f"transform '{self.transform}' has no part '{part}'{hint}")
        for option in self.options:
            if option not in known.options:
                hint = did_you_mean(option, known.options) if known.options else "; it has none"
                raise ValueError(f"transform '{self.transform}' has no option '{option}'{hint}")
        for name, parameter in known.options.items():
            if parameter.default is parameter.empty and name not in self.options:
                raise ValueError(f"transform '{self.transform}' needs the option '{name}'")
        return self


def _short_field(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class Mapping(_Model):
    """One mapping file: an object in one system, both directions.

    Attributes:
        object, system, stream: what corresponds to what.
        country: ISO alpha-2 country of records that name none.
        country_column: native column that names the record's country, for objects whose address
            is not mapped; it is read, never written.
        owner: native column that says who a record belongs to, for the scorecard; it is read,
            never written.
        merged_into: native column that names the survivor on a record that was merged, for a
            system that cannot merge by itself; it is written, never read.
        fields: canonical field → how it stands here. A plain text is the column's name.
        constants: native columns that every create sets to a fixed value.
    """

    object: str
    system: str
    stream: str
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    country_column: str | None = None
    owner: str | None = None
    merged_into: str | None = None
    fields: MappingOf[str, Annotated[FieldMapping, BeforeValidator(_short_field)]] = Field(
        min_length=1
    )
    constants: MappingOf[str, Any] = {}

    @model_validator(mode="after")
    def _fields_known(self) -> Mapping:
        if self.object not in OBJECTS:
            raise ValueError(
                f"there is no object '{self.object}'{did_you_mean(self.object, OBJECTS)}"
            )
        types = field_types(self.object)
        for name, field in self.fields.items():
            if name not in types:
                raise ValueError(f"{self.object} has no field '{name}'{did_you_mean(name, types)}")
            kind = types[name].kind
            if kind not in TRANSFORMS[field.transform].kinds:
                fitting = ", ".join(n for n, t in TRANSFORMS.items() if kind in t.kinds)
                raise ValueError(
                    f"transform '{field.transform}' does not fit {self.object}.{name}, "
                    f"which is a {kind}; fitting: {fitting}"
                )
        return self
