"""Which country an address is in: what the text says, else what the caller assumes."""

from __future__ import annotations

from functools import lru_cache

from cleansing.address import gazetteer
from cleansing.address.model import Directory
from cleansing.address.reading import Reading
from cleansing.address.regions import find_region
from cleansing.address.territories import country_coded, country_named
from cleansing.address.vocabulary import vocabulary
from cleansing.address.words import Words
from cleansing.text import fold

_LONGEST_NAME = 6
_SCRIPTS = (
    ("GR", frozenset("αβγδεζηθικλμνξοπρστυφχψω")),
    ("UA", frozenset("іїєґ")),
    ("AM", frozenset("աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ")),
    ("GE", frozenset("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ")),
)
"""Letters that one country's addresses are full of and its neighbours' are not."""

_ENOUGH_LETTERS = 2
_POSTCODE_DIGITS = 4
_LINKS = frozenset({"de", "del", "di", "da", "do", "du", "des", "of", "the", "la", "του", "τησ"})
"""Words that tie a country's name to a street's."""

_STREETS = vocabulary(None).street_before

Span = tuple[int, int]


def take_country(
    words: Words,
    default: str | None,
    prefix: str | None,
    directory: Directory | None,
    reading: Reading,
) -> str | None:
    """Take the words that name the country; its alpha-2, None if nothing tells it.

    Args:
        words: the words of the text.
        default: country that the caller assumes.
        prefix: country of a sign before the postcode ("D-20354").
        directory: the caller's own names of countries.
        reading: gets the country and the reason.
    """
    named = _named(words, default, directory)
    if named is not None:
        country, (first, end) = named
        words.claim(first, end, "country")
        reading.put("country", country, 0.99, "named")
        return country
    if prefix is not None:
        reading.put("country", prefix, 0.95, "postcode_prefix")
        return prefix
    if default is not None:
        reading.put("country", default, 0.9, "default")
        return default
    guessed = _by_script(words.whole) or _by_city(words)
    if guessed is not None:
        reading.put("country", guessed, 0.6, "inferred")
    return guessed


def _named(
    words: Words, default: str | None, directory: Directory | None
) -> tuple[str, Span] | None:
    """Country that the text names: a piece of its own, else the words at either end.

    A country other than the assumed one counts only in the first or last piece.
    """
    pieces: list[Span] = []
    i = 0
    while i < len(words):
        end = words.end_of_piece(i)
        pieces.append((i, end))
        i = end
    if not pieces:
        return None
    for piece in reversed(pieces):
        first, end = piece
        if end - first > _LONGEST_NAME or any(words.numeric[first:end]):
            continue
        found = _stated(words.join(first, end), default, directory)
        outer = len(pieces) > 1 and piece in {pieces[0], pieces[-1]}
        if found is not None and (default in {None, found} or outer):
            return found, piece
    return _inside(words, pieces, default, directory)


def _inside(
    words: Words, pieces: list[Span], default: str | None, directory: Directory | None
) -> tuple[str, Span] | None:
    """A country's name at the end of the last piece (digits may follow) or before the first."""
    first, end = pieces[-1]
    spans = _endings(words, first, end)
    while end - first > 2 and words.text[end - 1].isdigit():
        end -= 1
        if len(words.text[end]) >= _POSTCODE_DIGITS:
            spans += _endings(words, first, end)
    first, end = pieces[0]
    if end - first > 1 and len(words.text[first]) > 3:
        spans += [
            (first, first + n)
            for n in range(min(5, end - first - 1), 0, -1)
            if not _is_short_number(words.text[first + n])
        ]
    for span in spans:
        text = words.join(*span)
        own = directory.country(text) if directory is not None else None
        found = own or _agreed(text, default)
        if found is not None:
            return found, span
    return None


def _endings(words: Words, first: int, end: int) -> list[Span]:
    """Endings of a piece that may name a country: not those of a street ("Plaza de España")."""
    spans = []
    for start in range(max(first + 1, end - 5), end):
        before = words.key[first:start]
        numbered = any(words.numeric[first:start])
        if before[-1] not in _LINKS and (numbered or before[0] not in _STREETS):
            spans.append((start, end))
    return spans


def _is_short_number(word: str) -> bool:
    return word[:1].isdigit() and len(word) < _POSTCODE_DIGITS


def _agreed(text: str, default: str | None) -> str | None:
    """Country named by a part of a piece: a code or another country than assumed is no proof."""
    named, code = _meanings(text)
    if default is not None:
        return default if default in {named, code} else None
    return named


@lru_cache(maxsize=1 << 14)
def _meanings(text: str) -> tuple[str | None, str | None]:
    """Country with this name, country with this code."""
    if any(c.isdigit() for c in text):
        return None, None
    code = country_coded(text.rstrip("."))
    two_letters = len(text) == 2 and text.isascii() and text != "UK"
    return (None if two_letters else country_named(text)), code


def _stated(text: str, default: str | None, directory: Directory | None) -> str | None:
    """Country that a whole piece means."""
    if directory is not None and (own := directory.country(text)) is not None:
        return own
    named, code = _meanings(text)
    if default is None:
        return code or named
    if default in {named, code}:
        return default
    if named is None and code is None:
        return None
    return None if _means_something_at_home(text, default) else code or named


def _means_something_at_home(text: str, country: str) -> bool:
    """True of "EG", a ground floor in Germany, "Georgia", a state, "Granada", a town."""
    known, key = vocabulary(country), fold(text)
    return (
        key in known.unit_alone
        or key in known.company
        or find_region(country, text) is not None
        or gazetteer.find(country, text) is not None
    )


def _by_script(whole: str) -> str | None:
    letters = whole.casefold()
    for country, alphabet in _SCRIPTS:
        if sum(letter in alphabet for letter in letters) >= _ENOUGH_LETTERS:
            return country
    return None


def _by_city(words: Words) -> str | None:
    """Country of the biggest town that a piece, or its beginning or end, names."""
    best: tuple[int, str] | None = None
    for first, end in words.runs():
        spans = {(first, stop) for stop in range(first + 1, min(end, first + 4) + 1)}
        spans |= {(start, end) for start in range(max(first, end - 3), end)}
        for span in spans:
            found = gazetteer.country_of_city(words.join_key(*span))
            if found is not None and (best is None or found[1] > best[0]):
                best = (found[1], found[0])
    return None if best is None else best[1]
