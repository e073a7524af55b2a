"""Fellegi–Sunter: what each level is worth, learned without labels, and every pair's waterfall.

A level's weight is log2(m/u): m, its share among pairs of one thing; u, among pairs of two. EM over
the levels of all candidate pairs finds both, and the share of matches, at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tandem.matching.arrays import Bools, Floats, Ints, Levels
from tandem.matching.columns import Column
from tandem.matching.rules import Rules
from tandem.matching.scored import Level


@dataclass(frozen=True)
class Learned:
    """A model of the levels.

    Attributes:
        names: compared columns, in order.
        levels: per column, the level names; `otherwise` last.
        m: per column, shares among matches; sums to 1.
        u: per column, shares among non-matches.
        prior: share of matches among the candidate pairs.
    """

    names: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    m: tuple[Floats, ...]
    u: tuple[Floats, ...]
    prior: float

    def weights(self) -> tuple[Floats, ...]:
        """Bits per level, column by column; the last place is for a missing value: 0."""
        return tuple(
            np.append(np.log2(m / u), 0.0) for m, u in zip(self.m, self.u, strict=True)
        )

    @property
    def prior_weight(self) -> float:
        """Log-odds in bits that a candidate pair is a match before anything is compared."""
        return float(np.log2(self.prior / (1.0 - self.prior)))


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
    """Group pairs (rows) by their levels (columns)."""
    radix = (levels.max(axis=0, initial=0).astype(np.int64) + 2).tolist()
    packed = np.zeros(len(levels), dtype=np.int64)
    for place, base in enumerate(radix):
        packed = packed * base + (levels[:, place].astype(np.int64) + 1)
    _, first, inverse, counts = np.unique(
        packed, return_index=True, return_inverse=True, return_counts=True
    )
    return Patterns(levels[first], counts.astype(np.float64), inverse)


def random_shares(levels: Levels, sizes: Sequence[int]) -> tuple[Floats, ...]:
    """Shares of the levels among pairs drawn at random, which are nearly all non-matches."""
    return tuple(
        _shares(levels[:, place], np.ones(len(levels)), size, 0.5)
        for place, size in enumerate(sizes)
    )


def _shares(levels: Levels, weights: Floats, size: int, smoothing: float) -> Floats:
    known = levels >= 0
    counts = np.bincount(levels[known], weights=weights[known], minlength=size) + smoothing
    shares: Floats = counts / counts.sum()
    return shares


def start_shares(size: int) -> Floats:
    """First guess of m: the better the level, the more matches it holds."""
    falling = 0.5 ** np.arange(size)
    shares: Floats = falling / falling.sum()
    return shares


def learn(
    rules: Rules,
    patterns: Patterns,
    u: tuple[Floats, ...],
    *,
    prior: float = 0.1,
    rounds: int = 60,
    free_u: bool = True,
) -> Learned:
    """Expectation-maximisation over the patterns of the candidate pairs.

    Args:
        rules: names and levels.
        patterns: of the candidate pairs.
        u: shares among random pairs, to start from.
        prior: first guess of the share of matches.
        rounds: at most.
        free_u: learn u among the candidates too, whose non-matches are more alike than chance.
    """
    names = tuple(rules.compare)
    levels = tuple((*rules.compare[name].levels, "otherwise") for name in names)
    model = Learned(names, levels, tuple(start_shares(len(found)) for found in levels), u, prior)
    before = np.inf
    for _ in range(rounds):
        matched = _sigmoid(pattern_weights(model, patterns))
        now = patterns.counts * matched
        rest = patterns.counts - now
        model = replace(
            model,
            m=tuple(
                _shares(patterns.levels[:, k], now, len(found), 0.5)
                for k, found in enumerate(levels)
            ),
            u=tuple(
                _shares(patterns.levels[:, k], rest, len(found), 0.5)
                for k, found in enumerate(levels)
            )
            if free_u
            else u,
            prior=float(np.clip(now.sum() / patterns.counts.sum(), 1e-7, 1 - 1e-7)),
        )
        if abs(now.sum() - before) < 1e-4 * max(1.0, now.sum()):
            break
        before = float(now.sum())
    return model


def pattern_weights(model: Learned, patterns: Patterns) -> Floats:
    """Prior and weights summed, in bits, per pattern."""
    total = np.full(len(patterns.levels), model.prior_weight)
    for place, weights in enumerate(model.weights()):
        total += weights[patterns.levels[:, place]]
    return total


def _sigmoid(bits: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp2(-np.clip(bits, -500.0, 500.0)))
    return result


def probabilities(bits: Floats) -> Floats:
    """Log-odds in bits to probabilities."""
    return _sigmoid(bits)
