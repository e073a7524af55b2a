"""Addresses: free text of any country to street, number, unit, city, region, postcode, country."""

from __future__ import annotations

from cleansing.address.cleanse import cleanse_address, cleanse_city, explain_address
from cleansing.address.compare import same_address
from cleansing.address.format import format_address
from cleansing.address.model import Address, Directory, ParsedAddress, Place
from cleansing.address.regions import cleanse_region, region_code
from cleansing.address.territories import cleanse_country

__all__ = [
    "Address",
    "Directory",
    "ParsedAddress",
    "Place",
    "cleanse_address",
    "cleanse_city",
    "cleanse_country",
    "cleanse_region",
    "explain_address",
    "format_address",
    "region_code",
    "same_address",
]
