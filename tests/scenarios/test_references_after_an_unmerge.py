"""Two companies were one for a while and had one record in the CRM: who names it means whom?"""

from __future__ import annotations

import pytest

from tests.scenarios.test_21_merge_and_unmerge_at_the_source import MERGES
from tests.scenarios.test_found_by_chaos_merges import agree


@pytest.fixture
def merged(world):
    """c1-e1 was merged into e2, which the CRM did not know: for as long c1 stands for e2."""

    def make(**policy):
        w = world(
            policy={"merges": "follow", "default": "latest", **policy},
            erp={"capabilities": MERGES},
            objects=("account", "contact"),
        )
        c1, e1 = w.pair(name="Acme", phone="1", active=True)
        e2 = w.erp.insert("party", name="Zeta", phone="2", industry="steel", active=True)
        merge = w.erp.merge("party", e1, e2)
        w.cycle(4)
        assert set(w.crm.rows("Account")) == {c1}
        return w, c1, (e1, e2), merge

    return make


def test_who_was_entered_with_the_one_stays_with_it(merged):
    w, c1, (_, e2), merge = merged()
    ann = w.erp.insert("person", given="Ann", family="Lee", account=e2)
    w.cycle(3)
    ((contact, row),) = w.crm.rows("Contact").items()
    assert row["account"] == c1
    w.erp.unmerge(merge)
    w.cycle(6)
    (c2,) = w.crm.rows("Account").keys() - {c1}
    assert w.linked(c2) == e2
    assert w.erp.rows("person")[ann]["account"] == e2
    assert w.crm.rows("Contact")[contact]["account"] == c2
    assert agree(w)
    w.quiet()


def test_who_was_entered_with_the_record_that_was_both_stays_with_whose_it_is(merged):
    w, c1, (e1, e2), merge = merged()
    ann = w.crm.insert("Contact", given="Ann", family="Lee", account=c1)
    w.cycle(3)
    ((person, row),) = w.erp.rows("person").items()
    assert row["account"] == e2
    w.erp.unmerge(merge)
    w.cycle(6)
    assert w.crm.rows("Contact")[ann]["account"] == c1
    assert w.erp.rows("person")[person]["account"] == e1
    assert agree(w)
    w.quiet()


@pytest.mark.parametrize("default", ["latest", "most_complete"])
def test_whose_parent_is_itself_leaves_no_parent_behind(merged, default):
    w, c1, (_, e2), merge = merged(default=default)
    w.erp.edit("party", e2, parent=e2)
    w.cycle(3)
    assert w.crm.rows("Account")[c1]["parent"] == c1
    w.erp.unmerge(merge)
    w.cycle(6)
    # The ERP gives both records back as they were before the merge.
    for row in (*w.crm.rows("Account").values(), *w.erp.rows("party").values()):
        assert row.get("parent") is None
    assert len(w.crm.rows("Account")) == 2
    assert agree(w)
