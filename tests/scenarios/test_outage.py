"""A system is down for three days. It costs disk, not records, and hardly any calls."""

from __future__ import annotations

from datetime import timedelta

from connectors.errors import RetryableError
from tandem.chaos.faults import Fail
from tandem.state.tables import outbox
from tests.scenarios.world import World


class Outage:
    """The ERP refuses every call while it is down."""

    def __init__(self, w: World) -> None:
        self.down = True
        self.refused = 0
        for name in ("read_changes", "read", "find", "write", "check", "describe"):
            setattr(w.erp, name, self._unless_down(getattr(w.erp, name)))

    def _unless_down(self, call):
        def refuse_or_call(*arguments):
            if self.down:
                self.refused += 1
                raise RetryableError("connection refused")
            return call(*arguments)

        return refuse_or_call


def test_three_days_down_then_everything_in_order(world):
    w = world()
    pairs = [w.pair(name=f"Firm {n}", website=f"{n}.example", phone="0") for n in range(3)]
    outage = Outage(w)
    began = w.clock.now()
    edits = 0
    parent = w.crm.insert("Account", name="Parent", website="parent.example")
    w.crm.insert("Account", name="Child", website="child.example", parent=parent)
    while w.clock.now() - began < timedelta(days=3):
        for native_id, _ in pairs:
            edits += 1
            w.crm.edit("Account", native_id, phone=str(edits))
        w.cycle(4, pause=60 * 60)
    # A try every ten minutes at the most: here one cycle an hour, hence at most one call each.
    assert 3 <= outage.refused <= 80
    waiting = {state: n for state, n in w.outbox().items() if state != "accepted"}
    # One write waits per record; what it replaced is kept as history only.
    assert waiting["intended"] == 5
    assert w.inbox() == {}

    outage.down = False
    w.erp.sent.clear()
    w.clock.advance(600)
    w.cycle(4)
    rows = w.erp.rows("party")
    assert [rows[partner]["phone"] for _, partner in pairs] == [str(edits - n) for n in (2, 1, 0)]
    writes = [(s.write.operation, s.write.values.get("name")) for s in w.erp.sent]
    assert writes[:2] == [("create", "Parent"), ("create", "Child")]
    # One write per record, and one more that gives the child its parent.
    assert len([1 for operation, _ in writes if operation == "update"]) <= 4
    assert w.outbox().keys() <= {"accepted", "superseded"}
    w.quiet(3)


def test_a_short_fault_stops_nobody(world):
    w = world()
    known, partner = w.pair(phone="1")
    outage = Outage(w)
    w.crm.edit("Account", known, phone="2")
    w.cycle()
    outage.down = False
    w.cycle(2)
    assert w.erp.rows("party")[partner]["phone"] == "2"


def test_the_other_systems_go_on(world):
    w = world()
    outage = Outage(w)
    w.cycle(3, pause=60)
    known = w.crm.insert("Account", name="Acme")
    w.cycle(3, pause=60)
    with w.database.begin() as connection:
        (row,) = connection.execute(outbox.select())
    assert (row.system, row.state, row.attempts <= 2) == ("erp", "intended", True)
    outage.down = False
    w.cycle(2, pause=600)
    assert w.linked(known)


def test_who_is_entered_there_meanwhile_is_met_and_not_made_twice(world):
    w = world(policy={"default": "latest"})
    w.erp.script("write", Fail(RetryableError("down")))
    account = w.crm.insert("Account", name="Acme", website="acme.example")
    w.cycle()
    assert w.outbox() == {"intended": 1}
    party = w.erp.insert("party", name="Acme", website="acme.example")
    w.cycle(3, pause=3600)
    assert (list(w.erp.rows("party")), w.linked(account)) == ([party], party)
    assert w.outbox() == {"superseded": 1}
    w.quiet()
