"""Regions and districts in the words of an address."""

from __future__ import annotations

from cleansing.address.reading import Text
from cleansing.address.regions import find_region, lists_regions

_CODED = frozenset({"CA", "AU", "BR", "IT", "MX", "US"})
"""Countries where the region's code in capitals stands beside the town ("Milano MI")."""

_LONGEST = 5


def take_marked_regions(text: Text) -> None:
    """Take "Львівська обл.", "woj. mazowieckie", "Milano MI"; districts go with them, unread."""
    words, known = text.words, text.vocabulary
    coded = text.country in _CODED
    for i, key in enumerate(words.key):
        if words.label[i] or not (coded or key in known.divisions):
            continue
        if key in known.region_after and words.free(i - 1) and words.same_piece(i - 1, i):
            _take_back(text, i)
        elif key in known.region_before:
            _take_ahead(text, i)
        elif key in known.district_after and words.free(i - 1) and words.same_piece(i - 1, i):
            words.claim(i - 1, i + 1, "district")
        elif key in known.district_before and words.free(i + 1) and words.same_piece(i, i + 1):
            end = i + 2
            while words.free(end) and words.same_piece(i, end) and words.text[end].islower():
                end += 1
            words.claim(i, end, "district")
        elif coded and i and _is_code(words.text[i]):
            last = not (words.free(i + 1) and words.same_piece(i, i + 1))
            region = find_region(text.country, words.text[i]) if last else None
            if region is not None:
                words.claim(i, i + 1, "region")
                text.reading.put("region", region, 0.97, "code")


def take_regions(text: Text) -> None:
    """A piece, or what stands beside the town, that is the name of a region and nothing else."""
    if "region" in text.reading.values:
        return
    words = text.words
    runs = list(words.runs())
    for first, end in runs:
        if end - first <= _LONGEST and _put(text, first, end):
            return
    for first, end in runs:
        if words.same_piece(first - 1, first) and words.label[first - 1] == "city":
            for n in range(min(3, end - first - 1), 0, -1):
                if _put(text, first, first + n):
                    return
    if not lists_regions(text.country):
        _take_by_place(text, runs)


def _take_by_place(text: Text, runs: list[tuple[int, int]]) -> None:
    """As in "Salalah, Dhofar, Oman": where no list tells, the piece between town and country."""
    words = text.words
    for first, end in runs:
        between = words.label[first - 1] == "city" and words.label[end] == "country"
        alone = not words.same_piece(first - 1, first) and not words.same_piece(end - 1, end)
        if between and alone and end - first <= _LONGEST and not any(words.numeric[first:end]):
            name = words.join(first, end)
            words.claim(first, end, "region")
            text.reading.put("region", name, 0.6, "unverified")
            return


def _is_code(word: str) -> bool:
    return 2 <= len(word) <= 3 and word.isascii() and word.isalpha() and word.isupper()


def _take_back(text: Text, i: int) -> None:
    """The longest known name that ends before the word for "region"."""
    words = text.words
    for n in (3, 2, 1):
        first = i - n
        beside = all(words.free(j) and words.same_piece(j, i) for j in range(max(first, -1), i))
        if beside and _put(text, first, i + 1):
            return
    if len(words.key[i - 1]) > 3:
        name = words.join(i - 1, i + 1)
        words.claim(i - 1, i + 1, "region")
        text.reading.put("region", name, 0.6, "unverified")


def _take_ahead(text: Text, i: int) -> None:
    words = text.words
    for n in (3, 2, 1):
        end = i + 1 + n
        beside = all(words.free(j) and words.same_piece(i, j) for j in range(i + 1, end))
        if beside and _put(text, i, end):
            return


def _put(text: Text, first: int, end: int) -> bool:
    words = text.words
    if len(words.join_key(first, end)) < 2:
        return False
    name = words.join(first, end)
    own = text.directory.region(text.country, name) if text.directory is not None else None
    region = own or find_region(text.country, name)
    if region is None:
        return False
    words.claim(first, end, "region")
    trust, reason = (1.0, "directory") if own else (0.97, "name")
    text.reading.put("region", region, trust, reason)
    return True
