"""Transforms: named reshapings of a value, both ways.

A transform is made by a factory whose keyword arguments are its options in YAML. It reads a native
value into a plain canonical one and writes it back. Where a text has no safe reading it answers
`Refused`; nothing is guessed. `read(write(value))` means the same as `value`, or is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

from cleansing.boolean import cleanse_boolean
from cleansing.email import cleanse_email
from cleansing.number import cleanse_money, cleanse_number, number_text
from cleansing.person import cleanse_person
from cleansing.phone import cleanse_phone
from cleansing.tax_id import cleanse_tax_id
from cleansing.text import tidy
from tandem.mapping import address_transforms  # noqa: F401 - registers its transforms
from tandem.mapping.transform import (
    TRANSFORMS,
    Catalogues,
    NativeReference,
    Pair,
    Read,
    Refused,
    Write,
    as_is,
    from_cleansed,
    is_blank,
    remembered,
    transform,
)
from tandem.model.fields import Kind, Plain, render_name

__all__ = ["TRANSFORMS", "Catalogues", "NativeReference", "Pair", "Refused", "transform"]


def decimal_text(number: Decimal) -> str:
    """Canonical text of a number: no exponent, no trailing zeros.

    >>> decimal_text(Decimal("1.50E+3")), decimal_text(Decimal("0.10"))
    ('1500', '0.1')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@transform(Kind.TEXT)
def text() -> Pair:
    """Text without invisible characters and doubled blanks."""

    def read(native: Any, _country: str | None) -> Any:
        if isinstance(native, (list, dict)):
            return Refused(("refused:not_text",))
        return None if native is None else tidy(str(native)) or None

    return Pair(read, as_is)


@transform(Kind.TEXT)
def choice(*, values: Mapping[str, str], keep_others: bool = False) -> Pair:
    """A native code for each canonical value, by a table `native: canonical`."""
    back = {canonical: native for native, canonical in values.items()}

    def read(native: Any, _country: str | None) -> Any:
        if is_blank(native):
            return None
        found = values.get(str(native))
        if found is None and keep_others:
            return tidy(str(native))
        return Refused(("refused:not_in_table",)) if found is None else found

    return Pair(read, lambda value, _: back.get(value, value if keep_others else None))


@transform(Kind.BOOLEAN)
def boolean(*, lang: str | None = None) -> Pair:
    """True and false, also as words, Y/N and 1/0."""

    def read(native: Any, _country: str | None) -> Any:
        if native is None or isinstance(native, bool):
            return native
        return from_cleansed(cleanse_boolean(str(native), lang=lang), bool)

    return Pair(read, as_is)


def _number_reader(locale: str, plain: Callable[[Decimal], Plain]) -> Read:
    def read(native: Any, _country: str | None) -> Any:
        if is_blank(native) or isinstance(native, bool):
            return None
        if isinstance(native, (int, float, Decimal)):
            return plain(Decimal(str(native)))
        return from_cleansed(cleanse_number(str(native), locale=locale), plain)

    return read


def _whole(number: Decimal) -> Plain:
    return int(number) if number == int(number) else Refused(("refused:not_whole",))


@transform(Kind.INTEGER)
def integer(*, locale: str = "en_US", native: Literal["number", "text"] = "number") -> Pair:
    """A whole number, from a number or from text in an explicit locale."""
    write: Write = (lambda v, _: None if v is None else str(v)) if native == "text" else as_is
    return Pair(_number_reader(locale, _whole), write)


@transform(Kind.DECIMAL)
def decimal(
    *,
    locale: str = "en_US",
    native: Literal["number", "text"] = "number",
    places: int | None = None,
) -> Pair:
    """A number with decimals, in an explicit locale as text; the column may keep fewer `places`."""

    def write(value: Plain, _current: Any) -> Any:
        if value is None:
            return None
        number = Decimal(value)
        if places is not None:
            # What the system shows is then the rounded value: the others keep theirs.
            number = round(number, places)
        return number_text(number, locale=locale) if native == "text" else _as_number(number)

    return Pair(_number_reader(locale, decimal_text), write)


def _as_number(number: Decimal) -> float | str:
    """The JSON number that is exactly this one; its text where a double would round it.

    >>> _as_number(Decimal("0.1")), _as_number(Decimal("0.1234567890123456789"))
    (0.1, '0.1234567890123456789')
    """
    double = float(number)
    return double if Decimal(repr(double)) == number else decimal_text(number)


@transform(Kind.DECIMAL)
def money(*, locale: str, currency: str, native: Literal["number", "text"] = "text") -> Pair:
    """An amount in one currency; a text that names another currency is refused."""
    code = currency.upper()

    def read_text(text: str, _country: str | None) -> Any:
        found = cleanse_money(text, locale=locale, currency=code)
        return from_cleansed(found, lambda each: decimal_text(each.amount))

    read_once = remembered(read_text)
    read_number = _number_reader(locale, decimal_text)

    def read(value: Any, country: str | None) -> Any:
        return (read_once if isinstance(value, str) else read_number)(value, country)

    def write(value: Plain, _current: Any) -> Any:
        if value is None:
            return None
        number = Decimal(value)
        text = f"{number_text(number, locale=locale)} {code}"
        return text if native == "text" else _as_number(number)

    _ = read(f"1 {code}", None)  # an unknown locale is told when the mapping is compiled
    return Pair(read, write)


