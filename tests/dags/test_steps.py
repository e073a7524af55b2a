"""Lanes share a link: who works, who waits, who gives way. No Airflow in here."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from connectors.errors import ConnectorError, LoginError, RetryableError
from tandem.app import App
from tandem.clock import ManualClock
from tandem.errors import ConfigError, FencedError
from tandem.orchestration import steps, turns
from tandem.orchestration.lanes import Mode
from tandem.orchestration.steps import LiveLoop
from tandem.orchestration.turns import Lane, LinkBusyError
from tandem.state import lease
from tandem.state.tables import inbox, observed, run
from tandem.sync.types import Window
from tests.dags.conftest import Installation

LINK = "customers"


@pytest.fixture
def app(installation: Installation) -> Iterator[App]:
    installation.link(lease="60s", interval="1s")
    installation.write(
        "crm",
        "customers",
        ["id", "title", "phone"],
        ["1", "Acme GmbH", "+49301234567"],
        ["2", "Birke AG", "+49309999999"],
    )
    made = App()
    yield made
    made.close()


class Ticking(ManualClock):
    """A clock on which somebody else acts at a given second."""

    def __init__(self) -> None:
        super().__init__(datetime(2026, 3, 1, tzinfo=UTC))
        self._start = self.now()
        self._plans: list[tuple[float, Callable[[], None]]] = []

    def at(self, second: float, action: Callable[[], None]) -> None:
        self._plans.append((second, action))

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        due = [p for p in self._plans if self.passed >= p[0]]
        self._plans = [p for p in self._plans if p not in due]
        for _, action in due:
            action()

    @property
    def passed(self) -> float:
        return (self.now() - self._start).total_seconds()


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


def titles(installation: Installation) -> list[str]:
    return sorted(row[1] for row in installation.rows("erp", "partners"))


def outcomes(app: App) -> list[tuple[str, str]]:
    with app.database.begin() as connection:
        rows = connection.execute(select(run.c.lane, run.c.outcome).order_by(run.c.started_at))
        return [(row.lane, row.outcome) for row in rows]


# The batch lane


def test_the_steps_of_a_batch_bring_both_sides_into_agreement(
    app: App, installation: Installation, clock: Ticking
) -> None:
    reports = [
        steps.read(app, LINK, "crm", Mode.FIRST_LOAD, clock),
        steps.read(app, LINK, "erp", Mode.FIRST_LOAD, clock),
        steps.work_off(app, LINK, clock),
    ]
    assert titles(installation) == []  # decided, not sent
    reports += [
        steps.push(app, LINK, "crm", clock),
        steps.push(app, LINK, "erp", clock),
        steps.drain(app, LINK, clock),
    ]
    assert titles(installation) == ["Acme GmbH", "Birke AG"]
    assert steps.total(reports)["creates"] == 2
    assert [report["sent"] for report in reports if "sent" in report] == [2]


def test_a_batch_takes_up_what_an_earlier_run_put_off(
    app: App, installation: Installation, clock: Ticking
) -> None:
    """A read that was deferred, and a write that was decided but not sent."""
    steps.read(app, LINK, "crm", Mode.COMPARE, clock)
    steps.work_off(app, LINK, clock)
    rows = [["3", "Cedro SL", "+34911234567"]]
    installation.write("crm", "customers", ["id", "title", "phone"], *rows)
    steps.read(app, LINK, "crm", Mode.CHANGES, clock)
    assert titles(installation) == []  # what may be there already is read before anything is sent
    with app.database.begin() as connection:
        connection.execute(update(inbox).values(state="deferred"))
    steps.read(app, LINK, "erp", Mode.CHANGES, clock)
    steps.work_off(app, LINK, clock)
    steps.drain(app, LINK, clock)
    assert titles(installation) == ["Acme GmbH", "Birke AG", "Cedro SL"]


def test_a_plan_counts_writes_and_makes_none(app: App, installation: Installation) -> None:
    assert steps.plan(app, LINK) == {"would_write": 2, "account.erp.create": 2}
    assert titles(installation) == []


def a_step(app: App, clock: Ticking) -> None:
    """The smallest step that needs the link."""
    steps.read(app, LINK, "crm", Mode.CHANGES, clock)


def test_steps_that_have_nothing_to_do_ask_no_system(
    app: App, clock: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(App, "link", lambda *_: pytest.fail("builds a link, which costs calls"))
    reports = [
        steps.work_off(app, LINK, clock),
        steps.push(app, LINK, "crm", clock),
        steps.push(app, LINK, "erp", clock),
        steps.drain(app, LINK, clock),
    ]
    assert reports == [{}, {}, {}, {}]
    assert outcomes(app) == []


def test_a_push_to_one_system_does_not_build_the_link_for_what_another_waits_for(
    app: App, clock: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.read(app, LINK, "crm", Mode.COMPARE, clock)
    steps.work_off(app, LINK, clock)
    with monkeypatch.context() as patch:
        patch.setattr(App, "link", lambda *_: pytest.fail("builds a link, which costs calls"))
        assert steps.push(app, LINK, "crm", clock) == {}
    assert steps.push(app, LINK, "erp", clock)["creates"] == 2


def test_a_step_waits_for_the_worker_that_has_the_link(app: App, clock: Ticking) -> None:
    other = ExitStack()
    other.enter_context(turns.hold(app, LINK, Lane.EVENTS, clock))
    clock.at(5, other.close)
    a_step(app, clock)
    assert 5 <= clock.passed < 6
    assert outcomes(app) == [("events", "done"), ("batch", "done")]


def test_a_step_that_waits_in_vain_says_so(app: App, clock: Ticking) -> None:
    def renew() -> None:
        pipeline.pull("crm")  # every transaction of a worker renews its lease
        clock.at(clock.passed + 30, renew)

    with turns.hold(app, LINK, Lane.EVENTS, clock) as pipeline:
        renew()
        with pytest.raises(LinkBusyError):
            a_step(app, clock)
    assert clock.passed >= 60


def test_a_worker_that_died_is_waited_for_no_longer_than_its_lease(
    app: App, clock: Ticking
) -> None:
    elsewhere = "live:another-machine:4711:9f86d081"
    with app.database.begin() as connection:
        lease.acquire(connection, LINK, elsewhere, clock.now(), timedelta(seconds=60))
    a_step(app, clock)
    assert 55 <= clock.passed <= 65


def test_a_dead_worker_of_this_machine_is_not_waited_for(app: App, clock: Ticking) -> None:
    code = (
        "import os\n"
        "from datetime import datetime\n"
        "from tandem.app import App\n"
        "from tandem.clock import ManualClock\n"
        "from tandem.orchestration.turns import Lane, hold\n"
        f"clock = ManualClock(datetime.fromisoformat('{clock.now()}'))\n"
        "held = hold(App(), 'customers', Lane.LIVE, clock)\n"
        "held.__enter__()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    with app.database.begin() as connection:
        token = connection.execute(text("select token from lease where holder like 'live:%'"))
        assert token.scalar_one() == 1
    a_step(app, clock)
    assert clock.passed == 0


def test_a_run_that_fails_is_noted_as_failed_and_gives_the_link_back(
    app: App, clock: Ticking
) -> None:
    with pytest.raises(ZeroDivisionError), turns.hold(app, LINK, Lane.BATCH, clock):
        _ = 1 / 0
    assert turns.held_by(app.database, LINK, clock) is None
    assert outcomes(app) == [("batch", "failed")]


@pytest.mark.parametrize(
    ("params", "window"),
    [
        (
            {"since": "2026-03-01T00:00:00Z", "until": None},
            Window(datetime(2026, 3, 1, tzinfo=UTC), None),
        ),
        (
            {"since": None, "until": "2026-03-01T02:00:00+02:00"},
            Window(None, datetime(2026, 3, 1, tzinfo=UTC)),
        ),
    ],
)
def test_the_window_of_a_backfill(params: dict[str, str | None], window: Window) -> None:
    assert steps.window_of(params) == window


@pytest.mark.parametrize(
    "params",
    [{}, {"since": "2026-03-02T00:00:00Z", "until": "2026-03-01T00:00:00Z"}],
)
def test_a_window_that_makes_no_sense_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        steps.window_of(params)


# The doorbell


def test_a_ring_brings_changes_across(app: App, installation: Installation, clock: Ticking) -> None:
    report = steps.cycle(app, LINK, Lane.EVENTS, clock)
    assert report["creates"] == 2
    assert titles(installation) == ["Acme GmbH", "Birke AG"]


def test_a_ring_leaves_the_work_to_the_live_loop(app: App, clock: Ticking) -> None:
    with turns.hold(app, LINK, Lane.LIVE, clock):
        assert steps.cycle(app, LINK, Lane.EVENTS, clock) == {"lease": "held"}
    assert clock.passed == 0


def test_a_ring_waits_for_another_drain_which_may_have_pulled_before_it(
    app: App, clock: Ticking
) -> None:
    other = ExitStack()
    other.enter_context(turns.hold(app, LINK, Lane.SWEEP, clock))
    clock.at(3, other.close)
    assert "run" in steps.cycle(app, LINK, Lane.EVENTS, clock)
    assert 3 <= clock.passed < 4


def test_a_ring_that_is_fenced_off_ends_quietly(
    app: App, clock: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tandem.sync.pipeline import Pipeline

    def cycle(_self: Pipeline) -> None:
        raise FencedError("somebody else goes on")

    monkeypatch.setattr(Pipeline, "cycle", cycle)
    assert steps.cycle(app, LINK, Lane.EVENTS, clock) == {"lease": "fenced"}
    assert outcomes(app) == [("events", "fenced")]


# Systems that fail


@pytest.fixture
def erp_fails(monkeypatch: pytest.MonkeyPatch) -> Callable[[ConnectorError | None], None]:
    """Makes every read of the ERP raise, until told otherwise."""
    from connectors.file.connector import FileConnector

    error: list[ConnectorError] = []
    read_changes = FileConnector.read_changes

    def failing(self: Any, stream: str, *arguments: Any) -> Any:
        if stream == "partners" and error:
            raise error[0]
        return read_changes(self, stream, *arguments)

    monkeypatch.setattr(FileConnector, "read_changes", failing)

    def switch(what: ConnectorError | None) -> None:
        error[:] = [what] if what else []

    return switch


def test_a_compare_that_could_not_read_a_system_fails(
    app: App, clock: Ticking, erp_fails: Callable[[ConnectorError | None], None]
) -> None:
    erp_fails(RetryableError("out of reach"))
    with pytest.raises(RetryableError):
        steps.read(app, LINK, "erp", Mode.COMPARE, clock)
    assert outcomes(app) == [("batch", "failed")]
    assert turns.claimed(app.database, LINK, clock)  # the next try comes before the live loop


def test_a_ring_tells_of_a_system_that_fails_after_the_others_had_their_turn(
    app: App, clock: Ticking, erp_fails: Callable[[ConnectorError | None], None]
) -> None:
    erp_fails(LoginError("who are you?"))
    with pytest.raises(LoginError):
        steps.cycle(app, LINK, Lane.EVENTS, clock)
    assert "Acme GmbH" in titles_in_state(app)


def titles_in_state(app: App) -> set[str]:
    with app.database.begin() as connection:
        return {row["name"] for row in connection.execute(select(observed.c["values"])).scalars()}


def test_the_live_loop_slows_down_while_a_system_is_out_of_reach_and_recovers(
    app: App, clock: Ticking, erp_fails: Callable[[ConnectorError | None], None]
) -> None:
    erp_fails(RetryableError("out of reach"))
    clock.at(40, lambda: erp_fails(None))
    report = LiveLoop(app, LINK, clock).run()
    # Failing cycles at 0, 2, 6, 14 and 30 s, a good one at 60 s at the latest.
    assert 5 <= int(report["failures"]) <= 6
    assert int(report["cycles"]) <= 8


def test_the_live_loop_does_not_knock_every_second_with_a_wrong_password(
    app: App, clock: Ticking, erp_fails: Callable[[ConnectorError | None], None]
) -> None:
    erp_fails(LoginError("who are you?"))
    with pytest.raises(LoginError):
        LiveLoop(app, LINK, clock).run()
    assert clock.passed == 0
    assert turns.held_by(app.database, LINK, clock) is None


# The live loop


def test_a_live_stretch_is_bounded_and_sees_changes_within_its_interval(
    app: App, installation: Installation, clock: Ticking
) -> None:
    seen: list[float] = []

    def change() -> None:
        rows = [["3", "Cedro SL", "+34911234567"]]
        installation.write("crm", "customers", ["id", "title", "phone"], *rows)

    def look() -> None:
        if "Cedro SL" in titles(installation):
            seen.append(clock.passed)
        else:
            clock.at(clock.passed + 0.1, look)

    clock.at(10, change)
    clock.at(10, look)
    report = LiveLoop(app, LINK, clock).run()
    assert 60 <= clock.passed < 62
    assert 55 <= int(report["cycles"]) <= 61
    assert report["creates"] == 3
    assert seen
    assert seen[0] - 10 <= 1.5
    assert turns.held_by(app.database, LINK, clock) is None
    assert outcomes(app) == [("live", "done")]


def test_a_live_loop_gives_way_to_a_batch_and_comes_back(app: App, clock: Ticking) -> None:
    worked: list[float] = []

    def batch() -> None:
        turns.claim(app.database, LINK, clock)
        clock.at(clock.passed + 5, step)

    def step() -> None:
        assert turns.held_by(app.database, LINK, clock) is None
        worked.append(clock.passed)
        if len(worked) < 3:
            clock.at(clock.passed + 5, step)
        else:
            steps.release(app, LINK, clock)

    clock.at(10, batch)
    report = LiveLoop(app, LINK, clock).run()
    assert len(worked) == 3
    assert 40 <= int(report["cycles"]) <= 46  # all but the quarter of a minute that the batch had
    assert outcomes(app) == [("live", "done"), ("live", "done")]


def test_a_claim_that_nobody_renews_runs_out(app: App, clock: Ticking) -> None:
    turns.claim(app.database, LINK, clock)
    assert turns.claimed(app.database, LINK, clock)
    clock.sleep(turns.CLAIM.total_seconds() + 1)
    assert not turns.claimed(app.database, LINK, clock)


def test_a_live_loop_that_is_told_to_stop_ends_between_two_steps(app: App, clock: Ticking) -> None:
    loop = LiveLoop(app, LINK, clock)
    clock.at(10.3, loop.stop)
    report = loop.run()
    assert clock.passed < 11
    assert int(report["cycles"]) == 11
    assert turns.held_by(app.database, LINK, clock) is None


def test_a_stop_inside_a_cycle_does_not_wait_for_its_end(
    app: App, installation: Installation, clock: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tandem.sync.pipeline import Pipeline

    loop = LiveLoop(app, LINK, clock)
    pull = Pipeline.pull

    def pull_and_be_stopped(self: Pipeline, system: str | None = None) -> None:
        pull(self, "crm")
        loop.stop()
        pull(self, "erp")

    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "pull", pull_and_be_stopped)
        loop.run()
    assert outcomes(app) == [("live", "stopped")]
    assert titles(installation) == []
    steps.cycle(app, LINK, Lane.SWEEP, clock)  # the next worker goes on with what lies in the inbox
    assert titles(installation) == ["Acme GmbH", "Birke AG"]


def test_a_live_loop_that_is_fenced_off_ends_quietly(
    app: App, installation: Installation, clock: Ticking
) -> None:
    installation.link(lease="5m", interval="1s")
    other = ExitStack()

    def take_over() -> None:
        clock.advance(61)  # the loop was asleep for longer than its lease
        other.enter_context(turns.hold(app, LINK, Lane.SWEEP, clock))

    clock.at(10, take_over)
    assert LiveLoop(app, LINK, clock).run()["lease"] == "fenced"
    assert (turns.held_by(app.database, LINK, clock) or "").startswith("sweep:")
    other.close()
    assert outcomes(app) == [("live", "fenced"), ("sweep", "done")]
