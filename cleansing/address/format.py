"""A structured address back to one line, in the order that its country writes."""

from __future__ import annotations

import re
from functools import cache

from cleansing.address.model import Address
from cleansing.address.regions import postal_format
from cleansing.address.territories import country_label
from cleansing.address.vocabulary import vocabulary

_COMMA_BEFORE_NUMBER = frozenset(
    [
        "UA",
        "RU",
        "BY",
        "KZ",
        "KG",
        "UZ",
        "TJ",
        "TM",
        "MD",
        "ES",
        "IT",
        "PT",
        "BR",
        "AZ",
        "AM",
        "MX",
        "AR",
        "CL",
    ]
)
_FIELD = re.compile(r"%([A-Za-z])")
_REGION_WORD = {"RO": "jud.", "PL": "woj.", "BG": "обл."}
"""Where regions are named like their capitals, the word tells them apart."""

_BOX: dict[str, str] = {
    "AT": "Postfach", "BG": "пощенска кутия", "BY": "а/я", "CH": "Postfach", "DE": "Postfach",
    "ES": "Apartado", "FR": "BP", "GR": "Τ.Θ.", "IT": "Casella Postale", "KZ": "а/я",
    "NL": "Postbus", "PL": "skr. poczt.", "RO": "CP", "RU": "а/я", "UA": "а/с",
}  # fmt: skip


@cache
def _lines(country: str) -> tuple[str, ...]:
    """Field letters of the postal directory, line by line: ("A", "ZC") for most of Europe.

    >>> _lines("PL"), _lines("UA"), _lines("US")
    (('A', 'ZC', 'S'), ('A', 'C', 'S', 'Z'), ('A', 'CSZ'))
    """
    lines = postal_format(country).split("%n")
    letters = ("".join(_FIELD.findall(line)) for line in lines)
    kept = ["".join(c for c in line if c in "ACSZ") for line in letters]
    kept = [part for line in kept for part in (line.partition("A") if "A" in line else (line,))]
    missing = [c for c in "CSZ" if not any(c in line for line in kept)]
    return tuple(line for line in (*kept, *missing) if line)


def _street_line(address: Address) -> str:
    box = None
    if address.po_box is not None:
        box = f"{_BOX.get(address.country or '', 'PO Box')} {address.po_box}"
    street, number = address.street, address.house_number
    if street is not None and number is not None:
        if number.startswith(("km", "км", "χλμ")):
            line = f"{street} {number}"
        elif vocabulary(address.country).number_first:
            line = f"{number} {street}"
        elif any(c.isdigit() for c in street.rsplit(" ", 1)[-1]):
            line = f"{street} № {number}"
        elif address.country in _COMMA_BEFORE_NUMBER:
            line = f"{street}, {number}"
        else:
            line = f"{street} {number}"
    else:
        line = street or number or ""
    return ", ".join(part for part in (line, address.unit, box) if part)


def _town_line(letters: str, address: Address) -> str:
    region = address.region
    if region and address.country in _REGION_WORD:
        region = f"{_REGION_WORD[address.country]} {region}"
    values = {"C": address.city, "Z": address.postcode, "S": region}
    line, after_region = "", False
    for letter in letters:
        value = values[letter]
        if not value:
            continue
        # A region's full name beside the city would read as part of its name.
        parted = letter == "S" and (len(value) > 3 or address.country == "US")
        line += (", " if line and (parted or after_region) else " " if line else "") + value
        after_region = letter == "S" and len(value) > 3
    return line


def format_address(address: Address) -> str:
    """One line in the country's own order, ending with what the country calls itself.

    `cleanse_address` reads the line back to the same address.

    >>> format_address(Address("ul. Floriańska", "3", "m. 7", "Kraków", None, "31-019", "PL"))
    'ul. Floriańska 3, m. 7, 31-019 Kraków, Polska'
    >>> format_address(Address("Main St", "12", "Apt 4", "Austin", "TX", "78701", "US"))
    '12 Main St, Apt 4, Austin, TX 78701, United States'
    """
    country = address.country
    parts = [
        _street_line(address) if letters == "A" else _town_line(letters, address)
        for letters in _lines(country or "ZZ")
    ]
    if country is not None:
        parts.append(country_label(country))
    return ", ".join(part for part in parts if part)
