"""A record is deleted while it stands for two companies, or while one is to be merged into it."""

from __future__ import annotations

import pytest

from connectors.errors import RetryableError
from tandem.chaos.faults import Fail
from tests.scenarios.test_21_merge_and_unmerge_at_the_source import MERGES, state_of
from tests.scenarios.test_found_by_chaos_merges import agree, merged_into_one_without_a_record


@pytest.mark.parametrize("policy", ["propagate", "deactivate"])
def test_who_had_only_the_record_of_another_is_not_deleted_with_it(world, policy):
    w, (c1, c2, e2), merge = merged_into_one_without_a_record(world, deletes={"policy": policy})
    w.erp.remove("party", e2)
    w.crm.script("write", *[Fail(RetryableError("busy"))] * 2)
    w.cycle()
    assert len(w.facts("record.gone")) == 1
    w.crm.unmerge(merge)
    w.cycle(4, pause=60)
    rows = w.crm.rows("Account")
    assert {native_id: rows[native_id]["active"] for native_id in (c1, c2)} == {c1: True, c2: True}
    assert agree(w)
    w.quiet()


def test_a_record_that_takes_the_place_of_one_that_went_keeps_that_it_is_out_of_use(world):
    w = world(
        policy={"merges": "follow", "default": "latest", "deletes": {"policy": "restore"}},
        erp={"capabilities": MERGES},
    )
    (c1, e1), (c2, e2) = (w.pair(name=name, active=True) for name in ("Acme", "Zeta"))
    w.crm.merge("Account", c2, c1)
    w.erp.script("write", *[Fail(RetryableError("busy"))] * 3)
    w.cycle()
    w.crm.edit("Account", c1, active=None)
    w.erp.edit("party", e2, active=False)
    w.cycle()
    assert state_of(w, ("erp", e2))[0] == "merging"
    w.erp.remove("party", e1)
    w.cycle(5, pause=60)
    assert w.linked(c1) == e2
    assert (w.crm.rows("Account")[c1]["active"], w.erp.rows("party")[e2]["active"]) == (False,) * 2
    assert agree(w)
    w.quiet()
