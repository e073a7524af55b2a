"""Commands of people: make one record of two, look first what comes of it, and take it back.

A merge is a decision like any other: it is stored together with what wakes the pipeline, and the
next cycle carries it out in the state and in the systems.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tandem.decide import DecisionError, check_choice, decide_in
from tandem.errors import NotFoundError
from tandem.model.fields import Plain
from tandem.settings import LinkConfig
from tandem.state import chain as chains
from tandem.state import merge as merges
from tandem.state import review
from tandem.state.chain import Chain, ChainState, SideState
from tandem.state.database import Database
from tandem.state.review import ReviewItem
from tandem.sync.golden import SurvivingField, surviving
from tandem.sync.pairs import pair_question


@dataclass(frozen=True, slots=True)
class MergedRecord:
    """What becomes of one native record.

    Attributes:
        becomes: `survivor`: it stays, and what names the other one will name it; `merged`: it is
            merged into `into` in its system; `moves`: it stays and belongs to the survivor from
            now on, which has none in this system.
    """

    system: str
    stream: str
    native_id: str
    canonical_id: str
    becomes: str
    into: str | None = None


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would lead to.

    Attributes:
        survivor, loser: canonical ids.
        fields: what survives, and why.
        records: what becomes of the native records.
    """

    object: str
    link: str
    survivor: str
    loser: str
    fields: tuple[SurvivingField, ...]
    records: tuple[MergedRecord, ...]

    @property
    def undecided(self) -> tuple[str, ...]:
        """Fields that a person has to choose a value for first."""
        return tuple(field.field for field in self.fields if field.needs_choice)

    def to_dict(self) -> dict[str, Any]:
        """The preview as plain values, for JSON."""
        return asdict(self) | {"undecided": list(self.undecided)}


def preview_merge(
    database: Database,
    link: LinkConfig,
    *,
    survivor: str,
    loser: str,
    choices: Mapping[str, Plain] | None = None,
) -> MergePreview:
    """Compute what a merge would lead to; nothing is changed.

    Args:
        database: the state.
        link: the link of both records.
        survivor: canonical id of the record that stays.
        loser: canonical id of the record that goes.
        choices: canonical field → the value that a person chose.

    Raises:
        NotFoundError: one of the records does not exist.
        DecisionError: they cannot be merged, or a choice is none that its field accepts.
    """
    with database.begin() as connection:
        stays, goes = _mergeable(connection, link, survivor, loser)
    return _preview(stays, goes, link, choices or {})


def merge(
    database: Database,
    link: LinkConfig,
    *,
    survivor: str,
    loser: str,
    person: str,
    at: datetime,
    choices: Mapping[str, Plain] | None = None,
) -> MergePreview:
    """Decide that two records are one; the next cycle merges them, here and in the systems.

    Returns:
        What will come of it, as `preview_merge` tells.

    Raises:
        NotFoundError: one of the records does not exist.
        DecisionError: they cannot be merged; or a choice is missing, or none that its field
            accepts.
    """
    with database.begin() as connection:
        asked = ask_to_merge(
            connection, link, survivor=survivor, loser=loser, choices=choices or {}, at=at
        )
        _decide(connection, asked.item, asked.decision, person, at)
    return asked.preview


@dataclass(frozen=True, slots=True)
class AskedToMerge:
    """A merge that somebody wants: the question whether two records are one, and their answer."""

    preview: MergePreview
    item: ReviewItem
    decision: dict[str, Any]


def ask_to_merge(
    connection: Connection,
    link: LinkConfig,
    *,
    survivor: str,
    loser: str,
    choices: Mapping[str, Plain],
    at: datetime,
) -> AskedToMerge:
    """Ask whether two records are one, unless it is asked already; for the arguments see `merge`.

    Raises:
        NotFoundError: one of the records does not exist.
        DecisionError: they cannot be merged; or a choice is missing, or none that its field
            accepts.
    """
    stays, goes = _mergeable(connection, link, survivor, loser)
    preview = _preview(stays, goes, link, choices)
    if preview.undecided:
        raise DecisionError(f"choose a value for {', '.join(preview.undecided)} first")
    decision = {"merge_into": survivor} | ({"choices": dict(choices)} if choices else {})
    return AskedToMerge(preview, _ask(connection, stays, goes, at), decision)


