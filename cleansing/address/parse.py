"""The rules: words are taken one kind after the other, the surest kinds first.

What contacts, countries, boxes, postcodes, flats, regions and towns leave over is looked through
for a street with its number; what is then left belongs to no field and is reported, not guessed.
"""

from __future__ import annotations

import re

from cleansing.address import gazetteer, numbers, postal
from cleansing.address.cities import take_city
from cleansing.address.divisions import take_marked_regions, take_regions
from cleansing.address.model import Directory
from cleansing.address.postcodes import take_postcode
from cleansing.address.reading import Reading, Text
from cleansing.address.street import StreetReader
from cleansing.address.units import take_units
from cleansing.address.vocabulary import vocabulary
from cleansing.address.words import Words

_LONGEST_NOISE = 4
_HARBOURS = frozenset({"port"})
"""Short for a mobile phone in French, and the beginning of many towns' names."""

_ROAD_CODE = re.compile(r"(?:[AENT]|RN|RD|RP|SS|SP|DN|DJ|DK|DW|US|SR|M)[ -]?\d{1,4}[A-Z]?")
"""Numbers of main roads, which are their names: "A 6", "RN2", "DK-94"."""


def read(words: Words, country: str, directory: Directory | None, reading: Reading) -> None:
    """Read the words of one address of a known country into the reading."""
    text = Text(words, country, vocabulary(country), directory, reading)
    _take_noise(text)
    _take_fillers(text)
    _take_box(text)
    take_postcode(text)
    take_units(text)
    take_marked_regions(text)
    take_city(text)
    take_regions(text)
    _take_street(text)
    postal.complete(text)
    _report_rest(text)


def _take_noise(text: Text) -> None:
    """After "attn …" or "до рук …" the rest of the piece names a person or a department."""
    words, known = text.words, text.vocabulary
    for i, key in enumerate(words.key):
        if words.label[i]:
            continue
        starts = key in known.noise and (len(key) > 2 or not words.same_piece(i - 1, i))
        if not starts and key.partition(" ")[0] in known.noise_heads:
            starts = any(
                words.same_piece(i, i + n - 1) and words.join_key(i, i + n) in known.noise
                for n in range(2, _LONGEST_NOISE + 1)
            )
        if starts:
            end = words.end_of_piece(i)
            if key in _HARBOURS and gazetteer.find_rank(text.country, words.join_key(i, end)):
                continue
            if end == i + 1 and words.text[i].endswith(":") and end < len(words):
                end = words.end_of_piece(end)
            words.claim(i, end, "noise")


def _take_fillers(text: Text) -> None:
    """Words of the post's own routing: "Rennes Cedex 9"."""
    words = text.words
    for i, key in enumerate(words.key):
        if key == "cedex":
            numbered = words.same_piece(i, i + 1) and words.numeric[i + 1]
            words.claim(i, i + 1 + numbered, "routing")


def _take_box(text: Text) -> None:
    found = numbers.find_box(text.words.whole, text.country)
    if found is None:
        return
    start, stop, number = found
    first, end = text.words.span(start, stop)
    if not any(text.words.label[first:end]):
        text.words.claim(first, end, "po_box")
        text.reading.put("po_box", number, 0.95, "marked")


def _take_street(text: Text) -> None:
    found = StreetReader(text.words, text.vocabulary).read()
    if found is None:
        if not _take_road(text):
            _take_number_alone(text)
        return
    street, number, rest, trust = found
    reading = text.reading
    reading.put("street", street, trust, "rules")
    if number is not None:
        reading.put("house_number", number, min(trust, 0.95), "rules")
    if rest is not None:
        reading.put("unit", rest, 0.7, "after_number")


def _take_road(text: Text) -> bool:
    """A piece that is nothing but the number of a main road."""
    words = text.words
    for first, end in words.runs():
        name = words.join(first, end)
        if _ROAD_CODE.fullmatch(name) and not words.same_piece(first - 1, first):
            words.claim(first, end, "street")
            text.reading.put("street", name, 0.6, "road_number")
            return True
    return False


def _take_number_alone(text: Text) -> None:
    """A village without streets: "č.p. 45", "д. 12"."""
    words, marks = text.words, text.vocabulary.number_before
    for first, end in words.runs():
        if end - first == 2 and words.key[first] in marks and words.numeric[first + 1]:
            number = words.join(first + 1, end).rstrip(".")
            words.claim(first, end, "house_number")
            text.reading.put("house_number", number, 0.85, "marked")
            return


def _report_rest(text: Text) -> None:
    words, ignored = text.words, text.reading.ignored
    i = 0
    while i < len(words):
        end = i + 1
        if words.label[i] == "noise":
            while end < len(words) and words.label[end] == "noise":
                end += 1
            ignored.append(words.join(i, end))
        i = end
    ignored.extend(words.join(first, end) for first, end in words.runs())
