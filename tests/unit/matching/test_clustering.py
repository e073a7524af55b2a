from __future__ import annotations

import numpy as np

from tandem.matching.clustering import cluster, missing_links, one_to_one


def grouped(
    count: int, edges: dict[tuple[int, int], float], apart: tuple[int, ...] = ()
) -> set[frozenset[int]]:
    left, right = np.array(list(edges)).T
    flags = np.isin(np.arange(len(edges)), apart)
    labels = cluster(count, left, right, np.array(list(edges.values())), flags)
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


def test_a_weak_edge_does_not_glue_two_groups() -> None:
    edges = {(0, 1): 20.0, (0, 2): 20.0, (1, 2): 20.0, (3, 4): 20.0, (3, 5): 20.0, (4, 5): 20.0}
    edges |= {(2, 3): 4.0, (0, 3): -9.0, (1, 4): -9.0}
    assert grouped(6, edges) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


def test_loosely_tied_groups_stay_apart_even_without_evidence_against() -> None:
    edges = {(0, 1): 30.0, (2, 3): 30.0, (1, 2): 3.0, (0, 3): 2.0}
    assert grouped(4, edges) == {frozenset({0, 1}), frozenset({2, 3})}


def test_contradicting_records_never_share_a_cluster() -> None:
    edges = {(0, 1): 25.0, (1, 2): 25.0, (0, 2): 25.0}
    assert grouped(3, edges, apart=(2,)) in (
        {frozenset({0, 1}), frozenset({2})},
        {frozenset({1, 2}), frozenset({0})},
    )


def test_a_missing_comparison_is_no_evidence_against() -> None:
    assert grouped(3, {(0, 1): 9.0, (1, 2): 8.0}) == {frozenset({0, 1, 2})}


def test_everybody_alone_when_nothing_speaks_for_a_link() -> None:
    assert len(grouped(3, {(0, 1): -3.0, (1, 2): 0.0})) == 3


def test_one_to_one_takes_the_best_first() -> None:
    left, right = np.array([0, 0, 1, 1]), np.array([7, 8, 7, 8])
    keep = one_to_one(left, right, np.array([5.0, 9.0, 4.0, 8.0]))
    assert keep.tolist() == [False, True, True, False]


def test_missing_links_are_pairs_with_a_common_partner() -> None:
    left, right = np.array([0, 1, 3]), np.array([1, 2, 4])
    a, b = missing_links(left, right, np.array([5.0, 5.0, 5.0]), 5)
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(0, 2)]
