"""Whatever is held, released, set aside, mended or cut off: in the end every record has arrived."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from tandem.chaos.faults import Killed
from tandem.clock import ManualClock
from tests.scenarios.conftest import MakeWorld
from tests.scenarios.world import World

pytestmark = pytest.mark.slow
"""Great Expectations takes seconds to load."""

STEPS = 14
LONGER_THAN_A_LEASE = 61.0


class Storm:
    """Random people at a CRM whose batches are good or bad, and workers that die."""

    def __init__(self, made: World, seed: int) -> None:
        self._made = made
        self._rnd = random.Random(seed)
        self._number = 0
        self.ids: list[str] = []

    def step(self) -> None:
        self._rnd.choice(
            (self._import, self._import, self._edit, self._decide, self._cycle, self._compare,
             self._die)
        )()  # fmt: skip

    def _import(self) -> None:
        empty = self._rnd.choice((0.0, 0.0, 0.5, 1.0))
        for _ in range(self._rnd.choice((3, 8, 12))):
            self._number += 1
            name = None if self._rnd.random() < empty else self._name("Company")
            self.ids.append(self._made.crm.insert("Account", {"name": name}))
        self._cycle()

    def _name(self, what: str) -> str:
        return f"{what} " + "".join(chr(ord("a") + int(digit)) * 3 for digit in f"{self._number}")

    def _edit(self) -> None:
        for native_id in self._rnd.sample(self.ids, min(len(self.ids), self._rnd.choice((1, 6)))):
            self._number += 1
            self._made.crm.edit("Account", native_id, {"name": self._name("Mended")})

    def _decide(self) -> None:
        for item in self._made.reviews("quality_gate"):
            self._made.decide(item, {"approve": self._rnd.random() < 0.5})

    def _cycle(self) -> None:
        self._made.cycle()

    def _compare(self) -> None:
        self._made.compare()

    def _die(self) -> None:
        left = self._rnd.randrange(1, 8)

        def die(_step: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        self._made.checkpoint = die
        with suppress(Killed):
            self._made.cycle()
        self._made.checkpoint = lambda _step: None
        assert isinstance(self._made.clock, ManualClock)
        self._made.clock.advance(LONGER_THAN_A_LEASE)


@pytest.mark.parametrize("seed", range(5))
def test_every_record_arrives_in_the_end(world: MakeWorld, seed: int) -> None:
    made = world(policy={"quality": {"min_rows": 5}, "default": "latest"})
    storm = Storm(made, seed)
    for _ in range(STEPS):
        storm.step()
    made.config = world(policy={"quality": False, "default": "latest"}).config
    made.cycle(2)
    made.compare()
    made.cycle(3)
    rows = made.crm.rows("Account")
    named = [native_id for native_id in storm.ids if rows[native_id]["name"]]
    assert [native_id for native_id in named if made.linked(native_id) is None] == []
    assert {row["name"] for row in made.erp.rows("party").values()} >= {
        rows[native_id]["name"] for native_id in named
    }
    assert made.inbox() == {}
    assert made.reviews("quality_gate") == []
