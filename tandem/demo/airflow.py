"""Airflow on 127.0.0.1 for `make demo` and `make up`: its components as processes of ours.

    airflow = Airflow(Path(".tandem/airflow"), {"TANDEM_CONFIG": "…", "TANDEM_HOME": "…"}, 8080)
    airflow.prepare(tell)                  # metadata database; slow once
    airflow.start(tell)
    airflow.wait_until_ready(120)
    airflow.unpause("tandem_customers_batch")
    run = airflow.trigger("tandem_customers_batch", {"mode": "first_load"})
    state = airflow.wait("tandem_customers_batch", run, tell, 600)
    airflow.stop()

`airflow standalone` would be shorter, but it opens log servers on every interface of the machine.
Nothing here imports Airflow. Everybody who reaches the port is an administrator: for one's own
machine only.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # comes with Airflow, its annotations do not
import requests

from tandem.errors import TandemError
from tandem.orchestration.lanes import pools
from tandem.settings import load_config

Progress = Callable[[str, float], None]
"""Called with the name of a step that has ended and the seconds it took."""

HOST = "127.0.0.1"
COMPONENTS: Mapping[str, Sequence[str]] = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
ENDED = frozenset({"success", "failed", "skipped", "upstream_failed", "removed"})
POLL = 0.25
ASK_AGAIN = 2.0
GRACE = 20.0
"""Seconds that components and tasks get to end by themselves."""


class AirflowStartError(TandemError):
    """Airflow could not be prepared, started or asked; the message says where to look."""

    code = "demo.airflow"


class Airflow:
    """One Airflow with everything it writes in one folder."""

    def __init__(
        self,
        home: Path,
        environment: Mapping[str, str],
        port: int = 8080,
        *,
        dags: Path | None = None,
    ) -> None:
        """Describe it; nothing is touched yet.

        Args:
            home: its folder; never the repository's root, whose `config/` is ours.
            environment: variables for the tasks: `TANDEM_CONFIG`, `TANDEM_HOME` and whatever
                secret references name; paths absolute.
            port: where its API and UI listen.
            dags: folder of DAG files; the repository's when not given.
        """
        self._home = home.absolute()
        self._port = port
        self._own = dict(environment)
        self._dags = (dags or Path(__file__).parents[2] / "dags").absolute()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._session = requests.Session()

    @property
    def url(self) -> str:
        """Address of its UI and API."""
        return f"http://{HOST}:{self._port}"

    @property
    def logs(self) -> Path:
        """Folder of the logs of components and tasks."""
        return self._home / "logs"

    # --- preparing -------------------------------------------------------------------------------

    def prepare(self, progress: Progress) -> None:
        """Create keys and the metadata database, unless that was done for this version of Airflow.

        Raises:
            AirflowStartError: it failed; the message names the log.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        _secret_once(self._home / "fernet.key", base64.urlsafe_b64encode(os.urandom(32)).decode())
        _secret_once(self._home / "jwt.key", secrets.token_urlsafe(64))
        marker, wanted = self._home / "migrated", version("apache-airflow-core")
        if self._database.exists() and marker.exists() and marker.read_text() == wanted:
            return
        started = time.monotonic()
        self._run("db", "migrate")
        shutil.copyfile(self._database, self._template)
        marker.write_text(wanted)
        progress("create Airflow's database", time.monotonic() - started)

    def reset(self) -> None:
        """Forget all runs, connections and which DAGs were unpaused.

        Raises:
            AirflowStartError: it was not prepared, or it is running.
        """
        if not self._template.exists():
            raise AirflowStartError("prepare Airflow before it can be reset")
        if self._running():
            raise AirflowStartError("stop Airflow before its database is replaced")
        for suffix in ("", "-wal", "-shm", "-journal"):
            self._database.with_name(self._database.name + suffix).unlink(missing_ok=True)
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir()
        shutil.copyfile(self._template, self._database)

    # --- running ---------------------------------------------------------------------------------

    def start(self, progress: Progress) -> None:
        """Start all components; they get ready side by side.

        Raises:
            AirflowStartError: one runs already.
        """
        if self._running():
            raise AirflowStartError(f"Airflow in {self._home} is running already; stop it first")
        for name, arguments in COMPONENTS.items():
            started = time.monotonic()
            with (self.logs / f"{name}.log").open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    self._command(*arguments),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environ(),
                    cwd=self._home,
                    start_new_session=True,
                )
            self._note_processes()
            progress(f"launch {name}", time.monotonic() - started)

    def wait_until_ready(self, timeout: float = 120.0) -> None:
        """Wait until every component is healthy and the pools exist.

        Raises:
            AirflowStartError: a component ended, or the time is over.
        """
        started = time.monotonic()
        # The interface that tasks report to is built when first asked for, which takes longer than
        # the first task would wait; asked for now, it is built while the others start.
        self._answers(f"{self.url}/execution/health", timeout)
        left = timeout - (time.monotonic() - started)
        self._answers(
            f"{self.url}/api/v2/monitor/health",
            left,
            lambda parts: all(part["status"] == "healthy" for part in parts.values()),
        )
        self._create_pools()

    def stop(self, timeout: float = GRACE) -> None:
        """Stop all components and the tasks they run, also those another process of ours started.

        The live loop ends between two steps, the others get `timeout` seconds.
        """
        running = self._running()
        # Tasks report how they ended to the API server, so it goes after them.
        with_tasks = [p for name, p in running.items() if name == "scheduler"]
        _end(with_tasks, timeout)
        _end([p for p in running.values() if p not in with_tasks], min(timeout, GRACE / 2))
        for child in self._processes.values():
            child.wait()
        self._processes.clear()
        self._pid_file.unlink(missing_ok=True)

    # --- DAGs ------------------------------------------------------------------------------------

    def unpause(self, dag_id: str, timeout: float = 90.0, *, paused: bool = False) -> None:
        """Switch a DAG on (or off, with `paused`), as soon as its file has been parsed.

        Raises:
            AirflowStartError: it does not turn up; the message has the import errors, if any.
        """
        for _ in self._until(timeout, f"there is no DAG {dag_id}"):
            answer = self._call("PATCH", f"dags/{dag_id}", {"is_paused": paused}, may_miss=True)
            if answer is not None:
                return
            if errors := self.import_errors():
                raise AirflowStartError("\n".join(errors))

    def pause(self, dag_id: str) -> None:
        """Switch a DAG off: what runs goes on, nothing new begins."""
        self.unpause(dag_id, paused=True)

    def import_errors(self) -> list[str]:
        """What is wrong with the DAG files: one text per file."""
        errors = self._get("importErrors")["import_errors"]
        return [f"{e['filename']}: {e['stack_trace'].strip()}" for e in errors]

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> str:
        """Start a run with these params. Returns its id."""
        body = {"logical_date": None, "conf": dict(conf or {})}
        answer = self._call("POST", f"dags/{dag_id}/dagRuns", body)
        return str(answer["dag_run_id"])

    def wait(self, dag_id: str, run_id: str, progress: Progress, timeout: float = 600.0) -> str:
        """Wait for the end of a run, telling of every task that ends. Returns its state.

        Raises:
            AirflowStartError: a component ended, or the time is over.
        """
        told: set[str] = set()
        run = f"dags/{dag_id}/dagRuns/{run_id}"
        state = ""
        for _ in self._until(timeout, f"run {run_id} of {dag_id} has not ended"):
            state = str(self._get(run)["state"])
            for task in self._get(f"{run}/taskInstances")["task_instances"]:
                if task["state"] in ENDED and task["task_id"] not in told:
                    told.add(task["task_id"])
                    progress(f"{task['task_id']}: {task['state']}", task["duration"] or 0.0)
            if state in ENDED:
                break
        return state

    def result(self, dag_id: str, run_id: str, task_id: str) -> Any:
        """What a task of a run returned: ids and counts."""
        task = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        return self._get(f"{task}/xcomEntries/return_value")["value"]

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The latest hundred runs of a DAG as Airflow's API describes them, newest first."""
        answer = self._get(f"dags/{dag_id}/dagRuns?order_by=-run_after&limit=100")
        return list(answer["dag_runs"])

    def _create_pools(self) -> None:
        config = Path(self._own.get("TANDEM_CONFIG", "config"))
        there = {pool["name"] for pool in self._get("pools?limit=100")["pools"]}
        for name, slots in pools(load_config(config)).items():
            if name not in there:
                body = {"name": name, "slots": slots, "include_deferred": False}
                self._call("POST", "pools", body)

    def _answers(
        self, url: str, timeout: float, good: Callable[[Any], bool] = lambda _answer: True
    ) -> None:
        for _ in self._until(timeout, "Airflow is not healthy"):
            with suppress(requests.RequestException):
                answer = self._session.get(url, timeout=30)
                if answer.ok and good(answer.json()):
                    return

    # --- API -------------------------------------------------------------------------------------

    def _get(self, path: str) -> Any:
        return self._call("GET", path)

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, may_miss: bool = False
    ) -> Any:
        url = f"{self.url}/api/v2/{path}"
        try:
            answer = self._session.request(method, url, json=body, timeout=30)
        except requests.RequestException as error:
            raise AirflowStartError(
                f"{method} {path}: {type(error).__name__}; see {self.logs}"
            ) from error
        if may_miss and answer.status_code == requests.codes.not_found:
            return None
        if not answer.ok:
            raise AirflowStartError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else {}

    def _until(self, timeout: float, complaint: str) -> Iterator[None]:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            for name, process in self._processes.items():
                if process.poll() is not None:
                    log = self.logs / f"{name}.log"
                    raise AirflowStartError(
                        f"{name} ended with {process.returncode}; see {log}\n{_tail(log)}"
                    )
            yield
            time.sleep(POLL)
        raise AirflowStartError(f"{complaint} after {timeout:.0f} s; see {self.logs}")

    # --- processes -------------------------------------------------------------------------------

    @property
    def _database(self) -> Path:
        return self._home / "airflow.db"

    @property
    def _template(self) -> Path:
        return self._home / "template.db"

    @property
    def _pid_file(self) -> Path:
        return self._home / "processes.json"

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "airflow", *arguments]

    def _run(self, *arguments: str) -> None:
        log = self.logs / f"{'-'.join(arguments)}.log"
        with log.open("wb") as file:
            ended = subprocess.run(
                self._command(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=self._environ(),
                cwd=self._home,
                check=False,
            )
        if ended.returncode:
            raise AirflowStartError(
                f"airflow {' '.join(arguments)} ended with {ended.returncode}; see {log}\n"
                f"{_tail(log)}"
            )

    def _environ(self) -> dict[str, str]:
        # Settings of another Airflow or Tandem must not leak in; bytecode halves every start-up.
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AIRFLOW_", "TANDEM_")) and name != "PYTHONDONTWRITEBYTECODE"
        }
        return inherited | self._settings() | self._own

    def _settings(self) -> dict[str, str]:
        home, quoted = self._home, shlex.quote(str(self._home))
        return {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self._dags),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__FERNET_KEY_CMD": f"cat {quoted}/fernet.key",
            "AIRFLOW__API_AUTH__JWT_SECRET_CMD": f"cat {quoted}/jwt.key",
            "AIRFLOW__API__SECRET_KEY_CMD": f"cat {quoted}/jwt.key",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self._database}",
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.logs / "tasks"),
            "AIRFLOW__API__HOST": HOST,
            "AIRFLOW__API__PORT": str(self._port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__WORKERS": "1",
            # Latency: the scheduler looks for work more often, and slots are free sooner.
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            # Memory and processor: four lanes of a link run at once at most, and files are few.
            "AIRFLOW__CORE__PARALLELISM": "6",
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "60",
        }

    def _note_processes(self) -> None:
        started = {
            name: [child.pid, psutil.Process(child.pid).create_time()]
            for name, child in self._processes.items()
            if child.poll() is None
        }
        self._pid_file.write_text(json.dumps(started))

    def _running(self) -> dict[str, psutil.Process]:
        """Components that live, of this object or of another process that used this folder."""
        if not self._pid_file.exists():
            return {}
        found = {}
        for name, (pid, created) in json.loads(self._pid_file.read_text()).items():
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                # Process ids are used again: only one that began when ours did is ours.
                if process.create_time() == created and process.status() != psutil.STATUS_ZOMBIE:
                    found[name] = process
        return found


def _end(processes: Sequence[psutil.Process], timeout: float) -> None:
    """End processes and all that came from them: kindly, then after `timeout` seconds by force."""
    deadline = time.monotonic() + timeout
    # A task is in a session of its own: it must be found before its parent is gone.
    family = set(processes)
    while family and time.monotonic() < deadline:
        for process in tuple(family):
            with suppress(psutil.NoSuchProcess):
                family.update(process.children(recursive=True))
        # Again and again: the scheduler may start one more task before it notices.
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        _, alive = psutil.wait_procs(family, timeout=ASK_AGAIN)
        family = set(alive)
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=5)


def _secret_once(path: Path, value: str) -> None:
    if path.exists():
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(value)


def _tail(log: Path, lines: int = 15) -> str:
    with suppress(OSError), closing(log.open(encoding="utf-8", errors="replace")) as file:
        return "".join(file.readlines()[-lines:])
    return ""
