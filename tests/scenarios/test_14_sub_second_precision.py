"""Scenario 14: the source keeps microseconds, its API shows seconds, or rounds up."""

from __future__ import annotations

import pytest

from tandem.chaos.faults import Precision


@pytest.mark.parametrize("precision", Precision)
@pytest.mark.parametrize("stamp_versions", [True, False])
def test_edits_within_one_second_all_arrive_and_none_goes_on_for_ever(
    world, precision, stamp_versions
):
    w = world(
        crm={"precision": precision, "stamp_versions": stamp_versions},
        erp={"precision": precision, "stamp_versions": stamp_versions},
    )
    w.clock.advance(0.000123)
    ids = [w.crm.insert("Account", name=f"Firm {n}", website=f"{n}.example") for n in range(5)]
    w.cycle(3)
    for n, native_id in enumerate(ids):
        # Five edits and five polls within one second, each poll before the next edit.
        w.crm.edit("Account", native_id, phone=f"+48 {n}")
        w.cycle(pause=0.1001)
    w.crm.edit("Account", ids[0], phone="+48 last")  # again, under the same stamp
    w.cycle(pause=0.1001)
    w.cycle(2, pause=3)
    assert [r["phone"] for r in w.erp.rows("party").values()] == [
        "+48 last",
        "+48 1",
        "+48 2",
        "+48 3",
        "+48 4",
    ]
    assert len(w.erp.rows("party")) == len(w.crm.rows("Account")) == 5
    w.quiet()
    w.cycle(2, pause=10)
    assert w.cycle(pause=10).get("arrived", 0) == 0  # and nothing is worked on again for ever
