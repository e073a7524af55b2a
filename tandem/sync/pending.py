"""Pending: what a batch will store, collected so that each table is written once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tandem.state import audit, inbox, outbox, quarantine, waiting_keys
from tandem.state.inbox import Arrival, Cause, InboxState
from tandem.state.quarantine import Quarantined
from tandem.sync.types import Key


@dataclass(slots=True)
class Pending:
    """What becomes of the arrivals of one object.

    Attributes:
        done: inbox rows that have been worked off.
        facts: rows for the audit.
        quarantined: records of which the newest reading cannot be read, by key.
        lifted: records that are no longer in quarantine.
        parked: (inbox row, name of what it waits for).
        found_by: inbox row that waits for another record → what its twin finds it by.
        hints: (object, system, stream, native id) of records to be read.
        awaited: (record that went on without a reference, name of the record that may still come).
        arrived_keys: records that are in the crosswalk from now on.
    """

    link: str
    object: str
    done: list[int] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    quarantined: dict[Key, Quarantined] = field(default_factory=dict)
    lifted: list[Key] = field(default_factory=list)
    parked: list[tuple[int, str]] = field(default_factory=list)
    found_by: dict[int, Sequence[str]] = field(default_factory=dict)
    hints: list[tuple[str, str, str, str]] = field(default_factory=list)
    awaited: list[tuple[Arrival, str]] = field(default_factory=list)
    arrived_keys: list[Key] = field(default_factory=list)

    def wait(self, arrival: Arrival, waiting_on: str) -> None:
        """A record that was taken up waits for something after all."""
        self.done.remove(arrival.id)
        self.parked.append((arrival.id, waiting_on))

    def store(
        self, connection: Connection, arrivals: Sequence[Arrival], now: datetime, run_id: str
    ) -> None:
        """Store all of it.

        Args:
            connection: the state.
            arrivals: what the batch has worked on.
            now: moment of the run's clock.
            run_id: the run.
        """
        quarantine.lift(connection, self.lifted)
        quarantine.put(connection, list(self.quarantined.values()), now, run_id)
        for row_id, waiting_on in self.parked:
            inbox.set_aside(connection, [row_id], InboxState.PARKED, waiting_on)
        waiting_keys.note_keys(connection, self.object, self.found_by)
        parked = {row_id for row_id, _ in self.parked}
        # What was about to be created beside these meets them as they are now.
        remaining = {arrival.id for arrival in arrivals}.difference(self.done)
        outbox.unpark_beside(connection, sorted(remaining))
        inbox.drop_overtaken(connection, [a for a in arrivals if a.id not in parked])
        inbox.done(connection, self.done)
        # What is to be read again may be in the inbox as what was just worked off.
        inbox.add_hints(connection, link=self.link, keys=self.hints, cause=Cause.HINT, at=now)
        inbox.await_records(connection, self.link, self.awaited, now)
        inbox.release(connection, map(inbox.waiting_for, self.arrived_keys))
        audit.append(connection, self.facts)
