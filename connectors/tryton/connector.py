"""The Tryton connector: flat streams over parties, spoken to by JSON-RPC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from requests.adapters import BaseAdapter

from connectors.base import (
    Capabilities,
    Column,
    Cursor,
    Entry,
    Idempotency,
    Operation,
    Page,
    Record,
    StreamSpec,
    SystemInfo,
    Write,
    WriteResult,
)
from connectors.errors import RecordError, RetryableError, StopRunError
from connectors.tryton.changes import Changes, Position
from connectors.tryton.compose import Composer
from connectors.tryton.deletions import DeletionLog
from connectors.tryton.directories import Directories
from connectors.tryton.flatten import Row, View
from connectors.tryton.rpc import Refusal, Rpc
from connectors.tryton.settings import TrytonSettings, parse
from connectors.tryton.streams import (
    CHILD_MODELS,
    MARKER_PREFIX,
    PERSON,
    STREAMS,
    FlatColumn,
    Part,
    columns_of,
    read_fields,
)
from connectors.tryton.writing import INACTIVE_TOO, PARTY, Batch

MODULES = ("country", "party", "party_relationship")
"""Modules of Tryton that the streams need."""

GENERATED = frozenset({"code"})
"""Required fields that Tryton fills by itself."""

READ_TRIES = 5
"""How often to ask again when rows vanish between Tryton's search and its read."""

RESOLUTION = timedelta(seconds=1)
"""How exactly a clock can be read from the `Date` of an answer."""


