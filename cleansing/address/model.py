"""What an address is made of, and what a caller may say about its own places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cleansing.result import Cleansed
from cleansing.text import fold, latin

FIELDS = ("street", "house_number", "unit", "city", "region", "postcode", "country", "po_box")


@dataclass(frozen=True, slots=True)
class Address:
    """A structured postal address; a field that the text does not state is None.

    Attributes:
        street: name with its type as typed (`"вул. Хрещатик"`, `"Baker Street"`).
        house_number: building, as typed (`"104/122"`, `"37Α"`, `"km 9,2"`).
        unit: whatever is inside the building, with its word (`"кв. 5"`, `"4ος όροφος"`).
        city: official name in the country's own script where the directory knows it.
        region: state, province, oblast, voivodeship: official name or postal code (`"TX"`).
        postcode: as written in that country; never derived from anything else.
        country: ISO 3166-1 alpha-2.
        po_box: number of the box alone.
    """

    street: str | None = None
    house_number: str | None = None
    unit: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    po_box: str | None = None

    def items(self) -> tuple[tuple[str, str], ...]:
        """The fields that are filled, in the order of the class.

        >>> Address(city="Kraków", country="PL").items()
        (('city', 'Kraków'), ('country', 'PL'))
        """
        pairs = ((name, getattr(self, name)) for name in FIELDS)
        return tuple((name, value) for name, value in pairs if value is not None)


@dataclass(frozen=True, slots=True)
class Place:
    """One city, town or village, however it was spelled.

    Attributes:
        name: official name in the country's own script where it is known.
        country: ISO 3166-1 alpha-2.
        international: the name that maps in English use.
        geoname_id: identity in GeoNames; None for a place of the caller's own directory.
        population: inhabitants, 0 if unknown.
    """

    name: str
    country: str
    international: str
    geoname_id: int | None = None
    population: int = 0


@dataclass(frozen=True, slots=True)
class ParsedAddress(Cleansed[Address]):
    """An address with what is known of every field.

    Attributes:
        fields: confidence per filled field, 0.0 to 1.0.
        ignored: pieces of the text that belong to no field (company, person, phone), tidied.
    """

    fields: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """The caller's own countries, regions and cities, which win over the public directories.

    Each maps a spelling to the name that the caller uses; several spellings may share a name.

    Attributes:
        countries: spelling → ISO 3166-1 alpha-2.
        regions: (alpha-2, spelling) → the caller's region name.
        cities: (alpha-2, spelling) → the caller's city name.

    >>> erp = Directory.of(cities={("PL", "Stolica"): "Warszawa"})
    >>> erp.city("PL", "STOLICA")
    'Warszawa'
    """

    countries: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    cities: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        countries: Mapping[str, str] | None = None,
        regions: Mapping[tuple[str, str], str] | None = None,
        cities: Mapping[tuple[str, str], str] | None = None,
    ) -> Directory:
        """Fold the spellings once, so that look-ups ignore case, diacritics and script."""
        return cls(
            countries=_by_key({("", spelling): c for spelling, c in (countries or {}).items()}),
            regions=_by_pair(regions or {}),
            cities=_by_pair(cities or {}),
        )

    def country(self, text: str) -> str | None:
        """The alpha-2 code that the caller gives this country name."""
        return self.countries.get(fold(text)) or self.countries.get(latin(text))

    def region(self, country: str, text: str) -> str | None:
        """The caller's name of a region of this country."""
        return _either(self.regions, country, text)

    def city(self, country: str, text: str) -> str | None:
        """The caller's name of a city of this country."""
        return _either(self.cities, country, text)


def _either(names: Mapping[tuple[str, str], str], country: str, text: str) -> str | None:
    return names.get((country, fold(text))) or names.get((country, latin(text)))


def _by_pair(names: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    keyed: dict[tuple[str, str], str] = {}
    for (country, spelling), name in names.items():
        for text in (spelling, name):
            keyed.setdefault((country, fold(text)), name)
            keyed.setdefault((country, latin(text)), name)
    return keyed


def _by_key(names: Mapping[tuple[str, str], str]) -> dict[str, str]:
    keyed: dict[str, str] = {}
    for (_, spelling), code in names.items():
        keyed.setdefault(fold(spelling), code)
        keyed.setdefault(latin(spelling), code)
    return keyed
