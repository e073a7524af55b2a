"""Free text to a structured address: country first, then the rules of that country."""

from __future__ import annotations

from types import MappingProxyType

from cleansing.address import gazetteer, numbers, parse, us
from cleansing.address.cities import city_alone
from cleansing.address.model import Address, Directory, ParsedAddress, Place
from cleansing.address.origin import take_country
from cleansing.address.reading import Reading, Text
from cleansing.address.regions import region_agrees
from cleansing.address.territories import cleanse_country
from cleansing.address.vocabulary import vocabulary
from cleansing.address.words import prepare, split
from cleansing.result import Cleansed, refuse
from cleansing.text import fold


def cleanse_address(
    text: str,
    *,
    default_country: str | None = None,
    directory: Directory | None = None,
) -> ParsedAddress:
    """A free-text address of any country, structured as far as that is safe.

    A country that the text names wins over `default_country`. A field that the text does not
    state stays None; a text in which nothing is certain is refused and the caller keeps it.

    Args:
        text: one address, in any order and script, with or without commas.
        default_country: ISO alpha-2 to assume when the text names no country.
        directory: the caller's own countries, regions and cities, which win.

    Returns:
        The address with a confidence per field, the reasons (`"city:alias"`,
        `"country:default"`, `"refused:no_address"`) and the pieces that were ignored.

    >>> found = cleanse_address("м Полтава вул Садова 17, кв. 5", default_country="UA")
    >>> found.value.items()
    (('street', 'вул Садова'), ('house_number', '17'), ('unit', 'кв. 5'),
     ('city', 'Полтава'), ('country', 'UA'))
    >>> cleanse_address("Kiev, Khreschatyk str. 22, Ukraine").value.city
    'Київ'
    >>> cleanse_address("will tell you later", default_country="PL").reasons
    ('refused:no_address', 'country:default')
    """
    whole, contacts = prepare(text)
    if not fold(whole):
        return ParsedAddress(None, 1.0, ("empty",), ignored=contacts)
    reading = Reading(ignored=list(contacts))
    prefix = numbers.country_of_prefix(whole)
    words = split(numbers.drop_prefix(whole) if prefix else whole)
    country = take_country(words, default_country, prefix, directory, reading)
    if country is None:
        return _refused("country_unknown", reading)
    if country != "US" or not us.read(words, directory, reading):
        parse.read(words, country, directory, reading)
    return _judged(reading)


def _refused(why: str, reading: Reading) -> ParsedAddress:
    refusal: Cleansed[Address] = refuse(why)
    return ParsedAddress(
        None, 0.0, refusal.reasons + tuple(reading.reasons), ignored=tuple(reading.ignored)
    )


def _judged(reading: Reading) -> ParsedAddress:
    """Refuses what says nothing but a country; doubts what contradicts itself."""
    values, trust = reading.values, reading.trust
    if not values.keys() - {"country", "unit", "house_number"}:
        return _refused("no_address", reading)
    if "postcode" in values and "region" in values:
        fits = region_agrees(values["country"], values["postcode"], values["region"])
        if fits is not None:
            reading.reasons.append("postcode:region_agrees" if fits else "postcode:region_differs")
            trust["postcode"] *= 1.0 if fits else 0.6
    confidence = min(trust.values())
    if "city" not in values and "postcode" not in values:
        confidence *= 0.5
    return ParsedAddress(
        reading.address(),
        round(confidence, 3),
        tuple(reading.reasons),
        MappingProxyType(trust),
        tuple(reading.ignored),
    )


# -- one field ---------------------------------------------------------------------------------


def cleanse_city(text: str, country: str, *, directory: Directory | None = None) -> Cleansed[Place]:
    """The place that a city name in any language or old spelling means.

    >>> {cleanse_city(name, "UA").value.name for name in ("Kiev", "Київ", "Kijów", "г. Киев")}
    {'Київ'}
    >>> cleanse_city("Atlantis", "GR").reasons
    ('refused:city_unknown',)
    """
    if not fold(text):
        return Cleansed(None, 1.0, ("empty",))
    own = directory.city(country, text) if directory is not None else None
    if own is not None:
        known = gazetteer.find(country, own)
        international = own if known is None else known.international
        return Cleansed(Place(own, country, international), 1.0, ("city:directory",))
    found = gazetteer.find(country, text)
    if found is None:
        words = split(prepare(text)[0])
        marked = city_alone(Text(words, country, vocabulary(country), directory, Reading()))
        found = None if marked is None else gazetteer.find(country, marked)
    if found is None:
        return refuse("city_unknown")
    same = fold(found.name) == fold(text)
    return Cleansed(found, 0.99 if same else 0.95, ("city:name" if same else "city:alias",))


def explain_address(parsed: ParsedAddress) -> str:
    """What was read, field by field, for people.

    >>> print(explain_address(cleanse_address("Gdańsk, Targ Drzewny 11", default_country="PL")))
    street        Targ Drzewny  0.77  rules
    house_number  11            0.77  rules
    city          Gdańsk        0.97  name
    country       PL            0.90  default
    """
    if parsed.value is None:
        return "; ".join(parsed.reasons)
    why = dict(reason.split(":", 1) for reason in reversed(parsed.reasons) if ":" in reason)
    rows = parsed.value.items()
    width = max(len(value) for _, value in rows)
    return "\n".join(
        f"{name:<12}  {value:<{width}}  {parsed.fields[name]:.2f}  {why.get(name, '')}"
        for name, value in rows
    )


__all__ = ["cleanse_address", "cleanse_city", "cleanse_country", "explain_address"]
