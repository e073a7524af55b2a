"""Numbers and money between text and `Decimal`, by an explicit locale.

The locale says which of "." and "," parts decimals and which parts thousands. Where the text has
one reading only ("1.234,56" is the same number everywhere) the locale is not needed; where it has
two that the locale does not decide, both are in the refusal and nobody guesses.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_decimal_symbol, get_group_symbol

from cleansing.number_words import CURRENCY_SIGNS, NOT_EXACT, SCALES, UNITS
from cleansing.result import Cleansed, refuse
from cleansing.text import fold, tidy


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of a currency.

    Attributes:
        amount: exact.
        currency: ISO 4217 code; None when neither the text nor the record names one.
    """

    amount: Decimal
    currency: str | None = None

    def __str__(self) -> str:
        """Amount and currency, in a form that reads back in every locale.

        >>> str(Money(Decimal("1234.50"), "EUR"))
        '1 234.50 EUR'
        """
        text = f"{self.amount:,f}".replace(",", " ")
        whole, point, decimals = text.partition(".")
        if len(decimals) == 3:  # three digits behind a sign could be thousands elsewhere
            text = f"{whole}{point}{decimals}0"
        return f"{text} {self.currency}" if self.currency else text


@dataclass(frozen=True, slots=True)
class _Parsed:
    """The value of a text, or its readings, or why there is none."""

    value: Decimal | None
    readings: tuple[str, ...] = ()
    currency: str | None = None
    why: str = "no_number"
    at_home: bool = True


_T = TypeVar("_T")
_DIGITS = r"\d(?:[\d\s.,'’_]*\d)?"
_SHAPE = re.compile(
    rf"""(?x) ^ (?P<front>(?:[^\d.,]|(?<=[^\W\d])\.(?=\s))*?)
    (?P<sign>[-+]?) \s* (?P<before>[^\d\s.,+-]{{0,4}}) \s*
    (?P<digits>[.,]?{_DIGITS}) (?:[eE](?P<power>[+-]?\d{{1,3}}))? (?P<dash>[.,][-–—=]+)?
    \s* (?P<back>.*) $"""
)
_GROUPED = r"\d{1,3}(?:%s\d{3})+"
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}")
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-"})
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?\.?[²³]?|[^\w\s]")
_MARKS = "%‰.,:;()/²³#"
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}
_FRACTION = re.compile(r"[½¼¾](?!\d)")
_POWER = re.compile(r"(?<=m)[²³]|(?<=\bm)[23]\b|(?<=\b[ckd]m)[23]\b")
_APOSTROPHES = "’‘`´ʻʼ"


@lru_cache(maxsize=256)
def _separators(locale: str) -> tuple[str, str]:
    """The locale's decimal and thousands signs.

    >>> _separators("de-DE"), _separators("en")
    ((',', '.'), ('.', ','))
    """
    parsed = _locale(locale)
    return get_decimal_symbol(parsed), get_group_symbol(parsed)


@lru_cache(maxsize=256)
def _locale(locale: str) -> Locale:
    """The locale, or its language where the territory has no tables.

    Raises:
        ValueError: neither is known.
    """
    for name in (locale, locale.replace("_", "-").split("-")[0]):
        try:
            return Locale.parse(name.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
    raise ValueError(f"unknown locale: {locale}")


def _plain(text: str) -> str:
    """Every kind of digit, minus and blank as the keyboard has it; ½ becomes .5."""
    decimal = _FRACTION.sub(lambda found: _FRACTIONS[found[0]], tidy(text))
    composed = unicodedata.normalize("NFKC", _POWER.sub("", decimal)).translate(_MINUS)
    for apostrophe in _APOSTROPHES:
        composed = composed.replace(apostrophe, "'")
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char for char in composed
    )


