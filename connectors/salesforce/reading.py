"""How changes are listed: the position in a stream, the query for the next page, rows to records.

Salesforce stamps rows with whole seconds when they are *written* and shows them when the
transaction *commits*, up to minutes later. So a reader that remembers only the newest stamp loses
rows: those of the same second on the next page, and those that commit late with an older stamp.
Hence

* pages go by (SystemModstamp, Id), the id breaking ties;
* a *sweep* lists everything above a floor, and when it is done the floor rises to the org's time at
  the sweep's first call less the look-back: what was stamped below that is visible by then.

After a quiet look-back a sweep finds nothing, so an idle cycle is one call.

    finished sweep   {"floor": "2026-11-21T21:57:00.000Z", "purged_to": "2026-11-21T09:00:00.000Z"}
    inside a sweep   … and {"began": "…", "at": "2026-11-21T21:58:52.000Z", "id": "001…"}
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from connectors.base import Cursor, Record
from connectors.errors import RecordError, RetryableError

STAMP = "SystemModstamp"
IS_DELETED = "IsDeleted"
MASTER = "MasterRecordId"
MERGEABLE = frozenset({"Account", "Contact", "Lead"})
"""Objects whose records can be merged; a deleted one then names the record it was merged into."""
_NAME = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a stream's changes.

    Attributes:
        floor: everything stamped below it has been given; None before the first sweep is done.
        purged_to: deletions up to here have been looked for among purged rows.
        began: the org's time when the sweep under way began; None between sweeps.
        at, native_id: stamp and id of the last row given in the sweep under way.
    """

    floor: datetime | None = None
    purged_to: datetime | None = None
    began: datetime | None = None
    at: datetime | None = None
    native_id: str = ""

    @property
    def first_sweep(self) -> bool:
        """Whether the stream is being listed for the first time: deleted rows do not matter yet."""
        return self.floor is None

    def after_row(self, row: Mapping[str, Any]) -> Position:
        """Return the position behind a row of the sweep.

        Raises:
            RetryableError: the row does not lie behind this position, so the sweep would never end.
        """
        at, native_id = parse_stamp(row[STAMP]), str(row["Id"])
        stuck = (at, native_id) == (self.at, self.native_id)
        if stuck or (self.at is not None and at < self.at):
            raise RetryableError(
                "salesforce: a page did not move on; rows came out of order",
                code="salesforce.order",
            )
        return replace(self, at=at, native_id=native_id)

    def as_cursor(self) -> Cursor:
        """Return the position as JSON.

        >>> Position(floor=datetime(2026, 11, 21, 8, tzinfo=UTC)).as_cursor()
        {'floor': '2026-11-21T08:00:00.000Z'}
        """
        moments = {"floor": self.floor, "purged_to": self.purged_to,
                   "began": self.began, "at": self.at}  # fmt: skip
        cursor = {name: soql_moment(value) for name, value in moments.items() if value is not None}
        return {**cursor, "id": self.native_id} if self.native_id else cursor

    @classmethod
    def from_cursor(cls, cursor: Cursor | None) -> Position:
        """Return the position that a cursor holds; the beginning for None.

        >>> Position.from_cursor({"floor": "2026-11-21T08:00:00.000Z"}).floor
        datetime.datetime(2026, 11, 21, 8, 0, tzinfo=datetime.timezone.utc)

        Raises:
            RecordError: it is not a cursor of this connector.
        """
        cursor = cursor or {}
        try:
            floor, purged_to, began, at = (
                parse_stamp(cursor[name]) if name in cursor else None
                for name in ("floor", "purged_to", "began", "at")
            )
        except (TypeError, ValueError):
            raise RecordError(
                "salesforce: not a cursor of this connector", code="salesforce.cursor"
            ) from None
        return cls(floor, purged_to, began, at, str(cursor.get("id", "")))


