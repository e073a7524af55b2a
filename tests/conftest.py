"""What holds for every test: which may not be skipped, and which share a server.

    TANDEM_TEST_REQUIRE=postgres,tryton    tests with these markers must run: a skip is a failure

Without it a test whose server is not there is skipped, with the reason in the summary. CI sets it,
so that a green run has really tested what it says. A test that has its server and finds in its body
that the rule does not apply (the system has no conditional writes, say) may still skip itself.

A query that asks for no order may be answered in any. SQLite would always give the rows as they
came and PostgreSQL nearly always; here SQLite gives them backwards: nothing leans on it unseen.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.tryton import (  # noqa: F401  (fixtures: imported here they are the same everywhere)
    cloned,
    tryton_on_postgres,
    tryton_server,
    tryton_template,
)

REQUIRE = "TANDEM_TEST_REQUIRE"

SERVERS = ("tryton", "airflow", "browser")
"""Markers of tests that share something slow to prepare: one worker of xdist runs them all."""


@event.listens_for(Engine, "connect")
def rows_backwards(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON")


def required() -> frozenset[str]:
    """The markers whose tests must not be skipped."""
    names = os.environ.get(REQUIRE, "").split(",")
    return frozenset(name.strip() for name in names if name.strip())


def pytest_configure(config: pytest.Config) -> None:
    known = {line.partition(":")[0].strip() for line in config.getini("markers")}
    unknown = required() - known
    if unknown:
        raise pytest.UsageError(f"{REQUIRE}: there is no marker {', '.join(sorted(unknown))}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name in SERVERS:
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.xdist_group(name))
                break


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    markers = {marker.name for marker in item.iter_markers()}
    wanted = required() & markers
    if wanted and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        # Servers are asked for by fixtures; where a body asks for one, its reason names it. A test
        # may need another one, too, which is not required here: then the reason names that.
        others = markers & {"postgres", *SERVERS} - wanted
        other = any(name in reason.lower() for name in others)
        if not other and (report.when == "setup" or any(n in reason.lower() for n in wanted)):
            report.outcome = "failed"
            report.longrepr = f"{REQUIRE} wants {', '.join(sorted(wanted))} tested, but: {reason}"
    return report
