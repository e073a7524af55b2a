"""Candidate pairs from several rules; blocks that grew too large are bounded, never dropped whole.

What blocking misses, nothing later finds: `estimate_recall` says how much that is likely to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tandem.matching.arrays import Bools, Floats, Ints, combine, factorise
from tandem.matching.columns import Column
from tandem.matching.forms import sound
from tandem.matching.grams import grams, vectors
from tandem.matching.rules import BlockingRule, GramRule, KeyPart, KeyRule, NeighbourRule


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits that keep a pathological block from flooding the run.

    Attributes:
        block: records of a block that are all compared with each other.
        window: in a larger block, how many neighbours (sorted by the other columns) each gets.
        common_gram: share of the records above which an n-gram says nothing.
        gram_work: pairs of records sharing an n-gram to look at, the rarest n-grams first.
        nearest: neighbours a record gets from the n-gram index.
    """

    block: int = 60
    window: int = 6
    common_gram: float = 0.02
    gram_work: int = 15_000_000
    nearest: int = 12


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs to compare, each once, and which rules found them.

    Attributes:
        left: record positions, below `right`.
        right: record positions.
        rules: sentences, in the order of the bits of `found_by`.
        found_by: bit set per pair.
    """

    left: Ints
    right: Ints
    rules: tuple[str, ...]
    found_by: Ints

    def __len__(self) -> int:
        return len(self.left)


def find_candidates(
    columns: Mapping[str, Column],
    rules: Sequence[BlockingRule],
    side: Ints | None = None,
    bounds: Bounds = Bounds(),
) -> Candidates:
    """All pairs any rule finds.

    Args:
        columns: by name; all of one length.
        rules: at most 62.
        side: 0 or 1 per record to pair across two files only; None to look within one.
        bounds: see `Bounds`.
    """
    count = len(next(iter(columns.values())).codes)
    packed: list[Ints] = []
    for rule in rules:
        left, right = rule_pairs(columns, rule, side, bounds)
        packed.append(np.unique(left * count + right))
    merged, found_by = _merge(packed)
    return Candidates(
        merged // count, merged % count, tuple(rule.sentence for rule in rules), found_by
    )


def _merge(packed: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Union of sorted key arrays, with a bit per array that held the key."""
    everything = np.concatenate(packed) if packed else np.zeros(0, dtype=np.int64)
    merged = np.unique(everything)
    found_by = np.zeros(len(merged), dtype=np.int64)
    for bit, keys in enumerate(packed):
        found_by[np.searchsorted(merged, keys)] |= 1 << bit
    return merged, found_by


def rule_pairs(
    columns: Mapping[str, Column], rule: BlockingRule, side: Ints | None, bounds: Bounds
) -> tuple[Ints, Ints]:
    """Pairs of one rule, the lower position first; a pair may come twice."""
    if isinstance(rule, GramRule):
        left, right = _gram_pairs(columns, rule, side, bounds)
    elif isinstance(rule, NeighbourRule):
        left, right = _neighbour_pairs(columns, rule)
    else:
        records, keys = rule_keys(columns, rule)
        left, right = _block_pairs(records, keys, side, bounds)
    if side is not None:
        across = side[left] != side[right]
        left, right = left[across], right[across]
    different = left != right
    left, right = left[different], right[different]
    return np.minimum(left, right), np.maximum(left, right)


_DENSE = 1 << 40
"""Keys above this are numbered anew, so that the next part cannot make them overflow."""


# --- keys -----------------------------------------------------------------------------------


