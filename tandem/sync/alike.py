"""Alike: known records that an edit has made look like one. A person is asked; nothing is merged.

    before   Acme, 030 1111     ACME GmbH, 040 2222     one name, two phones: no question
    after    Acme, 040 2222     ACME GmbH, 040 2222     one question: are the two one?

Whether a record is one that is known is asked when it arrives. What was said or left unsaid then
holds until an edit speaks more for one party than what stood there before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from tandem.matching.scored import Scored
from tandem.state import apart, review
from tandem.state import chain as chains
from tandem.state.chain import Chain, ChainState
from tandem.state.review import ReviewItem, ReviewState
from tandem.sync.match import MOST_CANDIDATES, CandidateIndex, evidence
from tandem.sync.pairs import pair_question, pair_subject
from tandem.sync.types import ObjectRules


@dataclass(slots=True)
class Alike:
    """What edits have made of pairs.

    Attributes:
        questions: to be asked, or asked anew with the values of today.
        void: ids of questions about what does not look like one any more.
    """

    questions: list[ReviewItem] = field(default_factory=list)
    void: list[int] = field(default_factory=list)


def find_alike(
    connection: Connection,
    rules: ObjectRules,
    batch: Mapping[str, Chain],
    edited: Iterable[str],
    parted: Mapping[str, datetime],
) -> Alike:
    """Compare edited records with everything that is known.

    Pairs that people keep apart are never asked about again.

    Args:
        connection: its transaction holds the edited records' new match keys, and everybody's old
            values.
        rules: of the object.
        batch: chains as they are now.
        edited: canonical ids of those that were edited, merged or deleted.
        parted: those among them that were part of another record until now → since when: what
            came meanwhile was not compared with them.
    """
    return _Comparison(connection, rules, batch, parted).run(edited)


class _Comparison:
    def __init__(
        self,
        connection: Connection,
        rules: ObjectRules,
        batch: Mapping[str, Chain],
        parted: Mapping[str, datetime],
    ) -> None:
        self._connection = connection
        self._rules = rules
        self._now = batch
        self._parted = parted
        self._before: dict[str, Chain] = {}
        self._found = Alike()

    def run(self, edited: Iterable[str]) -> Alike:
        # What is new has been compared when it arrived.
        known = [i for i in edited if not self._now[i].new]
        self._before = chains.load(self._connection, known)
        looked_at = {i: self._now[i] for i in self._before if self._may_judge_anew(i)}
        if looked_at:
            asked = review.pairs_with(self._connection, looked_at)
            self._ask_anew([item for item in asked if item.state is ReviewState.OPEN])
            self._ask(looked_at, {item.subject for item in asked})
        return self._found

    def _may_judge_anew(self, canonical_id: str) -> bool:
        """Whether a field changed that is compared, or the record is not there any more."""
        now, before = self._now[canonical_id], self._before[canonical_id]
        if now.state is not ChainState.LIVE or canonical_id in self._parted:
            return True
        if not before.values:
            return False  # recognised after a restore: what it holds is no edit
        fields = self._rules.matcher.fields
        new, old = (evidence(self._rules.object, chain.values) for chain in (now, before))
        return any(new.get(name) != old.get(name) for name in fields)

    def _ask_anew(self, asked: list[ReviewItem]) -> None:
        pairs = {item.id: [p["canonical_id"] for p in item.question["pair"]] for item in asked}
        self._load(i for pair in pairs.values() for i in pair)
        for item in asked:
            one, other = (self._chain(i) for i in pairs[item.id])
            scored = self._compare(one, other)
            alive = one.state is other.state is ChainState.LIVE
            if alive and scored.decision != "apart":
                self._found.questions.append(pair_question(one, other, scored))
            else:
                self._found.void.append(item.id)

    def _ask(self, looked_at: Mapping[str, Chain], asked: set[str]) -> None:
        live = [chain for chain in looked_at.values() if chain.state is ChainState.LIVE]
        kept = apart.of(self._connection, (chain.id for chain in live))
        index = CandidateIndex(
            self._connection, self._rules.object, self._rules.matcher, [c.values for c in live]
        )
        self._before = index.chains | self._before
        for chain in live:
            nobody = kept.get(chain.id, set()) | {chain.id}
            hits = sorted(
                self._hits(chain, index, nobody), key=lambda hit: hit[0].weight, reverse=True
            )
            for scored, other in hits[:MOST_CANDIDATES]:
                subject = pair_subject(chain.id, other.id)
                if subject not in asked:
                    asked.add(subject)
                    self._found.questions.append(pair_question(chain, other, scored))

    def _hits(
        self, chain: Chain, index: CandidateIndex, nobody: set[str]
    ) -> Iterator[tuple[Scored, Chain]]:
        """What looks like one with a record, and more so than before."""
        near, same_name = index.near(chain.values)
        for other in map(self._chain, near):
            if other.id in nobody or other.state is not ChainState.LIVE or other.link != chain.link:
                continue
            # The record itself is one of those that have its name.
            scored = self._compare(chain, other, same_name - 1)
            if scored.decision == "apart":
                continue
            if self._came_meanwhile(chain, other):
                yield scored, other
                continue
            was = self._compare(
                self._before[chain.id], self._before.get(other.id, other), same_name - 1
            )
            if was.decision == "apart" or was.weight < scored.weight:
                yield scored, other

    def _came_meanwhile(self, chain: Chain, other: Chain) -> bool:
        """Whether the other one was taken up while a record was part of something else."""
        since = self._parted.get(chain.id)
        moments = [side.linked_at for side in other.sides if side.linked_at]
        return since is not None and all(moment >= since for moment in moments)

    def _compare(self, one: Chain, other: Chain, same_name: int = 1) -> Scored:
        values = (evidence(self._rules.object, chain.values) for chain in (one, other))
        return self._rules.matcher.compare(*values, same_name=same_name)

    def _load(self, canonical_ids: Iterable[str]) -> None:
        unknown = {i for i in canonical_ids if i not in self._before and i not in self._now}
        self._before |= chains.load(self._connection, unknown)

    def _chain(self, canonical_id: str) -> Chain:
        return self._now.get(canonical_id) or self._before[canonical_id]
