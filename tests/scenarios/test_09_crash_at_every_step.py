"""Scenario 9: the worker dies at every step boundary of the write path. One record, linked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.base import Idempotency
from tandem.chaos.faults import Killed
from tests.scenarios.world import CAPABLE

STEPS = (
    "pull.stored",
    "batch.stored",
    "push.intended",
    "push.sending",
    "erp.write.before",
    "erp.write.row",
    "erp.write.after",
    "push.sent",
    "push.recorded",
)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("operation", ["create", "update", "delete"])
@pytest.mark.parametrize("idempotency", ["key", "marker", "external_id"])
def test_a_restart_finds_everything(world, step, operation, idempotency):
    w = world(
        policy={"deletes": {"policy": "propagate"}},
        erp={"capabilities": replace(CAPABLE, idempotency=Idempotency(idempotency))},
    )
    if operation == "create":
        crm_id = w.crm.insert("Account", name="Acme", phone="1")
    else:
        crm_id, _ = w.pair(phone="1")
    if operation == "update":
        w.crm.edit("Account", crm_id, phone="2")
    elif operation == "delete":
        w.crm.remove("Account", crm_id)

    died = False

    def die(at):
        nonlocal died
        if at == step and not died:
            died = True
            raise Killed

    w.checkpoint = die
    w.erp.at_point = die
    with pytest.raises(Killed):
        w.cycle(3)
    w.clock.advance(120)
    w.cycle(4)
    expected = {"create": ["1"], "update": ["2"], "delete": []}[operation]
    assert [row["phone"] for row in w.erp.rows("party").values()] == expected
    if operation != "delete":
        assert w.linked(crm_id) in w.erp.rows("party")
    w.quiet()
