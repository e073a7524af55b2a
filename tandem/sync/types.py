"""Frozen values that the stages hand to each other, and the rules they work by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from connectors.base import Connector, Rejected
from tandem.mapping.compiler import CompiledMapping
from tandem.matching.incremental import Matcher
from tandem.model.fields import Kind, Plain
from tandem.settings import DeletePolicy, LinkConfig, ObjectPolicy
from tandem.state.chain import Chain
from tandem.state.quota import Budget

Key = tuple[str, str, str]
"""A native record: (system, stream, native id)."""

BATCH_LANE = "batch"
"""The lane whose work leaves calls to the others when there are few."""


@dataclass(frozen=True, slots=True)
class ObjectRules:
    """How one object is kept in agreement within a link.

    Attributes:
        kinds: kind of every canonical field.
        references: canonical field → object that it points to.
        mappings: compiled mapping by system; a system without one does not hold this object.
        skew: measured lead of each system's clock over ours.
        tolerance: how far apart two moments must be to tell which was first.
    """

    object: str
    kinds: Mapping[str, Kind]
    references: Mapping[str, str]
    policy: ObjectPolicy
    mappings: Mapping[str, CompiledMapping]
    matcher: Matcher
    skew: Mapping[str, timedelta] = field(default_factory=dict)
    tolerance: timedelta = timedelta(seconds=2)

    def makes(self, chain: Chain, system: str) -> bool:
        """Whether a live canonical record without a record in a system is to be created there."""
        allowed = self.policy.create_in
        if system not in self.mappings or chain.knows(system):
            return False
        return allowed is None or system in allowed or chain.misses(system)

    def earliest(self, system: str, moment: datetime | None) -> datetime | None:
        """A moment by a system's clock as it was by ours, at the earliest."""
        if moment is None:
            return None
        return moment - self.skew.get(system, timedelta(0)) - self.tolerance


@dataclass(frozen=True, slots=True)
class Link:
    """A link ready to run.

    Attributes:
        connectors: by system.
        objects: rules by object, parents before children.
        budgets: calls that may be made, by system; one without a quota has none.
        told: system → (calls used, calls allowed), where it told when the link was built.
    """

    config: LinkConfig
    connectors: Mapping[str, Connector]
    objects: Mapping[str, ObjectRules]
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    told: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The link's name in `config/`."""
        return self.config.link


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What the sides say that differs from what they agreed to.

    Attributes:
        changes: canonical field → system → its value now.
        unagreed: fields of which a side speaks for the first time, so that there is no base.
        overtaken: fields that a side changed without having seen the golden value yet.
        renditions: (system, field) pairs in which a system insists on its own form of our value.
        gone: systems whose record was deleted since.
    """

    changes: Mapping[str, Mapping[str, Plain]]
    unagreed: frozenset[str] = frozenset()
    overtaken: frozenset[str] = frozenset()
    renditions: frozenset[tuple[str, str]] = frozenset()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's answer about one field.

    Attributes:
        value: what the field shall be.
        seen: the sides' values that the person saw; None when the answer holds regardless.
        review_id: the item that was answered.
    """

    value: Plain
    person: str
    review_id: int
    seen: Mapping[str, Plain] | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sides that changed one field differently, and the policy that could not decide."""

    base: Plain
    sides: Mapping[str, Plain]
    policy: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What shall be true, and what that takes.

    Attributes:
        values: all golden values.
        origins: canonical field → why it has a new golden value.
        agreed: system → field → value that the side already shows.
        writes: system → field → value to be written to its record.
        creates: system → values of a record to be created there.
        gaps: system → mandatory fields without which it cannot be created there.
        conflicts: by field; these fields stay as they are everywhere.
        stale: ids of decisions that were taken on other values than there are now.
        applied: ids of decisions that are part of this resolution.
    """

    values: Mapping[str, Plain]
    origins: Mapping[str, dict[str, Any]]
    agreed: Mapping[str, Mapping[str, Plain]]
    writes: Mapping[str, Mapping[str, Plain]]
    creates: Mapping[str, Mapping[str, Plain]]
    gaps: Mapping[str, tuple[str, ...]]
    conflicts: Mapping[str, Conflict]
    stale: tuple[int, ...] = ()
    applied: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DeletionRuling:
    """What a deletion leads to. `policy` None: a person must say."""

    policy: DeletePolicy | None
    gone: tuple[str, ...]
    delete_in: tuple[str, ...] = ()
    recreate_in: tuple[str, ...] = ()
    review_id: int | None = None


@dataclass(frozen=True, slots=True)
class Orphaned:
    """A write that was not sent, because it names a record that will not come to its system.

    Attributes:
        parent: canonical id of what it names.
        values: what has to wait for it: what names it, or a record that is to be created with it.
        answer: in words.
    """

    parent: str
    values: Mapping[str, Plain]
    answer: Rejected


Checkpoint = Callable[[str], None]
"""Called at every step boundary with its name; chaos runs and tests stop the world there."""


def no_checkpoint(_step: str) -> None:
    """The checkpoint of a normal run: nothing happens."""


GiveAnswers = Callable[[Connection, str, datetime], int]
"""Gives the answers of a link that people can take back no longer, as of a moment; how many."""


def no_answers(_connection: Connection, _link: str, _now: datetime) -> int:
    """Where every answer is given at once."""
    return 0


@dataclass(slots=True)
class Counts:
    """What a run did, as numbers; safe for logs, XCom and reports."""

    by_name: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, count: int = 1) -> None:
        """Count something."""
        if count:
            self.by_name[name] = self.by_name.get(name, 0) + count

    def __getitem__(self, name: str) -> int:
        return self.by_name.get(name, 0)


@dataclass(frozen=True, slots=True)
class Window:
    """A backfill's bounds in source time; None is open."""

    since: datetime | None = None
    until: datetime | None = None


BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = timedelta(minutes=10)


def backoff(attempts: int) -> timedelta:
    """Pause before the next try: doubles each time up to ten minutes.

    >>> backoff(1).total_seconds(), backoff(3).total_seconds(), backoff(30).total_seconds()
    (2.0, 8.0, 600.0)
    """
    doublings = min(max(attempts - 1, 0), 20)
    return min(BACKOFF * (1 << doublings), LONGEST_BACKOFF)
