"""Twins: what is about to be created in a system may stand there already, and waits.

    crm 7 "Anna Kowalska"               a create in the ERP is due
    erp 4 "Anna Kowalska", account 9    is nobody's record yet, and waits

What waits for its parent goes on without it, and is read again when that comes. What waits in a
batch that is held, for a person to say who it is, or for the outcome of another create, stays
there. Either way the create waits until it has been matched, or is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from tandem.mapping.compiler import Reading
from tandem.mapping.transforms import NativeReference
from tandem.matching.incremental import MOST_PER_KEY
from tandem.state import chain as known_chains
from tandem.state import outbox, waiting_keys
from tandem.state.bulk import chunks
from tandem.state.chain import Chain
from tandem.state.inbox import Arrival
from tandem.state.outbox import Intent, PushState
from tandem.state.waiting_keys import Waiting
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


def note_newcomers(
    connection: Connection, link: Link, rules: ObjectRules, arrivals: Iterable[Arrival]
) -> None:
    """Note what newcomers are found by that are held, should their twins come meanwhile."""
    rows = list(arrivals)
    known = known_chains.find(connection, (arrival.key for arrival in rows))
    found: dict[int, Sequence[str]] = {}
    for arrival in rows:
        reading = _read(link.name, rules, arrival) if arrival.key not in known else None
        if reading is not None:
            found[arrival.id] = match_keys(rules, reading)
    waiting_keys.note_keys(connection, rules.object, found)


def _read(link: str, rules: ObjectRules, arrival: Arrival) -> Reading | None:
    mapping, record = rules.mappings.get(arrival.system), arrival.record
    if mapping is None or record is None or record.deleted:
        return None
    reading = normalise(record, mapping, link)
    return reading if isinstance(reading, Reading) else None


def meet(
    connection: Connection,
    creates: Sequence[Intent],
    chains: Mapping[str, Chain],
    *,
    link: Link,
    rules: ObjectRules,
    system: str,
) -> set[int]:
    """Have creates wait for records that may be what they would make; let those go on that can.

    Args:
        connection: the state.
        creates: what is due.
        chains: what it is due for, by canonical id.
        link: the link.
        rules: of the object that is created.
        system: where it is created.

    Returns:
        Ids of the creates that do not leave now.
    """
    said = {
        intent.canonical_id: evidence(rules.object, chains[intent.canonical_id].values)
        for intent in creates
        if not chains[intent.canonical_id].knows(system)
    }
    waiting = _Waiting(connection, link.name, rules, system, said)
    parked: set[int] = set()
    goes_on: set[int] = set()
    for intent in creates:
        alike = waiting.alike(intent.canonical_id)
        if not alike:
            continue
        parked.add(intent.id)
        beside = outbox.beside(alike[0].arrival.id)
        outbox.mark(connection, [intent.id], PushState.PARKED, waiting_on=beside)
        goes_on |= {each.arrival.id for each in alike if not each.stays}
    waiting_keys.go_on(connection, goes_on)
    return parked


def meet_all(connection: Connection, link: Link) -> set[int]:
    """`meet` for every create of a link whose turn would come, without sending any."""
    met: set[int] = set()
    for rules in link.objects.values():
        if not waiting_keys.any_wait(connection, rules.object):
            continue
        for system in rules.mappings:
            for ids in chunks(outbox.creates(connection, link.name, rules.object, system)):
                due = outbox.by_ids(connection, ids)
                chains = known_chains.load(connection, (intent.canonical_id for intent in due))
                met |= meet(connection, due, chains, link=link, rules=rules, system=system)
    return met


class _Waiting:
    """Records of a system that wait and share a key with what is about to be created there.

    Args:
        connection: the state.
        link: whose records.
        rules: of their object.
        system: where they stand.
        said: canonical id → what is compared of it.
    """

    def __init__(
        self,
        connection: Connection,
        link: str,
        rules: ObjectRules,
        system: str,
        said: Mapping[str, Mapping[str, object]],
    ) -> None:
        self._link = link
        self._rules = rules
        self._said = said
        self._keys = {
            canonical_id: [key for key in rules.matcher.keys(own) if rules.matcher.finds(key)]
            for canonical_id, own in said.items()
        }
        wanted = dict.fromkeys(key for found in self._keys.values() for key in found)
        self._by_key = waiting_keys.by_key(
            connection, link, rules.object, system, wanted, MOST_PER_KEY
        )
        self._evidence: dict[int, dict[str, object] | None] = {}

    def alike(self, canonical_id: str) -> list[Waiting]:
        """Those that may be this canonical record, oldest first."""
        near = {
            each.arrival.id: each
            for key in self._keys.get(canonical_id, ())
            for each in self._by_key.get(key, ())
        }
        own = self._said.get(canonical_id, {})
        return [near[i] for i in sorted(near) if self._may_be(near[i].arrival, own)]

    def _may_be(self, arrival: Arrival, own: Mapping[str, object]) -> bool:
        if arrival.record is None:
            return True  # only its system tells what it says: what it has been found by has to do
        if arrival.id not in self._evidence:
            reading = _read(self._link, self._rules, arrival)
            said = None if reading is None else _evidence(self._rules, reading)
            self._evidence[arrival.id] = said
        theirs = self._evidence[arrival.id]
        return theirs is not None and self._rules.matcher.compare(own, theirs).decision != "apart"
