"""The verdict: what the ledger says became of every edit, every write, every party.

Seven things must hold; each breach is one line that names the record and says what is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields
from typing import Any

from connectors.base import Operation
from tandem.chaos import causes, fates
from tandem.chaos import papers as state_papers
from tandem.chaos.faults import Change
from tandem.chaos.ledger import Ledger, Unreadable
from tandem.chaos.papers import Key, Papers
from tandem.chaos.words import name_in, parties
from tandem.chaos.world import World
from tandem.mapping.schema import Mapping as MappingFile
from tandem.model.fields import is_empty
from tandem.model.objects import mandatory_fields
from tandem.state.chain import ChainState, SideState
from tandem.state.inbox import InboxState
from tandem.state.outbox import PushState
from tandem.state.review import ReviewKind, ReviewState
from tandem.sync.agreement import compare


@dataclass(slots=True)
class Verdict:
    """Breaches, by invariant. A run without one has held.

    Attributes:
        lost: edits that are neither in the end state nor named anywhere.
        duplicated: parties that stand in one system more often than people entered them.
        diverged: differences that nobody knows of, and work that never ended.
        unexplained_writes: writes without a recorded cause, or of values that nobody entered.
        quota_exceeded: calls beyond a system's quota.
        deletes_above_ceiling: deletions beyond the ceiling that nobody approved.
    """

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    diverged: list[str] = field(default_factory=list)
    unexplained_writes: list[str] = field(default_factory=list)
    quota_exceeded: list[str] = field(default_factory=list)
    deletes_above_ceiling: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """No breach of anything."""
        return not any(self.counts().values())

    def counts(self) -> dict[str, int]:
        """Breaches of each invariant."""
        return {f.name: len(getattr(self, f.name)) for f in fields(self)}

    def lines(self) -> list[str]:
        """Every breach, in words."""
        return [f"{f.name}: {line}" for f in fields(self) for line in getattr(self, f.name)]


def judge(world: World, restless: list[str]) -> Verdict:
    """The verdict on a world that has become quiet."""
    papers = state_papers.read(world.database, world.link.name)
    ledger = Ledger(world.link, world.systems, papers)
    return Verdict(
        lost=fates.lost(ledger),
        duplicated=_duplicated(world, ledger),
        diverged=[*restless, *_diverged(world, ledger), *_unfinished(papers)],
        unexplained_writes=causes.unexplained(ledger),
        quota_exceeded=_over_quota(world),
        deletes_above_ceiling=causes.above_ceiling(ledger),
    )


def name_of(key: Key) -> str:
    """A native record in words."""
    return "{}:{}:{}".format(*key)


# --- no duplicates ------------------------------------------------------------------------------


def _duplicated(world: World, ledger: Ledger) -> list[str]:
    breaches, entered = [], _entered(world)
    for system, words in world.streams:
        stream = words.mapping.stream
        standing: dict[str, list[str]] = defaultdict(list)
        for native_id, row in system.rows(stream).items():
            for party in parties(row, words.mapping, world.parties):
                standing[party].append(native_id)
        for party, found in standing.items():
            ids = [
                native_id
                for native_id in found
                if not _named_by_an_answer(ledger, (system.name, stream, native_id), party)
            ]
            by_people = entered[party]
            here = sum(key[:2] == (system.name, stream) for key in by_people)
            # Twins that somebody changed before they were met need not look like twins any more.
            unlike = _edited_before_met(ledger, by_people)
            if len(ids) <= max(1, len(by_people) if unlike else here):
                continue
            keys = [(system.name, stream, native_id) for native_id in ids]
            if not any(_asked_about_twins(ledger, key, keys) for key in keys):
                breaches.append(f"{', '.join(map(name_of, keys))} are all {party}")
    return breaches


def _entered(world: World) -> dict[str, list[Key]]:
    """Party → the records that people made of it, in all systems.

    Made, or turned into it: who edits the name that a merge has given to another party's record.
    """
    entered: dict[str, list[Key]] = defaultdict(list)
    for system, words in world.streams:
        made_of: dict[str, set[str]] = {}
        for change in system.history:
            if change.stream != words.mapping.stream:
                continue
            told = set(parties(change.after or {}, words.mapping, world.parties))
            new = change.native_id not in made_of
            known = made_of.setdefault(change.native_id, set())
            if change.ours is None and (new or _is_renamed(change, words.mapping)):
                for party in told - known:
                    entered[party].append((system.name, change.stream, change.native_id))
            elif not new:
                continue
            known |= told
    return entered


def _is_renamed(change: Change, mapping: MappingFile) -> bool:
    """What comes back under another name than it went with is not: that is nobody's edit."""
    if change.before is None or change.after is None:
        return False
    return name_in(change.before, mapping) != name_in(change.after, mapping)


