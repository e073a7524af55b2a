"""Scenario 17: of 200 rows 3 are rejected and 1 has no answer. The others are done, once."""

from __future__ import annotations

from dataclasses import replace

from connectors.base import Idempotency, Rejected
from tandem.chaos.faults import LostAnswer
from tests.scenarios.world import CAPABLE

BAD = {"Firm 010", "Firm 020", "Firm 030"}


def refuse(_stream, write):
    if write.values.get("name") in BAD:
        return Rejected("bad_name", "this name is not allowed here", ("name",))
    return None


def test_a_partial_batch(world):
    w = world(
        erp={
            "capabilities": replace(CAPABLE, idempotency=Idempotency.MARKER),
            "reject": refuse,
        }
    )
    ids = {
        name: w.crm.insert("Account", name=name, tax_id=None, website=f"{name[5:]}.example")
        for name in (f"Firm {number:03d}" for number in range(200))
    }
    w.erp.script("write", LostAnswer(at=100))
    w.cycle(4)
    assert len(w.erp.rows("party")) == 197
    assert len([s for s in w.erp.sent if not isinstance(s.result, Rejected)]) == 197
    assert w.outbox() == {"accepted": 197, "rejected": 3}
    rejected = w.facts("write.rejected")
    assert [fact.after for fact in rejected] == [{"code": "bad_name"}] * 3
    w.quiet()
    # The cause is fixed at the source: it goes out with the next edit, nobody replays anything.
    w.erp.reject = None
    for name in BAD:
        w.crm.edit("Account", ids[name], name=f"{name} fixed")
    w.cycle(3)
    assert len(w.erp.rows("party")) == 200
    assert "rejected" not in w.outbox()
