"""Companies: the name apart from its legal form."""

from __future__ import annotations

import pytest

from cleansing.company import Company, cleanse_company, company_key
from cleansing.legal_forms import FORMS


@pytest.mark.parametrize(
    ("text", "country", "name", "form"),
    [
        ('ТОВ "Торговий дім "Мрія"', "UA", 'Торговий дім "Мрія"', "ТОВ"),
        ("Ромашка, ТОВ", "UA", "Ромашка", "ТОВ"),
        ("ТОВ«Ромашка»", "UA", "Ромашка", "ТОВ"),
        ("TOB Ромашка", "UA", "Ромашка", "ТОВ"),
        ("ФОП Коваленко О.П.", "UA", "Коваленко О.П.", "ФОП"),
        ('АО "Уралмашсервис"', "RU", "Уралмашсервис", "АО"),
        ('ООО "Orient Textile"', "UZ", "Orient Textile", "ООО"),
        ("ORIENT TEXTILE MCHJ", "UZ", "ORIENT TEXTILE", "MChJ"),
        ("Budimpol sp zoo", "PL", "Budimpol", "Sp. z o.o."),
        ("NORDEX SPÓŁKA Z O.O. SP.K.", "PL", "NORDEX", "Sp. z o.o. sp.k."),
        ("P.H.U. Kowalski", "PL", "P.H.U. Kowalski", None),
        ("Construcciones Ibarra, S.L.", "ES", "Construcciones Ibarra", "S.L."),
        ("Casa de la", "ES", "Casa de la", None),
        ("ΜΕΤΑΛΛΟΤΕΧΝΙΚΗ Ε.Π.Ε.", "GR", "ΜΕΤΑΛΛΟΤΕΧΝΙΚΗ", "Ε.Π.Ε."),
        ("PAPADOPOULOS A.E.", "GR", "PAPADOPOULOS", "Α.Ε."),
        ("Παπαδόπουλος Μονοπρόσωπη ΙΚΕ", "GR", "Παπαδόπουλος", "Μονοπρόσωπη Ι.Κ.Ε."),
        ("Weber & Sohn GmbH & Co. KG", "DE", "Weber & Sohn", "GmbH & Co. KG"),
        ("Van Dijk Advies B.V.", "NL", "Van Dijk Advies", "B.V."),
        ("S.C. DACIA PLANT S.R.L.", "RO", "DACIA PLANT", "S.R.L."),
        ("Foo spol. s r. o.", "CZ", "Foo", "s.r.o."),
        ('UAB "Vilnius"', "LT", "Vilnius", "UAB"),
        ("Вектор ООД", "BG", "Вектор", "ООД"),
        ("Novo A/S", "DK", "Novo", "A/S"),
        ("Yıldız A.Ş.", "TR", "Yıldız", "A.Ş."),
        ("株式会社トヨタ", "JP", "トヨタ", "株式会社"),
        ("Acme S.A. (Madrid)", "ES", "Acme", "S.A."),
        ("Ernst & Young", "GB", "Ernst & Young", None),
    ],
)
def test_name_and_form(text: str, country: str, name: str, form: str | None) -> None:
    assert cleanse_company(text, country=country).value == Company(name, form, country)


def test_the_forms_are_of_many_countries_and_scripts() -> None:
    countries = {country for _, cell, *_ in FORMS for country in cell.split()}
    assert len(countries) >= 90
    forms = " ".join(form for form, *_ in FORMS)
    assert any("Α" <= char <= "Ω" for char in forms)
    assert any("А" <= char <= "Я" for char in forms)
    assert any("A" <= char <= "Z" for char in forms)


@pytest.mark.parametrize("row", FORMS, ids=lambda row: f"{row[0]}-{row[1][:2]}")
def test_every_form_is_found_behind_a_name_of_its_country(row: tuple[str, ...]) -> None:
    form, countries = row[0], row[1].split()
    for country in countries:
        found = cleanse_company(f"Zenit {form}", country=country).value
        assert found is not None
        assert found.name == "Zenit", country
        assert found.legal_form is not None
        assert found.country == country


def test_a_form_of_one_country_tells_the_country() -> None:
    found = cleanse_company("Budimpol Sp. z o.o.")
    assert found.value == Company("Budimpol", "Sp. z o.o.", "PL")
    assert "country:from_legal_form" in found.reasons


def test_a_foreign_form_is_doubted() -> None:
    found = cleanse_company("Weber GmbH", country="PL")
    assert found.value == Company("Weber", "GmbH", "PL")
    assert found.confidence < 1.0


@pytest.mark.parametrize("text", ["ТОВ", "S.A.", "-", "«»"])
def test_a_form_alone_is_no_company(text: str) -> None:
    assert cleanse_company(text).reasons == ("refused:no_name",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('ТОВ "Ромашка"', "Romashka LLC"),
        ("Παπαδόπουλος ΑΕ", "PAPADOPOULOS A.E."),
        ("Acme S.A. (Madrid)", "ACME"),
        ("S.C. Dacia Plant SRL", "Dacia Plant"),
    ],
)
def test_keys_of_the_same_company_are_equal(one: str, other: str) -> None:
    assert company_key(one) == company_key(other) != ""