def _named_by_an_answer(ledger: Ledger, key: Key, party: str) -> bool:
    """A person has given it this name, which is another one's, while the two were one."""
    chain = ledger.papers.chain(key)
    return any(
        fact.action == "golden.changed"
        and fact.cause.get("name", {}).get("rule") == "decision"
        and party in str(fact.after["name"])
        and ledger.papers.was_merged(fact.canonical_id, fact.at)
        for fact in (ledger.papers.facts[chain] if chain else ())
    )


def _edited_before_met(ledger: Ledger, keys: list[Key]) -> bool:
    """Somebody changed one of these before the last of them was taken up."""
    met = [ledger.papers.linked_at(key) for key in keys]
    return any(edit.at <= max(met) for key in keys for edit in ledger.of[key][1:])


def _asked_about_twins(ledger: Ledger, key: Key, twins: list[Key]) -> bool:
    """Somebody was asked whether it is the same party or what its name is, or has said so."""
    papers = ledger.papers
    told = (SideState.DUPLICATE, SideState.UNLINKED, SideState.MERGING, SideState.MERGED)
    if papers.side_state.get(key) in told or _in_quarantine(papers, key):
        return True
    # Somebody is asked about its whole batch, or has set it aside; let go, it is asked about
    # beside what was there.
    # Of one without a readable name nobody can tell whose twin it is: it will be quarantined.
    held = any(row.state in (InboxState.HELD, InboxState.SET_ASIDE) for row in papers.waiting[key])
    if held and (_is_unreadable(ledger, key) or not _made_beside(ledger, key, twins)):
        return True
    if _waits_for_what_is_told(papers, key) and not _made_since_read(ledger, key, twins):
        return True
    kinds = (ReviewKind.DUPLICATE, ReviewKind.UNKNOWN_OUTCOME)
    asked = any(
        item.kind in kinds or (item.field == "name" and item.state in _ASKED)
        for item in papers.questions_on(key)
    )
    return asked or _may_be_of_a_create_asked_about(papers, key)


def _may_be_of_a_create_asked_about(papers: Papers, key: Key) -> bool:
    """It waits to hear what became of a create, and a person is asked just that.

    If it is not what was created, it is asked about as its twin once that is known.
    """
    return any(
        item.kind == ReviewKind.UNKNOWN_OUTCOME and item.state in _ASKED
        for row in papers.waiting[key]
        if row.state == InboxState.PARKED and row.waiting_on.startswith("outcome|")
        for item in papers.questions[papers.root(row.waiting_on.partition("|")[2])]
    )


def _in_quarantine(papers: Papers, key: Key) -> bool:
    """Somebody is told about it, or about a record that it is linked to."""
    chain = papers.chain(key)
    return key in papers.quarantined or (
        chain is not None and any(papers.chain(each) == chain for each in papers.quarantined)
    )


def _is_unreadable(ledger: Ledger, key: Key) -> bool:
    said, needed = ledger.end[key], mandatory_fields(ledger.stream_object[key[:2]])
    return any(isinstance(said[name], Unreadable) or is_empty(said[name]) for name in needed)


