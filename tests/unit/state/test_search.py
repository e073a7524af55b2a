"""Finding records by what a person types."""

from __future__ import annotations

from copy import deepcopy

import pytest

from tandem.clock import SeededIds
from tandem.state import chain as chains
from tandem.state.chain import Chain, Side
from tandem.state.reader.search import count_referring, find, referring

STREAMS = [("crm", "Account"), ("erp", "party")]


def a_chain(number: int, object_name: str = "account", **values) -> Chain:
    canonical_id = f"{number:032x}"
    side = Side("crm", "Account", f"A-{number}", rule="new", dirty={"crosswalk"})
    return Chain(canonical_id, object_name, "customers", values, sides=[side], new=True)


LODZ = a_chain(
    1,
    name="Łódź Trade Sp. z o.o.",
    phone="+48421234567",
    emails=["Info@lodz.example", "office@lodz.example"],
    tax_id="PL7250000000",
)
KYIV = a_chain(2, name="Торговий дім Київ")
TRADERS = a_chain(3, name="Traders of Łódź")
JAN = a_chain(
    4, "contact", name={"given": "Jan", "family": "Łoś"}, email="jan@lodz.example", account=LODZ.id
)


@pytest.fixture
def found(world, reader):
    with world.database.begin() as connection:
        chains.save(connection, deepcopy([LODZ, KYIV, TRADERS, JAN]), world.clock.now())

    def look(typed: str) -> list[str]:
        with reader.view() as connection:
            answer = find(connection, typed, STREAMS)
        assert not answer.more
        return [hit.canonical_id for hit in answer.hits]

    return look


ANSWERS = {
    "lodz": [LODZ, TRADERS],
    "ŁÓDŹ trade": [LODZ, TRADERS],
    "trade. lodz sp": [LODZ],
    "traders": [TRADERS],
    "КИЇВ": [KYIV],
    "info@LODZ.example": [LODZ],
    "jan@": [JAN],
    "042 123 45 67": [LODZ],
    "PL 725-000": [],
    "PL7250000000": [LODZ],
    "A-3": [TRADERS],
    f"{2:032x}": [KYIV],
    "Jan Los": [JAN],
    "lodz 404": [],
    "   ": [],
    "?!": [],
}


def test_what_is_typed_finds(found):
    expected = {typed: [chain.id for chain in chains] for typed, chains in ANSWERS.items()}
    assert {typed: found(typed) for typed in ANSWERS} == expected


def test_a_name_that_changed_is_found_by_the_new_one_only(world, found):
    with world.database.begin() as connection:
        chain = chains.load(connection, [KYIV.id])[KYIV.id]
        chain.values, chain.dirty = {"name": "Lviv"}, True
        chains.save(connection, [chain], world.clock.now())
    assert found("lviv") == [KYIV.id]
    assert found("київ") == []


def test_who_refers_to_a_record(world, reader, found):
    with reader.view() as connection:
        (contact,) = referring(connection, LODZ.id)
        assert count_referring(connection, LODZ.id) == 1
        assert count_referring(connection, JAN.id) == 0
    assert (contact.canonical_id, contact.object) == (JAN.id, "contact")
    assert [(n.system, n.stream, n.native_id, n.state) for n in contact.natives] == [
        ("crm", "Account", "A-4", "linked")
    ]


def test_a_list_that_is_cut_says_so(world, reader):
    ids = SeededIds(1)
    many = [Chain(ids.new(), "account", "customers", {"name": "Nord"}, new=True) for _ in range(60)]
    with world.database.begin() as connection:
        chains.save(connection, many, world.clock.now())
    with reader.view() as connection:
        answer = find(connection, "nord", STREAMS, limit=50)
    assert len(answer.hits) == 50
    assert answer.more
