"""Transforms of addresses: parts or loose text, checked against the systems' own directories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from cleansing.text import tidy
from tandem.mapping.transform import (
    Catalogues,
    Pair,
    Refused,
    from_cleansed,
    remembered,
    transform,
)
from tandem.model.fields import Kind, Plain, is_empty

ADDRESS_PARTS = ("street", "house_number", "unit", "city", "region", "postcode", "country")
_TYPED_ORDER = ("text", "postcode", "city", "region", "country")


def _plain_address(address: Any) -> dict[str, str | None]:
    plain = {part: getattr(address, part) for part in ADDRESS_PARTS}
    if address.po_box and not plain["street"]:
        plain["street"] = f"PO Box {address.po_box}"
    return plain


@transform(Kind.ADDRESS, parts=ADDRESS_PARTS)
def address_parts(
    *, regions: Literal["code", "name"] = "code", catalogues: Catalogues | None = None
) -> Pair:
    """An address from one column per part; its places are those of the systems' directories.

    Countries are read by any name and written as ISO codes. `regions` is what the region's column
    is written: the code of the directory, or its name.
    """
    from cleansing.address import cleanse_country  # noqa: PLC0415  (loads the world's cities)
    from tandem.mapping.places import Places  # noqa: PLC0415  (it too)

    places = Places(catalogues)

    def read(native: Any, _country: str | None) -> Any:
        address = {
            part: tidy(str(value)) or None if (value := native.get(part)) is not None else None
            for part in ADDRESS_PARTS
        }
        if is_empty(address):
            return None
        if address["country"]:
            country = cleanse_country(address["country"], directory=places.directory)
            if country.value is None:
                return Refused(country.reasons)
            address["country"] = country.value
        return places.resolve(address)

    def write(value: Plain, current: Any) -> Any:
        written = {part: (value or {}).get(part) for part in ADDRESS_PARTS}
        if regions == "name":
            written["region"] = places.region_name(written["region"])
        return _as_it_stands(written, value, current, read(current, None) if current else None)

    return Pair(read, write)


def _as_it_stands(
    written: dict[str, Any], value: Plain, current: Any, reading: Any
) -> dict[str, Any]:
    """What is to be written, with every column left alone that says the same already."""
    if not value or not isinstance(reading, Mapping):
        return written
    return {
        part: current.get(part) if part in current and reading.get(part) == value.get(part) else new
        for part, new in written.items()
    }


@transform(Kind.ADDRESS, parts=("text", "city", "region", "postcode", "country"))
def address_text(
    *, default_country: str | None = None, catalogues: Catalogues | None = None
) -> Pair:
    """An address as people type it, in one line or loosely in a few columns, put in order.

    The systems' own countries, regions and towns win; a region or town that their directory should
    have and has not is refused, with the nearest entries.
    """
    from cleansing.address import Address, cleanse_address, format_address  # noqa: PLC0415  (loads the world's cities)
    from tandem.mapping.places import Places  # noqa: PLC0415  (it too)

    places = Places(catalogues)

    def read(native: Any, country: str | None) -> Any:
        typed = [tidy(str(v)) for part in _TYPED_ORDER if (v := native.get(part))]
        return read_line(", ".join(dict.fromkeys(typed)), country)

    def read_text(line: str, country: str | None) -> Any:
        cleansed = cleanse_address(
            line, default_country=country or default_country, directory=places.directory
        )
        address = from_cleansed(cleansed, _plain_address)
        return places.resolve(address) if isinstance(address, dict) else address

    read_line = remembered(read_text)

    def line(value: Mapping[str, Any], written: Mapping[str, Any]) -> str:
        """The parts that have no column of their own, in the country's order.

        A region whose name would be read as another one is left out: the town implies it.
        """
        rest = {part: None if part in written else text for part, text in value.items()}
        if not rest.get("region"):
            return format_address(Address(**rest))
        named = format_address(Address(**{**rest, "region": places.region_name(rest["region"])}))
        shown = read({**written, "text": named}, value.get("country"))
        same = isinstance(shown, dict) and shown["region"] == value["region"]
        return named if same else format_address(Address(**{**rest, "region": None}))

    def write(value: Plain, current: Any) -> Any:
        if not value:
            return dict.fromkeys(current)
        columns = {part: value.get(part) for part in current if part != "text"}
        written = {**columns, **({"text": line(value, columns)} if "text" in current else {})}
        if "region" in written:
            written["region"] = places.region_name(value.get("region"))
        return written

    return Pair(read, write)
