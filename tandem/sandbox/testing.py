"""A sandbox for tests: a real server on a free port of the loopback, in a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import requests
import uvicorn

from tandem.sandbox.__main__ import server_config
from tandem.sandbox.context import Options
from tandem.sandbox.server import create_app

START_S = 10.0


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that answers, and its controls.

    Attributes:
        url: without a slash at its end.
        session: for the controls.
    """

    url: str
    session: requests.Session

    def control(self, method: str, path: str, **options: Any) -> Any:
        """Call one of the sandbox's own controls; its answer."""
        response = self.session.request(method, f"{self.url}/sandbox/{path}", timeout=30, **options)
        response.raise_for_status()
        return response.json()

    def seed(self, sobject: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """Load records; their ids."""
        lines = b"\n".join(orjson.dumps(dict(row)) for row in rows)
        ids: list[str] = self.control("POST", f"seed/{sobject}", data=lines)["ids"]
        return ids

    def fail(self, *faults: Mapping[str, Any]) -> None:
        """Add to the fault script."""
        self.control("POST", "faults", json=[dict(fault) for fault in faults])

    def calls(self) -> Mapping[str, int]:
        """Return the API calls so far, by kind."""
        counted: Mapping[str, int] = self.control("GET", "stats")["calls"]
        return counted

    def credentials(self) -> dict[str, str]:
        """Return connector settings that reach this sandbox."""
        known = Options().credentials
        return {
            "instance_url": self.url,
            "client_id": known.client_id,
            "client_secret": known.client_secret,
        }


@contextmanager
def running_sandbox(options: Options | None = None) -> Iterator[RunningSandbox]:
    """Serve a sandbox for the duration of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(server_config(create_app(options or Options()), 0))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            msg = "the sandbox did not start"
            raise RuntimeError(msg)
        time.sleep(0.01)
    port = listener.getsockname()[1]
    with closing(requests.Session()) as session:
        try:
            yield RunningSandbox(f"http://127.0.0.1:{port}", session)
        finally:
            server.should_exit = True
            thread.join(START_S)
