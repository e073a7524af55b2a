"""`python -m tandem.sandbox --port 8091 --db FILE`: serve until interrupted."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from tandem.sandbox.context import Options
from tandem.sandbox.gate import Gate
from tandem.sandbox.server import create_app
from tandem.sandbox.sessions import Credentials

HOST = "127.0.0.1"
KEEP_ALIVE_S = 75


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the sandbox CRM on the loopback."""
    defaults = Credentials()
    parser = argparse.ArgumentParser(prog="python -m tandem.sandbox", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8091, help="TCP port (default: 8091)")
    parser.add_argument("--db", type=Path, required=True, help="SQLite file, made when missing")
    parser.add_argument("--client-id", default=defaults.client_id)
    parser.add_argument("--client-secret-file", type=Path, help="file that holds the client secret")
    parser.add_argument(
        "--client-secret", default=defaults.client_secret, help="shows in the list of processes"
    )
    parser.add_argument("--password", default=defaults.password, help="of every user")
    parser.add_argument(
        "--milliseconds", action="store_true", help="stamp rows in milliseconds, not seconds"
    )
    parser.add_argument("--daily-limit", type=int, default=1_000_000, help="API calls a day")
    given = parser.parse_args(arguments)
    secret = given.client_secret
    if given.client_secret_file is not None:
        secret = given.client_secret_file.read_text("utf-8").strip()
    options = Options(
        path=given.db,
        credentials=Credentials(given.client_id, secret, given.password),
        precision_ms=1 if given.milliseconds else 1000,
        daily_limit=given.daily_limit,
    )
    serve(options, given.port)


def serve(options: Options, port: int) -> None:
    """Serve until interrupted, on 127.0.0.1 and nowhere else."""
    uvicorn.Server(server_config(create_app(options), port)).run()


def server_config(app: Gate, port: int) -> uvicorn.Config:
    """Return how the sandbox is served."""
    return uvicorn.Config(
        app,
        host=HOST,
        port=port,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
