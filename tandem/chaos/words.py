"""What people type into the columns of a mapped stream: fitting, and as messy as people are.

Every party has a token, a made-up word that stands in its name whatever else is edited. It tells
which records are about the same party without asking the engine.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.base import Column, ColumnType, StreamSpec
from tandem.mapping.schema import Direction, FieldMapping
from tandem.mapping.schema import Mapping as MappingFile
from tandem.mapping.transforms import Catalogues

Row = dict[str, Any]
References = Mapping[str, Sequence[str]]
"""Stream → native ids that a reference may point to."""

_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
TOKEN_LENGTH = 8


def token(draw: random.Random) -> str:
    """A word that names a party, unlike any other.

    >>> token(random.Random(1))
    'Fuzakano'
    """
    pairs = (draw.choice(_CONSONANTS) + draw.choice(_VOWELS) for _ in range(TOKEN_LENGTH // 2))
    return "".join(pairs).title()


_FORMS = ("GmbH", "AG", "Ltd", "S.A.", "& Söhne", "株式会社", "ООО", "é́quipe", "")
_GIVEN = ("Anna", "Bernd", "Chloé", "Dmytro", "Ewa", "Farid", "Grace", "Hiroko")
_ODD = ("", "  ", "n/a", "?", "ask Bob", "🙂", "שלום", "x" * 300, "N\u00a0A", "0", "-", "null")
_STREETS = ("Hauptstraße", "Bahnhofstraße", "Gartenweg", "Lindenallee")
_CITIES = (("Berlin", "10115"), ("Hamburg", "20095"), ("München", "80331"), ("Köln", "50667"))
_TAX_IDS = ("DE136695976", "DE129273398", "DE811907980", "DE114103379", "PL5260250274")


def _phone(draw: random.Random, _field: FieldMapping, _catalogues: Catalogues) -> Any:
    number = f"{draw.randrange(200000, 999999)}" if draw.random() < 0.8 else "234567"
    form = draw.choice(("+49 30 {}", "030/{}", "0049-30-{}", "(030) {}", "+4930{}"))
    return form.format(number)


def _address_of(draw: random.Random) -> str:
    return f"{draw.choice(('info', 'sales', 'anna'))}{draw.randrange(500)}@firm.example"


def _email(draw: random.Random, _field: FieldMapping, _catalogues: Catalogues) -> Any:
    address = _address_of(draw)
    return draw.choice((address, address.upper(), f" {address} "))


def _emails(draw: random.Random, field: FieldMapping, _catalogues: Catalogues) -> Any:
    found = [_address_of(draw) for _ in range(draw.choice((1, 1, 2, 3)))]
    return "; ".join(found) if field.options.get("native") == "text" else found


def _website(draw: random.Random, _field: FieldMapping, _catalogues: Catalogues) -> Any:
    host = f"firm{draw.randrange(10**6)}.example"
    return draw.choice((host, f"https://www.{host}/", host.upper()))


def _number(draw: random.Random, field: FieldMapping, _catalogues: Catalogues) -> Any:
    whole = draw.randrange(1, 10**6)
    if field.transform == "integer":
        return str(whole) if field.options.get("native") == "text" else whole
    cents = draw.randrange(100)
    if field.options.get("native") != "text":
        return float(f"{whole}.{cents:02d}")
    comma = str(field.options.get("locale", "en_US")).startswith(("de", "pl", "fr", "uk", "ru"))
    return f"{whole}{',' if comma else '.'}{cents:02d}"


def _boolean(draw: random.Random, _field: FieldMapping, _catalogues: Catalogues) -> Any:
    return draw.random() < 0.5


def _choice(draw: random.Random, field: FieldMapping, _catalogues: Catalogues) -> Any:
    return draw.choice(sorted(map(str, field.options["values"])))


def _tax_id(draw: random.Random, _field: FieldMapping, _catalogues: Catalogues) -> Any:
    return draw.choice(_TAX_IDS)


def _position(draw: random.Random, _field: FieldMapping, catalogues: Catalogues) -> Any:
    entries = catalogues.entries.get("position", ())
    return draw.choice(entries).name if entries else draw.choice(("CEO", "Buyer", "engineer"))


def _address(draw: random.Random, field: FieldMapping, _catalogues: Catalogues) -> Row:
    city, postcode = draw.choice(_CITIES)
    street, number = draw.choice(_STREETS), str(draw.randrange(1, 200))
    parts = {"street": street, "house_number": number, "city": city, "postcode": postcode}
    parts |= {"country": "DE", "text": f"{street} {number}, {postcode} {city}"}
    return {part: parts.get(part) for part in field.columns}


def _text(draw: random.Random, _field: FieldMapping, _catalogues: Catalogues) -> Any:
    return f"{draw.choice(_STREETS)} {draw.randrange(10**6)}"


Maker = Callable[[random.Random, FieldMapping, Catalogues], Any]

_BY_TRANSFORM: Mapping[str, Maker] = {
    "phone": _phone,
    "email": _email,
    "emails": _emails,
    "website": _website,
    "integer": _number,
    "decimal": _number,
    "boolean": _boolean,
    "choice": _choice,
    "tax_id": _tax_id,
    "position": _position,
    "address_parts": _address,
    "address_text": _address,
}


class Words:
    """Makes up rows of one stream; the same draws make the same rows."""

    def __init__(self, mapping: MappingFile, spec: StreamSpec, catalogues: Catalogues) -> None:
        self.mapping = mapping
        self._spec = spec
        self._catalogues = catalogues
        self.editable = tuple(
            name
            for name, field in mapping.fields.items()
            if field.direction is not Direction.WRITE and name != "name"
        )

    def row(self, draw: random.Random, party: str, references: References) -> Row:
        """A new record of a party."""
        row = self.name(draw, party)
        for name in self.editable:
            if draw.random() < 0.7:
                row |= self.field(draw, name, references)
        for native, value in self.mapping.constants.items():
            row.setdefault(native, value)
        return self.fitted(draw, row) | self._unmapped(draw, row)

    def name(self, draw: random.Random, party: str) -> Row:
        """The name columns, with the party's token in them."""
        field = self.mapping.fields.get("name")
        if field is None:
            return {}
        if field.columns:
            parts = {"given": draw.choice(_GIVEN), "family": party}
            return {native: parts.get(part) for part, native in field.columns.items()}
        person = field.transform == "name_text"
        texts = (
            (f"{draw.choice(_GIVEN)} {party}",)
            if person
            else (f"{party} {draw.choice(_FORMS)}", f" {party}  {draw.randrange(99)}", party)
        )
        return {str(field.column): draw.choice(texts)}

    def field(self, draw: random.Random, name: str, references: References) -> Row:
        """The native columns of one field, set anew: mostly fitting, sometimes empty or odd."""
        field = self.mapping.fields[name]
        if field.transform == "reference":
            known = references.get(field.options["stream"], ())
            value = draw.choice(known) if known and draw.random() < 0.8 else None
        elif draw.random() < 0.12:
            value = None
        elif draw.random() < 0.08 and not field.columns:
            value = draw.choice(_ODD)
        else:
            value = _BY_TRANSFORM.get(field.transform, _text)(draw, field, self._catalogues)
        if field.column:
            return self.fitted(draw, {field.column: value})
        by_part = value if isinstance(value, dict) else dict.fromkeys(field.columns)
        row = {native: by_part.get(part) for part, native in field.columns.items()}
        return self.fitted(draw, row)

    def fitted(self, draw: random.Random, row: Row) -> Row:
        """What the system lets people save: of its type, short enough, allowed, not missing."""
        return {
            native: _fit(draw, self._spec.columns.get(native), value)
            for native, value in row.items()
        }

    def _unmapped(self, draw: random.Random, row: Row) -> Row:
        return {
            native: _fit(draw, column, None)
            for native, column in self._spec.columns.items()
            if column.required and native not in row
        }


