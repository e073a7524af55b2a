"""Lists of questions for people: pages by the last id seen, causes, counts.

Each finds its rows by an index, whatever the number of questions that are closed. A question whose
answer is held, so that it can be taken back, does not wait for anybody and is in none of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select, tuple_

from cleansing.text import fold
from tandem.state import question_count
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


def _waiting(query: Select[Any], held: list[Any]) -> Select[Any]:
    """Only open questions that nobody has answered."""
    query = query.where(review.c.state == ReviewState.OPEN)
    if singles := [row.review_id for row in held if row.review_id is not None]:
        query = query.where(review.c.id.not_in(singles))
    if groups := [(row.link, row.group_key) for row in held if row.review_id is None]:
        query = query.where(tuple_(review.c.link, review.c.group_key).not_in(groups))
    return query


def _singles(connection: Connection, held: list[Any]) -> Counter[tuple[str, str, str]]:
    """(link, kind, cause) → open questions that have been answered one by one."""
    ids = [row.review_id for row in held if row.review_id is not None]
    if not ids:
        return Counter()
    query = select(review.c.link, review.c.kind, review.c.group_key).where(
        review.c.id.in_(ids), review.c.state == ReviewState.OPEN
    )
    return Counter((row.link, row.kind, row.group_key) for row in connection.execute(query))


def _narrow(connection: Connection, query: Select[Any], wanted: Narrowing) -> Select[Any]:
    query = _waiting(query, _held(connection))
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
        # A third faster than LIKE, which counts for a look at every open question.
        place = func.strpos if connection.dialect.name == "postgresql" else func.instr
        query = query.where(place(review.c.folded, text) > 0)
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
    """`page` and `count`; a search, which looks at every open question, looks once for both."""
    if not wanted.text:
        shown = page(connection, wanted, after=after, limit=limit)
        return shown, count(connection, wanted)
    query = _narrow(connection, select(review.c.id), wanted)
    query = query.order_by(review.c.id).limit(COUNTED + 1)
    ids = list(connection.execute(query).scalars())
    if len(ids) > COUNTED:
        return page(connection, wanted, after=after, limit=limit), len(ids)
    here = [review_id for review_id in ids if review_id > after][:limit]
    rows = connection.execute(select(review).where(review.c.id.in_(here)).order_by(review.c.id))
    return [question_of(row) for row in rows], len(ids)


def count(connection: Connection, wanted: Narrowing, *, most: int = COUNTED) -> int:
    """How many there are, counted up to one more than `most`."""
    some = _narrow(connection, select(review.c.id), wanted).limit(most + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """(link, kind) → open questions."""
    found = Counter(question_count.by_kind(connection))
    held = _held(connection)
    for (link, kind, _), number in _singles(connection, held).items():
        found[link, kind] -= number
    for row in held:
        if row.review_id is None:
            group = question_count.by_cause(link=row.link, kind=row.kind, cause=row.group_key)
            found[row.link, row.kind] -= sum(r.many for r in connection.execute(group))
    return {key: number for key, number in found.items() if number}


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
    known = Narrowing(link=wanted.link, kind=wanted.kind, group=wanted.group)
    tell = _noted_causes if wanted == known else _counted_causes
    rows = tell(connection, wanted, limit)
    firsts = connection.execute(select(review).where(review.c.id.in_([r.first for r in rows])))
    by_id = {row.id: question_of(row) for row in firsts}
    return [Cause(r.link, r.kind, r.group_key, r.many, by_id[r.first]) for r in rows]


class _CauseRow(NamedTuple):
    link: str
    kind: str
    group_key: str
    many: int
    first: int


def _noted_causes(connection: Connection, wanted: Narrowing, limit: int) -> list[_CauseRow]:
    """From what the database keeps count of."""
    held = _held(connection)
    answered = _singles(connection, held)
    noted = question_count.by_cause(link=wanted.link, kind=wanted.kind, cause=wanted.group)
    link, kind, key, many = noted.selected_columns
    # Held answers to single questions are taken off below: so many causes may end there.
    most = noted.order_by(many.desc(), key, link, kind).limit(limit + len(held)).subquery()
    first = _waiting(select(func.min(review.c.id)), held).where(
        review.c.link == most.c.link,
        review.c.kind == most.c.kind,
        review.c.group_key == most.c.group_key,
    )
    rows = connection.execute(select(most, first.correlate(most).scalar_subquery().label("first")))
    found = [
        _CauseRow(r.link, r.kind, r.group_key, r.many - answered[r.link, r.kind, r.group_key], r[4])
        for r in rows
        if r.first is not None
    ]
    return sorted(found, key=lambda r: (-r.many, r.group_key, r.link, r.kind))[:limit]


def _counted_causes(connection: Connection, wanted: Narrowing, limit: int) -> list[_CauseRow]:
    """By a look at every open question: narrowed in a way that nobody keeps count of."""
    key = (review.c.link, review.c.kind, review.c.group_key)
    many = func.count().label("many")
    query = _narrow(connection, select(*key, many, func.min(review.c.id)), wanted)
    rows = connection.execute(
        query.group_by(*key).order_by(many.desc(), review.c.group_key, *key).limit(limit)
    )
    return [_CauseRow(*row) for row in rows]


def neighbours(connection: Connection, review_id: int) -> tuple[int | None, int | None]:
    """Ids of the open questions before and after one."""
    held = _held(connection)
    before = _waiting(select(func.max(review.c.id)), held).where(review.c.id < review_id)
    after = _waiting(select(func.min(review.c.id)), held).where(review.c.id > review_id)
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
