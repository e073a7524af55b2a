"""Backup and restore: the whole state as one portable file, and back into either database.

The file is a ZIP archive:

    manifest.json            {"format": 1, "revision": "0007", "tables": {"crosswalk": {…}, …}, …}
    tables/crosswalk.jsonl   one row a line: ["crm", "Account", "001…", "account", "4f1c…", …]

It is written from one consistent picture of the state while workers go on, row after row, so that
memory stays bounded. The manifest has rows and SHA-256 of every table. A restore checks all of it
before it touches anything, and happens in one transaction: it comes about whole, or not at all. A
file of an older version is loaded into the schema of its time and brought up from there.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection, MetaData, Table, func, insert, inspect, select, text

from tandem import __version__
from tandem.errors import TandemError
from tandem.state import recovery
from tandem.state.bulk import CHUNK, chunks
from tandem.state.database import open_engine, revisions, upgrade
from tandem.state.reader.engine import read_only_engine
from tandem.state.tables import FOLLOWING, Moment, lease, metadata

FORMAT = 1
MANIFEST = "manifest.json"
_READ = 1 << 20


class BackupError(TandemError):
    """The file is no backup, or not as it was written."""

    code = "backup.unreadable"


class NewerBackupError(BackupError):
    """The file was written by a newer version of Tandem."""

    code = "backup.newer"


class TargetError(TandemError):
    """The database cannot take the restored state as it is."""

    code = "backup.target"


class TableInBackup(BaseModel):
    """What the manifest says about one table."""

    model_config = ConfigDict(frozen=True)

    columns: tuple[str, ...]
    rows: int
    sha256: str


class Manifest(BaseModel):
    """The table of contents of a backup."""

    model_config = ConfigDict(frozen=True)

    format: int
    tandem: str
    revision: str
    created_at: datetime
    tables: dict[str, TableInBackup]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())


# Backup


def write(url: str, path: Path, at: datetime) -> Manifest:
    """Write the state at `url` into a file; an existing one is replaced when all is written.

    Raises:
        OSError: the file cannot be written.
    """
    engine = read_only_engine(url)
    part = path.with_name(f"{path.name}.part")
    try:
        with engine.connect() as connection, connection.begin():
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
                tables = {
                    table.name: _write_table(connection, table, archive)
                    for table in metadata.sorted_tables
                    if table not in FOLLOWING
                }
                manifest = Manifest(
                    format=FORMAT,
                    tandem=__version__,
                    revision=str(revision),
                    created_at=at,
                    tables=tables,
                )
                archive.writestr(MANIFEST, manifest.model_dump_json(indent=2))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
        engine.dispose()
    return manifest


def _write_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> TableInBackup:
    digest, count = sha256(), 0
    query = select(table).order_by(*table.primary_key)
    rows = connection.execution_options(yield_per=CHUNK).execute(query)
    with archive.open(_member(table.name), "w", force_zip64=True) as member:
        for row in rows:
            line = orjson.dumps(list(row)) + b"\n"
            digest.update(line)
            member.write(line)
            count += 1
    columns = tuple(column.name for column in table.columns)
    return TableInBackup(columns=columns, rows=count, sha256=digest.hexdigest())


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


# Restore


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    manifest: Manifest
    revision: str


def restore(url: str, path: Path, at: datetime, *, force: bool = False) -> Restored:
    """Put the state of a backup into the database at `url`.

    Every link then begins by reading what happened since, see `tandem.state.recovery`.

    Args:
        url: SQLite or PostgreSQL, whichever the backup came from.
        path: the backup.
        at: the present moment.
        force: replace a state that is there.

    Raises:
        BackupError: the file is damaged, or no backup.
        NewerBackupError: this version does not know its schema.
        TargetError: there is a state already, or somebody works with it.
    """
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        for name, table in manifest.tables.items():
            _verify(archive, path, name, table)
        engine = open_engine(url)
        try:
            with engine.begin() as connection:
                _make_room(connection, at, force=force)
                upgrade(connection, manifest.revision)
                for name, table in manifest.tables.items():
                    _load(connection, name, table, _lines(archive, name))
                upgrade(connection, "head")
                _go_on_counting(connection)
                recovery.begin(connection, at)
        finally:
            engine.dispose()
    return Restored(manifest, revisions()[-1])


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError:
        raise BackupError(f"{path}: there is no such file") from None
    except zipfile.BadZipFile:
        raise BackupError(f"{path}: not a backup, or cut short; take another one") from None


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        plain = json.loads(archive.read(MANIFEST))
    except (KeyError, ValueError):
        raise BackupError(f"{path}: has no manifest: not a backup of Tandem") from None
    if isinstance(plain, dict) and plain.get("format", FORMAT) != FORMAT:
        raise NewerBackupError(f"{path}: written in a newer format; restore it with that version")
    try:
        manifest = Manifest.model_validate(plain)
    except ValidationError:
        raise BackupError(f"{path}: its manifest is damaged") from None
    if manifest.revision not in revisions():
        raise NewerBackupError(
            f"{path}: written by Tandem {manifest.tandem} at schema {manifest.revision}, "
            f"this version knows up to {revisions()[-1]}; restore it with that version"
        )
    return manifest


def _verify(archive: zipfile.ZipFile, path: Path, name: str, table: TableInBackup) -> None:
    digest, rows = sha256(), 0
    try:
        with archive.open(_member(name)) as member:
            for block in _blocks(member):
                digest.update(block)
                rows += block.count(b"\n")
    except KeyError:
        raise BackupError(f"{path}: table {name} is missing") from None
    if (digest.hexdigest(), rows) != (table.sha256, table.rows):
        raise BackupError(f"{path}: table {name} is not as it was written; take another backup")


def _blocks(member: IO[bytes]) -> Iterator[bytes]:
    while block := member.read(_READ):
        yield block


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[list[Any]]:
    with archive.open(_member(name)) as member:
        for line in member:
            yield orjson.loads(line)


def _make_room(connection: Connection, at: datetime, *, force: bool) -> None:
    """Drop the tables that are there, unless that would cost somebody something."""
    found = set(inspect(connection).get_table_names())
    filled = [
        t.name for t in metadata.sorted_tables if t.name in found and _has_rows(connection, t)
    ]
    if lease.name in filled:
        busy = connection.execute(
            select(lease.c.link).where(lease.c.holder != "", lease.c.expires_at > at)
        ).scalars()
        if links := sorted(busy):
            raise TargetError(f"somebody works on {', '.join(links)} now: stop the workers first")
    if filled and not force:
        raise TargetError(
            f"the database holds a state already ({', '.join(filled[:3])}, …); --force replaces it"
        )
    old = MetaData()
    old.reflect(connection)
    old.drop_all(connection)


def _has_rows(connection: Connection, table: Table) -> bool:
    return connection.execute(select(text("1")).select_from(table).limit(1)).first() is not None


def _load(
    connection: Connection, name: str, contents: TableInBackup, lines: Iterable[list[Any]]
) -> None:
    """Insert rows as they were, into the table as it was then."""
    table = Table(name, MetaData(), autoload_with=connection)
    known = metadata.tables.get(name)
    for column in table.columns:
        if known is not None and column.name in known.columns:
            column.type = known.columns[column.name].type
    moments = [i for i, c in enumerate(contents.columns) if isinstance(table.c[c].type, Moment)]
    for chunk in chunks(lines):
        for values in chunk:
            for i in moments:
                values[i] = values[i] and datetime.fromisoformat(values[i])
        rows = [dict(zip(contents.columns, values, strict=True)) for values in chunk]
        connection.execute(insert(table), rows)


def _go_on_counting(connection: Connection) -> None:
    """PostgreSQL counts ids apart from the rows: go on after the greatest."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        column = table.columns.get("id")
        if column is None or column.type.python_type is not int:
            continue
        greatest = connection.execute(select(func.max(column))).scalar()
        sequence = func.pg_get_serial_sequence(table.name, "id")
        connection.execute(select(func.setval(sequence, greatest or 1, greatest is not None)))
