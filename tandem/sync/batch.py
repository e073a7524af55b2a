"""One batch of the inbox: from arrivals to chains, intents and questions, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tandem.clock import IdSource
from tandem.mapping.compiler import Reading
from tandem.state import chain as chains
from tandem.state import inbox, outbox, review
from tandem.state.chain import Chain, ChainState, Side, SideState
from tandem.state.inbox import Arrival, Cause
from tandem.state.quarantine import Quarantined
from tandem.state.quota import Priority
from tandem.state.review import ReviewItem, ReviewState
from tandem.sync.alike import find_alike
from tandem.sync.contracts import ContractInDoubtError, lost_something
from tandem.sync.joining import is_back, is_brought_back
from tandem.sync.match import evidence
from tandem.sync.merging import Merging
from tandem.sync.newcomers import Newcomers, asked_about
from tandem.sync.normalise import normalise
from tandem.sync.observe import note_emptied, observe
from tandem.sync.pairs import record_subject
from tandem.sync.parents import look_again
from tandem.sync.pending import Pending
from tandem.sync.references import follow_merges, follow_merges_in_answers, keep_orphaned
from tandem.sync.settle import Settlement, settle
from tandem.sync.twins import match_keys
from tandem.sync.types import Counts, Key, Link, ObjectRules
from tandem.sync.waiting import Read, References
from tandem.sync.work import Work


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
        self._total = counts
        self._priority = priority
        self._checked = checked
        self._pending = Pending(link.name, rules.object)
        self._work = Work(connection, link, rules, now, run_id, ids, missing)
        self._counts = self._work.counts
        self._merging = Merging(self._work)
        self._diverged: set[str] = set()
        self._before: dict[Key, Mapping[str, Any]] = {}

    def work(self, arrivals: Sequence[Arrival]) -> None:
        """Bring the arrivals into the chains and settle each chain once.

        Raises:
            ContractInDoubtError: a stream has to be compared with its contract first.
        """
        known = self._work.known
        known.update(chains.find(self._connection, (arrival.key for arrival in arrivals)))
        self._work.chains.update(chains.load(self._connection, set(known.values())))
        read = self._read(arrivals)
        asked = asked_about(self._work, read)
        read = self._with_references(read, asked)
        self._diverged = {
            known[a.key] for a in arrivals if a.cause is Cause.COMPARE and a.key in known
        }
        self._counts.add("diverged", len(self._diverged))
        newcomers = Newcomers(self._work, self._pending, self._merging, read, asked)
        self._take_in(read, newcomers)
        newcomers.ask_nothing_about_unreadable()
        self._carry_out_decisions([arrival for arrival, _ in read])
        self._note_emptied()
        self._doubt()
        self._settle()
        touched = self._work.to_settle()
        chains.save(self._connection, touched, self._now)
        self._pending.store(self._connection, arrivals, self._now, self._work.run_id)
        # Last of all: what is to be read again may be in the inbox as what was just worked off.
        look_again(self._connection, touched, self._now)
        for name, count in self._counts.by_name.items():
            self._total.add(name, count)

    def _note_emptied(self) -> None:
        for chain in self._work.to_settle():
            for side in chain.sides:
                note_emptied(side, self._before.get(side.key, {}))

    def _doubt(self) -> None:
        doubtful = {
            (side.system, side.stream)
            for chain in self._work.to_settle()
            for side in chain.sides
            if (side.system, side.stream) not in self._checked and lost_something(side)
        }
        if doubtful:
            raise ContractInDoubtError(doubtful)

    def _take_in(self, read: Sequence[Read], newcomers: Newcomers) -> None:
        """Bring each record into its chain, in the order in which they came."""
        known = self._work.known
        new = {arrival.key: arrival.id for arrival, _ in read if arrival.key not in known}
        there = {arrival.key: arrival.id for arrival, reading in read if reading is not None}
        for arrival, reading in read:
            self._pending.done.append(arrival.id)
            if new.get(arrival.key, arrival.id) != arrival.id:
                continue  # of what nobody knows yet only the newest reading counts
            if _is_merged(arrival) and there.get(arrival.key, arrival.id) > arrival.id:
                continue  # a merge that was taken back before anybody looked never was
            if reading is None and self._merged_at_source(arrival, newcomers):
                pass
            elif arrival.key in known:
                self._observe_known(arrival, reading)
            elif reading is None:
                newcomers.forget(arrival)
            else:
                linked = newcomers.identify(arrival, reading)
                if linked is not None:
                    known[arrival.key] = linked

    def _read(self, arrivals: Sequence[Arrival]) -> list[Read]:
        """Records in canonical form; what has none goes into quarantine."""
        read: list[Read] = []
        agreed = {side.key: side.baseline for c in self._work.chains.values() for side in c.sides}
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

    def _with_references(self, read: Sequence[Read], asked: Mapping[str, ReviewItem]) -> list[Read]:
        """Replace native references by canonical ids; park rows whose parent is not here yet.

        What a person is asked about has been let go before: it waits for the answer alone.
        """
        references = References(self._connection, self._rules.references, self._work.missing)
        going_on = {a.key for a, _ in read if a.goes_on or record_subject(a.key) in asked}
        resolved = references.resolve(read, going_on)
        for arrival, reading, target in resolved.parked:
            self._pending.parked.append((arrival.id, target))
            if arrival.key not in self._work.known:
                self._pending.found_by[arrival.id] = match_keys(self._rules, reading)
        self._pending.hints += resolved.wanted
        self._pending.awaited += resolved.awaited
        self._counts.add("parked", len(resolved.parked))
        return resolved.ready

    def _observe_known(self, arrival: Arrival, reading: Reading | None) -> None:
        chain, side = self._work.holder(arrival.key)
        if reading is not None and is_back(side, reading):
            waits = self._merging.revived(chain, side)
            if waits is not None:
                self._pending.wait(arrival, inbox.outcome_of(waits))
                return
            chain, side = self._work.holder(arrival.key)
        self._before.setdefault(side.key, side.values)
        observe(side, arrival, reading, self._now)
        if reading is not None and side.state is SideState.GONE:
            self._restored(chain, side)
        elif reading is not None and is_brought_back(side, reading):
            side.state = SideState.LINKED
            side.dirty.add("crosswalk")
        self._work.touched[chain.id] = None

    def _restored(self, chain: Chain, side: Side) -> None:
        """It was deleted, has been read again and is there: somebody restored it at the source."""
        # Where another one was made in its place, the two are asked about.
        side.state = SideState.DUPLICATE if chain.side(side.system) else SideState.LINKED
        if side.merged_from == chain.id:
            side.merged_from = None  # it need not be made anew
        side.dirty.add("crosswalk")
        if side.state is SideState.LINKED and chain.state is ChainState.DELETED:
            chain.state, chain.dirty = ChainState.LIVE, True

    # Merges

    def _merged_at_source(self, arrival: Arrival, newcomers: Newcomers) -> bool:
        """Follow a merge that a system reports; False: it is an ordinary deletion."""
        record = arrival.record
        if record is None or record.merged_into is None:
            return False
        into_key = (arrival.system, arrival.stream, record.merged_into)
        if into_key not in self._work.known:
            self._work.known.update(chains.find(self._connection, [into_key]))
        if into_key in self._work.known:
            return self._follow_source(arrival, into_key, newcomers)
        if into_key in self._work.missing:
            return False
        # What it was merged into is not here yet: it is read first.
        self._pending.wait(arrival, inbox.waiting_for(into_key))
        self._pending.hints.append((arrival.object, *into_key))
        return True

    def _follow_source(self, arrival: Arrival, into_key: Key, newcomers: Newcomers) -> bool:
        survivor, into = self._work.holder(into_key)
        if arrival.key not in self._work.known:
            newcomers.forget(arrival)
            alias = self._merging.add_alias(survivor, arrival)
            told = self._work.fact("record.linked", survivor, alias, cause={"rule": alias.rule})
            self._pending.facts.append(told)
            self._pending.arrived_keys.append(arrival.key)
            return True
        loser, side = self._work.holder(arrival.key)
        if not self._merging.follows(survivor, side, into):
            return False
        waits = self._merging.busy(survivor.id, loser.id)
        if waits is not None:
            self._pending.wait(arrival, inbox.outcome_of(waits))
            return True
        observe(side, arrival, None, self._now)
        self._merging.at_source(survivor, loser, side, into)
        self._counts.add("merged", survivor is not loser)
        return True

    def _carry_out_decisions(self, arrivals: Sequence[Arrival]) -> None:
        """What people decided about two known records."""
        if not any(arrival.cause in _DECIDED for arrival in arrivals):
            return
        for item in review.decided_for(self._connection, tuple(self._work.touched)):
            waits = self._merging.decided(item)
            if waits is None:
                self._counts.add("merged")
                continue
            for arrival in arrivals:
                asked_for = self._work.known.get(arrival.key) == item.canonical_id
                if asked_for and arrival.cause in _DECIDED and arrival.id in self._pending.done:
                    self._pending.wait(arrival, inbox.outcome_of(waits))

    def _settle(self) -> None:
        touched = self._work.to_settle()
        ids = [chain.id for chain in touched]
        intents = outbox.open_for(self._connection, ids)
        items = review.for_chains(self._connection, ids)
        contested = review.contested(self._connection, ids)
        keys: dict[str, Sequence[str]] = {}
        settlement = Settlement()
        self._merging.complete()
        keep_orphaned(self._connection, self._link, self._rules, touched)
        named = follow_merges(self._connection, self._rules, touched, self._work.chains)
        answers = [item for each in items.values() for item in each]
        follow_merges_in_answers(self._connection, self._rules, answers, self._work.chains)
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
                run_id=self._work.run_id,
                ids=self._work.ids,
                into=settlement,
            )
            if chain.values != before or chain.id in self._merging.reindexed:
                matched = evidence(self._rules.object, chain.values)
                alive = chain.state is not ChainState.MERGED
                keys[chain.id] = self._rules.matcher.keys(matched) if alive else ()
        chains.index(self._connection, self._rules.object, keys)
        gone = [chain.id for chain in touched if chain.state is not ChainState.LIVE]
        alike = find_alike(
            self._connection, self._rules, self._work.chains, [*keys, *gone], self._merging.parted
        )
        settlement.questions += alike.questions
        settlement.void += alike.void
        self._pending.hints += [
            (c.object, *side.key) for c, side, n in named if c.values.get(n) == side.values[n]
        ]
        self._merging.finish()
        self._pending.facts += self._merging.facts
        self._pending.hints += self._merging.hints
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


def _is_merged(arrival: Arrival) -> bool:
    return arrival.record is not None and arrival.record.merged_into is not None


_DECIDED = (Cause.DECISION, Cause.APPROVED)
"""Causes of what people have put back to work."""
