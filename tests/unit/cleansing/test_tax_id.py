"""Tax numbers and their check digits."""

from __future__ import annotations

import pytest

from cleansing.tax_id import cleanse_tax_id
from cleansing.tax_kinds import KINDS


@pytest.mark.parametrize(
    ("text", "country", "kind", "code"),
    [
        ("PL8991618046", "PL", "VAT", "PL8991618046"),
        ("NIP: 899-161-80-46", "PL", "NIP", "8991618046"),
        ("NIP PL8991618046", "PL", "NIP", "8991618046"),
        ("PL 899 161 80 46", "DE", "VAT", "PL8991618046"),
        ("NIP 8991618046 REGON 192598184", "PL", "NIP", "8991618046"),
        ("NIP 8991618046 REGON 192598184", "PL", "REGON", "192598184"),
        ("GR802718287", "GR", "VAT", "EL802718287"),
        ("ΕΛ802718287", "GR", "VAT", "EL802718287"),
        ("Α.Φ.Μ. 802718287", "GR", "AFM", "802718287"),
        ("код 2016 1805", "UA", "EDRPOU", "20161805"),
        ("7708314159 / 770801001", "RU", "INN", "7708314159"),
        ("ИНН7708314159", "RU", "INN", "7708314159"),
        ("СТИР 301234567", "UZ", "STIR", "301234567"),
        ("P.IVA 03141590012", "IT", "VAT", "03141590012"),
        ("NL 1314.15.931.B01", "NL", "VAT", "NL131415931B01"),
        ("12.345.678-Z", "ES", "NIF", "12345678Z"),
        ("X1234567L", "ES", "NIE", "X1234567L"),
        ("CHE-107.787.577 MWST", "CH", "VAT", "CHE107787577"),
        ("971240001315", "KZ", "BIN", "971240001315"),
        ("FR 40 303 265 045", None, None, "FR40303265045"),
    ],
)
def test_valid_numbers_come_out_compact(
    text: str, country: str | None, kind: str | None, code: str
) -> None:
    found = cleanse_tax_id(text, country=country, kind=kind).value
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("text", "country", "kind", "reason"),
    [
        ("B82314157", "ES", "CIF", "check_digit"),
        ("30123456", "UZ", "STIR", "check_digit"),
        ("8991618047", "PL", "NIP", "check_digit"),
        ("000000000", "GR", "AFM", "check_digit"),
        ("123456789", "UZ", "STIR", "check_digit"),
        ("192598184", "PL", "NIP", "check_digit"),
        ("8991618046", None, None, "no_country"),
        ("brak", "PL", "NIP", "no_code"),
        ("NIP 8991618046, NIP 5260001246", "PL", "NIP", "two_readings:5260001246|8991618046"),
    ],
)
def test_others_are_refused(text: str, country: str | None, kind: str | None, reason: str) -> None:
    found = cleanse_tax_id(text, country=country, kind=kind)
    assert found.value is None
    assert found.reasons == (f"refused:{reason}",)


def test_the_prefix_of_the_eu_is_added_on_request() -> None:
    found = cleanse_tax_id("802718287", country="GR", vat=True).value
    assert found is not None
    assert found.code == found.vat == "EL802718287"


def test_a_number_of_which_only_the_shape_is_known_is_doubted() -> None:
    found = cleanse_tax_id("301234567", country="UZ")
    assert found.confidence < 1.0
    assert found.reasons == ("tax_id:shape_only",)


@pytest.mark.parametrize("row", KINDS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_every_rule_of_the_table_answers(row: tuple[str, ...]) -> None:
    found = cleanse_tax_id("A" * 3 + "12", country=row[0], kind=row[1])
    assert found.value is None
