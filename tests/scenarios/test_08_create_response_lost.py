"""Scenario 8: the create is carried out, its answer is lost, the worker dies. One record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.base import Idempotency
from tandem.chaos.faults import Killed, LostAnswer
from tests.scenarios.world import CAPABLE


@pytest.mark.parametrize("lag", [0, 30])
@pytest.mark.parametrize("idempotency", ["marker", "external_id"])
@pytest.mark.parametrize("killed", [False, True])
def test_one_record_whatever_was_lost(world, idempotency, lag, killed):
    capabilities = replace(
        CAPABLE,
        idempotency=Idempotency(idempotency),
        search_lag=timedelta(seconds=lag),
    )
    w = world(erp={"capabilities": capabilities})
    w.erp.script("write", LostAnswer())
    crm_id = w.crm.insert("Account", name="Acme")

    def die(step):
        if step == "push.sent" and killed:
            raise Killed

    w.checkpoint = die
    if killed:
        with pytest.raises(Killed):
            w.cycle()
    else:
        w.cycle()
    w.checkpoint = lambda _step: None
    w.clock.advance(60 if killed else 0)  # the dead worker's lease runs out
    w.cycle(3)
    w.clock.advance(lag)
    w.cycle(3)
    assert len(w.erp.rows("party")) == 1
    assert w.linked(crm_id) in w.erp.rows("party")
    w.quiet()


def test_a_lost_create_that_was_not_carried_out_is_sent_again(world):
    w = world(erp={"capabilities": replace(CAPABLE, idempotency=Idempotency.MARKER)})
    w.erp.script("write", LostAnswer(committed=False))
    crm_id = w.crm.insert("Account", name="Acme")
    w.cycle(5)
    assert len(w.erp.rows("party")) == 1
    assert w.linked(crm_id)


def test_without_any_idempotency_a_person_is_asked(world):
    w = world(erp={"capabilities": replace(CAPABLE, idempotency=Idempotency.NONE)})
    w.erp.script("write", LostAnswer())
    crm_id = w.crm.insert("Account", name="Acme", phone="1")
    w.cycle(4)
    assert len(w.erp.rows("party")) == 1
    (erp_id,) = w.erp.rows("party")
    (item,) = w.reviews("unknown_outcome")
    w.decide(item, {"native_id": erp_id})
    w.cycle(3)
    assert w.linked(crm_id) == erp_id
    w.crm.edit("Account", crm_id, phone="2")
    w.cycle(2)
    assert w.erp.rows("party")[erp_id]["phone"] == "2"
    w.quiet()
