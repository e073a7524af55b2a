"""The demo's steward console: a process of its own, and one account to log in with."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import requests

from tandem.clock import SystemClock
from tandem.console import accounts
from tandem.console.roles import Role
from tandem.demo.tryton import HOST
from tandem.errors import NotFoundError, TandemError
from tandem.state.database import Database

PORT = 8094
NAME = "steward"
RUN = "from tandem.cli.main import main; main()"


class ConsoleStartError(TandemError):
    """The console did not start; the message names its log."""

    code = "demo.console"


class StewardConsole:
    """`tandem console` over the demo's state."""

    def __init__(self, home: Path, environment: Mapping[str, str], port: int = PORT) -> None:
        self._home = home.absolute()
        self._environment = dict(environment)
        self._port = port
        self.url = f"http://{HOST}:{port}"

    @property
    def password_file(self) -> Path:
        """File with the password of the demo's account; readable by its owner only."""
        return self._home / "password"

    def start(self, database: Database, timeout: float = 60.0) -> None:
        """Make the account and start the console; wait until it answers.

        Raises:
            ConsoleStartError: it ended, or did not answer in time.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        self._make_account(database)
        log = self._home / "console.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", RUN, "console", "--port", str(self._port)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | self._environment,
            )
        self._pid_file.write_text(str(process.pid))
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(requests.RequestException):
                if requests.get(f"{self.url}/login", timeout=5).ok:
                    return
            time.sleep(0.2)
        raise ConsoleStartError(f"the console does not answer on port {self._port}; see {log}")

    def stop(self) -> None:
        """Stop it, whoever started it."""
        if self._pid_file.exists():
            pid = int(self._pid_file.read_text())
            with suppress(OSError):
                if b"console" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGTERM)
            self._pid_file.unlink()

    @property
    def _pid_file(self) -> Path:
        return self._home / "console.pid"

    def _make_account(self, database: Database) -> None:
        password = secrets.token_urlsafe(12)
        descriptor = os.open(self.password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(password)
        with suppress(NotFoundError):
            accounts.remove(database, NAME)
        accounts.add(database, NAME, Role.ENGINEER, password, SystemClock().now())
