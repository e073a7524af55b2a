"""Bench `bundles`: a large first load by one worker, and cut into bundles that several settle.

Both systems are full, as in the bench `connect`. Each time the same inbox is worked off, and what
comes of it is compared. Needs PostgreSQL: SQLite has one writer.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from connectors.memory import MemorySystem
from tandem.app import App
from tandem.bench.accounts import LINK, installation, mapping, memory_system
from tandem.bench.connect import filling
from tandem.bench.scratch import scratch
from tandem.errors import ConfigError
from tandem.log import configure
from tandem.settings import Settings
from tandem.state.outbox import PushState
from tandem.state.review import ReviewState
from tandem.state.tables import crosswalk, outbox, review
from tandem.sync.first_load import FirstLoad, Settler, Share, look

OBJECT = "account"
BUNDLES_PER_WORKER = 3

Report = Callable[[str], None]
Done = TypeVar("Done")


def run(
    records: Annotated[int, typer.Option(min=100, help="Accounts in each system.")] = 10_000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the load.")] = 2,
    database: Annotated[
        str,
        typer.Option(
            help="PostgreSQL server; databases are made there and dropped.",
            envvar="TANDEM_BENCH_DATABASE",
        ),
    ] = "postgresql://localhost/postgres",
    *,
    report: Report,
) -> dict[str, Any]:
    """A large first load by one worker and by several: how many times as fast they are."""
    if make_url(database).get_backend_name() != "postgresql":
        raise ConfigError("the bench needs PostgreSQL: SQLite has one writer")
    import_module("great_expectations")  # loaded by the first gate; that is not measured here
    report(f"one worker, {records} accounts in each system")
    alone = _measure(database, records, _alone)
    report(f"{workers} workers")
    rows = max(100, 2 * records // (workers * BUNDLES_PER_WORKER))
    beside = _measure(database, records, lambda app: _beside(app, workers, rows))
    return {
        "bench": "bundles",
        "records": records,
        "workers": workers,
        "cores": os.cpu_count(),
        "alone": alone,
        "beside": beside,
        "times_as_fast": round(alone["seconds"] / beside["seconds"], 2),
        "same": alone["outcome"] == beside["outcome"],
    }


def _measure(server: str, records: int, work: Callable[[App], dict[str, float]]) -> dict[str, Any]:
    systems = {"crm": memory_system(), "erp": memory_system()}
    mappings = {name: mapping(name, cleansed=True) for name in systems}
    with scratch(server) as url, installation(systems, mappings, url) as app:
        for name, rows in filling(records).items():
            system = app.connector(name)
            assert isinstance(system, MemorySystem)
            for row in rows:
                system.insert(OBJECT, row)
        with _open(app.pipeline(LINK, lane="bench")) as pipeline:
            pipeline.pull()
        steps = work(app)
        seconds = round(sum(steps.values()), 1)
        return {"seconds": seconds, "steps": steps, "outcome": _outcome(app)}


def _alone(app: App) -> dict[str, float]:
    clock = _Stopwatch()
    with _open(app.pipeline(LINK, lane="bench")) as pipeline:
        pipeline.drain(push=False)
    clock.note("work_off")
    return clock.noted


def _beside(app: App, workers: int, rows: int) -> dict[str, float]:
    """Seconds by step. The workers are there already, as Airflow's are."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, spawn, _begin_worker, (app.settings,)) as pool:
        list(pool.map(_is_there, range(workers)))
        clock = _Stopwatch()
        with _open(_first_load(app)) as first:
            shares = first.shares(OBJECT, least=1, rows=rows)
        clock.note("shares")
        list(pool.map(_look, shares))
        clock.note("look")
        with _open(_first_load(app)) as first:
            found = first.cut(OBJECT, rows=rows)
            token = first.pass_on()
        clock.note("cut")
        list(pool.map(_settle, [(token, number) for number in found]))
        clock.note("settle")
    return clock.noted


class _Stopwatch:
    def __init__(self) -> None:
        self.noted: dict[str, float] = {}
        self._at = time.perf_counter()

    def note(self, name: str) -> None:
        now = time.perf_counter()
        self.noted[name] = round(now - self._at, 1)
        self._at = now


def _first_load(app: App) -> FirstLoad:
    return FirstLoad(app.link(LINK), app.database, lane="bench")


Opened = TypeVar("Opened", bound=Any)


@contextmanager
def _open(pipeline: Opened) -> Iterator[Opened]:
    if not pipeline.open():
        raise ConfigError("the bench's own link is held by somebody")
    yield pipeline
    pipeline.close()


def _outcome(app: App) -> dict[str, int]:
    """How many records are linked, questions open and writes intended."""
    queries = {
        "linked": select(func.count()).select_from(crosswalk),
        "asked": select(func.count()).where(review.c.state == ReviewState.OPEN),
        "intended": select(func.count()).where(outbox.c.state == PushState.INTENDED),
    }
    with app.database.begin() as connection:
        return {name: connection.execute(query).scalar_one() for name, query in queries.items()}


# --- in a worker's process ----------------------------------------------------------------------

_apps: list[App] = []


def _begin_worker(settings: Settings) -> None:
    # A session of its own, as Airflow's tasks have: Linux deals out a busy machine by sessions.
    os.setsid()
    configure("ERROR")
    app = App(settings)
    app.link(LINK)
    _apps.append(app)


def _is_there(_number: int) -> None:
    time.sleep(0.5)  # so that every worker gets one


def _look(share: Share) -> None:
    (app,) = _apps
    with app.database.begin() as connection:
        look(connection, app.link(LINK), OBJECT, share)


def _settle(bundle: Sequence[int]) -> None:
    (app,) = _apps
    token, number = bundle
    settler = Settler(app.link(LINK), app.database, lane="bench")
    settler.join(token)
    settler.settle(OBJECT, number)
    settler.close()
