"""Reads the state for people: status, questions, dead letters, history. It cannot write.

A reader has connections of its own that the database itself keeps from writing, so nothing that the
console or a listing does can change the state. Each `with reader.view()` is one consistent picture
of one moment; on SQLite it takes no lock that a worker would have to wait for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, Select, create_engine, event, func, select
from sqlalchemy.engine import make_url

from tandem.errors import NotFoundError
from tandem.state import chain as chains
from tandem.state import inbox, outbox, quarantine, review
from tandem.state.chain import Chain, SideState
from tandem.state.outbox import Intent, PushState
from tandem.state.quarantine import Quarantined
from tandem.state.review import ReviewItem, ReviewState
from tandem.state.tables import audit, canonical, crosswalk, lease, run, watermark
from tandem.state.tables import outbox as outbox_table
from tandem.state.tables import review as review_table

LATEST_WRITES = 1000
"""Freshness is that of so many latest writes."""

UNSENT = (PushState.INTENDED, PushState.PARKED, PushState.SENDING, PushState.UNKNOWN)


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

    @property
    def needs_attention(self) -> bool:
        """Whether something is wrong that a person has to look into."""
        last = next((r for r in self.runs if r.finished_at), None)
        failed = last is not None and last.outcome not in (None, "done", "stopped")
        return failed or self.dead_letters > 0 or self.quarantined > 0


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the audit."""

    id: int
    at: datetime
    link: str
    action: str
    object: str
    canonical_id: str | None
    system: str | None
    native_id: str | None
    before: Any
    after: Any
    cause: dict[str, Any]
    actor: str
    run_id: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """What one wants to see of the review items; None means any."""

    link: str | None = None
    kind: str | None = None
    object: str | None = None
    system: str | None = None
    field: str | None = None
    canonical_id: str | None = None
    group: str | None = None
    state: ReviewState | None = ReviewState.OPEN


def percentile(values: Sequence[timedelta], share: float) -> timedelta | None:
    """The value that `share` of the values do not exceed (nearest rank); None of no values.

    >>> spans = [timedelta(seconds=s) for s in (4, 1, 3, 2)]
    >>> percentile(spans, 0.5), percentile(spans, 0.95), percentile([], 0.5)
    (datetime.timedelta(seconds=2), datetime.timedelta(seconds=4), None)
    """
    if not values:
        return None
    return sorted(values)[max(ceil(share * len(values)), 1) - 1]


