"""Scenario 22: contact → account → parent account, and the parent comes last; circles; a value
that the other side does not know."""

from __future__ import annotations

import pytest

OBJECTS = ("account", "contact")


def put(w, stream, native_id, **values):
    """A record with an id of our choice: others refer to it before it is there."""
    w.crm.commit(stream, native_id, values)


def whole(w):
    """The three of them, on the ERP, with their references."""
    names = {i: r["name"] for i, r in w.erp.rows("party").items()}
    parties = {r["name"]: names.get(r.get("parent")) for r in w.erp.rows("party").values()}
    people = {r.get("given"): names.get(r.get("account")) for r in w.erp.rows("person").values()}
    return parties, people


def test_the_parent_comes_last(world):
    w = world(objects=OBJECTS)
    put(w, "Contact", "c1", given="Ann", family="Lee", account="a1")
    w.cycle(2)
    put(w, "Account", "a1", name="Acme PL", website="pl.example", parent="p1")
    w.cycle(2)
    put(w, "Account", "p1", name="Acme Holding", website="acme.example")
    w.cycle(4)
    assert whole(w) == ({"Acme PL": "Acme Holding", "Acme Holding": None}, {"Ann": "Acme PL"})
    assert w.inbox() == {}
    assert w.reviews() == []
    assert w.outbox() == {"accepted": w.outbox()["accepted"]}
    w.quiet(5)


def test_all_three_at_once_in_the_wrong_order_are_created_parents_first(world):
    w = world(objects=OBJECTS)
    put(w, "Contact", "c1", given="Ann", family="Lee", account="a1")
    put(w, "Account", "a1", name="Acme PL", website="pl.example", parent="p1")
    put(w, "Account", "p1", name="Acme Holding", website="acme.example")
    w.cycle(3)
    assert whole(w) == ({"Acme PL": "Acme Holding", "Acme Holding": None}, {"Ann": "Acme PL"})
    creates = [s.write.values.get("name", s.write.values.get("given")) for s in w.erp.sent]
    assert creates == ["Acme Holding", "Acme PL", "Ann"]
    assert w.inbox() == {}
    w.quiet(5)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_circle_is_closed_by_a_second_update(world, length):
    w = world(objects=OBJECTS)
    for n in range(length):
        parent = f"a{(n + 1) % length}"
        put(w, "Account", f"a{n}", name=f"Ring {n}", website=f"{n}.example", parent=parent)
    w.cycle(5)
    expected = {f"Ring {n}": f"Ring {(n + 1) % length}" for n in range(length)}
    assert whole(w) == (expected, {})
    operations = [s.write.operation for s in w.erp.sent]
    assert operations[:length] == ["create"] * length
    assert set(operations[length:]) == {"update"}
    assert len(operations) <= 2 * length - (length > 1)  # one of them was created after its parent
    assert w.inbox() == {}
    assert w.reviews() == []
    w.quiet(5)


def test_those_who_do_not_wait_are_not_held_up(world):
    w = world(objects=OBJECTS)
    put(w, "Contact", "c1", given="Ann", family="Lee", account="a1")
    put(w, "Contact", "c2", given="Bob", family="Lee")
    put(w, "Account", "a2", name="Free", website="free.example")
    w.cycle(2)
    assert "Bob" in whole(w)[1]
    assert whole(w)[0] == {"Free": None}


def test_a_missing_value_is_asked_once_and_one_answer_serves_all(world):
    w = world()
    w.map_field(
        "account",
        "crm",
        "industry",
        {"column": "industry", "transform": "choice", "options": {"values": {"Glass": "glass"}}},
    )
    w.erp.alter("party", "industry", allowed=("glass", "steel"))
    for n in range(4):
        w.crm.insert("Account", name=f"Firm {n}", website=f"{n}.example", industry="Steelworks")
    w.cycle(3)
    assert len(w.erp.rows("party")) == 4  # they go on without it
    items = w.reviews("refused_value")
    assert len({i.group_key for i in items}) == 1
    w.cycle(3)
    assert [i.id for i in w.reviews("refused_value")] == [i.id for i in items]  # not asked again
    w.map_field(
        "account",
        "crm",
        "industry",
        {
            "column": "industry",
            "transform": "choice",
            "options": {"values": {"Glass": "glass", "Steelworks": "steel"}},
        },
    )
    w.compare()
    assert {r.get("industry") for r in w.erp.rows("party").values()} == {"steel"}
    assert w.reviews("refused_value") == []
    w.quiet(5)
