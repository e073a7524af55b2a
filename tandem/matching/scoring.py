"""Fellegi–Sunter with look-alikes: what each level is worth, learned without labels.

Candidate pairs are a mixture of three classes: *matches*; *others*, alike by chance; and
*look-alikes*, which share much without being one thing (branches of a chain, members of a
household, firms in one building). EM over the levels of all candidate pairs finds every class's
share of each level. A pair's weight is log2(match / (others + look-alikes)); its waterfall shows
log2(match / others) level by level and one closing step for the look-alikes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tandem.matching.arrays import Bools, Floats, Ints, Levels
from tandem.matching.columns import Column
from tandem.matching.rules import Rules
from tandem.matching.scored import Level

Shares = tuple[Floats, ...]
"""Per compared column, the share of each level; sums to 1."""

LOOK_ALIKES = "look-alikes"
"""Level name of the waterfall's closing step."""

_ROUNDS = 60
_SMOOTHING = 0.5
_TABLE = 1 << 25
"""Up to so many possible patterns are counted in a table; beyond, they are sorted."""


@dataclass(frozen=True)
class Learned:
    """A model of the levels.

    Attributes:
        names: compared columns, in order.
        levels: per column, the level names; `otherwise` last.
        match: shares among pairs of one thing.
        other: shares among pairs alike by chance.
        alike: shares among look-alikes.
        priors: share of matches, others and look-alikes among the candidate pairs.
    """

    names: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    match: Shares
    other: Shares
    alike: Shares
    priors: tuple[float, float, float]

    def weights(self) -> tuple[Floats, ...]:
        """Bits per level against chance; the last place is for a missing value: 0."""
        return tuple(
            np.append(np.log2(match / other), 0.0)
            for match, other in zip(self.match, self.other, strict=True)
        )

    @property
    def prior_weight(self) -> float:
        """Log-odds in bits of a match against chance, before anything is compared."""
        return float(np.log2(self.priors[0] / self.priors[1]))


@dataclass(frozen=True)
class Patterns:
    """Distinct combinations of levels and how often each occurs.

    Attributes:
        levels: one row per pattern, one column per comparison.
        counts: pairs with that pattern.
        inverse: pattern of each pair.
    """

    levels: Levels
    counts: Floats
    inverse: Ints


def find_patterns(levels: Levels) -> Patterns:
    """Group pairs (rows) by their levels (columns).

    >>> found = find_patterns(np.array([[0, 1], [0, 1], [-1, 2]], dtype=np.int8))
    >>> found.levels.tolist(), found.counts.tolist(), found.inverse.tolist()
    ([[-1, 2], [0, 1]], [1.0, 2.0], [1, 1, 0])
    """
    packed = np.zeros(len(levels), dtype=np.int64)
    size = 1
    for place in range(levels.shape[1]):
        base = int(levels[:, place].max(initial=0)) + 2
        size *= base
        packed *= base
        packed += levels[:, place]
        packed += 1
    if size > _TABLE:
        _, first, inverse, counts = np.unique(
            packed, return_index=True, return_inverse=True, return_counts=True
        )
        return Patterns(levels[first], counts.astype(np.float64), inverse)
    every = np.bincount(packed, minlength=size)
    present = np.flatnonzero(every)
    rank = np.zeros(size, dtype=np.int64)
    rank[present] = np.arange(len(present))
    first = np.zeros(size, dtype=np.int64)
    first[packed[::-1]] = np.arange(len(packed))[::-1]
    return Patterns(levels[first[present]], every[present].astype(np.float64), rank[packed])


def _shares(levels: Levels, weights: Floats, sizes: Sequence[int]) -> Shares:
    """Weighted share of each level, column by column."""
    found = []
    for place, size in enumerate(sizes):
        column = levels[:, place]
        known = column >= 0
        counts = np.bincount(column[known], weights=weights[known], minlength=size) + _SMOOTHING
        found.append(counts / counts.sum())
    return tuple(found)


def random_shares(levels: Levels, sizes: Sequence[int]) -> Shares:
    """Shares of the levels among pairs drawn at random, which are nearly all non-matches."""
    return _shares(levels, np.ones(len(levels)), sizes)


def _first_guess(size: int) -> Floats:
    """The better the level, the more matches it holds."""
    falling = 0.5 ** np.arange(size)
    guess: Floats = falling / falling.sum()
    return guess


def level_names(rules: Rules) -> tuple[tuple[str, ...], ...]:
    """Per compared column, the level sentences and `otherwise`."""
    return tuple((*comparison.levels, "otherwise") for comparison in rules.compare.values())


def learn(rules: Rules, patterns: Patterns, random: Shares, prior: float = 0.1) -> Learned:
    """Expectation-maximisation over the patterns of the candidate pairs.

    Args:
        rules: names, levels and fixed weights.
        patterns: of the candidate pairs.
        random: shares among random pairs, the first guess of `other`.
        prior: first guess of the share of matches.
    """
    names, levels = tuple(rules.compare), level_names(rules)
    guess = tuple(_first_guess(len(found)) for found in levels)
    none = 1e-9
    model = Learned(names, levels, guess, random, random, (prior, 1.0 - prior, none))
    model = _maximise(model, patterns, classes=2)
    model = _maximise(_with_look_alikes(model, patterns), patterns, classes=3)
    return _with_fixed_weights(model, rules)


