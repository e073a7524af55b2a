"""Telephone numbers, as people type them, to E.164.

The region comes from the record's address: a national number without one has a reading in every
country, so it is refused. Several numbers in one field, extensions, labels and letters on the keys
are understood; a fax or second number is kept in `other`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from cleansing.result import Cleansed, refuse
from cleansing.text import tidy


@dataclass(frozen=True, slots=True)
class Phone:
    """One field's telephone numbers.

    Attributes:
        e164: the number to call, `+` and digits.
        ext: the extension behind that number, digits only.
        other: further numbers of the same field, E.164, in the order typed.
    """

    e164: str
    ext: str | None = None
    other: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line that reads back as the same value.

        >>> str(Phone("+302310555123", "12", ("+306944123456",)))
        '+302310555123 ext. 12, +306944123456'
        """
        first = f"{self.e164} ext. {self.ext}" if self.ext else self.e164
        return ", ".join((first, *self.other))


_EXTENSION_LABEL = r"""(?:
        \b(?:extension|extn?|int(?:erno|ern)?|anexo|wewn?|wew|nr\s*wew|dahili|nebenst(?:elle)?
            |poste|klapka|linka|mell[eé]k|dw|durchwahl)\b
        | доб(?:авочный)? | вн(?:утр(?:енний|ішній)?)? | дод(?:атковий)? | εσωτ(?:ερικό)? | εσ
        | \bw\. | x | \#
    )"""
_EXTENSION = re.compile(
    rf"""(?ix) [\s,;(]* {_EXTENSION_LABEL} [\s.:=№]* (?P<ext>\d(?:[\d-]{{0,6}}\d)?) \s* \)?
    (?=\s*(?:$|[,;/|(\n])|\s+\D)"""
)
_BEFORE_EXTENSION = re.compile(rf"(?ix) \s*[,;]\s* (?={_EXTENSION_LABEL} [\s.:=№]* \d)")
_FAX = re.compile(r"(?i)\b(?:tele)?fax\b|факс|φαξ|faks\b|\bf\s*:")
_PARTS = re.compile(
    r"(?i)\s*[;,|\n\\]\s*|\s+(?=\+\s?\d)|\s+(?=00\d{2})|(?<=\d)\s*/\s*(?=\+|\()"
    r"|\s+(?:or|and|oder|und|lub|oraz|или|або|та|και|ή|o|y|e|ou|et|yoki|va|i|и|й|mob|моб|tel|тел|fax|факс|φαξ|κιν|τηλ|kom|móvil|faks)\b[.:\s]*(?=[+(\d])"
)
_LONGEST = 1000
_NEXT_LINE = re.compile(r"^(?P<stem>.*\d)\s*[/&-]\s*(?P<tail>\d{1,2})$")
_TYPED = re.compile(r"[+(]?[\d(][\d\s().\-–/&·]*\d(?!\d)")
_VANITY = re.compile(r"^\+?1?[\s.-]*\(?[2-9]\d{2}\)?[\s.-]*[A-Za-z][A-Za-z0-9\s.-]{5,}$")
_FLOAT = re.compile(r"(?<=\d{9})\.0$")
_EXPONENT = re.compile(r"(?i)\d[.,]\d+e\+?\d+")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_MIN_DIGITS = 5
_MIN_INTERNATIONAL = 11
_OLD_TRUNK = {
    **dict.fromkeys(("UA", "UZ", "MD", "GE", "AM", "AZ", "KG", "TJ"), "8"),
    **dict.fromkeys(("PL", "GR"), "0"),
}
"""Trunk prefixes that were abolished and are still written."""


def _plain(text: str) -> str:
    """Width forms, odd dashes and foreign digits as the keyboard has them."""
    return "".join(
        str(unicodedata.digit(char)) if char.isdigit() else char
        for char in unicodedata.normalize("NFKC", tidy(text))
    )


def _is_placeholder(national: str) -> bool:
    """True for a number that nobody owns: one digit repeated, or the keys in order.

    >>> _is_placeholder("000000000"), _is_placeholder("123456789"), _is_placeholder("2310555123")
    (True, True, False)
    """
    return len(set(national[-7:])) == 1 or "1234567890".startswith(national)


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    if _is_placeholder(phonenumbers.national_significant_number(number)):
        return None
    return number


