"""A directory of positions from the text of a file: CSV, TSV, JSON or JSON Lines.

Tables have a header with `code` and one or more of `name`, `name_<lang>`, `synonyms`; a table
without such a header has the code in its first column and a name in its second. Rows that share a
code are one position with several names. Synonyms are parted by semicolons or bars.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cleansing.job_title import Position
from cleansing.text import tidy

_SYNONYMS = re.compile(r"\s*[;|]\s*")


def read_positions(text: str) -> tuple[Position, ...]:
    r"""The positions that a catalogue's text lists.

    Raises:
        ValueError: it is neither a table nor JSON, or an entry has no code or no name.

    >>> read_positions("code,name_en,name_pl\nP1,Driver,Kierowca\n")[0].names
    {'en': ('Driver',), 'pl': ('Kierowca',)}
    >>> [p.all_names() for p in read_positions("P1\tDriver\nP1\tChauffeur\n")]
    [('Driver', 'Chauffeur')]
    >>> read_positions('[{"code": "P1", "name": "Driver", "synonyms": ["Chauffeur"]}]')[0].name
    'Driver'
    """
    text = text.removeprefix("\ufeff").strip()
    if not text:
        raise ValueError("the catalogue is empty")
    entries = _json_entries(text) if text[0] in "[{" else _table_entries(text)
    found: dict[str, dict[str, list[str]]] = {}
    for number, (code, names) in enumerate(entries, start=1):
        if not code or not any(names.values()):
            raise ValueError(f"entry {number} has no code or no name")
        known = found.setdefault(code, {})
        for lang, own in names.items():
            known.setdefault(lang, []).extend(name for name in own if name)
    return tuple(
        Position(code, {lang: tuple(dict.fromkeys(own)) for lang, own in names.items() if own})
        for code, names in found.items()
    )


def _table_entries(text: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    lines = text.splitlines()
    delimiter = max("\t,;", key=lines[0].count)
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    header = [cell.strip().lower() for cell in rows[0]]
    if "code" not in header:
        if min(len(row) for row in rows) < 2:
            raise ValueError("the catalogue needs a header with `code`, or two columns")
        header, rows = ["code", "name"], [[], *rows]
    for row in rows[1:]:
        yield _entry(dict(zip(header, row, strict=False)))


def _json_entries(text: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    try:
        parsed = json.loads(text)
        entries = parsed if isinstance(parsed, list) else [parsed]
    except json.JSONDecodeError:
        entries = [json.loads(line) for line in text.splitlines() if line.strip()]
    for entry in entries:
        if not isinstance(entry, Mapping):
            raise ValueError("every entry of the catalogue is an object with `code` and `name`")
        yield _entry(entry)


def _entry(entry: Mapping[str, Any]) -> tuple[str, dict[str, list[str]]]:
    """Code and names by language of a row or object; names without a language are under ""."""
    names: dict[str, list[str]] = {}
    for key, value in entry.items():
        if key == "name" or key.startswith("name_"):
            names.setdefault(key[5:], [])[:0] = _many(value, split=False)
        elif key == "names" and isinstance(value, Mapping):
            for lang, own in value.items():
                names.setdefault(str(lang), []).extend(_many(own, split=False))
        elif key in {"names", "synonyms"}:
            names.setdefault("", []).extend(_many(value, split=True))
    return tidy(str(entry.get("code") or "")), names


def _many(value: Any, *, split: bool) -> list[str]:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [tidy(str(one)) for one in value]
    text = tidy(str(value or ""))
    return [part for part in _SYNONYMS.split(text) if part] if split else [text] if text else []
