"""Accuracy and speed of address cleansing, and of its rivals, on every address set given."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import usaddress

from cleansing.address import (
    cleanse_address,
    cleanse_city,
    cleanse_country,
    cleanse_region,
    postal,
)

_FIELDS = ("street", "house_number", "unit", "city", "region", "postcode", "country")
_SPECIAL = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ς": "σ"})
_QUOTES = re.compile("['\"`´‘’ʻʼ«»“”„]")
_DASHES = re.compile("[‐‑‒–—−]")
_DROPPED = re.compile(r"[.,\s]")
_NAMES: dict[str, str] = {
    "road": "street",
    "house_number": "house_number",
    "city": "city",
    "state": "region",
    "postcode": "postcode",
    "country": "country",
    "unit": "unit",
    "level": "unit",
}

Row = Mapping[str, str | None]
Parse = Callable[[str, str | None], Row]


@dataclass(frozen=True, slots=True)
class Case:
    """One address and what may be made of it.

    Attributes:
        text: the address as typed.
        default: country to assume, alpha-2.
        truth: field → accepted values, the true one first; None among them: may be empty.
        country: for the report.
        skipped: fields that the set does not judge in this row.
    """

    text: str
    default: str | None
    truth: Mapping[str, tuple[str | None, ...]]
    country: str
    skipped: frozenset[str] = frozenset()
    strict_parts: bool = False


@dataclass(slots=True)
class Tally:
    """Counts of one set."""

    rows: int = 0
    right: int = 0
    countries: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    fields: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[dict[str, Any]] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """Shares, as the bench prints them."""
        return {
            "rows": self.rows,
            "all_right": round(self.right / max(1, self.rows), 3),
            "fields": {
                name: {
                    "precision": round(c["right"] / max(1, c["right"] + c["false"]), 3),
                    "recall": round(c["right"] / max(1, c["right"] + c["missed"]), 3),
                }
                for name, c in self.fields.items()
            },
            "by_country": {
                country: {"rows": c["rows"], "all_right": round(c["right"] / c["rows"], 3)}
                for country, c in sorted(self.countries.items())
            },
        }


def normal(text: str | None) -> str:
    """A value as scoring compares it: no case, diacritics, stops, commas or blanks.

    >>> normal("Łódź, ul. Święty Marcin")
    'lodzulswietymarcin'
    """
    folded = unicodedata.normalize("NFKD", (text or "").casefold().translate(_SPECIAL))
    bare = "".join(c for c in folded if not unicodedata.combining(c)).casefold()
    return _DROPPED.sub("", _DASHES.sub("-", _QUOTES.sub("", bare))).replace("ς", "σ")


# -- sets --------------------------------------------------------------------------------------


def _gold(path: Path) -> Iterator[Case]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        accept = row.get("accept", {})
        truth: dict[str, tuple[str | None, ...]] = {
            name: (row["gold"][name], *accept.get(name, ())) for name in _FIELDS
        }
        skipped: frozenset[str] = frozenset()
        if row.get("po_box"):
            truth["po_box"] = (row["po_box"],)
            skipped = frozenset({"street", "house_number", "unit"})
        yield Case(
            row["text"], row["default_country"], truth, row["gold"]["country"], skipped, True
        )


def _components(path: Path, *, empty_is_empty: bool) -> Iterator[Case]:
    """Sets whose truth names only what it judges; country and names in any language."""
    for row in json.loads(path.read_text(encoding="utf-8")):
        country = row["cc"].upper()
        stated = row.get("truth") or _merged(row["labels"])
        truth: dict[str, tuple[str | None, ...]] = {
            _NAMES[name]: (value,) for name, value in stated.items() if name in _NAMES
        }
        judged = {"street", "house_number", "city", "region", "postcode"}
        if empty_is_empty:
            truth = {**dict.fromkeys(judged, (None,)), **truth}
        yield Case(row["text"], country, truth, country, frozenset({"unit"}))


def _merged(labels: Iterable[Iterable[str]]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for name, value in labels:
        merged[name] = f"{merged[name]} {value}" if name in merged else value
    return merged


_US_FIELDS: dict[str, str] = {
    "AddressNumberPrefix": "house_number",
    "AddressNumber": "house_number",
    "AddressNumberSuffix": "house_number",
    "StreetNamePreDirectional": "street",
    "StreetNamePreModifier": "street",
    "StreetNamePreType": "street",
    "StreetName": "street",
    "StreetNamePostType": "street",
    "StreetNamePostDirectional": "street",
    "StreetNamePostModifier": "street",
    "IntersectionSeparator": "street",
    "CornerOf": "street",
    "PlaceName": "city",
    "StateName": "region",
    "ZipCode": "postcode",
}


def _us_fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, list[str]] = {}
    for token, label in pairs:
        if label in _US_FIELDS:
            joined.setdefault(_US_FIELDS[label], []).append(token.strip(" ,;\n"))
    return {name: " ".join(tokens) for name, tokens in joined.items()}


def _us(path: Path) -> Iterator[Case]:
    for address in ET.parse(path).getroot():  # noqa: S314 - a data file of the set, not input
        tokens = [(token.text or "", token.tag) for token in address]
        text = " ".join(token for token, _ in tokens)
        stated = _us_fields(tokens)
        truth = {name: (stated.get(name),) for name in set(_US_FIELDS.values())}
        yield Case(text, "US", truth, "US", frozenset({"unit", "country"}))


# -- judging -----------------------------------------------------------------------------------


def _same(name: str, got: str, wanted: str, country: str) -> bool:
    """True if both values of a field say the same; places by the directories."""
    if normal(got) == normal(wanted):
        return True
    known = _MEANING.get(name)
    if known is None:
        return False
    meaning = known(wanted, country)
    return meaning is not None and meaning == known(got, country)


_MEANING: dict[str, Callable[[str, str], object]] = {
    "country": lambda text, _: cleanse_country(text).value,
    "city": lambda text, country: cleanse_city(text, country).value,
    "region": lambda text, country: cleanse_region(text, country).value,
    "postcode": lambda text, _: re.sub(r"\W|cep|〒", "", normal(text)) or None,
    "house_number": lambda text, _: _parts(text) or None,
}


def _parts(text: str | None) -> list[str]:
    return re.findall(r"\d+[^\W\d_]?(?![^\W\d_])", normal(text))


def _judge(name: str, got: str | None, accepted: tuple[str | None, ...], country: str) -> bool:
    if got is None:
        return accepted[0] is None or None in accepted[1:]
    return any(wanted is not None and _same(name, got, wanted, country) for wanted in accepted)


def _digits(*texts: str | None) -> Counter[str]:
    return Counter(re.findall(r"\d+", " ".join(text or "" for text in texts)))


def _every_part_once(case: Case, got: Row) -> bool:
    """Cut either way, house number and unit together keep every number, and none twice."""
    number, unit = case.truth["house_number"][0], case.truth["unit"][0]
    if number is None:
        return True
    mine, wanted = _digits(got.get("house_number"), got.get("unit")), _digits(number, unit)
    if mine - wanted:
        return False
    return got.get("unit") is not None or unit is None or mine == wanted


def evaluate(cases: Iterable[Case], parse: Parse) -> Tally:
    """Judge a parser's reading of every case."""
    tally = Tally()
    for case in cases:
        got = parse(case.text, case.default)
        wrong: dict[str, Any] = {}
        for name, accepted in case.truth.items():
            if name in case.skipped:
                continue
            value = got.get(name)
            right = _judge(name, value, accepted, case.country)
            count = tally.fields[name]
            if value is not None:
                count["right" if right else "false"] += 1
            if accepted[0] is not None and not (right and value is not None):
                count["missed"] += 1
            if not right:
                wrong[name] = (value, accepted[0])
        if case.strict_parts and not case.skipped and not _every_part_once(case, got):
            wrong["parts"] = (got.get("house_number"), got.get("unit"))
        tally.rows += 1
        tally.countries[case.country]["rows"] += 1
        tally.right += not wrong
        tally.countries[case.country]["right"] += not wrong
        if wrong:
            tally.wrong.append({"text": case.text, "wrong": wrong})
    return tally


