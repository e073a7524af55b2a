"""Job titles through a mapping: codes for the ERP, names for people."""

from __future__ import annotations

from typing import Any

from connectors.base import Entry
from tandem.mapping.transforms import TRANSFORMS, Catalogues, Refused

ENTRIES = [
    Entry("P1", "Chief Accountant", names={"uk": "Головний бухгалтер", "es": "Jefe contable"}),
    Entry("P2", "Beekeeper", names={"uk": "Пасічник"}),
]


def titles(**options: Any) -> Any:
    catalogues = Catalogues({"position": ENTRIES}, {"position": [("бос бджіл", "P2")]})
    return TRANSFORMS["position"].make(catalogues=catalogues, **options)


def test_names_in_every_language_of_the_directory_are_known() -> None:
    read = titles().read
    assert read("Пасічник", None) == "P2"
    assert read("Jefe contable", None) == "P1"
    assert read("бос бджіл", None) == "P2"
    assert read("Dentist", None) == Refused(("refused:unknown_title",))


def test_a_code_is_read_as_itself_and_written_as_a_name() -> None:
    assert titles().read("P2", None) == "P2"
    assert titles().write("P2", None) == "Beekeeper"
    assert titles(lang="uk").write("P2", None) == "Пасічник"
    assert titles(lang="es").write("P2", None) == "Beekeeper"


def test_a_title_that_says_the_same_stays_as_typed() -> None:
    assert titles().write("P1", "гол. бухгалтер") == "гол. бухгалтер"
    assert titles().write("P2", "гол. бухгалтер") == "Beekeeper"
    assert titles().write(None, "гол. бухгалтер") is None


def test_a_name_of_two_positions_is_not_written() -> None:
    twins = Catalogues({"position": [Entry("A", "Manager"), Entry("B", "Manager")]})
    pair = TRANSFORMS["position"].make(catalogues=twins)
    written = [pair.write(code, None) for code in ("A", "B")]
    assert [pair.read(text, None) for text in written] == ["A", "B"]
