"""How a link was doing over time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from tandem.state.tables import trend


def rows(world, grain, series):
    with world.database.begin() as connection:
        return [
            (row.at, row.label, row.value)
            for row in connection.execute(
                select(trend)
                .where(trend.c.grain == grain, trend.c.series == series)
                .order_by(trend.c.at, trend.c.label)
            )
        ]


def values(world, grain, series):
    return [value for _, _, value in rows(world, grain, series)]


def test_a_run_notes_what_it_did_and_how_the_link_stands(world):
    crm_id, _ = world.pair(phone="1")
    world.clock.advance(3600)
    world.crm.edit("Account", crm_id, phone="2")
    world.clock.advance(9)
    world.cycle()
    assert [label for _, label, _ in rows(world, "year", "writes")] == ["create", "update"]
    assert values(world, "year", "freshness_p95") == [10.0]
    assert values(world, "year", "linked") == [1.0, 1.0]
    assert values(world, "year", "unsent") == [0.0]


def test_flows_add_up_within_a_slot_and_slots_follow_each_other(world):
    for number in range(3):
        world.crm.insert("Account", name=f"Acme {number}")
        world.cycle()
        world.clock.advance(1)
    world.clock.advance(3600)
    world.crm.insert("Account", name="Zeta")
    world.cycle()
    slots = rows(world, "day", "writes")
    assert [value for _, _, value in slots] == [3.0, 1.0]
    assert slots[1][0] - slots[0][0] == timedelta(hours=1)
    assert values(world, "year", "writes") == [4.0]


def test_what_is_old_is_forgotten_grain_by_grain(world):
    world.pair()
    world.clock.advance(4 * 3600)
    world.cycle()
    assert len(values(world, "hour", "unsent")) == 1
    assert len(values(world, "day", "unsent")) == 2


def test_what_a_compare_found_and_repaired(world):
    crm_id, _ = world.pair(phone="1")
    world.crm.edit_quietly("Account", crm_id, phone="2")
    pipeline = world.pipeline()
    assert pipeline.open()
    pipeline.compare()
    pipeline.drain()
    pipeline.close()
    assert (values(world, "year", "diverged"), values(world, "year", "repaired")) == ([1.0], [1.0])
    assert values(world, "year", "compared") == [2.0]
