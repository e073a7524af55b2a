"""Reunite: after a restore of the state, what we created since its backup is recognised as ours.

Such a record comes back as a stranger beside the record it was created for:

    state of last night     crm:Account:7 not known            erp:party:9 not known
    the systems now         crm:Account:7 "Acme"               erp:party:9 "Acme", our key in it

The key of a create follows from the record that it was made for. So each system that can search for
keys is asked for it, and both are linked before anything is worked off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from connectors.base import Idempotency, Operation, Unknown, WriteResult
from connectors.errors import ConnectorError
from tandem.clock import Clock
from tandem.state import chain as chains
from tandem.state import inbox, outbox, recovery
from tandem.state.chain import Chain, ChainState, Side
from tandem.state.inbox import Cause
from tandem.state.outbox import Intent
from tandem.state.tables import canonical, crosswalk, same_record
from tandem.state.tables import inbox as inbox_table
from tandem.sync.record import Recorder
from tandem.sync.types import Key, Link, ObjectRules

Transaction = Callable[[], AbstractContextManager[Connection]]

SEARCHABLE = (Idempotency.MARKER, Idempotency.EXTERNAL_ID)


@dataclass(frozen=True, slots=True)
class Lonely:
    """A record, or a canonical record, whose partner in some system may be one of our creates."""

    object: str
    canonical_id: str
    born: Key | None


@dataclass(frozen=True, slots=True)
class Partner:
    """What a search found."""

    lonely: Lonely
    key: Key


class NotReadableError(Exception):
    """A system cannot be asked for our keys now; nothing is lost by asking again."""

    def __init__(self, system: str, stream: str, cause: ConnectorError) -> None:
        super().__init__(str(cause))
        self.system = system
        self.stream = stream
        self.cause = cause


def catch_up(
    link: Link,
    begin: Transaction,
    *,
    token: int,
    clock: Clock,
    recorder: Callable[[Connection, ObjectRules], Recorder],
) -> int | None:
    """Recognise what was created since the backup; None while a stream has still to be read.

    Args:
        link: the link that catches up.
        begin: opens a transaction in which the lease has been proved.
        token: of the lease.
        clock: of the run.
        recorder: stores outcomes of writes.

    Raises:
        NotReadableError: a system is out of reach.
    """
    with begin() as connection:
        if not recovery.all_read(connection, link.name, streams(link)):
            return None
        wanted = list(search(connection, link))
        for intent, result in nobody_can_tell(connection, link, token, clock.now()):
            recorder(connection, link.objects[intent.object]).record([(intent, result)])
    partners = find_partners(link, wanted)
    with begin() as connection:
        return link_partners(connection, link, partners, clock.now())


def streams(link: Link) -> set[tuple[str, str]]:
    """(system, stream) pairs that a link reads."""
    return {(s, m.stream) for rules in link.objects.values() for s, m in rules.mappings.items()}


def lonely(connection: Connection, link: Link) -> list[Lonely]:
    """Everything that may have a partner which the state does not know."""
    rows = connection.execute(
        select(inbox_table)
        .outerjoin(crosswalk, same_record(inbox_table, crosswalk))
        .where(
            inbox_table.c.link == link.name,
            inbox_table.c.deleted.is_(False),
            crosswalk.c.canonical_id.is_(None),
        )
    )
    found = {}
    for row in rows:
        key = (row.system, row.stream, row.native_id)
        found[key] = Lonely(row.object, chains.id_for(link.name, row.object, key), key)
    known = connection.execute(
        select(canonical.c.id, canonical.c.object).where(
            canonical.c.link == link.name, canonical.c.state == ChainState.LIVE
        )
    )
    return [*found.values(), *(Lonely(row.object, row.id, None) for row in known)]


def search(connection: Connection, link: Link) -> Iterator[tuple[Lonely, str]]:
    """(lonely one, system) pairs that are worth a search: it may hold a create of ours."""
    candidates = lonely(connection, link)
    for object_name, rules in link.objects.items():
        allowed = rules.policy.create_in
        for system in rules.mappings:
            if link.connectors[system].capabilities.idempotency not in SEARCHABLE or (
                allowed is not None and system not in allowed
            ):
                continue
            there = set(
                connection.execute(
                    select(crosswalk.c.canonical_id).where(
                        crosswalk.c.system == system, crosswalk.c.object == object_name
                    )
                ).scalars()
            )
            for one in candidates:
                at_home = one.born is not None and one.born[0] == system
                if one.object == object_name and not at_home and one.canonical_id not in there:
                    yield one, system


def find_partners(link: Link, wanted: list[tuple[Lonely, str]]) -> list[Partner]:
    """Ask the systems for our keys.

    Raises:
        NotReadableError: one of them is out of reach.
    """
    found = []
    for one, system in wanted:
        stream = link.objects[one.object].mappings[system].stream
        try:
            native_id = link.connectors[system].find(stream, one.canonical_id)
        except ConnectorError as error:
            raise NotReadableError(system, stream, error) from error
        if native_id is not None:
            found.append(Partner(one, (system, stream, native_id)))
    return found


def link_partners(
    connection: Connection, link: Link, partners: list[Partner], now: datetime
) -> int:
    """Link what was found, ask for it to be read, and end the catching up. Returns how many."""
    taken = chains.find(connection, (partner.key for partner in partners))
    loaded = chains.load(connection, {partner.lonely.canonical_id for partner in partners})
    hints: list[tuple[str, str, str, str]] = []
    linked = 0
    for partner in partners:
        one = partner.lonely
        if partner.key in taken:
            continue
        chain = loaded.get(one.canonical_id)
        if chain is None:
            chain = Chain(id=one.canonical_id, object=one.object, link=link.name, new=True)
            loaded[chain.id] = chain
            if one.born is not None:
                chain.sides.append(_side(one.born))
        chain.sides.append(_side(partner.key))
        hints += [(one.object, *side.key) for side in chain.sides]
        linked += 1
    chains.save(connection, loaded.values(), now)
    inbox.add_hints(connection, link=link.name, keys=hints, cause=Cause.HINT, at=now)
    recovery.end(connection, link.name)
    return linked


def _side(key: Key) -> Side:
    return Side(*key, rule="created by us before the state was restored", dirty={"crosswalk"})


def nobody_can_tell(
    connection: Connection, link: Link, token: int, now: datetime
) -> list[tuple[Intent, WriteResult]]:
    """Creates of which no system can say whether they were carried out: a person is asked."""
    return [
        (intent, Unknown("the state was restored"))
        for intent in outbox.in_doubt(connection, link.name, token, now)
        if intent.operation is Operation.CREATE
        and link.connectors[intent.system].capabilities.idempotency is Idempotency.NONE
    ]
