"""Joining: two chains become one, and one becomes two again. Pure: only the chains change.

A side that came with a merge belongs to the survivor's chain, so whatever names its record means
the survivor. What it was before stands in the `Merge`.

    merge      linked, the survivor has a record there too   → merging → merged
               linked, the survivor has, or had, none there  → linked
    unmerge    merging                                       → linked
               merged                                        → unmerging → linked
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tandem.mapping.compiler import Reading
from tandem.model.fields import Kind, Plain, is_empty, same
from tandem.state.chain import Chain, ChainState, Side, SideState
from tandem.state.merge import Merge
from tandem.sync.golden import SurvivingField
from tandem.sync.types import ChangeSet, ObjectRules

LATE = (SideState.MERGING, SideState.MERGED)
"""States in which a record's edits count as edits of the survivor, for as long as it exists."""

Origin = dict[str, Any]


def snapshot(survivor: Chain, loser: Chain) -> dict[str, Any]:
    """What an unmerge gives back; `references` are added by who finds them."""
    return {
        "survivor": {"values": dict(survivor.values), "origins": dict(survivor.origins)},
        "loser": {
            "values": dict(loser.values),
            "origins": dict(loser.origins),
            "sides": [
                {
                    "key": list(side.key),
                    "state": side.state,
                    "baseline": dict(side.baseline),
                    "merged_from": side.merged_from,
                }
                for side in loser.sides
            ],
        },
        "references": [],
    }


def join(survivor: Chain, loser: Chain, state: SideState) -> None:
    """Move the loser's sides to the survivor.

    Args:
        survivor: takes them.
        loser: is merged afterwards, and has none.
        state: of those whose system holds a record of the survivor too: `merging`, or `duplicate`
            when a person shall say first whether they are merged there.
    """
    for side in loser.sides:
        side.merged_from = side.merged_from or loser.id
        primary = survivor.side(side.system)
        if side.state is SideState.LINKED and primary is not None:
            if primary.deleted and not side.deleted:
                # Nobody has dealt with that deletion yet: this record takes the other's place.
                primary.state = SideState.GONE
                primary.dirty.add("crosswalk")
            else:
                _step_back(side, SideState.MERGED if side.deleted else state)
        elif side.state is SideState.UNMERGING:
            side.state = SideState.MERGED
        side.dirty |= {"crosswalk", "observed", "baseline"}
        survivor.sides.append(side)
    loser.let_go(*loser.sides)
    loser.state, loser.merged_into = ChainState.MERGED, survivor.id
    for side in survivor.sides:
        if side.state is SideState.UNMERGING and survivor.side(side.system) is not None:
            # Nobody need bring it back: the loser's record, which it is merged into, is the one.
            side.state = SideState.MERGED
            side.dirty.add("crosswalk")


def _step_back(side: Side, state: SideState) -> None:
    """From now on the side speaks only of what changes in it."""
    side.state = state
    side.baseline = dict(side.values)
    side.awaiting_echo, side.rewrites = [], {}
    side.dirty |= {"crosswalk", "baseline"}


def step_back(side: Side) -> None:
    """A second record of a chain is to be merged into the first one in its system."""
    _step_back(side, SideState.MERGING)


def adopt(
    survivor: Chain,
    fields: Iterable[SurvivingField],
    *,
    settled: Mapping[str, Any],
    origin: Origin,
) -> None:
    """Give the survivor its golden values.

    Args:
        survivor: the chain that stays.
        fields: what survives.
        settled: fields that the merging system decided by itself; they stay as they are.
        origin: run, moment and merge, for the origins.
    """
    for each in fields:
        if each.field in settled or (is_empty(each.value) and each.field not in survivor.values):
            continue
        if survivor.values.get(each.field) == each.value:
            continue
        survivor.values = {**survivor.values, each.field: each.value}
        survivor.origins[each.field] = {
            "rule": each.rule,
            "system": each.system,
            "native_id": each.native_id,
        } | origin
    survivor.dirty = True


def part_from_itself(
    survivor: Chain, loser: str, names: Iterable[str], before: Mapping[str, Any], origin: Origin
) -> None:
    """Of two that referred to each other none is left to refer to.

    Args:
        survivor: the chain that stays.
        loser: canonical id of the one that went.
        names: fields that refer to records of their own object.
        before: the survivor's values before the merge; if it referred to itself then, it does so.
        origin: run, moment and merge, for the origins.
    """
    both = (survivor.id, loser)
    for name in names:
        meant = survivor.values.get(name)
        was = before.get(name)
        itself = meant in both and was != survivor.id
        shown = name not in before and any(s.values.get(name) in both for s in survivor.sides)
        if itself or (meant is None and (shown or was == loser)):
            survivor.values = {**survivor.values, name: None}
            survivor.origins[name] = {"rule": "merged", "system": None} | origin


