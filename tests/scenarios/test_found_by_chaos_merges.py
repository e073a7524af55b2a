"""What storms have found about merges and unmerges, each as the shortest story of it."""

from __future__ import annotations

from dataclasses import replace

from connectors.base import Operation, Record, Rejected
from connectors.errors import RecordError, RetryableError
from tandem.chaos.faults import Fail, LostAnswer
from tandem.replay import replay_dead_letters
from tandem.state import review
from tandem.state.chain import SideState
from tandem.state.inbox import Cause
from tandem.sync.agreement import compare
from tandem.sync.references import follow_merges_in_answers
from tests.scenarios.test_21_merge_and_unmerge_at_the_source import (
    MERGES,
    shown,
    state_of,
    two_pairs,
)
from tests.scenarios.world import CAPABLE


def follow(w, **rules):
    """From now on other rules, by which merges are followed."""
    told = w.config.model_dump(mode="json")
    for name, each in rules.items():
        told["objects"][name] |= {"merges": "follow"} | each
    w.config = w.config.model_validate(told)


def agree(w) -> bool:
    return compare(w.link, w.database).divergent == []


def merged_into_one_without_a_record(world, deletes=None, **survivor):
    """c2-e2 merged into c1, which has no record in the ERP: e2 is its record for as long."""
    rules = {"merges": "follow", "default": "latest", "create_in": ["crm"]}
    w = world(policy=rules | ({"deletes": deletes} if deletes else {}))
    e2 = w.erp.insert("party", name="Zeta", phone="2", active=True)
    w.cycle(3)
    (c2,) = w.crm.rows("Account")
    c1 = w.crm.insert("Account", name="Acme", phone="1", active=True, **survivor)
    w.cycle(3)
    merge = w.crm.merge("Account", c2, c1)
    w.cycle(4)
    return w, (c1, c2, e2), merge


def test_a_reference_that_is_typed_in_the_moment_of_the_merge_means_the_survivor(world):
    w, (c1, _), (c2, e2) = two_pairs(world, "follow")
    w.erp.edit("party", w.linked(c1), parent=e2)
    newcomer = w.crm.insert("Account", name="Omega", active=True)
    w.crm.merge("Account", c2, newcomer)
    w.cycle(5)
    assert w.linked(newcomer) == e2
    assert w.crm.rows("Account")[c1]["parent"] == newcomer
    assert w.erp.rows("party")[w.linked(c1)]["parent"] == e2
    assert agree(w)


def test_what_a_record_said_itself_before_it_was_ever_linked_stays_after_an_unmerge(world):
    w = world(policy={"merges": "follow", "default": "latest"}, erp={"capabilities": MERGES})
    c2, _ = w.pair(name="Zeta", industry="steel", active=True)
    c1 = w.crm.insert("Account", name="Acme", phone="7", active=True)
    merge = w.crm.merge("Account", c2, c1)
    w.cycle(4)
    w.crm.unmerge(merge)
    w.cycle(5)
    assert w.crm.rows("Account")[c1]["phone"] == "7"
    assert w.erp.rows("party")[w.linked(c1)]["phone"] == "7"
    assert w.erp.rows("party")[w.linked(c2)].get("phone") is None
    w.quiet()


def test_a_record_that_refers_to_itself_makes_no_survivor_refer_to_itself(world):
    w, (c1, e1), (c2, _) = two_pairs(world, "follow", CAPABLE)
    w.crm.edit("Account", c2, parent=c2)
    w.cycle(3)
    w.crm.merge("Account", c2, c1)
    w.cycle(5)
    assert w.crm.rows("Account")[c1].get("parent") is None
    assert w.erp.rows("party")[e1].get("parent") is None
    w.quiet()


