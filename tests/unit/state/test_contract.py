"""Contracts: what was accepted comes back whole, and only a difference makes a new version."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from connectors.base import Column, ColumnType, StreamSpec
from tandem.state import contract
from tandem.state.contract import Contract
from tandem.state.database import Database

AT = datetime(2026, 1, 1, tzinfo=UTC)
SPEC = StreamSpec(
    "Account",
    {
        "Name": Column("Name", ColumnType.STRING, "Account name", length=255, required=True),
        "Kind": Column("Kind", ColumnType.STRING, allowed=("b", "a")),
        "Parent": Column("Parent", ColumnType.REFERENCE, references="Account", writable=False),
    },
)


def store(
    state: Database, spec: StreamSpec, by: str = "tandem", link: str = "customers"
) -> Contract:
    with state.begin() as connection:
        return contract.store(connection, link, "crm", spec, by=by, at=AT)


def test_a_contract_comes_back_as_it_was_stored(state: Database) -> None:
    stored = store(state, SPEC)
    with state.begin() as connection:
        found = contract.current(connection, "customers")[("crm", "Account")]
    sorted_values = replace(SPEC.columns["Kind"], allowed=("a", "b"))
    assert found.spec == StreamSpec("Account", {**SPEC.columns, "Kind": sorted_values})
    assert (found.version, found.digest, found.accepted_by, found.accepted_at) == (
        1,
        stored.digest,
        "tandem",
        AT,
    )


def test_only_a_difference_makes_a_new_version(state: Database) -> None:
    store(state, SPEC)
    reordered = replace(SPEC, columns=dict(reversed(SPEC.columns.items())))
    assert store(state, reordered).version == 1
    shorter = {**SPEC.columns, "Name": replace(SPEC.columns["Name"], length=80)}
    assert store(state, replace(SPEC, columns=shorter), by="stella").version == 2
    with state.begin() as connection:
        versions = contract.history(connection, "customers", "crm", "Account")
        in_force = contract.current(connection, "customers")
    assert [(v.version, v.accepted_by, v.spec.columns["Name"].length) for v in versions] == [
        (1, "tandem", 255),
        (2, "stella", 80),
    ]
    assert in_force == {("crm", "Account"): versions[1]}


def test_each_link_has_contracts_of_its_own(state: Database) -> None:
    store(state, SPEC)
    with state.begin() as connection:
        assert contract.current(connection, "another") == {}
