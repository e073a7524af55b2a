"""People at work in the systems: they enter, edit and delete records, on all sides at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from connectors.memory.system import Merge
from tandem.chaos.system import FakeSystem
from tandem.chaos.words import Row, Words, parties, token
from tandem.chaos.world import POISON, World, compiled
from tandem.mapping.transforms import NativeReference

Desk = tuple[FakeSystem, Words]


class People:
    """Everybody who works in the systems of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._acts: tuple[tuple[int, Callable[[], None]], ...] = (
            (5, self.enter),
            (2, self.enter_twice),
            (9, self.edit),
            (4, self.clash),
            (2, self.edit_late),
            (1, self.rename),
            (1, self.poison),
            (2, self.delete),
            (1, self.merge),
            (1, self.unmerge),
        )
        self._merges: list[tuple[FakeSystem, Merge]] = []

    @property
    def _draw(self) -> random.Random:
        return self._world.draw

    def act(self) -> None:
        """Somebody does something."""
        weights = [weight for weight, _ in self._acts]
        (act,) = self._draw.choices([act for _, act in self._acts], weights)
        act()

    def enter(self) -> None:
        """A new party is entered in one system."""
        system, words = self._desk()
        self._insert(system, words, self._new_party())

    def enter_twice(self) -> None:
        """The same party is entered in two systems at once, each in its own form."""
        system, words = self._desk()
        party = self._new_party()
        row = self._insert(system, words, party)
        parts = compiled(self._world.shape).mappings
        reading = parts[words.mapping.object, words.mapping.system].read(row)
        values = {
            name: value
            for name, value in reading.values.items()
            if value is not None and not isinstance(value, NativeReference)
        }
        for other, theirs in self._counterparts(words):
            mapping = parts[theirs.mapping.object, theirs.mapping.system]
            known = {name: value for name, value in values.items() if name in mapping.fields}
            native = mapping.write(known)
            other.insert(theirs.mapping.stream, theirs.fitted(self._draw, native))
            self._world.tally.edits += 1

    def edit(self) -> None:
        """Somebody edits one field or two of a record."""
        self._edit_some(self._desk())

    def edit_late(self) -> None:
        """A long transaction: its edit is stamped now and seen later."""
        found = self._some_record(self._desk())
        if found is None:
            return
        system, words, native_id = found
        row = self._new_values(words)
        if row and system.capabilities.look_back:
            longest = system.capabilities.look_back.total_seconds()
            delay = timedelta(seconds=longest * 0.8 * self._draw.random())
            system.edit_late(words.mapping.stream, native_id, row, delay)
            self._world.tally.edits += 1

    def clash(self) -> None:
        """The same field of the same party is edited on every side before anybody has looked."""
        found = self._some_record(self._desk())
        if found is None:
            return
        system, words, native_id = found
        named = self._parties(system, words, native_id)
        if not named or not words.editable:
            return
        name = self._draw.choice(words.editable)
        for other, theirs in [(system, words), *self._counterparts(words)]:
            if name not in theirs.editable:
                continue
            stream = theirs.mapping.stream
            for candidate in other.rows(stream):
                if self._parties(other, theirs, candidate) == named:
                    row = theirs.field(self._draw, name, self._references(other))
                    other.edit(stream, candidate, row)
                    self._world.tally.edits += 1

    def rename(self) -> None:
        """A record gets another name; its party stays the same."""
        found = self._some_record(self._desk())
        if found is None:
            return
        system, words, native_id = found
        named = self._parties(system, words, native_id)
        if named:
            row = words.fitted(self._draw, words.name(self._draw, named[0]))
            system.edit(words.mapping.stream, native_id, row)
            self._world.tally.edits += 1

    def poison(self) -> None:
        """A value that no other system accepts."""
        found = self._some_record(self._desk())
        if found is None:
            return
        system, words, native_id = found
        for name in words.editable:
            field = words.mapping.fields[name]
            if field.column and field.transform == "text":
                text = f"{POISON} {self._draw.randrange(100)}"
                row = words.fitted(self._draw, {field.column: text})
                system.edit(words.mapping.stream, native_id, row)
                self._world.tally.edits += 1
                return

    def delete(self) -> None:
        """Somebody deletes a record."""
        found = self._some_record(self._desk())
        if found is not None and found[0].capabilities.deletes:
            system, words, native_id = found
            system.remove(words.mapping.stream, native_id)
            self._world.tally.edits += 1

    def merge(self) -> None:
        """Somebody merges two records of a stream, mostly such as look like one party."""
        found = self._some_record(self._desk())
        if found is None:
            return
        system, words, winner = found
        party = self._parties(system, words, winner)
        rows = system.rows(words.mapping.stream)
        others = sorted(rows.keys() - {winner}, key=int)
        twins = [other for other in others if self._parties(system, words, other) == party]
        if others:
            loser = self._draw.choice(twins if twins and self._draw.random() < 0.7 else others)
            self._merges.append((system, system.merge(words.mapping.stream, loser, winner)))
            self._world.tally.edits += 1

    def unmerge(self) -> None:
        """Somebody takes a merge back."""
        open_ = [found for found in self._merges if found[0].can_unmerge(found[1])]
        if open_:
            system, merge = self._draw.choice(open_)
            system.unmerge(merge)
            self._world.tally.edits += 1

    def delete_many(self, share: float) -> None:
        """Somebody deletes a good part of one stream."""
        system, words = self._desk()
        ids = sorted(system.rows(words.mapping.stream), key=int)
        if system.capabilities.deletes:
            for native_id in self._draw.sample(ids, int(len(ids) * share)):
                system.remove(words.mapping.stream, native_id)
                self._world.tally.edits += 1

    def edit_quietly(self) -> None:
        """A change that leaves stamp and version alone, as a formula or direct SQL makes it."""
        found = self._some_record(self._desk())
        if found is not None:
            system, words, native_id = found
            row = self._new_values(words)
            if row:
                system.edit_quietly(words.mapping.stream, native_id, **row)
                self._world.tally.edits += 1

    # --- what they look at ------------------------------------------------------------------------

    def _desk(self) -> Desk:
        return self._draw.choice(self._world.streams)

    def _counterparts(self, words: Words) -> list[Desk]:
        return [
            (system, theirs)
            for system, theirs in self._world.streams
            if theirs.mapping.object == words.mapping.object
            and theirs.mapping.system != words.mapping.system
        ]

    def _some_record(self, desk: Desk) -> tuple[FakeSystem, Words, str] | None:
        system, words = desk
        ids = sorted(system.rows(words.mapping.stream), key=int)
        if not ids:
            self._insert(system, words, self._new_party())
            return None
        # What was touched lately is touched again: there the races are.
        recent = ids[-6:]
        return system, words, self._draw.choice(recent if self._draw.random() < 0.5 else ids)

    def _parties(self, system: FakeSystem, words: Words, native_id: str) -> list[str]:
        row = system.rows(words.mapping.stream)[native_id]
        return parties(row, words.mapping, self._world.parties)

    def _new_party(self) -> str:
        party = token(self._draw)
        while party in self._world.parties:
            party = token(self._draw)
        self._world.parties[party] = None
        return party

    def _references(self, system: FakeSystem) -> dict[str, list[str]]:
        return {name: sorted(system.rows(name), key=int) for name in system.streams()}

    def _insert(self, system: FakeSystem, words: Words, party: str) -> Row:
        row = words.row(self._draw, party, self._references(system))
        system.insert(words.mapping.stream, row)
        self._world.tally.edits += 1
        return row

    def _edit_some(self, desk: Desk) -> None:
        found = self._some_record(desk)
        if found is None:
            return
        system, words, native_id = found
        row = self._new_values(words)
        if row:
            system.edit(words.mapping.stream, native_id, row)
            self._world.tally.edits += 1

    def _new_values(self, words: Words) -> Row:
        if not words.editable:
            return {}
        system = self._world.systems[words.mapping.system]
        count = min(self._draw.choice((1, 1, 2)), len(words.editable))
        row: Row = {}
        for name in self._draw.sample(words.editable, count):
            row |= words.field(self._draw, name, self._references(system))
        return row