def _made_beside(ledger: Ledger, key: Key, twins: list[Key]) -> bool:
    """We made one of these records when this one was held already."""
    gates = {row.gate_id for row in ledger.papers.waiting[key]}
    since = next(
        (
            fact
            for fact in ledger.papers.all_facts
            if fact.action == "batch.held" and fact.cause["gate"] in gates
        ),
        None,
    )
    if since is None:
        return False
    told = {
        (fact.system, fact.native_id): fact.id
        for fact in reversed(ledger.papers.all_facts)
        if fact.action == "write.accepted"
    }
    for writing in ledger.writings:
        if writing.key in twins and writing.before is None and writing.at >= since.at:
            number = told.get((writing.key[0], writing.key[2]))
            if number > since.id if number is not None else writing.at > since.at:
                return True
    return False


def _waits_for_what_is_told(papers: Papers, key: Key) -> bool:
    """What it waits for is asked about: it is compared with its twins once that is answered."""
    end = _end_of_waiting(papers, key)
    if end in (None, key):
        return False
    asked = any(item.state in _ASKED for item in papers.about[end])
    return asked or end in papers.quarantined or any(r.state in _ASIDE for r in papers.waiting[end])


def _made_since_read(ledger: Ledger, key: Key, twins: list[Key]) -> bool:
    """We made one of these records when this one had been read already."""
    read = min(row.received_at for row in ledger.papers.waiting[key])
    return any(w.key in twins and w.before is None and w.at >= read for w in ledger.writings)


# --- convergence and an end of work -------------------------------------------------------------


def _diverged(world: World, ledger: Ledger) -> list[str]:
    breaches = [
        f"{d.system} {d.object} {d.native_id or 'missing'} of {d.canonical_id}: {d.field}"
        for d in compare(world.link, world.database).divergent
        if d.field != "*" or not ledger.papers.dropped(d.object, d.system, d.native_id)
    ]
    for key in ledger.end:
        wrong = _stray(ledger.papers, key)
        if wrong:
            breaches.append(f"{name_of(key)} {wrong}")
    return breaches


def _stray(papers: Papers, key: Key) -> str | None:
    """What is wrong with a record that stands in a system, as far as the papers go."""
    chain = papers.canonical_of.get(key)
    if chain is None:
        named = (
            key in papers.quarantined
            or any(item.state in _ASKED for item in papers.about[key])
            or any(row.state in _SET_ASIDE for row in papers.waiting[key])
        )
        return None if named else "was never taken up"
    if papers.side_state[key] != SideState.LINKED:
        gone = papers.side_state[key] == SideState.GONE
        return "stands although it counts as deleted" if gone else None
    if papers.chain_state[chain] == ChainState.LIVE:
        return None
    named = (
        key in papers.quarantined
        or any(item.state in _ASKED for item in papers.questions_on(key))
        or any(row.state in _SET_ASIDE for row in papers.waiting[key])
    )
    dead = any(
        intent.state == PushState.REJECTED
        for intents in papers.intents.values()
        for intent in intents
        if intent.canonical_id == chain and intent.system == key[0]
    )
    return None if named or dead else f"stands although its record is {papers.chain_state[chain]}"


_ASKED = (ReviewState.OPEN, ReviewState.DECIDED)
_SET_ASIDE = (InboxState.PARKED, InboxState.IN_REVIEW, InboxState.HELD, InboxState.SET_ASIDE)
_ASIDE = tuple(state for state in _SET_ASIDE if state != InboxState.PARKED)
_WAITS = (InboxState.PARKED, InboxState.AWAITED)


def _unfinished(papers: Papers) -> list[str]:
    breaches = []
    for key, rows in papers.waiting.items():
        for row in rows:
            if row.state in (InboxState.NEW, InboxState.DEFERRED):
                breaches.append(f"{name_of(key)} is still {row.state} in the inbox")
            elif row.state in _WAITS and not _awaited(papers, row.waiting_on):
                breaches.append(f"{name_of(key)} waits for {row.waiting_on}, which is here")
    for intents in papers.intents.values():
        for intent in intents:
            where = f"write {intent.id} to {intent.system}"
            if intent.state in (PushState.INTENDED, PushState.SENDING):
                breaches.append(f"{where} is still {intent.state}")
            elif intent.state in (PushState.PARKED, PushState.REJECTED) and intent.waiting_on:
                wrong = _wrongly_waits(papers, intent)
                if wrong:
                    breaches.append(f"{where} waits for {intent.waiting_on}, which {wrong}")
            elif intent.state == PushState.UNKNOWN and not any(
                item.kind == ReviewKind.UNKNOWN_OUTCOME and item.state in _ASKED
                for item in papers.questions[intent.canonical_id]
            ):
                breaches.append(f"{where} is unknown, and nobody is asked")
    return breaches


