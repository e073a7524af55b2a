"""Match: which canonical record is this? The crosswalk first, then the evidence.

known to the crosswalk          Linked
one free candidate, sure        Linked
candidates, but not sure        NeedsReview   (nothing is written until a person says)
none                            New
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tandem.matching.incremental import MOST_PER_KEY, NAME_KEY, Matcher
from tandem.matching.scored import Scored
from tandem.model.fields import Plain
from tandem.state import chain as chains
from tandem.state.chain import Chain, ChainState

MOST_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Linked:
    """The record is this canonical one; `rule` says how we know."""

    canonical_id: str
    rule: str


@dataclass(frozen=True, slots=True)
class New:
    """Nothing like it is known."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A canonical record that this one may be, and the evidence level by level."""

    canonical_id: str
    scored: Scored

    def as_question(self, values: Mapping[str, Plain]) -> dict[str, Any]:
        """The candidate as a person gets to see it."""
        return {
            "canonical_id": self.canonical_id,
            "probability": round(self.scored.probability, 4),
            "levels": [
                {"field": level.field, "level": level.level, "weight": round(level.weight, 2)}
                for level in self.scored.levels
            ],
            "values": dict(values),
        }


@dataclass(frozen=True, slots=True)
class NeedsReview:
    """The evidence is not enough: candidates, best first."""

    candidates: tuple[Candidate, ...]


Match = Linked | New | NeedsReview


def evidence(object_name: str, values: Mapping[str, Plain]) -> dict[str, object]:
    """Canonical values as the matcher compares them: names by part, all e-mails together."""
    record: dict[str, object] = dict(values)
    if object_name == "contact":
        name = values.get("name") or {}
        record |= {"given_name": name.get("given"), "family_name": name.get("family")}
        record["emails"] = [values["email"]] if values.get("email") else []
    return record


class CandidateIndex:
    """What new records are compared with: the state's chains, and those of their batch."""

    def __init__(
        self,
        connection: Connection,
        object_name: str,
        matcher: Matcher,
        new: Sequence[Mapping[str, Any]],
    ) -> None:
        """Look up everything that shares a key with any of `new`."""
        self._matcher = matcher
        self._object = object_name
        # Kept by identity: the same readings are asked for again when they are matched and added.
        self._prepared = {id(values): self._prepare(values) for values in new}
        keys = {key for _, found in self._prepared.values() for key in found if matcher.finds(key)}
        self._by_key, self._common = chains.candidates(connection, object_name, keys, MOST_PER_KEY)
        ids = {canonical_id for found in self._by_key.values() for canonical_id in found}
        self.chains: dict[str, Chain] = chains.load(connection, ids)
        self._evidence = {
            canonical_id: evidence(object_name, chain.values)
            for canonical_id, chain in self.chains.items()
        }

    def _prepare(self, values: Mapping[str, Plain]) -> tuple[dict[str, object], tuple[str, ...]]:
        own = evidence(self._object, values)
        return own, self._matcher.keys(own)

    def add(self, chain: Chain, values: Mapping[str, Plain]) -> None:
        """Make a chain of this batch known to the records after it."""
        self.chains[chain.id] = chain
        self._evidence[chain.id], keys = self._prepared[id(values)]
        for key in keys:
            if key in self._common or not self._matcher.finds(key):
                continue
            found = self._by_key.setdefault(key, [])
            if chain.id not in found:
                found.append(chain.id)

    def _same_name(self, keys: Sequence[str]) -> int:
        """How many known records have the name of a record with these keys, by sound."""
        named = [key for key in keys if key.startswith(NAME_KEY)]
        if self._common.intersection(named):
            return MOST_PER_KEY
        return max((len(self._by_key.get(key, ())) for key in named), default=0)

    def _sharing(self, keys: Sequence[str]) -> Iterable[str]:
        return dict.fromkeys(i for key in keys for i in self._by_key.get(key, ()))

    def near(self, values: Mapping[str, Plain]) -> tuple[Iterable[str], int]:
        """Canonical ids that share a key with values of `new`, and how many have their name."""
        _, keys = self._prepared[id(values)]
        return self._sharing(keys), self._same_name(keys)

    def match(
        self,
        system: str,
        values: Mapping[str, Plain],
        creating: Set[tuple[str, str]] = frozenset(),
        edited_at: datetime | None = None,
    ) -> Match:
        """Judge one new record of a system.

        A candidate that already has a record in this system is no partner for a second one, but
        strong evidence for a duplicate inside the system is put to a person. So is any evidence
        where we made the record there after this one was entered: nobody entered both, and read in
        time it would have been asked about. One of which a record is being made there is a partner
        all the same: this may be it.

        Args:
            system: its system.
            values: what it says.
            creating: (canonical id, system) of creates of which nobody knows what became of them.
            edited_at: when it was edited last, at the earliest; None when nobody can say.
        """
        own, keys = self._prepared[id(values)]
        ids = self._sharing(keys)
        same_name = self._same_name(keys)
        free: list[Candidate] = []
        taken: list[Candidate] = []
        for canonical_id in ids:
            chain = self.chains[canonical_id]
            if chain.state is not ChainState.LIVE:
                continue
            candidate = Candidate(
                canonical_id,
                self._matcher.compare(own, self._evidence[canonical_id], same_name=same_name),
            )
            apart = candidate.scored.decision == "apart"
            if chain.knows(system) and (canonical_id, system) not in creating:
                asked_about = chain.made_in(system, since=edited_at)
                if candidate.scored.decision == "link" or (asked_about and not apart):
                    taken.append(candidate)
            elif not apart:
                free.append(candidate)
        return _judge(free, taken)


def _judge(free: list[Candidate], taken: list[Candidate]) -> Match:
    free.sort(key=lambda c: c.scored.weight, reverse=True)
    sure = [c for c in free if c.scored.decision == "link"]
    if len(sure) == 1 and not taken:
        levels = ", ".join(f"{level.field} {level.level}" for level in sure[0].scored.levels)
        return Linked(sure[0].canonical_id, f"match: {levels}")
    ranked = sorted([*free, *taken], key=lambda c: c.scored.weight, reverse=True)
    return NeedsReview(tuple(ranked[:MOST_CANDIDATES])) if ranked else New()
