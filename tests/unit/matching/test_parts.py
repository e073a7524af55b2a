"""What hangs together stays together, and nothing more than has to."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.matching.incremental import Matcher
from tandem.matching.parts import bundles, parts

ACCOUNTS = Matcher.for_object("account")


def cut(*records: dict[str, object], ties: dict[int, list[str]] | None = None) -> list[list[int]]:
    rows = dict(enumerate(records))
    found_by = {number: ACCOUNTS.keys(record) for number, record in rows.items()}
    return parts(found_by, ties or {}, rows.__getitem__, ACCOUNTS)


def test_a_pair_that_may_be_one_is_one_part() -> None:
    assert cut(
        {"name": "Acme Trading", "tax_id": "DE123456788"},
        {"name": "Birke AG", "tax_id": "DE111111125"},
        {"name": "ACME TRADING", "tax_id": "de 123456788"},
    ) == [[0, 2], [1]]


def test_a_key_alone_is_no_reason() -> None:
    street = {"street": "Hauptstraße", "city": "Berlin", "postcode": "10115", "country": "DE"}
    records = [
        {"name": f"Berliner {word}", "address": street, "phone": f"+49 30 {n}0000"}
        for n, word in enumerate(("Bäckerei", "Druckerei", "Gärtnerei"), start=1)
    ]
    assert set(ACCOUNTS.keys(records[0])) & set(ACCOUNTS.keys(records[1]))
    assert cut(*records) == [[0], [1], [2]]


def test_what_is_tied_is_never_parted() -> None:
    alone = [{"name": name} for name in ("Acme", "Birke", "Cedro")]
    assert cut(*alone, ties={0: ["a"], 1: ["b"], 2: ["a", "c"]}) == [[0, 2], [1]]


def test_who_is_like_two_together_belongs_to_both() -> None:
    """A name alone and a phone alone say little; once the two are one record, they say enough."""
    one = {"name": "Granit Export", "tax_id": "DE123456788"}
    other = {"name": "Hansa Falke", "tax_id": "DE123456788", "phone": "+49 30 1234567"}
    third = {"name": "Granit Exporte", "phone": "+49 30 1234567"}
    apart = [ACCOUNTS.compare(each, third).decision for each in (one, other)]
    together = {**other, **one}
    assert ACCOUNTS.compare(together, third).decision != "apart"
    assert "apart" in apart
    assert cut(one, other, third) == [[0, 1, 2]]


def test_records_of_one_name_stay_together_where_their_number_decides() -> None:
    """Many of one name make a sure pair a question, so all are met in the order they came in."""

    def acme(country: str, phone: str) -> dict[str, object]:
        return {"name": "Acme", "phone": f"+49 30 {phone}", "address": {"country": country}}

    pair = [acme("DE", "1234567"), acme("DE", "1234567")]
    others = [acme(c, f"200000{n}") for n, c in enumerate(("AT", "ES", "FR", "IT", "PL", "PT"))]
    assert [ACCOUNTS.compare(*pair, same_name=n).decision for n in (1, 8)] == ["link", "review"]
    assert {ACCOUNTS.compare(pair[0], other).decision for other in others} == {"apart"}
    assert cut(*pair, *others) == [list(range(8))]


NAMES = ("Acme", "Birke", "Cedro", "Dolmen", "Export", "Falke")


def company(draw: random.Random) -> dict[str, object]:
    record: dict[str, object] = {"name": " ".join(draw.sample(NAMES, draw.choice((1, 2, 3))))}
    if draw.random() < 0.5:
        record["phone"] = f"+49 30 {draw.randrange(1_000_000, 1_000_010)}"
    if draw.random() < 0.5:
        record["website"] = f"firm{draw.randrange(10)}.example"
    return record


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_no_pair_that_would_be_linked_or_asked_about_is_parted(seed: int) -> None:
    draw = random.Random(seed)
    records = [company(draw) for _ in range(25)]
    found = cut(*records)
    assert sorted(number for part in found for number in part) == list(range(25))
    where = {number: place for place, part in enumerate(found) for number in part}
    for one, other in combinations(range(25), 2):
        keys = [
            {key for key in ACCOUNTS.keys(records[n]) if ACCOUNTS.finds(key)} for n in (one, other)
        ]
        judged = ACCOUNTS.compare(records[one], records[other]).decision
        if keys[0] & keys[1] and judged != "apart":
            assert where[one] == where[other]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_bundles_hold_whole_parts_and_are_of_about_one_size(count: int) -> None:
    found = [[n, n + 1000] if n % 3 else [n] for n in range(100)]
    packed = bundles(found, count)
    assert sorted(n for bundle in packed for n in bundle) == sorted(n for p in found for n in p)
    assert all(len({n in bundle for n in part}) == 1 for part in found for bundle in packed)
    assert max(map(len, packed)) - min(map(len, packed)) <= 2


def test_there_are_never_more_bundles_than_parts() -> None:
    assert bundles([[1], [2]], 5) == [[1], [2]]
    assert bundles([], 5) == []
