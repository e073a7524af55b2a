"""An answer can be taken back for a while: nothing knows of it yet, and nothing waits for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tandem.desk import answers, groups, singles, undo
from tandem.errors import StaleDecisionError
from tandem.state import review
from tandem.state.review import AnswerState, ReviewItem, ReviewKind

GRACE = timedelta(seconds=10)


@pytest.fixture
def world(world):
    """One world of accounts."""
    return world()


@pytest.fixture
def conflict(world):
    """A conflict over a phone; ids in the CRM and in the ERP."""
    crm_id, erp_id = world.pair(phone="1", industry="Ore")
    world.crm.edit("Account", crm_id, phone="2")
    world.erp.edit("party", erp_id, phone="3")
    world.cycle(2)
    return crm_id, erp_id


def hold(world, value="2", person="stella"):
    (item,) = world.reviews()
    return singles.decide_one(
        world.database,
        item.id,
        version=item.version,
        decision={"value": value},
        person=person,
        at=world.clock.now(),
        ceiling=100,
        grace=GRACE,
    )


def phones(world, conflict):
    crm_id, erp_id = conflict
    return world.crm.rows("Account")[crm_id]["phone"], world.erp.rows("party")[erp_id]["phone"]


def told(world):
    """What the audit says of answers, in order."""
    names = ("answer.held", "answer.undone", "answer.lapsed", "answer.given", "review.decided")
    return [(f.action, f.actor) for name in names for f in world.facts(name)]


def test_an_answer_is_given_when_its_time_is_over_and_not_before(world, conflict):
    hold(world)
    world.cycle(9)
    assert phones(world, conflict) == ("2", "3")
    assert [item.state for item in world.reviews()] == ["open"]
    world.cycle(1)
    assert phones(world, conflict) == ("2", "2")
    assert world.reviews() == []
    assert told(world) == [("answer.held", "stella"), ("review.decided", "stella")]
    world.quiet()


def test_everything_else_of_the_record_goes_on_meanwhile(world, conflict):
    crm_id, erp_id = conflict
    hold(world)
    world.crm.edit("Account", crm_id, industry="Gold")
    world.cycle(1)
    assert world.erp.rows("party")[erp_id]["industry"] == "Gold"
    world.cycle(9)
    assert phones(world, conflict) == ("2", "2")


def test_an_answer_that_is_taken_back_leaves_no_trace_in_the_systems(world, conflict):
    hold(world)
    world.cycle(3)
    item = undo.undo(world.database, 1, person="stan", at=world.clock.now())
    assert (item.state, item.version) == ("open", 1)
    sent = len(world.crm.sent), len(world.erp.sent)
    world.cycle(12)
    assert (len(world.crm.sent), len(world.erp.sent)) == sent
    assert told(world) == [("answer.held", "stella"), ("answer.undone", "stan")]
    hold(world, value="3")
    world.cycle(10)
    assert phones(world, conflict) == ("3", "3")


def test_an_answer_lapses_when_its_question_changes_before_it_is_due(world, conflict):
    crm_id, _ = conflict
    hold(world)
    world.crm.edit("Account", crm_id, phone="22")
    world.cycle(12)
    assert phones(world, conflict) == ("22", "3")
    (item,) = world.reviews()
    assert (item.state, item.version, item.decision) == ("open", 2, None)
    assert told(world) == [("answer.held", "stella"), ("answer.lapsed", "stella")]
    with world.database.begin() as connection:
        (answer,) = answers.listing(connection)
    assert answer.state is AnswerState.LAPSED


def test_an_answer_lapses_when_both_sides_agree_before_it_is_due(world, conflict):
    crm_id, _ = conflict
    hold(world)
    world.crm.edit("Account", crm_id, phone="3")
    world.cycle(12)
    assert phones(world, conflict) == ("3", "3")
    assert world.reviews() == []
    assert told(world) == [("answer.held", "stella"), ("answer.lapsed", "stella")]


def test_nobody_else_answers_what_is_answered(world, conflict):
    hold(world)
    with pytest.raises(StaleDecisionError, match="stella has answered it"):
        hold(world, value="3", person="stan")
    world.cycle(10)
    assert phones(world, conflict) == ("2", "2")


def test_the_command_line_answers_at_once_and_the_held_answer_lapses(world, conflict):
    hold(world, value="2")
    (item,) = world.reviews()
    world.decide(item, {"value": "9"})
    world.cycle(2)
    assert phones(world, conflict) == ("9", "9")
    world.cycle(10)
    assert phones(world, conflict) == ("9", "9")
    assert ("answer.lapsed", "stella") in told(world)


def test_a_group_is_held_as_a_whole(world):
    pairs = world.phone_conflicts("Acme", "Borealis")

    def answer():
        (group,) = {item.group_key for item in world.reviews()}
        with world.database.begin() as connection:
            seen = answers.look(connection, "customers", group)
        return groups.decide_group(
            world.database,
            1,
            seen=seen,
            decision={"take": "crm"},
            person="stella",
            at=world.clock.now(),
            ceiling=500,
            grace=GRACE,
        )

    first = answer()
    world.cycle(5)
    undone = undo.undo_group(world.database, first.id, person="stella", at=world.clock.now())
    assert (undone.open_again, undone.too_late, undone.answer.state) == (2, 0, "undone")
    world.cycle(10)
    assert [world.erp.rows("party")[e]["phone"] for _, e in pairs] == ["3", "3"]
    second = answer()
    world.cycle(10)
    assert [world.erp.rows("party")[e]["phone"] for _, e in pairs] == ["2", "2"]
    with world.database.begin() as connection:
        given = answers.get(connection, second.id)
    assert (given.state, given.answered) == ("given", 2)


def test_what_stops_a_link_does_not_keep_its_own_answer_from_being_given(world, conflict):
    """A link whose system was restored does not run while it is asked what holds."""
    item = ReviewItem(
        link="customers",
        kind=ReviewKind.RESTORED_SYSTEM,
        subject="restored_system:crm",
        object="account",
        group_key="restored_system:crm",
        question={"system": "crm"},
        system="crm",
    )
    with world.database.begin() as connection:
        review.open_items(connection, [item], world.clock.now())
    singles.decide_one(
        world.database,
        item.id,
        version=1,
        decision={"approve": True},
        person="stella",
        at=world.clock.now(),
        ceiling=100,
        grace=GRACE,
    )
    world.clock.advance(10)
    pipeline = world.pipeline()
    assert pipeline.open()
    pipeline.close()
    assert ("review.decided", "stella") in told(world)
