"""Scenario 2: the ERP changes what we write; that is settled once and does not go on for ever."""

from __future__ import annotations

import pytest


def upper(_stream, values):
    return {k: v.upper() if k == "name" and v else v for k, v in values.items()}


@pytest.mark.parametrize("policy", ["latest", {"policy": "owner", "owner": "crm"}, "review"])
def test_a_rewriting_erp_costs_at_most_two_writes(world, policy):
    w = world(policy={"default": policy})
    crm_id, erp_id = w.pair()
    w.erp.rewrite = upper
    w.crm.edit("Account", crm_id, name="Acme gmbh")
    w.cycle(3)
    assert len(w.crm.sent) + len(w.erp.sent) <= 2
    assert w.crm.rows("Account")[crm_id]["name"] == "ACME GMBH"
    assert w.erp.rows("party")[erp_id]["name"] == "ACME GMBH"
    w.quiet()


def test_two_rewriting_systems_stop_and_ask(world):
    w = world(
        crm={
            "rewrite": lambda _s, v: {
                k: x.title() if k == "name" and x else x for k, x in v.items()
            }
        }
    )
    crm_id, erp_id = w.pair()
    w.erp.rewrite = upper
    w.crm.edit("Account", crm_id, name="acme gmbh")
    w.cycle(12)
    assert len(w.crm.sent) + len(w.erp.sent) <= 8
    w.quiet()
    assert {(i.kind, i.field) for i in w.reviews()} == {("rewrite", "name")}
    assert w.crm.rows("Account")[crm_id]["name"] == "Acme Gmbh"
    assert w.erp.rows("party")[erp_id]["name"] == "ACME GMBH"
