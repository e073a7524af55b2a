"""Transforms: named reshapings of a value, both ways.

A transform is made by a factory whose keyword arguments are its options in YAML. It reads a native
value into a plain canonical one and writes it back. Where a text has no safe reading it answers
`Refused`; nothing is guessed. `read(write(value))` means the same as `value`, or is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from cleansing.boolean import cleanse_boolean
from cleansing.email import cleanse_email
from cleansing.number import cleanse_number
from cleansing.person import cleanse_person
from cleansing.phone import cleanse_phone
from cleansing.result import Cleansed
from cleansing.tax_id import cleanse_tax_id
from cleansing.text import fold, tidy
from connectors.base import Entry
from tandem.model.fields import Kind, Plain, is_empty, render_name


@dataclass(frozen=True, slots=True)
class Refused:
    """There is a native value, but no safe reading of it; `reasons` are stable codes."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NativeReference:
    """A reference as one system holds it; the match stage turns it into a canonical id."""

    stream: str
    native_id: str


@dataclass(frozen=True, slots=True)
class Catalogues:
    """Directories of allowed values and the synonyms that stewards decided, by directory name."""

    entries: Mapping[str, Sequence[Entry]] = field(default_factory=dict)
    synonyms: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


Read = Callable[[Any, str | None], Any]
"""(native value, the record's country) → Plain | Refused | NativeReference"""

Write = Callable[[Plain, Any], Any]
"""(canonical value, native value there now) → native value"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both directions of a transform with its options filled in."""

    read: Read
    write: Write


@dataclass(frozen=True, slots=True)
class Transform:
    """A named transform as mappings refer to it.

    Attributes:
        name: name in YAML.
        make: factory; keyword arguments are the options, `catalogues` is passed when it asks.
        kinds: kinds of canonical field it may feed.
        parts: names of the native columns it takes together; empty for a single column.
    """

    name: str
    make: Callable[..., Pair]
    kinds: frozenset[Kind]
    parts: tuple[str, ...] = ()

    @property
    def options(self) -> dict[str, inspect.Parameter]:
        """Options that may stand in YAML, by name."""
        parameters = inspect.signature(self.make).parameters
        return {name: p for name, p in parameters.items() if name != "catalogues"}

    @property
    def takes_catalogues(self) -> bool:
        """Whether the factory wants the directories of allowed values."""
        return "catalogues" in inspect.signature(self.make).parameters

    @property
    def summary(self) -> str:
        """First line of the factory's docstring."""
        return (inspect.getdoc(self.make) or "").partition("\n")[0]


_registry: dict[str, Transform] = {}
TRANSFORMS: Mapping[str, Transform] = MappingProxyType(_registry)
"""All transforms by name."""


def transform(
    *kinds: Kind, parts: tuple[str, ...] = ()
) -> Callable[[Callable[..., Pair]], Callable[..., Pair]]:
    """Register a factory under its own name; third-party code may call it too."""

    def register(make: Callable[..., Pair]) -> Callable[..., Pair]:
        name = make.__name__
        _registry[name] = Transform(name, make, frozenset(kinds), parts)
        return make

    return register


def _from_cleansed(cleansed: Cleansed[Any], plain: Callable[[Any], Plain]) -> Any:
    if cleansed.value is not None:
        return plain(cleansed.value)
    return Refused(cleansed.reasons) if cleansed.refused else None


MEMO = 16_384
"""Readings that a transform remembers: the same text comes by again as an echo, in a compare, and
on the other side."""


def _remembered(read: Callable[[str, str | None], Any]) -> Read:
    """A reader of texts that works out each text once; what is blank reads as nothing.

    Composite readings are shared: like every plain value, they are replaced and never changed.
    """
    memo = lru_cache(maxsize=MEMO)(read)

    def remembered(native: Any, country: str | None) -> Any:
        return None if _is_blank(native) else memo(str(native), country)

    return remembered


def _as_is(value: Plain, _current: Any) -> Any:
    return value


def _is_blank(native: Any) -> bool:
    return native is None or (isinstance(native, str) and not native.strip())


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
    return Pair(lambda native, _: tidy(str(native)) or None if native is not None else None, _as_is)


