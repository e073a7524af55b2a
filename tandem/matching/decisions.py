"""What stewards teach: weights of an object's model, changed by rules or by decisions.

An object's file names only what differs from the defaults:

    match: account
    decide: {link: 0.995, review: 0.2}
    weights:
      phone: {same phone: 6.0}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import log2
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tandem.matching.defaults import DEFAULTS, Model
from tandem.matching.rules import Decide, RulesError, place_of
from tandem.matching.scored import Scored

_TRUST = 10.0
"""Decisions that it takes to weigh as much as the default weight of a level."""


class ObjectRules(BaseModel):
    """An object's differences from the default model; see the module for the YAML.

    Attributes:
        match: the canonical object.
        decide: thresholds; None keeps the defaults.
        weights: field → level → bits.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str
    decide: Decide | None = None
    weights: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)


def model_from(text: str, source: str = "rules") -> Model:
    """The default model of an object with the differences that a YAML text names.

    >>> model_from("{match: account, weights: {phone: {same phone: 6}}}").weights[
    ...     "phone", "same phone"
    ... ]
    6.0

    Raises:
        RulesError: one line per fault, with `source` and the place in it.
    """
    try:
        document = TypeAdapter(dict[str, Any]).validate_python(yaml.safe_load(text))
        rules = ObjectRules.model_validate(document)
    except yaml.YAMLError as error:
        raise RulesError(f"{source}: not YAML") from error
    except ValidationError as error:
        lines = [f"{source}: {place_of(fault['loc'])}{fault['msg']}" for fault in error.errors()]
        raise RulesError("\n".join(lines)) from error
    if rules.match not in DEFAULTS:
        known = ", ".join(DEFAULTS)
        raise RulesError(f"{source}: match: no object {rules.match!r}; there are {known}")
    model = DEFAULTS[rules.match]
    weights = {
        (field, level): bits
        for field, levels in rules.weights.items()
        for level, bits in levels.items()
    }
    unknown = [
        f"{field} → {level}" for field, level in weights if (field, level) not in model.weights
    ]
    if unknown:
        raise RulesError(f"{source}: weights: no such level: {', '.join(unknown)}")
    model = model.corrected(weights)
    if rules.decide is not None:
        model = replace(model, link=rules.decide.link, review=rules.decide.review)
    return model


def load_model(path: Path) -> Model:
    """`model_from` a file.

    Raises:
        RulesError: see there.
        OSError: the file cannot be read.
    """
    return model_from(path.read_text(encoding="utf-8"), str(path))


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
