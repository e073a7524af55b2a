"""`tandem sync`: run the pipeline over a link, once or until it is stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from connectors.errors import RecordError, RetryableError
from tandem.cli.exits import Exit, epilog
from tandem.cli.failure import LeaseHeldError, UsageError, exit_of, told
from tandem.cli.lazy import with_epilog
from tandem.cli.meter import Meter
from tandem.cli.output import Json, errors, grid, show
from tandem.errors import NotFoundError

if TYPE_CHECKING:
    from connectors.base import Connector
    from tandem.app import App
    from tandem.mapping.compiler import CompiledMapping
    from tandem.state.database import Database
    from tandem.state.reader import Reader
    from tandem.sync.pipeline import Pipeline
    from tandem.sync.types import Link

LIVE = "live"
PATIENCE = timedelta(seconds=60)
"""How long a live loop has to give way."""


@with_epilog(
    epilog(
        Exit.CONFIG,
        Exit.OUT_OF_REACH,
        Exit.LEASE_HELD,
        Exit.NOT_FOUND,
        attention="writes were rejected or records went into quarantine",
    )
)
def sync(
    link: Annotated[str, typer.Argument(metavar="LINK", help="Name of the link.")],
    live: Annotated[
        bool, typer.Option("--live", help="Go on until Ctrl-C, at the interval of its schedule.")
    ] = False,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="SYSTEM:ID", help="Read this record, then what waits."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Compare every record, not only what has changed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring the systems of a link into agreement.

    Reads what has changed, decides, writes what follows, and tells as counts what was done. Ctrl-C
    ends a live sync after the cycle it is in; a second one ends it at once. Nothing is lost either
    way: what was not finished is finished by the next sync.
    """
    if only and (live or full):
        raise UsageError("--only goes with neither --live nor --full")
    from tandem.cli.installation import installation, reading

    with installation() as app, reading(app) as reader:
        compiled = app.link(link)
        with _working(app, reader, compiled, LIVE if live else "cli") as pipeline:
            if only:
                pipeline.hint(*_wanted(reader, compiled, only))
                pipeline.drain()
            elif live:
                _go_on(pipeline, compiled.config.schedule.interval.total_seconds(), full=full)
            else:
                _once(pipeline, full=full)
        counts = dict(pipeline.counts.by_name)
        unsent = reader.unsent(link)
    failures = [] if live else told(pipeline.failures)
    document = {"link": link, "run": pipeline.run_id, "counts": counts, "unsent": unsent}
    show(
        document | {"failures": failures},
        lambda console: _tell(console, link, counts, unsent),
        as_json=as_json,
    )
    raise typer.Exit(exit_of(failures) or _exit(counts))


def _exit(counts: Mapping[str, int]) -> Exit:
    wrong = counts.get("rejected", 0) + counts.get("quarantined", 0)
    return Exit.ATTENTION if wrong else Exit.OK


@contextmanager
def _working(app: App, reader: Reader, link: Link, lane: str) -> Iterator[Pipeline]:
    """A pipeline that holds the link; its run ends with the block, however that ends."""
    from tandem.desk.groups import give_due
    from tandem.sync.pipeline import Pipeline
    from tandem.sync.types import no_checkpoint

    console = errors()
    meter = Meter(app.database, link.name)
    pipeline = Pipeline(
        link,
        app.database,
        lane=lane,
        checkpoint=meter.step if console.is_terminal else no_checkpoint,
        give_answers=give_due,
    )
    with _turn(app.database, pipeline, link.name, lane) as taken:
        if not taken:
            held = reader.holder(link.name)
            by = f" by {held.holder} until {held.expires_at:%H:%M:%S} UTC" if held else ""
            raise LeaseHeldError(f"link '{link.name}' is being worked on{by}")
        yield from _run(pipeline, meter, console, lane)


@contextmanager
def _turn(database: Database, pipeline: Pipeline, link: str, lane: str) -> Iterator[bool]:
    """Open the pipeline; True once the link is ours.

    A live loop that holds it is asked to give way, which it does between two of its cycles.
    """
    from tandem.clock import SystemClock
    from tandem.orchestration import turns

    clock = SystemClock()
    by_live = (turns.held_by(database, link, clock) or "").startswith(turns.Lane.LIVE)
    ask = lane != LIVE and by_live and not turns.claimed(database, link, clock)
    if ask:
        turns.claim(database, link, clock)
    try:
        until = clock.now() + (PATIENCE if ask else timedelta(0))
        while not (taken := pipeline.open()) and clock.now() < until:
            clock.sleep(turns.POLL)
        yield taken
    finally:
        if ask:
            turns.release(database, link, clock)


