"""Catalogues of positions from files."""

from __future__ import annotations

import pytest

from cleansing.catalogue import read_positions

CSV = "code,name_en,name_pl,synonyms\nP1,Driver,Kierowca,Chauffeur; Szofer\nP2,Welder,Spawacz,\n"


def test_a_table_has_a_name_per_language_and_synonyms() -> None:
    driver, welder = read_positions(CSV)
    assert driver.code == "P1"
    assert driver.name == "Driver"
    assert driver.named("pl-PL") == "Kierowca"
    assert driver.all_names() == ("Driver", "Kierowca", "Chauffeur", "Szofer")
    assert welder.all_names() == ("Welder", "Spawacz")


def test_a_byte_order_mark_and_semicolons_are_understood() -> None:
    (only,) = read_positions("\ufeffcode;name\nP1;Driver\n")
    assert only.all_names() == ("Driver",)


@pytest.mark.parametrize(
    "text",
    [
        "P1\tDriver\nP1\tChauffeur\n",
        '{"code": "P1", "name": "Driver"}\n{"code": "P1", "name": "Chauffeur"}\n',
        '[{"code": "P1", "name": "Driver", "synonyms": ["Chauffeur"]}]',
        '[{"code": "P1", "names": {"en": ["Driver", "Chauffeur"]}}]',
        '{"code": "P1", "name": "Driver", "synonyms": "Chauffeur"}',
    ],
)
def test_other_forms_say_the_same(text: str) -> None:
    (only,) = read_positions(text)
    assert only.code == "P1"
    assert only.all_names() == ("Driver", "Chauffeur")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (" \n", "empty"),
        ("just a word", "header with `code`"),
        ("code,name\n,Driver\n", "entry 1 has no code or no name"),
        ("code,name\nP1,\n", "entry 1 has no code or no name"),
        ("[1]", "every entry"),
    ],
)
def test_what_is_no_catalogue_is_an_error(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        read_positions(text)
