"""Open questions to people: one item per subject, which changes with the facts, by version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from tandem.errors import NotFoundError, StaleDecisionError
from tandem.state.bulk import chunks
from tandem.state.tables import review, review_candidate


class ReviewKind(StrEnum):
    """What is asked."""

    CONFLICT = "conflict"
    DUPLICATE = "duplicate"
    REFUSED_VALUE = "refused_value"
    MANDATORY_GAP = "mandatory_gap"
    REWRITE = "rewrite"
    DELETION = "deletion"
    DELETE_APPROVAL = "delete_approval"
    UNKNOWN_OUTCOME = "unknown_outcome"


class ReviewState(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    DECIDED = "decided"  #: a person answered; the next cycle applies it
    APPLIED = "applied"
    VOID = "void"  #: the facts changed so that nothing is left to ask


@dataclass(slots=True)
class ReviewItem:
    """One question.

    Attributes:
        subject: what is asked about; one open item per subject.
        group_key: items with the same key can be answered together.
        version: grows with every change of the question; a decision names the one it saw.
        question: everything needed to decide; what stands under "context" explains, and may
            change without making an answer stale.
        candidates: canonical ids that must not be created elsewhere while this is open.
    """

    link: str
    kind: ReviewKind
    subject: str
    object: str
    group_key: str
    question: dict[str, Any]
    canonical_id: str | None = None
    system: str | None = None
    stream: str | None = None
    native_id: str | None = None
    field: str | None = None
    candidates: Sequence[str] = ()
    id: int = 0
    version: int = 1
    state: ReviewState = ReviewState.OPEN
    decision: dict[str, Any] | None = None
    decided_by: str | None = None
    opened_at: datetime | None = None


_COLUMNS = (
    "link", "kind", "subject", "object", "group_key", "question", "canonical_id", "system",
    "stream", "native_id", "field",
)  # fmt: skip


def _item(row: Any) -> ReviewItem:
    return ReviewItem(
        link=row.link,
        kind=ReviewKind(row.kind),
        subject=row.subject,
        object=row.object,
        group_key=row.group_key,
        question=row.question,
        canonical_id=row.canonical_id,
        system=row.system,
        stream=row.stream,
        native_id=row.native_id,
        field=row.field,
        id=row.id,
        version=row.version,
        state=ReviewState(row.state),
        decision=row.decision,
        decided_by=row.decided_by,
        opened_at=row.opened_at,
    )


def open_items(connection: Connection, items: Iterable[ReviewItem], at: datetime) -> int:
    """Ask. Returns how many questions are new.

    A subject that is asked about already gets the new question, and a new version when it changed.
    """
    wanted = {item.subject: item for item in items}
    known: dict[str, ReviewItem] = {}
    for chunk in chunks(wanted):
        rows = connection.execute(
            select(review).where(review.c.subject.in_(chunk), review.c.state == ReviewState.OPEN)
        )
        known.update({row.subject: _item(row) for row in rows})
    new = [item for subject, item in wanted.items() if subject not in known]
    for item in new:
        row = {name: getattr(item, name) for name in _COLUMNS}
        row |= {"version": 1, "state": ReviewState.OPEN, "opened_at": at, "changed_at": at}
        item.id = connection.execute(insert(review).values(row).returning(review.c.id)).scalar_one()
    for subject, old in known.items():
        item = wanted[subject]
        item.id = old.id
        if old.question != item.question:
            asks_anew = _substance(old.question) != _substance(item.question)
            connection.execute(
                update(review)
                .where(review.c.id == old.id)
                .values(question=item.question, version=old.version + asks_anew, changed_at=at)
            )
    _set_candidates(connection, wanted.values())
    return len(new)


def _substance(question: dict[str, Any]) -> dict[str, Any]:
    """The question without its context: what makes an answer stale when it changes."""
    return {name: value for name, value in question.items() if name != "context"}


def _set_candidates(connection: Connection, items: Iterable[ReviewItem]) -> None:
    rows = [
        {"review_id": item.id, "canonical_id": candidate}
        for item in items
        for candidate in dict.fromkeys(item.candidates)
    ]
    for chunk in chunks({row["review_id"] for row in rows}):
        connection.execute(delete(review_candidate).where(review_candidate.c.review_id.in_(chunk)))
    if rows:
        connection.execute(insert(review_candidate), rows)


def for_chains(connection: Connection, canonical_ids: Iterable[str]) -> dict[str, list[ReviewItem]]:
    """Canonical id → its items that are open, or decided and not applied."""
    found: dict[str, list[ReviewItem]] = {}
    for chunk in chunks(canonical_ids):
        rows = connection.execute(
            select(review).where(
                review.c.canonical_id.in_(chunk),
                review.c.state.in_([ReviewState.OPEN, ReviewState.DECIDED]),
            )
        )
        for row in rows:
            found.setdefault(row.canonical_id, []).append(_item(row))
    return found


def for_records(connection: Connection, subjects: Iterable[str]) -> dict[str, ReviewItem]:
    """Subject → its item that is open, or decided and not applied."""
    found: dict[str, ReviewItem] = {}
    for chunk in chunks(subjects):
        rows = connection.execute(
            select(review).where(
                review.c.subject.in_(chunk),
                review.c.state.in_([ReviewState.OPEN, ReviewState.DECIDED]),
            )
        )
        found.update({row.subject: _item(row) for row in rows})
    return found


def contested(connection: Connection, canonical_ids: Iterable[str]) -> set[tuple[str, str]]:
    """(canonical id, system) pairs of which a record may already exist there: somebody is asked."""
    found: set[tuple[str, str]] = set()
    for chunk in chunks(canonical_ids):
        rows = connection.execute(
            select(review_candidate.c.canonical_id, review.c.system)
            .join(review, review.c.id == review_candidate.c.review_id)
            .where(
                review_candidate.c.canonical_id.in_(chunk),
                review.c.state.in_([ReviewState.OPEN, ReviewState.DECIDED]),
            )
        )
        found.update((row.canonical_id, row.system) for row in rows)
    return found


def candidates_of(connection: Connection, review_id: int) -> list[str]:
    """Canonical ids that an item proposes."""
    return list(
        connection.execute(
            select(review_candidate.c.canonical_id).where(review_candidate.c.review_id == review_id)
        ).scalars()
    )


def close(connection: Connection, ids: Iterable[int], state: ReviewState, at: datetime) -> None:
    """End items: applied, or void because the facts changed."""
    for chunk in chunks(ids):
        connection.execute(
            update(review).where(review.c.id.in_(chunk)).values(state=state, changed_at=at)
        )


def reopen(connection: Connection, ids: Iterable[int], at: datetime) -> None:
    """Ask again: what a person decided on has changed before it could be applied."""
    for chunk in chunks(ids):
        connection.execute(
            update(review)
            .where(review.c.id.in_(chunk))
            .values(
                state=ReviewState.OPEN,
                decision=None,
                version=review.c.version + 1,
                changed_at=at,
            )
        )


def get(connection: Connection, review_id: int) -> ReviewItem:
    """One item.

    Raises:
        NotFoundError: there is none with this id.
    """
    row = connection.execute(select(review).where(review.c.id == review_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no review item {review_id}; `tandem review list` shows them")
    return _item(row)


def listing(
    connection: Connection,
    link: str | None = None,
    *,
    state: ReviewState = ReviewState.OPEN,
    kind: str | None = None,
    limit: int = 100,
) -> list[ReviewItem]:
    """Items in one state, oldest first."""
    query = select(review).where(review.c.state == state).order_by(review.c.id).limit(limit)
    if link:
        query = query.where(review.c.link == link)
    if kind:
        query = query.where(review.c.kind == kind)
    return [_item(row) for row in connection.execute(query)]


def group(connection: Connection, item: ReviewItem) -> list[ReviewItem]:
    """All open items of the same cause, the given one included."""
    rows = connection.execute(
        select(review)
        .where(
            review.c.link == item.link,
            review.c.group_key == item.group_key,
            review.c.state == ReviewState.OPEN,
        )
        .order_by(review.c.id)
    )
    return [_item(row) for row in rows]


def decide(
    connection: Connection,
    review_id: int,
    *,
    version: int,
    decision: dict[str, Any],
    person: str,
    at: datetime,
) -> ReviewItem:
    """Store a person's answer.

    Raises:
        NotFoundError: there is no such item.
        StaleDecisionError: the question has changed since `version`, or is answered already.
    """
    changed = connection.execute(
        update(review)
        .where(
            review.c.id == review_id,
            review.c.version == version,
            review.c.state == ReviewState.OPEN,
        )
        .values(state=ReviewState.DECIDED, decision=decision, decided_by=person, changed_at=at)
    )
    item = get(connection, review_id)
    if changed.rowcount != 1:
        raise StaleDecisionError(
            f"review item {review_id} is {item.state} at version {item.version}, "
            f"the decision was taken on version {version}: look at it again"
        )
    return item


def counts(connection: Connection, link: str) -> dict[str, int]:
    """Open items of a link by kind."""
    rows = connection.execute(
        select(review.c.kind, func.count())
        .where(review.c.link == link, review.c.state == ReviewState.OPEN)
        .group_by(review.c.kind)
    )
    return dict(rows.all())
