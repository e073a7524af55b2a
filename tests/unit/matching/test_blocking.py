from __future__ import annotations

import numpy as np

from tandem.matching.blocking import Bounds, estimate_recall, find_candidates
from tandem.matching.columns import Column, Kind, column_of
from tandem.matching.files import factorised
from tandem.matching.rules import parse_candidates


def column(name: str, kind: Kind, values: list[str]) -> Column:
    return column_of(name, kind, *factorised([values]))


def pairs(columns: dict[str, Column], *sentences: str, **settings: object) -> set[tuple[int, int]]:
    rules = [parse_candidates(sentence) for sentence in sentences]
    found = find_candidates(columns, rules, **settings)  # type: ignore[arg-type]  # test helper
    listed = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(set(listed)) == len(listed), "each pair once"
    assert all(left < right for left, right in listed)
    return set(listed)


NAMES = column("name", Kind.NAME, ["Anna", "Anne", "Bert", "anna", "", ""])
TOWNS = column("town", Kind.NAME, ["Oslo", "Oslo", "Oslo", "Rome", "Oslo", "Oslo"])
BOTH = {"name": NAMES, "town": TOWNS}


def test_keys_find_equal_values_and_never_missing_ones() -> None:
    assert pairs(BOTH, "same name") == {(0, 3)}
    assert pairs(BOTH, "same first 3 of name and same town") == {(0, 1)}


def test_words_find_any_shared_word() -> None:
    firms = {"firm": column("firm", Kind.TEXT, ["Acme Foods", "Foods of Oslo", "Acme", "Bolt"])}
    assert pairs(firms, "same words of firm") == {(0, 1), (0, 2)}


def test_neighbours_stand_together_in_the_sorted_file() -> None:
    assert pairs(BOTH, "neighbours within 1 by name") == {(0, 3), (1, 3), (1, 2)}


def test_grams_find_what_slips_hide_from_keys() -> None:
    values = ["wallaroo street", "walaroo street", "kangaroo lane", "emu road", "dingo road"]
    streets = {"street": column("street", Kind.ADDRESS, values)}
    assert (0, 1) in pairs(streets, "rare 3-grams of street")


def test_two_files_pair_across_only() -> None:
    side = np.array([0, 0, 0, 1, 1, 1])
    assert pairs(BOTH, "same name", side=side) == {(0, 3)}
    assert pairs(BOTH, "same town", side=side) == {(a, b) for a in (0, 1, 2) for b in (4, 5)}


def test_a_pathological_block_stays_bounded() -> None:
    many = 3000
    everybody = {
        "country": column("country", Kind.NAME, ["GR"] * many + ["PL", "PL"]),
    }
    bounds = Bounds(block=50, window=4)
    found = pairs(everybody, "same country", bounds=bounds)
    assert len(found) <= many * bounds.window + 1
    assert (many, many + 1) in found, "small blocks are compared in full"


def test_each_pair_knows_the_rules_that_found_it() -> None:
    rules = [parse_candidates("same name"), parse_candidates("same town")]
    found = find_candidates(BOTH, rules)
    by_pair = dict(
        zip(
            zip(found.left.tolist(), found.right.tolist(), strict=True), found.found_by, strict=True
        )
    )
    assert by_pair[0, 3] == 0b01
    assert by_pair[0, 1] == 0b10


def test_recall_is_estimated_from_what_rules_find_of_each_other() -> None:
    # Two rules that each find nine in ten, independently, miss one in a hundred together.
    draw = np.random.default_rng(5)
    first, second = draw.random(100_000) < 0.9, draw.random(100_000) < 0.9
    found_by = first * 1 + second * 2
    seen = found_by > 0
    estimate = estimate_recall(found_by[seen], 2, np.ones(int(seen.sum())))
    assert abs(estimate - 0.99) < 0.002
