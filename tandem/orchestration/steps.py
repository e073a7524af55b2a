"""What the tasks do: plain functions over an installation, with no Airflow in them.

Each step is one pipeline run under the link's lease and returns counts, never records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import select

from connectors.errors import RetryableError
from tandem.clock import Clock, SystemClock
from tandem.errors import ConfigError, FencedError
from tandem.orchestration import turns
from tandem.orchestration.lanes import Mode
from tandem.orchestration.turns import Lane, LinkBusyError, StopRequestedError
from tandem.state import inbox
from tandem.state.inbox import InboxState
from tandem.state.outbox import PushState
from tandem.state.tables import outbox
from tandem.sync.first_load import BUNDLE, LEAST, FirstLoad, Settler, Share
from tandem.sync.first_load import look as look_at
from tandem.sync.pipeline import Pipeline
from tandem.sync.plan import plan as plan_link
from tandem.sync.types import Window

if TYPE_CHECKING:
    from tandem.app import App
    from tandem.sync.run import Failure

log = structlog.get_logger(__name__)

Report = dict[str, int | str]
"""Counts by name, the id of the run, and `lease` when there was nothing to do but leave."""

PATIENCE = timedelta(minutes=1)
"""How long a doorbell or a sweep waits for another worker; the next one comes soon."""

TO_SEND = (PushState.INTENDED, PushState.SENDING, PushState.UNKNOWN)
"""Intents that a step may do something about: send them, or find out what became of them."""

SLICE = 0.25
"""Longest sleep of the live loop, in seconds: how late it may notice that it shall end."""

SLOWEST = timedelta(seconds=30)
"""Longest pause between two cycles while a system is out of reach, unless `interval` is longer."""

BEAT = timedelta(seconds=30)
"""How often the live loop says in its log that it is alive."""


def window_of(params: Mapping[str, Any]) -> Window:
    """The bounds of a backfill; moments without a zone are UTC.

    >>> window_of({"since": "2026-03-01T00:00:00", "until": None}).since.isoformat()
    '2026-03-01T00:00:00+00:00'

    Raises:
        ConfigError: the window is open at both ends, or ends before it begins.
    """
    since, until = (_moment(params.get(name)) for name in ("since", "until"))
    if since is None and until is None:
        raise ConfigError("mode 'backfill' needs 'since', 'until' or both")
    if since is not None and until is not None and until < since:
        raise ConfigError("'until' comes before 'since'")
    return Window(since, until)


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# The batch lane, one step per task


def read(app: App, link: str, system: str, mode: Mode, clock: Clock | None = None) -> Report:
    """Bring what one system holds, or what changed in it, into the inbox."""

    def work(pipeline: Pipeline) -> None:
        _begin(app, link, pipeline)
        if mode is Mode.CHANGES:
            pipeline.pull(system)
        else:
            pipeline.compare(system)
            # A full reading that had to wait for calls is not whole: the task is tried again.
            _raise_worst(pipeline.waits)

    return _batch_step(app, link, work, clock)


def backfill(app: App, link: str, window: Window, clock: Clock | None = None) -> Report:
    """Bring what was modified in a window into the inbox, from every system."""

    def work(pipeline: Pipeline) -> None:
        _begin(app, link, pipeline)
        pipeline.backfill(window)

    return _batch_step(app, link, work, clock)


def work_off(app: App, link: str, clock: Clock | None = None) -> Report:
    """Bring the inbox into the chains, deciding every write and sending none."""
    if not (_waits_in_inbox(app, link) or _waits_in_outbox(app, link, None)):
        return {}

    def work(pipeline: Pipeline) -> None:
        pipeline.settle_doubts()
        pipeline.drain(push=False)

    return _batch_step(app, link, work, clock)


# A first load of two full systems, cut so that several tasks settle it; see tandem.sync.first_load


def shares(app: App, link: str, object_name: str, clock: Clock | None = None) -> list[Share]:
    """What of an object's first load is to be looked at; nothing where one worker does as well."""
    if app.database.engine.dialect.name != "postgresql" or not _waits_in_inbox(app, link):
        return []  # SQLite has one writer anyway
    found: list[Share] = []

    def work(pipeline: FirstLoad) -> None:
        found.extend(pipeline.shares(object_name, least=LEAST, rows=BUNDLE))

    _batch_run(FirstLoad, app, link, work, clock)
    return found


def look(app: App, link: str, object_name: str, share: Share, clock: Clock | None = None) -> Report:
    """Look at the rows of a share; several tasks do so at a time."""
    turns.claim(app.database, link, clock or SystemClock())
    prepared = app.link(link)
    first, last = share
    with app.database.begin() as connection:
        return {"looked_at": look_at(connection, prepared, object_name, (first, last))}


