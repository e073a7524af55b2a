"""The whole sync as a state machine: hypothesis looks for trouble and makes it as small as it can.

Worlds, systems and verdict are those of `tandem chaos`. A storm draws at random; here every choice
is an argument of a rule, so that a failing example is a short story that can be read and replayed.

Nobody enters one party on both sides here: that may still end in twins, as some storms show too
(docs/reliability.md).
"""

from __future__ import annotations

import random
import sqlite3
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from connectors.memory.system import Merge
from tandem.chaos.shape import built_in
from tandem.chaos.storm import FAULTS, STEPS, Once, Storm, kill
from tandem.chaos.system import FakeSystem
from tandem.chaos.verdict import judge
from tandem.chaos.words import Words, parties, token
from tandem.chaos.world import World, compiled
from tandem.settings import LinkConfig
from tandem.state.database import Database, open_engine
from tandem.sync.pipeline import Pipeline
from tandem.sync.run import LEASE

_ACCOUNT = {"link": "chaos", "systems": ["crm", "erp"], "objects": {"account": {}}}
SHAPE = replace(
    built_in(),
    config=LinkConfig.model_validate(_ACCOUNT),
    mappings=tuple(m for m in built_in().mappings if m.object == "account"),
)
"""Accounts alone, which refer to each other: half of the built-in storm at a third of its cost."""

FIELDS = compiled(SHAPE).words["crm", "Account"].editable
IDLE_CYCLES = QUIET_CYCLES = 2

sides = st.sampled_from(["crm", "erp"])
ways = st.integers(0, 9)
"""Of the many ways to type something, or to answer, one."""
records = st.integers(0, 5)
"""The n-th record of a side, counted round."""
steps = st.sampled_from(STEPS)


class States:
    """Empty states in memory, one after the other, each a copy of one that was migrated once."""

    def __init__(self, migrated: Path) -> None:
        self._template = sqlite3.connect(migrated)
        self.database = Database(open_engine("sqlite://"))

    def fresh(self) -> Database:
        """The state without a row; one at a time, since the engine's caches are worth keeping."""
        with self.database.engine.connect() as connection:
            target = connection.connection.driver_connection
            assert isinstance(target, sqlite3.Connection)
            self._template.backup(target)
        return self.database

    def close(self) -> None:
        self._template.close()
        self.database.close()


