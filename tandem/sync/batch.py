"""One batch of the inbox: from arrivals to chains, intents and questions, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tandem.clock import IdSource
from tandem.mapping.compiler import Reading
from tandem.state import audit, inbox, outbox, review
from tandem.state import chain as chains
from tandem.state import merge as merges
from tandem.state.chain import Chain, ChainState, Side, SideState
from tandem.state.inbox import Arrival, Cause, InboxState
from tandem.state.quarantine import Quarantined
from tandem.state.quota import Priority
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.sync.alike import find_alike
from tandem.sync.contracts import ContractInDoubtError, lost_something
from tandem.sync.joining import is_back, is_brought_back
from tandem.sync.match import CandidateIndex, Linked, Match, NeedsReview, evidence
from tandem.sync.merging import Merging
from tandem.sync.normalise import normalise
from tandem.sync.observe import note_emptied, observe
from tandem.sync.pairs import record_question, record_subject
from tandem.sync.parents import look_again
from tandem.sync.pending import Pending
from tandem.sync.references import follow_merges, keep_orphaned
from tandem.sync.settle import Settlement, settle
from tandem.sync.twins import match_keys
from tandem.sync.types import Counts, Link, ObjectRules
from tandem.sync.waiting import Read, References

Key = tuple[str, str, str]


class Batch:
    """Works off arrivals of one object.

    `missing` are records that references look for in vain. `checked` are streams known to be as
    agreed: there a value that became empty or shorter is somebody's edit.
    """

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
        checked: Set[tuple[str, str]],
        priority: Priority = Priority.LIVE,
    ) -> None:
        self._connection = connection
        self._link = link
        self._rules = rules
        self._now = now
        self._run_id = run_id
        self._ids = ids
        self._total = counts
        self._counts = Counts()
        self._missing = missing
        self._priority = priority
        self._checked = checked
        self._pending = Pending(link.name, rules.object)
        self._chains: dict[str, Chain] = {}
        self._touched: dict[str, None] = {}
        self._creating: dict[tuple[str, str], datetime] = {}
        self._used: set[str] = set()
        self._diverged: set[str] = set()
        self._known: dict[Key, str] = {}
        self._before: dict[Key, Mapping[str, Any]] = {}
        self._candidates: dict[str, Chain] = {}
        self._merging = Merging(
            connection,
            link,
            rules,
            now=now,
            run_id=run_id,
            ids=ids,
            find=self._touch,
            batch=self._chains,
        )

    def work(self, arrivals: Sequence[Arrival]) -> None:
        """Bring the arrivals into the chains and settle each chain once.

        Raises:
            ContractInDoubtError: a stream has to be compared with its contract first.
        """
        known = chains.find(self._connection, (arrival.key for arrival in arrivals))
        self._known = known
        self._creating = outbox.creating(self._connection, self._link.name, self._rules.object)
        self._chains.update(chains.load(self._connection, set(known.values())))
        read = self._read(arrivals)
        asked = self._asked_about(read)
        read = self._with_references(read, asked)
        self._diverged = {
            known[a.key] for a in arrivals if a.cause is Cause.COMPARE and a.key in known
        }
        self._counts.add("diverged", len(self._diverged))
        candidates = self._compared(read)
        self._candidates = candidates.chains
        for arrival, reading in read:
            self._pending.done.append(arrival.id)
            if reading is None and self._merged_at_source(arrival, asked):
                pass
            elif arrival.key in known:
                self._observe_known(arrival, reading)
            elif reading is None:
                self._forget_unknown(arrival, asked)
            else:
                linked = self._identify(arrival, reading, candidates, asked)
                if linked is not None:
                    known[arrival.key] = linked
        self._ask_nothing_about_unreadable()
        self._carry_out_decisions([arrival for arrival, _ in read])
        self._note_emptied()
        self._doubt()
        self._settle()
        touched = [self._chains[canonical_id] for canonical_id in self._touched]
        chains.save(self._connection, touched, self._now)
        self._pending.store(self._connection, arrivals, self._now, self._run_id)
        # Last of all: what is to be read again may be in the inbox as what was just worked off.
        look_again(self._connection, touched, self._now)
        for name, count in self._counts.by_name.items():
            self._total.add(name, count)

    def _note_emptied(self) -> None:
        for canonical_id in self._touched:
            for side in self._chains[canonical_id].sides:
                note_emptied(side, self._before.get(side.key, {}))

    def _doubt(self) -> None:
        doubtful = {
            (side.system, side.stream)
            for canonical_id in self._touched
            for side in self._chains[canonical_id].sides
            if (side.system, side.stream) not in self._checked and lost_something(side)
        }
        if doubtful:
            raise ContractInDoubtError(doubtful)

    def _read(self, arrivals: Sequence[Arrival]) -> list[Read]:
        """Records in canonical form; what has none goes into quarantine."""
        read: list[Read] = []
        agreed = {side.key: side.baseline for c in self._chains.values() for side in c.sides}
        for arrival in arrivals:
            record = arrival.record
            if record is None or record.deleted:
                read.append((arrival, None))
                continue
            mapping = self._rules.mappings[arrival.system]
            reading = normalise(record, mapping, self._link.name, agreed.get(arrival.key))
            if isinstance(reading, Quarantined):
                self._pending.quarantined[arrival.key] = reading
                self._pending.done.append(arrival.id)
                self._counts.add("quarantined")
            else:
                self._pending.lifted.append(arrival.key)
                self._pending.quarantined.pop(arrival.key, None)
                read.append((arrival, reading))
        return read

    def _asked_about(self, read: Sequence[Read]) -> dict[str, ReviewItem]:
        unknown = (arrival.key for arrival, _ in read if arrival.key not in self._known)
        return review.for_records(self._connection, map(record_subject, unknown))

    def _with_references(self, read: Sequence[Read], asked: Mapping[str, ReviewItem]) -> list[Read]:
        """Replace native references by canonical ids; park rows whose parent is not here yet.

        What a person is asked about has been let go before: it waits for the answer alone.
        """
        references = References(self._connection, self._rules.references, self._missing)
        going_on = {a.key for a, _ in read if a.goes_on or record_subject(a.key) in asked}
        resolved = references.resolve(read, going_on)
        for arrival, reading, target in resolved.parked:
            self._pending.parked.append((arrival.id, target))
            if arrival.key not in self._known:
                self._pending.found_by[arrival.id] = match_keys(self._rules, reading)
        self._pending.hints += resolved.wanted
        self._pending.awaited += resolved.awaited
        self._counts.add("parked", len(resolved.parked))
        return resolved.ready

    def _compared(self, read: Sequence[Read]) -> CandidateIndex:
        unknown = [(a, r) for a, r in read if a.key not in self._known]
        born = (chains.id_for(self._link.name, self._rules.object, a.key) for a, _ in unknown)
        self._used = chains.existing(self._connection, born)
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
        return index

    def _observe_known(self, arrival: Arrival, reading: Reading | None) -> None:
        chain, side = self._holder(arrival.key)
        if reading is not None and is_back(side, reading):
            waits = self._merging.revived(chain, side)
            if waits is not None:
                self._wait(arrival, inbox.outcome_of(waits))
                return
            chain, side = self._holder(arrival.key)
        self._before.setdefault(side.key, side.values)
        observe(side, arrival, reading, self._now)
        if reading is not None and side.state is SideState.GONE:
            self._restored(chain, side)
        elif reading is not None and is_brought_back(side, reading):
            side.state = SideState.LINKED
            side.dirty.add("crosswalk")
        self._touched[chain.id] = None

    def _restored(self, chain: Chain, side: Side) -> None:
        """It was deleted, has been read again and is there: somebody restored it at the source."""
        # Where another one was made in its place, the two are asked about.
        side.state = SideState.DUPLICATE if chain.side(side.system) else SideState.LINKED
        if side.merged_from == chain.id:
            side.merged_from = None  # it need not be made anew
        side.dirty.add("crosswalk")
        if side.state is SideState.LINKED and chain.state is ChainState.DELETED:
            chain.state, chain.dirty = ChainState.LIVE, True

    def _holder(self, key: Key) -> tuple[Chain, Side]:
        """The chain that a known record belongs to by now, and its side."""
        first = self._touch(self._known[key])
        for chain in (first, *self._chains.values()):
            for side in chain.sides:
                if side.key == key:
                    return chain, side
        raise AssertionError("a record of the crosswalk belongs to a chain")

    def _wait(self, arrival: Arrival, waiting_on: str) -> None:
        self._pending.done.remove(arrival.id)
        self._pending.parked.append((arrival.id, waiting_on))

    # Merges

    def _merged_at_source(self, arrival: Arrival, asked: Mapping[str, ReviewItem]) -> bool:
        """Follow a merge that a system reports; False: it is an ordinary deletion."""
        record = arrival.record
        if record is None or record.merged_into is None:
            return False
        into_key = (arrival.system, arrival.stream, record.merged_into)
        if into_key not in self._known:
            self._known |= chains.find(self._connection, [into_key])
        if into_key in self._known:
            return self._follow_source(arrival, into_key, asked)
        if into_key in self._missing:
            return False
        # What it was merged into is not here yet: it is read first.
        self._wait(arrival, inbox.waiting_for(into_key))
        self._pending.hints.append((arrival.object, *into_key))
        return True

    def _follow_source(
        self, arrival: Arrival, into_key: Key, asked: Mapping[str, ReviewItem]
    ) -> bool:
        survivor, into = self._holder(into_key)
        if arrival.key not in self._known:
            self._forget_unknown(arrival, asked)
            alias = self._merging.add_alias(survivor, arrival)
            self._fact("record.linked", survivor, alias, cause={"rule": alias.rule})
            self._pending.arrived_keys.append(arrival.key)
            return True
        loser, side = self._holder(arrival.key)
        if not self._merging.follows(survivor, side, into):
            return False
        waits = self._merging.busy(survivor.id, loser.id)
        if waits is not None:
            self._wait(arrival, inbox.outcome_of(waits))
            return True
        observe(side, arrival, None, self._now)
        self._merging.at_source(survivor, loser, side, into)
        self._counts.add("merged", survivor is not loser)
        return True

    def _carry_out_decisions(self, arrivals: Sequence[Arrival]) -> None:
        """What people decided about two known records."""
        if not any(arrival.cause in _DECIDED for arrival in arrivals):
            return
        for item in review.decided_for(self._connection, tuple(self._touched)):
            waits = self._merging.decided(item)
            if waits is None:
                self._counts.add("merged")
                continue
            for arrival in arrivals:
                asked_for = self._known.get(arrival.key) == item.canonical_id
                if asked_for and arrival.cause in _DECIDED and arrival.id in self._pending.done:
                    self._wait(arrival, inbox.outcome_of(waits))

    def _forget_unknown(self, arrival: Arrival, asked: Mapping[str, ReviewItem]) -> None:
        """A record that we never linked is gone: nobody has to say what it was."""
        self._missing.add(arrival.key)
        inbox.release(self._connection, [inbox.waiting_for(arrival.key)])
        item = asked.get(record_subject(arrival.key))
        if item is not None:
            self._ask_no_more(item, arrival.key)

    def _ask_nothing_about_unreadable(self) -> None:
        """What became unreadable is asked about no more: an answer would bring back the old."""
        unknown = {record_subject(k): k for k in self._pending.quarantined if k not in self._known}
        for subject, item in review.for_records(self._connection, unknown).items():
            self._ask_no_more(item, unknown[subject])

    def _ask_no_more(self, item: ReviewItem, key: Key) -> None:
        """Nobody need say what a record is."""
        review.close(self._connection, [item.id], ReviewState.VOID, self._now)
        inbox.drop_for(self._connection, [key])
        self._create_after_all(item)

    def _create_after_all(self, item: ReviewItem) -> list[str]:
        """Settle the candidates of a question that ends: it kept them from being created there."""
        proposed = review.candidates_of(self._connection, item.id)
        for canonical_id in proposed:
            self._touch(canonical_id)
        return proposed

    def _identify(
        self,
        arrival: Arrival,
        reading: Reading,
        candidates: CandidateIndex,
        asked: Mapping[str, ReviewItem],
    ) -> str | None:
        """Link a record that the crosswalk does not know, or ask; the canonical id once linked."""
        item = asked.get(record_subject(arrival.key))
        edited = arrival.record.modified_at if arrival.record else None
        match = candidates.match(
            arrival.system,
            reading.values,
            self._creating.keys(),
            self._rules.earliest(arrival.system, edited),
        )
        if item is not None and item.state is ReviewState.DECIDED and item.decision:
            chosen = item.decision.get("canonical_id")
            review.close(self._connection, [item.id], ReviewState.APPLIED, self._now)
            rule = f"decided by {item.decided_by} in review {item.id}"
            if not self._link.connectors[arrival.system].capabilities.tombstones:
                # It may have gone while somebody was asked, and nobody has told.
                self._pending.hints.append((arrival.object, *arrival.key))
            others = self._create_after_all(item)
            if chosen is None:
                linked = self._link_new(arrival, reading, candidates, rule)
                self._merging.keep_apart(self._chain(linked), others, item.decided_by or "")
                return linked
            chain = self._chain(chosen)
            if chain.merged_into is not None:
                chain = self._chain(merges.aliases(self._connection, [chosen])[chosen])
            return self._link_to(chain, arrival, reading, rule)
        waits = self._may_be_ours(arrival, match)
        if waits is not None:
            self._wait(arrival, inbox.outcome_of(waits))
            return None
        if isinstance(match, NeedsReview):
            self._ask(arrival, reading, match, candidates)
            return None
        if item is not None:
            self._ask_no_more(item, arrival.key)
        if isinstance(match, Linked):
            chain = self._chain(match.canonical_id)
            return self._link_to(chain, arrival, reading, match.rule)
        return self._link_new(arrival, reading, candidates, "new")

    def _may_be_ours(self, arrival: Arrival, match: Match) -> str | None:
        """A create of ours whose answer was lost may be what arrived: wait for its outcome.

        Somebody may have edited it beyond recognition. So unless it is surely another record, it
        waits for any create that was sent before it arrived, where the system will tell.
        """
        system = arrival.system
        if isinstance(match, Linked):
            return match.canonical_id if (match.canonical_id, system) in self._creating else None
        if isinstance(match, NeedsReview):
            for candidate in match.candidates:
                if (candidate.canonical_id, system) in self._creating:
                    return candidate.canonical_id
        sent_before = [
            canonical_id
            for (canonical_id, where), sent_at in self._creating.items()
            if where == system and sent_at <= arrival.received_at
        ]
        asked = review.for_chains(self._connection, sent_before)
        return next((i for i in sent_before if not _a_person_tells(asked.get(i, ()))), None)

    def _chain(self, canonical_id: str) -> Chain:
        chain = self._chains.get(canonical_id) or self._candidates.get(canonical_id)
        if chain is None:
            chain = chains.load(self._connection, [canonical_id])[canonical_id]
        return self._chains.setdefault(canonical_id, chain)

    def _touch(self, canonical_id: str) -> Chain:
        """A chain that will be settled and saved with the batch."""
        self._touched[canonical_id] = None
        return self._chain(canonical_id)

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
        chain_id = chains.id_for(self._link.name, self._rules.object, arrival.key)
        if chain_id in self._used:
            chain_id = self._ids.new()
        chain = Chain(id=chain_id, object=self._rules.object, link=self._link.name, new=True)
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
    ) -> None:
        proposed = {
            c.canonical_id: c.as_question(candidates.chains[c.canonical_id].values)
            for c in match.candidates
        }
        item = record_question(self._link.name, arrival, reading.values, proposed)
        self._counts.add("asked", review.open_items(self._connection, [item], self._now))
        inbox.drop_for(self._connection, [arrival.key])
        inbox.set_aside(self._connection, [arrival.id], InboxState.IN_REVIEW, item.subject)
        self._pending.done.remove(arrival.id)
        # The candidate is not created over there while its twin may be waiting here.
        for canonical_id in proposed:
            self._touch(canonical_id)

    def _settle(self) -> None:
        touched = [self._chains[canonical_id] for canonical_id in self._touched]
        ids = [chain.id for chain in touched]
        intents = outbox.open_for(self._connection, ids)
        items = review.for_chains(self._connection, ids)
        contested = review.contested(self._connection, ids)
        keys: dict[str, Sequence[str]] = {}
        settlement = Settlement()
        self._merging.complete()
        keep_orphaned(self._connection, self._link, self._rules, touched)
        named = follow_merges(self._connection, self._rules, touched, self._chains)
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
            if chain.values != before or chain.id in self._merging.reindexed:
                matched = evidence(self._rules.object, chain.values)
                alive = chain.state is not ChainState.MERGED
                keys[chain.id] = self._rules.matcher.keys(matched) if alive else ()
        chains.index(self._connection, self._rules.object, keys)
        gone = [chain.id for chain in touched if chain.state is not ChainState.LIVE]
        alike = find_alike(
            self._connection, self._rules, self._chains, [*keys, *gone], self._merging.parted
        )
        settlement.questions += alike.questions
        settlement.void += alike.void
        self._pending.hints += [
            (c.object, *side.key) for c, side, n in named if c.values.get(n) == side.values[n]
        ]
        self._merging.finish()
        self._pending.facts += self._merging.facts
        self._store_settlement(settlement)

    def _store_settlement(self, settlement: Settlement) -> None:
        connection, now = self._connection, self._now
        outbox.mark(connection, settlement.superseded, outbox.PushState.SUPERSEDED, done_at=now)
        for intent in settlement.intents:
            intent.priority = self._priority
        outbox.add(connection, settlement.intents, now)
        review.close(connection, settlement.applied, ReviewState.APPLIED, now)
        review.close(connection, settlement.void, ReviewState.VOID, now)
        review.reopen(connection, settlement.stale, now)
        asked = review.open_items(connection, settlement.questions, now)
        self._pending.facts += settlement.facts
        self._counts.add("asked", asked)
        self._counts.add("intended", len(settlement.intents))
        repaired = self._diverged & {intent.canonical_id for intent in settlement.intents}
        self._counts.add("repaired", len(repaired))
        self._counts.add("unchanged", settlement.unchanged)

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


_DECIDED = (Cause.DECISION, Cause.APPROVED)
"""Causes of what people have put back to work."""


def _a_person_tells(items: Sequence[ReviewItem]) -> bool:
    """Whether somebody is asked what became of a create."""
    return any(item.kind is ReviewKind.UNKNOWN_OUTCOME for item in items)
