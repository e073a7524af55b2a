"""Invariants of the state: what must hold between its tables whatever happened to the workers.

Each is one query that finds the rows which break it. None may ever do so; a row that does points to
a damaged database or to a fault of Tandem.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, FromClause, Select, Table, func, select

from tandem.state import question_count
from tandem.state.chain import SideState
from tandem.state.outbox import PushState
from tandem.state.tables import (
    baseline,
    canonical,
    crosswalk,
    match_key,
    observed,
    outbox,
    review,
    review_candidate,
    same_record,
)

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold.

    Attributes:
        rule: what must be true.
        rows: how many rows break it.
        examples: keys of a few of them; no values of records.
    """

    rule: str
    rows: int
    examples: tuple[str, ...]


def _without_canonical(table: FromClause, column: str, *keys: str) -> Select[Any]:
    held = table.c[column]
    return (
        select(*(table.c[key] for key in keys))
        .outerjoin(canonical, canonical.c.id == held)
        .where(held.is_not(None), canonical.c.id.is_(None))
    )


def _without_crosswalk(table: Table) -> Select[Any]:
    return (
        select(table.c.system, table.c.stream, table.c.native_id)
        .outerjoin(crosswalk, same_record(table, crosswalk))
        .where(crosswalk.c.canonical_id.is_(None))
    )


_RECORD = ("system", "stream", "native_id")

INVARIANTS: dict[str, Select[Any]] = {
    "a link leads to a canonical record": _without_canonical(crosswalk, "canonical_id", *_RECORD),
    "what was observed belongs to a linked record": _without_crosswalk(observed),
    "what was agreed belongs to a linked record": _without_crosswalk(baseline),
    "a write belongs to a canonical record": _without_canonical(outbox, "canonical_id", "id"),
    "a question about a canonical record names one that is there": _without_canonical(
        review, "canonical_id", "id"
    ),
    "a key for matching leads to a canonical record": _without_canonical(
        match_key, "canonical_id", "object", "canonical_id"
    ),
    "a merged record names the one it went into": _without_canonical(
        canonical.alias("merged"), "merged_into", "id"
    ),
    "a candidate belongs to a question": (
        select(review_candidate.c.review_id)
        .outerjoin(review, review.c.id == review_candidate.c.review_id)
        .where(review.c.id.is_(None))
    ),
    "a canonical record has one linked record per system": (
        select(crosswalk.c.canonical_id, crosswalk.c.system)
        .where(crosswalk.c.state == SideState.LINKED)
        .group_by(crosswalk.c.canonical_id, crosswalk.c.system)
        .having(func.count() > 1)
    ),
    "the counts of open questions are those of the questions": question_count.differing(),
    "a write under way names the worker that sends it": select(outbox.c.id).where(
        outbox.c.state == PushState.SENDING, outbox.c.lease_token.is_(None)
    ),
}


def broken(connection: Connection) -> Iterator[Broken]:
    """The invariants that do not hold."""
    for rule, query in INVARIANTS.items():
        rows = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        if rows:
            found = connection.execute(query.order_by(*query.selected_columns).limit(EXAMPLES))
            examples = tuple(":".join(map(str, row)) for row in found)
            yield Broken(rule, rows, examples)
