"""Numbers and money by locale."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cleansing.number import Money, cleanse_money, cleanse_number, number_text


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("1,234", "en-GB", "1234"),
        ("1,234", "uk-UA", "1.234"),
        ("1.234", "es-ES", "1234"),
        ("1.234", "en-US", "1.234"),
        ("12 500", "ru-RU", "12500"),
        ("$1,234.56", "en-US", "1234.56"),
        ("1.234,56", "en-US", "1234.56"),
        ("2.5E-3", "en-US", "0.0025"),
        ("1.5k", "en-US", "1500"),
        (".5", "en-US", "0.5"),
        ("1'234.50", "de-CH", "1234.50"),
        ("(1,234.50)", "en-US", "-1234.50"),
        ("1.234,56-", "de-DE", "-1234.56"),
        ("−5", "en-US", "-5"),
        ("12,5 %", "de-DE", "12.5"),
        ("12,34,567", "en-IN", "1234567"),
        ("2 тыс. руб.", "ru-RU", "2000"),
        ("1,5 млн", "uk-UA", "1500000"),
        ("1,5 mil", "es-ES", "1500"),
        ("1,5 mil", "ro-RO", "1500000"),
        ("25 m²", "pl-PL", "25"),
        ("5 000,-", "pl-PL", "5000"),
        ("0.500", "de-DE", "0.5"),
        ("٣٤", "ar", "34"),
        ("100 000 so'm", "uz-UZ", "100000"),
    ],
)
def test_numbers(text: str, locale: str, value: str) -> None:
    assert cleanse_number(text, locale=locale).value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "locale", "reason"),
    [
        ("1.234", "pl-PL", "two_readings:1234|1.234"),
        ("1.234", "uk-UA", "two_readings:1234|1.234"),
        ("12.345.67", "de-DE", "malformed"),
        ("12,34,567", "en-US", "malformed"),
        ("12 34", "ru-RU", "malformed"),
        ("10-20", "en-US", "several_numbers"),
        ("1/2", "en-US", "several_numbers"),
        ("2024-01-01", "en-US", "several_numbers"),
        ("1O0", "en-US", "several_numbers"),
        ("~100", "en-US", "unknown_words"),
        ("10+", "en-US", "unknown_words"),
        ("ok. 100", "pl-PL", "not_exact"),
        ("за домовленістю", "uk-UA", "no_number"),
        ("NaN", "en-US", "no_number"),
    ],
)
def test_refusals(text: str, locale: str, reason: str) -> None:
    found = cleanse_number(text, locale=locale)
    assert found.value is None
    assert found.reasons == (f"refused:{reason}",)


def test_a_number_not_written_as_in_the_locale_is_doubted() -> None:
    found = cleanse_number("1,5", locale="en-US")
    assert found.value == Decimal("1.5")
    assert found.reasons == ("number:not_as_in_locale",)


def test_an_unknown_locale_is_an_error_and_an_unknown_territory_is_not() -> None:
    with pytest.raises(ValueError, match="unknown locale: xx-XX"):
        cleanse_number("1", locale="xx-XX")
    assert cleanse_number("1,5", locale="uk-PL").value == Decimal("1.5")


@pytest.mark.parametrize(
    ("text", "locale", "money"),
    [
        ("1.234,50 €", "de-DE", Money(Decimal("1234.50"), "EUR")),
        ("$5", "en-US", Money(Decimal(5), "USD")),
        ("$5", "en-CA", Money(Decimal(5), "CAD")),
        ("US$ 5", "en-CA", Money(Decimal(5), "USD")),
        ("CHF 1'000.00", "de-CH", Money(Decimal("1000.00"), "CHF")),
        ("12 500 грн", "uk-UA", Money(Decimal(12500), "UAH")),
        ("500 000 сум", "uz-UZ", Money(Decimal(500000), "UZS")),
        ("100", "pl-PL", Money(Decimal(100), None)),
    ],
)
def test_money(text: str, locale: str, money: Money) -> None:
    assert cleanse_money(text, locale=locale).value == money


def test_the_record_names_the_currency_that_the_text_leaves_out() -> None:
    assert cleanse_money("100", locale="pl-PL", currency="pln").value == Money(Decimal(100), "PLN")
    assert cleanse_money("100 zł", locale="pl-PL", currency="EUR").reasons == (
        "refused:two_readings:PLN|EUR",
    )


def test_text_of_a_number_is_the_locales() -> None:
    assert number_text(Decimal("1234.5"), locale="de-DE") == "1234,5"
