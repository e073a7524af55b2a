"""A real Tryton on 127.0.0.1: its own environment, its own process, reached by HTTP only.

Tryton is under the GPL, so nothing here imports it. It is installed from its packages, unmodified,
into an environment of its own; we write its configuration file, start its programs, and fill its
directories through the interface that every client uses.

    server = TrytonServer(Path(".tandem/tryton"))
    server.prepare(positions=["Director", "Accountant"])    # slow once, then only a check
    server.reset()                                          # a clean database: one file copied
    server.start(8069)
    ...
    server.stop()

SQLite is the default. With the address of a PostgreSQL server the same goes on there, and the
database enforces its references.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import requests

from connectors.errors import ConnectorError
from connectors.tryton.rpc import Rpc
from connectors.tryton.settings import TrytonSettings
from tandem.demo.tryton_directories import fill
from tandem.errors import TandemError

Progress = Callable[[str, float], None]
"""Called with the name of a step that has ended and the seconds it took."""

MODULES = ("country", "party", "company", "party_relationship")
DATABASE = "erp"
USER = "admin"
EMAIL = "admin@example.test"
HOST = "127.0.0.1"

DEMO_COUNTRIES: tuple[str, ...] = (
    *("AT", "BE", "BG", "BR", "CA", "CH", "CY", "CZ", "DE", "EE", "ES", "FR", "GB", "GR", "HU"),
    *("IE", "IT", "KZ", "LT", "LV", "MX", "NL", "PL", "PT", "RO", "SK", "TR", "UA", "US", "UZ"),
)
"""Countries whose subdivisions are loaded when nobody asks for others."""


class TrytonStartError(TandemError):
    """Tryton could not be installed, prepared or started; the message says where to look."""

    code = "demo.tryton"


def silent(step: str, seconds: float) -> None:
    """Report nothing."""


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class TrytonServer:
    """One Tryton with one database.

    Attributes:
        home: folder for database, template, password, configuration and log.
        environment: folder of Tryton's environment; beside `home` when not given.
        postgres: address of a PostgreSQL server (`postgresql://user:secret@host:5432`) to keep the
            database in, instead of a file.
        database: its name; the template's is made from it.
        progress: told of every step.
        port: where it listens; known once started.
    """

    home: Path
    environment: Path | None = None
    postgres: str | None = None
    database: str = DATABASE
    progress: Progress = silent
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    # --- what others need to know ----------------------------------------------------------------

    @property
    def url(self) -> str:
        """Address of the running server."""
        return f"http://{HOST}:{self.port}"

    @property
    def password_file(self) -> Path:
        """File that holds the administrator's password; readable by its owner only."""
        return self.home / "password"

    @property
    def log_file(self) -> Path:
        """What the server printed."""
        return self.home / "server.log"

    def connector_settings(self) -> dict[str, str]:
        """Settings for `connectors.tryton.build`, password included."""
        return {
            "url": self.url,
            "database": self.database,
            "user": USER,
            "password": self.password_file.read_text().strip(),
        }

    # --- preparing -------------------------------------------------------------------------------

    def prepare(
        self,
        positions: Sequence[str] = (),
        countries: Iterable[str] | None = DEMO_COUNTRIES,
    ) -> None:
        """Install Tryton and build the template database, unless that was done already.

        Args:
            positions: names of the directory of positions.
            countries: ISO codes of the countries whose subdivisions are wanted; None: all.

        Raises:
            TrytonStartError: a step failed; the message names the log.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "prepare.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes
            self._prepare(positions, countries)

    def _prepare(self, positions: Sequence[str], countries: Iterable[str] | None) -> None:
        self._install()
        wanted = None if countries is None else sorted(countries)
        made_of = _fingerprint(_requirements().read_text(), positions, wanted, self.postgres)
        marker = self.home / "template.sha256"
        if _read(marker) == made_of and self._has_template():
            return
        self.stop()
        marker.unlink(missing_ok=True)
        if not self.password_file.exists():
            _write_private(self.password_file, secrets.token_urlsafe(24) + "\n")
        self._step("create database", self._create_database)
        self._step("activate modules", self._activate_modules)
        self.start(free_port())
        try:
            rpc = Rpc(TrytonSettings.model_validate(self.connector_settings()))
            fill(rpc, self._program("python"), positions, wanted, self._step)
            rpc.close()
        except ConnectorError as error:
            raise TrytonStartError(
                f"filling Tryton failed: {error}; see {self.log_file}"
            ) from error
        finally:
            self.stop()
        self._step("keep template", self._keep_template)
        marker.write_text(made_of)

    def clone(self, home: Path) -> TrytonServer:
        """Another server, stopped, with a clean database of its own in another folder.

        Raises:
            TrytonStartError: nothing was prepared here, or the database is not a file.
        """
        if self.postgres or not self._has_template():
            raise TrytonStartError("only a prepared server on SQLite can be cloned")
        other = TrytonServer(
            home, self._environment, database=self.database, progress=self.progress
        )
        other._databases.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._template, other._template)
        _write_private(other.password_file, self.password_file.read_text())
        other.reset()
        return other

    def reset(self) -> None:
        """Put the prepared, empty database in place of the present one.

        Raises:
            TrytonStartError: it is running, or nothing was prepared.
        """
        if self._process is not None:
            raise TrytonStartError("stop Tryton before its database is replaced")
        if not self._has_template():
            raise TrytonStartError("prepare Tryton before its database can be reset")
        self._step("reset database", self._copy_template)

    def discard(self) -> None:
        """Stop it and remove its databases for good."""
        self.stop()
        (self.home / "template.sha256").unlink(missing_ok=True)
        if self.postgres:
            self._postgres(_drop(self.database), _drop(f"{self.database}_template"))
        else:
            _remove_sqlite(self._databases / f"{self.database}.sqlite")
            self._template.unlink(missing_ok=True)

    # --- running ---------------------------------------------------------------------------------

    def start(self, port: int = 0, timeout: float = 60.0) -> None:
        """Start the server and wait until it answers.

        Args:
            port: where to listen; 0: any free one.
            timeout: seconds to wait for the first answer.

        Raises:
            TrytonStartError: it ended, or did not answer in time.
        """
        self.port = port or free_port()
        self._write_configuration()
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program("trytond"), "-c", self._configuration, "-d", self.database],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environ(),
            )
        self._pid_file.write_text(str(self._process.pid))
        self._step("start server", lambda: self.wait_until_ready(timeout))

    def wait_until_ready(self, timeout: float = 60.0) -> None:
        """Wait for the first answer.

        Raises:
            TrytonStartError: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + timeout
        # Without a password the answer is a question for it, from a database that works.
        ask = {"id": 0, "method": "common.db.login", "params": [USER, {}]}
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            with suppress(requests.RequestException):
                answer = requests.post(f"{self.url}/{self.database}/rpc/", json=ask, timeout=5)
                if "LoginException" in answer.text:
                    return
            time.sleep(0.05)
        self.stop()
        raise TrytonStartError(f"Tryton does not answer on port {self.port}; see {self.log_file}")

    def stop(self, timeout: float = 10.0) -> None:
        """Stop the server that this folder's process file names, whoever started it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        elif (pid := self._running_elsewhere()) is not None:
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + timeout
            while self._running_elsewhere() == pid and time.monotonic() < deadline:
                time.sleep(0.05)
        self._pid_file.unlink(missing_ok=True)

    # --- environment -----------------------------------------------------------------------------

    @property
    def _environment(self) -> Path:
        return (self.environment or self.home.parent / "tryton-env").absolute()

    def _program(self, name: str) -> Path:
        return self._environment / "bin" / name

    def _install(self) -> None:
        marker = self._environment / "tandem-requirements.sha256"
        made_of = _fingerprint(_requirements().read_text(), sys.version)
        if _read(marker) == made_of:
            return
        shutil.rmtree(self._environment, ignore_errors=True)
        uv, python = _find_uv(), self._program("python")
        create: list[str | Path] = [sys.executable, "-m", "venv"]
        install: list[str | Path] = [python, "-m", "pip", "install", "--quiet"]
        if uv is not None:
            create = [uv, "venv", "--quiet", "--python", sys.executable]
            install = [uv, "pip", "install", "--quiet", "--python", python]
        self._step("create environment", lambda: self._run(*create, self._environment))
        self._step("install Tryton", lambda: self._run(*install, "-r", _requirements()))
        marker.write_text(made_of)

    def _run(self, *command: str | Path, **variables: str) -> None:
        with self.log_file.open("ab") as log:
            ended = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environ() | variables,
                check=False,
            )
        if ended.returncode:
            name = Path(command[0]).name
            raise TrytonStartError(f"{name} ended with {ended.returncode}; see {self.log_file}")

    def _environ(self) -> dict[str, str]:
        # Nothing of ours may leak into Tryton's interpreter, nor settings of another Tryton.
        return {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "TRYTON", "VIRTUAL_ENV"))
        }

    # --- database --------------------------------------------------------------------------------

    @property
    def _configuration(self) -> Path:
        return (self.home / "trytond.conf").absolute()

    @property
    def _databases(self) -> Path:
        return (self.home / "db").absolute()

    @property
    def _pid_file(self) -> Path:
        return self.home / "server.pid"

    def _write_configuration(self) -> None:
        # The name of the database is an argument of Tryton's programs, not part of the address.
        server = self.postgres and urlsplit(self.postgres)._replace(path="").geturl()
        address = server or "sqlite://"
        _write_private(
            self._configuration,
            f"[database]\nuri = {address}\npath = {self._databases}\n"
            f"[web]\nlisten = {HOST}:{self.port}\n",
        )

    def _create_database(self) -> None:
        self._write_configuration()
        if self.postgres:
            self._postgres(_drop(self.database), f'CREATE DATABASE "{self.database}"')
            return
        self._databases.mkdir(parents=True, exist_ok=True)
        _remove_sqlite(self._databases / f"{self.database}.sqlite")
        (self._databases / f"{self.database}.sqlite").touch()

    def _activate_modules(self) -> None:
        self._run(
            *(self._program("trytond-admin"), "-c", self._configuration, "-d", self.database),
            *("--email", EMAIL, "--activate-dependencies", "-u", "ir", "res", *MODULES),
            TRYTONPASSFILE=str(self.password_file.absolute()),
        )

    def _has_template(self) -> bool:
        return bool(self.postgres) or self._template.exists()

    @property
    def _template(self) -> Path:
        return self.home / "template.sqlite"

    def _keep_template(self) -> None:
        if self.postgres:
            self._copy_postgres(self.database, f"{self.database}_template")
            return
        self._template.unlink(missing_ok=True)
        # Through SQLite, not as a file: what is still in the write-ahead log belongs to it.
        with (
            closing(sqlite3.connect(self._databases / f"{self.database}.sqlite")) as source,
            closing(sqlite3.connect(self._template)) as target,
        ):
            source.backup(target)

    def _copy_template(self) -> None:
        if self.postgres:
            self._copy_postgres(f"{self.database}_template", self.database)
            return
        database = self._databases / f"{self.database}.sqlite"
        _remove_sqlite(database)
        shutil.copyfile(self._template, database)

    def _copy_postgres(self, source: str, target: str) -> None:
        self._postgres(_drop(target), f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def _postgres(self, *statements: str) -> None:
        assert self.postgres is not None
        script = (
            "import os, sys, psycopg\n"
            "with psycopg.connect(os.environ['ADDRESS'], autocommit=True) as connection:\n"
            "    for statement in sys.argv[1:]: connection.execute(statement)\n"
        )
        address = urlsplit(self.postgres)._replace(path="/postgres").geturl()
        self._run(self._program("python"), "-c", script, *statements, ADDRESS=address)

    def _running_elsewhere(self) -> int | None:
        """Process id in the process file, when that process is this folder's Tryton."""
        text = _read(self._pid_file) or ""
        if not text.isdecimal():
            return None
        command = _command_line(int(text))
        return int(text) if str(self._configuration) in command else None

    def _step(self, name: str, work: Callable[[], object]) -> None:
        started = time.monotonic()
        work()
        self.progress(name, time.monotonic() - started)


