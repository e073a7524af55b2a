"""The audit as it is read: one fact per row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the audit."""

    id: int
    at: datetime
    link: str
    action: str
    object: str
    canonical_id: str | None
    system: str | None
    native_id: str | None
    before: Any
    after: Any
    cause: dict[str, Any]
    actor: str
    run_id: str | None


def fact_of(row: Row[Any]) -> Fact:
    """A row of `audit` as a fact."""
    return Fact(
        id=row.id,
        at=row.at,
        link=row.link,
        action=row.action,
        object=row.object,
        canonical_id=row.canonical_id,
        system=row.system,
        native_id=row.native_id,
        before=row.before,
        after=row.after,
        cause=row.cause,
        actor=row.actor,
        run_id=row.run_id,
    )
