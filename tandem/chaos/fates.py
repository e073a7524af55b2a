"""What became of every edit: it is in the end state, or somebody can read where it went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from tandem.chaos.ledger import Edit, Ledger, Unreadable
from tandem.chaos.papers import Key
from tandem.model.fields import is_empty
from tandem.state.chain import ChainState, SideState
from tandem.state.inbox import InboxState
from tandem.state.review import ReviewKind, ReviewState


def lost(ledger: Ledger) -> list[str]:
    """Edits, field by field, that left no trace."""
    breaches = []
    for edit in ledger.edits:
        where = "{}:{}:{}".format(*edit.key)
        if edit.deleted:
            if not _deletion_known(ledger, edit):
                breaches.append(f"deletion of {where} at {edit.at:%H:%M:%S}")
            continue
        for name, value in edit.fields.items():
            if not _accounted(ledger, edit, name, value):
                breaches.append(f"{where}.{name} at {edit.at:%H:%M:%S}")
    return breaches


def _accounted(ledger: Ledger, edit: Edit, name: str, value: Any) -> bool:
    return (
        any(later.deleted or name in later.fields for later in ledger.later(edit))
        or _in_end_state(ledger, edit, name, value)
        or _told_in_audit(ledger, edit, name, value)
        or _told_in_question(ledger, edit, name, value)
        or _undone_unseen(ledger, edit, name, value)
        or _cleared_before_link(ledger, edit, value)
        or _took_gibberish_away(ledger, edit, name, value)
        or _agreed_when_linked(ledger, edit, name, value)
        or _agreed_and_replaced(ledger, edit, name, value)
        or _deleted_by_us(ledger, edit)
    )


def _in_end_state(ledger: Ledger, edit: Edit, name: str, value: Any) -> bool:
    end = ledger.end.get(edit.key)
    return end is not None and ledger.alike(edit.object, name, end[name], value)


def _told_in_audit(ledger: Ledger, edit: Edit, name: str, value: Any) -> bool:
    """A golden value once, or named as what a policy or a person decided against."""
    for fact in _facts_of_kin(ledger, edit):
        if _told_itself(ledger, fact, edit, name, value):
            return True
        if _parted(fact, edit) and _alike(ledger, edit, name, fact.after.get(name), value):
            return True
        if _survived(fact, edit, name) and _alike(ledger, edit, name, fact.after[name], value):
            return True
        if fact.action != "golden.changed" or fact.at < edit.at or name not in fact.cause:
            continue
        origin = fact.cause[name]
        told = [(fact.after or {}).get(name), *_of_side(origin.get("losers"), edit.key)]
        if origin["rule"] == "union" or any(_alike(ledger, edit, name, t, value) for t in told):
            return True
    return False


def _told_itself(ledger: Ledger, fact: Any, edit: Edit, name: str, value: Any) -> bool:
    """A fact tells what became of this very edit, whatever is golden."""
    return (
        _replaced_text(fact, edit, name, value)
        or _gave_way(ledger, fact, edit, name, value)
        or _doubted(fact, edit, name, value)
        or any(_alike(ledger, edit, name, told, value) for told in _unsettled(fact, edit, name))
    )


def _replaced_text(fact: Any, edit: Edit, name: str, value: Any) -> bool:
    """The audit keeps an unreadable text that was overwritten, as it was typed."""
    return (
        fact.action == "text.replaced"
        and fact.at >= edit.at
        and isinstance(value, Unreadable)
        and (fact.before or {}).get(name) == value.typed
    )


def _gave_way(ledger: Ledger, fact: Any, edit: Edit, name: str, value: Any) -> bool:
    """The audit names an edit of a merged record that the record which stays had edits beside."""
    return (
        fact.action == "edit.overruled"
        and fact.at >= edit.at
        and (fact.system, fact.native_id) == (edit.key[0], edit.key[2])
        and name in fact.before
        and _alike(ledger, edit, name, fact.before[name], value)
    )


def _unsettled(fact: Any, edit: Edit, name: str) -> list[Any]:
    """A merge tells of edits that it found not decided on yet."""
    if fact.at < edit.at:
        return []
    if fact.action == "record.merged":
        return _of_side(fact.cause.get("unsettled", {}).get(name), edit.key)
    if fact.action in ("write.accepted", "merge.doubted") and fact.system == edit.key[0]:
        told = fact.cause["fields"].get("*", {}).get("unsettled", {})
        return [told[name]] if name in told else []
    return []


def _parted(fact: Any, edit: Edit) -> bool:
    """What a record is kept apart with, or comes back with, are its golden values from then on."""
    parted = ("record.parted", "record.unmerged")
    return bool(fact.action in parted and fact.at >= edit.at)


def _survived(fact: Any, edit: Edit, name: str) -> bool:
    """What a record holds that another one was merged into are its golden values from then on."""
    survives = fact.action == "record.merged" and fact.cause.get("into") is None
    return bool(survives and fact.at >= edit.at and name in (fact.after or {}))


def _doubted(fact: Any, edit: Edit, name: str, value: Any) -> bool:
    """The audit names what may have been cleared after a write whose answer was lost."""
    return (
        fact.action == "clearing.doubted"
        and fact.at >= edit.at
        and (fact.system, fact.native_id) == (edit.key[0], edit.key[2])
        and name in fact.after
        and _says_nothing(value)
    )


def _told_in_question(ledger: Ledger, edit: Edit, name: str, value: Any) -> bool:
    """Somebody is asked about this very value, or has been."""
    asked = [item for item in ledger.papers.questions_on(edit.key) if item.field == name]
    told: list[Any] = []
    for item in asked:
        question = item.question
        if item.kind == ReviewKind.REFUSED_VALUE:
            told.append(Unreadable(question.get("text")))
        elif item.kind == ReviewKind.REWRITE:  # an edit right after our write may look like one
            told += [question.get("shown")] if item.system == edit.key[0] else []
        else:
            told += _of_side(question.get("sides"), edit.key)
    numbers = {item.id for item in asked}
    for fact in ledger.papers.all_facts:  # they keep what was shown to who answered
        decided = fact.action == "review.decided" and fact.at >= edit.at
        if decided and fact.cause["review"] in numbers:
            told += _of_side((fact.before or {}).get("sides"), edit.key)
    return any(_alike(ledger, edit, name, each, value) for each in told)


def _alike(ledger: Ledger, edit: Edit, name: str, told: Any, value: Any) -> bool:
    return ledger.alike(edit.object, name, told, value)


def _of_side(values: dict[str, Any] | None, key: Key) -> list[Any]:
    return [values[key[0]]] if values and key[0] in values else []


def _undone_unseen(ledger: Ledger, edit: Edit, name: str, value: Any) -> bool:
    """The last of some edits that took the field back to where it was, before anybody looked."""
    edits = ledger.of[edit.key]
    for earlier in reversed(edits[: edits.index(edit)]):
        if name not in earlier.fields:
            continue
        if _seen_by_engine(ledger, earlier, name, _written_again(ledger, earlier, edit, name)):
            return False
        if ledger.alike(edit.object, name, earlier.before[name], value):
            return True
    return False


def _written_again(ledger: Ledger, earlier: Edit, undone: Edit, name: str) -> datetime:
    """When a write of ours brought back what an edit had put there; the end of time if none did."""
    value = earlier.fields[name]
    return min(
        (
            writing.at
            for writing in ledger.writings
            if writing.key == undone.key
            and writing.at >= undone.at
            and ledger.alike(undone.object, name, (writing.after or {}).get(name), value)
        ),
        default=datetime.max.replace(tzinfo=UTC),
    )


def _seen_by_engine(ledger: Ledger, edit: Edit, name: str, until: datetime) -> bool:
    """The audit tells this edit's value, until then, as what its own system has said."""
    system, value = edit.key[0], edit.fields[name]
    for fact in _facts_of_kin(ledger, edit):
        if not edit.at <= fact.at <= until or not _took_part(ledger, fact, edit.key):
            continue
        if _told_itself(ledger, fact, edit, name, value):
            return True
        if fact.action != "golden.changed" or name not in fact.cause:
            continue
        origin = fact.cause[name]
        told = _of_side(origin.get("losers"), edit.key)
        if origin["rule"] != "changed" or origin["system"] == system:
            told.append((fact.after or {}).get(name))
        if any(_alike(ledger, edit, name, each, value) for each in told):
            return True
    return False


