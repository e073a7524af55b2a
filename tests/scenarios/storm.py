"""A seeded storm: random people edit both systems, everything goes wrong, then it is quiet.

The same seed gives the same storm. `World` is the harness of the named scenarios.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from connectors.base import Idempotency
from connectors.errors import RateLimitedError, RetryableError
from tandem.sync.agreement import Agreement, compare
from tests.fakes.system import Fail, Killed, LostAnswer, RateLimit
from tests.scenarios.world import CAPABLE, World

STEPS = (
    "pull.stored",
    "batch.stored",
    "push.intended",
    "push.sending",
    "push.sent",
    "push.recorded",
    "doubts.settled",
)
POLICIES: tuple[Any, ...] = (
    "latest",
    "review",
    {"policy": "owner", "owner": "crm"},
    "most_complete",
)
DELETES = ("propagate", "restore", "deactivate", "unlink", "review")
FIELDS = ("phone", "industry", "website")


class Storm:
    """One storm over one world."""

    def __init__(self, database: Any, seed: int) -> None:
        self.rnd = rnd = random.Random(seed)
        capabilities = replace(
            CAPABLE,
            idempotency=rnd.choice([Idempotency.KEY, Idempotency.MARKER, Idempotency.EXTERNAL_ID]),
            conditional_writes=rnd.random() < 0.5,
            search_lag=timedelta(seconds=rnd.choice([0, 20])),
        )
        self.world = World(
            database,
            seed=seed,
            policy={
                "default": rnd.choice(POLICIES),
                "deletes": {"policy": rnd.choice(DELETES), "ceiling": 50, "ceiling_share": 1.0},
            },
            erp={"capabilities": capabilities, "tells_version": rnd.random() < 0.5},
            crm={"capabilities": replace(CAPABLE, idempotency=Idempotency.EXTERNAL_ID)},
        )
        self.kills = self.faults = self.edits = 0
        self.made = 0

    def run(self, rounds: int = 12) -> Agreement:
        for _ in range(rounds):
            for _ in range(self.rnd.randint(1, 4)):
                self._somebody_edits()
            self._trouble()
            self._cycle()
        self.world.clock.advance(1000)
        self._calm()
        return compare(self.world.link, self.world.database)

    def _somebody_edits(self) -> None:
        rnd, w = self.rnd, self.world
        self.edits += 1
        system, stream = rnd.choice([(w.crm, "Account"), (w.erp, "party")])
        rows = system.rows(stream)
        choice = rnd.random()
        if choice < 0.25 or not rows:
            self.made += 1
            name = f"Firm {self.made:04d} {rnd.randint(0, 10**9)}"
            system.insert(stream, name=name, website=f"{self.made}.example", active=True)
        elif choice < 0.35:
            system.remove(stream, rnd.choice(sorted(rows)))
        else:
            field = rnd.choice(FIELDS)
            value = rnd.choice([None, str(rnd.randint(0, 5)), str(rnd.randint(0, 5))])
            system.edit(stream, rnd.choice(sorted(rows)), **{field: value})
        w.clock.advance(rnd.choice([0, 0, 1, 5]))

    def _trouble(self) -> None:
        rnd = self.rnd
        system = rnd.choice([self.world.crm, self.world.erp])
        luck = rnd.random()
        if luck < 0.5:
            self.faults += 1
            kind, fault = rnd.choice(
                [
                    ("write", LostAnswer()),
                    ("write", LostAnswer(committed=False)),
                    ("write", RateLimit(at=0, retry_after=3)),
                    ("write", Fail(RetryableError("down"))),
                    ("page", Fail(RateLimitedError("slow down", retry_after=2))),
                    ("read", Fail(RetryableError("down"))),
                    ("find", Fail(RetryableError("down"))),
                ]
            )
            system.script(kind, fault)

    def _cycle(self) -> None:
        w, rnd = self.world, self.rnd
        fatal = rnd.choice(STEPS) if rnd.random() < 0.35 else None
        system_point = rnd.choice(["crm", "erp"]) + rnd.choice([".write.row", ".write.after"])

        def die(step: str) -> None:
            if step == fatal or (fatal == "push.sending" and step == system_point):
                raise Killed

        w.checkpoint = die
        w.crm.at_point = w.erp.at_point = die
        try:
            w.cycle()
        except Killed:
            self.kills += 1
            w.clock.advance(100)
        finally:
            w.checkpoint = lambda _step: None
            w.crm.at_point = w.erp.at_point = None

    def _calm(self) -> None:
        w = self.world
        for system in (w.crm, w.erp):
            system._script.clear()
        for _ in range(25):
            w.cycle(pause=40)

    def duplicates(self) -> list[str]:
        """Names that one system holds more than once."""
        doubled = []
        for system, stream in ((self.world.crm, "Account"), (self.world.erp, "party")):
            names = [row["name"] for row in system.rows(stream).values()]
            doubled += [name for name in names if names.count(name) > 1]
        return doubled
