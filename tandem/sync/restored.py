"""Restored: a system that came back from a backup is noticed before its old values travel on.

After a restore the records that were modified latest claim not to have been modified since before
we saw what they held:

    modified     what we saw last        what the system shows now
    17:40        phone 3 (seen 17:41)    phone 1, modified 11:20    went back
    16:05        phone 2 (seen 16:06)    gone                       was created after the backup
    09:30        phone 9                 phone 9                    the same: older than the backup

It is a clean cut in time: everything modified after it went back, nothing before. One record that
is made anew, a clock that is set back, or a bulk delete does not look like that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from connectors.base import Record
from connectors.errors import ConnectorError
from tandem.errors import TandemError
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.transforms import NativeReference
from tandem.state import chain as chains
from tandem.state import inbox, review
from tandem.state.chain import SideState
from tandem.state.contract import StreamKey
from tandem.state.inbox import Cause, fingerprint
from tandem.state.quarantine import Quarantined
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.state.tables import baseline, crosswalk, observed, same_record, watermark
from tandem.sync.normalise import normalise
from tandem.sync.types import Link

Transaction = Callable[[], AbstractContextManager[Connection]]

SAMPLE = 50
"""Records per stream that are looked at: those modified latest."""

LEAST = 3
"""So many records must have gone back; fewer are no pattern."""

EVERY = timedelta(minutes=5)
"""How often a system is looked at."""


class RestoredSystemError(TandemError):
    """A system came back from a backup; the link stops until a person says what holds."""

    code = "system.restored"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One record: as it was last seen, and as it is now (None when it is gone)."""

    modified_at: datetime
    seen_at: datetime
    same: bool
    now: datetime | None


def went_back(sighting: Sighting, tolerance: timedelta) -> bool:
    """Whether a record shows an older state than one that was seen of it.

    It must also claim to be older than the moment at which it was seen: a record that was edited
    after its system's clock was set back is not.
    """
    now = sighting.now
    if now is None or sighting.same:
        return False
    return now < sighting.modified_at and now + tolerance < sighting.seen_at


def judge(sightings: Sequence[Sighting], tolerance: timedelta) -> int:
    """How many records went back or are missing, when that is a cut in time; otherwise 0."""
    back = [s.modified_at for s in sightings if went_back(s, tolerance)]
    if not back:
        return 0
    cut = min(back)
    if any(s.same and s.modified_at >= cut for s in sightings):
        return 0
    gone = sum(s.now is None and s.modified_at >= cut for s in sightings)
    return len(back) + gone if len(back) + gone >= LEAST else 0


def stop_if_asked(connection: Connection, link: str) -> None:
    """Let nothing run while a person has not answered.

    Raises:
        RestoredSystemError: the question is open.
    """
    for item in review.listing(connection, link, kind=ReviewKind.RESTORED_SYSTEM, limit=1):
        raise _stopped(item)


def _stopped(item: ReviewItem) -> RestoredSystemError:
    return RestoredSystemError(
        f"system {item.system} came back from a backup: {item.question['records']} records show "
        f"older states than were seen; link {item.link} stands still until review item {item.id} "
        "is answered"
    )


