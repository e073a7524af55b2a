"""Each scenario runs on SQLite and, where one is found, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tandem.state.database import Database, migrate, open_engine
from tests.databases import fresh_postgres
from tests.scenarios.world import World

MakeWorld = Callable[..., World]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'state.db'}"
        migrate(url)
        database = Database(open_engine(url))
        yield database
        database.close()
        return
    with fresh_postgres() as url:
        migrate(url)
        database = Database(open_engine(url))
        yield database
        database.close()


@pytest.fixture
def world(database: Database) -> MakeWorld:
    def make(**settings: Any) -> World:
        return World(database, **settings)

    return make
