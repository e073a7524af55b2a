"""Pairs: the questions whether two records are one. Pure.

What is asked is told by the question: `candidates` is about a new record that may be one of them,
`pair` about two canonical records, `double` about two records of one system that are one canonical
record already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tandem.matching.scored import Scored
from tandem.model.fields import Plain, is_empty, label
from tandem.state.chain import Chain, Side, SideState
from tandem.state.inbox import Arrival, waiting_for
from tandem.state.review import ReviewItem, ReviewKind


def record_subject(key: tuple[str, str, str]) -> str:
    """The subject of the question which canonical record a new record is."""
    return f"{ReviewKind.DUPLICATE}:{waiting_for(key)}"


def record_question(
    link: str, arrival: Arrival, values: Mapping[str, Plain], candidates: Mapping[str, Any]
) -> ReviewItem:
    """Ask which canonical record a new one is.

    Args:
        link: its link.
        arrival: the record.
        values: what it says.
        candidates: canonical id → how it is proposed, best first.
    """
    return ReviewItem(
        link=link,
        kind=ReviewKind.DUPLICATE,
        subject=record_subject(arrival.key),
        object=arrival.object,
        group_key=f"{ReviewKind.DUPLICATE}:{arrival.system}",
        question={
            "record": {name: value for name, value in values.items() if value is not None},
            "candidates": list(candidates.values()),
        },
        system=arrival.system,
        stream=arrival.stream,
        native_id=arrival.native_id,
        candidates=list(candidates),
        label=label(values),
    )


def pair_subject(one: str, other: str) -> str:
    """The subject of a question about two canonical records, whichever is named first.

    >>> pair_subject("b", "a")
    'duplicate:a|b'
    """
    return f"{ReviewKind.DUPLICATE}:{min(one, other)}|{max(one, other)}"


def pair_question(chain: Chain, other: Chain, scored: Scored | None = None) -> ReviewItem:
    """Ask whether two canonical records are one; `scored` is the evidence, when there is any."""
    question: dict[str, Any] = {
        "pair": [
            {
                "canonical_id": each.id,
                "values": {n: v for n, v in each.values.items() if not is_empty(v)},
                "records": [list(s.key) for s in each.sides if s.state is SideState.LINKED],
            }
            for each in (chain, other)
        ]
    }
    if scored is not None:
        question["probability"] = round(scored.probability, 4)
        question["levels"] = [
            {"field": level.field, "level": level.level, "weight": round(level.weight, 2)}
            for level in scored.levels
        ]
    return ReviewItem(
        link=chain.link,
        kind=ReviewKind.DUPLICATE,
        subject=pair_subject(chain.id, other.id),
        object=chain.object,
        group_key=f"{ReviewKind.DUPLICATE}:{chain.object}:pair",
        question=question,
        canonical_id=chain.id,
        candidates=[other.id],
        label=label(chain.values),
    )


def double_subject(side: Side) -> str:
    """The subject of the question whether a second record is to be merged in its system."""
    return f"{ReviewKind.DUPLICATE}:double|{'|'.join(side.key)}"


def double_question(chain: Chain, double: Side, primary: Side) -> ReviewItem:
    """Ask whether a second record of one party is to be merged into the first in its system."""
    sides: Sequence[Side] = (primary, double)
    return ReviewItem(
        link=chain.link,
        kind=ReviewKind.DUPLICATE,
        subject=double_subject(double),
        object=chain.object,
        group_key=f"{ReviewKind.DUPLICATE}:{double.system}:double",
        question={
            "double": [
                {
                    "native_id": side.native_id,
                    "values": {n: v for n, v in side.values.items() if not is_empty(v)},
                }
                for side in sides
            ]
        },
        canonical_id=chain.id,
        system=double.system,
        stream=double.stream,
        native_id=double.native_id,
        label=label(chain.values),
    )
