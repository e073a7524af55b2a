"""The rules every connector keeps, held against the sandbox over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.base import Connector, Values
from connectors.salesforce import build
from connectors.testing import ConnectorContract, Outside, ThroughConnector
from tandem.sandbox.testing import RunningSandbox, running_sandbox


@pytest.fixture(scope="module")
def server() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(server: RunningSandbox) -> RunningSandbox:
    server.control("POST", "reset")
    return server


class TestAccounts(ConnectorContract):
    stream = "Account"
    missing_id = "001Tn0zzzzzzzzzIAA"

    @pytest.fixture
    def connector(self, sandbox: RunningSandbox) -> Iterator[Connector]:
        connector = build({**sandbox.credentials(), "read_batch": 4})
        yield connector
        connector.close()

    @pytest.fixture
    def outside(self, sandbox: RunningSandbox) -> Iterator[Outside]:
        connector = build(sandbox.credentials())
        yield ThroughConnector(connector, self.stream)
        connector.close()

    def sample(self, number: int) -> Values:
        return {
            "Name": f"Сім'я і Co {number}",
            "BillingStreet": f"вул. Хрещатик {number}\nкв. {number}",
            "NumberOfEmployees": number,
            "Active__c": bool(number % 2),
        }

    def settle(self) -> None:
        """SOQL sees what was committed, at once."""


class TestContacts(TestAccounts):
    stream = "Contact"
    missing_id = "003Tn0zzzzzzzzzIAA"

    def sample(self, number: int) -> Values:
        return {"LastName": f"Παπαδόπουλος {number}", "Title": f"Δ/ντής {number}", "Phone": None}
