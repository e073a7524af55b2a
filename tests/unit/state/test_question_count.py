"""The number of open questions stays right whatever happens to them, without a count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, insert, select, text

from tandem.desk import groups, undo
from tandem.desk.answers import listing, look
from tandem.errors import StaleDecisionError
from tandem.state import backup, check, question_count, review, trend
from tandem.state.database import Database, migrate, open_engine, upgrade
from tandem.state.reader import Reader, questions
from tandem.state.reader.links import totals
from tandem.state.reader.questions import Narrowing
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.state.tables import question_count as noted
from tandem.state.tables import review as review_table
from tandem.state.tables import trend as trends
from tests.databases import fresh_postgres

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def question(number: int) -> ReviewItem:
    """One of many, of two links, two kinds and five causes."""
    kind = (ReviewKind.CONFLICT, ReviewKind.REWRITE)[number % 2]
    return ReviewItem(
        link=f"link{number % 3 // 2}",
        kind=kind,
        subject=f"{kind}:{number}",
        object="account",
        group_key=f"{kind}:*:account.{number % 5}",
        question={"sides": {"crm": "1"}},
        field="phone",
    )


def counted(connection: Connection) -> dict[tuple[str, str], int]:
    """By a look at every question."""
    rows = connection.execute(
        select(review_table.c.link, review_table.c.kind, func.count())
        .where(review_table.c.state == ReviewState.OPEN)
        .group_by(review_table.c.link, review_table.c.kind)
    )
    return {(row.link, row.kind): row[2] for row in rows}


def agrees(connection: Connection) -> None:
    assert question_count.by_kind(connection) == counted(connection)
    assert list(connection.execute(question_count.differing())) == []


def test_a_count_is_kept_of_what_opens_and_closes(state: Database) -> None:
    with state.begin() as connection:
        assert question_count.by_kind(connection) == {}
        items = [question(number) for number in range(6)]
        review.open_items(connection, items, AT)
        assert question_count.by_kind(connection) == {
            ("link0", "conflict"): 2,
            ("link0", "rewrite"): 2,
            ("link1", "conflict"): 1,
            ("link1", "rewrite"): 1,
        }
        review.close(connection, [items[0].id, items[3].id], ReviewState.VOID, AT)
        review.decide(
            connection, items[2].id, version=1, decision={"value": "1"}, person="stella", at=AT
        )
        assert review.counts(connection, "link0") == {"conflict": 1, "rewrite": 1}
        assert review.counts(connection, "link1") == {"rewrite": 1}
        review.reopen(connection, [items[2].id], AT)
        connection.execute(delete(review_table).where(review_table.c.id == items[5].id))
        assert review.counts(connection, "link1") == {"conflict": 1}
        agrees(connection)


def test_what_is_rolled_back_was_never_counted(state: Database) -> None:
    with state.begin() as connection:
        review.open_items(connection, [question(0)], AT)
    with state.begin() as connection:
        savepoint = connection.begin_nested()
        review.open_items(connection, [question(1)], AT)
        savepoint.rollback()
        agrees(connection)
        assert review.counts(connection, "link0") == {"conflict": 1}


def test_many_notes_are_folded_into_one(state: Database) -> None:
    with state.begin() as connection:
        for number in range(0, 40, 10):
            review.open_items(connection, [question(number)], AT)
        review.open_items(connection, [question(1)], AT)
        gone = connection.execute(
            select(review_table.c.id).where(review_table.c.subject == "rewrite:1")
        ).scalar_one()
        review.close(connection, [gone], ReviewState.VOID, AT)
        for link in ("link0", "link1"):
            question_count.fold(connection, link)
        rows = connection.execute(
            select(noted.c.link, noted.c.kind, noted.c.group_key, noted.c.change).order_by(
                noted.c.link, noted.c.group_key
            )
        )
        assert [tuple(row) for row in rows] == [
            ("link0", "conflict", question_count.ALL, 3),
            ("link0", "conflict", "conflict:*:account.0", 3),
            ("link1", "conflict", question_count.ALL, 1),
            ("link1", "conflict", "conflict:*:account.0", 1),
        ]
        agrees(connection)


def test_a_run_folds(state: Database) -> None:
    with state.begin() as connection:
        for number in range(0, 60, 6):
            review.open_items(connection, [question(number)], AT)
        trend.note(connection, "link0", {}, AT)
        many = select(func.count()).where(noted.c.group_key == question_count.ALL)
        assert connection.execute(many).scalar_one() == 1
        agrees(connection)


def test_a_wrong_sum_is_found(state: Database) -> None:
    with state.begin() as connection:
        review.open_items(connection, [question(0)], AT)
        connection.execute(delete(noted).where(noted.c.group_key == question_count.ALL))
        (broken,) = check.broken(connection)
    # Which link and kind, and not the cause: it may hold what somebody typed.
    assert (broken.rows, broken.examples) == (1, ("link0:conflict",))


def test_an_older_state_is_counted_when_it_is_upgraded(url: str) -> None:
    database = Database(open_engine(url))
    row: dict[str, Any] = {
        "link": "link0",
        "kind": "conflict",
        "object": "account",
        "group_key": "cause",
    }
    row |= {"version": 1, "question": {}, "opened_at": AT, "changed_at": AT}
    noted_before: dict[str, Any] = {"link": "link0", "label": "create", "taken_at": AT}
    with database.begin() as connection:
        upgrade(connection, "0011")
        for number, state in enumerate((ReviewState.OPEN, ReviewState.OPEN, ReviewState.VOID)):
            values = row | {"subject": str(number), "state": state}
            connection.execute(insert(review_table).values(values))
        for grain, back, series, value in (
            ("year", 0, "writes", 2),
            ("year", 1, "writes", 3),
            ("year", 0, "unsent", 7),
            ("day", 0, "writes", 2),
        ):
            values = {"grain": grain, "at": AT - timedelta(days=back), "series": series}
            connection.execute(insert(trends).values(noted_before | values | {"value": value}))
        upgrade(connection, "head")
        assert review.counts(connection, "link0") == {"conflict": 2}
        agrees(connection)
        # Totals go on from what went by before.
        assert totals(connection, "link0", ["writes", "unsent"]) == {("writes", "create"): 5.0}
        trend.note(connection, "link0", {"creates": 4}, AT)
        assert totals(connection, "link0", ["writes", "unsent"]) == {("writes", "create"): 9.0}
    database.close()


def test_a_backup_leaves_the_counts_out_and_a_restore_has_them(
    url: str, state: Database, tmp_path: Path
) -> None:
    with state.begin() as connection:
        review.open_items(connection, [question(number) for number in range(9)], AT)
    state.close()
    manifest = backup.write(url, tmp_path / "state.zip", AT)
    assert "question_count" not in manifest.tables
    backup.restore(url, tmp_path / "state.zip", AT, force=True)
    with state.begin() as connection:
        agrees(connection)
        assert sum(question_count.by_kind(connection).values()) == 9


# Whatever people and workers do

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 29)),
        st.tuples(st.sampled_from(["void", "apply", "decide", "reopen"]), st.integers(0, 29)),
        st.tuples(st.sampled_from(["group", "undo", "hold"]), st.integers(0, 29)),
        st.tuples(st.just("fold"), st.integers(0, 1)),
    ),
    max_size=25,
)


class Desk:
    """Questions and what happens to them, each step in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.at = AT

    def step(self, name: str, number: int) -> None:
        self.at += timedelta(seconds=1)
        with suppress(LookupError):
            getattr(self, f"_{name}")(number)

    def _id(self, number: int, *states: ReviewState) -> int:
        with self.database.begin() as connection:
            found = (
                connection.execute(
                    select(review_table.c.id).where(
                        review_table.c.subject == question(number).subject,
                        review_table.c.state.in_(states),
                    )
                )
                .scalars()
                .first()
            )
        if found is None:
            raise LookupError(number)
        return int(found)

    def _ask(self, number: int) -> None:
        with self.database.begin() as connection:
            review.open_items(connection, [question(number), question(number // 2)], self.at)

    def _close(self, number: int, state: ReviewState) -> None:
        review_id = self._id(number, ReviewState.OPEN, ReviewState.DECIDED)
        with self.database.begin() as connection:
            review.close(connection, [review_id], state, self.at)

    def _void(self, number: int) -> None:
        self._close(number, ReviewState.VOID)

    def _apply(self, number: int) -> None:
        self._close(number, ReviewState.APPLIED)

    def _decide(self, number: int) -> None:
        review_id = self._id(number, ReviewState.OPEN)
        with self.database.begin() as connection:
            version = review.get(connection, review_id).version
            review.decide(
                connection,
                review_id,
                version=version,
                decision={"value": "1"},
                person="stella",
                at=self.at,
            )

    def _reopen(self, number: int) -> None:
        review_id = self._id(number, ReviewState.DECIDED)
        with self.database.begin() as connection:
            review.reopen(connection, [review_id], self.at)

    def _group(self, number: int, grace: timedelta = groups.AT_ONCE) -> None:
        review_id = self._id(number, ReviewState.OPEN)
        with self.database.begin() as connection:
            item = review.get(connection, review_id)
            seen = look(connection, item.link, item.group_key)
        with suppress(StaleDecisionError):
            groups.decide_group(
                self.database,
                review_id,
                seen=seen,
                decision={"value": "1"},
                person="stella",
                at=self.at,
                ceiling=100,
                grace=grace,
            )

    def _hold(self, number: int) -> None:
        self._group(number, timedelta(days=1))

    def _undo(self, number: int) -> None:
        with self.database.begin() as connection:
            known = [answer.id for answer in listing(connection)]
        if known:
            with suppress(undo.UndoError, StaleDecisionError):
                undo.undo_group(
                    self.database, known[number % len(known)], person="stella", at=self.at
                )

    def _fold(self, number: int) -> None:
        with self.database.begin() as connection:
            question_count.fold(connection, f"link{number}")


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Reader]]:
    """One state for all examples; each empties it."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path_factory.mktemp('count') / 'state.db'}"
        if request.param != "sqlite":
            url = stack.enter_context(fresh_postgres())
        migrate(url)
        database, reader = Database(open_engine(url)), Reader(url)
        stack.callback(database.close)
        stack.callback(reader.close)
        yield database, reader


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_the_sums_are_the_number_of_open_questions(
    shared: tuple[Database, Reader], steps: list[tuple[str, int]]
) -> None:
    database, reader = shared
    with database.begin() as connection:
        for table in ("review", "question_count", "group_answer", "audit", "inbox"):
            connection.execute(text(f"DELETE FROM {table}"))
    desk = Desk(database)
    for name, number in steps:
        desk.step(name, number)
    with reader.view() as connection:
        agrees(connection)
        # And so are the causes that people see: held answers are taken off both.
        told = questions.causes(connection, Narrowing())
        looked = questions.causes(connection, Narrowing(object="account"))
        assert told == looked
        by_kind: dict[tuple[str, str], int] = {}
        for cause in told:
            by_kind[cause.link, cause.kind] = by_kind.get((cause.link, cause.kind), 0) + cause.count
        assert questions.counts(connection) == by_kind
