"""Scenario 5: the same field on both sides, and a person decides."""

from __future__ import annotations


def conflict(w):
    crm_id, erp_id = w.pair(phone="1", industry="A")
    w.crm.edit("Account", crm_id, phone="2", industry="B")
    w.erp.edit("party", erp_id, phone="3")
    w.cycle(2)
    return crm_id, erp_id


def test_the_field_waits_and_the_others_flow(world):
    w = world()
    conflict(w)
    assert [s.write.values for s in w.erp.sent] == [{"industry": "B"}]
    assert w.crm.sent == []
    (item,) = w.reviews()
    assert (item.kind, item.field, item.version) == ("conflict", "phone", 1)
    assert item.question["base"] == "1"
    assert item.question["sides"] == {"crm": "2", "erp": "3"}
    w.quiet()


def test_the_decision_is_written_once_with_its_loser_in_the_audit(world):
    w = world()
    _, erp_id = conflict(w)
    (item,) = w.reviews()
    w.decide(item, {"value": "3"})
    w.cycle(2)
    assert [s.write.values for s in w.crm.sent] == [{"phone": "3"}]
    assert w.erp.rows("party")[erp_id]["phone"] == "3"
    assert w.reviews() == []
    (decided,) = w.facts("review.decided")
    assert (decided.actor, decided.after) == ("stella", {"value": "3"})
    changed = w.facts("golden.changed")[-1]
    assert changed.cause["phone"] == {
        "rule": "decision",
        "system": None,
        "person": "stella",
        "review_id": item.id,
        "losers": {"crm": "2"},
    }
    w.quiet()


def test_a_third_value_goes_to_both(world):
    w = world()
    crm_id, erp_id = conflict(w)
    (item,) = w.reviews()
    w.decide(item, {"value": "4"})
    w.cycle(2)
    assert w.crm.rows("Account")[crm_id]["phone"] == "4"
    assert w.erp.rows("party")[erp_id]["phone"] == "4"
    w.quiet()
