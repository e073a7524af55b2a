"""From scored pairs to groups of records that are one thing, with guards.

A threshold and connected components is unsafe: one weak edge joins two groups. Here groups are
joined greedily, strongest evidence first, and the evidence between two groups is the *sum* over all
pairs compared between them, for and against. Records that contradict each other never share one.
"""

from __future__ import annotations

import heapq
import math

import numpy as np

from tandem.matching.arrays import Bools, Floats, Ints

_CLIP = 12.0
"""One pair's evidence counts at most so much, in bits: no single pair may silence all others."""

_LOOSE = 0.5
"""Two groups stay apart when their pairs, on average, carry less than this share of the evidence
that holds the looser of them together."""


def cluster(
    count: int, left: Ints, right: Ints, weights: Floats, apart: Bools | None = None
) -> Ints:
    """Cluster number per record; a record alone is a cluster of one.

    Args:
        count: records.
        left: positions of the pairs compared.
        right: their other positions.
        weights: evidence in bits for "one thing" (0.0 is undecided).
        apart: pairs that contradict each other.

    >>> pairs = np.array([[0, 1], [1, 2], [0, 2], [3, 4]])
    >>> cluster(5, pairs[:, 0], pairs[:, 1], np.array([9.0, 2.0, -8.0, 5.0])).tolist()
    [0, 0, 1, 2, 2]
    """
    known = weights if apart is None else np.where(apart, -np.inf, weights)
    label, inside = _components(count, left, right, known)
    of = label[left[inside]]
    # Small groups without evidence against them need no weighing.
    against = np.zeros(count, dtype=bool)
    against[of[known[inside] <= 0]] = True
    plain = ~against & (np.bincount(label, minlength=count) <= 3)
    parent = np.where(plain[label], label, np.arange(count))
    rest = inside[~plain[of]]
    of = of[~plain[of]]
    starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]]) if len(of) else np.zeros(0, int)
    for edges in np.split(rest, starts[1:]) if len(rest) else ():
        _contract(parent, left[edges].tolist(), right[edges].tolist(), known[edges].tolist())
    return _numbers(parent)


def _components(count: int, left: Ints, right: Ints, weights: Floats) -> tuple[Ints, Ints]:
    """Group of each record by positive edges; edges inside groups, ordered by group."""
    positive = weights > 0
    label = connected(count, left[positive], right[positive])
    inside = np.flatnonzero(label[left] == label[right])
    ordered: Ints = inside[np.argsort(label[left[inside]], kind="stable")]
    return label, ordered


def connected(count: int, left: Ints, right: Ints) -> Ints:
    """The lowest position each record is connected to, directly or through others.

    >>> connected(5, np.array([3, 1]), np.array([4, 3])).tolist()
    [0, 1, 2, 1, 1]
    """
    label = np.arange(count, dtype=np.int64)
    while len(left):
        a, b = label[left], label[right]
        low, high = np.minimum(a, b), np.maximum(a, b)
        open_ = low != high
        left, right, low, high = left[open_], right[open_], low[open_], high[open_]
        np.minimum.at(label, high, low)
        label = _roots(label)
    return label


def _roots(parent: Ints) -> Ints:
    """Follow every record to the one at the top."""
    while True:
        above = parent[parent]
        if np.array_equal(above, parent):
            return above
        parent = above


class _Groups:
    """Groups of one component while they are joined: evidence between them and within them."""

    def __init__(self, left: list[int], right: list[int], weights: list[float]) -> None:
        self.between: dict[int, dict[int, tuple[float, float, int]]] = {}
        self.within: dict[int, tuple[float, int]] = {}
        for a, b, weight in zip(left, right, weights, strict=True):
            clipped = max(-_CLIP, min(_CLIP, weight)) if weight != -math.inf else weight
            self._set(a, b, (clipped, weight, 1))

    def _set(self, a: int, b: int, evidence: tuple[float, float, int]) -> None:
        self.between.setdefault(a, {})[b] = evidence
        self.between.setdefault(b, {})[a] = evidence

    def loose(self, a: int, b: int) -> bool:
        """Whether two groups hang together much more strongly than they do with each other."""
        _, total, count = self.between[a][b]
        if a not in self.within or b not in self.within:
            return False
        inside = min(self.within[a][0] / self.within[a][1], self.within[b][0] / self.within[b][1])
        return total / count < _LOOSE * inside

    def join(self, a: int, b: int) -> list[tuple[float, int]]:
        """Let `a` swallow `b`; the new sums towards the groups around."""
        _, total, count = self.between[a].pop(b)
        for group in (a, b):
            held, pairs = self.within.pop(group, (0.0, 0))
            total, count = total + held, count + pairs
        self.within[a] = (total, count)
        changed = []
        for other, (clipped, weight, pairs) in self.between.pop(b).items():
            if other == a:
                continue
            del self.between[other][b]
            was = self.between[a].get(other, (0.0, 0.0, 0))
            now = (was[0] + clipped, was[1] + weight, was[2] + pairs)
            self._set(a, other, now)
            changed.append((now[0], other))
        return changed


