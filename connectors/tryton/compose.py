"""Values of a flat record → the nested commands that Tryton writes them with.

    {"phone": "+48 22 123", "city": "Łódź"}   and a version that knows address 17 and no phone
    →  {"contact_mechanisms": [["create", [{"type": "phone", "value": "+48 22 123"}]]],
        "addresses": [["write", [17], {"city": "Łódź"}]]}

A column with a value writes its child or creates it; one with None deletes it, or clears the field
of the address. Nothing else of the party is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.base import ColumnType, Values
from connectors.tryton.directories import Directories
from connectors.tryton.streams import (
    CHILD_MODELS,
    FIRST_MECHANISMS,
    MARKER_PREFIX,
    PERSON,
    RELATION_COLUMNS,
    STREAMS,
    STREET_COLUMNS,
    FlatColumn,
    Part,
)
from connectors.tryton.versions import Child, Version, digest

Native = dict[str, Any]

UNKNOWN_REFERENCE = "unknown_reference"

_TYPES: Mapping[ColumnType, type] = {
    ColumnType.STRING: str,
    ColumnType.REFERENCE: str,
    ColumnType.BOOLEAN: bool,
    ColumnType.LIST: list,
}


class ValueRefused(Exception):  # noqa: N818 - a verdict on a value, not a failure
    """A value that cannot be written; becomes a `Rejected`."""

    def __init__(self, code: str, message: str, *columns: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.columns = columns


@dataclass(slots=True)
class Draft:
    """One record while its commands are put together.

    Attributes:
        values: the party's values for `create` or `write`.
        stamps: `model,id` → timestamp of every row that the write touches.
    """

    values: Native = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)

    def command(self, part: Part, *command: Any) -> None:
        """Add one command for the party's children of one kind."""
        self.values.setdefault(part.value, []).append([*command])

    def create(self, part: Part, values: Native) -> None:
        """Add a child."""
        self.command(part, "create", [values])

    def write(self, part: Part, child: Child, values: Native) -> None:
        """Change a child."""
        self.command(part, "write", [child.id], values)
        self._touch(part, child)

    def delete(self, part: Part, child: Child) -> None:
        """Delete a child."""
        self.command(part, "delete", [child.id])
        self._touch(part, child)

    def put(self, part: Part, child: Child | None, key: Native, values: Native | None) -> None:
        """Write `values` to the child, create it with `key` and `values`, or delete it for None."""
        if values is None:
            if child is not None:
                self.delete(part, child)
        elif child is not None:
            self.write(part, child, values)
        else:
            self.create(part, key | values)

    def _touch(self, part: Part, child: Child) -> None:
        if part in CHILD_MODELS:
            self.stamps[f"{CHILD_MODELS[part]},{child.id}"] = child.stamp


@dataclass(frozen=True, slots=True)
class Composer:
    """Builds native commands for one stream.

    Attributes:
        stream: name of the stream.
        relation_type: id of the relation type behind `employer` or `parent`; None: not configured.
        directories: translates codes of countries, subdivisions and positions.
    """

    stream: str
    relation_type: int | None
    directories: Directories

    def create(self, values: Values, key: str) -> Native:
        """The party's values for `create`, with our key among its identifiers.

        Raises:
            ValueRefused: a value that cannot be written.
        """
        draft = self._draft(values, Version(party=""), None)
        draft.create(Part.IDENTIFIER, {"type": None, "code": MARKER_PREFIX + key})
        if self.stream == PERSON:
            draft.command(Part.CATEGORY, "add", [self.directories.person_category()])
        return draft.values

    def update(
        self, native_id: str, values: Values, version: Version, street: str | None = None
    ) -> Draft:
        """The party's values for `write`, and the timestamps to make it conditional.

        Args:
            native_id: the party.
            values: the columns to set.
            version: what the party consists of.
            street: text of the street where `needs_street` says that it is needed.

        Raises:
            ValueRefused: a value that cannot be written.
        """
        draft = self._draft(values, version, street)
        draft.stamps[f"party.party,{native_id}"] = version.party
        return draft

    def _draft(self, values: Values, version: Version, street: str | None) -> Draft:
        columns = STREAMS[self.stream]
        for name, value in values.items():
            _check(name, value, columns.get(name))
        if "email" in values and "emails" in values:
            raise ValueRefused(
                "ambiguous", "give either email or emails, not both", "email", "emails"
            )
        draft = Draft(
            {
                columns[name].field: value
                for name, value in values.items()
                if columns[name].part is Part.PARTY
            }
        )
        self._address(draft, values, version, street)
        _mechanisms(draft, values, version)
        _tax(draft, values, version)
        self._relation(draft, values, version)
        self._position(draft, values, version)
        return draft

    def _address(self, draft: Draft, values: Values, version: Version, street: str | None) -> None:
        native = _street(values, version, street)
        native |= {name: values[name] for name in ("city", "postal_code") if name in values}
        for name in ("country", "subdivision"):
            if name in values:
                native[name] = self._reference(name, values[name])
        if not native or (version.address is None and not any(native.values())):
            return
        draft.put(Part.ADDRESS, version.address, {}, native)

    def _reference(self, name: str, code: str | None) -> int | None:
        found = None if code is None else self.directories.id_of(name, code)
        if code is not None and found is None:
            raise ValueRefused(
                UNKNOWN_REFERENCE, f"the value of {name} is not in the directory", name
            )
        return found

    def _relation(self, draft: Draft, values: Values, version: Version) -> None:
        column = RELATION_COLUMNS[self.stream]
        if column not in values:
            return
        if self.relation_type is None:
            raise ValueRefused(
                "not_configured", f"no relation type is configured for {column}", column
            )
        target = values[column]
        if target is not None and not target.isdecimal():
            raise ValueRefused(UNKNOWN_REFERENCE, f"{column} is not the id of a party", column)
        wanted = None if target is None else {"to": int(target)}
        draft.put(Part.RELATION, version.relation, {"type": self.relation_type}, wanted)

    def _position(self, draft: Draft, values: Values, version: Version) -> None:
        if "position" not in values:
            return
        wanted = self._reference("position", values["position"])
        if wanted == version.position:
            return
        if version.position is not None:
            draft.command(Part.CATEGORY, "remove", [version.position])
        if wanted is not None:
            draft.command(Part.CATEGORY, "add", [wanted])


