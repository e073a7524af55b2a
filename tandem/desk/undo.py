"""Taking an answer back, as long as it has not been applied; and the honest reason when it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from tandem.decide import learned_text
from tandem.desk import answers
from tandem.desk.answers import GroupAnswer
from tandem.desk.groups import take_back
from tandem.errors import TandemError
from tandem.state import audit, review, synonym
from tandem.state.bulk import chunks
from tandem.state.database import Database
from tandem.state.inbox import InboxState
from tandem.state.review import AnswerState, ReviewItem, ReviewKind, ReviewState, question_of
from tandem.state.tables import inbox, lease
from tandem.state.tables import review as review_table

REASONS = {
    ReviewState.OPEN: "nobody has answered it",
    ReviewState.APPLIED: "the answer has been applied already: it has left for the systems",
    ReviewState.VOID: "the facts have changed meanwhile, and nothing is left to ask",
}
"""Why a question in this state has no answer that can be taken back."""


class UndoError(TandemError):
    """The answer cannot be taken back any more."""

    code = "review.not_undoable"


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of taking back an answer to many questions.

    Attributes:
        open_again: questions that are open again.
        too_late: questions whose answer had been applied already.
    """

    answer: GroupAnswer
    open_again: int
    too_late: int


def undo(database: Database, review_id: int, *, person: str, at: datetime) -> ReviewItem:
    """Take back the answer to one question.

    An answer that was held leaves the question as it was; one that was given, and not applied yet,
    opens it again in a new version.

    Raises:
        NotFoundError: there is no such question.
        UndoError: it is too late, or the answer was given to many questions; the message says why.
    """
    with database.begin() as connection:
        _wait_for_the_worker(connection, review.get(connection, review_id).link)
        item = review.get(connection, review_id)
        if (held := answers.held_for(connection, item)) is not None:
            if held.review_id is None:
                raise UndoError("it was answered with others: take back the answer to all of them")
            take_back(connection, held, person, at)
            return item
        if item.state is not ReviewState.DECIDED:
            raise UndoError(f"no longer possible: {REASONS[item.state]}")
        _open_again(connection, [item], person, at)
        return review.get(connection, review_id)


def undo_group(database: Database, answer_id: int, *, person: str, at: datetime) -> Undone:
    """Take back an answer to many questions, as far as it has not been applied.

    Raises:
        NotFoundError: there is no such answer.
        StaleDecisionError: it was not given, or is taken back already.
        UndoError: all of it has been applied.
    """
    with database.begin() as connection:
        _wait_for_the_worker(connection, answers.get(connection, answer_id).link)
        held = answers.get(connection, answer_id)
        if held.state is AnswerState.HELD:
            take_back(connection, held, person, at)
            return Undone(answers.get(connection, answer_id), held.seen.count, 0)
        answer = answers.move(
            connection,
            answer_id,
            AnswerState.GIVEN,
            AnswerState.UNDONE,
            settled_by=person,
            settled_at=at,
        )
        rows = connection.execute(
            select(review_table).where(
                review_table.c.group_answer_id == answer_id,
                review_table.c.state == ReviewState.DECIDED,
            )
        )
        items = [question_of(row) for row in rows]
        if not items:
            raise UndoError(f"no longer possible: {REASONS[ReviewState.APPLIED]}")
        _open_again(connection, items, person, at)
        return Undone(answer, len(items), answer.answered - len(items))


def undoable(connection: Connection, answer_id: int) -> int:
    """How many questions of an answer could still be opened again."""
    query = select(func.count()).where(
        review_table.c.group_answer_id == answer_id,
        review_table.c.state == ReviewState.DECIDED,
    )
    return int(connection.execute(query).scalar_one())


def _wait_for_the_worker(connection: Connection, link: str) -> None:
    """A worker's transaction holds its lease's row: after this nobody applies what we look at."""
    connection.execute(select(lease.c.token).where(lease.c.link == link).with_for_update()).all()


def _open_again(
    connection: Connection, items: Sequence[ReviewItem], person: str, at: datetime
) -> None:
    moments = _decided_at(connection, [item.id for item in items])
    for chunk in chunks([item.id for item in items]):
        connection.execute(
            update(review_table)
            .where(review_table.c.id.in_(chunk))
            .values(
                state=ReviewState.OPEN,
                decision=None,
                decided_by=None,
                group_answer_id=None,
                version=review_table.c.version + 1,
                changed_at=at,
            )
        )
    for directory, text, moment in {
        (*learned, moments[item.id]) for item in items if (learned := learned_text(item))
    }:
        synonym.forget(connection, directory, text, moment)
    _hold_again(connection, items)
    facts = [
        review.fact_about(
            item,
            "review.undone",
            at=at,
            actor=person,
            before=item.decision,
            decided_by=item.decided_by,
        )
        for item in items
    ]
    audit.append(connection, facts)


def _decided_at(connection: Connection, ids: Sequence[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for chunk in chunks(ids):
        rows = connection.execute(
            select(review_table.c.id, review_table.c.changed_at).where(review_table.c.id.in_(chunk))
        )
        found.update({row.id: row.changed_at for row in rows})
    return found


def _hold_again(connection: Connection, items: Sequence[ReviewItem]) -> None:
    """Put records that waited for the answer aside again."""
    for item in items:
        if item.kind is not ReviewKind.DUPLICATE or item.native_id is None:
            continue
        connection.execute(
            update(inbox)
            .where(
                inbox.c.link == item.link,
                inbox.c.system == item.system,
                inbox.c.stream == item.stream,
                inbox.c.native_id == item.native_id,
                inbox.c["values"].is_not(None),
                inbox.c.state == InboxState.NEW,
            )
            .values(state=InboxState.IN_REVIEW, waiting_on=item.subject)
        )