def test_the_key_of_a_create_is_never_used_for_a_second_record(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "review")
    w.crm.merge("Account", c2, c1)
    w.cycle(3)
    c3 = w.crm.insert("Account", name="Omega", active=True)
    w.cycle(3)
    # Nobody has said yet what becomes of e2, and the ERP merges it into another one.
    w.erp.merge("party", e2, w.linked(c3))
    w.cycle(3)
    w.crm.edit("Account", c2, name="Zeta", phone="2", industry="steel", active=True)
    w.cycle(5)
    created = [x.key for x in w.erp.writes if x.operation is Operation.CREATE]
    assert len(created) == len(set(created)) == 2
    assert w.linked(c2) not in {None, e1, e2, w.linked(c3)}


def test_what_was_written_into_a_merged_record_is_nobodys_edit_after_the_unmerge(world):
    w, (c1, c2, e2), merge = merged_into_one_without_a_record(world, industry="wood")
    assert w.erp.rows("party")[e2]["name"] == "Acme"
    w.crm.unmerge(merge)
    w.cycle(5)
    party, account = w.erp.rows("party")[e2], w.crm.rows("Account")[c2]
    assert (party["name"], party["phone"], party["industry"]) == ("Zeta", "2", None)
    assert (account["name"], account["phone"], account.get("industry")) == ("Zeta", "2", None)
    assert w.crm.rows("Account")[c1]["name"] == "Acme"
    w.quiet()


def test_an_edit_made_in_a_merged_record_stays_with_it_after_the_unmerge(world):
    w, (c1, c2, e2), merge = merged_into_one_without_a_record(world)
    w.erp.edit("party", e2, phone="9")
    w.cycle(3)
    assert w.crm.rows("Account")[c1]["phone"] == "9"
    w.crm.unmerge(merge)
    w.cycle(5)
    assert w.erp.rows("party")[e2]["phone"] == w.crm.rows("Account")[c2]["phone"] == "9"
    assert w.crm.rows("Account")[c1]["phone"] == "1"
    w.quiet()


def test_who_was_named_while_two_were_one_is_looked_up_when_they_are_two_again(world):
    w, (c1, _), (c2, e2) = two_pairs(world, "review")
    merge = w.crm.merge("Account", c2, c1)
    w.cycle(3)
    e3 = w.erp.insert("party", name="Omega", active=True, parent=e2)
    w.cycle(3)
    w.crm.unmerge(merge)
    w.cycle(6)
    (c3,) = [i for i in w.crm.rows("Account") if w.linked(i) == e3]
    assert w.erp.rows("party")[e3]["parent"] == e2
    assert w.crm.rows("Account")[c3]["parent"] == c2
    assert agree(w)
    w.quiet()


def test_what_the_survivor_never_spoke_of_is_as_the_merged_record_had_it(world):
    w = world(policy={"merges": "follow", "default": "latest"}, erp={"capabilities": MERGES})
    c1, e1 = w.pair(name="Zeta", industry="steel", active=True)
    e2 = w.erp.insert("party", name="Acme", active=True)
    w.erp.merge("party", e1, e2)
    w.erp.edit("party", e2, industry=None)
    w.cycle(5)
    assert w.linked(c1) == e2
    assert w.crm.rows("Account")[c1]["industry"] == w.erp.rows("party")[e2]["industry"] == "steel"
    assert agree(w)


def test_a_create_that_was_refused_holds_up_no_write_to_the_record_that_a_merge_brought(world):
    def reject(_stream, write):
        return Rejected("NO", "never", ()) if write.operation is Operation.CREATE else None

    w = world(
        policy={"merges": "follow", "default": "latest"},
        erp={"capabilities": MERGES, "reject": reject},
    )
    c1 = w.crm.insert("Account", name="Acme", phone="1", active=True)
    w.cycle(2)
    e2 = w.erp.insert("party", name="Zeta", phone="2", active=True)
    w.cycle(3)
    (c2,) = w.crm.rows("Account").keys() - {c1}
    w.crm.merge("Account", c2, c1)
    w.cycle(4)
    assert w.linked(c1) == e2
    assert (w.erp.rows("party")[e2]["name"], w.erp.rows("party")[e2]["phone"]) == ("Acme", "1")
    assert agree(w)


