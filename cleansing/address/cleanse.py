"""Free text to a structured address: country first, then the rules of that country."""

from __future__ import annotations

from types import MappingProxyType

from cleansing.address import gazetteer, numbers, parse, us
from cleansing.address.cities import city_alone
from cleansing.address.model import Address, Directory, ParsedAddress, Place
from cleansing.address.reading import Reading, Text
from cleansing.address.regions import find_region, region_agrees
from cleansing.address.territories import cleanse_country, country_coded, country_named
from cleansing.address.vocabulary import vocabulary
from cleansing.address.words import Words, prepare, split
from cleansing.result import Cleansed, refuse
from cleansing.text import fold

_SCRIPTS = (
    ("GR", "αβγδεζηθικλμνξοπρστυφχψω"),
    ("UA", "іїєґ"),
    ("AM", "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ"),
    ("GE", "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ"),
)
"""Letters that one country's addresses are full of and its neighbours' are not."""


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

    >>> found = cleanse_address("м Запоріжжя вул Перемоги 67, кв. 5", default_country="UA")
    >>> found.value.items()
    (('street', 'вул Перемоги'), ('house_number', '67'), ('unit', 'кв. 5'),
     ('city', 'Запоріжжя'), ('country', 'UA'))
    >>> cleanse_address("Kiev, Khreschatyk str. 22, Ukraine").value.city
    'Київ'
    >>> cleanse_address("will tell you later", default_country="PL").reasons
    ('refused:no_address',)
    """
    whole, contacts = prepare(text)
    if not whole:
        return ParsedAddress(None, 1.0, ("empty",), ignored=contacts)
    reading = Reading(ignored=list(contacts))
    prefix = numbers.country_of_prefix(whole)
    words = split(numbers.drop_prefix(whole) if prefix else whole)
    country = _take_country(words, default_country, prefix, directory, reading)
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
        MappingProxyType({name: round(value, 3) for name, value in trust.items()}),
        tuple(reading.ignored),
    )


# -- country -----------------------------------------------------------------------------------


def _take_country(
    words: Words,
    default: str | None,
    prefix: str | None,
    directory: Directory | None,
    reading: Reading,
) -> str | None:
    named = _named_country(words, default, directory)
    if named is not None:
        country, first, end = named
        words.claim(first, end, "country")
        reading.put("country", country, 0.99, "named")
        return country
    if prefix is not None:
        reading.put("country", prefix, 0.95, "postcode_prefix")
        return prefix
    if default is not None:
        reading.put("country", default, 0.9, "default")
        return default
    guessed = _country_by_script(words.whole) or _country_by_city(words)
    if guessed is not None:
        reading.put("country", guessed, 0.6, "inferred")
    return guessed


def _named_country(
    words: Words, default: str | None, directory: Directory | None
) -> tuple[str, int, int] | None:
    """Country that the text names: a piece of its own, else the words at either end."""
    count = len(words)
    pieces: list[tuple[int, int]] = []
    i = 0
    while i < count:
        end = words.end_of_piece(i)
        pieces.append((i, end))
        i = end
    outer = {pieces[0], pieces[-1]} if pieces else set()
    for first, end in reversed(pieces):
        if end - first <= 6:
            found = _as_country(words, first, end, default, directory, alone=True)
            agreed = default in {None, found}
            if found is not None and (agreed or (len(pieces) > 1 and (first, end) in outer)):
                return found, first, end
    if not pieces:
        return None
    return _country_inside(words, pieces, default, directory)


def _country_inside(
    words: Words,
    pieces: list[tuple[int, int]],
    default: str | None,
    directory: Directory | None,
) -> tuple[str, int, int] | None:
    """A country's name at the end of the last piece (digits may follow) or before the first."""
    first, end = pieces[-1]
    spans = [(end - n, end) for n in range(min(5, end - first - 1), 0, -1)]
    while end - first > 2 and words.text[end - 1].isdigit():
        end -= 1
        spans += [(end - n, end) for n in range(min(5, end - first - 1), 0, -1)]
    first, end = pieces[0]
    spans += [
        (first, first + n)
        for n in range(min(5, end - first - 1), 0, -1)
        if n > 1 or len(words.text[first]) > 3
    ]
    for span in spans:
        found = _as_country(words, *span, default, directory, alone=False)
        if found is not None:
            return found, *span
    return None


def _as_country(
    words: Words,
    first: int,
    end: int,
    default: str | None,
    directory: Directory | None,
    *,
    alone: bool,
) -> str | None:
    text = words.join(first, end)
    if directory is not None and (own := directory.country(text)) is not None:
        return own
    code = country_coded(text) if end - first == 1 else None
    if code is not None and (code == default or (alone and _no_region_code(text, default))):
        return code
    if len(text) == 2 and text.isascii() and text.isupper() and text not in {"UK"}:
        return None
    named = country_named(text)
    if named is None or named == default:
        return named
    if default is not None:
        if not alone or find_region(default, text) is not None:
            return None
        key = words.join_key(first, end)
        rank = gazetteer.find_rank(default, key)
        return named if rank is None or len(words) > end - first and named != default else None
    return named


def _no_region_code(text: str, default: str | None) -> bool:
    return default is None or find_region(default, text) is None


def _country_by_script(whole: str) -> str | None:
    letters = whole.casefold()
    for country, alphabet in _SCRIPTS:
        if sum(letters.count(letter) for letter in alphabet) >= (2 if country == "UA" else 4):
            return country
    return None


def _country_by_city(words: Words) -> str | None:
    """Country of the biggest town that a whole piece, or its beginning or end, names."""
    best: tuple[int, str] | None = None
    for first, end in words.runs():
        spans = {(first, stop) for stop in range(first + 1, min(end, first + 4) + 1)}
        spans |= {(start, end) for start in range(max(first, end - 3), end)}
        for span in spans:
            found = gazetteer.country_of_city(words.join_key(*span))
            if found is not None and (best is None or found[1] > best[0]):
                best = (found[1], found[0])
    return None if best is None else best[1]


# -- one field ---------------------------------------------------------------------------------


def cleanse_city(
    text: str, country: str, *, directory: Directory | None = None
) -> Cleansed[Place]:
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

    >>> print(explain_address(cleanse_address("Kraków, Rynek Główny 35", default_country="PL")))
    street        Rynek Główny  0.95  rules
    house_number  35            0.95  rules
    city          Kraków        0.97  name
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
