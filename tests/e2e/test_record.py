"""A steward finds a record, sees why a value is there, and how the link is doing."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e import cases
from tests.e2e.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_record_is_found_by_typing_and_tells_why(world, enter, size):
    cases.conflicts(world)
    page = enter(**({"size": PHONE} if size == "phone" else {}))
    page.goto("/records")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("dnipro lo")
    expect(page.locator("#list [data-open]")).to_have_count(1)
    assert "dnipro" not in page.url
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("#list [data-open]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/records/[0-9a-f]{32}$"))
    assert "Дніпро" in page.locator("h1").inner_text()
    why = page.locator("#field-phone >> xpath=../following-sibling::tr[1]//details")
    why.locator("summary").click()
    told = why.inner_text()
    assert "+380 56 790 10 20" in told
    assert "a person decides" in told
    assert page.get_by_role("link", name="Open in crm").get_attribute("href").startswith("https://")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
