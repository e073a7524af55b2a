"""Scenario 24: a stream changes under a running link. What no longer fits rests, by name.

No cut or empty value is written over a good one, the rest flows, and after the fix only what came
by meanwhile is looked at again.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.base import Column, ColumnType
from tandem.decide import DecisionError
from tests.scenarios.world import CAPABLE

ACME = {"name": "Acme", "phone": "+48 1", "website": "acme.example", "industry": "steel"}


def linked(world, count=3, **settings):
    """So many linked accounts with all values; (world, ids in C, ids in E)."""
    w = world(**settings)
    crm = [
        w.crm.insert("Account", ACME | {"name": f"Firm {n}", "website": f"{n}.example"})
        for n in range(count)
    ]
    w.cycle(3)
    w.crm.sent.clear()
    w.erp.sent.clear()
    return w, crm, [w.linked(i) for i in crm]


def asked(w):
    return [
        (i.system, i.stream, i.question["change"], i.question["column"], i.question["severity"])
        for i in w.reviews("drift")
    ]


def writes(system):
    return [(s.write.operation, dict(s.write.values)) for s in system.sent]


def test_a_column_that_is_renamed_rests_until_the_mapping_follows(world):
    w, crm, erp = linked(world)
    w.erp.alter("party", "phone", label="Telephone")
    w.cycle()
    w.erp.alter("party", "phone", name="telephone")
    w.crm.edit("Account", crm[0], phone="+48 2", industry="glass")
    w.erp.edit("party", erp[1], telephone="+48 3", website="new.example")
    w.cycle(2)
    assert asked(w) == [("erp", "party", "column_gone", "phone", "field")]
    (item,) = w.reviews("drift")
    assert (item.object, item.field) == ("account", "phone")
    assert item.question["context"]["told"] == (
        "erp:party.phone is gone: phone of account rests; perhaps it is called 'telephone' now"
    )
    # The rest flows, both ways; the phone stays as it was.
    assert writes(w.erp) == [("update", {"industry": "glass"})]
    assert writes(w.crm) == [("update", {"website": "new.example"})]
    assert [r["phone"] for r in w.crm.rows("Account").values()] == ["+48 2", "+48 1", "+48 1"]
    assert [r["telephone"] for r in w.erp.rows("party").values()] == ["+48 1", "+48 3", "+48 1"]
    w.quiet(3)

    w.map_field("account", "erp", "phone", "telephone")
    reread = count_reads(w.erp)
    w.cycle(2)
    assert reread == {erp[0], erp[1]}  # the third never came by
    assert [r["phone"] for r in w.crm.rows("Account").values()] == ["+48 2", "+48 3", "+48 1"]
    assert [r["telephone"] for r in w.erp.rows("party").values()] == ["+48 2", "+48 3", "+48 1"]
    assert asked(w) == []
    w.quiet(5)


def count_reads(system):
    """Ids that are asked for one by one from now on."""
    seen = set()
    read = system.read

    def counted(stream, columns, native_ids):
        seen.update(native_ids)
        return read(stream, columns, native_ids)

    system.read = counted
    return seen


@pytest.mark.parametrize("incremental", [True, False])
def test_a_column_that_goes_between_two_pages_is_not_read_as_empty(world, incremental):
    capable = {"capabilities": replace(CAPABLE, read_batch=2, incremental=incremental)}
    w, _crm, erp = linked(world, 6, erp=capable)
    for native_id in erp:
        w.erp.edit("party", native_id, website=f"{native_id}.example", phone="+48 9")
    passed = []

    def rename(point):
        if point == "erp.page" and not passed:
            passed.append(point)
            w.erp.alter("party", "phone", name="telephone")

    w.erp.at_point = rename
    w.cycle()
    w.erp.at_point = None
    assert passed
    assert asked(w) == [("erp", "party", "column_gone", "phone", "field")]
    phones = {r["phone"] for r in w.crm.rows("Account").values()}
    assert phones <= {"+48 1", "+48 9"}  # the old one or the new one, never none
    assert [r["website"] for r in w.crm.rows("Account").values()] == [f"{i}.example" for i in erp]

    w.erp.alter("party", "telephone", name="phone")  # the vendor takes it back
    w.cycle(2)
    assert {r["phone"] for r in w.crm.rows("Account").values()} == {"+48 9"}
    assert asked(w) == []
    w.quiet(5)


LONG = "A name of an industry that is a good deal longer than the eighty characters of the column"


def test_a_shorter_column_cuts_nothing_on_the_other_side(world):
    w = world()
    w.erp.alter("party", "industry", length=255)
    w.cycle()
    crm_id, erp_id = w.pair(industry=LONG, phone="+48 1")
    # The vendor's update cuts the column and what it held, and the cut row looks edited.
    w.erp.alter("party", "industry", length=80)
    w.erp.edit("party", erp_id, industry=LONG[:80], phone="+48 2")
    w.cycle(2)
    assert asked(w) == [("erp", "party", "shortened", "industry", "field")]
    row = w.crm.rows("Account")[crm_id]
    assert (row["industry"], row["phone"]) == (LONG, "+48 2")
    w.quiet(3)
    # Somebody accepts the shorter column: what was cut still wins over nothing.
    (item,) = w.reviews("drift")
    w.decide(item, {"approve": True})
    w.cycle(3)
    assert w.crm.rows("Account")[crm_id]["industry"] == LONG
    assert w.outbox()["rejected"] == 1  # the long value is named, not cut
    assert [s.write.values for s in w.erp.sent] == []
    w.crm.edit("Account", crm_id, industry="short")
    w.cycle(3)
    assert w.erp.rows("party")[erp_id]["industry"] == "short"
    assert "rejected" not in w.outbox()
    w.quiet(3)


def test_a_column_cut_within_a_run_is_noticed_before_the_cut_value_is_believed(world):
    w = world()
    w.erp.alter("party", "industry", length=255)
    w.cycle()
    crm_id, erp_id = w.pair(industry=LONG)
    with_life = w.pipeline()
    assert with_life.open()
    with_life.cycle()
    w.erp.alter("party", "industry", length=80)
    w.erp.edit("party", erp_id, industry=LONG[:80])
    w.clock.advance(1)
    with_life.cycle()
    with_life.close()
    assert w.crm.rows("Account")[crm_id]["industry"] == LONG
    assert asked(w) == [("erp", "party", "shortened", "industry", "field")]


def test_an_edit_that_empties_or_shortens_a_value_still_goes_through(world):
    w, _crm, erp = linked(world, 2)
    w.erp.edit("party", erp[0], industry=None)
    w.erp.edit("party", erp[1], industry="st")
    w.cycle(2)
    assert [r["industry"] for r in w.crm.rows("Account").values()] == [None, "st"]
    assert asked(w) == []


def test_a_removed_value_does_not_empty_the_other_side(world):
    w = world()
    w.erp.alter("party", "industry", allowed=("glass", "steel"))
    w.cycle()
    crm_id, erp_id = w.pair(industry="steel", phone="+48 1")
    w.erp.alter("party", "industry", allowed=("glass",))
    w.erp.edit("party", erp_id, industry=None, phone="+48 2")
    w.cycle(2)
    assert asked(w) == [("erp", "party", "values_removed", "industry", "field")]
    row = w.crm.rows("Account")[crm_id]
    assert (row["industry"], row["phone"]) == ("steel", "+48 2")
    w.erp.alter("party", "industry", allowed=("glass", "steel"))
    w.erp.edit("party", erp_id, industry="steel")
    w.cycle(2)
    assert asked(w) == []
    assert w.erp.rows("party")[erp_id]["industry"] == "steel"
    w.quiet(3)


def test_a_value_that_nobody_uses_may_go(world):
    w = world()
    w.erp.alter("party", "industry", allowed=("glass", "steel"))
    w.cycle()
    crm_id, erp_id = w.pair(industry="steel")
    w.erp.alter("party", "industry", allowed=("steel",))
    w.crm.edit("Account", crm_id, phone="+48 5")
    w.cycle(2)
    assert asked(w) == [("erp", "party", "values_removed", "industry", "warning")]
    assert w.erp.rows("party")[erp_id]["phone"] == "+48 5"
    (item,) = w.reviews("drift")
    w.decide(item, {"approve": True})
    w.cycle()
    assert asked(w) == []
    (accepted,) = [f for f in w.facts("contract.accepted") if f.actor == "stella"]
    assert accepted.cause == {"stream": "party", "version": 2}


def test_a_new_mandatory_column_stops_its_mapping_and_no_other(world):
    w, crm, erp = linked(world, objects=("account", "contact"))
    person = w.crm.insert("Contact", given="Ann", family="Lee", phone="1", account=crm[0])
    w.cycle(3)
    assert len(w.erp.rows("person")) == 1
    w.erp.alter("party", "vat_code", type=ColumnType.STRING, required=True)
    newcomer = w.crm.insert("Account", name="Newcomer", website="new.example")
    w.crm.edit("Account", crm[0], phone="+48 7")
    w.crm.edit("Contact", person, phone="2")
    w.cycle(3)
    assert asked(w) == [("erp", "party", "column_added", "vat_code", "mapping")]
    assert len(w.erp.rows("party")) == 3
    assert w.erp.rows("party")[erp[0]]["phone"] == "+48 1"
    assert [r["phone"] for r in w.erp.rows("person").values()] == ["2"]
    assert "rejected" not in w.outbox()
    w.quiet(3)

    file = w.mappings["account", "erp"]
    w.mappings["account", "erp"] = file.model_copy(update={"constants": {"vat_code": "0"}})
    w.cycle(3)
    assert asked(w) == []
    assert w.erp.rows("party")[erp[0]]["phone"] == "+48 7"
    assert w.erp.rows("party")[w.linked(newcomer)]["vat_code"] == "0"
    assert len(w.erp.rows("party")) == 4
    w.quiet(5)


def test_a_refused_create_is_the_first_sign_of_a_column_made_mandatory(world):
    w, _crm, _erp = linked(world)
    passed = []

    def demand(point):
        if point == "erp.write.before" and not passed:
            passed.append(point)
            w.erp.alter("party", "vat_code", type=ColumnType.STRING, required=True)

    w.erp.at_point = demand
    newcomer = w.crm.insert("Account", name="Newcomer", website="new.example")
    w.cycle(2)
    w.erp.at_point = None
    assert asked(w) == [("erp", "party", "column_added", "vat_code", "mapping")]
    assert w.outbox()["rejected"] == 1
    w.erp.alter("party", "vat_code", name=None)
    w.cycle(3)
    assert w.linked(newcomer)
    assert "rejected" not in w.outbox()
    w.quiet(3)


def test_a_mapped_column_made_mandatory_asks_for_the_value(world):
    w, crm, erp = linked(world)
    w.erp.alter("party", "phone", required=True)
    newcomer = w.crm.insert("Account", name="Newcomer", website="new.example")
    w.crm.edit("Account", crm[0], phone=None, industry="glass")
    w.cycle(2)
    assert asked(w) == [("erp", "party", "made_mandatory", "phone", "warning")]
    assert w.linked(newcomer) is None
    assert [(i.system, i.field) for i in w.reviews("mandatory_gap")] == [("erp", "phone")]
    assert w.erp.rows("party")[erp[0]]["phone"] == "+48 1"  # no null over a good value
    w.crm.edit("Account", newcomer, phone="+48 8")
    w.cycle(2)
    assert w.erp.rows("party")[w.linked(newcomer)]["phone"] == "+48 8"


def test_a_stream_that_is_gone_stops_its_mapping(world):
    w, crm, erp = linked(world, objects=("account", "contact"))
    stream = w.erp._streams.pop("person")
    person = w.crm.insert("Contact", given="Ann", family="Lee", account=crm[0])
    w.crm.edit("Account", crm[0], phone="+48 2")
    w.cycle(2)
    assert asked(w) == [("erp", "person", "stream_gone", "", "mapping")]
    assert w.erp.rows("party")[erp[0]]["phone"] == "+48 2"
    (item,) = w.reviews("drift")
    with pytest.raises(DecisionError, match="mapping cannot work like this"):
        w.decide(item, {"approve": True})
    w.erp._streams["person"] = stream
    w.cycle(3)
    assert asked(w) == []
    assert [r["family"] for r in w.erp.rows("person").values()] == ["Lee"]
    assert person
    w.quiet(3)


def test_the_column_that_tells_records_apart_stops_the_mapping(world):
    w, crm, erp = linked(world)
    w.erp.alter("party", "tax_id", name="vat")
    w.crm.edit("Account", crm[0], phone="+48 2")
    w.cycle(2)
    assert asked(w) == [("erp", "party", "column_gone", "tax_id", "mapping")]
    assert w.erp.rows("party")[erp[0]]["phone"] == "+48 1"
    w.map_field("account", "erp", "tax_id", "vat")
    w.cycle(2)
    assert w.erp.rows("party")[erp[0]]["phone"] == "+48 2"
    w.quiet(3)


def test_what_harms_nobody_makes_a_new_version_and_no_question(world):
    w, crm, _erp = linked(world)
    w.erp.alter("party", "industry", label="Line of business")
    w.erp.alter("party", "fax", type=ColumnType.STRING)
    w.crm.edit("Account", crm[0], phone="+48 2")
    w.cycle()
    assert asked(w) == []
    versions = [
        (f.system, f.cause["stream"], f.cause["version"]) for f in w.facts("contract.accepted")
    ]
    assert versions == [("crm", "Account", 1), ("erp", "party", 1), ("erp", "party", 2)]
    assert Column("fax", ColumnType.STRING) == w.erp.describe("party").columns["fax"]


def test_streams_are_described_once_a_run_and_not_once_a_cycle(world):
    w, crm, _ = linked(world)
    described = []
    describe = w.erp.describe
    w.erp.describe = lambda stream: described.append(stream) or describe(stream)
    pipeline = w.pipeline()
    assert pipeline.open()
    for n in range(5):
        w.crm.edit("Account", crm[0], phone=f"+48 {n}")
        w.clock.advance(1)
        pipeline.cycle()
    pipeline.close()
    assert described == ["party"]


def test_a_full_compare_while_a_field_rests_finds_no_news(world):
    w, _crm, _erp = linked(world)
    w.compare()
    w.erp.alter("party", "phone", name="telephone")
    assert {n: w.compare().get(n, 0) for n in ("drift", "arrived")} == {"drift": 0, "arrived": 0}
    w.erp.alter("party", "telephone", name="phone")
    assert {n: w.compare().get(n, 0) for n in ("drift", "arrived")} == {"drift": 0, "arrived": 0}
