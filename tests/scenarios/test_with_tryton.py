"""Scenarios whose outcome hangs on references and transactions, with a real Tryton as the ERP.

Its database is PostgreSQL, which refuses what breaks a reference. Tryton has the real time, the CRM
that of the clock of the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as Disconnected

from connectors.base import Operation, Write
from connectors.tryton import TrytonConnector
from connectors.tryton.rpc import Rpc
from connectors.tryton.settings import parse
from tandem.chaos.faults import Killed
from tandem.chaos.scratch import empty
from tandem.demo.tryton import TrytonServer
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.schema import Mapping as MappingFile
from tandem.mapping.transforms import Catalogues
from tandem.merge import merge
from tandem.state.database import Database
from tandem.sync.types import Link
from tests.scenarios.test_merge_in_tandem import state_of
from tests.scenarios.world import World

pytestmark = [pytest.mark.slow, pytest.mark.tryton, pytest.mark.postgres]

SUBSIDIARY, PARENT = "Subsidiary of", "Parent of"
ORGANIZATION, PERSON = "party.organization", "party.person"
REFERENCE = {"transform": "reference", "options": {"stream": ORGANIZATION}}
MAPPINGS = {
    "account": MappingFile(
        object="account",
        system="erp",
        stream=ORGANIZATION,
        fields={
            "name": "name",
            "phone": "phone",
            "website": "website",
            "tax_id": "tax_id",
            "industry": "tax_id_type",  # by which Tryton tells whether a number can be
            "active": {"column": "active", "transform": "boolean"},
            "parent": {"column": "parent", **REFERENCE},
        },
    ),
    "contact": MappingFile(
        object="contact",
        system="erp",
        stream=PERSON,
        fields={
            "name": {"column": "name", "transform": "name_text"},
            "phone": "phone",
            "account": {"column": "employer", **REFERENCE},
        },
    ),
}


class Line(HTTPAdapter):
    """The line to Tryton; told to, it breaks after the next write has been carried out there."""

    breaks = False

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        response = super().send(request, *args, **options)
        if self.breaks and b".create" in bytes(request.body or b""):
            self.breaks = False
            raise Disconnected
        return response


class TrytonWorld(World):
    """A world whose ERP is a Tryton with nobody in it."""

    def __init__(self, database: Database, server: TrytonServer, **settings: Any) -> None:
        super().__init__(database, objects=("account", "contact"), **settings)
        self.line = Line()
        settings = server.connector_settings() | {"parent_relation": SUBSIDIARY}
        self.tryton = TrytonConnector(parse(settings), self.line)
        for stream in (PERSON, ORGANIZATION, ORGANIZATION):  # the merged go after their survivors
            gone = [Write(Operation.DELETE, i, i, {}) for i in self.parties(stream)]
            if gone:
                self.tryton.write(stream, gone)
        assert (self.parties(PERSON), self.parties(ORGANIZATION)) == ({}, {})

    @property
    def link(self) -> Link:
        link = super().link
        objects = {
            name: replace(
                rules, mappings=rules.mappings | {"erp": CompiledMapping(file, Catalogues())}
            )
            for (name, rules), file in zip(link.objects.items(), MAPPINGS.values(), strict=True)
        }
        return Link(link.config, {**link.connectors, "erp": self.tryton}, objects)

    def parties(self, stream: str = ORGANIZATION) -> dict[str, dict[str, Any]]:
        """Native id → values, of the parties that are there."""
        columns = [c for c in self.tryton.describe(stream).columns if c != "active"]
        return {
            record.native_id: dict(record.values)
            for page in self.tryton.read_changes(stream, [*columns, "active"], None)
            for record in page.records
            if not record.deleted
        }

    def family(self) -> tuple[dict[str, str | None], dict[str, str | None]]:
        """Name of each organisation → its parent's; name of each person → its employer's."""
        firms = self.parties()
        names = {native_id: row["name"] for native_id, row in firms.items()}
        return (
            {row["name"]: names.get(row["parent"]) for row in firms.values()},
            {row["name"]: names.get(row["employer"]) for row in self.parties(PERSON).values()},
        )

    def settled(self) -> None:
        """Nothing waits, nothing is asked, and further cycles write nothing."""
        assert self.inbox() == {}
        assert self.reviews() == []
        before = self.outbox()
        assert before.keys() <= {"accepted", "superseded"}
        self.crm.sent.clear()
        self.cycle(3)
        assert (self.outbox(), self.crm.sent) == (before, [])


Make = Callable[..., TrytonWorld]


@pytest.fixture
def database(postgres: Database) -> Database:
    with postgres.begin() as connection:
        empty(connection)
    return postgres


@pytest.fixture(scope="module")
def erp_server(tryton_on_postgres: TrytonServer) -> TrytonServer:
    """A Tryton that knows groups of companies."""
    rpc = Rpc(parse(tryton_on_postgres.connector_settings()))
    model = "party.relation.type"
    down, up = rpc.change(model, "create", [{"name": SUBSIDIARY}, {"name": PARENT}])
    rpc.change(model, "write", [down], {"reverse": up}, [up], {"reverse": down})
    rpc.close()
    return tryton_on_postgres


@pytest.fixture
def make(database: Database, erp_server: TrytonServer) -> Iterator[Make]:
    made: list[TrytonWorld] = []

    def new(**settings: Any) -> TrytonWorld:
        made.append(TrytonWorld(database, erp_server, **settings))
        return made[-1]

    yield new
    for world in made:
        world.tryton.close()


def put(w: TrytonWorld, stream: str, native_id: str, **values: Any) -> None:
    """A record with an id of our choice: others refer to it before it is there."""
    w.crm.commit(stream, native_id, values)


def firm_with_people(w: TrytonWorld) -> str:
    account = w.crm.insert("Account", name="Acme", website="acme.example")
    for given in ("Ann", "Bob"):
        w.crm.insert("Contact", given=given, family="Lee", account=account)
    return account


WITH_PEOPLE = ({"Acme": None}, {"Ann Lee": "Acme", "Bob Lee": "Acme"})


def test_08_a_create_whose_answer_is_lost_is_found_by_its_marker(make: Make) -> None:
    w = make()
    firm_with_people(w)
    w.line.breaks = True
    w.cycle(5, pause=30)
    assert not w.line.breaks
    assert w.family() == WITH_PEOPLE
    w.settled()


@pytest.mark.parametrize("step", ["push.sending", "push.sent"])
def test_09_a_worker_dies_while_it_creates(make: Make, step: str) -> None:
    w = make()
    firm_with_people(w)
    died = []

    def die(at: str) -> None:
        if at == step and not died:
            died.append(at)
            raise Killed

    w.checkpoint = die
    with pytest.raises(Killed):
        w.cycle(3)
    w.clock.advance(120)
    w.cycle(4)
    assert w.family() == WITH_PEOPLE
    w.settled()


def test_10_of_two_workers_at_once_one_makes_the_parent(make: Make) -> None:
    w = make()
    firm_with_people(w)
    start = Barrier(2)

    def work(name: str) -> None:
        pipeline = w.pipeline(holder=name)
        start.wait()
        while not pipeline.open():
            pass
        pipeline.cycle()
        pipeline.close()

    workers = [Thread(target=work, args=(name,)) for name in ("first", "second")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert w.family() == WITH_PEOPLE
    w.settled()


def test_17_what_tryton_refuses_holds_nobody_up(make: Make) -> None:
    w = make()
    names = [f"Firm {n}" for n in range(12)]
    numbers = dict.fromkeys(names, None) | {"Firm 3": "PL1234567890", "Firm 7": "PL0987654321"}
    ids = {
        name: w.crm.insert(
            "Account", name=name, tax_id=number, industry=number and "eu_vat", active=True
        )
        for name, number in numbers.items()
    }
    w.cycle(3)
    assert w.outbox() == {"accepted": 10, "rejected": 2}
    assert set(w.family()[0]) == {name for name, number in numbers.items() if not number}
    for name in ("Firm 3", "Firm 7"):
        w.crm.edit("Account", ids[name], tax_id="PL5260250274")
    w.cycle(3)
    assert w.family() == (dict.fromkeys(names), {})


def test_19_people_outlive_the_firm_that_is_deleted(make: Make) -> None:
    w = make(policy={"deletes": {"policy": "propagate"}})
    account = firm_with_people(w)
    w.cycle(3)
    w.crm.remove("Account", account)
    w.cycle(4)
    assert w.family() == ({}, {"Ann Lee": None, "Bob Lee": None})
    assert w.inbox() == {}


def test_21_a_merge_moves_the_people(make: Make) -> None:
    w = make()
    account = firm_with_people(w)
    other = w.crm.insert("Account", name="Zeta Works", website="zeta.example")
    w.crm.insert("Contact", given="Cid", family="Ray", account=other)
    w.cycle(3)
    survivor, loser = (state_of(w, ("crm", i))[1] for i in (account, other))
    merge(w.database, w.config, survivor=survivor, loser=loser, person="stella", at=w.clock.now())
    w.cycle(5)
    assert w.family() == (
        {"Acme": None},
        {"Ann Lee": "Acme", "Bob Lee": "Acme", "Cid Ray": "Acme"},
    )
    assert {row["account"] for row in w.crm.rows("Contact").values()} == {account}


def test_22_the_parent_comes_last(make: Make) -> None:
    w = make()
    put(w, "Contact", "c1", given="Ann", family="Lee", account="a1")
    w.cycle(2)
    put(w, "Account", "a1", name="Acme PL", website="pl.example", parent="p1")
    w.cycle(2)
    put(w, "Account", "p1", name="Acme Holding", website="acme.example")
    w.cycle(4)
    assert w.family() == ({"Acme PL": "Acme Holding", "Acme Holding": None}, {"Ann Lee": "Acme PL"})
    w.settled()


def test_22_a_circle_is_closed_by_a_second_update(make: Make) -> None:
    w = make()
    put(w, "Account", "a0", name="Ring 0", website="0.example", parent="a1")
    put(w, "Account", "a1", name="Ring 1", website="1.example", parent="a0")
    w.cycle(5)
    assert w.family() == ({"Ring 0": "Ring 1", "Ring 1": "Ring 0"}, {})
    w.settled()
