from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tandem.matching.survivorship import Origin, Rule, Strategy, Version, survive

OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
CRM = Version(
    "crm",
    "c1",
    {"name": "Acme", "phone": "210", "address": {"city": "Athens", "unit": ""}, "notes": ""},
    modified_at=OLD,
    field_modified_at={"phone": NEW},
)
ERP = Version(
    "erp",
    "e1",
    {"name": "Acme SA", "phone": "211", "address": {"city": "Athens", "street": "Ermou"}},
    modified_at=datetime(2026, 3, 1, tzinfo=UTC),
)
SHEET = Version("sheet", "7", {"name": "Acme SA", "phone": None})


@pytest.mark.parametrize(
    ("strategy", "field", "value"),
    [
        ("owner", "name", "Acme SA"),
        ("latest", "name", "Acme SA"),
        ("latest", "phone", "210"),
        ("most_complete", "address", ERP.values["address"]),
        ("most_frequent", "name", "Acme SA"),
        ("longest", "name", "Acme SA"),
        ("steward", "name", "Acme SA"),
    ],
)
def test_strategies(strategy: Strategy, field: str, value: object) -> None:
    golden = survive((CRM, ERP, SHEET), {field: Rule(strategy, owner="erp")})
    assert golden[field].value == value
    assert golden[field].origin.strategy == strategy


def test_the_owner_settles_ties_and_gives_way_when_empty() -> None:
    twins = (Version("crm", "1", {"a": "x", "b": ""}), Version("erp", "2", {"a": "y", "b": "z"}))
    golden = survive(twins, {"a": Rule("longest", owner="erp"), "b": Rule("owner", owner="crm")})
    assert golden["a"].value == "y"
    assert golden["b"].origin == Origin("erp", "2", "owner")


def test_a_steward_overrules_every_strategy_until_the_value_is_gone() -> None:
    decided = {"phone": Origin("erp", "e1", "steward")}
    golden = survive((CRM, ERP), {"phone": Rule("latest")}, decided)
    assert golden["phone"].origin == Origin("erp", "e1", "steward")
    golden = survive((CRM,), {"phone": Rule("latest")}, decided)
    assert golden["phone"].value == "210"


def test_fields_nobody_fills_are_left_out_and_zero_is_a_value() -> None:
    golden = survive((CRM, Version("erp", "2", {"credit": 0})), {})
    assert "notes" not in golden
    assert golden["credit"].value == 0
