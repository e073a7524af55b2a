"""Every page at both widths: axe finds nothing, the policy refuses nothing, nothing overflows.

With TANDEM_SCREENSHOTS=FOLDER the pages are kept as pictures; docs/images is made so.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tandem.console.config import ConsoleConfig
from tandem.console.roles import Role
from tests.e2e import cases
from tests.e2e.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = {
    "inbox": "/inbox",
    "causes": "/inbox/causes",
    "conflict": "/questions/1",
    "group": "/groups/1",
    "duplicate": "/questions/5",
    "merge": "/questions/6",
    "answers": "/answers",
    "records": "/records",
    "overview": "/overview?range=hour",
    "link": "/links/customers?range=hour",
    "runs": "/runs",
    "audit": "/audit",
    "nowhere": "/nowhere",
}
STRICT = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def keep(page, name: str) -> None:
    folder = os.environ.get("TANDEM_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"console-{name}.png", full_page=False)


@pytest.fixture
def asked(world):
    cases.conflicts(world)
    cases.duplicate(world)
    cases.pair(world)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_pages_are_accessible_and_fit(asked, enter, size, scheme):
    page = enter(role=Role.ENGINEER, **({"size": PHONE} if size == "phone" else {}))
    page.emulate_media(color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    found = {}
    for name, path in PAGES.items():
        page.goto(path)
        suffix = "" if (size, scheme) == ("desk", "light") else f"-{size}-{scheme}"
        keep(page, f"{name}{suffix}")
        for violation in Axe().run(page, options=STRICT).response["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            found[f"{path} {violation['id']}"] = nodes
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            found[f"{path} overflows"] = [str(wide)]
    assert found == {}
    assert [c for c in complaints if "404" not in c] == []


def test_the_login_page_is_accessible(asked, enter, browser):
    page = enter()
    page.get_by_role("button", name="Log out").click()
    keep(page, "login")
    assert Axe().run(page, options=STRICT).response["violations"] == []


def test_merging_two_records_and_taking_it_back_are_accessible(world, console, enter):
    # Long enough for a slow machine; the bar's seconds run down all the same.
    console.settings = ConsoleConfig(undo=timedelta(hours=1))
    one, other = cases.pair(world)
    page = enter()
    found = {}

    def look(name):
        keep(page, name)
        found[name] = [v["id"] for v in Axe().run(page, options=STRICT).response["violations"]]

    page.goto(f"/records/{one}")
    page.keyboard.press("m")
    page.get_by_label("Name, e-mail, telephone").fill("cobalt")
    expect(page.locator("#list [data-open]")).to_have_count(1)
    look("partners")
    page.goto(f"/records/{one}/merge/{other}")
    page.get_by_label("Merge, Cobalt Works stays").check()
    look("merging")
    page.get_by_role("button", name="Merge", exact=False).click()
    page.wait_for_url("**/questions/*")
    left = page.locator("[data-until]")
    look("held")
    expect(left).to_have_text(re.compile(r"3[0-5]\d\d s"))
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="Decide")).to_be_visible()
    assert found == {"partners": [], "merging": [], "held": []}
    world.cycle(12)
    assert {item.state for item in world.reviews()} == {"open"}
