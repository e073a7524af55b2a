"""One answer for all questions of one cause; above a ceiling a second person confirms it.

The statements go over sets of rows: ten thousand questions are answered in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    func,
    literal,
    null,
    select,
    update,
)

from tandem.decide import DecisionError, check_answer, decide_in, learn, learned_text
from tandem.desk import answers
from tandem.desk.answers import GroupAnswer, SamePersonError, Seen
from tandem.errors import NotFoundError, StaleDecisionError
from tandem.state import audit, review
from tandem.state.bulk import chunks, insert_new_from
from tandem.state.chain import SideState
from tandem.state.database import Database
from tandem.state.inbox import Cause, InboxState
from tandem.state.review import AnswerState, ReviewItem, ReviewKind, ReviewState, question_of
from tandem.state.tables import audit as audit_table
from tandem.state.tables import crosswalk
from tandem.state.tables import inbox as inbox_table
from tandem.state.tables import review as review_table

WAKE_BY_CHAIN = frozenset(
    {
        ReviewKind.CONFLICT,
        ReviewKind.MANDATORY_GAP,
        ReviewKind.REFUSED_VALUE,
        ReviewKind.REWRITE,
        ReviewKind.DELETION,
    }
)
"""Kinds whose answer is applied when their chain is worked on again: answered as a set."""

AT_ONCE = timedelta(0)
CHANGED = "the group has changed since it was shown: look at it again"

GROUPABLE = WAKE_BY_CHAIN | {ReviewKind.DUPLICATE}
"""Kinds that one answer may do for; a duplicate only by keeping apart."""


def decide_group(
    database: Database,
    review_id: int,
    *,
    seen: Seen,
    decision: dict[str, Any],
    person: str,
    at: datetime,
    ceiling: int,
    grace: timedelta = AT_ONCE,
) -> GroupAnswer:
    """Answer every open question of the group of one, exactly those that the person saw.

    Args:
        database: the state.
        review_id: a question of the group.
        seen: the group as it was shown.
        decision: as for one question; or {"take": SYSTEM}.
        person: who decides.
        at: now.
        ceiling: above so many questions the answer only becomes a proposal.
        grace: how long it can be taken back before it is given.

    Returns:
        The answer: given, held or proposed.

    Raises:
        NotFoundError: there is no such question.
        StaleDecisionError: the group has changed since it was shown.
        DecisionError: the answer does not fit.
    """
    with database.begin() as connection:
        item = review.get(connection, review_id)
        if item.kind not in GROUPABLE:
            raise DecisionError(f"a {item.kind} is answered one by one")
        check_answer(connection, item, answer_to(item, decision))
        if not seen.count or answers.look(connection, item.link, item.group_key, seen.last) != seen:
            raise StaleDecisionError(CHANGED)
        nobody_has_answered(connection, item, whole_group=True)
        return propose_or_give(
            connection,
            item,
            decision,
            seen,
            person=person,
            at=at,
            grace=grace,
            two_people=seen.count > ceiling,
        )


def confirm(
    database: Database,
    answer_id: int,
    *,
    seen: Seen,
    person: str,
    at: datetime,
    grace: timedelta = AT_ONCE,
) -> GroupAnswer:
    """Give an answer that somebody else proposed; with `grace` it can be taken back so long.

    Raises:
        NotFoundError: there is no such answer.
        SamePersonError: it is the person's own.
        StaleDecisionError: the group, or the answer, has changed since it was shown.
        DecisionError: the answer does not fit any more.
    """
    with database.begin() as connection:
        answer = answers.get(connection, answer_id)
        if answer.proposed_by == person:
            raise SamePersonError("a second person has to confirm what you proposed")
        if not seen.count or answers.shown(connection, answer, seen.last) != seen:
            raise StaleDecisionError(CHANGED)
        return _hold_or_give(connection, answer, seen, person=person, at=at, grace=grace)


def give_due(connection: Connection, link: str, at: datetime) -> int:
    """Give every held answer of a link whose time to be taken back is over.

    The pipeline does so at the beginning of a cycle, in a transaction that proves its lease. What
    no longer fits, because its question has changed meanwhile, lapses: the question stays open.

    Returns:
        How many answers were given.
    """
    given = 0
    for answer in answers.held(connection, link, due=at):
        try:
            with connection.begin_nested():
                if answers.shown(connection, answer, answer.seen.last) != answer.seen:
                    raise StaleDecisionError(CHANGED)
                _give(connection, answer, answer.seen, person=answer.settled_by, at=at)
            given += 1
        except (StaleDecisionError, DecisionError, NotFoundError):
            answers.move(connection, answer.id, AnswerState.HELD, AnswerState.LAPSED)
            tell(connection, answer, "answer.lapsed", answer.proposed_by, at)
    return given


def take_back(connection: Connection, answer: GroupAnswer, person: str, at: datetime) -> None:
    """Take back an answer that is held; nothing has come of it yet.

    Raises:
        StaleDecisionError: it is not held any more.
    """
    answers.move(
        connection,
        answer.id,
        AnswerState.HELD,
        AnswerState.UNDONE,
        settled_by=person,
        settled_at=at,
    )
    tell(connection, answer, "answer.undone", person, at)


def refuse(database: Database, answer_id: int, *, person: str, at: datetime) -> GroupAnswer:
    """Drop a proposal, somebody else's or one's own.

    Raises:
        NotFoundError: there is no such answer.
        StaleDecisionError: it is no proposal any more.
    """
    with database.begin() as connection:
        answer = answers.move(
            connection,
            answer_id,
            AnswerState.PROPOSED,
            AnswerState.REFUSED,
            settled_by=person,
            settled_at=at,
        )
        tell(connection, answer, "answer.refused", person, at)
        return answer


def answer_to(item: ReviewItem, decision: dict[str, Any]) -> dict[str, Any]:
    """What an answer to a group means for one of its questions.

    Raises:
        DecisionError: the system that it names holds no value of this question.
    """
    if set(decision) != {"take"}:
        return decision
    held = item.question.get("sides")
    if item.kind is ReviewKind.REWRITE:
        held = {item.system: item.question.get("shown")}
    if not isinstance(held, dict) or decision["take"] not in held:
        raise DecisionError(f"review item {item.id}: {decision['take']} holds no value to take")
    return {"value": held[decision["take"]]}


def nobody_has_answered(
    connection: Connection, item: ReviewItem, *, whole_group: bool = False
) -> None:
    """Refuse a second answer while the first can be taken back.

    Raises:
        StaleDecisionError: somebody has answered the question, or with `whole_group` any of its
            group.
    """
    for held in answers.held(connection, item.link):
        if held.covers(item) or (whole_group and held.group_key == item.group_key):
            raise StaleDecisionError(f"{held.proposed_by} has answered it: look at it again")


def propose_or_give(
    connection: Connection,
    item: ReviewItem,
    decision: dict[str, Any],
    seen: Seen,
    *,
    person: str,
    at: datetime,
    grace: timedelta,
    two_people: bool,
    review_id: int | None = None,
) -> GroupAnswer:
    """Store an answer and give it, after `grace` if there is any; or leave it to a second person.

    Args:
        connection: the state.
        item: the question, or one of those that are answered at once.
        decision: see `tandem.decide`.
        seen: what the person saw.
        person: who answers.
        at: now.
        grace: how long it can be taken back before it is given.
        two_people: it waits for a second person.
        review_id: the question, when the answer is for it alone.
    """
    answer = answers.add(
        connection, item, decision, seen, person=person, at=at, review_id=review_id
    )
    if two_people:
        tell(connection, answer, "answer.proposed", person, at)
        return answer
    return _hold_or_give(connection, answer, seen, person=None, at=at, grace=grace)


def _hold_or_give(
    connection: Connection,
    answer: GroupAnswer,
    seen: Seen,
    *,
    person: str | None,
    at: datetime,
    grace: timedelta,
) -> GroupAnswer:
    """Give a proposed answer, after `grace` if there is any; `person` is who confirmed it."""
    if not grace:
        return _give(connection, answer, seen, person=person, at=at)
    answer = answers.move(
        connection,
        answer.id,
        AnswerState.PROPOSED,
        AnswerState.HELD,
        seen=asdict(seen),
        settled_by=person,
        settled_at=at,
        due_at=at + grace,
    )
    tell(connection, answer, "answer.held", person or answer.proposed_by, at)
    return answer


def _give(
    connection: Connection, answer: GroupAnswer, seen: Seen, *, person: str | None, at: datetime
) -> GroupAnswer:
    answer = answers.move(
        connection,
        answer.id,
        answer.state,
        AnswerState.GIVEN,
        answered=seen.count,
        seen=asdict(seen),
        settled_by=person,
        settled_at=at,
    )
    if answer.review_id is not None:
        decide_in(
            connection,
            answer.review_id,
            version=seen.versions,
            decision=answer.decision,
            person=answer.proposed_by,
            at=at,
        )
        return answer
    items = _open_items(connection, answer)
    if answer.kind in WAKE_BY_CHAIN:
        _decide_all(connection, answer, items, at)
    else:
        for item in items:
            decide_in(
                connection,
                item.id,
                version=item.version,
                decision=answer_to(item, answer.decision),
                person=answer.proposed_by,
                at=at,
            )
        _belong_to(connection, answer, items)
    if len(items) != seen.count:
        raise StaleDecisionError(CHANGED)
    tell(connection, answer, "answer.given", person or answer.proposed_by, at)
    return answer


def _open_items(connection: Connection, answer: GroupAnswer) -> list[ReviewItem]:
    rows = connection.execute(
        select(review_table).where(_meant(answer)).order_by(review_table.c.id).with_for_update()
    )
    return [question_of(row) for row in rows]


def _belong_to(connection: Connection, answer: GroupAnswer, items: Sequence[ReviewItem]) -> None:
    for chunk in chunks([item.id for item in items]):
        connection.execute(
            update(review_table)
            .where(review_table.c.id.in_(chunk))
            .values(group_answer_id=answer.id)
        )


def _stored(connection: Connection, answer: GroupAnswer) -> Any:
    """What each question's row gets as its decision: the same for all, or what its side holds."""
    column = review_table.c.question
    if set(answer.decision) != {"take"}:
        return literal(answer.decision, review_table.c.decision.type)
    path = ("shown",) if answer.kind is ReviewKind.REWRITE else ("sides", answer.decision["take"])
    if connection.dialect.name == "postgresql":
        return func.jsonb_build_object("value", column[path])
    # A path of SQLite quotes its names; names of systems have no quotes of their own.
    place = "".join(f'."{name}"' for name in path)
    return func.json_object("value", func.json(column.op("->")(literal(f"${place}", String))))


