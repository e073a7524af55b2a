"""How a link is doing, read from the state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from tandem.state import inbox, outbox, quarantine, review
from tandem.state.chain import SideState
from tandem.state.outbox import PushState
from tandem.state.reader.contracts import DriftWarning, drift_of
from tandem.state.review import ReviewState
from tandem.state.tables import canonical, crosswalk, lease, run, watermark
from tandem.state.tables import outbox as outbox_table
from tandem.state.tables import review as review_table
from tandem.state.trend import UNSENT, latest_spans, percentile


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a link. `outcome` is None while it runs, or when its worker vanished."""

    id: str
    link: str
    lane: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works on a link, and until when if they are not heard of again."""

    holder: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Position:
    """How far a stream has been read, and when it was last."""

    system: str
    stream: str
    cursor: dict[str, Any]
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class Freshness:
    """Time from a change at its source to its acceptance at the other side, over `writes`.

    What was changed before the link first ran is left out: a first load is not late.
    """

    writes: int
    p50: timedelta | None
    p95: timedelta | None


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """How a link is doing.

    Attributes:
        linked: object → system → linked records.
        inbox: rows by state: what is still to be worked on.
        outbox: writes by state, since the beginning.
        review: open questions by kind.
        dead_letters: writes refused for good that nothing has replaced.
        quarantined: records that could not be understood.
        oldest_unsent: when the oldest write that has not been answered was decided.
        oldest_question: when the oldest open question was asked.
        holder: who works on it at this moment.
        drift: what is no longer as it was accepted in its streams.
    """

    link: str
    linked: dict[str, dict[str, int]]
    inbox: dict[str, int]
    outbox: dict[str, int]
    review: dict[str, int]
    dead_letters: int
    quarantined: int
    freshness: Freshness
    oldest_unsent: datetime | None
    oldest_question: datetime | None
    holder: Holder | None
    watermarks: list[Position]
    runs: list[Run]
    drift: list[DriftWarning]

    @property
    def needs_attention(self) -> bool:
        """Whether something is wrong that a person has to look into."""
        last = next((r for r in self.runs if r.finished_at), None)
        failed = last is not None and last.outcome not in (None, "done", "stopped")
        rests = any(warning.severity != "warning" for warning in self.drift)
        return failed or rests or self.dead_letters > 0 or self.quarantined > 0


def status_of(connection: Connection, link: str, *, now: datetime, runs: int) -> LinkStatus:
    """How a link is doing; a link that never ran has empty counts."""
    writes = outbox.counts(connection, link)
    return LinkStatus(
        link=link,
        linked=_linked(connection, link),
        inbox=inbox.counts(connection, link),
        outbox=writes,
        review=review.counts(connection, link),
        dead_letters=writes.get(PushState.REJECTED, 0),
        quarantined=quarantine.count(connection, link),
        freshness=freshness_of(connection, link),
        oldest_unsent=oldest_unsent(connection, link),
        oldest_question=oldest_question(connection, link),
        holder=holder_of(connection, link, now),
        watermarks=positions(connection, link),
        runs=latest_runs(connection, link, runs),
        drift=drift_of(connection, link),
    )


def _linked(connection: Connection, link: str) -> dict[str, dict[str, int]]:
    rows = connection.execute(
        select(crosswalk.c.object, crosswalk.c.system, func.count())
        .join(canonical, canonical.c.id == crosswalk.c.canonical_id)
        .where(canonical.c.link == link, crosswalk.c.state == SideState.LINKED)
        .group_by(crosswalk.c.object, crosswalk.c.system)
        .order_by(crosswalk.c.object, crosswalk.c.system)
    )
    found: dict[str, dict[str, int]] = {}
    for object_name, system, count in rows:
        found.setdefault(object_name, {})[system] = count
    return found


def freshness_of(connection: Connection, link: str) -> Freshness:
    """Freshness of the latest writes."""
    spans = latest_spans(connection, link)
    return Freshness(len(spans), percentile(spans, 0.5), percentile(spans, 0.95))


_OLDEST_UNSENT = select(
    # State by state, so that each is the first entry of an index however long the queue is.
    *(
        select(func.min(outbox_table.c.created_at))
        .where(outbox_table.c.link == bindparam("link"), outbox_table.c.state == state)
        .scalar_subquery()
        for state in UNSENT
    )
)


def oldest_unsent(connection: Connection, link: str) -> datetime | None:
    """When the oldest write that has not been answered was decided."""
    found = connection.execute(_OLDEST_UNSENT, {"link": link}).one()
    return min((moment for moment in found if moment), default=None)


def oldest_question(connection: Connection, link: str) -> datetime | None:
    """When the oldest open question was asked."""
    return connection.execute(
        select(review_table.c.opened_at)
        .where(review_table.c.link == link, review_table.c.state == ReviewState.OPEN)
        .order_by(review_table.c.id)
        .limit(1)
    ).scalar()


def holder_of(connection: Connection, link: str, now: datetime | None) -> Holder | None:
    """Who works on a link; with `now`, only if they still do then."""
    row = connection.execute(select(lease).where(lease.c.link == link)).one_or_none()
    if row is None or not row.holder or (now is not None and row.expires_at <= now):
        return None
    return Holder(row.holder, row.expires_at)


def positions(connection: Connection, link: str) -> list[Position]:
    """How far each stream of a link has been read."""
    rows = connection.execute(
        select(watermark)
        .where(watermark.c.link == link)
        .order_by(watermark.c.system, watermark.c.stream)
    )
    return [Position(r.system, r.stream, r.cursor, r.moved_at) for r in rows]


def latest_runs(connection: Connection, link: str, limit: int) -> list[Run]:
    """The latest runs of a link, newest first."""
    rows = connection.execute(
        select(run).where(run.c.link == link).order_by(run.c.started_at.desc()).limit(limit)
    )
    return [run_of(row) for row in rows]


def run_of(row: Row[Any]) -> Run:
    """A row of `run` as a run."""
    return Run(
        id=row.id,
        link=row.link,
        lane=row.lane,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        counts=row.counts,
    )
