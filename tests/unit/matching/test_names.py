from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tandem.bench.match import measure_names
from tandem.matching.names import name_similarity

PAIRS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "er" / "name_pairs.csv"
SAME = 0.78


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Kowalski, Jan", "Jan Kowalski"),
        ("ТОВ «Ромашка»", "Romashka LLC"),
        ("Νίκος Παπαδόπουλος", "Nikos Papadopoulos"),
        ("U.P.S. Logistics Ltd", "UPS Logistics"),
        ("Forty-Two Studios", "42 Studios"),
        ("Anna M. Nowak", "Anna Maria Nowak"),
        ("Seven Hills Winery", "Seven Hils Winery"),
        ("Blue Water GmbH", "Bluewater"),
    ],
)
def test_one_name_in_two_spellings(a: str, b: str) -> None:
    assert name_similarity(a, b) >= SAME
    assert name_similarity(b, a) == pytest.approx(name_similarity(a, b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Anna Nowak", "Maria Nowak"),
        ("Blue Water Logistics", "Blue Water Foods"),
        ("Harbour Capital II", "Harbour Capital Norway"),
        ("Ivan Petrov", "Olga Sidorova"),
        ("", "Acme"),
    ],
)
def test_two_names(a: str, b: str) -> None:
    assert name_similarity(a, b) < SAME


def test_a_country_or_number_more_costs_more_than_a_word_more() -> None:
    plain = name_similarity("Harbour Capital", "Harbour Capital Green")
    assert name_similarity("Harbour Capital", "Harbour Capital Norway") < plain
    assert name_similarity("Harbour Capital", "Harbour Capital III") < plain


@pytest.mark.skipif(not PAIRS.exists(), reason="the public sets are not beside the repository")
def test_labelled_pairs_in_many_scripts() -> None:
    assert measure_names(PAIRS)["best_f1"] >= 0.88
    with PAIRS.open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == measure_names(PAIRS)["pairs"]
