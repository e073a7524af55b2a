"""Each scenario runs on SQLite and, where one is found, on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tandem.chaos.scratch import empty
from tandem.state.database import Database, migrate, open_engine
from tests.databases import fresh_postgres
from tests.scenarios.world import World

MakeWorld = Callable[..., World]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty state: migrating takes longer than most scenarios."""
    path = tmp_path_factory.mktemp("template") / "state.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    """One database for the session; `database` empties it for each test."""
    with fresh_postgres() as url:
        migrate(url)
        database = Database(open_engine(url))
        yield database
        database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        path = shutil.copyfile(template, tmp_path / "state.db")
        database = Database(open_engine(f"sqlite:///{path}"))
        yield database
        database.close()
        return
    database = request.getfixturevalue("postgres")
    with database.begin() as connection:
        empty(connection)
    yield database


@pytest.fixture
def world(database: Database) -> MakeWorld:
    def make(**settings: Any) -> World:
        return World(database, **settings)

    return make
