"""A worker that slept while another took over writes nothing more, wherever it fell asleep."""

from __future__ import annotations

import pytest

from tandem.errors import FencedError


@pytest.mark.parametrize("step", ["push.intended", "push.sending", "pull.stored", "batch.stored"])
def test_a_zombie_does_not_write_after_its_successor(world, step: str):
    w = world()
    known, partner = w.pair(phone="1")
    w.crm.edit("Account", known, phone="2")
    w.crm.insert("Account", name="Newcomer", website="new.example")
    w.clock.advance(1)
    after: list[int] = []

    def fall_asleep(passed: str) -> None:
        if passed != step or after:
            return
        after.append(0)
        w.clock.advance(61)
        successor = w.pipeline("successor")
        assert successor.open()
        successor.cycle()
        successor.close()
        after[0] = len(w.erp.sent)

    w.checkpoint = fall_asleep
    zombie = w.pipeline("zombie")
    assert zombie.open()
    with pytest.raises(FencedError):
        zombie.cycle()
    # Everything that was sent, the successor sent; whoever came first, it was sent once.
    assert len(w.erp.sent) == after[0] == 2
    assert w.erp.rows("party")[partner]["phone"] == "2"
    assert len(w.erp.rows("party")) == 2
    w.quiet(3)
    assert w.outbox() == {"accepted": 3} or w.outbox() == {"accepted": 3, "superseded": 1}
