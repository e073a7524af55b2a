"""A real Tryton for tests: installed once, cloned for a module or a test, or on PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tandem.demo.tryton import TrytonServer
from tests.databases import server

REPOSITORY = Path(__file__).resolve().parents[1]
POSITIONS = ("Director", "Chief accountant", "Sales manager", "Engineer")


@pytest.fixture(scope="session")
def tryton_template() -> TrytonServer:
    """Tryton installed and a database prepared, once for all runs of the tests."""
    folder = REPOSITORY / ".tandem" / "tests"
    server = TrytonServer(folder / "tryton", REPOSITORY / ".tandem" / "tryton-env")
    server.prepare(positions=POSITIONS, countries=("GB", "GR", "PL", "US"))
    return server


@pytest.fixture
def cloned(tryton_template: TrytonServer, tmp_path: Path) -> Iterator[TrytonServer]:
    """A Tryton of the test's own, stopped; it is stopped again in the end."""
    server = tryton_template.clone(tmp_path / "erp")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def tryton_server(
    tryton_template: TrytonServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TrytonServer]:
    """A running Tryton with a clean database, for one module of tests."""
    server = tryton_template.clone(tmp_path_factory.mktemp("tryton"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def tryton_on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    """A running Tryton on a PostgreSQL database of its own, dropped in the end."""
    url = server()
    if url is None:
        pytest.skip("no PostgreSQL: set TANDEM_TEST_POSTGRES or start one on 127.0.0.1:5432")
    address = make_url(url).set(drivername="postgresql")
    tryton = TrytonServer(
        tmp_path_factory.mktemp("tryton-postgres"),
        REPOSITORY / ".tandem" / "tryton-env",
        postgres=address.render_as_string(hide_password=False),
        database=f"tandem_test_erp_{uuid.uuid4().hex[:8]}",
    )
    try:
        tryton.prepare(positions=POSITIONS, countries=("GB", "GR", "PL", "US"))
        tryton.reset()
        tryton.start()
        yield tryton
    finally:
        tryton.discard()
