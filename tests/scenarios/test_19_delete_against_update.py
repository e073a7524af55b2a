"""Scenario 19: one side deletes while the other edits. The policy says what becomes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.errors import RecordError, RetryableError
from tandem.chaos.faults import Fail
from tandem.replay import replay_dead_letters
from tests.scenarios.world import CAPABLE


def delete_against_update(w):
    crm_id, erp_id = w.pair(phone="1", active=True)
    w.crm.remove("Account", crm_id)
    w.erp.edit("party", erp_id, phone="2")
    w.cycle(3)
    return crm_id, erp_id


def world_with(world, policy):
    return world(policy={"deletes": {"policy": policy}})


def test_propagate(world):
    w = world_with(world, "propagate")
    delete_against_update(w)
    assert w.crm.rows("Account") == w.erp.rows("party") == {}
    w.quiet()


def test_propagate_to_a_system_that_cannot_delete_deactivates(world):
    w = world(
        policy={"deletes": {"policy": "propagate"}},
        erp={"capabilities": replace(CAPABLE, deletes=False)},
    )
    _, erp_id = delete_against_update(w)
    assert w.crm.rows("Account") == {}
    row = w.erp.rows("party")[erp_id]
    assert (row["phone"], row["active"]) == ("2", False)
    w.quiet()


def test_restore(world):
    w = world_with(world, "restore")
    _, erp_id = delete_against_update(w)
    assert [r["phone"] for r in w.crm.rows("Account").values()] == ["2"]
    assert w.erp.rows("party")[erp_id]["phone"] == "2"
    w.quiet()


def _not_restored_at_once(world, error):
    """The CRM deletes, what would restore it fails, and then the ERP edits; the ids of both."""
    w = world_with(world, "restore")
    crm_id, erp_id = w.pair(phone="1")
    w.crm.script("write", Fail(error), Fail(error))
    w.crm.remove("Account", crm_id)
    w.cycle()
    w.erp.edit("party", erp_id, phone="2")
    w.cycle(3, pause=60)
    return w, crm_id, erp_id


def test_what_is_edited_before_it_could_be_restored_is_restored_as_it_is_by_then(world):
    w, _, erp_id = _not_restored_at_once(world, RetryableError("reset"))
    assert [r["phone"] for r in w.crm.rows("Account").values()] == ["2"]
    assert w.erp.rows("party")[erp_id]["phone"] == "2"
    w.quiet()


def test_what_could_not_be_restored_is_restored_when_it_is_replayed(world):
    w, _, _ = _not_restored_at_once(world, RecordError("refused"))
    assert (w.crm.rows("Account"), w.outbox()) == (
        {},
        {"accepted": 1, "rejected": 1, "superseded": 1},
    )
    replay_dead_letters(w.database, None, person="stella", at=w.clock.now())
    w.cycle(2)
    assert [r["phone"] for r in w.crm.rows("Account").values()] == ["2"]
    w.quiet()


def test_what_comes_back_before_it_could_be_restored_is_not_made_anew(world):
    w = world_with(world, "review")
    crm_id, _ = w.pair(phone="1")
    w.crm.remove("Account", crm_id)
    w.cycle(2)
    w.crm.script("write", Fail(RecordError("refused")))
    w.decide(*w.reviews("deletion"), {"policy": "restore"})
    w.cycle(2)
    w.crm.edit("Account", crm_id, name="Acme", phone="2")
    w.cycle(3)
    assert w.crm.rows("Account").keys() == {crm_id}
    assert w.outbox() == {"accepted": 2, "superseded": 1}
    w.crm.remove("Account", crm_id)
    w.cycle(2)
    w.decide(*w.reviews("deletion"), {"policy": "unlink"})
    w.cycle(3)
    assert w.crm.rows("Account") == {}
    w.quiet()


def test_deactivate(world):
    w = world_with(world, "deactivate")
    _, erp_id = delete_against_update(w)
    assert w.crm.rows("Account") == {}
    row = w.erp.rows("party")[erp_id]
    assert (row["phone"], row["active"]) == ("2", False)
    w.quiet()


def test_unlink(world):
    w = world_with(world, "unlink")
    _, erp_id = delete_against_update(w)
    assert w.crm.rows("Account") == {}
    assert w.erp.rows("party")[erp_id]["phone"] == "2"
    w.erp.edit("party", erp_id, phone="3")
    w.quiet()
    assert w.crm.rows("Account") == {}


@pytest.mark.parametrize(
    ("answer", "left_in_crm", "left_in_erp"),
    [("propagate", 0, 0), ("restore", 1, 1), ("unlink", 0, 1)],
)
def test_review(world, answer, left_in_crm, left_in_erp):
    w = world_with(world, "review")
    delete_against_update(w)
    assert len(w.erp.rows("party")) == 1
    assert w.crm.sent == w.erp.sent == []
    (item,) = w.reviews("deletion")
    w.decide(item, {"policy": answer})
    w.cycle(3)
    assert len(w.crm.rows("Account")) == left_in_crm
    assert len(w.erp.rows("party")) == left_in_erp
    w.quiet()


@pytest.mark.parametrize("policy", ["propagate", "deactivate", "unlink"])
def test_no_later_poll_recreates_what_was_deleted(world, policy):
    w = world_with(world, policy)
    delete_against_update(w)
    w.compare()
    w.compare()
    assert w.crm.rows("Account") == {}


def test_a_record_that_comes_back_at_its_source_is_in_step_again(world):
    w = world_with(world, "unlink")
    crm_id, erp_id = delete_against_update(w)
    w.crm.edit("Account", crm_id, name="Acme", phone="5")
    w.cycle(3)
    assert w.erp.rows("party")[erp_id]["phone"] in {"2", "5"}
    assert len(w.crm.rows("Account")) == len(w.erp.rows("party")) == 1
    w.quiet()
