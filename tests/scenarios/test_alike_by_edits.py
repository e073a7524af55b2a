"""Two known records that edits make look like one: one question, and never a merge unasked."""

from __future__ import annotations

import pytest

from connectors.base import Operation
from connectors.errors import RetryableError
from tandem.chaos.faults import Fail, LostAnswer
from tandem.merge import merge, preview_merge
from tandem.state import apart, review
from tests.scenarios.test_merge_in_tandem import able, operations, state_of

AFM, OTHER_AFM = "EL094014201", "EL094019245"


@pytest.fixture
def two(world):
    """Two accounts on both sides that only a name connects; their ids in the CRM."""
    w = world(
        policy={"merges": "follow"},
        crm={"capabilities": able("Account")},
        erp={"capabilities": able("party")},
        objects=("account", "contact"),
    )
    c1, _ = w.pair(name="Acme Trading", phone="+30 210 6302000", active=True)
    c2, _ = w.pair(name="Zeta Works", phone="+30 210 6302100", active=True)
    assert w.reviews() == []
    return w, c1, c2


def make_alike(w, c2):
    w.crm.edit("Account", c2, name="ACME Trading", phone="+30 210 6302000")
    w.cycle(3)


def ids(w, *crm):
    return [state_of(w, ("crm", native_id))[1] for native_id in crm]


def test_one_question_for_the_pair_with_its_evidence(two):
    w, c1, c2 = two
    make_alike(w, c2)
    (item,) = w.reviews()
    assert item.kind == "duplicate"
    assert {p["canonical_id"] for p in item.question["pair"]} == set(ids(w, c1, c2))
    assert {level["field"] for level in item.question["levels"]} == {"name", "phone"}
    assert item.question["probability"] >= 0.2
    assert w.crm.rows("Account").keys() == {c1, c2}
    w.quiet(3)
    assert [again.id for again in w.reviews()] == [item.id]


def test_however_sure_the_evidence_nothing_is_merged_unasked(two):
    w, c1, c2 = two
    for native_id in (c1, c2):
        w.crm.edit("Account", native_id, name="Acme Trading", tax_id=AFM, website="acme.example")
    w.cycle(3)
    (item,) = w.reviews()
    assert item.question["probability"] > 0.99
    assert Operation.MERGE not in {*operations(w.crm), *operations(w.erp)}
    w.quiet(3)


def test_an_edit_in_either_system_counts(two):
    w, c1, c2 = two
    w.crm.edit("Account", c1, tax_id=AFM, website="acme.example")
    w.cycle(3)
    assert w.reviews() == []
    w.erp.edit("party", w.linked(c2), tax_id=AFM, name="Acme Trading")
    w.cycle(3)
    (item,) = w.reviews()
    assert {p["canonical_id"] for p in item.question["pair"]} == set(ids(w, c1, c2))


def test_what_was_not_worth_a_question_is_none_until_an_edit_says_more(world):
    w = world()
    w.pair(name="Acme Trading", phone="+30 210 6302000")
    c2, _ = w.pair(name="Acme Trading", phone="+30 210 6302100")
    w.crm.edit("Account", c2, phone="+30 210 6302200", industry="trade")
    w.cycle(3)
    assert w.reviews() == []
    w.crm.edit("Account", c2, phone="+30 210 6302000")
    assert w.cycle()["asked"] == 1
    (item,) = w.reviews()
    assert {each["level"] for each in item.question["levels"]} >= {"exact", "same phone"}


@pytest.mark.parametrize("survivor", [0, 1])
def test_the_answer_merges_them_in_both_systems(two, survivor):
    w, *crm = two
    make_alike(w, crm[1])
    (item,) = w.reviews()
    stays = ids(w, *crm)[survivor]
    w.decide(item, {"merge_into": stays})
    w.cycle(4)
    assert w.crm.rows("Account").keys() == {crm[survivor]}
    assert len(w.erp.rows("party")) == 1
    assert w.reviews() == []
    w.quiet(3)


def test_kept_apart_they_are_never_asked_about_again(two):
    w, c1, c2 = two
    make_alike(w, c2)
    (item,) = w.reviews()
    w.decide(item, {"keep_apart": True})
    w.cycle(3)
    one, other = ids(w, c1, c2)
    with w.database.begin() as connection:
        assert apart.of(connection, [one]) == {one: {other}}
    for native_id in (c1, c2):
        w.crm.edit("Account", native_id, website="acme.example", tax_id=AFM)
        w.cycle(2)
    assert w.reviews() == []
    assert w.crm.rows("Account").keys() == {c1, c2}
    w.quiet(3)


def test_the_question_follows_the_values_and_ends_with_the_likeness(two):
    w, c1, c2 = two
    make_alike(w, c2)
    (asked,) = w.reviews()
    w.crm.edit("Account", c1, website="acme.example")
    w.cycle(2)
    (item,) = w.reviews()
    assert (item.id, item.version > asked.version) == (asked.id, True)
    shown = {p["canonical_id"]: p["values"].get("website") for p in item.question["pair"]}
    assert shown[ids(w, c1)[0]] == "acme.example"
    w.crm.edit("Account", c1, tax_id=AFM)
    w.crm.edit("Account", c2, tax_id=OTHER_AFM)
    w.cycle(2)
    assert w.reviews() == []
    w.quiet(3)


def test_a_deleted_record_is_nobodys_twin(world):
    w = world(policy={"deletes": {"policy": "propagate"}})
    (c1, _), (c2, _) = w.pair(name="Acme Trading"), w.pair(name="Zeta Works", phone="2")
    w.pair(name="Omega")
    w.crm.edit("Account", c1, phone="+30 210 6302000")
    make_alike(w, c2)
    assert len(w.reviews()) == 1
    w.crm.remove("Account", c1)
    w.cycle(3)
    assert w.reviews() == []
    w.crm.edit("Account", c2, website="acme.example")
    w.cycle(2)
    assert w.reviews() == []


