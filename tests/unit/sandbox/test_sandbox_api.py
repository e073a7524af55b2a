"""The REST API, met through the public client library, and held against recorded bodies.

The library always speaks https to Salesforce's own hosts; an adapter below its session leads it to
the sandbox. Nothing of the library itself is changed.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from tandem.sandbox.context import Options
from tandem.sandbox.testing import RunningSandbox, running_sandbox

RECORDED = Path(__file__).resolve().parents[3].parent / "shared/fixtures/apis/salesforce"
USER = "integration@tandem.example"
CREDENTIALS = Options().credentials


class ToSandbox(HTTPAdapter):
    """Leads every https call to the sandbox."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # the stub spells out arguments that we only pass on
        parts = urlsplit(str(request.url))
        request.url = self.url + parts.path + (f"?{parts.query}" if parts.query else "")
        return super().send(request, **options)


def session_to(sandbox: RunningSandbox) -> requests.Session:
    session = requests.Session()
    session.mount("https://", ToSandbox(sandbox.url))
    return session


@pytest.fixture
def salesforce(sandbox: RunningSandbox) -> Iterator[Any]:
    session = session_to(sandbox)
    yield Salesforce(
        session=session,
        domain="acme.my",
        consumer_key=CREDENTIALS.client_id,
        consumer_secret=CREDENTIALS.client_secret,
    )
    session.close()


def error_of(caught: pytest.ExceptionInfo[Any]) -> str:
    """The API's code in an exception of the library."""
    return str(body_of(caught)[0]["errorCode"])


def body_of(caught: pytest.ExceptionInfo[Any]) -> Any:
    """The API's answer in an exception of the library."""
    return caught.value.content


# --- logging in -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "login",
    [
        {"username": USER, "password": CREDENTIALS.password, "security_token": "token"},
        {
            "username": USER, "password": CREDENTIALS.password,
            "consumer_key": CREDENTIALS.client_id, "consumer_secret": CREDENTIALS.client_secret,
        },
        {
            "domain": "acme.my",
            "consumer_key": CREDENTIALS.client_id, "consumer_secret": CREDENTIALS.client_secret,
        },
    ],
    ids=["soap", "oauth-password", "client-credentials"],
)  # fmt: skip
def test_every_login_of_the_library(sandbox: RunningSandbox, login: Any) -> None:
    salesforce: Any = Salesforce(session=session_to(sandbox), **login)
    assert salesforce.query("SELECT COUNT() FROM User")["totalSize"] == 3


@pytest.mark.parametrize(
    "login",
    [
        {"username": USER, "password": "wrong", "security_token": "token"},
        {"username": "nobody", "password": CREDENTIALS.password, "security_token": "token"},
        {"domain": "acme.my", "consumer_key": "tandem", "consumer_secret": "wrong"},
        {
            "username": USER, "password": "wrong",
            "consumer_key": CREDENTIALS.client_id, "consumer_secret": CREDENTIALS.client_secret,
        },
    ],
)  # fmt: skip
def test_wrong_credentials(sandbox: RunningSandbox, login: Any) -> None:
    with pytest.raises(SalesforceAuthenticationFailed):
        Salesforce(session=session_to(sandbox), **login)


def test_the_library_renews_an_expired_session(sandbox: RunningSandbox, salesforce: Any) -> None:
    sandbox.control("POST", "sessions/expire")
    assert salesforce.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_without_a_session_nothing_is_told(sandbox: RunningSandbox) -> None:
    response = requests.get(f"{sandbox.url}/services/data/v59.0/sobjects", timeout=10)
    assert response.status_code == 401
    assert response.json()[0]["errorCode"] == "INVALID_SESSION_ID"


# --- records --------------------------------------------------------------------------------------


