"""Accuracy on the shared sets does not fall below the targets; the bench prints the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tandem.bench.addresses import Case, evaluate, normal, sets, tandem_parse

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
TARGETS = {
    "typed_emea": 0.80,
    "gold_21_countries": 0.80,
    "us_labelled": 0.99,
}


@pytest.mark.skipif(not (SHARED / "data" / "address").exists(), reason="no shared address sets")
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_every_field_is_right_often_enough(name: str) -> None:
    tally = evaluate(sets(SHARED)[name], tandem_parse)
    assert tally.right / tally.rows >= TARGETS[name], tally.wrong


def _case(**accepted: tuple[str | None, ...]) -> Case:
    empty: dict[str, tuple[str | None, ...]] = dict.fromkeys(
        ("street", "house_number", "unit", "city", "region", "postcode", "country"), (None,)
    )
    return Case("text", "PL", {**empty, **accepted}, "PL", strict_parts=True)


def test_scoring_accepts_the_listed_alternatives_and_nothing_else() -> None:
    case = _case(city=("Kraków", "Cracow"), region=(None, "małopolskie"), country=("PL",))
    right = {"city": "krakow", "region": "Małopolskie", "country": "PL"}
    assert evaluate([case], lambda text, default: right).right == 1
    other_region = {**right, "region": "śląskie"}
    assert evaluate([case], lambda text, default: other_region).right == 0
    invented = {**right, "postcode": "31-147"}
    assert evaluate([case], lambda text, default: invented).right == 0


def test_scoring_wants_every_number_once() -> None:
    case = _case(house_number=("35", "35/4"), unit=("4", None), country=("PL",))

    def right(number: str, unit: str | None) -> int:
        row = {"house_number": number, "unit": unit, "country": "PL"}
        return evaluate([case], lambda text, default: row).right

    assert right("35", "4") == 1
    assert right("35/4", None) == 1
    assert right("35/4", "4") == 0
    assert right("35", None) == 0


def test_normal_form_ignores_what_scoring_ignores() -> None:
    assert normal("Ul. Święty  Marcin") == normal("ul święty marcin")
    assert normal("Qo‘qon") == normal("Qo'qon")
    assert normal("80–82") == normal("80-82")
