"""Merging a pair on its page, and taking it apart again from the record's page."""

from __future__ import annotations

import pytest

from tandem.console.config import ConsoleConfig, FourEyes
from tandem.console.roles import Role
from tandem.state import chain as chains
from tests.e2e import cases


def became_alike(world):
    """Two accounts of which an edit has made look-alikes; their ids in the CRM."""
    c1, _ = world.pair(name="Acme Trading", phone="+30 210 6302000")
    c2, _ = world.pair(name="Zeta Works", phone="+30 210 6302100")
    world.crm.edit("Account", c2, name="ACME Trading", phone="+30 210 6302000")
    world.cycle(3)
    return c1, c2


def test_records_that_became_alike_are_merged_on_the_page_of_their_question(world, login):
    c1, c2 = became_alike(world)
    stella = login()
    (listed,) = stella.json("/inbox")["rows"]
    page = stella.json(f"/questions/{listed['id']}")
    stays = page["merges"][0]["survivor"]
    text = stella.get(f"/questions/{listed['id']}").text
    assert "same phone" in text
    assert "Keep apart" in text
    form = {"version": 1, "choice": f"merge:{stays}"}
    assert stella.form(f"/questions/{listed['id']}/decision", **form).status_code == 303
    world.cycle(6)
    # This CRM cannot merge: the record that went is no longer in use there.
    crm = world.crm.rows("Account")
    assert sorted(crm[i].get("active") is False for i in (c1, c2)) == [False, True]
    assert stella.json("/inbox")["rows"] == []


def test_records_that_became_alike_are_kept_apart_for_good(world, login):
    c1, c2 = became_alike(world)
    stella = login()
    (listed,) = stella.json("/inbox")["rows"]
    form = {"version": 1, "choice": "apart"}
    assert stella.form(f"/questions/{listed['id']}/decision", **form).status_code == 303
    world.cycle(3)
    for native_id in (c1, c2):
        world.crm.edit("Account", native_id, website="acme.example")
    world.cycle(3)
    assert {c1, c2} <= world.crm.rows("Account").keys()
    assert stella.json("/inbox")["rows"] == []


def test_a_pair_is_merged_with_what_a_person_chose_and_taken_apart_from_the_record(world, login):
    one, other = cases.pair(world)
    stella, vera = login(), login("vera", Role.VIEWER)
    page = stella.json("/questions/1")
    assert [merge["survivor"] for merge in page["merges"]] == [one, other]
    phone = next(f for f in page["merges"][0]["fields"] if f["field"] == "phone")
    assert phone["value"] == "+34 91 123 45 67"
    chosen = {"survives.name": '"Cobalt Works SL"', "survives.industry": '"Cobalt Works"'}
    form = {"version": 1, "choice": f"merge:{one}", **chosen}
    assert stella.form("/questions/1/decision", **form).status_code == 303
    world.cycle(4)
    assert stella.json("/questions/1")["merged_away"] == other
    assert "Take them apart again" in stella.get(f"/records/{other}").text
    assert "Take them apart again" not in vera.get(f"/records/{other}").text
    assert vera.form(f"/records/{other}/unmerge").status_code == 403
    assert stella.form(f"/records/{other}/unmerge").status_code == 303
    assert stella.form(f"/records/{one}/unmerge").status_code == 422
    world.cycle(6)
    assert "merged into another one" not in stella.get(f"/records/{other}").text


@pytest.fixture
def two(world):
    """Two companies that nobody would take for one, and a contact of the first; their ids."""
    c1, _ = world.pair(name="Acme Trading", phone="+30 210 6302000", industry="Ore")
    c2, _ = world.pair(name="Zeta Works", phone="+30 210 9302100")
    world.crm.insert("Contact", given="Anna", family="Nowak", account=c1)
    world.cycle(3)
    with world.database.begin() as connection:
        found = chains.find(connection, [("crm", "Account", c1), ("crm", "Account", c2)])
    return found["crm", "Account", c1], found["crm", "Account", c2]


def state(world, canonical_id):
    with world.database.begin() as connection:
        chain = chains.load(connection, [canonical_id])[canonical_id]
    return chain.state, chain.merged_into


