"""What must hold of mappings, whatever is typed: a round trip never changes a value silently.

    native CRM text ─► canonical ─► native ERP value ─► canonical ─► native CRM text ─► canonical

A reading may be refused; it may not come back as something else.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Entry
from tandem.mapping.transforms import TRANSFORMS, Catalogues, Pair, Refused
from tandem.model.fields import Kind, is_empty, same

LOCALES = ("en-US", "en-GB", "en", "de-DE", "pl-PL", "uk-UA", "es-ES", "el-GR", "uz-UZ", "hu-HU")
COUNTRIES = {
    "PL": ("Poland", ["ul. Długa", "Rynek"], ["Kraków", "Łódź"], ["małopolskie", "łódzkie"]),
    "UA": ("Україна", ["вул. Садова", "просп. Науки"], ["Київ", "Львів"], ["Львівська обл."]),
    "GR": ("Greece", ["Ερμού", "οδός Σολωμού"], ["Αθήνα", "Patra"], ["Αττική"]),
    "ES": (
        "España",
        ["Calle Mayor", "Avda. del Mar"],
        ["Madrid", "Málaga"],
        ["Madrid", "Asturias"],
    ),
    "UZ": ("O‘zbekiston", ["Amir Temur ko‘chasi"], ["Toshkent", "Buxoro"], ["Toshkent"]),
    "DE": ("Deutschland", ["Hauptstraße", "Am Markt"], ["Berlin", "München"], ["Bayern"]),
}
POSTCODES = {"PL": "31-147", "UA": "01001", "GR": "105 63", "ES": "28014", "UZ": "100084"}
SUBDIVISIONS = [
    Entry("PL-12", "Małopolskie", "PL"),
    Entry("PL-10", "Łódzkie", "PL"),
    Entry("UA-46", "Lvivska oblast", "UA"),
    Entry("UA-30", "Kyiv", "UA"),
    Entry("UA-32", "Kyivska oblast", "UA"),
    Entry("GR-I", "Attikí", "GR"),
    Entry("ES-MD", "Madrid, Comunidad de", "ES"),
    Entry("ES-M", "Madrid", "ES-MD"),
    Entry("UZ-TK", "Toshkent", "UZ"),
    Entry("UZ-TO", "Toshkent", "UZ"),
]
POSITIONS = [
    Entry("CEO", "Chief Executive Officer"),
    Entry("HoS", "Head of Sales"),
    Entry("ACC", "Accountant"),
]
DIRECTORIES = Catalogues({"subdivision": SUBDIVISIONS, "position": POSITIONS})


def pair(name: str, **options: Any) -> Pair:
    known = TRANSFORMS[name]
    return known.make(**options, **({"catalogues": DIRECTORIES} if known.takes_catalogues else {}))


def round_trip(kind: Kind, typed: Any, crm: Pair, erp: Pair, country: str | None = None) -> Any:
    """The canonical value, after everything there and back said the same or was refused."""
    value = crm.read(typed, country)
    if isinstance(value, Refused) or is_empty(value):
        return value
    in_erp = erp.write(value, {} if isinstance(value, dict) else None)
    from_erp = erp.read(in_erp, country)
    assert same(kind, from_erp, value), (typed, value, in_erp, from_erp)
    shown = dict.fromkeys(typed) if isinstance(typed, dict) else None
    in_crm = crm.write(from_erp, shown)
    back = crm.read(in_crm, country)
    assert isinstance(back, Refused) or same(kind, back, value), (typed, value, in_crm, back)
    assert not isinstance(back, Refused), f"our own {in_crm!r} is refused: {back}"
    return value


# -- amounts and dates ---------------------------------------------------------------------------


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=60, deadline=None)
@given(number=st.decimals(-(10**15), 10**15, places=3) | st.decimals(-(10**6), 10**6, places=2))
def test_an_amount_comes_back(locale: str, number: Decimal) -> None:
    text, native = pair("decimal", locale=locale, native="text"), pair("decimal")
    typed = text.write(f"{number:f}", None)
    assert round_trip(Kind.DECIMAL, typed, text, native) is not None
    euros = pair("money", locale=locale, currency="EUR")
    value = round_trip(Kind.DECIMAL, euros.write(f"{number:f}", None), euros, native)
    assert Decimal(value) == number


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=60, deadline=None)
@given(
    moment=st.dates(dt.date(1901, 1, 1), dt.date(2099, 12, 31))
    | st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2099, 12, 31))
)
def test_a_date_comes_back(locale: str, moment: dt.date) -> None:
    text, native = pair("date", locale=locale, native="text"), pair("date", locale=locale)
    typed = text.write(moment.isoformat(), None)
    assert round_trip(Kind.TEXT, typed, text, native) == moment.isoformat()


@pytest.mark.parametrize(
    ("name", "options", "typed", "reasons"),
    [
        ("decimal", {"locale": "pl-PL", "native": "text"}, "1.234", "1234|1.234"),
        ("money", {"locale": "pl-PL", "currency": "PLN"}, "1.234 zł", "1234|1.234"),
        ("money", {"locale": "pl-PL", "currency": "EUR"}, "100 zł", "PLN|EUR"),
        ("date", {"locale": "en", "native": "text"}, "03/04/2024", "2024-03-04|2024-04-03"),
    ],
)
def test_what_has_two_readings_is_refused_with_both(
    name: str, options: dict[str, Any], typed: str, reasons: str
) -> None:
    assert pair(name, **options).read(typed, None) == Refused((f"refused:two_readings:{reasons}",))


@pytest.mark.parametrize("name", ["date", "money"])
def test_an_unknown_locale_is_told_at_once(name: str) -> None:
    options = {"currency": "EUR"} if name == "money" else {}
    with pytest.raises(ValueError, match="unknown locale"):
        TRANSFORMS[name].make(locale="xx-YY", **options)


def test_a_double_never_rounds_an_amount() -> None:
    exact = "0.1234567890123456789"
    native = pair("decimal")
    assert native.read(native.write(exact, None), None) == exact


# -- telephones and titles -----------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(
    country=st.sampled_from(["PL", "UA", "GR", "ES", "DE", None]),
    digits=st.text("0123456789", min_size=6, max_size=12),
    shape=st.sampled_from(["{}", "+{}", "00{}", "0 {}", "tel. {}", "{} ext. 12", "({}) 5"]),
)
def test_a_telephone_number_comes_back(country: str | None, digits: str, shape: str) -> None:
    round_trip(Kind.TEXT, shape.format(digits), pair("phone"), pair("phone"), country)


@settings(max_examples=100, deadline=None)
@given(
    title=st.sampled_from(
        ["CEO", "Ген. дир.", "Head of Sales EMEA", "Kierownik sprzedaży", "Λογιστής", "Beekeeper"]
    ),
    noise=st.sampled_from(["", " ACME", " (m/w/d)", " / Accountant"]),
)
def test_a_title_comes_back(title: str, noise: str) -> None:
    value = round_trip(Kind.TEXT, title + noise, pair("position"), pair("text"))
    assert isinstance(value, Refused) or value in {"CEO", "HoS", "ACC"}


# -- addresses -----------------------------------------------------------------------------------


@st.composite
def typed_addresses(draw: st.DrawFn) -> tuple[str, dict[str, str | None]]:
    country = draw(st.sampled_from(sorted(COUNTRIES)))
    name, streets, cities, regions = COUNTRIES[country]
    number = draw(st.sampled_from(["5", "17/52", "12a"]))
    pieces = [f"{draw(st.sampled_from(streets))} {number}"]
    city = draw(st.sampled_from(cities))
    region = draw(st.none() | st.sampled_from(regions))
    postcode = draw(st.none() | st.just(POSTCODES.get(country)))
    in_columns = draw(st.booleans())
    if not in_columns:
        pieces += [" ".join(filter(None, (postcode, city))), *filter(None, [region])]
    row = {"text": ", ".join(pieces), "country": draw(st.sampled_from([name, country]))}
    return country, {**row, "city": city, "postcode": postcode} if in_columns else row


@settings(max_examples=300, deadline=None)
@given(typed_addresses(), st.sampled_from(["code", "name"]))
def test_an_address_comes_back(typed: tuple[str, dict[str, str | None]], regions: str) -> None:
    country, row = typed
    value = round_trip(
        Kind.ADDRESS, row, pair("address_text"), pair("address_parts", regions=regions), country
    )
    assert isinstance(value, Refused) or value["country"] == country
