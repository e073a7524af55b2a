"""Answers recorded from real orgs, played to the connector below its client library.

The recordings belong to restforce (MIT) and are kept outside the repository; without them these
tests are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from connectors.base import Accepted, ColumnType, Operation, Unknown, Write
from connectors.errors import LoginError, RecordError, StopRunError
from connectors.salesforce import SalesforceConnector
from connectors.salesforce.settings import read_settings

RECORDED = Path(__file__).resolve().parents[2].parent / "shared/fixtures/apis/salesforce"
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def recorded(name: str) -> str:
    path = RECORDED / f"{name}.json"
    if not path.exists():
        pytest.skip(f"recorded bodies are not on this machine: {path.name}")
    return path.read_text()


@dataclass
class Player(BaseAdapter):
    """Answers each request with the next of the given answers, and keeps the requests."""

    answers: list[tuple[int, str]]
    asked: list[requests.PreparedRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # the stub spells out arguments that do not matter here
        assert options["timeout"], "every call has a time-out"
        self.asked.append(request)
        response = requests.Response()
        response.status_code, body = self.answers.pop(0)
        response._content = body.encode()
        response.headers["Content-Type"] = "application/json;charset=UTF-8"
        response.headers["Date"] = "Sat, 21 Nov 2026 09:00:00 GMT"
        response.url = str(request.url)
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is open."""


def connect(*answers: tuple[int, str], **settings: Any) -> tuple[SalesforceConnector, Player]:
    player = Player([(200, recorded("auth_success_response")), *answers])
    given = {
        "instance_url": "https://acme.my.salesforce.com", "client_id": "i", "client_secret": "s",
        **settings,
    }  # fmt: skip
    return SalesforceConnector(read_settings(given), adapter=player, now=lambda: NOW), player


def row(number: int, **values: Any) -> Mapping[str, Any]:
    return {
        "attributes": {"type": "Whizbang", "url": "/services/data/v59.0/sobjects/Whizbang/x"},
        "Id": f"a00D000000{number:05}IAA", "SystemModstamp": f"2026-11-20T08:00:0{number}.000+0000",
        "IsDeleted": False, **values,
    }  # fmt: skip


def test_the_session_is_used_at_the_address_that_the_login_names() -> None:
    connector, player = connect((200, recorded("query_empty_response")))
    (page,) = connector.read_changes("Whizbang", [], None)
    assert page.records == ()
    login, query = player.asked
    assert login.url == "https://acme.my.salesforce.com/services/oauth2/token"
    assert "grant_type=client_credentials" in str(login.body)
    assert str(query.url).startswith("https://na1.salesforce.com/services/data/v59.0/query/?q=")
    token = json.loads(recorded("auth_success_response"))["access_token"]
    assert query.headers["Authorization"] == f"Bearer {token}"


def test_a_session_is_renewed_and_the_call_repeated() -> None:
    expired = json.dumps([{"message": "Session expired", "errorCode": "INVALID_SESSION_ID"}])
    connector, player = connect(
        (401, expired),
        (200, recorded("reauth_success_response")),
        (200, recorded("query_empty_response")),
    )
    list(connector.read_changes("Whizbang", [], None))
    assert player.asked[-1].headers["Authorization"] == "Bearer new_access_token"
    assert connector.calls == 4


@pytest.mark.parametrize("name", ["auth_error_response", "refresh_error_response"])
def test_a_refused_login(name: str) -> None:
    connector, player = connect()
    player.answers = [(400, recorded(name))]
    with pytest.raises(LoginError, match="invalid_grant"):
        connector.check()


def test_a_page_cut_short_by_the_org_is_read_on() -> None:
    first = json.loads(recorded("query_paginated_first_page_response"))
    last = json.loads(recorded("query_success_response"))
    first["records"] = [row(1, Number_Label=Decimal("23.0"))]
    last["records"] = [{**last["records"][0], **row(2, Number_Label=12.75)}]
    connector, player = connect((200, json.dumps(first, default=float)), (200, json.dumps(last)))
    (page,) = connector.read_changes("Whizbang", ["Number_Label"], None)
    assert [record.values["Number_Label"] for record in page.records] == [23, Decimal("12.75")]
    assert isinstance(page.records[1].values["Number_Label"], Decimal)
    assert page.records[0].modified_at == datetime(2026, 11, 20, 8, 0, 1, tzinfo=UTC)
    assert player.asked[-1].url == "https://na1.salesforce.com/services/data/v26.0/query/01gD"


def test_a_recorded_row_loses_only_its_attributes() -> None:
    found = json.loads(recorded("sobject_find_success_response"))
    found |= {"Id": "a00D0000008pQRAIA2", "SystemModstamp": "2010-01-01T00:00:00.000+0000"}
    columns = [name for name in found if name not in {"attributes", "IsDeleted"}]
    connector, _ = connect((200, json.dumps([found])))
    (record,) = connector.read("Whizbang", columns, [found["Id"]])
    assert dict(record.values) == {name: found[name] for name in columns}


