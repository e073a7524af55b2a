"""How a link was doing over time, kept so that nobody has to count it again.

Every run notes it at its end, in slots of several sizes; one that is over never changes again.

    grain     a slot lasts   kept for     what it is for
    hour      1 minute       3 hours      what is happening now
    day       15 minutes     3 days       today and yesterday
    year      6 hours        10 years     whether it gets better or worse
    ever      a century      a century    what went by in all (flows only)

*Levels* say how things stand (`unsent`), the last word of a slot holds. *Flows* say how much went
by (`writes`) and add up within a slot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import Connection, DateTime, delete, func, select, type_coerce

from tandem.state import inbox, quarantine, question_count, review
from tandem.state.bulk import insert_sum, upsert
from tandem.state.chain import SideState
from tandem.state.outbox import PushState
from tandem.state.tables import canonical, crosswalk, outbox, run, trend

UNSENT = (PushState.INTENDED, PushState.PARKED, PushState.SENDING, PushState.UNKNOWN)
"""States of a write that is decided and not answered."""

LATEST_WRITES = 1000
"""Freshness is that of so many latest writes."""

PAUSE = timedelta(minutes=1)
"""Levels are taken at most so often; a run that ends sooner after another notes its flows only."""

LINKED_PAUSE = timedelta(hours=1)
"""The same for the number of linked records, which takes a look at every one of them."""

FLOWS = {
    "creates": ("writes", "create"),
    "updates": ("writes", "update"),
    "deletes": ("writes", "delete"),
    "rejected": ("rejected", ""),
    "asked": ("asked", ""),
    "compared": ("compared", ""),
    "diverged": ("diverged", ""),
    "repaired": ("repaired", ""),
    "failures": ("failures", ""),
}
"""Count of a run → series and label."""


@dataclass(frozen=True, slots=True)
class Grain:
    """Slots of one size and how long they are kept."""

    name: str
    slot: timedelta
    kept: timedelta

    def slot_of(self, moment: datetime) -> datetime:
        """When the slot of a moment begins.

        >>> GRAINS["day"].slot_of(datetime(2026, 3, 1, 9, 44, 59, tzinfo=UTC)).isoformat()
        '2026-03-01T09:30:00+00:00'
        """
        length = int(self.slot.total_seconds())
        return datetime.fromtimestamp(int(moment.timestamp()) // length * length, UTC)


GRAINS = {
    grain.name: grain
    for grain in (
        Grain("hour", timedelta(minutes=1), timedelta(hours=3)),
        Grain("day", timedelta(minutes=15), timedelta(days=3)),
        Grain("year", timedelta(hours=6), timedelta(days=3650)),
    )
}

EVER = Grain("ever", timedelta(days=36525), timedelta(days=36525))
"""The grain of totals: nobody adds up ten years to tell them."""

Level = tuple[str, str, float]
"""Series, label, value."""


def percentile(values: Sequence[timedelta], share: float) -> timedelta | None:
    """The value that `share` of the values do not exceed (nearest rank); None of no values.

    >>> spans = [timedelta(seconds=s) for s in (4, 1, 3, 2)]
    >>> percentile(spans, 0.5), percentile(spans, 0.95), percentile([], 0.5)
    (datetime.timedelta(seconds=2), datetime.timedelta(seconds=4), None)
    """
    if not values:
        return None
    return sorted(values)[max(ceil(share * len(values)), 1) - 1]


def note(connection: Connection, link: str, counts: Mapping[str, int], now: datetime) -> None:
    """Note what a run did, and how its link stands now.

    Args:
        connection: in the transaction that ends the run.
        link: the run's link.
        counts: what the run did, by name; see `FLOWS`.
        now: the run's end.
    """
    last = _last_taken(connection, link, "unsent")
    levels = [] if last and now - last < PAUSE else _levels(connection, link)
    if levels:
        question_count.fold(connection, link)
        counted = _last_taken(connection, link, "linked")
        if counted is None or now - counted >= LINKED_PAUSE:
            levels += _linked(connection, link)
    flows = [(*FLOWS[name], float(count)) for name, count in counts.items() if name in FLOWS]
    standing: list[dict[str, Any]] = []
    flowing: list[dict[str, Any]] = []
    for grain in GRAINS.values():
        start = grain.slot_of(now)
        fresh = _freshness(connection, link, start) if flows or levels else []
        standing += _rows(link, grain, start, [*levels, *fresh], now)
        flowing += _rows(link, grain, start, flows, now)
        if last is None or grain.slot_of(last) != start:
            connection.execute(
                delete(trend).where(
                    trend.c.link == link, trend.c.grain == grain.name, trend.c.at < now - grain.kept
                )
            )
    flowing += _rows(link, EVER, EVER.slot_of(now), flows, now)
    upsert(connection, trend, standing)
    insert_sum(connection, trend, flowing, "value")


def _rows(
    link: str, grain: Grain, at: datetime, values: Sequence[Level], now: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "link": link,
            "grain": grain.name,
            "at": at,
            "series": series,
            "label": label,
            "value": value,
            "taken_at": now,
        }
        for series, label, value in values
    ]


def _last_taken(connection: Connection, link: str, series: str) -> datetime | None:
    return connection.execute(
        select(trend.c.taken_at)
        .where(trend.c.link == link, trend.c.grain == "year", trend.c.series == series)
        .order_by(trend.c.at.desc())
        .limit(1)
    ).scalar()


def _levels(connection: Connection, link: str) -> list[Level]:
    unsent = connection.execute(
        select(func.count()).where(outbox.c.link == link, outbox.c.state.in_(UNSENT))
    ).scalar_one()
    dead = connection.execute(
        select(func.count()).where(outbox.c.link == link, outbox.c.state == PushState.REJECTED)
    ).scalar_one()
    return [
        ("unsent", "", unsent),
        ("dead_letters", "", dead),
        ("inbox", "", sum(inbox.counts(connection, link).values())),
        ("questions", "", sum(review.counts(connection, link).values())),
        ("quarantined", "", quarantine.count(connection, link)),
    ]


def _linked(connection: Connection, link: str) -> list[Level]:
    rows = connection.execute(
        select(crosswalk.c.object, crosswalk.c.system, func.count())
        .join(canonical, canonical.c.id == crosswalk.c.canonical_id)
        .where(canonical.c.link == link, crosswalk.c.state == SideState.LINKED)
        .group_by(crosswalk.c.object, crosswalk.c.system)
    )
    return [("linked", f"{object_name} {system}", count) for object_name, system, count in rows]


def _freshness(connection: Connection, link: str, since: datetime) -> list[Level]:
    spans = latest_spans(connection, link, since=since)
    return [
        (f"freshness_p{round(share * 100)}", "", span.total_seconds())
        for share in (0.5, 0.95)
        if (span := percentile(spans, share)) is not None
    ]


def latest_spans(
    connection: Connection, link: str, *, since: datetime | None = None
) -> list[timedelta]:
    """Time from a change at its source to its acceptance, of the latest accepted writes.

    What was changed before the link first ran is left out: a first load is not late.
    """
    wanted = [
        outbox.c.link == link,
        outbox.c.state == PushState.ACCEPTED,
        outbox.c.done_at.is_not(None) if since is None else outbox.c.done_at >= since,
    ]
    latest = (
        select(outbox.c.done_at, outbox.c.changed_at)
        .where(*wanted)
        .order_by(outbox.c.done_at.desc())
        .limit(LATEST_WRITES)
        .subquery()
    )
    begun = select(func.min(run.c.started_at)).where(run.c.link == link).scalar_subquery()
    # As the database has them: a thousand moments need no zone to be subtracted.
    done, changed = (type_coerce(latest.c[name], DateTime) for name in ("done_at", "changed_at"))
    query = select(done, changed).where(latest.c.changed_at >= begun)
    return [done_at - changed_at for done_at, changed_at in connection.execute(query).all()]
