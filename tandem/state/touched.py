"""What came by while a field or a mapping rested: the records to look at again, and only those."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, select, update

from tandem.state import outbox
from tandem.state.bulk import chunks
from tandem.state.chain import SideState
from tandem.state.outbox import PushState
from tandem.state.tables import canonical, crosswalk, inbox, observed, quarantine, same_record
from tandem.state.tables import outbox as outbox_table

Key = tuple[str, str, str, str]
"""(object, system, stream, native id)"""


@dataclass(frozen=True, slots=True)
class Rest:
    """Fields of one mapping that rested since a moment; no fields: all of it did."""

    link: str
    object: str
    system: str
    stream: str
    fields: frozenset[str]
    since: datetime


def longest(connection: Connection, system: str, stream: str, column: str) -> int:
    """Characters of the longest text that records of a stream were seen to hold in a column."""
    text = observed.c.native[column].as_string()
    found = connection.execute(
        select(func.max(func.length(text))).where(
            observed.c.system == system, observed.c.stream == stream
        )
    ).scalar()
    return int(found or 0)


def in_use(
    connection: Connection, system: str, stream: str, column: str, kept: Iterable[str]
) -> set[str]:
    """Values of a column that records were seen to hold, other than those that are kept."""
    text = observed.c.native[column].as_string()
    rows = connection.execute(
        select(text)
        .where(
            observed.c.system == system,
            observed.c.stream == stream,
            observed.c.deleted.is_(False),
            text.is_not(None),
            text.not_in(["", *kept]),
        )
        .distinct()
    )
    return set(rows.scalars())


def forget(connection: Connection, system: str, stream: str) -> None:
    """Take what a stream's records were seen to hold for unseen, so that a compare works on it."""
    connection.execute(
        update(observed)
        .where(observed.c.system == system, observed.c.stream == stream)
        .values(fingerprint="")
    )


def keys(connection: Connection, rest: Rest) -> list[Key]:
    """Records that were read, or whose golden values changed, while something rested."""
    found = [
        row
        for query in (_seen(rest), _changed(rest), _not_understood(rest), _not_worked_off(rest))
        for row in connection.execute(query)
    ]
    chains = [letter.canonical_id for letter in dead_letters(connection, rest)]
    chains += [row.canonical_id for row in connection.execute(_superseded(rest))]
    for chunk in chunks(dict.fromkeys(chains)):
        found += connection.execute(_SIDES.where(crosswalk.c.canonical_id.in_(chunk)))
    return list(dict.fromkeys((row.object, row.system, row.stream, row.native_id) for row in found))


_SIDES = select(
    crosswalk.c.object, crosswalk.c.system, crosswalk.c.stream, crosswalk.c.native_id
).where(crosswalk.c.state == SideState.LINKED)


def _seen(rest: Rest) -> Select[tuple[str, ...]]:
    return _SIDES.join(observed, same_record(observed, crosswalk)).where(
        crosswalk.c.object == rest.object,
        crosswalk.c.system == rest.system,
        crosswalk.c.stream == rest.stream,
        observed.c.seen_at >= rest.since,
    )


def _changed(rest: Rest) -> Select[tuple[str, ...]]:
    return _SIDES.join(canonical, canonical.c.id == crosswalk.c.canonical_id).where(
        canonical.c.link == rest.link,
        canonical.c.object == rest.object,
        canonical.c.changed_at >= rest.since,
    )


def _not_understood(rest: Rest) -> Select[tuple[str, ...]]:
    return select(
        quarantine.c.object, quarantine.c.system, quarantine.c.stream, quarantine.c.native_id
    ).where(
        quarantine.c.link == rest.link,
        quarantine.c.object == rest.object,
        quarantine.c.system == rest.system,
        quarantine.c.since >= rest.since,
    )


def _not_worked_off(rest: Rest) -> Select[tuple[str, ...]]:
    return select(inbox.c.object, inbox.c.system, inbox.c.stream, inbox.c.native_id).where(
        inbox.c.link == rest.link,
        inbox.c.object == rest.object,
        inbox.c.system == rest.system,
        inbox.c.received_at >= rest.since,
    )


def _superseded(rest: Rest) -> Select[tuple[str]]:
    """Chains of which a write was taken back meanwhile."""
    return select(outbox_table.c.canonical_id).where(
        outbox_table.c.link == rest.link,
        outbox_table.c.object == rest.object,
        outbox_table.c.system == rest.system,
        outbox_table.c.state == PushState.SUPERSEDED,
        outbox_table.c.done_at >= rest.since,
    )


def dead_letters(connection: Connection, rest: Rest) -> list[outbox.Intent]:
    """Refused writes of what rested, at any time: a refusal may have been the first sign."""
    return _with_fields(connection, rest, [PushState.REJECTED])


def waiting(connection: Connection, rest: Rest) -> list[outbox.Intent]:
    """Writes of what rests that have not left."""
    return _with_fields(connection, rest, [PushState.INTENDED, PushState.PARKED])


def _with_fields(
    connection: Connection, rest: Rest, states: Sequence[PushState]
) -> list[outbox.Intent]:
    ids = connection.execute(
        select(outbox_table.c.id).where(
            outbox_table.c.link == rest.link,
            outbox_table.c.object == rest.object,
            outbox_table.c.system == rest.system,
            outbox_table.c.state.in_(states),
        )
    ).scalars()
    return [
        intent
        for chunk in chunks(ids)
        for intent in outbox.by_ids(connection, chunk)
        if _concerns(intent.values, rest.fields)
    ]


def _concerns(values: Iterable[str], fields: Set[str]) -> bool:
    return not fields or not fields.isdisjoint(values)
