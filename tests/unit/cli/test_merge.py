"""`tandem merge` and `tandem unmerge`, as a steward uses them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.scenarios.world import CAPABLE
from tests.unit.cli.conftest import Installation


@pytest.fixture
def two(tandem: Installation) -> tuple[str, str]:
    """Two accounts in both systems that are one company; their ids in the CRM."""
    for system, stream in ((tandem.crm, "Account"), (tandem.erp, "party")):
        streams = frozenset({stream})
        system.capabilities = replace(CAPABLE, merges=streams, unmerges=streams)
    tandem.configure(account={"survivorship": {"fields": {"phone": "steward"}}})
    ids = (
        tandem.crm.insert("Account", name="Acme", phone="1", active=True),
        tandem.crm.insert("Account", name="Zeta Works", phone="2", active=True),
    )
    assert tandem("sync", "customers").code == 0
    return ids


def names(tandem: Installation) -> list[str]:
    return sorted(row["name"] for row in tandem.erp.rows("party").values())


def test_preview_merge_explain_and_unmerge(tandem: Installation, two: tuple[str, str]) -> None:
    records = [f"account:crm:{native_id}" for native_id in two]
    preview = tandem.json("merge", *records, "--preview").document
    assert preview["undecided"] == ["phone"]
    assert preview["decided"] is False
    by_field: dict[str, Any] = {field["field"]: field for field in preview["fields"]}
    assert (by_field["name"]["value"], by_field["name"]["rule"]) == ("Acme", "owner")
    assert "a person has to choose" in tandem("merge", *records, "--preview").out

    refused = tandem("merge", *records)
    assert (refused.code, "choose a value for phone" in refused.err) == (64, True)
    assert names(tandem) == ["Acme", "Zeta Works"]

    merged = tandem.json("merge", *records, "--choose", 'phone="2"', "--as", "stella").document
    assert merged["decided"] is True
    assert tandem("sync", "customers").code == 0
    assert names(tandem) == ["Acme"]
    told = tandem.json("explain", records[0]).document
    assert [f["actor"] for f in told["timeline"] if f["action"] == "record.merged"] == ["stella"]
    assert [x["state"] for x in told["links"]].count("merged") == 2
    gone = tandem.json("explain", f"account:{preview['loser']}").document
    assert (gone["state"], gone["merged_into"]) == ("merged", preview["survivor"])

    taken = tandem.json("unmerge", records[1]).document
    assert taken == {"record": preview["loser"], "survivor": preview["survivor"]}
    assert tandem("sync", "customers").code == 0
    assert names(tandem) == ["Acme", "Zeta Works"]
    again = tandem("unmerge", records[1])
    assert (again.code, "was not merged" in again.err) == (64, True)


def test_a_choice_that_is_no_json_is_explained(tandem: Installation, two: tuple[str, str]) -> None:
    records = [f"account:crm:{native_id}" for native_id in two]
    answer = tandem("merge", *records, "--choose", "phone=030 1")
    assert (answer.code, "double quotes" in answer.err) == (64, True)


@pytest.fixture
def asked(tandem: Installation, two: tuple[str, str]) -> dict[str, Any]:
    """The question whether the two are one, after an edit that made them look so."""
    tandem.configure(account={})
    tandem.crm.edit("Account", two[1], name="ACME", phone="1")
    assert tandem("sync", "customers").code == 0
    (item,) = tandem.json("review", "list").document["items"]
    return dict(item)


def test_records_that_became_alike_are_merged_by_an_answer(
    tandem: Installation, asked: dict[str, Any]
) -> None:
    number = str(asked["id"])
    assert re.search(r"Acme \| ACME|ACME \| Acme", tandem("review", "list").out)
    shown = tandem.json("review", "show", number).document
    assert {each["field"] for each in shown["question"]["levels"]} == {"name"}
    stays = shown["question"]["pair"][0]
    answer = ("review", "decide", number, "--version", "1", "--as", "stella")
    assert tandem(*answer, "--link", stays["canonical_id"]).code == 0
    assert tandem("sync", "customers").code == 0
    assert len(tandem.crm.rows("Account")) == len(tandem.erp.rows("party")) == 1
    assert tandem.json("review", "list").document["total"] == 0


def test_records_that_became_alike_are_kept_apart_by_an_answer(
    tandem: Installation, asked: dict[str, Any], two: tuple[str, str]
) -> None:
    number = str(asked["id"])
    assert tandem("review", "decide", number, "--version", "1", "--apart").code == 0
    tandem.crm.edit("Account", two[0], website="acme.example")
    tandem.crm.edit("Account", two[1], website="acme.example")
    assert tandem("sync", "customers").code == 0
    assert set(tandem.crm.rows("Account")) == set(two)
    assert tandem.json("review", "list").document["total"] == 0
