"""What people see of a link at a glance, and its history page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.base import Rejected
from tandem.errors import NotFoundError
from tandem.state.reader.history import Wanted, actions, facts, one_run, runs
from tandem.state.reader.links import Point, link_view, sums, totals, trends


def test_a_link_at_a_glance(world, reader):
    crm_id, _ = world.pair(phone="1")
    world.crm.edit("Account", crm_id, phone="2")
    world.clock.advance(9)
    pipeline = world.pipeline()
    assert pipeline.open()
    pipeline.compare()
    pipeline.drain()
    pipeline.close()
    world.erp.reject = lambda _stream, _write: Rejected("NO", "no")
    world.crm.insert("Account", name="Zeta")
    world.crm.insert("Account", name="", phone="1")
    world.cycle()
    with reader.view() as connection:
        view = link_view(connection, "customers", world.clock.now())
        empty = link_view(connection, "nonsense", world.clock.now())
    assert view.freshness.p95 == timedelta(seconds=9)
    assert (view.dead_letters, view.quarantined, view.backlog) == (1, 1, 0)
    assert view.linked == {"account crm": 1, "account erp": 1}
    assert view.last_compare is not None
    assert view.last_compare.counts["compared"] == 2
    assert view.last_run is not None
    assert view.last_run.counts["rejected"] == 1
    assert (empty.backlog, empty.last_run, empty.last_compare, empty.linked) == (0, None, None, {})


def test_what_waits_and_since_when(world, reader):
    world.crm.insert("Account", name="Acme")
    pipeline = world.pipeline()
    assert pipeline.open()
    pipeline.pull()
    pipeline.drain(push=False)
    decided_at = world.clock.now()
    world.clock.advance(60)
    with reader.view() as connection:
        view = link_view(connection, "customers", world.clock.now())
    assert (view.unsent, view.oldest_unsent, view.backlog) == ({"intended": 1}, decided_at, 1)


def test_trends_by_series_and_label(world, reader):
    world.pair()
    began = world.clock.now() - timedelta(hours=1)
    with reader.view() as connection:
        found = trends(connection, "customers", "hour", began, ["writes", "unsent", "rejected"])
        later = trends(connection, "customers", "hour", world.clock.now(), ["writes"])
    (writes,) = found["writes"]
    assert (writes.label, writes.last) == ("create", 1.0)
    (unsent,) = found["unsent"]
    assert unsent.points == (Point(writes.points[0].at, 0.0),)
    assert found["rejected"] == []
    assert later == {"writes": []}


def test_what_went_by_is_summed_up(world, reader):
    world.pair()
    world.clock.sleep(86400)
    world.pair(name="Zeta")
    names, now = ["writes", "rejected"], world.clock.now()
    with reader.view() as connection:
        assert sums(connection, "customers", now - timedelta(days=30), names) == {"writes": 2.0}
        assert sums(connection, "customers", now - timedelta(hours=7), names) == {"writes": 1.0}
        assert totals(connection, "customers", names) == {("writes", "create"): 2.0}


def test_the_audit_page_by_page(world, reader):
    world.pair()
    crm_id, _ = world.pair(name="Zeta")
    with reader.view() as connection:
        everything = facts(connection, Wanted())
        first = facts(connection, Wanted(link="customers"), limit=2)
        rest = facts(connection, Wanted(link="customers"), before=first[-1].id)
        arrived = facts(connection, Wanted(action="record.arrived"))
        of_one = facts(connection, Wanted(canonical_id=arrived[0].canonical_id))
        names = actions(connection)
    assert [*first, *rest] == everything
    assert [fact.id for fact in everything] == sorted((f.id for f in everything), reverse=True)
    assert arrived[0].native_id == crm_id
    assert {fact.canonical_id for fact in of_one} == {arrived[0].canonical_id}
    assert names == sorted({fact.action for fact in everything})


def test_runs_page_by_page(world, reader):
    for _ in range(3):
        world.cycle()
        world.clock.advance(60)
    with reader.view() as connection:
        everything = runs(connection, "customers")
        older = runs(connection, "customers", before=everything[0].started_at)
        assert older == everything[1:]
        assert len(everything) == 3
        assert runs(connection, "customers", lane="live") == []
        assert one_run(connection, everything[0].id) == everything[0]
        with pytest.raises(NotFoundError):
            one_run(connection, "nonsense")
