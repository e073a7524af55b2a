"""Scenario 13: a row stamped before the watermark becomes visible after it has been passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from tandem.state.tables import watermark
from tests.scenarios.world import CAPABLE


def test_it_arrives_within_the_look_back_and_the_watermark_never_moves_back(world):
    w = world(crm={"capabilities": replace(CAPABLE, look_back=timedelta(seconds=120))})
    crm_id, erp_id = w.pair(phone="1")
    other = w.crm.insert("Account", name="Betriebe Nord", phone="7")
    w.crm.edit_late("Account", crm_id, {"phone": "2"}, timedelta(seconds=90))
    seen = []
    for _ in range(20):
        w.clock.advance(9)
        w.crm.edit("Account", other, phone=str(len(seen)))
        w.cycle()
        with w.database.begin() as connection:
            (cursor,) = connection.execute(
                select(watermark.c.cursor).where(watermark.c.system == "crm")
            ).scalars()
        seen.append(cursor)
    assert w.erp.rows("party")[erp_id]["phone"] == "2"
    positions = [tuple(cursor["after"]) for cursor in seen]
    assert positions == sorted(positions)