# -- parsers -----------------------------------------------------------------------------------


def tandem_parse(text: str, default: str | None) -> Row:
    """Tandem's reading, as field → text."""
    address = cleanse_address(text, default_country=default).value
    return {} if address is None else dict(address.items())


def usaddress_parse(text: str, default: str | None) -> Row:
    """Usaddress' reading; it has no country of its own, so it gets the default."""
    return {**_us_fields(usaddress.parse(text)), "country": default}


def libpostal_parse(text: str, default: str | None) -> Row:
    """Libpostal's reading, by itself; it has no country of its own, so it gets the default."""
    parse = postal.parser()
    if parse is None:
        raise RuntimeError("libpostal is not there; see `tandem postal status`")
    return {**_merged_fields(parse(text, default or "")), "country": default}


def _merged_fields(labels: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Fields of libpostal's labels; a label that comes twice is joined."""
    found: dict[str, str] = {}
    for label, words in labels:
        if field := _LIBPOSTAL.get(label):
            found[field] = f"{found[field]} {words}" if field in found else words
    return found


_LIBPOSTAL = {
    "house_number": "house_number",
    "road": "street",
    "unit": "unit",
    "city": "city",
    "state": "region",
    "postcode": "postcode",
}
PARSERS: Mapping[str, Parse] = {
    "tandem": tandem_parse,
    "usaddress": usaddress_parse,
    "libpostal": libpostal_parse,
}
"""What reads addresses here, by name."""


def sets(shared: Path) -> dict[str, list[Case]]:
    """Every address set in `shared/data`; a set whose file is absent is left out."""
    address = shared / "data" / "address"
    found: dict[str, tuple[Path, Callable[[Path], Iterator[Case]]]] = {
        "typed_emea": (
            address / "gold_emea.json",
            lambda p: _components(p, empty_is_empty=True),
        ),
        "gold_21_countries": (shared / "data" / "gold" / "addresses.jsonl", _gold),
        "us_labelled": (address / "usaddress_labeled.xml", _us),
        "us_50_states": (address / "usaddress_us50_test_tagged.xml", _us),
        "opencage": (
            address / "opencage.json",
            lambda p: _components(p, empty_is_empty=False),
        ),
        "libpostal_tests": (
            address / "libpostal_tests.json",
            lambda p: _components(p, empty_is_empty=False),
        ),
    }
    return {name: list(read(path)) for name, (path, read) in found.items() if path.exists()}


def _per_second(parse: Parse, cases: list[Case], rounds: int = 3) -> int:
    """Addresses per second of processor time: the best of some rounds, after one to warm up."""
    best = 0.0
    for _ in range(rounds + 1):
        start = time.process_time()
        for case in cases:
            parse(case.text, case.default)
        best = max(best, len(cases) / max(1e-9, time.process_time() - start))
    return round(best)


def score_addresses(shared: Path, tool: str = "tandem") -> dict[str, Any]:
    """Accuracy of a parser per set.

    Args:
        shared: the folder that holds `data/`.
        tool: one of `PARSERS`.

    Returns:
        `{name: {"rows", "all_right", "fields", "by_country"}}`. `all_right` is the share of rows
        with every judged field right.
    """
    return {name: evaluate(rows, PARSERS[tool]).report() for name, rows in sets(shared).items()}


def time_addresses(shared: Path, tool: str = "tandem") -> dict[str, Any]:
    """Addresses per second of one core, outside the US and in it, without any judging."""
    every = [case for rows in sets(shared).values() for case in rows]
    places = {
        "outside_us": [case for case in every if case.country != "US"],
        "us": [case for case in every if case.country == "US"],
    }
    return {where: _per_second(PARSERS[tool], rows) for where, rows in places.items() if rows}
