"""Plans: what would be written, on a copy of the state, with nobody held up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import RetryableError
from tandem.chaos.faults import Fail
from tandem.state.database import Database, migrate, open_engine
from tandem.sync.plan import Plan, plan, scratch_copy
from tests.databases import fresh_postgres
from tests.scenarios.world import World


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'state.db'}"
        migrate(url)
        database = Database(open_engine(url))
        yield database
        database.close()
        return
    with fresh_postgres() as url:
        migrate(url)
        database = Database(open_engine(url))
        yield database
        database.close()


@pytest.fixture
def world(database: Database) -> World:
    return World(database, objects=("account", "contact"))


def planned(world: World, **options) -> Plan:
    return plan(world.link, world.database, clock=world.clock, ids=world.ids, **options)


def test_a_plan_foretells_exactly_what_the_sync_then_writes(world):
    account = world.crm.insert("Account", name="Acme", phone="1")
    world.crm.insert("Contact", given="Anna", family="Kowalska", account=account)
    world.erp.insert("party", name="Zorg", phone="9")
    told = planned(world)
    assert world.crm.sent == world.erp.sent == []
    assert told.totals == {
        "account": {"crm": {"create": 1}, "erp": {"create": 1}},
        "contact": {"erp": {"create": 1}},
    }
    assert {(w.system, w.operation, w.label) for w in told.writes} == {
        ("crm", "create", "Zorg"),
        ("erp", "create", "Acme"),
        ("erp", "create", "Anna Kowalska"),
    }
    counts = world.cycle()
    assert counts["creates"] == told.total == 3


def test_a_plan_leaves_the_state_as_it_is(world):
    world.pair(phone="1")
    world.crm.insert("Account", name="Another")
    before = (world.inbox(), world.outbox(), world.links(), len(world.facts("record.arrived")))
    assert planned(world).total == 1
    assert planned(world).total == 1
    assert before == (
        world.inbox(),
        world.outbox(),
        world.links(),
        len(world.facts("record.arrived")),
    )


def test_each_field_tells_before_after_columns_and_cause(world):
    crm_id, erp_id = world.pair(phone="1", industry="x")
    world.crm.edit("Account", crm_id, phone="2")
    (write,) = planned(world).writes
    assert (write.system, write.native_id, write.stream) == ("erp", erp_id, "party")
    (field,) = write.fields
    assert (field.field, field.columns, field.before, field.after) == (
        "phone",
        ("phone",),
        "1",
        "2",
    )
    assert (field.cause["rule"], field.cause["system"]) == ("changed", "crm")


def test_a_plan_works_while_another_worker_holds_the_link_and_lets_it_work(world):
    world.crm.insert("Account", name="Acme")
    worker = world.pipeline("worker")
    assert worker.open()
    with scratch_copy(world.database, "customers"):
        worker.pull()  # a copy keeps nobody waiting
    assert planned(world).total == 1
    worker.drain()
    assert worker.counts["creates"] == 1
    worker.close()
    assert planned(world).total == 0


def test_writes_that_wait_already_are_part_of_the_plan(world):
    world.crm.insert("Account", name="Acme")
    pipeline = world.pipeline()
    assert pipeline.open()
    pipeline.pull()
    pipeline.drain(push=False)
    pipeline.close()
    told = planned(world)
    assert [(w.operation, w.label) for w in told.writes] == [("create", "Acme")]


def test_only_new_questions_are_told(world):
    crm_id, erp_id = world.pair(phone="1")
    world.crm.edit("Account", crm_id, phone="2")
    world.erp.edit("party", erp_id, phone="3")
    told = planned(world)
    assert told.total == 0
    assert [(q.kind, q.field) for q in told.questions] == [("conflict", "phone")]
    world.cycle()
    assert planned(world).questions == ()
    world.crm.edit("Account", crm_id, phone="4")
    (question,) = planned(world).questions
    assert question.question["sides"] == {"crm": "4", "erp": "3"}


def test_a_stream_out_of_reach_is_named_and_the_plan_does_without_it(world):
    world.crm.insert("Account", name="Acme")
    world.erp.insert("party", name="Zorg")
    world.crm.script("page", Fail(RetryableError("gateway timeout")))
    told = planned(world)
    assert [w.label for w in told.writes] == ["Zorg"]
    assert told.to_dict()["failures"] == [
        {"system": "crm", "stream": "Account", "code": "connector.retryable"}
    ]


def test_a_limit_shortens_the_lists_and_not_the_totals(world):
    for number in range(5):
        world.crm.insert("Account", name=f"{'ABCDE'[number] * 4} Works", phone=f"{number}")
    told = planned(world, limit=2)
    assert len(told.writes) == 2
    assert told.total == 5


def test_a_deletion_has_no_fields(world):
    world.config = world.config.model_validate(
        world.config.model_dump(mode="json")
        | {"objects": {"account": {"deletes": {"policy": "propagate"}}}}
    )
    crm_id, erp_id = world.pair()
    world.crm.remove("Account", crm_id)
    (write,) = planned(world).writes
    assert (write.operation, write.native_id, write.fields) == ("delete", erp_id, ())
    assert planned(world).to_dict()["total"] == 1
