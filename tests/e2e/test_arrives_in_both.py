"""What a steward decides in a browser arrives in the sandbox CRM and in a real Tryton."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from connectors.base import Accepted, Operation, Write
from connectors.tryton import build
from tandem.console import accounts
from tandem.console.app import create_app
from tandem.console.roles import Role
from tandem.demo.tryton import TrytonServer
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.schema import Mapping as MappingFile
from tandem.mapping.transforms import Catalogues
from tandem.sandbox.testing import RunningSandbox, running_sandbox
from tandem.settings import LinkConfig
from tandem.state import chain as chains
from tandem.state.database import Database, open_engine
from tandem.sync.types import Link
from tests.e2e.conftest import served
from tests.scenarios.test_merge_over_http import SandboxWorld
from tests.unit.console.conftest import PASSWORD, console_over

pytestmark = [pytest.mark.browser, pytest.mark.tryton, pytest.mark.slow]

ORGANIZATION = "party.organization"
COLUMNS = ["name", "phone", "website", "active"]
PHONES = {
    "Acme Trading": ("+442079460018", "+442079460019", "+442079460020"),
    "Borealis Shipping": ("+302106302000", "+302106302001", "+302106302002"),
    "Cobalt Works": ("+48124242303", "+48124242304", "+48124242305"),
}
"""Name → telephone as agreed, as edited in the CRM, as edited in the ERP."""


class TwoRealSystems(SandboxWorld):
    """A world whose CRM is the sandbox and whose ERP is a Tryton."""

    def __init__(self, database: Any, sandbox: RunningSandbox, tryton: TrytonServer) -> None:
        super().__init__(database, sandbox)
        self.tryton = build(tryton.connector_settings())
        self.config = LinkConfig.model_validate(
            {"link": "customers", "systems": ["crm", "erp"], "objects": {"account": {}}}
        )

    @property
    def link(self) -> Link:
        link = super().link
        rules = link.objects["account"]
        file = MappingFile(
            object="account",
            system="erp",
            stream=ORGANIZATION,
            fields={name: name for name in COLUMNS[:3]}
            | {"active": {"column": "active", "transform": "boolean"}},
        )
        mappings = {**rules.mappings, "erp": CompiledMapping(file, Catalogues())}
        connectors = {**link.connectors, "erp": self.tryton}
        return Link(link.config, connectors, {"account": replace(rules, mappings=mappings)})

    def parties(self) -> dict[str, dict[str, Any]]:
        """Native id → values, of the parties that are there."""
        return {
            record.native_id: dict(record.values)
            for page in self.tryton.read_changes(ORGANIZATION, COLUMNS, None)
            for record in page.records
            if not record.deleted
        }

    def telephones(self) -> tuple[dict[str, str], dict[str, str]]:
        """Name → telephone, in the CRM and in the ERP."""
        return (
            {row["Name"]: row["Phone"] for row in self.accounts().values()},
            {row["name"]: row["phone"] for row in self.parties().values()},
        )

    def disagree(self) -> None:
        """Somebody edits each telephone in the CRM, and somebody else in the ERP."""
        ids = {row["Name"]: native_id for native_id, row in self.accounts().items()}
        by_name = {row["name"]: native_id for native_id, row in self.parties().items()}
        for name, (_, in_crm, in_erp) in PHONES.items():
            crm = Write(Operation.UPDATE, f"{name}:crm", ids[name], {"Phone": in_crm})
            erp = Write(Operation.UPDATE, f"{name}:erp", by_name[name], {"phone": in_erp})
            for connector, stream, write in (
                (self.connector, "Account", crm),
                (self.tryton, ORGANIZATION, erp),
            ):
                (answer,) = connector.write(stream, [write])
                assert isinstance(answer, Accepted), answer

    def canonical_id(self, name: str) -> str:
        """The canonical id of an account of the CRM."""
        (native_id,) = [i for i, row in self.accounts().items() if row["Name"] == name]
        with self.database.begin() as connection:
            return chains.find(connection, [("crm", "Account", native_id)])[
                "crm", "Account", native_id
            ]


@pytest.fixture
def real(url: str, tryton_server: TrytonServer) -> Iterator[TwoRealSystems]:
    database = Database(open_engine(url))
    with running_sandbox() as sandbox:
        world = TwoRealSystems(database, sandbox, tryton_server)
        yield world
        world.connector.close()
        world.tryton.close()
    database.close()


@pytest.fixture
def page(real: TwoRealSystems, url: str, browser: Browser) -> Iterator[Page]:
    """Stella's browser, in which she is logged in."""
    console = console_over(real, url)
    accounts.add(real.database, "stella", Role.STEWARD, PASSWORD, real.clock.now())
    with served(create_app(console)) as address:
        page = browser.new_context(base_url=address, reduced_motion="reduce").new_page()
        page.goto("/")
        page.get_by_label("Name").fill("stella")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/inbox")
        yield page
        page.context.close()
    console.close()


