"""Merging: merges and unmerges of one batch, made at a source or decided by a person.

The chains change here, in the batch's transaction; what that takes in the systems follows when the
chains are settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tandem.settings import MergePolicy
from tandem.state import apart, audit, outbox, review
from tandem.state import chain as chains
from tandem.state import merge as merges
from tandem.state.chain import Chain, ChainState, Side, SideState
from tandem.state.inbox import Arrival
from tandem.state.merge import Merge
from tandem.state.outbox import PushState
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.sync.diff import diff
from tandem.sync.golden import surviving
from tandem.sync.joining import (
    LATE,
    adopt,
    fill,
    join,
    merged_at_source,
    moment,
    note_outcome,
    part,
    part_from_itself,
    snapshot,
    step_back,
)
from tandem.sync.observe import observe
from tandem.sync.repointing import Repointing
from tandem.sync.work import Work

_EVER = datetime.min.replace(tzinfo=UTC)
"""A record that came as the second one of another was never compared."""

_IN_FLIGHT = (PushState.SENDING, PushState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Order:
    """A merge that shall be made.

    Attributes:
        actor: who merged.
        cause: the system or the review item.
        source: the system that has merged already; None: a person decided.
        choices: canonical field → the value that a person chose.
    """

    actor: str
    cause: dict[str, Any]
    source: str | None = None
    choices: Mapping[str, Any] = field(default_factory=dict)


class Merging:
    """Merges and unmerges chains of one batch.

    Attributes:
        facts: for the audit.
        hints: (object, system, stream, native id) of records to be read again.
        reindexed: chains whose match keys have to be computed anew.
        parted: chains that were part of another one until now → since when.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._connection = work.connection
        self._link = work.link
        self._rules = work.rules
        self._now = work.now
        self._run_id = work.run_id
        self._made: dict[str, tuple[Merge, Chain]] = {}
        self._parted_in: list[tuple[str, str]] = []
        self._references = Repointing(work)
        self.facts: list[dict[str, Any]] = []
        self.hints = self._references.hints
        self.reindexed = self._references.reindexed
        self.parted: dict[str, datetime] = {}

    def busy(self, *canonical_ids: str) -> str | None:
        """One of these whose write is under way: its outcome has to be known first."""
        for canonical_id, intents in outbox.open_for(self._connection, canonical_ids).items():
            if any(intent.state in _IN_FLIGHT for intent in intents):
                return canonical_id
        return None

    # Merges

    def follows(self, survivor: Chain, side: Side, into: Side) -> bool:
        """Whether a merge at the source concerns us; otherwise the record just went."""
        held = (SideState.LINKED, SideState.DUPLICATE, *LATE)
        return (
            survivor.state is ChainState.LIVE
            and side is not into
            and not into.deleted
            and side.state in held
            and into.state in held
        )

    def add_alias(self, survivor: Chain, arrival: Arrival) -> Side:
        """A record that was merged before it was ever linked: what names it means the survivor."""
        side = Side(*arrival.key, state=SideState.MERGED, rule="merged", dirty={"crosswalk"})
        observe(side, arrival, None, self._now)
        survivor.sides.append(side)
        return side

    def at_source(self, survivor: Chain, loser: Chain, side: Side, into: Side) -> None:
        """A system has merged the record of `side` into that of `into`."""
        if survivor is not loser and side.state is not SideState.LINKED:
            # A second record of the loser: the loser itself was not merged.
            loser.let_go(side)
            survivor.sides.append(side)
            self._parted_in.append((loser.id, side.system))
        elif survivor is not loser:
            order = Order(side.system, {"system": side.system}, source=side.system)
            self._merge(survivor, loser, order)
        merged_at_source(survivor, side, into)

    def decided(self, item: ReviewItem) -> str | None:
        """Carry out what a person decided about two records.

        Returns:
            A canonical id whose outcome has to be waited for; None when it is done.
        """
        decision = item.decision or {}
        if "double" in item.question:
            return self._decided_double(item, decision)
        one, other = (part["canonical_id"] for part in item.question["pair"])
        waits = self.busy(one, other, self._today(one).id, self._today(other).id)
        if waits is not None:
            return waits
        person = item.decided_by or ""
        if decision.get("keep_apart"):
            self._keep_apart(one, other, person)
        else:
            into = decision["merge_into"]
            survivor = self._work.touch(into)
            loser = self._work.touch(other if into == one else one)
            if survivor.state is loser.state is ChainState.LIVE:
                apart.forget(self._connection, one, other)
                cause = {"review": item.id}
                choices = decision.get("choices") or {}
                self._merge(survivor, loser, Order(person, cause, choices=choices))
        review.close(self._connection, [item.id], ReviewState.APPLIED, self._now)
        return None

    def _merge(self, survivor: Chain, loser: Chain, order: Order) -> None:
        rules, policy = self._rules, self._rules.policy
        fields = surviving(survivor, loser, policy, self._link.config.systems, order.choices)
        before = snapshot(survivor, loser)
        unsettled = diff(loser, rules).changes
        asks = order.source is not None and policy.merges is MergePolicy.REVIEW
        join(survivor, loser, SideState.DUPLICATE if asks else SideState.MERGING)
        settled = rules.mappings[order.source].fields if order.source else {}
        origin = moment(self._now, self._run_id) | {"merged_from": loser.id}
        if order.choices:
            origin |= {"person": order.actor, "review_id": order.cause.get("review")}
        adopt(survivor, fields, settled=settled, origin=origin)
        own = [name for name, target in rules.references.items() if target == rules.object]
        part_from_itself(survivor, loser.id, own, before["survivor"]["values"], origin)
        made = Merge(
            link=self._link.name,
            object=rules.object,
            survivor=survivor.id,
            loser=loser.id,
            before=before,
            cause=order.cause,
            actor=order.actor,
            merged_at=self._now,
        )
        made.before["references"] = self._references.move(loser.id, survivor.id)
        self._made[loser.id] = (made, survivor)
        self._take_over(survivor, loser)
        self.reindexed |= {survivor.id, loser.id}
        if unsettled:
            # Edits that its golden values have not taken over go with them: they are told.
            order = replace(order, cause=order.cause | {"unsettled": unsettled})
        for chain in (survivor, loser):
            self._fact("record.merged", chain, before["loser"]["values"], order)

    def _take_over(self, survivor: Chain, loser: Chain) -> None:
        """Nothing is open about the loser any more; what it was a candidate for, the other is."""
        connection = self._connection
        open_intents = outbox.open_for(connection, [loser.id]).get(loser.id, [])
        superseded = [i.id for i in open_intents if i.state not in _IN_FLIGHT]
        outbox.mark(connection, superseded, PushState.SUPERSEDED, done_at=self._now)
        asked = review.for_chains(connection, [loser.id]).get(loser.id, [])
        # What was said about the loser and another record is carried out for who it is now.
        said = [i.id for i in asked if i.state is ReviewState.DECIDED and "pair" in i.question]
        review.hand_over(connection, said, survivor.id)
        moot = [item.id for item in asked if item.id not in said]
        review.close(connection, moot, ReviewState.VOID, self._now)
        review.replace_candidate(connection, loser.id, survivor.id)
        apart.take_over(connection, loser.id, survivor.id)

    def _decided_double(self, item: ReviewItem, decision: Mapping[str, Any]) -> str | None:
        chain = self._work.touch(item.canonical_id or "")
        side = chain.record(item.system or "", item.native_id)
        if side is not None and side.state is SideState.DUPLICATE:
            waits = self.busy(chain.id)
            if waits is not None:
                return waits
            self._settle_double(chain, side, item, decision)
        review.close(self._connection, [item.id], ReviewState.APPLIED, self._now)
        return None

    def _settle_double(
        self, chain: Chain, side: Side, item: ReviewItem, decision: Mapping[str, Any]
    ) -> None:
        person = item.decided_by or ""
        if side.merged_from is not None:
            # Its twin was merged at the source: it follows, or it is left as it is.
            if decision.get("keep_apart"):
                side.state = SideState.UNLINKED
                side.dirty.add("crosswalk")
            else:
                step_back(side)
            return
        chain.let_go(side)
        other = self._own_chain(chain, side)
        if decision.get("keep_apart"):
            apart.keep(self._connection, chain, [other.id], person, self._now)
            self.parted[other.id] = _EVER
            self._parted_in.append((chain.id, side.system))
            self._fact("record.parted", other, None, Order(person, {"review": item.id}))
            return
        order = Order(person, {"review": item.id}, choices=decision.get("choices") or {})
        self._merge(chain, other, order)

    def _own_chain(self, chain: Chain, side: Side) -> Chain:
        """A chain for a record that shared one; it holds what the record says."""
        own = Chain(
            id=self._work.ids.new(),
            object=chain.object,
            link=chain.link,
            values=dict(side.values),
            origins={
                name: {"rule": "changed", "system": side.system} | moment(self._now, self._run_id)
                for name in side.values
            },
            sides=[side],
            new=True,
        )
        side.state, side.baseline = SideState.LINKED, dict(side.values)
        side.dirty |= {"crosswalk", "baseline"}
        chains.save(self._connection, [own], self._now)
        self.reindexed.add(own.id)
        return self._work.touch(own.id)

    # Unmerges

    def revived(self, chain: Chain, side: Side) -> str | None:
        """A record that was merged is there again at its source: the merge is undone.

        Returns:
            A canonical id whose outcome has to be waited for; None when it is done.
        """
        primary = chain.side(side.system)
        loser = side.merged_from or (primary.merged_from if primary else None)
        if loser is None:
            # It was merged before it was ever linked: now it is a second record, and asked about.
            side.state = SideState.DUPLICATE
            side.dirty.add("crosswalk")
            return None
        owner = self._today(loser)
        waits = self.busy(chain.id, owner.id)
        if waits is None and owner is chain:
            self._unmerge(loser, side.system, [side])
        elif waits is None:
            self._hand_back(chain, side, owner)
        return waits

    def _hand_back(self, chain: Chain, side: Side, owner: Chain) -> None:
        """Its system had merged a record of the owner into one of another chain, by itself."""
        chain.let_go(side)
        owner.sides.append(side)
        side.state = SideState.DUPLICATE if owner.side(side.system) else SideState.LINKED
        side.merged_from = None if side.merged_from == owner.id else side.merged_from
        side.dirty |= {"crosswalk", "observed", "baseline"}
        self._parted_in.append((chain.id, side.system))

    def keep_apart(self, chain: Chain, others: Iterable[str], person: str) -> None:
        """Remember that a record is none of the others."""
        apart.keep(self._connection, chain, others, person, self._now)

    def _keep_apart(self, one: str, other: str, person: str) -> None:
        left, right = self._today(one), self._today(other)
        if left.id != right.id:
            self.keep_apart(left, [right.id], person)
        else:
            # They are one by now: that is what is taken back.
            self._unmerge(one if right.id == other else other, person, [])

    def _today(self, canonical_id: str) -> Chain:
        """What a record is by now, however often it was merged."""
        chain = self._work.touch(canonical_id)
        while chain.merged_into is not None:
            chain = self._work.touch(chain.merged_into)
        return chain

    def _unmerge(self, loser_id: str, actor: str, revived: list[Side]) -> None:
        self._store(loser_id)
        merge = merges.holding(self._connection, loser_id)
        survivor, loser = self._today(loser_id), self._work.touch(loser_id)
        if merge is None or survivor is loser:
            return
        origin = moment(self._now, self._run_id)
        able = {s: c.capabilities.unmerges for s, c in self._link.connectors.items()}
        back = {tuple(each["key"]) for each in merge.before["loser"]["sides"]}
        lent = [s.system for s in survivor.sides if s.key in back and s is survivor.side(s.system)]
        part(
            survivor,
            loser,
            merge,
            revived=revived,
            unmerges=able,
            origin=origin,
            rules=self._rules,
        )
        merges.undo(self._connection, merge.id, actor, self._now)
        apart.keep(self._connection, survivor, [loser.id], actor, self._now)
        wanted = [(object_name, name) for _, object_name, name in merge.before["references"]]
        ids = [canonical_id for canonical_id, _, _ in merge.before["references"]]
        self._references.move(survivor.id, loser.id, among=ids, fields=wanted)
        for system in lent:
            self._references.rename(survivor.id, loser.id, system)
        self._parted_in += [(survivor.id, system) for system in {s.system for s in loser.sides}]
        asked = review.for_chains(self._connection, [survivor.id]).get(survivor.id, [])
        moot = [i.id for i in asked if i.kind is ReviewKind.DUPLICATE and "double" in i.question]
        review.close(self._connection, moot, ReviewState.VOID, self._now)
        self.reindexed |= {survivor.id, loser.id}
        self.parted[loser.id] = merge.merged_at or self._now
        for chain in (survivor, loser):
            self._fact("record.unmerged", chain, None, Order(actor, {"merge": merge.id}))

    # At the end

    def complete(self) -> None:
        """What takes that all records of the batch have been read.

        The survivors get what their own records do not speak of, and who named one of two that
        were one is read again.
        """
        for made, survivor in self._made.values():
            fill(survivor, made, moment(self._now, self._run_id) | {"merged_from": made.loser})
        for canonical_id, system in sorted(set(self._parted_in)):
            self._references.read_again(canonical_id, system)

    def finish(self) -> None:
        """Store the merges, with what the survivors hold now that they have been settled."""
        self._store(*self._made)

    def _store(self, *losers: str) -> None:
        made = [self._made.pop(loser) for loser in losers if loser in self._made]
        for merge, survivor in made:
            note_outcome(merge, survivor, self._rules.kinds)
        merges.add(self._connection, [merge for merge, _ in made])

    def _fact(self, action: str, chain: Chain, before: Any, order: Order) -> None:
        actor = order.actor if order.source is None else audit.ENGINE
        cause = order.cause | {"into": chain.merged_into}
        after = dict(chain.values)
        self.facts.append(
            self._work.fact(action, chain, before=before, after=after, cause=cause, actor=actor)
        )
