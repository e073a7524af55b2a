"""`Reader`: connections that cannot write, and what people ask most often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from tandem.errors import NotFoundError
from tandem.model.scorecard import Card, Shape
from tandem.state import chain as chains
from tandem.state import contract, outbox, quality, quarantine, review
from tandem.state.chain import Chain
from tandem.state.contract import Contract, StreamKey
from tandem.state.outbox import Intent, PushState
from tandem.state.quality import GateResult
from tandem.state.quarantine import Quarantined
from tandem.state.reader.contracts import DriftWarning, drift_of
from tandem.state.reader.engine import read_only_engine
from tandem.state.reader.facts import Fact, fact_of
from tandem.state.reader.quotas import QuotaStatus, quotas_of
from tandem.state.reader.status import (
    Holder,
    LinkStatus,
    Run,
    holder_of,
    latest_runs,
    status_of,
)
from tandem.state.review import ReviewItem, ReviewState
from tandem.state.scorecard import scorecard
from tandem.state.tables import audit, crosswalk
from tandem.state.tables import outbox as outbox_table
from tandem.state.tables import review as review_table
from tandem.state.trend import UNSENT


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


class Reader:
    """See the module."""

    def __init__(self, url: str) -> None:
        self._engine = read_only_engine(url)

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
            return status_of(connection, link, now=now, runs=runs)

    def holder(self, link: str, *, now: datetime | None = None) -> Holder | None:
        """Who works on a link; with `now`, only if they still do then."""
        with self.view() as connection:
            return holder_of(connection, link, now)

    def unsent(self, link: str) -> int:
        """How many writes are decided and not answered."""
        with self.view() as connection:
            counts = outbox.counts(connection, link)
        return sum(counts.get(state, 0) for state in UNSENT)

    def runs(self, link: str, limit: int = 20) -> list[Run]:
        """The latest runs of a link, newest first."""
        with self.view() as connection:
            return latest_runs(connection, link, limit)

    def drift(self, link: str) -> list[DriftWarning]:
        """What is no longer as it was accepted in a link's streams, oldest first."""
        with self.view() as connection:
            return drift_of(connection, link)

    def contracts(self, link: str) -> dict[StreamKey, Contract]:
        """The contract in force of each stream of a link, by (system, stream)."""
        with self.view() as connection:
            return contract.current(connection, link)

    # Quality

    def gate_results(
        self,
        link: str,
        *,
        object_name: str | None = None,
        system: str | None = None,
        limit: int = 20,
    ) -> list[GateResult]:
        """What the quality gates found in the latest batches of a link, newest first."""
        with self.view() as connection:
            return quality.results(
                connection, link, object_name=object_name, system=system, limit=limit
            )

    def scorecard(self, link: str, shapes: Sequence[Shape]) -> list[Card]:
        """How complete and readable the records are, per object and system; see `App.shapes`."""
        with self.view() as connection:
            return scorecard(connection, link, shapes)

    # Systems

    def quotas(self, *, now: datetime, systems: Iterable[str] | None = None) -> list[QuotaStatus]:
        """Calls used, left and reserved by system, and which systems wait until when."""
        with self.view() as connection:
            return quotas_of(connection, now=now, systems=systems)

    # What waits for people

    def reviews(self, wanted: Question, *, limit: int = 100, after: int = 0) -> list[ReviewItem]:
        """Review items, oldest first, those with a greater id than `after`."""
        with self.view() as connection:
            query = _narrow(select(review_table), wanted).where(review_table.c.id > after)
            rows = connection.execute(query.order_by(review_table.c.id).limit(limit))
            return [review.question_of(row) for row in rows]

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
                select(crosswalk.c.object, crosswalk.c.canonical_id)
                .where(crosswalk.c.system == system, crosswalk.c.native_id == native_id)
                .order_by(crosswalk.c.object)
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
        return [fact_of(row) for row in reversed(rows)]

    def intents_by_ids(self, ids: Iterable[int]) -> list[Intent]:
        """These writes, oldest first; numbers that do not exist are left out."""
        with self.view() as connection:
            return outbox.by_ids(connection, ids)

    def intents(self, canonical_id: str, states: Sequence[PushState] = UNSENT) -> list[Intent]:
        """Writes of a canonical record in these states, oldest first."""
        with self.view() as connection:
            ids = connection.execute(
                select(outbox_table.c.id).where(
                    outbox_table.c.canonical_id == canonical_id, outbox_table.c.state.in_(states)
                )
            ).scalars()
            return outbox.by_ids(connection, list(ids))


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
