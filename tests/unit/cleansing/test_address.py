"""What people type, and what must come of it."""

from __future__ import annotations

import pytest

from cleansing.address import (
    Address,
    Directory,
    cleanse_address,
    cleanse_city,
    cleanse_country,
    cleanse_region,
    explain_address,
)

TYPED = [
    (
        "GR",
        "ΒΗΤΑ ΕΠΕ, Κορίνθου 123, 26223 Πάτρα, υπόψη κας Μαρίας",
        Address("Κορίνθου", "123", None, "Πάτρα", None, "26223", "GR"),
    ),
    (
        "GR",
        "Λεωφόρος Μεσογείων 230, Χολαργός, Τ.Κ. 15561",
        Address("Λεωφόρος Μεσογείων", "230", None, "Χολαργός", None, "15561", "GR"),
    ),
    (
        None,
        "12 Ermou Street, Athens 10563, Greece",
        Address("Ermou Street", "12", None, "Αθήνα", None, "10563", "GR"),
    ),
    (
        "UA",
        "м. Одеса вул. Дерибасівська 5 кв 12 тел 050 123 45 67",
        Address("вул. Дерибасівська", "5", "кв 12", "Одеса", None, None, "UA"),
    ),
    (
        "UA",
        "Київська обл., с. Софіївська Борщагівка, вул. Київська 10, 08131",
        Address(
            "вул. Київська", "10", None, "Софіївська Борщагівка", "Київська область", "08131", "UA"
        ),
    ),
    (
        "PL",
        "Firma ABC Sp. z o.o., ul. 3 Maja 5, 40-096 Katowice",
        Address("ul. 3 Maja", "5", None, "Katowice", None, "40-096", "PL"),
    ),
    (
        "PL",
        "GDYNIA UL.ŚWIĘTOJAŃSKA 23 81-372",
        Address("UL. ŚWIĘTOJAŃSKA", "23", None, "Gdynia", None, "81-372", "PL"),
    ),
    (
        "UZ",
        "Samarqand sh., Rudakiy ko'chasi, 45-uy, 12-xonadon",
        Address("Rudakiy ko'chasi", "45", "12-xonadon", "Samarqand", None, None, "UZ"),
    ),
    (
        "UZ",
        "Ташкентская обл., г. Чирчик, ул. Юбилейная 2",
        Address("ул. Юбилейная", "2", None, "Chirchiq", "Toshkent viloyati", None, "UZ"),
    ),
    (
        "ES",
        "C/Mayor 5 bajo izq, 31001 Pamplona (Navarra)",
        Address("C/ Mayor", "5", "bajo izq", "Pamplona", "Navarra", "31001", "ES"),
    ),
    (
        "ES",
        "Autovía A-4 km 12, 28906 Getafe",
        Address("Autovía A-4", "km 12", None, "Getafe", None, "28906", "ES"),
    ),
    (
        "RU",
        "1-я Тверская-Ямская ул., д. 23, Москва",
        Address("1-я Тверская-Ямская ул.", "23", None, "Москва", None, None, "RU"),
    ),
    (
        "CZ",
        "Václavské náměstí 832/19, 110 00 Praha 1",
        Address("Václavské náměstí", "832/19", None, "Praha", None, "110 00", "CZ"),
    ),
    (
        "HU",
        "Debrecen, Piac utca 10, 4024",
        Address("Piac utca", "10", None, "Debrecen", None, "4024", "HU"),
    ),
    (
        "TR",
        "İstiklal Caddesi No:45 Kat:3, Beyoğlu, 34430 İstanbul",
        Address("İstiklal Caddesi", "45", "Kat: 3", "İstanbul", None, "34430", "TR"),
    ),
    (
        "FR",
        "12 bis, rue de Rivoli, 75004 Paris",
        Address("rue de Rivoli", "12 bis", None, "Paris", None, "75004", "FR"),
    ),
    (
        "IT",
        "Piazza del Duomo n. 1 - 50122 Firenze (FI)",
        Address("Piazza del Duomo", "1", None, "Firenze", "Firenze", "50122", "IT"),
    ),
    (
        "GB",
        "221b baker st london nw16xe",
        Address("baker st", "221b", None, "London", None, "NW1 6XE", "GB"),
    ),
    (
        "PL",
        "BETA POLSKA SP. Z O.O. UL. WSPÓLNA 39A 00-519 WARSZAWA NIP 0000000000",
        Address("UL. WSPÓLNA", "39A", None, "Warszawa", None, "00-519", "PL"),
    ),
    (
        "GR",
        "ΑΦΟΙ ΔΕΛΤΑ Ο.Ε. ΕΡΜΟΥ 5 ΚΑΒΑΛΑ",
        Address("ΕΡΜΟΥ", "5", None, "Καβάλα", None, None, "GR"),
    ),
    (
        "ES",
        "Carretera Nacional 340, km. 12, 29600 Marbella, Málaga",
        Address("Carretera Nacional 340", "km. 12", None, "Marbella", "Málaga", "29600", "ES"),
    ),
    (
        "RU",
        "Н.Новгород ул.Рождественская 24",
        Address("ул. Рождественская", "24", None, "Нижний Новгород", None, None, "RU"),
    ),
    (
        "BG",
        "ул. Граф Игнатиев 10, Пловдив, п.к. 4000",
        Address("ул. Граф Игнатиев", "10", None, "Пловдив", None, "4000", "BG"),
    ),
    (
        "US",
        "Dallas, Texas, 12 Elm St, 75201",
        Address("Elm St", "12", None, "Dallas", "TX", "75201", "US"),
    ),
    (
        "ES",
        "Madrid, Plaza de España 5",
        Address("Plaza de España", "5", None, "Madrid", None, None, "ES"),
    ),
    (
        "US",
        "Attn: Front Desk, 801 Travis Street, Houston TX 77002",
        Address("Travis Street", "801", None, "Houston", "TX", "77002", "US"),
    ),
]


