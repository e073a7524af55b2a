"""Answers that can be taken back for a while, as people see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from tandem.console.config import ConsoleConfig, FourEyes
from tandem.console.context import later
from tests.unit.console.test_inbox import conflict


@pytest.fixture
def bells(console, rung):
    """Rings that wait: (delay, rings)."""
    waiting = []
    console.settings = ConsoleConfig(four_eyes=FourEyes(questions=1))
    console.later = lambda delay, ring: waiting.append((delay, ring))
    return waiting


def test_an_answer_is_shown_with_the_time_that_is_left(world, login, bells, rung):
    _, erp_id = conflict(world)
    stella, stan = login("stella"), login("stan")
    sent = stella.form("/questions/1/decision", version=1, choice="take:crm")
    assert sent.headers["location"] == "/inbox?done=1"
    world.clock.advance(4)
    page = stan.json("/questions/1")
    due = world.clock.now() + timedelta(seconds=6)
    assert (page["state"], page["undo"]) == ("open", True)
    assert page["held"] == {
        "id": 1,
        "person": "stella",
        "decision": {"value": "2"},
        "due_at": due.isoformat().replace("+00:00", "Z"),
        "many": False,
    }
    html = stan.get("/questions/1").text
    assert "stella: 2" in html
    assert ">6 s</span>" in html
    assert "Your answer" not in html
    ((delay, ring),) = bells
    assert (delay, rung) == (timedelta(seconds=10), [])
    ring()
    assert rung == ["customers"]
    world.clock.advance(6)
    world.cycle(2)
    assert world.erp.rows("party")[erp_id]["phone"] == "2"


def test_what_is_answered_waits_for_nobody(world, login, bells):
    world.phone_conflicts("Acme", "Borealis")
    stella = login()
    assert stella.json("/inbox/open") == {"open": 2}
    sent = stella.form("/questions/1/decision", version=1, choice="take:crm")
    assert sent.headers["location"] == "/questions/2?done=1"
    assert "it can be taken back for" in stella.get("/questions/2?done=1").text
    assert [row["id"] for row in stella.json("/inbox")["rows"]] == [2]
    assert stella.json("/inbox/open") == {"open": 1}
    assert [cause["count"] for cause in stella.json("/inbox/causes")["causes"]] == [1]
    assert stella.json("/questions/2")["previous"] is None
    again = login("stan").form("/questions/1/decision", version=1, choice="take:erp")
    assert again.status_code == 409
    assert stella.form("/questions/1/undo").headers["location"] == "/questions/1"
    assert stella.json("/inbox/open") == {"open": 2}
    world.cycle(12)
    assert [item.state for item in world.reviews()] == ["open", "open"]


def test_two_people_have_confirmed_and_it_can_still_be_taken_back(world, login, bells):
    erp_ids = [erp_id for _, erp_id in world.phone_conflicts("Acme", "Borealis")]
    stella, stan = login("stella"), login("stan")
    seen = stella.json("/groups/1")["seen"]
    stella.form("/groups/1/decision", choice="take:crm", **seen)
    world.cycle(20)
    assert stella.json("/answers")["answers"][0]["state"] == "proposed"
    seen = stan.json("/answers")["answers"][0]["seen"]
    assert "Take back 2" in stan.form("/answers/1", do="confirm", **seen).text
    assert stella.json("/inbox/open") == {"open": 0}
    assert "stella: the value of crm" in stella.get("/groups/1").text
    refused = stella.form("/questions/1/undo")
    assert refused.status_code == 409
    assert "it was answered with others" in refused.text
    assert "2 are open again, for 0 it was too late" in stella.form("/answers/1", do="undo").text
    world.cycle(12)
    assert [world.erp.rows("party")[erp_id]["phone"] for erp_id in erp_ids] == ["3", "3"]


def test_a_bell_rings_later_or_at_once():
    heard = []
    later(timedelta(0), lambda: heard.append("now"))
    assert heard == ["now"]
    timer = later(timedelta(milliseconds=1), lambda: heard.append("then"))
    timer.join(10)
    assert heard == ["now", "then"]


@pytest.mark.parametrize("undo", [timedelta(seconds=-1), timedelta(hours=2)])
def test_nobody_waits_for_hours(undo):
    with pytest.raises(ValidationError):
        ConsoleConfig(undo=undo)
