"""Open questions to people: one item per subject, which changes with the facts, by version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from cleansing.text import fold
from tandem.errors import NotFoundError, StaleDecisionError
from tandem.state import audit, question_count
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
    QUALITY_GATE = "quality_gate"
    UNKNOWN_OUTCOME = "unknown_outcome"
    DRIFT = "drift"
    RESTORED_SYSTEM = "restored_system"


class ReviewState(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    DECIDED = "decided"  #: a person answered; the next cycle applies it
    APPLIED = "applied"
    VOID = "void"  #: the facts changed so that nothing is left to ask


class AnswerState(StrEnum):
    """Where an answer to many questions, or one that can still be taken back, stands.

    proposed ──► held ──► given        above the ceiling a second person makes "held" of "proposed"
        │          ├────► undone       somebody took it back
        │          └────► lapsed       its question had changed before the answer was due
        └─────► refused
    """

    PROPOSED = "proposed"
    HELD = "held"
    GIVEN = "given"
    REFUSED = "refused"
    UNDONE = "undone"
    LAPSED = "lapsed"


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
        label: the record's name for people, as it was when the question was asked.
        assignee: who looks after it.
        group_answer_id: the answer to many questions that answered this one.
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
    label: str | None = None
    assignee: str | None = None
    group_answer_id: int | None = None


_COLUMNS = (
    "link", "kind", "subject", "object", "group_key", "question", "canonical_id", "system",
    "stream", "native_id", "field", "label",
)  # fmt: skip


def question_of(row: Any) -> ReviewItem:
    """A question from its row."""
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
        label=row.label,
        assignee=row.assignee,
        group_answer_id=row.group_answer_id,
    )


def searchable(item: ReviewItem) -> str:
    """What a search for a question finds it by: the record's name and its id, folded."""
    return f"{fold(item.label or '')} {(item.native_id or '').lower()}"[:300]


def fact_about(
    item: ReviewItem,
    action: str,
    *,
    at: datetime,
    actor: str,
    before: Any = None,
    after: Any = None,
    **cause: Any,
) -> dict[str, Any]:
    """What somebody did to a question, as a row for `audit.append`; `cause` adds to its cause."""
    return audit.fact(
        at,
        item.link,
        action,
        object_name=item.object,
        canonical_id=item.canonical_id,
        system=item.system,
        native_id=item.native_id,
        before=before,
        after=after,
        cause={"review": item.id, "kind": item.kind, **cause},
        actor=actor,
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
        known.update({row.subject: question_of(row) for row in rows})
    new = [item for subject, item in wanted.items() if subject not in known]
    if new:
        ids = connection.execute(
            insert(review).returning(review.c.id, sort_by_parameter_order=True),
            [_row(item, at) for item in new],
        ).scalars()
        for item, review_id in zip(new, ids, strict=True):
            item.id = review_id
    for subject, old in known.items():
        item = wanted[subject]
        item.id = old.id
        if old.question != item.question:
            asks_anew = _substance(old.question) != _substance(item.question)
            connection.execute(
                update(review)
                .where(review.c.id == old.id)
                .values(
                    question=item.question,
                    # Of a pair, whichever is asked about first.
                    canonical_id=item.canonical_id,
                    version=old.version + asks_anew,
                    changed_at=at,
                )
            )
    _set_candidates(connection, wanted.values())
    return len(new)


def _row(item: ReviewItem, at: datetime) -> dict[str, Any]:
    """The row of a question that is new."""
    row = {name: getattr(item, name) for name in _COLUMNS}
    row |= {"version": 1, "state": ReviewState.OPEN, "opened_at": at, "changed_at": at}
    return row | {"label": (item.label or "")[:255], "folded": searchable(item)}


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
            select(review)
            .where(
                review.c.canonical_id.in_(chunk),
                review.c.state.in_([ReviewState.OPEN, ReviewState.DECIDED]),
            )
            .order_by(review.c.id)
        )
        for row in rows:
            found.setdefault(row.canonical_id, []).append(question_of(row))
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
        found.update({row.subject: question_of(row) for row in rows})
    return found


def pairs_with(connection: Connection, canonical_ids: Iterable[str]) -> list[ReviewItem]:
    """Questions whether two known records are one that any of these has a part in.

    They are open, or decided and not applied.
    """
    about = select(review).where(
        review.c.kind == ReviewKind.DUPLICATE,
        review.c.state.in_([ReviewState.OPEN, ReviewState.DECIDED]),
    )
    proposing = about.join(review_candidate, review_candidate.c.review_id == review.c.id)
    found: dict[int, ReviewItem] = {}
    for chunk in chunks(canonical_ids):
        # Two queries, each along its index; one with an "or" would read the whole table.
        for query in (
            about.where(review.c.canonical_id.in_(chunk)),
            proposing.where(review_candidate.c.canonical_id.in_(chunk)),
        ):
            rows = connection.execute(query)
            found.update({row.id: question_of(row) for row in rows if "pair" in row.question})
    return [found[review_id] for review_id in sorted(found)]


def pending(connection: Connection, link: str, kind: ReviewKind) -> list[ReviewItem]:
    """A link's items of one kind that are open, or decided and not applied."""
    rows = connection.execute(
        select(review)
        .where(
            review.c.link == link,
            review.c.kind == kind,
            review.c.state.in_([ReviewState.OPEN, ReviewState.DECIDED]),
        )
        .order_by(review.c.id)
    )
    return [question_of(row) for row in rows]


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
            select(review_candidate.c.canonical_id)
            .where(review_candidate.c.review_id == review_id)
            .order_by(review_candidate.c.canonical_id)
        ).scalars()
    )


def replace_candidate(connection: Connection, old: str, new: str) -> None:
    """Propose another canonical record wherever one was proposed: it is that one now."""
    held = select(review_candidate.c.review_id).where(review_candidate.c.canonical_id == new)
    ids = list(
        connection.execute(
            select(review_candidate.c.review_id).where(
                review_candidate.c.canonical_id == old, review_candidate.c.review_id.not_in(held)
            )
        ).scalars()
    )
    connection.execute(delete(review_candidate).where(review_candidate.c.canonical_id == old))
    if ids:
        rows = [{"review_id": review_id, "canonical_id": new} for review_id in ids]
        connection.execute(insert(review_candidate), rows)


def hand_over(connection: Connection, ids: Iterable[int], canonical_id: str) -> None:
    """Have items wait for another canonical record: theirs is that one now."""
    for chunk in chunks(ids):
        connection.execute(
            update(review).where(review.c.id.in_(chunk)).values(canonical_id=canonical_id)
        )


def decided_for(connection: Connection, canonical_ids: Iterable[str]) -> list[ReviewItem]:
    """Decisions about two known records that wait to be carried out, oldest first."""
    found: list[ReviewItem] = []
    for chunk in chunks(canonical_ids):
        rows = connection.execute(
            select(review)
            .where(
                review.c.canonical_id.in_(chunk),
                review.c.kind == ReviewKind.DUPLICATE,
                review.c.state == ReviewState.DECIDED,
            )
            .order_by(review.c.id)
        )
        found += [question_of(row) for row in rows]
    return found


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
    return question_of(row)


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
    return [question_of(row) for row in connection.execute(query)]


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
    return [question_of(row) for row in rows]


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
    found = question_count.by_kind(connection, link)
    return {kind: number for (_, kind), number in found.items()}
