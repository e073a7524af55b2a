"""libpostal as a second reader: a stand-in answers, as the package is optional."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from types import ModuleType

import pytest

from cleansing.address import cleanse_address, postal
from cleansing.address.model import ParsedAddress


@pytest.fixture
def libpostal(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the stand-in answers to every text; empty at first."""
    labels: list[tuple[str, str]] = []
    monkeypatch.setattr(postal, "parser", lambda: lambda _text, _country: labels)
    return labels


@pytest.fixture
def fresh_parser() -> Iterator[None]:
    postal.parser.cache_clear()
    yield
    postal.parser.cache_clear()


def read(text: str, country: str) -> tuple[dict[str, str], ParsedAddress]:
    found = cleanse_address(text, default_country=country)
    assert found.value is not None
    return dict(found.value.items()), found


def test_it_is_not_asked_when_nothing_is_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postal, "parser", lambda: pytest.fail("asked"))
    values, _ = read("ul. Ruska 3, 50-079 Wrocław", "PL")
    assert values["street"] == "ul. Ruska"


def test_it_fills_a_street_with_the_words_of_the_text(libpostal: list[tuple[str, str]]) -> None:
    before, _ = read("Przychodnia Zdrowie, Wrocław", "PL")
    assert "street" not in before
    libpostal += [("house", "przychodnia"), ("road", "zdrowie"), ("city", "wrocław")]
    values, found = read("Przychodnia Zdrowie, Wrocław", "PL")
    assert values == {"street": "Zdrowie", "city": "Wrocław", "country": "PL"}
    assert "street:libpostal" in found.reasons
    assert found.fields["street"] < 0.7
    assert found.ignored == ("Przychodnia",)


def test_a_house_number_comes_with_the_street_that_it_found(
    libpostal: list[tuple[str, str]],
) -> None:
    libpostal += [("road", "zdrowie"), ("house_number", "kamienica"), ("city", "wrocław")]
    values, _ = read("Zdrowie, Kamienica, Wrocław", "PL")
    assert values["house_number"] == "Kamienica"


def test_what_the_text_does_not_hold_is_not_taken(libpostal: list[tuple[str, str]]) -> None:
    libpostal += [("road", "invented road"), ("city", "wrocław")]
    values, _ = read("Zaułek przy rynku, Wrocław", "PL")
    assert "Invented" not in values.get("street", "").title()


def test_a_town_of_no_directory_is_believed_only_as_a_whole_piece(
    libpostal: list[tuple[str, str]],
) -> None:
    libpostal += [("road", "boulevard de marseille"), ("city", "treichville")]
    values, found = read("La Poste, Boulevard de Marseille, Treichville, Côte d'Ivoire", "CI")
    assert values["city"] == "Treichville"
    assert found.fields["city"] == 0.5
    values, _ = read("La Poste, Boulevard de Marseille, Kommune Treichville", "CI")
    assert "city" not in values


def test_it_cuts_a_shop_off_the_front_of_a_street(libpostal: list[tuple[str, str]]) -> None:
    libpostal += [("house", "castle court shopping centre"), ("road", "castle street")]
    values, found = read("Castle Court Shopping Centre Castle Street 5, Caerphilly", "GB")
    assert values["street"] == "Castle Street"
    assert "street:company_cut" in found.reasons
    assert found.ignored == ("Castle Court Shopping Centre",)


def test_it_changes_no_other_street(libpostal: list[tuple[str, str]]) -> None:
    libpostal += [("road", "street"), ("house", "castle")]
    values, _ = read("Old Castle High Street 5, Caerphilly", "GB")
    assert values["street"] == "Old Castle High Street"


def test_without_the_package_there_is_no_parser(
    monkeypatch: pytest.MonkeyPatch, fresh_parser: None
) -> None:
    monkeypatch.setitem(sys.modules, "libpypostal", None)
    monkeypatch.setitem(sys.modules, "libpypostal.parser", None)
    assert postal.parser() is None


def test_a_model_that_is_not_prepared_is_told_once(
    monkeypatch: pytest.MonkeyPatch, fresh_parser: None, tmp_path: object
) -> None:
    for name in ("libpypostal", "libpypostal.parser"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setenv("LIBPOSTAL_DATA_DIR", str(tmp_path))
    with pytest.warns(RuntimeWarning, match="tandem postal install"):
        assert postal.parser() is None
    assert postal.parser() is None


def test_its_answers_become_labels(
    monkeypatch: pytest.MonkeyPatch, fresh_parser: None, tmp_path: object
) -> None:
    class Component(StrEnum):
        ROAD = "road"
        CITY = "city"

    def parse_address(
        address: str, merge_multiple_matches: bool, country_code: str
    ) -> dict[Component, list[str]]:
        assert (address, merge_multiple_matches, country_code) == ("Rynek 1 Łódź", False, "pl")
        return {Component.ROAD: ["rynek"], Component.CITY: ["łódź", "lodz"]}

    module = ModuleType("libpypostal.parser")
    module.parse_address = parse_address  # type: ignore[attr-defined]  # a module takes any
    monkeypatch.setitem(sys.modules, "libpypostal", ModuleType("libpypostal"))
    monkeypatch.setitem(sys.modules, "libpypostal.parser", module)
    monkeypatch.setattr(postal, "is_prepared", lambda _folder: True)
    monkeypatch.setenv("LIBPOSTAL_DATA_DIR", str(tmp_path))
    parse = postal.parser()
    assert parse is not None
    assert parse("Rynek 1 Łódź", "PL") == [("road", "rynek"), ("city", "łódź"), ("city", "lodz")]
