"""The streams: flat views on a party and its children, declared as tables.

Tryton keeps a party as one row with children; a mapping wants flat columns:

    party.party ─┬─ addresses            street … subdivision    of the first active address
                 ├─ contact_mechanisms   phone, mobile, fax, website: first active of that type
                 │                       emails: all active ones; email: the first of them
                 ├─ identifiers          tax_id, tax_id_type     (and our idempotency key)
                 ├─ relations            employer, parent: the party on the other end
                 └─ categories           position: the category under the root of positions

"First" is by sequence, as Tryton itself orders them. Children that are
not the first are never written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from connectors.base import ColumnType
from connectors.errors import RecordError

ORGANIZATION = "party.organization"
PERSON = "party.person"

MARKER_PREFIX = "tandem:"
"""Our idempotency key is kept as an identifier without type whose code starts like this."""


class Part(StrEnum):
    """Where on the party a column lives; the value is Tryton's name of the field."""

    PARTY = "party"
    ADDRESS = "addresses"
    MECHANISM = "contact_mechanisms"
    IDENTIFIER = "identifiers"
    RELATION = "relations"
    CATEGORY = "categories"


@dataclass(frozen=True, slots=True)
class FlatColumn:
    """One column of a flat view.

    Attributes:
        part: where it lives.
        field: the native field there; for contact mechanisms their type.
        type: its type in the flat view.
        directory: directory its values come from.
        references: stream it points to.
    """

    part: Part
    field: str
    type: ColumnType = ColumnType.STRING
    directory: str | None = None
    references: str | None = None


_COMMON: dict[str, FlatColumn] = {
    "name": FlatColumn(Part.PARTY, "name"),
    "code": FlatColumn(Part.PARTY, "code"),
    "active": FlatColumn(Part.PARTY, "active", ColumnType.BOOLEAN),
    "street": FlatColumn(Part.ADDRESS, "street_name"),
    "building_number": FlatColumn(Part.ADDRESS, "building_number"),
    "unit": FlatColumn(Part.ADDRESS, "unit_number"),
    "city": FlatColumn(Part.ADDRESS, "city"),
    "postal_code": FlatColumn(Part.ADDRESS, "postal_code"),
    "country": FlatColumn(Part.ADDRESS, "country", directory="country"),
    "subdivision": FlatColumn(Part.ADDRESS, "subdivision", directory="subdivision"),
    "phone": FlatColumn(Part.MECHANISM, "phone"),
    "mobile": FlatColumn(Part.MECHANISM, "mobile"),
    "fax": FlatColumn(Part.MECHANISM, "fax"),
    "website": FlatColumn(Part.MECHANISM, "website"),
    "email": FlatColumn(Part.MECHANISM, "email"),
    "emails": FlatColumn(Part.MECHANISM, "email", ColumnType.LIST),
}

STREAMS: Mapping[str, Mapping[str, FlatColumn]] = MappingProxyType(
    {
        ORGANIZATION: _COMMON
        | {
            "tax_id": FlatColumn(Part.IDENTIFIER, "code"),
            "tax_id_type": FlatColumn(Part.IDENTIFIER, "type"),
            "parent": FlatColumn(
                Part.RELATION, "to", ColumnType.REFERENCE, references=ORGANIZATION
            ),
        },
        PERSON: _COMMON
        | {
            "position": FlatColumn(Part.CATEGORY, "position", directory="position"),
            "employer": FlatColumn(
                Part.RELATION, "to", ColumnType.REFERENCE, references=ORGANIZATION
            ),
        },
    }
)

FIRST_MECHANISMS = ("phone", "mobile", "fax", "website", "email")
"""Columns that hold the first contact mechanism of the type they are named after."""

RELATION_COLUMNS: Mapping[str, str] = {ORGANIZATION: "parent", PERSON: "employer"}
"""Stream → its column that is a relation to another party."""

STREET_COLUMNS = ("street", "building_number", "unit")

