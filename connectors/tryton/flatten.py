"""A party with its children, as Tryton answers it → a flat record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.base import Record
from connectors.tryton.directories import Directories
from connectors.tryton.rpc import utc_time
from connectors.tryton.streams import (
    CHILD_MODELS,
    FIRST_MECHANISMS,
    MARKER_PREFIX,
    ORGANIZATION,
    PERSON,
    RELATION_COLUMNS,
    STRUCTURED_STREET,
    Part,
)
from connectors.tryton.versions import AddressChild, Child, EmailChild, Version, digest

Row = Mapping[str, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class View:
    """What flattening needs to know beside the row.

    Attributes:
        stream: name of the stream.
        relation_type: id of the relation type behind `employer` or `parent`; None: not configured.
        directories: translates ids of countries, subdivisions and positions.
    """

    stream: str
    relation_type: int | None
    directories: Directories

    def record(self, row: Row, columns: Sequence[str]) -> Record:
        """The flat record of one party.

        Args:
            row: party with the fields of `streams.read_fields`.
            columns: the columns wanted.
        """
        values, version = self._flat(row)
        replaced = is_replaced(row)
        return Record(
            stream=self.stream,
            native_id=str(row["id"]),
            version=version.encode(),
            modified_at=modified_at(row),
            values={} if replaced else {name: values[name] for name in columns},
            deleted=replaced,
            merged_into=str(row["replaced_by"]) if replaced else None,
        )

    def version(self, row: Row) -> Version:
        """The version of one party."""
        return self._flat(row)[1]

    def _flat(self, row: Row) -> tuple[dict[str, Any], Version]:
        values: dict[str, Any] = {
            "name": row["name"],
            "code": row["code"],
            "active": bool(row["active"]),
        }
        address = self._address(_first(row, Part.ADDRESS), values)
        mechanisms, emails = _mechanisms(row, values)
        tax = _tax(row, values) if self.stream == ORGANIZATION else None
        position = self._position(row, values) if self.stream == PERSON else None
        relation = self._relation(row, values)
        version = Version(
            row["_timestamp"],
            address,
            mechanisms,
            emails,
            tax,
            relation,
            position,
            values["active"],
        )
        return values, version

    def _address(self, row: Row | None, values: dict[str, Any]) -> AddressChild | None:
        code_of = self.directories.code_of
        address: Row = row or {}
        structured = any(address.get(name) for name in STRUCTURED_STREET)
        street = address.get("street_name" if structured else "street_unstructured")
        country, subdivision = address.get("country"), address.get("subdivision")
        values |= {
            "street": street or None,
            "building_number": address.get("building_number") or None,
            "unit": address.get("unit_number") or None,
            "city": address.get("city") or None,
            "postal_code": address.get("postal_code") or None,
            "country": country and code_of("country", country),
            "subdivision": subdivision and code_of("subdivision", subdivision),
        }
        if row is None:
            return None
        return AddressChild(row["id"], row["_timestamp"], structured)

    def _position(self, row: Row, values: dict[str, Any]) -> int | None:
        values["position"] = None
        for category in sorted(row[Part.CATEGORY]):
            name = self.directories.code_of("position", category)
            if name is not None:
                values["position"] = name
                return int(category)
        return None

    def _relation(self, row: Row, values: dict[str, Any]) -> Child | None:
        column = RELATION_COLUMNS[self.stream]
        values[column] = None
        for relation in sorted(row.get(f"{Part.RELATION}.", ()), key=lambda child: child["id"]):
            if relation["type"] == self.relation_type:
                values[column] = str(relation["to"])
                return Child(relation["id"], _relation_time(relation).isoformat())
        return None


def is_replaced(row: Row) -> bool:
    """Whether a party was merged into another one: it is out of use and says which.

    >>> is_replaced({"active": False, "replaced_by": 3}), is_replaced({"active": True})
    (True, False)
    """
    return not row["active"] and row.get("replaced_by") is not None


def stamps_of(row: Row) -> dict[str, str]:
    """`model,id` → timestamp of a party and of all its children, as they are now."""
    stamps = {f"party.party,{row['id']}": row["_timestamp"]}
    for part, model in CHILD_MODELS.items():
        stamps |= {f"{model},{child['id']}": child["_timestamp"] for child in row[f"{part}."]}
    return stamps


def modified_at(row: Row) -> datetime:
    """When the party or one of its children was last touched; on SQLite to ten microseconds.

    >>> modified_at({"_timestamp": "1795297723.03948", "addresses.": [{"_timestamp": "1.5"}]})
    datetime.datetime(2026, 11, 21, 21, 48, 43, 39480, tzinfo=datetime.timezone.utc)
    """
    stamps = [row["_timestamp"]]
    for part in (Part.ADDRESS, Part.MECHANISM, Part.IDENTIFIER):
        stamps += [child["_timestamp"] for child in row.get(f"{part}.", ())]
    latest = EPOCH + timedelta(microseconds=int(max(map(Decimal, stamps)) * 1_000_000))
    return max([latest, *map(_relation_time, row.get(f"{Part.RELATION}.", ()))])


def _relation_time(relation: Row) -> datetime:
    return utc_time(relation["write_date"] or relation["create_date"]) or EPOCH


def _active(row: Row, part: Part) -> Iterable[Row]:
    return (child for child in row[f"{part}."] if child["active"])


def _first(row: Row, part: Part) -> Row | None:
    return next(iter(_active(row, part)), None)


def _mechanisms(
    row: Row, values: dict[str, Any]
) -> tuple[dict[str, Child], tuple[EmailChild, ...]]:
    values |= dict.fromkeys(FIRST_MECHANISMS)
    first: dict[str, Child] = {}
    emails: list[EmailChild] = []
    addresses: list[str] = []
    for mechanism in _active(row, Part.MECHANISM):
        kind, value = mechanism["type"], mechanism["value"]
        if kind == "email":
            emails.append(EmailChild(mechanism["id"], mechanism["_timestamp"], digest(value)))
            addresses.append(value)
        elif kind in FIRST_MECHANISMS and kind not in first:
            first[kind] = Child(mechanism["id"], mechanism["_timestamp"])
            values[kind] = value
    values["emails"] = addresses
    values["email"] = addresses[0] if addresses else None
    return first, tuple(emails)


def _tax(row: Row, values: dict[str, Any]) -> Child | None:
    """The tax identifier; where Tryton sees none, the first identifier without a type."""
    candidates = [
        identifier
        for identifier in _active(row, Part.IDENTIFIER)
        if not identifier["code"].startswith(MARKER_PREFIX)
    ]
    found = next((c for c in candidates if c["id"] == row["tax_identifier"]), None)
    found = found or next((c for c in candidates if c["type"] is None), None)
    values |= {
        "tax_id": found and found["code"],
        "tax_id_type": found and found["type"],
    }
    return None if found is None else Child(found["id"], found["_timestamp"])
