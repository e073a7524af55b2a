"""Which words name the town: every place in the text is weighed, the best one is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import log10

from cleansing.address import gazetteer, numbers
from cleansing.address.reading import Text
from cleansing.address.regions import find_region
from cleansing.text import fold, latin

_LONGEST = 5
_THRESHOLD = 3.4
_WITH_PARTS = 100_000
"""Cities of this size have numbered or named parts ("Praha 2", "Ostrava-Poruba")."""

_NO_MERE_REGION = 300_000
"""A city of this size is meant even if a region bears its name."""

_LONGEST_CUT = 4
_OWN_PLACE = 10**7
"""A place of the caller's directory weighs as much as the biggest city."""


@dataclass(slots=True)
class _Candidate:
    """Words first to end - 1 may be the town `name`."""

    first: int
    end: int
    score: float
    name: str
    reason: str
    trust: float


@lru_cache(maxsize=1 << 16)
def _known_to_all(country: str, key: str) -> tuple[str, int, str] | None:
    if len(key) < 2 or key.isdigit():
        return None
    rank = gazetteer.find_rank(country, key)
    if rank is None:
        return None
    place = gazetteer.place(country, rank)
    bare = key.replace(" ", "")
    official = bare in {fold(place.name).replace(" ", ""), latin(place.name).replace(" ", "")}
    return place.name, place.population, "name" if official else "alias"


def _known(text: Text, first: int, end: int) -> tuple[str, int, str] | None:
    """Name, inhabitants and reason for a place with exactly these words."""
    key = text.words.join_key(first, end)
    if text.directory is not None and text.directory.cities:
        own = text.directory.city(text.country, key)
        if own is not None:
            return own, _OWN_PLACE, "directory"
    return _known_to_all(text.country, key) or _known_by_abbreviation(text, first, end, key)


def _known_by_abbreviation(
    text: Text, first: int, end: int, key: str
) -> tuple[str, int, str] | None:
    """As in "Αγ. Παρασκευή", "Н. Тагил": the first word cut short, with its stop."""
    words, known = text.words, text.vocabulary
    if end - first < 2 or words.text[first][-1] != "." or len(words.key[first]) > _LONGEST_CUT:
        return None
    if words.key[first] in known.street_before or words.key[first] in known.city_before:
        return None
    rank = gazetteer.find_abbreviated(text.country, key)
    if rank is None:
        return None
    place = gazetteer.place(text.country, rank)
    return place.name, place.population, "abbreviation"


@lru_cache(maxsize=1 << 12)
def _weight(people: int) -> float:
    return 0.3 * min(log10(people + 1), 7.0)


def take_city(text: Text) -> None:
    """Take the most likely town, if any is likely enough."""
    words = text.words
    best: _Candidate | None = None
    for candidate in _candidates(text):
        if words.label[candidate.end] == "region":
            candidate.score += 1.5
        candidate.score += _beside_lone_postcode(text, candidate)
        if best is None or candidate.score > best.score:
            best = candidate
    if best is not None and best.score >= _THRESHOLD:
        words.claim(best.first, best.end, "city")
        text.reading.put("city", best.name, best.trust, best.reason)


def city_alone(text: Text) -> str | None:
    """The town in a text that is nothing but a town with its word ("г. Киев")."""
    for first, end in _place_runs(text):
        marked = _marked(text, first, end)
        if marked is not None and (marked.first, marked.end) == (0, len(text.words)):
            return marked.name
    return None


def _beside_lone_postcode(text: Text, candidate: _Candidate) -> float:
    """A postcode that is a piece of its own stands next to its town."""
    words = text.words
    for i in (candidate.first - 1, candidate.end):
        if words.label[i] == "postcode":
            return 0.8 if abs(words.piece[i] - words.piece[candidate.first]) == 1 else 0.0
    return 0.0


def _candidates(text: Text) -> Iterator[_Candidate]:
    for first, end in _place_runs(text):
        marked = _marked(text, first, end)
        if marked is not None:
            yield marked
        else:
            yield from _plain(text, first, end)


def _place_runs(text: Text) -> Iterator[tuple[int, int]]:
    """Runs, cut before every word that announces a street or a town."""
    keys, announcing = text.words.key, text.vocabulary.announcing
    for first, end in text.words.runs():
        cut = first
        for i in range(first + 1, end):
            if keys[i] in announcing and _announces(text, i, announcing):
                yield cut, i
                cut = i
        yield cut, end


def _announces(text: Text, i: int, kinds: frozenset[str]) -> bool:
    """True if word i announces something; one letter alone needs its stop."""
    words, key = text.words, text.words.key[i]
    if key not in kinds or not words.same_piece(i, i + 1):
        return False
    if key in text.vocabulary.street_after and words.text[i + 1][:1].isdigit():
        return False
    if len(key) > 2:
        return True
    word = words.text[i]
    return word[-1] in "./º" or (not word.isascii() and word.islower()) or word.isupper()


# -- towns with their word -----------------------------------------------------------------------


def _marked(text: Text, first: int, end: int) -> _Candidate | None:
    words, known = text.words, text.vocabulary
    for n in (2, 1):
        if first + n >= end or words.join_key(first, first + n) not in known.city_before:
            continue
        if n > 1 or _announces(text, first, known.city_before):
            return _after_word(text, first, first + n, end)
    for i in range(first + 1, end):
        if words.key[i] in known.city_after and not words.text[i].isupper():
            return _before_word(text, first, i)
    return None


