"""An Airflow of its own for every test process: home and database in a folder that goes away.

Airflow reads its settings from the environment while it is imported, so they are set here, before
any test module is loaded. The DAGs' configuration is written by the tests themselves.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

HOME = Path(tempfile.mkdtemp(prefix="tandem-airflow-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
DAGS = Path(__file__).parents[2] / "dags"

for name in [name for name in os.environ if name.startswith(("AIRFLOW_", "TANDEM_AIRFLOW"))]:
    del os.environ[name]
os.environ |= {
    "AIRFLOW_HOME": str(HOME),
    "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME / 'airflow.db'}",
}


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow's metadata database, empty."""
    from airflow.utils.db import initdb

    initdb()


class Installation:
    """Two folders of CSV files kept in agreement, as a user would configure them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.config = home / "config"
        (self.config / "links").mkdir(parents=True)
        (home / "mappings").mkdir()
        systems = {"crm": ("customers", "id"), "erp": ("partners", "code")}
        for system, (stream, key) in systems.items():
            (home / system).mkdir()
            self.write(system, stream, [key, "title", "phone"])
            (home / "mappings" / f"account.{system}.yaml").write_text(
                f"object: account\nsystem: {system}\nstream: {stream}\n"
                "fields: {name: title, phone: phone}\n"
            )
        (self.config / "systems.yaml").write_text(
            "systems:\n"
            f"  crm: {{kind: file, settings: {{path: '{home}/crm', key: id}}}}\n"
            f"  erp: {{kind: file, settings: {{path: '{home}/erp', key: code}}}}\n"
        )
        self.link()

    def link(self, **schedule: str) -> None:
        """Write the link's file."""
        lines = "".join(f"  {name}: '{value}'\n" for name, value in schedule.items())
        (self.config / "links" / "customers.yaml").write_text(
            "link: customers\nsystems: [crm, erp]\n"
            "objects:\n  account: {default: {policy: owner, owner: crm}}\n"
            + (f"schedule:\n{lines}" if lines else "")
        )

    def write(self, system: str, stream: str, *rows: list[str]) -> None:
        """Replace a system's only file."""
        text = "".join(",".join(row) + "\n" for row in rows)
        (self.home / system / f"{stream}.csv").write_text(text)

    def rows(self, system: str, stream: str) -> list[list[str]]:
        """A system's only file without its header."""
        text = (self.home / system / f"{stream}.csv").read_text()
        return [line.split(",") for line in text.splitlines()[1:]]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A fresh installation that the environment points to."""
    made = Installation(tmp_path)
    for name in ("config", "mappings", "home"):
        monkeypatch.setenv(f"TANDEM_{name.upper()}", str(tmp_path / name))
    monkeypatch.delenv("TANDEM_DATABASE", raising=False)
    return made


@pytest.fixture
def dag_bag(installation: Installation) -> Any:
    """What Airflow makes of `dags/`; a function, so that a test can change files first."""
    from airflow.dag_processing.dagbag import DagBag

    return lambda: DagBag(str(DAGS))
