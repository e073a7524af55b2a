"""The systems' own directories of places, as the address transforms ask them: they win.

A region or town that a text names is looked up in the directory of the system that has one: by its
code, its name, a synonym that a person decided, and by any other name that the public directories
know for it. Where the directory knows no such place, the answer is a refusal that names the nearest
entries; where it has none for the country at all, there is nothing to check against.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from cleansing.address import Directory, cleanse_country
from cleansing.address.gazetteer import find
from cleansing.address.regions import find_region
from cleansing.text import fold, latin
from connectors.base import Entry
from tandem.mapping.transform import Catalogues, Refused

COUNTRY, REGION, CITY = "country", "subdivision", "city"
"""Names of the directories of places; `tandem.app` asks every system for them."""

_NEAREST = 3
_ALIKE = 90.0
_LANGUAGES = re.compile(r"[\[\]/;]")
"""What parts the names of an entry that has one in each of several languages."""
Identity = Callable[[str, str], object]
"""(alpha-2 country, spelling) → which place it is; None where no directory knows it"""


class _Level:
    """The entries of one directory, by country.

    Args:
        entries: (alpha-2 country, entry).
        synonyms: (spelling, code) pairs.
        identity: which place a spelling means to the public directories.
    """

    def __init__(
        self,
        entries: Iterable[tuple[str, Entry]],
        synonyms: Iterable[tuple[str, str]],
        identity: Identity,
    ) -> None:
        self._identity = identity
        self.by_code: dict[str, Entry] = {}
        self._of: dict[str, dict[str, Entry]] = defaultdict(dict)
        self._named: dict[tuple[str, str], dict[str, Entry]] = defaultdict(dict)
        self._meant: dict[str, dict[object, dict[str, Entry]]] = {}
        home: dict[str, str] = {}
        for country, entry in entries:
            home[entry.code] = country
            self.by_code[entry.code] = entry
            self._of[country][entry.code] = entry
            for spelling in (entry.code, *_names(entry)):
                self._name(country, spelling, entry)
        for spelling, code in synonyms:
            if code in home:
                self._decided(home[code], spelling, self.by_code[code])

    def _name(self, country: str, spelling: str, entry: Entry) -> None:
        for key in {fold(spelling), latin(spelling)} - {""}:
            self._named[country, key][entry.code] = entry

    def _decided(self, country: str, spelling: str, entry: Entry) -> None:
        """A synonym means its entry and no other, whatever else bears the name."""
        for key in {fold(spelling), latin(spelling)} - {""}:
            self._named[country, key] = {entry.code: entry}

    def names(self) -> Iterator[tuple[str, str, Entry]]:
        """(country, name, entry) of every entry."""
        for country, entries in self._of.items():
            for entry in entries.values():
                yield country, entry.name, entry

    def find(self, country: str, text: str) -> Entry | tuple[Entry, ...] | None:
        """The entry that a text means; None where the country has none; else the nearest ones."""
        own = self._of.get(country)
        if not own:
            return None
        if text in own:
            return own[text]
        for key in (fold(text), latin(text)):
            if found := self._named.get((country, key)):
                return _one_of(found.values(), text)
        meant = self._identity(country, text)
        if meant is not None and (found := self._by_meaning(country).get(meant)):
            return _one_of(found.values(), text)
        return tuple(_nearest(text, own.values()))

    def _by_meaning(self, country: str) -> Mapping[object, dict[str, Entry]]:
        """Entries by the public directories' idea of them; worked out when first asked for."""
        if country not in self._meant:
            meant: dict[object, dict[str, Entry]] = defaultdict(dict)
            for entry in self._of[country].values():
                for name in _names(entry):
                    meant[self._identity(country, name)][entry.code] = entry
            self._meant[country] = meant
        return self._meant[country]


def _names(entry: Entry) -> list[str]:
    """The name whole, and in each language that it has.

    >>> _names(Entry("ES-C", "A Coruña [La Coruña]"))
    ['A Coruña [La Coruña]', 'A Coruña', 'La Coruña']
    """
    parts = [part.strip() for part in _LANGUAGES.split(entry.name)]
    return list(dict.fromkeys((entry.name, *filter(None, parts))))


def _one_of(found: Iterable[Entry], text: str) -> Entry | tuple[Entry, ...]:
    """The only entry; of several, the only one that is written like the text; else all of them.

    The public directories call both a capital and the region around it by the region's name. Where
    a region has one province, both bear one name: the province is meant.
    """
    entries = tuple(found)
    above = {entry.parent for entry in entries}
    entries = tuple(entry for entry in entries if entry.code not in above) or entries
    alike = [e for e in entries if len(entries) == 1 or _likeness(text, e) >= _ALIKE]
    return alike[0] if len(alike) == 1 else entries


