"""Merges between the sandbox CRM, over its real protocols, and a fake ERP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.salesforce import build
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.schema import Mapping as MappingFile
from tandem.mapping.transforms import Catalogues
from tandem.merge import merge, unmerge
from tandem.sandbox.testing import RunningSandbox, running_sandbox
from tandem.sync.types import Link
from tests.scenarios.test_merge_in_tandem import able, state_of
from tests.scenarios.world import World

FIELDS: dict[str, Any] = {
    "name": "Name",
    "phone": "Phone",
    "website": "Website",
    "active": {"column": "Active__c", "transform": "boolean"},
}


class SandboxWorld(World):
    """A world whose CRM is the sandbox."""

    def __init__(self, database: Any, sandbox: RunningSandbox) -> None:
        super().__init__(
            database,
            policy={"default": "latest", "merges": "follow"},
            erp={"capabilities": able("party")},
        )
        self.sandbox = sandbox
        self.connector = build({**sandbox.credentials(), "look_back_s": 1})

    @property
    def link(self) -> Link:
        link = super().link
        mapping = MappingFile(object="account", system="crm", stream="Account", fields=FIELDS)
        mappings = {
            **link.objects["account"].mappings,
            "crm": CompiledMapping(mapping, Catalogues()),
        }
        rules = replace(link.objects["account"], mappings=mappings)
        connectors = {**link.connectors, "crm": self.connector}
        return Link(link.config, connectors, {"account": rules})

    def accounts(self) -> dict[str, Any]:
        columns = ["Name", "Phone", "Website"]
        return {
            record.native_id: dict(record.values)
            for page in self.connector.read_changes("Account", columns, None)
            for record in page.records
            if not record.deleted
        }


@pytest.fixture
def sandboxed(database: Any) -> Iterator[SandboxWorld]:
    with running_sandbox() as sandbox:
        world = SandboxWorld(database, sandbox)
        yield world
        world.connector.close()


def two_pairs(w: SandboxWorld) -> tuple[tuple[str, str], tuple[str, str]]:
    c1, c2 = w.sandbox.seed(
        "Account",
        [
            {"Name": "Acme", "Phone": "1", "Website": "acme.example"},
            {"Name": "Zeta Works", "Phone": "2"},
        ],
    )
    w.cycle(4)
    e1, e2 = w.linked(c1), w.linked(c2)
    assert e1 is not None
    assert e2 is not None
    return (c1, e1), (c2, e2)


def test_people_merge_in_the_crm_and_take_it_back(sandboxed: SandboxWorld) -> None:
    w = sandboxed
    (c1, e1), (c2, e2) = two_pairs(w)
    before = w.accounts(), w.erp.rows("party")
    w.sandbox.control("POST", "merge/Account", json={"winner": c1, "losers": [c2]})
    w.cycle(4)
    assert set(w.erp.rows("party")) == {e1}
    assert state_of(w, ("crm", c2))[0] == "merged"
    w.sandbox.control("POST", f"undelete/Account/{c2}")
    w.cycle(4)
    assert (w.accounts(), w.erp.rows("party")) == before
    assert (w.linked(c1), w.linked(c2)) == (e1, e2)


def test_a_merge_in_tandem_uses_the_crms_own_and_so_does_the_way_back(
    sandboxed: SandboxWorld,
) -> None:
    w = sandboxed
    (c1, e1), (c2, e2) = two_pairs(w)
    before = w.accounts()
    pair = {"survivor": state_of(w, ("crm", c1))[1], "loser": state_of(w, ("crm", c2))[1]}
    merge(w.database, w.config, **pair, person="stella", at=w.clock.now(), choices={"phone": "2"})
    w.cycle(4)
    assert {i: row["Phone"] for i, row in w.accounts().items()} == {c1: "2"}
    assert w.sandbox.calls()["soap_merge"] == 1
    assert (set(w.erp.rows("party")), w.erp.rows("party")[e1]["phone"]) == ({e1}, "2")
    unmerge(w.database, pair["loser"], person="stella", at=w.clock.now())
    w.cycle(5)
    assert w.accounts() == before
    assert w.sandbox.calls()["soap_undelete"] == 1
    assert (w.linked(c1), w.linked(c2)) == (e1, e2)


def test_a_lost_answer_to_a_merge_is_looked_up(sandboxed: SandboxWorld) -> None:
    w = sandboxed
    (c1, e1), (c2, _) = two_pairs(w)
    pair = {"survivor": state_of(w, ("crm", c1))[1], "loser": state_of(w, ("crm", c2))[1]}
    merge(w.database, w.config, **pair, person="stella", at=w.clock.now())
    w.sandbox.fail({"fault": "reset_after_commit", "path": "/services/Soap/"})
    w.cycle(6, pause=30)
    assert set(w.accounts()) == {c1}
    assert set(w.erp.rows("party")) == {e1}
    assert w.outbox().keys() <= {"accepted", "superseded"}