def fill(survivor: Chain, merge: Merge, origin: Origin) -> None:
    """What the survivor has never said anything about is as the loser had it."""
    before = merge.before["loser"]
    for name, value in before["values"].items():
        unsaid = name not in survivor.values and not any(
            side.merged_from is None and not is_empty(side.values.get(name))
            for side in survivor.sides
        )
        if unsaid and not is_empty(value) and value not in (survivor.id, merge.loser):
            survivor.values = {**survivor.values, name: value}
            survivor.origins[name] = before["origins"].get(name, {}) | origin
            survivor.dirty = True


def note_outcome(merge: Merge, survivor: Chain, kinds: Mapping[str, Kind]) -> None:
    """Note what the survivor holds now that it has been settled.

    What its own record said already, and no record of the loser's, it would hold without the merge.
    """
    merge.after = dict(survivor.values)
    own: list[Mapping[str, Plain]] = []
    theirs: list[Mapping[str, Plain]] = [merge.before["loser"]["values"]]
    for side in survivor.sides:
        (own if side.merged_from is None else theirs).append(side.values)
    before = merge.before["survivor"]
    for name, after in merge.after.items():
        said_here = any(same(kinds[name], after, said.get(name)) for said in own)
        if said_here and not any(same(kinds[name], after, said.get(name)) for said in theirs):
            before["values"] = {**before["values"], name: after}


def merged_at_source(chain: Chain, loser: Side, into: Side | None) -> None:
    """Its system has merged a record of this chain into another one of it."""
    loser.state, loser.deleted = SideState.MERGED, True
    loser.dirty |= {"crosswalk", "observed"}
    if into is not None and chain.side(into.system) is None:
        into.state = SideState.LINKED
        into.dirty.add("crosswalk")


def promote(chain: Chain) -> None:
    """Where the record to merge into is gone, the one that was to be merged takes its place."""
    for side in chain.sides:
        if (
            side.state is SideState.MERGING
            and not side.deleted
            and (chain.side(side.system) is None)
        ):
            side.state = SideState.LINKED
            side.dirty.add("crosswalk")


def part(
    survivor: Chain,
    loser: Chain,
    merge: Merge,
    *,
    revived: Iterable[Side],
    unmerges: Mapping[str, frozenset[str]],
    origin: Origin,
    rules: ObjectRules,
) -> None:
    """Two chains again, each with its own values.

    Args:
        survivor: the chain that holds the sides today.
        loser: the chain that was merged; it is live again.
        merge: as it was made.
        revived: sides that are there again already: their system took the merge back.
        unmerges: system → streams in which it can bring a merged record back.
        origin: run and moment, for the origins.
        rules: of the object.
    """
    back = {tuple(each["key"]): each for each in merge.before["loser"]["sides"]}
    there = [side.key for side in revived]
    returning = [side for side in survivor.sides if side.key in back]
    survivor.let_go(*returning)
    for side in returning:
        was = back[side.key]
        loser.sides.append(side)
        if side.state is SideState.LINKED:
            given = _given(side, survivor, merge, rules)
            was = {**was, "baseline": {**was["baseline"], **given}}
            for name in given.keys() - loser.values.keys():
                loser.values = {**loser.values, name: None}
                loser.origins[name] = {"rule": "unmerged", "system": None} | origin
        _return(side, was, side.key in there, side.stream in unmerges.get(side.system, frozenset()))
        if side.state is SideState.GONE and was["state"] == SideState.LINKED:
            side.merged_from = loser.id
    loser.state, loser.merged_into, loser.dirty = ChainState.LIVE, None, True
    for side in survivor.sides:
        own = side.merged_from is None and side.state in LATE
        if own and survivor.side(side.system) is None:
            able = side.stream in unmerges.get(side.system, frozenset())
            _return(side, {"state": SideState.LINKED}, side.key in there, able)
    if merge.survivor == survivor.id:
        _give_back(survivor, merge, origin, rules)
        if not any(side.deleted or side.state is SideState.GONE for side in survivor.sides):
            _outlive(survivor, merge, origin)