def _readings(digits: str) -> dict[str, Decimal]:
    """Every well-formed value of a run of digits, by the sign that parts its decimals.

    >>> _readings("1.234,56")
    {',': Decimal('1234.56')}
    >>> _readings("1,234")
    {'.': Decimal('1234'), ',': Decimal('1.234')}
    >>> _readings("12.345.67")
    {}
    """
    found: dict[str, Decimal] = {}
    for decimal, group in ((".", ","), (",", ".")):
        whole, sign, fraction = digits.rpartition(decimal)
        if not sign:
            whole, fraction = fraction, ""
        if decimal in whole or (fraction and not fraction.isdigit()):
            continue
        if (plain := _ungrouped(whole, group)) is not None and (plain or fraction):
            found[decimal] = Decimal(f"{plain or '0'}.{fraction or '0'}" if sign else plain)
    if len(found) == 2 and "." not in digits and "," not in digits:
        del found[","]
    return found


def _ungrouped(whole: str, group: str) -> str | None:
    """The digits of a whole part whose thousands are parted by one sign, or None."""
    if whole == "" or whole.isdigit():
        return whole
    for sign in (re.escape(group), r"\s", "'"):
        if re.fullmatch(_GROUPED % sign, whole) and not whole.startswith("0"):
            return re.sub(r"\D", "", whole)
    mixed = re.fullmatch(r"\d{1,3}(?:[\s'’]\d{3})+", whole)
    return re.sub(r"\D", "", whole) if mixed else None


def _by_locale(digits: str, locale: str) -> _Parsed:
    """The value of a run of digits under a locale, or the readings that it cannot decide."""
    if _INDIAN.fullmatch(digits.split(".", maxsplit=1)[0]) and _locale(locale).territory in {
        "IN",
        "PK",
        "BD",
    }:
        digits = digits.replace(",", "")
    readings = _readings(digits)
    distinct = set(readings.values())
    decimal, group = _separators(locale)
    if len(distinct) == 1:
        value = next(iter(distinct))
        return _Parsed(value, at_home=decimal in readings or digits.isdigit())
    used = "," if "," in digits else "."
    if used in {decimal, group} and decimal in readings:
        return _Parsed(readings[decimal])
    both = tuple(f"{value:f}" for value in sorted(distinct, reverse=True))
    return _Parsed(None, both, why="malformed")


@lru_cache(maxsize=1)
def _currency_codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


def _currency(word: str, locale: str) -> str | None:
    """The ISO code that a sign or word means; "$" is the dollar of the locale's own country.

    >>> _currency("zł", "en-GB"), _currency("$", "en-CA"), _currency("kg", "en-GB")
    ('PLN', 'CAD', None)
    """
    bare = word.strip(" .()").upper()
    if bare in _currency_codes() and len(bare) == 3:
        return bare
    codes = CURRENCY_SIGNS.get(bare) or CURRENCY_SIGNS.get(fold(bare).upper())
    if not codes:
        return None
    territory = _locale(locale).territory or ""
    current = [entry[0] for entry in get_global("territory_currencies").get(territory, ())]
    return next((code for code in codes if code in current), codes[0])


def _scale(words: list[str], language: str) -> tuple[Decimal, list[str]]:
    """The power of ten that a word behind the number means, and the words left."""
    scales = {**SCALES["*"], **SCALES.get(language, {})}
    if words and (scale := scales.get(words[0].rstrip(".").casefold())):
        return Decimal(10) ** scale, words[1:]
    return Decimal(1), words


