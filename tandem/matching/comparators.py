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


def _codes_of(form: Callable[[str], str]) -> Callable[[Column], Ints]:
    """Codes of a derived form of every distinct value; -1 when the form is empty."""

    def codes_of(column: Column) -> Ints:
        positions: dict[str, int] = {"": -1}
        place = positions.setdefault
        return np.array(
            [place(form(value), len(positions) - 1) for value in column.values], dtype=np.int64
        )

    return codes_of


def _same(name: str, form: Callable[[str], str]) -> Callable[[Column, Ints, Ints], Floats]:
    def measure(column: Column, a: Ints, b: Ints) -> Floats:
        codes = column.form(name, _codes_of(form))
        same: Bools = (codes[a] == codes[b]) & (codes[a] >= 0)
        return same.astype(np.float64)

    return measure


def _first_number(text: str) -> str:
    return next((word for word in text.split() if word[0].isdigit()), "")


def _sorted_words(text: str) -> str:
    return " ".join(sorted(set(text.split())))


def _mailbox(text: str) -> str:
    return text.rpartition("@")[0]


def _same_ending(column: Column, a: Ints, b: Ints, length: int) -> Bools:
    def ending(text: str) -> str:
        return text[-length:] if len(text) >= length else ""

    same: Bools = _same(f"last {length}", ending)(column, a, b) > 0
    return same


def _date_parts(column: Column, a: Ints, b: Ints) -> Floats:
    """How many of year, month and day agree; day and month may have changed places."""
    table = column.form("date parts", _date_table)
    left: Ints = table[a]
    right: Ints = table[b]
    known = (left[:, 0] >= 0) & (right[:, 0] >= 0)
    agree = (left == right).sum(axis=1)
    turned = (left[:, 0] == right[:, 0]) & (left[:, 1] == right[:, 2]) & (left[:, 2] == right[:, 1])
    parts: Floats = np.where(known, np.where(turned, 3, agree), 0).astype(np.float64)
    return parts


def _date_table(column: Column) -> Ints:
    table = np.full((len(column.values), 3), -1, dtype=np.int64)
    for place, value in enumerate(column.values):
        if len(value) == 8 and value.isascii():
            table[place] = (int(value[:4]), int(value[4:6]), int(value[6:]))
    return table


def _days_apart(column: Column, a: Ints, b: Ints) -> Floats:
    days = column.form("days", _day_numbers)
    apart: Floats = np.abs(days[a] - days[b])
    known: Floats = np.where(np.isnan(apart), np.inf, apart)
    return known


def _day_numbers(column: Column) -> Floats:
    days = np.full(len(column.values), np.nan)
    for place, value in enumerate(column.values):
        try:
            days[place] = np.datetime64(f"{value[:4]}-{value[4:6]}-{value[6:8]}").astype(int)
        except ValueError:
            continue
    return days


def _initial(column: Column, a: Ints, b: Ints) -> Floats:
    """1.0 when one value is the initial of the other."""
    first = np.array([ord(value[0]) for value in column.values], dtype=np.int64)
    short = np.array([len(value) == 1 for value in column.values])
    agrees: Bools = (first[a] == first[b]) & (short[a] | short[b])
    return agrees.astype(np.float64)


Measure = Callable[[Column, Ints, Ints], Floats]
MEASURES: Mapping[str, Measure] = {
    "jaro_winkler": _pairwise(JaroWinkler.similarity),
    "similarity": _pairwise(Indel.normalized_similarity),
    "edits": _pairwise(DamerauLevenshtein.distance),
    "token_overlap": word_overlap,
    "token_containment": word_containment,
    "character_overlap": gram_overlap,
    "date_parts": _date_parts,
    "days": _days_apart,
    "number": _same("number", _first_number),
    "same_words": _same("sorted words", _sorted_words),
    "mailbox": _same("mailbox", _mailbox),
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
        elif rule.measure == "ending":
            holds = _same_ending(column, a[open_], b[open_], int(rule.bound))
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
