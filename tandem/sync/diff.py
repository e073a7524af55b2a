"""Diff: what each side changed, against what it last agreed to. Pure.

Values are compared in canonical form and by meaning, so a reformatted phone is no change, and our
own write, coming back in the next pull, equals the baseline: echoes end here.
"""

from __future__ import annotations

from decimal import Decimal

from tandem.mapping.schema import Direction
from tandem.model.fields import Kind, Plain, is_empty, same
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
            if _is_cut(side, rules, name, value):
                continue
            # What a side agreed to in another chain, before a merge, it says anew in this one.
            if not is_empty(value) and not (name in side.baseline and name in chain.values):
                changes.setdefault(name, {})[side.system] = value
                unagreed.add(name)
            elif name in side.baseline and not same(rules.kinds[name], value, side.baseline[name]):
                if _insists(side, name, rules.kinds[name]):
                    renditions.add((side.system, name))
                else:
                    changes.setdefault(name, {})[side.system] = value
                    if not _has_seen(chain, side, rules, name):
                        overtaken.add(name)
    _add_late_edits(chain, rules, changes)
    return ChangeSet(
        changes, frozenset(unagreed), frozenset(overtaken), frozenset(renditions), tuple(gone)
    )


def _add_late_edits(chain: Chain, rules: ObjectRules, changes: dict[str, dict[str, Plain]]) -> None:
    """Edits of a merged record that still exists count as edits of the survivor in its system."""
    for side in chain.sides:
        if side.state not in _LATE or side.deleted or side.system not in rules.mappings:
            continue
        for name, value in _own_words(side, rules).items():
            if (
                name != "active"
                and name in side.baseline
                and not same(rules.kinds[name], value, side.baseline[name])
            ):
                changes.setdefault(name, {}).setdefault(side.system, value)


_LATE = (SideState.MERGING, SideState.MERGED)


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


def _is_cut(side: Side, rules: ObjectRules, name: str, value: Plain) -> bool:
    """Whether a value is only what a shorter column has left of the one agreed: nobody's edit.

    >>> from types import SimpleNamespace as Some
    >>> rules = Some(mappings={"erp": Some(fields={"name": Some(length=4)})})
    >>> side = Some(system="erp", baseline={"name": "Acme Ltd"})
    >>> _is_cut(side, rules, "name", "Acme"), _is_cut(side, rules, "name", "Acm")
    (True, False)
    """
    length, base = rules.mappings[side.system].fields[name].length, side.baseline.get(name)
    if length is None or not isinstance(value, str) or not isinstance(base, str):
        return False
    return len(base) > length and value == base[:length].rstrip()


def _insists(side: Side, name: str, kind: Kind) -> bool:
    """Whether a system's own form of our value is to be let be, and is nobody's edit."""
    rewrite = side.rewrites.get(name)
    if rewrite is None:
        return False
    rounded = kind is Kind.DECIMAL and is_rounded(rewrite["value"], side.baseline.get(name))
    return rounded or rewrite["count"] >= REWRITES_ACCEPTED


def is_rounded(shown: Plain, written: Plain) -> bool:
    """Whether a number is another one with fewer decimals: a loss that must not travel back.

    >>> is_rounded("0.1235", "0.123456"), is_rounded("7", "0.123456")
    (True, False)
    """
    if not isinstance(shown, str) or not isinstance(written, str):
        return False
    unit = Decimal(1).scaleb(int(Decimal(shown).as_tuple().exponent))
    off = abs(Decimal(written) - Decimal(shown))
    return len(shown) < len(written) and off * 2 <= unit