def test_a_stewards_day_arrives_in_the_crm_and_in_tryton(real: TwoRealSystems, page: Page) -> None:
    """One test, because every sync with two real servers takes a second."""
    w = real
    w.sandbox.seed("Account", [{"Name": n, "Phone": p[0]} for n, p in PHONES.items()])
    w.cycle(3)
    agreed = {name: phones[0] for name, phones in PHONES.items()}
    assert w.telephones() == (agreed, agreed)

    w.disagree()
    w.cycle(2)
    _one_conflict(page, "Acme Trading")
    w.cycle(2)
    in_crm, in_erp = w.telephones()
    assert in_crm["Acme Trading"] == in_erp["Acme Trading"] == PHONES["Acme Trading"][1]
    assert in_crm["Cobalt Works"] == PHONES["Cobalt Works"][1]
    assert in_erp["Cobalt Works"] == PHONES["Cobalt Works"][2]

    _one_answer_for_the_others(page)
    w.cycle(2)
    decided = {name: phones[2] for name, phones in PHONES.items()}
    decided["Acme Trading"] = PHONES["Acme Trading"][1]
    assert w.telephones() == (decided, decided)

    goes = w.canonical_id("Cobalt Works")
    _merge(page, w.canonical_id("Borealis Shipping"), goes)
    w.cycle(4)
    merged = {name: decided[name] for name in ("Acme Trading", "Borealis Shipping")}
    assert w.telephones() == (merged, merged)

    page.goto(f"/records/{goes}")
    page.get_by_role("button", name="Take them apart again").click()
    expect(page.get_by_text("This record was merged")).to_be_visible()
    w.cycle(6)
    assert w.telephones() == (decided, decided)


def _one_conflict(page: Page, name: str) -> None:
    page.goto("/inbox")
    page.get_by_role("link", name=name).click()
    page.get_by_label("Take crm").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.locator(".done")).to_contain_text("Decided")


def _one_answer_for_the_others(page: Page) -> None:
    page.goto("/inbox/causes")
    page.locator("[data-open]").first.click()
    page.get_by_label("In each the value of erp").check()
    page.get_by_role("button", name="Decide 2").click()
    page.wait_for_url("**/answers?done=1")


def _merge(page: Page, stays: str, goes: str) -> None:
    page.goto(f"/records/{stays}")
    page.get_by_role("link", name="Merge with…").click()
    page.get_by_label("Name, e-mail, telephone").fill("cobalt")
    page.get_by_role("link", name="Cobalt Works").click()
    page.wait_for_url(f"**/merge/{goes}")
    page.get_by_label("Merge, Borealis Shipping stays").check()
    for field, value in (("name", "Borealis Shipping"), ("phone", PHONES["Borealis Shipping"][2])):
        page.locator(f'[name="survives.{field}"]').select_option(value=f'"{value}"')
    page.get_by_role("button", name="Merge", exact=False).click()
    page.wait_for_url("**/questions/*")
