"""Reread: which rows of the inbox say less than their system does by now; what is read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from connectors.base import Record
from connectors.errors import ConnectorError
from tandem.state import audit, held, inbox, outbox
from tandem.state import chain as chains
from tandem.state.bulk import chunks
from tandem.state.chain import SideState
from tandem.state.inbox import Arrival, Cause
from tandem.state.outbox import Intent, PushState
from tandem.state.tables import crosswalk, observed, same_record
from tandem.sync.types import Key, Link, ObjectRules

_AWAY = (SideState.GONE, SideState.MERGED)


def to_reread(connection: Connection, arrivals: Sequence[Arrival]) -> dict[int, Arrival]:
    """Rows that say less than the system does by now.

    Hints, what was read before our last write or after the record was found deleted, and a deletion
    of what a gate holds as it was read later. With each of them whatever else is there of the same
    record: it would be taken for news after what is read now.
    """
    known: dict[Key, tuple[object, str]] = {}
    by_stream: dict[tuple[str, str], list[str]] = {}
    for arrival in arrivals:
        by_stream.setdefault((arrival.system, arrival.stream), []).append(arrival.native_id)
    for (system, stream), ids in by_stream.items():
        for chunk in chunks(ids):
            rows = connection.execute(
                select(crosswalk.c.native_id, crosswalk.c.state, observed.c.written_at)
                .outerjoin(
                    observed,
                    same_record(observed, crosswalk),
                )
                .where(
                    crosswalk.c.system == system,
                    crosswalk.c.stream == stream,
                    crosswalk.c.native_id.in_(chunk),
                )
            )
            known.update({(system, stream, r.native_id): (r.written_at, r.state) for r in rows})
    keys = {a.key for a in arrivals if _says_less(a, known.get(a.key))}
    gone = [a for a in arrivals if a.record is not None and a.record.deleted]
    keys |= held.there_again(connection, gone)
    return {a.id: a for a in arrivals if a.key in keys}


def _says_less(arrival: Arrival, known: tuple[object, str] | None) -> bool:
    if arrival.record is None:
        return True
    if known is None:
        return False
    written_at, state = known
    if state in _AWAY and not arrival.record.deleted:
        return True
    return written_at is not None and arrival.received_at <= written_at  # type: ignore[operator]  # both are moments


def with_fresh(
    link: Link,
    rules: ObjectRules,
    arrivals: Sequence[Arrival],
    reread: Mapping[int, Arrival],
    failed: Callable[[str, str, ConnectorError], None],
) -> list[Arrival]:
    """Arrivals with what their systems say now, where that is asked for.

    Left out are those of systems that cannot be read now, which `failed` is told, and those whose
    mapping rests: their rows stay in the inbox for a later cycle.

    Args:
        link: whose connectors are asked.
        rules: of the arrivals' object.
        arrivals: of one object.
        reread: those to read again, by id.
        failed: takes system, stream and error.
    """
    fresh: dict[Key, Record] = {}
    by_stream: dict[tuple[str, str], set[str]] = {}
    for arrival in reread.values():
        if arrival.system in rules.mappings:
            by_stream.setdefault((arrival.system, arrival.stream), set()).add(arrival.native_id)
    for (system, stream), ids in by_stream.items():
        connector = link.connectors[system]
        columns = rules.mappings[system].columns
        try:
            for chunk in chunks(sorted(ids), connector.capabilities.read_batch):
                for record in connector.read(stream, columns, chunk):
                    fresh[(system, stream, record.native_id)] = record
        except ConnectorError as error:
            failed(system, stream, error)
    return [
        _refreshed(a, fresh[a.key]) if a.id in reread else a
        for a in arrivals
        if a.system in rules.mappings and (a.id not in reread or a.key in fresh)
    ]


def _refreshed(arrival: Arrival, record: Record) -> Arrival:
    """An arrival with what its system says of the record now."""
    if arrival.record is not None and arrival.record.deleted and record.deleted:
        return arrival  # only a list of changes tells what a record was merged into, perhaps
    return replace(arrival, record=record, fingerprint=inbox.fingerprint(record), fresh=True)


def decide_anew(
    connection: Connection,
    letters: Sequence[Intent],
    cause: Cause,
    at: datetime,
    *,
    actor: str = audit.ENGINE,
) -> None:
    """Take dead letters back: their records are read again, and what is due then is sent.

    Args:
        connection: the state.
        letters: the dead letters.
        cause: why their records are read again.
        at: now.
        actor: who took them back, for the audit.
    """
    outbox.mark(connection, [i.id for i in letters], PushState.SUPERSEDED, done_at=at)
    known = chains.load(connection, (letter.canonical_id for letter in letters))
    keys: dict[str, list[tuple[str, str, str, str]]] = {}
    for chain in known.values():
        keys.setdefault(chain.link, []).extend(
            (chain.object, *side.key) for side in chain.sides if side.state is SideState.LINKED
        )
    for link, found in keys.items():
        inbox.add_hints(connection, link=link, keys=found, cause=cause, at=at)
    audit.append(connection, [_taken_back(letter, at, actor) for letter in letters])


def _taken_back(letter: Intent, at: datetime, actor: str) -> dict[str, Any]:
    # What no person took back goes because the record that it named is there.
    why = {"parent": letter.waiting_on} if actor == audit.ENGINE else {}
    return outbox.fact_about(
        letter, "write.replayed", at=at, actor=actor, operation=letter.operation, **why
    )
