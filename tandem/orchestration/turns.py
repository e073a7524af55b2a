"""Who may work on a link now: one worker at a time, and a way for a batch to ask for its turn.

Every lane takes the link's lease for as long as one pipeline run lasts. The live loop would keep it
for minutes, and a batch is many tasks, each a process with a run of its own. So a batch also holds
a *claim*: a second lease beside the link's own. The live loop sees it between two cycles, gives
way, and comes back when the claim is released or has expired.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import psutil  # type: ignore[import-untyped]  # comes with Airflow, its annotations do not
from sqlalchemy import Connection, select

from tandem.clock import Clock, RandomIds
from tandem.desk.groups import give_due
from tandem.errors import FencedError, TandemError
from tandem.state import lease
from tandem.state.database import Database
from tandem.state.tables import lease as leases
from tandem.sync.first_load import HOLDER
from tandem.sync.pipeline import Pipeline
from tandem.sync.types import Checkpoint, no_checkpoint

if TYPE_CHECKING:
    from tandem.app import App

Kind = TypeVar("Kind", bound=Pipeline)

POLL = 0.2
"""Seconds between two tries to take a lease that another worker holds."""

CLAIM = timedelta(minutes=10)
"""How long a claim outlives the step that renewed it: the next task starts or is tried again."""


class Lane(StrEnum):
    """What drives a run; stands in the run's record and begins the name of the lease's holder."""

    BATCH = "batch"
    EVENTS = "events"
    SWEEP = "sweep"
    LIVE = "live"


class LinkBusyError(TandemError):
    """Another worker kept the link for longer than we could wait; try again later."""

    code = "lease.busy"


class StopRequestedError(TandemError):
    """The task was asked to end; what was under way is taken up again by the next worker."""

    code = "run.stopped"


def holder_name(lane: Lane) -> str:
    """A holder's name that no other worker has, e.g. `live:host:4711:9f86d081`."""
    return f"{lane}:{socket.gethostname()}:{os.getpid()}:{RandomIds().new()[:8]}"


def held_by(database: Database, link: str, clock: Clock) -> str | None:
    """Name of the worker that holds a link's lease; None when it is free or its worker is dead."""
    with database.begin() as connection:
        row = connection.execute(
            select(leases.c.holder, leases.c.expires_at).where(leases.c.link == link)
        ).one_or_none()
    if row is None or row.expires_at <= clock.now() or is_dead(row.holder):
        return None
    return row.holder or None


def is_dead(holder: str) -> bool:
    """Whether a holder is a process of this machine that exists no more.

    >>> is_dead(holder_name(Lane.LIVE))
    False
    >>> is_dead("live:another-machine:4711:9f86d081")
    False
    """
    match holder.split(":"):
        case [*_, host, pid, _] if host == socket.gethostname() and pid.isdecimal():
            return not psutil.pid_exists(int(pid))
    return False


def _take_back(database: Database, link: str, clock: Clock) -> None:
    """End the lease of a dead worker at once: a crash shall not cost the minute it would run on."""
    with database.begin() as connection:
        holder = connection.execute(
            select(leases.c.holder).where(leases.c.link == link)
        ).scalar_one_or_none()
        if holder and is_dead(holder):
            _end(connection, link, holder, clock)


def _end(connection: Connection, name: str, holder: str, clock: Clock) -> None:
    """End a lease in its holder's name, if the holder has it.

    Taking it moves the token on, so that a holder that is still alive is fenced off.
    """
    now = clock.now()
    held = lease.acquire(connection, name, holder, now, CLAIM)
    if held is not None:
        lease.release(connection, held, now)


def end_bundles(database: Database, link: str, clock: Clock) -> None:
    """End the lease of those who settle bundles of a first load; one of them may still be alive."""
    if held_by(database, link, clock) == HOLDER:
        with database.begin() as connection:
            _end(connection, link, HOLDER, clock)


def claim(database: Database, link: str, clock: Clock) -> None:
    """Ask for the link on behalf of its batch, or renew that. A link has one batch at a time."""
    with database.begin() as connection:
        lease.acquire(connection, _claim(link), Lane.BATCH, clock.now(), CLAIM)


def claimed(database: Database, link: str, clock: Clock) -> bool:
    """Whether a batch has asked for the link."""
    return held_by(database, _claim(link), clock) is not None


def release(database: Database, link: str, clock: Clock) -> None:
    """Take the batch's claim back."""
    with database.begin() as connection:
        _end(connection, _claim(link), Lane.BATCH, clock)


def _claim(link: str) -> str:
    return f"{link}/batch"


def hold(
    app: App,
    link: str,
    lane: Lane,
    clock: Clock,
    *,
    wait: timedelta = timedelta(0),
    checkpoint: Checkpoint = no_checkpoint,
) -> AbstractContextManager[Pipeline]:
    """An ordinary run; see `hold_as`."""
    return hold_as(Pipeline, app, link, lane, clock, wait=wait, checkpoint=checkpoint)


@contextmanager
def hold_as(
    kind: type[Kind],
    app: App,
    link: str,
    lane: Lane,
    clock: Clock,
    *,
    wait: timedelta = timedelta(0),
    checkpoint: Checkpoint = no_checkpoint,
) -> Iterator[Kind]:
    """A run over a link under its lease, given back at the end however that comes.

    Args:
        kind: of run.
        app: the installation.
        link: name of the link.
        lane: see `Lane`.
        clock: measures the wait.
        wait: how long to wait for another worker to end.
        checkpoint: called by the pipeline between its steps.

    Raises:
        LinkBusyError: another worker held the link all that time.
        FencedError: another worker took over, because we did not renew the lease in time.
    """
    pipeline = new_run(kind, app, link, lane, clock, checkpoint)
    until = clock.now() + wait
    _take_back(app.database, link, clock)
    while not pipeline.open():
        if clock.now() >= until:
            raise LinkBusyError(f"link {link} is being worked on by another worker")
        clock.sleep(POLL)
        _take_back(app.database, link, clock)
    with ending(pipeline):
        yield pipeline


def new_run(
    kind: type[Kind],
    app: App,
    link: str,
    lane: Lane,
    clock: Clock,
    checkpoint: Checkpoint = no_checkpoint,
) -> Kind:
    """A run of this process over a link, not begun yet."""
    return kind(
        app.link(link),
        app.database,
        clock=clock,
        holder=holder_name(lane),
        lane=lane,
        checkpoint=checkpoint,
        give_answers=give_due,
    )


@contextmanager
def ending(pipeline: Pipeline) -> Iterator[None]:
    """Close a run at the end, with what has become of it."""
    outcome = "failed"
    try:
        yield
        outcome = "done"
    except FencedError:
        outcome = "fenced"
        raise
    except StopRequestedError:
        outcome = "stopped"
        raise
    finally:
        pipeline.close(outcome)
