"""A second reading by libpostal, where the extra `libpostal` is installed and its model prepared.

libpostal guesses well and invents a little. So it fills only fields that the rules have left empty
(a street, a town, a region), and only with words of the text that they have left over. What it
calls a house number goes with the street that it found. Of a street that the rules did read, it
may cut off the name of the shop or company that stands in front of it without a comma.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from threading import Lock

from cleansing.address import gazetteer
from cleansing.address.postal_model import FOLDER_VARIABLE, is_prepared, model_folder
from cleansing.address.reading import Text
from cleansing.address.regions import find_region
from cleansing.text import fold

Labels = Iterable[tuple[str, str]]
"""libpostal's answer: pairs of label and words, in lower case."""

Parser = Callable[[str, str], Labels]
"""(text, alpha-2 country) → labels"""

_ASKED = frozenset({"street", "city", "region"})
_LONG_STREET = 3
"""Words from which a street without a word for it in front may hold a company's name too."""
_TRUST = 0.65
_UNVERIFIED = 0.5
"""Of a place that is in no directory: libpostal's word alone."""


def parser_state() -> str:
    """Whether libpostal will be asked (`ready`), else what is missing; nothing is loaded."""
    if find_spec("libpypostal") is None:
        return "not installed"
    return "ready" if is_prepared(model_folder()) else "its model is not prepared"


@cache
def parser() -> Parser | None:
    """Libpostal's parser; None where the extra is not installed.

    Warns once if the extra is installed and its model is not prepared.
    """
    try:
        module = import_module("libpypostal.parser")
    except (ImportError, OSError):
        return None
    folder = model_folder()
    if not is_prepared(folder):
        warnings.warn(
            f"libpostal is installed, but its model is not in {folder}: addresses are read by the "
            "rules alone until `tandem postal install` has been run",
            RuntimeWarning,
            stacklevel=2,
        )
        return None
    os.environ[FOLDER_VARIABLE] = str(folder)  # libpostal reads it when it is first asked
    lock = Lock()  # the C library keeps one parser and its state for the whole process

    def parse(text: str, country: str) -> Labels:
        with lock:
            found = module.parse_address(
                text, merge_multiple_matches=False, country_code=country.lower()
            )
        return [(label.value, part) for label, parts in found.items() for part in parts]

    return parse


def complete(text: Text) -> None:
    """Fill the street, town and region that the rules did not find, from the words left over."""
    values = text.reading.values
    if "po_box" in values:
        return
    gaps = _ASKED - values.keys() and any(text.words.runs())
    parse = parser() if gaps or _may_hold_company(text) else None
    if parse is None:
        return
    found = list(parse(text.words.whole.replace("\n", ", "), text.country))
    if "street" in values:
        _cut_company(text, found)
    street = "street" not in values and _take_street(text, found)
    for label, words in found:
        if label == "house_number" and street:
            _take(text, "house_number", words)
        elif label in {"city", "city_district", "suburb"}:
            _take_city(text, words, sure=label == "city")
        elif label in {"state", "state_district"}:
            _take_region(text, words)


def _may_hold_company(text: Text) -> bool:
    """Whether the street is long and no word for a street opens it."""
    first, *rest = fold(text.reading.values.get("street", "")).split() or [""]
    return len(rest) >= _LONG_STREET - 1 and first not in text.vocabulary.street_before


def _cut_company(text: Text, found: Labels) -> None:
    """As in "Castle Court Shopping Centre Castle Street": what it calls a house goes before."""
    parts = dict(found)
    street, house, road = text.reading.values["street"], parts.get("house"), parts.get("road")
    if house and road and fold(f"{house} {road}") == fold(street):
        words = street.split()
        kept = len(fold(road).split())
        if len(fold(street).split()) == len(words) > kept:
            text.reading.values["street"] = " ".join(words[-kept:])
            text.reading.ignored.append(" ".join(words[:-kept]))
            text.reading.reasons.append("street:company_cut")


def _take_street(text: Text, found: Labels) -> bool:
    return any(label == "road" and _take(text, "street", words) for label, words in found)


def _take_city(text: Text, words: str, *, sure: bool) -> None:
    place = gazetteer.find(text.country, words)
    if place is not None:
        _take(text, "city", words, place.name)
    elif sure:
        _take(text, "city", words, trust=_UNVERIFIED, whole_run=True)


def _take_region(text: Text, words: str) -> None:
    known = find_region(text.country, words)
    _take(text, "region", words, known, _TRUST if known else _UNVERIFIED, whole_run=True)


def _take(
    text: Text,
    name: str,
    wanted: str,
    value: str | None = None,
    trust: float = _TRUST,
    *,
    whole_run: bool = False,
) -> bool:
    """Fill a field with words that are free in the text; False if it has them not, or no more.

    Args:
        text: the text.
        name: the field.
        wanted: the words as libpostal writes them.
        value: what to fill in; None: the words as typed.
        trust: confidence.
        whole_run: only if they are all that stands between two commas.
    """
    if name in text.reading.values:
        return False
    span = _span(text, wanted, whole_run=whole_run)
    if span is None:
        return False
    typed = text.words.join(*span)
    text.words.claim(*span, name)
    text.reading.put(name, value or typed, trust, "libpostal")
    return True


def _span(text: Text, wanted: str, *, whole_run: bool) -> tuple[int, int] | None:
    """The free words that fold to the wanted ones."""
    key = fold(wanted)
    if not key:
        return None
    for first, end in text.words.runs():
        if whole_run:
            if text.words.join_key(first, end) == key:
                return first, end
            continue
        for start in range(first, end):
            for stop in range(start + 1, end + 1):
                if text.words.join_key(start, stop) == key:
                    return start, stop
    return None
