"""The contracts of a link's streams, and what is no longer as they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tandem.state import review
from tandem.state.review import ReviewItem, ReviewKind, ReviewState


@dataclass(frozen=True, slots=True)
class DriftWarning:
    """Something about a stream that is not as it was accepted.

    Attributes:
        change: what is different, e.g. `column_gone`.
        severity: `warning`, `field` (its fields rest) or `mapping` (all of it rests).
        fields: canonical fields concerned.
        acceptable: a person may accept it; otherwise the mapping or the system has to change.
        accepted: somebody has; the next cycle takes it up.
        sentence: what is different and what follows, in one line.
    """

    review_id: int
    object: str
    system: str
    stream: str
    column: str
    change: str
    severity: str
    fields: tuple[str, ...]
    before: Any
    after: Any
    sentence: str
    acceptable: bool
    accepted: bool
    since: datetime | None


def drift_of(connection: Connection, link: str) -> list[DriftWarning]:
    """What is not as accepted in the streams of a link, oldest first."""
    return [_warning(item) for item in review.pending(connection, link, ReviewKind.DRIFT)]


def _warning(item: ReviewItem) -> DriftWarning:
    question = item.question
    return DriftWarning(
        review_id=item.id,
        object=item.object,
        system=item.system or "",
        stream=item.stream or "",
        column=question["column"],
        change=question["change"],
        severity=question["severity"],
        fields=tuple(question["fields"]),
        before=question["before"],
        after=question["after"],
        sentence=question["context"]["told"],
        acceptable=question["acceptable"],
        accepted=item.state is ReviewState.DECIDED,
        since=item.opened_at,
    )
