"""Commands of people: a decision and what wakes the pipeline for it, in one transaction.

Decisions, by kind of review item:

    conflict, mandatory_gap, refused_value   {"value": …}
    duplicate        of a new record: {"canonical_id": ID} it is that one; {"canonical_id": null}
                     it is none of them. Of two known ones (`pair`, `double` in the question):
                     {"merge_into": ID} they are one, and that one stays; "choices" may name
                     values that survive, {FIELD: VALUE}; {"keep_apart": true} they are two, and
                     nobody is asked again
    deletion         {"policy": "propagate" | "restore" | "deactivate" | "unlink"}
    delete_approval  {"approve": true} look at each deletion again and carry it out; false: drop it
    rewrite          {"value": …} or {} to leave it as the system insists
    quality_gate     {"approve": true} the batch goes on as it is; false: set it aside
    unknown_outcome  {"native_id": ID} it was created as that; if that has been taken for another
                     record meanwhile, the two become one. {"native_id": null} send it again
    restored_system  {"approve": true} its old state is the truth now; false: what it lost is
                     brought back from the golden records
    drift            {"approve": true} the stream is meant to be so: it is its contract from now on
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from tandem.errors import ConfigError
from tandem.mapping.transforms import NAME_PARTS
from tandem.model.objects import check_values, field_types
from tandem.model.quality import Outcome
from tandem.settings import DeletePolicy
from tandem.state import audit, held, inbox, outbox, quality, review, synonym
from tandem.state import chain as chains
from tandem.state.chain import CREATED, Chain, ChainState, Side, SideState
from tandem.state.database import Database
from tandem.state.inbox import Cause
from tandem.state.outbox import Intent, PushState
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.state.tables import inbox as inbox_table
from tandem.sync.pairs import pair_question
from tandem.sync.parents import look_again
from tandem.yaml_file import did_you_mean

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
        return decide_in(
            connection, review_id, version=version, decision=decision, person=person, at=at
        )


def decide_in(
    connection: Connection,
    review_id: int,
    *,
    version: int,
    decision: dict[str, Any],
    person: str,
    at: datetime,
) -> ReviewItem:
    """`decide` as part of a larger transaction; same arguments and errors."""
    item = review.get(connection, review_id)
    check_answer(connection, item, decision)
    item = review.decide(
        connection, review_id, version=version, decision=decision, person=person, at=at
    )
    _WAKE[item.kind](connection, item, at)
    fact = review.fact_about(
        item, "review.decided", at=at, actor=person, before=item.question, after=decision
    )
    audit.append(connection, [fact])
    return item


def check_answer(connection: Connection, item: ReviewItem, decision: dict[str, Any]) -> None:
    """Raise when an answer does not fit its question.

    Raises:
        DecisionError: it does not.
    """
    known = _ANSWERS[item.kind]
    if item.kind is ReviewKind.DUPLICATE and "candidates" not in item.question:
        known = _ANSWERS_ABOUT_KNOWN
        _check_merge(connection, item, decision)
    if not any(set(decision) == set(form) for form in known):
        forms = " or ".join("{" + ", ".join(form) + "}" for form in known)
        raise DecisionError(
            f"review item {item.id} is a {item.kind}: its answer has the form {forms}"
        )
    if "policy" in decision and decision["policy"] not in set(DeletePolicy) - {DeletePolicy.REVIEW}:
        raise DecisionError(f"review item {item.id}: there is no policy of this name")
    if item.kind is ReviewKind.DRIFT and not item.question["acceptable"]:
        raise DecisionError(
            f"review item {item.id}: the mapping cannot work like this; change it, "
            "or have the system changed back"
        )
    if item.field and decision.get("value") is not None:
        check_choice(item.object, item.field, decision["value"])


def check_choice(object_name: str, field: str, value: Any) -> None:
    """Raise when a person's value is none that the field can hold.

    Raises:
        DecisionError: the field does not accept it, or there is no such field.
    """
    types = field_types(object_name)
    if field not in types:
        raise DecisionError(f"{object_name} has no field '{field}'{did_you_mean(field, types)}")
    sample: dict[str, Any] = {
        "name": "-" if object_name == "account" else dict.fromkeys(NAME_PARTS, "-")
    }
    if check_values(object_name, sample | {field: value}):
        raise DecisionError(f"the value is none that {object_name}.{field} accepts")


def _check_merge(connection: Connection, item: ReviewItem, decision: dict[str, Any]) -> None:
    into = decision.get("merge_into")
    known = {item.canonical_id, *review.candidates_of(connection, item.id)}
    if into is not None and into not in known:
        raise DecisionError(f"review item {item.id} is not about a record {into}")
    for field, value in (decision.get("choices") or {}).items():
        check_choice(item.object, field, value)


_ANSWERS: dict[ReviewKind, tuple[tuple[str, ...], ...]] = {
    ReviewKind.CONFLICT: (("value",),),
    ReviewKind.MANDATORY_GAP: (("value",),),
    ReviewKind.REFUSED_VALUE: (("value",),),
    ReviewKind.REWRITE: (("value",), ()),
    ReviewKind.DUPLICATE: (("canonical_id",),),
    ReviewKind.DELETION: (("policy",),),
    ReviewKind.DELETE_APPROVAL: (("approve",),),
    ReviewKind.QUALITY_GATE: (("approve",),),
    ReviewKind.UNKNOWN_OUTCOME: (("native_id",),),
    ReviewKind.DRIFT: (("approve",),),
    ReviewKind.RESTORED_SYSTEM: (("approve",),),
}

_ANSWERS_ABOUT_KNOWN = (("merge_into",), ("merge_into", "choices"), ("keep_apart",))
"""Answers to the question whether two records that are known already are one."""


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


def learned_text(item: ReviewItem) -> tuple[str, str] | None:
    """(directory, text) of which an answer tells the meaning for good; None when it tells none."""
    directory = CATALOGUE_FIELDS.get(item.field or "")
    text = item.question.get("text")
    told = item.decision is not None and item.decision.get("value")
    if directory and item.kind is ReviewKind.REFUSED_VALUE and told and text:
        return directory, str(text)
    return None


def learn(connection: Connection, item: ReviewItem, at: datetime) -> None:
    """Remember what an answer says about a text, so that the same text is not asked about again."""
    learned = learned_text(item)
    if learned is not None and item.decision is not None:
        value = item.decision["value"]
        synonym.learn(connection, *learned, value, item.decided_by or "", at)


def _wake_chain(connection: Connection, item: ReviewItem, at: datetime) -> None:
    learn(connection, item, at)
    _hint(connection, item, _chain(connection, item), at)


def _wake_record(connection: Connection, item: ReviewItem, at: datetime) -> None:
    inbox.release(connection, [item.subject])
    # The candidates were kept from being created elsewhere: let them be settled again.
    own = [item.canonical_id] if item.canonical_id else []
    ids = [*own, *review.candidates_of(connection, item.id)]
    for chain in chains.load(connection, ids).values():
        _hint(connection, item, chain, at)


def _release_deletions(connection: Connection, item: ReviewItem, at: datetime) -> None:
    assert item.decision is not None
    held = inbox_table.c.waiting_on == item.subject
    rows = connection.execute(select(inbox_table).where(held)).all()
    if item.decision["approve"]:
        keys = [(r.object, r.system, r.stream, r.native_id) for r in rows]
        # Approved deletions are looked at again: what has come back since is not deleted.
        inbox.add_hints(connection, link=item.link, keys=keys, cause=Cause.APPROVED, at=at)
    else:
        _note_dropped(connection, item, [(r.system, r.stream, r.native_id) for r in rows], at)
    connection.execute(delete(inbox_table).where(held))
    review.close(connection, [item.id], ReviewState.APPLIED, at)


def _note_dropped(
    connection: Connection, item: ReviewItem, keys: list[tuple[str, str, str]], at: datetime
) -> None:
    """The history of each record tells that its deletion was not carried over, and who said so."""
    known = chains.find(connection, keys)
    facts = [
        audit.fact(
            at,
            item.link,
            "deletion.dropped",
            object_name=item.object,
            canonical_id=known.get(key),
            system=key[0],
            native_id=key[2],
            cause={"review": item.id},
            actor=item.decided_by or "",
        )
        for key in dict.fromkeys(keys)
    ]
    audit.append(connection, facts)


def _release_batch(connection: Connection, item: ReviewItem, at: datetime) -> None:
    assert item.decision is not None
    if item.decision["approve"]:
        inbox.release(connection, [item.subject])
    else:
        held.set_aside(connection, item.subject)
    outcome = Outcome.RELEASED if item.decision["approve"] else Outcome.SET_ASIDE
    quality.conclude(connection, item.question["gate"], outcome)
    review.close(connection, [item.id], ReviewState.APPLIED, at)


def _settle_unknown(connection: Connection, item: ReviewItem, at: datetime) -> None:
    assert item.decision is not None
    (intent,) = outbox.by_ids(connection, [item.question["intent"]])
    chain = _chain(connection, item)
    native_id = item.decision["native_id"]
    other = _holder(connection, intent, native_id) if native_id is not None else None
    if native_id is None:
        outbox.mark(connection, [intent.id], PushState.INTENDED, not_before=None)
    elif other is not None and other.id != chain.id:
        outbox.mark(connection, [intent.id], PushState.SUPERSEDED, done_at=at)
        _make_one(connection, chain, other, item, at)
    else:
        outbox.mark(connection, [intent.id], PushState.ACCEPTED, done_at=at)
        side = Side(
            intent.system,
            intent.stream,
            native_id,
            rule=f"{CREATED}, decided by {item.decided_by} in review {item.id}",
            dirty={"crosswalk", "observed", "baseline"},
        )
        chain.sides.append(side)
        chains.save(connection, [chain], at)
        # What refers to the record, here or over there, has waited for it.
        inbox.release(connection, [inbox.waiting_for(side.key)])
        look_again(connection, [chain], at)
    inbox.release(connection, [inbox.outcome_of(chain.id)])
    review.close(connection, [item.id], ReviewState.APPLIED, at)
    _hint(connection, item, chain, at)


def _holder(connection: Connection, intent: Intent, native_id: str) -> Chain | None:
    """The canonical record that a record in use belongs to already, if any."""
    key = (intent.system, intent.stream, native_id)
    known = chains.find(connection, [key]).get(key)
    chain = chains.load(connection, [known])[known] if known is not None else None
    return chain if chain is not None and chain.state is ChainState.LIVE else None


def _make_one(
    connection: Connection, stays: Chain, goes: Chain, answered: ReviewItem, at: datetime
) -> None:
    """Merge the canonical record that a record was taken for before somebody said what it is.

    The question names the system of the record: until they are one, none is created there.
    """
    item = replace(pair_question(goes, stays), system=answered.system)
    review.open_items(connection, [item], at)
    decide_in(
        connection,
        item.id,
        version=review.get(connection, item.id).version,
        decision={"merge_into": stays.id},
        person=answered.decided_by or "",
        at=at,
    )


def _leave_to_the_next_cycle(_connection: Connection, _item: ReviewItem, _at: datetime) -> None:
    """A contract is compared again by the next cycle, which sees the decision."""


_WAKE: dict[ReviewKind, Callable[[Connection, ReviewItem, datetime], None]] = {
    ReviewKind.CONFLICT: _wake_chain,
    ReviewKind.MANDATORY_GAP: _wake_chain,
    ReviewKind.REFUSED_VALUE: _wake_chain,
    ReviewKind.REWRITE: _wake_chain,
    ReviewKind.DELETION: _wake_chain,
    ReviewKind.DUPLICATE: _wake_record,
    ReviewKind.DELETE_APPROVAL: _release_deletions,
    ReviewKind.QUALITY_GATE: _release_batch,
    ReviewKind.UNKNOWN_OUTCOME: _settle_unknown,
    ReviewKind.DRIFT: _leave_to_the_next_cycle,
    ReviewKind.RESTORED_SYSTEM: _leave_to_the_next_cycle,
}
