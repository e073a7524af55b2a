"""`tandem quality`."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow
"""Great Expectations takes seconds to load."""


def _held(tandem) -> None:
    tandem.configure(account={"quality": {"min_rows": 10}})
    for number in range(12):
        name = f"Company {chr(ord('a') + number) * 3}" if number % 2 else None
        tandem.crm.insert("Account", name=name, phone="1" if number < 3 else None)
    tandem.erp.insert("party", name="From the other side")
    tandem("sync", "customers")


def test_a_held_batch_is_told_and_needs_attention(tandem):
    _held(tandem)
    answer = tandem("quality")
    assert answer.code == 1
    assert "held" in answer.out
    assert "6 records (50 %) have no name" in " ".join(answer.out.replace("│", " ").split())
    assert "█" in answer.out


def test_results_and_scorecard_as_one_document(tandem):
    _held(tandem)
    answer = tandem.json("quality", "customers")
    assert answer.code == 1
    (told,) = answer.document["links"]
    (gate,) = told["gates"]
    assert (gate["object"], gate["system"], gate["outcome"]) == ("account", "crm", "held")
    assert (gate["rows"], gate["held"], gate["failed"]) == (12, 12, ["not_null.name"])
    cards = {(card["object"], card["system"]): card for card in told["scorecard"]}
    card = cards["account", "erp"]
    assert (card["records"], card["gaps"]) == (1, 0)
    name = next(field for field in card["fields"] if field["field"] == "name")
    assert name == {
        "field": "name",
        "records": 1,
        "filled": 1,
        "refused": 0,
        "empty": 0,
        "completeness": 1.0,
        "validity": 1.0,
        "gaps": 0,
        "mandatory_in": ["crm", "erp"],
    }


def test_a_link_without_gates_says_so(tandem):
    tandem.crm.insert("Account", name="Acme")
    tandem("sync", "customers")
    answer = tandem("quality", "customers")
    assert answer.code == 0
    assert "no batch was large enough" in answer.out


def test_a_held_batch_is_answered_on_the_command_line(tandem):
    _held(tandem)
    (item,) = tandem.json("review", "list", "--kind", "quality_gate").document["items"]
    shown = tandem("review", "show", str(item["id"]))
    assert "have no name" in " ".join(shown.out.split())
    assert "--approve  or  --reject" in shown.out
    tandem("review", "decide", str(item["id"]), "--approve", "--version", "1")
    tandem("sync", "customers")
    assert len(tandem.erp.rows("party")) == 7
    assert tandem("quality").code == 0
