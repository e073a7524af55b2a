"""Telephone numbers as people type them."""

from __future__ import annotations

import pytest

from cleansing.phone import Phone, cleanse_phone


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("0030 2310 555123", "GR", "+302310555123"),
        ("0030 2310 555123", "US", "+302310555123"),
        ("380 44 234-56-78", "UA", "+380442345678"),
        ("601 234 567", "PL", "+48601234567"),
        ("90 123 45 67", "UZ", "+998901234567"),
        ("998901234567", "UZ", "+998901234567"),
        ("89161234567", "RU", "+79161234567"),
        ("8 029 123-45-67", "BY", "+375291234567"),
        ("8 10 380 44 234 56 78", "RU", "+380442345678"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("+49 (0) 30 / 12345-67", "DE", "+49301234567"),
        ("030/1234567", "DE", "+49301234567"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("＋380442345678", None, "+380442345678"),
        ("380442345678.0", "UA", "+380442345678"),
        ("mob 0501234567 (Viber)", "UA", "+380501234567"),
        ("+48 601 234 567", "UA", "+48601234567"),
    ],
)
def test_numbers_become_e164(text: str, region: str | None, e164: str) -> None:
    assert cleanse_phone(text, region=region).value == Phone(e164)


@pytest.mark.parametrize(
    ("text", "region", "phone"),
    [
        ("+7 (495) 123-45-67 доб. 101", "RU", Phone("+74951234567", "101")),
        ("22 123 45 67 wew. 12", "PL", Phone("+48221234567", "12")),
        ("+30 210 1234567 (εσωτ. 12)", "GR", Phone("+302101234567", "12")),
        ("020 7946 0958 x123", "GB", Phone("+442079460958", "123")),
        (
            "210 1234567 / 6944123456",
            "GR",
            Phone("+302101234567", None, ("+306944123456",)),
        ),
        ("22 123 45 67/68", "PL", Phone("+48221234567", None, ("+48221234568",))),
        (
            "+380442345678 +380501112233",
            None,
            Phone("+380442345678", None, ("+380501112233",)),
        ),
        (
            "Fax: 210 1234568 Tel: 210 1234567",
            "GR",
            Phone("+302101234567", None, ("+302101234568",)),
        ),
        (
            "020 7946 0958 ext 5 / 020 7946 0959",
            "GB",
            Phone("+442079460958", "5", ("+442079460959",)),
        ),
    ],
)
def test_extensions_and_further_numbers_are_kept_apart(
    text: str, region: str, phone: Phone
) -> None:
    assert cleanse_phone(text, region=region).value == phone


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("ask secretary", "GB", "refused:no_number"),
        ("112", "PL", "refused:no_number"),
        ("234-56-78", "UA", "refused:invalid_number"),
        ("+48 22 123 45", "PL", "refused:invalid_number"),
        ("000000000", "PL", "refused:invalid_number"),
        ("123456789", "PL", "refused:invalid_number"),
        ("3,80442E+11", "UA", "refused:digits_lost"),
        ("2310 555123", None, "refused:no_region"),
    ],
)
def test_what_is_no_number_is_refused(text: str, region: str | None, reason: str) -> None:
    found = cleanse_phone(text, region=region)
    assert found.value is None
    assert found.reasons == (reason,)


def test_an_invalid_part_beside_a_valid_number_is_told() -> None:
    found = cleanse_phone("044 234-56-78, 234-56-7", region="UA")
    assert found.value == Phone("+380442345678")
    assert "phone:invalid_part_dropped" in found.reasons
    assert found.confidence < 1.0


def test_a_text_that_is_no_telephone_field_is_refused_at_once() -> None:
    assert cleanse_phone("(" * 1001, region="PL").reasons == ("refused:too_long",)
