"""Commands of people: a decision and what wakes the pipeline for it, in one transaction.

Decisions, by kind of review item:

    conflict, mandatory_gap, refused_value   {"value": …}
    duplicate        {"canonical_id": ID} it is that one; {"canonical_id": null} it is none of them
    deletion         {"policy": "propagate" | "restore" | "deactivate" | "unlink"}
    delete_approval  {"approve": true} look at each deletion again and carry it out; false: drop it
    rewrite          {"value": …} or {} to leave it as the system insists
    unknown_outcome  {"native_id": ID} it was created as that; {"native_id": null} send it again
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from tandem.errors import ConfigError
from tandem.mapping.transforms import NAME_PARTS
from tandem.model.objects import check_values
from tandem.settings import DeletePolicy
from tandem.state import audit, inbox, outbox, review, synonym
from tandem.state import chain as chains
from tandem.state.chain import Chain, Side, SideState
from tandem.state.database import Database
from tandem.state.inbox import Cause
from tandem.state.outbox import PushState
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.state.tables import inbox as inbox_table

CATALOGUE_FIELDS = {"position": "position"}
"""Canonical field → directory whose synonyms grow with decisions about its texts."""


class DecisionError(ConfigError):
    """The answer does not fit the question."""

    code = "review.bad_decision"


def decide(
    database: Database,
    review_id: int,
    *,
    version: int,
    decision: dict[str, Any],
    person: str,
    at: datetime,
) -> ReviewItem:
    """Answer a review item and put what it concerns back to work.

    Raises:
        NotFoundError: there is no such item.
        StaleDecisionError: the question changed since `version`.
        DecisionError: the answer does not fit the question.
    """
    with database.begin() as connection:
        item = review.get(connection, review_id)
        _check(item, decision)
        item = review.decide(
            connection, review_id, version=version, decision=decision, person=person, at=at
        )
        _WAKE[item.kind](connection, item, at)
        fact = audit.fact(
            at,
            item.link,
            "review.decided",
            object_name=item.object,
            canonical_id=item.canonical_id,
            system=item.system,
            native_id=item.native_id,
            before=item.question,
            after=decision,
            cause={"review": item.id, "kind": item.kind},
            actor=person,
        )
        audit.append(connection, [fact])
    return item


def _check(item: ReviewItem, decision: dict[str, Any]) -> None:
    known = _ANSWERS[item.kind]
    if not any(set(decision) == set(form) for form in known):
        forms = " or ".join("{" + ", ".join(form) + "}" for form in known)
        raise DecisionError(
            f"review item {item.id} is a {item.kind}: its answer has the form {forms}"
        )
    if "policy" in decision and decision["policy"] not in set(DeletePolicy) - {DeletePolicy.REVIEW}:
        raise DecisionError(f"review item {item.id}: there is no policy of this name")
    if item.field and decision.get("value") is not None:
        sample: dict[str, Any] = {
            "name": "-" if item.object == "account" else dict.fromkeys(NAME_PARTS, "-")
        }
        if check_values(item.object, sample | {item.field: decision["value"]}):
            raise DecisionError(
                f"review item {item.id}: the value is none that {item.object}.{item.field} accepts"
            )


_ANSWERS: dict[ReviewKind, tuple[tuple[str, ...], ...]] = {
    ReviewKind.CONFLICT: (("value",),),
    ReviewKind.MANDATORY_GAP: (("value",),),
    ReviewKind.REFUSED_VALUE: (("value",),),
    ReviewKind.REWRITE: (("value",), ()),
    ReviewKind.DUPLICATE: (("canonical_id",),),
    ReviewKind.DELETION: (("policy",),),
    ReviewKind.DELETE_APPROVAL: (("approve",),),
    ReviewKind.UNKNOWN_OUTCOME: (("native_id",),),
}


def _hint(connection: Connection, item: ReviewItem, chain: Chain, at: datetime) -> None:
    inbox.add_hints(
        connection,
        link=item.link,
        keys=[(chain.object, *s.key) for s in chain.sides if s.state is SideState.LINKED],
        cause=Cause.DECISION,
        at=at,
    )


def _chain(connection: Connection, item: ReviewItem) -> Chain:
    assert item.canonical_id is not None
    return chains.load(connection, [item.canonical_id])[item.canonical_id]


def _wake_chain(connection: Connection, item: ReviewItem, at: datetime) -> None:
    assert item.decision is not None
    directory = CATALOGUE_FIELDS.get(item.field or "")
    text = item.question.get("text")
    if directory and item.kind is ReviewKind.REFUSED_VALUE and item.decision.get("value") and text:
        synonym.learn(
            connection, directory, str(text), item.decision["value"], item.decided_by or "", at
        )
    _hint(connection, item, _chain(connection, item), at)


def _wake_record(connection: Connection, item: ReviewItem, at: datetime) -> None:
    inbox.release(connection, [item.subject])
    # The candidates were kept from being created elsewhere: let them be settled again.
    for chain in chains.load(connection, review.candidates_of(connection, item.id)).values():
        _hint(connection, item, chain, at)


def _release_deletions(connection: Connection, item: ReviewItem, at: datetime) -> None:
    assert item.decision is not None
    held = inbox_table.c.waiting_on == item.subject
    if item.decision["approve"]:
        rows = connection.execute(select(inbox_table).where(held)).all()
        keys = [(r.object, r.system, r.stream, r.native_id) for r in rows]
        # Approved deletions are looked at again: what has come back since is not deleted.
        inbox.add_hints(connection, link=item.link, keys=keys, cause=Cause.DECISION, at=at)
    connection.execute(delete(inbox_table).where(held))
    review.close(connection, [item.id], ReviewState.APPLIED, at)


def _settle_unknown(connection: Connection, item: ReviewItem, at: datetime) -> None:
    assert item.decision is not None
    (intent,) = outbox.by_ids(connection, [item.question["intent"]])
    chain = _chain(connection, item)
    native_id = item.decision["native_id"]
    if native_id is None:
        outbox.mark(connection, [intent.id], PushState.INTENDED, not_before=None)
    else:
        outbox.mark(connection, [intent.id], PushState.ACCEPTED, done_at=at)
        side = Side(
            intent.system,
            intent.stream,
            native_id,
            rule=f"decided by {item.decided_by} in review {item.id}",
            dirty={"crosswalk", "observed", "baseline"},
        )
        chain.sides.append(side)
        chains.save(connection, [chain], at)
    review.close(connection, [item.id], ReviewState.APPLIED, at)
    _hint(connection, item, chain, at)


_WAKE: dict[ReviewKind, Callable[[Connection, ReviewItem, datetime], None]] = {
    ReviewKind.CONFLICT: _wake_chain,
    ReviewKind.MANDATORY_GAP: _wake_chain,
    ReviewKind.REFUSED_VALUE: _wake_chain,
    ReviewKind.REWRITE: _wake_chain,
    ReviewKind.DELETION: _wake_chain,
    ReviewKind.DUPLICATE: _wake_record,
    ReviewKind.DELETE_APPROVAL: _release_deletions,
    ReviewKind.UNKNOWN_OUTCOME: _settle_unknown,
}
