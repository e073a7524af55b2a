"""What people type to find a record, as keys of an index: words of a name, e-mails, numbers.

    {"name": "Łódź Trade", "phone": "+48 42 1234567", "emails": ["info@lodz.example"]}
    word:lodz  word:trade  tel:7654321248  mail:info@lodz.example

A search looks for beginnings of keys. Names are compared in Latin letters; telephone numbers stand
backwards, because people leave out their beginning and not their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, delete

from cleansing.text import latin
from tandem.model.fields import Kind, Plain
from tandem.model.objects import field_types
from tandem.state.bulk import chunks, insert_new
from tandem.state.tables import search_key

LONGEST = 120
"""Characters of a key; what is longer is found by its beginning."""

FEWEST_DIGITS = 5
"""Of a telephone number; fewer would find half of a town."""

_MAILS = ("email", "emails")
_PHONES = ("phone", "mobile", "fax")


def keys_of(object_name: str, values: Mapping[str, Plain]) -> tuple[str, ...]:
    """Everything by which a canonical record is found.

    >>> keys_of("contact", {"name": {"given": "Jan", "family": "Łoś"}, "account": "1f"})
    ('word:jan', 'word:los', 'refers:1f')
    """
    return tuple(dict.fromkeys(key[:LONGEST] for key in _keys(object_name, values)))


def _keys(object_name: str, values: Mapping[str, Plain]) -> Iterator[str]:
    for word in _words(values.get("name")):
        yield f"word:{word}"
    for field in _MAILS:
        found = values.get(field)
        for mail in [found] if isinstance(found, str) else found or ():
            yield f"mail:{mail.strip().casefold()}"
    for field in _PHONES:
        if digits := _digits(values.get(field)):
            yield f"tel:{digits[::-1]}"
    if tax_id := latin(str(values.get("tax_id") or "")):
        yield f"tax:{tax_id.replace(' ', '')}"
    for field, kind in field_types(object_name).items():
        if kind.kind is Kind.REFERENCE and values.get(field):
            yield refers_to(values[field])


def _words(name: Plain) -> list[str]:
    text = " ".join(filter(None, name.values())) if isinstance(name, dict) else str(name or "")
    return latin(text).split()


def _digits(phone: Plain) -> str:
    digits = "".join(char for char in str(phone or "") if char.isdecimal())
    return digits if len(digits) >= FEWEST_DIGITS else ""


def refers_to(canonical_id: str) -> str:
    """Key of the records that refer to one.

    >>> refers_to("1f")
    'refers:1f'
    """
    return f"refers:{canonical_id}"


def beginnings(text: str) -> list[tuple[str, ...]]:
    """What a typed text asks for: each part has to be found, by any of its beginnings.

    >>> beginnings("Łódź tra")
    [('word:lodz',), ('word:tra',)]
    >>> beginnings("Info@Lodz.example")
    [('mail:info@lodz.example',)]
    >>> beginnings("(042) 123-4567")
    [('tel:765432124', 'tax:0421234567')]
    """
    if "@" in text:
        return [(f"mail:{part.casefold()[:LONGEST]}",) for part in text.split()]
    digits = _digits(text)
    if digits and not any(char.isalpha() for char in text):
        return [(f"tel:{digits.lstrip('0')[::-1]}", f"tax:{digits}")]
    return [
        (f"word:{word}"[:LONGEST],)
        if word.isalpha()
        else (f"word:{word}"[:LONGEST], f"tax:{word}"[:LONGEST])
        for word in latin(text).split()
    ]


def index(connection: Connection, records: Iterable[tuple[str, str, Mapping[str, Plain]]]) -> None:
    """Replace the keys of canonical records: (id, object, values)."""
    for chunk in chunks(records):
        ids = [canonical_id for canonical_id, _, _ in chunk]
        connection.execute(delete(search_key).where(search_key.c.canonical_id.in_(ids)))
        rows = [
            {"key": key, "canonical_id": canonical_id}
            for canonical_id, object_name, values in chunk
            for key in keys_of(object_name, values)
        ]
        insert_new(connection, search_key, rows)
