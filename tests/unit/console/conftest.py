"""A console over a world of two systems, on both databases, and people who are logged in to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tandem.chaos.scratch import empty
from tandem.console import accounts
from tandem.console.app import create_app
from tandem.console.config import ConsoleConfig
from tandem.console.context import Console
from tandem.console.roles import Role
from tandem.settings import Config, SystemConfig
from tandem.state.database import Database, migrate, open_engine
from tandem.state.reader import Reader
from tests.databases import fresh_postgres
from tests.scenarios.world import World, account_mapping, contact_mapping

PASSWORD = "correct horse battery"
Login = Callable[..., "Person"]


@pytest.fixture(scope="session")
def console_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("console") / "state.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def console_postgres() -> Iterator[str]:
    with fresh_postgres() as url:
        migrate(url)
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A state database, empty."""
    if request.param == "sqlite":
        template = request.getfixturevalue("console_template")
        return f"sqlite:///{shutil.copyfile(template, tmp_path / 'state.db')}"
    address: str = request.getfixturevalue("console_postgres")
    engine = open_engine(address)
    with engine.begin() as connection:
        empty(connection)
    engine.dispose()
    return address


@pytest.fixture
def world(url: str) -> Iterator[World]:
    database = Database(open_engine(url))
    yield World(database, objects=("account", "contact"))
    database.close()


AT_ONCE = ConsoleConfig(undo=timedelta(0))
"""Answers are given when they are sent: what is looked at is what comes of them."""


def console_over(
    world: World, url: str, *, settings: ConsoleConfig = AT_ONCE, **rest: Any
) -> Console:
    """A console over a world, as `Console.of` makes one over an installation."""
    mappings = [
        *(account_mapping("crm", "Account"), account_mapping("erp", "party")),
        contact_mapping("crm", "Contact", "Account"),
        contact_mapping("erp", "person", "party"),
    ]
    systems = {
        name: SystemConfig(kind="memory", url=f"https://{name}.example/{{stream}}/{{id}}")
        for name in ("crm", "erp")
    }
    return Console(
        database=world.database,
        reader=Reader(url),
        config=Config(systems=systems, links={"customers": world.config}),
        mappings={(m.object, m.system): m for m in mappings},
        settings=settings,
        clock=world.clock,
        **rest,
    )


@pytest.fixture
def rung() -> list[str]:
    """Links whose doorbell was rung."""
    return []


@pytest.fixture
def console(world: World, url: str, rung: list[str]) -> Iterator[Console]:
    console = console_over(world, url, ring=rung.append)
    yield console
    console.close()


class Person:
    """Somebody's browser: logged in, with the token of the page in every command."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.get = client.get
        self.csrf = client.get("/api/v1/me").json()["csrf"]

    def json(self, path: str, **options: Any) -> Any:
        answer = self.client.get(f"/api/v1{path}", **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def command(self, path: str, body: Any = None, **options: Any) -> Any:
        headers = {"X-CSRF-Token": self.csrf}
        return self.client.post(f"/api/v1{path}", json=body or {}, headers=headers, **options)

    def form(self, path: str, **fields: Any) -> Any:
        return self.client.post(path, data={"csrf": self.csrf, **fields}, follow_redirects=False)


@pytest.fixture(scope="session")
def apps() -> list[FastAPI]:
    """The application of the session, once it was built: that takes longer than most tests."""
    return []


@pytest.fixture
def app(apps: list[FastAPI], console: Console) -> FastAPI:
    if not apps:
        apps.append(create_app(console))
    (app,) = apps
    app.state.console = console
    return app


@pytest.fixture
def anybody(app: FastAPI) -> TestClient:
    """A browser in which nobody is logged in."""
    return TestClient(app, base_url="https://console.example")


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing is slow by purpose; here it shall only be right."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: quick)


def log_in(client: TestClient, name: str, password: str = PASSWORD) -> Any:
    page = client.get("/login").text
    token = page.split('name="csrf" value="')[2].split('"')[0]
    form = {"csrf": token, "name": name, "password": password}
    return client.post("/login", data=form, follow_redirects=False)


@pytest.fixture
def login(console: Console, app: FastAPI) -> Login:
    """Logs in somebody new, in a browser of their own."""

    def enter(name: str = "stella", role: Role = Role.STEWARD) -> Person:
        accounts.add(console.database, name, role, PASSWORD, console.clock.now())
        client = TestClient(app, base_url="https://console.example")
        assert log_in(client, name).status_code == 303
        return Person(client)

    return enter
