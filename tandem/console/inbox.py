"""The inbox: everything that waits for a person, narrowed, searched, by cause, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from tandem.console.context import Console, ConsoleDependency, VisitorDependency
from tandem.console.language import gettext
from tandem.console.pages import Pages
from tandem.console.roles import Role, Visitor
from tandem.console.templating import render
from tandem.console.words import DEAD_LETTER, QUARANTINE, about, heading
from tandem.state.reader import questions
from tandem.state.reader.questions import COUNTED, NOBODY, Narrowing
from tandem.state.review import ReviewItem

pages = Pages("inbox")

PAGE = 50
LIVE = 2.0
"""Seconds for which everybody is shown the same counts."""

Word = Annotated[str | None, Query(max_length=400, pattern=r"^[^\x00]*$")]
Position = Annotated[int, Query(ge=0, le=2**63 - 1)]


class Wanted(BaseModel):
    """What the list is narrowed to.

    Attributes:
        assignee: `me`, `nobody`, or empty for anybody.
    """

    link: Word = None
    kind: Word = None
    object: Word = None
    system: Word = None
    field: Word = None
    group: Word = None
    assignee: Annotated[str, Query(pattern="^(me|nobody|)$")] = ""
    after: Position = 0


class Search(BaseModel):
    """What to look for: part of a record's name, or of its id in its system."""

    text: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")


class InboxRow(BaseModel):
    """One line: something that waits.

    Attributes:
        path: of its page.
        heading: the record that it is about.
        about: the heart of the question.
    """

    id: int | None
    path: str
    kind: str
    link: str
    object: str
    system: str | None
    field: str | None
    heading: str
    about: str
    group_key: str | None
    assignee: str | None
    since: datetime | None


class KindCount(BaseModel):
    """How much of one kind waits."""

    kind: str
    count: int


class InboxPage(BaseModel):
    """A page of the list.

    Attributes:
        rows: oldest first.
        total: of the narrowed list, counted up to 1,000; see `more`.
        more: whether there are more than `total`.
        next: `after` of the next page; None on the last one.
        counts: what waits of each kind, not narrowed.
        searched: whether the list is the result of a search.
    """

    rows: list[InboxRow]
    total: int
    more: bool
    next: int | None
    counts: list[KindCount]
    links: list[str]
    wanted: Wanted
    searched: bool = False


class CauseRow(BaseModel):
    """Open questions of one cause.

    Attributes:
        path: of the page that answers all of them.
    """

    kind: str
    link: str
    object: str
    system: str | None
    field: str | None
    group_key: str
    about: str
    count: int
    path: str


class CausesPage(BaseModel):
    """What is asked, by cause, the most frequent first."""

    causes: list[CauseRow]
    counts: list[KindCount]
    wanted: Wanted


class OpenCount(BaseModel):
    """How much waits for people."""

    open: int


@pages.page("/inbox", "inbox.html")
def inbox_page(
    wanted: Annotated[Wanted, Query()], console: ConsoleDependency, visitor: VisitorDependency
) -> InboxPage:
    """What waits for a person, oldest first: questions, dead letters, quarantine."""
    return _list(console, visitor, wanted)


@pages.page("/inbox/causes", "causes.html")
def causes_page(
    wanted: Annotated[Wanted, Query()], console: ConsoleDependency, visitor: VisitorDependency
) -> CausesPage:
    """Open questions by cause: one answer may do for all of one cause."""
    narrowing = _narrowing(wanted, visitor)

    with console.reader.view() as connection:
        causes: list[questions.Cause] = console.remembered(
            f"causes:{narrowing}", LIVE, lambda: questions.causes(connection, narrowing)
        )
        counts = _counts(console, connection)
    rows = [_cause_row(cause) for cause in causes]
    return CausesPage(causes=rows, counts=counts, wanted=wanted)


