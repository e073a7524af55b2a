"""Scorecard: how complete and how readable each field is. Figures, no values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NOBODY = ""
"""The owner of records that name none, or of which the mapping names no owner column."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What to count of one object in one system.

    Attributes:
        fields: canonical fields that are mapped there.
        owner: native column that says who a record belongs to; None where nothing does.
        mandatory: canonical field → systems of the link that insist on it.
    """

    object: str
    system: str
    stream: str
    fields: tuple[str, ...]
    owner: str | None = None
    mandatory: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldScore:
    """How one field stands in a set of records.

    Attributes:
        records: how many records there are.
        filled: in how many the field has a value that can be read.
        refused: in how many it has a text without a safe reading.
        mandatory_in: systems that insist on this field.
    """

    field: str
    records: int
    filled: int
    refused: int
    mandatory_in: tuple[str, ...] = ()

    @property
    def empty(self) -> int:
        """Records in which nothing stands."""
        return self.records - self.filled - self.refused

    @property
    def completeness(self) -> float | None:
        """Share of the records in which something stands; None of no records."""
        return (self.filled + self.refused) / self.records if self.records else None

    @property
    def validity(self) -> float | None:
        """Share of what stands there that can be read; None when nothing stands there."""
        written = self.filled + self.refused
        return self.filled / written if written else None

    @property
    def gaps(self) -> int:
        """Records that leave empty what some system insists on."""
        return self.records - self.filled if self.mandatory_in else 0


@dataclass(frozen=True, slots=True)
class Score:
    """The records of one owner, or of all (`owner` None), in one object of one system."""

    object: str
    system: str
    owner: str | None
    records: int
    fields: tuple[FieldScore, ...]

    @property
    def gaps(self) -> int:
        """Mandatory fields that are empty, over all records."""
        return sum(score.gaps for score in self.fields)


@dataclass(frozen=True, slots=True)
class Card:
    """One object in one system: all its records, and those of each owner, most gaps first."""

    object: str
    system: str
    total: Score
    owners: tuple[Score, ...]
