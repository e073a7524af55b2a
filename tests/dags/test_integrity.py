"""Every DAG is complete, bounded and safe to parse."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from tests.dags.conftest import DAGS, Installation

pytestmark = pytest.mark.airflow

LANES = ("batch", "events", "live", "sweep")


@pytest.fixture
def dags(dag_bag: Any) -> dict[str, Any]:
    bag = dag_bag()
    assert bag.import_errors == {}
    return dict(bag.dags)


def test_every_link_has_its_four_lanes(dags: dict[str, Any]) -> None:
    assert sorted(dags) == [f"tandem_customers_{lane}" for lane in LANES]


@pytest.mark.parametrize("lane", LANES)
def test_a_dag_says_whose_it_is_and_what_it_does(dags: dict[str, Any], lane: str) -> None:
    dag = dags[f"tandem_customers_{lane}"]
    assert dag.owner == "tandem"
    assert set(dag.tags) == {"tandem", "link:customers", f"lane:{lane}"}
    assert "customers" in dag.doc_md
    assert "crm, erp" in dag.doc_md
    assert "{" not in dag.doc_md


@pytest.mark.parametrize("lane", LANES)
def test_a_dag_is_bounded(dags: dict[str, Any], lane: str) -> None:
    dag = dags[f"tandem_customers_{lane}"]
    assert dag.catchup is False
    assert dag.max_active_runs == 1
    assert dag.is_paused_upon_creation is True
    for task in dag.tasks:
        assert task.retries >= 1
        assert task.retry_exponential_backoff > 1
        assert task.max_retry_delay <= timedelta(minutes=10)
        assert task.execution_timeout is not None
        assert task.on_failure_callback


def test_a_fault_that_needs_a_person_is_not_tried_again(dags: dict[str, Any]) -> None:
    from connectors.errors import LoginError, RetryableError
    from tandem.errors import ConfigError

    policy = dags["tandem_customers_batch"].get_task("drain").retry_policy
    fates = {
        type(error).__name__: policy.evaluate(error, 1, 4).action.value
        for error in (LoginError("no"), ConfigError("no"), RetryableError("later"))
    }
    assert fates == {"LoginError": "fail", "ConfigError": "fail", "RetryableError": "default"}


def test_the_live_loop_retries_at_once_and_then_ever_slower(dags: dict[str, Any]) -> None:
    dag = dags["tandem_customers_live"]
    task = dag.get_task("live")
    assert dag.timetable.can_be_scheduled
    assert (task.retries, task.retry_delay) == (100, timedelta(seconds=1))
    assert task.retry_policy is None  # a run that fails for good is followed by the next at once


def test_the_batch_goes_read_work_push_drain_report(dags: dict[str, Any]) -> None:
    batch = dags["tandem_customers_batch"]
    order = [task.task_id for task in batch.topological_sort()]
    straight = ["open", "read_crm", "read_erp", "load", "work_off", "push_crm", "push_erp", "drain"]
    assert [name for name in order if name in straight] == straight
    assert batch.get_task("report").is_teardown
    assert batch.get_task("open").downstream_task_ids == {"read_crm", "backfill", "plan"}


def test_the_tasks_wait_in_the_pools_that_pools_of_names(
    dags: dict[str, Any], installation: Installation
) -> None:
    from tandem.orchestration.lanes import pools
    from tandem.settings import load_config

    used = {task.pool for dag in dags.values() for task in dag.tasks} - {"default_pool"}
    assert used == set(pools(load_config(installation.config)))


def test_the_pools_are_printed_as_airflow_imports_them(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    from tandem.orchestration.pools import main

    main()
    printed = json.loads(capsys.readouterr().out)
    assert {name: pool["slots"] for name, pool in printed.items()} == {
        "tandem_live": 1,
        "tandem_crm": 2,
        "tandem_erp": 2,
    }


def test_schedules_come_from_the_link(dag_bag: Any, installation: Installation) -> None:
    installation.link(sweep="*/7 * * * *", full_compare="30 4 * * 0")
    dags = dag_bag().dags
    assert dags["tandem_customers_sweep"].timetable.expression == "*/7 * * * *"
    assert dags["tandem_customers_batch"].timetable.expression == "30 4 * * 0"


def test_a_broken_configuration_is_an_import_error_with_file_and_line(
    dag_bag: Any, installation: Installation
) -> None:
    path = installation.config / "links" / "customers.yaml"
    path.write_text(path.read_text().replace("[crm, erp]", "[crm, epr]"))
    bag = dag_bag()
    assert not bag.dags
    (error,) = bag.import_errors.values()
    assert f"{path}:2: systems.1: there is no system 'epr'; did you mean 'erp'?" in error


def test_parsing_loads_neither_engine_nor_connectors(installation: Installation) -> None:
    """What a parse imports is paid by every task process; what it does is done every 30 seconds."""
    code = (
        "import runpy, sys\n"
        f"dags = runpy.run_path({str(DAGS / 'tandem_links.py')!r})\n"
        "print('tandem_customers_live' in dags)\n"
        "heavy = ('tandem.app', 'tandem.sync', 'tandem.matching', 'tandem.state',\n"
        "         'cleansing.address', 'connectors.file', 'connectors.salesforce',\n"
        "         'connectors.tryton', 'great_expectations', 'sklearn', 'duckdb')\n"
        "print(sorted(name for name in sys.modules if name.startswith(heavy)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[-3:-1] == ["True", "[]"]
    assert not (installation.home / "home").exists()  # no state database either


def test_the_same_files_make_the_same_dags(dag_bag: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    first, second = (
        {name: DagSerialization.to_dict(dag) for name, dag in dag_bag().dags.items()}
        for _ in range(2)
    )
    assert first == second


def test_the_dag_file_is_thin() -> None:
    lines = (DAGS / "tandem_links.py").read_text().splitlines()
    assert len(lines) <= 40
    # Airflow's safe mode skips files without these words.
    assert all(any(word in line.lower() for line in lines) for word in ("airflow", "dag"))
