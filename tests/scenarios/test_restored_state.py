"""Our own state comes back from a backup. What happened since is neither lost nor done twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.base import Idempotency
from tandem.state import backup
from tests.scenarios.world import CAPABLE


@pytest.mark.parametrize("idempotency", [Idempotency.MARKER, Idempotency.EXTERNAL_ID])
def test_what_was_created_since_the_backup_is_recognised(
    world, tmp_path: Path, idempotency: Idempotency
):
    capable = replace(CAPABLE, idempotency=idempotency)
    w = world(crm={"capabilities": capable}, erp={"capabilities": capable})
    first, partner = w.pair(phone="1")
    waiting = w.crm.insert("Account", name="Decided, not sent", website="decided.example")
    w.clock.advance(1)
    pipeline = w.pipeline()
    assert pipeline.open()
    pipeline.pull()
    pipeline.drain(push=False)
    pipeline.close()
    url = w.database.engine.url.render_as_string(hide_password=False)
    backup.write(url, tmp_path / "state.zip", w.clock.now())

    # Names alike, so that matching alone would not dare to link them.
    created = [w.crm.insert("Account", name="Branch") for _ in range(3)]
    born_in_erp = w.erp.insert("party", name="Other Branch")
    w.crm.edit("Account", first, phone="2")
    w.cycle(3)
    w.erp.edit("party", partner, name="Acme Renamed")
    crm, erp = w.crm.rows("Account"), w.erp.rows("party")
    assert (len(crm), len(erp)) == (6, 6)
    w.crm.sent.clear()
    w.erp.sent.clear()

    backup.restore(url, tmp_path / "state.zip", w.clock.now(), force=True)
    w.cycle(4)
    assert (len(w.crm.rows("Account")), len(w.erp.rows("party"))) == (6, 6)
    assert w.crm.rows("Account")[first] == {**crm[first], "name": "Acme Renamed"}
    assert w.erp.rows("party")[partner]["phone"] == "2"
    assert [s.write.values for s in w.crm.sent] == [{"name": "Acme Renamed"}]
    assert w.erp.sent == []
    partners = {w.linked(native_id) for native_id in [*created, waiting]}
    assert len(partners - {None, partner, born_in_erp}) == 4
    assert w.reviews() == []
    w.quiet()


def test_nothing_is_worked_off_before_every_stream_was_read(world, tmp_path: Path):
    capable = replace(CAPABLE, idempotency=Idempotency.MARKER)
    w = world(crm={"capabilities": capable}, erp={"capabilities": capable})
    w.pair()
    url = w.database.engine.url.render_as_string(hide_password=False)
    backup.write(url, tmp_path / "state.zip", w.clock.now())
    w.crm.insert("Account", name="Branch")
    w.cycle(2)
    backup.restore(url, tmp_path / "state.zip", w.clock.now(), force=True)
    w.clock.advance(1)
    pipeline = w.pipeline()
    assert pipeline.open()
    pipeline.pull("erp")  # our own create, and nobody to belong to
    pipeline.drain()
    pipeline.close()
    w.cycle(3)
    assert (len(w.crm.rows("Account")), len(w.erp.rows("party"))) == (2, 2)


def test_where_nobody_can_tell_a_person_is_asked(world, tmp_path: Path):
    w = world(erp={"capabilities": replace(CAPABLE, idempotency=Idempotency.NONE)})
    w.pair()
    w.crm.insert("Account", name="Decided, not sent")
    w.clock.advance(1)
    pipeline = w.pipeline()
    assert pipeline.open()
    pipeline.pull()
    pipeline.drain(push=False)
    pipeline.close()
    url = w.database.engine.url.render_as_string(hide_password=False)
    backup.write(url, tmp_path / "state.zip", w.clock.now())
    w.cycle(2)
    backup.restore(url, tmp_path / "state.zip", w.clock.now(), force=True)
    w.cycle(3)
    assert len(w.erp.rows("party")) == 2
    (item,) = w.reviews("unknown_outcome")
    w.decide(item, {"native_id": max(w.erp.rows("party"), key=int)})
    w.cycle(3)
    assert (len(w.crm.rows("Account")), len(w.erp.rows("party"))) == (2, 2)
    w.quiet()
