"""Canonical fields: what kinds of value there are and when two values mean the same.

Between the edges a canonical value is *plain*: `None`, `str`, `bool`, `int`, a sorted `list[str]`
(a set of texts) or a `dict[str, str | None]` (a composite such as an address). Numbers with
decimals are canonical decimal text (`"1234.5"`), dates are ISO text, references are canonical ids.
Plain values are stored as JSON and compared without being rebuilt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cleansing.text import fold

Plain = Any
"""None | str | bool | int | list[str] | dict[str, str | None]"""

Values = Mapping[str, Plain]
"""Canonical field name → plain value. A name that is absent is not mapped by that system;
a name with None is mapped and empty."""


class Kind(StrEnum):
    """Kind of a canonical field; decides comparison and which policies apply."""

    TEXT = "text"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT_SET = "text_set"
    ADDRESS = "address"
    PERSON_NAME = "person_name"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class FieldType:
    """Kind of one canonical field; `references` names the object a reference points to."""

    kind: Kind
    references: str | None = None


NAME_PARTS = ("given", "middle", "family")


def render_name(name: Mapping[str, str | None]) -> str:
    """A person's name in one line.

    >>> render_name({"given": "Anna", "middle": None, "family": "Kowalska"})
    'Anna Kowalska'
    """
    return " ".join(part for key in NAME_PARTS if (part := name.get(key)))


def _same_text(a: Plain, b: Plain) -> bool:
    return bool(a == b) or " ".join(str(a).split()) == " ".join(str(b).split())


def _same_set(a: Plain, b: Plain) -> bool:
    return set(a) == set(b)


def _same_name(a: Plain, b: Plain) -> bool:
    return fold(render_name(a)) == fold(render_name(b)) and (
        render_name(a).casefold() == render_name(b).casefold()
    )


def _same_address(a: Plain, b: Plain) -> bool:
    if all(fold(a.get(part) or "") == fold(b.get(part) or "") for part in {*a, *b}):
        return True
    # The directories of the world's cities load slowly: only where spellings really differ.
    from cleansing.address import Address, same_address  # noqa: PLC0415

    return same_address(Address(**a), Address(**b))


_SAME: dict[Kind, Callable[[Plain, Plain], bool]] = {
    Kind.TEXT: _same_text,
    Kind.TEXT_SET: _same_set,
    Kind.PERSON_NAME: _same_name,
    Kind.ADDRESS: _same_address,
}


def is_empty(value: Plain) -> bool:
    """Nothing there: None, empty text, empty set, a composite without any part.

    >>> is_empty({"street": None, "city": None}), is_empty(False), is_empty([])
    (True, False, True)
    """
    if isinstance(value, dict):
        return not any(value.values())
    return value is None or value in ("", [])


def same(kind: Kind, a: Plain, b: Plain) -> bool:
    """Whether two plain values of one kind mean the same; reformatting is no change.

    >>> same(Kind.TEXT, "Acme  Ltd", "Acme Ltd"), same(Kind.TEXT_SET, ["a", "b"], ["b", "a"])
    (True, True)
    >>> same(Kind.ADDRESS, {"city": "Kraków", "unit": None}, {"city": "kraków"})
    True
    """
    if a == b:
        return True
    empty_a, empty_b = is_empty(a), is_empty(b)
    if empty_a or empty_b:
        return empty_a and empty_b
    compare = _SAME.get(kind)
    return compare(a, b) if compare else False


def completeness(value: Plain) -> int:
    """How much a value says: parts of a composite, members of a set, length of a text.

    >>> completeness({"street": "Main", "city": "Oslo", "unit": None}), completeness(None)
    (2, 0)
    """
    if is_empty(value):
        return 0
    if isinstance(value, dict):
        return sum(1 for part in value.values() if part)
    if isinstance(value, list):
        return len(value)
    return len(value) if isinstance(value, str) else 1


def label(values: Mapping[str, Plain]) -> str:
    """A record's name for people, in one line.

    >>> label({"name": {"given": "Anna", "family": "Kowalska"}}), label({"name": "Acme"})
    ('Anna Kowalska', 'Acme')
    """
    name = values.get("name")
    if is_empty(name):
        return ""
    return render_name(name) if isinstance(name, dict) else str(name)