class Reader:
    """See the module."""

    def __init__(self, url: str) -> None:
        self._engine = _read_only_engine(url)

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """One consistent, unchangeable picture of the state."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    # Links

    def status(self, link: str, *, now: datetime, runs: int = 5) -> LinkStatus:
        """How a link is doing; a link that never ran has empty counts."""
        with self.view() as connection:
            writes = outbox.counts(connection, link)
            return LinkStatus(
                link=link,
                linked=_linked(connection, link),
                inbox=inbox.counts(connection, link),
                outbox=writes,
                review=review.counts(connection, link),
                dead_letters=writes.get(PushState.REJECTED, 0),
                quarantined=quarantine.count(connection, link),
                freshness=_freshness(connection, link),
                oldest_unsent=_oldest_unsent(connection, link),
                oldest_question=_oldest_question(connection, link),
                holder=_holder(connection, link, now),
                watermarks=_positions(connection, link),
                runs=_runs(connection, link, runs),
            )

    def holder(self, link: str, *, now: datetime | None = None) -> Holder | None:
        """Who works on a link; with `now`, only if they still do then."""
        with self.view() as connection:
            return _holder(connection, link, now)

    def unsent(self, link: str) -> int:
        """How many writes are decided and not answered."""
        with self.view() as connection:
            counts = outbox.counts(connection, link)
        return sum(counts.get(state, 0) for state in UNSENT)

    def runs(self, link: str, limit: int = 20) -> list[Run]:
        """The latest runs of a link, newest first."""
        with self.view() as connection:
            return _runs(connection, link, limit)

    # What waits for people

    def reviews(self, wanted: Question, *, limit: int = 100, after: int = 0) -> list[ReviewItem]:
        """Review items, oldest first, those with a greater id than `after`."""
        with self.view() as connection:
            query = _narrow(select(review_table.c.id), wanted).where(review_table.c.id > after)
            ids = connection.execute(query.order_by(review_table.c.id).limit(limit)).scalars().all()
            return [review.get(connection, review_id) for review_id in ids]

    def count_reviews(self, wanted: Question) -> int:
        """How many review items there are of that sort."""
        with self.view() as connection:
            query = _narrow(select(func.count()).select_from(review_table), wanted)
            return int(connection.execute(query).scalar_one())

    def review(self, review_id: int) -> ReviewItem:
        """One review item.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self.view() as connection:
            return review.get(connection, review_id)

    def review_group(self, item: ReviewItem) -> list[ReviewItem]:
        """All open items that can be answered together with this one."""
        with self.view() as connection:
            return review.group(connection, item)

    def dead_letters(self, link: str, limit: int | None = None) -> list[Intent]:
        """Writes refused for good that nothing has replaced, oldest first."""
        with self.view() as connection:
            return outbox.dead_letters(connection, link, limit)

    def quarantined(self, link: str, limit: int = 100) -> list[Quarantined]:
        """Records that could not be understood, oldest first."""
        with self.view() as connection:
            return quarantine.listing(connection, link, limit)

    def count_quarantined(self, link: str) -> int:
        """How many of a link's records could not be understood."""
        with self.view() as connection:
            return quarantine.count(connection, link)

    # One record

    def chain(self, canonical_id: str) -> Chain:
        """A canonical record with all its sides.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self.view() as connection:
            found = chains.load(connection, [canonical_id]).get(canonical_id)
        if found is None:
            raise NotFoundError(f"there is no canonical record '{canonical_id}'")
        return found

    def canonical_id(self, object_name: str, system: str, native_id: str) -> str | None:
        """The canonical id of a native record, None when it is in no crosswalk."""
        with self.view() as connection:
            return connection.execute(
                select(crosswalk.c.canonical_id).where(
                    crosswalk.c.object == object_name,
                    crosswalk.c.system == system,
                    crosswalk.c.native_id == native_id,
                )
            ).scalar()

    def objects_of(self, system: str, native_id: str) -> list[tuple[str, str]]:
        """(object, canonical id) pairs of the native records of a system that have this id."""
        with self.view() as connection:
            rows = connection.execute(
                select(crosswalk.c.object, crosswalk.c.canonical_id).where(
                    crosswalk.c.system == system, crosswalk.c.native_id == native_id
                )
            )
            return [(row.object, row.canonical_id) for row in rows]

    def history(self, canonical_id: str, limit: int = 200) -> list[Fact]:
        """What the audit knows of a canonical record, oldest first, the latest `limit` facts."""
        with self.view() as connection:
            rows = connection.execute(
                select(audit)
                .where(audit.c.canonical_id == canonical_id)
                .order_by(audit.c.id.desc())
                .limit(limit)
            ).all()
        return [_fact(row) for row in reversed(rows)]

    def intents(self, canonical_id: str, states: Sequence[PushState] = UNSENT) -> list[Intent]:
        """Writes of a canonical record in these states, oldest first."""
        with self.view() as connection:
            ids = connection.execute(
                select(outbox_table.c.id).where(
                    outbox_table.c.canonical_id == canonical_id, outbox_table.c.state.in_(states)
                )
            ).scalars()
            return outbox.by_ids(connection, list(ids))


def _read_only_engine(url: str) -> Engine:
    address = make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address, json_deserializer=orjson.loads, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        # Deferred: a picture from the first read on, and no lock that would hold up a worker.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("busy_timeout=30000", "query_only=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _narrow(query: Select[Any], wanted: Question) -> Select[Any]:
    columns = {
        "link": review_table.c.link,
        "kind": review_table.c.kind,
        "object": review_table.c.object,
        "system": review_table.c.system,
        "field": review_table.c.field,
        "canonical_id": review_table.c.canonical_id,
        "group": review_table.c.group_key,
        "state": review_table.c.state,
    }
    for name, column in columns.items():
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(column == value)
    return query


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


def _freshness(connection: Connection, link: str) -> Freshness:
    first = select(func.min(run.c.started_at)).where(run.c.link == link).scalar_subquery()
    rows = connection.execute(
        select(outbox_table.c.done_at, outbox_table.c.changed_at)
        .where(
            outbox_table.c.link == link,
            outbox_table.c.state == PushState.ACCEPTED,
            outbox_table.c.changed_at >= first,
            outbox_table.c.done_at.is_not(None),
        )
        .order_by(outbox_table.c.id.desc())
        .limit(LATEST_WRITES)
    )
    spans = [row.done_at - row.changed_at for row in rows]
    return Freshness(len(spans), percentile(spans, 0.5), percentile(spans, 0.95))


def _oldest_unsent(connection: Connection, link: str) -> datetime | None:
    return connection.execute(
        select(outbox_table.c.created_at)
        .where(outbox_table.c.link == link, outbox_table.c.state.in_(UNSENT))
        .order_by(outbox_table.c.created_at)
        .limit(1)
    ).scalar()


def _oldest_question(connection: Connection, link: str) -> datetime | None:
    return connection.execute(
        select(review_table.c.opened_at)
        .where(review_table.c.link == link, review_table.c.state == ReviewState.OPEN)
        .order_by(review_table.c.opened_at)
        .limit(1)
    ).scalar()


def _holder(connection: Connection, link: str, now: datetime | None) -> Holder | None:
    row = connection.execute(select(lease).where(lease.c.link == link)).one_or_none()
    if row is None or not row.holder or (now is not None and row.expires_at <= now):
        return None
    return Holder(row.holder, row.expires_at)


def _positions(connection: Connection, link: str) -> list[Position]:
    rows = connection.execute(
        select(watermark)
        .where(watermark.c.link == link)
        .order_by(watermark.c.system, watermark.c.stream)
    )
    return [Position(r.system, r.stream, r.cursor, r.moved_at) for r in rows]


def _runs(connection: Connection, link: str, limit: int) -> list[Run]:
    rows = connection.execute(
        select(run).where(run.c.link == link).order_by(run.c.started_at.desc()).limit(limit)
    )
    return [
        Run(r.id, r.link, r.lane, r.started_at, r.finished_at, r.outcome, r.counts) for r in rows
    ]


def _fact(row: Row[Any]) -> Fact:
    return Fact(
        id=row.id,
        at=row.at,
        link=row.link,
        action=row.action,
        object=row.object,
        canonical_id=row.canonical_id,
        system=row.system,
        native_id=row.native_id,
        before=row.before,
        after=row.after,
        cause=row.cause,
        actor=row.actor,
        run_id=row.run_id,
    )
