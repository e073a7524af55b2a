"""Who looks after a question, and what people write beside it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, update

from tandem.decide import DecisionError
from tandem.state import audit, review
from tandem.state.database import Database
from tandem.state.review import ReviewItem
from tandem.state.tables import review as review_table
from tandem.state.tables import review_comment

LONGEST_COMMENT = 4000


def assign(
    database: Database, review_id: int, *, assignee: str | None, person: str, at: datetime
) -> ReviewItem:
    """Say who looks after a question; None: nobody does.

    Raises:
        NotFoundError: there is no such question.
    """
    with database.begin() as connection:
        before = review.get(connection, review_id)
        connection.execute(
            update(review_table).where(review_table.c.id == review_id).values(assignee=assignee)
        )
        _tell(connection, before, "review.assigned", person, at, assignee=assignee)
        return review.get(connection, review_id)


def comment(database: Database, review_id: int, *, text: str, person: str, at: datetime) -> int:
    """Write something beside a question. Returns the comment's number.

    Raises:
        NotFoundError: there is no such question.
        DecisionError: the text is empty or too long.
    """
    text = text.strip().replace("\0", "")
    if not 0 < len(text) <= LONGEST_COMMENT:
        raise DecisionError(f"a comment has 1 to {LONGEST_COMMENT} characters")
    with database.begin() as connection:
        item = review.get(connection, review_id)
        row = {"review_id": review_id, "person": person, "at": at, "text": text}
        statement = insert(review_comment).values(row).returning(review_comment.c.id)
        number = int(connection.execute(statement).scalar_one())
        # The audit says that something was written; what, stands beside the question.
        _tell(connection, item, "review.commented", person, at, comment=number)
        return number


def _tell(
    connection: Connection,
    item: ReviewItem,
    action: str,
    person: str,
    at: datetime,
    **cause: object,
) -> None:
    fact = review.fact_about(item, action, at=at, actor=person, **cause)
    audit.append(connection, [fact])
