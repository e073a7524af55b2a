"""What is expected of a batch follows from mapping, contract, rules and past. No engine runs."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import Column, ColumnType, StreamSpec
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.schema import Mapping
from tandem.mapping.transforms import Catalogues
from tandem.model.quality import Past, Rule, Severity
from tandem.quality.frame import Frame
from tandem.quality.suite import Expectation, suite
from tandem.settings import Quality


def _mapping(**fields: Any) -> CompiledMapping:
    mapping = Mapping(object="account", system="crm", stream="Account", fields=fields)
    return CompiledMapping(mapping, Catalogues())


def _spec(*columns: Column) -> StreamSpec:
    return StreamSpec("Account", {column.name: column for column in columns})


UNIQUE_ID = Expectation(Rule.UNIQUE_ID, Severity.BLOCK)
NAMED = Expectation(Rule.NOT_NULL, Severity.BLOCK, "name", ("Name",))


def test_the_mapping_alone_says_what_is_mandatory() -> None:
    mapping = _mapping(
        name="Name",
        phone={"column": "Phone", "required": True},
        fax={"column": "Fax", "direction": "write", "required": True},
        website="Website",
    )
    assert suite(mapping, None, Quality(), Past()) == [
        UNIQUE_ID,
        NAMED,
        Expectation(Rule.NOT_NULL, Severity.BLOCK, "phone", ("Phone",)),
    ]


def test_the_contract_adds_what_the_system_says_of_its_columns() -> None:
    mapping = _mapping(
        name="Name",
        industry="Industry",
        employees={"column": "Employees", "transform": "integer"},
        active={"column": "Active", "transform": "boolean"},
    )
    spec = _spec(
        Column("Name", ColumnType.STRING, length=80, required=True),
        Column("Industry", ColumnType.STRING, allowed=("Retail", "Steel"), required=True),
        Column("Employees", ColumnType.NUMBER),
        Column("Active", ColumnType.BOOLEAN),
        Column("Unmapped", ColumnType.STRING, required=True),
    )
    industry = ("industry", ("Industry",))
    assert suite(mapping, spec, Quality(), Past()) == [
        UNIQUE_ID,
        NAMED,
        Expectation(Rule.LENGTH, Severity.BLOCK, "name", ("Name",), high=80),
        Expectation(Rule.NOT_NULL, Severity.BLOCK, *industry),
        Expectation(Rule.ALLOWED, Severity.BLOCK, *industry, allowed=("Retail", "Steel")),
        Expectation(Rule.TYPE, Severity.BLOCK, "employees", ("Employees",), type=ColumnType.NUMBER),
        Expectation(Rule.TYPE, Severity.BLOCK, "active", ("Active",), type=ColumnType.BOOLEAN),
    ]


def test_one_of_several_columns_may_be_demanded_by_itself() -> None:
    mapping = CompiledMapping(
        Mapping(
            object="contact",
            system="crm",
            stream="Contact",
            fields={
                "name": {"columns": {"given": "First", "family": "Last"}, "transform": "name_parts"}
            },
        ),
        Catalogues(),
    )
    spec = _spec(Column("Last", ColumnType.STRING, required=True), Column("First", ColumnType.LIST))
    expected = suite(mapping, spec, Quality(), Past())
    assert [(e.name, e.columns) for e in expected] == [
        ("unique_id", ()),
        ("not_null.name", ("First", "Last")),
        ("not_null.name.Last", ("Last",)),
    ]


def test_the_last_good_batches_bound_the_next_one() -> None:
    past = Past(({"name": 0.0, "fax": 0.4}, {"name": 0.0, "fax": 0.9}), (900, 1000, 1300))
    expected = suite(_mapping(name="Name", fax="Fax"), None, Quality(), past)
    assert expected == [
        UNIQUE_ID,
        Expectation(Rule.ROW_COUNT, Severity.BLOCK, low=500.0, high=5000.0),
        NAMED,
        Expectation(Rule.NULL_RATE, Severity.BLOCK, "name", ("Name",), high=0.25),
        Expectation(Rule.NULL_RATE, Severity.BLOCK, "fax", ("Fax",), high=1.0),
    ]


def test_the_rules_of_the_link_declare_keys_ranges_and_severities() -> None:
    rules = Quality.model_validate(
        {
            "unique": ["tax_id"],
            "ranges": {"employees": {"min": 0}},
            "severity": {"not_null": "warn", "unique_id": "ignore", "unique.tax_id": "block"},
        }
    )
    mapping = _mapping(
        name="Name", tax_id="Tax", employees={"column": "Staff", "transform": "integer"}
    )
    assert suite(mapping, None, rules, Past()) == [
        Expectation(Rule.NOT_NULL, Severity.WARN, "name", ("Name",)),
        Expectation(Rule.UNIQUE, Severity.BLOCK, "tax_id", ("Tax",)),
        Expectation(Rule.RANGE, Severity.BLOCK, "employees", ("Staff",), low=0.0),
    ]


@pytest.mark.parametrize("blank", [None, "", "  ", []])
def test_blank_is_empty_whatever_it_is_made_of(blank: object) -> None:
    mapping = _mapping(name="Name", fax="Fax")
    frame = Frame(mapping, suite(mapping, None, Quality(), Past()))
    frame.add("1", {"Name": "Acme", "Fax": blank})
    frame.add("2", {"Name": blank})
    assert frame.columns == {"native_id": ["1", "2"], "Name": ["Acme", None]}
    assert frame.null_rates == {"name": 0.5, "fax": 1.0}
