"""Scenario 18: events come doubled and out of order. Each is a hint: the record is read again."""

from __future__ import annotations

import pytest

from connectors.base import Record
from connectors.errors import RetryableError
from tandem.chaos.faults import Fail


def hint(w, *native_ids, system="crm"):
    """Events of these records, in one run that polls nothing."""
    w.clock.advance(1)
    pipeline = w.pipeline()
    assert pipeline.open()
    for native_id in native_ids:
        pipeline.hint("account", system, native_id)
        pipeline.drain()
    pipeline.close()


def stale(w, native_id, version, **values):
    """An event that carries an old state of the record, as a slow poll would."""
    columns = dict.fromkeys(("name", "phone", "tax_id", "industry", "website", "active", "parent"))
    record = Record("Account", native_id, version, w.clock.now(), columns | values)
    w.receive("crm", record)


def test_v3_v1_v2_v2_end_as_v3(world):
    w = world()
    crm_id, erp_id = w.pair(phone="v0")
    for phone in ("v1", "v2", "v3"):
        w.clock.advance(0.1)
        w.crm.edit("Account", crm_id, phone=phone)
    hint(w, crm_id, crm_id, crm_id, crm_id)
    assert [s.write.values for s in w.erp.sent] == [{"phone": "v3"}]
    assert w.erp.rows("party")[erp_id]["phone"] == "v3"
    w.quiet(3)
    assert len(w.erp.sent) == 1


@pytest.mark.parametrize("policy", ["propagate", "unlink", "deactivate"])
def test_a_create_event_after_its_delete_brings_nothing_back(world, policy):
    w = world(policy={"deletes": {"policy": policy}})
    crm_id, erp_id = w.pair(phone="1")
    w.crm.remove("Account", crm_id)
    hint(w, crm_id)
    writes = len(w.erp.sent)
    hint(w, crm_id, crm_id)  # the late create event, twice
    stale(w, crm_id, "1", name="Acme", phone="1")
    w.cycle(3)
    assert crm_id not in w.crm.rows("Account")
    assert (erp_id in w.erp.rows("party")) is (policy != "propagate")
    assert w.crm.sent == []
    assert len(w.erp.sent) == writes
    w.quiet()


def test_events_of_a_record_that_came_and_went_unseen_make_nothing(world):
    w = world()
    w.pair()
    crm_id = w.crm.insert("Account", name="Brief", website="brief.example")
    w.crm.remove("Account", crm_id)
    hint(w, crm_id, crm_id)
    w.cycle(2)
    assert w.linked(crm_id) is None
    assert [r["name"] for r in w.erp.rows("party").values()] == ["Acme"]
    assert w.erp.sent == []
    assert w.inbox() == {}


def test_an_event_of_a_system_that_lost_the_race_against_our_own_write(world):
    w = world()
    crm_id, erp_id = w.pair(phone="1")
    w.crm.edit("Account", crm_id, phone="2")
    w.cycle(2)
    hint(w, erp_id, erp_id, system="erp")
    hint(w, crm_id)
    assert len(w.erp.sent) == 1
    assert w.crm.sent == []


@pytest.mark.parametrize("batch", [1, 500])
def test_what_was_polled_before_an_event_was_followed_is_no_news_after_it(world, batch):
    w = world()
    account, party = w.pair(phone="1")
    pipeline = w.pipeline(batch=batch)
    assert pipeline.open()
    pipeline.hint("account", "erp", party)
    w.erp.edit("party", party, phone="2")
    pipeline.pull()
    w.erp.edit("party", party, phone="3")
    pipeline.drain()
    pipeline.close()
    w.cycle(3)
    phones = [f.after["phone"] for f in w.facts("golden.changed") if "phone" in f.after]
    assert phones == ["1", "3"]
    assert w.crm.rows("Account")[account]["phone"] == "3"


def test_what_could_not_be_worked_off_is_no_news_after_what_was_polled_later(world):
    w = world()
    account, party = w.pair(phone="1")
    pipeline = w.pipeline(batch=2)
    assert pipeline.open()
    w.erp.edit("party", party, phone="2")
    pipeline.pull()
    pipeline.hint("account", "erp", party)
    w.erp.script("read", Fail(RetryableError("500")))
    pipeline.drain()
    w.erp.edit("party", party, phone="3")
    pipeline.pull()
    pipeline.drain()
    pipeline.close()
    later = w.pipeline(batch=1)
    assert later.open()
    later.cycle()
    later.close()
    phones = [f.after["phone"] for f in w.facts("golden.changed") if "phone" in f.after]
    assert phones == ["1", "3"]
    assert w.crm.rows("Account")[account]["phone"] == "3"


@pytest.mark.parametrize("batch", [1, 500])
def test_a_deletion_before_an_event_was_followed_is_none_after_a_restore(world, batch):
    w = world(policy={"deletes": {"policy": "propagate"}})
    account, party = w.pair(phone="1")
    pipeline = w.pipeline(batch=batch)
    assert pipeline.open()
    pipeline.hint("account", "erp", party)
    held = w.erp.rows("party")[party]
    w.erp.remove("party", party)
    pipeline.pull()
    w.erp.edit("party", party, **held)
    pipeline.drain()
    pipeline.close()
    w.cycle(3)
    assert set(w.crm.rows("Account")) == {account}
    assert w.linked(account) == party
    assert w.crm.sent == []
