"""Scenario 16: the record changes between our read and our success. The newer value follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scenarios.world import CAPABLE


def test_an_edit_at_the_source_while_we_push_its_older_value(world):
    w = world()
    crm_id, erp_id = w.pair(phone="1")
    w.crm.edit("Account", crm_id, phone="2")

    def edit(at):
        if at == "erp.write.before":
            w.erp.at_point = None
            w.crm.edit("Account", crm_id, phone="3")

    w.erp.at_point = edit
    w.cycle()
    assert w.erp.rows("party")[erp_id]["phone"] == "2"
    w.cycle()
    assert w.erp.rows("party")[erp_id]["phone"] == "3"
    w.quiet()


@pytest.mark.parametrize("conditional", [True, False])
def test_an_edit_at_the_target_between_our_read_and_our_write_is_not_overwritten(
    world, conditional
):
    w = world(erp={"capabilities": replace(CAPABLE, conditional_writes=conditional)})
    crm_id, erp_id = w.pair(phone="1", industry="A")
    w.crm.edit("Account", crm_id, phone="2")

    def edit(step):
        if step == "push.intended":
            w.checkpoint = lambda _step: None
            w.erp.edit("party", erp_id, phone="9", industry="Z")

    w.checkpoint = edit
    w.cycle(3)
    assert w.erp.rows("party")[erp_id]["phone"] == "9"
    assert w.crm.rows("Account")[crm_id]["industry"] == "Z"
    (item,) = w.reviews("conflict")
    assert item.question["sides"] == {"crm": "2", "erp": "9"}
