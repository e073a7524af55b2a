"""A console that is served, and people who use it with a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tandem.console import accounts
from tandem.console.app import create_app
from tandem.console.context import Console
from tandem.console.roles import Role
from tandem.state.database import Database, migrate, open_engine
from tests.scenarios.world import World
from tests.unit.console.conftest import PASSWORD, console_over

Enter = Callable[..., Page]
expect.set_options(timeout=30_000)

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 860}


def chromium() -> str | None:
    """Where Chromium is: CHROMIUM, or the first of its names on the path."""
    named = os.environ.get("CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome")
    return named or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no browser: install chromium or set CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of the loopback; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the console did not start"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("e2e") / "state.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def url(template: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copyfile(template, tmp_path / 'state.db')}"


@pytest.fixture
def world(url: str) -> Iterator[World]:
    database = Database(open_engine(url))
    yield World(database, objects=("account", "contact"))
    database.close()


@pytest.fixture
def console(world: World, url: str) -> Iterator[Console]:
    console = console_over(world, url)
    yield console
    console.close()


@pytest.fixture
def enter(browser: Browser, console: Console) -> Iterator[Enter]:
    """Logs somebody in by hand, in a browser window of their own."""
    with served(create_app(console)) as address:
        contexts = []

        def make(name: str = "stella", role: Role = Role.STEWARD, size: dict = DESK) -> Page:
            accounts.add(console.database, name, role, PASSWORD, console.clock.now())
            context = browser.new_context(viewport=size, base_url=address, reduced_motion="reduce")
            contexts.append(context)
            page = context.new_page()
            page.goto("/")
            page.get_by_label("Name").fill(name)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url("**/inbox")
            return page

        yield make
        for context in contexts:
            context.close()
