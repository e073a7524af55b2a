"""The demo's stage: a Tryton, a sandbox CRM and an Airflow on 127.0.0.1, and our state."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import requests

from tandem.app import App
from tandem.demo.airflow import Airflow
from tandem.demo.console import StewardConsole
from tandem.demo.tryton import HOST, TrytonServer
from tandem.errors import TandemError
from tandem.sandbox.sessions import Credentials
from tandem.settings import ENV_FILE, Settings, load_config

Progress = Callable[[str, float], None]
CRM_PORT, ERP_PORT, AIRFLOW_PORT = 8091, 8092, 8093
LINK = "customers"
ROOT = Path(__file__).parents[2]


class StageError(TandemError):
    """A part of the demo did not start; the message names its log."""

    code = "demo.stage"


class SandboxCrm:
    """The sandbox CRM as a process of its own."""

    def __init__(self, home: Path, port: int = CRM_PORT) -> None:
        self._home = home.absolute()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://{HOST}:{port}"
        self._port = port

    @property
    def secret_file(self) -> Path:
        """File with the client secret; readable by its owner only."""
        return self._home / "secret"

    def reset(self) -> None:
        """Forget all records."""
        shutil.rmtree(self._home, ignore_errors=True)
        self._home.mkdir(parents=True)
        descriptor = os.open(self.secret_file, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24))

    def start(self, timeout: float = 30.0) -> None:
        """Start it and wait until it answers.

        Raises:
            StageError: it ended, or did not answer in time.
        """
        log = self._home / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tandem.sandbox", "--port", str(self._port)),
                    *("--db", str(self._home / "crm.sqlite")),
                    *("--client-id", "tandem", "--client-secret-file", str(self.secret_file)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        (self._home / "server.pid").write_text(str(self._process.pid))
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(requests.RequestException):
                if requests.get(f"{self.url}/sandbox/health", timeout=2).ok:
                    return
            time.sleep(0.05)
        raise StageError(f"the sandbox CRM does not answer on port {self._port}; see {log}")

    def seed(
        self, sobject: str, rows: Iterable[Mapping[str, Any]], user: str | None = None
    ) -> list[str]:
        """Load records as if people had typed them, or one of them; their ids in order."""
        body = b"\n".join(orjson.dumps(dict(row)) for row in rows)
        address = f"{self.url}/sandbox/seed/{sobject}"
        answer = requests.post(address, data=body, params={"user": user}, timeout=120)
        if not answer.ok:
            raise StageError(f"seeding {sobject}: {answer.status_code} {answer.text[:300]}")
        ids: list[str] = answer.json()["ids"]
        return ids

    def user_settings(self, name: str) -> dict[str, str]:
        """Settings for `connectors.salesforce.build` under which a person logs in."""
        return {
            "instance_url": self.url,
            "client_id": "tandem",
            "client_secret": self.secret_file.read_text(),
            "username": name,
            "password": Credentials().password,
        }

    def stop(self) -> None:
        """Stop it, whoever started it."""
        pid_file = self._home / "server.pid"
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None
        elif pid_file.exists():
            pid = int(pid_file.read_text())
            if _runs_sandbox(pid):
                os.kill(pid, signal.SIGTERM)
        pid_file.unlink(missing_ok=True)


def _runs_sandbox(pid: int) -> bool:
    with suppress(OSError):
        return b"tandem.sandbox" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


class Stage:
    """All three systems, in one folder."""

    def __init__(self, home: Path, progress: Progress) -> None:
        self.home = home.absolute()
        self._progress = progress
        self.crm = SandboxCrm(self.home / "crm")
        self.erp = TrytonServer(
            self.home / "tryton", self.home.parent / "tryton-env", progress=progress
        )
        self.console = StewardConsole(self.home / "console", self.environment)
        self.airflow = Airflow(
            self.home / "airflow", self.environment | self._connections, AIRFLOW_PORT
        )

    @property
    def environment(self) -> dict[str, str]:
        """Variables under which Tandem finds this stage."""
        return {
            "TANDEM_HOME": str(self.home),
            "TANDEM_CONFIG": str(ROOT / "config"),
            "TANDEM_MAPPINGS": str(ROOT / "mappings"),
        }

    @property
    def _connections(self) -> dict[str, str]:
        """Airflow connections of the two systems; their secrets stay in files."""
        crm = {"conn_type": "tandem_salesforce", "host": self.crm.url, "login": "tandem"}
        erp = {
            "conn_type": "tandem_tryton",
            "host": f"http://{HOST}:{ERP_PORT}",
            "schema": "erp",
            "login": "admin",
        }
        return {
            "AIRFLOW_CONN_TANDEM_CRM": orjson.dumps(crm).decode(),
            "AIRFLOW_CONN_TANDEM_ERP": orjson.dumps(erp).decode(),
        }

    def app(self) -> App:
        """Tandem over this stage."""
        os.environ.update(self.environment)
        return App(Settings(home=self.home, config=ROOT / "config", mappings=ROOT / "mappings"))

    def prepare(self) -> None:
        """Install and prepare what is slow; does nothing the second time."""
        pairs = load_config(ROOT / "config").synonyms["position"]
        positions = list(dict.fromkeys(code for _, code in pairs))
        # Two installations that wait for disk and network more than for each other.
        with ThreadPoolExecutor(max_workers=2) as pool:
            tryton = pool.submit(self.erp.prepare, positions)
            airflow = pool.submit(self.airflow.prepare, self._progress)
            tryton.result()
            airflow.result()

    def reset(self) -> None:
        """Empty systems, empty state."""
        self.crm.reset()
        self.erp.reset()
        self.airflow.reset()
        for path in self.home.glob("state.db*"):
            path.unlink()

    def start(self) -> None:
        """Start everything and wait until it answers."""
        ENV_FILE.parent.mkdir(parents=True, exist_ok=True)
        ENV_FILE.write_text("".join(f"{n}={v}\n" for n, v in self.environment.items()))
        self.airflow.start(self._progress)
        self.crm.start()
        self.erp.start(ERP_PORT)

    def stop(self) -> None:
        """Stop everything that runs, whoever started it."""
        self.console.stop()
        self.airflow.stop()
        self.crm.stop()
        self.erp.stop()
