"""Synonyms that stewards decided: how people write an entry of a directory."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from tandem.state.bulk import upsert
from tandem.state.tables import synonym


def by_directory(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    """Directory → (text, code) pairs."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(select(synonym).order_by(synonym.c.text)):
        found.setdefault(row.directory, []).append((row.text, row.code))
    return found


def learn(
    connection: Connection, directory: str, text: str, code: str, person: str, at: datetime
) -> None:
    """From now on `text` means the entry `code`."""
    row = {
        "directory": directory,
        "text": text,
        "code": code,
        "decided_by": person,
        "decided_at": at,
    }
    upsert(connection, synonym, [row])


def forget(connection: Connection, directory: str, text: str, at: datetime) -> None:
    """What was learned about a text at that moment is taken back."""
    connection.execute(
        delete(synonym).where(
            synonym.c.directory == directory,
            synonym.c.text == text,
            synonym.c.decided_at == at,
        )
    )
