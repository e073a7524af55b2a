"""What a quality gate expects of a batch, and what it found. Plain values without any record's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """Kind of an expectation."""

    NOT_NULL = "not_null"  #: a mandatory field is filled
    UNIQUE_ID = "unique_id"  #: no native id comes twice at one version
    UNIQUE = "unique"  #: no two records share a value of a field that is declared unique
    ALLOWED = "allowed"  #: only values that the system itself offers
    LENGTH = "length"  #: no value is longer than its column
    TYPE = "type"  #: numbers are numbers, booleans are booleans
    RANGE = "range"  #: a number lies within configured bounds
    ROW_COUNT = "row_count"  #: a full listing is about as long as the last good ones
    NULL_RATE = "null_rate"  #: a field is not empty far more often than in the last good batches


class Severity(StrEnum):
    """What an expectation that is not met leads to."""

    BLOCK = "block"  #: above the tolerance the whole batch waits for a person
    HOLD = "hold"  #: as `block`; below the tolerance the failing records alone wait
    WARN = "warn"  #: it is recorded, and nothing waits
    IGNORE = "ignore"  #: it is not looked at


class Outcome(StrEnum):
    """What became of a batch."""

    PASSED = "passed"
    WARNED = "warned"  #: an expectation of severity `warn` was not met
    PARTLY = "partly"  #: the failing records wait, the others went on
    HELD = "held"  #: all of it waits
    RELEASED = "released"  #: a person let it go on
    SET_ASIDE = "set_aside"  #: a person dropped it
    SUPERSEDED = "superseded"  #: newer facts replaced it before a person said anything


GOOD = (Outcome.PASSED, Outcome.WARNED, Outcome.PARTLY, Outcome.RELEASED)
"""Outcomes of the batches that later ones are compared with."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One expectation and how it was met.

    Attributes:
        name: `not_null.name`: rule and field, unique within a gate.
        field: canonical field; empty where the rule is about the table.
        columns: native columns it stands in.
        met: whether it holds, counting what the tolerance lets through.
        failed: records that do not meet it; 0 for rules about the whole batch.
        observed: the figure that was measured: failing share, share of empty values, rows listed.
        allowed: the bounds of that figure, lower and upper; None is open.
        native_ids: records that do not meet it, up to a cap.
    """

    name: str
    rule: Rule
    severity: Severity
    field: str
    columns: tuple[str, ...]
    met: bool
    failed: int
    observed: float | None
    allowed: tuple[float | None, float | None]
    native_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate found in one batch.

    Attributes:
        rows: records in the batch.
        listed: records that a full listing held, known ones included; None for other batches.
        null_rates: canonical field → share of the batch's records in which it is empty.
        culprits: native ids of records that alone have to wait.
    """

    outcome: Outcome
    rows: int
    listed: int | None
    findings: tuple[Finding, ...]
    null_rates: Mapping[str, float]
    culprits: frozenset[str] = frozenset()

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The findings that are not met."""
        return tuple(finding for finding in self.findings if not finding.met)


@dataclass(frozen=True, slots=True)
class Past:
    """What the last good batches looked like, newest first.

    Attributes:
        null_rates: one mapping per batch, see `Verdict`.
        listed: lengths of the full listings among them.
    """

    null_rates: tuple[Mapping[str, float], ...] = ()
    listed: tuple[int, ...] = ()
