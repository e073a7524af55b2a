"""The audit and the list of runs, page by page, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from tandem.errors import NotFoundError
from tandem.state.reader.facts import Fact, fact_of
from tandem.state.reader.status import Run, run_of
from tandem.state.tables import audit, run


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which facts one wants to see; None means any."""

    link: str | None = None
    action: str | None = None
    canonical_id: str | None = None
    run_id: str | None = None


def facts(
    connection: Connection, wanted: Wanted, *, before: int | None = None, limit: int = 50
) -> list[Fact]:
    """Facts of the audit, newest first, those with a smaller id than `before`."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    for column, value in (
        (audit.c.link, wanted.link),
        (audit.c.action, wanted.action),
        (audit.c.canonical_id, wanted.canonical_id),
        (audit.c.run_id, wanted.run_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(audit.c.id < before)
    return [fact_of(row) for row in connection.execute(query)]


def actions(connection: Connection) -> list[str]:
    """The names of everything that the audit ever noted."""
    # From one name to the next by the index: a DISTINCT would read every row.
    found: list[str] = []
    links = connection.execute(select(run.c.link).distinct()).scalars().all()
    for link in links:
        last = ""
        while name := connection.execute(
            select(audit.c.action)
            .where(audit.c.link == link, audit.c.action > last)
            .order_by(audit.c.action)
            .limit(1)
        ).scalar():
            found.append(name)
            last = name
    return sorted(set(found))


def runs(
    connection: Connection,
    link: str,
    *,
    lane: str | None = None,
    before: datetime | None = None,
    limit: int = 50,
) -> list[Run]:
    """Runs of a link, newest first, those that began before a moment."""
    query = (
        select(run)
        .where(run.c.link == link)
        .order_by(run.c.started_at.desc(), run.c.id)
        .limit(limit)
    )
    if lane is not None:
        query = query.where(run.c.lane == lane)
    if before is not None:
        query = query.where(run.c.started_at < before)
    return [run_of(row) for row in connection.execute(query)]


def one_run(connection: Connection, run_id: str) -> Run:
    """One run.

    Raises:
        NotFoundError: there is none with this id.
    """
    row = connection.execute(select(run).where(run.c.id == run_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no run '{run_id}'")
    return run_of(row)
