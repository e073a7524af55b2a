"""A steward's day in a real browser: what is decided arrives in the systems."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tandem.state import chain as chains
from tests.e2e import cases

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_conflict_is_resolved_and_arrives(world, enter):
    pairs = cases.conflicts(world)
    page = enter()
    expect(page.locator(".top .count")).to_contain_text("4")
    page.get_by_role("link", name="Acme Trading Ltd").click()
    page.get_by_label("Take crm").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.locator(".done")).to_contain_text("Decided; the next sync applies it.")
    world.cycle(2)
    assert world.erp.rows("party")[pairs[3][1]]["phone"] == cases.COMPANIES[3][1]


def test_the_whole_day_with_the_keyboard_alone(world, enter):
    pairs = cases.conflicts(world)
    page = enter()
    press = page.keyboard.press
    press("j")
    expect(page.get_by_role("link", name=cases.COMPANIES[0][0])).to_be_focused()
    press("j")
    press("k")
    press("Enter")
    page.wait_for_url("**/questions/1")
    press("2")
    expect(page.get_by_label("Take erp")).to_be_checked()
    press("1")
    expect(page.get_by_label("Take crm")).to_be_checked()
    press("Enter")
    page.wait_for_url("**/questions/2?done=1")
    press("u")
    page.wait_for_url("**/questions/1")
    press("3")
    expect(page.locator("#typed")).to_be_focused()
    page.keyboard.type("+48 12 111 22 33")
    press("Enter")
    page.wait_for_url("**/questions/2?done=1")
    press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    press("g")
    page.wait_for_url("**/groups/2")
    press("2")
    press("Enter")
    page.wait_for_url("**/answers?done=1")
    press("i")
    page.wait_for_url("**/inbox")
    world.cycle(2)
    phones = [world.crm.rows("Account")[crm]["phone"] for crm, _ in pairs]
    assert phones == ["+48 12 111 22 33", *(erp for _, _, erp in cases.COMPANIES[1:])]


def test_two_stewards_on_one_question(world, enter):
    pairs = cases.conflicts(world)
    stella, stan = enter("stella"), enter("stan")
    for page in (stella, stan):
        page.goto("/questions/1")
    stella.get_by_label("Take crm").check()
    stella.get_by_role("button", name="Decide").click()
    stella.wait_for_url("**/questions/2?done=1")
    stan.get_by_label("Take erp").check()
    stan.get_by_role("button", name="Decide").click()
    expect(stan.get_by_role("alert")).to_contain_text("Meanwhile this has changed")
    expect(stan.get_by_text("stella: " + cases.COMPANIES[0][1])).to_be_visible()
    world.cycle(2)
    assert world.erp.rows("party")[pairs[0][1]]["phone"] == cases.COMPANIES[0][1]


def test_counts_stay_true_while_one_looks(world, enter):
    page = enter()
    expect(page.locator(".top .count")).to_contain_text("0")
    cases.conflicts(world)
    expect(page.locator(".top .count")).to_contain_text("4", timeout=15_000)


def test_a_search_narrows_the_list_and_stays_out_of_the_address(world, enter):
    cases.conflicts(world)
    page = enter()
    page.keyboard.press("/")
    page.keyboard.type("πετρελ")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert page.url.endswith("/inbox")


def test_a_group_is_answered_and_taken_back(world, enter):
    cases.conflicts(world)
    page = enter()
    page.get_by_role("link", name="By cause").click()
    page.locator("[data-open]").first.click()
    page.get_by_label("In each the value of crm").check()
    page.get_by_role("button", name="Decide 4").click()
    page.get_by_role("button", name="Take back 4").click()
    expect(page.get_by_role("status").first).to_contain_text("4 are open again")
    world.cycle(2)
    assert world.erp.sent[-1].write.values.get("phone") != cases.COMPANIES[0][1]


def state(world, canonical_id: str) -> str:
    with world.database.begin() as connection:
        return chains.load(connection, [canonical_id])[canonical_id].state


def test_a_pair_is_merged_and_taken_apart_again(world, enter):
    _, other = cases.pair(world)
    page = enter()
    page.goto("/questions/1")
    page.locator("[data-choice]").first.check()
    for needed in page.locator("[data-needed]").all():
        needed.select_option(index=1)
    page.get_by_role("button", name="Decide").click()
    page.wait_for_url(re.compile("/inbox"))
    world.cycle(4)
    assert state(world, other) == "merged"
    page.goto("/questions/1")
    page.get_by_role("button", name="Take them apart again").click()
    page.wait_for_url(f"**/records/{other}")
    world.cycle(6)
    assert state(world, other) == "live"
