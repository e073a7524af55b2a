"""References between chains: what is lost with its target, and what names a merged record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from tandem.state import chain as chains
from tandem.state import merge as merges
from tandem.state.chain import Chain, Side
from tandem.state.review import ReviewItem
from tandem.sync.joining import LATE
from tandem.sync.types import Link, ObjectRules


def keep_orphaned(
    connection: Connection, link: Link, rules: ObjectRules, touched: Sequence[Chain]
) -> None:
    """A reference that vanished with its target is nobody's edit: the others keep theirs.

    In a system that lets references outlive their targets, none vanishes: somebody emptied it.
    """
    clearing = {
        name for name, each in link.connectors.items() if each.capabilities.clears_references
    }
    lost: dict[str, list[tuple[Side, str, str]]] = {}
    for chain in touched:
        for side in chain.sides:
            if side.system not in clearing:
                continue
            for name in rules.references:
                target = side.baseline.get(name)
                if target is not None and name in side.values and side.values[name] is None:
                    lost.setdefault(side.system, []).append((side, name, target))
    for system, references in lost.items():
        there = chains.native_ids(connection, {t for _, _, t in references}, system)
        for side, name, target in references:
            if target not in there:
                side.values[name] = target
                side.dirty.add("observed")


def follow_merges(
    connection: Connection,
    rules: ObjectRules,
    touched: Sequence[Chain],
    batch: Mapping[str, Chain],
) -> list[tuple[Chain, Side, str]]:
    """References that name a merged record mean the survivor.

    A side that names the loser, which exists and is out of use, has not changed anything where the
    survivor is meant already: it gets the survivor's own id written.

    Args:
        connection: the state.
        rules: of the object.
        touched: what is settled.
        batch: the chains as they are by now; a merge of this batch is not stored yet.

    Returns:
        Sides and fields that name a loser where the survivor was not meant until now: once it is,
        they have to be looked at again.
    """
    named = [
        (chain, side, name, value)
        for chain in touched
        for side in chain.sides
        for name in rules.references
        if isinstance(value := side.values.get(name), str)
    ]
    survivors = _survivors(connection, {value for *_, value in named}, batch)
    news = []
    for chain, side, name, value in named:
        if value not in survivors:
            continue
        if chain.values.get(name) == survivors[value]:
            side.baseline[name] = value
            side.dirty.add("baseline")
        elif (side.state in LATE or survivors[value] == chain.id) and (
            side.baseline.get(name) == value
        ):
            # A merged record speaks only of what changes in it; and that the two that became one
            # referred to each other is no word of a record that refers to itself.
            side.values[name] = side.baseline[name] = survivors[value]
            side.dirty |= {"observed", "baseline"}
        else:
            side.values[name] = survivors[value]
            side.dirty.add("observed")
            news.append((chain, side, name))
    return news


def follow_merges_in_answers(
    connection: Connection,
    rules: ObjectRules,
    items: Iterable[ReviewItem],
    batch: Mapping[str, Chain],
) -> None:
    """A record that a person chose may have been merged since: its survivor is meant.

    Args:
        connection: the state.
        rules: of the object.
        items: what people were asked about it; the answers are brought up to date in place.
        batch: the chains as they are by now; a merge of this batch is not stored yet.
    """
    chosen = {
        item.id: value
        for item in items
        if item.field in rules.references
        and item.decision
        and isinstance(value := item.decision.get("value"), str)
    }
    survivors = _survivors(connection, chosen.values(), batch)
    for item in items:
        if chosen.get(item.id) in survivors:
            item.decision = {**(item.decision or {}), "value": survivors[chosen[item.id]]}


def _survivors(
    connection: Connection, named: Iterable[str], batch: Mapping[str, Chain]
) -> dict[str, str]:
    newer = {chain.id: chain.merged_into for chain in batch.values()}
    return merges.aliases(connection, named, newer)
