"""Alerts: each limit is told once when it is passed, and again only after it was over."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert

from tandem.app import App
from tandem.clock import SystemClock
from tandem.errors import AlertError
from tandem.orchestration.watch import watch
from tandem.state import quarantine
from tandem.state.quarantine import Quarantined
from tandem.state.tables import outbox
from tests.dags.conftest import Installation

LINK = "customers"
BAD = Quarantined(LINK, "account", "crm", "customers", "7", {"name": ["missing"]}, {"id": "7"})


@pytest.fixture
def app(installation: Installation) -> Iterator[App]:
    made = App()
    yield made
    made.close()


def test_a_quiet_link_raises_nothing(app):
    assert watch(app, LINK) == {}


def test_a_limit_is_told_once_until_it_is_over(app):
    now = SystemClock().now()
    with app.database.begin() as connection:
        quarantine.put(connection, [BAD], now, None)
    with pytest.raises(AlertError) as told:
        watch(app, LINK)
    assert told.value.codes == ("alert.quarantined",)
    assert "alert.quarantined 1" in told.value.message
    assert pickle.loads(pickle.dumps(told.value)).codes == told.value.codes
    assert watch(app, LINK) == {"alert.quarantined": 1}
    with app.database.begin() as connection:
        quarantine.lift(connection, [("crm", "customers", "7")])
    assert watch(app, LINK) == {}
    with app.database.begin() as connection:
        quarantine.put(connection, [BAD], now, None)
    with pytest.raises(AlertError):
        watch(app, LINK)


def test_writes_that_wait_too_long_are_told(app):
    now = SystemClock().now()
    row = {
        "link": LINK,
        "object": "account",
        "canonical_id": "1",
        "system": "erp",
        "stream": "partners",
        "operation": "create",
        "values": {},
        "key": "1",
        "state": "intended",
        "cause": {},
        "attempts": 0,
        "created_at": now - timedelta(minutes=16),
    }
    with app.database.begin() as connection:
        connection.execute(insert(outbox).values(row))
    with pytest.raises(AlertError) as told:
        watch(app, LINK)
    assert told.value.codes == ("alert.oldest_unsent",)


def test_each_alert_reaches_the_notifiers_by_its_own_code(monkeypatch):
    from tandem.orchestration import notify

    told: list[str] = []
    point = type("Point", (), {"name": "pager", "load": lambda _: lambda f: told.append(f.code)})
    monkeypatch.setattr(notify, "entry_points", lambda group: [point()])
    task = type("Task", (), {"dag_id": "d", "task_id": "watch", "run_id": "r", "try_number": 1})
    error = AlertError("two", ("alert.backlog", "alert.drift"))
    notify.notify({"ti": task(), "exception": error})
    notify.notify({"ti": task(), "exception": ValueError("x")})
    assert told == ["alert.backlog", "alert.drift", "ValueError"]
