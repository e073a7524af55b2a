"""A system comes back from a backup. The link stops and asks; its old values overwrite nothing."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta

import pytest

from tandem.sync.restored import RestoredSystemError, Sighting, judge


def populated(world, count=8):
    w = world()
    ids = [
        w.crm.insert("Account", name=f"Firm {n}", website=f"{n}.example", phone="0")
        for n in range(count)
    ]
    w.cycle(3, pause=60)
    return w, ids


def restored(w, ids):
    """The CRM loses four edits and one new record; (its records before, the new record's id)."""
    saved = copy.deepcopy(w.crm._streams)
    w.clock.advance(600)
    for native_id in ids[:4]:
        w.clock.advance(1)
        w.crm.edit("Account", native_id, phone="1")
    newcomer = w.crm.insert("Account", name="Newcomer", website="new.example")
    w.cycle(3, pause=60)
    before = w.crm.rows("Account")
    w.crm._streams = saved
    w.crm.sent.clear()
    w.erp.sent.clear()
    w.clock.advance(400)
    with pytest.raises(RestoredSystemError) as raised:
        w.cycle()
    assert raised.value.code == "system.restored"
    w.clock.advance(61)
    with pytest.raises(RestoredSystemError):
        w.pipeline("another").open()
    assert w.crm.sent == w.erp.sent == []
    return before, newcomer


def test_what_was_lost_is_brought_back(world):
    w, ids = populated(world)
    before, _ = restored(w, ids)
    (item,) = w.reviews("restored_system")
    assert (item.system, item.question["records"]) == ("crm", 5)
    w.decide(item, {"approve": False})
    w.cycle(4)
    by_name = {row["name"]: row.get("phone") for row in w.crm.rows("Account").values()}
    assert by_name == {row["name"]: row.get("phone") for row in before.values()}
    assert len(w.erp.rows("party")) == len(w.crm.rows("Account")) == 9
    assert w.erp.sent == []
    assert w.reviews() == []
    w.quiet(3)


def test_the_old_state_is_taken_as_the_truth(world):
    w, ids = populated(world)
    restored(w, ids)
    (item,) = w.reviews("restored_system")
    w.decide(item, {"approve": True})
    w.cycle(4)
    assert {row["phone"] for row in w.erp.rows("party").values() if row.get("phone")} == {"0"}
    assert [item.kind for item in w.reviews()] == ["deletion"]
    assert w.crm.sent == []


def test_ordinary_noise_stops_nobody(world):
    w, ids = populated(world)
    w.crm.skew = timedelta(minutes=-10)  # the clock is set back, and people go on working
    for native_id in ids[:4]:
        w.clock.advance(1)
        w.crm.edit("Account", native_id, phone="1")
    w.cycle(3, pause=400)
    for native_id in ids[4:6]:
        w.crm.remove("Account", native_id)
    w.cycle(2, pause=400)
    assert w.reviews("restored_system") == []


def seen(hour, now, *, same=False):
    day = datetime(2026, 3, 1, tzinfo=UTC)
    moment = day + timedelta(hours=hour)
    then = None if now is None else day + timedelta(hours=now)
    return Sighting(moment, moment + timedelta(minutes=1), same, then)


def test_only_a_clean_cut_in_time_counts():
    tolerance = timedelta(seconds=2)
    back = [seen(17, 9), seen(16, 8), seen(15, 7)]
    assert judge(back, tolerance) == 3
    assert judge([*back, seen(18, None), seen(10, 10, same=True)], tolerance) == 4
    assert judge(back[:2], tolerance) == 0
    assert judge([*back, seen(18, 18, same=True)], tolerance) == 0
    assert judge([seen(h, None) for h in range(9)], tolerance) == 0
