"""What stewards teach: weights of an object's model, corrected by their decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import log2
from typing import Any

from tandem.matching.defaults import Model
from tandem.matching.scored import Level, Scored, probability_of

_TRUST = 10.0
"""Decisions that it takes to weigh as much as the default weight of a level."""


def taught(model: Model, decided: Iterable[tuple[Scored, bool]]) -> Model:
    """The model with weights corrected by what stewards decided.

    A level seen more often among the pairs they linked than among those they kept apart gains
    weight, and the other way round; few decisions change little.

    Args:
        model: the model the pairs were scored with.
        decided: each pair as it was scored, and whether the steward linked it.
    """
    seen: tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]] = (Counter(), Counter())
    totals = [0, 0]
    for scored, linked in decided:
        totals[linked] += 1
        seen[linked].update((level.field, level.level) for level in scored.levels)
    if not all(totals):
        return model  # without both answers there is nothing to compare
    weights = {}
    for key in seen[0].keys() | seen[1].keys():
        if key in model.weights and key not in model.contradictions:
            weights[key] = _corrected(model.weights[key], seen, totals, key)
    return model.corrected(weights)


def _corrected(
    bits: float,
    seen: tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]],
    totals: list[int],
    key: tuple[str, str],
) -> float:
    """The default weight and the observed one, each by the number of decisions it stands for."""
    linked, apart = seen[1][key], seen[0][key]
    observed = log2((linked + 0.5) / (totals[1] + 1.0)) - log2((apart + 0.5) / (totals[0] + 1.0))
    count = linked + apart
    return (bits * _TRUST + observed * count) / (_TRUST + count)


def pairs_of(
    question: Mapping[str, Any], decision: Mapping[str, Any]
) -> Iterator[tuple[Scored, bool]]:
    """The pairs that an answered question was about, and whether the person linked each.

    Args:
        question: of a review item of kind `duplicate`: its candidates with their levels, or the
            levels of a pair of known records.
        decision: the answer; `canonical_id` is the candidate that it is, None for none of them;
            of a pair `merge_into` or `keep_apart`. An answer of another form, or to a question
            that was asked without evidence, says nothing about the pairs.
    """
    if "canonical_id" in decision:
        for candidate in question["candidates"]:
            linked = candidate["canonical_id"] == decision["canonical_id"]
            yield _asked(candidate["levels"]), linked
    elif "levels" in question:
        yield _asked(question["levels"]), "merge_into" in decision


def _asked(levels: Iterable[Mapping[str, Any]]) -> Scored:
    """A pair as it was scored when it was asked about."""
    found = tuple(Level(one["field"], one["level"], one["weight"]) for one in levels)
    weight = sum(level.weight for level in found)
    return Scored(probability_of(weight), "review", weight, found, contradiction=False)