def _after_word(text: Text, marker: int, first: int, end: int) -> _Candidate | None:
    """As in "м. Київ": the longest known name, else the words up to a digit."""
    words = text.words
    for stop in range(min(end, first + _LONGEST), first, -1):
        known = _known(text, first, stop)
        if known is not None:
            return _Candidate(marker, stop, 9.0 + _weight(known[1]), known[0], known[2], 0.99)
    stop = first
    while stop < end and not words.numeric[stop]:
        stop += 1
    if not 1 <= stop - first <= 3:
        return None
    return _Candidate(marker, stop, 7.0, words.join(first, stop).rstrip("."), "unverified", 0.6)


def _before_word(text: Text, first: int, marker: int) -> _Candidate | None:
    """As in "Buxoro shahri"."""
    words = text.words
    for start in range(max(first, marker - _LONGEST), marker):
        known = _known(text, start, marker)
        if known is not None:
            score = 9.0 + _weight(known[1])
            return _Candidate(start, marker + 1, score, known[0], known[2], 0.99)
    if marker - first > 3 or any(words.numeric[first:marker]):
        return None
    return _Candidate(
        first, marker + 1, 7.0, words.join(first, marker).rstrip("."), "unverified", 0.6
    )


# -- towns without -------------------------------------------------------------------------------


def _plain(text: Text, first: int, end: int) -> Iterator[_Candidate]:
    words = text.words
    street = words.key[first] in text.vocabulary.street_before and end - first > 1
    near = _near_postcode(text, first, end)
    edge = 0.5 if words.piece[first] in {0, words.last_piece} else 0.0
    if not street and end - first <= _LONGEST:
        whole = _whole_run(text, first, end, near, edge)
        if whole is not None:
            yield whole
    for n in range(min(_LONGEST, end - first - 1), 0, -1):
        if not street:
            known = _known(text, first, first + n)
            if known is not None and _leaves_street(text, first + n, end):
                beside = _near_postcode(text, first, first + n) if first else 0.0
                score = 3.0 + 0.3 * n + beside + edge + _weight(known[1])
                yield _candidate(first, first + n, score, known)
        if _follows_street(text, first, end - n, street):
            known = _known(text, end - n, end)
            if known is not None:
                beside = _near_postcode(text, end - n, end)
                score = 3.0 + 0.3 * n + beside + edge + _weight(known[1])
                yield _candidate(end - n, end, score, known)


def _whole_run(text: Text, first: int, end: int, near: float, edge: float) -> _Candidate | None:
    words = text.words
    known = None if words.numeric[end - 1] and end - first > 1 else _known(text, first, end)
    if known is not None:
        score = 5.0 + near + edge + _weight(known[1])
        small = known[1] < _NO_MERE_REGION
        if near == 0 and small and find_region(text.country, words.join(first, end)):
            score -= 1.5
        if _number_follows(text, end):
            score -= 2.5
        return _candidate(first, end, score, known)
    part = _part_of_city(text, first, end, near)
    if part is None and near and _could_be_place(text, first, end):
        return _Candidate(first, end, 4.0, words.join(first, end).rstrip("."), "unverified", 0.55)
    return part


def _number_follows(text: Text, i: int) -> bool:
    """As in "Abovyan, 12": a piece that is only a house number makes a street of the one before."""
    words = text.words
    return (
        words.free(i)
        and not words.same_piece(i - 1, i)
        and not words.same_piece(i, i + 1)
        and numbers.is_house_number(words.text[i])
    )


def _part_of_city(text: Text, first: int, end: int, near: float) -> _Candidate | None:
    """As in "Praha 2", "Ostrava-Poruba": a city with the number or name of its part."""
    words = text.words
    last = words.text[end - 1].rstrip(".")
    if end - first > 1 and len(last) <= 4 and (last.isdigit() or numbers.is_ordinal(last)):
        known = _known(text, first, end - 1)
    elif end - first == 1 and "-" in last:
        known = _known_to_all(text.country, words.key[first].split(" ")[0])
    else:
        return None
    if known is None or (known[1] < _WITH_PARTS and not near):
        return None
    return _candidate(first, end, 3.5 + near + _weight(known[1]), known)


def _candidate(first: int, end: int, score: float, known: tuple[str, int, str]) -> _Candidate:
    name, people, reason = known
    if reason == "alias":
        score -= 0.6
    trust = 1.0 if reason == "directory" else min(0.99, 0.8 + _weight(people) / 10)
    return _Candidate(first, end, score, name, reason, trust)


def _near_postcode(text: Text, first: int, end: int) -> float:
    words = text.words
    if words.label[first - 1] == "postcode" and words.same_piece(first - 1, first):
        return 3.0
    return 2.5 if words.label[end] == "postcode" and words.same_piece(end - 1, end) else 0.0


def _could_be_place(text: Text, first: int, end: int) -> bool:
    words, known = text.words, text.vocabulary
    if end - first > 4 or any(words.numeric[first:end]):
        return False
    keys = words.key[first:end]
    return len("".join(keys)) > 2 and not any(
        key in known.street_before or key in known.street_after or key in known.company
        for key in keys
    )


def _leaves_street(text: Text, first: int, end: int) -> bool:
    """True if the words after a leading town can be a street, not just its type or number."""
    words, known = text.words, text.vocabulary
    if words.key[first] in known.street_after:
        return False
    return any(
        len(key) > 1 and key not in known.street_after and not numeric
        for key, numeric in zip(words.key[first:end], words.numeric[first:end], strict=True)
    )


def _follows_street(text: Text, first: int, at: int, street: bool) -> bool:
    """True if a town may begin at word `at` of a run."""
    words = text.words
    if at - 1 > first and words.numeric[at - 1]:
        return True
    return not street and words.key[at] not in text.vocabulary.street_after
