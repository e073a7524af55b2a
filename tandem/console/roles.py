"""Who may do what: three roles, each of which may do what the ones before it may."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person may do."""

    VIEWER = "viewer"  #: look at everything
    STEWARD = "steward"  #: answer questions, take answers back, merge
    ENGINEER = "engineer"  #: also replay what failed for good

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what `needed` may.

        >>> Role.ENGINEER.covers(Role.STEWARD), Role.VIEWER.covers(Role.STEWARD)
        (True, False)
        """
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person behind a request.

    Attributes:
        name: as it stands in the audit.
        role: what they may do.
        key: secret of their session, from which the token against forged requests is made.
    """

    name: str
    role: Role
    key: str = field(repr=False)
