"""Diff: what each side changed, against what it last agreed to. Pure.

Values are compared in canonical form and by meaning, so a reformatted phone is no change, and our
own write, coming back in the next pull, equals the baseline: echoes end here.
"""

from __future__ import annotations

from tandem.mapping.schema import Direction
from tandem.model.fields import Plain, is_empty, same
from tandem.state.chain import Chain, Side, SideState
from tandem.sync.types import ChangeSet, ObjectRules

REWRITES_ACCEPTED = 2
"""So many times in a row a system may turn our value into the same other one before we let it."""


def diff(chain: Chain, rules: ObjectRules) -> ChangeSet:
    """Changes of all sides of a chain."""
    changes: dict[str, dict[str, Plain]] = {}
    unagreed: set[str] = set()
    overtaken: set[str] = set()
    renditions: set[tuple[str, str]] = set()
    gone: list[str] = []
    for side in chain.sides:
        if side.state is not SideState.LINKED or side.system not in rules.mappings:
            continue
        if side.deleted:
            gone.append(side.system)
            continue
        for name, value in _own_words(side, rules).items():
            if name not in side.baseline:
                if not is_empty(value):
                    changes.setdefault(name, {})[side.system] = value
                    unagreed.add(name)
            elif not same(rules.kinds[name], value, side.baseline[name]):
                if _insists(side, name):
                    renditions.add((side.system, name))
                else:
                    changes.setdefault(name, {})[side.system] = value
                    if not _has_seen(chain, side, rules, name):
                        overtaken.add(name)
    return ChangeSet(
        changes, frozenset(unagreed), frozenset(overtaken), frozenset(renditions), tuple(gone)
    )


def _has_seen(chain: Chain, side: Side, rules: ObjectRules, name: str) -> bool:
    """Whether what the side last agreed to is still the golden value: a push may be on its way."""
    base, golden, kind = side.baseline[name], chain.values.get(name), rules.kinds[name]
    return same(kind, base, golden) or same(
        kind, base, rules.mappings[side.system].echo(name, golden)
    )


def _own_words(side: Side, rules: ObjectRules) -> dict[str, Plain]:
    """The values that count as this side's own."""
    fields = rules.mappings[side.system].fields
    return {
        name: value
        for name, value in side.values.items()
        if name in fields and fields[name].direction is not Direction.WRITE
    }


def _insists(side: Side, name: str) -> bool:
    rewrite = side.rewrites.get(name)
    return rewrite is not None and rewrite["count"] >= REWRITES_ACCEPTED