def test_a_record_that_is_restored_where_another_was_made_is_asked_about(world):
    w = world(policy={"deletes": {"policy": "restore"}})
    c1, e1 = w.pair(phone="1")
    w.erp.remove("party", e1)
    w.cycle(4)
    anew = w.linked(c1)
    assert anew not in {None, e1}
    w.erp.edit("party", e1, name="Acme", phone="1")
    w.cycle(3)
    assert state_of(w, ("erp", e1))[0] == "duplicate"
    (item,) = w.reviews("duplicate")
    assert [each["native_id"] for each in item.question["double"]] == [anew, e1]
    w.decide(item, {"keep_apart": True})
    w.cycle(4)
    assert set(w.erp.rows("party")) == {e1, anew}
    assert state_of(w, ("erp", e1))[0] == "linked"
    w.quiet()


def test_what_a_person_links_is_looked_at_again_where_deletions_are_not_told(world):
    silent = replace(CAPABLE, tombstones=False)
    w = world(policy={"deletes": {"policy": "restore"}}, erp={"capabilities": silent})
    account = w.crm.insert("Account", name="Acme", phone="1")
    w.erp.insert("party", name="Acme", phone="2")
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    (candidate,) = item.question["candidates"]
    (gone,) = w.erp.rows("party")
    w.erp.remove("party", gone)
    w.decide(item, {"canonical_id": candidate["canonical_id"]})
    w.cycle(5)
    assert w.linked(account) in w.erp.rows("party")
    assert agree(w)


def test_a_record_that_comes_back_and_is_kept_apart_is_compared_with_everybody(world):
    w, (c1, _), _ = two_pairs(world, "follow", objects=("account", "contact"))
    c3 = w.crm.insert("Account", name="Omega Trading", phone="+30 210 6302000")
    merge = w.crm.merge("Account", c3, c1)
    twin = w.erp.insert("party", name="Omega Trading", phone="+30 210 6302000")
    w.cycle(3)
    w.crm.unmerge(merge)
    w.cycle(3)
    (item,) = w.reviews("duplicate")
    w.decide(item, {"keep_apart": True})
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    both = {state_of(w, ("crm", c3))[1], state_of(w, ("erp", twin))[1]}
    assert {each["canonical_id"] for each in item.question["pair"]} == both


def test_a_record_that_comes_back_is_compared_with_what_came_meanwhile(world):
    w, (c1, _), (c2, _) = two_pairs(world, "follow")
    merge = w.crm.merge("Account", c2, c1)
    w.cycle(3)
    w.clock.advance(60)
    twin = w.erp.insert("party", name="Zeta", phone="2", industry="steel")
    w.cycle(3)
    assert len(w.crm.rows("Account")) == 2
    w.crm.unmerge(merge)
    w.cycle(3)
    (item,) = w.reviews("duplicate")
    both = {state_of(w, ("crm", c2))[1], state_of(w, ("erp", twin))[1]}
    assert {each["canonical_id"] for each in item.question["pair"]} == both


def test_whose_record_a_double_was_survives_a_second_merge_and_its_unmerge(world):
    w, (c1, _), (c2, e2) = two_pairs(world, "review")
    w.crm.merge("Account", c2, c1)
    w.cycle(3)
    c3 = w.crm.insert("Account", name="Omega", active=True)
    w.cycle(3)
    second = w.crm.merge("Account", c1, c3)
    w.cycle(3)
    w.crm.unmerge(second)
    w.cycle(4)
    (item,) = [each for each in w.reviews("duplicate") if each.native_id == e2]
    w.decide(item, {"keep_apart": True})
    w.cycle(3)
    assert state_of(w, ("erp", e2))[0] == "unlinked"
    assert set(w.crm.rows("Account")) == {c1, c3}