def _decide_all(
    connection: Connection, answer: GroupAnswer, items: Sequence[ReviewItem], at: datetime
) -> None:
    taught: set[tuple[str, str]] = set()
    checked: list[object] = []
    for item in items:
        item.decision = answer_to(item, answer.decision)
        item.decided_by = answer.proposed_by
        if item.decision not in checked[-1:]:
            check_answer(connection, item, item.decision)
            checked.append(item.decision)
        learned = learned_text(item)
        if learned is not None and learned not in taught:
            taught.add(learned)
            learn(connection, item, at)
    connection.execute(
        update(review_table)
        .where(_meant(answer))
        .values(
            state=ReviewState.DECIDED,
            decision=_stored(connection, answer),
            decided_by=answer.proposed_by,
            changed_at=at,
            group_answer_id=answer.id,
        )
    )
    _tell(connection, answer, "review.decided", at)
    _wake_all(connection, answer, at)


def _tell(connection: Connection, answer: GroupAnswer, action: str, at: datetime) -> None:
    """Note of each question what `review.fact_about` would, in one statement."""
    column = review_table.c
    build = func.jsonb_build_object if connection.dialect.name == "postgresql" else func.json_object
    facts = {
        "at": literal(at, audit_table.c.at.type),
        "link": column.link,
        "action": literal(action),
        "object": column.object,
        "canonical_id": column.canonical_id,
        "system": column.system,
        "native_id": column.native_id,
        "before": column.question,
        "after": column.decision,
        "cause": build("review", column.id, "kind", column.kind, "answer", answer.id),
        "actor": column.decided_by,
    }
    decided = select(*facts.values()).where(column.group_answer_id == answer.id)
    audit.append_from(connection, list(facts), decided.order_by(column.id))


