"""`tandem plan` and `tandem status`."""

from __future__ import annotations

import pytest


def test_a_plan_tells_each_field_and_writes_nothing(tandem):
    native_id = tandem.crm.insert("Account", name="Acme", phone="1")
    created = tandem.json("plan", "customers")
    assert created.code == 2
    (write,) = created.document["writes"]
    assert (write["system"], write["operation"], write["label"]) == ("erp", "create", "Acme")
    assert {f["field"]: (f["before"], f["after"]) for f in write["fields"]} == {
        "name": (None, "Acme"),
        "phone": (None, "1"),
    }
    assert tandem.sent() == 0

    tandem("sync", "customers")
    sent = tandem.sent()
    tandem.crm.edit("Account", native_id, phone="2")
    changed = tandem.json("plan", "customers")
    (write,) = changed.document["writes"]
    (field,) = write["fields"]
    assert (field["before"], field["after"], field["columns"]) == ("1", "2", ["phone"])
    assert (field["cause"]["rule"], field["cause"]["system"]) == ("changed", "crm")
    assert tandem.sent() == sent


def test_people_see_before_and_after(tandem):
    native_id = tandem.crm.insert("Account", name="Acme", phone="111")
    tandem("sync", "customers")
    tandem.crm.edit("Account", native_id, phone="222")
    answer = tandem("plan", "customers")
    assert answer.code == 2
    assert "111" in answer.out
    assert "222" in answer.out


def test_a_plan_with_nothing_to_write_is_exit_0(tandem):
    tandem.crm.insert("Account", name="Acme")
    tandem("sync", "customers")
    answer = tandem("plan", "customers")
    assert answer.code == 0
    assert "nothing to write" in answer.out


def test_a_plan_names_the_questions_that_people_would_be_asked(tandem):
    native_id = tandem.crm.insert("Account", name="Acme", phone="1")
    tandem("sync", "customers")
    (partner,) = tandem.erp.rows("party")
    tandem.crm.edit("Account", native_id, phone="2")
    tandem.erp.edit("party", partner, phone="3")
    (question,) = tandem.json("plan", "customers").document["questions"]
    assert (question["kind"], question["field"]) == ("conflict", "phone")
    assert tandem.json("review", "list").document["items"] == []


@pytest.mark.slow  # Great Expectations takes seconds to load
def test_a_plan_tells_how_many_creates_would_wait(tandem):
    tandem.configure(account={"quality": {"min_rows": 10}})
    for letter in "abcdefghijkl":
        named = letter in "akl"
        tandem.erp.insert("party", name=f"{letter * 4} works" if named else None)
    tandem.crm.insert("Account", name="aaaa works")
    answer = tandem("plan", "customers")
    assert "nothing to write" in answer.out
    assert "creates that wait: 1." in answer.out
    assert tandem.json("plan", "customers").document["waiting"] == 1


def test_status_counts_what_there_is(tandem):
    native_id = tandem.crm.insert("Account", name="Acme", phone="1")
    tandem("sync", "customers")
    tandem.crm.edit("Account", native_id, phone="2")
    tandem("sync", "customers")
    answer = tandem.json("status", "customers")
    (link,) = answer.document["links"]
    assert answer.code == 0
    assert link["linked"] == {"account": {"crm": 1, "erp": 1}}
    assert link["outbox"] == {"accepted": 2}
    assert link["freshness"]["writes"] == 1
    assert 0 < link["freshness"]["p50"] <= link["freshness"]["p95"] < 60
    assert [w["stream"] for w in link["watermarks"]] == ["Account", "party"]
    assert "freshness" in tandem("status").out


def test_status_of_a_link_that_never_ran(tandem):
    (link,) = tandem.json("status").document["links"]
    assert link["runs"] == []
    assert link["freshness"] == {"writes": 0, "p50": None, "p95": None}
