"""The rows, in one SQLite file: a table per object, typed by the schema.

One connection serves the whole server, which runs on one event loop: requests take turns, so a
request is a transaction and nothing here needs a lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tandem.sandbox.ids import make_id
from tandem.sandbox.schema import SCHEMA, Field, FieldType, SObject

Row = dict[str, Any]
"""Stored values by field name: booleans as 0/1, date-times in milliseconds since 1970."""

_SQL_TYPES = {FieldType.BOOLEAN: "INTEGER", FieldType.INT: "INTEGER", FieldType.DATETIME: "INTEGER"}
_IDS_PER_STATEMENT = 500


def _column(field: Field) -> str:
    if field.type is FieldType.ID:
        return f'"{field.name}" TEXT PRIMARY KEY'
    # Keys of upserts are compared without regard to case, as in the real system.
    collation = " COLLATE NOCASE" if field.external_id else ""
    return f'"{field.name}" {_SQL_TYPES.get(field.type, "TEXT")}{collation}'


def _definitions(sobject: SObject) -> Iterator[str]:
    table = f'"{sobject.name}"'
    columns = ", ".join(_column(field) for field in sobject.fields)
    yield f"CREATE TABLE IF NOT EXISTS {table} ({columns}) WITHOUT ROWID"
    yield (f'CREATE INDEX IF NOT EXISTS "{sobject.name}_stamp" ON {table} ("SystemModstamp", "Id")')
    for field in sobject.fields:
        name = f'"{sobject.name}_{field.name}"'
        if field.external_id:
            yield (
                f"CREATE UNIQUE INDEX IF NOT EXISTS {name} "
                f'ON {table} ("{field.name}") WHERE "IsDeleted" = 0'
            )
        elif field.references not in {None, "User"}:
            yield f'CREATE INDEX IF NOT EXISTS {name} ON {table} ("{field.name}")'


class Store:
    """Rows by object and id. Knows SQL and the schema, none of the API's rules.

    Args:
        path: the database file; `:memory:` keeps nothing.
    """

    def __init__(self, path: Path | str) -> None:
        if str(path) != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(
            path, isolation_level=None, cached_statements=512, check_same_thread=False
        )
        # SQLite folds ASCII only; names here are in every script.
        self.connection.create_function(
            "fold", 1, lambda text: None if text is None else str(text).casefold(),
            deterministic=True,
        )  # fmt: skip
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        for sobject in SCHEMA.values():
            for definition in _definitions(sobject):
                self.connection.execute(definition)
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS serial (sobject TEXT PRIMARY KEY, last INTEGER NOT NULL)"
        )
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS deletion"
            " (sobject TEXT, id TEXT, stamp INTEGER, PRIMARY KEY (sobject, id))"
        )
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS journal (number INTEGER PRIMARY KEY, sobject TEXT,"
            " id TEXT, operation TEXT, user_id TEXT, stamp INTEGER)"
        )
        self._serials: dict[str, int] = self._load_serials()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all of the block's changes, or none when it raises. Blocks may be nested."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.executemany(
                "INSERT OR REPLACE INTO serial VALUES (?, ?)", self._serials.items()
            )
        except BaseException:
            self.connection.execute("ROLLBACK")
            self._serials = self._load_serials()
            raise
        self.connection.execute("COMMIT")

    def new_id(self, sobject: SObject) -> str:
        """Return an id never given before. Call it inside a transaction."""
        serial = self._serials.get(sobject.name, 0) + 1
        self._serials[sobject.name] = serial
        return make_id(sobject.key_prefix, serial)

    def insert(self, sobject: SObject, row: Row) -> None:
        """Add a row; fields it leaves out are null.

        Raises:
            sqlite3.IntegrityError: another row holds the same unique value.
        """
        self.connection.execute(
            _insert_statement(sobject), [row.get(field.name) for field in sobject.fields]
        )

    def update(self, sobject: SObject, native_id: str, changes: Mapping[str, Any]) -> None:
        """Set some fields of a row.

        Raises:
            sqlite3.IntegrityError: another row holds the same unique value.
        """
        assignments = ", ".join(f'"{name}" = ?' for name in changes)
        self.connection.execute(
            f'UPDATE "{sobject.name}" SET {assignments} WHERE "Id" = ?',  # noqa: S608 - names come from the schema
            [*changes.values(), native_id],
        )

    def row(self, sobject: SObject, native_id: str) -> Row | None:
        """Return a row, deleted or not."""
        return self.rows(sobject, [native_id]).get(native_id)

    def rows(self, sobject: SObject, native_ids: Sequence[str]) -> dict[str, Row]:
        """Return those of the rows that exist, deleted or not, by id."""
        names = [field.name for field in sobject.fields]
        found: dict[str, Row] = {}
        for start in range(0, len(native_ids), _IDS_PER_STATEMENT):
            some = native_ids[start : start + _IDS_PER_STATEMENT]
            marks = ", ".join("?" * len(some))
            for values in self.connection.execute(
                f'SELECT * FROM "{sobject.name}" WHERE "Id" IN ({marks})',  # noqa: S608 - names come from the schema
                some,
            ):
                row = dict(zip(names, values, strict=True))
                found[row["Id"]] = row
        return found

    def ids_with(self, sobject: SObject, field: Field, value: Any) -> list[str]:
        """Return the ids of the live rows that hold a value."""
        cursor = self.connection.execute(
            f'SELECT "Id" FROM "{sobject.name}" WHERE "{field.name}" = ? AND "IsDeleted" = 0',  # noqa: S608 - names come from the schema
            [value],
        )
        return [native_id for (native_id,) in cursor]

    def live_count(self, sobject: SObject) -> int:
        """Return how many rows are not deleted."""
        ((count,),) = self.select(
            f'SELECT COUNT(*) FROM "{sobject.name}" WHERE "IsDeleted" = 0',  # noqa: S608 - names come from the schema
            [],
        )
        return int(count)

    def log_write(
        self, sobject: SObject, native_id: str, operation: str, user_id: str, stamp: int
    ) -> None:
        """Remember who wrote what; seeds are not written down."""
        self.connection.execute(
            "INSERT INTO journal (sobject, id, operation, user_id, stamp) VALUES (?, ?, ?, ?, ?)",
            [sobject.name, native_id, operation, user_id, stamp],
        )

    def writes(self, sobject: SObject, user_id: str) -> list[tuple[str, str, int]]:
        """Return (id, operation, stamp) of a user's writes, in order."""
        return self.connection.execute(
            "SELECT id, operation, stamp FROM journal WHERE sobject = ? AND user_id = ?"
            " ORDER BY number",
            [sobject.name, user_id],
        ).fetchall()

    def log_deletion(self, sobject: SObject, native_id: str, stamp: int) -> None:
        """Remember a deletion for `…/deleted`, which outlives the row itself."""
        self.connection.execute(
            "INSERT OR REPLACE INTO deletion VALUES (?, ?, ?)", [sobject.name, native_id, stamp]
        )

    def forget_deletion(self, sobject: SObject, native_id: str) -> None:
        """Undo `log_deletion`."""
        self.connection.execute(
            "DELETE FROM deletion WHERE sobject = ? AND id = ?", [sobject.name, native_id]
        )

    def deletions(self, sobject: SObject, start: int, end: int) -> list[tuple[str, int]]:
        """Return (id, stamp) of the rows deleted in a span, its end left out."""
        return self.connection.execute(
            "SELECT id, stamp FROM deletion WHERE sobject = ? AND stamp >= ? AND stamp < ?"
            " ORDER BY stamp, id",
            [sobject.name, start, end],
        ).fetchall()

    def select(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a compiled query."""
        return self.connection.execute(sql, parameters).fetchall()

    def purge(self, sobject: SObject, native_ids: Iterable[str] | None = None) -> int:
        """Remove deleted rows for good (all, or these); how many."""
        where = '"IsDeleted" = 1'
        parameters = list(native_ids) if native_ids is not None else []
        if native_ids is not None:
            where += f' AND "Id" IN ({", ".join("?" * len(parameters))})'
        return self.connection.execute(
            f'DELETE FROM "{sobject.name}" WHERE {where}',  # noqa: S608 - names come from the schema
            parameters,
        ).rowcount

    def clear(self, sobjects: Iterable[SObject]) -> None:
        """Remove all rows of some objects, and the memory of writes. Ids are not given again."""
        with self.transaction():
            for sobject in sobjects:
                self.connection.execute(f'DELETE FROM "{sobject.name}"')  # noqa: S608 - names come from the schema
            self.connection.execute("DELETE FROM deletion")
            self.connection.execute("DELETE FROM journal")

    def _load_serials(self) -> dict[str, int]:
        return dict(self.connection.execute("SELECT sobject, last FROM serial"))


def _insert_statement(sobject: SObject) -> str:
    names = ", ".join(f'"{field.name}"' for field in sobject.fields)
    marks = ", ".join("?" * len(sobject.fields))
    return f'INSERT INTO "{sobject.name}" ({names}) VALUES ({marks})'  # noqa: S608 - names come from the schema
