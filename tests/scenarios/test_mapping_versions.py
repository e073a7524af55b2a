"""A run works by pinned mappings, and every write names the one that it was made by."""

from __future__ import annotations

from sqlalchemy import select

from connectors.base import ColumnType
from tandem.state.tables import mapping_version, outbox, run


def version(w, system):
    return w.link.objects["account"].mappings[system].version


def rows(w, table, order):
    with w.database.begin() as connection:
        return connection.execute(select(table).order_by(order)).all()


def test_a_write_names_its_mapping_and_the_mapping_is_kept(world):
    w = world()
    crm_id, _ = w.pair(phone="+48 1")
    before = version(w, "erp")
    w.map_field("account", "erp", "phone", {"column": "phone", "transform": "text"})
    assert version(w, "erp") == before  # said otherwise, it is the same mapping
    w.map_field("account", "erp", "phone", {"column": "phone", "transform": "phone"})
    after = version(w, "erp")
    w.crm.edit("Account", crm_id, phone="+48 22 123 45 67")
    w.cycle()
    assert [row.mapping for row in rows(w, outbox, outbox.c.id)] == [before, after]
    assert [fact.cause["mapping"] for fact in w.facts("write.accepted")] == [before, after]
    kept = {
        row.version: row.document["fields"]["phone"]
        for row in rows(w, mapping_version, mapping_version.c.version)
    }
    assert kept[after] == {"column": "phone", "transform": "phone"}
    assert kept[before] == {"column": "phone"}
    pinned = [row.mappings["account:erp"] for row in rows(w, run, run.c.started_at)]
    assert pinned == [before, before, before, after]


def test_a_mapping_that_changes_during_a_run_takes_effect_with_the_next_one(world):
    w = world()
    crm_id, _ = w.pair(phone="+48 1")
    for system, stream in ((w.crm, "Account"), (w.erp, "party")):
        system.alter(stream, "fax", type=ColumnType.STRING)
    pipeline = w.pipeline()
    assert pipeline.open()
    for system in ("crm", "erp"):
        w.map_field("account", system, "fax", "fax")
    w.crm.edit("Account", crm_id, phone="+48 2", fax="+48 9")
    w.clock.advance(1)
    pipeline.cycle()
    pipeline.close()
    assert [dict(s.write.values) for s in w.erp.sent] == [{"phone": "+48 2"}]


def test_a_field_that_is_mapped_for_the_first_time_is_filled_by_the_next_full_compare(world):
    w = world()
    for system, stream in ((w.crm, "Account"), (w.erp, "party")):
        system.alter(stream, "fax", type=ColumnType.STRING)
    crm_id, erp_id = w.pair(phone="+48 1", fax="+48 9")
    for system in ("crm", "erp"):
        w.map_field("account", system, "fax", "fax")
    counts = w.compare()
    assert w.erp.rows("party")[erp_id]["fax"] == "+48 9"
    assert [dict(s.write.values) for s in w.erp.sent] == [{"fax": "+48 9"}]
    assert w.crm.sent == []
    assert counts.get("drift", 0) == 0  # nobody had changed anything
    assert w.linked(crm_id) == erp_id
    w.quiet(3)