def test_a_record_from_create_to_delete(salesforce: Any) -> None:
    made = salesforce.Account.create({"Name": " Acme ", "Phone": "", "NumberOfEmployees": 3})
    native_id = made["id"]
    assert len(native_id) == 18
    row = salesforce.Account.get(native_id)
    assert (row["Name"], row["Phone"], row["NumberOfEmployees"]) == ("Acme", None, 3)
    assert row["Active__c"] is True
    assert row["SystemModstamp"] == row["CreatedDate"]
    assert row["SystemModstamp"].endswith(".000+0000")

    assert salesforce.Account.update(native_id[:15], {"Phone": "1"}) == 204
    assert salesforce.Account.get(native_id)["Phone"] == "1"
    assert salesforce.Account.delete(native_id) == 204
    with pytest.raises(SalesforceResourceNotFound) as caught:
        salesforce.Account.get(native_id)
    assert error_of(caught) == "ENTITY_IS_DELETED"


def test_upsert_by_external_id(salesforce: Any) -> None:
    assert salesforce.Account.upsert("Tandem_Id__c/k%2F1", {"Name": "Acme"}) == 201
    assert salesforce.Account.upsert("Tandem_Id__c/K%2F1", {"Name": "Acme 2"}) == 204
    assert salesforce.Account.get_by_custom_id("Tandem_Id__c", "k/1")["Name"] == "Acme 2"
    with pytest.raises(SalesforceMalformedRequest) as caught:
        salesforce.Account.upsert("Tandem_Id__c/k2", {"Name": "x", "Tandem_Id__c": "k2"})
    assert error_of(caught) == "INVALID_FIELD"
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Account.upsert("Tandem_Id__c/k3?updateOnly=true", {"Name": "x"})
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Account.upsert("Name/k3", {"Phone": "x"})


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Phone": "1"}, "REQUIRED_FIELD_MISSING"),
        ({"Name": " "}, "REQUIRED_FIELD_MISSING"),
        ({"Name": "x" * 256}, "STRING_TOO_LONG"),
        ({"Name": "x", "Foo": 1}, "INVALID_FIELD"),
        ({"Name": "x", "NumberOfEmployees": "many"}, "JSON_PARSER_ERROR"),
        ({"Name": {"first": "x"}}, "JSON_PARSER_ERROR"),
        ({"Name": "x", "Type": "Friend"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Name": "x", "ParentId": "Acme"}, "MALFORMED_ID"),
        ({"Name": "x", "ParentId": "001Tn0zzzzzzzzz"}, "INVALID_CROSS_REFERENCE_KEY"),
        (
            {"Name": "x", "SystemModstamp": "2026-01-01T00:00:00Z"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
        ),
    ],
)
def test_what_a_create_refuses(salesforce: Any, values: dict[str, Any], code: str) -> None:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        salesforce.Account.create(values)
    assert error_of(caught) == code
    assert salesforce.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_external_ids_are_unique_among_the_living(salesforce: Any) -> None:
    first = salesforce.Account.create({"Name": "a", "Tandem_Id__c": "k"})["id"]
    with pytest.raises(SalesforceMalformedRequest) as caught:
        salesforce.Account.create({"Name": "b", "Tandem_Id__c": "K"})
    assert error_of(caught) == "DUPLICATE_VALUE"
    assert first[:15] in body_of(caught)[0]["message"]
    salesforce.Account.delete(first)
    assert salesforce.Account.create({"Name": "b", "Tandem_Id__c": "k"})["success"]


def test_deleting_an_account_takes_its_contacts_along(
    sandbox: RunningSandbox, salesforce: Any
) -> None:
    account = salesforce.Account.create({"Name": "a"})["id"]
    salesforce.Contact.create({"LastName": "b", "AccountId": account, "Email": "b@example.org"})
    salesforce.Account.delete(account)
    assert salesforce.query("SELECT COUNT() FROM Contact")["totalSize"] == 0
    assert salesforce.query("SELECT Id FROM Contact", include_deleted=True)["totalSize"] == 1
    sandbox.control("POST", "purge/Contact")
    assert salesforce.query("SELECT Id FROM Contact", include_deleted=True)["totalSize"] == 0


def test_deleted_and_updated(sandbox: RunningSandbox, salesforce: Any) -> None:
    kept, gone = sandbox.seed("Account", [{"Name": "kept"}, {"Name": "gone"}])
    salesforce.Account.delete(gone)
    sandbox.control("POST", "purge/Account")
    now = datetime.now(UTC)
    start, end = now - timedelta(hours=1), now + timedelta(hours=1)
    assert salesforce.Account.updated(start, end)["ids"] == [kept]
    deleted = salesforce.Account.deleted(start, end)
    assert [row["id"] for row in deleted["deletedRecords"]] == [gone]
    with pytest.raises(SalesforceMalformedRequest):
        salesforce.Account.deleted(now - timedelta(days=31), end)


def test_long_answers_come_in_pages_of_one_moment(sandbox: RunningSandbox, salesforce: Any) -> None:
    sandbox.seed("Account", [{"Name": f"{number:04}"} for number in range(4500)])
    first = salesforce.query("SELECT Name FROM Account ORDER BY Name")
    assert (first["totalSize"], first["done"], len(first["records"])) == (4500, False, 2000)
    sandbox.seed("Account", [{"Name": "0000a"}])
    rows = [
        row["Name"] for row in salesforce.query_all_iter("SELECT Name FROM Account ORDER BY Name")
    ]
    assert len(rows) == 4501
    second = salesforce.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert second["records"][0]["Name"] == "2000"
    with pytest.raises(SalesforceMalformedRequest) as caught:
        salesforce.query_more("01gNope-2000")
    assert error_of(caught) == "INVALID_QUERY_LOCATOR"


def test_limits(sandbox: RunningSandbox, salesforce: Any) -> None:
    sandbox.control("POST", "quota", json={"limit": 2, "used": 0})
    assert salesforce.limits()["DailyApiRequests"] == {"Max": 2, "Remaining": 1}
    salesforce.query("SELECT COUNT() FROM Account")
    assert salesforce.api_usage["api-usage"] == (2, 2)
    with pytest.raises(SalesforceRefusedRequest) as caught:
        salesforce.limits()
    assert error_of(caught) == "REQUEST_LIMIT_EXCEEDED"


# --- collections ----------------------------------------------------------------------------------


def collection(salesforce: Any, method: str, path: str, *records: dict[str, Any],
               all_or_none: bool = False) -> Any:  # fmt: skip
    typed = [{"attributes": {"type": "Account"}, **record} for record in records]
    body = json.dumps({"allOrNone": all_or_none, "records": typed})
    return salesforce.restful(f"composite/sobjects{path}", method=method, data=body)


def test_collections_answer_for_each_record(salesforce: Any) -> None:
    results = collection(salesforce, "POST", "", {"Name": "a"}, {}, {"Name": "c"})
    assert [result["success"] for result in results] == [True, False, True]
    assert results[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert results[1]["errors"][0]["fields"] == ["Name"]
    a, c = results[0]["id"], results[2]["id"]
    results = collection(salesforce, "PATCH", "", {"id": a, "Phone": "1"}, {"Id": c[:-4] + "9AAA"})
    assert [result["success"] for result in results] == [True, False]
    rows = salesforce.restful(
        "composite/sobjects/Account", method="POST",
        json={"ids": [c, "001Tn0zzzzzzzzz", a], "fields": ["Name", "phone"]},
    )  # fmt: skip
    assert rows[1] is None
    assert [row and row["Phone"] for row in rows] == [None, None, "1"]
    params = {"ids": f"{a},{a}", "allOrNone": "false"}
    results = salesforce.restful("composite/sobjects", params=params, method="DELETE")
    assert [result["success"] for result in results] == [True, False]
    assert results[1]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def test_collections_upsert(salesforce: Any) -> None:
    path = "/Account/Tandem_Id__c"
    results = collection(
        salesforce, "PATCH", path, {"Tandem_Id__c": "k", "Name": "a"}, {"Name": "b"}
    )
    assert results[0]["created"] is True
    assert results[1]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    (again,) = collection(salesforce, "PATCH", path, {"Tandem_Id__c": "k", "Phone": "1"})
    assert (again["id"], again["created"]) == (results[0]["id"], False)


def test_all_or_none(salesforce: Any) -> None:
    results = collection(salesforce, "POST", "", {"Name": "a"}, {}, all_or_none=True)
    codes = [result["errors"][0]["statusCode"] for result in results]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert salesforce.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_an_unreadable_collection_changes_nothing(salesforce: Any) -> None:
    for bad in ({"Name": "b", "Foo": 1}, {"Name": "b", "NumberOfEmployees": "x"}):
        with pytest.raises(SalesforceMalformedRequest):
            collection(salesforce, "POST", "", {"Name": "a"}, bad)
    with pytest.raises(SalesforceMalformedRequest):
        collection(salesforce, "POST", "", *[{"Name": "a"}] * 201)
    assert salesforce.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_a_locked_row_can_be_written_later(sandbox: RunningSandbox, salesforce: Any) -> None:
    (native_id,) = sandbox.seed("Account", [{"Name": "a"}])
    sandbox.control("POST", "locks", json={"ids": [native_id]})
    (result,) = collection(salesforce, "PATCH", "", {"id": native_id, "Phone": "1"})
    assert result["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    (result,) = collection(salesforce, "PATCH", "", {"id": native_id, "Phone": "1"})
    assert result["success"]


def test_merge_and_undelete(sandbox: RunningSandbox, salesforce: Any) -> None:
    winner, loser = sandbox.seed("Account", [{"Name": "w"}, {"Name": "l"}])
    (contact,) = sandbox.seed("Contact", [{"LastName": "x", "AccountId": loser}])
    sandbox.control("POST", "merge/Account", json={"winner": winner, "losers": [loser]})
    assert salesforce.Contact.get(contact)["AccountId"] == winner
    soql = "SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true"
    (gone,) = salesforce.query(soql, include_deleted=True)["records"]
    assert (gone["Id"], gone["MasterRecordId"]) == (loser, winner)
    sandbox.control("POST", f"undelete/Account/{loser}")
    assert salesforce.Account.get(loser)["MasterRecordId"] is None


def test_who_wrote_what(sandbox: RunningSandbox, salesforce: Any) -> None:
    first, second = sandbox.seed("Account", [{"Name": "a"}, {"Name": "b"}])
    assert sandbox.control("GET", "touched/Account") == {"ids": [], "writes": []}
    salesforce.Account.update(second, {"Phone": "1"})
    made = salesforce.Account.create({"Name": "c"})["id"]
    salesforce.Account.delete(second)
    requests.post(f"{sandbox.url}/ui/Account/{first}", data={"Name": "by hand"}, timeout=10)
    told = sandbox.control("GET", "touched/Account")
    assert told["ids"] == [second, made]
    operations = [(write["id"], write["operation"]) for write in told["writes"]]
    assert operations == [(second, "update"), (made, "create"), (second, "delete")]
    user = {"user": "olena.sales@tandem.example"}
    assert sandbox.control("GET", "touched/Account", params=user)["ids"] == [first]


def test_rows_stay_when_the_server_restarts(tmp_path: Path) -> None:
    path = tmp_path / "crm.sqlite"
    for round_number in (1, 2):
        with running_sandbox(Options(path=path)) as running:
            running.seed("Account", [{"Name": f"Acme {round_number}"}])
            counts = running.control("GET", "health")["records"]
    assert counts == {"Account": 2, "Contact": 0, "User": 3}


# --- held against recorded bodies -----------------------------------------------------------------


def recorded(name: str) -> Any:
    path = RECORDED / f"{name}.json"
    if not path.exists():
        pytest.skip(f"recorded bodies are not on this machine: {path.name}")
    return json.loads(path.read_text())


def test_describe_has_what_a_recorded_one_has(salesforce: Any) -> None:
    model, ours = recorded("sobject_describe_success_response"), salesforce.Account.describe()
    assert set(model) <= set(ours)
    for field in ours["fields"]:
        assert set(model["fields"][0]) <= set(field), field["name"]
        for name, value in model["fields"][0].items():
            if isinstance(value, bool | int):
                assert isinstance(field[name], bool | int), name
    with_values = next(field for field in model["fields"] if field["picklistValues"])
    industry = next(field for field in ours["fields"] if field["name"] == "Industry")
    assert set(with_values["picklistValues"][0]) == set(industry["picklistValues"][0])


def test_the_other_bodies_have_the_recorded_keys(sandbox: RunningSandbox, salesforce: Any) -> None:
    (native_id,) = sandbox.seed("Account", [{"Name": "a", "Tandem_Id__c": "k"}])
    now = datetime.now(UTC)
    span = (now - timedelta(hours=1), now + timedelta(hours=1))
    query = salesforce.query("SELECT Name FROM Account")
    model = recorded("query_success_response")
    assert set(query) == set(model)
    assert set(query["records"][0]["attributes"]) == set(model["records"][0]["attributes"])
    model = recorded("list_sobjects_success_response")
    assert set(model) == set(salesforce.describe())
    assert set(model["sobjects"][0]) <= set(salesforce.describe()["sobjects"][0])
    found = salesforce.Account.get_by_custom_id("Tandem_Id__c", "k")
    common = {"attributes", "Id", "OwnerId", "IsDeleted", "Name", "CreatedById", "LastModifiedById"}
    assert common <= set(found) & set(recorded("sobject_find_success_response"))
    assert set(salesforce.Account.create({"Name": "b"})) == set(recorded("create_success_response"))
    assert set(salesforce.Account.updated(*span)) == set(recorded("get_updated_success_response"))
    salesforce.Account.delete(native_id)
    deleted, model = salesforce.Account.deleted(*span), recorded("get_deleted_success_response")
    assert set(deleted) == set(model)
    assert set(deleted["deletedRecords"][0]) == set(model["deletedRecords"][0])
    with pytest.raises(SalesforceError) as caught:
        salesforce.Account.create({"foo": 1})
    model = recorded("write_error_response")
    assert set(body_of(caught)[0]) == set(model[0])
    assert error_of(caught) == model[0]["errorCode"]
    expected = model[0]["message"].replace("Bar", "Account")
    assert body_of(caught)[0]["message"] == expected


def test_a_recorded_id_has_a_good_checksum() -> None:
    from tandem.sandbox.ids import normalise_id

    for row in recorded("get_deleted_success_response")["deletedRecords"]:
        assert normalise_id(row["id"][:15]) == row["id"]
    for native_id in recorded("get_updated_success_response")["ids"]:
        assert normalise_id(native_id[:15]) == native_id
        assert normalise_id(native_id.lower()) == native_id


def test_the_program_starts_within_its_time_and_on_the_loopback_only(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (tmp_path / "secret").write_text("from-a-file\n")
    command = [sys.executable, "-m", "tandem.sandbox", "--port", str(port), "--db",
               str(tmp_path / "new" / "crm.sqlite"), "--milliseconds", "--client-secret-file",
               str(tmp_path / "secret")]  # fmt: skip
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(command, cwd=root) as process:
        try:
            health = _wait_for(f"http://127.0.0.1:{port}/sandbox/health")
            assert health["records"]["User"] == 3
            form = {"grant_type": "client_credentials", "client_id": "tandem"}
            address = f"http://127.0.0.1:{port}/services/oauth2/token"
            for secret, status in (("from-a-file", 200), (CREDENTIALS.client_secret, 400)):
                answer = requests.post(address, data={**form, "client_secret": secret}, timeout=9)
                assert answer.status_code == status
            listening = Path(f"/proc/{process.pid}/net/tcp")
            if listening.exists():
                local = [line.split()[1] for line in listening.read_text().splitlines()[1:]]
                assert f"0100007F:{port:04X}" in local
                assert f"00000000:{port:04X}" not in local
        finally:
            process.terminate()
        assert process.wait(5) in {0, -signal.SIGTERM}


def _wait_for(address: str) -> Any:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            return requests.get(address, timeout=5).json()
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail("the program did not answer")