def rule_keys(columns: Mapping[str, Column], rule: KeyRule) -> tuple[Ints, Ints]:
    """Records and their key codes; a record comes several times when a part has several words."""
    records = np.arange(len(columns[rule.parts[0].column].codes), dtype=np.int64)
    keys = np.zeros(len(records), dtype=np.int64)
    for part in rule.parts:
        column = columns[part.column]
        if part.form == "words":
            rows, codes, count = _word_codes(column, records)
            keys, records = combine(keys[rows], codes, count), records[rows]
        else:
            codes, count = part_codes(column, part)
            keys = combine(keys, codes[records], count)
        if int(keys.max(initial=0)) > _DENSE:
            keys, _ = factorise(keys)
    known = keys >= 0
    return records[known], keys[known]


def part_codes(column: Column, part: KeyPart) -> tuple[Ints, int]:
    """Codes per record of one part of a key, and how many codes there are."""
    if part.form == "value":
        return column.codes, max(1, len(column.values))
    positions: dict[str, int] = {}
    table = np.full(len(column.values) + 1, -1, dtype=np.int64)
    for place, value in enumerate(column.values):
        form = form_of(value, part)
        if form:
            table[place] = positions.setdefault(form, len(positions))
    return table[column.codes], max(1, len(positions))


def form_of(value: str, part: KeyPart) -> str:
    """The part of a value that a key is made of; empty when there is none."""
    match part.form:
        case "value":
            return value
        case "first":
            return value[: part.length]
        case "ending":
            return value[-part.length :] if len(value) >= part.length else ""
        case "sound":
            return " ".join(sorted(sound(word) for word in value.split()))
        case "year":
            return value[:4]
        case _:
            return "".join(char for char in value if char.isdigit())


def _word_codes(column: Column, records: Ints) -> tuple[Ints, Ints, int]:
    """For each (record, word): position in `records`, word code; and the number of words."""
    positions: dict[str, int] = {}
    flat: list[int] = []
    starts = [0]
    for value in column.values:
        flat.extend({positions.setdefault(word, len(positions)) for word in value.split()})
        starts.append(len(flat))
    ends, all_codes = np.array(starts, dtype=np.int64), np.array(flat, dtype=np.int64)
    known = np.flatnonzero(column.codes[records] >= 0)
    value_codes = column.codes[records[known]]
    sizes = ends[value_codes + 1] - ends[value_codes]
    rows = np.repeat(known, sizes)
    offsets = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rows, all_codes[np.repeat(ends[value_codes], sizes) + offsets], max(1, len(positions))


# --- pairs ----------------------------------------------------------------------------------


def _block_pairs(records: Ints, keys: Ints, side: Ints | None, bounds: Bounds) -> tuple[Ints, Ints]:
    order = np.argsort(keys, kind="stable")
    keys, records = keys[order], records[order]
    if side is not None:
        keys, records = _with_both_sides(keys, records, side)
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, int)
    sizes = np.diff(np.r_[starts, len(keys)])
    reach = np.where(sizes <= bounds.block, sizes - 1, bounds.window)
    # How many places after each record its partners may stand.
    place_in_block = np.arange(len(keys)) - np.repeat(starts, sizes)
    left_over = np.repeat(sizes, sizes) - 1 - place_in_block
    return _window_pairs(records, np.minimum(left_over, np.repeat(reach, sizes)))


def _with_both_sides(keys: Ints, records: Ints, side: Ints) -> tuple[Ints, Ints]:
    """Only the blocks that hold records of both files."""
    if not len(keys):
        return keys, records
    starts = np.r_[True, keys[1:] != keys[:-1]]
    block = np.cumsum(starts) - 1
    seen = np.zeros((2, int(block[-1]) + 1), dtype=bool)
    seen[side[records], block] = True
    useful = (seen[0] & seen[1])[block]
    return keys[useful], records[useful]


def _window_pairs(records: Ints, reach: Ints) -> tuple[Ints, Ints]:
    """Each record with the next `reach` ones."""
    first = np.repeat(np.arange(len(records)), reach)
    step = np.arange(len(first)) - np.repeat(np.cumsum(reach) - reach, reach) + 1
    return records[first], records[first + step]


