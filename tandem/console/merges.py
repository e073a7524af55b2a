"""Merges: what survives field by field, and taking two records apart again."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import BaseModel

from tandem.console.context import Console, ConsoleDependency, VisitorDependency
from tandem.console.login import redirect
from tandem.console.pages import Pages
from tandem.decide import DecisionError
from tandem.errors import NotFoundError
from tandem.merge import preview_merge, unmerge
from tandem.model.fields import label
from tandem.settings import LinkConfig
from tandem.state.review import ReviewItem

pages = Pages("merges")

CanonicalId = Annotated[str, Path(pattern=r"^[0-9a-zA-Z_-]{1,32}$")]


class HeldView(BaseModel):
    """What one record holds in a field."""

    canonical_id: str
    system: str
    native_id: str
    value: Any


class SurvivorView(BaseModel):
    """One field of a merge: what each record holds, what survives, and by which rule."""

    field: str
    held: list[HeldView]
    value: Any
    rule: str
    system: str | None
    differs: bool
    needs_choice: bool


class MergedView(BaseModel):
    """What becomes of one native record."""

    system: str
    native_id: str
    becomes: str
    into: str | None


class MergeView(BaseModel):
    """What a merge would lead to.

    Attributes:
        survivor: canonical id of the record that stays.
        heading: its name.
    """

    survivor: str
    loser: str
    heading: str
    fields: list[SurvivorView]
    records: list[MergedView]


class Unmerged(BaseModel):
    """Two records that are taken apart by the next cycle."""

    canonical_id: str
    taken_out_of: str


def merges_of(console: Console, item: ReviewItem) -> list[MergeView]:
    """Both ways in which a pair can be merged; none when it is no pair, or no longer."""
    pair = item.question.get("pair")
    link = console.config.links.get(item.link)
    if not isinstance(pair, list) or link is None:
        return []
    try:
        return both_ways(console, link, {one["canonical_id"]: label(one["values"]) for one in pair})
    except (DecisionError, NotFoundError):
        return []


def both_ways(console: Console, link: LinkConfig, pair: Mapping[str, str]) -> list[MergeView]:
    """What merging two records would lead to, whichever of them stays.

    Args:
        console: reads only.
        link: of both.
        pair: canonical id → name, of the two.

    Raises:
        NotFoundError: one of the records does not exist.
        DecisionError: they cannot be merged.
    """
    found = []
    for stays, goes in permutations(pair):
        preview = preview_merge(console.database, link, survivor=stays, loser=goes)
        plain = preview.to_dict()
        found.append(
            MergeView(
                survivor=stays,
                loser=goes,
                heading=pair[stays] or stays,
                fields=[SurvivorView.model_validate(field) for field in plain["fields"]],
                records=[MergedView.model_validate(record) for record in plain["records"]],
            )
        )
    return found


def merged_away(item: ReviewItem) -> str | None:
    """Canonical id of the record that an answer merged into another one."""
    into = (item.decision or {}).get("merge_into")
    pair = item.question.get("pair")
    if into is None or not isinstance(pair, list):
        return None
    ids = [each["canonical_id"] for each in pair if each["canonical_id"] != into]
    return ids[0] if ids else None


def _unmerge(console: Console, canonical_id: str, person: str) -> str:
    taken = unmerge(console.database, canonical_id, person=person, at=console.clock.now())
    link = console.reader.chain(canonical_id).link
    console.memory.clear()
    console.ring(link)
    return taken


@pages.command("/records/{canonical_id}/unmerge")
def unmerge_record(
    canonical_id: CanonicalId, console: ConsoleDependency, visitor: VisitorDependency
) -> Unmerged:
    """Take a merged record out of the other one again: each value goes back where it came from."""
    taken = _unmerge(console, canonical_id, visitor.name)
    return Unmerged(canonical_id=canonical_id, taken_out_of=taken)


@pages.form("/records/{canonical_id}/unmerge")
def unmerge_form(
    request: Request,
    canonical_id: CanonicalId,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> Response:
    """Take a merged record out of the other one again, with the button of its page."""
    _unmerge(console, canonical_id, visitor.name)
    return redirect(request, f"/records/{canonical_id}")
