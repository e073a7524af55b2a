"""Scenario 6: a clock that runs ahead does not win by running ahead."""

from __future__ import annotations

from datetime import timedelta


def test_the_later_edit_wins_although_the_other_clock_is_ahead(world):
    w = world(policy={"default": "latest"}, erp={"skew": timedelta(minutes=10)})
    crm_id, erp_id = w.pair(phone="1")
    w.erp.edit("party", erp_id, phone="3")
    w.clock.advance(120)
    w.crm.edit("Account", crm_id, phone="2")
    w.cycle(2)
    assert w.crm.rows("Account")[crm_id]["phone"] == "2"
    assert w.erp.rows("party")[erp_id]["phone"] == "2"
    w.quiet()


def test_edits_closer_than_the_clocks_can_tell_go_to_a_person(world):
    w = world(policy={"default": "latest"}, erp={"skew": timedelta(minutes=10)})
    crm_id, erp_id = w.pair(phone="1")
    w.erp.edit("party", erp_id, phone="3")
    w.clock.advance(1)
    w.crm.edit("Account", crm_id, phone="2")
    w.cycle(2)
    assert w.crm.sent == w.erp.sent == []
    (item,) = w.reviews("conflict")
    assert item.question["sides"] == {"crm": "2", "erp": "3"}
