"""Merges: which canonical record went into which, and what it takes to undo that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from tandem.model.fields import Plain
from tandem.state.bulk import chunks
from tandem.state.chain import ChainState
from tandem.state.tables import canonical, merge


@dataclass(slots=True)
class Merge:
    """One merge.

    Attributes:
        survivor, loser: canonical ids.
        before: what an unmerge gives back: `survivor` and `loser`, each with `values` and
            `origins`; the loser's `sides` as they were; `references`, which records pointed at it.
        after: the golden values that the survivor began with.
        cause: the system in which it was made, or the review item that decided it.
        actor: who merged.
        undone_by, undone_at: None while it holds.
    """

    link: str
    object: str
    survivor: str
    loser: str
    before: dict[str, Any]
    after: dict[str, Plain] = field(default_factory=dict)
    cause: dict[str, Any] = field(default_factory=dict)
    actor: str = ""
    merged_at: datetime | None = None
    undone_by: str | None = None
    undone_at: datetime | None = None
    id: int = 0


_FIELDS = (
    "link", "object", "survivor", "loser", "before", "after", "cause", "actor", "merged_at",
)  # fmt: skip


def add(connection: Connection, merges: Iterable[Merge]) -> None:
    """Store merges that have been made."""
    rows = [{name: getattr(each, name) for name in _FIELDS} for each in merges]
    if rows:
        connection.execute(insert(merge), rows)


def undo(connection: Connection, merge_id: int, actor: str, at: datetime) -> None:
    """Note that a merge does not hold any more."""
    connection.execute(
        update(merge).where(merge.c.id == merge_id).values(undone_by=actor, undone_at=at)
    )


def holding(connection: Connection, loser: str) -> Merge | None:
    """The merge by which a canonical record went, if it holds."""
    row = connection.execute(
        select(merge)
        .where(merge.c.loser == loser, merge.c.undone_at.is_(None))
        .order_by(merge.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _merge(row)


def history(connection: Connection, canonical_id: str) -> list[Merge]:
    """All merges that a canonical record had a part in, oldest first, undone ones included."""
    rows = connection.execute(
        select(merge)
        .where(or_(merge.c.survivor == canonical_id, merge.c.loser == canonical_id))
        .order_by(merge.c.id)
    )
    return [_merge(row) for row in rows]


def _merge(row: Any) -> Merge:
    return Merge(
        link=row.link,
        object=row.object,
        survivor=row.survivor,
        loser=row.loser,
        before=row.before,
        after=row.after,
        cause=row.cause,
        actor=row.actor,
        merged_at=row.merged_at,
        undone_by=row.undone_by,
        undone_at=row.undone_at,
        id=row.id,
    )


def aliases(
    connection: Connection,
    canonical_ids: Iterable[str],
    newer: Mapping[str, str | None] = MappingProxyType({}),
) -> dict[str, str]:
    """Canonical id → the record that it is today; only for those that were merged.

    Args:
        connection: the state.
        canonical_ids: which.
        newer: canonical id → what it is merged into, if anything, where that is not stored yet.
    """
    found: dict[str, str] = {}
    asked = set(canonical_ids)
    while asked:
        step = {old: into for old in asked if (into := newer.get(old))}
        for chunk in chunks(sorted(asked - newer.keys())):
            rows = connection.execute(
                select(canonical.c.id, canonical.c.merged_into).where(
                    canonical.c.id.in_(chunk), canonical.c.state == ChainState.MERGED
                )
            )
            step.update({row.id: row.merged_into for row in rows})
        found = {old: step.get(new, new) for old, new in found.items()} | {
            old: new for old, new in step.items() if old not in found
        }
        asked = set(step.values())
    return found
