"""A chain: one canonical record with all its sides. Order is kept per chain, and only there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, delete, func, select

from tandem.model.fields import Plain
from tandem.state import search
from tandem.state.bulk import chunks, insert_new, one_of, upsert
from tandem.state.tables import (
    baseline,
    canonical,
    crosswalk,
    match_key,
    observed,
    same_record,
)

CREATED = "created by us"
"""The rule of a side whose record we have made; who said so, if nothing told, follows a comma."""

AWAITED = "refused:reference_awaited"
"""Why a reference could not be read: its record is not known yet, and nobody waits for it."""


class SideState(StrEnum):
    """What a crosswalk row stands for."""

    LINKED = "linked"
    GONE = "gone"  #: deleted at its source, and that has been dealt with: a tombstone
    UNLINKED = "unlinked"  #: kept apart by a person or a policy
    DUPLICATE = "duplicate"  #: a second record of the same party in its system; not kept in step
    MERGING = "merging"  #: to be merged into the linked one in its system
    MERGED = "merged"  #: merged into the linked one: what names it means that one
    UNMERGING = "unmerging"  #: merged in its system, and to be brought back


class ChainState(StrEnum):
    """What a canonical record is."""

    LIVE = "live"
    DELETED = "deleted"
    MERGED = "merged"


@dataclass(slots=True)
class Side:
    """One native record of a chain: what it holds, and what it last agreed to.

    Attributes:
        merged_from: the canonical record it belonged to before that one was merged. What is gone
            and names its own one is to be made anew: see `is_missed`.
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
    merged_from: str | None = None
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

    def awaits(self, name: str) -> bool:
        """Whether a field names a record that is not known yet; read again when that comes."""
        return self.refused.get(name) == [AWAITED]

    def miss(self, canonical_id: str) -> None:
        """The record of a canonical one is gone, and is to be made anew."""
        self.state, self.merged_from = SideState.GONE, canonical_id
        self.dirty.add("crosswalk")

    def is_missed(self, canonical_id: str) -> bool:
        """Whether the record of a canonical one is gone and is to be made anew."""
        return self.state is SideState.GONE and self.merged_from == canonical_id


@dataclass(slots=True)
class Chain:
    """One canonical record: golden values, where each came from, and the sides.

    Attributes:
        origins: canonical field → {"system", "rule", "at", …}: why the golden value is what it is.
        sides: every crosswalk row of the chain, tombstones included.
        departed: how many sides have left it for another chain; see `create_key`.
    """

    id: str
    object: str
    link: str
    values: dict[str, Plain] = field(default_factory=dict)
    origins: dict[str, dict[str, Any]] = field(default_factory=dict)
    state: ChainState = ChainState.LIVE
    merged_into: str | None = None
    sides: list[Side] = field(default_factory=list)
    departed: int = 0
    dirty: bool = False
    new: bool = False

    def side(self, system: str) -> Side | None:
        """The linked side of a system, if there is one."""
        for side in self.sides:
            if side.system == system and side.state is SideState.LINKED:
                return side
        return None

    def knows(self, system: str) -> bool:
        """Whether the chain has, or had, a record in this system.

        One that is to be made anew does not count: one that was deleted and shall be restored, or
        that could not be brought back after a merge.
        """
        return any(side.system == system and not side.is_missed(self.id) for side in self.sides)

    def misses(self, system: str) -> bool:
        """Whether a record in this system is gone that is to be made anew."""
        return any(side.system == system and side.is_missed(self.id) for side in self.sides)

    def let_go(self, *sides: Side) -> None:
        """Give sides away: they belong to another chain from now on."""
        leaving = {side.key for side in sides}
        self.sides = [side for side in self.sides if side.key not in leaving]
        self.departed, self.dirty = self.departed + len(leaving), True

    def create_key(self, system: str) -> str:
        """The idempotency key of the next record that is made for it in a system.

        The same on every try of one create, and never again once that record exists: a system would
        take it for the record that it made then, whosever that is by now.
        """
        used = self.departed + sum(side.system == system for side in self.sides)
        return f"{self.id}-{used}" if used else self.id

    def made_in(self, system: str, since: datetime | None) -> bool:
        """Whether we made a record in this system at this moment or later, deleted since or not.

        Args:
            system: the system.
            since: None for at any time.
        """
        return any(
            side.system == system
            and side.rule.partition(",")[0] == CREATED
            and side.state in (SideState.LINKED, SideState.GONE)
            and (since is None or side.linked_at is None or side.linked_at >= since)
            for side in self.sides
        )

    def record(self, system: str, native_id: str | None) -> Side | None:
        """The side of one native record, whatever its state."""
        for side in self.sides:
            if side.system == system and side.native_id == native_id:
                return side
        return None


def id_for(link: str, object_name: str, key: tuple[str, str, str]) -> str:
    """Id of the canonical record that begins with a native one: the same whenever it is met.

    So what was created elsewhere for that record, under a key that follows from this id, can be
    recognised even by a state that was restored and knows nothing of it.

    >>> id_for("customers", "account", ("crm", "Account", "7"))
    '5bc67693d224438cf1a93fb07ef33c27'
    """
    born = "\x1f".join((link, object_name, *key))
    return blake2b(born.encode(), digest_size=16).hexdigest()