def unmerge(database: Database, canonical_id: str, *, person: str, at: datetime) -> str:
    """Decide that a merged record is one of its own after all; the next cycle gives it back.

    Args:
        database: the state.
        canonical_id: the record that went.
        person: who says so.
        at: now.

    Returns:
        Canonical id of the record that it is taken out of.

    Raises:
        NotFoundError: there is no such record.
        DecisionError: it is not merged.
    """
    with database.begin() as connection:
        goes = _chain(connection, canonical_id)
        survivor = merges.aliases(connection, [canonical_id]).get(canonical_id)
        if survivor is None or merges.holding(connection, canonical_id) is None:
            raise DecisionError(f"record {canonical_id} is {goes.state}, it was not merged")
        item = _ask(connection, _chain(connection, survivor), goes, at)
        _decide(connection, item, {"keep_apart": True}, person, at)
    return survivor


def merged_record(
    database: Database, canonical_id: str, record: tuple[str, str] | None = None
) -> str:
    """The canonical id by which an unmerge is asked for.

    A native record that was merged is known by its survivor's canonical id: what it was before is
    what is to be taken out again.

    Args:
        database: the state.
        canonical_id: as it is known today.
        record: system and native id, when the record was named by them.
    """
    with database.begin() as connection:
        chain = _chain(connection, canonical_id)
    side = chain.record(*record) if record else None
    return (side.merged_from if side else None) or canonical_id


def _chain(connection: Connection, canonical_id: str) -> Chain:
    found = chains.load(connection, [canonical_id]).get(canonical_id)
    if found is None:
        raise NotFoundError(f"there is no record {canonical_id}")
    return found


def _mergeable(
    connection: Connection, link: LinkConfig, survivor: str, loser: str
) -> tuple[Chain, Chain]:
    stays, goes = _chain(connection, survivor), _chain(connection, loser)
    if stays.id == goes.id:
        raise DecisionError("a record cannot be merged into itself")
    if (stays.link, stays.object) != (goes.link, goes.object) or stays.link != link.link:
        raise DecisionError(
            f"{loser} is {goes.object} of {goes.link}, {survivor} is {stays.object} of "
            f"{stays.link}: only records of one kind and one link can be merged"
        )
    for chain in (stays, goes):
        if chain.state is not ChainState.LIVE:
            into = f" into {chain.merged_into}" if chain.merged_into else ""
            raise DecisionError(f"record {chain.id} is {chain.state}{into}")
    return stays, goes


def _preview(
    stays: Chain, goes: Chain, link: LinkConfig, choices: Mapping[str, Plain]
) -> MergePreview:
    for name, value in choices.items():
        check_choice(stays.object, name, value)
    return MergePreview(
        object=stays.object,
        link=stays.link,
        survivor=stays.id,
        loser=goes.id,
        fields=surviving(stays, goes, link.objects[stays.object], link.systems, choices),
        records=tuple(_records(stays, goes)),
    )


def _records(stays: Chain, goes: Chain) -> list[MergedRecord]:
    found = []
    for chain in (stays, goes):
        for side in chain.sides:
            if side.state is not SideState.LINKED or side.deleted:
                continue
            primary = stays.side(side.system)
            if chain is stays:
                becomes, into = "survivor", None
            elif primary is None or primary.deleted:
                becomes, into = "moves", None
            else:
                becomes, into = "merged", primary.native_id
            found.append(MergedRecord(*side.key, chain.id, becomes, into))
    return found


def _ask(connection: Connection, stays: Chain, goes: Chain, at: datetime) -> ReviewItem:
    item = pair_question(stays, goes)
    review.open_items(connection, [item], at)
    return review.get(connection, item.id)


def _decide(
    connection: Connection, item: ReviewItem, decision: dict[str, Any], person: str, at: datetime
) -> ReviewItem:
    """Answer what was just asked: a decision that nobody had been asked for."""
    return decide_in(
        connection, item.id, version=item.version, decision=decision, person=person, at=at
    )
