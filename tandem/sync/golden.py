"""Golden: what one record holds when two have become one, field by field, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tandem.matching.survivorship import Rule, Version, survive
from tandem.model.fields import Kind, Plain, is_empty, same
from tandem.model.objects import field_types
from tandem.settings import ObjectPolicy
from tandem.state.chain import Chain, Side, SideState

CHOSEN = "decision"
"""Rule of a value that a person chose for the merge."""


@dataclass(frozen=True, slots=True)
class Held:
    """What one record holds in a field."""

    canonical_id: str
    system: str
    native_id: str
    value: Plain


@dataclass(frozen=True, slots=True)
class SurvivingField:
    """One field of a merge.

    Attributes:
        field: canonical name.
        held: what each record holds, the survivor's first.
        value: what survives.
        rule: why: a rule of survivorship, or `decision` when a person chose.
        system: whose value it is; None when a person typed another one, or nobody has any.
        native_id: the record it comes from, as far as there is one.
        differs: the two canonical records do not agree on it.
        needs_choice: a person has to choose, and has not yet.
    """

    field: str
    held: tuple[Held, ...]
    value: Plain
    rule: str
    system: str | None
    native_id: str | None
    differs: bool
    needs_choice: bool


def surviving(
    survivor: Chain,
    loser: Chain,
    policy: ObjectPolicy,
    systems: Sequence[str],
    choices: Mapping[str, Plain] | None = None,
) -> tuple[SurvivingField, ...]:
    """What survives when `loser` becomes part of `survivor`, by the rules of the link.

    The order in which the sides are kept does not matter: where a rule leaves two values equal,
    the owner's goes first, then the survivor's, then that of the system named first in the link.

    Args:
        survivor: the record that stays.
        loser: the record that goes.
        policy: of their object.
        systems: of the link, in its order.
        choices: canonical field → the value that a person chose.
    """
    choices = choices or {}
    types = field_types(survivor.object)
    sides = _in_order((survivor, loser), systems)
    versions = [
        Version(side.system, side.native_id, _held(chain, side, survivor, loser), side.modified_at)
        for chain, side in sides
    ]
    names = [n for n in types if any(n in v.values for v in versions) or n in choices]
    rules = {name: _rule(policy, name) for name in names}
    golden = survive(versions, rules)
    owners = {(side.system, side.native_id): chain.id for chain, side in sides}
    return tuple(
        _field(
            name,
            types[name].kind,
            tuple(
                Held(owners[v.system, v.native_id], v.system, v.native_id, v.values[name])
                for v in versions
                if name in v.values
            ),
            golden.get(name),
            rules[name],
            choices,
        )
        for name in names
    )


def _in_order(chains: Iterable[Chain], systems: Sequence[str]) -> list[tuple[Chain, Side]]:
    """The sides that have a say: those in step, the survivor's first."""
    rank = {system: place for place, system in enumerate(systems)}
    return [
        (chain, side)
        for chain in chains
        for side in sorted(
            chain.sides, key=lambda s: (rank.get(s.system, len(rank)), s.stream, s.native_id)
        )
        if side.state is SideState.LINKED and not side.deleted
    ]


def _rule(policy: ObjectPolicy, name: str) -> Rule:
    survivor = policy.survivor(name)
    return Rule(survivor.rule.value, survivor.owner)


def _held(chain: Chain, side: Side, survivor: Chain, loser: Chain) -> dict[str, Plain]:
    """What a record stands for: what its chain agreed on, and what it says differently by now."""
    held = {}
    for name, value in side.values.items():
        in_step = name not in side.baseline or value == side.baseline[name]
        held[name] = chain.values.get(name, value) if in_step else value
        if held[name] in (survivor.id, loser.id):
            # One of the two referred to the other: nothing refers to itself.
            held[name] = None
    return held


def _field(
    name: str,
    kind: Kind,
    held: tuple[Held, ...],
    found: Any,
    rule: Rule,
    choices: Mapping[str, Plain],
) -> SurvivingField:
    filled = [h.value for h in held if not is_empty(h.value)]
    differs = any(not same(kind, value, filled[0]) for value in filled[1:])
    if name in choices:
        source = next((h for h in held if same(kind, h.value, choices[name])), None)
        value, because = choices[name], CHOSEN
        system = source.system if source else None
        native_id = source.native_id if source else None
    else:
        value, because = (found.value if found else None), rule.strategy
        system = found.origin.system if found else None
        native_id = found.origin.native_id if found else None
    needs_choice = differs and name not in choices and rule.strategy == "steward"
    return SurvivingField(name, held, value, because, system, native_id, differs, needs_choice)
