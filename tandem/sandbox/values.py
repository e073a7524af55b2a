"""Values on their way into a row: read from JSON, then held against the field's rules.

The two steps fail differently in the API. A value of the wrong JSON shape spoils the whole request;
a value that breaks a rule spoils its record alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tandem.sandbox.clock import parse_datetime, render_datetime
from tandem.sandbox.errors import ApiError, MalformedRequestError, no_such_column
from tandem.sandbox.ids import normalise_id
from tandem.sandbox.schema import Field, FieldType, SObject

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
_INT_LIMIT = 2**31


def _unreadable(field: Field, raw: object) -> MalformedRequestError:
    shape = {dict: "START_OBJECT", list: "START_ARRAY", bool: "VALUE_BOOLEAN"}
    kind = shape.get(type(raw), "VALUE_STRING" if isinstance(raw, str) else "VALUE_NUMBER")
    return MalformedRequestError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {field.type} from {kind} value: field {field.name}",
        [field.name],
    )


def _read_text(field: Field, raw: object) -> str | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise _unreadable(field, raw)
    return str(raw).strip() or None


def _read_boolean(field: Field, raw: object) -> int:
    if isinstance(raw, bool):
        return int(raw)
    if isinstance(raw, str) and raw.lower() in {"true", "false"}:
        return int(raw.lower() == "true")
    raise _unreadable(field, raw)


def _read_int(field: Field, raw: object) -> int | None:
    if raw == "":
        return None
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise _unreadable(field, raw)
    try:
        number = float(raw)
    except ValueError:
        raise _unreadable(field, raw) from None
    if number != int(number) or abs(number) >= _INT_LIMIT:
        raise _unreadable(field, raw)
    return int(number)


def _read_datetime(field: Field, raw: object) -> int | None:
    if raw == "":
        return None
    try:
        return parse_datetime(str(raw))
    except ValueError:
        raise _unreadable(field, raw) from None


_READERS: Mapping[FieldType, Callable[[Field, object], str | int | None]] = {
    FieldType.BOOLEAN: _read_boolean,
    FieldType.INT: _read_int,
    FieldType.DATETIME: _read_datetime,
}


def read_values(sobject: SObject, body: Mapping[str, Any]) -> dict[str, Any]:
    """Read a JSON body into storable values by field name; `attributes` is left out.

    Empty text becomes null and outer blanks are cut, as the real system does.

    >>> from tandem.sandbox.schema import ACCOUNT
    >>> read_values(ACCOUNT, {"name": " Acme ", "Phone": "", "NumberOfEmployees": "12"})
    {'Name': 'Acme', 'Phone': None, 'NumberOfEmployees': 12}

    Raises:
        MalformedRequestError: there is no such column, or the JSON value has the wrong shape.
    """
    values: dict[str, Any] = {}
    for name, raw in body.items():
        if name == "attributes":
            continue
        field = sobject.field(name)
        if field is None:
            raise no_such_column(name, sobject.name)
        if raw is None:
            values[field.name] = None
        else:
            values[field.name] = _READERS.get(field.type, _read_text)(field, raw)
    return values


def check_value(field: Field, value: Any) -> Any:
    """Return the value as stored, or refuse it.

    Raises:
        ApiError: the value is too long, malformed or not offered.
    """
    if value is None:
        return None
    if field.length and len(value) > field.length:
        raise ApiError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {value} (max length={field.length})",
            [field.name],
        )
    check = _CHECKS.get(field.type)
    return value if check is None else check(field, value)


def _check_email(field: Field, value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ApiError(
            "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {value}", [field.name]
        )
    return value


def _check_picklist(field: Field, value: str) -> str:
    if field.restricted and value not in field.picklist:
        raise ApiError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"{field.label}: bad value for restricted picklist field: {value}",
            [field.name],
        )
    return value


def _check_reference(field: Field, value: str) -> str:
    native_id = normalise_id(value)
    if native_id is None:
        raise ApiError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}",
                       [field.name])  # fmt: skip
    return native_id


_CHECKS: Mapping[FieldType, Callable[[Field, str], str]] = {
    FieldType.EMAIL: _check_email,
    FieldType.PICKLIST: _check_picklist,
    FieldType.REFERENCE: _check_reference,
}


RENDERERS: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.BOOLEAN: bool,
    FieldType.DATETIME: render_datetime,
}
"""How a stored value is written as JSON, for the types that are not stored as they are written."""


def render_value(field: Field, stored: Any) -> Any:
    """Return a stored value as JSON holds it.

    >>> from tandem.sandbox.schema import ACCOUNT
    >>> render_value(ACCOUNT.by_name["systemmodstamp"], 1603400603000)
    '2020-10-22T21:03:23.000+0000'
    """
    renderer = RENDERERS.get(field.type)
    return stored if stored is None or renderer is None else renderer(stored)
