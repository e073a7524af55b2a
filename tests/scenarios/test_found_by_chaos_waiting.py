"""Faults that storms found in what waits: for its parent, and meanwhile for its twin."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import Idempotency
from connectors.errors import RetryableError
from tandem.chaos.faults import Fail, LostAnswer
from tandem.sync.agreement import compare
from tandem.sync.plan import plan
from tests.scenarios.world import CAPABLE

NOTHING = {"capabilities": replace(CAPABLE, idempotency=Idempotency.NONE)}


def test_records_that_refer_to_each_other_do_not_wait_for_ever(world):
    w = world()
    first = w.crm.insert("Account", name="Holding", website="holding.example")
    second = w.crm.insert("Account", name="Daughter", website="daughter.example", parent=first)
    w.crm.edit("Account", first, parent=second)
    w.cycle(4)
    rows = w.erp.rows("party")
    ids = {row["name"]: i for i, row in rows.items()}
    assert {row["name"]: row["parent"] for row in rows.values()} == {
        "Holding": ids["Daughter"],
        "Daughter": ids["Holding"],
    }
    assert compare(w.link, w.database).divergent == []


def _a_contact_of_an_unreadable_account(world):
    w = world(objects=("account", "contact"))
    other = w.crm.insert("Account", name="Acme")
    nameless = w.crm.insert("Account", name="")
    contact = w.crm.insert("Contact", given="Anna", family="Kowalska", account=nameless)
    w.cycle(2)
    assert w.inbox() == {"parked": 1}
    return w, contact, nameless, other


def test_what_waited_is_no_news_once_its_record_was_read_again(world):
    w, contact, nameless, other = _a_contact_of_an_unreadable_account(world)
    w.crm.edit("Contact", contact, account=other)
    w.cycle(3, pause=30)
    w.crm.edit("Account", nameless, name="Omega Trade")
    w.cycle(4)
    assert [row["account"] for row in w.erp.rows("person").values()] == [w.linked(other)]
    assert compare(w.link, w.database).divergent == []


def test_what_waited_is_no_way_out_of_quarantine(world):
    w, contact, nameless, _ = _a_contact_of_an_unreadable_account(world)
    w.crm.edit("Contact", contact, given="", family="")
    w.cycle(2)
    w.crm.edit("Account", nameless, name="Omega Trade")
    w.cycle(4)
    assert w.erp.rows("person") == {}
    w.crm.edit("Contact", contact, given="Ewa", family="Nowak")
    w.cycle(4)
    assert [row["given"] for row in w.erp.rows("person").values()] == ["Ewa"]


def _an_account_that_waits(w):
    """An account in the ERP whose parent nobody can read; ids of the two."""
    nameless = w.erp.insert("party", name="")
    return w.erp.insert("party", name="Acme", website="acme.example", parent=nameless), nameless


def _is_one_with_its_twin(w, account, waits, nameless):
    assert w.linked(account) == waits
    assert set(w.erp.rows("party")) == {waits, nameless}
    w.erp.edit("party", nameless, name="Omega Trade")
    w.cycle(4)
    assert w.linked(w.crm.rows("Account")[account]["parent"]) == nameless
    assert compare(w.link, w.database).divergent == []
    assert w.inbox() == {}


def test_what_waits_for_its_parent_is_met_by_its_twin(world):
    w = world()
    waits, nameless = _an_account_that_waits(w)
    w.cycle(2)
    assert w.inbox() == {"parked": 1}
    account = w.crm.insert("Account", name="Acme", website="acme.example")
    w.cycle(3)
    _is_one_with_its_twin(w, account, waits, nameless)


def test_a_plan_meets_the_twin_as_the_sync_does(world):
    w = world()
    waits, nameless = _an_account_that_waits(w)
    w.cycle(2)
    account = w.crm.insert("Account", name="Acme", website="acme.example")
    told = plan(w.link, w.database, clock=w.clock, ids=w.ids)
    assert (told.totals, told.waiting) == ({}, 0)
    w.cycle(3)
    _is_one_with_its_twin(w, account, waits, nameless)


def test_what_comes_with_its_twin_and_would_wait_for_its_parent_is_met(world):
    w = world()
    account = w.crm.insert("Account", name="Acme", website="acme.example")
    waits, nameless = _an_account_that_waits(w)
    w.cycle(3)
    _is_one_with_its_twin(w, account, waits, nameless)


def test_what_an_event_told_of_and_waits_for_its_parent_is_met_by_its_twin(world):
    w = world()
    w.cycle()
    waits, nameless = _an_account_that_waits(w)
    w.erp.script("page", *[Fail(RetryableError("reset"))] * 3)
    worker = w.pipeline()
    assert worker.open()
    worker.hint("account", "erp", waits)
    worker.close()
    w.cycle()
    account = w.crm.insert("Account", name="Acme", website="acme.example")
    w.cycle(4)
    _is_one_with_its_twin(w, account, waits, nameless)


def test_a_person_is_asked_whether_what_waits_for_its_parent_is_the_twin(world):
    w = world()
    waits, nameless = _an_account_that_waits(w)
    w.cycle(2)
    account = w.crm.insert("Account", name="Acme")
    w.cycle(3)
    (item,) = w.reviews("duplicate")
    assert (item.system, item.native_id) == ("erp", waits)
    assert (list(w.crm.rows("Account")), set(w.erp.rows("party"))) == ([account], {waits, nameless})
    w.decide(item, {"canonical_id": item.question["candidates"][0]["canonical_id"]})
    w.cycle(3)
    _is_one_with_its_twin(w, account, waits, nameless)


@pytest.mark.parametrize("named", ["before", "later"])
def test_a_reference_to_what_is_not_known_yet_is_not_written_over(world, named):
    w = world(policy={"default": "review"})
    waits, nameless = _an_account_that_waits(w)
    w.cycle(2)
    other = w.crm.insert("Account", name="Holding", website="holding.example")
    parent = other if named == "before" else None
    account = w.crm.insert("Account", name="Acme", website="acme.example", parent=parent)
    w.cycle(4)
    assert w.linked(account) == waits
    if named == "later":
        w.crm.edit("Account", account, parent=other)
        w.cycle(2)
    assert w.crm.rows("Account")[account]["parent"] == other
    assert w.erp.rows("party")[waits]["parent"] == nameless
    assert (w.reviews(), compare(w.link, w.database).divergent) == ([], [])
    w.erp.edit("party", nameless, name="Omega Trade")
    w.cycle(4)
    (item,) = w.reviews("conflict")
    known = {(r.system, r.native_id): r.canonical_id for r in w.crosswalk()}["erp", nameless]
    assert item.question["sides"]["erp"] == known
    w.decide(item, {"value": known})
    w.cycle(3)
    assert w.linked(w.crm.rows("Account")[account]["parent"]) == nameless
    assert w.erp.rows("party")[waits]["parent"] == nameless


def test_what_waits_for_its_parent_holds_up_nobody_who_is_unlike_it(world):
    w = world()
    waits, nameless = _an_account_that_waits(w)
    w.cycle(2)
    account = w.crm.insert("Account", name="Acme Catering", website="catering.example")
    w.cycle(3)
    assert set(w.erp.rows("party")) == {waits, nameless, w.linked(account)}
    assert w.inbox() == {"parked": 1}


def test_who_waits_for_its_parent_is_created_when_the_parent_is_linked(world):
    w = world(objects=("account", "contact"))
    account = w.crm.insert("Account", name="Acme", phone="1")
    twin = w.erp.insert("party", name="Acme", phone="2")
    w.crm.insert("Contact", given="Anna", family="Kowalska", account=account)
    w.cycle(3)
    assert (w.outbox(), w.inbox()) == ({"parked": 1}, {"in_review": 1})
    (item,) = w.reviews("duplicate")
    w.decide(item, {"canonical_id": item.question["candidates"][0]["canonical_id"]})
    w.cycle(3)
    assert [row["account"] for row in w.erp.rows("person").values()] == [twin]
    assert compare(w.link, w.database).divergent == []


def _a_twin_that_is_read_late(world, **settings):
    """The ERP cannot be read for a while; the record from the CRM is created there meanwhile."""
    w = world(**settings)
    account = w.crm.insert("Account", name="Acme")
    twin = w.erp.insert("party", name="Acme", phone="1")
    w.erp.script("page", Fail(RetryableError("reset")), Fail(RetryableError("reset")))
    w.cycle()
    assert w.linked(account) not in (None, twin)
    return w, account, twin


def test_a_twin_that_is_read_after_its_create_is_asked_about(world):
    w, account, twin = _a_twin_that_is_read_late(world)
    w.cycle(2)
    (item,) = w.reviews()
    assert (item.kind, item.system, item.native_id) == ("duplicate", "erp", twin)
    assert [c["values"] for c in item.question["candidates"]] == [{"name": "Acme"}]
    assert list(w.crm.rows("Account")) == [account]
    w.decide(item, {"canonical_id": None})
    w.cycle(3)
    assert len(w.crm.rows("Account")) == len(w.erp.rows("party")) == 2
    w.quiet(3)


def test_a_twin_is_asked_about_also_when_what_we_created_beside_it_was_deleted(world):
    w, account, twin = _a_twin_that_is_read_late(world, policy={"deletes": {"policy": "unlink"}})
    made = w.linked(account)
    w.erp.remove("party", made)
    worker = w.pipeline()
    assert worker.open()
    worker.hint("account", "erp", made)
    worker.drain()
    worker.close()
    assert w.linked(account) is None
    w.cycle(2)
    (item,) = w.reviews()
    assert (item.kind, item.system, item.native_id) == ("duplicate", "erp", twin)
    assert list(w.crm.rows("Account")) == [account]
    w.decide(item, {"canonical_id": item.question["candidates"][0]["canonical_id"]})
    w.cycle(3)
    assert w.linked(account) == twin
    assert (list(w.crm.rows("Account")), list(w.erp.rows("party"))) == ([account], [twin])
    assert compare(w.link, w.database).divergent == []


def test_a_namesake_that_is_entered_where_its_twin_stands_is_not_asked_about(world):
    w = world()
    account = w.crm.insert("Account", name="Acme")
    w.cycle(2)
    w.clock.advance(60)
    namesake = w.erp.insert("party", name="Acme", phone="1")
    w.cycle(3)
    assert w.reviews() == []
    assert {w.linked(i) for i in w.crm.rows("Account")} == {w.linked(account), namesake}


def test_what_may_be_a_lost_create_of_ours_is_waited_for_by_its_twin(world):
    late = replace(CAPABLE, idempotency=Idempotency.MARKER, search_lag=timedelta(hours=1))
    w = world(crm={"capabilities": late})
    lost = w.erp.insert("party", name="Dolmen Catering", website="dolmen.example")
    w.crm.script("write", LostAnswer(committed=False))
    w.cycle()
    nameless = w.crm.insert("Account", name="")
    account = w.crm.insert("Account", name="Acme", phone="1", parent=nameless)
    w.cycle()
    assert (w.inbox(), w.outbox()) == ({"parked": 1}, {"unknown": 1})
    twin = w.erp.insert("party", name="Acme", phone="2")
    w.cycle(3)
    assert w.outbox() == {"unknown": 1, "parked": 1}
    assert list(w.crm.rows("Account")) == [nameless, account]
    w.cycle(4, pause=1800)
    (item,) = w.reviews("duplicate")
    assert (item.system, item.native_id) == ("crm", account)
    w.decide(item, {"canonical_id": item.question["candidates"][0]["canonical_id"]})
    w.cycle(3)
    assert w.linked(account) == twin
    assert set(w.erp.rows("party")) == {lost, twin}
    assert len(w.crm.rows("Account")) == 3
    assert w.outbox().get("parked", 0) == 0
