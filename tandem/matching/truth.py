"""How good a match is, when a column says what is true."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tandem.matching.arrays import Bools, Ints, factorise


@dataclass(frozen=True, slots=True)
class Quality:
    """Share of found pairs that are true, of true pairs that were found, and their mean."""

    precision: float
    recall: float
    f1: float


def quality(found: int, true: int, both: int) -> Quality:
    """Precision, recall and F1 from counts of pairs.

    >>> quality(found=4, true=5, both=4)
    Quality(precision=1.0, recall=0.8, f1=0.888...)
    """
    precision = both / found if found else float(true == 0)
    recall = both / true if true else 1.0
    total = precision + recall
    return Quality(precision, recall, 2 * precision * recall / total if total else 0.0)


_COPY = re.compile(r"(?:-org|-dup-\d+)$")


def truth_codes(texts: Sequence[str]) -> Ints:
    """Code of the true thing per record; a record without one is a thing of its own.

    A column that names every record once, as FEBRL does (`rec-7-org`, `rec-7-dup-0`), says which
    are copies by its ending.

    >>> truth_codes(["a", "b", "a", ""]).tolist()
    [0, 1, 0, 3]
    >>> truth_codes(["rec-7-org", "rec-7-dup-0", "rec-8-org"]).tolist()
    [0, 0, 2]
    """
    if len(set(texts)) == len(texts) and all(_COPY.search(text) for text in texts):
        texts = [_COPY.sub("", text) for text in texts]
    first: dict[str, int] = {}
    return np.array(
        [first.setdefault(text, place) if text else place for place, text in enumerate(texts)],
        dtype=np.int64,
    )


def true_pairs(truth: Ints, side: Ints | None) -> int:
    """How many pairs of records are one thing; across the two files when there are two.

    >>> true_pairs(np.array([0, 0, 0]), None), true_pairs(np.array([0, 0, 0]), np.array([0, 1, 1]))
    (3, 2)
    """
    codes, count = factorise(truth)
    if side is None:
        return _within(codes)
    left = np.bincount(codes[side == 0], minlength=count)
    right = np.bincount(codes[side == 1], minlength=count)
    return int((left * right).sum())


def _within(codes: Ints) -> int:
    sizes = np.bincount(codes) if len(codes) else np.zeros(1, dtype=np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def pair_quality(truth: Ints, side: Ints | None, left: Ints, right: Ints) -> Quality:
    """Quality of pairs linked one by one."""
    both = int((truth[left] == truth[right]).sum())
    return quality(len(left), true_pairs(truth, side), both)


def cluster_quality(truth: Ints, side: Ints | None, clusters: Ints) -> Quality:
    """Quality of all the pairs that clusters imply."""
    codes, count = factorise(truth)
    joint = clusters * count + codes
    return quality(true_pairs(clusters, side), true_pairs(truth, side), true_pairs(joint, side))


def recall_of(truth: Ints, side: Ints | None, left: Ints, right: Ints) -> float:
    """Share of the true pairs among candidates."""
    same: Bools = truth[left] == truth[right]
    true = true_pairs(truth, side)
    return float(same.sum()) / true if true else 1.0