STRUCTURED_STREET = (
    "street_name",
    "building_name",
    "building_number",
    "unit_number",
    "floor_number",
    "room_number",
    "post_box",
    "private_bag",
    "post_office",
)
"""Fields of an address that replace `street_unstructured` as soon as one of them is filled."""

_CHILD_FIELDS: Mapping[Part, tuple[str, ...]] = {
    Part.ADDRESS: (
        *("id", "_timestamp", "active", "street_unstructured", *STRUCTURED_STREET),
        *("city", "postal_code", "country", "subdivision"),
    ),
    Part.MECHANISM: ("id", "_timestamp", "active", "type", "value"),
    Part.IDENTIFIER: ("id", "_timestamp", "active", "type", "code"),
    # Relations are a view without a timestamp of its own; its dates do.
    Part.RELATION: ("id", "type", "to", "create_date", "write_date"),
}

CHILD_MODELS: Mapping[Part, str] = {
    Part.ADDRESS: "party.address",
    Part.MECHANISM: "party.contact_mechanism",
    Part.IDENTIFIER: "party.identifier",
}
"""Children with a timestamp of their own, and their model."""


def columns_of(stream: str) -> Mapping[str, FlatColumn]:
    """The flat columns of a stream.

    Raises:
        RecordError: there is no such stream.
    """
    try:
        return STREAMS[stream]
    except KeyError:
        raise RecordError(
            f"no stream {stream!r}; there are: {', '.join(STREAMS)}", code="tryton.no_stream"
        ) from None


def read_fields(stream: str, *, relations: bool) -> list[str]:
    """What to ask of Tryton for a whole record, the same for every reader of the stream.

    The version of a record must not depend on the columns that somebody happens to ask for, so the
    fields do not either.

    Args:
        stream: name of the stream.
        relations: one of the stream's relations is configured.
    """
    own = ["name", "code", "active", "replaced_by", "_timestamp"]
    if stream == PERSON:
        own.append(Part.CATEGORY.value)
    else:
        own.append("tax_identifier")
    children = {p: f for p, f in _CHILD_FIELDS.items() if relations or p is not Part.RELATION}
    return own + [f"{part}.{name}" for part, names in children.items() for name in names]


_SENTENCES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"The code on party must be unique", ("code",)),
    (r"The email address .* is not valid", ("email", "emails")),
    (r"The phone number .* is not valid", ("phone", "mobile", "fax")),
    (r"The value ", ()),
    (r"The .* … is not valid", ("tax_id",)),
)
"""What an error sentence that names no field is about; the first that matches counts."""

_LABELS: Mapping[str, tuple[str, ...]] = {
    "Name": ("name",),
    "Code": ("code", "tax_id"),
    "Active": ("active",),
    "Street": ("street",),
    "Street Name": ("street",),
    "Building Number": ("building_number",),
    "Unit Number": ("unit",),
    "City": ("city",),
    "Postal Code": ("postal_code",),
    "Country": ("country",),
    "Subdivision": ("subdivision",),
    "Value": (*FIRST_MECHANISMS, "emails"),
    "Type": ("tax_id_type",),
    "To": ("employer", "parent"),
    "Categories": ("position",),
}
"""English label of a field → the columns that may hold it."""


def columns_named(stream: str, sentence: str, labels: Sequence[str]) -> tuple[str, ...]:
    """The columns that an error is about, as far as its sentence tells.

    >>> columns_named(ORGANIZATION, "create: The value … is too long.", ["Postal Code"])
    ('postal_code',)
    >>> columns_named(ORGANIZATION, "create: The European VAT Number … is not valid.", [])
    ('tax_id',)
    """
    found = {column for label in labels for column in _LABELS.get(label, ())}
    if not found:
        matches = (names for pattern, names in _SENTENCES if re.search(pattern, sentence))
        found = set(next(matches, ()))
    return tuple(column for column in columns_of(stream) if column in found)
