"""Scenario 23: a rate limit inside a batch, and a quota that several workers share."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.base import Accepted
from connectors.memory.system import CAPABILITIES
from tandem.chaos.system import RateLimit
from tandem.state.quota import Budget
from tandem.state.tables import quota

DAILY = Budget(per_day=100, reserve=0.2, backfill=0.5)


def firms(w, count=200):
    for number in range(count):
        w.crm.insert("Account", name=f"Firm {number:03d}", website=f"{number:03d}.example")


def run(w, *, lane="cli", holder="worker", link=None):
    """One cycle of a worker; the pipeline that ran it."""
    pipeline = w.pipeline(holder, lane=lane, link=link)
    assert pipeline.open()
    pipeline.cycle()
    pipeline.close()
    return pipeline


def two_links(w):
    """Accounts and contacts as two links over the same two systems."""
    accounts, contacts = w.link.objects["account"], w.link.objects["contact"]
    return (
        replace(w.link, objects={"account": accounts}),
        replace(
            w.link,
            config=w.config.model_copy(update={"link": "people"}),
            objects={"contact": contacts},
        ),
    )


def used(w, system="erp"):
    with w.database.begin() as connection:
        return connection.execute(select(quota.c.used).where(quota.c.system == system)).scalar()


def test_a_limit_in_row_57_loses_and_doubles_nothing_and_all_workers_wait(world):
    w = world(objects=("account", "contact"))
    customers, people = two_links(w)
    firms(w)
    w.crm.insert("Contact", given="Ada", family="Byron")
    w.erp.script("write", RateLimit(at=57, retry_after=30))
    run(w, link=customers)
    assert len(w.erp.rows("party")) == 57

    calls = w.erp.calls
    for second in (1, 8, 15, 22, 29):  # both links: nobody asks before the time is over
        w.clock.advance(1 if second == 1 else 7)
        first = run(w, link=customers, holder="one")
        second_worker = run(w, link=people, holder="two")
        assert first.failures == second_worker.failures == [], second
        assert {f.error.code for f in first.waits} == {"quota.waiting"}
    assert w.erp.calls == calls
    assert w.erp.rows("person") == {}

    w.clock.advance(2)
    run(w, link=customers)
    run(w, link=people)
    assert len(w.erp.rows("party")) == 200
    assert len(w.erp.rows("person")) == 1
    accepted = [s for s in w.erp.sent if isinstance(s.result, Accepted)]
    assert len(accepted) == 201
    assert len({s.write.key for s in accepted}) == 201


def test_the_reserve_is_never_touched_by_however_many_workers(world):
    w = world(objects=("account", "contact"), budgets={"erp": DAILY})
    customers, people = two_links(w)
    firms(w, 20)
    for _ in range(50):
        w.clock.advance(1)
        run(w, link=customers, holder="one")
        run(w, link=people, holder="two")
    assert w.erp.calls == 80
    assert used(w) == 80
    assert len(w.erp.rows("party")) == 20

    # What could not leave waits for the next day, and nothing was lost.
    w.crm.insert("Account", name="Late", website="late.example")
    waiting = run(w, link=customers)
    assert waiting.counts["waiting"] > 0
    assert w.outbox()["intended"] == 1
    w.clock.advance(timedelta(days=1).total_seconds())
    run(w, link=customers)
    assert len(w.erp.rows("party")) == 21
    assert used(w) <= 80


def test_a_live_edit_overtakes_a_backfill(world):
    capable = replace(world().erp.capabilities, write_batch=1)
    w = world(erp={"capabilities": capable}, budgets={"erp": DAILY})
    known, partner = w.pair(phone="1")
    spent = w.erp.calls
    firms(w)
    batch = run(w, lane="batch", holder="batch")
    assert batch.waits == [] or {f.error.code for f in batch.waits} == {"quota.waiting"}
    # The batch stopped at its half of what is not reserved.
    assert spent < w.erp.calls <= 40
    left = len(w.erp.rows("party"))
    assert left < 200

    w.crm.edit("Account", known, phone="2")
    w.erp.sent.clear()
    w.clock.advance(1)
    run(w, lane="live", holder="live")
    assert w.erp.rows("party")[partner]["phone"] == "2"
    assert w.erp.writes[0].native_id == partner
    # The backfill's own writes stay within its share, whoever sends them.
    assert len(w.erp.rows("party")) == left
    for day in range(1, 8):
        w.clock.advance(timedelta(days=1).total_seconds())
        run(w, holder=f"day {day}")
    assert len(w.erp.rows("party")) == 201


@pytest.mark.parametrize("lane", ["live", "batch"])
def test_what_others_have_used_counts_where_the_system_tells(world, lane):
    w = world(budgets={"erp": Budget(reserve=0.2, backfill=1)})
    w.crm.insert("Account", name="Acme")
    told = replace(w.link, told={"erp": (950, 1000)})
    pipeline = run(w, link=told, lane=lane)
    assert {f.error.code for f in pipeline.waits} == {"quota.waiting"}
    assert w.erp.calls == 0
    told = replace(w.link, told={"erp": (100, 1000)})
    w.clock.advance(1)
    run(w, link=told, lane=lane)
    assert len(w.erp.rows("party")) == 1


def test_a_rate_is_spread_over_its_minute(world):
    w = world(budgets={"erp": Budget(rate=60, reserve=0.5)})
    w.pair()
    moments = []
    for _ in range(60):
        before = w.erp.calls
        run(w)
        moments += [w.clock.now()] * (w.erp.calls - before)
        w.clock.advance(0.5)
    assert len(moments) > 20
    for start in moments:
        assert sum(start <= m < start + timedelta(minutes=1) for m in moments) <= 30


def test_a_small_rate_slows_a_link_and_never_starves_it(world):
    budget = Budget(rate=20)
    w = world(
        crm={"capabilities": replace(CAPABILITIES, read_batch=1, write_batch=1)},
        budgets={"crm": budget},
    )
    for number in range(6):
        w.erp.insert("party", name=f"Firm {number:03d}", website=f"{number:03d}.example")
    # Each worker begins by looking around, which alone takes what had come in meanwhile.
    for _ in range(8):
        run(w)
        w.clock.advance(1)
    assert len(w.crm.rows("Account")) == 6
    assert used(w, "crm") == w.crm.calls


def test_a_system_without_a_quota_costs_nothing(world):
    w = world()
    w.pair()
    assert used(w) is None
