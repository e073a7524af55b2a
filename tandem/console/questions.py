"""One question: what each side holds, what each answer writes where, and the answer itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from tandem.console import decisions
from tandem.console.choices import Choice, Input, choices_of, input_of
from tandem.console.compare import Mark, marks
from tandem.console.context import Console, ConsoleDependency, VisitorDependency
from tandem.console.decisions import Decision
from tandem.console.inbox import InboxRow, row_of
from tandem.console.language import gettext as _
from tandem.console.login import redirect
from tandem.console.merges import MergeView, merged_away, merges_of
from tandem.console.pages import FormDependency, Pages
from tandem.console.roles import Role, Visitor
from tandem.console.templating import record_url, render, words
from tandem.console.words import heading
from tandem.decide import DecisionError
from tandem.desk import answers, notes, singles, undo
from tandem.desk.answers import GroupAnswer
from tandem.errors import StaleDecisionError
from tandem.model.fields import is_empty
from tandem.state import chain as chains
from tandem.state import review
from tandem.state.chain import Chain, SideState
from tandem.state.reader import Question, questions
from tandem.state.review import AnswerState, ReviewItem, ReviewKind, ReviewState

pages = Pages("questions")

Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
HISTORY = 20
SIBLINGS = 20


class SideView(BaseModel):
    """What one side holds of the field.

    Attributes:
        marks: its text with what differs from the base marked in it.
        modified_at: when the record was last changed there.
        newest: whether nobody changed it later.
        url: of the record in its system.
    """

    system: str
    native_id: str | None
    value: Any
    marks: list[Mark]
    modified_at: datetime | None
    newest: bool
    url: str | None


class CommentView(BaseModel):
    """What somebody wrote beside the question."""

    person: str
    at: datetime
    text: str


class FactView(BaseModel):
    """One line of the record's history."""

    at: datetime
    action: str
    actor: str
    system: str | None
    before: Any
    after: Any


class HeldView(BaseModel):
    """An answer that can still be taken back, and is given if nobody does.

    Attributes:
        many: whether it is the answer to many questions, and can be taken back only for all.
    """

    id: int
    person: str
    decision: dict[str, Any]
    due_at: datetime
    many: bool


def held_view(answer: GroupAnswer | None) -> HeldView | None:
    """An answer that is held, as it is shown."""
    if answer is None or answer.due_at is None:
        return None
    return HeldView(
        id=answer.id,
        person=answer.proposed_by,
        decision=answer.decision,
        due_at=answer.due_at,
        many=answer.review_id is None,
    )


class QuestionPage(BaseModel):
    """A question with everything needed to decide.

    Attributes:
        version: names the question as it is shown; an answer to another version is refused.
        base: what both sides agreed to before.
        question: the question as the pipeline asked it.
        choices: in the order of the keys 1, 2, …
        input: how a value of one's own is typed.
        group_size: open questions of the same cause, this one included.
        siblings: other open questions about the same record.
        undo: whether the answer can be taken back.
        undo_reason: why it cannot.
        held: the answer to it that can still be taken back; the question is open as long.
        proposal: number of the answer that waits for a second person.
        merges: both ways in which a pair can be merged, with what survives.
        merged_away: the record that the answer merged into the other one, once it is applied.
        previous, next: open questions before and after it.
        done: number of the question that was answered just before, for taking it back.
        done_due: when the answer to that one is given.
    """

    id: int
    version: int
    state: ReviewState
    kind: str
    link: str
    object: str
    system: str | None
    field: str | None
    canonical_id: str | None
    heading: str
    opened_at: datetime | None
    assignee: str | None
    decided_by: str | None
    decision: dict[str, Any] | None
    base: Any
    sides: list[SideView]
    question: dict[str, Any]
    choices: list[Choice]
    input: Input | None
    group_key: str
    group_size: int
    comments: list[CommentView]
    history: list[FactView]
    siblings: list[InboxRow]
    undo: bool
    undo_reason: str
    held: HeldView | None
    proposal: int | None
    merges: list[MergeView]
    merged_away: str | None
    previous: int | None
    next: int | None
    done: int | None = None
    done_due: datetime | None = None


class AnswerBody(BaseModel):
    """An answer to the question as it was shown.

    Attributes:
        version: of the question that was looked at.
    """

    version: int = Field(ge=1, le=2**31 - 1)
    decision: Decision


class AssignBody(BaseModel):
    """Who looks after it; empty: nobody."""

    assignee: str | None = Field(default=None, max_length=100, pattern=r"^[^\x00]+$")


class CommentBody(BaseModel):
    """What to write beside the question."""

    text: str = Field(min_length=1, max_length=notes.LONGEST_COMMENT, pattern=r"[^\s\x00]")


