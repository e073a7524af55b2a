"""What the connector makes of trouble: lost answers, limits, locks, errors, expired sessions."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.base import Accepted, Deferred, Gone, Operation, Rejected, Unknown, Write
from connectors.errors import (
    LoginError,
    RateLimitedError,
    RecordError,
    RetryableError,
    StopRunError,
)
from connectors.salesforce import SalesforceConnector, build
from tandem.sandbox.testing import RunningSandbox, running_sandbox

WRITE = {"method": "PATCH", "path": "composite/sobjects"}
Build = Callable[..., SalesforceConnector]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(server: RunningSandbox) -> RunningSandbox:
    server.control("POST", "reset")
    return server


@pytest.fixture
def connect(sandbox: RunningSandbox) -> Iterator[Build]:
    made: list[SalesforceConnector] = []

    def connect(**settings: Any) -> SalesforceConnector:
        made.append(build({**sandbox.credentials(), "read_timeout_s": 0.7, **settings}))
        return made[-1]

    yield connect
    for connector in made:
        connector.close()


def create(number: int, **values: Any) -> Write:
    return Write(Operation.CREATE, f"key-{number}", None, {"Name": f"Acme {number}", **values})


def update(native_id: str, **values: Any) -> Write:
    return Write(Operation.UPDATE, f"update-{native_id}", native_id, values)


def count(sandbox: RunningSandbox) -> int:
    return int(sandbox.control("GET", "health")["records"]["Account"])


# --- lost answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["timeout_after_commit", "reset_after_commit"])
def test_a_lost_answer_is_unknown_and_the_record_is_found(
    sandbox: RunningSandbox, connect: Build, fault: str
) -> None:
    connector = connect()
    sandbox.fail({**WRITE, "fault": fault, "delay_s": 1.5})
    results = connector.write("Account", [create(1), create(2)])
    assert [type(result) for result in results] == [Unknown, Unknown]
    assert all(connector.find("Account", f"key-{number}") for number in (1, 2))
    assert connector.find("Account", "key-3") is None
    # The engine may also just send again: the key makes it the same create.
    again = connector.write("Account", [create(1), create(2)])
    assert [type(result) for result in again] == [Accepted, Accepted]
    assert count(sandbox) == 2


def test_a_reset_before_the_commit_is_unknown_and_nothing_is_found(
    sandbox: RunningSandbox, connect: Build
) -> None:
    connector = connect()
    sandbox.fail({**WRITE, "fault": "reset"})
    assert [type(r) for r in connector.write("Account", [create(1)])] == [Unknown]
    assert connector.find("Account", "key-1") is None


def test_a_server_error_on_a_write_is_unknown_on_a_read_retryable(
    sandbox: RunningSandbox, connect: Build
) -> None:
    connector = connect()
    sandbox.fail({**WRITE, "fault": "500"})
    assert [type(r) for r in connector.write("Account", [create(1)])] == [Unknown]
    sandbox.fail({"path": "/query", "fault": "500"})
    with pytest.raises(RetryableError):
        list(connector.read_changes("Account", ["Name"], None))


def test_a_slow_page_is_retryable(sandbox: RunningSandbox, connect: Build) -> None:
    connector = connect()
    sandbox.fail({"path": "/query", "fault": "slow", "delay_s": 1.2})
    with pytest.raises(RetryableError):
        list(connector.read_changes("Account", ["Name"], None))
    assert list(connector.read_changes("Account", ["Name"], None))


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = {"instance_url": f"http://127.0.0.1:{port}", "access_token": "t"}
    connector = build(settings)
    with pytest.raises(RetryableError):
        connector.write("Account", [create(1)])
    with pytest.raises(RetryableError):
        connector.check()


# --- limits and locks -----------------------------------------------------------------------------


def test_a_rate_limit_says_how_long(sandbox: RunningSandbox, connect: Build) -> None:
    connector = connect()
    sandbox.fail({"path": "composite|query", "fault": "429", "retry_after": 7, "times": 2})
    with pytest.raises(RateLimitedError) as caught:
        connector.write("Account", [create(1)])
    assert caught.value.retry_after == 7
    with pytest.raises(RateLimitedError):
        connector.read("Account", ["Name"], ["001Tn0zzzzzzzzzIAA"])
    assert count(sandbox) == 0


def test_the_daily_limit_is_a_long_wait(sandbox: RunningSandbox, connect: Build) -> None:
    sandbox.control("POST", "quota", json={"limit": 1, "used": 1})
    with pytest.raises(RateLimitedError) as caught:
        list(connect().read_changes("Account", ["Name"], None))
    assert caught.value.retry_after > 60


def test_an_unavailable_server_did_nothing(sandbox: RunningSandbox, connect: Build) -> None:
    connector = connect()
    sandbox.fail({**WRITE, "fault": "503"})
    with pytest.raises(RetryableError):
        connector.write("Account", [create(1)])
    assert connector.find("Account", "key-1") is None


def test_a_fault_in_the_middle_defers_only_the_rest(
    sandbox: RunningSandbox, connect: Build
) -> None:
    (native_id,) = sandbox.seed("Account", [{"Name": "a"}])
    connector = connect()
    sandbox.fail({**WRITE, "fault": "429", "after": 1, "retry_after": 9})
    results = connector.write("Account", [update(native_id, Phone="1"), create(1)])
    assert isinstance(results[1], Accepted), "creates go first"
    assert results[0] == Deferred("salesforce.rate_limited", retry_after=9)


def test_a_locked_row_is_deferred_alone(sandbox: RunningSandbox, connect: Build) -> None:
    first, second = sandbox.seed("Account", [{"Name": "a"}, {"Name": "b"}])
    sandbox.control("POST", "locks", json={"ids": [first]})
    writes = [update(first, Phone="1"), update(second, Phone="2")]
    results = connect().write("Account", writes)
    assert [type(result) for result in results] == [Deferred, Accepted]


# --- records at fault -----------------------------------------------------------------------------


def test_three_bad_records_among_two_hundred(sandbox: RunningSandbox, connect: Build) -> None:
    writes = [create(number) for number in range(200)]
    writes[7] = create(7, Phone="0" * 41)
    writes[70] = create(70, Type="Friend")
    writes[170] = create(170, Name="")
    connector = connect()
    results = connector.write("Account", writes)
    codes = {n: r.code for n, r in enumerate(results) if isinstance(r, Rejected)}
    assert codes == {
        7: "STRING_TOO_LONG",
        70: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        170: "REQUIRED_FIELD_MISSING",
    }
    assert sum(isinstance(result, Accepted) for result in results) == 197
    assert count(sandbox) == 197
    assert sandbox.calls()["collections_upsert"] == 1


def test_an_unknown_column_costs_one_more_call_however_many_have_it(
    sandbox: RunningSandbox, connect: Build
) -> None:
    writes = [create(n, **({"Fax_2__c": "x"} if n % 2 else {})) for n in range(100)]
    results = connect().write("Account", writes)
    expected = [Rejected if number % 2 else Accepted for number in range(100)]
    assert [type(result) for result in results] == expected
    assert isinstance(results[1], Rejected)
    assert results[1].columns == ("Fax_2__c",)
    assert sandbox.calls()["collections_upsert"] == 2


def test_a_value_of_the_wrong_type_is_found_by_halving(
    sandbox: RunningSandbox, connect: Build
) -> None:
    writes = [create(n, NumberOfEmployees="many" if n == 41 else n) for n in range(64)]
    results = connect().write("Account", writes)
    assert [n for n, result in enumerate(results) if isinstance(result, Rejected)] == [41]
    assert count(sandbox) == 63
    assert sandbox.calls()["collections_upsert"] <= 13


def test_a_value_without_a_json_form_is_not_sent(sandbox: RunningSandbox, connect: Build) -> None:
    results = connect().write("Account", [create(1, Phone=object()), create(2, Fax=float("nan"))])
    assert [type(result) for result in results] == [Rejected, Rejected]
    assert "collections_upsert" not in sandbox.calls()


def test_no_value_reaches_a_message(sandbox: RunningSandbox, connect: Build) -> None:
    secret = "Таємниця 4711"
    connector = connect()
    writes = [
        create(1, Phone=secret * 4), create(2, Type=secret), create(3, ParentId=secret),
        create(4, NumberOfEmployees=secret),
    ]  # fmt: skip
    for result in connector.write("Account", writes):
        assert isinstance(result, Rejected)
        assert "Таємниця" not in result.message
        assert "4711" not in result.message
    (result,) = connector.write("Contact", [Write(
        Operation.CREATE, "k", None, {"LastName": "x", "Email": "ada@lovelace"})])  # fmt: skip
    assert isinstance(result, Rejected)
    assert result.columns == ("Email",)
    assert "ada" not in result.message
    with pytest.raises(RecordError) as caught:
        list(connector.read_changes("Account", ["Name"], {"floor": secret}))
    assert secret not in str(caught.value)


def test_what_is_gone_and_what_points_at_something_gone(
    sandbox: RunningSandbox, connect: Build
) -> None:
    alive, dead = sandbox.seed("Account", [{"Name": "a"}, {"Name": "b"}])
    connector = connect()
    delete = Write(Operation.DELETE, "d", dead)
    assert connector.write("Account", [delete]) == [Accepted(dead)]
    writes = [update(dead, Phone="1"), update(alive, ParentId=dead), update("Acme", Phone="1")]
    gone, rejected, malformed = connector.write("Account", writes)
    assert gone == Gone()
    assert malformed == Gone()
    assert isinstance(rejected, Rejected)
    assert rejected.columns == ("ParentId",)


def test_two_writes_of_one_record_keep_their_order(sandbox: RunningSandbox, connect: Build) -> None:
    (native_id,) = sandbox.seed("Account", [{"Name": "a"}])
    connector = connect()
    delete = Write(Operation.DELETE, "d", native_id)
    writes = [update(native_id, Phone="1"), update(native_id, Phone="2"), delete]
    results = connector.write("Account", [*writes, update(native_id, Phone="3")])
    assert [type(result) for result in results] == [Accepted, Accepted, Accepted, Gone]


def test_a_create_that_somebody_else_sent_at_the_same_moment(
    sandbox: RunningSandbox, connect: Build
) -> None:
    # A record that holds the key without our having seen it: the upsert takes it over.
    (native_id,) = sandbox.seed("Account", [{"Name": "a", "Tandem_Id__c": "key-1"}])
    assert connect().write("Account", [create(1)]) == [Accepted(native_id)]
    assert count(sandbox) == 1


def test_more_writes_than_a_call_takes(connect: Build) -> None:
    with pytest.raises(RecordError):
        connect(write_batch=2).write("Account", [create(number) for number in range(3)])


# --- sessions and settings ------------------------------------------------------------------------


def test_an_expired_session_is_renewed_once(sandbox: RunningSandbox, connect: Build) -> None:
    connector = connect()
    connector.check()
    sandbox.control("POST", "sessions/expire")
    before = connector.calls
    assert [type(r) for r in connector.write("Account", [create(1)])] == [Accepted]
    assert connector.calls - before == 3, "refused, log in, carried out"


def test_a_ready_token_cannot_be_renewed(sandbox: RunningSandbox, connect: Build) -> None:
    connector = build({"instance_url": sandbox.url, "access_token": "stale"})
    with pytest.raises(LoginError) as caught:
        connector.check()
    assert "stale" not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"client_secret": "wrong-secret"},
        {"username": "integration@tandem.example", "password": "wrong-secret"},
    ],
)
def test_wrong_credentials_stop_the_run(connect: Build, settings: dict[str, str]) -> None:
    with pytest.raises(LoginError) as caught:
        connect(**settings).check()
    assert "wrong-secret" not in str(caught.value)


def test_the_password_flow(sandbox: RunningSandbox, connect: Build) -> None:
    user = {"username": "olena.sales@tandem.example", "password": "tandem-password"}
    connector = connect(**user, security_token="token")
    connector.write("Account", [create(1)])
    (page,) = connector.read_changes("Account", ["LastModifiedBy.Name"], None)
    assert page.records[0].values == {"LastModifiedBy.Name": "Olena Marchenko"}


def test_log_in_when_the_server_is_down(sandbox: RunningSandbox, connect: Build) -> None:
    for fault, error in (
        ("503", RetryableError),
        ("429", RateLimitedError),
        ("reset", RetryableError),
    ):
        sandbox.fail({"path": "oauth2", "fault": fault, "retry_after": 5})
        with pytest.raises(error):
            connect().check()


def test_check_tells_limits_and_skew(sandbox: RunningSandbox, connect: Build) -> None:
    sandbox.control("POST", "quota", json={"limit": 5000, "used": 17})
    sandbox.control("POST", "clock", json={"offset_s": -300})
    started = time.monotonic()
    told = connect(api_version="62.0").check()
    tolerance = 2 + time.monotonic() - started
    assert told.product == "Salesforce, API 62.0"
    assert (told.quota_used, told.quota_limit) == (18, 5000)
    assert abs(told.clock_skew.total_seconds() + 300) < tolerance


def test_a_version_that_the_org_does_not_have(connect: Build) -> None:
    with pytest.raises(StopRunError, match="api_version"):
        connect(api_version="99.0").check()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"instance_url": "http://crm.example.com", "access_token": "t"}, "instance_url"),
        ({"instance_url": "https://x.my.salesforce.com"}, "client_id"),
        ({"instance_url": "https://x.example", "access_token": "t", "pasword": "p"}, "pasword"),
        ({"instance_url": "https://x.example", "client_id": "a", "client_secret": "b",
          "username": "u"}, "password"),
        ({"instance_url": "https://x.example", "access_token": "t", "read_batch": 5000},
         "read_batch"),
        ({"access_token": "t"}, "instance_url"),
    ],
)  # fmt: skip
def test_settings_are_checked(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(StopRunError, match=named):
        build(settings)


def test_secrets_do_not_show(sandbox: RunningSandbox) -> None:
    from connectors.salesforce.settings import read_settings

    settings = read_settings({**sandbox.credentials(), "client_secret": "hidden-thing"})
    assert "hidden-thing" not in repr(settings)


def test_making_a_connector_is_free(sandbox: RunningSandbox) -> None:
    started = time.perf_counter()
    connector = build(sandbox.credentials())
    assert time.perf_counter() - started < 0.1
    assert connector.calls == 0
    connector.close()
