"""How the links are doing: one card each, and a page of pictures per link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Connection

from tandem.console.charts import Curve, Picture
from tandem.console.context import Console, ConsoleDependency
from tandem.console.language import gettext, marked
from tandem.console.pages import Pages
from tandem.errors import NotFoundError
from tandem.state import quality
from tandem.state.quality import GateResult
from tandem.state.reader import Run
from tandem.state.reader.history import runs
from tandem.state.reader.links import LinkView, Point, Series, link_view, sums, trends
from tandem.state.reader.quotas import quotas_of
from tandem.state.trend import GRAINS

pages = Pages("overview")

LIVE = 2.0
"""Seconds for which everybody is shown the same figures."""

LATEST_RUNS = 8
LATEST_GATES = 200
SHOWN_GATES = 8
MONTH = timedelta(days=30)


class Range(StrEnum):
    """How far back a picture goes."""

    HOUR = "hour"
    DAY = "day"
    YEAR = "year"


SPANS = {
    Range.HOUR: timedelta(hours=2),
    Range.DAY: timedelta(days=1),
    Range.YEAR: timedelta(days=30),
}

PICTURES = (
    ("freshness", marked("From a change to the other side"), "seconds", "lines"),
    ("backlog", marked("Waiting to be worked on or sent"), "count", "lines"),
    ("writes", marked("Writes"), "count", "bars"),
    ("questions", marked("Open questions"), "count", "lines"),
    ("failures", marked("Refused writes and records not readable"), "count", "lines"),
    ("divergence", marked("Divergence found by comparing, and repaired"), "count", "bars"),
)
"""Key, title, unit, shape."""

CURVES = {
    "freshness": (
        ("freshness_p50", marked("half within")),
        ("freshness_p95", marked("95 of 100 within")),
    ),
    "backlog": (("inbox", marked("inbox")), ("unsent", marked("outbox"))),
    "writes": (("writes", ""),),
    "questions": (("questions", marked("questions")),),
    "failures": (
        ("dead_letters", marked("refused writes")),
        ("quarantined", marked("records not readable")),
    ),
    "divergence": (("diverged", marked("found")), ("repaired", marked("repaired"))),
}
"""Key of a picture → series and their names; a series with labels has one curve for each."""

ALARMS = {
    "quality_gate": marked("Batches held by a quality gate"),
    "drift": marked("Streams whose structure has changed"),
    "restored_system": marked("Systems that went back in time"),
    "delete_approval": marked("Many deletions that wait for approval"),
    "unknown_outcome": marked("Writes whose outcome nobody knows"),
}
"""Kind of question that holds up more than a field → how it is told."""

OVERVIEW = ("freshness", "backlog", "writes")


class Trouble(BaseModel):
    """Something about a link that a person has to look into.

    Attributes:
        path: where to look.
    """

    name: str
    text: str
    path: str


class LinkCard(BaseModel):
    """How a link is doing.

    Attributes:
        freshness_p50: seconds from a change to its acceptance at the other side, half of them.
        oldest_unsent: seconds since the oldest write that is not answered was decided.
        backlog: what is to be worked on and to be sent.
        questions: open ones, of all kinds.
        linked: "object system" → records, as of the last count.
        diverged: records that full compares found changed, in the last 30 days.
        repaired: those of them that led to a write.
        last_compare: the last run that read everything and finished.
        worker: who works on it now.
    """

    link: str
    path: str
    systems: list[str]
    troubles: list[Trouble]
    freshness_p50: float | None
    freshness_p95: float | None
    freshness_writes: int
    oldest_unsent: float | None
    backlog: int
    inbox: dict[str, int]
    unsent: dict[str, int]
    questions: int
    dead_letters: int
    quarantined: int
    linked: dict[str, int]
    diverged: int
    repaired: int
    last_run: Run | None
    last_compare: Run | None
    worker: str | None
    pictures: list[Picture]


class OverviewPage(BaseModel):
    """All links at a glance."""

    range: Range
    links: list[LinkCard]


class StreamPosition(BaseModel):
    """How far a stream has been read, and when it was last."""

    system: str
    stream: str
    moved_at: datetime


class SystemQuota(BaseModel):
    """Calls of the day of one system.

    Attributes:
        used: by us, and by others where the system tells.
        limit: how many there are; None where nobody says.
        reserved: left to other applications.
        waits_until: nobody calls it before.
    """

    system: str
    used: int
    limit: int | None
    reserved: int | None
    waits_until: datetime | None


class GateRow(BaseModel):
    """One batch that went through a quality gate; `failed` names what was not met."""

    at: datetime
    object: str
    system: str
    outcome: str
    rows: int
    held: int
    failed: list[str]


class LinkPage(BaseModel):
    """One link: figures, pictures, how far it has read, its latest runs.

    Attributes:
        gates: the latest batches that went through a quality gate, newest first.
        quality: share of values that are filled in the batches of this time, per system.
    """

    range: Range
    card: LinkCard
    positions: list[StreamPosition]
    runs: list[Run]
    quotas: list[SystemQuota]
    gates: list[GateRow]
    quality: Picture


Chosen = Annotated[Range, Query()]


@pages.page("/overview", "overview.html")
def overview_page(console: ConsoleDependency, range: Chosen = Range.DAY) -> OverviewPage:
    """How all links are doing."""

    def look() -> list[LinkCard]:
        with console.reader.view() as connection:
            return [
                _card(console, connection, link, range, OVERVIEW) for link in console.config.links
            ]

    cards: list[LinkCard] = console.remembered(f"overview:{range}", LIVE, look)
    return OverviewPage(range=range, links=cards)


@pages.page("/links/{link}", "link.html")
def link_page(link: str, console: ConsoleDependency, range: Chosen = Range.DAY) -> LinkPage:
    """How one link is doing, and how it did."""
    if link not in console.config.links:
        raise NotFoundError(f"there is no link '{link}'")
    with console.reader.view() as connection:
        view = link_view(connection, link, console.clock.now())
        card = _card(console, connection, link, range, tuple(CURVES), view)
        latest = runs(connection, link, limit=LATEST_RUNS)
        quotas = quotas_of(connection, now=console.clock.now(), systems=card.systems)
        gates = quality.results(connection, link, limit=LATEST_GATES)
    return LinkPage(
        range=range,
        card=card,
        positions=[
            StreamPosition(system=p.system, stream=p.stream, moved_at=p.moved_at)
            for p in view.positions
        ],
        runs=latest,
        quotas=[
            SystemQuota(
                system=q.system,
                used=q.used,
                limit=q.limit,
                reserved=q.reserved,
                waits_until=q.waits_until,
            )
            for q in quotas
        ],
        gates=[_gate(result) for result in gates[:SHOWN_GATES]],
        quality=_quality(gates, range, console.clock.now()),
    )


def _gate(result: GateResult) -> GateRow:
    return GateRow(
        at=result.at,
        object=result.object,
        system=result.system,
        outcome=result.outcome,
        rows=result.rows,
        held=result.held,
        failed=[finding.name for finding in result.failed],
    )


def _quality(gates: Sequence[GateResult], chosen: Range, now: datetime) -> Picture:
    grain = GRAINS[chosen]
    since = grain.slot_of(now - SPANS[chosen])
    filled: dict[str, dict[datetime, float]] = {}
    for result in reversed(gates):
        if result.at >= since and result.null_rates:
            empty = sum(result.null_rates.values()) / len(result.null_rates)
            curve = filled.setdefault(f"{result.object} {result.system}", {})
            curve[grain.slot_of(result.at)] = 1 - empty
    return Picture(
        key="quality",
        title=gettext("Share of values that are filled"),
        unit="share",
        shape="lines",
        since=since,
        until=now,
        slot=grain.slot.total_seconds(),
        curves=[
            Curve(name=name, samples=[Point(at, v) for at, v in sorted(found.items())])
            for name, found in sorted(filled.items())
        ],
    )


def _card(
    console: Console,
    connection: Connection,
    link: str,
    chosen: Range,
    keys: Sequence[str],
    view: LinkView | None = None,
) -> LinkCard:
    now = console.clock.now()
    view = view or link_view(connection, link, now)
    month = sums(connection, link, now - MONTH, ["diverged", "repaired"])
    fresh = view.freshness
    return LinkCard(
        link=link,
        path=f"/links/{link}",
        systems=list(console.config.links[link].systems),
        troubles=list(_troubles(view)),
        freshness_p50=fresh.p50.total_seconds() if fresh.p50 is not None else None,
        freshness_p95=fresh.p95.total_seconds() if fresh.p95 is not None else None,
        freshness_writes=fresh.writes,
        oldest_unsent=(now - view.oldest_unsent).total_seconds() if view.oldest_unsent else None,
        backlog=view.backlog,
        inbox=view.inbox,
        unsent=view.unsent,
        questions=sum(view.questions.values()),
        dead_letters=view.dead_letters,
        quarantined=view.quarantined,
        linked=view.linked,
        diverged=int(month.get("diverged", 0)),
        repaired=int(month.get("repaired", 0)),
        last_run=view.last_run,
        last_compare=view.last_compare,
        worker=view.holder.holder if view.holder else None,
        pictures=pictures(connection, link, chosen, now, keys),
    )


def _troubles(view: LinkView) -> list[Trouble]:
    found = []
    if view.last_run and view.last_run.outcome not in (None, "done", "stopped"):
        text = gettext("The last run ended as: %(outcome)s") % {"outcome": view.last_run.outcome}
        found.append(Trouble(name="run_failed", text=text, path=f"/runs/{view.last_run.id}"))
    if view.dead_letters:
        text = gettext("Writes refused for good: %(n)s") % {"n": view.dead_letters}
        found.append(Trouble(name="dead_letters", text=text, path="/inbox?kind=dead_letter"))
    if view.quarantined:
        text = gettext("Records not readable: %(n)s") % {"n": view.quarantined}
        found.append(Trouble(name="quarantined", text=text, path="/inbox?kind=quarantine"))
    for kind, text in ALARMS.items():
        if count := view.questions.get(kind, 0):
            path = f"/inbox?kind={kind}"
            found.append(Trouble(name=kind, text=f"{gettext(text)}: {count}", path=path))
    return found


def pictures(
    connection: Connection, link: str, chosen: Range, now: datetime, keys: Sequence[str]
) -> list[Picture]:
    """The pictures of a link, from what its runs noted.

    Args:
        connection: a reader's view.
        link: name of the link.
        chosen: how far back.
        now: where they end.
        keys: keys of `PICTURES`.
    """
    grain = GRAINS[chosen]
    since = grain.slot_of(now - SPANS[chosen])
    wanted = [name for key in keys for name, _ in CURVES[key]]
    found = trends(connection, link, chosen, since, wanted)
    return [
        Picture(
            key=key,
            title=gettext(title),
            unit=unit,
            shape=shape,
            since=since,
            until=now,
            slot=grain.slot.total_seconds(),
            curves=[
                _curve(one, gettext(title) if title else one.label)
                for name, title in CURVES[key]
                for one in found[name]
            ],
        )
        for key, title, unit, shape in PICTURES
        if key in keys
    ]


def _curve(series: Series, name: str) -> Curve:
    return Curve(name=name, samples=list(series.points))
