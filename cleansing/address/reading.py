"""What is known of one address while it is read: its words, its country, its fields so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from cleansing.address.model import Address, Directory
from cleansing.address.vocabulary import Vocabulary
from cleansing.address.words import Words


@dataclass(slots=True)
class Reading:
    """The fields read so far.

    Attributes:
        values: field → text.
        trust: field → confidence.
        reasons: in the order found.
        ignored: pieces that belong to no field.
    """

    values: dict[str, str] = field(default_factory=dict)
    trust: dict[str, float] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def put(self, name: str, value: str, trust: float, reason: str) -> None:
        """Fill a field; what was read first stays."""
        if value and name not in self.values:
            self.values[name] = value
            self.trust[name] = trust
            self.reasons.append(f"{name}:{reason}")

    def address(self) -> Address:
        """The fields as an address."""
        return Address(**self.values)


@dataclass(frozen=True, slots=True)
class Text:
    """One address text of a known country, shared by the steps that read it.

    Each step takes the words it is sure of (`words.claim`) and fills fields of `reading`.
    """

    words: Words
    country: str
    vocabulary: Vocabulary
    directory: Directory | None
    reading: Reading
