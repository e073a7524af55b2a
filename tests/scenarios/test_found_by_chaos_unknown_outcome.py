"""What storms have found about writes whose answer was lost, each as the shortest story of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import Idempotency
from connectors.errors import RecordError, RetryableError
from tandem.chaos.faults import Fail, LostAnswer, RateLimit
from tandem.sync.agreement import compare
from tests.scenarios.world import CAPABLE

KEYED = {"capabilities": replace(CAPABLE, idempotency=Idempotency.KEY)}
SEARCHED = {"capabilities": replace(CAPABLE, idempotency=Idempotency.MARKER)}


def _refused_when_sent_again(world):
    """The first try was carried out; the second one is refused, so nothing tells of the first."""
    w = world(erp=KEYED)
    account = w.crm.insert("Account", name="Acme", website="acme.example")
    w.erp.script("write", LostAnswer(), Fail(RecordError("one of these is wrong")))
    w.cycle(2)
    (partner,) = w.erp.rows("party")
    (item,) = w.reviews("unknown_outcome")
    assert w.outbox() == {"unknown": 1}
    return w, account, partner, item


def test_a_create_that_is_refused_when_sent_again_is_asked_about(world):
    w, account, partner, item = _refused_when_sent_again(world)
    w.erp.edit("party", partner, phone="1")
    w.quiet(3)
    w.decide(item, {"native_id": partner})
    w.cycle(3)
    assert w.linked(account) == partner
    assert [row["phone"] for row in w.crm.rows("Account").values()] == ["1"]
    assert len(w.erp.rows("party")) == 1


def test_a_create_that_is_refused_when_sent_again_becomes_a_dead_letter_by_a_person(world):
    w = world(erp=KEYED)
    w.crm.insert("Account", name="Acme")
    refused = Fail(RecordError("one of these is wrong"))
    w.erp.script("write", LostAnswer(committed=False), refused, refused)
    w.cycle(2)
    (item,) = w.reviews("unknown_outcome")
    w.decide(item, {"native_id": None})
    w.cycle(2)
    assert w.outbox() == {"rejected": 1}


def test_others_do_not_wait_for_a_create_that_only_a_person_can_tell_of(world):
    w, *_ = _refused_when_sent_again(world)
    w.erp.insert("party", name="Quite Different Industries", website="different.example")
    w.cycle(3)
    assert "Quite Different Industries" in {r["name"] for r in w.crm.rows("Account").values()}


def test_a_create_is_sent_again_as_it_was_and_news_follow(world):
    w = world(erp=KEYED)
    account = w.crm.insert("Account", name="Acme", phone="1")
    w.erp.script("write", LostAnswer(), RateLimit(retry_after=5))
    w.cycle()
    w.crm.edit("Account", account, phone="2")
    w.cycle(3, pause=10)
    assert [dict(write.values)["phone"] for write in w.erp.writes] == ["1", "1", "1", "2"]
    assert w.crm.rows("Account")[account]["phone"] == "2"
    assert [row["phone"] for row in w.erp.rows("party").values()] == ["2"]


def test_what_is_edited_before_its_create_is_sent_again_is_not_overwritten(world):
    w = world(erp=KEYED, policy={"default": "review"})
    account = w.crm.insert("Account", name="Acme", industry="Banking")
    w.erp.script("write", LostAnswer())
    w.cycle()
    (partner,) = w.erp.rows("party")
    w.erp.edit("party", partner, industry="Retail")
    w.crm.edit("Account", account, industry="Energy")
    w.erp.script("page", Fail(RetryableError("reset")))  # it is not read before it is written to
    w.cycle(3)
    (item,) = w.reviews("conflict")
    assert item.question["sides"] == {"crm": "Energy", "erp": "Retail"}
    assert w.erp.rows("party")[partner]["industry"] == "Retail"


def test_who_waits_for_an_outcome_goes_on_once_it_is_known_that_nothing_was_made(world):
    policy = {"deletes": {"policy": "unlink"}}
    w = world(erp=SEARCHED, objects=("account", "contact"), policy=policy)
    account = w.crm.insert("Account", name="Acme")
    w.cycle(2)
    w.crm.insert("Contact", given="Anna", family="Kowalska", account=account)
    w.erp.script("write", LostAnswer(committed=False))
    w.cycle()
    w.erp.insert("person", given="Ewa", family="Nowak")
    w.erp.remove("party", w.linked(account))  # the contact's create has no parent any more
    w.erp.script("find", Fail(RetryableError("500")))
    w.cycle(3)
    assert w.outbox()["rejected"] == 1
    assert w.inbox() == {}
    assert "Ewa" in {row["given"] for row in w.crm.rows("Contact").values()}


def test_what_was_read_before_a_write_of_unknown_outcome_is_no_edit(world):
    w = world()
    native_id, partner = w.pair(phone="1")
    w.crm.script("write", LostAnswer())
    w.erp.edit("party", partner, phone="2")
    w.cycle()
    w.crm.edit("Account", native_id, industry="Retail")
    w.erp.edit("party", partner, website="acme.example")
    w.crm.script("page", Fail(RetryableError("reset")))
    w.crm.script("read", None, Fail(RetryableError("500")))  # looked into, and not read after that
    w.cycle(3)
    assert w.crm.rows("Account")[native_id]["phone"] == "2"
    assert w.erp.rows("party")[partner]["phone"] == "2"
    assert compare(w.link, w.database).divergent == []
    told = [fact.after["phone"] for fact in w.facts("golden.changed") if "phone" in fact.after]
    assert told == ["1", "2"]


@pytest.mark.parametrize("emptied", ["overruled", "overruled and edited"])
def test_a_value_that_a_policy_overruled_and_that_is_then_emptied_is_an_edit(world, emptied):
    w = world(policy={"default": {"policy": "owner", "owner": "erp"}})
    account = w.crm.insert("Account", name="Acme", website="acme.example", industry="Retail")
    w.erp.insert("party", name="Acme", website="acme.example", industry="Energy")
    w.crm.script("write", *[Fail(RetryableError("500"))] * 3)
    w.cycle()
    if emptied == "overruled and edited":
        w.crm.edit("Account", account, industry="Banking")
        w.cycle(pause=100)
    w.crm.edit("Account", account, industry=None)
    w.cycle(4, pause=100)
    losers = [
        f.cause["industry"].get("losers")
        for f in w.facts("golden.changed")
        if "industry" in f.cause
    ]
    assert losers[-1] == {"crm": None}
    assert w.crm.rows("Account")[account]["industry"] == "Energy"
    w.quiet(3)


def test_a_value_in_doubt_that_is_asked_about_and_then_emptied_is_an_edit(world):
    w = world(policy={"default": "review"})
    native_id, partner = w.pair(phone="1")
    w.crm.script("write", LostAnswer())
    w.erp.edit("party", partner, phone="2")
    w.cycle()
    w.crm.edit("Account", native_id, phone="1")  # our write of 2 may never have come: in doubt
    w.cycle(4)
    (item,) = w.reviews("conflict")
    w.crm.edit("Account", native_id, phone=None)
    w.cycle(3)
    (again,) = w.reviews("conflict")
    assert (again.id, again.question["sides"]) == (item.id, {"crm": None, "erp": "2"})
    assert w.crm.rows("Account")[native_id]["phone"] is None
    w.decide(again, {"value": None})
    w.cycle(3)
    assert w.erp.rows("party")[partner]["phone"] is None
    w.quiet(3)


@pytest.mark.parametrize("agreed", ["1", None])
def test_a_value_edited_after_a_lost_answer_and_then_set_back_is_an_edit(world, agreed):
    w = world(policy={"default": "review"})
    native_id, partner = w.pair(phone="1")
    w.crm.edit("Account", native_id, phone=agreed)
    w.cycle(3)
    w.crm.script("write", LostAnswer())
    w.erp.edit("party", partner, phone="2")
    w.cycle()
    w.crm.edit("Account", native_id, phone="3")
    w.cycle(4)
    (item,) = w.reviews("conflict")
    assert item.question["sides"] == {"crm": "3", "erp": "2"}
    w.crm.edit("Account", native_id, phone=agreed)  # what stood there before our write of 2
    w.cycle(3)
    (again,) = w.reviews("conflict")
    assert again.question["sides"] == {"crm": agreed, "erp": "2"}
    assert w.crm.rows("Account")[native_id]["phone"] == agreed


def test_what_is_met_while_another_write_is_in_doubt_is_not_created_as_well(world):
    late = replace(SEARCHED["capabilities"], search_lag=timedelta(seconds=30))
    w = world(crm={"capabilities": late})
    account = w.crm.insert("Account", name="Acme", website="acme.example", active="perhaps")
    w.erp.script("write", *[Fail(RetryableError("500"))] * 3)
    w.cycle()
    (item,) = w.reviews("refused_value")
    w.crm.script("write", LostAnswer())
    w.decide(item, {"value": False})
    w.cycle()
    assert w.outbox() == {"intended": 1, "unknown": 1, "superseded": 1}
    twin = w.erp.insert("party", name="Acme", website="acme.example")
    w.cycle()
    w.cycle(3, pause=15)
    assert w.linked(account) == twin
    assert list(w.erp.rows("party")) == [twin]
    assert w.erp.rows("party")[twin]["active"] is False


def test_the_twin_of_what_a_person_says_that_we_made_is_asked_about(world):
    w = world(erp={"capabilities": replace(CAPABLE, idempotency=Idempotency.NONE)})
    account = w.crm.insert("Account", name="Acme")
    twin = w.erp.insert("party", name="Acme", phone="1")
    w.erp.script("page", Fail(RetryableError("reset")))  # it is not read before its twin is made
    w.erp.script("write", LostAnswer())
    w.cycle(3)
    (item,) = w.reviews()
    (made,) = w.erp.rows("party").keys() - {twin}
    assert item.kind == "unknown_outcome"
    w.decide(item, {"native_id": made})
    w.cycle(3)
    (asked,) = w.reviews()
    assert (asked.kind, asked.system, asked.native_id) == ("duplicate", "erp", twin)
    assert (list(w.crm.rows("Account")), w.linked(account)) == ([account], made)