def _awaited(papers: Papers, waiting_on: str | None) -> bool:
    """What a parked row waits for is really missing."""
    system, _, rest = (waiting_on or "").partition("|")
    stream, _, native_id = rest.partition("|")
    if system != "outcome":
        return not _in_a_circle(papers, (system, stream, native_id))
    return any(
        intent.state in (PushState.UNKNOWN, PushState.SENDING)
        for intents in papers.intents.values()
        for intent in intents
        if intent.canonical_id == rest
    )


def _wrongly_waits(papers: Papers, intent: Any) -> str | None:
    """What is wrong with a write that is not sent for what it waits for."""
    if intent.waiting_on.startswith("beside|"):
        rows = (row for rows in papers.waiting.values() for row in rows)
        stands = any(f"beside|{r.id}" == intent.waiting_on and r.state in _SET_ASIDE for r in rows)
        return None if stands else "waits no more"
    if _parent_here(papers, intent):
        return "is here"
    parked = intent.state == PushState.PARKED
    return "will not come" if parked and not _parent_awaited(papers, intent) else None


def _parent_here(papers: Papers, intent: Any) -> bool:
    """The parent that a write waits for is in its system; a dead letter may wait for one too."""
    parent = papers.root(intent.waiting_on)
    return any(
        key[0] == intent.system and papers.chain(key) == parent and state == SideState.LINKED
        for key, state in papers.side_state.items()
    )


def _parent_awaited(papers: Papers, intent: Any) -> bool:
    """The parent of a write that waits is being made in its system, or somebody is asked."""
    parent = papers.root(intent.waiting_on)
    if papers.chain_state[parent] != ChainState.LIVE:
        return False
    made = any(
        each.canonical_id == parent
        and each.system == intent.system
        and each.operation in (Operation.CREATE, Operation.UNMERGE)
        and each.state in (PushState.PARKED, PushState.UNKNOWN, PushState.REJECTED)
        for intents in papers.intents.values()
        for each in intents
    )
    # Somebody is asked about its deletion with others, or its own news wait.
    aside = any(
        row.state in _SET_ASIDE
        for key, rows in papers.waiting.items()
        if papers.chain(key) == parent
        for row in rows
    )
    asked = any(
        item.state in _ASKED
        and (item.kind == ReviewKind.DELETION or item.system == intent.system)
        and item.kind in _KEEPS_FROM_MAKING
        for item in papers.questions[parent]
    )
    return made or aside or asked


_KEEPS_FROM_MAKING = (ReviewKind.DELETION, ReviewKind.DUPLICATE, ReviewKind.MANDATORY_GAP)
"""Questions until whose answer it is open whether a record is made in a system."""


def _in_a_circle(papers: Papers, key: Key) -> bool:
    """Whoever waits for this record waits for ever: it is here, or it waits for its waiters."""
    end = _end_of_waiting(papers, key)
    return end is None or end in papers.canonical_of


def _end_of_waiting(papers: Papers, key: Key) -> Key | None:
    """The record that this one waits for in the end; None where they wait for each other."""
    seen: set[Key] = set()
    while key not in seen and key not in papers.canonical_of:
        seen.add(key)
        parked = [r for r in papers.waiting.get(key, ()) if r.state == InboxState.PARKED]
        if not parked:
            return key
        system, _, rest = parked[-1].waiting_on.partition("|")
        stream, _, native_id = rest.partition("|")
        key = (system, stream, native_id)
    return None if key in seen else key


# --- quota --------------------------------------------------------------------------------------


def _over_quota(world: World) -> list[str]:
    return [
        f"{name}: {system.meter.beyond} calls beyond its quota"
        for name, system in world.systems.items()
        if system.meter.beyond
    ]