class SyncMachine(RuleBasedStateMachine):
    """People, faults, kills and a steward over one world; at the end the verdict of the ledger.

    Args:
        states: where the state comes from.
        pipeline: the engine; a broken one must be found out.
    """

    def __init__(self, states: States, pipeline: type[Pipeline] = Pipeline) -> None:
        super().__init__()
        self._states, self._pipeline = states, pipeline
        self._storm: Storm | None = None
        self._merges: list[tuple[FakeSystem, Merge]] = []

    @initialize(seed=st.integers(0, 99))
    def begin(self, seed: int) -> None:
        """A world with the policies and the abilities of one seed, and a pair that agrees."""
        world = World(SHAPE, self._states.fresh(), seed, pipeline=self._pipeline)
        self._storm = Storm(world)
        self._insert("crm", self._new_party(), way=0)
        world.work()

    @property
    def storm(self) -> Storm:
        assert self._storm is not None, "begin() comes first"
        return self._storm

    @property
    def world(self) -> World:
        return self.storm.world

    # --- people -----------------------------------------------------------------------------------

    @rule(side=sides, way=ways)
    def enter(self, side: str, way: int) -> None:
        """A new party."""
        self._insert(side, self._new_party(), way)

    @precondition(lambda self: self._anything())
    @rule(side=sides, record=records, field=st.sampled_from(FIELDS), way=ways)
    def edit(self, side: str, record: int, field: str, way: int) -> None:
        """One field of one record."""
        system, words = self._desk(side)
        native_id = self._nth(side, record)
        if native_id is not None:
            self._edit(system, words, native_id, field, way)

    @precondition(lambda self: self._anything())
    @rule(record=records, field=st.sampled_from(FIELDS), ways=st.tuples(ways, ways))
    def clash(self, record: int, field: str, ways: tuple[int, int]) -> None:
        """The same field of the same party on both sides, before anybody has looked."""
        native_id = self._nth("crm", record)
        if native_id is None:
            return
        party = self._parties("crm", native_id)
        for side, way in zip(self.world.systems, ways, strict=True):
            system, words = self._desk(side)
            for candidate in system.rows(words.mapping.stream):
                if party and self._parties(side, candidate) == party:
                    self._edit(system, words, candidate, field, way)

    @precondition(lambda self: self._anything())
    @rule(side=sides, record=records, way=ways)
    def rename(self, side: str, record: int, way: int) -> None:
        """Another name for the same party."""
        system, words = self._desk(side)
        native_id = self._nth(side, record)
        if native_id is not None:
            draw = random.Random(way)
            row = words.name(draw, self._parties(side, native_id)[0])
            system.edit(words.mapping.stream, native_id, words.fitted(draw, row))
            self.world.tally.edits += 1

    @precondition(lambda self: self._anything())
    @rule(side=sides, record=records)
    def delete(self, side: str, record: int) -> None:
        """A record goes."""
        system, words = self._desk(side)
        native_id = self._nth(side, record)
        if native_id is not None and system.capabilities.deletes:
            system.remove(words.mapping.stream, native_id)
            self.world.tally.edits += 1

    @precondition(lambda self: self._anything())
    @rule(side=sides, two=st.tuples(records, records))
    def merge(self, side: str, two: tuple[int, int]) -> None:
        """Two records of a system become one."""
        system, words = self._desk(side)
        loser, winner = (self._nth(side, number) for number in two)
        if loser is not None and winner is not None and loser != winner:
            self._merges.append((system, system.merge(words.mapping.stream, loser, winner)))
            self.world.tally.edits += 1

    @precondition(lambda self: any(system.can_unmerge(it) for system, it in self._merges))
    @rule()
    def unmerge(self) -> None:
        """The latest merge that can be is taken back."""
        system, merge = next((s, it) for s, it in reversed(self._merges) if s.can_unmerge(it))
        system.unmerge(merge)
        self.world.tally.edits += 1

    # --- trouble ----------------------------------------------------------------------------------

    @rule(side=sides, fault=st.integers(0, len(FAULTS) - 1))
    def arm(self, side: str, fault: int) -> None:
        """The next call of a kind goes wrong; see `FAULTS`."""
        kind, make = FAULTS[fault]
        self.world.systems[side].script(kind, make())
        self.world.tally.faults += 1

    # --- work -------------------------------------------------------------------------------------

    @rule(pause=st.sampled_from([1, 40, 700]), compare=st.booleans())
    def cycle(self, pause: int, compare: bool) -> None:
        """A worker's cycle after some seconds; nothing happens to it but what was armed."""
        self.world.work(pause=pause, compare=compare)

    @rule(step=steps, passes=st.integers(0, 2), waits=st.booleans())
    def cycle_killed(self, step: str, passes: int, waits: bool) -> None:
        """A worker dies when it has passed a step so many times; the next one may have to wait."""
        with self.world.interrupted(Once(step, passes, kill)):
            survived = self.world.work()
        if not survived and waits:
            self.world.clock.advance(LEASE.total_seconds() + 1)

    @rule(step=st.sampled_from(STEPS[:7]), passes=st.integers(0, 2))
    def cycle_overtaken(self, step: str, passes: int) -> None:
        """A worker falls asleep at a step, and another one has taken over when it wakes up."""
        with self.world.interrupted(Once(step, passes, self.storm.take_over)):
            self.world.work()

    @rule(question=st.integers(0, 3), way=ways, old=st.booleans())
    def answer(self, question: int, way: int, old: bool) -> None:
        """The steward answers one question, perhaps on the strength of an old look at it."""
        items = self.storm.steward.look()
        if items:
            self.world.draw = random.Random(way)
            self.storm.steward.answer(items[question % len(items)], old=old)

    # --- the end ----------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Then it is calm, and nothing may be lost, doubled, left apart or written for nothing."""
        if self._storm is None:
            return
        self.storm.end_trouble(IDLE_CYCLES)
        self.world.work(pause=700, compare=True)
        self.storm.settle(IDLE_CYCLES)
        self.storm.rest(QUIET_CYCLES)
        restless = [*self.storm.restless, *self.storm.steward.accepted_stale]
        lines = judge(self.world, restless).lines()
        assert lines == [], "\n".join(lines)

    # --- what people look at ----------------------------------------------------------------------

    def _anything(self) -> bool:
        return any(system.rows(words.mapping.stream) for system, words in self.world.streams)

    def _desk(self, side: str) -> tuple[FakeSystem, Words]:
        return next((s, words) for s, words in self.world.streams if s.name == side)

    def _nth(self, side: str, number: int) -> str | None:
        system, words = self._desk(side)
        ids = sorted(system.rows(words.mapping.stream), key=int)
        return ids[number % len(ids)] if ids else None

    def _parties(self, side: str, native_id: str) -> list[str]:
        system, words = self._desk(side)
        row = system.rows(words.mapping.stream)[native_id]
        return parties(row, words.mapping, self.world.parties)

    def _new_party(self) -> str:
        party = token(random.Random(len(self.world.parties)))
        self.world.parties[party] = None
        return party

    def _insert(self, side: str, party: str, way: int) -> None:
        system, words = self._desk(side)
        references = {words.mapping.stream: sorted(system.rows(words.mapping.stream), key=int)}
        row = words.row(random.Random(way), party, references)
        system.insert(words.mapping.stream, row)
        self.world.tally.edits += 1

    def _edit(self, system: FakeSystem, words: Words, native_id: str, field: str, way: int) -> None:
        stream = words.mapping.stream
        references = {stream: sorted(system.rows(stream), key=int)}
        system.edit(stream, native_id, words.field(random.Random(way), field, references))
        self.world.tally.edits += 1
