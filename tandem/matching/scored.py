"""The judgement on a pair of records, as data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Decision = Literal["link", "review", "apart"]


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the waterfall: what a comparison found and what it is worth.

    Attributes:
        field: the canonical field or column that was compared.
        level: the level reached, e.g. `"exact"` or `"jaro_winkler >= 0.92"`.
        weight: evidence in bits, log2(m/u); positive speaks for one thing, negative against.
    """

    field: str
    level: str
    weight: float


@dataclass(frozen=True, slots=True)
class Scored:
    """How likely two records are one thing, and why.

    Attributes:
        probability: 0.0 to 1.0, from the prior and the sum of the levels' weights.
        decision: `link` (safe to do unseen), `review` (ask the steward) or `apart`.
        weight: prior and levels summed, in bits.
        levels: the waterfall, in the order of the rules; a missing field gives no level.
        contradiction: the records cannot be one thing whatever else agrees.
    """

    probability: float
    decision: Decision
    weight: float
    levels: tuple[Level, ...]
    contradiction: bool


def probability_of(weight: float) -> float:
    """Log-odds in bits to a probability.

    >>> probability_of(0.0), round(probability_of(6.63), 3), probability_of(-2000.0)
    (0.5, 0.99, 0.0)
    """
    if weight > 500.0:
        return 1.0
    if weight < -500.0:
        return 0.0
    odds = math.exp2(weight)
    return odds / (1.0 + odds)
