"""Resolve: from changes and policy to what shall be true, and what must be written for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from typing import Any

from tandem.mapping.schema import Direction
from tandem.model.fields import Kind, Plain, completeness, is_empty, same
from tandem.settings import DeletePolicy, PolicyName
from tandem.state.chain import Chain, Side
from tandem.sync.types import (
    ChangeSet,
    Conflict,
    Decision,
    DeletionRuling,
    ObjectRules,
    Resolution,
)


def resolve(
    chain: Chain,
    changes: ChangeSet,
    rules: ObjectRules,
    *,
    decisions: Mapping[str, Decision],
    dead: Mapping[str, Mapping[str, Plain]],
    create_in: Set[str],
) -> Resolution:
    """Decide every field of a chain.

    Args:
        chain: the chain as observed.
        changes: its `diff`.
        rules: of its object.
        decisions: canonical field → a person's answer that has not been applied yet.
        dead: system → values that it refused; they are not sent again unless they change.
        create_in: systems in which a missing record may be created now.
    """
    values = dict(chain.values)
    origins: dict[str, dict[str, Any]] = {}
    conflicts: dict[str, Conflict] = {}
    stale: list[int] = []
    applied: list[int] = []
    for name in {**changes.changes, **decisions}:
        speaking = _speaking(chain, rules, changes, name)
        decision = decisions.get(name)
        if decision is not None:
            if decision.seen is not None and dict(decision.seen) != speaking:
                stale.append(decision.review_id)
            else:
                values[name] = decision.value
                losers = _losers(rules.kinds[name], speaking, decision.value)
                origins[name] = _origin("decision", None, decision, losers)
                applied.append(decision.review_id)
                continue
        if not speaking:
            continue  # it was decided on, and what it was decided on is not said any more
        outcome = _rule(chain, rules, name, speaking)
        if isinstance(outcome, Conflict):
            conflicts[name] = outcome
            continue
        value, system, rule = outcome
        losers = _losers(rules.kinds[name], speaking, value)
        # Also where the golden value stays as it was: an edit that a policy overruled is told.
        if (
            losers
            or name not in chain.values
            or not same(rules.kinds[name], value, chain.values[name])
        ):
            origins[name] = _origin(rule, system, None, losers)
        values[name] = value
    decided = {name for name, each in decisions.items() if each.review_id in applied}
    agreed, writes = _per_side(chain, changes, rules, values, conflicts, dead, decided)
    creates, gaps = _creates(rules, values, conflicts, dead, create_in)
    return Resolution(
        values, origins, agreed, writes, creates, gaps, conflicts, tuple(stale), tuple(applied)
    )


def _origin(
    rule: str,
    system: str | None,
    decision: Decision | None,
    losers: Mapping[str, Plain] | None = None,
) -> dict[str, Any]:
    origin: dict[str, Any] = {"rule": rule, "system": system}
    if decision is not None:
        origin |= {"person": decision.person, "review_id": decision.review_id}
    if losers:
        origin["losers"] = dict(losers)
    return origin


def _losers(kind: Kind, speaking: Mapping[str, Plain], value: Plain) -> dict[str, Plain]:
    return {s: v for s, v in speaking.items() if not same(kind, v, value)}


def _speaking(chain: Chain, rules: ObjectRules, changes: ChangeSet, name: str) -> dict[str, Plain]:
    """Who has a say in a field: the sides that changed it.

    Where there is no base, or the golden value moved on before a side had seen it, the sides that
    hold a value speak up too: otherwise the edit that came first would be lost without a word.
    """
    speaking = dict(changes.changes.get(name, {}))
    for side in chain.sides:
        held = side.values.get(name)
        if side.system in speaking or side.deleted or chain.side(side.system) is not side:
            continue
        first_word = name in changes.unagreed and not is_empty(held)
        holds_golden = name in changes.overtaken and same(
            rules.kinds[name], held, chain.values.get(name)
        )
        if first_word or holds_golden:
            speaking[side.system] = held
    return speaking


Outcome = tuple[Plain, str | None, str]
"""(value, system it came from, rule)"""


def _rule(
    chain: Chain, rules: ObjectRules, name: str, speaking: Mapping[str, Plain]
) -> Outcome | Conflict:
    kind = rules.kinds[name]
    base = chain.values.get(name)
    fullest = max(speaking, key=lambda system: completeness(speaking[system]))
    if all(same(kind, value, speaking[fullest]) for value in speaking.values()):
        rule = "changed" if len(speaking) == 1 else "agreed"
        return speaking[fullest], fullest, rule
    policy = rules.policy.policy(name)
    decided = _POLICIES[policy.policy](chain, rules, name, speaking)
    if decided is None:
        return Conflict(base, dict(speaking), policy.policy)
    return decided


def _owner(
    chain: Chain, rules: ObjectRules, name: str, speaking: Mapping[str, Plain]
) -> Outcome | None:
    owner = rules.policy.policy(name).owner
    side = chain.side(owner) if owner else None
    if owner is not None and owner in speaking:
        return speaking[owner], owner, "owner"
    if side is None or side.deleted or name not in side.values:
        return None
    return side.values[name], owner, "owner"


def _latest(
    chain: Chain, rules: ObjectRules, _name: str, speaking: Mapping[str, Plain]
) -> Outcome | None:
    moments: list[tuple[datetime, str]] = []
    for system in speaking:
        side = chain.side(system)
        if side is None or side.modified_at is None:
            return None
        moments.append((side.modified_at - rules.skew.get(system, _ZERO), system))
    moments.sort(reverse=True)
    newest, winner = moments[0]
    kind = rules.kinds[_name]
    rivals = [m for m, system in moments if not same(kind, speaking[system], speaking[winner])]
    # Inside the uncertainty of the clocks nobody can say who was last: a person decides.
    if rivals and newest - rivals[0] <= rules.tolerance:
        return None
    return speaking[winner], winner, "latest"


_ZERO = timedelta(0)


def _most_complete(
    _chain: Chain, _rules: ObjectRules, _name: str, speaking: Mapping[str, Plain]
) -> Outcome | None:
    ranked = sorted(speaking, key=lambda system: completeness(speaking[system]), reverse=True)
    first, second = ranked[0], ranked[1]
    if completeness(speaking[first]) == completeness(speaking[second]):
        return None
    return speaking[first], first, "most_complete"


def _union(
    chain: Chain, rules: ObjectRules, name: str, speaking: Mapping[str, Plain]
) -> Outcome | None:
    if rules.kinds[name] is not Kind.TEXT_SET:
        return None
    base = set(chain.values.get(name) or ())
    added = set().union(*(set(value or ()) - base for value in speaking.values()))
    removed = set().union(*(base - set(value or ()) for value in speaking.values()))
    return sorted((base | added) - removed), None, "union"


def _review(
    _chain: Chain, _rules: ObjectRules, _name: str, _speaking: Mapping[str, Plain]
) -> Outcome | None:
    return None


_POLICIES = {
    PolicyName.OWNER: _owner,
    PolicyName.LATEST: _latest,
    PolicyName.MOST_COMPLETE: _most_complete,
    PolicyName.UNION: _union,
    PolicyName.REVIEW: _review,
}


def _per_side(
    chain: Chain,
    changes: ChangeSet,
    rules: ObjectRules,
    values: Mapping[str, Plain],
    frozen: Mapping[str, Conflict],
    dead: Mapping[str, Mapping[str, Plain]],
    decided: Set[str],
) -> tuple[dict[str, dict[str, Plain]], dict[str, dict[str, Plain]]]:
    agreed: dict[str, dict[str, Plain]] = {}
    writes: dict[str, dict[str, Plain]] = {}
    for system, mapping in rules.mappings.items():
        side = chain.side(system)
        # What nobody has read yet is not written to: somebody's edit may stand there.
        if side is None or side.deleted or not (side.values or side.refused):
            continue
        for name, field in mapping.fields.items():
            if name not in values or name in frozen:
                continue
            value = values[name]
            kind = rules.kinds[name]
            shown = side.values.get(name)
            if name not in (side.values | side.refused) and is_empty(value):
                continue  # a record that we made without it and have not read: it has nothing there
            if name in side.values and (
                (system, name) in changes.renditions
                or same(kind, shown, value)
                or same(kind, shown, mapping.echo(name, value))
            ):
                agreed.setdefault(system, {})[name] = shown
            elif (
                field.direction is not Direction.READ
                and not _kept(side, name, changes, decided)
                and not _refused_before(kind, dead.get(system, {}), name, value)
            ):
                writes.setdefault(system, {})[name] = value
    return agreed, writes


def _kept(side: Side, name: str, changes: ChangeSet, decided: Set[str]) -> bool:
    """A text without a safe reading stays until another side or a person changes the field.

    A reference to what is not known yet has its say once that is known.
    """
    if name in decided or name not in side.refused:
        return False
    return side.awaits(name) or name not in changes.changes


def _refused_before(kind: Kind, dead: Mapping[str, Plain], name: str, value: Plain) -> bool:
    return name in dead and same(kind, dead[name], value)


def _creates(
    rules: ObjectRules,
    values: Mapping[str, Plain],
    frozen: Mapping[str, Conflict],
    dead: Mapping[str, Mapping[str, Plain]],
    create_in: Set[str],
) -> tuple[dict[str, dict[str, Plain]], dict[str, tuple[str, ...]]]:
    creates: dict[str, dict[str, Plain]] = {}
    gaps: dict[str, tuple[str, ...]] = {}
    for system in sorted(create_in & set(rules.mappings)):
        record: dict[str, Plain] = {}
        missing: list[str] = []
        for name, field in rules.mappings[system].fields.items():
            if field.direction is Direction.READ or name in frozen:
                continue
            value = values.get(name)
            if is_empty(value):
                value = field.default
            if not is_empty(value):
                record[name] = value
            elif field.required:
                missing.append(name)
        if missing:
            gaps[system] = tuple(missing)
        elif record and record != dead.get(system):
            creates[system] = record
    return creates, gaps


def rule_on_deletion(
    chain: Chain,
    gone: tuple[str, ...],
    rules: ObjectRules,
    decided: tuple[DeletePolicy, int] | None,
) -> DeletionRuling:
    """What the deletion of a side means for the others.

    Args:
        chain: the chain as observed.
        gone: systems whose record was deleted.
        rules: of its object.
        decided: a person's answer and the id of its review item, when one was asked.
    """
    left = tuple(
        side.system for side in chain.sides if chain.side(side.system) is side and not side.deleted
    )
    policy, review_id = decided or (rules.policy.deletes.policy, None)
    if policy is DeletePolicy.REVIEW and left:
        return DeletionRuling(None, gone)
    if not left:
        return DeletionRuling(DeletePolicy.PROPAGATE, gone, review_id=review_id)
    return DeletionRuling(
        policy,
        gone,
        delete_in=left if policy is DeletePolicy.PROPAGATE else (),
        recreate_in=gone if policy is DeletePolicy.RESTORE else (),
        review_id=review_id,
    )