def needs_street(values: Values, version: Version) -> bool:
    """Whether an update has to know the text of the street first.

    That is when a building number or unit is set on an address whose street is one text: Tryton
    shows either the text or the parts, so the text has to move to the part named street.
    """
    return (
        version.address is not None
        and not version.address.structured
        and "street" not in values
        and any(values.get(name) for name in ("building_number", "unit"))
    )


def _street(values: Values, version: Version, street: str | None) -> Native:
    given = {name: values[name] for name in STREET_COLUMNS if name in values}
    if not given:
        return {}
    structured = version.address is not None and version.address.structured
    if structured or given.get("building_number") or given.get("unit"):
        if not structured:
            given.setdefault("street", street)
        native = {
            {"street": "street_name", "unit": "unit_number"}.get(name, name): value
            for name, value in given.items()
        }
        return native if structured else native | {"street_unstructured": None}
    return {"street_unstructured": given["street"]} if "street" in given else {}


def _check(name: str, value: Any, column: FlatColumn | None) -> None:
    if column is None:
        raise ValueRefused("unknown_column", f"there is no column {name!r}", name)
    wanted = _TYPES[column.type]
    strings = not isinstance(value, list) or all(isinstance(text, str) for text in value)
    if value is not None and not (isinstance(value, wanted) and strings):
        raise ValueRefused("wrong_type", f"{name} takes {column.type.value} values", name)


def _mechanisms(draft: Draft, values: Values, version: Version) -> None:
    for kind in FIRST_MECHANISMS:
        if kind in values:
            first = version.emails[0] if kind == "email" and version.emails else None
            child = first or version.mechanisms.get(kind)
            wanted = {"value": values[kind]} if values[kind] else None
            draft.put(Part.MECHANISM, child, {"type": kind}, wanted)
    if "emails" in values:
        _emails(draft, values["emails"] or [], version)


def _emails(draft: Draft, wanted: list[str], version: Version) -> None:
    kept = {email.digest: email for email in version.emails}
    ordered = {digest(value): value for value in wanted if value.strip()}
    for email in version.emails:
        if email.digest not in ordered or kept[email.digest] is not email:
            draft.delete(Part.MECHANISM, email)
    # Children without a sequence come first, by id: as soon as new ones join kept ones, or the kept
    # ones change places, all of them are numbered.
    known = [fingerprint for fingerprint in kept if fingerprint in ordered]
    spell_out = bool(known) and known != list(ordered)
    for sequence, (fingerprint, value) in enumerate(ordered.items(), start=1):
        place = {"sequence": sequence} if spell_out else {}
        child = kept.get(fingerprint)
        if child is None:
            draft.create(Part.MECHANISM, {"type": "email", "value": value.strip()} | place)
        elif place:
            draft.write(Part.MECHANISM, child, place)


def _tax(draft: Draft, values: Values, version: Version) -> None:
    if "tax_id" not in values and "tax_id_type" not in values:
        return
    if "tax_id" not in values:
        if version.tax is not None:
            draft.write(Part.IDENTIFIER, version.tax, {"type": values["tax_id_type"]})
        elif values["tax_id_type"] is not None:
            raise ValueRefused("missing_value", "a type needs a tax_id", "tax_id")
        return
    wanted = {"code": values["tax_id"]}
    if "tax_id_type" in values:
        wanted["type"] = values["tax_id_type"]
    draft.put(Part.IDENTIFIER, version.tax, {"type": None}, wanted if values["tax_id"] else None)
