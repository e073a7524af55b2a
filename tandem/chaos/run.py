"""Many storms, one seed each, spread over processes; what they came to in one report."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from tandem.chaos.scratch import Scratch, scratch
from tandem.chaos.shape import Shape
from tandem.chaos.storm import Storm
from tandem.chaos.verdict import Verdict, judge
from tandem.chaos.world import World
from tandem.log import configure
from tandem.sync.pipeline import Pipeline

CHUNK = 10
MOST_SHOWN = 20

Progress = Callable[[int, int], None]
"""(seeds done, seeds failed)"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one seed came to."""

    seed: int
    tally: dict[str, int]
    verdict: Verdict


@dataclass(slots=True)
class Report:
    """What all seeds came to.

    Attributes:
        failing: seed → its breaches, in words.
    """

    seeds: int = 0
    tally: dict[str, int] = field(default_factory=dict)
    breaches: dict[str, int] = field(default_factory=lambda: Verdict().counts())
    failing: dict[int, list[str]] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count one seed in."""
        self.seeds += 1
        for name, count in outcome.tally.items():
            self.tally[name] = self.tally.get(name, 0) + count
        for name, count in outcome.verdict.counts().items():
            self.breaches[name] += count
        if not outcome.verdict.holds:
            self.failing[outcome.seed] = outcome.verdict.lines()

    @property
    def holds(self) -> bool:
        """Every seed has held."""
        return not self.failing

    def to_dict(self) -> dict[str, Any]:
        """As `tandem chaos --json` prints it."""
        shown = dict(sorted(self.failing.items())[:MOST_SHOWN])
        return {
            "seeds": self.seeds,
            **self.tally,
            **self.breaches,
            "failing_seeds": list(shown),
            "failures": shown,
            "seconds": round(self.seconds, 1),
        }


def storm(
    shape: Shape, place: Scratch, seed: int, *, pipeline: type[Pipeline] = Pipeline
) -> Outcome:
    """One seed, from an empty state to its verdict."""
    world = World(shape, place.empty(), seed, pipeline=pipeline)
    stormy = Storm(world)
    try:
        stormy.run()
        verdict = judge(world, [*stormy.restless, *stormy.steward.accepted_stale])
    except Exception as error:  # noqa: BLE001  (a storm that breaks off has found something, too)
        broken = f"the storm broke off: {type(error).__name__}: {error}"
        verdict = Verdict(diverged=[broken])
    return Outcome(seed, asdict(world.tally), verdict)


def run(
    shape: Shape,
    seeds: Sequence[int],
    *,
    jobs: int = 1,
    database: str | None = None,
    progress: Progress = lambda _done, _failed: None,
) -> Report:
    """All the seeds, over so many processes.

    Raises:
        ConfigError: `database` is not the URL of a PostgreSQL database.
    """
    report, began = Report(), time.monotonic()
    for outcome in _outcomes(shape, seeds, min(jobs, -(-len(seeds) // CHUNK)), database):
        report.add(outcome)
        progress(report.seeds, len(report.failing))
    report.seconds = time.monotonic() - began
    return report


def _outcomes(
    shape: Shape, seeds: Sequence[int], jobs: int, database: str | None
) -> Iterator[Outcome]:
    if jobs <= 1:
        with scratch(database) as place:
            for seed in seeds:
                yield storm(shape, place, seed)
        return
    parts = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_quiet) as pool:
        for outcomes in pool.map(_part, [(shape, part, database) for part in parts]):
            yield from outcomes


def _quiet() -> None:
    configure("ERROR")


def _part(given: tuple[Shape, Sequence[int], str | None]) -> list[Outcome]:
    shape, seeds, database = given
    with scratch(database) as place:
        return [storm(shape, place, seed) for seed in seeds]


def cores() -> int:
    """How many processes this machine is good for."""
    return os.cpu_count() or 1