def _neighbour_pairs(columns: Mapping[str, Column], rule: NeighbourRule) -> tuple[Ints, Ints]:
    ranks = []
    for name in rule.columns:
        column = columns[name]
        rank = np.empty(len(column.values) + 1, dtype=np.int64)
        rank[np.argsort(column.texts.astype(str), kind="stable")] = np.arange(len(column.values))
        rank[-1] = len(column.values)
        ranks.append(rank[column.codes])
    filled = np.flatnonzero(columns[rule.columns[0]].codes >= 0)
    order = filled[np.lexsort([rank[filled] for rank in reversed(ranks)])]
    left_over = len(order) - 1 - np.arange(len(order))
    return _window_pairs(order, np.minimum(left_over, rule.window))


# --- n-gram index ---------------------------------------------------------------------------


def _gram_pairs(
    columns: Mapping[str, Column], rule: GramRule, side: Ints | None, bounds: Bounds
) -> tuple[Ints, Ints]:
    """The nearest records by rare n-grams; common n-grams are capped away."""
    matrix = sparse.hstack(
        [_record_vectors(columns[name], rule.length) for name in rule.columns], format="csr"
    )
    seen = np.bincount(matrix.indices, minlength=matrix.shape[1])
    cap = max(20.0, bounds.common_gram * matrix.shape[0])
    useful = np.flatnonzero((seen > 1) & (seen <= cap))
    useful = useful[np.argsort(seen[useful], kind="stable")]
    useful = useful[np.cumsum(seen[useful].astype(np.float64) ** 2) <= bounds.gram_work]
    matrix = matrix[:, useful].tocsr()
    rows = np.arange(matrix.shape[0], dtype=np.int64)
    queries, targets = rows, rows
    if side is not None:
        queries, targets = rows[side == 0], rows[side == 1]
    left, right = _nearest(matrix[queries], matrix[targets].T.tocsr(), bounds.nearest + 1)
    return queries[left], targets[right]


def _record_vectors(column: Column, length: int) -> sparse.csr_array:
    texts = [*column.values, ""]
    matrix = vectors(texts, lambda text: grams(text, length) if text else [])
    return matrix[column.codes]


def _nearest(queries: sparse.csr_array, targets: sparse.csr_array, most: int) -> tuple[Ints, Ints]:
    lefts: list[Ints] = []
    rights: list[Ints] = []
    for start in range(0, queries.shape[0], 1024):
        product = queries[start : start + 1024] @ targets
        left, right = _top(product, most)
        lefts.append(left + start)
        rights.append(right)
    return np.concatenate(lefts), np.concatenate(rights)


def _top(product: sparse.csr_array, most: int) -> tuple[Ints, Ints]:
    """Positions of the `most` largest values of each row."""
    sizes = np.diff(product.indptr)
    rows = np.repeat(np.arange(product.shape[0], dtype=np.int64), sizes)
    order = np.lexsort((-product.data, rows))
    place = np.arange(len(order)) - np.repeat(product.indptr[:-1], sizes)
    best = order[place < most]
    return rows[best], product.indices[best].astype(np.int64)


# --- recall ---------------------------------------------------------------------------------


def estimate_recall(found_by: Ints, rules: int, matched: Floats | Bools) -> float:
    """Share of the true pairs that blocking is likely to have found: 0.0 to 1.0.

    Each rule is judged by what the others found: of the matches that any other rule found, how
    many did it find too? The rules are then taken as independent, as in capture and recapture.

    Args:
        found_by: bit set per pair.
        rules: how many bits.
        matched: how likely each pair is a match.
    """
    missed = 1.0
    weight = np.asarray(matched, dtype=np.float64)
    for bit in range(rules):
        mine = (found_by >> bit) & 1 == 1
        others = found_by & ~(1 << bit) != 0
        total = float(weight[others].sum())
        if total > 0:
            missed *= 1.0 - float(weight[others & mine].sum()) / total
    return 1.0 - missed
