"""A real worker process, killed with SIGKILL again and again while people go on editing.

The systems and the clock live in this process and are served to the worker over a socket; the state
is a database on disk. When a worker dies in the middle of a call, the call is carried out all the
same and its answer is lost, as it would be with a real system.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.managers import BaseManager
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from connectors.base import Capabilities
from tandem.chaos.people import People
from tandem.chaos.run import Outcome
from tandem.chaos.shape import Shape
from tandem.chaos.storm import Storm
from tandem.chaos.verdict import judge
from tandem.chaos.world import World, link_of
from tandem.clock import RandomIds
from tandem.log import configure
from tandem.settings import LinkConfig
from tandem.state.database import Database, migrate, open_engine
from tandem.sync.pipeline import Pipeline
from tandem.sync.run import LEASE

Progress = Callable[[int, int], None]
"""(kills, edits)"""

LONGEST_LIFE = 0.5
"""Seconds between a worker's first sign of life and its death, at most."""

PATIENCE = 60.0
"""Seconds that a worker has to come to life."""


_ATTRIBUTES = ("calls", "usage")
"""What of a connector is no method."""


class Served:
    """The systems and the clock of a world, for workers in other processes; one call at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.lock = threading.RLock()
        self.calls = 0

    def now(self) -> datetime:
        """The world's time."""
        return self._world.clock.now()

    def call(self, system: str, method: str, *arguments: Any, **named: Any) -> Any:
        """One call of a system; all pages of a reading at once."""
        with self.lock:
            self.calls += 1
            found = getattr(self._world.systems[system], method)
            answer = found if method in _ATTRIBUTES else found(*arguments, **named)
            return list(answer) if method == "read_changes" else answer


class _Server(BaseManager):
    """Serves one `Served` to those who know the key."""


# --- the process that is killed -----------------------------------------------------------------


class RemoteSystem:
    """A system of another process; every method of `Connector` is asked of it."""

    def __init__(self, served: Any, name: str, capabilities: Capabilities) -> None:
        self._served, self._name = served, name
        self.capabilities = capabilities

    def __getattr__(self, name: str) -> Any:
        if name in _ATTRIBUTES:
            return self._served.call(self._name, name)
        return partial(self._served.call, self._name, name)


class RemoteClock:
    """The clock of another process."""

    def __init__(self, served: Any) -> None:
        self._served = served

    def now(self) -> datetime:
        """The world's time."""
        moment: datetime = self._served.now()
        return moment

    def sleep(self, seconds: float) -> None:
        """Really wait."""
        time.sleep(seconds)


def work(
    address: Any,
    key: bytes,
    url: str,
    shape: Shape,
    config: LinkConfig,
    capabilities: Mapping[str, Capabilities],
) -> None:
    """Cycle after cycle, until the process is killed."""
    configure("ERROR")
    _Server.register("served")
    server = _Server(address=address, authkey=key)
    server.connect()
    served = server.served()  # type: ignore[attr-defined]  # registered above
    systems: Any = {name: RemoteSystem(served, name, able) for name, able in capabilities.items()}
    link = link_of(shape, config, systems, dict.fromkeys(systems, timedelta(0)))
    database = Database(open_engine(url))
    while True:
        pipeline = Pipeline(
            link, database, clock=RemoteClock(served), ids=RandomIds(), lane="chaos", batch=8
        )
        if pipeline.open():
            pipeline.cycle()
            pipeline.close()


# --- the process that kills ---------------------------------------------------------------------


def run(
    shape: Shape,
    *,
    kills: int,
    edits: int,
    seed: int = 0,
    progress: Progress = lambda _kills, _edits: None,
) -> Outcome:
    """Kill a worker so many times while so many edits are made; then calm and a verdict.

    The moments of death are real time: unlike a storm, a run cannot be replayed by its seed.
    """
    with TemporaryDirectory(prefix="tandem-chaos-") as folder:
        url = f"sqlite:///{Path(folder) / 'state.db'}"
        migrate(url)
        database = Database(open_engine(url))
        # A worker that waits for its rate in real time would do nothing in so short a life.
        world = World(shape, database, seed, limited=False)
        storm = Storm(world)
        served = Served(world)
        with _serving(served) as (address, key):
            capabilities = {name: s.capabilities for name, s in world.systems.items()}
            given = (address, key, url, shape, world.config, capabilities)
            while world.tally.kills < kills:
                _one_life(world, storm.people, served, given, -(-edits // kills))
                progress(world.tally.kills, world.tally.edits)
        storm.calm()
        verdict = judge(world, storm.restless)
        database.close()
    return Outcome(seed, asdict(world.tally), verdict)


@contextmanager
def _serving(served: Served) -> Iterator[tuple[Any, bytes]]:
    key = os.urandom(16)
    _Server.register("served", callable=lambda: served)
    server = _Server(address=("127.0.0.1", 0), authkey=key).get_server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.address, key
    finally:
        server.stop_event.set()  # type: ignore[attr-defined]  # made by serve_forever


def _one_life(
    world: World, people: People, served: Served, given: tuple[Any, ...], edits: int
) -> None:
    """Start a worker, edit while it works, kill it at a moment that nobody can foresee."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    calls, threads = served.calls, set(threading.enumerate())
    process = context.Process(target=work, args=given, daemon=True)
    process.start()
    try:
        _wait_for_life(process, served, calls)
        life = world.draw.random() * LONGEST_LIFE
        for _ in range(edits):
            with served.lock:
                before = world.tally.edits
                while world.tally.edits == before:
                    people.act()
                world.clock.advance(world.draw.choice((0, 0.3, 1)))
            time.sleep(life / edits)
    finally:
        process.kill()
        process.join()
        # The call that it died in ends long before its lease does, as it would in a real system.
        for connection in set(threading.enumerate()) - threads:
            connection.join(PATIENCE)
    if process.exitcode != -signal.SIGKILL:
        raise RuntimeError(f"the worker was gone before its time (exit code {process.exitcode})")
    world.tally.kills += 1
    with served.lock:
        world.clock.advance(LEASE.total_seconds() + 1)


def _wait_for_life(process: BaseProcess, served: Served, calls: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while served.calls == calls:
        if not process.is_alive() or time.monotonic() > deadline:
            raise RuntimeError(f"the worker did not come to life (exit code {process.exitcode})")
        time.sleep(0.002)
