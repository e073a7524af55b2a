"""Scenario 10: two records need the same parent that the ERP lacks, and two workers run at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from connectors.base import Entry, Idempotency
from tandem.errors import TandemError
from tandem.sync.run import LEASE
from tests.scenarios.world import CAPABLE

OBJECTS = ("account", "contact")


def family(w):
    """An account that only the CRM has, and two persons who work there."""
    parent = w.crm.insert("Account", name="Acme", website="acme.example")
    for given in ("Ann", "Bob"):
        w.crm.insert("Contact", given=given, family="Lee", phone=given, account=parent)
    return parent


def together(w, parent):
    """One parent on each side, linked, and both persons point to it on both sides."""
    assert list(w.erp.rows("party")) == [w.linked(parent)]
    assert {r["account"] for r in w.crm.rows("Contact").values()} == {parent}
    people = sorted((r["given"], r["account"]) for r in w.erp.rows("person").values())
    assert people == [("Ann", w.linked(parent)), ("Bob", w.linked(parent))]
    assert w.inbox() == {}


def test_of_two_workers_at_once_one_waits_and_the_parent_is_made_once(world):
    w = world(objects=OBJECTS)
    parent = family(w)
    start = Barrier(2)
    turns = []

    def work(name):
        pipeline = w.pipeline(holder=name)
        start.wait()
        while not pipeline.open():
            pass
        turns.append(name)
        pipeline.cycle()
        turns.append(name)
        pipeline.close()

    workers = [Thread(target=work, args=(name,)) for name in ("first", "second")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert turns in ([a, a, b, b] for a, b in (("first", "second"), ("second", "first")))
    together(w, parent)
    w.quiet(5)


@pytest.mark.parametrize("idempotency", [Idempotency.KEY, Idempotency.EXTERNAL_ID])
@pytest.mark.parametrize("step", ["push.intended", "push.sending", "push.sent"])
def test_a_worker_that_wakes_up_after_its_lease_makes_no_second_parent(world, idempotency, step):
    w = world(objects=OBJECTS, erp={"capabilities": replace(CAPABLE, idempotency=idempotency)})
    parent = family(w)
    sleeper = w.pipeline(holder="sleeper")
    assert sleeper.open()
    slept = []

    def sleep(point):
        if point == step and not slept:
            slept.append(point)
            w.clock.advance((LEASE + timedelta(seconds=5)).total_seconds())
            w.cycle(3)  # another worker has taken over meanwhile

    w.checkpoint = sleep
    with pytest.raises(TandemError):
        sleeper.cycle()
    w.checkpoint = lambda _step: None
    assert slept == [step]
    w.cycle(3)
    together(w, parent)
    w.quiet(5)


def test_a_directory_entry_that_is_missing_is_asked_for_and_never_made(world):
    """Of categories that are a directory's, none is made at all: a person is asked, once."""
    w = world(
        erp={"directories": {"industry": [Entry("glass", "Glass")]}},
    )
    w.erp.alter("party", "industry", allowed=("glass",))
    w.map_field(
        "account",
        "crm",
        "industry",
        {"column": "industry", "transform": "choice", "options": {"values": {"Glass": "glass"}}},
    )
    for name in ("Acme", "Bolt"):
        w.crm.insert("Account", name=name, website=f"{name}.example", industry="Steel works")
    w.cycle(3)
    assert [r.get("industry") for r in w.erp.rows("party").values()] == [None, None]
    items = w.reviews("refused_value")
    assert [i.question["text"] for i in items] == ["Steel works"] * 2
    assert len({i.group_key for i in items}) == 1
    assert [e.code for e in w.erp.directory("industry")] == ["glass"]
