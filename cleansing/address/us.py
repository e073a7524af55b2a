"""Addresses in the United States, read by usaddress."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import usaddress

from cleansing.address import gazetteer
from cleansing.address.endonyms import SHORT_NAMES
from cleansing.address.model import Directory
from cleansing.address.reading import Reading
from cleansing.address.regions import find_region
from cleansing.address.words import Words
from cleansing.text import fold

_HOUSE = ("AddressNumberPrefix", "AddressNumber", "AddressNumberSuffix")
_STREET = (
    "StreetNamePreDirectional",
    "StreetNamePreModifier",
    "StreetNamePreType",
    "StreetName",
    "StreetNamePostType",
    "StreetNamePostDirectional",
    "StreetNamePostModifier",
    "CornerOf",
    "IntersectionSeparator",
)
_UNIT = (
    "OccupancyType",
    "OccupancyIdentifier",
    "SubaddressType",
    "SubaddressIdentifier",
)
_FIELD: dict[str, str] = {
    **dict.fromkeys(_HOUSE, "house_number"),
    **dict.fromkeys(_STREET, "street"),
    **dict.fromkeys(_UNIT, "unit"),
    "PlaceName": "city",
    "StateName": "region",
    "ZipCode": "postcode",
    "ZipPlus4": "postcode",
    "USPSBoxID": "po_box",
}
_TRIM = ",;: \n"
_CITY_OF_PARTS = 100_000
"""A part of what usaddress calls the place is the town only if it is a city of this size."""
_SHORT = frozenset(map(fold, SHORT_NAMES["US"]))
_INITIALS = 2
"""Words this short ("N. Miami") belong to the name that follows."""
_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_COUNTY = re.compile(r"\D+ (?:county|parish|township|twp\.?|co\.)", re.IGNORECASE)
_ATTENTION = re.compile(r"^(?:attn|attention|c/o|att)\b", re.IGNORECASE)


def read(words: Words, directory: Directory | None, reading: Reading) -> bool:
    """Fill the reading from the words that no country name has taken.

    Returns:
        False, with the reading unchanged, if usaddress finds neither street nor town nor box.
    """
    pieces = list(_pieces(words))
    ignored = [p for n, p in enumerate(pieces) if _ATTENTION.match(p) or (n and _is_county(p))]
    text = ", ".join(_street_first([piece for piece in pieces if piece not in ignored]))
    found: dict[str, list[str]] = {}
    for token, label in labelled(text):
        field = _FIELD.get(label)
        if field is not None:
            found.setdefault(field, []).append(token)
        elif label == "Recipient":
            ignored.append(token.strip(_TRIM))
    if not found.keys() & {"street", "city", "po_box"}:
        return False
    reading.ignored.extend(ignored)
    for field, tokens in found.items():
        value = " ".join(token.strip(_TRIM) for token in tokens).strip(_TRIM)
        _put(field, value, directory, reading)
    return True


def labelled(text: str) -> list[tuple[str, str]]:
    """What `usaddress.parse` answers, with the features of a word worked out once.

    >>> labelled("12 Main St") == usaddress.parse("12 Main St")
    True
    """
    tokens: list[str] = usaddress.tokenize(text)
    if not tokens:
        return []
    sequence: list[dict[str, Any]] = [dict(_features(token)) for token in tokens]
    for at, features in enumerate(sequence):
        if at:
            features["previous"] = dict(_features(tokens[at - 1]))
        if at + 1 < len(tokens):
            features["next"] = dict(_features(tokens[at + 1]))
    sequence[0]["address.start"] = True
    sequence[-1]["address.end"] = True
    if len(sequence) > 1:
        sequence[1]["previous"]["address.start"] = True
        sequence[-2]["next"]["address.end"] = True
    return list(zip(tokens, usaddress.TAGGER.tag(sequence), strict=True))


@lru_cache(maxsize=1 << 14)
def _features(token: str) -> dict[str, Any]:
    features: dict[str, Any] = usaddress.tokenFeatures(token)
    return features


def _street_first(pieces: list[str]) -> list[str]:
    """The American order for "Dallas, Texas, 1500 Marilla St, 75201"."""
    towns = 0
    while towns < len(pieces) and _is_place(pieces[towns]):
        towns += 1
    if towns == 0 or not any(piece[:1].isdigit() for piece in pieces[towns:]):
        return pieces
    rest = pieces[towns:]
    codes = [piece for piece in rest if _ZIP.fullmatch(piece)]
    return [piece for piece in rest if piece not in codes] + pieces[:towns] + codes


def _is_county(piece: str) -> bool:
    """As in "Fort Garland, Costilla County, CO": neither town nor state."""
    return _COUNTY.fullmatch(piece) is not None and gazetteer.find("US", piece) is None


def _is_place(piece: str) -> bool:
    if any(c.isdigit() for c in piece):
        return False
    return find_region("US", piece) is not None or gazetteer.find("US", piece) is not None


def _pieces(words: Words) -> Iterator[str]:
    for first, end in words.runs():
        yield " ".join(words.text[first:end]).replace("№ ", "#")


def _city(value: str) -> str:
    """The town alone, where usaddress joins it with its quarter or county; NYC is New York."""
    known = gazetteer.find_rank("US", fold(value))
    if known is not None:
        return gazetteer.place("US", known).name if fold(value) in _SHORT else value
    parts = value.replace(",", " , ").split()
    for first in range(1, len(parts)):
        if len(parts[first - 1].rstrip(".")) <= _INITIALS:
            break
        for end in range(len(parts), first, -1):
            rank = gazetteer.find_rank("US", fold(" ".join(parts[first:end])))
            if rank is not None and gazetteer.population("US", rank) > _CITY_OF_PARTS:
                return " ".join(parts[first:end]).strip(_TRIM)
    return value


def _put(field: str, value: str, directory: Directory | None, reading: Reading) -> None:
    reason = "usaddress"
    if field == "region":
        own = directory.region("US", value) if directory else None
        known = own or find_region("US", value)
        value, reason = (known, "directory" if own else "name") if known else (value, "unverified")
    elif field == "city":
        own = directory.city("US", value) if directory else None
        value, reason = (own, "directory") if own else (_city(value), reason)
    reading.put(field, value, 0.6 if reason == "unverified" else 0.95, reason)
