"""What is already known, kept ready: a batch of new records is matched in seconds, not minutes.

The first match of everything learns the weights; `Known` keeps its columns and sorted keys, so that
later batches are only looked up, compared and weighed. The incremental matcher of the pipeline
(`incremental`) does the same one record at a time out of the state database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tandem.matching.arrays import Floats, Ints, Levels, combine
from tandem.matching.blocking import Bounds, form_of
from tandem.matching.columns import CLEANERS, Column
from tandem.matching.comparators import compare_pairs
from tandem.matching.engine import Matched, Raw
from tandem.matching.rules import KeyPart, KeyRule
from tandem.matching.scoring import (
    contradicting,
    identity_differs,
    pair_weights,
    probabilities,
    rarity,
)

_BOUNDS = Bounds()


@dataclass(frozen=True)
class Arrivals:
    """Pairs of a known and a new record.

    Attributes:
        known: positions among the known records.
        new: positions in the batch.
        weights: log-odds in bits.
        decisions: 0 keep apart, 1 ask a person, 2 link.
    """

    known: Ints
    new: Ints
    weights: Floats
    decisions: Levels


class Known:
    """The records of a finished match, ready for more.

    Only the rules that compare keys are used; the sorted file and the n-gram index of a first match
    do not pay for a batch.
    """

    def __init__(self, matched: Matched, bounds: Bounds = _BOUNDS) -> None:
        self._matched, self._bounds = matched, bounds
        self._columns = matched.columns
        rules = matched.rules.parsed_candidates
        self._rules = [
            rule
            for rule in rules
            if isinstance(rule, KeyRule) and all(part.form != "words" for part in rule.parts)
        ]
        self._forms: dict[KeyPart, tuple[Ints, dict[str, int]]] = {}
        self._keys = [self._sorted_keys(rule) for rule in self._rules]

    def match(self, raw: Raw) -> Arrivals:
        """Match a batch with what is known.

        Args:
            raw: the batch, with every column the rules compare.
        """
        batch = {name: _cleaned(column, *raw[name]) for name, column in self._columns.items()}
        known, new = self._pairs(batch)
        levels, weights = self._weigh(batch, known, new)
        decide = self._matched.rules.decide
        probability = probabilities(weights)
        rules = self._matched.rules
        ask = (probability >= decide.review) & ~contradicting(rules, levels)
        link = ask & (probability >= decide.link) & ~identity_differs(rules, levels)
        decisions: Levels = ask.astype(np.int8) + link.astype(np.int8)
        return Arrivals(known, new, weights, decisions)

    # --- keys ---

    def _form(self, part: KeyPart) -> tuple[Ints, dict[str, int]]:
        """Code of each known value's form (missing last), and the codes by form."""
        if part not in self._forms:
            values = self._columns[part.column].values
            positions: dict[str, int] = {"": -1}
            place = positions.setdefault
            codes = [place(form_of(value, part), len(positions) - 1) for value in values]
            self._forms[part] = (np.array([*codes, -1], dtype=np.int64), positions)
        return self._forms[part]

    def _sorted_keys(self, rule: KeyRule) -> tuple[Ints, Ints]:
        keys = np.zeros(len(self._columns[rule.parts[0].column].codes), dtype=np.int64)
        for part in rule.parts:
            table, positions = self._form(part)
            keys = combine(keys, table[self._columns[part.column].codes], len(positions))
        order = np.argsort(keys, kind="stable")
        return keys[order], order

    def _batch_keys(self, rule: KeyRule, batch: Mapping[str, Column]) -> Ints:
        keys = np.zeros(len(batch[rule.parts[0].column].codes), dtype=np.int64)
        for part in rule.parts:
            _, positions = self._form(part)
            column = batch[part.column]
            codes = [positions.get(form_of(value, part), -1) for value in column.values]
            table = np.array([*codes, -1], dtype=np.int64)
            keys = combine(keys, table[column.codes], len(positions))
        return keys

    def _pairs(self, batch: Mapping[str, Column]) -> tuple[Ints, Ints]:
        found = []
        size = len(next(iter(batch.values())).codes)
        for rule, (keys, order) in zip(self._rules, self._keys, strict=True):
            wanted = self._batch_keys(rule, batch)
            filled = np.flatnonzero(wanted >= 0)
            start = np.searchsorted(keys, wanted[filled], "left")
            stop = np.searchsorted(keys, wanted[filled], "right")
            count = np.minimum(stop - start, self._bounds.block)
            place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            known = order[np.repeat(start, count) + place]
            found.append(known * size + np.repeat(filled, count))
        packed = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
        return packed // size, packed % size

    # --- weights ---

    def _weigh(self, batch: Mapping[str, Column], known: Ints, new: Ints) -> tuple[Levels, Floats]:
        involved, left = np.unique(known, return_inverse=True)
        right = new + len(involved)
        columns = {
            name: _joined(column, involved, batch[name]) for name, column in self._columns.items()
        }
        rules, model = self._matched.rules, self._matched.model
        levels = np.empty((len(known), len(rules.compare)), dtype=np.int8, order="F")
        for place, (name, comparison) in enumerate(rules.compare.items()):
            levels[:, place] = compare_pairs(columns, name, comparison, left, right)
        weights = pair_weights(model, levels)
        for place, name in enumerate(model.names):
            if name in self._matched.typical:
                shared = np.flatnonzero(levels[:, place] == 0)
                column = self._columns[name]
                codes = column.codes[known[shared]]
                weights[shared] += rarity(column, self._matched.typical[name], codes)
        return levels, weights


def _cleaned(column: Column, texts: list[str], codes: Ints) -> Column:
    """A column of the batch, cleaned as the known one was."""
    values = CLEANERS[column.kind](texts)
    positions: dict[str, int] = {"": -1}
    place = positions.setdefault
    table = [place(value, len(positions) - 1) for value in values]
    del positions[""]
    remap = np.array([*table, -1], dtype=np.int64)
    return Column(column.name, column.kind, tuple(positions), remap[codes])


def _joined(column: Column, records: Ints, batch: Column) -> Column:
    """One small column of these known records and, after them, the batch."""
    codes = column.codes[records]
    used, inverse = np.unique(codes, return_inverse=True)
    positions: dict[str, int] = {}
    place = positions.setdefault
    old = [place(column.values[code], len(positions)) if code >= 0 else -1 for code in used]
    new = [place(value, len(positions)) for value in batch.values]
    joined = np.concatenate(
        [
            np.array(old, dtype=np.int64)[inverse],
            np.array([*new, -1], dtype=np.int64)[batch.codes],
        ]
    )
    return Column(column.name, column.kind, tuple(positions), joined)
