"""A world of its own for one seed: two or more misbehaving systems, a link, and a clock at rest."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from connectors.base import Capabilities, Connector, Idempotency, Rejected, StreamSpec, Write
from tandem.chaos.faults import Killed, Precision
from tandem.chaos.shape import Shape
from tandem.chaos.system import FakeSystem
from tandem.chaos.words import Words
from tandem.clock import ManualClock, SeededIds
from tandem.errors import FencedError
from tandem.mapping.compiler import CompiledMapping
from tandem.matching.incremental import Matcher
from tandem.model.objects import OBJECTS, field_types
from tandem.settings import LinkConfig, ObjectPolicy
from tandem.state.database import Database
from tandem.state.quota import Budget
from tandem.sync.pipeline import Pipeline
from tandem.sync.run import LEASE
from tandem.sync.types import Checkpoint, Link, ObjectRules

POLICIES: tuple[Any, ...] = ("latest", "review", "most_complete", "union")
GATED = 0.06
"""Share of worlds with strict quality gates: these take several times as long as others."""
RATES = (20, 40)
"""Calls a minute, of a system that limits them: without a limit a storm makes up to 60."""
DELETES = ("propagate", "restore", "deactivate", "unlink", "review")
POISON = "☠"
"""A system rejects whatever holds this: the way to the dead letters."""


@dataclass(slots=True)
class Tally:
    """What happened to a world."""

    edits: int = 0
    faults: int = 0
    kills: int = 0
    decisions: int = 0
    cycles: int = 0
    takeovers: int = 0


@dataclass(frozen=True, slots=True)
class Compiled:
    """The parts of a shape that every seed shares."""

    mappings: Mapping[tuple[str, str], CompiledMapping]  #: by (object, system)
    matchers: Mapping[str, Matcher]
    words: Mapping[tuple[str, str], Words]  #: by (system, stream)


_compiled: dict[int, tuple[Shape, Compiled]] = {}


def compiled(shape: Shape) -> Compiled:
    """The shape's mappings, compiled once per process."""
    known = _compiled.get(id(shape))
    if known is None or known[0] is not shape:
        mappings = {
            (m.object, m.system): CompiledMapping(m, shape.catalogues) for m in shape.mappings
        }
        specs = {(n, spec.stream): spec for n, s in shape.systems.items() for spec in s.specs}
        words = {
            (m.system, m.stream): Words(m, specs[m.system, m.stream], shape.catalogues)
            for m in shape.mappings
        }
        matchers = {name: _matcher(name) for name in shape.config.objects}
        known = _compiled[id(shape)] = (shape, Compiled(mappings, matchers, words))
    return known[1]


@lru_cache
def _matcher(object_name: str) -> Matcher:
    return Matcher.for_object(object_name)


def link_of(
    shape: Shape,
    config: LinkConfig,
    connectors: Mapping[str, Connector],
    skew: Mapping[str, timedelta],
    budgets: Mapping[str, Budget] | None = None,
) -> Link:
    """A shape's link over these connectors, ready to run."""
    parts = compiled(shape)
    objects = {}
    for name in OBJECTS:
        if name in config.objects:
            types = field_types(name)
            objects[name] = ObjectRules(
                object=name,
                kinds={n: t.kind for n, t in types.items()},
                references={n: t.references for n, t in types.items() if t.references},
                policy=config.objects[name],
                mappings={s: m for (o, s), m in parts.mappings.items() if o == name},
                matcher=parts.matchers[name],
                skew=skew,
                tolerance=config.clock_skew,
            )
    return Link(config, connectors, objects, budgets=budgets or {})


