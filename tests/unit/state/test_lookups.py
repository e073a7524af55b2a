"""A table just filled has no statistics: what is looked up in it is not read whole."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from tandem.state import chain as chains
from tandem.state.bulk import one_of
from tandem.state.database import Database, migrate, open_engine
from tandem.state.tables import match_key
from tests.databases import fresh_postgres

ROWS = 20_000


@pytest.fixture
def filled(state: Database) -> Database:
    rows = [
        {"object": "account", "key": f"name:{n}", "canonical_id": f"{n:032}"} for n in range(ROWS)
    ]
    with state.begin() as connection:
        connection.execute(insert(match_key), rows)
    return state


def test_keys_are_found(filled: Database) -> None:
    wanted = [f"name:{n}" for n in (1, ROWS - 1, ROWS)]
    with filled.begin() as connection:
        found = chains.candidates(connection, "account", wanted, 5)
    assert found == ({f"name:{n}": [f"{n:032}"] for n in (1, ROWS - 1)}, set())


@pytest.mark.postgres
def test_postgres_does_not_compare_every_row_with_every_key() -> None:
    with fresh_postgres() as url:
        migrate(url)
        database = Database(open_engine(url))
        with database.begin() as connection:
            rows = [{"object": "a", "key": f"k{n}", "canonical_id": f"{n}"} for n in range(ROWS)]
            connection.execute(insert(match_key), rows)
            wanted = one_of(connection, match_key.c.key, [f"k{n}" for n in range(500)])
            query = select(match_key).where(match_key.c.object == "a", wanted).compile(connection)
            plan = connection.exec_driver_sql(f"EXPLAIN {query}", query.params).scalars().all()
        database.close()
    assert [line for line in plan if "ANY" in line] == []
    assert any("Join" in line or "Nested Loop" in line for line in plan)
