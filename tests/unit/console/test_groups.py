"""One answer for many questions: what it decides, taking it back, and the second person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tandem.console.config import ConsoleConfig, FourEyes
from tandem.console.roles import Role
from tandem.state import review
from tandem.state.review import ReviewItem, ReviewKind


@pytest.fixture
def conflicts(world):
    """Three conflicts over phones; ids in the CRM and in the ERP."""
    pairs = world.phone_conflicts("Acme", "Borealis", "Cobalt")
    world.crm.sent.clear()
    world.erp.sent.clear()
    return pairs


def test_causes_are_listed_with_their_counts(world, login, conflicts):
    (cause,) = login().json("/inbox/causes")["causes"]
    assert (cause["count"], cause["path"]) == (3, "/groups/1")


def test_one_answer_takes_one_sides_value_everywhere(world, login, conflicts, rung):
    stella = login()
    page = stella.json("/groups/1")
    assert page["seen"]["count"] == len(page["rows"]) == 3
    assert "Decide 3" in stella.get("/groups/1").text
    asked, at = world.reviews(), world.clock.now()
    sent = stella.form("/groups/1/decision", choice="take:crm", **page["seen"])
    assert sent.headers["location"] == "/answers?done=1"
    assert rung == ["customers"]
    world.cycle(2)
    assert [world.erp.rows("party")[e]["phone"] for _, e in conflicts] == ["2", "2", "2"]
    assert world.crm.sent == []
    # Noted of each as if it had been answered by itself.
    told = {"actor": "stella", "after": {"value": "2"}, "answer": 1}
    assert [fact._asdict() | {"id": 0} for fact in world.facts("review.decided")] == [
        review.fact_about(item, "review.decided", at=at, before=item.question, **told) | {"id": 0}
        for item in asked
    ]


def test_a_group_that_changed_meanwhile_is_not_decided(world, login, conflicts):
    stella = login()
    seen = stella.json("/groups/1")["seen"]
    world.crm.edit("Account", conflicts[0][0], phone="9")
    world.cycle(2)
    late = stella.form("/groups/1/decision", choice="take:crm", **seen)
    assert late.status_code == 409
    assert "Meanwhile the group has changed" in late.text
    assert {item.state for item in world.reviews()} == {"open"}


def test_a_group_answer_is_taken_back_whole_and_later_as_far_as_it_goes(world, login, conflicts):
    stella = login()
    seen = stella.json("/groups/1")["seen"]
    stella.form("/groups/1/decision", choice="take:crm", **seen)
    assert "Take back 3" in stella.get("/answers").text
    assert "3 are open again, for 0 it was too late" in stella.form("/answers/1", do="undo").text
    world.cycle(2)
    assert world.erp.sent == []
    assert len(world.reviews()) == 3
    seen = stella.json("/groups/1")["seen"]
    stella.form("/groups/1/decision", choice="take:erp", **seen)
    world.cycle(2)
    late = stella.form("/answers/2", do="undo")
    assert late.status_code == 409
    assert "no longer possible" in late.text


def test_above_the_ceiling_a_second_person_confirms(world, console, login, conflicts):
    console.settings = ConsoleConfig(four_eyes=FourEyes(questions=2), undo=timedelta(0))
    stella, stan, vera = login("stella"), login("stan"), login("vera", Role.VIEWER)
    seen = stella.json("/groups/1")["seen"]
    body = {"seen": seen, "decision": {"take": "erp"}}
    answer = stella.command("/groups/1/decision", body).json()
    assert (answer["state"], answer["count"], answer["mine"]) == ("proposed", 3, True)
    assert {item.state for item in world.reviews()} == {"open"}
    path = f"/answers/{answer['id']}/confirmation"
    own = stella.command(path, {"seen": seen})
    assert (own.status_code, own.json()["code"]) == (409, "review.same_person")
    assert vera.command(path, {"seen": seen}).status_code == 403
    assert stan.command(path, {"seen": seen}).json()["state"] == "given"
    assert stan.command(path, {"seen": seen}).status_code == 409
    world.cycle(2)
    assert [world.crm.rows("Account")[c]["phone"] for c, _ in conflicts] == ["3", "3", "3"]
    actors = [(f.action, f.actor) for name in ("answer.proposed", "answer.given")
              for f in world.facts(name)]  # fmt: skip
    assert actors == [("answer.proposed", "stella"), ("answer.given", "stan")]


def test_many_deletions_need_two_people(world, login):
    item = ReviewItem(
        link="customers",
        kind=ReviewKind.DELETE_APPROVAL,
        subject="delete_approval:customers:account:crm",
        object="account",
        group_key="delete_approval:customers:account:crm",
        question={"deletions": 400, "linked": 500, "allowed": 25},
        system="crm",
    )
    with world.database.begin() as connection:
        review.open_items(connection, [item], world.clock.now())
    stella, stan = login("stella"), login("stan")
    sent = stella.form("/questions/1/decision", version=1, choice="approve")
    assert sent.headers["location"] == "/answers?done=1"
    assert world.reviews()[0].state == "open"
    assert "An answer waits for a second person" in stan.get("/questions/1").text
    seen = stan.json("/answers")["answers"][0]["seen"]
    assert stan.form("/answers/1", do="confirm", **seen).status_code == 200
    assert world.reviews() == []


def test_the_records_of_a_group_are_woken_once_each(world, login):
    world.pair(phone="1")
    with world.database.begin() as connection:
        (chain_id,) = connection.exec_driver_sql(
            "SELECT DISTINCT canonical_id FROM crosswalk"
        ).one()
        items = [
            ReviewItem(
                link="customers",
                kind=ReviewKind.MANDATORY_GAP,
                subject=f"gap:{number}",
                object="account",
                group_key="gap",
                question={"record": {"name": "Acme"}},
                canonical_id=chain_id,
                field="phone",
            )
            for number in range(300)
        ]
        review.open_items(connection, items, world.clock.now())
    stella = login()
    seen = stella.json("/groups/1")["seen"]
    body = {"seen": seen, "decision": {"value": "7"}}
    assert stella.command("/groups/1/decision", body).json()["undoable"] == 300
    assert world.inbox() == {"new": 2}
