"""Newcomers: records that the crosswalk does not know: linked, taken up as new, or asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tandem.mapping.compiler import Reading
from tandem.state import chain as chains
from tandem.state import inbox, outbox, review
from tandem.state import merge as merges
from tandem.state.chain import Chain, Side, SideState
from tandem.state.inbox import Arrival, InboxState
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.sync.match import CandidateIndex, Linked, Match, NeedsReview
from tandem.sync.merging import Merging
from tandem.sync.observe import observe
from tandem.sync.pairs import record_question, record_subject
from tandem.sync.pending import Pending
from tandem.sync.twins import match_keys
from tandem.sync.types import Key
from tandem.sync.waiting import Read
from tandem.sync.work import Work


def asked_about(work: Work, read: Sequence[Read]) -> dict[str, ReviewItem]:
    """Questions who the unknown of these records are, open or decided, by subject."""
    unknown = (arrival.key for arrival, _ in read if arrival.key not in work.known)
    return review.for_records(work.connection, map(record_subject, unknown))


class Newcomers:
    """Says who the unknown records of one batch are.

    Args:
        work: the batch.
        pending: collects what becomes of them.
        merging: keeps apart what a person says is not the same.
        read: the records that go on, and what they say.
        asked: `asked_about` them.
    """

    def __init__(
        self,
        work: Work,
        pending: Pending,
        merging: Merging,
        read: Sequence[Read],
        asked: Mapping[str, ReviewItem],
    ) -> None:
        self._work = work
        self._pending = pending
        self._merging = merging
        self._asked = asked
        unknown = [(a, r) for a, r in read if a.key not in work.known]
        born = (chains.id_for(work.link.name, work.rules.object, a.key) for a, _ in unknown)
        self._used = chains.existing(work.connection, born)
        self._creating = outbox.creating(work.connection, work.link.name, work.rules.object)
        said = [reading.values for _, reading in unknown if reading is not None]
        index = CandidateIndex(work.connection, work.rules.object, work.rules.matcher, said)
        # One object per chain: a record may be linked to a chain that another arrival touches too.
        for canonical_id, chain in work.chains.items():
            if canonical_id in index.chains:
                index.chains[canonical_id] = chain
        self._candidates = index
        work.candidates = index.chains

    def identify(self, arrival: Arrival, reading: Reading) -> str | None:
        """Link a record, take it up as a new one, or ask; the canonical id once it has one."""
        item = self._asked.get(record_subject(arrival.key))
        edited = arrival.record.modified_at if arrival.record else None
        match = self._candidates.match(
            arrival.system,
            reading.values,
            self._creating.keys(),
            self._work.rules.earliest(arrival.system, edited),
        )
        is_decided = item is not None and item.state is ReviewState.DECIDED
        if item is not None and is_decided and not self._came_since(item, match):
            return self._as_decided(arrival, reading, item)
        waits = self._may_be_ours(arrival, match)
        if waits is not None:
            self._pending.wait(arrival, inbox.outcome_of(waits))
            return None
        if item is not None and is_decided:
            self._end(item, ReviewState.APPLIED)
        if isinstance(match, NeedsReview):
            self._ask(arrival, reading, match)
            return None
        if item is not None and not is_decided:
            self._ask_no_more(item, arrival.key)
        if isinstance(match, Linked):
            chain = self._work.chain(match.canonical_id)
            return self._link_to(chain, arrival, reading, match.rule)
        return self._take_up(arrival, reading, "new")

    def forget(self, arrival: Arrival) -> None:
        """A record that was never linked is gone: nobody has to say what it was."""
        self._work.missing.add(arrival.key)
        inbox.release(self._work.connection, [inbox.waiting_for(arrival.key)])
        item = self._asked.get(record_subject(arrival.key))
        if item is not None:
            self._ask_no_more(item, arrival.key)

    def ask_nothing_about_unreadable(self) -> None:
        """What became unreadable is asked about no more: an answer would bring back the old."""
        known, quarantined = self._work.known, self._pending.quarantined
        unknown = {record_subject(k): k for k in quarantined if k not in known}
        for subject, item in review.for_records(self._work.connection, unknown).items():
            self._ask_no_more(item, unknown[subject])

    def _came_since(self, item: ReviewItem, match: Match) -> bool:
        """It is none of those that a person was shown, and another one has come meanwhile."""
        if (item.decision or {}).get("canonical_id") is not None:
            return False
        found = set[str]()
        if isinstance(match, Linked):
            found = {match.canonical_id}
        elif isinstance(match, NeedsReview):
            found = {candidate.canonical_id for candidate in match.candidates}
        shown = [each["canonical_id"] for each in item.question["candidates"]]
        today = merges.aliases(self._work.connection, shown)
        return bool(found.difference(today.get(each, each) for each in shown))

    def _as_decided(self, arrival: Arrival, reading: Reading, item: ReviewItem) -> str:
        work = self._work
        chosen = (item.decision or {}).get("canonical_id")
        others = self._end(item, ReviewState.APPLIED)
        rule = f"decided by {item.decided_by} in review {item.id}"
        if not work.link.connectors[arrival.system].capabilities.tombstones:
            # It may have gone while somebody was asked, and nobody has told.
            self._pending.hints.append((arrival.object, *arrival.key))
        if chosen is None:
            linked = self._take_up(arrival, reading, rule)
            self._merging.keep_apart(work.chain(linked), others, item.decided_by or "")
            return linked
        chain = work.chain(chosen)
        if chain.merged_into is not None:
            chain = work.chain(merges.aliases(work.connection, [chosen])[chosen])
        return self._link_to(chain, arrival, reading, rule)

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
        asked = review.for_chains(self._work.connection, sent_before)
        return next((i for i in sent_before if not _a_person_tells(asked.get(i, ()))), None)

    def _link_to(self, chain: Chain, arrival: Arrival, reading: Reading, rule: str) -> str:
        taken = chain.side(arrival.system) is not None
        side = Side(
            *arrival.key, state=SideState.DUPLICATE if taken else SideState.LINKED, rule=rule
        )
        self._add(chain, side, arrival, reading, "record.linked")
        self._work.counts.add("linked")
        return chain.id

    def _take_up(self, arrival: Arrival, reading: Reading, rule: str) -> str:
        work = self._work
        chain_id = chains.id_for(work.link.name, work.rules.object, arrival.key)
        if chain_id in self._used:
            chain_id = work.ids.new()
        chain = Chain(id=chain_id, object=work.rules.object, link=work.link.name, new=True)
        work.chains[chain.id] = chain
        self._add(chain, Side(*arrival.key, rule=rule), arrival, reading, "record.arrived")
        self._candidates.add(chain, reading.values)
        work.counts.add("new")
        return chain.id

    def _add(
        self, chain: Chain, side: Side, arrival: Arrival, reading: Reading, action: str
    ) -> None:
        observe(side, arrival, reading, self._work.now)
        side.dirty.add("crosswalk")
        chain.sides.append(side)
        self._work.touched[chain.id] = None
        self._pending.arrived_keys.append(arrival.key)
        self._pending.facts.append(self._work.fact(action, chain, side, cause={"rule": side.rule}))

    def _ask(self, arrival: Arrival, reading: Reading, match: NeedsReview) -> None:
        work = self._work
        proposed = {
            c.canonical_id: c.as_question(self._candidates.chains[c.canonical_id].values)
            for c in match.candidates
        }
        item = record_question(work.link.name, arrival, reading.values, proposed)
        earlier = self._asked.get(item.subject)
        no_more = review.candidates_of(work.connection, earlier.id) if earlier else []
        work.counts.add("asked", review.open_items(work.connection, [item], work.now))
        inbox.drop_for(work.connection, [arrival.key])
        inbox.set_aside(work.connection, [arrival.id], InboxState.IN_REVIEW, item.subject)
        self._pending.done.remove(arrival.id)
        # Who is entered meanwhile and may be the same is not created beside it.
        self._pending.found_by[arrival.id] = match_keys(work.rules, reading)
        # The candidate is not created over there while its twin may be waiting here.
        for canonical_id in {**dict.fromkeys(no_more), **proposed}:
            work.touch(canonical_id)

    def _ask_no_more(self, item: ReviewItem, key: Key) -> None:
        """Nobody need say what a record is."""
        self._end(item, ReviewState.VOID)
        inbox.drop_for(self._work.connection, [key])

    def _end(self, item: ReviewItem, state: ReviewState) -> list[str]:
        """Close a question and settle its candidates: it kept them from being created there."""
        review.close(self._work.connection, [item.id], state, self._work.now)
        proposed = review.candidates_of(self._work.connection, item.id)
        for canonical_id in proposed:
            self._work.touch(canonical_id)
        return proposed


def _a_person_tells(items: Sequence[ReviewItem]) -> bool:
    """Whether somebody is asked what became of a create."""
    return any(item.kind is ReviewKind.UNKNOWN_OUTCOME for item in items)