def _return(side: Side, was: Mapping[str, Any], is_there: bool, can_unmerge: bool) -> None:
    side.merged_from = was.get("merged_from")
    side.baseline = dict(was.get("baseline", side.baseline))
    side.dirty |= {"crosswalk", "observed", "baseline"}
    if was["state"] != SideState.LINKED:
        side.state = SideState(was["state"])
    elif side.state is SideState.MERGED and not is_there:
        lost = side.deleted and not can_unmerge
        side.state = SideState.GONE if lost else SideState.UNMERGING
    elif side.state is not SideState.GONE:
        side.state = SideState.LINKED


def _given(side: Side, survivor: Chain, merge: Merge, rules: ObjectRules) -> dict[str, Any]:
    """What a record shows because the survivor's values were written into it: nobody's edits."""
    before = merge.before["survivor"]["origins"]
    given = {}
    for name, value in side.values.items():
        origin = survivor.origins.get(name, {})
        said = origin.get("system") == side.system and origin.get("rule") != "deactivated"
        theirs = not said or origin == before.get(name)
        if theirs and same(rules.kinds[name], value, side.baseline.get(name)):
            given[name] = value
    return given


def _give_back(survivor: Chain, merge: Merge, origin: Origin, rules: ObjectRules) -> None:
    """Undo what the merge made of the survivor; what was edited since stays edited."""
    before = merge.before["survivor"]
    values = dict(survivor.values)
    for name, after in merge.after.items():
        kind, own = rules.kinds[name], before["values"].get(name)
        if same(kind, after, own) or not same(kind, values.get(name), after):
            continue
        values[name] = own
        for side in survivor.sides:
            # What shows the merged value has agreed to it: that was nobody's edit.
            if name in side.values and same(kind, side.values[name], after):
                side.baseline[name] = side.values[name]
                side.dirty.add("baseline")
        survivor.origins[name] = {**before["origins"].get(name, {}), "rule": "unmerged"} | origin
    survivor.values, survivor.dirty = values, True


def _outlive(survivor: Chain, merge: Merge, origin: Origin) -> None:
    """What was deleted while the two were one was the other's record alone."""
    if survivor.state is ChainState.DELETED:
        survivor.state, survivor.dirty = ChainState.LIVE, True
    if survivor.origins.get("active", {}).get("rule") == "deactivated":
        before = merge.before["survivor"]
        survivor.values = {**survivor.values, "active": before["values"].get("active")}
        said = before["origins"].get("active", {})
        survivor.origins["active"] = {**said, "rule": "unmerged"} | origin


def absorb(
    chain: Chain, changes: ChangeSet, frozen: Iterable[str], kinds: Mapping[str, Kind]
) -> list[tuple[Side, dict[str, Plain]]]:
    """Note which late edits of merged records are taken over; whether they are in use never is.

    Args:
        chain: as settled.
        changes: what its sides changed.
        frozen: fields that a person has yet to decide.
        kinds: canonical field → its kind.

    Returns:
        Records with edits that had no say: the record that theirs is merged into was edited, too.
    """
    unheard = []
    for side in chain.sides:
        if side.state not in LATE or side.deleted:
            continue
        values: dict[str, Plain] = {}
        for name in sorted(changes.changes.keys() - {"active", *frozen}):
            if name not in side.values or side.baseline.get(name) == side.values[name]:
                continue
            said, spoke = side.values[name], changes.changes[name].get(side.system)
            told = (spoke, chain.values.get(name), side.baseline.get(name))
            if name in side.baseline and not any(same(kinds[name], said, each) for each in told):
                values[name] = said
            side.baseline[name] = said
            side.dirty.add("baseline")
        if values:
            unheard.append((side, values))
    return unheard


def is_back(side: Side, reading: Reading) -> bool:
    """Whether a merged record is in use again at its source: somebody took the merge back."""
    reactivated = side.values.get("active") is False and reading.values.get("active") is True
    return side.state is SideState.MERGED and (side.deleted or reactivated)


def is_brought_back(side: Side, reading: Reading) -> bool:
    """Whether a record that was to be brought back is there."""
    return side.state is SideState.UNMERGING and reading.values.get("active") is not False


def moment(at: datetime, run_id: str) -> Origin:
    """When and in which run, as origins carry it."""
    return {"at": at.isoformat(), "run": run_id}