def _took_part(ledger: Ledger, fact: Any, key: Key) -> bool:
    """The fact is about what this record was one of by then; a merge, about who was merged away."""
    at = fact.at
    if fact.action == "record.merged":
        if fact.cause["into"] is None:
            return False
        at -= timedelta.resolution  # before the two were one
    return ledger.papers.was_then(key, fact.canonical_id, at)


def _cleared_before_link(ledger: Ledger, edit: Edit, value: Any) -> bool:
    """Where a record is met for the first time, an empty field says nothing."""
    return _says_nothing(value) and ledger.papers.linked_at(edit.key) >= edit.at


def _says_nothing(value: Any) -> bool:
    return not isinstance(value, Unreadable) and is_empty(value)


def _took_gibberish_away(ledger: Ledger, edit: Edit, name: str, value: Any) -> bool:
    """An unreadable text is gone from a field that never held anything else: it says nothing."""
    if not _says_nothing(value) or not isinstance(edit.before[name], Unreadable):
        return False
    edits = ledger.of[edit.key]
    held = [earlier.fields.get(name) for earlier in edits[: edits.index(edit)]]
    held += [
        (writing.after or {}).get(name)
        for writing in ledger.writings
        if writing.key == edit.key and writing.at <= edit.at
    ]
    return all(isinstance(each, Unreadable) or is_empty(each) for each in held)


