"""Pull: what a system says goes into the inbox; the watermark moves in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection, select

from connectors.base import Connector, Page, Record
from connectors.errors import RecordError
from tandem.clock import Clock
from tandem.mapping.compiler import CompiledMapping
from tandem.state import held, inbox, quality, watermark
from tandem.state.bulk import chunks
from tandem.state.chain import SideState
from tandem.state.inbox import Cause, News
from tandem.state.tables import crosswalk, observed, same_record
from tandem.sync.types import Counts, Window

Transaction = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction in which our lease has been proved."""


class Pull:
    """Reads one stream of one system into the inbox.

    Attributes:
        absent: columns that rows came without, though they were asked for.
    """

    def __init__(
        self,
        *,
        link: str,
        connector: Connector,
        mapping: CompiledMapping,
        begin: Transaction,
        clock: Clock,
        run_id: str,
        counts: Counts,
    ) -> None:
        self._link = link
        self._connector = connector
        self._mapping = mapping
        self._begin = begin
        self._clock = clock
        self._run_id = run_id
        self._counts = counts
        self.absent: set[str] = set()

    @property
    def system(self) -> str:
        """The system it reads."""
        return self._mapping.system

    @property
    def stream(self) -> str:
        """The stream it reads."""
        return self._mapping.stream

    def changes(self) -> None:
        """Everything since the watermark; a system that cannot say is compared as a whole."""
        if not self._connector.capabilities.incremental:
            self._list()
            return
        with self._begin() as connection:
            cursor = watermark.get(
                connection, self._link, self._mapping.system, self._mapping.stream
            )
        for page in self._read(cursor):
            self._store(page.records, Cause.POLL, page)

    def window(self, window: Window) -> None:
        """A backfill: what was modified between two moments. The watermark stays where it is."""
        cursor = None
        if window.since is not None:
            cursor = self._connector.cursor_at(self._mapping.stream, window.since)
        for page in self._read(cursor):
            records = [
                r
                for r in page.records
                if window.until is None or r.modified_at is None or r.modified_at <= window.until
            ]
            self._store(records, Cause.COMPARE, None)

    def compare(self) -> None:
        """Every record of the stream, those that were set aside too, and what is missing."""
        self._list(anew=True)

    def _list(self, *, anew: bool = False) -> None:
        """Read the whole stream; `anew` brings what was set aside before a gate once more.

        A record that a listing does not contain is asked for by id before it counts as deleted:
        a listing may be short without saying so.
        """
        missing = self._known_ids()
        listed = 0
        for page in self._read(None):
            listed += sum(not r.deleted for r in page.records)
            missing.difference_update(r.native_id for r in page.records if not r.deleted)
            self._counts.add("compared", len(page.records))
            news = self._store(page.records, Cause.COMPARE, page, anew=anew)
            self._counts.add("drift", news.unannounced)
        for chunk in chunks(sorted(missing)):
            gone = [r for r in self._reread(chunk) if r.deleted]
            self._counts.add("drift", self._store(gone, Cause.COMPARE, None).unannounced)
        with self._begin() as connection:
            quality.note_listing(
                connection,
                self._link,
                self._mapping.object,
                self._mapping.system,
                listed,
                self._clock.now(),
            )

    def _read(self, cursor: object) -> Iterator[Page]:
        """Pages that can be believed.

        Raises:
            RecordError: a record has no id, or the same page comes again and again.
        """
        last: Page | None = None
        for page in self._connector.read_changes(
            self._mapping.stream,
            self._mapping.columns,
            cursor,  # type: ignore[arg-type]  # opaque
        ):
            if page.records and page == last:
                raise RecordError(
                    f"{self.system}:{self.stream} answers with the same page again and again",
                    code="system.endless_pages",
                )
            if not all(record.native_id for record in page.records):
                raise RecordError(
                    f"{self.system}:{self.stream} answers with a record that has no id",
                    code="system.no_id",
                )
            last = page
            yield page

    def _reread(self, ids: Sequence[str]) -> list[Record]:
        return self._connector.read(self._mapping.stream, self._mapping.columns, ids)

    def _store(
        self,
        records: Sequence[Record],
        cause: Cause,
        page: Page | None,
        *,
        anew: bool = False,
    ) -> News:
        now = self._clock.now()
        for record in records:
            if not record.deleted and len(record.values) < len(self._mapping.columns):
                self.absent.update(c for c in self._mapping.columns if c not in record.values)
        with self._begin() as connection:
            whole = inbox.with_last_seen(connection, self.system, records, self._mapping.resting)
            news = inbox.add_records(
                connection,
                link=self._link,
                object_name=self._mapping.object,
                system=self._mapping.system,
                records=whole,
                cause=cause,
                at=now,
                run=self._run_id,
            )
            if anew:
                held.put_back(connection, self._link, self.system, whole, now)
            if page is not None:
                watermark.move(
                    connection,
                    self._link,
                    self._mapping.system,
                    self._mapping.stream,
                    page.cursor,
                    now,
                )
        self._counts.add("read", len(records))
        self._counts.add("arrived", news.arrived)
        return news

    def _known_ids(self) -> set[str]:
        """Records that a listing should contain: those that are linked, and those that are held."""
        with self._begin() as connection:
            rows = connection.execute(
                select(crosswalk.c.native_id)
                .join(
                    observed,
                    same_record(observed, crosswalk),
                )
                .where(
                    crosswalk.c.system == self._mapping.system,
                    crosswalk.c.stream == self._mapping.stream,
                    crosswalk.c.state == SideState.LINKED,
                    observed.c.deleted.is_(False),
                )
            )
            waiting = held.standing(connection, self._link, self.system, self.stream)
            return waiting.union(rows.scalars())
