"""Bench `load`: a first load into a real Tryton beside a bare loop of the same API calls.

The pipeline brings accounts from a system in memory into an empty Tryton, and every batch that it
sends is noted. Then the same Tryton is put back to empty, and a loop sends the same batches through
the same connector, with no logic around it. What the pipeline costs beyond what Tryton itself takes
is the difference between the two.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from connectors.base import Accepted, Connector, Write, WriteResult
from connectors.errors import RecordError
from connectors.memory import MemorySystem
from connectors.tryton import build
from tandem.app import DIRECTORIES, App
from tandem.bench.accounts import LINK, accounts, installation, mapping, memory_system
from tandem.demo.tryton import TrytonServer
from tandem.errors import TandemError
from tandem.sync.pipeline import Pipeline

STREAM = "party.organization"
COUNTRIES = ("DE",)


class LoadError(TandemError):
    """Not every account came over, so the figures would not mean anything."""

    code = "bench.load"


class Recorded:
    """A connector that notes every batch written through it; all else goes to the real one."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self.batches: list[tuple[str, list[Write]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        """See `Connector`."""
        self.batches.append((stream, list(writes)))
        return self._connector.write(stream, writes)


def run(
    records: Annotated[int, typer.Option(min=100, help="Accounts to load.")] = 5000,
    home: Annotated[Path, typer.Option(help="Folder for the Tryton that is loaded.")] = Path(
        ".tandem/bench/tryton"
    ),
    cleansed: Annotated[
        bool, typer.Option(help="Phones, e-mails and web addresses go through their cleansers.")
    ] = False,
) -> dict[str, Any]:
    """First-load throughput into a real Tryton as a ratio to a bare loop of the same API calls."""
    console = Console(stderr=True)
    erp = server(home, console)
    erp.prepare(countries=COUNTRIES)
    try:
        empty(erp)
        loaded, batches = _load(erp, records, cleansed=cleansed)
        console.print(f"pipeline: {loaded['seconds']:.1f} s")
        empty(erp)
        bare = _loop(erp, batches)
        console.print(f"bare loop: {bare['seconds']:.1f} s")
    finally:
        erp.stop()
    least = ceil(records / loaded.pop("write_batch"))
    return {
        "bench": "load",
        "records": records,
        "cleansed": cleansed,
        "ratio": round(bare["seconds"] / loaded["seconds"], 3),
        "records_per_s": round(records / loaded["seconds"], 1),
        "bare_records_per_s": round(records / bare["seconds"], 1),
        "calls_per_record": round(loaded["calls"] / records, 5),
        "least_calls_per_record": round(least / records, 5),
        "calls_to_least": round(loaded["calls"] / least, 3),
        "least_calls": least,
        "pipeline": loaded,
        "bare_loop": bare,
    }


def server(home: Path, console: Console) -> TrytonServer:
    """A Tryton of the bench's own in a folder; the environment is the one that the demo uses."""
    return TrytonServer(
        home,
        environment=Path(".tandem/tryton-env"),
        progress=lambda step, seconds: console.print(f"{step}: {seconds:.1f} s"),
    )


def empty(server: TrytonServer) -> None:
    """Put the server back to how it was prepared, and start it."""
    server.stop()
    server.reset()
    server.start()


def settings(server: TrytonServer) -> dict[str, str]:
    """Connector settings with the password as a reference, as they stand in a file."""
    return server.connector_settings() | {"password": f"file:{server.password_file.absolute()}"}


def erp_mapping(*, cleansed: bool) -> dict[str, Any]:
    """The mapping of the bench's account to a party; e-mails are a list in Tryton."""
    found = mapping("erp", cleansed=cleansed) | {"stream": STREAM}
    columns = found["fields"]["address"]["columns"]
    found["fields"]["address"]["columns"] = columns | {
        "house_number": "building_number",
        "postcode": "postal_code",
    }
    del found["fields"]["industry"]
    if cleansed:
        found["fields"]["emails"] = {"column": "emails", "transform": "emails"}
    else:
        found["fields"]["fax"] = "fax"
    return found


def _load(
    server: TrytonServer, records: int, *, cleansed: bool
) -> tuple[dict[str, Any], list[tuple[str, list[Write]]]]:
    """The pipeline's first load: figures, and the batches that it sent."""
    systems = {
        "crm": memory_system(),
        "erp": {"kind": "tryton", "settings": settings(server)},
    }
    mappings = {
        "crm": mapping("crm", cleansed=cleansed),
        "erp": erp_mapping(cleansed=cleansed),
    }
    with installation(systems, mappings) as app:
        crm = app.connector("crm")
        assert isinstance(crm, MemorySystem)
        for values in accounts(records):
            crm.insert("account", values)
        return _timed_cycle(app, records)


def _timed_cycle(app: App, records: int) -> tuple[dict[str, Any], list[tuple[str, list[Write]]]]:
    erp = app.connector("erp")
    link = app.link(LINK)
    recorded = Recorded(erp)
    link = replace(link, connectors={**link.connectors, "erp": recorded})
    pipeline = Pipeline(link, app.database, lane="bench")
    if not pipeline.open():
        raise LoadError("the bench's own link is held by somebody")
    calls, core, wall = erp.calls, time.process_time(), time.perf_counter()
    pipeline.cycle()
    measured = {
        "seconds": round(time.perf_counter() - wall, 3),
        "core_seconds": round(time.process_time() - core, 3),
        "calls": erp.calls - calls,
        "batches": len(recorded.batches),
        "counts": dict(pipeline.counts.by_name),
        "write_batch": erp.capabilities.write_batch,
    }
    pipeline.close()
    if pipeline.counts["creates"] != records:
        raise LoadError(f"{pipeline.counts['creates']} of {records} accounts came over")
    return measured, recorded.batches


def _warm_up(connector: Connector) -> None:
    """Log in and read the directories, as the pipeline has done before its first cycle."""
    connector.check()
    for name in DIRECTORIES:
        with suppress(RecordError):
            connector.directory(name)


def _loop(server: TrytonServer, batches: Sequence[tuple[str, list[Write]]]) -> dict[str, Any]:
    """The same batches again, by a loop that knows nothing."""
    connector = build(server.connector_settings())
    try:
        _warm_up(connector)
        calls, core, wall = connector.calls, time.process_time(), time.perf_counter()
        accepted = 0
        for stream, writes in batches:
            results = connector.write(stream, writes)
            accepted += sum(isinstance(result, Accepted) for result in results)
        measured = {
            "seconds": round(time.perf_counter() - wall, 3),
            "core_seconds": round(time.process_time() - core, 3),
            "calls": connector.calls - calls,
            "accepted": accepted,
        }
    finally:
        connector.close()
    if accepted != sum(len(writes) for _, writes in batches):
        raise LoadError(f"the bare loop got {accepted} writes accepted, the pipeline all of them")
    return measured
