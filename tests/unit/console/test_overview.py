"""The overview, the page of a link, runs and audit."""

from __future__ import annotations

import re

from connectors.base import Rejected


def busy(world):
    crm_id, _ = world.pair(phone="1")
    world.crm.edit("Account", crm_id, phone="2")
    world.clock.advance(9)
    world.cycle()


def test_a_link_at_a_glance(world, login):
    busy(world)
    stella = login()
    (card,) = stella.json("/overview")["links"]
    assert (card["link"], card["systems"], card["troubles"]) == ("customers", ["crm", "erp"], [])
    assert (card["freshness_p50"], card["freshness_p95"]) == (10.0, 10.0)
    assert (card["backlog"], card["oldest_unsent"], card["questions"]) == (0, None, 0)
    assert [picture["key"] for picture in card["pictures"]] == ["freshness", "backlog", "writes"]
    writes = card["pictures"][2]
    assert {
        curve["name"]: [s["value"] for s in curve["samples"]] for curve in writes["curves"]
    } == {
        "create": [1.0],
        "update": [1.0],
    }
    html = stella.get("/overview").text
    assert "All is well." in html
    assert html.count('role="img"') == 3


def test_what_is_wrong_is_said_with_where_to_look(world, login):
    world.erp.reject = lambda _stream, _write: Rejected("NO", "no")
    world.crm.insert("Account", name="Acme")
    world.crm.insert("Account", name="", phone="1")
    world.cycle()
    stella = login()
    (card,) = stella.json("/overview")["links"]
    assert [(t["name"], t["path"]) for t in card["troubles"]] == [
        ("dead_letters", "/inbox?kind=dead_letter"),
        ("quarantined", "/inbox?kind=quarantine"),
    ]


def test_the_page_of_a_link_has_pictures_with_their_numbers(world, login):
    busy(world)
    stella = login()
    for chosen in ("hour", "day", "year"):
        page = stella.json("/links/customers", params={"range": chosen})
        assert len(page["card"]["pictures"]) == 6
        assert page["card"]["linked"] == {"account crm": 1, "account erp": 1}
        assert [p["stream"] for p in page["positions"]][:1] == ["Account"]
    html = stella.get("/links/customers?range=hour").text
    titles = re.findall(r'<title id="([^"]+)">', html)
    assert len(titles) == len(set(titles)) >= 3
    assert "The numbers" in html
    assert stella.get("/links/nonsense").status_code == 404
    assert stella.get("/overview?range=century").status_code == 422


def test_runs_and_what_they_noted(world, login):
    busy(world)
    stella = login()
    page = stella.json("/runs")
    assert page["link"] == "customers"
    first = page["runs"][0]
    run = stella.json(f"/runs/{first['id']}")
    assert run["run"]["counts"]["updates"] == 1
    assert {fact["action"] for fact in run["facts"]} == {"golden.changed", "write.accepted"}
    assert first["id"][:8] in stella.get("/runs").text
    assert "Golden record changed" in stella.get(f"/runs/{first['id']}").text
    assert stella.json("/runs", params={"lane": "live"})["runs"] == []
    older = stella.json("/runs", params={"before": first["started_at"]})["runs"]
    assert [one["id"] for one in older] == [one["id"] for one in page["runs"][1:]]
    assert stella.get("/runs/nonsense").status_code == 404
    assert stella.get("/runs?link=nonsense").status_code == 404


def test_the_audit_is_narrowed_and_paged(world, login):
    busy(world)
    stella = login()
    page = stella.json("/audit")
    assert "write.accepted" in page["actions"]
    narrowed = stella.json("/audit", params={"link": "customers", "action": "record.arrived"})
    assert {fact["action"] for fact in narrowed["facts"]} == {"record.arrived"}
    older = stella.json("/audit", params={"before": page["facts"][0]["id"]})
    assert older["facts"] == page["facts"][1:]
    assert "Written" in stella.get("/audit?action=write.accepted").text


def test_figures_are_counted_anew_after_a_moment(world, login):
    busy(world)
    stella = login()
    assert stella.json("/overview")["links"][0]["quarantined"] == 0
    world.crm.insert("Account", name="")
    world.cycle()
    world.clock.advance(2)
    assert stella.json("/overview")["links"][0]["quarantined"] == 1
