"""Scorecard: how complete and how readable each field is, per system, object and record owner.

The database counts; what comes back is one row per owner, however many records there are. The
figures are those of the records as they were last seen (`observed`), deleted ones left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, select

from tandem.model.scorecard import NOBODY, Card, FieldScore, Score, Shape
from tandem.state.chain import SideState
from tandem.state.tables import canonical, crosswalk, observed, same_record

_BLANK = ("", "[]", "{}")


def scorecard(connection: Connection, link: str, shapes: Sequence[Shape]) -> list[Card]:
    """One card per shape; a link that never ran has cards of no records."""
    return [_card(connection, link, shape) for shape in shapes]


def _card(connection: Connection, link: str, shape: Shape) -> Card:
    owner: ColumnElement[Any] = literal(NOBODY)
    if shape.owner is not None:
        owner = func.coalesce(observed.c["native"][shape.owner].as_string(), NOBODY)
    owner = owner.label("owner")
    rows = connection.execute(
        select(owner, func.count().label("records"), *_counts(shape))
        .select_from(observed)
        .join(crosswalk, same_record(observed, crosswalk))
        .join(canonical, canonical.c.id == crosswalk.c.canonical_id)
        .where(
            canonical.c.link == link,
            crosswalk.c.object == shape.object,
            crosswalk.c.system == shape.system,
            crosswalk.c.stream == shape.stream,
            crosswalk.c.state != SideState.GONE,
            observed.c.deleted.is_(False),
        )
        .group_by(owner)
        .order_by(owner)
    ).all()
    scores = [_score(shape, row) for row in rows]
    owners = sorted(scores, key=lambda score: -score.gaps) if shape.owner else []
    return Card(shape.object, shape.system, _total(shape, scores), tuple(owners))


def _counts(shape: Shape) -> list[ColumnElement[Any]]:
    """Two sums per field: filled, and refused."""
    columns: list[ColumnElement[Any]] = []
    for number, name in enumerate(shape.fields):
        value = observed.c["values"][name].as_string()
        filled = and_(value.is_not(None), value.not_in(_BLANK))
        refused = observed.c["refused"][name].as_string().is_not(None)
        columns.append(func.sum(case((filled, 1), else_=0)).label(f"filled_{number}"))
        columns.append(func.sum(case((refused, 1), else_=0)).label(f"refused_{number}"))
    return columns


def _score(shape: Shape, row: Any) -> Score:
    counted = row._mapping
    return Score(
        shape.object,
        shape.system,
        str(row.owner),
        row.records,
        tuple(
            FieldScore(
                field=name,
                records=row.records,
                filled=int(counted[f"filled_{number}"]),
                refused=int(counted[f"refused_{number}"]),
                mandatory_in=shape.mandatory.get(name, ()),
            )
            for number, name in enumerate(shape.fields)
        ),
    )


def _total(shape: Shape, scores: Sequence[Score]) -> Score:
    records = sum(score.records for score in scores)
    return Score(
        shape.object,
        shape.system,
        None,
        records,
        tuple(
            FieldScore(
                field=name,
                records=records,
                filled=sum(score.fields[number].filled for score in scores),
                refused=sum(score.fields[number].refused for score in scores),
                mandatory_in=shape.mandatory.get(name, ()),
            )
            for number, name in enumerate(shape.fields)
        ),
    )
