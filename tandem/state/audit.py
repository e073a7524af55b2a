"""The audit: append-only record of what was done and why; and the list of runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from tandem.state.tables import audit, run

ENGINE = "tandem"
"""Actor of what no person did."""


def fact(
    at: datetime,
    link: str,
    action: str,
    *,
    object_name: str,
    canonical_id: str | None = None,
    system: str | None = None,
    native_id: str | None = None,
    before: Any = None,
    after: Any = None,
    cause: dict[str, Any] | None = None,
    actor: str = ENGINE,
    run_id: str | None = None,
) -> dict[str, Any]:
    """One row for `append`. `action` reads noun.verb_past, e.g. `write.accepted`."""
    return {
        "at": at,
        "link": link,
        "action": action,
        "object": object_name,
        "canonical_id": canonical_id,
        "system": system,
        "native_id": native_id,
        "before": before,
        "after": after,
        "cause": cause or {},
        "actor": actor,
        "run_id": run_id,
    }


def append(connection: Connection, facts: Sequence[dict[str, Any]]) -> None:
    """Store facts; there is no function that changes or deletes one."""
    if facts:
        connection.execute(insert(audit), list(facts))


def start_run(connection: Connection, run_id: str, link: str, lane: str, at: datetime) -> None:
    """Note that a run has begun."""
    connection.execute(
        insert(run).values(id=run_id, link=link, lane=lane, started_at=at, counts={})
    )


def finish_run(
    connection: Connection, run_id: str, outcome: str, counts: dict[str, int], at: datetime
) -> None:
    """Note how a run ended and what it did."""
    connection.execute(
        update(run).where(run.c.id == run_id).values(finished_at=at, outcome=outcome, counts=counts)
    )
