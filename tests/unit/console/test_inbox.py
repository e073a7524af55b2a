"""The inbox: what it lists, how it is narrowed, searched and counted."""

from __future__ import annotations

import pytest

from tandem.state import review
from tandem.state.review import ReviewItem, ReviewKind


def conflict(world, **values):
    crm_id, erp_id = world.pair(phone="1", **values)
    world.crm.edit("Account", crm_id, phone="2")
    world.erp.edit("party", erp_id, phone="3")
    world.cycle(2)
    return crm_id, erp_id


def test_the_inbox_lists_what_waits(world, login):
    conflict(world)
    stella = login()
    page = stella.json("/inbox")
    (row,) = page["rows"]
    assert (row["kind"], row["heading"], row["about"]) == ("conflict", "Acme", "crm: 2 | erp: 3")
    assert page["counts"] == [{"kind": "conflict", "count": 1}]
    html = stella.get("/inbox").text
    assert 'href="/questions/1"' in html
    assert "crm: 2 | erp: 3" in html


def test_a_search_is_posted_and_finds_parts_of_names_and_ids(world, login):
    conflict(world, name="Żółta Łódka Sp. z o.o.")
    stella = login()
    for text in ("zolta", "ŁÓDKA", "%", "nobody"):
        found = stella.command("/inbox/search", {"text": text}).json()["total"]
        assert found == (1 if text in ("zolta", "ŁÓDKA") else 0), text
    part = stella.client.post(
        "/inbox/search",
        data={"csrf": stella.csrf, "text": "zolta"},
        headers={"HX-Request": "true"},
    )
    assert part.text.startswith('<div id="list">')


@pytest.mark.parametrize(("many", "total", "more"), [(60, 60, False), (1003, 1000, True)])
def test_a_search_is_shown_page_by_page(world, login, many, total, more):
    items = [
        ReviewItem(
            link="customers",
            kind=ReviewKind.MANDATORY_GAP,
            subject=f"gap:{number}",
            object="account",
            group_key="gap",
            question={"record": {"name": "Acme"}},
            field="phone",
            label="Acme" if number else "Borealis",
        )
        for number in range(many + 1)
    ]
    with world.database.begin() as connection:
        review.open_items(connection, items, world.clock.now())
    stella, pages, after = login(), [], 0
    for _ in range(2):
        page = stella.command(f"/inbox/search?after={after}", {"text": "acme"}).json()
        pages.append([row["id"] for row in page["rows"]])
        assert (page["total"], page["more"]) == (total, more)
        after = page["next"]
    assert pages == [list(range(2, 52)), list(range(52, min(102, many + 2)))]
    assert after == (101 if more else None)
