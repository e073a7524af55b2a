"""Rules for matching one of the pipeline's objects: the defaults, changed by a file of the user.

A file in `config/matching/` names only what shall differ; `tandem rules show OBJECT` prints all of
it. Weights are bits of evidence, log2(m/u): positive speaks for one thing, negative against.

    match: account
    candidates:                      # records that share one of these are compared
      - same tax id
      - same phone
    compare:
      tax_id:
        same tax id: 18
        one digit off: {bits: 4, ask: true}    # never linked unseen, whatever else agrees
        different tax id: apart                # never one thing, whatever else agrees
      website: ignore
    rare values count more: [name]   # a name that many records have says less
    decide: {link: 0.99, review: 0.1}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from tandem.errors import ConfigError
from tandem.matching.defaults import CANDIDATES, DEFAULTS, Model
from tandem.matching.rules import Decide
from tandem.yaml_file import YamlFile, did_you_mean

Fault = tuple[tuple[str | int, ...], str]
"""Place in the file and what is wrong there."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Weighed(_Strict):
    """A level's weight in bits; with `ask` it never lets a pair be linked unseen."""

    bits: float
    ask: bool = False


LevelChange = float | Literal["apart"] | Weighed


class MatchRules(_Strict):
    """A file of `config/matching/`; see the module for the YAML.

    Attributes:
        match: the canonical object.
        candidates: sentences that find records worth comparing; all there are when left out.
        compare: field → level → weight, `apart`, or a weight that always asks; or `ignore`.
        rare_values_count_more: written `rare values count more`: fields whose common values
            count less; as by default when left out.
        decide: thresholds; as by default when left out.
    """

    match: str
    candidates: tuple[str, ...] | None = Field(default=None, min_length=1)
    compare: Mapping[str, Literal["ignore"] | Mapping[str, LevelChange]] = {}
    rare_values_count_more: Annotated[
        tuple[str, ...] | None, Field(alias="rare values count more")
    ] = None
    decide: Decide | None = None

    def faults(self) -> Iterator[Fault]:
        """Everything in it that names what there is not."""
        model = DEFAULTS.get(self.match)
        if model is None:
            known = did_you_mean(self.match, DEFAULTS)
            yield ("match",), f"there is no object '{self.match}' to match{known}"
            return
        fields = {field for field, _ in model.weights}
        sentences = CANDIDATES[self.match]
        for index, sentence in enumerate(self.candidates or ()):
            if sentence not in sentences:
                yield ("candidates", index), f"unknown rule{did_you_mean(sentence, sentences)}"
        for index, field in enumerate(self.rare_values_count_more or ()):
            if field != "name":
                place = ("rare values count more", index)
                yield place, f"frequencies of '{field}' are not known; only those of 'name' are"
        for field, levels in self.compare.items():
            if field not in fields:
                yield ("compare", field), f"{self.match} is not compared by it; {_known(fields)}"
                continue
            known_levels = {level for name, level in model.weights if name == field}
            for level in levels if levels != "ignore" else ():
                if level not in known_levels:
                    hint = did_you_mean(level, known_levels)
                    yield ("compare", field, level), f"{field} has no such level{hint}"

    def model(self) -> Model:
        """The default model with these changes. Call it when there are no `faults`."""
        model = DEFAULTS[self.match]
        weights, doubts = dict(model.weights), set(model.doubts)
        contradictions, ignored = set(model.contradictions), set(model.ignored)
        for field, levels in self.compare.items():
            if levels == "ignore":
                ignored.add(field)
                continue
            for level, change in levels.items():
                key = (field, level)
                doubts.discard(key)
                contradictions.discard(key)
                if change == "apart":
                    contradictions.add(key)
                elif isinstance(change, Weighed):
                    weights[key] = change.bits
                    doubts |= {key} if change.ask else set()
                else:
                    weights[key] = change
        return replace(
            model,
            weights=weights,
            doubts=frozenset(doubts),
            contradictions=frozenset(contradictions),
            ignored=frozenset(ignored),
            candidates=_prefixes(self.match, self.candidates),
            rare_counts_more=(
                model.rare_counts_more
                if self.rare_values_count_more is None
                else frozenset(self.rare_values_count_more)
            ),
            link=self.decide.link if self.decide else model.link,
            review=self.decide.review if self.decide else model.review,
        )


def _known(names: set[str]) -> str:
    return f"known: {', '.join(sorted(names))}"


def _prefixes(object_name: str, sentences: tuple[str, ...] | None) -> frozenset[str] | None:
    if sentences is None:
        return None
    return frozenset(CANDIDATES[object_name][sentence] for sentence in sentences)


def load_match_rules(folder: Path) -> dict[str, MatchRules]:
    """Read and check the files of `config/matching/`: rules by object.

    Raises:
        ConfigError: a file is wrong; names file, line and place.
    """
    found: dict[str, MatchRules] = {}
    for path in sorted(folder.glob("*.yaml")):
        file = YamlFile(path)
        rules = file.to(MatchRules)
        faults = [file.complaint(place, message) for place, message in rules.faults()]
        if rules.match in found:
            faults.append(file.complaint(("match",), f"second rules for '{rules.match}'"))
        if faults:
            raise ConfigError("\n".join(faults))
        found[rules.match] = rules
    return found


def as_yaml(model: Model) -> str:
    """All rules of a model as a file that gives the same model.

    >>> from tandem.matching.defaults import ACCOUNT
    >>> read_back = MatchRules.model_validate(yaml.safe_load(as_yaml(ACCOUNT))).model()
    >>> (read_back.weights, read_back.doubts) == (ACCOUNT.weights, ACCOUNT.doubts)
    True
    """
    compare: dict[str, Any] = {}
    for (field, level), bits in model.weights.items():
        key = (field, level)
        change: Any = int(bits) if bits == int(bits) else round(bits, 3)
        if key in model.contradictions:
            change = "apart"
        elif key in model.doubts:
            change = {"bits": change, "ask": True}
        compare.setdefault(field, {})[level] = change
    document: dict[str, Any] = {"match": model.object}
    document["candidates"] = [
        sentence
        for sentence, prefix in CANDIDATES[model.object].items()
        if model.candidates is None or prefix in model.candidates
    ]
    document["compare"] = compare | dict.fromkeys(sorted(model.ignored), "ignore")
    document["rare values count more"] = sorted(model.rare_counts_more)
    document["decide"] = {"link": model.link, "review": model.review}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
