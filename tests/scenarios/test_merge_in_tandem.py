"""Merges that people decide in Tandem, and take back: in the state and in both systems."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.base import Operation, Rejected
from tandem.chaos.faults import Killed, LostAnswer
from tandem.decide import DecisionError
from tandem.merge import merge, preview_merge, unmerge
from tests.scenarios.test_21_merge_and_unmerge_at_the_source import shown, state_of
from tests.scenarios.world import CAPABLE

STEPS = (
    "batch.stored",
    "push.intended",
    "push.sending",
    "crm.write.before",
    "crm.write.row",
    "crm.write.after",
    "erp.write.row",
    "push.sent",
    "push.recorded",
)


def able(stream):
    return replace(CAPABLE, merges=frozenset({stream}), unmerges=frozenset({stream}))


def two_pairs(world, objects=("account",), policy=None, **sides):
    capabilities = {"crm": able("Account"), "erp": able("party")} | sides
    w = world(
        policy={"default": "latest", **(policy or {})},
        objects=objects,
        **{name: {"capabilities": each} for name, each in capabilities.items()},
    )
    c1, e1 = w.pair(name="Acme", phone="1", active=True)
    c2, e2 = w.pair(name="Zeta Works", phone="2", industry="steel", active=True)
    return w, (c1, e1), (c2, e2)


def ids(w, c1, c2):
    return {"survivor": state_of(w, ("crm", c1))[1], "loser": state_of(w, ("crm", c2))[1]}


def merge_in(w, c1, c2, **choices):
    pair = ids(w, c1, c2)
    merge(w.database, w.config, **pair, person="stella", at=w.clock.now(), choices=choices or None)
    return pair


def unmerge_in(w, loser):
    return unmerge(w.database, loser, person="stella", at=w.clock.now())


def operations(system):
    return [write.operation for write in system.writes]


def test_the_preview_says_what_survives_and_why_and_changes_nothing(world):
    w, (c1, e1), (c2, e2) = two_pairs(
        world, policy={"survivorship": {"fields": {"name": "longest", "phone": "steward"}}}
    )
    pair = ids(w, c1, c2)
    found = preview_merge(w.database, w.config, **pair)
    fields = {f.field: f for f in found.fields}
    name, phone, industry = (fields[n] for n in ("name", "phone", "industry"))
    assert (name.value, name.rule, name.system) == ("Zeta Works", "longest", "crm")
    assert [(h.system, h.native_id, h.value) for h in name.held] == [
        ("crm", c1, "Acme"),
        ("erp", e1, "Acme"),
        ("crm", c2, "Zeta Works"),
        ("erp", e2, "Zeta Works"),
    ]
    assert (phone.value, phone.needs_choice, found.undecided) == ("1", True, ("phone",))
    assert (industry.value, industry.differs) == ("steel", False)
    assert [(r.system, r.native_id, r.becomes, r.into) for r in found.records] == [
        ("crm", c1, "survivor", None),
        ("erp", e1, "survivor", None),
        ("crm", c2, "merged", c1),
        ("erp", e2, "merged", e1),
    ]
    chosen = preview_merge(w.database, w.config, **pair, choices={"phone": "3"})
    assert {f.field: (f.value, f.rule) for f in chosen.fields}["phone"] == ("3", "decision")
    w.quiet(2)


def test_a_merge_travels_to_both_systems(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, objects=("account", "contact"))
    ann = w.erp.insert("person", given="Ann", family="Lee", account=e2)
    w.cycle(3)
    pair = merge_in(w, c1, c2, phone="3")
    w.cycle(3)
    crm, erp = w.crm.rows("Account"), w.erp.rows("party")
    assert (set(crm), set(erp)) == ({c1}, {e1})
    expected = {"name": "Zeta Works", "phone": "3", "industry": "steel"}
    assert {n: crm[c1][n] for n in expected} == {n: erp[e1][n] for n in expected} == expected
    assert w.erp.rows("person")[ann]["account"] == e1
    assert [r["account"] for r in w.crm.rows("Contact").values()] == [c1]
    assert state_of(w, ("erp", e2)) == ("merged", pair["survivor"])
    assert [f.actor for f in w.facts("record.merged")] == ["stella", "stella"]
    assert Operation.DELETE not in {*operations(w.crm), *operations(w.erp)}
    w.quiet()


def test_who_named_the_one_it_is_now_names_nobody_and_the_merge_is_why(world):
    w, (c1, e1), (c2, _) = two_pairs(world)
    w.crm.edit("Account", c1, parent=c2)
    w.crm.edit("Account", c2, parent=c1)
    w.cycle(3)
    pair = merge_in(w, c1, c2)
    w.cycle(3)
    assert (w.crm.rows("Account")[c1]["parent"], w.erp.rows("party")[e1]["parent"]) == (None, None)
    causes = [f.cause["fields"] for f in w.facts("write.accepted") if "parent" in f.after]
    emptied = [cause["parent"] for cause in causes[-2:]]
    assert {cause["rule"] for cause in emptied} == {"merged"}
    assert {cause["merged_from"] for cause in emptied} == {pair["loser"]}


def test_a_merge_taken_back_gives_each_its_own_values(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, objects=("account", "contact"))
    w.erp.insert("person", given="Ann", family="Lee", account=e2)
    w.cycle(3)
    before = [shown(w.crm, "Account"), shown(w.erp, "party"), shown(w.erp, "person")]
    people = shown(w.crm, "Contact")
    pair = merge_in(w, c1, c2)
    w.cycle(3)
    assert unmerge_in(w, pair["loser"]) == pair["survivor"]
    w.cycle(4)
    assert [shown(w.crm, "Account"), shown(w.erp, "party"), shown(w.erp, "person")] == before
    assert shown(w.crm, "Contact") == people
    assert (w.linked(c1), w.linked(c2)) == (e1, e2)
    w.quiet()


def test_what_was_edited_since_the_merge_stays_with_the_survivor(world):
    w, (c1, e1), (c2, e2) = two_pairs(world)
    pair = merge_in(w, c1, c2)
    w.cycle(3)
    w.crm.edit("Account", c1, phone="9")
    w.cycle(2)
    unmerge_in(w, pair["loser"])
    w.cycle(4)
    assert [w.crm.rows("Account")[i]["phone"] for i in (c1, c2)] == ["9", "2"]
    assert [w.erp.rows("party")[i]["phone"] for i in (e1, e2)] == ["9", "2"]
    assert w.crm.rows("Account")[c1]["industry"] is None
    w.quiet()


def test_taken_back_before_anything_was_sent(world):
    w, (c1, e1), (c2, e2) = two_pairs(world)
    before = shown(w.crm, "Account"), shown(w.erp, "party")
    pair = merge_in(w, c1, c2)
    w.crm.script("write", LostAnswer(committed=False))
    w.erp.script("write", LostAnswer(committed=False))
    w.cycle()
    unmerge_in(w, pair["loser"])
    w.cycle(5, pause=30)
    assert (shown(w.crm, "Account"), shown(w.erp, "party")) == before
    assert (w.linked(c1), w.linked(c2)) == (e1, e2)
    w.quiet()


def test_a_record_that_the_survivor_lacks_moves_to_it_and_back(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, policy={"deletes": {"policy": "unlink"}})
    w.erp.remove("party", e1)
    w.cycle(2)
    pair = merge_in(w, c1, c2)
    w.cycle(3)
    assert w.linked(c1) == e2
    assert (set(w.crm.rows("Account")), set(w.erp.rows("party"))) == ({c1}, {e2})
    unmerge_in(w, pair["loser"])
    w.cycle(4)
    assert w.linked(c2) == e2
    assert set(w.crm.rows("Account")) == {c1, c2}
    w.quiet()


def test_merges_of_merges_come_apart_in_any_order(world):
    w, (c1, _), (c2, e2) = two_pairs(world)
    c3, e3 = w.pair(name="Omega Trade", phone="3", active=True)
    first = merge_in(w, c2, c3)
    w.cycle(3)
    second = merge_in(w, c1, c2)
    w.cycle(3)
    assert set(w.crm.rows("Account")) == {c1}
    assert unmerge_in(w, first["loser"]) == second["survivor"]
    w.cycle(4)
    assert w.linked(c3) == e3
    assert w.crm.rows("Account")[c3]["name"] == "Omega Trade"
    unmerge_in(w, second["loser"])
    w.cycle(4)
    assert w.linked(c2) == e2
    assert set(w.crm.rows("Account")) == {c1, c2, c3}
    w.quiet()


def test_a_refused_merge_is_a_dead_letter_and_the_rest_goes_on(world):
    w, (c1, e1), (c2, e2) = two_pairs(world)
    w.erp.reject = lambda _stream, write: (
        Rejected("FORBIDDEN", "not for you") if write.operation is Operation.MERGE else None
    )
    merge_in(w, c1, c2)
    w.cycle(3)
    assert set(w.crm.rows("Account")) == {c1}
    assert set(w.erp.rows("party")) == {e1, e2}
    assert w.outbox()["rejected"] == 1
    w.quiet()


def test_what_cannot_be_merged_is_refused_with_the_reason(world):
    w, (c1, _), (c2, _) = two_pairs(world, policy={"survivorship": {"default": "steward"}})
    pair = ids(w, c1, c2)
    at = w.clock.now()
    with pytest.raises(DecisionError, match="into itself"):
        preview_merge(w.database, w.config, survivor=pair["loser"], loser=pair["loser"])
    with pytest.raises(DecisionError, match="choose a value for name, phone"):
        merge(w.database, w.config, **pair, person="s", at=at)
    with pytest.raises(DecisionError, match="no field 'fone'"):
        preview_merge(w.database, w.config, **pair, choices={"fone": "1"})
    with pytest.raises(DecisionError, match="was not merged"):
        unmerge_in(w, pair["loser"])
    merge_in(w, c1, c2, name="A", phone="1")
    w.cycle(2)
    with pytest.raises(DecisionError, match=f"is merged into {pair['survivor']}"):
        preview_merge(w.database, w.config, **pair)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", ["merge", "unmerge"])
def test_a_restart_finishes_what_was_begun(world, step, kind):
    w, (c1, e1), (c2, e2) = two_pairs(world)
    before = shown(w.crm, "Account"), shown(w.erp, "party")
    pair = merge_in(w, c1, c2)
    if kind == "unmerge":
        w.cycle(3)
        unmerge_in(w, pair["loser"])
    died = False

    def die(at):
        nonlocal died
        if at == step and not died:
            died = True
            raise Killed

    w.checkpoint = w.crm.at_point = w.erp.at_point = die
    with pytest.raises(Killed):
        w.cycle(3)
    w.clock.advance(120)
    w.cycle(5)
    if kind == "unmerge":
        assert (shown(w.crm, "Account"), shown(w.erp, "party")) == before
        assert (w.linked(c1), w.linked(c2)) == (e1, e2)
    else:
        assert (set(w.crm.rows("Account")), set(w.erp.rows("party"))) == ({c1}, {e1})
        assert w.erp.rows("party")[e1]["industry"] == "steel"
    w.quiet()


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("kind", ["merge", "unmerge"])
def test_a_lost_answer_is_looked_up(world, committed, kind):
    w, (c1, e1), (c2, e2) = two_pairs(world)
    before = shown(w.crm, "Account"), shown(w.erp, "party")
    pair = merge_in(w, c1, c2)
    if kind == "unmerge":
        w.cycle(3)
        unmerge_in(w, pair["loser"])
    for system in (w.crm, w.erp):
        system.script("write", *[LostAnswer(committed=committed)] * 2)
    w.cycle(8, pause=20)
    if kind == "unmerge":
        assert (shown(w.crm, "Account"), shown(w.erp, "party")) == before
        assert (w.linked(c1), w.linked(c2)) == (e1, e2)
    else:
        assert (set(w.crm.rows("Account")), set(w.erp.rows("party"))) == ({c1}, {e1})
    w.quiet()
