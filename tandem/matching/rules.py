"""Rules of matching in YAML that reads like a sentence; parsed, checked, written.

    match: customers
    candidates:
      - same tax id
      - same first 4 of surname and same date of birth
      - neighbours within 7 by surname then given name
      - rare 3-grams of name, address
    compare:
      surname:
        as: name
        levels: [exact, jaro_winkler >= 0.92, swapped with given name]
        rare values count more: true
      tax id:
        as: code
        levels: [exact, edits <= 1]
        contradicts: true
    decide: {link: 0.9, review: 0.5}

Levels are tried in their order, the first that holds is the pair's level; `missing` and `otherwise`
need not be written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from tandem.errors import ConfigError
from tandem.matching.columns import Kind


class RulesError(ConfigError):
    """The rules cannot be used; the message names file and place of every fault."""


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One parsed level sentence.

    Attributes:
        sentence: as written; also the level's name in reasons.
        measure: name in `comparators.MEASURES`.
        bound: the measure must reach it; for distances, stay within it.
        other: the column a value may have been swapped with.
    """

    sentence: str
    measure: str
    bound: float = 1.0
    other: str = ""


_NUMBER = r"(?P<bound>\d+(?:\.\d+)?)"
_LEVEL_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"exact", "exact"),
    (r"same words", "same_words"),
    (rf"jaro_winkler >= {_NUMBER}", "jaro_winkler"),
    (rf"similarity >= {_NUMBER}", "similarity"),
    (rf"edits <= {_NUMBER}", "edits"),
    (rf"token overlap >= {_NUMBER}", "token_overlap"),
    (rf"token containment >= {_NUMBER}", "token_containment"),
    (rf"character overlap >= {_NUMBER}", "character_overlap"),
    (rf"last {_NUMBER} digits equal", "ending"),
    (rf"date parts >= {_NUMBER}", "date_parts"),
    (rf"days apart <= {_NUMBER}", "days"),
    (r"same number", "number"),
    (r"same mailbox", "mailbox"),
    (r"initial agrees", "initial"),
    (r"swapped with (?P<other>.+)", "swapped"),
)