@pages.command("/inbox/search", role=Role.VIEWER)
def search(
    wanted: Annotated[Wanted, Query()],
    body: Search,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> InboxPage:
    """The list narrowed to a text; posted, because names of people belong into no address."""
    return _list(console, visitor, wanted, body.text)


@pages.form("/inbox/search", role=Role.VIEWER)
def search_form(
    request: Request,
    wanted: Annotated[Wanted, Query()],
    console: ConsoleDependency,
    visitor: VisitorDependency,
    text: Annotated[str, Form(max_length=200)] = "",
) -> HTMLResponse:
    """The page of a search; only the list where the page asks for it by itself."""
    page = _list(console, visitor, wanted, text.replace("\0", ""))
    part = request.headers.get("HX-Request") == "true"
    return render(request, "inbox_list.html" if part else "inbox.html", page=page, text=text)


@pages.page("/inbox/open", "open_count.html")
def open_count(console: ConsoleDependency) -> OpenCount:
    """How much waits for people in all."""
    with console.reader.view() as connection:
        return OpenCount(open=sum(row.count for row in _counts(console, connection)))


def _narrowing(wanted: Wanted, visitor: Visitor, text: str | None = None) -> Narrowing:
    assignee = {"me": visitor.name, "nobody": NOBODY}.get(wanted.assignee)
    return Narrowing(
        link=wanted.link or None,
        kind=wanted.kind or None,
        object=wanted.object or None,
        system=wanted.system or None,
        field=wanted.field or None,
        group=wanted.group or None,
        assignee=assignee,
        text=text,
    )


def _list(console: Console, visitor: Visitor, wanted: Wanted, text: str | None = None) -> InboxPage:
    links = list(console.config.links)
    narrowing = _narrowing(wanted, visitor, text)
    with console.reader.view() as connection:
        if wanted.kind == DEAD_LETTER:
            found = questions.dead_letter_page(
                connection, narrowing.link, links, after=wanted.after, limit=PAGE + 1
            )
            rows = [_letter_row(row) for row in found]
        elif wanted.kind == QUARANTINE:
            found = questions.quarantine_page(
                connection, narrowing.link, skip=wanted.after, limit=PAGE + 1
            )
            rows = [_unread_row(row) for row in found]
        else:
            items, total = questions.found(
                connection, narrowing, after=wanted.after, limit=PAGE + 1
            )
            rows = [row_of(item) for item in items]
        counts = _counts(console, connection)
    if wanted.kind in (DEAD_LETTER, QUARANTINE):
        everywhere = sum(row.count for row in counts if row.kind == wanted.kind)
        total = len(rows) if narrowing.link else everywhere
    return InboxPage(
        rows=rows[:PAGE],
        total=min(total, COUNTED),
        more=total > COUNTED,
        next=_next(rows, wanted),
        counts=counts,
        links=links,
        wanted=wanted,
        searched=text is not None,
    )


def _next(rows: list[InboxRow], wanted: Wanted) -> int | None:
    if len(rows) <= PAGE:
        return None
    # Records in quarantine have no number of their own: they are skipped by count.
    return rows[PAGE - 1].id or wanted.after + PAGE


def _counts(console: Console, connection: Connection) -> list[KindCount]:
    def count() -> list[KindCount]:
        links = list(console.config.links)
        by_kind: dict[str, int] = {}
        for (_, kind), number in questions.counts(connection).items():
            by_kind[kind] = by_kind.get(kind, 0) + number
        failures = questions.failures(connection, links).values()
        by_kind[DEAD_LETTER] = sum(dead for dead, _ in failures)
        by_kind[QUARANTINE] = sum(unread for _, unread in failures)
        return [KindCount(kind=kind, count=number) for kind, number in by_kind.items() if number]

    found: list[KindCount] = console.remembered("counts", LIVE, count)
    return found


def row_of(item: ReviewItem) -> InboxRow:
    """A question as a line."""
    return InboxRow(
        id=item.id,
        path=f"/questions/{item.id}",
        kind=item.kind,
        link=item.link,
        object=item.object,
        system=item.system,
        field=item.field,
        heading=heading(item),
        about=about(item.question),
        group_key=item.group_key,
        assignee=item.assignee,
        since=item.opened_at,
    )


def _cause_row(cause: questions.Cause) -> CauseRow:
    first = cause.first
    return CauseRow(
        kind=cause.kind,
        link=cause.link,
        object=first.object,
        system=first.system,
        field=first.field,
        group_key=cause.group_key,
        about=about(first.question),
        count=cause.count,
        path=f"/groups/{first.id}",
    )


def _letter_row(row: Any) -> InboxRow:
    problem = (row.answer or {}).get("message") or (row.answer or {}).get("code") or ""
    return InboxRow(
        id=row.id,
        path=f"/dead-letters/{row.id}",
        kind=DEAD_LETTER,
        link=row.link,
        object=row.object,
        system=row.system,
        field=None,
        heading=row.native_id or row.canonical_id,
        about=f"{row.operation}: {problem}",
        group_key=None,
        assignee=None,
        since=row.created_at,
    )


def _unread_row(row: Any) -> InboxRow:
    return InboxRow(
        id=None,
        path=f"/quarantine/{row.system}/{row.stream}/{row.native_id}",
        kind=QUARANTINE,
        link=row.link,
        object=row.object,
        system=row.system,
        field=None,
        heading=row.native_id,
        about=gettext("cannot be read: %(fields)s") % {"fields": ", ".join(row.reasons)},
        group_key=None,
        assignee=None,
        since=row.since,
    )
