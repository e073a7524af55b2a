from __future__ import annotations

import json
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from requests.adapters import BaseAdapter

from connectors.errors import (
    ConnectorError,
    LoginError,
    RateLimitedError,
    RecordError,
    RetryableError,
    StopRunError,
    UnknownOutcomeError,
)
from connectors.http import FAULTS, Fault, HttpClient

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "s3cr3t-value"


class Scripted(BaseAdapter):
    """Answers from a list; an exception in it is raised."""

    def __init__(self, *answers: requests.Response | Exception) -> None:
        super().__init__()
        self.answers = list(answers)
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]  # the stub's long list
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        answer.request, answer.url = request, str(request.url)
        return answer

    def close(self) -> None:
        pass


def answer(status: int = 200, body: Any = None, **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = b"" if body is None else json.dumps(body).encode()
    response.headers.update({"Content-Type": "application/json"})
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def client(*answers: requests.Response | Exception, **options: Any) -> HttpClient:
    return HttpClient(
        "https://erp.example/api/", adapter=Scripted(*answers), now=lambda: NOON, **options
    )


def caught(http: HttpClient, method: str = "GET", **options: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as error:
        http.json(method, "/partners", **options)
    return error.value


@pytest.mark.parametrize(("status", "fault"), FAULTS.items())
def test_a_read_raises_what_the_table_says(status: int, fault: Fault) -> None:
    error = caught(client(answer(status)))
    assert type(error) is fault.error
    assert error.code == fault.code
    assert f"GET /partners: answered {status}" in error.message


@pytest.mark.parametrize("status", [500, 502, 504, 599])
def test_a_write_that_a_server_may_have_done_is_unknown(status: int) -> None:
    assert type(caught(client(answer(status)), "POST")) is UnknownOutcomeError
    assert type(caught(client(answer(status)), "POST", safe=True)) is RetryableError


@pytest.mark.parametrize("status", [408, 425, 503])
def test_a_write_that_a_server_did_not_begin_may_be_repeated(status: int) -> None:
    assert type(caught(client(answer(status)), "POST")) is RetryableError


def test_vendor_code_comes_before_status_and_is_named() -> None:
    faults = {"QUOTA": Fault(StopRunError, "shop.quota", "wait for tomorrow"), 400: FAULTS[503]}
    http = client(
        answer(400, {"error": "QUOTA", "hint": SECRET}),
        answer(400, {"error": "OTHER"}),
        faults=faults,
        vendor_code=lambda response: str(response.json()["error"]),
    )
    error = caught(http)
    assert type(error) is StopRunError
    assert error.code == "shop.quota"
    assert error.message == "GET /partners: answered 400 QUOTA; wait for tomorrow"
    assert caught(http).code == "http.unavailable"


def test_wanted_statuses_are_answers() -> None:
    http = client(answer(404), answer(304))
    assert http.request("GET", "/partners/1", answers={404}).status_code == 404
    assert http.request("GET", "/partners/1", answers={304}).status_code == 304


def test_a_redirect_is_not_followed() -> None:
    http = client(answer(302, Location="https://elsewhere.example/"))
    assert caught(http, "POST").code == "http.redirected"
    assert http.calls == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "17"}, 17),
        # By the system's clock, which is ten minutes ahead of ours.
        (
            {
                "Retry_After": "Sat, 21 Nov 2026 12:10:45 GMT",
                "Date": "Sat, 21 Nov 2026 12:10:00 GMT",
            },
            45,
        ),
        ({"Retry_After": "Sat, 21 Nov 2026 12:00:05 GMT"}, 5),
        ({"Retry_After": "later"}, 30),
        ({}, 30),
    ],
)
def test_rate_limit_says_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    error = caught(client(answer(429, **headers)), "POST")
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == seconds


def test_any_passing_fault_may_name_a_time_to_wait() -> None:
    error = caught(client(answer(503, Retry_After="120")), "POST")
    assert isinstance(error, RateLimitedError)
    assert (error.retry_after, error.code) == (120, "http.unavailable")
    assert type(caught(client(answer(500, Retry_After="120")), "POST")) is UnknownOutcomeError
    assert type(caught(client(answer(404, Retry_After="120")))) is RecordError


def test_what_cannot_be_sent_was_not_sent() -> None:
    http = client()
    error = caught(http, "POST", json={"amount": float("nan")})
    assert type(error) is RecordError
    error = caught(http, "POST", headers={"Authorization": f"Bearer {SECRET}\nX: y"})
    assert type(error) is StopRunError
    assert SECRET not in str(error)
    assert http.calls == 0


def test_clock_skew_is_measured_from_the_date_header() -> None:
    http = client(answer(Date="Sat, 21 Nov 2026 12:10:00 GMT"), answer())
    http.request("GET", "/")
    assert abs(http.clock_skew - timedelta(minutes=10)) <= timedelta(seconds=1)
    http.request("GET", "/")
    assert abs(http.clock_skew - timedelta(minutes=10)) <= timedelta(seconds=1)


