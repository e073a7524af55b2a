"""Waiting: native ids of other records become canonical ids; who refers to nobody yet waits.

contact → account            the account is known: its canonical id
contact → account (unread)   the contact is parked, and the account is asked for by its id
contact, whose twin is met   the contact goes on without it, and is read again when it comes
contact → account (nowhere)  the contact goes on without it, and is read again should it come
a → b → c → a                one of them goes on without; it is read again when its target is in
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from sqlalchemy import Connection

from tandem.mapping.compiler import Reading
from tandem.mapping.transforms import NativeReference
from tandem.state import chain as chains
from tandem.state import inbox
from tandem.state.chain import AWAITED
from tandem.state.inbox import Arrival
from tandem.sync.types import Key

Read = tuple[Arrival, Reading | None]
"""A record and what it says; None for a tombstone."""


@dataclass(slots=True)
class Resolved:
    """Which records go on, and what the others wait for.

    Attributes:
        ready: records whose references are canonical ids.
        parked: (record, what it says, name of the record that it waits for).
        wanted: (object, system, stream, native id) of records to be read for those that wait.
        awaited: (record that went on without a reference, name of the record that may still come).
    """

    ready: list[Read] = field(default_factory=list)
    parked: list[tuple[Arrival, Reading, str]] = field(default_factory=list)
    wanted: list[tuple[str, str, str, str]] = field(default_factory=list)
    awaited: list[tuple[Arrival, str]] = field(default_factory=list)


class References:
    """Resolves the references of one batch of one object.

    Args:
        connection: the state.
        fields: canonical field → object that it refers to.
        missing: records that were looked for at their source in vain.
    """

    def __init__(
        self, connection: Connection, fields: Mapping[str, str], missing: set[Key]
    ) -> None:
        self._connection = connection
        self._fields = fields
        self._missing = missing
        self._waiting: dict[str, str] = {}

    def resolve(self, read: Sequence[Read], going_on: Set[Key]) -> Resolved:
        """Replace native references in the readings; see `Resolved`.

        Args:
            read: records and what they say.
            going_on: those of them that wait for nobody.
        """
        wanted = self._referred_to(read)
        found = chains.referred(self._connection, wanted)
        resolved = Resolved()
        for arrival, reading in read:
            waits = arrival.key not in going_on
            target = self._resolve(arrival, reading, found, waits, resolved) if reading else None
            if reading is None or target is None:
                resolved.ready.append((arrival, reading))
                continue
            name = inbox.waiting_for(target)
            self._waiting[inbox.waiting_for(arrival.key)] = name
            resolved.parked.append((arrival, reading, name))
            resolved.wanted.append((wanted[target], *target))
        return resolved

    def _referred_to(self, read: Sequence[Read]) -> dict[Key, str]:
        wanted: dict[Key, str] = {}
        for arrival, reading in read:
            for name, object_name in self._fields.items():
                value = reading.values.get(name) if reading else None
                if isinstance(value, NativeReference):
                    wanted[arrival.system, value.stream, value.native_id] = object_name
        return wanted

    def _resolve(
        self,
        arrival: Arrival,
        reading: Reading,
        found: Mapping[Key, str],
        waits: bool,
        into: Resolved,
    ) -> Key | None:
        """The record that this one has to wait for, None when it can go on."""
        awaited: list[str] = []
        for name in self._fields:
            value = reading.values.get(name)
            if not isinstance(value, NativeReference):
                continue
            key = (arrival.system, value.stream, value.native_id)
            if key in found:
                reading.values[name] = found[key]
                continue
            if key in self._missing:
                reading.refused[name] = ("refused:reference_missing",)
            elif waits and not self._leads_back(key, arrival.key):
                return key
            else:
                reading.refused[name] = (AWAITED,)
            del reading.values[name]
            awaited.append(inbox.waiting_for(key))
        into.awaited += [(arrival, target) for target in awaited]
        return None

    def _leads_back(self, target: Key, start: Key) -> bool:
        """Whether whom we would wait for waits, in the end, for us."""
        at: str | None = inbox.waiting_for(target)
        origin, passed = inbox.waiting_for(start), set[str]()
        while at is not None and at not in passed:
            if at == origin:
                return True
            passed.add(at)
            at = self._waiting.get(at) or inbox.parked_on(self._connection, at)
        return False
