"""How changes are listed: ties, late commits, idle cycles, deletions, purged rows, schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import ColumnType, Cursor, Operation, Page, Record, Write
from connectors.errors import RecordError
from connectors.salesforce import SalesforceConnector, build
from tandem.sandbox.context import Options
from tandem.sandbox.testing import RunningSandbox, running_sandbox

Build = Callable[..., SalesforceConnector]
NAME = ["Name"]


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
        made.append(build({**sandbox.credentials(), **settings}))
        return made[-1]

    yield connect
    for connector in made:
        connector.close()


def pages(connector: SalesforceConnector, cursor: Cursor | None = None) -> list[Page]:
    return list(connector.read_changes("Account", NAME, cursor))


def records(some: list[Page]) -> list[Record]:
    return [record for page in some for record in page.records]


def caught_up(connector: SalesforceConnector) -> Cursor:
    return pages(connector)[-1].cursor


def ago(**span: float) -> str:
    return f"{datetime.now(UTC) - timedelta(**span):%Y-%m-%dT%H:%M:%SZ}"


def later(sandbox: RunningSandbox, seconds: float) -> None:
    """Let time pass in the sandbox."""
    sandbox.control("POST", "clock", json={"offset_s": seconds})


def test_scenario_12_a_tie_over_several_pages_survives_a_restart(
    sandbox: RunningSandbox, connect: Build
) -> None:
    stamp = ago(hours=1)
    ids = sandbox.seed("Account", [{"Name": f"{n}", "SystemModstamp": stamp} for n in range(250)])
    first = next(iter(connect(read_batch=100).read_changes("Account", NAME, None)))
    rest = pages(connect(read_batch=100), first.cursor)
    assert [record.native_id for record in [*first.records, *records(rest)]] == ids


@pytest.mark.parametrize(("look_back_s", "arrives"), [(120, True), (30, False)])
def test_scenario_13_a_late_commit_arrives_within_the_look_back(
    sandbox: RunningSandbox, connect: Build, look_back_s: float, arrives: bool
) -> None:
    connector = connect(look_back_s=look_back_s)
    sandbox.seed("Account", [{"Name": "on time", "SystemModstamp": ago(seconds=60)}])
    cursor = caught_up(connector)
    (late,) = sandbox.seed("Account", [{"Name": "late", "SystemModstamp": ago(seconds=90)}])
    found = {record.native_id for record in records(pages(connector, cursor))}
    assert (late in found) is arrives


def test_the_floor_never_moves_back(sandbox: RunningSandbox, connect: Build) -> None:
    connector = connect()
    cursor = caught_up(connector)
    later(sandbox, -3600)
    assert pages(connector, cursor)[-1].cursor["floor"] == cursor["floor"]
    later(sandbox, 3600)
    assert pages(connector, cursor)[-1].cursor["floor"] > cursor["floor"]


def test_an_idle_cycle_is_one_call_without_rows_whatever_the_number_of_records(
    sandbox: RunningSandbox, connect: Build
) -> None:
    sandbox.seed("Account", [{"Name": f"{number}"} for number in range(5000)])
    connector = connect()
    cursor = caught_up(connector)
    later(sandbox, 90)
    before = connector.calls
    (page,) = pages(connector, pages(connector, cursor)[-1].cursor)
    assert page.records == ()
    assert connector.calls - before <= 4, "one look-back of three pages at most, then one call"
    before = connector.calls
    assert records(pages(connector, page.cursor)) == []
    assert connector.calls - before == 1


def test_a_change_during_the_first_sweep_is_not_lost(
    sandbox: RunningSandbox, connect: Build
) -> None:
    ids = sandbox.seed(
        "Account", [{"Name": f"{n}", "SystemModstamp": ago(days=1)} for n in range(6)]
    )
    connector = connect(read_batch=3)
    sweep = connector.read_changes("Account", NAME, None)
    first = next(sweep)
    delete = Write(Operation.DELETE, "d", ids[0])
    update = Write(Operation.UPDATE, "u", ids[1], {"Name": "changed"})
    connector.write("Account", [delete, update])
    second = [first, *sweep]
    assert {record.native_id for record in records(second)} == set(ids)
    after = {r.native_id: r for r in records(pages(connector, second[-1].cursor))}
    assert after[ids[0]].deleted
    assert after[ids[1]].values == {"Name": "changed"}


def test_deleted_rows_do_not_come_in_a_first_listing(
    sandbox: RunningSandbox, connect: Build
) -> None:
    ids = sandbox.seed("Account", [{"Name": "a"}, {"Name": "b"}])
    connector = connect()
    connector.write("Account", [Write(Operation.DELETE, "d", ids[0])])
    assert [record.native_id for record in records(pages(connector))] == [ids[1]]
    from_a_moment = connector.cursor_at("Account", datetime.now(UTC) - timedelta(hours=1))
    gone = {r.native_id: r for r in records(pages(connector, from_a_moment))}[ids[0]]
    assert gone.deleted
    assert gone.values == {}
    assert gone.modified_at is not None


def test_rows_that_left_the_recycle_bin_are_looked_for_once_a_day(
    sandbox: RunningSandbox, connect: Build
) -> None:
    (native_id,) = sandbox.seed("Account", [{"Name": "a", "SystemModstamp": ago(days=3)}])
    connector = connect(read_batch=1)
    connector.write("Account", [Write(Operation.DELETE, "d", native_id)])
    sandbox.control("POST", "purge/Account")
    recent = connector.cursor_at("Account", datetime.now(UTC) - timedelta(hours=23))
    assert records(pages(connector, recent)) == []
    assert "deleted" not in sandbox.calls()

    later(sandbox, 5)
    connector.check()  # the clock it goes by is the org's
    old = connector.cursor_at("Account", datetime.now(UTC) - timedelta(hours=25))
    found = pages(connector, old)
    assert [(r.native_id, r.deleted) for r in records(found)] == [(native_id, True)]
    assert records(pages(connector, found[-1].cursor)) == []
    assert sandbox.calls()["deleted"] == 1


def test_a_cursor_older_than_the_deleted_call_reaches(
    sandbox: RunningSandbox, connect: Build
) -> None:
    sandbox.seed("Account", [{"Name": "a", "SystemModstamp": ago(days=90)}])
    connector = connect()
    cursor = connector.cursor_at("Account", datetime.now(UTC) - timedelta(days=100))
    assert len(records(pages(connector, cursor))) == 1


def test_two_changes_within_one_second_have_two_versions(
    sandbox: RunningSandbox, connect: Build
) -> None:
    (native_id,) = sandbox.seed("Account", [{"Name": "a", "SystemModstamp": ago(seconds=5)}])
    connector = connect()
    cursor = caught_up(connector)
    (before,) = connector.read("Account", NAME, [native_id])
    sandbox.control("POST", "clock", json={"precision_ms": 3_600_000})
    versions = {before.version}
    for name in ("b", "c"):
        connector.write("Account", [Write(Operation.UPDATE, name, native_id, {"Name": name})])
        (record,) = connector.read("Account", NAME, [native_id])
        versions.add(record.version)
    assert len(versions) == 3
    assert len({version.partition("/")[0] for version in versions}) == 2
    assert isinstance(cursor, dict)


def test_scenario_14_milliseconds_lose_nothing_and_repeat_nothing() -> None:
    with running_sandbox(Options(precision_ms=1)) as running:
        ids = running.seed("Account", [{"Name": f"{number}"} for number in range(300)])
        connector = build({**running.credentials(), "read_batch": 50})
        found = pages(connector)
        running.control("POST", "clock", json={"offset_s": 120})
        again = pages(connector, pages(connector, found[-1].cursor)[-1].cursor)
        connector.close()
    assert [record.native_id for record in records(found)] == ids
    assert records(again) == []


def test_an_empty_but_successful_listing_is_just_empty(
    sandbox: RunningSandbox, connect: Build
) -> None:
    sandbox.seed("Account", [{"Name": "a"}])
    connector = connect()
    sandbox.fail({"path": "/query", "fault": "empty_page"})
    assert [page.records for page in pages(connector)] == [()]


def test_reading_by_id(sandbox: RunningSandbox, connect: Build) -> None:
    (native_id,) = sandbox.seed("Account", [{"Name": "a"}])
    found = connect().read("Account", NAME, [native_id, "001Tn0zzzzzzzzzIAA", "Acme"])
    assert {r.native_id: r.deleted for r in found} == {
        native_id: False, "001Tn0zzzzzzzzzIAA": True, "Acme": True
    }  # fmt: skip


def test_columns_of_the_record_pointed_at(sandbox: RunningSandbox, connect: Build) -> None:
    (account,) = sandbox.seed("Account", [{"Name": "Acme"}])
    sandbox.seed("Contact", [{"LastName": "a", "AccountId": account}, {"LastName": "b"}])
    columns = ["LastName", "Account.Name"]
    (page,) = connect().read_changes("Contact", columns, None)
    assert [record.values["Account.Name"] for record in page.records] == ["Acme", None]


@pytest.mark.parametrize(
    ("stream", "column"),
    [("Account", "name"), ("Account", "Nope"), ("Account", "Id FROM User"), ("A ccount", "Name")],
)
def test_names_that_are_wrong(
    sandbox: RunningSandbox, connect: Build, stream: str, column: str
) -> None:
    sandbox.seed("Account", [{"Name": "a"}])
    with pytest.raises(RecordError):
        list(connect().read_changes(stream, [column], None))


def test_what_the_org_says_about_itself(connect: Build) -> None:
    connector = connect()
    assert set(connector.streams()) == {"Account", "Contact", "User"}
    columns = connector.describe("Contact").columns
    assert [name for name, column in columns.items() if column.required] == ["LastName"]
    assert columns["AccountId"].references == "Account"
    assert columns["Title"].length == 128
    assert not columns["SystemModstamp"].writable
    account = connector.describe("Account").columns
    assert account["Active__c"].type is ColumnType.BOOLEAN
    assert "Vendor" in account["Type"].allowed
    assert account["Industry"].allowed == (), "offered, not enforced"
    assert "Banking" in {entry.code for entry in connector.directory("Account.Industry")}
    for name in ("Account", "Account.Name", "Nope.Type", ""):
        with pytest.raises(RecordError):
            connector.directory(name)


def test_a_key_with_any_characters_is_found(sandbox: RunningSandbox, connect: Build) -> None:
    connector = connect()
    key = 'it\'s 100% \\ "quoted"\nключ/№'
    (made,) = connector.write("Account", [Write(Operation.CREATE, key, None, {"Name": "a"})])
    assert connector.find("Account", key) == getattr(made, "native_id", None)