@pages.page("/questions/{review_id}", "question.html")
def question_page(
    review_id: Number,
    console: ConsoleDependency,
    done: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> QuestionPage:
    """A question: what each side holds, what differs, and what each answer writes where."""
    return view_of(console, review_id, done)


def view_of(console: Console, review_id: int, done: int | None = None) -> QuestionPage:
    """The page of a question."""
    with console.reader.view() as connection:
        item = review.get(connection, review_id)
        found = chains.load(connection, [item.canonical_id] if item.canonical_id else [])
        chain = found.get(item.canonical_id or "")
        previous, following = questions.neighbours(connection, item.id)
        comments = questions.comments(connection, item.id)
        group_size = questions.count(
            connection, questions.Narrowing(link=item.link, group=item.group_key), most=100_000
        )
        proposal = answers.proposed(connection, item)
        held = answers.held_for(connection, item)
        before = answers.held_for(connection, review.get(connection, done)) if done else None
    undoable = held.review_id is not None if held else item.state is ReviewState.DECIDED
    return QuestionPage(
        **{name: getattr(item, name) for name in _SAME},
        kind=item.kind,
        heading=heading(item),
        base=item.question.get("base"),
        sides=_sides(console, item, chain),
        choices=choices_of(item, chain, console.mappings),
        input=input_of(item, console.config.synonyms),
        group_size=group_size,
        comments=[CommentView(person=c.person, at=c.at, text=c.text) for c in comments],
        history=_history(console, item),
        siblings=_siblings(console, item),
        undo=undoable,
        undo_reason="" if undoable else undo.REASONS.get(item.state, ""),
        held=held_view(held),
        proposal=proposal.id if proposal else None,
        merges=merges_of(console, item) if item.state is ReviewState.OPEN else [],
        merged_away=merged_away(item) if item.state is ReviewState.APPLIED else None,
        previous=previous,
        next=following,
        done=done,
        done_due=before.due_at if before else None,
    )


_SAME = (
    "id", "version", "state", "link", "object", "system", "field", "canonical_id", "opened_at",
    "assignee", "decided_by", "decision", "question", "group_key",
)  # fmt: skip


def _sides(console: Console, item: ReviewItem, chain: Chain | None) -> list[SideView]:
    held = item.question.get("sides")
    if not isinstance(held, dict):
        return []
    base = item.question.get("base")
    moments = {side.system: side.modified_at for side in _linked(chain)}
    newest = max((m for s, m in moments.items() if s in held and m), default=None)
    found = []
    for system, value in held.items():
        side = next((s for s in _linked(chain) if s.system == system), None)
        others = [v for s, v in held.items() if s != system]
        against = base if not is_empty(base) else (others[0] if others else None)
        found.append(
            SideView(
                system=system,
                native_id=side.native_id if side else None,
                value=value,
                marks=marks(words(against), words(value)),
                modified_at=moments.get(system),
                newest=newest is not None and moments.get(system) == newest,
                url=record_url(console, *side.key) if side else None,
            )
        )
    return found


def _linked(chain: Chain | None) -> list[Any]:
    return [s for s in chain.sides if s.state is SideState.LINKED] if chain else []


def _history(console: Console, item: ReviewItem) -> list[FactView]:
    if item.canonical_id is None:
        return []
    found = []
    for fact in reversed(console.reader.history(item.canonical_id, HISTORY * 3)):
        before, after = fact.before, fact.after
        if item.field and isinstance(after, dict) and fact.action in _BY_FIELD:
            if item.field not in after:
                continue
            before = before.get(item.field) if isinstance(before, dict) else None
            after = after[item.field]
        elif fact.action in _BY_FIELD or fact.action.startswith("review."):
            before = after = None
        found.append(
            FactView(
                at=fact.at,
                action=fact.action,
                actor=fact.actor,
                system=fact.system,
                before=before,
                after=after,
            )
        )
    return found[:HISTORY]


_BY_FIELD = frozenset({"golden.changed", "write.accepted", "write.rejected", "write.intended"})


def _siblings(console: Console, item: ReviewItem) -> list[InboxRow]:
    if item.canonical_id is None:
        return []
    wanted = Question(canonical_id=item.canonical_id)
    found = console.reader.reviews(wanted, limit=SIBLINGS)
    return [row_of(one) for one in found if one.id != item.id]


# Commands


def _answer(
    console: Console, visitor: Visitor, review_id: int, version: int, decision: dict[str, Any]
) -> ReviewItem | GroupAnswer:
    item = console.reader.review(review_id)
    _check_candidate(item, decision)
    four_eyes = console.settings.four_eyes
    decided = singles.decide_one(
        console.database,
        review_id,
        version=version,
        decision=decision,
        person=visitor.name,
        at=console.clock.now(),
        ceiling=four_eyes.merges if "merge_into" in decision else four_eyes.deletions,
        grace=console.settings.undo,
    )
    told(console, item.link, console.settings.undo)
    return decided


def _check_candidate(item: ReviewItem, decision: dict[str, Any]) -> None:
    chosen = decision.get("canonical_id")
    known = [c["canonical_id"] for c in item.question.get("candidates", ())]
    if item.kind is ReviewKind.DUPLICATE and chosen is not None and chosen not in known:
        raise DecisionError(f"review item {item.id}: {chosen} is none of the candidates")


def told(console: Console, link: str, due: timedelta = timedelta(0)) -> None:
    """After a decision: count anew, and ring when it is due."""
    console.memory.clear()
    console.later(due, lambda: console.ring(link))


@pages.command("/questions/{review_id}/decision")
def decide(
    review_id: Number, body: AnswerBody, console: ConsoleDependency, visitor: VisitorDependency
) -> QuestionPage:
    """Answer a question; the next cycle applies it.

    An approval of more deletions than one person may approve waits for a second person: the
    question stays open, and `proposal` names the answer. Where answers are held for a while so that
    they can be taken back (`undo` in console.yaml), the question stays open that long, and `held`
    is the answer.
    """
    _answer(console, visitor, review_id, body.version, body.decision.plain())
    return view_of(console, review_id)


@pages.form("/questions/{review_id}/decision")
def decide_form(
    request: Request,
    review_id: Number,
    fields: FormDependency,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> Response:
    """Answer a question with the form of its page."""
    page = view_of(console, review_id)
    try:
        version = _version(fields)
        choice = next((c for c in page.choices if c.key == fields.get("choice")), None)
        decision = decisions.decision_of(choice, page.input, fields)
        decided = _answer(console, visitor, review_id, version, decision)
    except StaleDecisionError as error:
        # What is there now is shown with the answer that was refused.
        page = view_of(console, review_id)
        return render(request, "question.html", status=409, page=page, stale=error.message)
    except DecisionError as error:
        return render(
            request, "question.html", status=422, page=page, problem=error.message, typed=fields
        )
    if isinstance(decided, GroupAnswer) and decided.state is AnswerState.PROPOSED:
        return redirect(request, f"/answers?done={decided.id}")
    return redirect(request, _onward(page))


def _version(fields: dict[str, str]) -> int:
    try:
        return int(fields["version"])
    except (KeyError, ValueError):
        raise DecisionError(_("the form is incomplete: load the page again")) from None


def _onward(page: QuestionPage) -> str:
    """The next question, or the one before it, or the inbox."""
    following = page.next or page.previous
    return f"/questions/{following}?done={page.id}" if following else f"/inbox?done={page.id}"


@pages.command("/questions/{review_id}/undo")
def undo_answer(
    review_id: Number, console: ConsoleDependency, visitor: VisitorDependency
) -> QuestionPage:
    """Take an answer back that has not been applied yet."""
    _undo(console, visitor, review_id)
    return view_of(console, review_id)


@pages.form("/questions/{review_id}/undo")
def undo_form(
    request: Request, review_id: Number, console: ConsoleDependency, visitor: VisitorDependency
) -> Response:
    """Take an answer back, with the button of its page."""
    try:
        _undo(console, visitor, review_id)
    except undo.UndoError as error:
        page = view_of(console, review_id)
        return render(request, "question.html", status=409, page=page, problem=error.message)
    return redirect(request, f"/questions/{review_id}")


def _undo(console: Console, visitor: Visitor, review_id: int) -> None:
    item = undo.undo(console.database, review_id, person=visitor.name, at=console.clock.now())
    told(console, item.link)


@pages.command("/questions/{review_id}/assignee")
def assign(
    review_id: Number, body: AssignBody, console: ConsoleDependency, visitor: VisitorDependency
) -> QuestionPage:
    """Say who looks after a question."""
    notes.assign(
        console.database,
        review_id,
        assignee=body.assignee,
        person=visitor.name,
        at=console.clock.now(),
    )
    return view_of(console, review_id)


@pages.form("/questions/{review_id}/assignee")
def assign_form(
    request: Request,
    review_id: Number,
    fields: FormDependency,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> Response:
    """Take a question on, or give it back."""
    notes.assign(
        console.database,
        review_id,
        assignee=visitor.name if fields.get("assignee") == "me" else None,
        person=visitor.name,
        at=console.clock.now(),
    )
    return redirect(request, f"/questions/{review_id}")


@pages.command("/questions/{review_id}/comments", role=Role.STEWARD)
def comment(
    review_id: Number, body: CommentBody, console: ConsoleDependency, visitor: VisitorDependency
) -> QuestionPage:
    """Write something beside a question."""
    now = console.clock.now()
    notes.comment(console.database, review_id, text=body.text, person=visitor.name, at=now)
    return view_of(console, review_id)


@pages.form("/questions/{review_id}/comments")
def comment_form(
    request: Request,
    review_id: Number,
    fields: FormDependency,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> Response:
    """Write something beside a question, with the form of its page."""
    notes.comment(
        console.database,
        review_id,
        text=fields.get("text", ""),
        person=visitor.name,
        at=console.clock.now(),
    )
    return redirect(request, f"/questions/{review_id}#comments")