def test_a_recorded_describe() -> None:
    connector, player = connect((200, recorded("sobject_describe_success_response")))
    spec = connector.describe("Whizbang")
    assert str(player.asked[-1].url).endswith("/sobjects/Whizbang/describe")
    types = {name: column.type for name, column in spec.columns.items()}
    assert types["Currency_Field"] is ColumnType.NUMBER
    assert types["DateTime_Field"] is ColumnType.DATETIME
    assert types["Date_Field"] is ColumnType.DATE
    assert types["Picklist_Multiselect_Field"] is ColumnType.STRING
    assert types["CreatedById"] is ColumnType.REFERENCE
    assert spec.columns["CreatedById"].references == "User"
    assert spec.columns["OwnerId"].references is None, "a user or a group"
    assert not spec.columns["Auto_Number"].writable
    assert spec.columns["UpdateableButNotCreateableField"].writable
    assert not any(column.required for column in spec.columns.values())


def test_recorded_lists_and_picklists() -> None:
    connector, _ = connect(
        (200, recorded("list_sobjects_success_response")),
        (200, recorded("sobject_describe_success_response")),
    )
    assert connector.streams() == ["Account"]
    entries = connector.directory("Whizbang.Picklist_Field")
    assert (entries[0].code, entries[0].name) == ("one", "one")


@pytest.mark.parametrize(
    ("status", "name"),
    [(404, "sobject_describe_error_response"), (404, "sobject_find_error_response"),
     (400, "query_error_response"), (400, "write_error_response")],
)  # fmt: skip
def test_recorded_errors_are_faults_of_the_call(status: int, name: str) -> None:
    code = json.loads(recorded(name))[0]["errorCode"]
    connector, _ = connect((status, recorded(name)))
    with pytest.raises(RecordError, match=code):
        connector.describe("Whizbang")


def test_recorded_deletions() -> None:
    body = recorded("get_deleted_success_response")
    connector, player = connect((200, body), (200, recorded("query_empty_response")))
    cursor = connector.cursor_at("Whizbang", NOW - timedelta(days=2))
    tombstones, empty = connector.read_changes("Whizbang", [], cursor)
    (record,) = tombstones.records
    assert record.native_id == "a00D0000008pQRAIA2"
    assert record.deleted
    assert record.modified_at == datetime(2013, 5, 7, 22, 7, 19, tzinfo=UTC)
    assert empty.records == ()
    start = "/sobjects/Whizbang/deleted?start=2026-11-19T09%3A00%3A00%2B00%3A00&end=2026-11-21T09"
    assert start in str(player.asked[1].url)
    assert "/queryAll/" in str(player.asked[2].url)


def test_an_object_without_the_deleted_call_can_be_read(caplog: pytest.LogCaptureFixture) -> None:
    refusal = [
        {"message": "startDate before org replication", "errorCode": "INVALID_REPLICATION_DATE"}
    ]
    connector, player = connect(
        (400, json.dumps(refusal)), (200, recorded("query_empty_response")),
        (200, recorded("query_empty_response")),
    )  # fmt: skip
    (page,) = connector.read_changes(
        "Whizbang", [], connector.cursor_at("Whizbang", NOW - timedelta(days=2))
    )
    assert "INVALID_REPLICATION_DATE" in caplog.text
    list(connector.read_changes("Whizbang", [], page.cursor))
    assert player.answers == [], "asked once, not in every cycle"


def test_results_of_a_collection() -> None:
    created = json.loads(recorded("upsert_created_success_response"))
    made = json.loads(recorded("create_success_response"))
    results = [{**created, "created": True}, {**made, "created": False}]
    connector, player = connect((200, json.dumps(results)))
    writes = [Write(Operation.CREATE, key, None, {"Name": key}) for key in ("k1", "k2")]
    assert connector.write("Account", writes) == [Accepted("foo"), Accepted("some_id")]
    assert player.asked[-1].method == "PATCH"
    assert str(player.asked[-1].url).endswith("/composite/sobjects/Account/Tandem_Id__c")
    assert json.loads(str(player.asked[-1].body)) == {
        "allOrNone": False,
        "records": [
            {"attributes": {"type": "Account"}, "Name": key, "Tandem_Id__c": key}
            for key in ("k1", "k2")
        ],
    }


@pytest.mark.parametrize("body", ["", "[]", "<html>Service Unavailable</html>", '[{"id": "00'])
def test_a_success_that_cannot_be_read_is_unknown(body: str) -> None:
    connector, _ = connect((200, body))
    write = Write(Operation.CREATE, "k", None, {"Name": "a"})
    assert [type(result) for result in connector.write("Account", [write])] == [Unknown]


def test_our_key_taken_at_the_same_moment_by_the_same_create() -> None:
    error = {
        "statusCode": "DUPLICATE_VALUE", "fields": [],
        "message": "duplicate value found: Tandem_Id__c duplicates value on record with id: 001A",
    }  # fmt: skip
    found = {"totalSize": 1, "done": True, "records": [{"Id": "001A", "IsDeleted": False}]}
    connector, _ = connect(
        (200, json.dumps([{"success": False, "errors": [error]}])), (200, json.dumps(found))
    )
    write = Write(Operation.CREATE, "k", None, {"Name": "a"})
    assert connector.write("Account", [write]) == [Accepted("001A")]


def test_several_records_under_one_key() -> None:
    rows = [{"Id": "001A", "IsDeleted": False}, {"Id": "001B", "IsDeleted": False}]
    connector, _ = connect((200, json.dumps({"totalSize": 2, "done": True, "records": rows})))
    with pytest.raises(RecordError, match="unique"):
        connector.find("Account", "k")


def test_a_redirect_is_not_followed() -> None:
    connector, _ = connect((302, ""))
    with pytest.raises(StopRunError, match="instance_url"):
        connector.check()
