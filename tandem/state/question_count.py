"""How many questions are open, without counting them: a hundred thousand cost as much as ten.

The database itself notes every change of the number, by triggers of `review`, in the transaction
that makes it: whatever opens, answers or closes a question, the sums are right when it commits.

    link       kind      group_key                  change
    customers  conflict                                 +3    all of the kind
    customers  conflict  conflict:*:account.phone       +2    those of one cause
    customers  conflict  conflict:*:account.name        +1
    customers  conflict                                 -1    one has been answered
    customers  conflict  conflict:*:account.name        -1

The number is the sum. Changes are added and never edited, so that nobody waits for anybody: a
steward's answer does not stand in line behind a worker's batch. The runs fold many into one.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Table,
    delete,
    event,
    func,
    insert,
    literal,
    select,
    tuple_,
    union_all,
)

from tandem.state.tables import question_count, review

ALL = ""
"""As the cause: all questions of the kind."""

_KEY = (question_count.c.link, question_count.c.kind, question_count.c.group_key)

_SQLITE = """
CREATE TRIGGER {name} AFTER {event} ON review WHEN {row}.state = 'open' BEGIN
  INSERT INTO question_count (link, kind, group_key, change) VALUES
    ({row}.link, {row}.kind, '', {change}),
    ({row}.link, {row}.kind, {row}.group_key, {change});
END
"""

_CHANGED = "UPDATE OF state, link, kind, group_key"

_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO question_count (link, kind, group_key, change)
  SELECT link, kind, coalesce(group_key, ''), sum(change) FROM ({changes}) AS changes
  GROUP BY GROUPING SETS ((link, kind), (link, kind, group_key)) HAVING sum(change) <> 0;
  RETURN NULL;
END $$
"""

_POSTGRESQL = """
CREATE TRIGGER {name} AFTER {event} ON review REFERENCING {rows}
FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""

_OPENED = "SELECT link, kind, group_key, 1 AS change FROM new_rows WHERE state = 'open'"
_CLOSED = "SELECT link, kind, group_key, -1 AS change FROM old_rows WHERE state = 'open'"


def install(connection: Connection) -> None:
    """Let the database note changes from now on.

    A migration that builds `review` anew on SQLite takes the triggers away, and calls this again.
    """
    for statement in _triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)


@event.listens_for(review, "after_create")
def _install(_table: Table, connection: Connection, **_rest: Any) -> None:
    install(connection)


def _triggers(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            _SQLITE.format(name=f"question_{name}", event=on, row=row, change=change)
            for name, on, row, change in (
                ("inserted", "INSERT", "new", 1),
                ("deleted", "DELETE", "old", -1),
                ("changed_from", _CHANGED, "old", -1),
                ("changed_to", _CHANGED, "new", 1),
            )
        ]
    # Rows of a statement as a set: ten thousand answers at once are two notes.
    new, old = "NEW TABLE AS new_rows", "OLD TABLE AS old_rows"
    return [
        statement.format(name=f"question_{name}", event=on, rows=rows, changes=changes)
        for name, on, rows, changes in (
            ("inserted", "INSERT", new, _OPENED),
            ("deleted", "DELETE", old, _CLOSED),
            ("changed", "UPDATE", f"{new} {old}", f"{_OPENED} UNION ALL {_CLOSED}"),
        )
        for statement in (_FUNCTION, _POSTGRESQL)
    ]


def by_kind(connection: Connection, link: str | None = None) -> dict[tuple[str, str], int]:
    """(link, kind) → open questions, of one link or of all; those without any are left out."""
    number = func.sum(question_count.c.change)
    query = (
        select(question_count.c.link, question_count.c.kind, number)
        .where(question_count.c.group_key == ALL)
        .group_by(question_count.c.link, question_count.c.kind)
        .having(number != 0)
        .order_by(question_count.c.link, question_count.c.kind)
    )
    if link is not None:
        query = query.where(question_count.c.link == link)
    return {(row.link, row.kind): int(row[2]) for row in connection.execute(query)}


def by_cause(
    *, link: str | None = None, kind: str | None = None, cause: str | None = None
) -> Select[Any]:
    """A query: link, kind and `group_key` of each cause, and how `many` open questions it has."""
    many = func.sum(question_count.c.change)
    query = select(*_KEY, many.label("many")).where(question_count.c.group_key != ALL)
    for column, value in zip(_KEY, (link, kind, cause), strict=True):
        if value is not None:
            query = query.where(column == value)
    return query.group_by(*_KEY).having(many != 0)


def fold(connection: Connection, link: str) -> None:
    """Write each sum of a link that stands in several changes as one."""
    several = (
        select(question_count.c.kind, question_count.c.group_key)
        .where(question_count.c.link == link)
        .group_by(question_count.c.kind, question_count.c.group_key)
        .having(func.count() > 1)
    )
    # What is added up is what has been deleted: changes that others add meanwhile stay.
    gone = connection.execute(
        delete(question_count)
        .where(
            question_count.c.link == link,
            tuple_(question_count.c.kind, question_count.c.group_key).in_(several),
        )
        .returning(question_count.c.kind, question_count.c.group_key, question_count.c.change)
    )
    sums: Counter[tuple[str, str]] = Counter()
    for row in gone:
        sums[row.kind, row.group_key] += row.change
    rows = [
        {"link": link, "kind": kind, "group_key": group_key, "change": number}
        for (kind, group_key), number in sorted(sums.items())
        if number
    ]
    if rows:
        connection.execute(insert(question_count), rows)


def count(connection: Connection) -> None:
    """Begin with the questions that are open: for a state that has no changes noted."""
    names = [column.name for column in (*_KEY, question_count.c.change)]
    connection.execute(insert(question_count).from_select(names, _counted()))


def _counted() -> Select[Any]:
    key = (review.c.link, review.c.kind)
    is_open = review.c.state == "open"
    of_kind = select(*key, literal(ALL).label("group_key"), func.count().label("change"))
    of_cause = select(*key, review.c.group_key, func.count().label("change"))
    return select(
        union_all(
            of_kind.where(is_open).group_by(*key),
            of_cause.where(is_open).group_by(*key, review.c.group_key),
        ).subquery()
    )


def differing() -> Select[tuple[str, str]]:
    """Link and kind of every sum that is not the number of its open questions."""
    noted = select(*_KEY, -question_count.c.change)
    both = union_all(_counted(), noted).subquery()
    return (
        select(both.c.link, both.c.kind)
        .group_by(both.c.link, both.c.kind, both.c.group_key)
        .having(func.sum(both.c.change) != 0)
    )
