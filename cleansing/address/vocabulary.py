"""The small words of addresses, by language: what announces a street, a flat, a town.

Each country reads the words of its own languages, of its neighbours'
where people write to it in those, and the English ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from cleansing.address.word_tables import NUMBER_FIRST, SPOKEN, WORDS
from cleansing.text import fold


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one country's addresses, folded.

    `*_before` words announce what follows, `*_after` words name what came just before,
    `*_alone` words say it all, `unit_rest` takes the rest of its piece. `announcing` and
    `divisions` join what is looked for in every word: most words are in neither.
    """

    street_before: frozenset[str]
    street_after: frozenset[str]
    street_heads: frozenset[str]
    street_tails: frozenset[str]
    street_suffix: tuple[str, ...]
    number_before: frozenset[str]
    number_after: frozenset[str]
    unit_before: frozenset[str]
    unit_after: frozenset[str]
    unit_alone: frozenset[str]
    unit_rest: frozenset[str]
    city_before: frozenset[str]
    city_after: frozenset[str]
    region_before: frozenset[str]
    region_after: frozenset[str]
    district_before: frozenset[str]
    district_after: frozenset[str]
    unit_heads: frozenset[str]
    announcing: frozenset[str]
    divisions: frozenset[str]
    noise: frozenset[str]
    noise_heads: frozenset[str]
    company: frozenset[str]
    postcode: str
    number_first: bool


def _gather(languages: Iterable[str], kind: str) -> frozenset[str]:
    words = " ".join(WORDS[language].get(kind, "") for language in languages)
    return frozenset(fold(word.replace("_", " ")) for word in words.split())


def _heads(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.partition(" ")[0] for word in words)


@cache
def vocabulary(country: str | None) -> Vocabulary:
    """The words to read an address of this country with; of every language if it is unknown.

    >>> words = vocabulary("PL")
    >>> "ul" in words.street_before, "street" in words.street_after, words.number_first
    (True, True, False)
    """
    spoken = SPOKEN.get(country, []) if country else list(WORDS)
    languages = list(dict.fromkeys([*spoken, "en"]))
    before = _gather(languages, "street_before")
    after = _gather(languages, "street_after")
    noise = _gather(languages, "noise")
    units = frozenset().union(
        *(_gather(languages, f"unit_{kind}") for kind in ("before", "alone", "rest"))
    )
    towns = _gather(languages, "city_before")
    divisions = frozenset().union(
        *(
            _gather(languages, f"{kind}_{side}")
            for kind in ("region", "district")
            for side in ("before", "after")
        )
    )
    labels = [WORDS[language].get("postcode", "") for language in languages]
    return Vocabulary(
        street_before=before,
        street_after=after,
        street_heads=_heads(word for word in before if " " in word),
        street_tails=frozenset(word.rsplit(" ", 1)[1] for word in after if " " in word),
        street_suffix=tuple(sorted(_gather(languages, "street_suffix"))),
        number_before=_gather(languages, "number_before"),
        number_after=_gather(languages, "number_after"),
        unit_before=_gather(languages, "unit_before"),
        unit_after=_gather(languages, "unit_after"),
        unit_alone=_gather(languages, "unit_alone"),
        unit_rest=_gather(languages, "unit_rest"),
        city_before=towns,
        city_after=_gather(languages, "city_after"),
        region_before=_gather(languages, "region_before"),
        region_after=_gather(languages, "region_after"),
        district_before=_gather(languages, "district_before"),
        district_after=_gather(languages, "district_after"),
        unit_heads=_heads(units),
        announcing=before | towns,
        divisions=divisions,
        noise=noise,
        noise_heads=_heads(word for word in noise if " " in word),
        company=_gather(languages, "company"),
        postcode="|".join(["post ?code", "zip(?: code)?", *filter(None, labels)]),
        number_first=country in NUMBER_FIRST,
    )