def _likeness(text: str, entry: Entry) -> float:
    from rapidfuzz import fuzz  # noqa: PLC0415 - rarely needed

    return fuzz.ratio(latin(text), latin(entry.name))


def _nearest(text: str, entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: -_likeness(text, entry))[:_NEAREST]


class Places:
    """Countries, regions and towns of the systems' own directories.

    >>> places = Places(
    ...     Catalogues(
    ...         entries={
    ...             "country": [Entry("PL", "Poland")],
    ...             "subdivision": [
    ...                 Entry("PL-14", "Mazowieckie", "PL"), Entry("PL-12", "Małopolskie", "PL")
    ...             ],
    ...         }
    ...     )
    ... )
    >>> places.resolve({"region": "woj. mazowieckie", "city": "Łódź", "country": "PL"})
    {'region': 'PL-14', 'city': 'Łódź', 'country': 'PL'}
    >>> places.resolve({"region": "Mazury", "country": "PL"}).reasons
    ('refused:region_not_listed:PL-14|PL-12',)
    """

    def __init__(self, catalogues: Catalogues | None) -> None:
        """Index the directories; the public ones are asked only when a text needs them."""
        self._catalogues = catalogues or Catalogues()

    def _entries(self, name: str) -> tuple[Entry, ...]:
        return tuple(self._catalogues.entries.get(name, ()))

    @cached_property
    def _countries(self) -> dict[str, str]:
        """Code of a country's entry → alpha-2."""
        found = {}
        for entry in self._entries(COUNTRY):
            alpha2 = cleanse_country(entry.code).value or cleanse_country(entry.name).value
            if alpha2 is not None:
                found[entry.code] = alpha2
        return found

    @cached_property
    def _regions(self) -> _Level:
        parents = {entry.code: entry.parent for entry in self._entries(REGION)}
        return self._level(REGION, parents, find_region)

    @cached_property
    def _cities(self) -> _Level:
        parents = {entry.code: entry.parent for entry in self._entries(REGION)}
        return self._level(CITY, parents, find)

    def _level(self, name: str, parents: Mapping[str, str | None], identity: Identity) -> _Level:
        placed = (
            (country, entry)
            for entry in self._entries(name)
            if (country := self._country_above(entry.parent, parents)) is not None
        )
        return _Level(placed, self._catalogues.synonyms.get(name, ()), identity)

    def _country_above(self, parent: str | None, parents: Mapping[str, str | None]) -> str | None:
        """Alpha-2 of the country that a code is, or is part of."""
        seen: set[str] = set()
        while parent is not None and parent not in seen:
            seen.add(parent)
            if parent in self._countries:
                return self._countries[parent]
            if parent not in parents:
                return cleanse_country(parent).value
            parent = parents[parent]
        return None

    @cached_property
    def directory(self) -> Directory | None:
        """What `cleanse_address` is told of these places; None where it would learn nothing.

        Names that the public directories read the same way are left to them: they also know when
        "Georgia" is a state and "Jordan" a street.
        """
        countries = {
            spelling: self._countries[entry.code]
            for entry in self._entries(COUNTRY)
            if entry.code in self._countries
            for spelling in (entry.name, *self._decided_for(entry.code))
            if cleanse_country(spelling).value != self._countries[entry.code]
        }
        regions = {
            (country, name): name
            for country, name, entry in self._regions.names()
            if (public := find_region(country, name)) is None
            or self._regions.find(country, public) != entry
        }
        cities = {(country, name): name for country, name, _ in self._cities.names()}
        if not (countries or regions or cities):
            return None
        return Directory.of(countries=countries, regions=regions, cities=cities)

    def _decided_for(self, code: str) -> list[str]:
        pairs = self._catalogues.synonyms.get(COUNTRY, ())
        return [spelling for spelling, of in pairs if of == code]

    def resolve(self, address: Mapping[str, Any]) -> dict[str, Any] | Refused:
        """The address with the region's code and the town's name of the directories.

        Returns:
            The address, or a refusal with the entries that may have been meant.
        """
        found = dict(address)
        country = address.get("country")
        if country is None:
            return found
        for part, level, column in (
            ("region", self._regions, "code"),
            ("city", self._cities, "name"),
        ):
            text = address.get(part)
            known = level.find(country, text) if text else None
            if isinstance(known, tuple):
                codes = "|".join(entry.code for entry in known)
                return Refused((f"refused:{part}_not_listed:{codes}",))
            if known is not None:
                found[part] = getattr(known, column)
        return found

    def region_name(self, code: str | None) -> str | None:
        """What people call the region of this code; other text as it is."""
        entry = self._regions.by_code.get(code) if code else None
        return code if entry is None else entry.name