@transform(Kind.TEXT)
def date(*, locale: str, native: Literal["date", "text"] = "date") -> Pair:
    """A date, or date and time, as ISO 8601; text is read and written in an explicit locale."""
    from cleansing.date import cleanse_date, date_text  # noqa: PLC0415  (its tables load slowly)

    def read_text(text: str, _country: str | None) -> Any:
        return from_cleansed(cleanse_date(text, locale=locale), lambda day: day.isoformat())

    read_once = remembered(read_text)

    def read(value: Any, country: str | None) -> Any:
        is_date = isinstance(value, dt.date)  # a workbook's cell, say
        return value.isoformat() if is_date else read_once(value, country)

    def write(value: Plain, _current: Any) -> Any:
        if value is None or native == "date":
            return value
        moment = dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
        text = date_text(moment, locale=locale)
        return text if read_once(text, None) == value else value

    _ = read_once("2000-01-01", None)  # an unknown locale is told when the mapping is compiled
    return Pair(read, write)


@transform(Kind.TEXT, by_country=True)
def phone(*, region: str | None = None) -> Pair:
    """One telephone number as E.164; the region comes from the record's country."""

    def read(native: str, country: str | None) -> Any:
        number = cleanse_phone(native, region=country or region)
        return from_cleansed(number, lambda p: f"{p.e164};ext={p.ext}" if p.ext else p.e164)

    return Pair(remembered(read), as_is)


@transform(Kind.TEXT)
def email() -> Pair:
    """One e-mail address."""

    def read(native: str, _country: str | None) -> Any:
        return from_cleansed(cleanse_email(native), lambda e: e.address)

    return Pair(remembered(read), as_is)


@transform(Kind.TEXT_SET)
def emails(*, native: Literal["list", "text"] = "list", separator: str = "; ") -> Pair:
    """All e-mail addresses of one column: a native list, or several in one text."""

    def read_text(text: str, _country: str | None) -> Any:
        return from_cleansed(cleanse_email(text), lambda e: (e.address, *e.other))

    read_part = remembered(read_text)

    def read(value: Any, _country: str | None) -> Any:
        found: set[str] = set()
        for part in value if isinstance(value, list) else [value]:
            addresses = read_part(part, None)
            if isinstance(addresses, Refused):
                return addresses
            found.update(addresses or ())
        return sorted(found)

    def write(value: Plain, _current: Any) -> Any:
        addresses = value or []
        return separator.join(addresses) or None if native == "text" else list(addresses)

    return Pair(read, write)


@transform(Kind.TEXT, by_country=True)
def tax_id() -> Pair:
    """A tax identifier, compact, with its check digits verified for the record's country."""

    def read(native: str, country: str | None) -> Any:
        return from_cleansed(cleanse_tax_id(native, country=country), lambda t: t.code)

    return Pair(remembered(read), as_is)


@transform(Kind.TEXT)
def website() -> Pair:
    """A web address without scheme, `www.` and trailing slash."""

    def read(native: Any, _country: str | None) -> Any:
        if is_blank(native):
            return None
        address = tidy(str(native)).lower()
        for prefix in ("https://", "http://", "www."):
            address = address.removeprefix(prefix)
        return address.rstrip("/") or None

    return Pair(read, as_is)


NAME_PARTS = ("given", "middle", "family")


@transform(Kind.PERSON_NAME, parts=NAME_PARTS)
def name_parts() -> Pair:
    """A person's name from one column per part."""

    def read(native: Any, _country: str | None) -> Any:
        name = {part: tidy(str(native.get(part) or "")) or None for part in NAME_PARTS}
        return name if any(name.values()) else None

    return Pair(read, lambda value, _: {part: (value or {}).get(part) for part in NAME_PARTS})


@transform(Kind.PERSON_NAME, by_country=True)
def name_text(*, lang: str | None = None) -> Pair:
    """A person's name from one column, split by the rules of its language."""

    def read(native: str, country: str | None) -> Any:
        return from_cleansed(
            cleanse_person(native, lang=lang, country=country),
            lambda p: {part: getattr(p, part) for part in NAME_PARTS},
        )

    return Pair(remembered(read), lambda value, _: render_name(value) if value else None)


@transform(Kind.TEXT)
def position(*, lang: str | None = None, catalogues: Catalogues | None = None) -> Pair:
    """A job title typed freely, as a code of the directory of positions; unknown ones are asked.

    What is written is the entry's name, in `lang` where the system has it; a title that says the
    same already stays as it was typed.
    """
    from cleansing.job_title import Position, TitleIndex  # noqa: PLC0415  (loads slowly, rarely used)

    catalogues = catalogues or Catalogues()
    positions = {
        entry.code: Position(entry.code, {"": (entry.name,)} | _in_languages(entry.names))
        for entry in catalogues.entries.get("position", ())
    }
    index = TitleIndex(positions.values(), synonyms=catalogues.synonyms.get("position", ()))

    def read_title(native: str, _country: str | None) -> Any:
        if native in positions:
            return native
        return from_cleansed(index.match(native, lang=lang), lambda p: p.code)

    read = remembered(read_title)

    def write(value: Plain, current: Any) -> Any:
        if value not in positions or read(current, None) == value:
            return current if value in positions else value
        name = positions[value].named(lang)
        return name if read(name, None) == value else value

    return Pair(read, write)


def _in_languages(names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {lang: (name,) for lang, name in names.items()}


@transform(Kind.REFERENCE)
def reference(*, stream: str) -> Pair:
    """The id of a record of another stream of the same system."""

    def read(native: Any, _country: str | None) -> Any:
        return None if is_blank(native) else NativeReference(stream, str(native))

    return Pair(read, as_is)
