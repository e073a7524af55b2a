"""Twins: what is about to be created in a system may stand there already, waiting for its parent.

    crm 7 "Anna Kowalska"               a create in the ERP is due
    erp 4 "Anna Kowalska", account 9    waits for account 9, and is nobody's record yet

The one that waits goes on without what it waits for and is matched; then the create is decided
anew. It is read again when what it has waited for comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from tandem.mapping.compiler import Reading
from tandem.mapping.transforms import NativeReference
from tandem.state import inbox, outbox
from tandem.state.chain import Chain, SideState
from tandem.state.inbox import Arrival, Cause
from tandem.state.outbox import Intent, PushState
from tandem.state.quarantine import Quarantined
from tandem.sync.match import evidence
from tandem.sync.normalise import normalise
from tandem.sync.types import Link, ObjectRules


def match_keys(rules: ObjectRules, reading: Reading) -> tuple[str, ...]:
    """What a record is found by that waits for another one; its references count for nothing."""
    return rules.matcher.keys(_evidence(rules, reading))


def _evidence(rules: ObjectRules, reading: Reading) -> dict[str, object]:
    values = reading.values.items()
    known = {name: value for name, value in values if not isinstance(value, NativeReference)}
    return evidence(rules.object, known)


def let_go(
    connection: Connection,
    creates: Sequence[Intent],
    chains: Mapping[str, Chain],
    now: datetime,
    *,
    link: Link,
    rules: ObjectRules,
    system: str,
) -> set[int]:
    """Let records go on that may be what is about to be created. Ids of the creates given up.

    Args:
        connection: the state.
        creates: what is due.
        chains: what it is due for, by canonical id.
        now: moment of the run's clock.
        link: the link.
        rules: of the object that is created.
        system: where it is created.
    """
    said = {
        intent.canonical_id: evidence(rules.object, chains[intent.canonical_id].values)
        for intent in creates
        if not chains[intent.canonical_id].knows(system)
    }
    keys = {
        canonical_id: [key for key in rules.matcher.keys(own) if rules.matcher.finds(key)]
        for canonical_id, own in said.items()
    }
    wanted = dict.fromkeys(key for found in keys.values() for key in found)
    waiting = inbox.waiting_by_key(connection, link.name, rules.object, system, wanted)
    goes_on: set[int] = set()
    anew: list[Intent] = []
    for intent in creates:
        alike = {
            arrival.id
            for key in keys.get(intent.canonical_id, ())
            for arrival in waiting.get(key, ())
            if _may_be(rules, link.name, arrival, said[intent.canonical_id])
        }
        if alike:
            goes_on |= alike
            anew.append(intent)
    inbox.go_on(connection, goes_on)
    given_up = {intent.id for intent in anew}
    outbox.mark(connection, given_up, PushState.SUPERSEDED, done_at=now)
    sides = [side for i in anew for side in chains[i.canonical_id].sides]
    inbox.add_hints(
        connection,
        link=link.name,
        keys=[(rules.object, *side.key) for side in sides if side.state is SideState.LINKED],
        cause=Cause.HINT,
        at=now,
    )
    return given_up


def _may_be(rules: ObjectRules, link: str, arrival: Arrival, own: Mapping[str, object]) -> bool:
    """Whether what waits and what is about to be created may be one."""
    if arrival.record is None:
        return True  # only its system tells what it says: what it has been found by has to do
    reading = normalise(arrival.record, rules.mappings[arrival.system], link)
    if isinstance(reading, Quarantined):
        return False
    return rules.matcher.compare(own, _evidence(rules, reading)).decision != "apart"
