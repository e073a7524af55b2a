"""Pairs of canonical records that people keep apart: never linked, never asked about again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select

from tandem.state.bulk import chunks, insert_new
from tandem.state.chain import Chain
from tandem.state.tables import apart


def keep(
    connection: Connection, chain: Chain, others: Iterable[str], person: str, at: datetime
) -> None:
    """Remember that a record is none of the others."""
    rows = [
        {
            "lower": min(chain.id, other),
            "higher": max(chain.id, other),
            "link": chain.link,
            "object": chain.object,
            "decided_by": person,
            "decided_at": at,
        }
        for other in dict.fromkeys(others)
        if other != chain.id
    ]
    insert_new(connection, apart, rows)


def forget(connection: Connection, one: str, other: str) -> None:
    """Two records are one after all: a later decision replaces an earlier one."""
    connection.execute(
        delete(apart).where(apart.c.lower == min(one, other), apart.c.higher == max(one, other))
    )


def take_over(connection: Connection, old: str, new: str) -> None:
    """What the old record was kept apart from, the new one is too: they are one now."""
    rows = connection.execute(
        select(apart).where(or_(apart.c.lower == old, apart.c.higher == old))
    ).all()
    taken = []
    for row in rows:
        other = row.higher if row.lower == old else row.lower
        if other != new:
            pair = {"lower": min(new, other), "higher": max(new, other)}
            taken.append({**row._mapping, **pair})
    insert_new(connection, apart, taken)


def of(connection: Connection, canonical_ids: Iterable[str]) -> dict[str, set[str]]:
    """Canonical id → the records that it is kept apart from."""
    wanted = set(canonical_ids)
    found: dict[str, set[str]] = {}
    for chunk in chunks(sorted(wanted)):
        rows = connection.execute(
            select(apart.c.lower, apart.c.higher).where(
                or_(apart.c.lower.in_(chunk), apart.c.higher.in_(chunk))
            )
        )
        for lower, higher in rows:
            for one, other in ((lower, higher), (higher, lower)):
                if one in wanted:
                    found.setdefault(one, set()).add(other)
    return found
