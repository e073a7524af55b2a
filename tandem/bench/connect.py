"""Bench `connect`: two full systems, one of them a real Tryton, connected for the first time.

Of every 100 accounts of a side 70 are in both systems, spelled differently, 5 may be in both (the
name agrees, the phone does not), and 25 are in one alone. The first run links, asks and creates; a
second one with a full compare must find nothing to write. What came out is read back from the two
systems.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from sqlalchemy import func, select

from connectors.base import Accepted, Operation, Write
from connectors.memory import MemorySystem
from tandem.app import App
from tandem.bench.accounts import LINK, accounts, installation, mapping, memory_system
from tandem.bench.engine import peak_mb
from tandem.bench.load import COUNTRIES, STREAM, LoadError, empty, erp_mapping, settings
from tandem.bench.load import server as tryton
from tandem.state.tables import inbox, review
from tandem.sync.pipeline import Pipeline

SAME, AMBIGUOUS = 0.70, 0.05

Account = dict[str, str]


def run(
    records: Annotated[int, typer.Option(min=100, help="Accounts in each system.")] = 10_000,
    home: Annotated[Path, typer.Option(help="Folder for the Tryton that is connected.")] = Path(
        ".tandem/bench/tryton"
    ),
) -> dict[str, Any]:
    """Links, questions and creates of a first connection, and whether a second run is idle."""
    console = Console(stderr=True)
    server = tryton(home, console)
    server.prepare(countries=COUNTRIES)
    empty(server)
    try:
        systems = {"crm": memory_system(), "erp": {"kind": "tryton", "settings": settings(server)}}
        mappings = {"crm": mapping("crm", cleansed=True), "erp": erp_mapping(cleansed=True)}
        with installation(systems, mappings) as app:
            _fill(app, records)
            console.print(f"{records} accounts stand in each system")
            return {"bench": "connect", "records": records} | _measure(app)
    finally:
        server.stop()


def _fill(app: App, records: int) -> None:
    """Both systems as people have filled them, each without a thought of the other."""
    firms = filling(records)
    crm = app.connector("crm")
    assert isinstance(crm, MemorySystem)
    for firm in firms["crm"]:
        crm.insert("account", firm)
    _fill_erp(app, firms["erp"])


def filling(records: int) -> dict[str, list[Account]]:
    """What stands in each of the two systems, so many accounts in each."""
    same, ambiguous = round(records * SAME), round(records * AMBIGUOUS)
    alone = records - same - ambiguous
    firms = accounts(same + ambiguous + 2 * alone)
    both = list(islice(firms, same))
    perhaps = [{"name": f["name"], "phone": f["phone"]} for f in islice(firms, ambiguous)]
    return {
        "crm": [*both, *perhaps, *islice(firms, alone)],
        "erp": [*map(_respelled, both), *map(_another_phone, perhaps), *firms],
    }


def _respelled(firm: Account) -> Account:
    """The firm as another person typed it."""
    return firm | {
        "name": firm["name"].upper(),
        "phone": firm["phone"].replace("+49 ", "0"),
        "website": firm["website"].removeprefix("https://www.").rstrip("/"),
    }


def _another_phone(firm: Account) -> Account:
    return firm | {"phone": firm["phone"].replace("+49 30", "+49 40")}


def _fill_erp(app: App, firms: list[Account]) -> None:
    erp, rules = app.connector("erp"), app.link(LINK).objects["account"]
    theirs, ours = rules.mappings["crm"], rules.mappings["erp"]

    def native(firm: Account) -> dict[str, Any]:
        values = theirs.read(firm).values
        return ours.write({name: values[name] for name in ours.fields if name in values})

    writes = (
        Write(Operation.CREATE, f"filled-{number}", None, native(firm))
        for number, firm in enumerate(firms)
    )
    for batch in _batches(writes, erp.capabilities.write_batch):
        results = erp.write(STREAM, batch)
        if not all(isinstance(result, Accepted) for result in results):
            raise LoadError("the ERP could not be filled: it refused accounts of the bench")


def _batches(writes: Iterator[Write], size: int) -> Iterator[list[Write]]:
    while batch := list(islice(writes, size)):
        yield batch


def _measure(app: App) -> dict[str, Any]:
    erp = app.connector("erp")
    calls = erp.calls
    first = _run(app)
    first["erp_calls"] = erp.calls - calls
    second = _run(app, compare=True)
    crm = app.connector("crm")
    assert isinstance(crm, MemorySystem)
    in_erp = sum(len(page.records) for page in erp.read_changes(STREAM, ("name",), None))
    return {
        "first": first,
        "second": second,
        "idle": not {"creates", "updates", "deletes"} & second["counts"].keys(),
        "questions": _questions(app),
        "waiting": _waiting(app),
        "in_crm": len(crm.rows("account")),
        "in_erp": in_erp,
        "peak_mb": peak_mb(),
    }


def _run(app: App, *, compare: bool = False) -> dict[str, Any]:
    pipeline: Pipeline = app.pipeline(LINK, lane="bench")
    if not pipeline.open():
        raise LoadError("the bench's own link is held by somebody")
    core, wall = time.process_time(), time.perf_counter()
    pipeline.cycle()
    if compare:
        pipeline.compare()
        pipeline.drain()
    measured = {
        "seconds": round(time.perf_counter() - wall, 1),
        "core_seconds": round(time.process_time() - core, 1),
        "counts": dict(pipeline.counts.by_name),
    }
    pipeline.close()
    return measured


def _questions(app: App) -> dict[str, int]:
    with app.database.begin() as connection:
        rows = connection.execute(
            select(review.c.kind, func.count().label("open")).group_by(review.c.kind)
        )
        return {row.kind: row.open for row in rows}


def _waiting(app: App) -> int:
    with app.database.begin() as connection:
        return connection.execute(select(func.count()).select_from(inbox)).scalar_one()
