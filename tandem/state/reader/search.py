"""Finds canonical records by what a person types: words of a name, an e-mail, a number, an id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from tandem.state.bulk import chunks
from tandem.state.search import beginnings, refers_to
from tandem.state.tables import canonical, crosswalk, search_key

SCAN = 1000
"""Keys looked at for the rarest part of what was typed; past them an answer may be incomplete."""

LAST = "\U0010ffff"
"""Stands behind every character: the end of the keys with a certain beginning."""


@dataclass(frozen=True, slots=True)
class Native:
    """One record of a system that is, or was, a canonical record."""

    system: str
    stream: str
    native_id: str
    state: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A canonical record in a list."""

    canonical_id: str
    object: str
    link: str
    state: str
    merged_into: str | None
    values: dict[str, Any]
    changed_at: datetime
    natives: tuple[Native, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search; `more` tells that there may be others that it does not name."""

    hits: tuple[Hit, ...]
    more: bool


def find(
    connection: Connection, text: str, streams: Iterable[tuple[str, str]], *, limit: int = 50
) -> Found:
    """Canonical records that are what was typed, or have it in name, e-mail, number or id.

    Args:
        connection: a reader's view.
        text: as typed. Words may stand in any order and be cut short.
        streams: (system, stream) pairs in which a native id may stand.
        limit: most hits.
    """
    text = text.strip()
    if not text:
        return Found((), more=False)
    exact = _by_id(connection, text, streams)
    ids, more = _by_keys(connection, text, limit + 1)
    wanted = list(dict.fromkeys([*exact, *ids]))
    return Found(tuple(hits(connection, wanted[:limit])), more=more or len(wanted) > limit)


def referring(
    connection: Connection, canonical_id: str, *, limit: int = 50, after: str = ""
) -> list[Hit]:
    """Records that refer to one: the contacts of an account, its branches."""
    ids = connection.execute(
        select(search_key.c.canonical_id)
        .where(search_key.c.key == refers_to(canonical_id), search_key.c.canonical_id > after)
        .order_by(search_key.c.canonical_id)
        .limit(limit)
    ).scalars()
    return hits(connection, list(ids))


def count_referring(connection: Connection, canonical_id: str) -> int:
    """How many records refer to one."""
    return connection.execute(
        select(func.count())
        .select_from(search_key)
        .where(search_key.c.key == refers_to(canonical_id))
    ).scalar_one()


def hits(connection: Connection, canonical_ids: Sequence[str]) -> list[Hit]:
    """These canonical records, in this order; ids that do not exist are left out."""
    natives: dict[str, list[Native]] = {}
    heads: dict[str, Any] = {}
    for chunk in chunks(canonical_ids):
        for row in connection.execute(select(canonical).where(canonical.c.id.in_(chunk))):
            heads[row.id] = row
        for row in connection.execute(
            select(
                crosswalk.c.canonical_id,
                crosswalk.c.system,
                crosswalk.c.stream,
                crosswalk.c.native_id,
                crosswalk.c.state,
            )
            .where(crosswalk.c.canonical_id.in_(chunk))
            .order_by(crosswalk.c.system, crosswalk.c.native_id)
        ):
            native = Native(row.system, row.stream, row.native_id, row.state)
            natives.setdefault(row.canonical_id, []).append(native)
    return [
        Hit(
            canonical_id=head.id,
            object=head.object,
            link=head.link,
            state=head.state,
            merged_into=head.merged_into,
            values=head.values,
            changed_at=head.changed_at,
            natives=tuple(natives.get(head.id, ())),
        )
        for canonical_id in canonical_ids
        if (head := heads.get(canonical_id)) is not None
    ]


def _by_id(connection: Connection, text: str, streams: Iterable[tuple[str, str]]) -> list[str]:
    """Canonical ids of what has this very id, there or here."""
    found = list(connection.execute(select(canonical.c.id).where(canonical.c.id == text)).scalars())
    for system, stream in streams:
        found += connection.execute(
            select(crosswalk.c.canonical_id).where(
                crosswalk.c.system == system,
                crosswalk.c.stream == stream,
                crosswalk.c.native_id == text,
            )
        ).scalars()
    return found


def _by_keys(connection: Connection, text: str, limit: int) -> tuple[list[str], bool]:
    parts = beginnings(text)
    if not parts:
        return [], False
    sizes = [_count(connection, part) for part in parts] if len(parts) > 1 else [0]
    rarest = parts.pop(sizes.index(min(sizes)))
    scan = (
        select(search_key.c.canonical_id, search_key.c.key)
        .where(_begins(search_key.c.key, rarest))
        .order_by(search_key.c.key)
        .limit(SCAN if parts else limit * 4)
        .subquery()
    )
    query = select(scan.c.canonical_id, func.min(scan.c.key).label("key"))
    for part in parts:
        other = search_key.alias()
        # As a value, not as EXISTS: a planner may turn that into a join that reads all keys with
        # this beginning, where a look by the record's own keys is a few entries of an index.
        look = (
            select(other.c.key)
            .where(other.c.canonical_id == scan.c.canonical_id, _begins(other.c.key, part))
            .limit(1)
            .scalar_subquery()
        )
        query = query.where(look.is_not(None))
    rows = connection.execute(
        query.group_by(scan.c.canonical_id).order_by("key", scan.c.canonical_id).limit(limit)
    ).all()
    return [row.canonical_id for row in rows], bool(parts) and min(sizes) >= SCAN


def _count(connection: Connection, part: Sequence[str]) -> int:
    some = select(search_key.c.key).where(_begins(search_key.c.key, part)).limit(SCAN).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _begins(column: ColumnElement[str], part: Sequence[str]) -> ColumnElement[bool]:
    return or_(*((column >= start) & (column < start + LAST) for start in part))
