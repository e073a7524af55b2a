"""Record ids as Salesforce writes them: 15 case-sensitive characters, or 18 with a checksum.

The three extra characters tell which letters of each group of five are upper case, so that the long
form can be compared without regard to case.
"""

from __future__ import annotations

import re

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKSUM_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
POD = "Tn0"
"""Stands where Salesforce puts the instance that made the record."""

_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def checksum(short: str) -> str:
    """Return the three characters that turn a 15-character id into an 18-character one.

    >>> checksum("00Dx0000000BV7z")
    'EAG'
    """
    return "".join(
        CHECKSUM_ALPHABET[
            sum(1 << bit for bit, character in enumerate(group) if "A" <= character <= "Z")
        ]
        for group in (short[0:5], short[5:10], short[10:15])
    )


def make_id(key_prefix: str, serial: int) -> str:
    """Return the 18-character id of the record with this number.

    Later serials sort after earlier ones in plain byte order, as a keyset needs.

    >>> make_id("001", 1)
    '001Tn0000000001IAA'
    >>> make_id("001", 61) < make_id("001", 62)
    True
    """
    digits = []
    for _ in range(9):
        serial, digit = divmod(serial, 62)
        digits.append(ALPHABET[digit])
    short = key_prefix + POD + "".join(reversed(digits))
    return short + checksum(short)


def normalise_id(text: str) -> str | None:
    """Return the 18-character form of an id, or None when the text is not one.

    >>> normalise_id("001Tn0000000001")
    '001Tn0000000001IAA'
    >>> normalise_id("001tn0000000001iaa")
    '001Tn0000000001IAA'
    >>> normalise_id("Acme") is None
    True
    """
    if not _SHAPE.fullmatch(text):
        return None
    if len(text) == 15:
        return text + checksum(text)
    short = _restore_case(text[:15], text[15:].upper())
    return None if short is None else short + checksum(short)


def _restore_case(short: str, check: str) -> str | None:
    restored = []
    for position, character in enumerate(short):
        group = CHECKSUM_ALPHABET.find(check[position // 5])
        if group < 0:
            return None
        restored.append(character.upper() if group >> (position % 5) & 1 else character.lower())
    return "".join(restored)
