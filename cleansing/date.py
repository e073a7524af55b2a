"""Dates and times between text and types, by an explicit locale.

The locale orders day and month where figures alone do not ("03/04/2024") and names the months. A
month alone, a quarter, a weekday or "yesterday" is no date and is refused, like the thirtieth of
February. The zone is kept when the text states an offset, and never assumed.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from cleansing.date_words import EXTRA_MONTHS, NOISE
from cleansing.result import Cleansed, refuse
from cleansing.tables import words
from cleansing.text import fold, tidy

_TIME = re.compile(
    r"""(?ix) (?: (?<=\d)t | [\s,]+ (?:at|um|(?:o\s+)?godz\.?|o|à|a\s+las|в|о\s+год\.?|о|στις
        |soat|klo|kl\.?|ob|alle|ore)? \s* | ^ )
    (?P<hour>[01]?\d|2[0-4]) (?: [:h] (?P<minute>[0-5]\d) | \.(?P<dotted>[0-5]\d)(?![\d.]) )
    (?: [:.] (?P<second>[0-5]\d) (?:[.,](?P<fraction>\d{1,9}))? )?
    \s* (?P<half>[ap]\.?\s?m\.?|πμ|μμ|π\.μ\.|μ\.μ\.)? \s*
    (?:uhr|godz\.?|год\.?|ч\.?|hrs?|h)? \s*
    (?P<zone>z|utc|gmt|(?:utc|gmt)?\s*[+-]\d{1,2}(?::?\d{2})?)? $"""
)
_TIME_FIRST = re.compile(r"^(?P<time>\d{1,2}:\d{2}(?::\d{2})?),?\s+(?P<day>\S.*)$")
_HALF_ONLY = re.compile(r"(?i)[\s,]+(?P<hour>1[0-2]|0?[1-9])\s*(?P<half>[ap]\.?m\.?)$")
_COMPACT = re.compile(r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T(?P<time>\d{4,6})Z?)?$")
_ISO = re.compile(
    r"^(?P<year>\d{4})(?P<sign>[-/.]) ?(?P<month>\d{1,2})(?P=sign) ?(?P<day>\d{1,2})\.?$"
)
_FIGURES = re.compile(
    r"^(?P<a>\d{1,2})\s*(?P<sign>[-/.,\s])\s*(?P<b>\d{1,2})\s*(?P=sign)\s*(?P<c>\d{4}|\d{2})$"
)
_ROMAN = {
    roman: number
    for number, roman in enumerate(
        ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"), start=1
    )
}
_CJK = re.compile(
    r"^(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일号]?$"
)
_SERIAL = re.compile(r"^\d{1,6}(?:[.,]\d+)?$")
_EXCEL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet has no zone
_YEAR_WORD = re.compile(
    r"(?i)(?<=\d)\s*(?:г|г\.|года|год|р|р\.|року|рік|r|r\.|roku|έτους|yil|йил)\.?$"
)
_FIRST_YEAR = 1800
_PIVOT = 69
"""Two-digit years below it are of this century, as in POSIX."""


@lru_cache(maxsize=256)
def _locale(tag: str) -> Locale:
    """The locale, or its language where the territory has no tables.

    Raises:
        ValueError: neither is known.
    """
    for name in (tag, tag.replace("_", "-").partition("-")[0]):
        try:
            return Locale.parse(name.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
    raise ValueError(f"unknown locale: {tag}")


@lru_cache(maxsize=256)
def _order(tag: str) -> tuple[str, ...]:
    """Orders of day, month and year that a locale uses; a bare "en" is both British and American.

    >>> _order("de-DE"), _order("en-US"), _order("en"), _order("hu")
    (('dmy',), ('mdy',), ('mdy', 'dmy'), ('ymd',))
    """
    locale = _locale(tag)
    pattern = re.sub(r"[^dmy]", "", locale.date_formats["short"].pattern.lower())
    order = "".join(dict.fromkeys(pattern))
    both = locale.language == "en" and locale.territory is None
    return (order, "dmy") if both else (order,)


@lru_cache(maxsize=64)
def _months_of(language: str) -> dict[str, int]:
    """Folded month names of a language, wide and short, with its genitives."""
    found: dict[str, int] = {}
    locale = _locale(language)
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                key = fold(name)
                if key and not key.isdigit():
                    found.setdefault(key, number)
    for number, names in EXTRA_MONTHS.get(language, {}).items():
        for name in names:
            found[fold(name)] = number
    return found


_LANGUAGES = words(
    """
    en uk ru pl es el uz de fr it pt cs sk ro bg hu tr nl sv da nb fi et lv lt hr sr sl mk ca be kk
    """
)


@lru_cache(maxsize=1024)
def _month(word: str, language: str) -> int | None:
    """The month that a word names in the language, in English, or alike in all languages.

    >>> _month("лист", "uk"), _month("Jan", "pl"), _month("listopad", "hr"), _month("kg", "en")
    (11, 1, 10, None)
    """
    for tried in (language, "en"):
        if number := _in_language(word, tried):
            return number
    numbers = {number for tried in _LANGUAGES if (number := _in_language(word, tried))}
    return numbers.pop() if len(numbers) == 1 else None


def _in_language(word: str, language: str) -> int | None:
    """The month of a name or of the beginning of exactly one name, three letters or more."""
    months = _months_of(language)
    key = fold(word).rstrip(" ")
    if key in months:
        return months[key]
    if len(key) < 3:
        return None
    begun = {number for name, number in months.items() if name.startswith(key)}
    return begun.pop() if len(begun) == 1 else None


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time of day as typed."""

    time: dt.time
    zone: dt.tzinfo | None = None