@transform(Kind.TEXT)
def choice(*, values: Mapping[str, str], keep_others: bool = False) -> Pair:
    """A native code for each canonical value, by a table `native: canonical`."""
    back = {canonical: native for native, canonical in values.items()}

    def read(native: Any, _country: str | None) -> Any:
        if _is_blank(native):
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
        return _from_cleansed(cleanse_boolean(str(native), lang=lang), bool)

    return Pair(read, _as_is)


def _number_reader(locale: str, plain: Callable[[Decimal], Plain]) -> Read:
    def read(native: Any, _country: str | None) -> Any:
        if _is_blank(native) or isinstance(native, bool):
            return None
        if isinstance(native, (int, float, Decimal)):
            return plain(Decimal(str(native)))
        return _from_cleansed(cleanse_number(str(native), locale=locale), plain)

    return read


def _whole(number: Decimal) -> Plain:
    return int(number) if number == int(number) else Refused(("refused:not_whole",))


@transform(Kind.INTEGER)
def integer(*, locale: str = "en_US", native: Literal["number", "text"] = "number") -> Pair:
    """A whole number, from a number or from text in an explicit locale."""
    write: Write = (lambda v, _: None if v is None else str(v)) if native == "text" else _as_is
    return Pair(_number_reader(locale, _whole), write)


@transform(Kind.DECIMAL)
def decimal(*, locale: str = "en_US", native: Literal["number", "text"] = "number") -> Pair:
    """A number with decimals; text is read and written in an explicit locale."""

    def write(value: Plain, _current: Any) -> Any:
        if value is None:
            return None
        return _localised(value, locale) if native == "text" else float(value)

    return Pair(_number_reader(locale, decimal_text), write)


def _localised(value: str, locale: str) -> str:
    from babel.numbers import get_decimal_symbol  # noqa: PLC0415  (its data load slowly)

    return value.replace(".", get_decimal_symbol(locale))


@transform(Kind.TEXT)
def phone(*, region: str | None = None) -> Pair:
    """One telephone number as E.164; the region comes from the record's country."""

    def read(native: str, country: str | None) -> Any:
        number = cleanse_phone(native, region=country or region)
        return _from_cleansed(number, lambda p: f"{p.e164};ext={p.ext}" if p.ext else p.e164)

    return Pair(_remembered(read), _as_is)


@transform(Kind.TEXT)
def email() -> Pair:
    """One e-mail address."""

    def read(native: str, _country: str | None) -> Any:
        return _from_cleansed(cleanse_email(native), lambda e: e.address)

    return Pair(_remembered(read), _as_is)


@transform(Kind.TEXT_SET)
def emails(*, native: Literal["list", "text"] = "list", separator: str = "; ") -> Pair:
    """All e-mail addresses of one column: a native list, or several in one text."""

    def read_text(text: str, _country: str | None) -> Any:
        return _from_cleansed(cleanse_email(text), lambda e: (e.address, *e.other))

    read_part = _remembered(read_text)

    def read(value: Any, _country: str | None) -> Any:
        found: set[str] = set()
        for part in value if isinstance(value, list) else [value]:
            addresses = read_part(part, None)
            if isinstance(addresses, Refused):
                return addresses
            found.update(addresses or ())
        return sorted(found)

    def write(value: Plain, _current: Any) -> Any:
        return separator.join(value) or None if native == "text" else list(value)

    return Pair(read, write)


@transform(Kind.TEXT)
def tax_id() -> Pair:
    """A tax identifier, compact, with its check digits verified for the record's country."""

    def read(native: str, country: str | None) -> Any:
        return _from_cleansed(cleanse_tax_id(native, country=country), lambda t: t.code)

    return Pair(_remembered(read), _as_is)


@transform(Kind.TEXT)
def website() -> Pair:
    """A web address without scheme, `www.` and trailing slash."""

    def read(native: Any, _country: str | None) -> Any:
        if _is_blank(native):
            return None
        address = tidy(str(native)).lower()
        for prefix in ("https://", "http://", "www."):
            address = address.removeprefix(prefix)
        return address.rstrip("/") or None

    return Pair(read, _as_is)


NAME_PARTS = ("given", "middle", "family")


@transform(Kind.PERSON_NAME, parts=NAME_PARTS)
def name_parts() -> Pair:
    """A person's name from one column per part."""

    def read(native: Any, _country: str | None) -> Any:
        name = {part: tidy(str(native.get(part) or "")) or None for part in NAME_PARTS}
        return name if any(name.values()) else None

    return Pair(read, lambda value, _: {part: (value or {}).get(part) for part in NAME_PARTS})