def _meant(answer: GroupAnswer) -> ColumnElement[bool]:
    return and_(
        review_table.c.link == answer.link,
        review_table.c.group_key == answer.group_key,
        review_table.c.state == ReviewState.OPEN,
        review_table.c.id <= answer.seen.last,
    )


def _wake_all(connection: Connection, answer: GroupAnswer, at: datetime) -> None:
    """Ask for every linked record of every chain that was decided about, in one statement."""
    names = (
        "link", "object", "system", "stream", "native_id", "version", "fingerprint", "modified_at",
        "values", "deleted", "cause", "state", "waiting_on", "received_at", "run_id",
    )  # fmt: skip
    hints = (
        select(
            review_table.c.link,
            crosswalk.c.object,
            crosswalk.c.system,
            crosswalk.c.stream,
            crosswalk.c.native_id,
            literal(""),
            literal(Cause.DECISION.value),
            null(),
            null(),
            literal(False),
            literal(Cause.DECISION.value),
            literal(InboxState.NEW.value),
            null(),
            literal(at, inbox_table.c.received_at.type),
            null(),
        )
        .join(crosswalk, crosswalk.c.canonical_id == review_table.c.canonical_id)
        .where(
            review_table.c.group_answer_id == answer.id,
            crosswalk.c.state == SideState.LINKED,
        )
    )
    insert_new_from(connection, inbox_table, names, hints)


def tell(
    connection: Connection, answer: GroupAnswer, action: str, person: str, at: datetime
) -> None:
    """Note in the audit what somebody did to an answer."""
    fact = audit.fact(
        at,
        answer.link,
        action,
        object_name="review",
        after=answer.decision,
        cause={"answer": answer.id, "group": answer.group_key, "count": answer.seen.count},
        actor=person,
    )
    audit.append(connection, [fact])
