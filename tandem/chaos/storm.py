"""A storm: people edit, calls go wrong, workers die; then it is calm, and the ledger is drawn up.

The same seed gives the same storm.
"""

from __future__ import annotations

from collections.abc import Callable

from connectors.errors import (
    RateLimitedError,
    RecordError,
    RetryableError,
    StopRunError,
    UnknownOutcomeError,
)
from tandem.chaos.faults import Fail, Fault, Killed, LostAnswer, RateLimit, ShortPage
from tandem.chaos.people import People
from tandem.chaos.steward import Steward
from tandem.chaos.world import World
from tandem.sync.run import LEASE

STEPS = (
    "pull.stored",
    "batch.stored",
    "push.intended",
    "push.sending",
    "push.sent",
    "push.recorded",
    "doubts.settled",
    "write.before",
    "write.row",
    "write.after",
    "page",
)
"""Step boundaries of the pipeline, and points of a call within a system."""

ROUNDS = 12
CALM_CYCLES = 60
IDLE_CYCLES = 3
QUIET_CYCLES = 10

FAULTS: tuple[tuple[str, Callable[[], Fault]], ...] = (
    ("write", LostAnswer),
    ("write", LostAnswer),
    ("write", lambda: LostAnswer(committed=False)),
    ("write", lambda: LostAnswer(at=1)),
    ("write", lambda: RateLimit(at=0, retry_after=3)),
    ("write", lambda: RateLimit(at=1, retry_after=40)),
    ("write", lambda: Fail(RetryableError("500"))),
    ("write", lambda: Fail(UnknownOutcomeError("timeout"))),
    ("write", lambda: Fail(RecordError("one of these is wrong"))),
    ("write", lambda: Fail(StopRunError("no licence"))),
    ("page", lambda: Fail(RateLimitedError("429", retry_after=2))),
    ("page", lambda: Fail(RetryableError("reset"))),
    ("page", lambda: ShortPage(keep=1)),
    ("read", lambda: Fail(RetryableError("500"))),
    ("find", lambda: Fail(RetryableError("500"))),
)
"""What goes wrong with a call of a kind."""


