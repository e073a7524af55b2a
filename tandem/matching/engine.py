"""A whole match, from columns to clusters: the order of the steps and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tandem.matching.arrays import Bools, Floats, Ints, Levels
from tandem.matching.blocking import Bounds, estimate_recall, find_candidates
from tandem.matching.clustering import cluster, missing_links, one_to_one
from tandem.matching.columns import Column, column_of
from tandem.matching.comparators import compare_pairs
from tandem.matching.rules import Rules
from tandem.matching.scoring import (
    Learned,
    contradicting,
    find_patterns,
    identity_differs,
    learn,
    level_names,
    pair_weights,
    probabilities,
    random_shares,
    rarity,
    typical_frequencies,
)
from tandem.matching.suggest import kind_of, repeated, suggest_rules, useful

Raw = Mapping[str, tuple[list[str], Ints]]
"""Column name → distinct texts and, per record, the position of its text (-1 when empty)."""

Pairs = tuple[Ints, Ints]
"""Positions of records, and of their partners."""

NO_PAIRS: Pairs = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))

Report = Callable[[str], None]
"""Told the name of each step as it starts."""

_RANDOM_PAIRS = 100_000
_SURE = 6.0
"""Weight in bits above which a pair is certain enough to stand for a true one in estimates."""


_BOUNDS = Bounds()


def _silent(step: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Matched:
    """What a match found.

    Attributes:
        rules: the rules used, given or suggested.
        model: what was learned.
        left: record positions of the pairs scored, below `right`.
        right: record positions.
        weights: log-odds in bits per pair.
        levels: one row per pair, one column per comparison.
        columns: what was compared, by name.
        typical: per column where rare values count more, the frequency that adds no bits.
        doubtful: pairs that are never linked unseen.
        apart: pairs that contradict each other, or that people keep apart.
        clusters: cluster number per record.
        candidates: how many of the pairs, from the first on, blocking found; the others were
            added because people keep them apart, or both their records were near a third.
        blocking_recall: estimated share of the true pairs that blocking found.
    """

    rules: Rules
    model: Learned
    left: Ints
    right: Ints
    weights: Floats
    levels: Levels
    columns: Mapping[str, Column]
    typical: Mapping[str, float]
    doubtful: np.ndarray[tuple[int], np.dtype[np.bool_]]
    apart: np.ndarray[tuple[int], np.dtype[np.bool_]]
    clusters: Ints
    candidates: int
    blocking_recall: float

    def decisions(self) -> Levels:
        """Per pair: 0 keep apart, 1 ask a person, 2 link.

        A pair is linked when it is likely enough, nothing makes it doubtful, and its records came
        into one cluster; likely pairs that did not are asked about.
        """
        probability = probabilities(self.weights)
        together = self.clusters[self.left] == self.clusters[self.right]
        ask = (probability >= self.rules.decide.review) & ~self.apart
        link = ask & together & (probability >= self.rules.decide.link) & ~self.doubtful
        decisions: Levels = ask.astype(np.int8) + link.astype(np.int8)
        return decisions


def read_columns(raw: Raw, rules: Rules | None, side: Ints | None = None) -> dict[str, Column]:
    """Clean the columns that rules name, or those that can help when there are none.

    Raises:
        KeyError: rules name a column the file lacks.
    """
    if rules is not None:
        return {
            name: column_of(name, comparison.kind, *raw[name])
            for name, comparison in rules.compare.items()
        }
    columns = {}
    for name, (texts, codes) in raw.items():
        if useful(texts, codes, side):
            column = column_of(name, kind_of(texts, codes), texts, codes)
            if len(column.values) > 1:
                columns[name] = column
    for name in repeated(columns):
        del columns[name]
    return columns


def match_records(
    raw: Raw,
    rules: Rules | None = None,
    side: Ints | None = None,
    report: Report = _silent,
    bounds: Bounds = _BOUNDS,
    kept_apart: Pairs = NO_PAIRS,
) -> Matched:
    """Match records with each other, or those of one file with those of another.

    Args:
        raw: see `Raw`; all columns of one length.
        rules: None to suggest them from the columns.
        side: 0 or 1 per record to link two files one to one; None to find duplicates.
        report: told each step as it starts.
        bounds: limits of blocking.
        kept_apart: pairs that people said are two: none of them shares a cluster, by whatever
            way, and nobody is asked about them.

    Raises:
        ValueError: no column can help.
        KeyError: rules name a column the file lacks.
    """
    report("reading columns")
    columns = read_columns(raw, rules, side)
    if not columns:
        raise ValueError("no column holds anything that could tell records apart")
    if rules is None:
        rules = suggest_rules(columns, "records")
    report("finding candidates")
    found = find_candidates(columns, rules.parsed_candidates, side, bounds)
    report(f"comparing {len(found):,} pairs")
    levels = _compare(columns, rules, found.left, found.right)
    report("learning weights")
    model = _learn(columns, rules, levels)
    task = _Task(rules, columns, model, kept_apart)
    scored = _Scored(task, found.left, found.right, levels)
    recall = estimate_recall(found.found_by, len(found.rules), scored.weights > _SURE)
    scored = _more(scored, *task.kept_but(found.left, found.right))
    if side is None:
        report("comparing what is near a third")
        scored = _closed(scored)
    report("clustering")
    clusters = _clusters(scored, side)
    return Matched(
        rules, model, scored.left, scored.right, scored.weights, scored.levels, columns,
        scored.typical, scored.doubtful, scored.apart, clusters, len(found), recall,
    )  # fmt: skip


def _compare(columns: Mapping[str, Column], rules: Rules, left: Ints, right: Ints) -> Levels:
    levels = np.empty((len(left), len(rules.compare)), dtype=np.int8, order="F")
    for place, (name, comparison) in enumerate(rules.compare.items()):
        levels[:, place] = compare_pairs(columns, name, comparison, left, right)
    return levels


def _learn(columns: Mapping[str, Column], rules: Rules, levels: Levels) -> Learned:
    count = len(next(iter(columns.values())).codes)
    # A fixed seed: the same file gives the same answer.
    draw = np.random.default_rng(20)
    left, right = draw.integers(0, count, (2, _RANDOM_PAIRS))
    different = left != right
    random = _compare(columns, rules, left[different], right[different])
    sizes = [len(names) for names in level_names(rules)]
    return learn(rules, find_patterns(levels), random_shares(random, sizes))


@dataclass(frozen=True)
class _Task:
    """What stays the same while pairs are scored."""

    rules: Rules
    columns: Mapping[str, Column]
    model: Learned
    kept_apart: Pairs

    @property
    def count(self) -> int:
        """How many records there are."""
        return len(next(iter(self.columns.values())).codes)

    def keeps_apart(self, left: Ints, right: Ints) -> Bools:
        """Which of these pairs people keep apart."""
        if not len(self.kept_apart[0]):
            return np.zeros(len(left), dtype=bool)
        found: Bools = np.isin(self._packed(left, right), self._packed(*self.kept_apart))
        return found

    def kept_but(self, left: Ints, right: Ints) -> Pairs:
        """Pairs that people keep apart and that are none of these, the lower position first."""
        if not len(self.kept_apart[0]):
            return NO_PAIRS
        unseen = np.setdiff1d(self._packed(*self.kept_apart), self._packed(left, right))
        return unseen // self.count, unseen % self.count

    def _packed(self, left: Ints, right: Ints) -> Ints:
        packed: Ints = np.minimum(left, right) * self.count + np.maximum(left, right)
        return packed

    @property
    def places(self) -> dict[str, int]:
        """Position of each compared column in the levels."""
        return {name: place for place, name in enumerate(self.model.names)}


class _Scored:
    """Pairs with everything that follows from their levels and the model."""

    def __init__(self, task: _Task, left: Ints, right: Ints, levels: Levels) -> None:
        self.task, self.left, self.right, self.levels = task, left, right, levels
        rules, columns, model = task.rules, task.columns, task.model
        patterns = find_patterns(levels)
        self.weights = pair_weights(model, patterns.levels)[patterns.inverse]
        self.typical = typical_frequencies(rules, columns, levels, left)
        for name, typical in self.typical.items():
            shared = np.flatnonzero(levels[:, task.places[name]] == 0)
            codes = columns[name].codes[left[shared]]
            self.weights[shared] += rarity(columns[name], typical, codes)
        self.doubtful = identity_differs(rules, levels)
        self.apart = contradicting(rules, levels) | task.keeps_apart(left, right)

    @property
    def evidence(self) -> Floats:
        """Weights for clustering: a doubtful pair never speaks for a link."""
        link = min(self.task.rules.decide.link, 1.0 - 1e-9)
        decided = np.log2(link / (1.0 - link))
        result: Floats = np.where(
            self.doubtful, np.minimum(self.weights - decided, 0.0), self.weights - decided
        )
        return result


def _closed(scored: _Scored) -> _Scored:
    """Also the pairs that blocking missed but whose records share a likely partner."""
    for _ in range(2):
        left, right = missing_links(scored.left, scored.right, scored.evidence, scored.task.count)
        if not len(left):
            break
        scored = _more(scored, left, right)
    return scored


def _more(scored: _Scored, left: Ints, right: Ints) -> _Scored:
    """These pairs too."""
    if not len(left):
        return scored
    levels = _compare(scored.task.columns, scored.task.rules, left, right)
    return _Scored(
        scored.task,
        np.concatenate([scored.left, left]),
        np.concatenate([scored.right, right]),
        np.concatenate([scored.levels, levels]),
    )


def _clusters(scored: _Scored, side: Ints | None) -> Ints:
    count = scored.task.count
    if side is None:
        return cluster(count, scored.left, scored.right, scored.evidence, scored.apart)
    likely = np.flatnonzero((scored.evidence > 0) & ~scored.apart)
    left, right = scored.left[likely], scored.right[likely]
    kept = likely[one_to_one(left, right, scored.weights[likely])]
    ones = np.ones(len(kept))
    return cluster(count, scored.left[kept], scored.right[kept], ones)