@transform(Kind.PERSON_NAME)
def name_text(*, lang: str | None = None) -> Pair:
    """A person's name from one column, split by the rules of its language."""

    def read(native: str, country: str | None) -> Any:
        return _from_cleansed(
            cleanse_person(native, lang=lang, country=country),
            lambda p: {part: getattr(p, part) for part in NAME_PARTS},
        )

    return Pair(_remembered(read), lambda value, _: render_name(value) if value else None)


ADDRESS_PARTS = ("street", "house_number", "unit", "city", "region", "postcode", "country")


def _plain_address(address: Any) -> dict[str, str | None]:
    plain = {part: getattr(address, part) for part in ADDRESS_PARTS}
    if address.po_box and not plain["street"]:
        plain["street"] = f"PO Box {address.po_box}"
    return plain


@transform(Kind.ADDRESS, parts=ADDRESS_PARTS)
def address_parts() -> Pair:
    """An address from one column per part; regions are codes of the system's own directory."""

    def read(native: Any, _country: str | None) -> Any:
        address = {
            part: tidy(str(value)) or None if (value := native.get(part)) is not None else None
            for part in ADDRESS_PARTS
        }
        return None if is_empty(address) else address

    return Pair(read, lambda value, _: {part: (value or {}).get(part) for part in ADDRESS_PARTS})


@transform(Kind.ADDRESS, parts=("text", "city", "region", "postcode", "country"))
def address_text(
    *, default_country: str | None = None, catalogues: Catalogues | None = None
) -> Pair:
    """An address as people type it, in one line or loosely in a few columns, put in order."""
    from cleansing.address import Address, cleanse_address, format_address  # noqa: PLC0415  (loads the world's cities)

    regions = _region_codes(catalogues)

    def read(native: Any, country: str | None) -> Any:
        typed = [tidy(str(v)) for part in _TYPED_ORDER if (v := native.get(part))]
        return read_line(", ".join(dict.fromkeys(typed)), country)

    def read_text(line: str, country: str | None) -> Any:
        cleansed = cleanse_address(line, default_country=country or default_country)
        address = _from_cleansed(cleansed, _plain_address)
        if isinstance(address, dict) and address["region"]:
            key = (address["country"], fold(address["region"]))
            address["region"] = regions.get(key, address["region"])
        return address

    read_line = _remembered(read_text)

    def write(value: Plain, current: Any) -> Any:
        if not value:
            return dict.fromkeys(current)
        names = {**value, "region": _region_name(value.get("region"), catalogues)}
        written = {part: names.get(part) for part in current if part != "text"}
        rest = {part: None if part in written else text for part, text in names.items()}
        return (
            {**written, "text": format_address(Address(**rest))} if "text" in current else written
        )

    return Pair(read, write)


_TYPED_ORDER = ("text", "postcode", "city", "region", "country")


def _region_codes(catalogues: Catalogues | None) -> dict[tuple[str | None, str], str]:
    entries = catalogues.entries.get("subdivision", ()) if catalogues else ()
    return {(entry.parent, fold(entry.name)): entry.code for entry in entries}


def _region_name(code: str | None, catalogues: Catalogues | None) -> str | None:
    entries = catalogues.entries.get("subdivision", ()) if catalogues else ()
    return next((entry.name for entry in entries if entry.code == code), code)


@transform(Kind.TEXT)
def position(*, lang: str | None = None, catalogues: Catalogues | None = None) -> Pair:
    """A job title typed freely, as a code of the directory of positions; unknown ones are asked."""
    from cleansing.job_title import Position, TitleIndex  # noqa: PLC0415  (loads slowly, rarely used)

    catalogues = catalogues or Catalogues()
    entries = catalogues.entries.get("position", ())
    index = TitleIndex(
        [Position(entry.code, (entry.name,)) for entry in entries],
        synonyms=catalogues.synonyms.get("position", ()),
    )

    def read(native: str, _country: str | None) -> Any:
        return _from_cleansed(index.match(native, lang=lang), lambda p: p.code)

    return Pair(_remembered(read), _as_is)


@transform(Kind.REFERENCE)
def reference(*, stream: str) -> Pair:
    """The id of a record of another stream of the same system."""

    def read(native: Any, _country: str | None) -> Any:
        return None if _is_blank(native) else NativeReference(stream, str(native))

    return Pair(read, _as_is)
