"""Scenario 15: a change that leaves the modification time alone. The full compare finds it."""

from __future__ import annotations

from tandem.state.tables import run


def test_a_full_compare_finds_repairs_and_counts_what_no_event_told(world):
    w = world()
    crm_id, erp_id = w.pair(phone="+48 1", industry="steel")
    other = w.crm.insert("Account", name="Bolt", website="bolt.example", phone="+48 7")
    w.cycle(3)
    assert w.compare().get("drift", 0) == 0
    w.crm.edit_quietly("Account", crm_id, phone="+48 2")
    w.erp.edit_quietly("party", erp_id, industry="glass")
    w.cycle(3, pause=600)
    assert w.erp.rows("party")[erp_id]["phone"] == "+48 1"  # no poll can see it
    counts = w.compare()
    assert (counts["drift"], counts["updates"]) == (2, 2)
    assert w.erp.rows("party")[erp_id]["phone"] == "+48 2"
    assert w.crm.rows("Account")[crm_id]["industry"] == "glass"
    assert w.crm.rows("Account")[other]["phone"] == "+48 7"
    assert w.compare().get("drift", 0) == 0
    w.quiet()


def test_the_run_keeps_the_count(world):
    w = world()
    crm_id, _ = w.pair(phone="+48 1")
    w.crm.edit_quietly("Account", crm_id, phone="+48 2")
    w.compare()
    with w.database.begin() as connection:
        counts = [r.counts.get("drift", 0) for r in connection.execute(run.select())]
    assert sum(counts) == 1


def test_an_edit_that_a_poll_could_see_too_is_not_counted_twice(world):
    w = world()
    crm_id, erp_id = w.pair(phone="+48 1")
    w.crm.edit("Account", crm_id, phone="+48 2")
    w.cycle(3)
    assert w.compare().get("drift", 0) == 0
    assert w.erp.rows("party")[erp_id]["phone"] == "+48 2"
