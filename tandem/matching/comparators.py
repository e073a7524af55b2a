"""Measures of likeness over arrays of candidate pairs; no loops in Python over pairs.

Values are compared once per distinct pair of values. A measure takes a column and two arrays of
value codes (both filled) and gives a number per pair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, Indel, JaroWinkler

from tandem.matching.arrays import Bools, Floats, Ints, Levels
from tandem.matching.columns import Column
from tandem.matching.grams import gram_overlap, word_containment, word_overlap
from tandem.matching.rules import Comparison, LevelRule

_DISTINCT_PAYS = 200_000
"""Below this many pairs, or when values hardly repeat, finding distinct pairs costs more."""


def _per_distinct(
    column: Column, a: Ints, b: Ints, measure: Callable[[Ints, Ints], Floats]
) -> Floats:
    count = len(column.values)
    if len(a) < 1000 or count * 4 > len(a) > _DISTINCT_PAYS:
        return measure(a, b)
    low, high = np.minimum(a, b), np.maximum(a, b)
    distinct, inverse = np.unique(low * count + high, return_inverse=True)
    result: Floats = measure(distinct // count, distinct % count)[inverse]
    return result


def _pairwise(scorer: Callable[..., float]) -> Callable[[Column, Ints, Ints], Floats]:
    def measure(column: Column, a: Ints, b: Ints) -> Floats:
        def compare(left: Ints, right: Ints) -> Floats:
            result: Floats = process.cpdist(
                column.texts[left], column.texts[right], scorer=scorer, dtype=np.float64, workers=2
            )
            return result

        return _per_distinct(column, a, b, compare)

    return measure


def _per_text(column: Column, form: Callable[[str], str]) -> Ints:
    """Codes of a derived form of every distinct value; -1 when the form is empty."""
    positions: dict[str, int] = {}
    codes = np.full(len(column.values), -1, dtype=np.int64)
    for place, value in enumerate(column.values):
        derived = form(value)
        if derived:
            codes[place] = positions.setdefault(derived, len(positions))
    return codes


def _same(form: Callable[[str], str]) -> Callable[[Column, Ints, Ints], Floats]:
    def measure(column: Column, a: Ints, b: Ints) -> Floats:
        codes = _per_text(column, form)
        same: Bools = (codes[a] == codes[b]) & (codes[a] >= 0)
        return same.astype(np.float64)

    return measure


def _first_number(text: str) -> str:
    return next((word for word in text.split() if word[0].isdigit()), "")


def _sorted_words(text: str) -> str:
    return " ".join(sorted(set(text.split())))


def _mailbox(text: str) -> str:
    return text.rpartition("@")[0]


def _ending(column: Column, a: Ints, b: Ints) -> Floats:
    """How many characters agree at the end."""
    longest = 12
    table = np.zeros((len(column.values), longest), dtype=np.uint32)
    for place, value in enumerate(column.values):
        tail = value[-longest:][::-1]
        table[place, : len(tail)] = [ord(char) for char in tail]
    equal = (table[a] == table[b]) & (table[a] != 0)
    agree: Floats = np.cumprod(equal, axis=1).sum(axis=1).astype(np.float64)
    return agree


def _date_parts(column: Column, a: Ints, b: Ints) -> Floats:
    """How many of year, month and day agree; day and month may have changed places."""
    table = np.full((len(column.values), 3), -1, dtype=np.int64)
    for place, value in enumerate(column.values):
        if len(value) == 8 and value.isascii():
            table[place] = (int(value[:4]), int(value[4:6]), int(value[6:]))
    left, right = table[a], table[b]
    known = (left[:, 0] >= 0) & (right[:, 0] >= 0)
    agree = (left == right).sum(axis=1)
    turned = (left[:, 0] == right[:, 0]) & (left[:, 1] == right[:, 2]) & (left[:, 2] == right[:, 1])
    parts: Floats = np.where(known, np.where(turned, 3, agree), 0).astype(np.float64)
    return parts


def _days_apart(column: Column, a: Ints, b: Ints) -> Floats:
    days = np.full(len(column.values), np.nan)
    for place, value in enumerate(column.values):
        try:
            days[place] = np.datetime64(f"{value[:4]}-{value[4:6]}-{value[6:8]}").astype(int)
        except ValueError:
            continue
    apart = np.abs(days[a] - days[b])
    known: Floats = np.where(np.isnan(apart), np.inf, apart)
    return known


def _initial(column: Column, a: Ints, b: Ints) -> Floats:
    """1.0 when one value is the initial of the other."""
    first = np.array([ord(value[0]) for value in column.values], dtype=np.int64)
    short = np.array([len(value) == 1 for value in column.values])
    return ((first[a] == first[b]) & (short[a] | short[b])).astype(np.float64)


Measure = Callable[[Column, Ints, Ints], Floats]
MEASURES: Mapping[str, Measure] = {
    "jaro_winkler": _pairwise(JaroWinkler.similarity),
    "similarity": _pairwise(Indel.normalized_similarity),
    "edits": _pairwise(DamerauLevenshtein.distance),
    "token_overlap": word_overlap,
    "token_containment": word_containment,
    "character_overlap": gram_overlap,
    "ending": _ending,
    "date_parts": _date_parts,
    "days": _days_apart,
    "number": _same(_first_number),
    "same_words": _same(_sorted_words),
    "mailbox": _same(_mailbox),
    "initial": _initial,
}
DISTANCES = frozenset({"edits", "days"})
"""Measures where less is more alike."""

MISSING = -1


def compare_pairs(
    columns: Mapping[str, Column], name: str, comparison: Comparison, left: Ints, right: Ints
) -> Levels:
    """Level per pair for one column.

    Args:
        columns: every column by name (a level may look at another one).
        name: the column compared.
        comparison: its levels.
        left: record positions.
        right: record positions, same length.

    Returns:
        -1 where either value is missing, the index of the first level that holds, or the number
        of levels for `otherwise`.
    """
    column = columns[name]
    a, b = column.codes[left], column.codes[right]
    levels = np.full(len(left), MISSING, dtype=np.int8)
    open_ = np.flatnonzero((a >= 0) & (b >= 0))
    levels[open_] = len(comparison.levels)
    equal = a[open_] == b[open_]
    measured: dict[str, Floats] = {}
    rules = comparison.parsed
    if rules[0].measure == "exact":
        levels[open_[equal]] = 0
        open_ = open_[~equal]
    undecided = np.ones(len(open_), dtype=bool)
    for place, rule in enumerate(rules):
        if rule.measure == "exact":
            continue
        if rule.measure == "swapped":
            holds = _swapped(columns, name, rule.other, left[open_], right[open_])
        else:
            if rule.measure not in measured:
                measured[rule.measure] = MEASURES[rule.measure](column, a[open_], b[open_])
            holds = _holds(rule, measured[rule.measure])
        reached = undecided & holds
        levels[open_[reached]] = place
        undecided &= ~holds
    return levels


def _holds(rule: LevelRule, values: Floats) -> Bools:
    holds: Bools = values <= rule.bound if rule.measure in DISTANCES else values >= rule.bound
    return holds


def _swapped(
    columns: Mapping[str, Column], name: str, other: str, left: Ints, right: Ints
) -> Bools:
    """Whether one side's value is what the other side holds in the other column."""
    here, there = columns[name], columns[other]
    known = {value: code for code, value in enumerate(here.values)}
    translate = np.array([known.get(value, -2) for value in there.values] + [-1], dtype=np.int64)
    there_codes = translate[there.codes]
    crossed: Bools = (here.codes[left] == there_codes[right]) & (here.codes[left] >= 0)
    back: Bools = (here.codes[right] == there_codes[left]) & (here.codes[right] >= 0)
    return crossed | back
