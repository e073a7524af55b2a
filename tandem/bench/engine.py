"""Bench `engine`: what the pipeline itself costs, between two systems in memory.

    load    every account of one system is created in the other
    echo    the other system's pull brings our own writes back; nothing follows from them
    idle    a cycle in which nothing has changed: how many calls it costs
    delta   a share of the accounts is edited and brought over

Once with every field taken as text, which is the engine alone, and once with phones, e-mails and
web addresses going through their cleansers.

Each size runs in a process of its own, so that its peak memory is its own. What the two systems in
memory hold themselves is measured by a process that only fills them, and taken off.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from connectors.base import Operation, Write
from connectors.memory import MemorySystem
from tandem.app import App
from tandem.bench.accounts import (
    COLUMNS,
    LINK,
    accounts,
    installation,
    mapping,
    memory_system,
)
from tandem.log import configure

MEMORY_SIZES = (10_000, 100_000)
DELTA = 0.01
BATCH = 200

Progress = Callable[[str], None]


def run(
    records: Annotated[int, typer.Option(min=100, help="Accounts to bring over.")] = 10_000,
    memory: Annotated[
        bool, typer.Option(help="Measure peak memory at 10,000 and 100,000 accounts too.")
    ] = True,
) -> dict[str, Any]:
    """Records per second of the whole pipeline between systems in memory, and its peak memory."""
    sizes = dict.fromkeys((records, *(MEMORY_SIZES if memory else ())))
    runs = {size: _in_own_process("engine", size) for size in sizes}
    bare = {size: _in_own_process("fill", size)["peak_mb"] for size in sizes}
    report: dict[str, Any] = {"bench": "engine"} | runs[records]
    report["cleansed"] = _in_own_process("cleansed", records)
    report["memory"] = [
        {
            "records": size,
            "peak_mb": runs[size]["peak_mb"],
            "systems_mb": bare[size],
            "engine_mb": round(runs[size]["peak_mb"] - bare[size], 1),
        }
        for size in sorted(sizes)
    ]
    return report


def _in_own_process(what: str, records: int) -> dict[str, Any]:
    answer = subprocess.run(
        [sys.executable, "-m", "tandem.bench.engine", what, str(records)],
        stdout=subprocess.PIPE,
        check=True,
    )
    measured: dict[str, Any] = orjson.loads(answer.stdout)
    return measured


def measure(records: int, *, cleansed: bool = False) -> dict[str, Any]:
    """All phases for so many accounts, in this process; see `mapping` for `cleansed`."""
    systems = {"crm": memory_system(), "erp": memory_system()}
    mappings = {name: mapping(name, cleansed=cleansed) for name in systems}
    with installation(systems, mappings) as app:
        crm, erp = app.connector("crm"), app.connector("erp")
        assert isinstance(crm, MemorySystem)
        assert isinstance(erp, MemorySystem)
        ids = [crm.insert("account", values) for values in accounts(records)]
        load = _cycle(app)
        echo = _cycle(app)
        idle = _cycle(app)
        edited = ids[:: int(1 / DELTA)]
        for number, native_id in enumerate(edited):
            crm.edit("account", native_id, phone=f"+49 40 {3_000_000 + number}")
        delta = _cycle(app)
        held = len(erp.rows("account"))
    if held != records or delta["counts"].get("updates") != len(edited):
        raise RuntimeError(f"{held} of {records} accounts came over: nothing to measure")
    return {
        "records": records,
        "records_per_s": round(records / load["seconds"]),
        "records_per_core_s": round(records / load["core_seconds"]),
        "with_echo_per_core_s": round(records / (load["core_seconds"] + echo["core_seconds"])),
        "delta_per_core_s": round(len(edited) / delta["core_seconds"]),
        "idle_calls": idle["calls"],
        "idle_seconds": idle["seconds"],
        "phases": {"load": load, "echo": echo, "idle": idle, "delta": delta},
        "peak_mb": peak_mb(),
    }


def _cycle(app: App) -> dict[str, Any]:
    """One cycle of the pipeline and what it took; calls of both systems together."""
    connectors = [app.connector(name) for name in app.config.systems]
    pipeline = app.pipeline(LINK, lane="bench")
    assert pipeline.open()
    calls = sum(connector.calls for connector in connectors)
    wall, core = time.perf_counter(), time.process_time()
    pipeline.cycle()
    measured = {
        "seconds": round(time.perf_counter() - wall, 4),
        "core_seconds": round(time.process_time() - core, 4),
        "calls": sum(connector.calls for connector in connectors) - calls,
        "counts": dict(pipeline.counts.by_name),
    }
    pipeline.close()
    return measured


def fill(records: int) -> dict[str, Any]:
    """What the two systems hold at the end of a load, without a pipeline between them."""
    systems = {"crm": memory_system(), "erp": memory_system()}
    mappings = {name: mapping(name, cleansed=False) for name in systems}
    with installation(systems, mappings) as app:
        app.link(LINK)
        crm, erp = app.connector("crm"), app.connector("erp")
        assert isinstance(crm, MemorySystem)
        for values in accounts(records):
            crm.insert("account", values)
    for number, page in enumerate(crm.read_changes("account", COLUMNS, None)):
        batch = [
            Write(Operation.CREATE, f"{number}-{record.native_id}", values=dict(record.values))
            for record in page.records
        ]
        for start in range(0, len(batch), BATCH):
            erp.write("account", batch[start : start + BATCH])
    return {"records": records, "peak_mb": peak_mb()}


def peak_mb() -> float:
    """Most memory that this process ever held, in MB.

    Linux counts the parent's memory into a new process' `ru_maxrss`; its own peak is in /proc.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return round(int(line.split()[1]) / 1024, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)


_CHILDREN: dict[str, Callable[[int], dict[str, Any]]] = {
    "engine": measure,
    "cleansed": partial(measure, cleansed=True),
    "fill": fill,
}


def child(arguments: Sequence[str]) -> None:
    """Run one measurement and print it as JSON: what the processes of `run` do."""
    what, records = arguments
    configure()
    sys.stdout.buffer.write(orjson.dumps(_CHILDREN[what](int(records))))


if __name__ == "__main__":
    child(sys.argv[1:])
