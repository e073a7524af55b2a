"""What a connector promises, and the plain values that cross that line.

A connector reads and writes one kind of system *in the system's own words*: native stream and
column names, native value shapes. It knows nothing of canonical objects, links or policies. What it
can do it declares as `Capabilities`; the engine adapts to them and never asks for a vendor's name.

Rules every connector keeps (`connectors.testing.ConnectorContract` checks them):

* `read_changes` yields pages in an order that lets the reader stop after any page and resume from
  that page's cursor without losing a record. It may return a record twice; it never skips one.
* `write` answers one result per write, in order. It raises `RetryableError` only when it is certain
  that *nothing* was carried out; when the answer was lost, the writes concerned are `Unknown`.
* No value of a record reaches a log or an error message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

Values = Mapping[str, Any]
"""Native column name → JSON-like value (str, int, float, Decimal, bool, None, list, dict)."""

Cursor = Mapping[str, Any]
"""Opaque, JSON-serialisable position in a stream's changes. Only its connector reads it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One native row.

    Attributes:
        stream: native collection, e.g. `"Account"`.
        native_id: the system's own id, as text.
        version: opaque token that changes when the row changes (etag, timestamp, hash).
            Equal versions do not prove equal values where the token is coarse.
        modified_at: UTC, with zone; None when the system does not say.
        values: the columns asked for. Empty for a tombstone.
        deleted: True for a tombstone.
        merged_into: native id of the record that took its place, for the tombstone of a record
            that was merged into another one, where the system tells.
    """

    stream: str
    native_id: str
    version: str
    modified_at: datetime | None
    values: Values
    deleted: bool = False
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A bounded slice of a stream and the position after it (to be committed with it)."""

    records: tuple[Record, ...]
    cursor: Cursor


class Idempotency(StrEnum):
    """How a create can be told from a repeated create."""

    KEY = "key"  #: the system drops a second call with the same idempotency key
    EXTERNAL_ID = "external_id"  #: create is an upsert on a column that holds our key
    MARKER = "marker"  #: our key is stored with the record and `find` can search for it
    NONE = "none"  #: nothing; an unknown outcome goes to a person


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the engine may rely on. Durations are upper bounds.

    Attributes:
        incremental: `read_changes` with a cursor returns only changes; otherwise it lists all.
        tombstones: `read_changes` reports deletions; otherwise absence from a full listing does.
        idempotency: see `Idempotency`.
        conditional_writes: `Write.expected_version` is honoured by the system itself.
        deletes: the system can delete; otherwise the engine can only deactivate.
        merges: streams whose records the system merges itself, references included, and whose
            tombstones then say `merged_into`; elsewhere the engine deactivates the record.
        unmerges: streams in which it brings a merged record back under its own id; elsewhere the
            engine creates the record anew.
        clears_references: deleting a record may empty the references to it, which is nobody's edit;
            otherwise references outlive what they name, and an emptied one is somebody's edit.
        look_back: how far below its cursor `read_changes` reads again, for rows committed late.
        search_lag: how long a created record may stay invisible to `find`.
        read_batch: records per page, at most.
        write_batch: writes per call, at most.
    """

    incremental: bool
    tombstones: bool
    idempotency: Idempotency
    conditional_writes: bool
    deletes: bool = True
    merges: frozenset[str] = frozenset()
    unmerges: frozenset[str] = frozenset()
    clears_references: bool = True
    look_back: timedelta = timedelta(0)
    search_lag: timedelta = timedelta(0)
    read_batch: int = 1000
    write_batch: int = 200


class ColumnType(StrEnum):
    """Native column types, as far as a mapping needs to know them."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    REFERENCE = "reference"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a stream as the system describes it.

    Attributes:
        name: native name.
        type: see `ColumnType`.
        label: what users of the system see.
        length: most characters, None when unbounded.
        required: a create without it is rejected.
        writable: may be given in a write.
        allowed: the values accepted, when the system restricts them; empty otherwise.
        references: stream a reference points to.
    """

    name: str
    type: ColumnType
    label: str = ""
    length: int | None = None
    required: bool = False
    writable: bool = True
    allowed: tuple[str, ...] = ()
    references: str | None = None


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """The contract of one stream: its columns by name."""

    stream: str
    columns: Mapping[str, Column]


class Operation(StrEnum):
    """What a write does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    MERGE = "merge"  #: the record goes, what referred to it refers to the survivor
    UNMERGE = "unmerge"  #: a merged record is there again; what referred to it is not moved back


