"""A second reading by libpostal, where the optional `postal` package is installed.

libpostal guesses well and invents a little, so it only fills what the rules left empty, only with
words that the text holds, and a town only if the directory knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module

from cleansing.address import gazetteer
from cleansing.address.reading import Reading
from cleansing.text import fold

Labels = Iterable[tuple[str, str]]
"""libpostal's answer: pairs of words and label, in lower case."""

_FIELDS = {"road": "street", "house_number": "house_number"}
_TRUST = 0.65


@cache
def parser() -> Callable[[str], Labels] | None:
    """Libpostal's parser; None where the package or its model is not installed."""
    try:
        module = import_module("postal.parser")
    except (ImportError, OSError):
        return None
    parse: Callable[[str], Labels] = module.parse_address
    return parse


def complete(text: str, country: str, reading: Reading) -> None:
    """Fill the street, number and town that the rules did not find."""
    parse = parser()
    missing = {"street", "city"} - reading.values.keys()
    if parse is None or not missing or "po_box" in reading.values:
        return
    found = {label: words for words, label in parse(text)}
    if "street" in missing and "road" in found:
        for label, name in _FIELDS.items():
            typed = _as_typed(text, found.get(label, ""))
            if typed is not None:
                reading.put(name, typed, _TRUST, "libpostal")
    if "city" in missing:
        place = gazetteer.find(country, found.get("city", ""))
        if place is not None:
            reading.put("city", place.name, _TRUST, "libpostal")


def _as_typed(text: str, words: str) -> str | None:
    """The words as the text spells them; None if the text does not hold them.

    >>> _as_typed("Rue de Rivoli 5, PARIS", "rue de rivoli")
    'Rue de Rivoli'
    """
    wanted = fold(words)
    tokens = text.replace(",", " ").split()
    count = len(words.split())
    if wanted:
        for first in range(len(tokens) - count + 1):
            span = " ".join(tokens[first : first + count])
            if fold(span) == wanted:
                return span
    return None