def _fit(draw: random.Random, column: Column | None, value: Any) -> Any:
    if column is None:
        return value
    if value in (None, "") and column.required:
        value = "x"
    if value in (None, "") or column.references:
        return value
    if column.type in _PLAIN and not isinstance(value, _PLAIN[column.type]):
        value = _PLAIN[column.type][-1](draw.randrange(2)) if column.type is not _LIST else [value]
    if column.allowed and value not in column.allowed:
        value = draw.choice(column.allowed)
    if isinstance(value, str) and column.length is not None:
        value = value[: column.length]
    return value


_LIST = ColumnType.LIST
_PLAIN: Mapping[ColumnType, tuple[type, ...]] = {
    ColumnType.NUMBER: (float, int),
    ColumnType.BOOLEAN: (bool,),
    ColumnType.LIST: (list,),
}


def parties(row: Mapping[str, Any], mapping: MappingFile, known: Mapping[str, Any]) -> list[str]:
    """The parties whose token stands in a row's name; one, unless somebody wrote nonsense."""
    return [word for word in map(str.title, name_in(row, mapping)) if word in known]


def name_in(row: Mapping[str, Any], mapping: MappingFile) -> list[str]:
    """The words of a row's name, folded; none where the mapping has no name."""
    field = mapping.fields.get("name")
    if field is None:
        return []
    natives = (field.column,) if field.column else tuple(field.columns.values())
    return " ".join(str(row.get(native) or "") for native in natives).casefold().split()
