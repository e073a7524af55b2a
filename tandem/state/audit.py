"""The audit: append-only record of what was done and why; and the list of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from tandem.state.bulk import insert_new
from tandem.state.tables import audit, mapping_version, run

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


def append_from(connection: Connection, names: Sequence[str], query: Select[Any]) -> None:
    """Store what a query gives as facts, in columns of these names."""
    connection.execute(insert(audit).from_select(list(names), query))


def start_run(connection: Connection, run_id: str, link: str, lane: str, at: datetime) -> None:
    """Note that a run has begun."""
    connection.execute(
        insert(run).values(id=run_id, link=link, lane=lane, started_at=at, counts={})
    )


def note_mappings(
    connection: Connection,
    run_id: str,
    mappings: Mapping[tuple[str, str], tuple[str, dict[str, Any]]],
    at: datetime,
) -> None:
    """Note by which mappings a run works, and keep each mapping that was not used before.

    Args:
        connection: the state.
        run_id: the run.
        mappings: (object, system) → its version and what its file says.
        at: now.
    """
    insert_new(
        connection,
        mapping_version,
        [
            {
                "version": version,
                "object": object_name,
                "system": system,
                "document": document,
                "first_used_at": at,
            }
            for (object_name, system), (version, document) in mappings.items()
        ],
    )
    pinned = {
        f"{object_name}:{system}": version
        for (object_name, system), (version, _) in mappings.items()
    }
    connection.execute(update(run).where(run.c.id == run_id).values(mappings=pinned))


def last_mappings(connection: Connection, link: str) -> dict[str, str]:
    """`object:system` → version, of the latest run of a link that noted its mappings."""
    found = connection.execute(
        select(run.c.mappings)
        .where(run.c.link == link, run.c.mappings.is_not(None))
        .order_by(run.c.started_at.desc())
        .limit(1)
    ).scalar()
    return found or {}


def finish_run(
    connection: Connection, run_id: str, outcome: str, counts: dict[str, int], at: datetime
) -> None:
    """Note how a run ended and what it did."""
    connection.execute(
        update(run).where(run.c.id == run_id).values(finished_at=at, outcome=outcome, counts=counts)
    )
