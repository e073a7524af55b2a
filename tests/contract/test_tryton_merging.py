"""Merges in a real Tryton, by its own wizard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.base import Operation, Rejected, Stale, Write
from connectors.tryton import TrytonConnector, TrytonSettings, build
from connectors.tryton.rpc import Rpc
from tandem.demo.tryton import TrytonServer
from tests.contract.test_tryton import ORGANIZATION, PERSON, made, one, read, update

pytestmark = [pytest.mark.slow, pytest.mark.tryton]


@pytest.fixture
def erp(tryton_server: TrytonServer) -> Iterator[TrytonConnector]:
    connector = build(tryton_server.connector_settings())
    yield connector
    connector.close()


@pytest.fixture
def rpc(tryton_server: TrytonServer) -> Iterator[Rpc]:
    rpc = Rpc(TrytonSettings.model_validate(tryton_server.connector_settings()))
    yield rpc
    rpc.close()


def test_a_replaced_party_hands_over_what_refers_to_it(erp: TrytonConnector, rpc: Rpc) -> None:
    stays, goes = (made(erp, ORGANIZATION, {"name": name}) for name in ("Acme", "Zeta"))
    person = made(erp, PERSON, {"name": "Lee", "employer": goes})
    write = Write(Operation.MERGE, "m", goes, {}, read(erp, ORGANIZATION, goes).version, stays)
    assert one(erp.write(ORGANIZATION, [write])) == goes
    gone = read(erp, ORGANIZATION, goes)
    assert (gone.deleted, gone.merged_into) == (True, stays)
    assert read(erp, PERSON, person).values["employer"] == stays
    (row,) = rpc.read("party.party", "read", [int(goes)], ["active", "replaced_by"])
    assert (row["active"], row["replaced_by"]) == (False, int(stays))
    again = Write(Operation.MERGE, "m", goes, {}, None, stays)
    assert one(erp.write(ORGANIZATION, [again])) == goes


def test_a_merge_of_what_was_edited_meanwhile_is_stale(erp: TrytonConnector) -> None:
    stays, goes = (made(erp, ORGANIZATION, {"name": name}) for name in ("Acme", "Zeta"))
    seen = read(erp, ORGANIZATION, goes).version
    erp.write(ORGANIZATION, [update(goes, {"name": "Zeta Works"})])
    assert erp.write(ORGANIZATION, [Write(Operation.MERGE, "m", goes, {}, seen, stays)]) == [
        Stale()
    ]
    assert not read(erp, ORGANIZATION, goes).deleted


def test_a_replaced_party_stays_replaced(erp: TrytonConnector) -> None:
    stays, goes = (made(erp, ORGANIZATION, {"name": name}) for name in ("Acme", "Zeta"))
    erp.write(ORGANIZATION, [Write(Operation.MERGE, "m", goes, {}, None, stays)])
    (answer,) = erp.write(ORGANIZATION, [Write(Operation.UNMERGE, "u", goes)])
    assert isinstance(answer, Rejected)
    assert answer.code == "tryton.no_unmerge"
