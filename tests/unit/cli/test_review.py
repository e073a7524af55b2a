"""`tandem review`: listing, showing and answering questions."""

from __future__ import annotations

import pytest

from connectors.base import Rejected


@pytest.fixture
def conflict(tandem):
    """An account whose phone was changed on both sides; returns (crm id, erp id)."""
    native_id = tandem.crm.insert("Account", name="Acme", phone="1")
    tandem("sync", "customers")
    (partner,) = tandem.erp.rows("party")
    tandem.crm.edit("Account", native_id, phone="2")
    tandem.erp.edit("party", partner, phone="3")
    tandem("sync", "customers")
    return native_id, partner


def phones(tandem):
    return (
        [row["phone"] for row in tandem.crm.rows("Account").values()],
        [row["phone"] for row in tandem.erp.rows("party").values()],
    )


def test_a_question_is_listed_shown_and_answered_with_a_sides_value(tandem, conflict):
    listed = tandem.json("review", "list").document
    (item,) = listed["items"]
    assert (item["kind"], item["field"], listed["total"]) == ("conflict", "phone", 1)
    shown = tandem.json("review", "show", str(item["id"])).document
    assert shown["question"]["sides"] == {"crm": "2", "erp": "3"}
    assert "--take SYSTEM" in shown["answers"]
    people = tandem("review", "show", str(item["id"])).out
    assert f"tandem review decide {item['id']} --version 1" in people

    decided = tandem.json(
        "review", "decide", str(item["id"]), "--version", "1", "--take", "erp", "--as", "stella"
    )
    assert decided.code == 0
    assert decided.document["decided"][0]["decided_by"] == "stella"
    tandem("sync", "customers")
    assert phones(tandem) == (["3"], ["3"])
    assert tandem.json("review", "list").document["items"] == []


def test_a_question_can_be_answered_with_a_new_value(tandem, conflict):
    assert tandem("review", "decide", "1", "--yes", "--value", '"4"').code == 0
    tandem("sync", "customers")
    assert phones(tandem) == (["4"], ["4"])


def test_an_answer_to_an_older_version_is_refused(tandem, conflict):
    tandem.crm.edit("Account", conflict[0], phone="5")
    tandem("sync", "customers")
    answer = tandem.json("review", "decide", "1", "--version", "1", "--take", "erp")
    assert answer.code == 7
    assert answer.document["error"]["code"] == "review.stale"
    assert "version 2" in answer.err
    assert tandem("review", "decide", "1", "--version", "2", "--take", "erp").code == 0


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--yes"], "give exactly one answer"),
        (["--yes", "--take", "erp", "--apart"], "give exactly one answer"),
        (["--yes", "--apart"], "answer it with --take SYSTEM or --value JSON"),
        (["--yes", "--take", "sap"], "--take one of crm, erp"),
        (["--yes", "--value", "Acme"], "--value takes JSON"),
        (["--yes", "--value", "[1]"], "the value is none that account.phone accepts"),
        (["--take", "erp"], "say with --version which version was looked at"),
    ],
)
def test_an_answer_that_does_not_fit_is_a_usage_error(tandem, conflict, options, complaint):
    answer = tandem("review", "decide", "1", *options)
    assert answer.code == 64
    assert complaint in answer.err
    assert tandem.json("review", "show", "1").document["state"] == "open"


def test_a_group_takes_each_records_own_value(tandem):
    ids = [tandem.crm.insert("Account", name=name, phone="1") for name in ("Acme", "Zorg")]
    tandem("sync", "customers")
    for number, native_id in enumerate(ids):
        tandem.crm.edit("Account", native_id, phone=f"2{number}")
    for number, partner in enumerate(tandem.erp.rows("party")):
        tandem.erp.edit("party", partner, phone=f"3{number}")
    tandem("sync", "customers")
    assert tandem.json("review", "show", "1").document["group_size"] == 2
    answer = tandem.json("review", "decide", "1", "--yes", "--take", "crm", "--group")
    assert len(answer.document["decided"]) == 2
    tandem("sync", "customers")
    assert sorted(phones(tandem)[1]) == ["20", "21"]