def _agreed_when_linked(ledger: Ledger, edit: Edit, name: str, value: Any) -> bool:
    """The record was met with the value that was golden by then: it had nothing to add."""
    linked = ledger.papers.linked_at(edit.key)
    return linked >= edit.at and _was_golden(ledger, edit, name, value, linked)


def _agreed_and_replaced(ledger: Ledger, edit: Edit, name: str, value: Any) -> bool:
    """It said what was golden already, and what that gave way to is told.

    By the write that replaced it there, or by the golden record.
    """
    record = (edit.key[0], edit.key[2])
    replaced = any(
        fact.at >= edit.at
        and (
            fact.action == "golden.changed"
            or (fact.action == "write.accepted" and (fact.system, fact.native_id) == record)
        )
        and name in (fact.before or {})
        and _alike(ledger, edit, name, fact.before[name], value)
        for fact in _facts(ledger, edit)
    )
    return replaced and _was_golden(ledger, edit, name, value, edit.at)


def _was_golden(ledger: Ledger, edit: Edit, name: str, value: Any, at: datetime) -> bool:
    golden = [
        fact.after[name]
        for fact in _facts(ledger, edit)
        if fact.action == "golden.changed" and fact.at <= at and name in (fact.after or {})
    ]
    return bool(golden) and _alike(ledger, edit, name, golden[-1], value)


def _facts(ledger: Ledger, edit: Edit) -> Sequence[Any]:
    chain = ledger.papers.chain(edit.key)
    return ledger.papers.facts[chain] if chain else ()


def _facts_of_kin(ledger: Ledger, edit: Edit) -> Sequence[Any]:
    """Facts of every record that this one was ever one with."""
    chain = ledger.papers.chain(edit.key)
    kin = sorted(ledger.papers.kin(chain)) if chain else ()
    facts = [fact for each in kin for fact in ledger.papers.facts[each]]
    return sorted(facts, key=attrgetter("id"))


def _deleted_by_us(ledger: Ledger, edit: Edit) -> bool:
    """The whole record was deleted, for a reason that `causes` looks into."""
    return edit.key not in ledger.end and any(
        writing.key == edit.key and writing.after is None for writing in ledger.writings
    )


def _deletion_known(ledger: Ledger, edit: Edit) -> bool:
    papers, key = ledger.papers, edit.key
    chain = papers.chain(key)
    if chain is None or any(not later.deleted for later in ledger.later(edit)):
        return True
    if papers.side_state[key] != SideState.LINKED or papers.chain_state[chain] != ChainState.LIVE:
        return True
    if any(at >= edit.at for at in papers.dropped(edit.object, key[0], key[2])):
        return True
    if _made_anew_unknown(ledger, edit):
        return True
    asked = any(
        item.field is None and item.state in (ReviewState.OPEN, ReviewState.DECIDED)
        for item in papers.questions_on(key)
    )
    # Held with its batch, or what it was merged into has to be read first.
    waits = (InboxState.HELD, InboxState.PARKED)
    return asked or any(row.state in waits for row in papers.waiting[key])


def _made_anew_unknown(ledger: Ledger, edit: Edit) -> bool:
    """What was deleted nobody knew yet, and under the same key the same create made it again."""
    return ledger.papers.linked_at(edit.key) >= edit.at and any(
        writing.key == edit.key and writing.before is None and writing.at >= edit.at
        for writing in ledger.writings
    )
