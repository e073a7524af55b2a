"""Back to one line, and comparison by meaning."""

from __future__ import annotations

import pytest

from cleansing.address import Address, cleanse_address, format_address, same_address


@pytest.mark.parametrize(
    ("address", "line"),
    [
        (
            Address("ul. Floriańska", "3", "m. 7", "Kraków", None, "31-019", "PL"),
            "ul. Floriańska 3, m. 7, 31-019 Kraków, Polska",
        ),
        (
            Address("вул. Хрещатик", "22", None, "Київ", None, "01001", "UA"),
            "вул. Хрещатик, 22, Київ, 01001, Україна",
        ),
        (
            Address("Baker Street", "221b", None, "London", None, "NW1 6XE", "GB"),
            "221b Baker Street, London, NW1 6XE, United Kingdom",
        ),
        (
            Address(po_box="37", city="Opole", postcode="45-018", country="PL"),
            "skr. poczt. 37, 45-018 Opole, Polska",
        ),
        (
            Address("Str. 1 Decembrie 1918", "9", None, "Alba Iulia", "Alba", "510207", "RO"),
            "Str. 1 Decembrie 1918 № 9, 510207, jud. Alba, Alba Iulia, România",
        ),
    ],
)
def test_each_country_has_its_order(address: Address, line: str) -> None:
    assert format_address(address) == line
    assert cleanse_address(line).value == address


def test_an_address_without_a_country_is_still_a_line() -> None:
    assert format_address(Address("Long Lane", "5", None, "Springfield")) == (
        "Long Lane 5, Springfield"
    )


SAME = [
    ("вул. Володимирська, 18, м. Київ, 01025", "01025 KYIV, vulytsia Volodymyrska 18", "UA"),
    ("ul. Piotrkowska 12, Łódź", "ULICA PIOTRKOWSKA 12 LODZ", "PL"),
    ("Piotrkowska 12, Łódź", "ul. Piotrkowska 12, Łódź", "PL"),
    ("Ερμού 56, 105 63 Αθήνα", "Ermou 56, Athens 10563", "GR"),
    ("C/ Alcalá, 45, 28014 Madrid", "Calle Alcala 45, Madrid 28014", "ES"),
    ("ул. Канатная, д. 33, кв. 5, Одесса", "Канатная 33, квартира 5, Одеса", "UA"),
    ("12 Main Street, Leeds LS1 4AP", "12 main st leeds ls14ap", "GB"),
]


@pytest.mark.parametrize(("one", "other", "country"), SAME, ids=[s[0][:25] for s in SAME])
def test_reformatting_is_no_difference(one: str, other: str, country: str) -> None:
    a = cleanse_address(one, default_country=country).value
    b = cleanse_address(other, default_country=country).value
    assert a is not None
    assert b is not None
    assert same_address(a, b)
    assert same_address(b, a)


BASE = Address("ul. Długa", "5", "m. 2", "Kraków", "małopolskie", "31-147", "PL")


@pytest.mark.parametrize(
    "other",
    [
        Address("al. Długa", "5", "m. 2", "Kraków", "małopolskie", "31-147", "PL"),
        Address("ul. Krótka", "5", "m. 2", "Kraków", "małopolskie", "31-147", "PL"),
        Address("ul. Długa", "5A", "m. 2", "Kraków", "małopolskie", "31-147", "PL"),
        Address("ul. Długa", "5", "m. 3", "Kraków", "małopolskie", "31-147", "PL"),
        Address("ul. Długa", "5", None, "Kraków", "małopolskie", "31-147", "PL"),
        Address("ul. Długa", "5", "m. 2", "Gdańsk", None, "31-147", "PL"),
        Address("ul. Długa", "5", "m. 2", "Kraków", "śląskie", "31-147", "PL"),
        Address("ul. Długa", "5", "m. 2", "Kraków", "małopolskie", "31-148", "PL"),
        Address("ul. Długa", "5", "m. 2", "Kraków", "małopolskie", None, "PL"),
        Address("ul. Długa", "5", "m. 2", "Kraków", "małopolskie", "31-147", "CZ"),
    ],
)
def test_a_change_of_meaning_is_a_difference(other: Address) -> None:
    assert not same_address(BASE, other)
    assert not same_address(other, BASE)


def test_the_region_may_be_left_out() -> None:
    without = Address("ul. Długa", "5", "m. 2", "Kraków", None, "31-147", "PL")
    assert same_address(BASE, without)
