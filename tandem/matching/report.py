"""What a match found, as rows for people and programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tandem.matching.arrays import Floats, Ints
from tandem.matching.engine import Matched
from tandem.matching.scored import Level
from tandem.matching.scoring import probabilities, rarity, waterfall

PAIR_COLUMNS = ("left", "right", "score", "decision", "reasons")
CLUSTER_COLUMNS = ("key", "cluster")
APART, REVIEW, LINK = 0, 1, 2
RARITY = "rarity of the value"
NAMES = ("apart", "review", "link")


def reason_text(levels: Sequence[Level]) -> str:
    """A waterfall on one line.

    >>> reason_text([Level("name", "exact", 9.04), Level("", "prior", -10.0)])
    'name exact +9.0; prior -10.0'
    """
    return "; ".join(f"{step.field} {step.level} {step.weight:+.1f}".strip() for step in levels)


def pair_rows(matched: Matched, keys: Sequence[str]) -> Iterator[tuple[str, str, str, str, str]]:
    """Pairs to link or to review, the likeliest first: both keys, score, decision, reasons."""
    decisions = matched.decisions()
    shown = np.flatnonzero(decisions != APART)
    shown = shown[np.argsort(-matched.weights[shown], kind="stable")]
    scores = probabilities(matched.weights[shown]).tolist()
    rare = _rare_bits(matched, shown)
    waterfalls: dict[tuple[int, ...], tuple[Level, ...]] = {}
    rows = zip(
        matched.left[shown].tolist(),
        matched.right[shown].tolist(),
        scores,
        decisions[shown].tolist(),
        map(tuple, matched.levels[shown].tolist()),
        strict=True,
    )
    for place, (left, right, score, decision, reached) in enumerate(rows):
        if reached not in waterfalls:
            waterfalls[reached] = waterfall(matched.model, reached, {})
        steps = [*waterfalls[reached]]
        steps += [
            Level(name, "rarity of the value", bits[place]) for name, bits in rare if bits[place]
        ]
        yield keys[left], keys[right], f"{score:.6f}", NAMES[decision], reason_text(steps)


def _rare_bits(matched: Matched, pairs: Ints) -> list[tuple[str, list[float]]]:
    """Per column with term frequency, the bits added to each of these pairs."""
    found = []
    for place, name in enumerate(matched.model.names):
        if name in matched.typical:
            bits: Floats = np.zeros(len(pairs))
            shared = np.flatnonzero(matched.levels[pairs, place] == 0)
            column = matched.columns[name]
            codes = column.codes[matched.left[pairs[shared]]]
            bits[shared] = rarity(column, matched.typical[name], codes)
            found.append((name, bits.tolist()))
    return found
