"""What must hold of every value cleanser, whatever the text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleansing.boolean import cleanse_boolean
from cleansing.company import cleanse_company, company_key
from cleansing.date import cleanse_date
from cleansing.email import cleanse_email
from cleansing.job_title import Position, TitleIndex
from cleansing.number import Money, cleanse_money, cleanse_number, number_text
from cleansing.person import cleanse_person
from cleansing.phone import cleanse_phone
from cleansing.result import Cleansed
from cleansing.tax_id import cleanse_tax_id

INDEX = TitleIndex(
    [
        Position("P1", {"en": ("Chief Executive Officer",), "uk": ("Генеральний директор",)}),
        Position("P2", {"en": ("Sales Manager",), "pl": ("Kierownik sprzedaży",)}),
    ]
)
LOCALES = st.sampled_from(["en-US", "en-GB", "de-DE", "pl-PL", "uk-UA", "es-ES", "el-GR", "uz-UZ"])
COUNTRIES = st.sampled_from(["PL", "UA", "GR", "ES", "UZ", "DE", "RO", "LV", None])

CLEANSERS: dict[str, Callable[[str], Cleansed[Any]]] = {
    "phone": lambda text: cleanse_phone(text, region="UA"),
    "email": cleanse_email,
    "tax_id": lambda text: cleanse_tax_id(text, country="PL"),
    "company": lambda text: cleanse_company(text, country="PL"),
    "person": lambda text: cleanse_person(text, lang="pl"),
    "number": lambda text: cleanse_number(text, locale="de-DE"),
    "money": lambda text: cleanse_money(text, locale="de-DE"),
    "boolean": lambda text: cleanse_boolean(text, lang="pl"),
    "date": lambda text: cleanse_date(text, locale="pl-PL"),
    "title": lambda text: INDEX.match(text, lang="pl"),
}

# Noise as it occurs: the signs that the cleansers look for, between letters of several scripts.
FRAGMENTS = st.sampled_from(
    ["+48", "601 234 567", "ext.", "@", "firma.pl", "jan", ".", ",", "-", "/", "(", ")", "«", '"',
     "Sp. z o.o.", "ТОВ", "S.A.", "Kowalski", "Іван", "Γιώργος", "dr", "1.234", "1,5", "€", "%",
     "tys.", "12.05.2024", "10:30", "maja", "tak", "ne", "CEO", "дир.", "PL8991618046", "0", " "]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=40), st.lists(FRAGMENTS, max_size=6).map(" ".join))


@pytest.mark.parametrize("kind", sorted(CLEANSERS))
@given(text=TEXTS)
@settings(max_examples=150, deadline=None)
def test_every_text_has_a_value_or_a_reason(kind: str, text: str) -> None:
    cleanse = CLEANSERS[kind]
    found = cleanse(text)
    assert 0.0 <= found.confidence <= 1.0
    if found.value is None:
        assert found.refused or found.reasons == ("empty",)
    assert cleanse(text) == found


@pytest.mark.parametrize("kind", ["phone", "email", "tax_id", "company", "person", "money"])
@given(text=TEXTS)
@settings(max_examples=200, deadline=None)
def test_a_cleansed_value_reads_back_as_itself(kind: str, text: str) -> None:
    cleanse = CLEANSERS[kind]
    value = cleanse(text).value
    if value is not None:
        assert cleanse(str(value)).value == value


@given(
    number=st.decimals(
        allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12
    ),
    locale=LOCALES,
)
def test_numbers_survive_their_text_in_every_locale(number: Decimal, locale: str) -> None:
    assert cleanse_number(number_text(number, locale=locale), locale=locale).value == number


@given(
    amount=st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9
    ),
    currency=st.sampled_from(["EUR", "PLN", "UAH", "USD", "UZS", None]),
    locale=LOCALES,
)
def test_money_survives_its_text_in_every_locale(
    amount: Decimal, currency: str | None, locale: str
) -> None:
    money = Money(amount, currency)
    assert cleanse_money(str(money), locale=locale).value == money


@given(
    moment=st.one_of(
        st.dates(dt.date(1900, 1, 1), dt.date(2999, 12, 31)),
        st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2999, 12, 31)),
        st.datetimes(
            dt.datetime(1900, 1, 1),
            dt.datetime(2999, 12, 31),
            timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=5, minutes=30))]),
        ),
    ),
    locale=LOCALES,
)
def test_dates_survive_their_iso_form(moment: dt.date | dt.datetime, locale: str) -> None:
    assert cleanse_date(moment.isoformat(), locale=locale).value == moment


@given(
    name=st.sampled_from(["Ромашка", "Weber & Sohn", "Ελαιώνας", "Orient Textile", 'Дім "Мрія"']),
    form=st.sampled_from(["ТОВ", "Sp. z o.o.", "GmbH", "Α.Ε.", "SIA", "MChJ", "S.R.L.", None]),
    country=COUNTRIES,
)
def test_a_company_is_the_same_wherever_its_form_stands(
    name: str, form: str | None, country: str | None
) -> None:
    behind = f"{name}, {form}" if form else name
    quoted = f"«{name}» {form}" if form else f"«{name}»"
    first, second = (cleanse_company(text, country=country).value for text in (behind, quoted))
    assert first == second
    assert first is not None
    assert first.name == name
    assert company_key(behind) == company_key(name)


@given(number=st.integers(100_000_000, 999_999_999))
def test_a_polish_number_is_valid_or_refused_never_changed(number: int) -> None:
    found = cleanse_phone(str(number), region="PL").value
    assert found is None or found.e164 == f"+48{number}"


@given(code=st.integers(0, 10**10 - 1))
def test_one_wrong_digit_never_passes_a_check(code: int) -> None:
    text = f"{code:010d}"
    if cleanse_tax_id(text, country="PL", kind="NIP").value is None:
        return
    other = f"{text[:-1]}{(int(text[-1]) + 1) % 10}"
    assert cleanse_tax_id(other, country="PL", kind="NIP").value is None
