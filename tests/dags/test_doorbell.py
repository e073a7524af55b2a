"""Ringing Airflow's doorbell, against a server that speaks the part of its API that is used."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from structlog.testing import capture_logs

from tandem.orchestration.doorbell import AirflowSettings, Doorbell

URI = "tandem://customers/doorbell"


class FakeAirflow:
    """Knows assets and tokens, and keeps the events it was sent."""

    def __init__(self) -> None:
        self.assets = [{"id": 6, "uri": URI + "2"}, {"id": 7, "uri": URI}]
        self.tokens: set[str] = set()
        self.logins = 0
        self.lookups = 0
        self.events: list[Any] = []

    def answer(self, method: str, path: str, query: str, token: str, body: Any) -> tuple[int, Any]:
        if (method, path) == ("POST", "/auth/token"):
            self.logins += 1
            if body != {"username": "tandem", "password": "pass-word"}:
                return 401, {}
            self.tokens = {f"token-{self.logins}"}
            return 201, {"access_token": f"token-{self.logins}"}
        if self.tokens and token.removeprefix("Bearer ") not in self.tokens:
            return 401, {}
        if (method, path) == ("GET", "/api/v2/assets"):
            self.lookups += 1
            (pattern,) = parse_qs(query)["uri_pattern"]
            return 200, {"assets": [a for a in self.assets if pattern in str(a["uri"])]}
        if (method, path) == ("POST", "/api/v2/assets/events"):
            if body["asset_id"] not in {a["id"] for a in self.assets}:
                return 404, {"detail": "no such asset"}
            self.events.append(body)
            return 200, {}
        return 404, {}


@pytest.fixture
def airflow() -> Iterator[tuple[FakeAirflow, str]]:
    fake = FakeAirflow()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            url = urlsplit(self.path)
            status, answer = fake.answer(
                self.command, url.path, url.query, self.headers.get("Authorization", ""), body
            )
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_GET = do_POST = _serve  # noqa: N815  (names that http.server looks for)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield fake, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_ring_is_an_event_of_exactly_this_links_asset(airflow: tuple[FakeAirflow, str]) -> None:
    fake, url = airflow
    bell = Doorbell(AirflowSettings(url=url + "/"))
    assert bell.ring("customers")
    assert bell.ring("customers")
    assert fake.events == [{"asset_id": 7, "extra": {}}] * 2
    assert fake.lookups == 1


def test_a_token_is_read_from_its_reference_at_every_ring(
    airflow: tuple[FakeAirflow, str], tmp_path: Any
) -> None:
    fake, url = airflow
    secret = tmp_path / "token"
    bell = Doorbell(AirflowSettings(url=url, token=f"file:{secret}"))
    for token in ("first", "second"):
        secret.write_text(token + "\n")
        fake.tokens = {token}
        assert bell.ring("customers")


def test_a_user_logs_in_once_and_again_when_the_token_has_expired(
    airflow: tuple[FakeAirflow, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, url = airflow
    monkeypatch.setenv("AIRFLOW_PASSWORD", "pass-word")
    fake.tokens = {"somebody else's"}
    bell = Doorbell(AirflowSettings(url=url, user="tandem", password="env:AIRFLOW_PASSWORD"))
    assert bell.ring("customers")
    assert bell.ring("customers")
    assert fake.logins == 1
    fake.tokens = {"somebody else's"}
    assert bell.ring("customers")
    assert fake.logins == 2


def test_an_asset_that_moved_is_looked_up_again(airflow: tuple[FakeAirflow, str]) -> None:
    fake, url = airflow
    bell = Doorbell(AirflowSettings(url=url))
    assert bell.ring("customers")
    fake.assets[1]["id"] = 70
    assert not bell.ring("customers")
    assert bell.ring("customers")
    assert fake.events[-1]["asset_id"] == 70


@pytest.mark.parametrize(
    ("settings", "link", "code"),
    [
        ({"url": "URL", "token": "env:NOT_SET_ANYWHERE"}, "customers", "ConfigError"),
        ({"url": "URL", "user": "tandem", "password": "wr0ng"}, "customers", "http.401"),
        ({"url": "URL"}, "suppliers", "KeyError"),
        ({"url": "http://127.0.0.1:9"}, "customers", "ConnectionError"),
        ({"url": "nonsense"}, "customers", "MissingSchema"),
    ],
)
def test_a_ring_that_fails_is_a_code_in_the_log_and_nothing_more(
    airflow: tuple[FakeAirflow, str], settings: dict[str, str], link: str, code: str
) -> None:
    fake, url = airflow
    given = AirflowSettings.model_validate({**settings, "url": settings["url"].replace("URL", url)})
    with capture_logs() as logs:
        assert Doorbell(given).ring(link) is False
    assert logs == [
        {"event": "doorbell.failed", "link": link, "code": code, "log_level": "warning"}
    ]
    assert fake.events == []


def test_without_an_address_nothing_is_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANDEM_AIRFLOW_URL", raising=False)
    assert Doorbell().ring("customers") is False
