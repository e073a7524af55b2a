"""Scenario 12: more rows in one instant than fit on a page, and a death after the first page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tandem.chaos.faults import Killed
from tests.scenarios.world import CAPABLE


def test_all_rows_of_one_instant_arrive_once(world):
    w = world(crm={"capabilities": replace(CAPABLE, read_batch=100)})
    for number in range(250):
        w.crm.insert("Account", name=f"Company {number:03d} {number * 7919 % 997}", tax_id=None)

    def die(at):
        if at == "crm.page":
            raise Killed

    w.crm.at_point = die
    with pytest.raises(Killed):
        w.cycle()
    w.crm.at_point = None
    w.clock.advance(120)
    w.cycle(3)
    names = [row["name"] for row in w.erp.rows("party").values()]
    assert len(names) + len(w.reviews("duplicate")) == len(set(names)) == 250
    assert len(w.erp.sent) == 250
    w.quiet()
