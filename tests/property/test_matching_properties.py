from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.matching.clustering import cluster, one_to_one
from tandem.matching.incremental import Matcher
from tandem.matching.survivorship import Rule, Strategy, Version, survive
from tandem.matching.truth import cluster_quality

TEXT = st.text(max_size=24)
ACCOUNT = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXT,
        "tax_id": st.one_of(TEXT, st.sampled_from(["EL094014201", "ESB58818501", "094014201"])),
        "emails": st.lists(TEXT, max_size=2).map(tuple),
        "phone": st.one_of(st.none(), TEXT),
        "website": TEXT,
        "address": st.fixed_dictionaries(
            {}, optional={"street": TEXT, "house_number": TEXT, "city": TEXT, "country": TEXT}
        ),
    },
)
CONTACT = st.fixed_dictionaries(
    {},
    optional={
        "given_name": TEXT,
        "family_name": TEXT,
        "emails": st.lists(TEXT, max_size=2).map(tuple),
        "mobile": TEXT,
        "account": st.sampled_from(["a", "b"]),
    },
)
MATCHERS = {"account": Matcher.for_object("account"), "contact": Matcher.for_object("contact")}
RECORDS = st.one_of(
    st.tuples(st.just("account"), ACCOUNT, ACCOUNT), st.tuples(st.just("contact"), CONTACT, CONTACT)
)


@given(RECORDS)
def test_the_order_of_a_pair_does_not_matter(
    drawn: tuple[str, dict[str, object], dict[str, object]],
) -> None:
    name, a, b = drawn
    assert MATCHERS[name].compare(a, b) == MATCHERS[name].compare(b, a)


@given(RECORDS)
def test_a_linked_pair_shares_a_key(
    drawn: tuple[str, dict[str, object], dict[str, object]],
) -> None:
    """What compare would link, blocking must be able to find."""
    name, a, b = drawn
    matcher = MATCHERS[name]
    scored = matcher.compare(a, b)
    assert 0.0 <= scored.probability <= 1.0
    if scored.decision == "link":
        assert set(matcher.keys(a)) & set(matcher.keys(b))


@given(RECORDS)
def test_a_record_never_contradicts_itself(
    drawn: tuple[str, dict[str, object], dict[str, object]],
) -> None:
    name, a, _ = drawn
    assert not MATCHERS[name].compare(a, a).contradiction


EDGES = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11), st.floats(-20, 20), st.booleans()),
    max_size=40,
)


@settings(max_examples=300)
@given(EDGES)
def test_no_cluster_holds_records_that_contradict_each_other(
    drawn: list[tuple[int, int, float, bool]],
) -> None:
    edges = {(min(a, b), max(a, b)): (w, apart) for a, b, w, apart in drawn if a != b}
    pairs = np.array(list(edges), dtype=np.int64).reshape(-1, 2)
    weights = np.array([w for w, _ in edges.values()])
    apart = np.array([flag for _, flag in edges.values()], dtype=bool)
    labels = cluster(12, pairs[:, 0], pairs[:, 1], weights, apart)
    together = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    assert not (together & apart).any()
    assert sorted(set(labels.tolist())) == list(range(labels.max() + 1))
    for label in set(labels.tolist()):
        inside = (labels[pairs[:, 0]] == label) & (labels[pairs[:, 1]] == label)
        if (labels == label).sum() > 1:
            assert (weights[inside] > 0).any(), "nobody is put together without evidence"


@given(EDGES)
def test_one_to_one_uses_each_record_once(drawn: list[tuple[int, int, float, bool]]) -> None:
    left = np.array([a for a, _, _, _ in drawn], dtype=np.int64)
    right = np.array([b + 100 for _, b, _, _ in drawn], dtype=np.int64)
    weights = np.array([w for _, _, w, _ in drawn])
    keep = one_to_one(left, right, weights)
    assert len(set(left[keep].tolist())) == keep.sum() == len(set(right[keep].tolist()))
    free = ~np.isin(left, left[keep]) & ~np.isin(right, right[keep])
    assert not free.any(), "no pair is left out whose records are both free"


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_the_truth_itself_scores_one(codes: list[int]) -> None:
    truth = np.array(codes, dtype=np.int64)
    _, clusters = np.unique(truth, return_inverse=True)
    assert cluster_quality(truth, None, clusters).f1 == 1.0


VALUES = st.dictionaries(
    st.sampled_from(["name", "phone", "credit"]), st.one_of(st.none(), TEXT, st.integers(0, 3))
)
STRATEGIES: st.SearchStrategy[Strategy] = st.sampled_from(
    ["owner", "latest", "most_complete", "most_frequent", "longest", "steward"]
)


@given(st.lists(VALUES, min_size=1, max_size=4), STRATEGIES)
def test_a_surviving_value_is_one_that_its_origin_holds(
    values: list[dict[str, object]], strategy: Strategy
) -> None:
    versions = [Version(f"system{n}", str(n), held) for n, held in enumerate(values)]
    golden = survive(versions, {}, default=Rule(strategy))
    by_origin = {(version.system, version.native_id): version for version in versions}
    for name, survivor in golden.items():
        origin = by_origin[survivor.origin.system, survivor.origin.native_id]
        assert origin.values[name] == survivor.value
        assert survivor.value not in (None, "")
