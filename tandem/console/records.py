"""Records: finding one, seeing it as each system has it, and why each value is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from tandem.console.context import Console, ConsoleDependency
from tandem.console.pages import Pages
from tandem.console.roles import Role
from tandem.console.templating import record_url, render
from tandem.model.fields import label
from tandem.model.objects import field_types
from tandem.state.outbox import Intent, PushState
from tandem.state.reader import Fact, Question
from tandem.state.reader.history import Wanted, facts
from tandem.state.reader.search import Hit, count_referring, find, hits, referring
from tandem.state.review import ReviewItem
from tandem.sync.explain import Explanation, explain

pages = Pages("records")

MOST_HITS = 50
MOST_RELATED = 20
LATEST_FACTS = 10
HISTORY_PAGE = 50

IN_FLIGHT = (
    PushState.INTENDED,
    PushState.PARKED,
    PushState.SENDING,
    PushState.UNKNOWN,
    PushState.REJECTED,
)
"""Writes that a record still waits for; a refused one waits for a person."""


class RecordSearch(BaseModel):
    """What to look for: words of a name, an e-mail, a telephone or tax number, an id."""

    text: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")


class NativeRecord(BaseModel):
    """A record of a system.

    Attributes:
        url: where people see it there, if the configuration says so.
    """

    system: str
    stream: str
    native_id: str
    state: str
    url: str | None


class RecordRow(BaseModel):
    """A record in a list.

    Attributes:
        place: town and country, to tell records of one name apart.
    """

    canonical_id: str
    path: str
    heading: str
    place: str
    object: str
    link: str
    state: str
    merged_into: str | None
    natives: list[NativeRecord]


class RecordsPage(BaseModel):
    """Records that were found; `more` tells that there may be others."""

    rows: list[RecordRow]
    more: bool = False
    searched: bool = False


class OpenQuestion(BaseModel):
    """A question about the record that nobody has answered yet."""

    id: int
    path: str
    kind: str
    field: str | None
    system: str | None
    opened_at: datetime | None


class WriteInFlight(BaseModel):
    """A write of the record that is decided and has not succeeded.

    Attributes:
        values: canonical field → value that is to be written.
        answer: what the system said to the last try, in its own words.
        path: of the page of a refused one.
    """

    id: int
    system: str
    operation: str
    state: str
    values: dict[str, Any]
    attempts: int
    created_at: datetime | None
    answer: dict[str, Any] | None
    path: str | None


class PolicyOfField(BaseModel):
    """The rule that decides when both sides change a field."""

    policy: str
    owner: str | None


class RecordPage(BaseModel):
    """A record as each system has it, as golden record, and how it came to be.

    Attributes:
        story: the record field by field, with its latest 200 facts.
        systems: the columns of the comparison, in the order of the link.
        natives: the records of the systems, with where people see them.
        policies: canonical field → configured rule.
        parents: records that this one refers to.
        children: the first records that refer to this one; `child_count` tells how many there are.
        latest: its latest facts, newest first; `history` has all of them.
    """

    heading: str
    story: Explanation
    systems: list[str]
    natives: list[NativeRecord]
    policies: dict[str, PolicyOfField]
    questions: list[OpenQuestion]
    writes: list[WriteInFlight]
    parents: dict[str, RecordRow]
    children: list[RecordRow]
    child_count: int
    latest: list[Fact]
    more_history: bool


class HistoryPage(BaseModel):
    """What the audit knows of a record, newest first; `next` is `before` of the page after."""

    canonical_id: str
    heading: str
    object: str
    facts: list[Fact]
    next: int | None


class RelatedPage(BaseModel):
    """Records that refer to one; `next` is `after` of the page after."""

    canonical_id: str
    heading: str
    object: str
    rows: list[RecordRow]
    total: int
    next: str | None


@pages.page("/records", "records.html")
def records_page() -> RecordsPage:
    """Where a record is looked for."""
    return RecordsPage(rows=[])


@pages.command("/records/search", role=Role.VIEWER)
def search(body: RecordSearch, console: ConsoleDependency) -> RecordsPage:
    """Records by name, e-mail, number or id; posted, because these belong into no address."""
    return found_by(console, body.text)


@pages.form("/records/search", role=Role.VIEWER)
def search_form(
    request: Request,
    console: ConsoleDependency,
    text: Annotated[str, Form(max_length=200)] = "",
) -> HTMLResponse:
    """The page of a search; only the list where the page asks for it by itself."""
    part = request.headers.get("HX-Request") == "true"
    template = "records_list.html" if part else "records.html"
    text = text.replace("\0", "")
    return render(request, template, page=found_by(console, text), text=text)


@pages.page("/records/{canonical_id}", "record.html")
def record_page(canonical_id: str, console: ConsoleDependency) -> RecordPage:
    """A record as each system has it and as golden record, and why each value is there."""
    story = explain(console.reader, console.mappings, canonical_id)
    types = field_types(story.object)
    references = {
        field.field: str(field.golden)
        for field in story.fields
        if field.golden and types[field.field].references
    }
    with console.reader.view() as connection:
        latest = facts(connection, Wanted(canonical_id=canonical_id), limit=LATEST_FACTS + 1)
        parents = {hit.canonical_id: hit for hit in hits(connection, list(references.values()))}
        children = referring(connection, canonical_id, limit=MOST_RELATED)
        child_count = count_referring(connection, canonical_id)
    writes = console.reader.intents(canonical_id, IN_FLIGHT)
    return RecordPage(
        heading=story.label or story.canonical_id,
        story=story,
        systems=_systems(console, story),
        natives=[
            _native(console, side.system, side.stream, side.native_id, side.state)
            for side in story.links
        ],
        policies=_policies(console, story),
        questions=[_question(item) for item in _questions(console, canonical_id)],
        writes=[_write(intent) for intent in writes],
        parents={
            name: _row(console, parents[parent])
            for name, parent in references.items()
            if parent in parents
        },
        children=[_row(console, hit) for hit in children],
        child_count=child_count,
        latest=latest[:LATEST_FACTS],
        more_history=len(latest) > LATEST_FACTS,
    )


@pages.page("/records/{canonical_id}/history", "record_history.html")
def history_page(
    canonical_id: str,
    console: ConsoleDependency,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> HistoryPage:
    """Everything that was done to a record, and why."""
    chain = console.reader.chain(canonical_id)
    with console.reader.view() as connection:
        found = facts(
            connection, Wanted(canonical_id=canonical_id), before=before, limit=HISTORY_PAGE + 1
        )
    return HistoryPage(
        canonical_id=canonical_id,
        heading=label(chain.values) or canonical_id,
        object=chain.object,
        facts=found[:HISTORY_PAGE],
        next=found[HISTORY_PAGE - 1].id if len(found) > HISTORY_PAGE else None,
    )


@pages.page("/records/{canonical_id}/related", "record_related.html")
def related_page(
    canonical_id: str,
    console: ConsoleDependency,
    after: Annotated[str, Query(max_length=32, pattern="^[0-9a-zA-Z-]*$")] = "",
) -> RelatedPage:
    """The records that refer to one: the contacts of an account, its branches."""
    chain = console.reader.chain(canonical_id)
    with console.reader.view() as connection:
        found = referring(connection, canonical_id, limit=MOST_HITS + 1, after=after)
        total = count_referring(connection, canonical_id)
    return RelatedPage(
        canonical_id=canonical_id,
        heading=label(chain.values) or canonical_id,
        object=chain.object,
        rows=[_row(console, hit) for hit in found[:MOST_HITS]],
        total=total,
        next=found[MOST_HITS - 1].canonical_id if len(found) > MOST_HITS else None,
    )


def found_by(console: Console, text: str) -> RecordsPage:
    """Records by what a person typed."""
    streams = [(mapping.system, mapping.stream) for mapping in console.mappings.values()]
    with console.reader.view() as connection:
        found = find(connection, text, dict.fromkeys(streams), limit=MOST_HITS)
    rows = [_row(console, hit) for hit in found.hits]
    return RecordsPage(rows=rows, more=found.more, searched=bool(text.strip()))


def _row(console: Console, hit: Hit) -> RecordRow:
    address = hit.values.get("address") or {}
    return RecordRow(
        canonical_id=hit.canonical_id,
        path=f"/records/{hit.canonical_id}",
        heading=label(hit.values) or hit.canonical_id,
        place=", ".join(filter(None, (address.get("city"), address.get("country")))),
        object=hit.object,
        link=hit.link,
        state=hit.state,
        merged_into=hit.merged_into,
        natives=[_native(console, n.system, n.stream, n.native_id, n.state) for n in hit.natives],
    )


def _native(console: Console, system: str, stream: str, native_id: str, state: str) -> NativeRecord:
    url = record_url(console, system, stream, native_id)
    return NativeRecord(system=system, stream=stream, native_id=native_id, state=state, url=url)


def _systems(console: Console, story: Explanation) -> list[str]:
    link = console.config.links.get(story.link)
    shown = {side.system for field in story.fields for side in field.sides}
    order = link.systems if link else ()
    return [*(s for s in order if s in shown), *sorted(shown.difference(order))]


def _policies(console: Console, story: Explanation) -> dict[str, PolicyOfField]:
    link = console.config.links.get(story.link)
    rules = link.objects.get(story.object) if link else None
    if rules is None:
        return {}
    known = {field.field: rules.policy(field.field) for field in story.fields}
    return {n: PolicyOfField(policy=p.policy, owner=p.owner) for n, p in known.items()}


def _questions(console: Console, canonical_id: str) -> Sequence[ReviewItem]:
    return console.reader.reviews(Question(canonical_id=canonical_id))


def _question(item: ReviewItem) -> OpenQuestion:
    return OpenQuestion(
        id=item.id,
        path=f"/questions/{item.id}",
        kind=item.kind,
        field=item.field,
        system=item.system,
        opened_at=item.opened_at,
    )


def _write(intent: Intent) -> WriteInFlight:
    dead = intent.state is PushState.REJECTED
    return WriteInFlight(
        id=intent.id,
        system=intent.system,
        operation=intent.operation,
        state=intent.state,
        values=intent.values,
        attempts=intent.attempts,
        created_at=intent.created_at,
        answer=intent.answer,
        path=f"/dead-letters/{intent.id}" if dead else None,
    )
