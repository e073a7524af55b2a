"""The connector itself: the contract of `connectors.base`, kept by calls to one Salesforce org."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from requests.adapters import BaseAdapter

from connectors.base import (
    Capabilities,
    Cursor,
    Entry,
    Idempotency,
    Page,
    Record,
    StreamSpec,
    SystemInfo,
    Usage,
    Write,
    WriteResult,
)
from connectors.errors import RecordError, StopRunError
from connectors.salesforce.describing import to_entries, to_spec
from connectors.salesforce.reading import (
    MASTER,
    MERGEABLE,
    Position,
    missing_record,
    page_query,
    parse_stamp,
    to_record,
    wanted_columns,
)
from connectors.salesforce.settings import MOST_READ, SalesforceSettings

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

    from connectors.salesforce.client import Client

_log = logging.getLogger(__name__)
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")
_PURGES_KEPT = timedelta(days=30) - timedelta(hours=1)
"""How far back the deleted-records call looks, with a margin for its duration."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SalesforceConnector:
    """One org. See the package's docstring for what it needs there.

    Args:
        settings: of the org.
        adapter: the transport under the client library's session; tests put theirs here.
        now: our clock, UTC.
    """

    def __init__(
        self,
        settings: SalesforceSettings,
        *,
        adapter: BaseAdapter | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._settings = settings
        self._adapter = adapter
        self._now = now

    @cached_property
    def _client(self) -> Client:
        # The client library takes half a second to import: only who makes a call pays for it.
        from connectors.salesforce.client import Client  # noqa: PLC0415 - see above

        return Client(self._settings, self._adapter, self._now)

    @property
    def capabilities(self) -> Capabilities:
        """What the engine may rely on."""
        return Capabilities(
            incremental=True,
            tombstones=True,
            idempotency=Idempotency.EXTERNAL_ID,
            conditional_writes=False,
            merges=MERGEABLE,
            unmerges=MERGEABLE,
            look_back=timedelta(seconds=self._settings.look_back_s),
            read_batch=self._settings.read_batch,
            write_batch=self._settings.write_batch,
        )

    @property
    def calls(self) -> int:
        """API calls made since construction, logins included."""
        return self._client.calls if "_client" in self.__dict__ else 0

    @property
    def usage(self) -> Usage | None:
        """Calls of the last 24 hours, as every answer tells them."""
        if "_client" not in self.__dict__:
            return None
        found = _USAGE.search(self._client.header("Sforce-Limit-Info") or "")
        return Usage(int(found[1]), int(found[2])) if found else None

    def check(self) -> SystemInfo:
        """Ask for the limits, which every user may read.

        Raises:
            StopRunError: the org cannot be used; the message says what to do.
            RetryableError: it does not answer for now.
        """
        try:
            limits = self._call("limits", lambda sf: sf.limits())
        except RecordError as error:
            raise StopRunError(
                f"{error.message}; check instance_url and api_version", code="salesforce.address"
            ) from None
        usage = self.usage
        used, limit = (usage.used, usage.limit) if usage else _daily(limits)
        return SystemInfo(
            product=f"Salesforce, API {self._settings.api_version}",
            clock_skew=self._client.clock_skew,
            quota_used=used,
            quota_limit=limit,
        )

    def streams(self) -> Sequence[str]:
        """Return the names of the objects that can be queried."""
        described = self._call("describe the org", lambda sf: sf.describe())
        return [str(each["name"]) for each in described["sobjects"] if each.get("queryable")]

    def describe(self, stream: str) -> StreamSpec:
        """Return the object's columns, as the org describes them.

        Raises:
            RecordError: there is no such object.
        """
        return to_spec(self._described(stream))

    def directory(self, name: str) -> Sequence[Entry]:
        """Return the values of a picklist.

        Args:
            name: object and column, as in `Account.Industry`.

        Raises:
            RecordError: there is no such picklist.
        """
        stream, _, column = name.partition(".")
        fields = self._described(stream)["fields"] if column else ()
        for field in fields:
            if field["name"].lower() == column.lower() and field.get("picklistValues"):
                return to_entries(field)
        raise RecordError(f"salesforce: no picklist {name}", code="salesforce.directory")

    # --- reading --------------------------------------------------------------------------------

    def read_changes(
        self, stream: str, columns: Sequence[str], cursor: Cursor | None
    ) -> Iterator[Page]:
        """Yield pages of everything changed since a cursor; see `connectors.salesforce.reading`."""
        position = Position.from_cursor(cursor)
        if self._purge_check_due(position):
            tombstones, position = self._purged(stream, position)
            yield from tombstones
        while True:
            rows = self._page(stream, columns, position)
            if position.began is None:
                position = replace(position, began=self._client.asked_at)
            if rows:
                position = position.after_row(rows[-1])
            complete = len(rows) < self._settings.read_batch
            if complete:
                position = self._swept(position)
            yield Page(tuple(to_record(stream, row, columns) for row in rows), position.as_cursor())
            if complete:
                return

    def cursor_at(self, stream: str, moment: datetime) -> Cursor:  # noqa: ARG002 - part of the contract
        """Return the cursor that makes `read_changes` start at a moment."""
        return Position(floor=moment, purged_to=moment).as_cursor()

    def read(self, stream: str, columns: Sequence[str], native_ids: Sequence[str]) -> list[Record]:
        """Return records as they are now; a missing one comes as a tombstone."""
        fields = wanted_columns(stream, columns)
        records = []
        for start in range(0, max(len(native_ids), 1), MOST_READ):
            some = [each for each in native_ids[start : start + MOST_READ] if _ID.fullmatch(each)]
            body = {"ids": some, "fields": fields}
            rows = self._retrieve(stream, body) if some else []
            gone = [native_id for native_id, row in zip(some, rows, strict=True) if row is None]
            merged = self._merged(stream, gone)
            records += [
                missing_record(stream, native_id, merged_into=merged.get(native_id))
                if row is None
                else to_record(stream, row, columns)
                for native_id, row in zip(some, rows, strict=True)
            ]
        malformed = [each for each in native_ids if not _ID.fullmatch(each)]
        return records + [missing_record(stream, native_id) for native_id in malformed]

    def _merged(self, stream: str, native_ids: Sequence[str]) -> dict[str, str]:
        """Deleted record → the one it was merged into, for those that were."""
        if stream not in MERGEABLE or not native_ids:
            return {}
        ids = ", ".join(map(_quote, native_ids))
        query = f"SELECT Id, {MASTER} FROM {stream} WHERE IsDeleted = true AND Id IN ({ids})"  # noqa: S608 - SOQL; the object is one of ours, the ids are quoted
        answer = self._call(f"merged {stream}", lambda sf: sf.query(query, include_deleted=True))
        return {str(row["Id"]): str(row[MASTER]) for row in answer["records"] if row.get(MASTER)}

    def find(self, stream: str, key: str) -> str | None:
        """Return the id of the record created under an idempotency key, deleted since or not.

        Raises:
            RecordError: several records hold the key.
        """
        wanted_columns(stream, [self._settings.external_id])
        query = (
            f"SELECT Id, IsDeleted FROM {stream} WHERE {self._settings.external_id} = "  # noqa: S608 - SOQL; names are checked, the key is quoted
            f"{_quote(key)} ORDER BY IsDeleted LIMIT 2"
        )
        answer = self._call(f"find in {stream}", lambda sf: sf.query(query, include_deleted=True))
        rows = answer["records"]
        if len([row for row in rows if not row["IsDeleted"]]) > 1:
            raise RecordError(
                f"salesforce: several records of {stream} hold one key; make "
                f"{self._settings.external_id} unique",
                code="salesforce.ambiguous",
            )
        return str(rows[0]["Id"]) if rows else None

    # --- writing --------------------------------------------------------------------------------

    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        """Carry out writes; one result each, in order. See `connectors.salesforce.writing`."""
        from connectors.salesforce.writing import WriteBatch  # noqa: PLC0415 - imports the library

        if len(writes) > self._settings.write_batch:
            raise RecordError(
                f"salesforce: at most {self._settings.write_batch} writes a call",
                code="salesforce.write_batch",
            )
        wanted_columns(stream, ())
        batch = WriteBatch(
            self._client,
            stream,
            self._settings.external_id,
            writes,
            find=self.find,
            read=lambda native_id: self.read(stream, (), [native_id])[0],
        )
        return batch.run()

    def close(self) -> None:
        """Give back the sockets."""
        if "_client" in self.__dict__:
            self._client.close()

    # --- calls ----------------------------------------------------------------------------------

    def _call(self, name: str, action: Callable[[Salesforce], Any]) -> Any:
        return self._client.call(name, action, safe=True)

    def _described(self, stream: str) -> Mapping[str, Any]:
        wanted_columns(stream, ())
        path = f"sobjects/{stream}/describe"
        described: Mapping[str, Any] = self._call(f"describe {stream}", lambda sf: sf.restful(path))
        return described

    def _page(
        self, stream: str, columns: Sequence[str], position: Position
    ) -> list[Mapping[str, Any]]:
        query = page_query(stream, columns, position, self._settings.read_batch)
        deleted_too = not position.first_sweep
        answer = self._call(
            f"read {stream}", lambda sf: sf.query(query, include_deleted=deleted_too)
        )
        rows: list[Mapping[str, Any]] = answer["records"]
        while not answer["done"]:
            # The org cuts pages of very wide rows shorter than asked.
            answer = self._more(stream, str(answer["nextRecordsUrl"]))
            rows += answer["records"]
        return rows

    def _more(self, stream: str, address: str) -> Any:
        return self._call(f"read on in {stream}", lambda sf: sf.query_more(address, True))

    def _swept(self, position: Position) -> Position:
        """The position after a complete sweep."""
        assert position.began is not None
        settled = position.began - timedelta(seconds=self._settings.look_back_s)
        floor = settled if position.floor is None else max(settled, position.floor)
        return Position(floor=floor, purged_to=position.purged_to or position.began)

    def _purge_check_due(self, position: Position) -> bool:
        if position.began is not None or position.purged_to is None:
            return False
        age = self._now() + self._client.clock_skew - position.purged_to
        return age >= timedelta(hours=self._settings.purge_check_hours)

    def _purged(self, stream: str, position: Position) -> tuple[list[Page], Position]:
        """Pages of deletions that queries may no longer see, and the position after them.

        Each page keeps the old position but for the last, so none is lost when the reader stops.
        """
        until = self._now() + self._client.clock_skew
        since = max(position.purged_to or until, until - _PURGES_KEPT)
        path = f"sobjects/{stream}/deleted"
        params = {"start": since.isoformat("T", "seconds"), "end": until.isoformat("T", "seconds")}
        try:
            answer = self._call(f"deleted {stream}", lambda sf: sf.restful(path, params=params))
        except RecordError as error:
            # Not every object and org has this call. A full compare finds such rows all the same.
            _log.warning("%s; deletions of purged rows stay unseen", error)
            return [], replace(position, purged_to=until)
        records = [
            missing_record(stream, str(each["id"]), str(each["deletedDate"]))
            for each in answer["deletedRecords"]
        ]
        after = replace(position, purged_to=parse_stamp(answer["latestDateCovered"]))
        size = self._settings.read_batch
        starts = range(0, len(records), size)
        return [
            Page(
                tuple(records[start : start + size]),
                (after if start == starts[-1] else position).as_cursor(),
            )
            for start in starts
        ], after

    def _retrieve(self, stream: str, body: Mapping[str, Any]) -> list[Mapping[str, Any] | None]:
        path = f"composite/sobjects/{stream}"
        rows: list[Mapping[str, Any] | None] = self._call(
            f"read {stream} by id", lambda sf: sf.restful(path, method="POST", json=body)
        )
        return rows


def _daily(limits: Mapping[str, Any]) -> tuple[int | None, int | None]:
    daily = limits.get("DailyApiRequests")
    if daily is None:
        return None, None
    return int(daily["Max"]) - int(daily["Remaining"]), int(daily["Max"])


def _quote(text: str) -> str:
    from simple_salesforce.format import quote_soql_value  # noqa: PLC0415 - imports the library

    return str(quote_soql_value(text))