def test_of_two_that_referred_to_each_other_none_refers_to_itself(world):
    w, (c1, e1), (c2, _) = two_pairs(world, "follow", CAPABLE)
    w.crm.edit("Account", c1, parent=c2)
    w.cycle(3)
    w.crm.merge("Account", c2, c1)
    w.cycle(5)
    assert w.crm.rows("Account")[c1].get("parent") is None
    assert w.erp.rows("party")[e1].get("parent") is None
    assert agree(w)
    w.quiet()


def test_who_is_named_in_the_moment_of_the_unmerge_is_looked_up_when_both_are_there(world):
    w, (c1, _), (c2, e2) = two_pairs(world, "follow")
    c3 = w.crm.insert("Account", name="Omega", active=True)
    merge = w.crm.merge("Account", c2, c1)
    w.cycle(4)
    w.crm.unmerge(merge)
    w.crm.edit("Account", c3, parent=c2)
    w.cycle(6)
    assert w.linked(c2) == e2
    assert w.crm.rows("Account")[c3]["parent"] == c2
    assert w.erp.rows("party")[w.linked(c3)]["parent"] == e2
    assert agree(w)


def test_what_only_a_merged_records_partner_says_is_golden_when_the_survivor_is_deleted(world):
    w = world(
        policy={"merges": "follow", "default": "review", "deletes": {"policy": "restore"}},
        erp={"capabilities": MERGES},
    )
    account, partner = w.pair(phone="1")
    survivor = w.erp.insert("party", name="Omega Trade", phone="2")
    w.erp.merge("party", partner, survivor)  # before the survivor was ever read
    w.cycle(3)
    asked = {item.field: item.question["sides"] for item in w.reviews("conflict")}
    assert asked["phone"] == {"crm": "1", "erp": "2"}
    w.erp.remove("party", survivor)
    w.cycle(3)
    assert w.reviews() == []
    assert agree(w)
    assert w.facts("golden.changed")[-1].after["phone"] == "1"
    assert w.crm.rows("Account")[account]["phone"] == "1"


def test_what_another_record_of_the_same_system_gave_is_nobodys_edit_after_the_unmerge(world):
    w = world(
        policy={"merges": "follow", "default": "latest", "deletes": {"policy": "restore"}},
        erp={"capabilities": MERGES},
    )
    c1, e1 = w.pair(name="Acme", phone="1", active=True)
    c2, e2 = w.pair(name="Zeta", phone="2", active=True)
    merge = w.erp.merge("party", e2, e1)
    w.crm.remove("Account", c1)
    w.cycle(3)
    assert w.crm.rows("Account")[c2]["name"] == "Acme"
    w.erp.unmerge(merge)
    w.cycle(5)
    assert w.erp.rows("party")[e2]["name"] == w.crm.rows("Account")[c2]["name"] == "Zeta"
    w.quiet()


def test_an_edit_that_a_merge_overtook_is_told(world):
    w, (_, e1), (c2, e2) = two_pairs(world, "follow")
    w.crm.edit("Account", c2, phone="3", website="zeta.example")
    w.erp.merge("party", e2, e1)
    w.cycle(3)
    facts = w.facts("record.merged")
    told = {"phone": {"crm": "3"}, "website": {"crm": "zeta.example"}}
    assert [fact.cause["unsettled"] for fact in facts] == [told, told]


