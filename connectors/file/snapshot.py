"""What a folder's files held when they were last looked at, and when each row changed.

Every row that appears, changes or goes gets the next number of its stream's history. A reader's
cursor is such a number, so any number of readers can follow, each at its own pace.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from connectors.errors import StopRunError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS stream (
    name TEXT PRIMARY KEY, history TEXT NOT NULL, top INTEGER NOT NULL,
    signature TEXT NOT NULL, columns TEXT NOT NULL, faults TEXT NOT NULL,
    vanished INTEGER NOT NULL, known INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS row (
    stream TEXT NOT NULL, native_id TEXT NOT NULL, hash TEXT, number INTEGER NOT NULL,
    modified TEXT NOT NULL, PRIMARY KEY (stream, native_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS row_by_number ON row (stream, number);
"""
_CHUNK = 500  # SQLite takes a limited number of parameters


class Fault(NamedTuple):
    """A line that could not be taken.

    Attributes:
        native_id: of its record; None when the line does not tell.
        lines: where it is.
        reason: free of values.
    """

    native_id: str | None
    lines: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class State:
    """A stream as of the last look at its file.

    Attributes:
        history: id of this history; another one when the snapshot was lost and begun anew.
        top: last number given.
        signature: what the file looked like from outside; empty when it must be read again.
        columns: the header.
        faults: lines that could not be taken.
        vanished: missing rows that were too many to be believed.
        known: rows known when they vanished.
    """

    history: str = field(default_factory=lambda: uuid4().hex)
    top: int = 0
    signature: str = ""
    columns: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    vanished: int = 0
    known: int = 0


class Seen(NamedTuple):
    """A row as it was last seen; the hash is None when it is gone, empty when it is faulty."""

    number: int
    hash: str | None
    modified_at: datetime

    @property
    def version(self) -> str:
        """Changes with every change, also with one back to what was there before."""
        return f"{self.number}-{self.hash or 'gone'}"


class Snapshot:
    """The histories of one folder's streams, in SQLite.

    Args:
        path: the database; made when it is not there.

    Raises:
        StopRunError: it cannot be made or is no database.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._database = sqlite3.connect(path, check_same_thread=False)
            self._database.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise StopRunError(
                f"{path} cannot be used ({error}); name a writable local folder as 'state'",
                code="file.state",
            ) from None

    def state(self, stream: str) -> State:
        """The stream's state; a fresh one when it was never looked at."""
        found = self._database.execute(
            "SELECT history, top, signature, columns, faults, vanished, known FROM stream"
            " WHERE name = ?",
            (stream,),
        ).fetchone()
        if found is None:
            return State()
        history, top, signature, columns, faults, vanished, known = found
        parsed = tuple(Fault(i, tuple(lines), reason) for i, lines, reason in json.loads(faults))
        names = tuple(json.loads(columns))
        return State(history, top, signature, names, parsed, vanished, known)

    def hashes(self, stream: str) -> dict[str, str]:
        """Native id → hash of every row that is there."""
        rows = self._database.execute(
            "SELECT native_id, hash FROM row WHERE stream = ? AND hash IS NOT NULL", (stream,)
        )
        return dict(rows)

    def advance(
        self,
        stream: str,
        state: State,
        changed: Mapping[str, str],
        gone: Iterable[str],
        modified_at: datetime,
    ) -> State:
        """Write down what changed; the state with its new top."""
        steps: list[tuple[str, str | None]] = [*changed.items(), *((i, None) for i in gone)]
        moment = modified_at.isoformat()
        rows = [
            (stream, native_id, row_hash, number, moment)
            for number, (native_id, row_hash) in enumerate(steps, start=state.top + 1)
        ]
        state = replace(state, top=state.top + len(rows))
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO row VALUES (?, ?, ?, ?, ?)", rows)
            self._database.execute(
                "INSERT OR REPLACE INTO stream VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    stream,
                    state.history,
                    state.top,
                    state.signature,
                    json.dumps(state.columns),
                    json.dumps(state.faults),
                    state.vanished,
                    state.known,
                ),
            )
        return state

    def seen_since(self, stream: str, number: int) -> dict[str, Seen]:
        """Rows that are there and changed after a number, by native id."""
        return dict(
            self._seen(
                "stream = ? AND number > ? AND hash IS NOT NULL ORDER BY number", (stream, number)
            )
        )

    def gone_since(self, stream: str, number: int) -> list[tuple[str, Seen]]:
        """Rows that went after a number, in the order of their going."""
        return self._seen(
            "stream = ? AND number > ? AND hash IS NULL ORDER BY number", (stream, number)
        )

    def seen(self, stream: str, native_ids: Sequence[str]) -> dict[str, Seen]:
        """These rows, there or gone; those never seen are left out."""
        found: dict[str, Seen] = {}
        for start in range(0, len(native_ids), _CHUNK):
            chunk = native_ids[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            found.update(self._seen(f"stream = ? AND native_id IN ({marks})", (stream, *chunk)))
        return found

    def number_at(self, stream: str, moment: datetime) -> int:
        """The last number given before a moment."""
        (number,) = self._database.execute(
            "SELECT coalesce(max(number), 0) FROM row WHERE stream = ? AND modified < ?",
            (stream, moment.astimezone(UTC).isoformat()),
        ).fetchone()
        return int(number)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _seen(self, where: str, parameters: tuple[object, ...]) -> list[tuple[str, Seen]]:
        # `where` is one of the constants above; values go through parameters.
        query = f"SELECT native_id, number, hash, modified FROM row WHERE {where}"  # noqa: S608
        with closing(self._database.execute(query, parameters)) as rows:
            return [
                (native_id, Seen(number, row_hash, datetime.fromisoformat(modified)))
                for native_id, number, row_hash, modified in rows
            ]
