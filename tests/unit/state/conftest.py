"""An empty state, a world that works with it and a reader, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.state.database import Database, migrate, open_engine
from tandem.state.reader import Reader
from tests.databases import fresh_postgres
from tests.scenarios.world import World


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state.db'}"
        return
    with fresh_postgres() as url:
        yield url


@pytest.fixture
def state(url: str) -> Iterator[Database]:
    migrate(url)
    database = Database(open_engine(url))
    yield database
    database.close()


@pytest.fixture
def world(state: Database) -> World:
    return World(state)


@pytest.fixture
def reader(url: str, world: World) -> Iterator[Reader]:
    reader = Reader(url)
    yield reader
    reader.close()
