"""The ceiling: above it nobody's deletions go out before a person has looked at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from connectors.base import Record
from tandem.state import chain as chains
from tandem.state import inbox, review
from tandem.state.inbox import Arrival, Cause, InboxState
from tandem.state.review import ReviewItem, ReviewKind
from tandem.sync.types import Link


class Ceiling:
    """Counts the deletions that each system reports while the inbox is worked off once."""

    def __init__(self) -> None:
        self._passed: dict[tuple[str, str], set[int]] = {}

    def look(self, connection: Connection, link: Link, now: datetime) -> int:
        """Count anew, beginning with what is in the inbox. Returns how many are held back."""
        self._passed = {}
        return self._hold(connection, link, now)

    def admit(
        self,
        connection: Connection,
        link: Link,
        arrivals: Sequence[Arrival],
        reread: Mapping[int, Arrival],
        now: datetime,
        run_id: str,
    ) -> tuple[list[Arrival], int]:
        """Arrivals that may go on, and how many deletions are held back.

        A deletion that comes to light because somebody told of a change is counted like one that a
        poll or a compare reports, and works itself off after it has been counted. Only deletions
        that a person has let pass go on: an answer to another question is no leave to delete.

        Args:
            connection: the state.
            link: the link.
            arrivals: of one object, as they were read again.
            reread: those that were, as they stand in the inbox; by id.
            now: moment of the run's clock.
            run_id: the run.
        """
        told = [arrival for arrival in arrivals if _tells_of_deletion(arrival, reread)]
        alive = chains.alive(connection, (arrival.key for arrival in told))
        news = {arrival.id: arrival for arrival in told if arrival.key in alive}
        if not news:
            return list(arrivals), 0
        for (object_name, system, cause), found in _by_system(news.values()).items():
            inbox.add_records(
                connection,
                link=link.name,
                object_name=object_name,
                system=system,
                records=found,
                cause=cause,
                at=now,
                run=run_id,
            )
        inbox.done(connection, news)
        held = self._hold(connection, link, now)
        return [arrival for arrival in arrivals if arrival.id not in news], held

    def _hold(self, connection: Connection, link: Link, now: datetime) -> int:
        """Hold back the deletions of a system that reports too many, and ask."""
        held = 0
        for (object_name, system), ids in inbox.tombstones(connection, link.name).items():
            deletes = link.objects[object_name].policy.deletes
            linked = chains.linked_count(connection, object_name, system)
            allowed = min(deletes.ceiling, max(1, int(linked * deletes.ceiling_share)))
            passed = self._passed.setdefault((object_name, system), set())
            if len(passed | set(ids)) <= allowed:
                passed.update(ids)
                continue
            held_back = [row_id for row_id in ids if row_id not in passed]
            subject = f"{ReviewKind.DELETE_APPROVAL}:{link.name}:{object_name}:{system}"
            inbox.set_aside(connection, held_back, InboxState.HELD, subject)
            count = inbox.waiting_count(connection, subject)
            question = {"deletions": count, "linked": linked, "allowed": allowed}
            item = ReviewItem(
                link=link.name,
                kind=ReviewKind.DELETE_APPROVAL,
                subject=subject,
                object=object_name,
                group_key=subject,
                question=question,
                system=system,
            )
            review.open_items(connection, [item], now)
            held += len(held_back)
        return held


def _by_system(
    arrivals: Iterable[Arrival],
) -> dict[tuple[str, str, Cause], list[Record]]:
    found: dict[tuple[str, str, Cause], list[Record]] = {}
    for arrival in arrivals:
        assert arrival.record is not None
        # What was decided about the record is carried out with its deletion.
        cause = Cause.DECISION if arrival.cause is Cause.DECISION else Cause.HINT
        found.setdefault((arrival.object, arrival.system, cause), []).append(arrival.record)
    return found


def _tells_of_deletion(arrival: Arrival, reread: Mapping[int, Arrival]) -> bool:
    """Whether a record turned out to be deleted when it was read again, and nobody knew."""
    if arrival.id not in reread or arrival.cause is Cause.APPROVED:
        return False
    known = reread[arrival.id].record
    is_gone = arrival.record is not None and arrival.record.deleted
    return is_gone and not (known is not None and known.deleted)