def parse_level(sentence: str) -> LevelRule:
    """Understand one level.

    >>> parse_level("jaro_winkler >= 0.92")
    LevelRule(sentence='jaro_winkler >= 0.92', measure='jaro_winkler', bound=0.92, other='')

    Raises:
        ValueError: no such level; the message lists those there are.
    """
    for pattern, measure in _LEVEL_SENTENCES:
        found = re.fullmatch(pattern, sentence)
        if found:
            parts = found.groupdict()
            bound = float(parts.get("bound") or 1.0)
            return LevelRule(sentence, measure, bound, parts.get("other") or "")
    known = ", ".join(
        pattern.replace(_NUMBER, "N").replace("(?P<other>.+)", "COLUMN")
        for pattern, _ in _LEVEL_SENTENCES
    )
    raise ValueError(f"no level reads {sentence!r}; known: {known}")


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One column's part in a key.

    Attributes:
        column: column name.
        form: `value`, `first` (with `length`), `sound`, `year`, `digits`, `words` or `ending`.
        length: letters for `first` and `ending`.
    """

    column: str
    form: str = "value"
    length: int = 0


@dataclass(frozen=True, slots=True)
class KeyRule:
    """Records are candidates when all these parts are equal."""

    sentence: str
    parts: tuple[KeyPart, ...]


@dataclass(frozen=True, slots=True)
class NeighbourRule:
    """Records are candidates when they stand within `window` places in the sorted file."""

    sentence: str
    window: int
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GramRule:
    """Records are candidates when they share the most rare character n-grams."""

    sentence: str
    length: int
    columns: tuple[str, ...]


BlockingRule = KeyRule | NeighbourRule | GramRule

_PART = re.compile(
    r"(?:(?P<form>first|last) (?P<length>\d+) of |(?P<plain>sound|year|digits|words) of )?"
    r"(?P<column>.+)"
)
_NEIGHBOURS = re.compile(r"neighbours within (\d+) by (.+)")
_GRAMS = re.compile(r"rare (\d)-grams of (.+)")


def parse_candidates(sentence: str) -> BlockingRule:
    """Understand one blocking rule.

    >>> parse_candidates("same first 4 of surname").parts
    (KeyPart(column='surname', form='first', length=4),)
    >>> parse_candidates("neighbours within 7 by surname then town").columns
    ('surname', 'town')

    Raises:
        ValueError: the sentence is none of the three kinds.
    """
    neighbours = _NEIGHBOURS.fullmatch(sentence)
    if neighbours:
        columns = tuple(neighbours[2].split(" then "))
        return NeighbourRule(sentence, int(neighbours[1]), columns)
    grams = _GRAMS.fullmatch(sentence)
    if grams:
        return GramRule(sentence, int(grams[1]), tuple(re.split(r",\s*", grams[2])))
    if sentence.startswith("same "):
        parts = sentence.removeprefix("same ").split(" and same ")
        return KeyRule(sentence, tuple(_key_part(part) for part in parts))
    raise ValueError(
        f"no candidates rule reads {sentence!r}; write 'same A and same first 4 of B', "
        "'neighbours within 7 by A then B' or 'rare 3-grams of A, B'"
    )


def _key_part(text: str) -> KeyPart:
    found = _PART.fullmatch(text)
    assert found is not None, "the last group takes any text"
    form = found["form"] or found["plain"] or "value"
    form = "ending" if form == "last" else form
    return KeyPart(found["column"], form, int(found["length"] or 0))


def _checked_level(sentence: str) -> str:
    parse_level(sentence)
    return sentence


def _checked_candidates(sentence: str) -> str:
    parse_candidates(sentence)
    return sentence


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Comparison(_Strict):
    """How one column is compared.

    Attributes:
        kind: what the column holds; decides how its values are cleaned.
        levels: level sentences, best first.
        rare_values_count_more: term frequency adjusts the weight of `exact`.
        identifies: the column names the thing; a pair that differs in it outright is never
            linked unseen.
        contradicts: two filled, different values keep records apart.
    """

    kind: Kind = Field(alias="as")
    levels: tuple[Annotated[str, AfterValidator(_checked_level)], ...] = Field(min_length=1)
    rare_values_count_more: bool = Field(default=False, alias="rare values count more")
    identifies: bool = False
    contradicts: bool = False

    @property
    def parsed(self) -> tuple[LevelRule, ...]:
        """`levels`, understood."""
        return tuple(parse_level(sentence) for sentence in self.levels)


class Decide(_Strict):
    """Least probabilities: `link` unseen, `review` by a person, below that apart."""

    link: float = Field(default=0.9, gt=0, le=1)
    review: float = Field(default=0.5, gt=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> Decide:
        if self.review > self.link:
            raise ValueError("review must not be above link")
        return self


class Rules(_Strict):
    """Everything a match needs to know; see the module for the YAML.

    Attributes:
        match: what is matched, for people.
        candidates: blocking sentences; a pair found by any of them is compared.
        compare: column name → comparison.
        decide: thresholds.
        weights: column → level sentence → bits; fixed weights that learning leaves alone.
    """

    match: str = "records"
    candidates: tuple[Annotated[str, AfterValidator(_checked_candidates)], ...] = Field(
        min_length=1
    )
    compare: Mapping[str, Comparison] = Field(min_length=1)
    decide: Decide = Decide()
    weights: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    version: Literal[1] = 1

    @model_validator(mode="after")
    def _columns_are_known(self) -> Rules:
        known = set(self.compare)
        for rule in self.parsed_candidates:
            for column in columns_of(rule):
                if column not in known:
                    raise ValueError(
                        f"candidates: {rule.sentence!r} names {column!r}, which compare lacks"
                    )
        for name, comparison in self.compare.items():
            for level in comparison.parsed:
                if level.other and level.other not in known:
                    raise ValueError(
                        f"compare: {name}: {level.sentence!r} names a column that compare lacks"
                    )
        for name, levels in self.weights.items():
            allowed = set(self.compare[name].levels) if name in known else set()
            for level_name in levels:
                if level_name not in allowed | {"otherwise"}:
                    raise ValueError(f"weights: {name}: no level {level_name!r} in compare")
        return self

    @property
    def parsed_candidates(self) -> tuple[BlockingRule, ...]:
        """`candidates`, understood."""
        return tuple(parse_candidates(sentence) for sentence in self.candidates)


def columns_of(rule: BlockingRule) -> tuple[str, ...]:
    """Columns a blocking rule reads.

    >>> columns_of(parse_candidates("same first 4 of surname and same town"))
    ('surname', 'town')
    """
    if isinstance(rule, KeyRule):
        return tuple(part.column for part in rule.parts)
    return rule.columns


def check_rules(document: object, source: str = "rules") -> Rules:
    """Turn a loaded document into rules.

    Raises:
        RulesError: one line per fault, each with `source` and the place in it.
    """
    try:
        return Rules.model_validate(document)
    except ValidationError as error:
        lines = [
            f"{source}: {place_of(fault['loc'])}{fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise RulesError("\n".join(lines)) from error


def place_of(location: tuple[int | str, ...]) -> str:
    """Where in a document a fault is, as people count.

    >>> place_of(("compare", "born", "levels", 1))
    'compare → born → levels → 2.: '
    """
    steps = [f"{step + 1}." if isinstance(step, int) else step for step in location]
    return " → ".join(steps) + ": " if steps else ""


def parse_rules(text: str, source: str = "rules") -> Rules:
    """Rules from YAML text.

    Raises:
        RulesError: not YAML, or not rules.
    """
    try:
        document = TypeAdapter(dict[str, Any]).validate_python(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f": line {mark.line + 1}" if mark else ""
        raise RulesError(f"{source}{line}: not YAML") from error
    except ValidationError as error:
        raise RulesError(f"{source}: a mapping with candidates and compare is expected") from error
    return check_rules(document, source)


def load_rules(path: Path) -> Rules:
    """Rules from a file.

    Raises:
        RulesError: see `parse_rules`.
        OSError: the file cannot be read.
    """
    return parse_rules(path.read_text(encoding="utf-8"), str(path))


def dump_rules(rules: Rules) -> str:
    """YAML text that `parse_rules` reads back to equal rules."""
    document = rules.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
