"""What a steward decides in a browser arrives in the sandbox CRM, over its real protocols."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tandem.console import accounts
from tandem.console.app import create_app
from tandem.console.roles import Role
from tandem.sandbox.testing import running_sandbox
from tandem.state import chain as chains
from tandem.state import review
from tandem.state.database import Database, open_engine
from tandem.sync.pairs import pair_question
from tests.e2e.conftest import served
from tests.scenarios.test_merge_over_http import SandboxWorld, two_pairs
from tests.unit.console.conftest import PASSWORD, console_over

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def sandboxed(url: str) -> Iterator[SandboxWorld]:
    database = Database(open_engine(url))
    with running_sandbox() as sandbox:
        world = SandboxWorld(database, sandbox)
        yield world
        world.connector.close()
    database.close()


def ask_about(world: SandboxWorld, one: str, other: str) -> tuple[str, str]:
    """The question whether two accounts of the CRM are one; their canonical ids."""
    with world.database.begin() as connection:
        known = chains.find(connection, [("crm", "Account", one), ("crm", "Account", other)])
        ids = known["crm", "Account", one], known["crm", "Account", other]
        found = chains.load(connection, ids)
        question = pair_question(found[ids[0]], found[ids[1]])
        review.open_items(connection, [question], world.clock.now())
    return ids


def test_a_merge_and_its_undoing_arrive_in_the_sandbox_crm(
    sandboxed: SandboxWorld, url: str, browser: Browser
) -> None:
    w = sandboxed
    (c1, _), (c2, _) = two_pairs(w)
    _, loser = ask_about(w, c1, c2)
    before = w.accounts()
    console = console_over(w, url)
    accounts.add(w.database, "stella", Role.STEWARD, PASSWORD, w.clock.now())
    with served(create_app(console)) as address:
        page = browser.new_context(base_url=address).new_page()
        page.goto("/questions/1")
        page.get_by_label("Name").fill("stella")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_label("Merge, Acme stays").check()
        page.locator('[name="survives.phone"]').select_option(value='"2"')
        page.get_by_role("button", name="Decide").click()
        expect(page.locator(".top .count")).to_contain_text("0")
        w.cycle(4)
        assert {i: row["Phone"] for i, row in w.accounts().items()} == {c1: "2"}
        page.goto("/questions/1")
        page.get_by_role("button", name="Take them apart again").click()
        page.wait_for_url(f"**/records/{loser}")
        w.cycle(6)
        assert w.accounts() == before
        page.context.close()
    console.close()