def test_credentials_are_renewed_once() -> None:
    tokens = iter(["new", "newer"])
    current = ["old"]

    def bearer(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {current[0]}"
        return request

    def renew() -> None:
        current[0] = next(tokens)

    http = client(answer(401), answer(200, [1]), answer(401), answer(401), auth=bearer, renew=renew)
    assert http.json("POST", "/partners") == [1]
    assert isinstance(caught(http, "POST"), LoginError)
    assert http.calls == 4
    assert isinstance(http.adapter, Scripted)
    assert [sent.headers["Authorization"] for sent in http.adapter.requests] == [
        "Bearer old", "Bearer new", "Bearer new", "Bearer newer",
    ]  # fmt: skip


def test_netrc_does_not_replace_our_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine erp.example login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    http = client(answer())
    http.request("GET", "/", headers={"Authorization": "Bearer ours"})
    assert isinstance(http.adapter, Scripted)
    assert http.adapter.requests[0].headers["Authorization"] == "Bearer ours"


def test_a_whole_url_below_the_base_is_taken_as_it_is() -> None:
    http = client(answer(), answer())
    http.request("GET", "https://erp.example/api/partners?page=2")
    http.request("GET", "/partners?page=2")
    assert isinstance(http.adapter, Scripted)
    assert {sent.url for sent in http.adapter.requests} == {
        "https://erp.example/api/partners?page=2"
    }


def test_json_or_a_clear_error() -> None:
    assert client(answer(204)).json("DELETE", "/partners/1") is None
    cut = answer()
    cut._content = b'{"name": "' + SECRET.encode()
    error = caught(client(cut))
    assert type(error) is RetryableError
    assert SECRET not in str(error)
    assert type(caught(client(cut), "POST")) is UnknownOutcomeError
    portal = answer(Content_Type="text/html; charset=utf-8")
    portal._content = b"<html>please log in</html>"
    error = caught(client(portal))
    assert type(error) is StopRunError
    assert error.message.startswith("GET /partners: the answer (text/html, 26 bytes) is not JSON")


@pytest.mark.parametrize("url", ["ftp://erp.example", "erp.example", "http://"])
def test_a_bad_address_stops_the_run(url: str) -> None:
    error = caught(HttpClient(url))
    assert type(error) is StopRunError
    assert error.code == "http.address"


# --- the real transport, against sockets that misbehave -----------------------------------------


@pytest.fixture
def server() -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Starts a one-connection server that treats the socket as told; gives its address."""
    listeners: list[socket.socket] = []

    def start(treat: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            connection, _ = listener.accept()
            with closing(connection):
                connection.recv(65536)
                treat(connection)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


def reset(connection: socket.socket) -> None:
    linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def half_an_answer(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n[1, 2")


def silence(connection: socket.socket) -> None:
    connection.settimeout(2)
    connection.recv(1)


@pytest.mark.parametrize("treat", [reset, hang_up, half_an_answer, silence])
def test_a_lost_answer_is_unknown_for_a_write_only(server: Any, treat: Any) -> None:
    for method, expected in (("POST", UnknownOutcomeError), ("GET", RetryableError)):
        http = HttpClient(server(treat), read_timeout=0.2)
        error = caught(http, method, params={"email": SECRET})
        http.close()
        assert type(error) is expected
        assert error.code == "http.no_answer"
        assert SECRET not in str(error)
        assert http.calls == 1


def test_a_refused_connection_or_unknown_host_may_be_repeated() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", "http://no-such-host.invalid"):
        error = caught(HttpClient(url), "POST", params={"email": SECRET})
        assert type(error) is RetryableError
        assert error.code == "http.connect"
        assert SECRET not in str(error)
        assert error.__cause__ is None
        assert error.__suppress_context__


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_an_untrusted_certificate_stops_the_run(tmp_path: Path) -> None:
    context = self_signed(tmp_path)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            with suppress(OSError), closing(listener.accept()[0]) as connection:
                context.wrap_socket(connection, server_side=True)

        threading.Thread(target=serve, daemon=True).start()
        http = HttpClient(f"https://127.0.0.1:{listener.getsockname()[1]}")
        error = caught(http, "POST", params={"email": SECRET})
    assert type(error) is StopRunError
    assert error.code == "http.certificate"
    assert SECRET not in str(error)


def test_no_log_line_carries_a_query(server: Any, caplog: pytest.LogCaptureFixture) -> None:
    def reply(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

    caplog.set_level(logging.DEBUG)
    http = HttpClient(server(reply))
    assert http.json("GET", "/partners", params={"email": SECRET}) == []
    http.close()
    assert SECRET not in caplog.text
