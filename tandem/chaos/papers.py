"""What the engine has on paper at the end of a run: crosswalk, questions, audit, outbox, inbox.

Read with plain queries of its own, so that the ledger does not rest on what it checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from tandem.state.database import Database
from tandem.state.tables import (
    audit,
    canonical,
    crosswalk,
    inbox,
    merge,
    outbox,
    quarantine,
    review,
    review_candidate,
)

Key = tuple[str, str, str]
"""(system, stream, native id)"""


@dataclass(slots=True)
class Papers:
    """The state of a world, by what the ledger asks for.

    Attributes:
        canonical_of: native record → canonical id.
        side_state: native record → state of its crosswalk row.
        chain_state: canonical id → state.
        merged_into: canonical id → the one that it was merged into.
        merges: every merge there ever was, undone ones too.
        facts: canonical id → audit rows, oldest first.
        taken_up: (system, native id) → canonical ids that it was taken up as.
        in_turn: canonical ids that one native record has had in turn, for each that had several.
        questions: canonical id → review rows of any state, those that name it as a candidate too.
        about: native record → review rows that are about it.
        intents: idempotency key → outbox rows.
        waiting: native record → inbox rows.
    """

    canonical_of: dict[Key, str] = field(default_factory=dict)
    side_state: dict[Key, str] = field(default_factory=dict)
    chain_state: dict[str, str] = field(default_factory=dict)
    merged_into: dict[str, str] = field(default_factory=dict)
    merges: list[Any] = field(default_factory=list)
    facts: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    all_facts: list[Any] = field(default_factory=list)
    taken_up: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    in_turn: list[set[str]] = field(default_factory=list)
    questions: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    all_questions: list[Any] = field(default_factory=list)
    about: dict[Key, list[Any]] = field(default_factory=lambda: defaultdict(list))
    intents: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    waiting: dict[Key, list[Any]] = field(default_factory=lambda: defaultdict(list))
    quarantined: set[Key] = field(default_factory=set)

    def root(self, canonical_id: str) -> str:
        """The canonical record that lives on where this one was merged."""
        while canonical_id in self.merged_into:
            canonical_id = self.merged_into[canonical_id]
        return canonical_id

    def chain(self, key: Key) -> str | None:
        """The canonical record of a native one."""
        found = self.canonical_of.get(key)
        return self.root(found) if found else None

    def kin(self, canonical_id: str, at: datetime | None = None) -> set[str]:
        """The canonical records that this one was one with at a moment, or ever; as of today.

        Ever so are those, too, that one native record has belonged to in turn.
        """
        return {self.root(each) for each in self._one_with({canonical_id}, at)}

    def was_then(self, key: Key, canonical_id: str, at: datetime) -> bool:
        """Whether a native record was one of a canonical one at a moment."""
        return canonical_id in self._one_with(self.taken_up[key[0], key[2]], at)

    def was_merged(self, canonical_id: str, at: datetime) -> bool:
        """Whether a canonical record was one with another one at a moment."""
        return self._one_with({canonical_id}, at) != {canonical_id}

    def _one_with(self, canonical_ids: set[str], at: datetime | None) -> set[str]:
        links = [
            {each.survivor, each.loser} for each in self.merges if at is None or _held(each, at)
        ]
        if at is None:
            links += self.in_turn
        one, found = set[str](), set(canonical_ids)
        while found:
            one |= found
            found = set[str]().union(*(link for link in links if link & found)) - one
        return one

    def once(self, canonical_id: str) -> set[str]:
        """What the records of a canonical one were taken up as, before somebody said otherwise."""
        records = {
            (system, native_id)
            for (system, _, native_id), now in self.canonical_of.items()
            if self.root(now) == canonical_id
        }
        return {
            self.root(fact.canonical_id)
            for fact in self.all_facts
            if fact.action in _TAKEN_UP and (fact.system, fact.native_id) in records
        }

    def names(self, key: Key) -> set[str]:
        """The canonical ids that a native record has, or had when it was taken up."""
        return self.taken_up[key[0], key[2]] | {self.canonical_of[key]}

    def was_of(self, key: Key, chains: Collection[str]) -> bool:
        """Whether a native record belongs to one of these canonical ones, or once did."""
        known = key in self.canonical_of
        return known and any(self.root(name) in chains for name in self.names(key))

    def linked_at(self, key: Key) -> datetime:
        """When a native record was taken up; the end of time if it never was."""
        for fact in self.all_facts:
            if (fact.system, fact.native_id) == (key[0], key[2]) and fact.action in _TAKEN_UP:
                chain = self.chain(key)
                if chain is not None and self.root(fact.canonical_id) == chain:
                    taken_up: datetime = fact.at
                    return taken_up
        return datetime.max.replace(tzinfo=UTC)

    def dropped(self, object_name: str, system: str, native_id: str | None) -> list[datetime]:
        """When people said that a deletion of this record is not to be carried over."""
        return [
            fact.at
            for fact in self.all_facts
            if fact.action == "deletion.dropped"
            and (fact.object, fact.system, fact.native_id) == (object_name, system, native_id)
        ]

    def questions_on(self, key: Key) -> list[Any]:
        """Questions of any state about a native record or its canonical one."""
        chain = self.chain(key)
        return [*self.about[key], *(self.questions[chain] if chain else ())]


def _held(merge: Any, at: datetime) -> bool:
    return bool(merge.merged_at <= at and (merge.undone_at is None or merge.undone_at >= at))


_TAKEN_UP = ("record.arrived", "record.linked", "write.accepted")


def read(database: Database, link: str) -> Papers:
    """The papers of a link."""
    papers = Papers()
    with database.begin() as connection:
        for row in connection.execute(select(canonical).where(canonical.c.link == link)):
            papers.chain_state[row.id] = row.state
            if row.merged_into:
                papers.merged_into[row.id] = row.merged_into
        for row in connection.execute(select(crosswalk)):
            key = (row.system, row.stream, row.native_id)
            papers.canonical_of[key], papers.side_state[key] = row.canonical_id, row.state
        papers.all_facts = list(connection.execute(select(audit).order_by(audit.c.id)))
        for row in papers.all_facts:
            if row.canonical_id:
                papers.facts[papers.root(row.canonical_id)].append(row)
                if row.action in _TAKEN_UP:
                    papers.taken_up[row.system, row.native_id].add(row.canonical_id)
        names = map(papers.names, papers.canonical_of)
        papers.in_turn = [each for each in names if len(each) > 1]
        papers.merges = list(connection.execute(select(merge).order_by(merge.c.id)))
        for row in connection.execute(select(outbox).order_by(outbox.c.id)):
            papers.intents[row.key].append(row)
        for row in connection.execute(select(inbox).where(inbox.c.link == link)):
            papers.waiting[row.system, row.stream, row.native_id].append(row)
        for row in connection.execute(select(quarantine)):
            papers.quarantined.add((row.system, row.stream, row.native_id))
        _read_questions(papers, connection)
    return papers


def _read_questions(papers: Papers, connection: Connection) -> None:
    candidates: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(select(review_candidate)):
        candidates[row.review_id].add(row.canonical_id)
    papers.all_questions = list(connection.execute(select(review).order_by(review.c.id)))
    for row in papers.all_questions:
        ids = candidates[row.id] | ({row.canonical_id} if row.canonical_id else set())
        # Whom a person was shown stays shown, also when two of them were one for a while.
        ids |= {each["canonical_id"] for each in row.question.get("candidates", ())}
        for canonical_id in sorted({papers.root(i) for i in ids}):
            papers.questions[canonical_id].append(row)
        if row.native_id:
            papers.about[row.system, row.stream, row.native_id].append(row)