def cut(app: App, link: str, object_name: str, clock: Clock | None = None) -> list[dict[str, int]]:
    """The bundles of a first load, each with the token under which it is settled."""
    found: list[dict[str, int]] = []

    def work(pipeline: FirstLoad) -> None:
        numbers = pipeline.cut(object_name, rows=BUNDLE)
        if numbers:
            token = pipeline.pass_on()
            found.extend({"bundle": number, "token": token} for number in numbers)

    _batch_run(FirstLoad, app, link, work, clock)
    return found


def settle(
    app: App, link: str, object_name: str, bundle: Mapping[str, int], clock: Clock | None = None
) -> Report:
    """Settle a bundle beside others. Another worker that took over works off what is left."""
    clock = clock or SystemClock()
    turns.claim(app.database, link, clock)
    pipeline = turns.new_run(Settler, app, link, Lane.BATCH, clock)
    try:
        with turns.ending(pipeline):
            pipeline.join(bundle["token"])
            pipeline.settle(object_name, bundle["bundle"])
    except FencedError:
        return {"lease": "fenced"}
    turns.claim(app.database, link, clock)
    return _report(pipeline)


def push(app: App, link: str, system: str, clock: Clock | None = None) -> Report:
    """Send to one system what was decided."""
    if not _waits_in_outbox(app, link, system):
        return {}

    def work(pipeline: Pipeline) -> None:
        pipeline.counts.add("sent", pipeline.push(system))

    return _batch_step(app, link, work, clock)


def drain(app: App, link: str, clock: Clock | None = None) -> Report:
    """Work and push in turns until nothing is left that can be done now."""
    if not (_waits_in_inbox(app, link) or _waits_in_outbox(app, link, None)):
        return {}
    return _batch_step(app, link, lambda pipeline: pipeline.drain(), clock)


def plan(app: App, link: str) -> Report:
    """Count what a run would write, by object, system and operation, without writing it."""
    planned = plan_link(app.link(link), app.database, limit=0)
    writes: Report = {
        f"{object_name}.{system}.{operation}": count
        for object_name, systems in planned.totals.items()
        for system, operations in systems.items()
        for operation, count in operations.items()
    }
    return {"would_write": planned.total, **writes}


def release(app: App, link: str, clock: Clock | None = None) -> None:
    """End the batch: the live loop may come back."""
    clock = clock or SystemClock()
    turns.end_bundles(app.database, link, clock)
    turns.release(app.database, link, clock)


def total(reports: Iterable[Report | None]) -> Report:
    """The counts of several steps as one.

    >>> total([{"run": "1f", "read": 3}, None, {"run": "2e", "read": 4, "sent": 1}])
    {'read': 7, 'sent': 1}
    """
    summed: Report = {}
    for report in reports:
        for name, count in (report or {}).items():
            if isinstance(count, int):
                summed[name] = int(summed.get(name, 0)) + count
    return summed


def _begin(app: App, link: str, pipeline: Pipeline) -> None:
    """What every cycle begins with, see `Pipeline.cycle`."""
    with app.database.begin() as connection:
        inbox.retry_deferred(connection, link)
    pipeline.settle_doubts()


# Whether there is work is asked before a link is built, because building it costs calls to every
# system; a nightly compare that finds nothing is the common case.


def _waits_in_inbox(app: App, link: str) -> bool:
    with app.database.begin() as connection:
        return inbox.counts(connection, link).get(InboxState.NEW, 0) > 0


def _waits_in_outbox(app: App, link: str, system: str | None) -> bool:
    waiting = select(outbox.c.id).where(outbox.c.link == link, outbox.c.state.in_(TO_SEND)).limit(1)
    if system is not None:
        waiting = waiting.where(outbox.c.system == system)
    with app.database.begin() as connection:
        return connection.execute(waiting).first() is not None


def _batch_step(
    app: App, link: str, work: Callable[[Pipeline], None], clock: Clock | None
) -> Report:
    return _batch_run(Pipeline, app, link, work, clock)


def _batch_run(
    kind: type[turns.Kind],
    app: App,
    link: str,
    work: Callable[[turns.Kind], None],
    clock: Clock | None,
) -> Report:
    clock = clock or SystemClock()
    turns.claim(app.database, link, clock)
    turns.end_bundles(app.database, link, clock)
    # The live loop gives way at its next step; a run from the command line may last as long as
    # a lease does.
    wait = app.config.links[link].schedule.lease + PATIENCE
    with turns.hold_as(kind, app, link, Lane.BATCH, clock, wait=wait) as pipeline:
        work(pipeline)
        turns.claim(app.database, link, clock)
        _raise_worst(pipeline.failures)
    return _report(pipeline)


