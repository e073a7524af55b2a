"""Reading what changed, in passes over the parties in order of their ids.

A pass asks for the parties of a stream that were touched since a moment, themselves or through a
child, page by page above the last id seen; so it can stop after any page. What changes behind its
back is touched after the pass began, and the next pass starts there.

How far back is enough? A row carries the time at which its transaction *began*, and shows only when
that commits. So each pass repeats a short `overlap`, and one pass in every `look_back` repeats that
much below the beginning of the previous such pass: whatever took up to `look_back` to commit is
seen then at the latest. A pass that finds nothing is one call; every `deletions_every` the log of
deletions costs another, shared by the streams.

What no pass can see, and a full compare has to find: a child deleted through a list of its own
leaves no trace on its party, and a party that becomes a person, or ceases to be one, arrives in its
new stream without leaving the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from connectors.base import Cursor, Page, Record
from connectors.errors import RecordError
from connectors.tryton.deletions import Deletion, DeletionLog
from connectors.tryton.rpc import Rpc, native_time
from connectors.tryton.settings import TrytonSettings

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CHILDREN = ("addresses", "contact_mechanisms", "identifiers")


@dataclass(frozen=True, slots=True)
class Position:
    """A cursor, decoded. Moments are by the server's clock.

    Between two passes, and within one:

        {"since": "2026-11-21T08:30:00+00:00", "deep": "2026-11-21T08:29:30+00:00",
         "log": 12, "log_at": "2026-11-21T08:29:55+00:00"}
        {…, "after": 1200, "lower": "2026-11-21T08:29:55+00:00",
         "started": "2026-11-21T08:30:02+00:00"}

    Attributes:
        since: when the last whole pass began; None while everything is listed for the first time.
        deep: when the last pass began that repeated the whole look-back.
        log, log_at: position in the log of deletions, and as of when; None: not read yet.
        after: the last party seen in this pass; 0 between passes.
        lower: what was touched from here on belongs to this pass; None: everything does.
        started: when this pass began.
    """

    since: datetime | None = None
    deep: datetime | None = None
    log: int | None = None
    log_at: datetime | None = None
    after: int = 0
    lower: datetime | None = None
    started: datetime | None = None

    def encode(self) -> Cursor:
        """The position as plain JSON values.

        >>> Position(since=EPOCH, log=3).encode()
        {'since': '1970-01-01T00:00:00+00:00', 'log': 3}
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
            if value is not None and (name, value) != ("after", 0)
        }


def decode(cursor: Cursor) -> Position:
    """The position in a cursor.

    >>> decode(Position(since=EPOCH, log=3).encode())
    Position(since=datetime.datetime(1970, 1, 1, ...), deep=None, log=3, ...)

    Raises:
        RecordError: not a cursor of this connector.
    """
    moments = ("since", "deep", "log_at", "lower", "started")
    try:
        parsed: dict[str, Any] = {
            name: datetime.fromisoformat(value) if name in moments else int(value)
            for name, value in cursor.items()
        }
        return Position(**parsed)
    except (TypeError, ValueError):
        raise RecordError("not a cursor of a Tryton stream", code="tryton.cursor") from None


@dataclass(slots=True)
class Changes:
    """Reads the passes of one stream.

    Attributes:
        rpc: the database.
        settings: how far to look back, how often to look for deletions.
        deletions: the log, shared by the streams of the connector.
        search: rows of the stream that match a domain, by id, at most so many.
        flat: row → record with the columns asked for.
        stream: name of the stream.
        relations: whether relations belong to the stream's records.
    """

    rpc: Rpc
    settings: TrytonSettings
    deletions: DeletionLog
    search: Callable[[list[Any], int], Sequence[dict[str, Any]]]
    flat: Callable[[dict[str, Any]], Record]
    stream: str
    relations: bool

    def pages(self, cursor: Cursor | None) -> Iterator[Page]:
        """Pages from a cursor to the end of the pass it is in, or of the next one."""
        position = self._begin(Position() if cursor is None else decode(cursor))
        batch = self.settings.read_batch
        while True:
            rows = self.search(self._domain(position), batch)
            records = tuple(self.flat(row) for row in rows)
            if rows:
                position = replace(position, after=rows[-1]["id"])
            if len(rows) < batch:
                break
            yield Page(records, position.encode())
        yield from self._end(position, records)

    def _begin(self, position: Position) -> Position:
        if position.started is not None:
            return position
        started = self.rpc.server_now()
        if position.log is None:
            position = replace(position, log=self.deletions.head())
        if position.since is None:
            return replace(position, started=started, log_at=started)
        if started - self._deep(position) >= self.settings.look_back:
            lower = self._deep(position) - self.settings.look_back
        else:
            lower = position.since - min(self.settings.overlap, self.settings.look_back)
        return replace(position, started=started, lower=lower)

    def _end(self, position: Position, records: tuple[Record, ...]) -> Iterator[Page]:
        """The last page of parties, then the deletions, when it is time to look for them."""
        deep = self._is_deep(position)
        log_at, found = self._deleted(position, deep=deep)
        done = Position(
            since=position.started,
            deep=position.started if deep else position.deep,
            log=max([position.log or 0, *(deletion.log_id for deletion in found)]),
            log_at=log_at,
        )
        batch = self.settings.read_batch
        parts = [found[start : start + batch] for start in range(0, len(found), batch)]
        pages = [tuple(map(self._tombstone, part)) for part in parts]
        if records or not pages:
            pages.insert(0, records)
        for page in pages[:-1]:
            # The pass is over with its last page: stopping before that asks the log again.
            yield Page(page, position.encode())
        yield Page(pages[-1], done.encode())

    def _deleted(
        self, position: Position, *, deep: bool
    ) -> tuple[datetime | None, Sequence[Deletion]]:
        """Deletions to tell at the end of a pass, and as of when they are all."""
        if position.since is None or position.started is None:
            return position.log_at, ()
        if deep or position.log is None or position.log_at is None:
            return self.deletions.since(position.lower or EPOCH)
        fresh = position.started - self.settings.deletions_every
        recent = position.log_at is not None and position.log_at > fresh
        if not self.deletions.is_suspected(self.stream) and recent:
            return position.log_at, ()
        return self.deletions.after(position.log, fresh)

    def _deep(self, position: Position) -> datetime:
        return position.deep or position.since or EPOCH

    def _is_deep(self, position: Position) -> bool:
        if position.since is None or position.lower is None:
            return True
        return position.lower <= self._deep(position) - self.settings.look_back

    def _domain(self, position: Position) -> list[Any]:
        domain: list[Any] = [["id", ">", position.after]]
        if position.lower is not None:
            since = native_time(position.lower)
            touched = [["last_modified_at", ">=", since]]
            touched += [[f"{child}.last_modified_at", ">=", since] for child in CHILDREN]
            if self.relations:
                # Relations are a view: it has no modification time of its own.
                touched += [["relations.create_date", ">=", since]]
                touched += [["relations.write_date", ">=", since]]
            domain.append(["OR", *touched])
        return domain

    def _tombstone(self, deletion: Deletion) -> Record:
        return Record(
            stream=self.stream,
            native_id=str(deletion.party),
            version=f"deleted-{deletion.log_id}",
            modified_at=deletion.at,
            values={},
            deleted=True,
        )
