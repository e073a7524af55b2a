"""Scenario 3: an automation edits right behind our write, under our own user."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("tells_version", [True, False])
def test_the_automation_wins_although_it_runs_as_us(world, tells_version):
    w = world(erp={"tells_version": tells_version})
    crm_id, erp_id = w.pair(phone="0")

    def automation(_stream, _native_id, values):
        return {"phone": "2"} if values.get("phone") == "1" else None

    w.erp.automation = automation
    w.crm.edit("Account", crm_id, phone="1")
    w.cycle(4)
    assert w.erp.rows("party")[erp_id]["phone"] == "2"
    assert w.crm.rows("Account")[crm_id]["phone"] == "2"
    w.quiet()