def _contract(parent: Ints, left: list[int], right: list[int], weights: list[float]) -> None:
    """Greedy additive edge contraction; writes the root of each record into `parent`."""
    groups = _Groups(left, right, weights)
    heap = [
        (-evidence[0], -evidence[1], a, b)
        for a, around in groups.between.items()
        for b, evidence in around.items()
        if a < b and evidence[0] > 0
    ]
    heapq.heapify(heap)
    while heap:
        negative, _, a, b = heapq.heappop(heap)
        evidence = groups.between.get(a, {}).get(b)
        if evidence is None or evidence[0] != -negative or groups.loose(a, b):
            continue  # an older sum (the newer one is in the heap too), or better left apart
        if len(groups.between[a]) < len(groups.between[b]):
            a, b = b, a
        parent[b] = a
        for total, other in groups.join(a, b):
            if total > 0:
                heapq.heappush(heap, (-total, -groups.between[a][other][1], a, other))


def _numbers(parent: Ints) -> Ints:
    """Number the groups in order of first appearance."""
    parent = _roots(parent)
    _, first, inverse = np.unique(parent, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    result: Ints = rank[inverse]
    return result


def one_to_one(left: Ints, right: Ints, weights: Floats) -> Bools:
    """Which pairs to keep so that each record is in at most one, best first.

    >>> one_to_one(np.array([0, 0, 1]), np.array([5, 6, 5]), np.array([9.0, 8.0, 7.0])).tolist()
    [True, False, False]
    """
    keep = np.zeros(len(left), dtype=bool)
    taken: set[int] = set()
    order = np.lexsort((right, left, -weights))
    for place, a, b in zip(order, left[order].tolist(), right[order].tolist(), strict=True):
        if a not in taken and b not in taken:
            keep[place] = True
            taken.add(a)
            taken.add(b)
    return keep


def missing_links(
    left: Ints, right: Ints, weights: Floats, count: int, most: int = 30
) -> tuple[Ints, Ints]:
    """Pairs that share a likely partner but were never compared themselves.

    Args:
        left: positions of the pairs compared, below `right`.
        right: their other positions.
        weights: evidence in bits.
        count: records.
        most: partners of one record that are paired with each other, strongest first.

    Returns:
        New pairs, the lower position first, each once.
    """
    likely = weights > 0
    a = np.r_[left[likely], right[likely]]
    b = np.r_[right[likely], left[likely]]
    order = np.lexsort((-np.r_[weights[likely], weights[likely]], a))
    a, b = a[order], b[order]
    starts = np.flatnonzero(np.r_[True, a[1:] != a[:-1]]) if len(a) else np.zeros(0, int)
    sizes = np.diff(np.r_[starts, len(a)])
    place = np.arange(len(a)) - np.repeat(starts, sizes)
    kept = place < most
    a, b = a[kept], b[kept]
    sizes = np.minimum(sizes, most)
    left_over = np.repeat(sizes, sizes) - 1 - place[kept]
    first = np.repeat(np.arange(len(a)), left_over)
    step = np.arange(len(first)) - np.repeat(np.cumsum(left_over) - left_over, left_over) + 1
    x, y = b[first], b[first + step]
    found = np.unique(np.minimum(x, y) * count + np.maximum(x, y))
    packed = np.sort(left * count + right)
    place = np.minimum(np.searchsorted(packed, found), len(packed) - 1)
    fresh = found[packed[place] != found] if len(packed) else found
    return fresh // count, fresh % count
