"""Scenario 20: a listing comes back empty, or silently short. Nothing is deleted for it."""

from __future__ import annotations

from dataclasses import replace

from connectors.errors import RetryableError
from tandem.chaos.faults import Fail, ShortPage
from tandem.state import review
from tandem.state.review import ReviewState
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


def _told_of_deletions(world, deleted, **settings):
    """Events tell of deletions before anybody polls, and are worked off by themselves."""
    w, ids = populated(world, count=100)
    for native_id in ids[:deleted]:
        w.crm.remove("Account", native_id)
    worker = w.pipeline(**settings)
    assert worker.open()
    for native_id in ids[:deleted]:
        worker.hint("account", "crm", native_id)
    worker.drain()
    worker.close()
    return w, ids


def test_a_mass_deletion_that_events_tell_of_waits_for_approval(world):
    w, ids = _told_of_deletions(world, 20)
    (item,) = w.reviews("delete_approval")
    assert item.question == {"deletions": 20, "linked": 100, "allowed": 5}
    assert (w.erp.sent, w.inbox()) == ([], {"held": 20})
    w.cycle(2)
    assert (w.erp.sent, [again.id for again in w.reviews()]) == ([], [item.id])
    w.decide(item, {"approve": True})
    w.cycle(3)
    assert set(w.crm.rows("Account")) == set(ids[20:])
    assert len(w.erp.rows("party")) == 80
    assert w.reviews() == []  # that the ERP tells of our own deletions is no news
    w.quiet()


def test_a_few_deletions_that_events_tell_of_go_out_at_once(world):
    w, _ = _told_of_deletions(world, 5)
    assert len(w.erp.rows("party")) == 95
    assert w.reviews() == []
    w.quiet()


def test_deletions_that_events_tell_of_in_several_batches_are_counted_together(world):
    w, _ = _told_of_deletions(world, 8, batch=4)
    assert [sent.write.operation for sent in w.erp.sent] == ["delete"] * 4
    (item,) = w.reviews("delete_approval")
    assert item.question == {"deletions": 4, "linked": 100, "allowed": 5}


def test_a_mass_deletion_that_refused_writes_bring_to_light_waits_for_approval(world):
    w, ids = populated(world, count=100)
    for native_id in ids[:20]:
        w.erp.remove("party", w.linked(native_id))
        w.crm.edit("Account", native_id, phone="1")
    w.erp.script("page", *[Fail(RetryableError("reset"))] * 3)  # no poll sees it first
    w.cycle()
    (item,) = w.reviews("delete_approval")
    assert item.question == {"deletions": 20, "linked": 100, "allowed": 5}
    assert len(w.crm.rows("Account")) == 100


def test_an_answer_to_another_question_lets_no_mass_deletion_pass(world):
    w, ids = populated(world, count=100)
    for native_id in ids[:20]:
        w.erp.edit("party", w.linked(native_id), active="perhaps")
    w.cycle(2)
    asked = w.reviews("refused_value")
    assert len(asked) == 20
    for native_id in ids[:20]:
        w.crm.remove("Account", native_id)
    for item in asked:
        w.decide(item, {"value": True})
    w.erp.sent.clear()
    w.cycle()
    (item,) = w.reviews("delete_approval")
    assert item.question == {"deletions": 20, "linked": 100, "allowed": 5}
    assert {sent.write.operation for sent in w.erp.sent} == {"update"}
    assert [w.erp.rows("party")[w.linked(i)]["active"] for i in ids[:20]] == [True] * 20
    w.decide(item, {"approve": True})
    w.cycle(3)
    assert (len(w.crm.rows("Account")), len(w.erp.rows("party"))) == (80, 80)
    w.quiet()


def test_a_merge_that_was_decided_is_made_though_both_were_deleted_and_held_back(world):
    policy = {"deletes": {"policy": "propagate", "ceiling": 1}, "create_in": ["crm"]}
    w = world(policy=policy)
    ids = [w.crm.insert("Account", name=name) for name in ("Acme", "Omega Trade")]
    w.cycle(2)
    w.crm.edit("Account", ids[1], name="Acme")
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    for native_id in ids:
        w.crm.remove("Account", native_id)
    w.decide(item, {"merge_into": item.canonical_id})
    w.cycle()
    (asked,) = w.reviews("delete_approval")
    assert w.facts("record.merged") == []
    w.decide(asked, {"approve": True})
    w.cycle(2)
    assert len(w.facts("record.merged")) == 2
    with w.database.begin() as connection:
        assert review.get(connection, item.id).state is ReviewState.APPLIED
