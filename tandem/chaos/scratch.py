"""A state database of a run's own, thrown away with it: the user's state is never touched."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from tandem.errors import ConfigError
from tandem.state.database import Database, open_engine
from tandem.state.tables import metadata

COUNT_ANEW = """
SELECT setval(oid, 1, false) FROM pg_class
WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace
"""


class Scratch:
    """Empty states, one after the other, in one place."""

    def __init__(self, database: Database) -> None:
        self.database = database
        metadata.create_all(database.engine)

    def empty(self) -> Database:
        """The state without a row; what the last run left is forgotten."""
        with self.database.begin() as connection:
            empty(connection)
        return self.database


def empty(connection: Connection) -> None:
    """Delete all rows of a state and count anew from 1.

    With as few rows as here this takes a thirtieth of what PostgreSQL needs to TRUNCATE the tables.
    """
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())
    if connection.dialect.name == "postgresql":
        connection.execute(text(COUNT_ANEW))


@contextmanager
def scratch(url: str | None) -> Iterator[Scratch]:
    """In memory without a URL; else in a new schema of that PostgreSQL database, dropped later.

    Raises:
        ConfigError: the URL is none of PostgreSQL.
    """
    if url is None:
        database = Database(open_engine("sqlite://"))
        try:
            yield Scratch(database)
        finally:
            database.close()
        return
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        raise ConfigError("--database takes the URL of a PostgreSQL database; without it, memory")
    schema = f"tandem_chaos_{uuid.uuid4().hex[:12]}"
    admin = Database(open_engine(url))
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    own = address.update_query_dict({"options": f"-csearch_path={schema} -csynchronous_commit=off"})
    database = Database(open_engine(own.render_as_string(hide_password=False)))
    try:
        yield Scratch(database)
    finally:
        database.close()
        with admin.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        admin.close()