@pytest.mark.parametrize(("country", "text", "expected"), TYPED, ids=[t[1][:30] for t in TYPED])
def test_typed_addresses_are_structured(country: str | None, text: str, expected: Address) -> None:
    assert cleanse_address(text, default_country=country).value == expected


@pytest.mark.parametrize(
    ("country", "text", "number"),
    [
        ("PL", "00-950 Warszawa, skr. poczt. 45", "45"),
        ("ES", "Apartado de Correos 234, 03080 Alicante", "234"),
        ("DE", "Postfach 10 20 30, 50668 Köln", "10 20 30"),
        ("US", "PO Box 1234, Boise ID 83701", "1234"),
    ],
)
def test_a_post_box_is_no_street(country: str, text: str, number: str) -> None:
    address = cleanse_address(text, default_country=country).value
    assert address is not None
    assert address.po_box == number
    assert address.street is None
    assert address.house_number is None


def test_the_country_in_the_text_wins_over_the_default() -> None:
    found = cleanse_address("Marszałkowska 10, 00-017 Warszawa, Poland", default_country="DE")
    assert found.value is not None
    assert found.value.country == "PL"
    assert "country:named" in found.reasons


def test_a_sign_before_the_postcode_tells_the_country() -> None:
    found = cleanse_address("D-50667 Köln, Hohe Straße 30")
    assert found.value is not None
    assert (found.value.country, found.value.postcode) == ("DE", "50667")


def test_without_any_country_the_script_or_a_big_city_tells_it() -> None:
    by_script = cleanse_address("Αγίου Ανδρέου 40, Πάτρα 26222").value
    by_city = cleanse_address("Krakow, Grodzka 12").value
    assert by_script is not None
    assert by_script.country == "GR"
    assert by_city is not None
    assert by_city.country == "PL"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("will tell you later", "refused:no_address"),
        ("???", "empty"),
        ("", "empty"),
        ("tel. +48 600 700 800", "empty"),
    ],
)
def test_what_is_no_address_has_no_value(text: str, reason: str) -> None:
    found = cleanse_address(text, default_country="PL")
    assert found.value is None
    assert found.reasons[0] == reason


def test_a_text_of_no_known_country_is_refused() -> None:
    found = cleanse_address("Somestreet 5, Nowhereville")
    assert found.refused
    assert found.reasons == ("refused:country_unknown",)


def test_nothing_is_invented() -> None:
    found = cleanse_address("κάπου στην Καβάλα, θα σας πω", default_country="GR")
    assert found.value == Address(city="Καβάλα", country="GR")
    assert "θα σας πω" in found.ignored


def test_persons_phones_and_mail_reach_no_field() -> None:
    found = cleanse_address(
        "ООО Вектор, 454091, Челябинск, пр. Ленина, 35, тел. 8 (351) 123-45-67, info@vektor.ru, "
        "для Петровой",
        default_country="RU",
    )
    assert found.value is not None
    joined = " ".join(value for _, value in found.value.items())
    for noise in ("Вектор", "351", "info@", "Петровой"):
        assert noise not in joined
        assert any(noise in piece for piece in found.ignored)


