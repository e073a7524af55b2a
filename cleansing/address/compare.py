"""Whether two addresses say the same, however they are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from rapidfuzz import fuzz

from cleansing.address import gazetteer
from cleansing.address.model import Address
from cleansing.address.regions import find_region
from cleansing.address.vocabulary import vocabulary
from cleansing.text import fold, latin

_TYPES: dict[str, str] = {
    "street": "ul ulica ulitsa ulice улица вул вулиця вулица vul vulytsia street st str strasse "
    "calle c cl carrer rua rue via strada οδοσ odos kochasi kuchasi koch kocha ko ch кўчаси "
    "кучаси кўча utca u gata gatan gade gate straat sokak sok sk ul ca kalea kucasi kuc փողոց "
    "ქუჩა g gatve iela",
    "avenue": "al aleja aleje avenue ave av avda avd avenida avinguda пр просп проспект пр т пр кт "
    "prospekt prosp prospect λεωφοροσ λεωφ leoforos leof shoh kochasi prospekti caddesi cad cd "
    "viale v le allee alle ut tr trida laan пр кт poghota",
    "square": "pl plac plaza pza plaça placa place площа площадь пл πλατεια πλ plateia piazza p "
    "zza "
    "pza nam namesti ter tere plein platz maydoni майдан square sq piata p ta praca trg meydani",
    "boulevard": "bulwar бульвар бул бульв б р boulevard blvd bd bld bvd bulevardul bulevard b dul "
    "bdul bulvari blv bulv bulvar bul",
    "lane": "пров провулок пер переулок lane ln callejon pasaje vicolo zaulek koz gasse steeg tor "
    "kochasi prov",
    "road": "шосе ш шоссе road rd carretera ctra szosa droga route rte sos soseaua chaussee weg "
    "highway hwy",
    "embankment": "наб набережна набережная embankment quai kade nabrezi nabr rakpart rkp wybrzeze",
    "drive": "drive dr",
    "court": "court ct",
    "estate": "os osiedle мкр микрорайон мікрорайон mavze mavzesi даха ж к жк",
}
_CLASS: dict[str, str] = {
    word: kind for kind, words in reversed(_TYPES.items()) for word in fold(words).split()
}
_NOT_WORD = re.compile(r"[^\w]+")
_ALIKE = 85.0
_SOUNDS = (
    ("shch", "sh"), ("kh", "h"), ("ph", "f"), ("ch", "h"), ("ck", "k"), ("oy", "u"),
    ("ks", "x"), ("ou", "u"), ("ai", "e"), ("ei", "i"), ("oi", "i"), ("mp", "b"), ("nt", "d"),
    ("y", "i"), ("j", "i"), ("w", "v"), ("q", "k"), ("g", "h"), ("c", "k"), ("z", "s"),
    ("e", "i"),
)  # fmt: skip
"""Where romanisations of one name differ; applied to both sides, so coarseness does no harm."""


@lru_cache(maxsize=1 << 14)
def _sound(name: str) -> str:
    text = latin(name).replace(" ", "")
    for written, heard in _SOUNDS:
        text = text.replace(written, heard)
    return re.sub(r"(.)\1+", r"\1", text)


def _street(street: str, country: str | None) -> tuple[str | None, str]:
    """Class of the street's type, None if it has none, and the name without it."""
    known = vocabulary(country)
    types = known.street_before | known.street_after
    words = fold(street).split()
    kind: str | None = None
    for n in (2, 1):
        for end in (False, True):
            span = words[-n:] if end else words[:n]
            word = " ".join(span)
            if kind is None and len(words) > n and word in types:
                kind = _CLASS.get(word) or _CLASS.get(span[0], word)
                words = words[:-n] if end else words[n:]
    return kind, " ".join(words)


def _same_street(a: str, b: str, country: str | None) -> bool:
    if fold(a) == fold(b):
        return True
    (kind_a, name_a), (kind_b, name_b) = _street(a, country), _street(b, country)
    if kind_a is not None and kind_b is not None and kind_a != kind_b:
        return False
    if name_a.replace(" ", "") == name_b.replace(" ", ""):
        return True
    if name_a.isascii() == name_b.isascii():
        return False
    return fuzz.ratio(_sound(name_a), _sound(name_b)) >= _ALIKE


def _same_city(a: str, b: str, country: str | None) -> bool:
    if latin(a) == latin(b):
        return True
    if country is None:
        return False
    first, second = gazetteer.find(country, a), gazetteer.find(country, b)
    return first is not None and first == second


def _same_region(a: str, b: str, country: str | None) -> bool:
    if latin(a) == latin(b):
        return True
    found = None if country is None else find_region(country, a)
    return found is not None and country is not None and found == find_region(country, b)


def _same_bare(a: str, b: str) -> bool:
    return _NOT_WORD.sub("", latin(a)) == _NOT_WORD.sub("", latin(b))


def _same_unit(a: str, b: str, country: str | None) -> bool:
    return _unit_values(a, country) == _unit_values(b, country)


def _unit_values(unit: str, country: str | None) -> list[str]:
    known = vocabulary(country)
    marks = known.unit_before | known.unit_after | known.number_before
    words = fold(unit).replace("№", " ").split()
    return sorted(latin(word) for word in words if word not in marks) or sorted(words)


def same_address(a: Address, b: Address) -> bool:
    """True if both say the same: case, abbreviation, order and script of writing do not count.

    A field that only one side fills is a difference, except the region, which the town implies,
    and the country.

    >>> a = Address("вул. Хрещатик", "22", None, "Київ", None, "01001", "UA")
    >>> same_address(a, Address("vulytsia Khreshchatyk", "22", None, "Kiev", None, "01001", "UA"))
    True
    >>> same_address(a, Address("вулиця Хрещатик", "24", None, "Київ", None, "01001", "UA"))
    False
    >>> same_address(Address("Main St"), Address("Main Ave"))
    False
    """
    if a.country and b.country and a.country != b.country:
        return False
    country = a.country or b.country
    if a.region and b.region and not _same_region(a.region, b.region, country):
        return False
    return (
        _both(a.street, b.street, lambda x, y: _same_street(x, y, country))
        and _both(a.city, b.city, lambda x, y: _same_city(x, y, country))
        and _both(a.house_number, b.house_number, _same_bare)
        and _both(a.postcode, b.postcode, _same_bare)
        and _both(a.po_box, b.po_box, _same_bare)
        and _both(a.unit, b.unit, lambda x, y: _same_unit(x, y, country))
    )


def _both(a: str | None, b: str | None, same: Callable[[str, str], bool]) -> bool:
    if a is None or b is None:
        return a is b
    return same(a, b)
