"""Columns of a file as matching sees them: clean values, each once, and a code per record."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from cleansing.text import fold, latin
from tandem.matching.arrays import Ints

T = TypeVar("T")


class Kind(StrEnum):
    """What a column holds, told from its values."""

    NAME = "name"  #: one to three words: a person's name, a town
    TEXT = "text"  #: several words: an organisation, a title
    ADDRESS = "address"  #: street, or street and number
    PHONE = "phone"
    EMAIL = "email"
    DATE = "date"
    CODE = "code"  #: postcode, house number, identifier: every character counts
    CATEGORY = "category"  #: few values, each common


@dataclass(frozen=True)
class Column:
    """One column, cleaned.

    Attributes:
        name: as in the file.
        kind: decides how values are cleaned and compared.
        values: the distinct clean values.
        codes: per record, the position of its value in `values`; -1 when missing.
        forms: tables derived from `values` when first needed (words, n-grams, endings, …).
    """

    name: str
    kind: Kind
    values: tuple[str, ...]
    codes: Ints
    forms: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def form(self, name: str, make: Callable[[Column], T]) -> T:
        """A derived table, made once."""
        if name not in self.forms:
            self.forms[name] = make(self)
        made: T = self.forms[name]
        return made

    @cached_property
    def texts(self) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        """`values` as an array, to be picked from by codes."""
        texts = np.empty(len(self.values), dtype=object)
        texts[:] = self.values
        return texts

    @cached_property
    def frequency(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Share of the filled records that hold each value."""
        known = self.codes[self.codes >= 0]
        counts = np.bincount(known, minlength=len(self.values)).astype(np.float64)
        return counts / max(1, len(known))


def column_of(name: str, kind: Kind, texts: Sequence[str], codes: Ints) -> Column:
    """Clean a factorised column; texts that clean to the same value become one.

    Args:
        name: column name.
        kind: what the column holds.
        texts: distinct texts as they stand in the file.
        codes: per record, the position in `texts`; -1 when empty.

    >>> column_of("phone", Kind.PHONE, ["310/246", "310-246", ""], np.array([0, 1, 2, -1])).codes
    array([ 0,  0, -1, -1])
    """
    clean = CLEANERS[kind](list(texts))
    positions: dict[str, int] = {}
    remap = np.full(len(texts) + 1, -1, dtype=np.int64)
    for place, value in enumerate(clean):
        if value and value not in _EMPTY:
            remap[place] = positions.setdefault(value, len(positions))
    return Column(name, kind, tuple(positions), remap[codes])


_EMPTY = frozenset({"nan", "null", "none", "n a", "unknown", "-"})

_PUNCTUATION = str.maketrans(
    {chr(c): None if chr(c) in "'`" else " " for c in range(32, 127) if not chr(c).isalnum()}
)


def clean_words(texts: list[str]) -> list[str]:
    """Latin words in lower case, for many texts at once.

    >>> clean_words(["O'Neil & Sons", "Київ"])
    ['oneil sons', 'kiiv']
    """
    whole = "\n".join(text.replace("\n", " ") for text in texts)
    if whole.isascii():
        lines = whole.lower().translate(_PUNCTUATION).split("\n")
        return [" ".join(line.split()) for line in lines]
    return [_latin_words(text) for text in texts]


def _latin_words(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().translate(_PUNCTUATION).split())
    return latin(text)


_STREET_FORMS = {
    "street": "st", "str": "st", "avenue": "ave", "av": "ave", "boulevard": "blvd", "road": "rd",
    "drive": "dr", "lane": "ln", "la": "ln", "place": "pl", "court": "ct", "highway": "hwy",
    "parkway": "pkwy", "square": "sq", "terrace": "tce", "terr": "tce", "crescent": "cres",
    "circuit": "cct", "close": "cl", "grove": "gr", "parade": "pde", "north": "n", "south": "s",
    "east": "e", "west": "w", "saint": "st", "ulica": "ul", "ulitsa": "ul", "vulitsya": "ul",
    "vul": "ul", "odos": "od", "leoforos": "leof", "avenida": "avda", "calle": "c",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
    "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
    "between": "at", "btwn": "at", "sts": "st", "ste": "suite",
}  # fmt: skip
_ORDINAL = re.compile(r"\b(\d+) (st|nd|rd|th)\b")


def clean_addresses(texts: list[str]) -> list[str]:
    """Words with the usual abbreviations of streets, directions and ordinals.

    >>> clean_addresses(["545 West 119th Street", "545 w 119TH St."])
    ['545 w 119th st', '545 w 119th st']
    """
    forms = _STREET_FORMS
    return [
        " ".join([forms.get(word, word) for word in _ORDINAL.sub(r"\1\2", text).split()])
        for text in clean_words(texts)
    ]


_DIGITS = re.compile(r"\D+")


def clean_digits(texts: list[str]) -> list[str]:
    """Digits only.

    >>> clean_digits(["310/246-1501"])
    ['3102461501']
    """
    return [_DIGITS.sub("", text) for text in texts]


_DATE_ISO = re.compile(r"^\s*(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})(?:[T ].*)?$")
_DATE_DAY_FIRST = re.compile(r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\s*$")


def clean_dates(texts: list[str]) -> list[str]:
    """Dates as eight digits, year first; anything else keeps its digits.

    >>> clean_dates(["1971-06-24", "24/06/1971", "19710624", "1971"])
    ['19710624', '19710624', '19710624', '1971']
    """
    return [_date(text) for text in texts]


def _date(text: str) -> str:
    iso = _DATE_ISO.match(text)
    if iso:
        return f"{iso[1]}{iso[2]:0>2}{iso[3]:0>2}"
    day_first = _DATE_DAY_FIRST.match(text)
    if day_first:
        return f"{day_first[3]}{day_first[2]:0>2}{day_first[1]:0>2}"
    return _DIGITS.sub("", text)


def clean_codes(texts: list[str]) -> list[str]:
    """Letters and digits without blanks.

    >>> clean_codes(["SW1A 1AA", "00-950"])
    ['sw1a1aa', '00950']
    """
    return [text.replace(" ", "") for text in clean_words(texts)]


def _clean_emails(texts: list[str]) -> list[str]:
    return [text.strip().casefold() for text in texts]


def _clean_categories(texts: list[str]) -> list[str]:
    return [fold(text) for text in texts]


CLEANERS: dict[Kind, Callable[[list[str]], list[str]]] = {
    Kind.NAME: clean_words,
    Kind.TEXT: clean_words,
    Kind.ADDRESS: clean_addresses,
    Kind.PHONE: clean_digits,
    Kind.EMAIL: _clean_emails,
    Kind.DATE: clean_dates,
    Kind.CODE: clean_codes,
    Kind.CATEGORY: _clean_categories,
}