def test_a_duplicate_is_linked(tandem):
    tandem.erp.insert("party", name="Acme Limited", phone="+44 20 7946 0000")
    tandem.crm.insert("Account", name="Acme Ltd", phone="+44 20 7946 9999")
    tandem("sync", "customers")
    (item,) = tandem.json("review", "list", "--kind", "duplicate").document["items"]
    (candidate,) = item["question"]["candidates"]
    answer = tandem(
        "review", "decide", str(item["id"]), "--yes", "--link", candidate["canonical_id"]
    )
    assert answer.code == 0
    tandem("sync", "customers")
    (link,) = tandem.json("status").document["links"]
    assert link["linked"]["account"] == {"crm": 1, "erp": 1}


def test_a_deletion_is_decided_by_policy(tandem):
    native_id = tandem.crm.insert("Account", name="Acme")
    tandem("sync", "customers")
    tandem.crm.remove("Account", native_id)
    tandem("sync", "customers")
    (item,) = tandem.json("review", "list", "--kind", "deletion").document["items"]
    assert tandem("review", "decide", str(item["id"]), "--yes", "--policy", "nonsense").code == 64
    assert tandem("review", "decide", str(item["id"]), "--yes", "--policy", "propagate").code == 0
    tandem("sync", "customers")
    assert tandem.erp.rows("party") == {}


def test_filters_that_do_not_exist_are_refused(tandem):
    assert "conflict" in tandem("review", "list", "--kind", "nonsense").err
    assert tandem("review", "list", "--state", "nonsense").code == 64
    assert tandem("review", "show", "404").code == 6


def test_a_dead_letter_is_listed_and_decided_anew(tandem):
    tandem.erp.reject = lambda _stream, write: (
        Rejected("TOO_LONG", "too long", ("phone",)) if len(write.values["phone"]) > 3 else None
    )
    native_id = tandem.crm.insert("Account", name="Acme", phone="12345")
    tandem("sync", "customers")
    (letter,) = tandem.json("deadletter", "list").document["dead_letters"]
    assert letter["answer"]["code"] == "TOO_LONG"
    assert "TOO_LONG" in tandem("deadletter", "list").out
    tandem.erp.reject = None
    assert "creates" not in tandem.json("sync", "customers").document["counts"]

    replayed = tandem.json("deadletter", "replay", str(letter["id"]))
    assert replayed.document["replayed"] == [letter["id"]]
    assert tandem.json("sync", "customers").document["counts"]["creates"] == 1
    assert [row["phone"] for row in tandem.erp.rows("party").values()] == ["12345"]
    assert tandem.json("deadletter", "list").document["dead_letters"] == []
    assert tandem("deadletter", "replay", str(letter["id"])).code == 6
    assert tandem("deadletter", "replay").code == 64
    assert tandem.crm.rows("Account")[native_id]["name"] == "Acme"


def test_a_quarantined_record_is_read_again_after_its_cause_is_mended(tandem):
    native_id = tandem.crm.insert("Account", name="", phone="1")
    assert tandem("sync", "customers").code == 1
    listed = tandem.json("quarantine", "list").document
    assert [one["native_id"] for one in listed["quarantined"]] == [native_id]
    assert "name: missing" in tandem("quarantine", "list").out
    assert tandem("quarantine", "replay", "crm:404").code == 6
    assert tandem("quarantine", "replay", "crm").code == 64

    tandem.crm.edit_quietly("Account", native_id, name="Acme")
    replayed = tandem.json("quarantine", "replay", f"crm:{native_id}")
    assert replayed.document["replayed"] == [f"crm:{native_id}"]
    assert tandem("sync", "customers").code == 0
    assert [row["name"] for row in tandem.erp.rows("party").values()] == ["Acme"]
    assert tandem.json("quarantine", "list").document["total"] == 0
