"""`tandem explain`: the story of a record."""

from __future__ import annotations

import pytest

from connectors.base import Rejected


@pytest.fixture
def settled(tandem):
    """An account with a conflict over its phone that stella decided; its native id in the CRM."""
    native_id = tandem.crm.insert("Account", name="Acme", phone="1")
    tandem("sync", "customers")
    (partner,) = tandem.erp.rows("party")
    tandem.crm.edit("Account", native_id, phone="2")
    tandem.erp.edit("party", partner, phone="3")
    tandem("sync", "customers")
    tandem("review", "decide", "1", "--yes", "--take", "erp", "--as", "stella")
    tandem("sync", "customers")
    return native_id


def test_each_field_tells_its_source_rule_decision_loser_and_write(tandem, settled):
    told = tandem.json("explain", f"account:crm:{settled}").document
    fields = {field["field"]: field for field in told["fields"]}
    assert fields["name"]["golden"] == "Acme"
    assert (fields["name"]["rule"], fields["name"]["system"]) == ("changed", "crm")
    phone = fields["phone"]
    assert phone["golden"] == "3"
    assert (phone["rule"], phone["person"], phone["review_id"]) == ("decision", "stella", 1)
    assert phone["losers"] == {"crm": "2"}
    crm, erp = phone["sides"]
    assert (crm["columns"], crm["transform"], crm["observed"]) == ({"": "phone"}, "text", "3")
    assert (crm["last_write"]["before"], crm["last_write"]["after"]) == ("2", "3")
    assert crm["last_write"]["answer"]["native_id"] == settled
    assert erp["last_write"]["after"] == "1"
    assert {link["rule"] for link in told["links"]} == {"new", "created by us"}
    actions = [fact["action"] for fact in told["timeline"]]
    assert actions[0] == "record.arrived"
    assert "review.decided" in actions
    assert actions[-1] == "write.accepted"


def test_people_see_it_in_tables_and_a_canonical_id_does_too(tandem, settled):
    told = tandem.json("explain", f"account:crm:{settled}").document
    answer = tandem("explain", f"account:{told['canonical_id']}")
    assert answer.code == 0
    assert "stella decided question 1" in answer.out
    assert "crm.phone (text)" in answer.out


def test_an_open_question_is_named(tandem, settled):
    tandem.crm.edit("Account", settled, phone="7")
    (partner,) = tandem.erp.rows("party")
    tandem.erp.edit("party", partner, phone="8")
    tandem("sync", "customers")
    told = tandem.json("explain", f"account:crm:{settled}").document
    assert next(f for f in told["fields"] if f["field"] == "phone")["questions"] == [2]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("account", 64),
        ("acount:crm:1", 64),
        ("account:sap:1", 64),
        ("account:crm:404", 6),
        ("account:00000000000000000000000000000000", 6),
    ],
)
def test_what_does_not_exist_is_told(tandem, record, code):
    answer = tandem("explain", record)
    assert answer.code == code
    assert answer.err.startswith("error: ")


def test_a_refused_write_is_told_with_the_words_of_the_system(tandem, settled):
    tandem.erp.reject = lambda _stream, _write: Rejected("BAD_PHONE", "no such number")
    tandem.crm.edit("Account", settled, phone="9")
    tandem("sync", "customers")
    told = tandem.json("explain", f"account:crm:{settled}").document
    phone = next(field for field in told["fields"] if field["field"] == "phone")
    refused = phone["sides"][1]["refused_write"]
    assert (refused["after"], refused["answer"]["code"]) == ("9", "BAD_PHONE")
    assert refused["answer"]["message"] == "no such number"
    assert phone["sides"][0]["refused_write"] is None
