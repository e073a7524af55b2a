"""Scenario 1: our own write comes back and is nobody's edit."""

from __future__ import annotations


def test_an_edit_is_written_once_and_its_echo_goes_nowhere(world):
    w = world()
    crm_id, erp_id = w.pair(phone="1")
    w.crm.edit("Account", crm_id, phone="2")
    w.cycle()
    assert w.erp.rows("party")[erp_id]["phone"] == "2"
    assert [s.write.values for s in w.erp.sent] == [{"phone": "2"}]
    assert w.crm.sent == []
    w.quiet()
