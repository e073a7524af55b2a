"""Whole runs of the DAGs in Airflow's own task runner, over two folders of CSV files."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tandem.orchestration import notify, steps
from tandem.orchestration.notify import Failure
from tests.dags.conftest import Installation
from tests.databases import fresh_postgres

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

HEADER = ["id", "title", "phone"]


def run(
    dag_bag: Any, lane: str, conf: dict[str, Any] | None = None
) -> tuple[str, dict[str, str], Any]:
    """State of a run, state by task, and what its last task returned."""
    # From the files each time: Airflow's test runner leaves a run's params in the DAG.
    ended = dag_bag().dags[f"tandem_customers_{lane}"].test(run_conf=conf)
    tasks = {ti.task_id: ti for ti in ended.get_task_instances()}
    last = tasks["report" if "report" in tasks else "drain"]
    return str(ended.state), {name: str(ti.state) for name, ti in tasks.items()}, last.xcom_pull()


@pytest.mark.usefixtures("airflow_database")
def test_a_first_load_a_dry_run_a_ring_and_a_wrong_backfill(
    dag_bag: Any, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One test, because the first run in a process costs Airflow seven seconds."""
    told: list[Failure] = []
    notifier = SimpleNamespace(name="test", load=lambda: told.append)
    monkeypatch.setattr(notify, "entry_points", lambda group: [notifier])
    acme, birke = ["1", "Acme GmbH", "+49301234567"], ["2", "Birke AG", "+49309999999"]
    installation.write("crm", "customers", HEADER, acme, birke)
    installation.write("erp", "partners", ["code", *HEADER[1:]], ["A", *acme[1:]])

    state, tasks, report = run(dag_bag, "batch", {"mode": "first_load", "dry_run": True})
    assert state == "success"
    assert tasks["plan"] == "success"
    assert {tasks[t] for t in ("read_crm", "read_erp", "work_off", "push_erp")} == {"skipped"}
    assert report == {"would_write": 1, "account.erp.create": 1}
    assert len(installation.rows("erp", "partners")) == 1

    state, tasks, report = run(dag_bag, "batch", {"mode": "first_load"})
    assert state == "success"
    assert tasks["plan"] == tasks["backfill"] == "skipped"
    assert (report["read"], report["linked"], report["creates"]) == (3, 1, 1)
    assert [row[1:] for row in installation.rows("erp", "partners")] == [acme[1:], birke[1:]]

    birke[1] = "Birke SE"
    installation.write("crm", "customers", HEADER, acme, birke)
    state, _, report = run(dag_bag, "events")
    assert (state, report["updates"]) == ("success", 1)
    assert [row[1] for row in installation.rows("erp", "partners")] == ["Acme GmbH", "Birke SE"]

    assert told == []
    state, tasks, _ = run(dag_bag, "batch", {"mode": "backfill"})
    assert state == "failed"
    assert tasks["open"] == "failed"
    assert [(f.dag, f.task, f.code) for f in told] == [
        ("tandem_customers_batch", "open", "config.invalid")
    ]
    assert tasks["report"] == "success"  # the claim is taken back however a run ends


@pytest.mark.postgres
@pytest.mark.usefixtures("airflow_database")
def test_a_large_first_load_is_settled_in_bundles(
    dag_bag: Any, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{word} {form}" for word in ("Acme", "Birke", "Cedro", "Dolmen") for form in "XYZ"]
    rows = [[str(n), name, f"+4930123450{n:02}"] for n, name in enumerate(names)]
    installation.write("crm", "customers", HEADER, *rows)
    installation.write("erp", "partners", ["code", *HEADER[1:]], *rows[:8])
    monkeypatch.setattr(steps, "LEAST", 4)
    monkeypatch.setattr(steps, "BUNDLE", 8)
    with fresh_postgres() as url:
        monkeypatch.setenv("TANDEM_DATABASE", url)
        ended = dag_bag().dags["tandem_customers_batch"].test(run_conf={"mode": "first_load"})
        assert str(ended.state) == "success"
        states = [(ti.task_id, ti.map_index, str(ti.state)) for ti in ended.get_task_instances()]
        report = next(ti for ti in ended.get_task_instances() if ti.task_id == "report")
        counts = report.xcom_pull()
    ran = sorted((name, number) for name, number, state in states if state == "success")
    assert [each for each in ran if each[1] >= 0] == [
        *(("look_account", n) for n in range(3)),
        *(("settle_account", n) for n in range(2)),
    ]
    assert (counts["looked_at"], counts["linked"], counts["creates"]) == (20, 8, 4)
    assert sorted(row[1] for row in installation.rows("erp", "partners")) == sorted(names)
