"""Two records of one system that are one party: a question, then a merge in that system, or not."""

from __future__ import annotations

from connectors.base import Operation
from tandem.merge import merge, unmerge
from tandem.state import apart
from tests.scenarios.test_merge_in_tandem import operations, state_of, two_pairs


def a_double(world, **settings):
    """A pair, and a second record of it in the CRM, which a person has recognised."""
    w, (c1, e1), _ = two_pairs(world, **settings)
    w.crm.edit("Account", c1, tax_id="EL094014201")
    w.cycle(3)
    double = w.crm.insert("Account", name="Acme", phone="7", tax_id="EL094014201", active=True)
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    survivor = state_of(w, ("crm", c1))[1]
    assert [c["canonical_id"] for c in item.question["candidates"]] == [survivor]
    w.decide(item, {"canonical_id": survivor})
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    assert [each["native_id"] for each in item.question["double"]] == [c1, double]
    return w, (c1, e1, double, survivor), item


def test_it_is_merged_in_its_system_and_can_be_taken_back(world):
    w, (c1, e1, double, survivor), item = a_double(world)
    w.decide(item, {"merge_into": survivor, "choices": {"phone": "7"}})
    w.cycle(3)
    assert double not in w.crm.rows("Account")
    assert operations(w.crm).count(Operation.MERGE) == 1
    assert w.crm.rows("Account")[c1]["phone"] == w.erp.rows("party")[e1]["phone"] == "7"
    assert w.reviews() == []
    (row,) = [r for r in w.crosswalk() if r.native_id == double and r.system == "crm"]
    unmerge(w.database, row.merged_from, person="stella", at=w.clock.now())
    w.cycle(4)
    assert w.crm.rows("Account")[c1]["phone"] == "1"
    assert w.crm.rows("Account")[double]["phone"] == "7"
    assert w.linked(double) not in {None, e1}
    w.quiet()


def test_kept_apart_it_is_a_party_of_its_own_and_nobody_is_asked_again(world):
    w, (c1, e1, double, survivor), item = a_double(world)
    w.decide(item, {"keep_apart": True})
    w.cycle(3)
    partner = w.linked(double)
    assert partner in w.erp.rows("party")
    assert partner != e1
    own = state_of(w, ("crm", double))[1]
    with w.database.begin() as connection:
        assert apart.of(connection, [own]) == {own: {survivor}}
    w.crm.edit("Account", c1, website="acme.example")
    w.crm.edit("Account", double, website="acme.example")
    w.cycle(3)
    assert w.reviews() == []
    w.quiet()


def test_left_open_nothing_happens_to_it(world):
    w, (c1, _, double, _), item = a_double(world)
    w.quiet()
    assert {c1, double} <= set(w.crm.rows("Account"))
    assert [again.id for again in w.reviews()] == [item.id]


def test_a_merge_is_remembered_by_those_that_are_kept_apart_from_the_loser(world):
    w, (c1, _, double, survivor), item = a_double(world)
    w.decide(item, {"keep_apart": True})
    w.cycle(3)
    third = w.crm.insert("Account", name="Omega Trade", active=True)
    w.cycle(3)
    pair = {"survivor": state_of(w, ("crm", third))[1], "loser": survivor}
    merge(w.database, w.config, **pair, person="stella", at=w.clock.now())
    w.cycle(3)
    own = state_of(w, ("crm", double))[1]
    with w.database.begin() as connection:
        assert apart.of(connection, [own])[own] >= {survivor, pair["survivor"]}
    assert c1 not in w.crm.rows("Account")
