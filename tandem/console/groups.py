"""One answer for all questions of one cause: what it would decide, the answer, two people, undo."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from tandem.console import decisions
from tandem.console.choices import Choice, Input, choices_of, input_of
from tandem.console.context import Console, ConsoleDependency, VisitorDependency
from tandem.console.decisions import Decision
from tandem.console.inbox import InboxRow, row_of
from tandem.console.language import gettext as _
from tandem.console.login import redirect
from tandem.console.pages import FormDependency, Pages
from tandem.console.questions import HeldView, Number, held_view, told
from tandem.console.roles import Visitor
from tandem.console.templating import render
from tandem.decide import DecisionError
from tandem.desk import answers, undo
from tandem.desk import groups as commands
from tandem.desk.answers import GroupAnswer, SamePersonError, Seen
from tandem.errors import StaleDecisionError
from tandem.state import review
from tandem.state.reader import questions
from tandem.state.reader.questions import Narrowing
from tandem.state.review import AnswerState, ReviewItem, ReviewKind

pages = Pages("groups")

SHOWN = 100
"""Questions of a group that its page shows; the inbox shows all."""

Count = Annotated[int, Field(ge=0, le=2**63 - 1)]


class SeenBody(BaseModel):
    """A group as it was shown: an answer counts for exactly this."""

    count: Count
    last: Count
    versions: Count

    def plain(self) -> Seen:
        """As the commands take it."""
        return Seen(self.count, self.last, self.versions)


class GroupPage(BaseModel):
    """Open questions of one cause, and the answers that do for all of them.

    Attributes:
        id: the question by which the group is found.
        seen: names the group as it is shown.
        rows: the first of them.
        two_people: whether a second person has to confirm the answer.
        proposal: number of an answer that waits for a second person.
        held: an answer to all of them, or to this one, that can still be taken back.
    """

    id: int
    kind: str
    link: str
    object: str
    system: str | None
    field: str | None
    group_key: str
    question: dict[str, Any]
    seen: SeenBody
    rows: list[InboxRow]
    choices: list[Choice]
    input: Input | None
    two_people: bool
    proposal: int | None
    held: HeldView | None


class AnswerView(BaseModel):
    """One answer to many questions.

    Attributes:
        about: what is asked, from one of the questions.
        seen: the group as it is now.
        undoable: how many of its questions could be opened again.
        due_at: when it is given, if nobody takes it back before.
        mine: whether the person who looks proposed it.
    """

    id: int
    kind: str
    link: str
    group_key: str
    about: InboxRow
    decision: dict[str, Any]
    state: AnswerState
    count: int
    seen: SeenBody
    proposed_by: str
    proposed_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    undoable: int
    due_at: datetime | None
    mine: bool


class AnswersPage(BaseModel):
    """Answers to many questions: those that wait for a second person, then the latest."""

    answers: list[AnswerView]
    done: int | None = None


class GroupBody(BaseModel):
    """An answer to all questions of a group as it was shown."""

    seen: SeenBody
    decision: Decision


class ConfirmBody(BaseModel):
    """The group as it was shown to the person who confirms."""

    seen: SeenBody


@pages.page("/groups/{review_id}", "group.html")
def group_page(review_id: Number, console: ConsoleDependency) -> GroupPage:
    """All open questions of the same cause as one, and what an answer would decide."""
    return _view(console, review_id)


def _view(console: Console, review_id: int) -> GroupPage:
    with console.reader.view() as connection:
        item = review.get(connection, review_id)
        seen = answers.look(connection, item.link, item.group_key)
        wanted = Narrowing(link=item.link, group=item.group_key)
        items = questions.page(connection, wanted, limit=SHOWN)
        proposal = answers.proposed(connection, item)
        held = answers.held_for(connection, item)
    return GroupPage(
        id=item.id,
        kind=item.kind,
        link=item.link,
        object=item.object,
        system=item.system,
        field=item.field,
        group_key=item.group_key,
        question=item.question,
        seen=SeenBody(**asdict(seen)),
        rows=[row_of(one) for one in items],
        choices=_choices(console, item),
        input=input_of(item, console.config.synonyms),
        two_people=seen.count > console.settings.four_eyes.questions,
        proposal=proposal.id if proposal else None,
        held=held_view(held),
    )


def _choices(console: Console, item: ReviewItem) -> list[Choice]:
    """The choices of one question, as far as they mean something for all."""
    if item.kind not in commands.GROUPABLE:
        return []
    found = [c for c in choices_of(item, None, console.mappings) if c.group]
    for choice in found:
        system = choice.key.removeprefix("take:")
        if item.kind is ReviewKind.CONFLICT and system != choice.key:
            choice.label = _("In each the value of %(system)s") % {"system": system}
            choice.decision = {"take": system}
        elif item.kind is ReviewKind.REWRITE and choice.key == "take":
            choice.label = _("In each what %(system)s shows") % {"system": item.system}
            choice.decision = {"take": item.system}
    return [c for c in found if c.key != "keep"]


@pages.command("/groups/{review_id}/decision")
def decide(
    review_id: Number, body: GroupBody, console: ConsoleDependency, visitor: VisitorDependency
) -> AnswerView:
    """Answer all questions of a group; above the ceiling the answer is only proposed.

    Where answers are held for a while, it is given at `due_at`.
    """
    answer = _decide(console, visitor, review_id, body.seen.plain(), body.decision.plain())
    return _answer_view(console, visitor, answer.id)


def _decide(
    console: Console, visitor: Visitor, review_id: int, seen: Seen, decision: dict[str, Any]
) -> GroupAnswer:
    answer = commands.decide_group(
        console.database,
        review_id,
        seen=seen,
        decision=decision,
        person=visitor.name,
        at=console.clock.now(),
        ceiling=console.settings.four_eyes.questions,
        grace=console.settings.undo,
    )
    told(console, answer.link, console.settings.undo)
    return answer


@pages.form("/groups/{review_id}/decision")
def decide_form(
    request: Request,
    review_id: Number,
    fields: FormDependency,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> Response:
    """Answer all questions of a group with the form of its page."""
    page = _view(console, review_id)
    choice = next((c for c in page.choices if c.key == fields.get("choice")), None)
    try:
        decision = decisions.decision_of(choice, page.input, fields)
        answer = _decide(console, visitor, review_id, _seen(fields), decision)
    except StaleDecisionError:
        page = _view(console, review_id)
        return render(request, "group.html", status=409, page=page, stale=True)
    except DecisionError as error:
        return render(request, "group.html", status=422, page=page, problem=error.message)
    return redirect(request, f"/answers?done={answer.id}")


def _seen(fields: dict[str, str]) -> Seen:
    try:
        return Seen(*(int(fields[name]) for name in ("count", "last", "versions")))
    except (KeyError, ValueError):
        raise DecisionError(_("the form is incomplete: load the page again")) from None


@pages.page("/answers", "answers.html")
def answers_page(
    console: ConsoleDependency,
    visitor: VisitorDependency,
    done: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> AnswersPage:
    """Answers to many questions: what waits for a second person, and the latest ones."""
    with console.reader.view() as connection:
        found = answers.listing(connection)
    views = [_answer_view(console, visitor, answer.id) for answer in found]
    return AnswersPage(answers=views, done=done)


def _answer_view(console: Console, visitor: Visitor, answer_id: int) -> AnswerView:
    with console.reader.view() as connection:
        answer = answers.get(connection, answer_id)
        waits = answer.state is AnswerState.PROPOSED
        seen = answers.shown(connection, answer, answer.seen.last) if waits else answer.seen
        left = 0
        if answer.state is AnswerState.HELD:
            left = answer.seen.count
        elif answer.state is AnswerState.GIVEN:
            left = undo.undoable(connection, answer.id)
        about = row_of(review.get(connection, answer.seen.last))
    return AnswerView(
        id=answer.id,
        kind=answer.kind,
        link=answer.link,
        group_key=answer.group_key,
        about=about,
        decision=answer.decision,
        state=answer.state,
        count=seen.count if waits else answer.answered or answer.seen.count,
        seen=SeenBody(**asdict(seen)),
        proposed_by=answer.proposed_by,
        proposed_at=answer.proposed_at,
        settled_by=answer.settled_by,
        settled_at=answer.settled_at,
        undoable=left,
        due_at=answer.due_at,
        mine=answer.proposed_by == visitor.name,
    )


AnswerId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@pages.command("/answers/{answer_id}/confirmation")
def confirm(
    answer_id: AnswerId, body: ConfirmBody, console: ConsoleDependency, visitor: VisitorDependency
) -> AnswerView:
    """Give an answer that somebody else proposed."""
    _confirm(console, visitor, answer_id, body.seen.plain())
    return _answer_view(console, visitor, answer_id)


def _confirm(console: Console, visitor: Visitor, answer_id: int, seen: Seen) -> None:
    answer = commands.confirm(
        console.database,
        answer_id,
        seen=seen,
        person=visitor.name,
        at=console.clock.now(),
        grace=console.settings.undo,
    )
    told(console, answer.link, console.settings.undo)


@pages.command("/answers/{answer_id}/refusal")
def refuse(
    answer_id: AnswerId, console: ConsoleDependency, visitor: VisitorDependency
) -> AnswerView:
    """Drop an answer that waits for a second person."""
    commands.refuse(console.database, answer_id, person=visitor.name, at=console.clock.now())
    return _answer_view(console, visitor, answer_id)


@pages.command("/answers/{answer_id}/undo")
def undo_answer(
    answer_id: AnswerId, console: ConsoleDependency, visitor: VisitorDependency
) -> AnswerView:
    """Take an answer back, as far as it has not been applied."""
    _undo(console, visitor, answer_id)
    return _answer_view(console, visitor, answer_id)


def _undo(console: Console, visitor: Visitor, answer_id: int) -> undo.Undone:
    undone = undo.undo_group(
        console.database, answer_id, person=visitor.name, at=console.clock.now()
    )
    told(console, undone.answer.link)
    return undone


@pages.form("/answers/{answer_id}")
def answer_form(
    request: Request,
    answer_id: AnswerId,
    fields: FormDependency,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> Response:
    """Confirm, refuse or take back, with the buttons of the page."""
    said = ""
    try:
        match fields.get("do"):
            case "confirm":
                _confirm(console, visitor, answer_id, _seen(fields))
            case "refuse":
                refuse(answer_id, console, visitor)
            case _:
                undone = _undo(console, visitor, answer_id)
                said = _("%(open)d are open again, for %(late)d it was too late.") % {
                    "open": undone.open_again,
                    "late": undone.too_late,
                }
    except (StaleDecisionError, SamePersonError, undo.UndoError, DecisionError) as error:
        page = answers_page(console, visitor)
        return render(request, "answers.html", status=409, page=page, problem=error.message)
    return render(request, "answers.html", page=answers_page(console, visitor), said=said)
