"""Dates and times by locale."""

from __future__ import annotations

import pytest

from cleansing.date import cleanse_date


@pytest.mark.parametrize(
    ("text", "locale", "iso"),
    [
        ("31/12/2023", "es-ES", "2023-12-31"),
        ("03/04/2024", "en-US", "2024-03-04"),
        ("03/04/2024", "en-GB", "2024-04-03"),
        ("13/02/2024", "en-US", "2024-02-13"),
        ("2. 9. 2021", "cs-CZ", "2021-09-02"),
        ("20240115", "en-GB", "2024-01-15"),
        ("2024. 01. 05.", "hu-HU", "2024-01-05"),
        ("31.12.23", "de-DE", "2023-12-31"),
        ("5 лист. 2024", "uk-UA", "2024-11-05"),
        ("5 січня 2024 р.", "uk-UA", "2024-01-05"),
        ("15.01.2024г.", "ru-RU", "2024-01-15"),
        ("1 ene. 2024", "es-ES", "2024-01-01"),
        ("12 de octubre de 2023", "es-ES", "2023-10-12"),
        ("2023-yil 1-sentabr", "uz-UZ", "2023-09-01"),
        ("5.XI.2024", "pl-PL", "2024-11-05"),
        ("1η Αυγούστου 2023", "el-GR", "2023-08-01"),
        ("Monday, 5 January 2024", "en-GB", "2024-01-05"),
        ("Dec. 31st, 2023", "en-US", "2023-12-31"),
        ("15 Jan 2024", "pl-PL", "2024-01-15"),
        ("2024年1月5日", "ja-JP", "2024-01-05"),
        ("01.06.2024 09:05", "ru-RU", "2024-06-01T09:05:00"),
        ("1/15/2024 10:30 PM", "en-US", "2024-01-15T22:30:00"),
        ("15.01.2024 14h30", "fr-FR", "2024-01-15T14:30:00"),
        ("1.10.2024 o godz. 12:00", "pl-PL", "2024-10-01T12:00:00"),
        ("2024-01-15T10:30:00Z", "en-US", "2024-01-15T10:30:00+00:00"),
        ("2024-01-15T10:30:00+02:00", "pl-PL", "2024-01-15T10:30:00+02:00"),
        ("20240115T103000Z", "en-US", "2024-01-15T10:30:00+00:00"),
    ],
)
def test_dates(text: str, locale: str, iso: str) -> None:
    found = cleanse_date(text, locale=locale).value
    assert found is not None
    assert found.isoformat() == iso


@pytest.mark.parametrize(
    "text",
    ["00.00.0000", "30.02.2024", "29.02.2023", "13.13.2024", "March 2024", "05/2024", "2024",
     "Q1 2024", "yesterday", "10:30", "5 May", "45292", "1705312800", "01.01.0001",
     "2024-01-15T25:00", "n/a", "…"],
)  # fmt: skip
def test_what_is_no_day_is_refused(text: str) -> None:
    assert cleanse_date(text, locale="en-GB").reasons == ("refused:no_date",)


def test_two_readings_are_both_told() -> None:
    assert cleanse_date("03/04/2024", locale="en").reasons == (
        "refused:two_readings:2024-03-04|2024-04-03",
    )
    assert cleanse_date("24-01-05", locale="en-GB").reasons == (
        "refused:two_readings:2005-01-24|2024-01-05",
    )


def test_an_order_that_is_not_the_locales_is_doubted() -> None:
    found = cleanse_date("12/31/2023", locale="es-ES")
    assert found.value is not None
    assert found.reasons == ("date:not_as_in_locale",)


@pytest.mark.parametrize(
    ("text", "iso"), [("45292", "2024-01-01"), ("45292,5", "2024-01-01T12:00:00")]
)
def test_days_of_a_spreadsheet(text: str, iso: str) -> None:
    found = cleanse_date(text, locale="de-DE", source="excel").value
    assert found is not None
    assert found.isoformat() == iso


def test_an_unknown_locale_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown locale"):
        cleanse_date("2024-01-01", locale="xx-XX")