def test_an_edit_that_gave_way_to_one_of_the_record_it_is_merged_into_is_told(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow")
    w.crm.merge("Account", c2, c1)
    w.erp.script("write", *[Fail(RetryableError("busy"))] * 3)
    w.cycle()
    w.erp.edit("party", e1, phone="8", website="acme.example")
    w.erp.edit("party", e2, phone="7", website="acme.example", active=None)
    w.cycle(4, pause=60)
    (fact,) = w.facts("edit.overruled")
    assert (fact.system, fact.native_id) == ("erp", e2)
    assert (fact.before, fact.after) == ({"phone": "7"}, {"phone": "8"})
    assert (fact.cause["phone"]["rule"], fact.cause["phone"]["system"]) == ("changed", "erp")
    w.quiet()


def test_what_nobody_has_decided_on_yet_is_told_before_a_system_merges(world):
    w, (c1, e1), (c2, _) = two_pairs(world, "follow")
    w.crm.edit("Account", c1, website="acme-2.example")
    w.erp.edit("party", e1, website=None)
    w.cycle(2)
    (item,) = w.reviews("conflict")
    assert item.question["sides"] == {"crm": "acme-2.example", "erp": None}
    w.crm.merge("Account", c2, c1)
    w.cycle(4)
    (fact,) = [x for x in w.facts("write.accepted") if x.cause["operation"] == "merge"]
    assert fact.cause["fields"]["*"]["unsettled"] == {"website": None}


def test_what_nobody_has_decided_on_yet_is_told_where_the_answer_to_the_merge_is_lost(world):
    w, (c1, e1), (c2, _) = two_pairs(world, "follow")
    w.crm.edit("Account", c1, website="acme-2.example")
    w.erp.edit("party", e1, website=None)
    w.cycle(2)
    w.crm.merge("Account", c2, c1)
    w.erp.script("write", None, LostAnswer())
    w.cycle(4)
    (fact,) = w.facts("merge.doubted")
    assert fact.cause["fields"]["*"]["unsettled"] == {"website": None}


def test_what_was_merged_before_it_was_ever_linked_is_told(world):
    w = world(policy={"merges": "follow"}, crm={"capabilities": MERGES})
    c1, _ = w.pair(name="Acme")
    c2 = w.crm.insert("Account", name="Zeta")
    w.crm.merge("Account", c2, c1)
    w.cycle(3)
    told = [(x.system, x.native_id, x.cause) for x in w.facts("record.linked")]
    assert told == [("crm", c2, {"rule": "merged"})]


def test_who_is_read_again_in_the_moment_of_the_unmerge_is_read_once_more(world):
    w, (c1, _), (c2, e2) = two_pairs(world, "review")
    merge = w.crm.merge("Account", c2, c1)
    w.cycle(3)
    e3 = w.erp.insert("party", name="Omega", active=True, parent=e2)
    w.cycle(3)
    pipeline = w.pipeline()
    assert pipeline.open()
    pipeline.hint("account", "erp", e3)
    w.crm.unmerge(merge)
    pipeline.cycle()
    pipeline.close()
    w.cycle(5)
    (c3,) = [i for i in w.crm.rows("Account") if w.linked(i) == e3]
    assert w.crm.rows("Account")[c3]["parent"] == c2
    assert agree(w)
    w.quiet()


def unmerged_and_refused(world):
    """c2 was merged into c1, and is taken back; the ERP refuses to put e2 back into use."""
    w, one, (c2, e2) = two_pairs(world, "follow", CAPABLE)
    merge = w.crm.merge("Account", c2, one[0])
    w.cycle(4)
    w.crm.unmerge(merge)
    w.erp.script("write", Fail(RecordError("blocked")))
    w.cycle(4)
    return w, one, (c2, e2)


def test_a_record_that_its_system_will_not_put_back_into_use_stays_and_is_told(world):
    w, (_, e1), (c2, e2) = unmerged_and_refused(world)
    w.cycle()
    assert set(w.erp.rows("party")) == {e1, e2}
    assert (w.erp.rows("party")[e2]["active"], w.outbox()["rejected"]) == (False, 1)
    assert state_of(w, ("erp", e2))[0] == SideState.UNMERGING
    w.erp.edit("party", e2, phone="9")
    w.quiet()
    replay_dead_letters(w.database, None, person="stella", at=w.clock.now())
    w.cycle(3)
    assert (w.linked(c2), w.erp.rows("party")[e2]["active"]) == (e2, True)
    assert w.crm.rows("Account")[c2]["phone"] == "9"
    assert agree(w)


def test_a_record_that_was_put_back_into_use_by_hand_ends_its_dead_letter(world):
    w, _, (c2, e2) = unmerged_and_refused(world)
    w.erp.edit("party", e2, active=True)
    w.cycle(3)
    assert (w.linked(c2), w.outbox().get("rejected", 0)) == (e2, 0)
    assert agree(w)
    w.quiet()


def test_a_record_that_two_systems_merged_differently_returns_to_its_own(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow")
    c3, _ = w.pair(name="Omega", phone="3", active=True)
    w.erp.merge("party", e2, e1)
    merge = w.crm.merge("Account", c2, c3)
    w.crm.script("page", Fail(RetryableError("reset")))
    w.cycle(4)
    assert state_of(w, ("crm", c2)) == ("merged", state_of(w, ("crm", c3))[1])
    w.crm.unmerge(merge)
    w.cycle(4)
    assert set(w.crm.rows("Account")) == {c1, c2, c3}
    assert state_of(w, ("crm", c2)) == ("duplicate", state_of(w, ("crm", c1))[1])
    (item,) = w.reviews("duplicate")
    assert (item.system, item.native_id) == ("crm", c2)
    w.quiet()


def test_a_refused_write_to_a_record_that_an_unmerge_took_keeps_none_from_being_made(world):
    w = world(policy={"merges": "follow", "default": "latest"})
    c2, e2 = w.pair(name="Zeta", phone="2", active=True)
    w.clock.advance(60)
    c1 = w.crm.insert("Account", name="Acme", phone="1", active=True)
    merge = w.crm.merge("Account", c2, c1)
    w.erp.reject = lambda _stream, _write: Rejected("TOO_BAD", "no", ())
    w.cycle(3)
    assert (w.linked(c1), w.outbox()["rejected"]) == (e2, 1)
    w.erp.reject = None
    w.crm.unmerge(merge)
    w.cycle()  # nobody need look at it once more
    (e1,) = set(w.erp.rows("party")) - {e2}
    assert (w.linked(c1), w.linked(c2), w.outbox().get("rejected", 0)) == (e1, e2, 0)
    assert agree(w)


def test_an_answer_that_names_a_record_means_whom_that_was_merged_into(world):
    w, (c1, e1), (c2, _) = two_pairs(world, "follow", CAPABLE, objects=("account", "contact"))
    ann = w.crm.insert("Contact", given="Ann", family="Lee")
    w.cycle(3)
    (person,) = w.erp.rows("person")
    follow(w, contact={"default": "review"})
    w.crm.edit("Contact", ann, account=c2)
    w.erp.edit("person", person, account=e1)
    w.cycle(2)
    (item,) = w.reviews("conflict")
    w.decide(item, {"value": item.question["sides"]["crm"]})
    w.crm.merge("Account", c2, c1)
    with w.database.begin() as connection:
        answer = review.get(connection, item.id)
    w.cycle()
    with w.database.begin() as connection:
        follow_merges_in_answers(connection, w.link.objects["contact"], [answer], {})
    assert answer.decision["value"] == state_of(w, ("crm", c1))[1]


def test_who_names_one_of_two_in_an_open_question_is_read_again_after_the_unmerge(world):
    w, (_, e1), (c2, e2) = two_pairs(world, "follow")
    c3, e3 = w.pair(name="Omega", active=True)
    merge = w.erp.merge("party", e2, e1)
    w.cycle(3)
    follow(w, account={"default": "review"})
    w.crm.edit("Account", c3, parent=c2)
    w.erp.edit("party", e3, parent=e3)
    w.cycle(2)
    (item,) = w.reviews("conflict")
    w.erp.unmerge(merge)
    w.cycle(3)
    (item,) = w.reviews("conflict")
    assert item.question["sides"]["crm"] == state_of(w, ("erp", e2))[1]


def test_to_be_put_out_of_use_by_a_deletion_is_nobodys_edit_after_the_unmerge(world):
    w = world(policy={"merges": "follow", "default": "latest", "deletes": {"policy": "deactivate"}})
    c1, e1 = w.pair(name="Acme", active=True)
    c2, e2 = w.pair(name="Zeta", active=True)
    merge = w.crm.merge("Account", c2, c1)
    w.erp.remove("party", e1)
    w.cycle(4)
    assert w.erp.rows("party")[e2]["active"] is False
    w.crm.unmerge(merge)
    w.cycle(4)
    assert w.erp.rows("party")[e2]["active"] is True
    assert w.crm.rows("Account")[c2]["active"] is True
    w.quiet()


def test_whether_a_record_is_in_use_is_told_when_a_merge_puts_it_out_of_use(world):
    w, (_, e1), (c2, e2) = two_pairs(world, "follow")

    def edit(step):
        if step == "push.intended" and w.crm.rows("Account")[c2]["active"]:
            w.crm.edit("Account", c2, active=None)

    w.checkpoint = edit
    w.erp.merge("party", e2, e1)
    w.cycle(3)
    assert w.crm.rows("Account")[c2]["active"] is False
    (fact,) = [x for x in w.facts("write.accepted") if x.cause["operation"] == "merge"]
    assert fact.cause["fields"]["*"]["unsettled"] == {"active": None}


def test_a_merge_that_is_taken_back_and_made_the_other_way_leaves_one_record(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow")
    merge = w.crm.merge("Account", c2, c1)
    w.cycle(4)
    assert set(w.erp.rows("party")) == {e1}
    w.crm.unmerge(merge)
    other_way = w.crm.merge("Account", c1, c2)
    w.cycle(5)
    assert (set(w.erp.rows("party")), w.linked(c2)) == ({e1}, e1)
    assert w.erp.rows("party")[e1]["name"] == "Zeta"
    assert agree(w)
    w.crm.unmerge(other_way)
    w.cycle(5)
    assert {w.linked(c1), w.linked(c2)} == {e1, e2}
    assert agree(w)
    w.quiet()


def test_a_merge_that_was_taken_back_before_anybody_looked_never_was(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow")
    before = shown(w.crm, "Account"), shown(w.erp, "party")
    merge = w.erp.merge("party", e2, e1)
    worker = w.pipeline()
    assert worker.open()
    worker.pull()
    w.clock.advance(1)
    w.erp.unmerge(merge)
    worker.pull()
    assert w.inbox()["new"] == 4
    worker.drain()
    worker.close()
    w.cycle(3)
    assert (shown(w.crm, "Account"), shown(w.erp, "party")) == before
    assert (w.linked(c1), w.linked(c2), w.facts("record.merged")) == (e1, e2, [])
    assert agree(w)
    w.quiet()


def test_a_merge_whose_record_is_then_found_missing_is_a_merge_all_the_same(world):
    w = world(
        policy={
            "merges": "follow",
            "default": "latest",
            "deletes": {"policy": "propagate", "ceiling_share": 1.0},
        },
        erp={"capabilities": MERGES},
    )
    (c1, e1), (c2, e2) = (w.pair(name=name, active=True) for name in ("Acme", "Zeta"))
    w.erp.merge("party", e2, e1)
    worker = w.pipeline()
    assert worker.open()
    worker.pull()
    gone = Record("party", e2, "gone", None, {}, deleted=True)  # read by id, it is just not there
    w.receive("erp", gone, cause=Cause.COMPARE)
    worker.drain()
    worker.close()
    w.cycle(3)
    assert w.facts("record.gone") == []
    assert len(w.facts("record.merged")) == 2
    assert (w.crm.rows("Account")[c2]["active"], w.linked(c1)) == (False, e1)
    assert agree(w)
    w.quiet()
