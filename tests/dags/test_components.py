"""Airflow's real components, as `make demo` starts them: up, at work, killed, and gone again."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # comes with Airflow, its annotations do not
import pytest
import requests

from tandem.demo import airflow as demo
from tandem.demo.airflow import Airflow, AirflowStartError
from tandem.orchestration.doorbell import AirflowSettings, Doorbell
from tests.dags.conftest import Installation

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

BATCH, EVENTS, LIVE = (f"tandem_customers_{lane}" for lane in ("batch", "events", "live"))
HEADER = ["id", "title", "phone"]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def within(seconds: float, question: Callable[[], bool]) -> float:
    """Seconds until the answer was yes."""
    started = time.monotonic()
    while not question():
        assert time.monotonic() - started < seconds
        time.sleep(0.05)
    return time.monotonic() - started


@pytest.fixture
def airflow(tmp_path: Path, installation: Installation) -> Iterator[Airflow]:
    installation.link(lease="2m")
    environment = {
        f"TANDEM_{name.upper()}": str(tmp_path / name) for name in ("config", "mappings", "home")
    }
    made = Airflow(tmp_path / "airflow", environment, free_port())
    yield made
    made.stop()


def test_up_at_work_killed_and_gone(
    airflow: Airflow, installation: Installation, tmp_path: Path
) -> None:
    steps: list[str] = []
    airflow.prepare(lambda step, _: steps.append(step))
    airflow.start(lambda step, _: steps.append(step))
    with pytest.raises(AirflowStartError, match="running already"):
        Airflow(tmp_path / "airflow", {}).start(lambda *_: None)
    airflow.wait_until_ready(180)
    assert steps[0] == "create Airflow's database"
    for key in ("fernet.key", "jwt.key"):
        assert stat.S_IMODE(os.stat(tmp_path / "airflow" / key).st_mode) == 0o600

    answer = requests.post(
        f"{airflow.url}/api/v2/connections/test",
        json={
            "connection_id": "crm",
            "conn_type": "tandem_file",
            "extra": json.dumps({"path": str(installation.home / "crm"), "key": "id"}),
        },
        timeout=60,
    ).json()
    assert (answer["status"], "answers" in answer["message"]) == (True, True)

    rows = [["1", "Acme GmbH", "+49301234567"], ["2", "Birke AG", "+49309999999"]]
    installation.write("crm", "customers", HEADER, *rows)
    airflow.unpause(BATCH)
    run = airflow.trigger(BATCH, {"mode": "first_load"})
    told: list[str] = []
    assert airflow.wait(BATCH, run, lambda step, _: told.append(step), 300) == "success"
    assert {"read_crm: success", "push_erp: success", "plan: skipped"} <= set(told)
    assert airflow.result(BATCH, run, "report")["creates"] == 2
    assert [r["run_type"] for r in airflow.runs(BATCH)] == [
        "manual"
    ]  # switching on made up nothing

    # This Airflow takes everybody for its administrator: an engineer, in the console.
    me = requests.get(f"{airflow.url}/tandem/api/v1/me", timeout=60).json()
    assert (me["name"], me["role"]) == ("Anonymous", "engineer")
    page = requests.get(f"{airflow.url}/tandem/", timeout=60)
    assert (page.status_code, page.url) == (200, f"{airflow.url}/tandem/inbox")

    def titles() -> list[str]:
        return [row[1] for row in installation.rows("erp", "partners")]

    rows.append(["3", "Cedro SL", "+34911234567"])
    installation.write("crm", "customers", HEADER, *rows)
    airflow.unpause(EVENTS)
    assert Doorbell(AirflowSettings(url=airflow.url)).ring("customers")
    within(30, lambda: "Cedro SL" in titles())

    airflow.unpause(LIVE)
    within(60, lambda: bool(live_tasks(airflow)))
    rows.append(["4", "Dub doo", "+38511234567"])
    installation.write("crm", "customers", HEADER, *rows)
    within(30, lambda: "Dub doo" in titles())

    for task in live_tasks(airflow):
        task.kill()
    rows.append(["5", "Eder AG", "+4311234567"])
    installation.write("crm", "customers", HEADER, *rows)
    within(30, lambda: "Eder AG" in titles())  # half of what the dead worker's lease would last

    family = [p for c in airflow._running().values() for p in [c, *c.children(recursive=True)]]
    assert len(family) > 5
    Airflow(tmp_path / "airflow", {}).stop()  # as `make down` does, from another process
    assert not [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]

    airflow.reset()
    airflow.prepare(lambda *_: pytest.fail("the database is prepared once"))


def live_tasks(airflow: Airflow) -> list[psutil.Process]:
    """Processes that run the live loop's code: the innermost ones under the scheduler."""
    scheduler = airflow._running()["scheduler"]
    workers = [w for w in scheduler.children() if w.children()]
    return [task for worker in workers for task in worker.children()]


def test_a_component_that_ends_is_named_with_the_end_of_its_log(
    airflow: Airflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "COMPONENTS", {"scheduler": ("scheduler", "--no-such-option")})
    airflow.logs.mkdir(parents=True)
    airflow.start(lambda *_: None)
    with pytest.raises(AirflowStartError, match=r"(?s)scheduler ended with 2; see .*no-such-optio"):
        airflow.wait_until_ready(120)


def test_nothing_is_reset_that_was_not_prepared(airflow: Airflow) -> None:
    with pytest.raises(AirflowStartError, match="prepare Airflow"):
        airflow.reset()
