"""Lists of questions for people: pages by the last id seen, causes, counts.

Each finds its rows by an index, whatever the number of questions that are closed. A question whose
answer is held, so that it can be taken back, does not wait for anybody and is in none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from cleansing.text import fold
from tandem.state.outbox import PushState
from tandem.state.review import AnswerState, ReviewItem, ReviewState, question_of
from tandem.state.tables import group_answer, outbox, quarantine, review, review_comment

COUNTED = 1000
"""So far a narrowed list is counted; beyond it there are "more than"."""

NOBODY = ""
"""As an assignee: those that nobody looks after."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which open questions one wants to see; None means any.

    Attributes:
        assignee: a person, or `NOBODY`.
        text: part of a record's name, or of its id in its system.
    """

    link: str | None = None
    kind: str | None = None
    object: str | None = None
    system: str | None = None
    field: str | None = None
    group: str | None = None
    assignee: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Open questions of one cause: one answer may do for all.

    Attributes:
        first: the oldest of them.
    """

    link: str
    kind: str
    group_key: str
    count: int
    first: ReviewItem


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote beside a question."""

    id: int
    person: str
    at: datetime
    text: str


def _held(connection: Connection) -> list[Any]:
    """Answers that can still be taken back: few, because they are given after some seconds."""
    query = select(group_answer).where(group_answer.c.state == AnswerState.HELD)
    return list(connection.execute(query))


def _waiting(connection: Connection, query: Select[Any]) -> Select[Any]:
    """Only open questions that nobody has answered."""
    query = query.where(review.c.state == ReviewState.OPEN)
    held = _held(connection)
    if singles := [row.review_id for row in held if row.review_id is not None]:
        query = query.where(review.c.id.not_in(singles))
    if groups := [row.group_key for row in held if row.review_id is None]:
        query = query.where(review.c.group_key.not_in(groups))
    return query


def _narrow(connection: Connection, query: Select[Any], wanted: Narrowing) -> Select[Any]:
    query = _waiting(connection, query)
    for name, column in (
        ("link", review.c.link),
        ("kind", review.c.kind),
        ("object", review.c.object),
        ("system", review.c.system),
        ("field", review.c.field),
        ("group", review.c.group_key),
    ):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(column == value)
    if wanted.assignee == NOBODY:
        query = query.where(review.c.assignee.is_(None))
    elif wanted.assignee is not None:
        query = query.where(review.c.assignee == wanted.assignee)
    if wanted.text and (text := fold(wanted.text) or wanted.text.strip().lower()):
        query = query.where(review.c.folded.contains(text, autoescape=True))
    return query


def page(
    connection: Connection, wanted: Narrowing, *, after: int = 0, limit: int = 50
) -> list[ReviewItem]:
    """Open questions with a greater id than `after`, oldest first."""
    query = _narrow(connection, select(review), wanted).where(review.c.id > after)
    rows = connection.execute(query.order_by(review.c.id).limit(limit))
    return [question_of(row) for row in rows]


def found(
    connection: Connection, wanted: Narrowing, *, after: int = 0, limit: int = 50
) -> tuple[list[ReviewItem], int]:
    """`page` and `count` of a search, which looks at every open question: once for both."""
    query = _narrow(connection, select(review.c.id), wanted)
    query = query.order_by(review.c.id).limit(COUNTED + 1)
    ids = list(connection.execute(query).scalars())
    if len(ids) > COUNTED:
        return page(connection, wanted, after=after, limit=limit), len(ids)
    shown = [review_id for review_id in ids if review_id > after][:limit]
    rows = connection.execute(select(review).where(review.c.id.in_(shown)).order_by(review.c.id))
    return [question_of(row) for row in rows], len(ids)


def count(connection: Connection, wanted: Narrowing, *, most: int = COUNTED) -> int:
    """How many there are, counted up to one more than `most`."""
    some = _narrow(connection, select(review.c.id), wanted).limit(most + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """(link, kind) → open questions."""
    rows = connection.execute(
        select(review.c.link, review.c.kind, func.count())
        .where(review.c.state == ReviewState.OPEN)
        .group_by(review.c.link, review.c.kind)
        .order_by(review.c.link, review.c.kind)
    )
    found = {(row.link, row.kind): row[2] for row in rows}
    for answer in _held(connection):
        found[answer.link, answer.kind] -= answer.seen["count"]
    return found


def failures(connection: Connection, links: list[str]) -> dict[str, tuple[int, int]]:
    """Link → (dead letters, records in quarantine)."""
    found = {}
    for link in links:
        dead = select(func.count()).where(
            outbox.c.link == link, outbox.c.state == PushState.REJECTED
        )
        unread = select(func.count()).where(quarantine.c.link == link)
        found[link] = (
            int(connection.execute(dead).scalar_one()),
            int(connection.execute(unread).scalar_one()),
        )
    return found


def causes(connection: Connection, wanted: Narrowing, *, limit: int = 100) -> list[Cause]:
    """Causes with the most open questions first."""
    many = func.count().label("many")
    rows = connection.execute(
        _narrow(
            connection,
            select(
                review.c.link,
                review.c.kind,
                review.c.group_key,
                many,
                func.min(review.c.id).label("first"),
            ),
            wanted,
        )
        .group_by(review.c.link, review.c.kind, review.c.group_key)
        .order_by(many.desc(), review.c.group_key)
        .limit(limit)
    ).all()
    firsts = connection.execute(select(review).where(review.c.id.in_([r.first for r in rows])))
    by_id = {row.id: question_of(row) for row in firsts}
    return [Cause(r.link, r.kind, r.group_key, r.many, by_id[r.first]) for r in rows]


def neighbours(connection: Connection, review_id: int) -> tuple[int | None, int | None]:
    """Ids of the open questions before and after one."""
    before = _waiting(connection, select(func.max(review.c.id))).where(review.c.id < review_id)
    after = _waiting(connection, select(func.min(review.c.id))).where(review.c.id > review_id)
    return connection.execute(before).scalar(), connection.execute(after).scalar()


def comments(connection: Connection, review_id: int) -> list[Comment]:
    """What people wrote beside a question, oldest first."""
    rows = connection.execute(
        select(review_comment)
        .where(review_comment.c.review_id == review_id)
        .order_by(review_comment.c.id)
    )
    return [Comment(row.id, row.person, row.at, row.text) for row in rows]


def quarantine_page(
    connection: Connection, link: str | None, *, skip: int, limit: int
) -> list[Any]:
    """Rows of the quarantine, oldest first."""
    query = select(quarantine)
    if link is not None:
        query = query.where(quarantine.c.link == link)
    order = (quarantine.c.since, quarantine.c.system, quarantine.c.native_id)
    return list(connection.execute(query.order_by(*order).offset(skip).limit(limit)))


def dead_letter_page(
    connection: Connection, link: str | None, links: list[str], *, after: int, limit: int
) -> list[Any]:
    """Rows of the outbox that were refused for good, those with a greater id than `after`."""
    wanted = [link] if link is not None else links
    query = select(outbox).where(
        outbox.c.link.in_(wanted), outbox.c.state == PushState.REJECTED, outbox.c.id > after
    )
    return list(connection.execute(query.order_by(outbox.c.id).limit(limit)))
