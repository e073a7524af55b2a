"""Connections that the database itself keeps from writing."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Engine, create_engine, event

from tandem.state.database import address_of


def read_only_engine(url: str) -> Engine:
    """An engine of which each transaction is one unchangeable picture of the state."""
    engine = create_engine(address_of(url), json_deserializer=orjson.loads, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        # Deferred: a picture from the first read on, and no lock that would hold up a worker.
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine
    event.listen(engine, "connect", _prepare_postgresql)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    # A page asks small things of indexes: compiling a query, or starting other processes for it,
    # takes longer than the answer; and an index that holds the whole answer is rarely on disk.
    for setting in (
        "jit = off",
        "max_parallel_workers_per_gather = 0",
        "random_page_cost = 1.1",
        "timezone = 'UTC'",
    ):
        connection.execute(f"SET {setting}")
    connection.commit()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("busy_timeout=30000", "query_only=ON"):
        connection.execute(f"PRAGMA {pragma}")