def test_a_command_merges_what_is_asked_about_whichever_stays(two):
    w, c1, c2 = two
    make_alike(w, c2)
    for stays, goes in ((c2, c1), (c1, c2)):
        preview_merge(w.database, w.config, survivor=ids(w, stays)[0], loser=ids(w, goes)[0])
    one, other = ids(w, c1, c2)
    (item,) = w.reviews()
    first = item.canonical_id
    loser, survivor = first, ({one, other} - {first}).pop()
    merge(w.database, w.config, survivor=survivor, loser=loser, person="s", at=w.clock.now())
    w.cycle(4)
    assert len(w.crm.rows("Account")) == len(w.erp.rows("party")) == 1
    assert w.reviews() == []


def test_a_merge_ends_the_questions_about_the_one_that_went(two):
    w, c1, c2 = two
    make_alike(w, c2)
    c3, _ = w.pair(name="Omega Holding", phone="+30 210 7777777", active=True)
    one, two_, three = ids(w, c1, c2, c3)
    merge(w.database, w.config, survivor=three, loser=two_, person="s", at=w.clock.now())
    w.cycle(4)
    # The survivor is an Omega, with an Omega's phone: it looks like nobody.
    assert w.reviews() == []
    assert w.crm.rows("Account").keys() == {c1, c3}
    with w.database.begin() as connection:
        assert apart.of(connection, [one, three]) == {}


def test_contacts_of_one_account_too(two):
    w, c1, _ = two
    for given, phone in (("Ann", "+30 210 6302001"), ("Berta", "+30 210 6302002")):
        w.crm.insert("Contact", given=given, family="Lee", phone=phone, account=c1)
    w.cycle(4)
    assert w.reviews() == []
    berta = next(i for i, row in w.crm.rows("Contact").items() if row["given"] == "Berta")
    w.crm.edit("Contact", berta, given="Ann", phone="+30 210 6302001")
    w.cycle(3)
    (item,) = w.reviews()
    assert (item.object, len(item.question["pair"])) == ("contact", 2)


def test_who_took_over_a_record_is_kept_apart_from_whom_it_was(two):
    w, c1, c2 = two
    make_alike(w, c2)
    (item,) = w.reviews()
    w.decide(item, {"keep_apart": True})
    c3, _ = w.pair(name="Omega Holding", phone="+30 210 7777777", active=True)
    w.cycle(2)
    survivor, loser, other = ids(w, c3, c2, c1)
    merge(w.database, w.config, survivor=survivor, loser=loser, person="s", at=w.clock.now())
    w.cycle(4)
    w.crm.edit("Account", c3, name="Acme Trading", phone="+30 210 6302000", website="acme.example")
    w.crm.edit("Account", c1, website="acme.example", tax_id=AFM)
    w.cycle(3)
    assert w.reviews() == []
    with w.database.begin() as connection:
        assert apart.of(connection, [other]) == {other: {survivor, loser}}
    w.quiet(3)


def test_an_answer_is_about_what_the_records_have_become_meanwhile(two):
    w, c1, c2 = two
    c3, _ = w.pair(name="Omega Holding", phone="+30 210 7777777", active=True)
    make_alike(w, c2)
    (item,) = w.reviews()
    w.decide(item, {"keep_apart": True})
    w.crm.merge("Account", c2, c3)
    w.cycle(4)
    # The merge that somebody made in the CRM stands, and who came of it is kept apart.
    one, gone, survivor = ids(w, c1, c2, c3)
    assert (gone, state_of(w, ("crm", c2))[0]) == (survivor, "merged")
    with w.database.begin() as connection:
        assert survivor in apart.of(connection, [one])[one]
    assert w.reviews() == []
    w.quiet(3)


@pytest.mark.parametrize("survivor", [0, 1])
def test_an_answer_that_meets_a_merge_of_the_two_takes_it_back(two, survivor):
    w, *crm = two
    make_alike(w, crm[1])
    (item,) = w.reviews()
    w.decide(item, {"keep_apart": True})
    w.crm.merge("Account", crm[1 - survivor], crm[survivor])
    w.cycle(5)
    one, other = ids(w, *crm)
    with w.database.begin() as connection:
        assert apart.of(connection, [one]) == {one: {other}}
    assert w.crm.rows("Account").keys() == set(crm)
    assert len({w.linked(native_id) for native_id in crm}) == len(w.erp.rows("party")) == 2
    assert w.reviews() == []
    w.quiet(3)


@pytest.mark.parametrize("gone", [0, 1])
def test_an_answer_waits_for_a_write_and_is_then_about_who_the_records_are(two, gone):
    w, *crm = two
    c3, _ = w.pair(name="Omega Holding", phone="+30 210 7777777", active=True)
    make_alike(w, crm[1])
    (item,) = w.reviews()
    w.erp.script("write", LostAnswer())
    w.erp.script("read", *[Fail(RetryableError("busy"))] * 2)
    w.crm.edit("Account", crm[1 - gone], industry="steel")
    w.cycle()
    w.decide(item, {"keep_apart": True})
    w.crm.merge("Account", crm[gone], c3)
    w.cycle(12, pause=60)
    survivor, other = ids(w, c3, crm[1 - gone])
    assert state_of(w, ("crm", crm[gone])) == ("merged", survivor)
    with w.database.begin() as connection:
        assert survivor in apart.of(connection, [other])[other]
        assert review.for_chains(connection, [survivor, other]) == {}
        assert review.counts(connection, "customers") == {}
