"""The launcher of a real Tryton."""

from __future__ import annotations

import socket
import stat

import pytest
import requests

from connectors.base import Accepted, Operation, Write
from connectors.tryton import build
from tandem.demo.tryton import TrytonServer, TrytonStartError

pytestmark = [pytest.mark.slow, pytest.mark.tryton]


def test_what_is_prepared_is_not_prepared_again(tryton_template: TrytonServer) -> None:
    steps: list[str] = []
    again = TrytonServer(
        tryton_template.home,
        tryton_template.environment,
        progress=lambda step, seconds: steps.append(step),
    )
    again.prepare(
        positions=("Director", "Chief accountant", "Sales manager", "Engineer"),
        countries=("GB", "GR", "PL", "US"),
    )
    assert steps == []


def test_a_reset_brings_back_the_clean_database(cloned: TrytonServer) -> None:
    for _ in range(2):
        cloned.start()
        erp = build(cloned.connector_settings())
        (page,) = erp.read_changes("party.person", ["name"], None)
        assert page.records == ()
        write = Write(Operation.CREATE, "key", None, {"name": "Somebody"})
        assert isinstance(erp.write("party.person", [write])[0], Accepted)
        erp.close()
        with pytest.raises(TrytonStartError, match="stop"):
            cloned.reset()
        cloned.stop()
        cloned.reset()


def test_secrets_are_private_and_the_server_is_local(tryton_server: TrytonServer) -> None:
    for secret in (tryton_server.password_file, tryton_server.home / "trytond.conf"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert tryton_server.url.startswith("http://127.0.0.1:")
    outside = socket.gethostbyname(socket.gethostname())
    if outside.startswith("127."):
        pytest.skip("this machine has no address but its own")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{outside}:{tryton_server.port}/", timeout=5)


def test_another_process_can_stop_it(cloned: TrytonServer) -> None:
    cloned.start()
    process = cloned._process
    assert process is not None
    TrytonServer(cloned.home).stop()
    assert process.wait(10) is not None
    with pytest.raises(requests.ConnectionError):
        requests.get(cloned.url, timeout=5)
    # A number that somebody else's process has by now is left alone.
    (cloned.home / "server.pid").write_text("1")
    TrytonServer(cloned.home).stop()


def test_a_server_without_its_database_says_where_to_look(cloned: TrytonServer) -> None:
    (cloned.home / "db" / "erp.sqlite").write_text("not a database")
    with pytest.raises(TrytonStartError, match=r"server\.log"):
        cloned.start(timeout=5)


def test_what_is_discarded_has_to_be_prepared_again(cloned: TrytonServer) -> None:
    cloned.discard()
    with pytest.raises(TrytonStartError, match="prepare"):
        cloned.reset()
