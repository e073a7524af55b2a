"""The same Tryton on PostgreSQL, where the database enforces its references."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from connectors.base import Accepted, Rejected
from connectors.tryton import TrytonConnector
from tandem.demo.tryton import TrytonServer
from tests.contract.conftest import POSITIONS, REPOSITORY
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
from tests.databases import server

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
def tryton_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    """Tryton on a database of its own, dropped in the end."""
    url = server()
    if url is None:
        pytest.skip("no PostgreSQL: set TANDEM_TEST_POSTGRES or start one on 127.0.0.1:5432")
    address = make_url(url).set(drivername="postgresql")
    tryton = TrytonServer(
        tmp_path_factory.mktemp("tryton-postgres"),
        REPOSITORY / ".tandem" / "tryton-env",
        postgres=address.render_as_string(hide_password=False),
        database=f"tandem_test_erp_{uuid.uuid4().hex[:8]}",
    )
    try:
        tryton.prepare(positions=POSITIONS, countries=("GB", "GR", "PL", "US"))
        tryton.reset()
        tryton.start()
        yield tryton
    finally:
        tryton.discard()


def test_a_reference_to_nothing_is_rejected_alone(erp: TrytonConnector) -> None:
    writes = [
        create({"name": f"P{n}", "employer": "99999999" if n == 1 else None}) for n in range(4)
    ]
    results = erp.write(PERSON, writes)
    assert [type(r) for r in results] == [Accepted, Rejected, Accepted, Accepted]