def _drop(database: str) -> str:
    return f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'


def _requirements() -> Path:
    return Path(str(files("tandem.demo") / "tryton-requirements.txt"))


def _find_uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv")


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return None


def _command_line(pid: int) -> str:
    """The command that a process was started with; empty when there is no such process."""
    listed = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        return listed.read_bytes().replace(b"\0", b" ").decode() if listed.exists() else ""
    shown = ["ps", "-o", "args=", "-p", str(pid)]
    return subprocess.run(shown, capture_output=True, text=True, check=False).stdout


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _remove_sqlite(database: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m tandem.demo.tryton [--home DIR] [--port N] [--reset]`: prepare and serve."""
    parser = argparse.ArgumentParser(description="A real Tryton on 127.0.0.1, until Ctrl-C.")
    parser.add_argument("--home", type=Path, default=Path(".tandem/tryton"))
    parser.add_argument("--port", type=int, default=8069)
    parser.add_argument("--reset", action="store_true", help="start from a clean database")
    options = parser.parse_args(arguments)

    def tell(step: str, seconds: float) -> None:
        sys.stdout.write(f"{seconds:6.1f} s  {step}\n")
        sys.stdout.flush()

    server = TrytonServer(options.home, progress=tell)
    server.prepare()
    if options.reset:
        server.reset()
    server.start(options.port)
    sys.stdout.write(f"{server.url}  user {USER}  password in {server.password_file}\n")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        signal.pause()
    server.stop()


if __name__ == "__main__":
    main()
