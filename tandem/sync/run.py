"""A run over a link: its lease, what it counts, what it could not do. Drivers open and close it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from connectors.errors import ConnectorError
from tandem.clock import Clock, IdSource, RandomIds, SystemClock
from tandem.state import audit, lease, recovery, trend
from tandem.state.contract import StreamKey
from tandem.state.database import Database
from tandem.state.lease import Lease
from tandem.state.quota import Priority
from tandem.sync import restored, reunite
from tandem.sync.ceiling import Ceiling
from tandem.sync.contracts import Contracts
from tandem.sync.gate import Gate
from tandem.sync.governor import Governor, QuotaWaitError, govern
from tandem.sync.types import (
    BATCH_LANE,
    Checkpoint,
    Counts,
    GiveAnswers,
    Key,
    Link,
    no_answers,
    no_checkpoint,
)
from tandem.telemetry import Place

log = structlog.get_logger(__name__)

BATCH = 500
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Failure:
    """A stream that could not be read or written in this run, and why."""

    system: str
    stream: str
    error: ConnectorError


class Run:
    """Holds the lease of a link from `open` to `close`; every transaction proves it."""

    _duration = LEASE

    def __init__(
        self,
        link: Link,
        database: Database,
        *,
        clock: Clock | None = None,
        ids: IdSource | None = None,
        holder: str | None = None,
        lane: str = "cli",
        checkpoint: Checkpoint = no_checkpoint,
        give_answers: GiveAnswers = no_answers,
        batch: int = BATCH,
    ) -> None:
        self._database = database
        self._clock = clock or SystemClock()
        self._governor = Governor(database, self._clock, link.connectors, link.budgets)
        self._priority = Priority.BACKFILL if lane == BATCH_LANE else Priority.LIVE
        self._links = {p: govern(link, self._governor, p) for p in Priority}
        self._link = self._links[self._priority]
        self._ids = ids or RandomIds()
        self._holder = holder or f"{socket.gethostname()}:{os.getpid()}:{self._ids.new()[:8]}"
        self._lane = lane
        self._checkpoint = checkpoint
        self._give_answers = give_answers
        self._batch = batch
        self._lease: Lease | None = None
        self._missing: set[Key] = set()
        self._ceiling = Ceiling()
        self._recovering = False
        self.run_id = self._ids.new()
        self.counts = Counts()
        self._contracts = Contracts(
            self._link, self._begin, clock=self._clock, run_id=self.run_id, counts=self.counts
        )
        self.failures: list[Failure] = []
        self.waits: list[Failure] = []
        self._gate = Gate(
            self._link, begin=self._begin, clock=self._clock, run_id=self.run_id, counts=self.counts
        )
        self.place = Place()

    @property
    def counted(self) -> Mapping[str, int]:
        """What the run has done so far, for its traces."""
        return self.counts.by_name

    @property
    def named(self) -> Mapping[str, str]:
        """Which run it is, for its traces."""
        return {"link": self._link.name, "lane": self._lane, "run": self.run_id}

    def open(self) -> bool:
        """Take the lease and begin a run; False while another worker holds it."""
        now = self._clock.now()
        with self._database.begin() as connection:
            self._lease = lease.acquire(
                connection, self._link.name, self._holder, now, self._duration
            )
            if self._lease is None:
                return False
            self._give_answers(connection, self._link.name, now)
            restored.stop_if_asked(connection, self._link.name)
            audit.start_run(connection, self.run_id, self._link.name, self._lane, now)
            self._recovering = recovery.catching_up(
                connection, self._link.name, reunite.streams(self._link)
            )
        self._begin_run()
        return True

    def _begin_run(self) -> None:
        for system, (used, limit) in self._link.told.items():
            self._governor.told(system, used, limit)
        self.place.enter("run", self)
        self._contracts.begin_run()
        self._link = self._contracts.link
        log.info("run.started", link=self._link.name, run=self.run_id, lane=self._lane)

    def close(self, outcome: str = "done") -> None:
        """End the run and give the lease back."""
        if self._lease is None:
            return
        self._governor.close()
        now = self._clock.now()
        with self._database.begin() as connection:
            audit.finish_run(connection, self.run_id, outcome, self.counts.by_name, now)
            trend.note(connection, self._link.name, self.counts.by_name, now)
            self._give_back(connection)
        self._lease = None
        self.place.leave(self)
        log.info(
            "run.finished",
            link=self._link.name,
            run=self.run_id,
            outcome=outcome,
            **self.counts.by_name,
        )

    def _give_back(self, connection: Connection) -> None:
        assert self._lease is not None
        lease.release(connection, self._lease, self._clock.now())

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        assert self._lease is not None, "open() comes first"
        with self._database.begin() as connection:
            lease.prove(connection, self._lease, self._clock.now(), self._duration)
            yield connection

    def _inspect(self, streams: Iterable[StreamKey]) -> bool:
        """Compare streams with their contracts; True when something else rests from now on."""
        streams = list(streams)
        changed = bool(streams) and self._contracts.inspect(streams)
        self._link = self._contracts.link
        return changed

    def _failed(self, system: str, stream: str, error: ConnectorError) -> None:
        if isinstance(error, QuotaWaitError):
            # Nothing is wrong: the work stays where it is until calls are left for it.
            self.waits.append(Failure(system, stream, error))
            self.counts.add("waiting")
            log.info("system.awaited", link=self._link.name, system=system, stream=stream)
            return
        self.failures.append(Failure(system, stream, error))
        self.counts.add("failures")
        log.warning(
            "system.failed", link=self._link.name, system=system, stream=stream, code=error.code
        )