def page_query(stream: str, columns: Sequence[str], position: Position, limit: int) -> str:
    """Return the query for the page behind a position.

    >>> moment = datetime(2026, 11, 21, 8, tzinfo=UTC)
    >>> print(page_query("Account", ["Name"], Position(at=moment, native_id="001A"), 2000))
    SELECT Id, SystemModstamp, IsDeleted, MasterRecordId, Name FROM Account
    WHERE SystemModstamp >= 2026-11-21T08:00:00.000Z
    AND (SystemModstamp > 2026-11-21T08:00:00.000Z OR Id > '001A')
    ORDER BY SystemModstamp, Id LIMIT 2000
    """
    condition = ""
    if position.at is not None:
        at = soql_moment(position.at)
        # The first half alone lets the org's index find the place; the second breaks the tie.
        condition = f"\nWHERE {STAMP} >= {at}\nAND ({STAMP} > {at} OR Id > '{position.native_id}')"
    elif position.floor is not None:
        condition = f"\nWHERE {STAMP} >= {soql_moment(position.floor)}"
    names = ", ".join(wanted_columns(stream, columns, IS_DELETED, *of_merges(stream)))
    order = f"\nORDER BY {STAMP}, Id LIMIT {limit}"
    return f"SELECT {names} FROM {stream}{condition}{order}"  # noqa: S608 - SOQL of checked names


def of_merges(stream: str) -> tuple[str, ...]:
    """The column that tells what a record was merged into, where there is one."""
    return (MASTER,) if stream in MERGEABLE else ()


def wanted_columns(stream: str, columns: Sequence[str], *always: str) -> list[str]:
    """Return the columns to ask for: those that every record needs, then those wanted.

    Raises:
        RecordError: a name that no object or column can have.
    """
    for name in (stream, *columns):
        if not _NAME.fullmatch(name):
            raise RecordError(f"salesforce: {name!r} is not a name", code="salesforce.name")
    return list(dict.fromkeys(("Id", STAMP, *always, *columns)))


def to_record(stream: str, row: Mapping[str, Any], columns: Sequence[str]) -> Record:
    """Return a row as a record.

    Two changes within one second leave the same stamp, so the version is the stamp with a digest
    of the values read.

    >>> record = to_record("Account", {"attributes": {}, "Id": "001A", "Name": "Acme",
    ...     "IsDeleted": False, "SystemModstamp": "2026-11-21T08:00:00.000+0000"}, ["Name"])
    >>> record.version, record.values
    ('2026-11-21T08:00:00.000+0000/825c5c405605', {'Name': 'Acme'})
    """
    deleted = bool(row.get(IS_DELETED, False))
    values = {} if deleted else {column: _value(row, column) for column in columns}
    return Record(
        stream=stream,
        native_id=str(row["Id"]),
        version=f"{row[STAMP]}/{'deleted' if deleted else _digest(values)}",
        modified_at=parse_stamp(row[STAMP]),
        values=values,
        deleted=deleted,
        merged_into=row.get(MASTER) if deleted else None,
    )


def _digest(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def missing_record(
    stream: str, native_id: str, deleted_at: str | None = None, merged_into: str | None = None
) -> Record:
    """Return the tombstone of a row that can no longer be read."""
    return Record(
        stream=stream,
        native_id=native_id,
        version=f"{deleted_at or 'missing'}/deleted",
        modified_at=parse_stamp(deleted_at) if deleted_at else None,
        values={},
        deleted=True,
        merged_into=merged_into,
    )


def _value(row: Mapping[str, Any], column: str) -> Any:
    """A column's value; `Account.Name` is looked up in the record that the row points at."""
    if column in row:
        return row[column]
    value: Any = row
    for step in column.split("."):
        if value is None:
            return None
        if not isinstance(value, Mapping) or step not in value:
            # Names are matched whatever their case, but come back in the org's own spelling.
            raise RecordError(
                f"salesforce: column {column} is spelled otherwise in this org",
                code="salesforce.name",
            )
        value = value[step]
    return value


def parse_stamp(text: str) -> datetime:
    """Read a date-time of the API, or of a cursor.

    >>> parse_stamp("2020-10-22T21:03:23.000+0000")
    datetime.datetime(2020, 10, 22, 21, 3, 23, tzinfo=datetime.timezone.utc)
    """
    return datetime.fromisoformat(text).astimezone(UTC)


def soql_moment(moment: datetime) -> str:
    """Write a date-time as a query does, with the milliseconds that the org may keep.

    >>> soql_moment(datetime(2020, 10, 22, 21, 3, 23, 120000, tzinfo=UTC))
    '2020-10-22T21:03:23.120Z'
    """
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
