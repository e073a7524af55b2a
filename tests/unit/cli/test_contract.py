"""`tandem contract`, and drift as doctor and status tell it."""

from __future__ import annotations

SHORT = "erp:party.industry holds 80 characters, before any number: industry of account rests"
GONE = "erp:party.phone is gone: phone of account rests; perhaps it is called 'telephone' now"


def drifted(tandem):
    tandem.crm.insert("Account", name="Acme", industry="x" * 120, phone="+48 1")
    tandem("sync", "customers")
    tandem("sync", "customers")
    tandem.erp.alter("party", "phone", label="Phone")
    tandem("sync", "customers")
    tandem.erp.alter("party", "phone", name="telephone")
    tandem.erp.alter("party", "industry", length=80)
    tandem("sync", "customers")


def test_before_the_first_sync_there_is_no_contract(tandem):
    assert "first sync accepts" in tandem("contract", "show", "customers").out


def test_the_first_sync_accepts_the_streams_as_they_are(tandem):
    tandem("sync", "customers")
    shown = tandem.json("contract", "show", "customers").document
    assert [
        (c["system"], c["stream"], c["version"], c["accepted_by"]) for c in shown["contracts"]
    ] == [
        ("crm", "Account", 1, "tandem"),
        ("erp", "party", 1, "tandem"),
    ]
    assert shown["drift"] == []
    only = tandem.json("contract", "show", "customers", "--system", "erp").document
    assert [c["stream"] for c in only["contracts"]] == ["party"]


def test_drift_is_told_wherever_one_looks(tandem):
    drifted(tandem)
    shown = tandem.json("contract", "show", "customers").document
    assert sorted(d["sentence"].partition(";")[0] for d in shown["drift"]) == [
        SHORT,
        GONE.partition(";")[0],
    ]
    assert GONE in tandem("contract", "show", "customers").out
    status = tandem("status")
    assert status.code == 1
    assert GONE in status.out
    assert GONE in [check["finding"] for check in tandem.json("doctor").document["checks"]]
    assert "erp:party.phone is gone" in tandem("review", "list", "--kind", "drift").out


def test_accepting_takes_what_can_be_and_tells_what_cannot(tandem):
    drifted(tandem)
    answer = tandem.json("contract", "accept", "customers", "--as", "stella").document
    assert [sentence.split(";")[0] for sentence in answer["accepted"]] == [SHORT]
    assert answer["left"] == [GONE]
    assert "change the mapping" in tandem("contract", "accept", "customers").out
    tandem("sync", "customers")
    contracts = tandem.json("contract", "show", "customers", "--stream", "party").document
    (party,) = contracts["contracts"]
    assert party["accepted_by"] == "stella"
    assert party["columns"]["industry"]["length"] == 80
    assert [d["column"] for d in contracts["drift"]] == ["phone"]


def test_a_link_that_is_not_there(tandem):
    assert tandem("contract", "show", "nothing").code == 6
