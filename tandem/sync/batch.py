"""One batch of the inbox: from arrivals to chains, intents and questions, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tandem.clock import IdSource
from tandem.mapping.compiler import Reading
from tandem.mapping.transforms import NativeReference
from tandem.model.fields import Plain
from tandem.state import audit, inbox, outbox, quarantine, review
from tandem.state import chain as chains
from tandem.state.chain import Chain, ChainState, Side, SideState
from tandem.state.inbox import Arrival, InboxState
from tandem.state.quarantine import Quarantined
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.sync.match import CandidateIndex, Linked, Match, NeedsReview, evidence
from tandem.sync.normalise import normalise
from tandem.sync.settle import Settlement, settle
from tandem.sync.types import Counts, Link, ObjectRules

Key = tuple[str, str, str]
Read = tuple[Arrival, Reading | None]
"""A record and what it says; None for a tombstone."""


@dataclass(slots=True)
class Pending:
    """What a batch will store, collected so that each table is written once."""

    done: list[int] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    lifted: list[Key] = field(default_factory=list)
    parked: list[tuple[int, str]] = field(default_factory=list)
    hints: list[tuple[str, str, str, str]] = field(default_factory=list)
    arrived_keys: list[Key] = field(default_factory=list)


class Batch:
    """Works off arrivals of one object. `missing` are records that references look for in vain."""

    def __init__(
        self,
        connection: Connection,
        link: Link,
        rules: ObjectRules,
        *,
        now: datetime,
        run_id: str,
        ids: IdSource,
        counts: Counts,
        missing: set[Key],
    ) -> None:
        self._connection = connection
        self._link = link
        self._rules = rules
        self._now = now
        self._run_id = run_id
        self._ids = ids
        self._counts = counts
        self._missing = missing
        self._pending = Pending()
        self._chains: dict[str, Chain] = {}
        self._touched: dict[str, None] = {}
        self._creating: set[tuple[str, str]] = set()

    def work(self, arrivals: Sequence[Arrival]) -> None:
        """Bring the arrivals into the chains and settle each chain once."""
        known = chains.find(self._connection, (arrival.key for arrival in arrivals))
        self._creating = outbox.creating(self._connection, self._link.name)
        read = self._with_references(self._read(arrivals))
        self._chains = chains.load(self._connection, set(known.values()))
        candidates, asked = self._candidates(read, known)
        for arrival, reading in read:
            self._pending.done.append(arrival.id)
            canonical_id = known.get(arrival.key)
            if canonical_id is not None:
                self._observe_known(self._chains[canonical_id], arrival, reading)
            elif reading is None:
                self._forget_unknown(arrival, asked)
            else:
                linked = self._identify(arrival, reading, candidates, asked)
                if linked is not None:
                    known[arrival.key] = linked
        self._settle()
        self._store()

    def _read(self, arrivals: Sequence[Arrival]) -> list[Read]:
        """Records in canonical form; what has none goes into quarantine."""
        read: list[Read] = []
        for arrival in arrivals:
            record = arrival.record
            if record is None or record.deleted:
                read.append((arrival, None))
                continue
            reading = normalise(record, self._rules.mappings[arrival.system], self._link.name)
            if isinstance(reading, Quarantined):
                self._pending.quarantined.append(reading)
                self._pending.done.append(arrival.id)
                self._counts.add("quarantined")
            else:
                self._pending.lifted.append(arrival.key)
                read.append((arrival, reading))
        return read

    def _with_references(self, read: Sequence[Read]) -> list[Read]:
        """Replace native references by canonical ids; park rows whose parent is not here yet."""
        wanted: dict[Key, str] = {}
        for arrival, reading in read:
            for name in self._rules.references:
                value = reading.values.get(name) if reading else None
                if isinstance(value, NativeReference):
                    key = (arrival.system, value.stream, value.native_id)
                    wanted[key] = self._rules.references[name]
        found = chains.find(self._connection, wanted)
        ready: list[Read] = []
        for arrival, reading in read:
            waits = self._resolve_references(arrival, reading, found) if reading else None
            if waits is None:
                ready.append((arrival, reading))
            else:
                self._pending.parked.append((arrival.id, inbox.waiting_for(waits)))
                self._pending.hints.append((wanted[waits], *waits))
                self._counts.add("parked")
        return ready

    def _resolve_references(
        self, arrival: Arrival, reading: Reading, found: Mapping[Key, str]
    ) -> Key | None:
        """The key that the row has to wait for, None when all references are resolved."""
        for name in self._rules.references:
            value = reading.values.get(name)
            if not isinstance(value, NativeReference):
                continue
            key = (arrival.system, value.stream, value.native_id)
            if key in found:
                reading.values[name] = found[key]
            elif key in self._missing:
                del reading.values[name]
                reading.refused[name] = ("refused:reference_missing",)
            else:
                return key
        return None

    def _candidates(
        self, read: Sequence[Read], known: Mapping[Key, str]
    ) -> tuple[CandidateIndex, dict[str, ReviewItem]]:
        unknown = [(a, r) for a, r in read if a.key not in known]
        index = CandidateIndex(
            self._connection,
            self._rules.object,
            self._rules.matcher,
            [r.values for _, r in unknown if r is not None],
        )
        # One object per chain: a record may be linked to a chain that another arrival touches too.
        for canonical_id, chain in self._chains.items():
            if canonical_id in index.chains:
                index.chains[canonical_id] = chain
        asked = review.for_records(
            self._connection, (_duplicate_subject(arrival.key) for arrival, _ in unknown)
        )
        return index, asked

    def _observe_known(self, chain: Chain, arrival: Arrival, reading: Reading | None) -> None:
        side = next(side for side in chain.sides if side.key == arrival.key)
        observe(side, arrival, reading, self._now)
        if reading is not None and side.state is SideState.GONE and not chain.side(side.system):
            # It was deleted, has been read again and is there: somebody restored it at the source.
            side.state = SideState.LINKED
            side.dirty.add("crosswalk")
            if chain.state is ChainState.DELETED:
                chain.state, chain.dirty = ChainState.LIVE, True
        self._touched[chain.id] = None

    def _forget_unknown(self, arrival: Arrival, asked: Mapping[str, ReviewItem]) -> None:
        """A record that we never linked is gone: nobody has to say what it was."""
        self._missing.add(arrival.key)
        inbox.release(self._connection, [inbox.waiting_for(arrival.key)])
        item = asked.get(_duplicate_subject(arrival.key))
        if item is not None:
            review.close(self._connection, [item.id], ReviewState.VOID, self._now)
            inbox.drop_for(self._connection, [arrival.key])

    def _identify(
        self,
        arrival: Arrival,
        reading: Reading,
        candidates: CandidateIndex,
        asked: Mapping[str, ReviewItem],
    ) -> str | None:
        """Link a record that the crosswalk does not know, or ask; the canonical id once linked."""
        subject = _duplicate_subject(arrival.key)
        item = asked.get(subject)
        match = candidates.match(arrival.system, reading.values)
        if item is not None and item.state is ReviewState.DECIDED and item.decision:
            chosen = item.decision.get("canonical_id")
            review.close(self._connection, [item.id], ReviewState.APPLIED, self._now)
            rule = f"decided by {item.decided_by} in review {item.id}"
            if chosen is None:
                return self._link_new(arrival, reading, candidates, rule)
            return self._link_to(self._chain(chosen, candidates), arrival, reading, rule)
        waits = self._may_be_ours(arrival.system, match)
        if waits is not None:
            self._pending.done.remove(arrival.id)
            self._pending.parked.append((arrival.id, inbox.outcome_of(waits)))
            return None
        if isinstance(match, NeedsReview):
            self._ask(arrival, reading, match, candidates, subject)
            return None
        if item is not None:
            review.close(self._connection, [item.id], ReviewState.VOID, self._now)
            inbox.drop_for(self._connection, [arrival.key])
        if isinstance(match, Linked):
            chain = self._chain(match.canonical_id, candidates)
            return self._link_to(chain, arrival, reading, match.rule)
        return self._link_new(arrival, reading, candidates, "new")

    def _may_be_ours(self, system: str, match: Match) -> str | None:
        """A create of ours whose answer was lost may be what arrived: wait for its outcome."""
        ids: list[str] = []
        if isinstance(match, Linked):
            ids = [match.canonical_id]
        elif isinstance(match, NeedsReview):
            ids = [candidate.canonical_id for candidate in match.candidates]
        return next((i for i in ids if (i, system) in self._creating), None)

    def _chain(self, canonical_id: str, candidates: CandidateIndex) -> Chain:
        chain = self._chains.get(canonical_id) or candidates.chains.get(canonical_id)
        if chain is None:
            chain = chains.load(self._connection, [canonical_id])[canonical_id]
        return self._chains.setdefault(canonical_id, chain)

    def _link_to(self, chain: Chain, arrival: Arrival, reading: Reading, rule: str) -> str:
        taken = chain.side(arrival.system) is not None
        side = Side(
            *arrival.key,
            state=SideState.DUPLICATE if taken else SideState.LINKED,
            rule=rule,
            dirty={"crosswalk"},
        )
        observe(side, arrival, reading, self._now)
        chain.sides.append(side)
        self._touched[chain.id] = None
        self._pending.arrived_keys.append(arrival.key)
        self._counts.add("linked")
        self._fact("record.linked", chain, side, cause={"rule": rule})
        return chain.id

    def _link_new(
        self, arrival: Arrival, reading: Reading, candidates: CandidateIndex, rule: str
    ) -> str:
        chain = Chain(id=self._ids.new(), object=self._rules.object, link=self._link.name, new=True)
        side = Side(*arrival.key, rule=rule, dirty={"crosswalk"})
        observe(side, arrival, reading, self._now)
        chain.sides.append(side)
        self._chains[chain.id] = chain
        self._touched[chain.id] = None
        self._pending.arrived_keys.append(arrival.key)
        candidates.add(chain, reading.values)
        self._counts.add("new")
        self._fact("record.arrived", chain, side, cause={"rule": rule})
        return chain.id

    def _ask(
        self,
        arrival: Arrival,
        reading: Reading,
        match: NeedsReview,
        candidates: CandidateIndex,
        subject: str,
    ) -> None:
        ids = [c.canonical_id for c in match.candidates]
        item = ReviewItem(
            link=self._link.name,
            kind=ReviewKind.DUPLICATE,
            subject=subject,
            object=self._rules.object,
            group_key=f"duplicate:{arrival.system}",
            question={
                "record": {n: v for n, v in reading.values.items() if v is not None},
                "candidates": [
                    c.as_question(candidates.chains[c.canonical_id].values)
                    for c in match.candidates
                ],
            },
            system=arrival.system,
            stream=arrival.stream,
            native_id=arrival.native_id,
            candidates=ids,
        )
        self._counts.add("asked", review.open_items(self._connection, [item], self._now))
        inbox.drop_for(self._connection, [arrival.key])
        inbox.set_aside(self._connection, [arrival.id], InboxState.IN_REVIEW, subject)
        self._pending.done.remove(arrival.id)
        # The candidate is not created over there while its twin may be waiting here.
        for canonical_id in ids:
            self._chain(canonical_id, candidates)
            self._touched[canonical_id] = None

    def _settle(self) -> None:
        touched = [self._chains[canonical_id] for canonical_id in self._touched]
        ids = [chain.id for chain in touched]
        intents = outbox.open_for(self._connection, ids)
        items = review.for_chains(self._connection, ids)
        contested = review.contested(self._connection, ids)
        keys: dict[str, Sequence[str]] = {}
        settlement = Settlement()
        self._keep_orphaned_references(touched)
        for chain in touched:
            before = dict(chain.values)
            settle(
                chain,
                self._rules,
                self._link,
                intents=intents.get(chain.id, []),
                items=items.get(chain.id, []),
                contested={system for (i, system) in contested if i == chain.id},
                now=self._now,
                run_id=self._run_id,
                ids=self._ids,
                into=settlement,
            )
            if chain.values != before:
                matched = evidence(self._rules.object, chain.values)
                keys[chain.id] = self._rules.matcher.keys(matched)
        chains.index(self._connection, self._rules.object, keys)
        self._store_settlement(settlement)

    def _keep_orphaned_references(self, touched: Sequence[Chain]) -> None:
        """A reference that vanished with its target is nobody's edit: the others keep theirs."""
        lost: dict[str, list[tuple[Side, str, str]]] = {}
        for chain in touched:
            for side in chain.sides:
                for name in self._rules.references:
                    target = side.baseline.get(name)
                    if target is not None and name in side.values and side.values[name] is None:
                        lost.setdefault(side.system, []).append((side, name, target))
        for system, references in lost.items():
            there = chains.native_ids(self._connection, {t for _, _, t in references}, system)
            for side, name, target in references:
                if target not in there:
                    side.values[name] = target
                    side.dirty.add("observed")

    def _store_settlement(self, settlement: Settlement) -> None:
        connection, now = self._connection, self._now
        outbox.mark(connection, settlement.superseded, outbox.PushState.SUPERSEDED, done_at=now)
        outbox.add(connection, settlement.intents, now)
        review.close(connection, settlement.applied, ReviewState.APPLIED, now)
        review.close(connection, settlement.void, ReviewState.VOID, now)
        review.reopen(connection, settlement.stale, now)
        asked = review.open_items(connection, settlement.questions, now)
        self._pending.facts += settlement.facts
        self._counts.add("asked", asked)
        self._counts.add("intended", len(settlement.intents))
        self._counts.add("unchanged", settlement.unchanged)

    def _store(self) -> None:
        connection, pending = self._connection, self._pending
        chains.save(connection, (self._chains[i] for i in self._touched), self._now)
        quarantine.put(connection, pending.quarantined, self._now, self._run_id)
        quarantine.lift(connection, pending.lifted)
        for row_id, waiting_on in pending.parked:
            inbox.set_aside(connection, [row_id], InboxState.PARKED, waiting_on)
        inbox.add_hints(
            connection,
            link=self._link.name,
            keys=pending.hints,
            cause=inbox.Cause.HINT,
            at=self._now,
        )
        inbox.done(connection, pending.done)
        inbox.release(connection, map(inbox.waiting_for, pending.arrived_keys))
        audit.append(connection, pending.facts)

    def _fact(self, action: str, chain: Chain, side: Side, cause: dict[str, Any]) -> None:
        self._pending.facts.append(
            audit.fact(
                self._now,
                self._link.name,
                action,
                object_name=chain.object,
                canonical_id=chain.id,
                system=side.system,
                native_id=side.native_id,
                cause=cause,
                run_id=self._run_id,
            )
        )


def _duplicate_subject(key: Key) -> str:
    return f"duplicate:{inbox.waiting_for(key)}"


def observe(side: Side, arrival: Arrival, reading: Reading | None, now: datetime) -> None:
    """Note what a side holds now, and whether it shows what we wrote as we wrote it."""
    record = arrival.record
    assert record is not None
    side.version, side.fingerprint = record.version, arrival.fingerprint
    side.modified_at, side.seen_at = record.modified_at or side.modified_at, now
    side.deleted = record.deleted
    side.dirty.add("observed")
    if reading is None:
        return
    side.values = reading.values
    side.refused = {name: list(reasons) for name, reasons in reading.refused.items()}
    side.native = dict(record.values)
    for name in side.awaiting_echo:
        _note_echo(side, name, side.values.get(name), side.baseline.get(name))
    if side.awaiting_echo:
        side.awaiting_echo = []
        side.dirty.add("baseline")


def _note_echo(side: Side, name: str, shown: Plain, written: Plain) -> None:
    if shown == written:
        side.rewrites.pop(name, None)
        return
    before = side.rewrites.get(name)
    count = before["count"] + 1 if before and before["value"] == shown else 1
    side.rewrites[name] = {"value": shown, "count": count}
