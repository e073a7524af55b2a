"""The same Tryton on PostgreSQL, where the database enforces its references."""

from __future__ import annotations

import pytest

from connectors.base import Accepted, Rejected
from connectors.tryton import TrytonConnector
from tandem.demo.tryton import TrytonServer
from tests.contract.test_tryton import (
    PERSON,
    create,
    erp,
    rpc,
    test_a_batch_is_one_call,
    test_a_change_of_a_child_is_a_change,
    test_a_new_employer_is_a_change_of_the_person,
    test_a_person_works_for_an_organization,
    test_an_organization_there_and_back,
    test_bad_records_fail_alone_and_nothing_is_doubled,
    test_deletes_in_a_batch,
    test_deletions_reach_both_streams,
    test_stale_writes_in_a_batch_leave_the_others_alone,
    test_the_cost_of_looking_and_finding_nothing,
)

__all__ = [
    "erp",
    "rpc",
    "test_a_batch_is_one_call",
    "test_a_change_of_a_child_is_a_change",
    "test_a_new_employer_is_a_change_of_the_person",
    "test_a_person_works_for_an_organization",
    "test_an_organization_there_and_back",
    "test_bad_records_fail_alone_and_nothing_is_doubled",
    "test_deletes_in_a_batch",
    "test_deletions_reach_both_streams",
    "test_stale_writes_in_a_batch_leave_the_others_alone",
    "test_the_cost_of_looking_and_finding_nothing",
]

pytestmark = [pytest.mark.slow, pytest.mark.tryton, pytest.mark.postgres]


@pytest.fixture(scope="module")
def tryton_server(tryton_on_postgres: TrytonServer) -> TrytonServer:
    """The server of all these tests."""
    return tryton_on_postgres


def test_a_reference_to_nothing_is_rejected_alone(erp: TrytonConnector) -> None:
    writes = [
        create({"name": f"P{n}", "employer": "99999999" if n == 1 else None}) for n in range(4)
    ]
    results = erp.write(PERSON, writes)
    assert [type(r) for r in results] == [Accepted, Rejected, Accepted, Accepted]
