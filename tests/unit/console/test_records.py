"""Records: finding one, seeing it as each system has it, and why each value is what it is."""

from __future__ import annotations

from connectors.base import Rejected


def acme(world, **values):
    """An account with one contact, and a conflict over its phone that stella decided."""
    crm_id, erp_id = world.pair(phone="1", **values)
    world.crm.insert("Contact", given="Jan", family="Łoś", account=crm_id)
    world.cycle()
    return crm_id, erp_id


def record_of(world, person, text="acme"):
    (row, *_) = person.command("/records/search", {"text": text}).json()["rows"]
    return row["path"]


def test_a_search_is_posted_and_leads_to_the_record(world, login):
    acme(world)
    stella = login()
    page = stella.command("/records/search", {"text": "ACME"}).json()
    (row,) = page["rows"]
    assert (row["heading"], row["object"], row["state"]) == ("Acme", "account", "live")
    assert {n["url"] for n in row["natives"]} == {
        f"https://{n['system']}.example/{n['stream']}/{n['native_id']}" for n in row["natives"]
    }
    html = stella.form("/records/search", text="acme").text
    assert f'href="{row["path"]}"' in html
    part = stella.client.post(
        "/records/search",
        data={"csrf": stella.csrf, "text": "nobody"},
        headers={"HX-Request": "true"},
    )
    assert part.text.strip().startswith('<div id="list">')
    assert "Nothing is known" in part.text
    assert stella.get("/records").status_code == 200


def test_a_record_as_each_system_has_it(world, login):
    crm_id, erp_id = acme(world)
    stella = login()
    path = record_of(world, stella)
    page = stella.json(path)
    assert page["heading"] == "Acme"
    assert page["systems"] == ["crm", "erp"]
    assert [(n["system"], n["native_id"], n["url"]) for n in page["natives"]] == [
        ("crm", crm_id, f"https://crm.example/Account/{crm_id}"),
        ("erp", erp_id, f"https://erp.example/party/{erp_id}"),
    ]
    phone = next(field for field in page["story"]["fields"] if field["field"] == "phone")
    assert phone["golden"] == "1"
    assert [(s["system"], s["native"], s["observed"]) for s in phone["sides"]] == [
        ("crm", {"phone": "1"}, "1"),
        ("erp", {"phone": "1"}, "1"),
    ]
    assert page["policies"]["phone"] == {"policy": "review", "owner": None}
    assert [fact["action"] for fact in page["latest"]][-1] == "record.arrived"
    (child,) = page["children"]
    assert (child["heading"], child["object"]) == ("Jan Łoś", "contact")
    contact = stella.json(child["path"])
    assert contact["parents"]["account"]["heading"] == "Acme"
    html = stella.get(path).text
    assert "Why is this value here?" in html
    assert f'href="https://crm.example/Account/{crm_id}"' in html
    assert stella.get(child["path"]).text.count('<a href="' + path + '">Acme</a>') == 2


def test_why_a_value_is_here_down_to_decision_loser_and_answer(world, console, login):
    crm_id, erp_id = acme(world)
    world.crm.edit("Account", crm_id, phone="2")
    world.erp.edit("party", erp_id, phone="3")
    world.cycle(2)
    stella = login()
    path = record_of(world, stella)
    (question,) = stella.json(path)["questions"]
    assert (question["kind"], question["field"]) == ("conflict", "phone")
    world.decide(console.reader.review(question["id"]), {"value": "3"})
    world.cycle(2)
    page = stella.json(path)
    assert page["questions"] == []
    phone = next(field for field in page["story"]["fields"] if field["field"] == "phone")
    assert (phone["rule"], phone["losers"]) == ("decision", {"crm": "2"})
    answer = phone["sides"][0]["last_write"]["answer"]
    assert answer["native_id"] == crm_id
    html = stella.get(path).text
    assert f'<a href="/questions/{question["id"]}">' in html
    assert "crm: <del>2</del>" in html


def test_a_refused_write_and_one_on_its_way_are_shown(world, login):
    crm_id, _ = acme(world)
    world.erp.reject = lambda _stream, _write: Rejected("BAD_PHONE", "no such number")
    world.crm.edit("Account", crm_id, phone="9")
    world.cycle(2)
    stella = login()
    path = record_of(world, stella)
    (write,) = stella.json(path)["writes"]
    assert (write["state"], write["values"], write["answer"]["code"]) == (
        "rejected",
        {"phone": "9"},
        "BAD_PHONE",
    )
    html = stella.get(path).text
    assert f'href="{write["path"]}"' in html
    assert "no such number" in html


def test_the_whole_history_page_by_page(world, login):
    crm_id, _ = acme(world)
    for number in range(20, 50):
        world.crm.edit("Account", crm_id, phone=str(number))
        world.cycle()
    stella = login()
    path = record_of(world, stella)
    page = stella.json(path)
    assert page["more_history"]
    first = stella.json(f"{path}/history")
    rest = stella.json(f"{path}/history", params={"before": first["next"]})
    ids = [fact["id"] for fact in (*first["facts"], *rest["facts"])]
    assert ids == sorted(set(ids), reverse=True)
    assert rest["facts"][-1]["action"] == "record.arrived"
    assert rest["next"] is None
    assert stella.get(f"{path}/history").status_code == 200


def test_the_records_that_refer_to_one(world, login):
    acme(world)
    stella = login()
    path = record_of(world, stella)
    page = stella.json(f"{path}/related")
    assert [row["heading"] for row in page["rows"]] == ["Jan Łoś"]
    assert (page["total"], page["next"]) == (1, None)
    assert "Jan Łoś" in stella.get(f"{path}/related").text


def test_what_does_not_exist_is_told(login):
    stella = login()
    for path in ("/records/404", "/records/404/history", "/records/404/related"):
        assert stella.get(path).status_code == 404
        assert stella.get(f"/api/v1{path}").json()["code"] == "not_found"


def test_nobody_sees_a_record_without_logging_in(anybody):
    assert anybody.get("/api/v1/records/404").status_code == 401
    assert anybody.post("/api/v1/records/search", json={"text": "acme"}).status_code in (401, 403)