def _maximise(model: Learned, patterns: Patterns, classes: int) -> Learned:
    sizes = [len(found) for found in model.levels]
    before = np.inf
    for _ in range(_ROUNDS):
        belongs = np.exp2(_likelihoods(model, patterns.levels))
        belongs *= patterns.counts / belongs.sum(axis=0)
        match, other = (_shares(patterns.levels, belongs[k], sizes) for k in (0, 1))
        alike = _shares(patterns.levels, belongs[2], sizes) if classes == 3 else model.alike
        totals = np.clip(belongs.sum(axis=1) / patterns.counts.sum(), 1e-9, 1.0)
        priors = (float(totals[0]), float(totals[1]), float(totals[2]))
        model = replace(model, match=match, other=other, alike=alike, priors=priors)
        now = float(belongs[0].sum())
        if abs(now - before) < 1e-4 * max(1.0, now):
            break
        before = now
    return model


def _likelihoods(model: Learned, levels: Levels) -> Floats:
    """Log2 of prior times likelihood per class (rows) and pattern, the largest of each at 0."""
    totals = np.stack([_class_weights(model, k, levels) for k in range(3)])
    totals -= totals.max(axis=0)
    return totals


def _class_weights(model: Learned, which: int, levels: Levels) -> Floats:
    total = np.full(len(levels), np.log2(model.priors[which]))
    for place, shares in enumerate((model.match, model.other, model.alike)[which]):
        total += np.append(np.log2(shares), 0.0)[levels[:, place]]
    return total


def _with_look_alikes(model: Learned, patterns: Patterns) -> Learned:
    """First guess of the third class: non-matches that came near."""
    bits = _class_weights(model, 0, patterns.levels) - _class_weights(model, 1, patterns.levels)
    near = patterns.counts * ((bits > -14.0) & (bits < 4.0)) * (1.0 - probabilities(bits)) + 1e-9
    share = float(near.sum() / patterns.counts.sum())
    priors = (model.priors[0], max(0.01, model.priors[1] - share), share)
    alike = _shares(patterns.levels, near, [len(found) for found in model.levels])
    return replace(model, alike=alike, priors=priors)


def _with_fixed_weights(model: Learned, rules: Rules) -> Learned:
    """Weights that the rules fix, or decisions have corrected, replace what was learned."""
    match = [shares.copy() for shares in model.match]
    for name, fixed in rules.weights.items():
        place = model.names.index(name)
        for level, bits in fixed.items():
            k = model.levels[place].index(level)
            match[place][k] = model.other[place][k] * 2.0**bits
    return replace(model, match=tuple(match))


def pair_weights(model: Learned, levels: Levels) -> Floats:
    """Log-odds in bits that each pair (row) is a match."""
    match, other, alike = (_class_weights(model, k, levels) for k in range(3))
    result: Floats = match - np.logaddexp2(other, alike)
    return result


def probabilities(bits: Floats) -> Floats:
    """Log-odds in bits to probabilities."""
    result: Floats = 1.0 / (1.0 + np.exp2(-np.clip(bits, -500.0, 500.0)))
    return result


def typical_frequencies(
    rules: Rules, columns: Mapping[str, Column], levels: Levels, left: Ints
) -> dict[str, float]:
    """Per column, the frequency of the values that candidate pairs typically share."""
    found = {}
    for place, (name, comparison) in enumerate(rules.compare.items()):
        if comparison.rare_values_count_more and comparison.levels[0] == "exact":
            column = columns[name]
            shared = levels[:, place] == 0
            if shared.any():
                frequency = column.frequency[column.codes[left[shared]]]
                found[name] = float(np.exp2(np.log2(frequency).mean()))
    return found


def rarity(column: Column, typical: float, codes: Ints) -> Floats:
    """Bits to add where two records share this value: a rare one counts more, a common one less.

    The logarithm is halved, and the bits stay within four, as frequencies in a file are guesses.
    """
    bits: Floats = np.clip(0.5 * np.log2(typical / column.frequency[codes]), -4.0, 4.0)
    return bits


def waterfall(
    model: Learned, levels: Sequence[int], extra: Mapping[str, float]
) -> tuple[Level, ...]:
    """The steps of one pair's weight, as data; they sum to its weight.

    Args:
        model: the learned model.
        levels: level per compared column; -1 when missing.
        extra: bits added for rare values, by column.
    """
    row = np.array([levels], dtype=np.int8)
    steps = [Level("", "prior", model.prior_weight)]
    for name, names, weights, reached in zip(
        model.names, model.levels, model.weights(), levels, strict=True
    ):
        if reached >= 0:
            steps.append(Level(name, names[reached], float(weights[reached])))
            if extra.get(name):
                steps.append(
                    Level(name, "rare value" if extra[name] > 0 else "common value", extra[name])
                )
    against_chance = float(_class_weights(model, 0, row)[0] - _class_weights(model, 1, row)[0])
    steps.append(Level("", LOOK_ALIKES, float(pair_weights(model, row)[0]) - against_chance))
    return tuple(steps)


def identity_differs(rules: Rules, levels: Levels) -> Bools:
    """Pairs that differ outright in a column that names the thing."""
    differs = np.zeros(len(levels), dtype=bool)
    for place, comparison in enumerate(rules.compare.values()):
        if comparison.identifies:
            differs |= levels[:, place] == len(comparison.levels)
    return differs


def contradicting(rules: Rules, levels: Levels) -> Bools:
    """Pairs that hold two different values where one thing can have only one."""
    apart = np.zeros(len(levels), dtype=bool)
    for place, comparison in enumerate(rules.compare.values()):
        if comparison.contradicts:
            apart |= levels[:, place] == len(comparison.levels)
    return apart
