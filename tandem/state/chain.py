"""A chain: one canonical record with all its sides. Order is kept per chain, and only there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, select

from tandem.model.fields import Plain
from tandem.state.bulk import chunks, insert_new, upsert
from tandem.state.tables import (
    baseline,
    canonical,
    crosswalk,
    match_key,
    observed,
    same_record,
)


class SideState(StrEnum):
    """What a crosswalk row stands for."""

    LINKED = "linked"
    GONE = "gone"  #: deleted at its source, and that has been dealt with: a tombstone
    UNLINKED = "unlinked"  #: kept apart by a person or a policy
    DUPLICATE = "duplicate"  #: a second record of the same party in its system; not kept in step


class ChainState(StrEnum):
    """What a canonical record is."""

    LIVE = "live"
    DELETED = "deleted"
    MERGED = "merged"


@dataclass(slots=True)
class Side:
    """One native record of a chain: what it holds, and what it last agreed to.

    Attributes:
        values: observed canonical values; refused fields are absent.
        refused: canonical field → reasons why it could not be read.
        native: the row as the system gave it, for writes that keep what is not ours.
        baseline: canonical field → value last agreed, as this side shows it.
        awaiting_echo: fields written and not seen again since.
        rewrites: field → {"value", "count"}: what the side turns our value into, times in a row.
        dirty: parts that differ from the database ("crosswalk", "observed", "baseline").
    """

    system: str
    stream: str
    native_id: str
    state: SideState = SideState.LINKED
    rule: str = ""
    linked_at: datetime | None = None
    version: str | None = None
    fingerprint: str = ""
    modified_at: datetime | None = None
    deleted: bool = False
    values: dict[str, Plain] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)
    native: dict[str, Any] = field(default_factory=dict)
    seen_at: datetime | None = None
    written_at: datetime | None = None
    baseline: dict[str, Plain] = field(default_factory=dict)
    awaiting_echo: list[str] = field(default_factory=list)
    rewrites: dict[str, dict[str, Any]] = field(default_factory=dict)
    dirty: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str, str, str]:
        """(system, stream, native id)."""
        return (self.system, self.stream, self.native_id)


@dataclass(slots=True)
class Chain:
    """One canonical record: golden values, where each came from, and the sides.

    Attributes:
        origins: canonical field → {"system", "rule", "at", …}: why the golden value is what it is.
        sides: every crosswalk row of the chain, tombstones included.
    """

    id: str
    object: str
    link: str
    values: dict[str, Plain] = field(default_factory=dict)
    origins: dict[str, dict[str, Any]] = field(default_factory=dict)
    state: ChainState = ChainState.LIVE
    merged_into: str | None = None
    sides: list[Side] = field(default_factory=list)
    dirty: bool = False
    new: bool = False

    def side(self, system: str) -> Side | None:
        """The linked side of a system, if there is one."""
        for side in self.sides:
            if side.system == system and side.state is SideState.LINKED:
                return side
        return None

    def knows(self, system: str) -> bool:
        """Whether the chain has, or had, a record in this system."""
        return any(side.system == system for side in self.sides)


def find(
    connection: Connection, keys: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], str]:
    """(system, stream, native id) → canonical id, for those in the crosswalk."""
    wanted = set(keys)
    found: dict[tuple[str, str, str], str] = {}
    by_stream: dict[tuple[str, str], list[str]] = {}
    for system, stream, native_id in wanted:
        by_stream.setdefault((system, stream), []).append(native_id)
    for (system, stream), ids in by_stream.items():
        for chunk in chunks(ids):
            rows = connection.execute(
                select(crosswalk.c.native_id, crosswalk.c.canonical_id).where(
                    crosswalk.c.system == system,
                    crosswalk.c.stream == stream,
                    crosswalk.c.native_id.in_(chunk),
                )
            )
            found.update({(system, stream, r.native_id): r.canonical_id for r in rows})
    return found


def native_ids(connection: Connection, canonical_ids: Iterable[str], system: str) -> dict[str, str]:
    """Canonical id → native id of the linked record in one system."""
    found: dict[str, str] = {}
    for chunk in chunks(canonical_ids):
        rows = connection.execute(
            select(crosswalk.c.canonical_id, crosswalk.c.native_id).where(
                crosswalk.c.canonical_id.in_(chunk),
                crosswalk.c.system == system,
                crosswalk.c.state == SideState.LINKED,
            )
        )
        found.update({r.canonical_id: r.native_id for r in rows})
    return found


_SIDES = (
    select(
        crosswalk,
        observed.c.version,
        observed.c.fingerprint,
        observed.c.modified_at,
        observed.c.deleted,
        observed.c["values"].label("observed_values"),
        observed.c.refused,
        observed.c.native,
        observed.c.seen_at,
        observed.c.written_at,
        baseline.c["values"].label("baseline_values"),
        baseline.c.awaiting_echo,
        baseline.c.rewrites,
    )
    .outerjoin(
        observed,
        same_record(observed, crosswalk),
    )
    .outerjoin(
        baseline,
        same_record(baseline, crosswalk),
    )
)


def load(connection: Connection, canonical_ids: Iterable[str]) -> dict[str, Chain]:
    """Chains by canonical id, with all their sides."""
    chains: dict[str, Chain] = {}
    for chunk in chunks(dict.fromkeys(canonical_ids)):
        for row in connection.execute(select(canonical).where(canonical.c.id.in_(chunk))):
            chains[row.id] = Chain(
                id=row.id,
                object=row.object,
                link=row.link,
                values=row.values,
                origins=row.origins,
                state=ChainState(row.state),
                merged_into=row.merged_into,
            )
        for row in connection.execute(_SIDES.where(crosswalk.c.canonical_id.in_(chunk))):
            chains[row.canonical_id].sides.append(_side(row))
    return chains


def _side(row: Any) -> Side:
    return Side(
        system=row.system,
        stream=row.stream,
        native_id=row.native_id,
        state=SideState(row.state),
        rule=row.rule,
        linked_at=row.linked_at,
        version=row.version,
        fingerprint=row.fingerprint or "",
        modified_at=row.modified_at,
        deleted=bool(row.deleted),
        values=row.observed_values or {},
        refused=row.refused or {},
        native=row.native or {},
        seen_at=row.seen_at,
        written_at=row.written_at,
        baseline=row.baseline_values or {},
        awaiting_echo=row.awaiting_echo or [],
        rewrites=row.rewrites or {},
    )


def save(connection: Connection, chains: Iterable[Chain], at: datetime) -> None:
    """Store what is marked as changed, in one statement per table."""
    heads: list[dict[str, Any]] = []
    parts: dict[str, list[dict[str, Any]]] = {"crosswalk": [], "observed": [], "baseline": []}
    for chain in chains:
        if chain.dirty or chain.new:
            heads.append(_head(chain, at))
        for side in chain.sides:
            key = {"system": side.system, "stream": side.stream, "native_id": side.native_id}
            for part in side.dirty:
                parts[part].append(key | _PARTS[part](chain, side, at))
            side.dirty.clear()
        chain.dirty = chain.new = False
    upsert(connection, canonical, heads)
    upsert(connection, crosswalk, parts["crosswalk"])
    upsert(connection, observed, parts["observed"])
    upsert(connection, baseline, parts["baseline"])


def _head(chain: Chain, at: datetime) -> dict[str, Any]:
    return {
        "id": chain.id,
        "object": chain.object,
        "link": chain.link,
        "values": chain.values,
        "origins": chain.origins,
        "state": chain.state,
        "merged_into": chain.merged_into,
        "changed_at": at,
    }


def _crosswalk_part(chain: Chain, side: Side, at: datetime) -> dict[str, Any]:
    return {
        "object": chain.object,
        "canonical_id": chain.id,
        "state": side.state,
        "rule": side.rule,
        "linked_at": side.linked_at or at,
    }


def _observed_part(_chain: Chain, side: Side, at: datetime) -> dict[str, Any]:
    return {
        "version": side.version,
        "fingerprint": side.fingerprint,
        "modified_at": side.modified_at,
        "deleted": side.deleted,
        "values": side.values,
        "refused": side.refused,
        "native": side.native,
        "seen_at": side.seen_at or at,
        "written_at": side.written_at,
    }


def _baseline_part(_chain: Chain, side: Side, at: datetime) -> dict[str, Any]:
    return {
        "values": side.baseline,
        "awaiting_echo": side.awaiting_echo,
        "rewrites": side.rewrites,
        "agreed_at": at,
    }


_PARTS = {
    "crosswalk": _crosswalk_part,
    "observed": _observed_part,
    "baseline": _baseline_part,
}


def candidates(
    connection: Connection, object_name: str, keys: Iterable[str]
) -> dict[str, list[str]]:
    """Match key → canonical ids that have it."""
    found: dict[str, list[str]] = {}
    for chunk in chunks(dict.fromkeys(keys)):
        rows = connection.execute(
            select(match_key.c.key, match_key.c.canonical_id).where(
                match_key.c.object == object_name, match_key.c.key.in_(chunk)
            )
        )
        for key, canonical_id in rows:
            found.setdefault(key, []).append(canonical_id)
    return found


def index(connection: Connection, object_name: str, keys: dict[str, Sequence[str]]) -> None:
    """Replace the match keys of these canonical records."""
    for chunk in chunks(keys):
        connection.execute(delete(match_key).where(match_key.c.canonical_id.in_(chunk)))
    insert_new(
        connection,
        match_key,
        [
            {"object": object_name, "key": key, "canonical_id": canonical_id}
            for canonical_id, found in keys.items()
            for key in dict.fromkeys(found)
        ],
    )