class Watch:
    """Looks at the systems of one link now and then."""

    def __init__(self, link: Link, begin: Transaction) -> None:
        self._link = link
        self._begin = begin

    def look(self, now: datetime, *, at_once: bool = False) -> None:
        """Look at each system whose time has come.

        Args:
            now: the present moment.
            at_once: look at all of them.

        Raises:
            RestoredSystemError: one came back from a backup; a person has been asked.
        """
        watched = {} if at_once else self._watched()
        for system in self._link.connectors:
            found: list[Sighting] = []
            try:
                for mapping in self._due(system, watched, now):
                    found += self._sightings(mapping)
            except ConnectorError:
                continue  # out of reach: reading it says so
            skew = [rules.skew.get(system, timedelta(0)) for rules in self._link.objects.values()]
            tolerance = self._link.config.clock_skew + max(map(abs, skew), default=timedelta(0))
            records = judge(found, tolerance)
            if records:
                raise self._ask(system, records, len(found), now)

    def _watched(self) -> dict[StreamKey, datetime | None]:
        with self._begin() as connection:
            rows = connection.execute(
                select(watermark.c.system, watermark.c.stream, watermark.c.watched_at).where(
                    watermark.c.link == self._link.name
                )
            )
            return {(row.system, row.stream): row.watched_at for row in rows}

    def _due(
        self, system: str, watched: Mapping[StreamKey, datetime | None], now: datetime
    ) -> Iterator[CompiledMapping]:
        """Mappings that were not watched of late, each noted as watched."""
        for rules in self._link.objects.values():
            mapping = rules.mappings.get(system)
            if mapping is None:
                continue
            last = watched.get((system, mapping.stream))
            if last is not None and now - last < EVERY:
                continue
            place = (
                watermark.c.link == self._link.name,
                watermark.c.system == system,
                watermark.c.stream == mapping.stream,
            )
            with self._begin() as connection:
                connection.execute(update(watermark).where(*place).values(watched_at=now))
            yield mapping

    def _sightings(self, mapping: CompiledMapping) -> list[Sighting]:
        with self._begin() as connection:
            rows = connection.execute(
                select(observed)
                .join(crosswalk, same_record(observed, crosswalk))
                .where(
                    observed.c.system == mapping.system,
                    observed.c.stream == mapping.stream,
                    observed.c.modified_at.is_not(None),
                    observed.c.deleted.is_(False),
                    crosswalk.c.state == SideState.LINKED,
                )
                .order_by(observed.c.modified_at.desc())
                .limit(SAMPLE)
            ).all()
        if len(rows) < LEAST:
            return []
        ids = [row.native_id for row in rows]
        connector = self._link.connectors[mapping.system]
        now = {r.native_id: r for r in connector.read(mapping.stream, mapping.columns, ids)}
        # What we wrote and have not read since says nothing: its moment is of the state before.
        return [
            Sighting(
                row.modified_at,
                row.seen_at,
                same=(row.version, row.fingerprint) == (record.version, fingerprint(record)),
                now=None if record.deleted else record.modified_at,
            )
            for row in rows
            if row.fingerprint and (record := now.get(row.native_id)) is not None
        ]

    def _ask(self, system: str, records: int, of: int, now: datetime) -> RestoredSystemError:
        item = ReviewItem(
            link=self._link.name,
            kind=ReviewKind.RESTORED_SYSTEM,
            subject=f"{ReviewKind.RESTORED_SYSTEM}:{self._link.name}:{system}",
            object="",
            group_key=f"{ReviewKind.RESTORED_SYSTEM}:{system}",
            question={"records": records, "context": {"looked_at": of}},
            system=system,
        )
        with self._begin() as connection:
            review.open_items(connection, [item], now)
        return _stopped(item)

    def answered(self) -> list[ReviewItem]:
        """Questions that a person has answered and that nothing has been done about yet."""
        with self._begin() as connection:
            return review.listing(
                connection,
                self._link.name,
                state=ReviewState.DECIDED,
                kind=ReviewKind.RESTORED_SYSTEM,
            )

    def apply(self, item: ReviewItem, now: datetime) -> None:
        """Prepare what was answered: everything is read again after this.

        What the system shows now counts as agreed where the lost edits shall come back, so that
        the golden values are written to it; otherwise it counts as what its people want.
        """
        assert item.system is not None
        with self._begin() as connection:
            inbox.clear(connection, self._link.name, item.system)
        if item.decision == {"approve": False}:
            for rules in self._link.objects.values():
                if item.system in rules.mappings:
                    self._bring_back(rules.mappings[item.system], now)
        with self._begin() as connection:
            review.close(connection, [item.id], ReviewState.APPLIED, now)

    def _bring_back(self, mapping: CompiledMapping, now: datetime) -> None:
        with self._begin() as connection:
            rows = connection.execute(
                select(observed.c.native_id, observed.c.modified_at, crosswalk.c.canonical_id)
                .join(crosswalk, same_record(observed, crosswalk))
                .where(
                    observed.c.system == mapping.system,
                    observed.c.stream == mapping.stream,
                    observed.c.deleted.is_(False),
                    crosswalk.c.state == SideState.LINKED,
                )
            ).all()
        seen = {row.native_id: row for row in rows}
        connector = self._link.connectors[mapping.system]
        size = connector.capabilities.read_batch
        for start in range(0, len(rows), size):
            ids = [row.native_id for row in rows[start : start + size]]
            records = connector.read(mapping.stream, mapping.columns, ids)
            with self._begin() as connection:
                for record in records:
                    row = seen[record.native_id]
                    # Edited after the restore, on whatever stood there: an edit like any other.
                    newer = record.modified_at and row.modified_at < record.modified_at
                    if record.deleted or not newer:
                        self._agree(connection, mapping, record, row.canonical_id, now)

    def _agree(
        self,
        connection: Connection,
        mapping: CompiledMapping,
        record: Record,
        canonical_id: str,
        now: datetime,
    ) -> None:
        chain = chains.load(connection, [canonical_id])[canonical_id]
        key = (mapping.system, record.stream, record.native_id)
        side = next(side for side in chain.sides if side.key == key)
        others = [s.key for s in chain.sides if s is not side and s.state is SideState.LINKED]
        if record.deleted:
            if not others:
                return
            # Created after the backup: the system has never heard of it, and may use its id again.
            for table in (crosswalk, observed, baseline):
                connection.execute(
                    delete(table).where(
                        table.c.system == key[0],
                        table.c.stream == key[1],
                        table.c.native_id == key[2],
                    )
                )
        else:
            reading = normalise(record, mapping, self._link.name)
            if isinstance(reading, Quarantined):
                return
            for name, value in reading.values.items():
                if not isinstance(value, NativeReference):
                    side.baseline[name] = value
                    continue
                target = (mapping.system, value.stream, value.native_id)
                side.baseline[name] = chains.find(connection, [target]).get(target)
            side.awaiting_echo, side.rewrites, side.fingerprint = [], {}, ""
            side.dirty |= {"baseline", "observed"}
            chains.save(connection, [chain], now)
            others = [key, *others]
        inbox.add_hints(
            connection,
            link=self._link.name,
            keys=[(chain.object, *other) for other in others],
            cause=Cause.DECISION,
            at=now,
        )
