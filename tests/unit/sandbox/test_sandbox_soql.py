"""The query language: what it finds, in which order, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tandem.sandbox.clock import SandboxClock, parse_datetime
from tandem.sandbox.errors import ApiError
from tandem.sandbox.queries import Queries
from tandem.sandbox.rows import Rows
from tandem.sandbox.schema import ACCOUNT, CONTACT, USER
from tandem.sandbox.soql.parser import parse
from tandem.sandbox.soql.tree import Both, Comparison, Membership, Negation, Operator
from tandem.sandbox.store import Store

STAMPS = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    store = Store(":memory:")
    rows = Rows(store, SandboxClock())
    with store.transaction():
        user = rows.insert(USER, {"Username": "u", "LastName": "Boss"}, "")
        for number, (name, city, staff) in enumerate(
            [("Ακμή ΑΕ", "Athens", 5), ("Beta_GmbH", None, 50), ("beta 100%", "Berlin", None)]
        ):
            row = {
                "Name": name, "BillingCity": city, "NumberOfEmployees": staff,
                "Tandem_Id__c": f"K{number}", "SystemModstamp": parse_datetime(STAMPS[number]),
                "Active__c": number % 2,
            }  # fmt: skip
            rows.insert(ACCOUNT, row, user)
        account = rows.insert(ACCOUNT, {"Name": "Gone", "Active__c": 0}, user)
        rows.delete(ACCOUNT, account, user)
        rows.insert(CONTACT, {"LastName": "Anna", "AccountId": account}, user)
        rows.insert(CONTACT, {"LastName": "Otto"}, user)
    yield store
    store.close()


@pytest.fixture
def queries(store: Store) -> Queries:
    return Queries(store)


def names(queries: Queries, condition: str, *, deleted: bool = False) -> list[str]:
    soql = f"SELECT Name FROM Account WHERE {condition} ORDER BY Id"
    answer = queries.run(soql, version="59.0", include_deleted=deleted)
    return [row["Name"] for row in answer["records"]]


A, B, C = "Ακμή ΑΕ", "Beta_GmbH", "beta 100%"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Name = 'ΑΚΜΉ αε'", [A]),
        ("name != 'Beta_GmbH'", [A, C]),
        ("BillingCity != 'Athens'", [B, C]),
        ("BillingCity = null", [B]),
        ("BillingCity <> null", [A, C]),
        ("NumberOfEmployees >= 5 AND NumberOfEmployees < 50", [A]),
        ("NumberOfEmployees > 5.5", [B]),
        ("Name LIKE 'BETA%'", [B, C]),
        (r"Name LIKE '%\_G%'", [B]),
        (r"Name LIKE '%100\%'", [C]),
        ("Name LIKE 'Beta_____'", [B, C]),
        ("Tandem_Id__c IN ('k0', 'K2')", [A, C]),
        ("BillingCity NOT IN ('Athens')", [B, C]),
        ("NOT BillingCity = 'Athens'", [B, C]),
        ("NOT (Name LIKE 'b%' OR Active__c = true)", [A]),
        ("Active__c = TRUE", [B]),
        ("SystemModstamp > 2026-01-01T00:00:00.000Z", [B, C]),
        ("SystemModstamp <= 2026-01-01T02:00:00+02:00", [A]),
        ("(Name = 'x' OR Tandem_Id__c = 'K0') AND NumberOfEmployees = 5", [A]),
        ("Owner.Name = 'boss' AND BillingCity = 'Berlin'", [C]),
        (r"Name = 'it\'s'", []),
    ],
)
def test_conditions(queries: Queries, condition: str, expected: list[str]) -> None:
    assert names(queries, condition) == expected


def test_the_keyset_of_a_reader_walks_through_equal_stamps(queries: Queries) -> None:
    seen: list[str] = []
    condition = "Name != null"
    while True:
        soql = (
            f"SELECT Id, Name, SystemModstamp FROM Account WHERE {condition} "
            "ORDER BY SystemModstamp, Id LIMIT 1"
        )
        rows = queries.run(soql, version="59.0")["records"]
        if not rows:
            break
        seen.append(rows[0]["Name"])
        stamp, native_id = rows[0]["SystemModstamp"], rows[0]["Id"]
        condition = (
            f"(SystemModstamp > {stamp}) OR (SystemModstamp = {stamp} AND Id > '{native_id}')"
        )
    assert seen == [A, B, C]


def test_deleted_rows_show_only_when_asked_for(queries: Queries) -> None:
    assert names(queries, "Name = 'Gone'") == []
    assert names(queries, "Name = 'Gone' AND IsDeleted = true", deleted=True) == ["Gone"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("BillingCity", [B, A, C]),
        ("BillingCity DESC", [B, C, A]),
        ("BillingCity NULLS LAST", [A, C, B]),
        ("BillingCity DESC NULLS LAST", [C, A, B]),
        ("SystemModstamp DESC, Id DESC", [C, B, A]),
        ("Name", [C, B, A]),
    ],
)
def test_order(queries: Queries, order: str, expected: list[str]) -> None:
    answer = queries.run(f"SELECT Name FROM Account ORDER BY {order}", version="59.0")
    assert [row["Name"] for row in answer["records"]] == expected


def test_limit_and_offset(queries: Queries) -> None:
    answer = queries.run("SELECT Name FROM Account ORDER BY Id LIMIT 1 OFFSET 1", version="59.0")
    assert [row["Name"] for row in answer["records"]] == [B]
    assert answer["done"] is True


def test_counts(queries: Queries) -> None:
    assert queries.run("SELECT COUNT() FROM Account", version="59.0")["totalSize"] == 3
    answer = queries.run("SELECT COUNT(BillingCity) FROM Account", version="59.0")
    assert answer["records"][0]["expr0"] == 2


def test_parents_come_nested_or_null(queries: Queries) -> None:
    soql = "SELECT LastName, Account.Name, Account.Owner.Name FROM Contact ORDER BY LastName"
    anna, otto = queries.run(soql, version="59.0")["records"]
    assert anna["Account"]["Name"] == "Gone"
    assert anna["Account"]["Owner"]["Name"] == "Boss"
    assert otto["Account"] is None


def test_groups_of_fields(queries: Queries) -> None:
    custom = queries.run("SELECT FIELDS(CUSTOM) FROM Account LIMIT 1", version="59.0")
    expected = {field.name for field in ACCOUNT.fields if field.name.endswith("__c")}
    assert set(custom["records"][0]) - {"attributes"} == expected
    everything = queries.run("SELECT FIELDS(ALL) FROM Account LIMIT 200", version="59.0")
    assert len(everything["records"][0]) == len(ACCOUNT.fields) + 1


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELEC Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account; DROP TABLE Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Id='' AND Id='' OR Id=''", "MALFORMED_QUERY"),
        ("SELECT Id, Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY"),
        ("SELECT COUNT(), Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Foo FROM Account", "INVALID_FIELD"),
        ("SELECT Foo.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE SystemModstamp > '2026-01-01'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Active__c = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE NumberOfEmployees LIKE '1%'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Id = 'Acme'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Acount", "INVALID_TYPE"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_refusals(queries: Queries, soql: str, code: str) -> None:
    with pytest.raises(ApiError) as caught:
        queries.run(soql, version="59.0")
    assert caught.value.code == code


def test_the_tree_of_a_condition() -> None:
    query = parse("select Id from Account where not (A = 1 or B in ('x', null)) and C like '%'")
    assert query.where == Both(
        "AND",
        (
            Negation(
                Both(
                    "OR",
                    (
                        Comparison(("A",), Operator.EQ, 1),
                        Membership(("B",), ("x", None), negated=False),
                    ),
                )
            ),
            Comparison(("C",), Operator.LIKE, "%"),
        ),
    )


def test_escapes_in_text() -> None:
    query = parse(r"SELECT Id FROM Account WHERE Name = 'a\'b\\c\nd\"'")
    assert query.where == Comparison(("Name",), Operator.EQ, "a'b\\c\nd\"")
