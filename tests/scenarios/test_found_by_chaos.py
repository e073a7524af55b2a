"""What storms have found, each as the shortest story that shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import Idempotency
from connectors.errors import RetryableError
from tandem.chaos.faults import Fail, Killed, LostAnswer, RateLimit
from tandem.errors import FencedError
from tandem.mapping.transforms import emails
from tandem.state import inbox
from tandem.sync.agreement import compare
from tests.scenarios.test_doubles import a_double
from tests.scenarios.world import CAPABLE

NOTHING = {"capabilities": replace(CAPABLE, idempotency=Idempotency.NONE)}


def _die_at(step):
    def die(at):
        if at == step:
            raise Killed

    return die


def test_a_worker_that_dies_while_creating_where_nothing_tells_leaves_a_question(world):
    w = world(erp=NOTHING)
    w.crm.insert("Account", name="Acme")
    w.checkpoint = _die_at("push.sent")
    with pytest.raises(Killed):
        w.cycle()
    w.checkpoint = lambda _step: None
    w.clock.advance(100)
    w.cycle(3)
    assert [item.kind for item in w.reviews()] == ["unknown_outcome"]
    assert len(w.erp.rows("party")) == 1


def test_a_record_made_anew_is_known_again_by_little_while_its_outcome_is_open(world):
    w = world(erp=NOTHING, policy={"deletes": {"policy": "restore"}})
    native_id, partner = w.pair()  # a name is all that there is
    w.erp.script("write", LostAnswer())
    w.erp.remove("party", partner)
    w.cycle(3)
    (item,) = w.reviews("unknown_outcome")
    (anew,) = w.erp.rows("party")
    w.decide(item, {"native_id": anew})
    w.cycle(3)
    assert w.linked(native_id) == anew
    assert list(w.crm.rows("Account")) == [native_id]


def _named_after_it_was_met(world, **settings):
    """A record of ours that somebody changes beyond recognition before we know that it is ours."""
    w = world(erp=NOTHING, **settings)
    native_id = w.crm.insert("Account", name="Acme", website="acme.example")
    w.erp.script("write", LostAnswer())
    w.cycle()
    (partner,) = w.erp.rows("party")
    w.erp.edit("party", partner, name="Omega Trade", website="omega.example")
    w.cycle(3)
    (item,) = w.reviews("unknown_outcome")
    (taken_for,) = w.crm.rows("Account").keys() - {native_id}
    return w, item, native_id, partner, taken_for


def test_a_record_that_a_person_names_is_not_taken_from_the_one_that_has_it(world):
    w, item, native_id, partner, taken_for = _named_after_it_was_met(world)
    w.decide(item, {"native_id": partner})
    w.cycle(4)
    assert w.linked(native_id) == partner
    assert len({row.canonical_id for row in w.crosswalk()}) == 1
    assert {row.native_id: row.state for row in w.crosswalk() if row.system == "crm"} == {
        native_id: "linked",
        taken_for: "merged",
    }
    assert len(w.erp.rows("party")) == 1
    assert compare(w.link, w.database).divergent == []


def test_a_record_that_a_person_names_takes_the_place_of_a_deleted_one(world):
    policy = {"deletes": {"policy": "restore"}}
    w, item, native_id, partner, taken_for = _named_after_it_was_met(world, policy=policy)
    w.crm.remove("Account", native_id)
    w.cycle()
    w.decide(item, {"native_id": partner})
    w.cycle(4)
    assert list(w.crm.rows("Account")) == [taken_for]
    assert w.linked(taken_for) == partner
    assert w.crm.rows("Account")[taken_for].get("active") is not False
    assert compare(w.link, w.database).divergent == []


def test_what_waits_for_a_record_goes_on_when_a_person_names_it(world):
    w = world(erp=NOTHING, objects=("account", "contact"))
    parent = w.crm.insert("Account", name="Acme")
    w.crm.insert("Contact", given="Anna", family="Kowalska", account=parent)
    w.erp.script("write", LostAnswer())
    w.cycle(2)
    (item,) = w.reviews("unknown_outcome")
    (partner,) = w.erp.rows("party")
    w.decide(item, {"native_id": partner})
    w.cycle(4)
    assert [row["account"] for row in w.erp.rows("person").values()] == [partner]


def test_a_side_that_nobody_has_read_yet_is_not_written_to(world):
    w = world(erp=NOTHING, policy={"default": "latest"})
    native_id = w.crm.insert("Account", name="Acme", phone="1")
    w.erp.script("write", LostAnswer())
    w.cycle(2)
    (item,) = w.reviews("unknown_outcome")
    (partner,) = w.erp.rows("party")
    w.erp.edit("party", partner, website="acme.example")
    w.crm.edit("Account", native_id, phone="2")
    w.decide(item, {"native_id": partner})
    w.cycle(4)
    assert w.erp.rows("party")[partner]["website"] == "acme.example"
    assert w.crm.rows("Account")[native_id]["website"] == "acme.example"


def test_a_create_found_out_later_is_not_taken_to_have_its_parent(world):
    w = world(erp={"capabilities": replace(CAPABLE, idempotency=Idempotency.MARKER)})
    first = w.erp.insert("party", name="Unrelated Ltd")
    w.cycle(3)
    parent = w.crm.insert("Account", name="Holding", website="holding.example")
    child = w.crm.insert("Account", name="Daughter", website="daughter.example", parent=parent)
    w.crm.edit("Account", parent, parent=child)
    w.erp.script("write", LostAnswer())
    w.cycle(6, pause=30)
    rows = w.erp.rows("party")
    parents = {row["name"]: row.get("parent") for i, row in rows.items() if i != first}
    ids = {row["name"]: i for i, row in rows.items()}
    assert parents == {"Holding": ids["Daughter"], "Daughter": ids["Holding"]}
    assert w.crm.rows("Account")[child]["parent"] == parent
    w.quiet()


def test_a_value_set_back_before_a_lost_answer_is_looked_into_is_an_edit(world):
    w = world(policy={"default": "review"})
    native_id, partner = w.pair(phone="1")
    w.crm.script("write", LostAnswer())
    w.erp.edit("party", partner, phone="2")
    w.cycle()
    w.crm.edit("Account", native_id, phone="1")  # our write of 2 was carried out: set back
    w.cycle(4)
    (item,) = w.reviews("conflict")
    assert item.question["sides"] == {"crm": "1", "erp": "2"}
    assert w.crm.rows("Account")[native_id]["phone"] == "1"


def test_a_value_that_is_cleared_before_a_lost_answer_is_looked_into_stays_cleared(world):
    w = world(policy={"default": "most_complete"})
    native_id, partner = w.pair(phone="1")
    w.crm.script("write", LostAnswer())
    w.erp.edit("party", partner, phone="2")
    w.cycle()
    w.crm.edit("Account", native_id, phone=None)  # neither what stood there nor what we wrote
    w.crm.script("read", Fail(RetryableError("500")))  # it is polled before it is looked into
    w.cycle(4)
    (fact,) = [f for f in w.facts("golden.changed") if "losers" in f.cause.get("phone", {})]
    assert fact.cause["phone"]["losers"] == {"crm": None}
    w.quiet()


def test_a_record_whose_version_nobody_told_is_looked_at_before_it_is_written_to(world):
    w = world(policy={"default": "review"}, erp={"tells_version": False})
    native_id = w.crm.insert("Account", name="Acme", phone="1")
    w.cycle()
    (partner,) = w.erp.rows("party")
    w.erp.script("page", Fail(RetryableError("reset")))  # our create is not read back
    w.erp.edit("party", partner, phone="3")
    w.crm.edit("Account", native_id, phone="2")
    w.cycle(3)
    (item,) = w.reviews("conflict")
    assert item.question["sides"] == {"crm": "2", "erp": "3"}
    assert w.erp.rows("party")[partner]["phone"] == "3"


def test_a_decision_that_overrules_an_edit_it_has_not_seen_names_it(world):
    w = world()
    native_id, partner = w.pair(phone="1")
    w.crm.edit("Account", native_id, active="perhaps")
    w.cycle(2)
    (item,) = w.reviews("refused_value")
    w.erp.edit("party", partner, active=True)
    w.decide(item, {"value": False})
    w.cycle(3)
    losers = [
        f.cause["active"].get("losers") for f in w.facts("golden.changed") if "active" in f.cause
    ]
    assert losers[-1] == {"erp": True}


def test_a_text_that_nobody_can_read_is_kept_in_the_audit_when_it_is_overwritten(world):
    w = world(policy={"default": "latest"})
    native_id, partner = w.pair(active=True)
    w.crm.edit("Account", native_id, active="perhaps")
    w.erp.edit("party", partner, active=False)
    w.cycle(3)
    assert w.crm.rows("Account")[native_id]["active"] is False
    (fact,) = w.facts("text.replaced")
    assert (fact.system, fact.native_id) == ("crm", native_id)
    assert fact.before == {"active": "perhaps"}


def test_a_record_in_quarantine_names_its_differences(world):
    w = world()
    native_id, _ = w.pair(phone="1")
    w.crm.edit("Account", native_id, name="", phone="2")
    w.cycle(2)
    found = compare(w.link, w.database)
    assert found.divergent == []
    assert {difference.field for difference in found.named} >= {"phone"}


def test_a_worker_that_slept_until_another_took_over_writes_nothing(world):
    w = world(erp={"capabilities": replace(CAPABLE, idempotency=Idempotency.MARKER)})
    w.crm.insert("Account", name="Acme")

    def sleep(at):
        if at == "push.sending" and w.clock.now() < start + timedelta(seconds=60):
            w.clock.advance(100)
            successor = w.pipeline("successor")
            assert successor.open()
            successor.cycle()
            successor.close()

    start = w.clock.now()
    w.checkpoint = sleep
    worker = w.pipeline("sleeper")
    assert worker.open()
    with pytest.raises(FencedError):
        worker.cycle()
    assert len(w.erp.rows("party")) == 1


def _asked_whether_they_are_one(world):
    w = world()
    account = w.crm.insert("Account", name="Acme", phone="1")
    twin = w.erp.insert("party", name="Acme", phone="2")
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    assert (item.native_id, w.linked(account)) == (twin, None)
    return w, account, twin


def test_a_candidate_is_created_when_the_record_that_it_may_be_is_deleted(world):
    w, account, twin = _asked_whether_they_are_one(world)
    w.erp.remove("party", twin)
    w.cycle(3)
    assert w.reviews() == []
    assert list(w.erp.rows("party")) == [w.linked(account)]


def test_a_candidate_is_created_when_the_record_that_it_may_be_becomes_another(world):
    w, account, twin = _asked_whether_they_are_one(world)
    w.erp.edit("party", twin, name="Quite Different Industries")
    w.cycle(3)
    assert w.reviews() == []
    assert set(w.erp.rows("party")) == {twin, w.linked(account)}


def test_who_names_a_double_follows_it_when_it_is_kept_apart(world):
    w, (_, _, double, _), item = a_double(world, objects=("account", "contact"))
    contact = w.crm.insert("Contact", given="Anna", family="Kowalska", account=double)
    w.cycle(3)
    w.decide(item, {"keep_apart": True})
    w.cycle(4)
    assert [row["account"] for row in w.erp.rows("person").values()] == [w.linked(double)]
    assert w.crm.rows("Contact")[contact]["account"] == double
    assert compare(w.link, w.database).divergent == []


def test_who_waits_for_an_outcome_waits_in_no_circle(world):
    w = world()
    with w.database.begin() as connection:
        assert inbox.parked_on(connection, inbox.outcome_of("0" * 32)) is None


def test_an_empty_answer_about_a_set_is_written_as_an_empty_set():
    assert emails().write(None, None) == []
    assert emails(native="text").write(None, None) is None


def test_a_record_made_anew_under_a_known_key_holds_nothing_of_the_deleted_one(world):
    w = world(erp={"capabilities": replace(CAPABLE, idempotency=Idempotency.KEY)})
    w.crm.insert("Account", name="Acme")
    w.erp.script("write", LostAnswer())
    w.cycle()
    (partner,) = w.erp.rows("party")
    w.erp.edit("party", partner, phone="1")
    w.erp.remove("party", partner)
    w.cycle(4)
    assert [row.get("phone") for row in w.erp.rows("party").values()] == [None]


def test_a_create_that_its_system_knows_by_its_key_is_found_out_about_at_once(world):
    by_key = replace(CAPABLE, idempotency=Idempotency.KEY, search_lag=timedelta(seconds=20))
    w = world(erp={"capabilities": by_key}, policy={"deletes": {"policy": "propagate"}})
    account = w.crm.insert("Account", name="Acme")
    w.erp.script("write", LostAnswer())
    w.cycle(2)
    partner = w.linked(account)
    w.erp.remove("party", partner)
    w.cycle(3)
    assert (w.crm.rows("Account"), w.erp.rows("party")) == ({}, {})


SEARCHED = {
    "capabilities": replace(
        CAPABLE, idempotency=Idempotency.MARKER, search_lag=timedelta(seconds=20)
    )
}


def test_what_we_created_is_not_met_as_new_when_it_is_edited_before_we_know(world):
    w = world(erp=SEARCHED)
    account = w.crm.insert("Account", name="Acme", website="acme.example")
    w.erp.script("write", LostAnswer())
    w.cycle()
    (partner,) = w.erp.rows("party")
    w.erp.edit("party", partner, name="Omega Trade", website="omega.example")
    w.cycle(3)
    assert (list(w.crm.rows("Account")), w.inbox()) == ([account], {"parked": 1})
    w.cycle(3, pause=20)
    assert w.linked(account) == partner
    assert [row["name"] for row in w.crm.rows("Account").values()] == ["Omega Trade"]
    assert (len(w.erp.rows("party")), w.inbox()) == (1, {})
    assert compare(w.link, w.database).divergent == []


def test_a_new_record_waits_for_a_create_whose_answer_was_lost_no_longer_than_that(world):
    w = world(erp=SEARCHED)
    w.crm.insert("Account", name="Acme", website="acme.example")
    w.erp.script("write", LostAnswer(committed=False))
    w.cycle()
    own = w.erp.insert("party", name="Omega Trade", website="omega.example")
    w.cycle()
    assert w.inbox() == {"parked": 1}
    w.cycle(3, pause=20)
    names = {row["name"] for row in w.crm.rows("Account").values()}
    assert names == {row["name"] for row in w.erp.rows("party").values()}
    assert (len(w.crm.rows("Account")), len(w.erp.rows("party"))) == (2, 2)
    assert own in w.erp.rows("party")
    assert w.inbox() == {}


@pytest.mark.parametrize("committed", [True, False])
def test_what_waits_for_a_create_goes_on_when_its_source_was_deleted_meanwhile(world, committed):
    w = world(policy={"deletes": {"policy": "propagate"}})
    account = w.crm.insert("Account", name="Acme", website="acme.example")
    w.erp.script("write", LostAnswer(committed=committed), RateLimit(retry_after=60))
    w.cycle()
    own = w.erp.insert("party", name="Omega Trade", website="omega.example")
    w.crm.remove("Account", account)
    w.cycle(3)
    w.cycle(3, pause=60)
    assert w.inbox() == {}
    assert list(w.erp.rows("party")) == [own]
    assert [row["name"] for row in w.crm.rows("Account").values()] == ["Omega Trade"]


@pytest.mark.parametrize("clears", [False, True])
def test_a_reference_emptied_after_its_target_was_deleted_is_an_edit_where_none_vanishes(
    world, clears
):
    capabilities = replace(CAPABLE, clears_references=clears)
    policy = {"deletes": {"policy": "unlink"}}
    w = world(objects=("account", "contact"), erp={"capabilities": capabilities}, policy=policy)
    account = w.crm.insert("Account", name="Acme")
    contact = w.crm.insert("Contact", given="Anna", family="Kowalska", account=account)
    w.cycle(4)
    w.erp.remove("party", w.linked(account))
    w.cycle(2)
    (person,) = w.erp.rows("person")
    w.erp.edit("person", person, account=None)
    w.cycle(3)
    assert w.crm.rows("Contact")[contact]["account"] == (account if clears else None)
    told = [f.after["account"] for f in w.facts("golden.changed") if "account" in f.after]
    assert told[1:] == ([] if clears else [None])
    w.quiet()


@pytest.mark.parametrize("committed", [True, False])
def test_what_may_have_been_cleared_after_a_lost_answer_is_filled_again_and_told(world, committed):
    w = world()
    native_id, partner = w.pair()
    w.erp.script("write", LostAnswer(committed=committed))
    w.crm.edit("Account", native_id, phone="1")
    w.cycle()
    w.erp.edit("party", partner, phone=None, industry="Retail")
    w.cycle(3)
    assert w.crm.rows("Account")[native_id]["phone"] == "1"
    assert w.erp.rows("party")[partner]["phone"] == "1"
    (fact,) = w.facts("clearing.doubted")
    assert (fact.system, fact.native_id) == ("erp", partner)
    assert (fact.before, fact.after) == ({"phone": "1"}, {"phone": None})
    w.quiet(3)


def test_a_value_that_is_cleared_after_a_lost_answer_was_looked_into_stays_cleared(world):
    w = world()
    native_id, partner = w.pair()
    w.erp.script("write", LostAnswer())
    w.crm.edit("Account", native_id, phone="1")
    w.cycle()

    def clear(at):
        if at == "doubts.settled" and w.erp.rows("party")[partner].get("phone"):
            w.erp.edit("party", partner, phone=None)

    w.checkpoint = clear
    w.cycle(3)
    assert w.crm.rows("Account")[native_id]["phone"] is None
    assert w.erp.rows("party")[partner]["phone"] is None
    assert w.facts("clearing.doubted") == []
    w.quiet(3)


def test_a_name_of_nobody_is_no_empty_reference_after_a_lost_answer(world):
    w = world(objects=("account", "contact"))
    account = w.crm.insert("Account", name="Acme")
    contact = w.crm.insert("Contact", given="Anna", family="Kowalska", account=account)
    w.cycle(4)
    (person,) = w.erp.rows("person")
    w.crm.script("write", LostAnswer(committed=False))
    w.erp.edit("person", person, account=None)
    w.cycle()
    nameless = w.crm.insert("Account", name="")
    w.crm.edit("Contact", contact, account=nameless)
    w.cycle(2)
    w.erp.edit("person", person, account=w.linked(account))
    w.crm.script("write", Fail(RetryableError("busy")))
    w.cycle()
    w.crm.edit("Contact", contact, account=None)
    w.cycle(3, pause=30)
    assert (w.crm.rows("Contact")[contact]["account"], w.erp.rows("person")[person]["account"]) == (
        None,
        None,
    )


@pytest.mark.parametrize("checks", [True, False])
def test_an_edit_is_not_overwritten_while_another_write_of_its_record_is_in_doubt(world, checks):
    lagging = replace(CAPABLE, search_lag=timedelta(seconds=900), conditional_writes=checks)
    w = world(
        policy={"default": "latest"},
        crm={"capabilities": replace(lagging, idempotency=Idempotency.MARKER)},
        erp={"capabilities": lagging},
    )
    native_id, partner = w.pair(phone="1", industry="Retail")
    w.crm.edit("Account", native_id, phone="2")
    w.erp.edit("party", partner, industry="Steel")
    w.crm.script("write", LostAnswer())
    w.checkpoint = _die_at("push.recorded")
    with pytest.raises(Killed):
        w.cycle()
    w.checkpoint = lambda _step: None
    assert w.outbox() == {"accepted": 1, "intended": 1, "unknown": 1}
    w.clock.advance(100)
    w.erp.edit("party", partner, phone="3")
    w.cycle(3)
    assert w.erp.rows("party")[partner]["phone"] == "3"
    w.cycle(3, pause=600)
    assert w.erp.rows("party")[partner]["phone"] == w.crm.rows("Account")[native_id]["phone"] == "3"
    w.quiet()