def test_a_steward_merges_two_records_that_nobody_asked_about(world, login, two):
    one, other = two
    stella = login()
    assert f'href="/records/{one}/merge"' in stella.get(f"/records/{one}").text
    assert stella.get(f"/records/{one}/merge").status_code == 200
    found = stella.command(f"/records/{one}/merge/search", {"text": "zeta"}).json()
    assert [row["canonical_id"] for row in found["rows"]] == [other]
    part = stella.client.post(
        f"/records/{one}/merge/search",
        data={"csrf": stella.csrf, "text": "zeta"},
        headers={"HX-Request": "true"},
    )
    assert f'href="/records/{one}/merge/{other}"' in part.text
    page = stella.json(f"/records/{one}/merge/{other}")
    assert [(m["survivor"], m["heading"]) for m in page["merges"]] == [
        (one, "Acme Trading"),
        (other, "Zeta Works"),
    ]
    survives = {f["field"]: f["value"] for f in page["merges"][0]["fields"]}
    assert (survives["name"], survives["industry"]) == ("Acme Trading", "Ore")
    assert page["referring"] == {one: 1, other: 0}
    assert world.reviews() == []
    form = {"stays": one, "survives.name": '"Zeta Works"'}
    sent = stella.form(f"/records/{one}/merge/{other}", **form)
    assert sent.headers["location"] == "/questions/1"
    world.cycle(6)
    assert state(world, other) == ("merged", one)
    assert stella.json(f"/records/{one}")["heading"] == "Zeta Works"
    assert [f.actor for f in world.facts("review.decided")] == ["stella"]
    assert stella.form(f"/records/{other}/unmerge").status_code == 303
    world.cycle(6)
    assert state(world, other) == ("live", None)


def test_only_records_of_one_kind_that_live_can_be_merged(world, login, two):
    one, other = two
    stella, vera = login(), login("vera", Role.VIEWER)
    found = stella.command(f"/records/{one}/merge/search", {"text": "acme"}).json()["rows"]
    contacts = stella.command(f"/records/{one}/merge/search", {"text": "nowak"}).json()["rows"]
    assert (found, contacts) == ([], [])
    (contact,) = stella.command("/records/search", {"text": "nowak"}).json()["rows"]
    path = f"/records/{one}/merge"
    assert stella.get(f"{path}/{contact['canonical_id']}").status_code == 422
    assert stella.get(f"{path}/{one}").status_code == 422
    assert stella.get(f"{path}/nobody").status_code == 404
    assert "choose which of the two stays" in stella.form(f"{path}/{other}", stays="").text
    assert stella.form(f"{path}/{other}", stays=one, **{"survives.name": "{"}).status_code == 422
    for answer in (vera.get(path), vera.get(f"{path}/{other}"), vera.form(f"{path}/{other}")):
        assert answer.status_code == 403
    assert "/merge" not in vera.get(f"/records/{one}").text
    assert world.reviews() == []


def test_a_merge_that_reaches_far_needs_a_second_person(world, console, login, two):
    one, other = two
    console.settings = ConsoleConfig(four_eyes=FourEyes(merges=1))
    stella, stan = login("stella"), login("stan")
    page = stella.json(f"/records/{one}/merge/{other}")
    assert page["two_people"] == {one: False, other: True}
    body = {"stays": other, "choices": {"name": "Zeta Works"}}
    merged = stella.command(f"/records/{one}/merge/{other}", body).json()
    assert merged == {"question": 1, "state": "proposed"}
    again = stan.command(f"/records/{one}/merge/{other}", body)
    (answer,) = stan.json("/answers")["answers"]
    assert (answer["state"], answer["count"], again.status_code) == ("proposed", 1, 409)
    assert stan.form("/answers/1", do="confirm", **answer["seen"]).status_code == 200
    assert stan.json(f"/records/{one}/merge/{other}")["answered"] is True
    world.cycle(3)
    assert state(world, one) == ("live", None)
    world.cycle(12)
    assert state(world, one) == ("merged", other)


def test_a_merge_that_is_taken_back_leaves_the_question(world, console, login, two):
    one, other = two
    console.settings = ConsoleConfig()
    stella = login()
    stella.form(f"/records/{one}/merge/{other}", stays=one)
    assert "Take the answer back" in stella.get("/questions/1").text
    assert stella.form("/questions/1/undo").status_code == 303
    world.cycle(12)
    assert (state(world, one), state(world, other)) == (("live", None), ("live", None))
    assert [row["heading"] for row in stella.json("/inbox")["rows"]] == ["Acme Trading"]