def _run(pipeline: Pipeline, meter: Meter, console: Console, lane: str) -> Iterator[Pipeline]:
    outcome = "failed"
    try:
        with meter.shown(pipeline, console):
            yield pipeline
        if lane == LIVE or not pipeline.failures:
            outcome = "done"
    except KeyboardInterrupt:
        outcome = "stopped"
        raise
    finally:
        pipeline.close(outcome)


def _wanted(reader: Reader, link: Link, only: str) -> tuple[str, str, str]:
    """(object, system, native id) of SYSTEM:ID, by asking each mapped stream of the system for it.

    Raises:
        UsageError: `only` is not SYSTEM:ID, or the system is not in the link.
        NotFoundError: no mapped stream of the system has such a record, and none had.
    """
    system, colon, native_id = only.partition(":")
    if not colon or not native_id or system not in link.connectors:
        raise UsageError(f"--only takes SYSTEM:ID with a system of {', '.join(link.connectors)}")
    for object_name, rules in link.objects.items():
        mapping = rules.mappings.get(system)
        if mapping and _is_there(link.connectors[system], mapping, native_id):
            return object_name, system, native_id
    # Deleted at its source, but known to us: reading it again is what brings that home.
    for object_name, _ in reader.objects_of(system, native_id):
        if object_name in link.objects:
            return object_name, system, native_id
    raise NotFoundError(f"system '{system}' has no record '{native_id}' in a mapped stream")


def _is_there(connector: Connector, mapping: CompiledMapping, native_id: str) -> bool:
    try:
        found = connector.read(mapping.stream, mapping.columns, [native_id])
    except RecordError:
        return False  # an id that this stream cannot even have
    return any(not record.deleted for record in found)


def _once(pipeline: Pipeline, *, full: bool) -> None:
    if full:
        pipeline.compare()
        pipeline.drain()
    else:
        pipeline.cycle()


def _go_on(pipeline: Pipeline, interval: float, *, full: bool) -> None:
    """Cycle after cycle until somebody asks to stop; a second request stops at once."""
    stop = threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        _once(pipeline, full=full)
        _stop_if_hopeless(pipeline)
        while not stop.wait(interval):
            pipeline.cycle()
            _stop_if_hopeless(pipeline)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop_if_hopeless(pipeline: Pipeline) -> None:
    """End the loop when only a person can help; what passes by itself is waited for.

    Raises:
        ConnectorError: a system refuses everything; the error is its own.
    """
    for failure in pipeline.failures:
        if not isinstance(failure.error, RetryableError):
            raise failure.error


_WORDS = {
    "read": "records read",
    "arrived": "of them changed",
    "new": "new",
    "linked": "recognised as known",
    "unchanged": "in agreement already",
    "creates": "created",
    "updates": "updated",
    "deletes": "deleted",
    "rejected": "refused by a system",
    "deferred": "put off by a system",
    "stale": "decided anew, because the record had moved on",
    "unknown": "sent, answer lost",
    "parked": "waiting for their parent",
    "held": "deletions held back",
    "gates": "batches looked at as a whole",
    "gates_failed": "batches held as a whole",
    "gate_held": "records held by a quality gate",
    "asked": "questions to people",
    "quarantined": "not understood, in quarantine",
    "drift": "found by comparing, told by no event",
    "compared": "compared with what we knew",
    "diverged": "known records that had changed without telling",
    "repaired": "of these, brought back into agreement",
    "doubts_settled": "lost answers found out about",
    "waiting": "streams whose system is not to be called now",
    "reunited": "recognised as created by us before the state was restored",
    "failures": "streams that could not be read or written",
}


def _tell(console: Console, link: str, counts: Mapping[str, int], unsent: int) -> None:
    rows = [(word, counts[name]) for name, word in _WORDS.items() if name in counts]
    console.print(grid(f"sync {link}", ["what", "how many#"], rows))
    if unsent:
        console.print(f"{unsent} writes are still to be sent: the next sync sends them.")
    if counts.get("asked"):
        console.print("Questions wait for an answer: `tandem review list`.")
    if counts.get("rejected"):
        console.print("Refused writes: `tandem deadletter list`.")
    if counts.get("quarantined"):
        console.print("Records in quarantine: `tandem quarantine list`.")