def _split_time(text: str) -> tuple[str, _Clock | None]:
    """A text parted into its date and its time of day.

    >>> _split_time("01.06.2024 09:05")
    ('01.06.2024', _Clock(time=datetime.time(9, 5), zone=None))
    """
    text = _TIME_FIRST.sub(r"\g<day> \g<time>", text)
    match = _TIME.search(text) or _HALF_ONLY.search(text)
    if match is None or not text[: match.start()].strip():
        return text, None
    found = match.groupdict()
    hour, minute = int(found["hour"]), int(found.get("minute") or found.get("dotted") or 0)
    half = fold(found["half"] or "").replace(" ", "")
    if half and not 1 <= hour <= 12:
        raise ValueError
    if half in {"pm", "μμ"}:
        hour = hour % 12 + 12
    elif half:
        hour %= 12
    micro = int((found.get("fraction") or "0")[:6].ljust(6, "0"))
    time = dt.time(hour, minute, int(found.get("second") or 0), micro)
    return text[: match.start()].strip(), _Clock(time, _zone(found.get("zone")))


def _zone(text: str | None) -> dt.tzinfo | None:
    """The fixed offset of "Z", "UTC", "+03:00" or "UTC+3"."""
    if not text:
        return None
    offset = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", text)
    if offset is None:
        return dt.UTC
    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
    return dt.timezone(dt.timedelta(minutes=-minutes if offset[1] == "-" else minutes))


def _year(text: str) -> int:
    """A year of four figures, or of two with the POSIX pivot.

    >>> _year("2024"), _year("24"), _year("85")
    (2024, 2024, 1985)
    """
    if len(text) == 2:
        return int(text) + (2000 if int(text) < _PIVOT else 1900)
    return int(text)


def _valid(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day) if year >= _FIRST_YEAR else None
    except ValueError:
        return None


def _figures(text: str, orders: tuple[str, ...]) -> Iterator[dt.date]:
    """The dates that figures alone may mean, those of the locale's order first."""
    if match := _ISO.match(text) or _COMPACT.match(text) or _CJK.match(text):
        found = _valid(int(match["year"]), int(match["month"]), int(match["day"]))
        yield from [found] if found else []
        return
    if match := _FIGURES.match(text):
        parts = match.group("a", "b", "c")
        if match["sign"] == "." and orders == ("mdy",):
            orders = ("mdy", "dmy")  # points are of Europe, where the day comes first
        if match["sign"] == "-" and len(parts[2]) == 2 and "dmy" in orders:
            orders = (*orders, "ymd")
        if len(parts[2]) == 4:
            orders = tuple(dict.fromkeys(order if order[-1] == "y" else "dmy" for order in orders))
        at_home = [found for order in orders if (found := _ordered(parts, order))]
        swapped = {"dmy": "mdy", "mdy": "dmy"}
        yield from at_home or [
            found for order in orders if (found := _ordered(parts, swapped.get(order, order)))
        ]


def _ordered(parts: tuple[str | None, ...], order: str) -> dt.date | None:
    by = dict(zip(order, (part or "" for part in parts), strict=True))
    return _valid(_year(by["y"]), int(by["m"]), int(by["d"])) if len(by["d"]) <= 2 else None


def _named(text: str, language: str) -> Iterator[dt.date]:
    """The date of a text with the name or Roman number of a month."""
    tokens = re.findall(r"\d+|[^\W\d_]+(?:['’ʻ‘][^\W\d_]+)*", text)
    figures, months = [], []
    for token in tokens:
        if token.isdigit():
            figures.append(token)
        elif number := _ROMAN.get(token.upper()) or _month(token, language):
            months.append(number)
        elif fold(token) not in NOISE and not _is_weekday(token, language):
            return
    if len(months) != 1 or len(figures) != 2:
        return
    first, second = figures
    if len(first) == 4:
        first, second = second, first
    if len(first) <= 2 and len(second) in {2, 4}:
        found = _valid(_year(second), months[0], int(first))
        yield from [found] if found else []