class TrytonConnector:
    """One Tryton database. See `connectors.base.Connector`."""

    def __init__(self, settings: TrytonSettings, adapter: BaseAdapter | None = None) -> None:
        self._settings = settings
        self._rpc = Rpc(settings, adapter)
        self._directories = Directories(self._rpc, settings)
        self._deletions = DeletionLog(self._rpc)
        self._specs: dict[str, StreamSpec] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What the engine may rely on."""
        merges = frozenset(STREAMS if self._settings.merges else ())
        return Capabilities(
            incremental=True,
            tombstones=True,
            idempotency=Idempotency.MARKER,
            conditional_writes=True,
            merges=merges,
            look_back=self._settings.look_back,
            read_batch=self._settings.read_batch,
            write_batch=self._settings.write_batch,
        )

    @property
    def calls(self) -> int:
        """API calls made since construction, logins included."""
        return self._rpc.calls

    def check(self) -> SystemInfo:
        """One call: version, modules and clock.

        Raises:
            StopRunError: the database cannot be used; the message says what to do.
        """
        rows = self._rpc.read(
            *("ir.module", "search_read"),
            [["name", "in", MODULES]],
            *(0, None, None),
            ["name", "state", "version"],
        )
        active = {row["name"]: row["version"] for row in rows if row["state"] == "activated"}
        if missing := [name for name in MODULES if name not in active]:
            raise StopRunError(
                f"tryton: activate these modules in the database: {', '.join(missing)}",
                code="tryton.not_set_up",
            )
        skew = self._rpc.clock_skew
        return SystemInfo(
            product=f"Tryton {active['party']}",
            clock_skew=skew if abs(skew) > RESOLUTION else timedelta(0),
        )

    def streams(self) -> Sequence[str]:
        """Names of the streams that can be read."""
        return tuple(STREAMS)

    def describe(self, stream: str) -> StreamSpec:
        """The flat columns, with Tryton's labels and allowed values.

        Raises:
            RecordError: there is no such stream.
        """
        view = self._view(stream, ())
        if stream not in self._specs:
            self._specs[stream] = StreamSpec(stream, self._describe(view))
        return self._specs[stream]

    def read_changes(
        self, stream: str, columns: Sequence[str], cursor: Cursor | None
    ) -> Iterator[Page]:
        """Pages of everything touched since `cursor`; see `connectors.tryton.changes`."""
        view = self._view(stream, columns)
        changes = Changes(
            rpc=self._rpc,
            settings=self._settings,
            deletions=self._deletions,
            search=lambda domain, limit: self._search(view, domain, limit),
            flat=lambda row: view.record(row, columns),
            stream=stream,
            relations=view.relation_type is not None,
        )
        yield from changes.pages(cursor)

    def cursor_at(self, stream: str, moment: datetime) -> Cursor:
        """The cursor that makes `read_changes` start at `moment`."""
        columns_of(stream)
        return Position(since=moment, deep=moment).encode()

    def read(self, stream: str, columns: Sequence[str], native_ids: Sequence[str]) -> list[Record]:
        """These records as they are now; a missing one comes as a tombstone."""
        view = self._view(stream, columns)
        rows = self._rows(view, (int(i) for i in native_ids if i.isdecimal()))
        records = [view.record(row, columns) for row in rows]
        found = {record.native_id for record in records}
        return records + [
            Record(stream, native_id, "deleted", None, {}, deleted=True)
            for native_id in dict.fromkeys(native_ids)
            if native_id not in found
        ]

    def find(self, stream: str, key: str) -> str | None:
        """Native id of the party that carries our key, if any."""
        columns_of(stream)
        domain = [["identifiers.code", "=", MARKER_PREFIX + key], self._kind(stream)]
        ids = self._rpc.read(PARTY, "search", domain, 0, 1, None, context=INACTIVE_TOO)
        return str(ids[0]) if ids else None

    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        """Carry out writes: one call for all creates, one for all updates, two for deletes.

        Raises:
            ConnectorError: nothing was carried out.
        """
        view = self._view(stream, ())
        batch = Batch(
            rpc=self._rpc,
            composer=Composer(stream, view.relation_type, self._directories),
            view=view,
            read=lambda ids: self._rows(view, ids),
            writes=writes,
        )
        if any(write.operation is Operation.DELETE for write in writes):
            self._deletions.suspect()
        return batch.run()

    def directory(self, name: str) -> Sequence[Entry]:
        """Entries of `country`, `subdivision`, `position` or `relation`.

        Raises:
            RecordError: there is no such directory.
        """
        return self._directories.entries(name)

    def close(self) -> None:
        """Close the pooled connections."""
        self._rpc.close()

    # --- reading rows ----------------------------------------------------------------------------

    def _view(self, stream: str, columns: Sequence[str]) -> View:
        known = columns_of(stream)
        if unknown := [name for name in columns if name not in known]:
            raise RecordError(
                f"{stream} has no column {', '.join(map(repr, unknown))}", code="tryton.no_column"
            )
        relation = (
            self._settings.employer_relation if stream == PERSON else self._settings.parent_relation
        )
        relation_type = None if relation is None else self._directories.relation_type(relation)
        return View(stream, relation_type, self._directories)

    def _kind(self, stream: str) -> list[Any]:
        person = self._directories.person_category()
        if stream == PERSON:
            return ["categories", "=", person]
        return ["categories", "not where", [["id", "=", person]]]

    def _search(self, view: View, domain: list[Any], limit: int | None) -> list[dict[str, Any]]:
        question = (
            [self._kind(view.stream), *domain],
            *(0, limit, [["id", "ASC"]]),
            read_fields(view.stream, relations=view.relation_type is not None),
        )
        for _ in range(READ_TRIES):
            try:
                rows: list[dict[str, Any]] = self._rpc.read(
                    PARTY, "search_read", *question, context=INACTIVE_TOO
                )
            except Refusal as refusal:
                # Tryton searches first and reads then: a row can be deleted in between.
                if not refusal.missing:
                    raise
            else:
                return rows
        raise RetryableError("tryton: rows keep vanishing while they are read")

    def _rows(self, view: View, ids: Iterable[int]) -> list[Row]:
        wanted = sorted(set(ids))
        batch = self._settings.read_batch
        rows: list[Row] = []
        for start in range(0, len(wanted), batch):
            domain = [["id", "in", wanted[start : start + batch]]]
            rows += self._search(view, domain, None)
        return rows

    # --- describing ------------------------------------------------------------------------------

    def _describe(self, view: View) -> dict[str, Column]:
        native: dict[Part, Mapping[str, Any]] = {
            Part.PARTY: self._rpc.read(PARTY, "fields_get", []),
            **{
                part: self._rpc.read(CHILD_MODELS[part], "fields_get", [])
                for part in (Part.ADDRESS, Part.IDENTIFIER)
            },
        }
        types = self._rpc.read(CHILD_MODELS[Part.IDENTIFIER], "get_types")
        tax_types = tuple(code for code, _ in types if code)
        specs = {}
        for name, column in columns_of(view.stream).items():
            # The other children have the labels of the party's own fields for them.
            fields = native.get(column.part, native[Part.PARTY])
            field = fields.get(column.field) or fields[column.part.value]
            size = field.get("size")
            own = column.part is Part.PARTY and name not in GENERATED
            specs[name] = Column(
                name=name,
                type=column.type,
                label=field["string"],
                length=size if isinstance(size, int) else None,
                required=own and bool(field["required"]),
                writable=column.part is not Part.RELATION or view.relation_type is not None,
                allowed=tax_types if name == "tax_id_type" else self._allowed(column),
                references=column.references,
            )
        return specs

    def _allowed(self, column: FlatColumn) -> tuple[str, ...]:
        if column.directory is None:
            return ()
        return tuple(entry.code for entry in self._directories.entries(column.directory))


def build(settings: Mapping[str, Any]) -> TrytonConnector:
    """A connector from plain settings; see `TrytonSettings`.

    Raises:
        StopRunError: a setting is missing, unknown or malformed.
    """
    return TrytonConnector(parse(settings))
