"""Fills a fresh Tryton: countries, subdivisions, positions and how people relate to organisations.

The stock import goes country by country and takes minutes; a handful of large batches through the
same interface takes seconds.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from connectors.tryton.rpc import Rpc

PERSON = "Person"
POSITION = "Position"
EMPLOYEE, EMPLOYER = "Employee of", "Employer of"

# Runs in Tryton's environment, where the ISO tables are installed for Tryton's own import.
_ISO_TABLES = """
import json, pycountry
print(json.dumps({
    "countries": [
        [c.alpha_2, c.alpha_3, c.numeric, getattr(c, "common_name", c.name)]
        for c in pycountry.countries
    ],
    "subdivisions": [
        [s.code, s.name, s.type, s.country_code, s.parent_code] for s in pycountry.subdivisions
    ],
}))
"""

Step = Callable[[str, Callable[[], object]], object]
"""Runs a named step and reports how long it took."""


def fill(
    rpc: Rpc, python: Path, positions: Sequence[str], countries: Iterable[str] | None, step: Step
) -> None:
    """Everything that records point to.

    Args:
        rpc: the database.
        python: interpreter of Tryton's environment.
        positions: names of the directory of positions.
        countries: ISO codes of those whose subdivisions are wanted; None: of all.
        step: reports progress.
    """
    printed = subprocess.run(
        [python, "-c", _ISO_TABLES], check=True, capture_output=True, text=True
    ).stdout
    tables: dict[str, list[list[Any]]] = json.loads(printed)
    ids: dict[str, int] = {}
    step("countries", lambda: ids.update(_countries(rpc, tables["countries"])))
    wanted = set(ids if countries is None else countries)
    rows = [row for row in tables["subdivisions"] if row[3] in wanted]
    step("subdivisions", lambda: _subdivisions(rpc, rows, ids))
    step("positions", lambda: _categories(rpc, positions))
    step("relation types", lambda: _relation_types(rpc))


def _countries(rpc: Rpc, rows: Sequence[Sequence[str]]) -> dict[str, int]:
    fields = ("code", "code3", "code_numeric", "name")
    values = [dict(zip(fields, row, strict=True)) for row in rows]
    created = rpc.change("country.country", "create", values)
    return {row[0]: native_id for row, native_id in zip(rows, created, strict=True)}


def _subdivisions(rpc: Rpc, rows: Sequence[Sequence[str]], countries: dict[str, int]) -> None:
    selection = rpc.read("country.subdivision", "fields_get", ["type"])["type"]["selection"]
    types = {code for code, _ in selection}
    created: dict[str, int] = {}
    pending = list(rows)
    while pending:
        # A level at a time: a part of a region names that region by its id.
        codes = {row[0] for row in pending}
        level = [row for row in pending if row[4] not in codes]
        values = [
            {
                "code": code,
                "name": name,
                "type": kind.lower() if kind.lower() in types else None,
                "country": countries[country],
                "parent": created.get(parent),
            }
            for code, name, kind, country, parent in level
        ]
        ids = rpc.change("country.subdivision", "create", values)
        created |= {row[0]: native_id for row, native_id in zip(level, ids, strict=True)}
        pending = [row for row in pending if row[0] not in created]


def _categories(rpc: Rpc, positions: Sequence[str]) -> None:
    _, root = rpc.change("party.category", "create", [{"name": PERSON}, {"name": POSITION}])
    values = [{"name": name, "parent": root} for name in dict.fromkeys(positions)]
    # Tryton checks that names are unique with one condition per row; SQLite's parser takes no
    # more than about a hundred of them.
    for start in range(0, len(values), 50):
        rpc.change("party.category", "create", values[start : start + 50])


def _relation_types(rpc: Rpc) -> None:
    there, back = rpc.change(
        "party.relation.type", "create", [{"name": EMPLOYEE}, {"name": EMPLOYER}]
    )
    rpc.change(
        *("party.relation.type", "write"),
        *([there], {"reverse": back}),
        *([back], {"reverse": there}),
    )