def test_every_filled_field_has_a_confidence_and_a_reason() -> None:
    found = cleanse_address("Kiev, Khreschatyk str. 22, 01001, Ukraine")
    assert found.value is not None
    filled = [name for name, _ in found.value.items()]
    assert sorted(found.fields) == sorted(filled)
    assert all(0 < trust <= 1 for trust in found.fields.values())
    assert {reason.split(":")[0] for reason in found.reasons} >= set(filled)
    assert "city:alias" in found.reasons


def test_a_town_that_no_directory_knows_is_kept_with_little_trust() -> None:
    found = cleanse_address("ul. Polna 3, 12-345 Zmyślonowo", default_country="PL")
    assert found.value is not None
    assert found.value.city == "Zmyślonowo"
    assert "city:unverified" in found.reasons
    assert found.fields["city"] < 0.6


def test_a_postcode_of_another_region_lowers_its_trust() -> None:
    right = cleanse_address(
        "Львівська обл., м. Львів, вул. Городоцька 1, 79022", default_country="UA"
    )
    wrong = cleanse_address(
        "Львівська обл., м. Львів, вул. Городоцька 1, 65022", default_country="UA"
    )
    assert "postcode:region_agrees" in right.reasons
    assert "postcode:region_differs" in wrong.reasons
    assert wrong.fields["postcode"] < right.fields["postcode"]


def test_the_callers_directory_wins() -> None:
    erp = Directory.of(
        countries={"Rzplita": "PL"},
        regions={("PL", "maz."): "Mazowieckie (14)"},
        cities={("PL", "Warszawa"): "WARSZAWA M.ST.", ("PL", "Centrala"): "Łomianki"},
    )
    found = cleanse_address(
        "ul. Długa 5, 00-238 Warszawa, woj. mazowieckie, Rzplita", directory=erp
    ).value
    assert found is not None
    assert (found.country, found.city) == ("PL", "WARSZAWA M.ST.")
    assert cleanse_city("centrala", "PL", directory=erp).reasons == ("city:directory",)
    assert cleanse_region("maz.", "PL", directory=erp).value == "Mazowieckie (14)"
    assert cleanse_country("rzplita", directory=erp).value == "PL"


@pytest.mark.parametrize(
    ("country", "names", "official"),
    [
        ("UA", ("Kiev", "Київ", "Kijów", "КИЕВ", "Kyiv"), "Київ"),
        ("PL", ("Warsaw", "Варшава", "W-wa", "warszawa"), "Warszawa"),
        ("GR", ("Athens", "Athina", "Αθήνα", "Ateny"), "Αθήνα"),
        ("UZ", ("Бухара", "Bukhara", "Buxoro"), "Buxoro"),
        ("RU", ("СПб", "St. Petersburg", "Санкт-Петербург"), "Санкт-Петербург"),
        ("DE", ("Munich", "München", "Monachium"), "München"),
    ],
)
def test_every_name_of_a_city_is_one_place(
    country: str, names: tuple[str, ...], official: str
) -> None:
    places = {cleanse_city(name, country).value for name in names}
    assert len(places) == 1
    place = places.pop()
    assert place is not None
    assert place.name == official


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ελλάδα", "GR"),
        ("Polska", "PL"),
        ("Республика Узбекистан", "UZ"),
        ("USA", "US"),
        ("gbr", "GB"),
        ("Česká republika", "CZ"),
        ("Kreikka", "GR"),
        ("日本", "JP"),
    ],
)
def test_countries_in_any_language(text: str, code: str) -> None:
    assert cleanse_country(text).value == code


@pytest.mark.parametrize(
    ("country", "text", "official"),
    [
        ("UA", "Киевская обл.", "Київська область"),
        ("PL", "woj. wlkp.", "wielkopolskie"),
        ("UZ", "Самарқанд вилояти", "Samarqand viloyati"),
        ("ES", "Araba", "Álava"),
        ("RU", "Тульской области", "Тульская область"),
        ("US", "texas", "TX"),
        ("RO", "jud. Cluj", "Cluj"),
    ],
)
def test_regions_by_any_name(country: str, text: str, official: str) -> None:
    assert cleanse_region(text, country).value == official


def test_empty_single_fields_are_empty_not_refused() -> None:
    assert cleanse_city(" ", "PL").reasons == ("empty",)
    assert cleanse_region("", "PL").reasons == ("empty",)
    assert cleanse_country("-").reasons == ("empty",)


def test_a_refusal_explains_itself() -> None:
    assert explain_address(cleanse_address("see above", default_country="PL")) == (
        "refused:no_address; country:default"
    )