def _raise_worst(failures: Iterable[Failure]) -> None:
    """Let the task fail by what a system could not give; what the others gave is stored.

    An error that repeating does not cure goes before one that it may.
    """
    errors = sorted(
        (failure.error for failure in failures), key=lambda e: isinstance(e, RetryableError)
    )
    if errors:
        raise errors[0]


def _report(pipeline: Pipeline) -> Report:
    return {"run": pipeline.run_id, **pipeline.counts.by_name}


# The event lane and its timed twin


def cycle(app: App, link: str, lane: Lane, clock: Clock | None = None) -> Report:
    """Pull what changed and work until nothing is left.

    While the live loop holds the link there is nothing to do: it sees the change itself.
    """
    clock = clock or SystemClock()
    holder = turns.held_by(app.database, link, clock) or ""
    if holder.startswith(f"{Lane.LIVE}:"):
        return {"lease": "held"}
    try:
        with turns.hold(app, link, lane, clock, wait=PATIENCE) as pipeline:
            pipeline.cycle()
            _raise_worst(pipeline.failures)
    except LinkBusyError:
        return {"lease": "held"}
    except FencedError:
        return {"lease": "fenced"}
    return _report(pipeline)


# The live lane


class LiveLoop:
    """One bounded stretch of the live lane: cycles, pauses, and ways out.

    It ends when its time is over, when `stop` was called, or when another worker took over; a new
    stretch follows at once. It gives way while a batch claims the link. While a system is out of
    reach its pauses grow; an error that repeating does not cure ends it, and Airflow tries again
    ever more slowly.
    """

    def __init__(self, app: App, link: str, clock: Clock | None = None) -> None:
        self._app = app
        self._link = link
        self._clock = clock or SystemClock()
        self._schedule = app.config.links[link].schedule
        self._until = self._clock.now() + self._schedule.lease
        self._stopped = False
        self._counts: Report = {}
        self._failed_cycles = 0
        self._next_beat = self._clock.now()

    def stop(self) -> None:
        """End at the next step; may be called from a signal's handler."""
        self._stopped = True

    def run(self) -> Report:
        """Work until the stretch is over. Returns counts, `cycles` among them."""
        while not self._over():
            if self._others_turn():
                self._pause()
                continue
            try:
                self._hold()
            except LinkBusyError:
                self._pause()
            except FencedError:
                return self._counts | {"lease": "fenced"}
            except StopRequestedError:
                break
        return self._counts

    def _hold(self) -> None:
        with turns.hold(
            self._app, self._link, Lane.LIVE, self._clock, checkpoint=self._checkpoint
        ) as pipeline:
            try:
                while not self._over():
                    self._cycle(pipeline)
                    self._beat(pipeline)
                    if turns.claimed(self._app.database, self._link, self._clock):
                        return
                    self._pause()
            finally:
                self._counts = total([self._counts, _report(pipeline)])

    def _cycle(self, pipeline: Pipeline) -> None:
        before = len(pipeline.failures)
        pipeline.cycle()
        pipeline.counts.add("cycles")
        failures = pipeline.failures[before:]
        self._failed_cycles = self._failed_cycles + 1 if failures else 0
        _raise_worst(f for f in failures if not isinstance(f.error, RetryableError))

    def _others_turn(self) -> bool:
        # Asked first, because building a link to no avail costs calls to its systems.
        database = self._app.database
        return (
            turns.claimed(database, self._link, self._clock)
            or turns.held_by(database, self._link, self._clock) is not None
        )

    def _over(self) -> bool:
        return self._stopped or self._clock.now() >= self._until

    def _pause(self) -> None:
        slower = self._schedule.interval * 2 ** min(self._failed_cycles, 10)
        pause = max(self._schedule.interval, min(slower, SLOWEST))
        until = self._clock.now() + pause
        while not self._over() and (left := (until - self._clock.now()).total_seconds()) > 0:
            self._clock.sleep(min(left, SLICE))

    def _checkpoint(self, _step: str) -> None:
        # Between two steps everything is stored, so this is as good a place to stop as any.
        if self._stopped:
            raise StopRequestedError(f"link {self._link}: the live loop was asked to end")

    def _beat(self, pipeline: Pipeline) -> None:
        if self._clock.now() >= self._next_beat:
            log.info("live.beaten", link=self._link, **pipeline.counts.by_name)
            self._next_beat = self._clock.now() + BEAT
