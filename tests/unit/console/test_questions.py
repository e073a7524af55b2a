"""A question's page, and what becomes of the answers that are given on it."""

from __future__ import annotations

import pytest

from tandem.console.roles import Role
from tests.unit.console.test_inbox import conflict


def test_a_conflict_shows_what_differs_and_what_each_answer_writes(world, login):
    conflict(world)
    page = login().json("/questions/1")
    assert page["base"] == "1"
    assert [(s["system"], s["value"]) for s in page["sides"]] == [("crm", "2"), ("erp", "3")]
    assert [m["kind"] for m in page["sides"][0]["marks"]] == ["gone", "new"]
    take, other, own = page["choices"]
    assert (take["key"], other["key"], own["key"]) == ("take:crm", "take:erp", "value")
    assert [(w["system"], w["changes"]) for w in take["writes"]] == [("crm", False), ("erp", True)]
    assert own["decision"] is None


def test_an_answer_is_written_and_its_person_is_in_the_audit(world, login, rung):
    _, erp_id = conflict(world)
    stella = login()
    html = stella.get("/questions/1")
    assert html.status_code == 200, html.text
    answer = stella.form("/questions/1/decision", version=1, choice="take:crm")
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox?done=1")
    assert rung == ["customers"]
    world.cycle(2)
    assert world.erp.rows("party")[erp_id]["phone"] == "2"
    (decided,) = world.facts("review.decided")
    assert (decided.actor, decided.after) == ("stella", {"value": "2"})


def test_a_typed_value_goes_to_both(world, login):
    crm_id, erp_id = conflict(world)
    login().form("/questions/1/decision", version=1, choice="value", value=" 4 ")
    world.cycle(2)
    assert world.crm.rows("Account")[crm_id]["phone"] == "4"
    assert world.erp.rows("party")[erp_id]["phone"] == "4"


def test_the_second_of_two_stewards_sees_what_holds_now(world, login):
    crm_id, _ = conflict(world)
    stella, stan = login("stella"), login("stan")
    world.crm.edit("Account", crm_id, phone="22")
    world.cycle(2)
    late = stella.form("/questions/1/decision", version=1, choice="take:crm")
    assert late.status_code == 409
    assert "Meanwhile this has changed" in late.text
    assert "Take crm: 22" in late.text
    assert (
        stan.command("/questions/1/decision", {"version": 2, "decision": {"value": "5"}}).json()[
            "state"
        ]
        == "decided"
    )
    refused = stella.command("/questions/1/decision", {"version": 2, "decision": {"value": "6"}})
    assert (refused.status_code, refused.json()["code"]) == (409, "review.stale")


def test_an_answer_is_taken_back_while_nobody_has_applied_it(world, login):
    conflict(world)
    stella = login()
    stella.form("/questions/1/decision", version=1, choice="take:crm")
    assert stella.form("/questions/1/undo").headers["location"] == "/questions/1"
    page = stella.json("/questions/1")
    assert (page["state"], page["version"], page["decision"]) == ("open", 2, None)
    world.cycle(2)
    assert world.erp.sent == []
    assert [f.actor for f in world.facts("review.undone")] == ["stella"]
    stella.form("/questions/1/decision", version=2, choice="take:crm")
    world.cycle(2)
    late = stella.form("/questions/1/undo")
    assert late.status_code == 409
    assert "no longer possible: the answer has been applied already" in late.text


@pytest.mark.parametrize(
    "decision",
    [{}, {"value": {"x": 1}}, {"value": "a\0b"}, {"policy": "restore"}, {"canonical_id": "x"}],
)
def test_an_answer_that_does_not_fit_is_refused(world, login, decision):
    conflict(world)
    answer = login().command("/questions/1/decision", {"version": 1, "decision": decision})
    assert answer.status_code == 422
    assert world.reviews()[0].state == "open"


@pytest.mark.parametrize("version", [{}, {"version": "one"}])
def test_a_form_without_a_usable_version_is_refused(world, login, version):
    conflict(world)
    refused = login().form("/questions/1/decision", choice="take:crm", **version)
    assert refused.status_code == 422
    assert "the form is incomplete: load the page again" in refused.text


def test_viewers_look_and_stewards_decide(world, login):
    conflict(world)
    vera = login("vera", Role.VIEWER)
    assert "Your answer" not in vera.get("/questions/1").text
    for path in ("decision", "undo", "assignee", "comments"):
        assert vera.form(f"/questions/1/{path}", version=1, choice="take:crm").status_code == 403
        body = {"version": 1, "decision": {"value": "2"}, "text": "x"}
        assert vera.command(f"/questions/1/{path}", body).status_code == 403
    assert world.reviews()[0].state == "open"


def test_questions_are_assigned_and_commented(world, login):
    conflict(world)
    stella = login()
    assert stella.form("/questions/1/assignee", assignee="me").status_code == 303
    assert stella.json("/inbox?assignee=me")["total"] == 1
    assert stella.json("/inbox?assignee=nobody")["total"] == 0
    stella.form("/questions/1/comments", text="<b>who?</b>")
    html = stella.get("/questions/1").text
    assert "&lt;b&gt;who?&lt;/b&gt;" in html
    page = stella.json("/questions/1")
    assert [(c["person"], c["text"]) for c in page["comments"]] == [("stella", "<b>who?</b>")]
    assert [f.cause["assignee"] for f in world.facts("review.assigned")] == ["stella"]
    assert all("who" not in str(f.cause) for f in world.facts("review.commented"))
