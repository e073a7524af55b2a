"""Scenario 20: a listing comes back empty, or silently short. Nothing is deleted for it."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes.system import ShortPage
from tests.scenarios.world import CAPABLE

FULL_LISTINGS = replace(CAPABLE, incremental=False, tombstones=False)


def populated(world, count=200, **settings):
    w = world(
        policy={"deletes": {"policy": "propagate", "ceiling": 10}},
        crm={"capabilities": replace(FULL_LISTINGS, read_batch=40)},
        **settings,
    )
    ids = [
        w.crm.insert("Account", name=f"Firm {n:04d}", website=f"{n:04d}.example")
        for n in range(count)
    ]
    w.cycle(2)
    assert len(w.erp.rows("party")) == count
    w.crm.sent.clear()
    w.erp.sent.clear()
    return w, ids


def test_an_empty_answer_deletes_nothing_and_additions_go_on(world):
    w, _ = populated(world)
    w.crm.script("page", ShortPage(keep=0, ends=True))
    w.cycle()
    assert w.erp.sent == []
    w.crm.insert("Account", name="Newcomer", website="new.example")
    w.crm.script("page", None, None, ShortPage(keep=3, ends=True))
    w.cycle(3)
    assert len(w.erp.rows("party")) == 201
    assert [s.write.operation for s in w.erp.sent] == ["create"]


def test_a_mass_deletion_waits_for_approval_and_is_looked_at_again(world):
    w, ids = populated(world)
    for native_id in ids[:50]:
        w.crm.remove("Account", native_id)
    newcomer = w.crm.insert("Account", name="Newcomer", website="new.example")
    w.cycle(2)
    assert [s.write.operation for s in w.erp.sent] == ["create"]
    assert w.linked(newcomer)
    (item,) = w.reviews("delete_approval")
    assert item.question == {"deletions": 50, "linked": 200, "allowed": 10}
    for native_id in ids[:20]:  # twenty of them come back before anybody approves
        w.crm.edit("Account", native_id, name=f"Back {native_id}")
    w.cycle(2)
    w.decide(item, {"approve": True})
    w.cycle(3)
    assert len(w.erp.rows("party")) == 201 - 30
    w.quiet()


def test_a_few_deletions_go_out_at_once(world):
    w, ids = populated(world)
    for native_id in ids[:5]:
        w.crm.remove("Account", native_id)
    w.cycle(2)
    assert len(w.erp.rows("party")) == 195
    w.quiet()
