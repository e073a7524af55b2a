"""Why every write was made: an edit, a decision or a rule on paper; and how many deletions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tandem.chaos import joins
from tandem.chaos.ledger import Ledger, Writing
from tandem.state.chain import SideState
from tandem.state.review import ReviewKind


def unexplained(ledger: Ledger) -> list[str]:
    """Writes that were carried out without a cause on paper, or twice, or with made-up values."""
    breaches = []
    done: dict[tuple[str, str], Writing] = {}
    for writing in ledger.writings:
        where = "{}:{}:{}".format(*writing.key)
        # A key is its system's own: two systems may create one record anew under the same key.
        system = writing.key[0]
        known = ledger.papers.intents.get(writing.push_key, ())
        # Decided anew before its system has heard of it, a create keeps its key.
        intents = [i for i in known if i.system == system and i.created_at <= writing.at]
        if not intents:
            breaches.append(f"{where}: no intent was stored for it")
            continue
        # One merge changes several records: the two, and what refers to the one that goes.
        beside = joins.is_one(intents[-1]) and writing.key[2] != intents[-1].native_id
        earlier = None if beside else done.get((system, writing.push_key))
        if not beside:
            done[system, writing.push_key] = writing
        if earlier is not None and not _undone_by_people(ledger, earlier, writing):
            breaches.append(f"{where}: write {intents[0].id} was carried out twice")
        wrongs = _wrong_with(ledger, writing, intents[-1])
        breaches += [f"{where}: write {intents[-1].id} {wrong}" for wrong in wrongs]
    return breaches


def _undone_by_people(ledger: Ledger, earlier: Writing, writing: Writing) -> bool:
    """Somebody deleted what the first try had made before its outcome was known."""
    return any(edit.deleted and edit.at <= writing.at for edit in ledger.of[earlier.key])


def _wrong_with(ledger: Ledger, writing: Writing, intent: Any) -> list[str]:
    if joins.is_one(intent):
        return joins.wrong_with(ledger, writing, intent)
    if writing.after is None:
        return [] if _deletion_explained(ledger, writing, intent) else ["deletes, nobody knows why"]
    mapping = ledger.rules(writing.object).mappings[writing.key[0]]
    intended = {native for name in intent.values for native in mapping.fields[name].natives}
    if writing.before is None:
        intended |= set(mapping.constants)
    wrong = [f"sets {native} unasked" for native in sorted(writing.columns - intended)]
    for name, value in intent.values.items():
        if name not in intent.cause:
            wrong.append(f"sets {name} without a cause")
        elif not _entered(ledger, writing, intent, name, value):
            wrong.append(f"sets {name} to what nobody entered")
    return wrong


def _entered(ledger: Ledger, writing: Writing, intent: Any, name: str, value: Any) -> bool:
    """Somebody entered this value before, decided on it, or a rule of the mapping gives it."""
    mapping = ledger.rules(writing.object).mappings[writing.key[0]]
    origin = intent.cause[name]
    # What a record held before it was merged somebody entered; or it held nothing. And two that
    # referred to each other refer to nothing when they are one.
    default = mapping.fields[name].default
    by_rule = {"default": default, "deactivated": False, "merged": None, "unmerged": None}
    if origin["rule"] in by_rule and by_rule[origin["rule"]] == value:
        return True
    meant = _meant(ledger, intent, origin)
    if origin["rule"] == "union":
        return _union_entered(ledger, meant, name, value)
    if origin["rule"] == "decision":
        return any(
            fact.action == "review.decided" and fact.cause["review"] == origin["review_id"]
            for fact in ledger.papers.all_facts
        )
    said = [
        edit.fields[name]
        for edit in ledger.edits_of(meant)
        if edit.at <= writing.at and name in edit.fields
    ]
    said += joins.said(ledger, meant, name, until=writing.at)
    if any(ledger.alike(writing.object, name, one, value) for one in said):
        return True
    if name not in ledger.rules(writing.object).references or value is None:
        return False
    # What it named then may have been found to be another one since.
    named = {target for target in said if isinstance(target, str)}
    return any(ledger.papers.root(value) in ledger.papers.once(target) for target in named)


def _meant(ledger: Ledger, intent: Any, origin: Mapping[str, Any]) -> set[str]:
    """The canonical records that were one when the value became golden.

    A record that we made for one of them, and did not know again, says what we wrote into it. One
    that is kept apart since says what it held until then, whoever entered that.
    """
    papers = ledger.papers
    kin = papers.kin(intent.canonical_id, datetime.fromisoformat(origin["at"]))
    made_for = {
        papers.root(papers.intents[writing.push_key][0].canonical_id)
        for writing in ledger.writings
        if writing.before is None and papers.was_of(writing.key, kin)
    }
    chain = papers.root(intent.canonical_id)
    parted = any(fact.action == "record.parted" for fact in papers.facts[chain])
    return kin | made_for | (papers.once(chain) if parted else set())


def _union_entered(ledger: Ledger, meant: Collection[str], name: str, value: Any) -> bool:
    """Every member of a union was entered by somebody."""
    entered: set[str] = set()
    for edit in ledger.edits_of(meant):
        said = edit.fields.get(name)
        if isinstance(said, list):
            entered.update(said)
    return set(value or ()) <= entered


def _deletion_explained(ledger: Ledger, writing: Writing, intent: Any) -> bool:
    """The party was deleted elsewhere, or a person said so."""
    chain = ledger.papers.root(intent.canonical_id)
    elsewhere = any(
        at <= writing.at
        for key, moments in ledger.gone.items()
        for at in moments
        if key[0] != writing.key[0] and ledger.papers.chain(key) == chain
    )
    kinds = (ReviewKind.DELETION, ReviewKind.DUPLICATE)
    return elsewhere or any(item.kind in kinds for item in ledger.papers.questions[chain])


def above_ceiling(ledger: Ledger) -> list[str]:
    """Runs that decided on more deletions than the policy lets pass without a person.

    The ceiling counts what one system reports in one run, also where the others are told of it
    later, or once more. What a person has approved, or decided record by record, does not count.
    """
    papers = ledger.papers
    by_run: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for intents in papers.intents.values():
        for intent in intents:
            reported = next((cause.get("system") for cause in intent.cause.values()), None)
            if intent.operation != "delete" or reported is None:
                continue
            decided = any(
                item.kind == ReviewKind.DELETION and item.decided_by
                for item in papers.questions[papers.root(intent.canonical_id)]
            )
            approved = any(
                item.kind == ReviewKind.DELETE_APPROVAL and item.decided_by
                for item in papers.all_questions
                if item.object == intent.object and item.system == reported
            )
            if not decided and not approved:
                run = _went_in(ledger, intent, reported)
                by_run[run, intent.object, reported].add(intent.canonical_id)
    breaches = []
    for (run, object_name, system), chains in by_run.items():
        deletes = ledger.rules(object_name).policy.deletes
        linked = sum(
            1
            for key, state in papers.side_state.items()
            if key[0] == system
            and ledger.stream_object[key[:2]] == object_name
            and state in (SideState.LINKED, SideState.GONE)
        )
        allowed = min(deletes.ceiling, max(1, int(linked * deletes.ceiling_share)))
        if len(chains) > allowed:
            breaches.append(f"run {run[:8]}: {len(chains)} of {object_name}, {allowed} allowed")
    return breaches


def _went_in(ledger: Ledger, intent: Any, reported: str) -> str:
    """The run in which a system's deletion came to light that a write carries over."""
    facts = ledger.papers.facts[ledger.papers.root(intent.canonical_id)]
    gone = [
        fact
        for fact in facts
        if fact.action == "record.gone" and fact.system == reported and fact.at <= intent.created_at
    ]
    if not gone:
        return str(intent.run_id)
    run = str(gone[-1].run_id)
    return f"{run} for {intent.canonical_id}" if _had_to_wait(ledger, intent, gone[-1]) else run


def _had_to_wait(ledger: Ledger, intent: Any, gone: Any) -> bool:
    """A write of unknown outcome kept a deletion that had come to light from being dealt with."""
    deletions = (
        at
        for (system, stream, native_id), moments in ledger.gone.items()
        if (system, native_id) == (gone.system, gone.native_id)
        and ledger.stream_object[system, stream] == gone.object
        for at in moments
        if at <= gone.at
    )
    deleted_at = max(deletions, default=gone.at)
    return any(
        each.canonical_id == intent.canonical_id
        and each.run_id != gone.run_id
        and each.sent_at is not None
        and each.sent_at <= gone.at
        and (each.done_at is None or each.done_at >= deleted_at)
        for intents in ledger.papers.intents.values()
        for each in intents
    )
