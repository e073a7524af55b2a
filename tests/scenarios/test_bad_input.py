"""What malformed records and impossible answers of a system lead to."""

from __future__ import annotations

import pytest

from connectors.base import Page, Record


def answer(system, *pages):
    """The system answers the next reading of changes with these pages."""
    read = system.read_changes

    def once(_stream, _columns, cursor):
        system.read_changes = read
        yield from (Page(tuple(records), cursor or {}) for records in pages)

    system.read_changes = once


def record(native_id="900", version="1", **values):
    columns = dict.fromkeys(("name", "phone", "tax_id", "industry", "website", "active", "parent"))
    return Record("Account", native_id, version, None, columns | values)


def sync(w):
    w.clock.advance(1)
    pipeline = w.pipeline()
    assert pipeline.open()
    pipeline.pull()
    pipeline.drain()
    pipeline.close()
    return pipeline


@pytest.mark.parametrize("name", [None, "", "   ", "\u200b", ["Acme"], {"en": "Acme"}])
def test_a_record_without_a_usable_name_goes_into_quarantine_alone(world, name):
    w = world()
    answer(w.crm, [record(name=name), record("901", name="Bolt", website="bolt.example")])
    pipeline = sync(w)
    assert pipeline.counts["quarantined"] == 1
    assert [r["name"] for r in w.erp.rows("party").values()] == ["Bolt"]
    assert pipeline.failures == []


def test_a_value_of_another_type_is_refused_and_the_record_goes_on(world):
    w = world()
    answer(w.crm, [record(name="Acme", industry=["steel"], active="perhaps")])
    sync(w)
    assert [r["name"] for r in w.erp.rows("party").values()] == ["Acme"]
    assert {(i.field, tuple(i.question["reasons"])) for i in w.reviews("refused_value")} >= {
        ("industry", ("refused:not_text",))
    }
    assert {i.field for i in w.reviews("refused_value")} == {"industry", "active"}


def test_one_record_several_times_in_a_page_is_one_record(world):
    w = world()
    twice = record(name="Acme", website="acme.example")
    answer(w.crm, [twice, twice], [record(version="2", name="Acme", website="acme.example")])
    sync(w)
    assert [r["name"] for r in w.erp.rows("party").values()] == ["Acme"]
    assert len(w.erp.sent) == 1


def test_a_record_without_an_id_fails_its_stream_by_name(world):
    w = world()
    w.pair()
    answer(w.crm, [record("", name="Nobody")])
    pipeline = sync(w)
    assert [(f.system, f.error.code) for f in pipeline.failures] == [("crm", "system.no_id")]
    w.quiet(2)


def test_a_page_that_comes_for_ever_ends_the_reading(world):
    w = world()
    page = [record(name="Acme", website="acme.example")]
    answer(w.crm, *[page] * 1000)
    pipeline = sync(w)
    assert [f.error.code for f in pipeline.failures] == ["system.endless_pages"]
    assert pipeline.counts["read"] == 1
    assert [r["name"] for r in w.erp.rows("party").values()] == ["Acme"]


def test_a_huge_value_travels_whole(world):
    w = world()
    crm_id, erp_id = w.pair(industry="x" * 1_000_000)
    assert len(w.erp.rows("party")[erp_id]["industry"]) == 1_000_000
    assert w.linked(crm_id) == erp_id


def test_an_event_for_an_id_that_does_not_exist_leads_to_nothing(world):
    w = world()
    pipeline = w.pipeline()
    assert pipeline.open()
    for native_id in ("no such id", "'; DROP TABLE inbox", "9" * 200):
        pipeline.hint("account", "crm", native_id)
    pipeline.drain()
    pipeline.close()
    assert (w.inbox(), w.links(), pipeline.failures) == ({}, 0, [])
