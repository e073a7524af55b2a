"""Pull: what a system says goes into the inbox; the watermark moves in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection, select

from connectors.base import Connector, Page, Record
from tandem.clock import Clock
from tandem.mapping.compiler import CompiledMapping
from tandem.state import inbox, watermark
from tandem.state.bulk import chunks
from tandem.state.chain import SideState
from tandem.state.inbox import Cause
from tandem.state.tables import crosswalk, observed, same_record
from tandem.sync.types import Counts, Window

Transaction = Callable[[], AbstractContextManager[Connection]]
"""Opens a transaction in which our lease has been proved."""


class Pull:
    """Reads one stream of one system into the inbox."""

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
            self.compare()
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
        """Every record of the stream, and what is missing from it.

        A record that a listing does not contain is asked for by id before it counts as deleted:
        a listing may be short without saying so.
        """
        missing = self._linked_ids()
        for page in self._read(None):
            missing.difference_update(r.native_id for r in page.records if not r.deleted)
            self._counts.add("drift", self._store(page.records, Cause.COMPARE, page))
        for chunk in chunks(sorted(missing)):
            gone = [r for r in self._reread(chunk) if r.deleted]
            self._counts.add("drift", self._store(gone, Cause.COMPARE, None))

    def _read(self, cursor: object) -> Iterator[Page]:
        return self._connector.read_changes(
            self._mapping.stream,
            self._mapping.columns,
            cursor,  # type: ignore[arg-type]  # opaque
        )

    def _reread(self, ids: Sequence[str]) -> list[Record]:
        return self._connector.read(self._mapping.stream, self._mapping.columns, ids)

    def _store(self, records: Sequence[Record], cause: Cause, page: Page | None) -> int:
        now = self._clock.now()
        with self._begin() as connection:
            news = inbox.add_records(
                connection,
                link=self._link,
                object_name=self._mapping.object,
                system=self._mapping.system,
                records=records,
                cause=cause,
                at=now,
                run=self._run_id,
            )
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
        self._counts.add("arrived", news)
        return news

    def _linked_ids(self) -> set[str]:
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
            return set(rows.scalars())
