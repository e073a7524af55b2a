"""Scenario 7: the question follows the facts, and an answer to yesterday's question is refused."""

from __future__ import annotations

import pytest

from tandem.errors import StaleDecisionError


def test_one_conflict_with_the_new_value_and_a_refused_stale_answer(world):
    w = world()
    crm_id, erp_id = w.pair(phone="1")
    w.crm.edit("Account", crm_id, phone="2")
    w.erp.edit("party", erp_id, phone="3")
    w.cycle(2)
    (seen,) = w.reviews()
    w.crm.edit("Account", crm_id, phone="4")
    w.cycle(2)
    (item,) = w.reviews()
    assert (item.id, item.version) == (seen.id, seen.version + 1)
    assert item.question["sides"] == {"crm": "4", "erp": "3"}
    with pytest.raises(StaleDecisionError):
        w.decide(seen, {"value": "3"})
    w.cycle(2)
    assert w.crm.sent == w.erp.sent == []
    w.decide(item, {"value": "4"})
    w.cycle(2)
    assert w.erp.rows("party")[erp_id]["phone"] == "4"
    w.quiet()


def test_an_edit_between_answer_and_write_asks_again(world):
    w = world()
    crm_id, erp_id = w.pair(phone="1")
    w.crm.edit("Account", crm_id, phone="2")
    w.erp.edit("party", erp_id, phone="3")
    w.cycle(2)
    (item,) = w.reviews()
    w.decide(item, {"value": "3"})
    w.crm.edit("Account", crm_id, phone="5")
    w.cycle(2)
    assert w.crm.rows("Account")[crm_id]["phone"] == "5"
    (again,) = w.reviews()
    assert again.question["sides"] == {"crm": "5", "erp": "3"}
    w.quiet()


def test_a_conflict_that_settles_itself_is_closed(world):
    w = world()
    crm_id, erp_id = w.pair(phone="1")
    w.crm.edit("Account", crm_id, phone="2")
    w.erp.edit("party", erp_id, phone="3")
    w.cycle(2)
    w.crm.edit("Account", crm_id, phone="3")
    w.cycle(2)
    assert w.reviews() == []
    assert w.crm.sent == w.erp.sent == []
