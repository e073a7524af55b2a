"""Repointing: what refers to a record refers to another one, when it is merged or comes back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import select

from tandem.state import chain as chains
from tandem.state.chain import Chain, ChainState, SideState
from tandem.state.tables import canonical, crosswalk, observed, same_record
from tandem.sync.joining import moment
from tandem.sync.match import evidence
from tandem.sync.types import ObjectRules
from tandem.sync.work import Work


class Repointing:
    """Moves references within one batch.

    Attributes:
        hints: (object, system, stream, native id) of records to be read again.
        reindexed: chains whose match keys have to be computed anew.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._connection = work.connection
        self._link = work.link
        self._rules = work.rules
        self.hints: list[tuple[str, str, str, str]] = []
        self.reindexed: set[str] = set()

    def move(
        self,
        old: str,
        new: str,
        among: Iterable[str] | None = None,
        fields: Iterable[tuple[str, str]] | None = None,
    ) -> list[tuple[str, str, str]]:
        """Let what refers to one record refer to another; (id, object, field) of each."""
        moved: list[tuple[str, str, str]] = []
        allowed = None if fields is None else set(fields)
        candidates = None if among is None else set(among)
        for rules in self._link.objects.values():
            for name, target in rules.references.items():
                if target != self._rules.object:
                    continue
                if allowed is not None and (rules.object, name) not in allowed:
                    continue
                found = self._referring(rules.object, name, old)
                ids = [i for i in found if i != new and (candidates is None or i in candidates)]
                self._point(rules, name, ids, new)
                moved += [(i, rules.object, name) for i in ids]
        return moved

    def _referring(self, object_name: str, name: str, target: str) -> list[str]:
        query = (
            select(canonical.c.id)
            .where(
                canonical.c.link == self._link.name,
                canonical.c.object == object_name,
                canonical.c.state == ChainState.LIVE,
                canonical.c["values"][name].as_string() == target,
            )
            .order_by(canonical.c.id)
        )
        return list(self._connection.execute(query).scalars())

    def _showing(self, object_name: str, name: str, target: str, system: str) -> list[str]:
        """Records one side of which names another one, also where that is not golden."""
        rows = self._connection.execute(
            select(crosswalk.c.canonical_id)
            .join(observed, same_record(observed, crosswalk))
            .join(canonical, canonical.c.id == crosswalk.c.canonical_id)
            .where(
                canonical.c.link == self._link.name,
                crosswalk.c.object == object_name,
                crosswalk.c.system == system,
                observed.c["values"][name].as_string() == target,
            )
            .order_by(crosswalk.c.canonical_id)
        )
        return list(rows.scalars())

    def read_again(self, canonical_id: str, system: str) -> None:
        """Have records of a system read again: which of two records they name was all one."""
        for rules, name in self._naming(system):
            ids = self._referring(rules.object, name, canonical_id)
            ids += self._showing(rules.object, name, canonical_id, system)
            found = chains.load(self._connection, ids)
            # What was taken up in this batch is not stored yet.
            found |= {chain.id: chain for chain in self._taken_up(rules, name, canonical_id)}
            self._hint(found.values(), (system,))

    def rename(self, old: str, new: str, system: str) -> None:
        """The record by which a system names a canonical one is that of another one from now on.

        Where we wrote the name, the system shows the other one until it is written anew; that is
        nobody's edit. What people entered there means whose record it is: it is read again.
        """
        for rules, name in self._naming(system):
            ids = self._showing(rules.object, name, old, system)
            if rules.object == self._rules.object:
                ids += [chain.id for chain in self._taken_up(rules, name, old)]
                found = [self._work.touch(canonical_id) for canonical_id in dict.fromkeys(ids)]
            else:
                found = list(chains.load(self._connection, ids).values())
            for chain in found:
                if chain.origins.get(name, {}).get("system") != system:
                    _show(chain, name, old, new, system)
            if rules.object != self._rules.object:
                chains.save(self._connection, found, self._work.now)

    def _naming(self, system: str) -> list[tuple[ObjectRules, str]]:
        """Fields by which records of a system refer to records of this object."""
        return [
            (rules, name)
            for rules in self._link.objects.values()
            for name, target in rules.references.items()
            if target == self._rules.object and system in rules.mappings
        ]

    def _taken_up(self, rules: ObjectRules, name: str, target: str) -> list[Chain]:
        """Chains of this batch one side of which names a record."""
        return [
            chain
            for chain in self._work.chains.values()
            if chain.object == rules.object
            and any(side.values.get(name) == target for side in chain.sides)
        ]

    def _hint(self, found: Iterable[Chain], systems: Collection[str] | None = None) -> None:
        """Have the linked records of these chains read again, in these systems or in all."""
        self.hints += [
            (c.object, *s.key)
            for c in found
            for s in c.sides
            if s.state is SideState.LINKED and (systems is None or s.system in systems)
        ]

    def _point(self, rules: ObjectRules, name: str, ids: list[str], new: str) -> None:
        origin = {"rule": "merged", "system": None} | moment(self._work.now, self._work.run_id)
        own = rules.object == self._rules.object
        found = (
            [self._work.touch(i) for i in ids]
            if own
            else list(chains.load(self._connection, ids).values())
        )
        for chain in found:
            chain.values = {**chain.values, name: new}
            chain.origins[name], chain.dirty = origin, True
        if own:
            self.reindexed |= set(ids)
            return
        keys: dict[str, Sequence[str]] = {
            c.id: rules.matcher.keys(evidence(rules.object, c.values)) for c in found
        }
        chains.index(self._connection, rules.object, keys)
        chains.save(self._connection, found, self._work.now)
        self._hint(found)


def _show(chain: Chain, name: str, old: str, new: str, system: str) -> None:
    for side in chain.sides:
        if side.system == system and side.values.get(name) == side.baseline.get(name) == old:
            side.values, side.baseline = {**side.values, name: new}, {**side.baseline, name: new}
            side.dirty |= {"observed", "baseline"}
