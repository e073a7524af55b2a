"""Scenario 4: edits of different fields on both sides meet without a conflict."""

from __future__ import annotations


def test_both_edits_arrive_and_nobody_is_asked(world):
    w = world()
    crm_id, erp_id = w.pair(phone="1", industry="A")
    w.crm.edit("Account", crm_id, phone="2")
    w.erp.edit("party", erp_id, industry="B")
    w.cycle(2)
    for row in (w.crm.rows("Account")[crm_id], w.erp.rows("party")[erp_id]):
        assert (row["phone"], row["industry"]) == ("2", "B")
    assert [s.write.values for s in w.crm.sent] == [{"industry": "B"}]
    assert [s.write.values for s in w.erp.sent] == [{"phone": "2"}]
    assert w.reviews() == []
    w.quiet()