def existing(connection: Connection, canonical_ids: Iterable[str]) -> set[str]:
    """Those of the ids that are in use: ids are never used for a second record."""
    found: set[str] = set()
    for chunk in chunks(canonical_ids):
        found.update(
            connection.execute(select(canonical.c.id).where(canonical.c.id.in_(chunk))).scalars()
        )
    return found


def find(
    connection: Connection, keys: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], str]:
    """(system, stream, native id) → canonical id, for those in the crosswalk."""
    found: dict[tuple[str, str, str], str] = {}
    for (system, stream), ids in _by_stream(set(keys)).items():
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


def alive(
    connection: Connection, keys: Iterable[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Those of the native records that are linked and were there when they were last seen."""
    found: set[tuple[str, str, str]] = set()
    for (system, stream), ids in _by_stream(set(keys)).items():
        for chunk in chunks(ids):
            rows = connection.execute(
                select(crosswalk.c.native_id)
                .join(observed, same_record(observed, crosswalk))
                .where(
                    crosswalk.c.system == system,
                    crosswalk.c.stream == stream,
                    crosswalk.c.native_id.in_(chunk),
                    crosswalk.c.state == SideState.LINKED,
                    observed.c.deleted.is_(False),
                )
            )
            found.update((system, stream, native_id) for native_id in rows.scalars())
    return found


def referred(
    connection: Connection, keys: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], str]:
    """(system, stream, native id) → canonical id that a reference to the record names.

    As `find`, but a record that was merged and still exists is named by what it was: what refers
    to it has to be moved.
    """
    found = find(connection, keys)
    for (system, stream), ids in _by_stream(found).items():
        for chunk in chunks(ids):
            rows = connection.execute(
                select(crosswalk.c.native_id, crosswalk.c.merged_from)
                .join(observed, same_record(observed, crosswalk))
                .where(
                    crosswalk.c.system == system,
                    crosswalk.c.stream == stream,
                    crosswalk.c.native_id.in_(chunk),
                    crosswalk.c.state.in_([SideState.MERGING, SideState.MERGED]),
                    crosswalk.c.merged_from.is_not(None),
                    observed.c.deleted.is_(False),
                )
            )
            found.update({(system, stream, r.native_id): r.merged_from for r in rows})
    return found


def _by_stream(keys: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for system, stream, native_id in keys:
        found.setdefault((system, stream), []).append(native_id)
    return found


def linked_count(connection: Connection, object_name: str, system: str) -> int:
    """How many records of a system are linked as this object."""
    return connection.execute(
        select(func.count())
        .select_from(crosswalk)
        .where(
            crosswalk.c.object == object_name,
            crosswalk.c.system == system,
            crosswalk.c.state == SideState.LINKED,
        )
    ).scalar_one()


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
    .order_by(crosswalk.c.system, crosswalk.c.linked_at, crosswalk.c.native_id)
)


def load(connection: Connection, canonical_ids: Iterable[str]) -> dict[str, Chain]:
    """Chains by canonical id, with all their sides: by system, in each the oldest link first."""
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
                departed=row.departed,
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
        merged_from=row.merged_from,
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
    found_by: list[tuple[str, str, dict[str, Plain]]] = []
    parts: dict[str, list[dict[str, Any]]] = {"crosswalk": [], "observed": [], "baseline": []}
    for chain in chains:
        if chain.dirty or chain.new:
            heads.append(_head(chain, at))
            found_by.append((chain.id, chain.object, chain.values))
        for side in chain.sides:
            key = {"system": side.system, "stream": side.stream, "native_id": side.native_id}
            for part in side.dirty:
                parts[part].append(key | _PARTS[part](chain, side, at))
            side.dirty.clear()
        chain.dirty = chain.new = False
    upsert(connection, canonical, heads)
    search.index(connection, found_by)
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
        "departed": chain.departed,
        "changed_at": at,
    }


def _crosswalk_part(chain: Chain, side: Side, at: datetime) -> dict[str, Any]:
    return {
        "object": chain.object,
        "canonical_id": chain.id,
        "state": side.state,
        "rule": side.rule,
        "linked_at": side.linked_at or at,
        "merged_from": side.merged_from,
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


_KEYS = 5_000
"""Match keys that are looked up at a time: about as many as a batch of records has."""


def candidates(
    connection: Connection, object_name: str, keys: Iterable[str], most: int
) -> tuple[dict[str, list[str]], set[str]]:
    """Match key → canonical ids that have it, and the keys that more than `most` records have.

    The ids of those are not read: a block without bounds would take the memory with it.
    """
    counts: dict[str, int] = {}
    of_object = match_key.c.object == object_name
    for chunk in chunks(dict.fromkeys(keys), _KEYS):
        rows = connection.execute(
            select(match_key.c.key, func.count())
            .where(of_object, one_of(connection, match_key.c.key, chunk))
            .group_by(match_key.c.key)
        )
        counts.update((key, count) for key, count in rows)
    found: dict[str, list[str]] = {}
    for chunk in chunks([key for key, count in counts.items() if count <= most], _KEYS):
        rows = connection.execute(
            select(match_key.c.key, match_key.c.canonical_id)
            .where(of_object, one_of(connection, match_key.c.key, chunk))
            .order_by(match_key.c.canonical_id)
        )
        for key, canonical_id in rows:
            found.setdefault(key, []).append(canonical_id)
    return found, {key for key, count in counts.items() if count > most}


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
