"""How a link is doing at a glance: what people look at, and what `/metrics` tells.

Everything here costs the same however much has gone through the link: what would have to be counted
over all records or all writes is taken from the trends that the runs noted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, union_all

from tandem.state import inbox, quarantine, review
from tandem.state.outbox import PushState
from tandem.state.reader.status import (
    Freshness,
    Holder,
    Position,
    Run,
    freshness_of,
    holder_of,
    latest_runs,
    oldest_question,
    oldest_unsent,
    positions,
    run_of,
)
from tandem.state.tables import outbox, run, trend
from tandem.state.trend import EVER, GRAINS, UNSENT

COMPARES = 100
"""Runs looked at to find the last one that compared everything."""


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series; `at` is where its slot begins."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """One quantity over time, oldest first; slots in which nothing was noted are not there."""

    name: str
    label: str
    points: tuple[Point, ...]

    @property
    def last(self) -> float | None:
        """The latest value."""
        return self.points[-1].value if self.points else None


@dataclass(frozen=True, slots=True)
class LinkView:
    """How a link is doing.

    Attributes:
        inbox: rows by state: what is still to be worked on.
        unsent: writes that are decided and not answered, by state.
        questions: open questions by kind.
        linked: "object system" → linked records, as of the last count.
        last_compare: the last run that read everything and finished.
    """

    link: str
    freshness: Freshness
    oldest_unsent: datetime | None
    oldest_question: datetime | None
    inbox: dict[str, int]
    unsent: dict[str, int]
    dead_letters: int
    quarantined: int
    questions: dict[str, int]
    linked: dict[str, int]
    holder: Holder | None
    last_run: Run | None
    last_compare: Run | None
    positions: tuple[Position, ...]

    @property
    def backlog(self) -> int:
        """What is to be worked on and to be sent."""
        return sum(self.inbox.values()) + sum(self.unsent.values())


def link_view(connection: Connection, link: str, now: datetime) -> LinkView:
    """How a link is doing; one that never ran has empty counts."""
    waiting = _writes(connection, link, (*UNSENT, PushState.REJECTED))
    dead = waiting.pop(PushState.REJECTED, 0)
    runs = latest_runs(connection, link, 1)
    return LinkView(
        link=link,
        freshness=freshness_of(connection, link),
        oldest_unsent=oldest_unsent(connection, link),
        oldest_question=oldest_question(connection, link),
        inbox=inbox.counts(connection, link),
        unsent=waiting,
        dead_letters=dead,
        quarantined=quarantine.count(connection, link),
        questions=review.counts(connection, link),
        linked=_linked(connection, link),
        holder=holder_of(connection, link, now),
        last_run=runs[0] if runs else None,
        last_compare=_last_compare(connection, link),
        positions=tuple(positions(connection, link)),
    )


def _writes(connection: Connection, link: str, states: Sequence[PushState]) -> dict[str, int]:
    rows = connection.execute(
        select(outbox.c.state, func.count())
        .where(outbox.c.link == link, outbox.c.state.in_(states))
        .group_by(outbox.c.state)
    )
    return dict(rows.all())


def _linked(connection: Connection, link: str) -> dict[str, int]:
    mine = (trend.c.link == link) & (trend.c.grain == "year") & (trend.c.series == "linked")
    latest = select(func.max(trend.c.at)).where(mine).scalar_subquery()
    rows = connection.execute(
        select(trend.c.label, trend.c.value).where(mine, trend.c.at == latest)
    )
    return {row.label: int(row.value) for row in rows}


def _compared() -> Select[Any]:
    # Per lane, because the runs of the live lane are many and never compare.
    latest = union_all(
        *(
            select(
                select(run)
                .where(run.c.link == bindparam("link"), run.c.lane == lane)
                .order_by(run.c.started_at.desc())
                .limit(COMPARES)
                .subquery()
            )
            for lane in ("batch", "cli")
        )
    ).subquery()
    compared = latest.c.finished_at.is_not(None) & (latest.c.counts["compared"].as_integer() > 0)
    return select(latest).where(compared).order_by(latest.c.started_at.desc()).limit(1)


_COMPARED = _compared()
"""Made once: it takes longer to make than to answer."""


def _last_compare(connection: Connection, link: str) -> Run | None:
    row = connection.execute(_COMPARED, {"link": link}).one_or_none()
    return run_of(row) if row is not None else None


def trends(
    connection: Connection, link: str, grain: str, since: datetime, names: Sequence[str]
) -> dict[str, list[Series]]:
    """Series by name, each with all its labels.

    Args:
        connection: a reader's view.
        link: of this link.
        grain: a name of `GRAINS`.
        since: from then on.
        names: of the series; those without a value are there with an empty list.
    """
    rows = connection.execute(
        select(trend.c.series, trend.c.label, trend.c.at, trend.c.value)
        .where(
            trend.c.link == link,
            trend.c.grain == GRAINS[grain].name,
            trend.c.at >= since,
            trend.c.series.in_(names),
        )
        .order_by(trend.c.at)
    ).all()
    points: dict[tuple[str, str], list[Point]] = {}
    for series, label, at, value in rows:
        points.setdefault((series, label), []).append(Point(at, value))
    return {
        name: [
            Series(series, label, tuple(found))
            for (series, label), found in sorted(points.items())
            if series == name
        ]
        for name in names
    }


def sums(
    connection: Connection, link: str, since: datetime, names: Sequence[str]
) -> dict[str, float]:
    """Series → what went by since a moment, for flows; those without a value are left out."""
    rows = connection.execute(
        select(trend.c.series, func.sum(trend.c.value))
        .where(
            trend.c.link == link,
            trend.c.grain == "year",
            trend.c.at >= since,
            trend.c.series.in_(names),
        )
        .group_by(trend.c.series)
        .order_by(trend.c.series)
    )
    return dict(rows.all())


def totals(connection: Connection, link: str, names: Sequence[str]) -> dict[tuple[str, str], float]:
    """(series, label) → everything that ever went by, for flows."""
    rows = connection.execute(
        select(trend.c.series, trend.c.label, trend.c.value)
        .where(trend.c.link == link, trend.c.grain == EVER.name, trend.c.series.in_(names))
        .order_by(trend.c.series, trend.c.label)
    )
    return {(series, label): value for series, label, value in rows}