def _e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _readings(typed: str, region: str | None) -> tuple[str, ...]:
    """Every valid E.164 reading of one typed number, the likeliest first.

    >>> _readings("380 44 234-56-78", "UA"), _readings("0030 2310 555123", "US")
    (('+380442345678',), ('+302310555123',))
    """
    typed = _TRUNK_ZERO.sub("", typed)
    if typed.lstrip("( ").startswith("+"):
        number = _parse(typed, None)
        return (_e164(number),) if number else ()
    digits = "".join(re.findall(r"\d", typed))
    found: list[str] = []
    national = _parse(typed, region) if region else None
    if national is None and region in _OLD_TRUNK and digits[:1] == _OLD_TRUNK[region]:
        national = _parse(digits[1:], region)
    if national:
        found.append(_e164(national))
        if phonenumbers.national_significant_number(national) != digits:
            return tuple(found)  # a trunk prefix or country code was read: there is no doubt
    exit_code = digits.startswith("00")
    international = digits[2:] if exit_code else digits
    long_enough = region is not None and len(international) >= _MIN_INTERNATIONAL
    if (exit_code or long_enough) and (number := _parse(f"+{international}", None)):
        found.append(_e164(number))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Line:
    """One typed number with its valid readings, and what the text says of it."""

    readings: tuple[str, ...]
    ext: str | None
    fax: bool


def _lines(text: str, region: str | None) -> tuple[list[_Line], bool]:
    """The numbers of a field, and whether digits were left that are no valid number."""
    lines: list[_Line] = []
    dropped = False
    for part in _PARTS.split(_BEFORE_EXTENSION.sub(" ", text)):
        fax, ext, number = bool(_FAX.search(part)), None, part
        if match := _EXTENSION.search(part):
            ext, number = match["ext"].replace("-", ""), part[: match.start()] + part[match.end() :]
        if _VANITY.match(number.strip()) and (found := _parse(number, region)):
            lines.append(_Line((_e164(found),), ext, fax))
            continue
        for match in _TYPED.finditer(number):
            typed = match[0]
            if sum(char.isdigit() for char in typed) < _MIN_DIGITS:
                continue
            read = _one_typed(typed, region)
            dropped = dropped or not read
            lines.extend(_Line(readings, ext, fax) for readings in read)
    return lines, dropped


def _one_typed(typed: str, region: str | None) -> list[tuple[str, ...]]:
    """Readings of a typed run of digits, which may stand for a row of lines ("555 12 34/35").

    >>> _one_typed("22 123 45 67/68", "PL")
    [('+48221234567',), ('+48221234568',)]
    """
    if readings := _readings(typed, region):
        return [readings]
    if (row := _NEXT_LINE.match(typed)) and (stem := _readings(row["stem"], region)):
        tail = row["tail"]
        return [stem, tuple(reading[: -len(tail)] + tail for reading in stem)]
    halves = [_readings(half, region) for half in re.split(r"\s*/\s*|\s+-\s+|\s{2,}", typed)]
    if len(halves) > 1 and all(halves):
        return halves
    return []


def cleanse_phone(text: str, *, region: str | None = None) -> Cleansed[Phone]:
    """The telephone numbers of a field, in E.164.

    Args:
        text: what was typed.
        region: ISO alpha-2 country of the record's address, for numbers without a country code.

    Returns:
        The phone, or a refusal: `no_region`, `no_number`, `invalid_number`, `two_readings`, or
        `too_long` for what is no telephone field at all.

    >>> cleanse_phone("тел. 044 234-56-78 доб. 101, моб. 050 123 45 67", region="UA").value
    Phone(e164='+380442345678', ext='101', other=('+380501234567',))
    >>> cleanse_phone("+380442345678;ext=101").value.ext
    '101'
    >>> cleanse_phone("1-800-FLOWERS", region="US").value
    Phone(e164='+18003569377', ext=None, other=())
    >>> cleanse_phone("2310 555123").reasons
    ('refused:no_region',)
    """
    plain = _FLOAT.sub("", _plain(text))
    if not plain:
        return Cleansed(None, 1.0, ("empty",))
    if len(plain) > _LONGEST or _EXPONENT.search(plain):
        return refuse("too_long" if len(plain) > _LONGEST else "digits_lost")
    lines, dropped = _lines(plain, region.upper() if region else None)
    if not lines:
        if not dropped:
            return refuse("no_number")
        return refuse("invalid_number" if region or "+" in plain else "no_region")
    if several := next((line.readings for line in lines if len(line.readings) > 1), None):
        return refuse("two_readings:" + "|".join(several))
    lines.sort(key=lambda line: line.fax)
    first = lines[0]
    e164 = first.readings[0]
    other = tuple(dict.fromkeys(line.readings[0] for line in lines[1:] if line.readings[0] != e164))
    reasons = tuple(
        code
        for code, holds in (
            ("phone:several", bool(other)),
            ("phone:invalid_part_dropped", dropped),
            ("phone:fax", first.fax),
        )
        if holds
    )
    return Cleansed(Phone(e164, first.ext, other), 0.8 if dropped or first.fax else 1.0, reasons)
