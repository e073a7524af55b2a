"""Statements over many rows at once, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, Text, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
CHUNK = 500


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most `size`: databases bound the length of an IN list.

    >>> list(chunks([1, 2, 3], 2))
    [[1, 2], [3]]
    """
    chunk: list[T] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def one_of(
    connection: Connection, column: ColumnElement[str], values: Sequence[str]
) -> ColumnElement[bool]:
    """Condition: a column that is not the first of its index holds one of these texts.

    Of a table that has just been filled PostgreSQL has no statistics. Given a list it reads all of
    the table and compares each row with every text; given rows it joins the two.
    """
    if connection.dialect.name != "postgresql":
        return column.in_(values)
    given = bindparam(None, list(values), type_=postgresql.ARRAY(Text), unique=True)
    return column.in_(select(func.unnest(given)))


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


# Building a statement takes longer than executing it; there are few of each.


@cache
def _upsert(dialect: str, table: Table, names: tuple[str, ...]) -> Any:
    keys = [column.name for column in table.primary_key]
    statement = _insert(dialect, table)
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


@cache
def _insert_new(dialect: str, table: Table) -> Any:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _insert_sum(dialect: str, table: Table, column: str) -> Any:
    statement = _insert(dialect, table)
    added = {column: table.c[column] + statement.excluded[column]}
    keys = [key.name for key in table.primary_key]
    return statement.on_conflict_do_update(index_elements=keys, set_=added)


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; where the primary key exists, replace the other columns given."""
    if rows:
        statement = _upsert(connection.dialect.name, table, tuple(rows[0]))
        connection.execute(statement, list(rows))


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; leave those that are there already as they are."""
    if rows:
        connection.execute(_insert_new(connection.dialect.name, table), list(rows))


def insert_sum(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], column: str
) -> None:
    """Insert rows; where the primary key exists, add to one of its columns."""
    if rows:
        statement = _insert_sum(connection.dialect.name, table, column)
        connection.execute(statement, list(rows))


def insert_new_from(
    connection: Connection, table: Table, names: Sequence[str], query: Select[Any]
) -> None:
    """Insert what a query gives; leave rows that are there already as they are."""
    statement = _insert(connection.dialect.name, table).from_select(list(names), query)
    connection.execute(statement.on_conflict_do_nothing())
