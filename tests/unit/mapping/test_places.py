"""The systems' own directories of places: they decide what a region or town is called."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import Entry
from tandem.mapping.places import Places
from tandem.mapping.transforms import TRANSFORMS, Catalogues, Refused

COUNTRIES = [Entry("PL", "Poland"), Entry("UA", "Ukraine"), Entry("GR", "Greece")]
REGIONS = [
    Entry("PL-14", "Mazowieckie", "PL"),
    Entry("PL-12", "Małopolskie", "PL"),
    Entry("UA-46", "Lvivska oblast", "UA"),
    Entry("UA-30", "Kyiv", "UA"),
    Entry("UA-32", "Kyivska oblast", "UA"),
    Entry("GR-I", "Attikí", "GR"),
    Entry("GR-A1", "Athens (part of Attikí)", "GR-I"),
]
CITIES = [Entry("1", "Warsaw", "PL-14"), Entry("2", "Cracow", "PL"), Entry("3", "Nowa Huta", "PL")]


def places(**synonyms: list[tuple[str, str]]) -> Places:
    entries = {"country": COUNTRIES, "subdivision": REGIONS, "city": CITIES}
    return Places(Catalogues(entries, synonyms))


@pytest.mark.parametrize(
    ("country", "typed", "code"),
    [
        ("PL", "PL-14", "PL-14"),
        ("PL", "woj. mazowieckie", "PL-14"),
        ("PL", "Masovian Voivodeship", "PL-14"),
        ("PL", "malopolskie", "PL-12"),
        ("UA", "Львівська обл.", "UA-46"),
        ("UA", "Київська область", "UA-32"),
        ("GR", "Αττική", "GR-I"),
    ],
)
def test_a_region_by_any_name_is_the_systems_entry(country: str, typed: str, code: str) -> None:
    assert places().resolve({"region": typed, "country": country}) == {
        "region": code,
        "country": country,
    }


def test_a_region_that_is_not_listed_is_refused_with_the_nearest() -> None:
    refused = places().resolve({"region": "Mała Polska B", "city": "Warszawa", "country": "PL"})
    assert refused == Refused(("refused:region_not_listed:PL-12|PL-14",))


def test_a_synonym_decides() -> None:
    decided = places(subdivision=[("Ziemia Radomska", "PL-14")])
    assert decided.resolve({"region": "ZIEMIA RADOMSKA", "country": "PL"}) == {
        "region": "PL-14",
        "country": "PL",
    }


def test_a_country_without_entries_is_not_checked() -> None:
    address = {"region": "Bayern", "city": "München", "country": "DE"}
    assert places().resolve(address) == address
    assert Places(None).resolve(address) == address


def test_a_town_gets_the_systems_own_name_or_is_refused() -> None:
    for typed in ("Warszawa", "WARSAW", "Варшава"):
        assert places().resolve({"city": typed, "country": "PL"}) == {
            "city": "Warsaw",
            "country": "PL",
        }
    assert places().resolve({"city": "Krakow", "country": "PL"}) == {
        "city": "Cracow",
        "country": "PL",
    }
    refused = places().resolve({"city": "Nowe Huty", "country": "PL"})
    assert isinstance(refused, Refused)
    assert refused.reasons[0].startswith("refused:city_not_listed:3|")


def test_regions_that_share_a_name_are_not_chosen_between() -> None:
    twins = Places(
        Catalogues(
            {"subdivision": [Entry("A", "Central", "MT"), Entry("B", "Central", "MT")]},
        )
    )
    assert twins.resolve({"region": "Central", "country": "MT"}) == Refused(
        ("refused:region_not_listed:A|B",)
    )


def test_a_listed_country_does_not_turn_a_state_into_a_country() -> None:
    pair = TRANSFORMS["address_text"].make(
        catalogues=Catalogues({"country": [Entry("GE", "Georgia"), Entry("US", "United States")]})
    )
    address = pair.read({"text": "12 Main St, Atlanta, Georgia 30303"}, "US")
    assert (address["country"], address["region"]) == ("US", "GA")


# -- through the transforms ----------------------------------------------------------------------


def text_pair() -> Any:
    return TRANSFORMS["address_text"].make(
        catalogues=Catalogues({"country": COUNTRIES, "subdivision": REGIONS})
    )


def test_free_text_reads_to_the_code_and_writes_the_name() -> None:
    address = text_pair().read({"text": "Puławska 12, 05-500 Piaseczno, woj. mazowieckie"}, "PL")
    assert (address["region"], address["city"]) == ("PL-14", "Piaseczno")
    written = text_pair().write(address, {"text": None})["text"]
    assert "Mazowieckie" in written
    assert text_pair().read({"text": written}, "PL") == address


def test_a_region_that_would_be_read_as_another_is_left_to_the_town() -> None:
    twins = [Entry("UZ-TK", "Toshkent", "UZ"), Entry("UZ-TO", "Toshkent", "UZ")]
    pair = TRANSFORMS["address_text"].make(catalogues=Catalogues({"subdivision": twins}))
    address = {"street": "Amir Temur ko‘chasi", "house_number": "12", "city": "Toshkent"}
    written = pair.write({**address, "region": "UZ-TK", "country": "UZ"}, {"text": None})["text"]
    back = pair.read({"text": written}, "UZ")
    assert {part: value for part, value in back.items() if value} == {**address, "country": "UZ"}


def test_a_capital_is_not_the_region_around_it() -> None:
    address = text_pair().read({"text": "Хрещатик 22, м. Київ, Kyiv, 01001"}, "UA")
    assert address["region"] == "UA-30"


def test_a_town_that_only_the_system_knows_is_found_in_free_text() -> None:
    pair = TRANSFORMS["address_text"].make(
        catalogues=Catalogues({"city": [Entry("9", "Zalipie Małe", "PL")]})
    )
    address = pair.read({"text": "Malowana 5, Zalipie Małe"}, "PL")
    assert (address["street"], address["city"]) == ("Malowana", "Zalipie Małe")
    refused = pair.read({"text": "Malowana 5, 31-001 Kraków"}, "PL")
    assert refused == Refused(("refused:city_not_listed:9",))


def parts_pair(**options: Any) -> Any:
    return TRANSFORMS["address_parts"].make(
        catalogues=Catalogues({"country": COUNTRIES, "subdivision": REGIONS}), **options
    )


ROW = {"street": "Rynek", "city": "Kraków", "region": "Małopolskie", "country": "Polska"}


def test_parts_read_to_codes_and_leave_what_says_the_same_alone() -> None:
    pair = parts_pair(regions="name")
    address = pair.read(ROW, None)
    assert (address["region"], address["country"]) == ("PL-12", "PL")
    assert pair.write({**address, "street": "Rynek Główny"}, ROW) == {
        **dict.fromkeys(("house_number", "unit", "postcode")),
        **ROW,
        "street": "Rynek Główny",
    }


def test_parts_write_codes_or_names() -> None:
    address = {"region": "PL-12", "country": "PL"}
    assert parts_pair().write(address, {})["region"] == "PL-12"
    assert parts_pair(regions="name").write(address, {})["region"] == "Małopolskie"
    assert parts_pair().write(None, ROW)["country"] is None


def test_parts_with_an_unknown_country_or_region_are_refused() -> None:
    assert parts_pair().read({**ROW, "country": "Gondor"}, None) == Refused(
        ("refused:country_unknown",)
    )
    refused = parts_pair().read({**ROW, "region": "Shire"}, None)
    assert isinstance(refused, Refused)
    assert refused.reasons[0].startswith("refused:region_not_listed:PL-1")