class World:
    """The systems of a shape, kept in agreement by real pipelines that come and go.

    Attributes:
        interrupt: called at every step boundary of the pipeline and at every point of a call; it
            may raise `Killed`.
        parties: every party that somebody has entered, by token.
        quotas: of the systems that have one; none where the world is not `limited`.
    """

    def __init__(
        self,
        shape: Shape,
        database: Database,
        seed: int,
        *,
        draw: random.Random | None = None,
        pipeline: type[Pipeline] = Pipeline,
        limited: bool = True,
    ) -> None:
        self.shape = shape
        self.database = database
        self.seed = seed
        self.draw = draw or random.Random(seed)  # noqa: S311  (repeatable by purpose, no secret)
        self.clock = ManualClock()
        self.ids = SeededIds(seed)
        self.tally = Tally()
        self.parties: dict[str, None] = {}
        self.interrupt: Checkpoint = lambda _step: None
        self._pipeline = pipeline
        self._workers = 0
        quotas = {name: self._quota(name) if limited else None for name in shape.systems}
        self.quotas = {name: quota for name, quota in quotas.items() if quota is not None}
        self.systems = {name: self._system(name) for name in shape.systems}
        config = _varied(shape.config, self.draw) if shape.varied else shape.config
        self.config = self._gated(config)
        skew = {name: system.skew for name, system in self.systems.items()}
        self.link = link_of(shape, self.config, self.systems, skew, self.quotas)

    def _quota(self, name: str) -> Budget | None:
        if not self.shape.varied:
            return self.shape.systems[name].quota
        # Drawn apart from the rest: most storms are what they were before there were quotas.
        draw = random.Random(f"quota of {name} in {self.seed}")  # noqa: S311
        return Budget(rate=draw.choice(RATES)) if draw.random() < 0.2 else None

    def _gated(self, config: LinkConfig) -> LinkConfig:
        """In some worlds the quality gates look at a handful of records already."""
        # Drawn apart from the rest, as quotas are.
        draw = random.Random(f"gates in {self.seed}")  # noqa: S311
        if draw.random() >= GATED:
            return config
        strict = {"min_rows": draw.choice((1, 2, 3)), "tolerance": draw.choice((0.0, 0.2, 0.4))}
        objects = {
            name: rules.model_copy(update={"quality": rules.quality.model_copy(update=strict)})
            for name, rules in config.objects.items()
        }
        return config.model_copy(update={"objects": objects})

    def _system(self, name: str) -> FakeSystem:
        shape, draw = self.shape.systems[name], self.draw
        capabilities = _small(shape.capabilities)
        traits: dict[str, Any] = {}
        if self.shape.varied:
            capabilities = _drawn(capabilities, shape.specs, draw)
            traits["tells_version"] = draw.random() < 0.5
            if not capabilities.conditional_writes and draw.random() < 0.5:
                traits |= {"precision": Precision.SECOND, "stamp_versions": True}
        return FakeSystem(
            shape.specs,
            clock=self.clock,
            name=name,
            capabilities=capabilities,
            directories=shape.directories,
            reject=_reject,
            quota=self.quotas.get(name),
            at_point=self._at,
            **traits,
        )

    @property
    def streams(self) -> list[tuple[FakeSystem, Words]]:
        """Every mapped stream, with its system and what people type there."""
        return [(self.systems[s], words) for (s, _), words in compiled(self.shape).words.items()]

    # --- workers ----------------------------------------------------------------------------------

    def worker(self) -> Pipeline:
        """A pipeline with a name of its own, as another process would be."""
        self._workers += 1
        return self._pipeline(
            self.link,
            self.database,
            clock=self.clock,
            ids=self.ids,
            holder=f"worker-{self._workers}",
            checkpoint=self._at,
            batch=8,
        )

    def _at(self, step: str) -> None:
        self.interrupt(step)

    def work(self, *, pause: float = 1.0, compare: bool = False) -> bool:
        """One worker's life: it takes the lease, runs a cycle and ends. False if it was killed.

        While another worker's lease lasts there is nothing to do, so time goes by until it is over.
        """
        self.clock.advance(pause)
        self.tally.cycles += 1
        worker = self.worker()
        try:
            if not worker.open():
                self.clock.advance(LEASE.total_seconds() + 1)
                return True
            if compare:
                worker.compare()
            worker.cycle()
            worker.close()
        except Killed:
            self.tally.kills += 1
            return False
        except FencedError:
            # Another worker took over while this one slept: it stops, which is all it should do.
            return True
        return True

    @contextmanager
    def interrupted(self, by: Callable[[str], None]) -> Iterator[None]:
        """Within the block every step is told to `by`."""
        self.interrupt = by
        try:
            yield
        finally:
            self.interrupt = lambda _step: None

    def written(self) -> int:
        """How many writes have reached the systems."""
        return sum(len(system.sent) for system in self.systems.values())


def _reject(_stream: str, write: Write) -> Rejected | None:
    poisoned = [
        c for c, value in write.values.items() if isinstance(value, str) and POISON in value
    ]
    return Rejected("NO_POISON", "not here", tuple(poisoned)) if poisoned else None


def _small(capabilities: Capabilities) -> Capabilities:
    """The same abilities in small portions, so that little work has many pages and batches."""
    return replace(
        capabilities,
        read_batch=min(capabilities.read_batch, 7),
        write_batch=min(capabilities.write_batch, 3),
    )


def _drawn(
    capabilities: Capabilities, specs: Iterable[StreamSpec], draw: random.Random
) -> Capabilities:
    streams = frozenset(spec.stream for spec in specs)
    return replace(
        capabilities,
        idempotency=draw.choice(
            [Idempotency.KEY, Idempotency.MARKER, Idempotency.EXTERNAL_ID, Idempotency.NONE]
        ),
        conditional_writes=draw.random() < 0.6,
        incremental=(incremental := draw.random() < 0.85),
        tombstones=incremental and draw.random() < 0.8,
        deletes=draw.random() < 0.85,
        look_back=timedelta(seconds=5),
        search_lag=timedelta(seconds=draw.choice([0, 20])),
        merges=(merges := draw.choice((streams, frozenset()))),
        unmerges=draw.choice((merges, frozenset())),
    )


def _varied(config: LinkConfig, draw: random.Random) -> LinkConfig:
    def policy() -> Any:
        chosen = draw.choice(POLICIES)
        return (
            {"policy": chosen, "owner": draw.choice(config.systems)}
            if chosen == "owner"
            else chosen
        )

    def rules() -> ObjectPolicy:
        ceiling, share = draw.choice(((50, 1.0), (50, 1.0), (2, 0.3)))
        return ObjectPolicy.model_validate(
            {
                "default": policy(),
                "fields": {"phone": policy(), "name": policy()},
                "deletes": {
                    "policy": draw.choice(DELETES),
                    "ceiling": ceiling,
                    "ceiling_share": share,
                },
                "merges": draw.choice(("follow", "review")),
            }
        )

    return config.model_copy(update={"objects": {name: rules() for name in config.objects}})
