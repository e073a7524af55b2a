"""Answers that are not given at once, as they are stored: to many questions, or held for a while.

An answer that is held is none yet: its question is open, and nothing that works on it knows of the
answer. When its time is over it is given as if the person had answered then.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from tandem.errors import NotFoundError, StaleDecisionError, TandemError
from tandem.state.review import AnswerState, ReviewItem, ReviewKind, ReviewState
from tandem.state.tables import group_answer, review


class SamePersonError(TandemError):
    """Who proposed something cannot be the one who confirms it."""

    code = "review.same_person"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person had in front of them: a group of questions, exactly.

    Attributes:
        count: how many.
        last: the greatest id; what was asked later is not meant.
        versions: sum of their versions; it changes when one of the questions changes.
    """

    count: int
    last: int
    versions: int


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """One answer to many questions, or to one.

    Attributes:
        decision: as for one question; or {"take": SYSTEM}, the value that it holds in each.
        answered: how many questions it has answered.
        settled_by: who confirmed, refused or took it back.
        review_id: the one question that it answers; None: all of its group.
        due_at: when it is given, if nobody takes it back before.
    """

    id: int
    link: str
    kind: ReviewKind
    group_key: str
    decision: dict[str, Any]
    seen: Seen
    state: AnswerState
    proposed_by: str
    proposed_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    answered: int
    review_id: int | None = None
    due_at: datetime | None = None

    def covers(self, item: ReviewItem) -> bool:
        """Whether it answers a question."""
        if self.review_id is not None:
            return self.review_id == item.id
        group = (item.link, item.group_key)
        return (self.link, self.group_key) == group and item.id <= self.seen.last


def _answer(row: Any) -> GroupAnswer:
    return GroupAnswer(
        id=row.id,
        link=row.link,
        kind=ReviewKind(row.kind),
        group_key=row.group_key,
        decision=row.decision,
        seen=Seen(**row.seen),
        state=AnswerState(row.state),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        answered=row.answered,
        review_id=row.review_id,
        due_at=row.due_at,
    )


def look(connection: Connection, link: str, group_key: str, last: int | None = None) -> Seen:
    """The open questions of a group as they are now, those after `last` left out."""
    query = select(
        func.count(),
        func.coalesce(func.max(review.c.id), 0),
        func.coalesce(func.sum(review.c.version), 0),
    ).where(
        review.c.link == link,
        review.c.group_key == group_key,
        review.c.state == ReviewState.OPEN,
    )
    if last is not None:
        query = query.where(review.c.id <= last)
    count, greatest, versions = connection.execute(query).one()
    return Seen(int(count), int(greatest), int(versions))


def shown(connection: Connection, answer: GroupAnswer, last: int | None = None) -> Seen:
    """The open questions that an answer is about, as they are now, those after `last` left out."""
    if answer.review_id is None:
        return look(connection, answer.link, answer.group_key, last)
    row = connection.execute(
        select(review.c.id, review.c.version).where(
            review.c.id == answer.review_id, review.c.state == ReviewState.OPEN
        )
    ).one_or_none()
    return Seen(0, 0, 0) if row is None else Seen(1, row.id, row.version)


def add(
    connection: Connection,
    item: ReviewItem,
    decision: dict[str, Any],
    seen: Seen,
    *,
    person: str,
    at: datetime,
    review_id: int | None,
) -> GroupAnswer:
    """Store an answer that somebody proposes, to one question or to all of its group."""
    row = {
        "link": item.link,
        "kind": item.kind,
        "group_key": item.group_key,
        "decision": decision,
        "seen": asdict(seen),
        "state": AnswerState.PROPOSED,
        "proposed_by": person,
        "proposed_at": at,
        "answered": 0,
        "review_id": review_id,
    }
    statement = insert(group_answer).values(row).returning(group_answer.c.id)
    return get(connection, connection.execute(statement).scalar_one())


def get(connection: Connection, answer_id: int) -> GroupAnswer:
    """One answer.

    Raises:
        NotFoundError: there is none with this id.
    """
    query = select(group_answer).where(group_answer.c.id == answer_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no answer {answer_id}")
    return _answer(row)


def move(
    connection: Connection, answer_id: int, before: AnswerState, state: AnswerState, **values: Any
) -> GroupAnswer:
    """Move an answer on; only one of two people who do so at once succeeds.

    Raises:
        NotFoundError: there is no such answer.
        StaleDecisionError: it does not stand where it was.
    """
    moved = connection.execute(
        update(group_answer)
        .where(group_answer.c.id == answer_id, group_answer.c.state == before)
        .values(state=state, **values)
    )
    answer = get(connection, answer_id)
    if moved.rowcount != 1:
        raise StaleDecisionError(f"answer {answer_id} is {answer.state} by now")
    return answer


def listing(connection: Connection, limit: int = 50) -> list[GroupAnswer]:
    """What waits for a second person or for its time, then the latest others.

    Answers to one question are there only as long as they wait, and when they came to nothing.
    """
    newest = select(group_answer).order_by(group_answer.c.id.desc()).limit(limit)
    waiting = group_answer.c.state.in_([AnswerState.PROPOSED, AnswerState.HELD])
    told = or_(group_answer.c.review_id.is_(None), group_answer.c.state == AnswerState.LAPSED)
    rows = [
        *connection.execute(newest.where(waiting)),
        *connection.execute(newest.where(~waiting, told)),
    ]
    return [_answer(row) for row in rows]


def proposed(connection: Connection, item: ReviewItem) -> GroupAnswer | None:
    """The answer to a question, or to its group, that waits for a second person."""
    rows = connection.execute(
        select(group_answer)
        .where(
            group_answer.c.link == item.link,
            group_answer.c.group_key == item.group_key,
            group_answer.c.state == AnswerState.PROPOSED,
        )
        .order_by(group_answer.c.id)
    )
    return next((one for one in map(_answer, rows) if one.review_id in (None, item.id)), None)


def held(connection: Connection, link: str, due: datetime | None = None) -> list[GroupAnswer]:
    """Answers of a link that can still be taken back, oldest first; with `due`, those due then."""
    query = select(group_answer).where(
        group_answer.c.link == link, group_answer.c.state == AnswerState.HELD
    )
    if due is not None:
        query = query.where(group_answer.c.due_at <= due)
    return [_answer(row) for row in connection.execute(query.order_by(group_answer.c.id))]


def held_for(connection: Connection, item: ReviewItem) -> GroupAnswer | None:
    """The answer to a question that can still be taken back, if there is one."""
    return next((one for one in held(connection, item.link) if one.covers(item)), None)
