"""One question answered by one person, or by two where the answer reaches far; merging any two."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from tandem.decide import check_answer, decide_in
from tandem.desk import answers
from tandem.desk.answers import GroupAnswer, Seen
from tandem.desk.groups import AT_ONCE, nobody_has_answered, propose_or_give
from tandem.errors import StaleDecisionError
from tandem.merge import ask_to_merge
from tandem.model.fields import Plain
from tandem.settings import LinkConfig
from tandem.state import review
from tandem.state.database import Database
from tandem.state.reader.search import count_referring
from tandem.state.review import ReviewItem, ReviewKind, ReviewState


def decide_one(
    database: Database,
    review_id: int,
    *,
    version: int,
    decision: dict[str, Any],
    person: str,
    at: datetime,
    ceiling: int,
    grace: timedelta = AT_ONCE,
) -> ReviewItem | GroupAnswer:
    """Answer one question; what reaches further than the ceiling becomes a proposal.

    Args:
        database: the state.
        review_id: the question.
        version: of the question that the person saw.
        decision: see `tandem.decide`.
        person: who decides.
        at: now.
        ceiling: what reaches more records needs a second person, see `reach`.
        grace: how long the answer can be taken back before it is given.

    Returns:
        The question, answered; or an answer that is held, or proposed.

    Raises:
        NotFoundError: there is no such question.
        StaleDecisionError: it changed since `version`.
        DecisionError: the answer does not fit.
    """
    with database.begin() as connection:
        return _decide_one(
            connection,
            review.get(connection, review_id),
            version=version,
            decision=decision,
            person=person,
            at=at,
            ceiling=ceiling,
            grace=grace,
        )


def merge_two(
    database: Database,
    link: LinkConfig,
    *,
    survivor: str,
    loser: str,
    choices: Mapping[str, Plain],
    person: str,
    at: datetime,
    ceiling: int,
    grace: timedelta = AT_ONCE,
) -> ReviewItem | GroupAnswer:
    """Merge two records that a person names: asked and answered, for the arguments see `merge`.

    What is taken back, or needs a second person, stays an open question whether the two are one.

    Returns:
        As `decide_one`, whose `ceiling` and `grace` these are.

    Raises:
        NotFoundError: one of the records does not exist.
        StaleDecisionError: somebody has answered whether they are one.
        DecisionError: they cannot be merged, or a choice is missing or not usable.
    """
    with database.begin() as connection:
        asked = ask_to_merge(
            connection, link, survivor=survivor, loser=loser, choices=choices, at=at
        )
        return _decide_one(
            connection,
            asked.item,
            version=asked.item.version,
            decision=asked.decision,
            person=person,
            at=at,
            ceiling=ceiling,
            grace=grace,
        )


def reach(connection: Connection, item: ReviewItem, decision: dict[str, Any]) -> int:
    """How many records an answer deletes, or merges away and attaches to another one."""
    if item.kind is ReviewKind.DELETE_APPROVAL and decision.get("approve"):
        return int(item.question["deletions"])
    if (stays := decision.get("merge_into")) is not None:
        pair = {item.canonical_id, *review.candidates_of(connection, item.id)} - {stays, None}
        return sum(1 + count_referring(connection, str(goes)) for goes in pair)
    return 0


def _decide_one(
    connection: Connection,
    item: ReviewItem,
    *,
    version: int,
    decision: dict[str, Any],
    person: str,
    at: datetime,
    ceiling: int,
    grace: timedelta,
) -> ReviewItem | GroupAnswer:
    nobody_has_answered(connection, item)
    two_people = reach(connection, item, decision) > ceiling
    if not (two_people or grace):
        return decide_in(
            connection, item.id, version=version, decision=decision, person=person, at=at
        )
    if two_people and (waiting := answers.proposed(connection, item)) is not None:
        raise StaleDecisionError(f"{waiting.proposed_by} has proposed an answer: look at it")
    check_answer(connection, item, decision)
    if item.version != version or item.state is not ReviewState.OPEN:
        raise StaleDecisionError(f"review item {item.id} has changed: look at it again")
    seen = Seen(1, item.id, item.version)
    return propose_or_give(
        connection,
        item,
        decision,
        seen,
        person=person,
        at=at,
        grace=grace,
        two_people=two_people,
        review_id=item.id,
    )