class Storm:
    """One storm over one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = People(world)
        self.steward = Steward(world)
        self.restless: list[str] = []

    def run(self, rounds: int = ROUNDS) -> None:
        """So many rounds of work and trouble, then calm."""
        draw, world = self.world.draw, self.world
        for _ in range(rounds):
            for _ in range(draw.randint(1, 5)):
                self.people.act()
                world.clock.advance(draw.choice((0, 0, 0.3, 1, 5)))
            if draw.random() < 0.1:
                self.people.delete_many(draw.choice((0.3, 0.9)))
            self.trouble()
            if draw.random() < 0.4:
                self.steward.act()
            self.cycle()
        self.calm()

    # --- trouble ----------------------------------------------------------------------------------

    def trouble(self) -> None:
        """Put faults in the way of the next calls, or events that come twice and out of order."""
        draw = self.world.draw
        for system in self.world.systems.values():
            if draw.random() < 0.35:
                kind, fault = draw.choice(FAULTS)
                system.script(kind, *[None] * draw.choice((0, 0, 1, 2)), fault())
                self.world.tally.faults += 1
        if draw.random() < 0.3:
            self.events()

    def events(self) -> None:
        """Webhooks: some of what happened lately, some of it twice, in any order."""
        world, draw = self.world, self.world.draw
        worker = world.worker()
        if not worker.open():
            return
        for name, system in world.systems.items():
            recent = system.events[-8:]
            told = draw.sample(recent, draw.randint(0, len(recent))) * draw.choice((1, 2))
            for event in told:
                mapping = world.shape.mapping_of(name, event.stream)
                worker.hint(mapping.object, name, event.native_id)
        worker.close()

    def cycle(self) -> None:
        """A worker's cycle, which something may happen to at any of its steps."""
        draw = self.world.draw
        compare = draw.random() < 0.1
        happens = draw.random()
        fatal = draw.choice(STEPS)
        passes = draw.choice((0, 0, 0, 1, 2, 4))
        if happens < 0.35:
            incident: Callable[[str], None] = kill
        elif happens < 0.5:
            # A call in flight ends long before a lease does: workers fall asleep between calls.
            incident, fatal = self.take_over, draw.choice(STEPS[:7])
        elif happens < 0.6:
            incident = self._crowd
        elif happens < 0.75:
            incident = self._edit_meanwhile
        else:
            self.world.work(compare=compare)
            return
        with self.world.interrupted(Once(fatal, passes, incident)):
            survived = self.world.work(compare=compare)
        if not survived and draw.random() < 0.7:
            self.world.clock.advance(LEASE.total_seconds() + 1)

    def take_over(self, _step: str) -> None:
        """The worker sleeps until its lease is over, and another one does its work meanwhile."""
        self.world.tally.takeovers += 1
        self.world.clock.advance(LEASE.total_seconds() + 1)
        with self.world.interrupted(lambda _step: None):
            self.world.work()

    def _crowd(self, _step: str) -> None:
        """Another worker comes while the first one is at work: it must find the link taken."""
        if self.world.worker().open():
            self.restless.append("two workers held one lease")

    def _edit_meanwhile(self, step: str) -> None:
        """Somebody edits right now, in the middle of a cycle, unless nobody can notice."""
        if not self._goes_unseen(step):
            self.people.act()

    def _goes_unseen(self, step: str) -> bool:
        """Whether it is the moment between the last look at a record and a write to it.

        What is edited then is overwritten where the system does not check; no engine can help it.
        """
        systems = self.world.systems.items()
        unchecked = [name for name, s in systems if not s.capabilities.conditional_writes]
        name, _, point = step.partition(".")
        if step == "push.sending":
            return bool(unchecked)
        return name in unchecked and point in ("write.before", "write.row")

    # --- calm -------------------------------------------------------------------------------------

    def calm(self) -> None:
        """Everything works again, nobody edits; then nothing may be left to do."""
        draw, world = self.world.draw, self.world
        self.end_trouble()
        for _ in range(draw.choice((0, 1))):
            self.people.edit_quietly()
        world.work(pause=700, compare=True)
        self.settle()
        if draw.random() < 0.4:
            for _ in range(12):
                if not self.steward.answer_everything():
                    break
                self.settle()
        self.rest()

    def end_trouble(self, idle: int = IDLE_CYCLES) -> None:
        """From now on every call goes well; what waits for better times is done."""
        self.world.clock.advance(1000)
        for system in self.world.systems.values():
            system.calm()
        self.settle(idle)

    def rest(self, cycles: int = QUIET_CYCLES) -> None:
        """So many further cycles, in which nothing may be written."""
        before = self.world.written()
        for _ in range(cycles):
            self.world.work(pause=40)
        if self.world.written() != before:
            self.restless.append(f"{self.world.written() - before} writes after it was quiet")

    def settle(self, enough: int = IDLE_CYCLES) -> None:
        """Cycles until so many in a row have written nothing."""
        idle, pause = 0, 40.0
        for _ in range(CALM_CYCLES):
            before = self.world.written()
            self.world.work(pause=pause)
            idle = 0 if self.world.written() != before else idle + 1
            if idle == enough:
                return
            pause = min(pause * 1.5, 700.0)
        self.restless.append(f"still writing after {CALM_CYCLES} calm cycles")


class Once:
    """Tells an incident when a step has passed so many times; once in all."""

    def __init__(self, fatal: str, passes: int, incident: Callable[[str], None]) -> None:
        self._fatal, self._passes, self._incident = fatal, passes, incident
        self._done = False

    def __call__(self, step: str) -> None:
        """A step is passed."""
        if self._done or not step.endswith(self._fatal):
            return
        if self._passes:
            self._passes -= 1
            return
        self._done = True
        self._incident(step)


def kill(_step: str) -> None:
    """The worker dies here."""
    raise Killed
