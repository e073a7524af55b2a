"""The one answer every cleanser gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cleansed(Generic[T]):
    """What a cleanser made of a text.

    Attributes:
        value: the clean value; None when the text is empty or the cleanser refuses.
        confidence: 0.0 to 1.0; 1.0 means that no other reading is possible.
        reasons: stable codes, most important first (`"refused:two_readings"`, `"city:alias"`).
            A refusal has at least one code that starts with `refused:`; an empty text has `empty`.
    """

    value: T | None
    confidence: float = 1.0
    reasons: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """True when there was a text but no safe reading of it.

        >>> Cleansed(None, 0.0, ("refused:two_readings",)).refused
        True
        >>> Cleansed(None, 1.0, ("empty",)).refused
        False
        """
        return self.value is None and any(r.startswith("refused:") for r in self.reasons)


def refuse(*reasons: str) -> Cleansed[T]:
    """A refusal, with what it would take to decide.

    >>> refuse("two_readings:1234|1.234").reasons
    ('refused:two_readings:1234|1.234',)
    """
    return Cleansed(None, 0.0, tuple(f"refused:{reason}" for reason in reasons))
