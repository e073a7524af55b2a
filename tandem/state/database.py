"""Opens the state database and brings it to the current shape."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

if TYPE_CHECKING:
    from alembic.config import Config


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def address_of(url: str) -> URL:
    """A database's URL, of PostgreSQL with the driver that we ship."""
    address = make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    return address


def open_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL with the settings that the state relies on.

    SQLite runs in WAL mode: the console reads while a worker writes.
    """
    address = address_of(url)
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    # Errors of the database must not carry record values into a log.
    engine = create_engine(
        address, json_serializer=_dumps, json_deserializer=orjson.loads, hide_parameters=True
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions break savepoints; SQLAlchemy's `begin` event takes over.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "busy_timeout=30000",
        "cache_size=-16384",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: two workers queue up here instead of failing when the first read turns to a write.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class Database:
    """The state database as the stages see it: a source of transactions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back by an exception."""
        with self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def migrate(url: str) -> None:
    """Bring the database at `url` to the current schema; creates what is missing."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            upgrade(connection, "head")
    finally:
        engine.dispose()


def upgrade(connection: Connection, revision: str) -> None:
    """Bring a database up to a revision of the schema, within the present transaction."""
    from alembic import command  # noqa: PLC0415  (see _alembic)

    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revisions() -> list[str]:
    """Every revision of the schema that this version knows, oldest first."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  (see _alembic)

    script = ScriptDirectory.from_config(_alembic())
    return [revision.revision for revision in script.walk_revisions()][::-1]


def _alembic() -> Config:
    # Alembic takes a quarter of a second to load and is needed only here.
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
