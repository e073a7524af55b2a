"""What was done: the audit, and the runs that did it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from tandem.console.context import ConsoleDependency
from tandem.console.pages import Pages
from tandem.errors import NotFoundError
from tandem.state.reader import Fact, Run
from tandem.state.reader.history import Wanted, actions, facts, one_run, runs

pages = Pages("activity")

PAGE = 50
REMEMBERED = 60.0
"""Seconds for which the names of actions are kept."""

Word = Annotated[str | None, Query(max_length=80, pattern=r"^[^\x00]*$")]
Before = Annotated[int | None, Query(ge=1, le=2**63 - 1)]


class AuditPage(BaseModel):
    """A page of the audit, newest first.

    Attributes:
        actions: the names of everything that was ever noted.
        next: `before` of the page after; None on the last one.
    """

    facts: list[Fact]
    links: list[str]
    actions: list[str]
    link: str | None
    action: str | None
    next: int | None


class RunsPage(BaseModel):
    """Runs of a link, newest first; `next` is `before` of the page after."""

    link: str
    links: list[str]
    lane: str | None
    runs: list[Run]
    next: datetime | None


class RunPage(BaseModel):
    """One run: what it did in numbers, and the first facts that it noted.

    Attributes:
        next: `before` of the page after; None on the last one.
    """

    run: Run
    facts: list[Fact]
    next: int | None


@pages.page("/audit", "audit.html")
def audit_page(
    console: ConsoleDependency, link: Word = None, action: Word = None, before: Before = None
) -> AuditPage:
    """Everything that was done, by whom and why, newest first."""
    wanted = Wanted(link=link or None, action=action or None)
    links = list(console.config.links)
    if wanted.action and not wanted.link and len(links) == 1:
        wanted = Wanted(link=links[0], action=wanted.action)
    with console.reader.view() as connection:
        found = facts(connection, wanted, before=before, limit=PAGE + 1)
        names = console.remembered("actions", REMEMBERED, lambda: actions(connection))
    return AuditPage(
        facts=found[:PAGE],
        links=links,
        actions=names,
        link=link or None,
        action=action or None,
        next=found[PAGE - 1].id if len(found) > PAGE else None,
    )


@pages.page("/runs", "runs.html")
def runs_page(
    console: ConsoleDependency,
    link: Word = None,
    lane: Word = None,
    before: datetime | None = None,
) -> RunsPage:
    """The runs of a link, newest first; of the first link when none is named."""
    links = list(console.config.links)
    chosen = link or links[0]
    if chosen not in links:
        raise NotFoundError(f"there is no link '{chosen}'")
    with console.reader.view() as connection:
        found = runs(connection, chosen, lane=lane or None, before=before, limit=PAGE + 1)
    return RunsPage(
        link=chosen,
        links=links,
        lane=lane or None,
        runs=found[:PAGE],
        next=found[PAGE - 1].started_at if len(found) > PAGE else None,
    )


@pages.page("/runs/{run_id}", "run.html")
def run_page(run_id: str, console: ConsoleDependency, before: Before = None) -> RunPage:
    """One run and what it noted, newest first."""
    with console.reader.view() as connection:
        run = one_run(connection, run_id)
        found = facts(connection, Wanted(run_id=run_id), before=before, limit=PAGE + 1)
    return RunPage(
        run=run,
        facts=found[:PAGE],
        next=found[PAGE - 1].id if len(found) > PAGE else None,
    )