@lru_cache(maxsize=64)
def _weekdays(language: str) -> frozenset[str]:
    days = _locale(language).days
    return frozenset(
        fold(name)
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated", "short")
        for name in days[context].get(width, {}).values()
    )


def _is_weekday(word: str, language: str) -> bool:
    return fold(word) in _weekdays(language) or fold(word) in _weekdays("en")


def _serial(text: str) -> dt.date | dt.datetime | None:
    """A spreadsheet's day number.

    >>> _serial("45292"), _serial("45292,5")
    (datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, 12, 0))
    """
    if not _SERIAL.match(text):
        return None
    days = Decimal(text.replace(",", "."))
    if not 61 <= days < 2958466:
        return None
    seconds = int((days % 1 * 86400).to_integral_value())
    moment = _EXCEL_EPOCH + dt.timedelta(days=int(days), seconds=seconds)
    return moment if days % 1 else moment.date()


def date_text(value: dt.date | dt.datetime, *, locale: str) -> str:
    """A date in figures, in the order of a locale: reads back as the same day.

    >>> [date_text(dt.date(2024, 3, 4), locale=locale) for locale in ("el-GR", "en-US", "hu")]
    ['04/03/2024', '03/04/2024', '2024.03.04']
    >>> date_text(dt.datetime(2024, 3, 4, 9, 5), locale="pl-PL")
    '04.03.2024 09:05'
    """
    pattern = str(_locale(locale).date_formats["short"].pattern)
    sign = next((sign for sign in "./-" if sign in pattern), ".")
    figures = {"d": f"{value.day:02}", "m": f"{value.month:02}", "y": f"{value.year:04}"}
    day = sign.join(figures[part] for part in _order(locale)[0])
    if not isinstance(value, dt.datetime):
        return day
    shown = value.isoformat(timespec="auto")[11:]
    return f"{day} {shown.removesuffix(':00') if shown.count(':') == 2 else shown}"


def cleanse_date(
    text: str, *, locale: str, source: str | None = None
) -> Cleansed[dt.date | dt.datetime]:
    """The date, or date and time, in a text.

    Args:
        text: what was typed.
        locale: BCP 47 tag ("en-GB"); orders day and month and names the months.
        source: `"excel"` when a bare number is a spreadsheet's day.

    Returns:
        A date; a datetime when the text has a time, aware when it has an offset. Refused:
        `two_readings:…` or `no_date`.

    Raises:
        ValueError: the locale is unknown.

    >>> cleanse_date("5 лист. 2024 р.", locale="uk-UA").value
    datetime.date(2024, 11, 5)
    >>> cleanse_date("01.06.2024 09:05", locale="ru-RU").value.isoformat()
    '2024-06-01T09:05:00'
    >>> cleanse_date("03/04/2024", locale="en").reasons
    ('refused:two_readings:2024-03-04|2024-04-03',)
    """
    plain = unicodedata.normalize("NFKC", tidy(text)).strip(" .,;")
    _locale(locale)
    if not text.strip():
        return Cleansed(None, 1.0, ("empty",))
    if source == "excel" and (serial := _serial(plain)):
        return Cleansed(serial)
    try:
        dated, clock = _compact_time(plain) or _split_time(plain)
    except ValueError:
        return refuse("no_date")
    days = _days(_YEAR_WORD.sub("", dated), locale)
    if len(days) != 1:
        readings = "|".join(day.isoformat() for day in days)
        return refuse(f"two_readings:{readings}" if days else "no_date")
    value = dt.datetime.combine(days[0], clock.time, clock.zone) if clock else days[0]
    if _is_at_home(dated, days[0], locale):
        return Cleansed(value)
    return Cleansed(value, 0.8, ("date:not_as_in_locale",))


def _days(text: str, locale: str) -> list[dt.date]:
    """Every date that a text without its time may mean."""
    figures = list(dict.fromkeys(_figures(text.rstrip(" ."), _order(locale))))
    return figures or list(_named(text, str(_locale(locale).language)))


def _compact_time(text: str) -> tuple[str, _Clock] | None:
    """The parts of "20240115T103000Z"."""
    match = _COMPACT.match(text)
    if match is None or match["time"] is None:
        return None
    digits = match["time"].ljust(6, "0")
    time = dt.time(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    return text[:8], _Clock(time, dt.UTC if text.endswith("Z") else None)


def _is_at_home(text: str, day: dt.date, locale: str) -> bool:
    """Whether figures stand in the order of the locale."""
    match = _FIGURES.match(text.rstrip(" ."))
    if match is None:
        return True
    parts = match.group("a", "b", "c")
    return any(_ordered(parts, order) == day for order in (*_order(locale), "ymd") if order)
