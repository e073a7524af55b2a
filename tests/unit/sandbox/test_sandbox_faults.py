"""The fault script and the other controls: each fault is what it says, as often as it says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
import requests

from tandem.sandbox.context import Options
from tandem.sandbox.faults import Fault, FaultScript
from tandem.sandbox.testing import RunningSandbox, running_sandbox


@pytest.fixture
def api(sandbox: RunningSandbox) -> Iterator[requests.Session]:
    """A session with the API, without a client library that hides what happens."""
    form = {**sandbox.credentials(), "grant_type": "client_credentials"}
    answer = requests.post(f"{sandbox.url}/services/oauth2/token", data=form, timeout=10).json()
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {answer['access_token']}"
        session.params = {}
        yield session


def create(
    sandbox: RunningSandbox, api: requests.Session, timeout: float = 10
) -> requests.Response:
    address = f"{sandbox.url}/services/data/v59.0/sobjects/Account"
    return api.post(address, json={"Name": "a"}, timeout=timeout)


def count(sandbox: RunningSandbox) -> int:
    return int(sandbox.control("GET", "health")["records"]["Account"])


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("429", "REQUEST_LIMIT_EXCEEDED"),
        ("500", "UNKNOWN_EXCEPTION"),
        ("503", "SERVER_UNAVAILABLE"),
    ],
)
def test_errors_do_nothing_and_pass(
    sandbox: RunningSandbox, api: requests.Session, fault: str, code: str
) -> None:
    sandbox.fail({"path": "sobjects", "fault": fault, "times": 2, "retry_after": 3})
    for _ in range(2):
        response = create(sandbox, api)
        assert response.status_code == int(fault)
        assert response.headers["Retry-After"] == "3"
        assert response.json()[0]["errorCode"] == code
    assert count(sandbox) == 0
    assert create(sandbox, api).status_code == 201
    assert sandbox.calls() == {"create": 1, f"fault.{fault}": 2, "oauth_token": 1}


def test_slow(sandbox: RunningSandbox, api: requests.Session) -> None:
    sandbox.fail({"fault": "slow", "delay_s": 0.3, "path": "/services/data"})
    started = time.monotonic()
    assert create(sandbox, api).status_code == 201
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(
    ("fault", "made"), [("reset", 0), ("reset_after_commit", 1), ("timeout_after_commit", 1)]
)
def test_lost_answers(
    sandbox: RunningSandbox, api: requests.Session, fault: str, made: int
) -> None:
    sandbox.fail({"method": "POST", "path": "sobjects", "fault": fault, "delay_s": 1.0})
    with pytest.raises((requests.ConnectionError, requests.ReadTimeout)):
        create(sandbox, api, timeout=0.5)
    assert count(sandbox) == made


def test_an_empty_page_succeeds(sandbox: RunningSandbox, api: requests.Session) -> None:
    sandbox.seed("Account", [{"Name": "a"}])
    sandbox.fail({"path": "/query", "fault": "empty_page"})
    address = f"{sandbox.url}/services/data/v59.0/query?q=SELECT+Id+FROM+Account"
    assert [api.get(address, timeout=10).json()["totalSize"] for _ in range(2)] == [0, 1]


def test_the_script_skips_matches_and_repeats() -> None:
    script = FaultScript()
    script.load(
        [Fault(path="/a$", fault="500", after=1, times=2), Fault(method="GET", fault="429")]
    )
    struck = [script.strike("POST", "/a") for _ in range(4)]
    assert [fault and fault.fault for fault in struck] == [None, "500", "500", None]
    assert script.strike("POST", "/b") is None
    assert [fault.fault for fault in script.remaining()] == ["429"]
    assert script.strike("get", "/b") is not None


def test_a_script_that_makes_no_sense_is_refused(sandbox: RunningSandbox) -> None:
    for fault in ({"fault": "fire"}, {"fault": "500", "path": "("}, {"fault": "500", "x": 1}):
        response = requests.post(f"{sandbox.url}/sandbox/faults", json=[fault], timeout=10)
        assert response.status_code == 400
        assert response.json()[0]["errorCode"] == "INVALID_ARGUMENT"


def test_the_clock_runs_wrong_in_headers_and_stamps(
    sandbox: RunningSandbox, api: requests.Session
) -> None:
    sandbox.control("POST", "clock", json={"offset_s": 600})
    response = create(sandbox, api)
    ahead = parsedate_to_datetime(response.headers["Date"]).timestamp() - time.time()
    assert 595 < ahead < 605
    address = f"{sandbox.url}/services/data/v59.0/sobjects/Account/{response.json()['id']}"
    stamp = api.get(address, timeout=10).json()["SystemModstamp"]
    assert stamp > time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 590))


def test_stamps_in_milliseconds() -> None:
    with running_sandbox(Options(precision_ms=1)) as running:
        running.seed("Account", [{"Name": str(number)} for number in range(50)])
        form = {**running.credentials(), "grant_type": "client_credentials"}
        login = requests.post(f"{running.url}/services/oauth2/token", data=form, timeout=10).json()
        rows = requests.get(
            f"{running.url}/services/data/v59.0/query?q=SELECT+SystemModstamp+FROM+Account",
            headers={"Authorization": f"Bearer {login['access_token']}"}, timeout=10,
        ).json()["records"]  # fmt: skip
    assert any(not row["SystemModstamp"].endswith(".000+0000") for row in rows)


def test_a_bad_seed_names_its_line_and_loads_nothing(sandbox: RunningSandbox) -> None:
    lines = b'{"Name": "a"}\n\n{"Phone": "1"}\n'
    response = requests.post(f"{sandbox.url}/sandbox/seed/Account", data=lines, timeout=10)
    assert response.status_code == 400
    assert response.json()[0]["message"].startswith("line 2:")
    assert count(sandbox) == 0