def _parse(text: str, locale: str) -> _Parsed:
    """The number of a text with what stands around it, when all of that is understood."""
    negative = text.startswith("(") and text.endswith(")")
    shape = _SHAPE.match(text[1:-1].strip() if negative else text)
    if NOT_EXACT.search(fold(text)) and re.search(r"\d", text):
        return _Parsed(None, why="not_exact")
    if shape is None:
        return _Parsed(None)
    if re.search(r"\d", shape["back"]):
        return _Parsed(None, why="several_numbers")
    front = _WORDS.findall(f"{shape['front']} {shape['before']}")
    scale, back = _scale(_WORDS.findall(shape["back"]), _locale(locale).language)
    if back[-1:] == ["-"] and not shape["sign"]:
        negative = True
        back.pop()
    currencies = [_currency(word, locale) for word in (*front, *back)]
    whole_front = _currency(shape["front"] + shape["before"], locale)
    for word, code in zip((*front, *back), currencies, strict=True):
        if not (code or whole_front or fold(word) in UNITS or word in _MARKS):
            return _Parsed(None, why="unknown_words")
    read = _by_locale(shape["digits"].strip(), locale)
    if read.value is None:
        return read
    value = read.value * scale * Decimal(10) ** int(shape["power"] or 0)
    negative = negative or shape["sign"] == "-"
    currency = whole_front or next(filter(None, currencies), None)
    return replace(read, value=-value if negative and value else value, currency=currency)


def _refused(parsed: _Parsed) -> Cleansed[_T]:
    return refuse("two_readings:" + "|".join(parsed.readings) if parsed.readings else parsed.why)


def _answer(value: _T, parsed: _Parsed) -> Cleansed[_T]:
    if parsed.at_home:
        return Cleansed(value)
    return Cleansed(value, 0.8, ("number:not_as_in_locale",))


def _as_plain(value: Decimal) -> Decimal:
    """Without an exponent, so that the text form is what people read."""
    return Decimal(f"{value:f}")


def number_text(value: Decimal, *, locale: str) -> str:
    """A number as text of a locale, without thousands signs: reads back as the same number.

    >>> number_text(Decimal("1234.50"), locale="de-DE"), number_text(Decimal("-5"), locale="en")
    ('1234,50', '-5')
    """
    return f"{value:f}".replace(".", _separators(locale)[0])


def cleanse_number(text: str, *, locale: str) -> Cleansed[Decimal]:
    """The number in a text; currency, unit and percent sign are left out.

    Args:
        text: what was typed.
        locale: BCP 47 tag ("de-DE"); decides between "." and ",".

    Returns:
        The number, or a refusal: `two_readings:…`, `malformed`, `several_numbers`,
        `unknown_words`, `not_exact` or `no_number`.

    Raises:
        ValueError: the locale is unknown.

    >>> cleanse_number("12 500,00 грн.", locale="uk-UA").value
    Decimal('12500.00')
    >>> cleanse_number("1.234", locale="es-ES").value, cleanse_number("1.234", locale="en").value
    (Decimal('1234'), Decimal('1.234'))
    >>> cleanse_number("1.234", locale="pl-PL").reasons
    ('refused:two_readings:1234|1.234',)
    """
    plain = _plain(text)
    _locale(locale)
    if not plain:
        return Cleansed(None, 1.0, ("empty",))
    parsed = _parse(plain, locale)
    if parsed.value is None:
        return _refused(parsed)
    return _answer(_as_plain(parsed.value), parsed)


def cleanse_money(text: str, *, locale: str, currency: str | None = None) -> Cleansed[Money]:
    """The amount and currency in a text.

    Args:
        text: what was typed.
        locale: BCP 47 tag; decides between "." and "," and which dollar "$" is.
        currency: ISO 4217 code of the record, for texts that name none.

    Returns:
        The money, or a refusal as for numbers; `two_readings` also when the text names another
        currency than the record.

    >>> cleanse_money("1.234,50 €", locale="de-DE").value
    Money(amount=Decimal('1234.50'), currency='EUR')
    >>> cleanse_money("100 zł", locale="pl-PL", currency="EUR").reasons
    ('refused:two_readings:PLN|EUR',)
    """
    plain = _plain(text)
    _locale(locale)
    if not plain:
        return Cleansed(None, 1.0, ("empty",))
    parsed = _parse(plain, locale)
    if parsed.value is None:
        return _refused(parsed)
    if parsed.currency and currency and parsed.currency != currency.upper():
        return refuse(f"two_readings:{parsed.currency}|{currency.upper()}")
    code = parsed.currency or (currency.upper() if currency else None)
    return _answer(Money(_as_plain(parsed.value), code), parsed)
