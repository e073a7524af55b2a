"""What an org says about its objects, in the connector's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.base import Column, ColumnType, Entry, StreamSpec

_TYPES: Mapping[str, ColumnType] = {
    "boolean": ColumnType.BOOLEAN,
    "currency": ColumnType.NUMBER,
    "date": ColumnType.DATE,
    "datetime": ColumnType.DATETIME,
    "double": ColumnType.NUMBER,
    "int": ColumnType.NUMBER,
    "long": ColumnType.NUMBER,
    "percent": ColumnType.NUMBER,
    "reference": ColumnType.REFERENCE,
}
"""Vendor's field type → ours; every other one (a picklist, a text area, an address) is text."""


def to_spec(described: Mapping[str, Any]) -> StreamSpec:
    """Return the answer of a describe call as the contract of a stream."""
    columns = (to_column(field) for field in described["fields"])
    return StreamSpec(str(described["name"]), {column.name: column for column in columns})


def to_column(field: Mapping[str, Any]) -> Column:
    """Return one field of a describe call.

    >>> to_column({"name": "LastName", "type": "string", "label": "Last Name", "length": 80,
    ...     "nillable": False, "createable": True, "updateable": True, "defaultedOnCreate": False})
    Column(name='LastName', type=<ColumnType.STRING: 'string'>, label='Last Name', length=80,
           required=True, writable=True, allowed=(), references=None)
    """
    createable = bool(field.get("createable"))
    targets = list(field.get("referenceTo") or ())
    return Column(
        name=str(field["name"]),
        type=_TYPES.get(str(field["type"]), ColumnType.STRING),
        label=str(field.get("label", "")),
        length=int(field["length"]) if field.get("length") else None,
        required=createable and not field["nillable"] and not field.get("defaultedOnCreate"),
        writable=createable or bool(field.get("updateable")),
        allowed=tuple(entry.code for entry in to_entries(field))
        if field.get("restrictedPicklist")
        else (),
        # A reference to one of several objects (a user or a queue) points nowhere certain.
        references=str(targets[0]) if len(targets) == 1 else None,
    )


def to_entries(field: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Return the active values of a picklist field.

    >>> to_entries({"picklistValues": [{"value": "DE", "label": "Germany", "active": True},
    ...                                {"value": "DD", "label": "GDR", "active": False}]})
    (Entry(code='DE', name='Germany', parent=None, names={}),)
    """
    return tuple(
        Entry(code=str(value["value"]), name=str(value.get("label") or value["value"]))
        for value in field.get("picklistValues") or ()
        if value.get("active", True)
    )