@dataclass(frozen=True, slots=True)
class Write:
    """One intended change of one record.

    A merge that has been carried out already is `Accepted`, and so is an unmerge.

    Attributes:
        operation: see `Operation`.
        key: idempotency key, the same on every try of the same intent.
        native_id: None for a create.
        into: of a merge, the native id of the survivor.
        values: the columns to set, native shapes; only these are touched.
        expected_version: the `Record.version` the decision was based on; a system with
            conditional writes answers `Stale` when the row has moved on.
    """

    operation: Operation
    key: str
    native_id: str | None = None
    values: Values = field(default_factory=dict)
    expected_version: str | None = None
    into: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """Carried out. `version` is None when the system does not tell the new one."""

    native_id: str
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Refused for good, with the vendor's code and message and the columns it names."""

    code: str
    message: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stale:
    """Not carried out: the record is no longer at `expected_version`. Read it again."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Not carried out: the record to update or delete no longer exists."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer was lost: the write may have been carried out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Certainly not carried out, try again: a rate limit or a fault struck inside the batch."""

    reason: str
    retry_after: float = 0.0


WriteResult = Accepted | Rejected | Stale | Gone | Unknown | Deferred


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a system's directory (country, subdivision, position, …).

    Attributes:
        code: what a record's column holds to point at it.
        name: what people read.
        parent: code of the entry above it, e.g. the country of a subdivision.
        names: its name in other languages, by ISO 639 code, where the system has translations.
    """

    code: str
    name: str
    parent: str | None = None
    names: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """Answer of a health check.

    Attributes:
        product: vendor's product name and version.
        clock_skew: the system's clock minus ours, measured from a response.
        quota_used, quota_limit: calls of the current period, when the system tells.
    """

    product: str
    clock_skew: timedelta = timedelta(0)
    quota_used: int | None = None
    quota_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls of the current period, those of other applications included, and how many there are."""

    used: int
    limit: int


@runtime_checkable
class Metered(Protocol):
    """A connector that is told with every answer how much of the system's quota is used."""

    @property
    def usage(self) -> Usage | None:
        """The figures of the last answer that had any."""


@runtime_checkable
class Connector(Protocol):
    """One system, spoken to in its own words. See the module's docstring for the rules."""

    @property
    def capabilities(self) -> Capabilities:
        """What the engine may rely on."""

    @property
    def calls(self) -> int:
        """API calls made since construction, retries included."""

    def check(self) -> SystemInfo:
        """One cheap authenticated call.

        Raises:
            StopRunError: the system cannot be used; the message says what to do.
        """

    def streams(self) -> Sequence[str]:
        """Names of the streams that can be read."""

    def describe(self, stream: str) -> StreamSpec:
        """The stream's columns, from the system itself where it can tell.

        Raises:
            RecordError: there is no such stream.
        """

    def read_changes(
        self, stream: str, columns: Sequence[str], cursor: Cursor | None
    ) -> Iterator[Page]:
        """Pages of everything changed since `cursor`; of everything, when it is None.

        Always yields at least one page (which may be empty) unless it raises, and costs one call
        when nothing changed.
        """

    def cursor_at(self, stream: str, moment: datetime) -> Cursor:
        """The cursor that makes `read_changes` start at `moment` (UTC)."""

    def read(self, stream: str, columns: Sequence[str], native_ids: Sequence[str]) -> list[Record]:
        """These records as they are now, in any order; a missing one comes as a tombstone."""

    def find(self, stream: str, key: str) -> str | None:
        """Native id of the record that was created under this idempotency key, if any.

        Only for systems with `Idempotency.EXTERNAL_ID` or `MARKER`.
        """

    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        """Carry out at most `write_batch` writes; one result each, in order."""

    def directory(self, name: str) -> Sequence[Entry]:
        """All entries of one of the system's directories of allowed values.

        Raises:
            RecordError: the system has no such directory.
        """

    def close(self) -> None:
        """Give back sockets and sessions."""
