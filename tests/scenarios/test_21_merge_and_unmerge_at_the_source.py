"""Scenario 21: a system merges two records, and takes it back. The other one follows or asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.base import Operation
from tandem.sync.agreement import compare
from tests.scenarios.world import CAPABLE

MERGES = replace(CAPABLE, merges=frozenset({"party"}), unmerges=frozenset({"party"}))
RELUCTANT = replace(CAPABLE, merges=frozenset({"party"}))


def two_pairs(world, policy, erp=MERGES, objects=("account",)):
    """c1-e1 and c2-e2: the same company twice, told apart when they were first read."""
    w = world(
        policy={"merges": policy, "default": "latest", "deletes": {"policy": "propagate"}},
        erp={"capabilities": erp},
        objects=objects,
    )
    c1, e1 = w.pair(name="Acme", phone="1", website="acme.example", active=True)
    c2, e2 = w.pair(name="Zeta", phone="2", industry="steel", active=True)
    return w, (c1, e1), (c2, e2)


def state_of(w, key):
    (row,) = [r for r in w.crosswalk() if (r.system, r.native_id) == key]
    return row.state, row.canonical_id


def deletes(w):
    return [x for x in (*w.crm.writes, *w.erp.writes) if x.operation is Operation.DELETE]


def test_the_other_system_merges_too(world):
    w, (c1, e1), (c2, _) = two_pairs(world, "follow")
    w.crm.merge("Account", c2, c1)
    w.cycle(3)
    assert set(w.crm.rows("Account")) == {c1}
    assert set(w.erp.rows("party")) == {e1}
    assert [x.operation for x in w.erp.writes].count(Operation.MERGE) == 1
    assert deletes(w) == []
    assert state_of(w, ("crm", c2)) == ("merged", state_of(w, ("crm", c1))[1])
    assert w.crm.rows("Account")[c1]["industry"] == w.erp.rows("party")[e1]["industry"] == "steel"
    w.quiet()


def test_a_person_is_asked_and_nothing_is_written_meanwhile(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "review")
    w.crm.merge("Account", c2, c1)
    w.cycle(3)
    assert set(w.erp.rows("party")) == {e1, e2}
    assert [x.operation for x in w.erp.writes if x.native_id == e2] == []
    (item,) = w.reviews("duplicate")
    assert [each["native_id"] for each in item.question["double"]] == [e1, e2]
    survivor = state_of(w, ("crm", c1))[1]
    w.decide(item, {"merge_into": survivor})
    w.cycle(3)
    assert set(w.erp.rows("party")) == {e1}
    assert deletes(w) == w.reviews() == []
    w.quiet()


def test_a_person_leaves_the_second_record_as_it_is(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "review")
    w.crm.merge("Account", c2, c1)
    w.cycle(3)
    (item,) = w.reviews("duplicate")
    w.decide(item, {"keep_apart": True})
    w.cycle(3)
    assert set(w.erp.rows("party")) == {e1, e2}
    assert set(w.crm.rows("Account")) == {c1}
    assert state_of(w, ("erp", e2))[0] == "unlinked"
    w.quiet()
    assert w.reviews() == []


def test_what_names_the_merged_record_means_the_survivor(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow", objects=("account", "contact"))
    ann = w.crm.insert("Contact", given="Ann", family="Lee", account=c2)
    w.cycle(3)
    ((person, row),) = w.erp.rows("person").items()
    assert row["account"] == e2
    w.crm.merge("Account", c2, c1)
    w.cycle(4)
    assert w.crm.rows("Contact")[ann]["account"] == c1
    assert w.erp.rows("person")[person]["account"] == e1
    w.crm.edit("Contact", ann, account=None)
    w.cycle(2)
    w.erp.edit("person", person, account=e1)
    w.cycle(3)
    assert w.crm.rows("Contact")[ann]["account"] == c1
    w.quiet()


def test_a_system_that_cannot_merge_puts_the_record_out_of_use(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow", CAPABLE, objects=("account", "contact"))
    ann = w.crm.insert("Contact", given="Ann", family="Lee", account=c2)
    w.cycle(3)
    w.crm.merge("Account", c2, c1)
    w.cycle(4)
    parties = w.erp.rows("party")
    assert (parties[e1]["active"], parties[e2]["active"]) == (True, False)
    assert [row["account"] for row in w.erp.rows("person").values()] == [e1]
    assert deletes(w) == []
    bob = w.erp.insert("person", given="Bob", family="Roe", account=e2)
    w.cycle(4)
    assert w.erp.rows("person")[bob]["account"] == e1
    assert {row["account"] for row in w.crm.rows("Contact").values()} == {c1}
    assert ann in w.crm.rows("Contact")
    w.quiet()


@pytest.mark.parametrize("erp", [MERGES, CAPABLE, RELUCTANT], ids=["merges", "cannot", "one-way"])
def test_taken_back_at_the_source_both_pairs_have_their_own_values(world, erp):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow", erp, objects=("account", "contact"))
    ann = w.crm.insert("Contact", given="Ann", family="Lee", account=c2)
    w.cycle(3)
    before = shown(w.crm, "Account"), sorted(shown(w.erp, "party").values())
    merge = w.crm.merge("Account", c2, c1)
    w.cycle(4)
    w.crm.unmerge(merge)
    w.cycle(5)
    assert (shown(w.crm, "Account"), sorted(shown(w.erp, "party").values())) == before
    partners = {w.linked(c1), w.linked(c2)}
    assert partners == set(w.erp.rows("party"))
    assert (partners == {e1, e2}) == (erp is not RELUCTANT)
    assert w.crm.rows("Contact")[ann]["account"] == c2
    assert [row["account"] for row in w.erp.rows("person").values()] == [w.linked(c2)]
    assert deletes(w) == []
    w.quiet()
    assert w.reviews() == []


def shown(system, stream):
    return {
        native_id: sorted((name, str(value)) for name, value in row.items() if value is not None)
        for native_id, row in system.rows(stream).items()
    }


def test_an_edit_of_the_survivor_stays_with_it(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow")
    merge = w.crm.merge("Account", c2, c1)
    w.cycle(3)
    w.erp.edit("party", e1, phone="7")
    w.cycle(3)
    assert w.crm.rows("Account")[c1]["phone"] == "7"
    merge.before[c1]["phone"] = "7"
    w.crm.unmerge(merge)
    w.cycle(4)
    assert w.crm.rows("Account")[c1]["phone"] == w.erp.rows("party")[e1]["phone"] == "7"
    assert w.crm.rows("Account")[c2]["phone"] == w.erp.rows("party")[e2]["phone"] == "2"
    w.quiet()


def test_both_systems_merge_the_same_two(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow")
    w.crm.merge("Account", c2, c1)
    w.erp.merge("party", e2, e1)
    w.cycle(4)
    assert (set(w.crm.rows("Account")), set(w.erp.rows("party"))) == ({c1}, {e1})
    assert [x for x in w.erp.writes if x.operation is Operation.MERGE] == []
    w.quiet()


def test_both_systems_merge_in_opposite_directions(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow")
    w.crm.merge("Account", c2, c1)
    w.erp.merge("party", e1, e2)
    w.cycle(4)
    assert (set(w.crm.rows("Account")), set(w.erp.rows("party"))) == ({c1}, {e2})
    assert w.linked(c1) == e2
    crm, erp = w.crm.rows("Account")[c1], w.erp.rows("party")[e2]
    assert {**crm, "parent": None} == {**erp, "parent": None}
    w.quiet()


def test_the_survivor_is_read_first_when_it_is_not_known_yet(world):
    w, (c1, _), _ = two_pairs(world, "follow")
    new = w.crm.insert("Account", name="Other", phone="9", active=True)
    w.crm.merge("Account", c1, new)
    w.cycle(5)
    assert w.linked(new) in w.erp.rows("party")
    assert c1 not in w.crm.rows("Account")
    assert state_of(w, ("crm", c1)) == ("merged", state_of(w, ("crm", new))[1])
    assert deletes(w) == []
    w.quiet()


def test_who_names_a_second_record_means_what_that_is_merged_into(world):
    w, (_, e1), (c2, e2) = two_pairs(world, "review")
    c3, e3 = w.pair(name="Omega", active=True)
    child, partner = w.pair(name="Child", active=True)
    w.erp.merge("party", e2, e1)
    w.cycle(3)
    assert state_of(w, ("crm", c2))[0] == "duplicate"
    w.crm.merge("Account", c2, c3)
    w.crm.edit("Account", child, parent=c2)
    w.cycle(4)
    assert w.erp.rows("party")[partner]["parent"] == e3
    assert compare(w.link, w.database).divergent == []
    w.quiet()


def test_an_edit_of_the_record_that_is_to_be_merged_is_not_lost(world):
    w, (c1, e1), (c2, e2) = two_pairs(world, "follow")
    w.crm.merge("Account", c2, c1)
    w.erp.edit("party", e2, website="zeta.example")
    w.cycle(5)
    assert set(w.erp.rows("party")) == {e1}
    assert w.erp.rows("party")[e1]["website"] == "zeta.example"
    assert w.crm.rows("Account")[c1]["website"] == "zeta.example"
    w.quiet()
