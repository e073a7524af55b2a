"""Merging two records that a steward names: finding the other one, what survives, the answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field, JsonValue

from tandem.console import decisions
from tandem.console.context import Console, ConsoleDependency, VisitorDependency
from tandem.console.language import gettext as _
from tandem.console.login import redirect
from tandem.console.merges import CanonicalId, MergeView, both_ways
from tandem.console.pages import FormDependency, Pages
from tandem.console.questions import told
from tandem.console.records import RecordRow, RecordSearch, found_by
from tandem.console.roles import Role, Visitor
from tandem.console.templating import render
from tandem.decide import DecisionError
from tandem.desk import answers, singles
from tandem.desk.answers import GroupAnswer
from tandem.errors import NotFoundError, StaleDecisionError
from tandem.model.fields import label
from tandem.settings import LinkConfig
from tandem.state import review
from tandem.state.chain import ChainState
from tandem.state.reader.search import count_referring
from tandem.state.review import AnswerState
from tandem.sync.pairs import pair_subject

pages = Pages("merges")


class PartnersPage(BaseModel):
    """Records that one can be merged with: of its kind and link, and live.

    Attributes:
        rows: what was found by the text; `more` tells that there may be others.
    """

    canonical_id: str
    heading: str
    object: str
    rows: list[RecordRow]
    more: bool = False
    searched: bool = False


class MergePage(BaseModel):
    """What merging two records would lead to.

    Attributes:
        merges: both ways: the first with `canonical_id` staying, the second with the other one.
        referring: how many records refer to each, by canonical id.
        two_people: whether a second person has to confirm, by the canonical id that stays.
        asked: number of the open question whether they are one, when there is one already.
        answered: whether somebody has answered it, and the answer waits.
    """

    canonical_id: str
    other: str
    heading: str
    object: str
    merges: list[MergeView]
    referring: dict[str, int]
    two_people: dict[str, bool]
    asked: int | None
    answered: bool


class MergeBody(BaseModel):
    """Two records are one.

    Attributes:
        stays: canonical id of the one that stays.
        choices: values that survive, by field.
    """

    stays: str = Field(max_length=32)
    choices: dict[str, JsonValue] = {}


class Merging(BaseModel):
    """A merge that was decided.

    Attributes:
        question: number of the question whether the two are one.
        state: of the answer: given, held for a while, or proposed to a second person.
    """

    question: int
    state: AnswerState


@pages.page("/records/{canonical_id}/merge", "merge_partners.html", role=Role.STEWARD)
def partners_page(canonical_id: CanonicalId, console: ConsoleDependency) -> PartnersPage:
    """Where the record is looked for that one is to be merged with."""
    return _partners(console, canonical_id)


@pages.command("/records/{canonical_id}/merge/search")
def search(
    canonical_id: CanonicalId, body: RecordSearch, console: ConsoleDependency
) -> PartnersPage:
    """Records that one can be merged with, by name, e-mail, number or id."""
    return _partners(console, canonical_id, body.text)


@pages.form("/records/{canonical_id}/merge/search")
def search_form(
    request: Request,
    canonical_id: CanonicalId,
    console: ConsoleDependency,
    text: Annotated[str, Form(max_length=200)] = "",
) -> HTMLResponse:
    """The page of a search; only the list where the page asks for it by itself."""
    text = text.replace("\0", "")
    part = request.headers.get("HX-Request") == "true"
    template = "merge_partners_list.html" if part else "merge_partners.html"
    return render(request, template, page=_partners(console, canonical_id, text), text=text)


def _partners(console: Console, canonical_id: str, text: str = "") -> PartnersPage:
    chain = console.reader.chain(canonical_id)
    found = found_by(console, text)
    kind = (chain.object, chain.link, ChainState.LIVE)
    return PartnersPage(
        canonical_id=canonical_id,
        heading=label(chain.values) or canonical_id,
        object=chain.object,
        rows=[
            row
            for row in found.rows
            if (row.object, row.link, row.state) == kind and row.canonical_id != canonical_id
        ],
        more=found.more,
        searched=found.searched,
    )


@pages.page("/records/{canonical_id}/merge/{other}", "merge.html", role=Role.STEWARD)
def merge_page(
    canonical_id: CanonicalId, other: CanonicalId, console: ConsoleDependency
) -> MergePage:
    """What survives if two records are merged, and what becomes of each."""
    return _view(console, canonical_id, other)


def _view(console: Console, canonical_id: str, other: str) -> MergePage:
    if canonical_id == other:
        raise DecisionError(_("a record cannot be merged with itself"))
    chains = {one: console.reader.chain(one) for one in (canonical_id, other)}
    headings = {one: label(chain.values) or one for one, chain in chains.items()}
    chain = chains[canonical_id]
    with console.reader.view() as connection:
        referring = {one: count_referring(connection, one) for one in chains}
        asked = review.for_records(connection, [pair_subject(canonical_id, other)])
        item = next(iter(asked.values()), None)
        waits = item is not None and (
            answers.held_for(connection, item) or answers.proposed(connection, item)
        )
    ceiling = console.settings.four_eyes.merges
    goes = {canonical_id: other, other: canonical_id}
    return MergePage(
        canonical_id=canonical_id,
        other=other,
        heading=headings[canonical_id],
        object=chain.object,
        merges=both_ways(console, _link(console, chain.link), headings),
        referring=referring,
        two_people={stays: 1 + referring[gone] > ceiling for stays, gone in goes.items()},
        asked=item.id if item else None,
        answered=bool(waits),
    )


def _link(console: Console, name: str) -> LinkConfig:
    link = console.config.links.get(name)
    if link is None:
        raise NotFoundError(f"there is no link '{name}' any more")
    return link


@pages.command("/records/{canonical_id}/merge/{other}")
def merge(
    canonical_id: CanonicalId,
    other: CanonicalId,
    body: MergeBody,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> Merging:
    """Merge two records; above the ceiling the merge waits for a second person.

    Whoever takes it back leaves an open question whether the two are one.
    """
    return _merge(console, visitor, canonical_id, other, body)


def _merge(
    console: Console, visitor: Visitor, canonical_id: str, other: str, body: MergeBody
) -> Merging:
    if body.stays not in (canonical_id, other):
        raise DecisionError(_("choose which of the two stays"))
    link = _link(console, console.reader.chain(canonical_id).link)
    # An answer has no character without a sign; `plain` refuses it.
    choices = decisions.Decision(choices=body.choices).plain()["choices"]
    merged = singles.merge_two(
        console.database,
        link,
        survivor=body.stays,
        loser=other if body.stays == canonical_id else canonical_id,
        choices=choices,
        person=visitor.name,
        at=console.clock.now(),
        ceiling=console.settings.four_eyes.merges,
        grace=console.settings.undo,
    )
    told(console, link.link, console.settings.undo)
    if isinstance(merged, GroupAnswer):
        return Merging(question=merged.seen.last, state=merged.state)
    return Merging(question=merged.id, state=AnswerState.GIVEN)


@pages.form("/records/{canonical_id}/merge/{other}")
def merge_form(
    request: Request,
    canonical_id: CanonicalId,
    other: CanonicalId,
    fields: FormDependency,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> Response:
    """Merge two records with the form of their page."""
    try:
        body = MergeBody(stays=fields.get("stays", "")[:32], choices=decisions.survivors(fields))
        merged = _merge(console, visitor, canonical_id, other, body)
    except (DecisionError, StaleDecisionError) as error:
        status = 409 if isinstance(error, StaleDecisionError) else 422
        page = _view(console, canonical_id, other)
        return render(request, "merge.html", status=status, page=page, problem=error.message)
    if merged.state is AnswerState.PROPOSED:
        return redirect(request, "/answers")
    return redirect(request, f"/questions/{merged.question}")
