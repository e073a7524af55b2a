"""What must hold of addresses, whatever their parts and their order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cleansing.address import (
    Address,
    cleanse_address,
    cleanse_city,
    cleanse_country,
    format_address,
    same_address,
)

# Names as they occur, so that what is generated is an address and not noise.
PARTS: dict[str, dict[str, list[str]]] = {
    "PL": {
        "street": ["ul. Długa", "al. Niepodległości", "Rynek Główny", "pl. Solny", "ul. 3 Maja"],
        "city": ["Kraków", "Gdańsk", "Łódź", "Kostrzyn nad Odrą", "Bielsko-Biała"],
        "postcode": ["31-147", "80-264", "90-001"],
        "region": ["małopolskie", "pomorskie"],
        "unit": ["m. 7", "lok. 12"],
    },
    "UA": {
        "street": ["вул. Хрещатик", "просп. Науки", "бульвар Лесі Українки", "пл. Петефі"],
        "city": ["Київ", "Львів", "Івано-Франківськ", "Біла Церква"],
        "postcode": ["01001", "79005", "76018"],
        "region": ["Київська область", "Львівська область"],
        "unit": ["кв. 5", "оф. 301", "каб. 12"],
    },
    "GR": {
        "street": ["Ερμού", "Λεωφόρος Κηφισίας", "Αγίου Δημητρίου", "οδός Σολωμού"],
        "city": ["Αθήνα", "Θεσσαλονίκη", "Πάτρα", "Ιωάννινα"],
        "postcode": ["105 63", "54632", "26221"],
        "region": ["Αττική", "Ήπειρος"],
        "unit": ["2ος όροφος"],
    },
    "ES": {
        "street": ["Calle Mayor", "Avda. de la Constitución", "Plaza de España", "C/ Alcalá"],
        "city": ["Madrid", "Sevilla", "Santiago de Compostela", "Málaga"],
        "postcode": ["28014", "41001", "15705"],
        "region": ["Navarra", "Andalucía"],
        "unit": ["2º izda.", "3ºB", "bajo"],
    },
    "UZ": {
        "street": ["Amir Temur ko'chasi", "ул. Навои", "Rudakiy ko'chasi"],
        "city": ["Toshkent", "Samarqand", "Buxoro"],
        "postcode": ["100084", "140100"],
        "region": ["Samarqand viloyati", "Buxoro viloyati"],
        "unit": ["12-xonadon", "кв. 17"],
    },
    "DE": {
        "street": ["Friedrichstr.", "Unter den Linden", "Hauptstraße", "Am Markt"],
        "city": ["Berlin", "München", "Hamburg"],
        "postcode": ["10117", "80331", "20099"],
        "region": ["Bayern", "Hessen"],
        "unit": ["3. Stock", "2. OG"],
    },
    "GB": {
        "street": ["Baker Street", "High Street", "The Crescent", "Princes Street"],
        "city": ["London", "Leeds", "Edinburgh"],
        "postcode": ["NW1 6XE", "LS1 4AP"],
        "region": ["Kent", "Surrey"],
        "unit": ["Flat 3", "Unit 5"],
    },
    "US": {
        "street": ["Main St", "S Wacker Dr", "5th Ave"],
        "city": ["Austin", "Chicago", "Houston"],
        "postcode": ["78701", "60606"],
        "region": ["TX", "IL"],
        "unit": ["Apt 4", "Ste 4400"],
    },
}
NUMBERS = {"UZ": ["5", "107B", "45"], "US": ["12", "350", "1600"]}


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    country = draw(st.sampled_from(sorted(PARTS)))
    parts = PARTS[country]
    optional = {
        name: draw(st.none() | st.sampled_from(parts[name]))
        for name in ("region", "postcode", "unit")
    }
    if country == "US":
        optional["region"] = draw(st.sampled_from(parts["region"]))
    return Address(
        street=draw(st.sampled_from(parts["street"])),
        house_number=draw(st.sampled_from(NUMBERS.get(country, ["5", "17/52", "12a", "80-82"]))),
        city=draw(st.sampled_from(parts["city"])),
        country=country,
        **optional,
    )


@settings(max_examples=400, deadline=None)
@given(addresses())
def test_a_formatted_address_reads_back_to_itself(address: Address) -> None:
    assert cleanse_address(format_address(address)).value == address


@settings(max_examples=200, deadline=None)
@given(addresses(), st.randoms(use_true_random=False))
def test_any_order_of_the_pieces_says_the_same(address: Address, random: object) -> None:
    if address.country == "US":
        return  # usaddress reads the American order only
    pieces = [
        f"{address.house_number} {address.street}"
        if address.country == "GB"
        else f"{address.street} {address.house_number}",
        " ".join(part for part in (address.postcode, address.city) if part),
    ]
    if address.region:
        pieces.append(address.region)
    straight = cleanse_address(", ".join(pieces), default_country=address.country).value
    random.shuffle(pieces)  # type: ignore[attr-defined]  # a random.Random
    shuffled = cleanse_address(", ".join(pieces), default_country=address.country).value
    assert straight is not None
    assert straight == shuffled


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.sampled_from([None, "PL", "UA", "GR", "US", "GB", "CN"]))
def test_any_text_gives_a_value_or_a_reason(text: str, country: str | None) -> None:
    found = cleanse_address(text, default_country=country)
    if found.value is None:
        assert found.reasons == ("empty",) or found.refused
    else:
        assert 0 < found.confidence <= 1
        assert set(found.fields) == {name for name, _ in found.value.items()}
    assert cleanse_address(text, default_country=country) == found


@settings(max_examples=200, deadline=None)
@given(addresses())
def test_an_address_is_the_same_in_capitals_and_without_diacritics_dropped(
    address: Address,
) -> None:
    shouted = Address(
        street=address.street.upper() if address.street else None,
        house_number=address.house_number,
        unit=address.unit.upper() if address.unit else None,
        city=address.city.upper() if address.city else None,
        region=address.region,
        postcode=address.postcode,
        country=address.country,
    )
    assert same_address(address, shouted)
    assert same_address(shouted, address)


@settings(deadline=None)
@given(st.sampled_from([(c, city) for c in sorted(PARTS) for city in PARTS[c]["city"]]))
def test_cleansing_a_city_again_changes_nothing(pair: tuple[str, str]) -> None:
    country, name = pair
    once = cleanse_city(name, country).value
    assert once is not None
    assert cleanse_city(once.name, country).value == once


@settings(deadline=None)
@given(st.text(max_size=30))
def test_a_country_is_a_code_or_a_refusal(text: str) -> None:
    found = cleanse_country(text)
    if found.value is None:
        assert found.refused or found.reasons == ("empty",)
    else:
        assert cleanse_country(found.value).value == found.value
