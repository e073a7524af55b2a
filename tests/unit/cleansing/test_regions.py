"""Regions by their names in native script, in Latin letters and in English, and their codes."""

from __future__ import annotations

import pytest

from cleansing.address import region_code
from cleansing.address.region_codes import REGION_CODES
from cleansing.address.regions import find_region


@pytest.mark.parametrize(
    ("country", "names", "code"),
    [
        ("GR", ("Αττική", "Περιφέρεια Αττικής", "Attikí", "Attica Region"), "GR-I"),
        ("GR", ("Στερεά Ελλάδα", "Στερεάς Ελλάδος", "Stereá Elláda", "Central Greece"), "GR-H"),
        ("GR", ("Anatolikí Makedonía kai Thráki", "Eastern Macedonia and Thrace"), "GR-A"),
        ("KZ", ("Шығыс Қазақстан облысы", "ВКО", "Shyghys Qazaqstan oblysy"), "KZ-63"),
        ("KZ", ("Қарағанды облысы", "Карагандинская обл.", "Karaganda Region"), "KZ-35"),
        ("KZ", ("Алматинская область", "Almaty oblysy", "Алматы облысы"), "KZ-19"),
        ("KZ", ("город Алматы", "Алматы қаласы", "Almaty City"), "KZ-75"),
        ("BY", ("Брэсцкая вобласць", "Брестская обл.", "Brestskaya voblasts'"), "BY-BR"),
        ("BY", ("Гродзенская вобласць", "Hrodzenskaya voblasts'", "Grodno Region"), "BY-HR"),
        ("BY", ("Минская область", "Мінская вобласць", "Minsk Region"), "BY-MI"),
        ("BY", ("город Минск", "горад Мінск", "Horad Minsk"), "BY-HM"),
        ("UA", ("Львівська область", "Львовская обл.", "Lviv Oblast"), "UA-46"),
    ],
)
def test_every_name_of_a_region_leads_to_its_code(
    country: str, names: tuple[str, ...], code: str
) -> None:
    assert {name: region_code(country, name) for name in names} == dict.fromkeys(names, code)


@pytest.mark.parametrize("country", sorted(REGION_CODES))
def test_every_coded_region_is_an_official_name_of_the_directory(country: str) -> None:
    names = [pair.split("|")[1] for pair in REGION_CODES[country].split(";")]

    assert [find_region(country, name) for name in names] == names


@pytest.mark.parametrize(
    ("country", "text"),
    [("GR", "Αχαΐα"), ("GR", "Brestskaya"), ("KZ", "ЮКО"), ("BY", "Neverland"), ("XX", "Attica")],
)
def test_what_has_no_code_gets_none(country: str, text: str) -> None:
    assert region_code(country, text) is None
