"""The connector contract against a real Tryton."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import Connector, Values
from connectors.testing import ConnectorContract, Outside, ThroughConnector
from connectors.tryton import build
from tandem.demo.tryton import TrytonServer

pytestmark = [pytest.mark.slow, pytest.mark.tryton]

DELETIONS_EVERY = timedelta(seconds=3)


class Colleague(ThroughConnector):
    """Somebody at work in Tryton; a deletion is followed by a look at the clock."""

    def remove(self, native_id: str) -> None:
        """The log of deletions is read only so often: wait for the next time."""
        super().remove(native_id)
        time.sleep(DELETIONS_EVERY.total_seconds() + 1)


class TrytonContract(ConnectorContract):
    """What both streams have in common."""

    @pytest.fixture
    def deletions_every(self) -> timedelta:
        return DELETIONS_EVERY

    @pytest.fixture
    def connector(
        self, tryton_server: TrytonServer, deletions_every: timedelta
    ) -> Iterator[Connector]:
        connector = build(
            tryton_server.connector_settings()
            # Without an overlap, since a page of eight would not hold what the last test made.
            | {"read_batch": 8, "overlap": 0, "deletions_every": deletions_every}
        )
        yield connector
        connector.close()

    @pytest.mark.parametrize("deletions_every", [timedelta(hours=1)])
    def test_a_cycle_without_changes_costs_one_call(
        self, connector: Connector, outside: Outside
    ) -> None:
        """On a machine that is busy, three seconds pass between two cycles."""
        super().test_a_cycle_without_changes_costs_one_call(connector, outside)

    @pytest.fixture
    def outside(self, tryton_server: TrytonServer) -> Iterator[Outside]:
        connector = build(tryton_server.connector_settings())
        yield Colleague(connector, self.stream)
        connector.close()


class TestOrganizations(TrytonContract):
    stream = "party.organization"

    def sample(self, number: int) -> Values:
        values: dict[str, Any] = {
            "name": f"Zakłady {number}",
            "active": number % 4 != 3,
            "street": "Długa" if number % 2 else "Łąkowa",
            "building_number": f"{number}a",
            "city": "Łódź",
            "postal_code": f"90-{number:03}",
            "country": "PL" if number % 3 else "GR",
            "subdivision": "PL-10" if number % 3 else "GR-I",
            "phone": f"+48 42 {number:06}",
            "website": f"https://{number}.example",
            "emails": [f"office{number}@z.example", f"a{number}@z.example"],
            "tax_id": f"EXT-{number}",
            "tax_id_type": None,
        }
        return values


class TestPersons(TrytonContract):
    stream = "party.person"

    def sample(self, number: int) -> Values:
        return {
            "name": f"Ірина Коваль {number}",
            "mobile": f"+380 50 {number:06}",
            "email": f"iryna{number}@k.example",
            "position": ("Director", "Engineer", None)[number % 3],
            "city": "Львів",
            "country": None,
        }
