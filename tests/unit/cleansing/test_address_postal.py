"""libpostal as a second reader: a stand-in answers, as the package is optional."""

from __future__ import annotations

import pytest

from cleansing.address import cleanse_address, postal

ANSWERS = {
    "Zaułek przy rynku, Wrocław": [("invented road", "road"), ("wrocław", "city")],
}


@pytest.fixture
def libpostal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def parse(text: str) -> list[tuple[str, str]]:
        asked.append(text)
        return ANSWERS.get(text, [])

    monkeypatch.setattr(postal, "parser", lambda: parse)
    return asked


def test_it_is_not_asked_when_the_rules_found_street_and_town(libpostal: list[str]) -> None:
    found = cleanse_address("ul. Ruska 3, 50-079 Wrocław", default_country="PL")
    assert found.value is not None
    assert libpostal == []


def test_it_fills_a_street_with_the_words_of_the_text(libpostal: list[str]) -> None:
    before = cleanse_address("Przychodnia Zdrowie, Wrocław", default_country="PL")
    assert before.value is not None
    assert before.value.street is None
    ANSWERS["Przychodnia Zdrowie, Wrocław"] = [("przychodnia", "house"), ("zdrowie", "road")]
    found = cleanse_address("Przychodnia Zdrowie, Wrocław", default_country="PL")
    assert found.value is not None
    assert found.value.street == "Zdrowie"
    assert "street:libpostal" in found.reasons
    assert found.fields["street"] < 0.7


def test_what_the_text_does_not_hold_is_not_taken(libpostal: list[str]) -> None:
    found = cleanse_address("Zaułek przy rynku, Wrocław", default_country="PL")
    assert found.value is not None
    assert found.value.street is None or "invented" not in found.value.street


def test_without_the_package_there_is_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(postal, "import_module", missing)
    postal.parser.cache_clear()
    try:
        assert postal.parser() is None
    finally:
        postal.parser.cache_clear()
