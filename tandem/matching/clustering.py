"""From scored pairs to groups of records that are one thing, with guards.

A threshold and connected components is unsafe: one weak edge joins two groups. Here groups are
joined greedily, strongest evidence first, and the evidence between two groups is the *sum* over all
pairs compared between them, for and against. Records that contradict each other never share one.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from tandem.matching.arrays import Bools, Floats, Ints

_CLIP = 12.0
"""One pair's evidence counts at most so much, in bits: no single pair may silence all others."""


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
    clipped = np.clip(weights, -_CLIP, _CLIP)
    if apart is not None:
        clipped = np.where(apart, -np.inf, clipped)
    parent = np.arange(count, dtype=np.int64)
    for edges in _components(count, left, right, clipped):
        a, b, w = left[edges], right[edges], clipped[edges]
        if len(edges) == 1:
            parent[b] = a
        else:
            _contract(parent, a.tolist(), b.tolist(), w.tolist())
    return _numbers(parent)


def _components(count: int, left: Ints, right: Ints, weights: Floats) -> Iterator[Ints]:
    """Positions of the edges of each group that is connected by positive edges."""
    positive = weights > 0
    graph = csr_array(
        (np.ones(int(positive.sum()), dtype=np.int8), (left[positive], right[positive])),
        shape=(count, count),
    )
    _, label = connected_components(graph, directed=False)
    inside = np.flatnonzero(label[left] == label[right])
    inside = inside[np.argsort(label[left[inside]], kind="stable")]
    of = label[left[inside]]
    starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]]) if len(of) else np.zeros(0, int)
    yield from np.split(inside, starts[1:]) if len(inside) else ()


def _contract(parent: Ints, left: list[int], right: list[int], weights: list[float]) -> None:
    """Greedy additive edge contraction; writes the root of each record into `parent`."""
    evidence: dict[int, dict[int, float]] = {}
    heap: list[tuple[float, int, int]] = []
    for a, b, weight in zip(left, right, weights, strict=True):
        evidence.setdefault(a, {})[b] = weight
        evidence.setdefault(b, {})[a] = weight
        if weight > 0:
            heap.append((-weight, a, b))
    heapq.heapify(heap)
    while heap:
        negative, a, b = heapq.heappop(heap)
        if evidence.get(a, {}).get(b) != -negative:
            continue  # an older sum; the newer one is in the heap too
        if len(evidence[a]) < len(evidence[b]):
            a, b = b, a
        parent[b] = a
        del evidence[a][b]
        for other, weight in evidence.pop(b).items():
            if other == a:
                continue
            del evidence[other][b]
            total = evidence[a].get(other, 0.0) + weight
            evidence[a][other] = evidence[other][a] = total
            if total > 0:
                heapq.heappush(heap, (-total, a, other))


def _numbers(parent: Ints) -> Ints:
    """Follow every record to its root; number the roots in order of first appearance."""
    while True:
        above = parent[parent]
        if np.array_equal(above, parent):
            break
        parent = above
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
    fresh = found[~np.isin(found, left * count + right)]
    return fresh // count, fresh % count
