"""The reader: what it tells, and that it cannot write."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError

from connectors.base import Rejected
from tandem.errors import NotFoundError
from tandem.state.outbox import PushState
from tandem.state.reader import Question, percentile
from tandem.state.review import ReviewState
from tandem.state.tables import audit


def test_the_database_itself_keeps_a_reader_from_writing(world, reader):
    world.pair()
    facts = len(world.facts("record.arrived"))
    assert facts
    with pytest.raises(DBAPIError), reader.view() as connection:
        connection.execute(delete(audit))
    assert len(world.facts("record.arrived")) == facts


def test_a_view_is_one_moment_and_holds_up_nobody(world, reader):
    world.pair()
    with reader.view() as connection:
        before = connection.execute(audit.select()).all()
        world.crm.insert("Account", name="Meanwhile")
        assert world.cycle()["creates"] == 1
        assert connection.execute(audit.select()).all() == before


def test_the_status_of_a_link(world, reader):
    crm_id, _ = world.pair(phone="1")
    world.crm.edit("Account", crm_id, phone="2")
    world.clock.advance(9)
    world.cycle()
    status = reader.status("customers", now=world.clock.now())
    assert status.linked == {"account": {"crm": 1, "erp": 1}}
    assert status.outbox == {"accepted": 2}
    assert status.freshness.writes == 1  # the first load counts for nothing
    assert status.freshness.p95 == timedelta(seconds=10)
    assert status.runs[0].lane == "cli"
    assert status.runs[0].outcome == "done"
    assert status.runs[0].counts["updates"] == 1
    assert [(p.system, p.stream) for p in status.watermarks] == [
        ("crm", "Account"),
        ("erp", "party"),
    ]
    assert status.holder is None
    assert not status.needs_attention


def test_what_needs_attention(world, reader):
    world.erp.reject = lambda _stream, _write: Rejected("NO", "no")
    world.crm.insert("Account", name="Acme")
    world.crm.insert("Account", name="", phone="1")
    world.cycle()
    status = reader.status("customers", now=world.clock.now())
    assert (status.dead_letters, status.quarantined) == (1, 1)
    assert status.needs_attention
    assert [letter.answer["code"] for letter in reader.dead_letters("customers")] == ["NO"]
    assert [one.reasons for one in reader.quarantined("customers")] == [{"name": ["missing"]}]
    assert reader.count_quarantined("customers") == 1


def test_who_holds_a_link_and_until_when(world, reader):
    pipeline = world.pipeline("worker 7")
    assert pipeline.open()
    now = world.clock.now()
    holder = reader.holder("customers", now=now)
    assert holder is not None
    assert holder.holder == "worker 7"
    assert holder.expires_at > now
    # A worker that vanished holds nothing any more once its lease has run out.
    assert reader.holder("customers", now=holder.expires_at) is None
    assert reader.status("nonsense", now=now).holder is None


def test_what_is_decided_and_not_answered(world, reader):
    world.crm.insert("Account", name="Acme")
    pipeline = world.pipeline()
    assert pipeline.open()
    pipeline.pull()
    pipeline.drain(push=False)
    decided_at = world.clock.now()
    world.clock.advance(30)
    assert reader.unsent("customers") == 1
    status = reader.status("customers", now=world.clock.now())
    assert status.oldest_unsent == decided_at
    chain_id = reader.objects_of("crm", "1")[0][1]
    (intent,) = reader.intents(chain_id)
    assert intent.values["name"] == "Acme"
    assert reader.intents(chain_id, [PushState.ACCEPTED]) == []


def test_questions_can_be_narrowed_down(world, reader):
    crm_id, erp_id = world.pair(phone="1")
    world.crm.edit("Account", crm_id, phone="2")
    world.erp.edit("party", erp_id, phone="3")
    world.cycle()
    (item,) = reader.reviews(Question())
    assert item.question["sides"] == {"crm": "2", "erp": "3"}
    for found in (
        Question(link="customers"),
        Question(kind="conflict", field="phone"),
        Question(object="account", group=item.group_key),
        Question(canonical_id=item.canonical_id, state=None),
    ):
        assert [one.id for one in reader.reviews(found)] == [item.id]
        assert reader.count_reviews(found) == 1
    for empty in (
        Question(link="others"),
        Question(kind="duplicate"),
        Question(system="crm"),
        Question(state=ReviewState.VOID),
    ):
        assert reader.reviews(empty) == []
        assert reader.count_reviews(empty) == 0
    assert reader.reviews(Question(), after=item.id) == []
    assert [one.id for one in reader.review_group(item)] == [item.id]
    assert reader.review(item.id).version == item.version
    with pytest.raises(NotFoundError):
        reader.review(404)


def test_a_record_and_its_history(world, reader):
    crm_id, erp_id = world.pair(phone="1")
    canonical_id = reader.canonical_id("account", "crm", crm_id)
    assert canonical_id is not None
    assert reader.canonical_id("account", "erp", erp_id) == canonical_id
    assert reader.canonical_id("contact", "crm", crm_id) is None
    chain = reader.chain(canonical_id)
    assert chain.values["phone"] == "1"
    assert {side.system for side in chain.sides} == {"crm", "erp"}
    history = reader.history(canonical_id)
    assert history[0].action == "record.arrived"
    assert history == sorted(history, key=lambda fact: fact.id)
    assert reader.history(canonical_id, limit=1) == history[-1:]
    with pytest.raises(NotFoundError):
        reader.chain("nonsense")


def test_percentiles_are_by_nearest_rank():
    spans = [timedelta(seconds=second) for second in range(1, 101)]
    assert percentile(spans, 0.95) == timedelta(seconds=95)
    assert percentile(spans[:1], 0.5) == timedelta(seconds=1)
    assert percentile([], 0.5) is None
