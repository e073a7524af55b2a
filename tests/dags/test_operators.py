"""Parts of the DAGs that Airflow calls: the live task's ways to end, and the notifier."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors.errors import LoginError
from tandem.orchestration import notify
from tandem.orchestration.notify import Failure
from tests.dags.conftest import Installation

pytestmark = pytest.mark.airflow


@pytest.fixture
def live(dag_bag: Any, installation: Installation) -> Any:
    installation.link(lease="10m", interval="1s")
    return dag_bag().dags["tandem_customers_live"].get_task("live")


def test_a_signal_before_the_loop_has_begun_ends_the_task_too(live: Any) -> None:
    live.on_kill()
    assert live.execute({}) == {}


def test_a_signal_ends_the_loop(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tandem.sync.pipeline import Pipeline

    cycle = Pipeline.cycle

    def last_cycle(self: Pipeline) -> None:
        cycle(self)
        live.on_kill()

    monkeypatch.setattr(Pipeline, "cycle", last_cycle)
    assert live.execute({})["cycles"] == 1


CONTEXT = {
    "ti": SimpleNamespace(dag_id="tandem_c_batch", task_id="drain", run_id="manual", try_number=5),
    "exception": LoginError("the system knows nobody called Jane Doe"),
}
FAILURE = Failure("tandem_c_batch", "drain", "manual", 5, "connector.login")


def test_a_failure_is_logged_by_ids_and_code() -> None:
    with capture_logs() as logs:
        notify.notify(CONTEXT)
    assert logs == [
        {
            "event": "task.failed",
            "dag": "tandem_c_batch",
            "task": "drain",
            "run": "manual",
            "tries": 5,
            "code": "connector.login",
            "log_level": "error",
        }
    ]


def test_every_notifier_is_told_even_after_one_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Failure] = []

    def broken(_failure: Failure) -> None:
        raise RuntimeError("no network")

    points = [
        SimpleNamespace(name="b", load=lambda: told.append),
        SimpleNamespace(name="a", load=lambda: broken),
    ]
    monkeypatch.setattr(notify, "entry_points", lambda group: points if "tandem" in group else [])
    with capture_logs() as logs:
        notify.notify(CONTEXT)
    assert told == [FAILURE]
    assert logs[-1] == {
        "event": "notifier.failed",
        "notifier": "a",
        "error": "RuntimeError",
        "log_level": "warning",
    }


def test_an_error_without_a_code_is_named_by_its_class() -> None:
    with capture_logs() as logs:
        notify.notify({**CONTEXT, "exception": TimeoutError("Jane Doe")})
    assert logs[0]["code"] == "TimeoutError"
