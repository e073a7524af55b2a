"""`tandem bench bundles`: what several workers make of a first load is what one makes of it."""

from __future__ import annotations

import pytest

from tandem.bench.bundles import run
from tandem.errors import ConfigError
from tests.databases import server


@pytest.mark.slow
@pytest.mark.postgres
def test_two_workers_come_to_the_same_as_one() -> None:
    url = server()
    if url is None:
        pytest.skip("no PostgreSQL: set TANDEM_TEST_POSTGRES or start one on 127.0.0.1:5432")
    told: list[str] = []
    report = run(records=400, workers=2, database=url, report=told.append)
    assert told == ["one worker, 400 accounts in each system", "2 workers"]
    # 280 pairs, 20 records whose twin is asked about, 100 on each side alone.
    expected = {"linked": 280 * 2 + 20 + 200, "asked": 280 + 20, "intended": 200}
    assert [report[how]["outcome"] for how in ("alone", "beside")] == [expected, expected]
    assert report["same"] is True
    assert list(report["beside"]["steps"]) == ["shares", "look", "cut", "settle"]


def test_sqlite_has_nothing_to_measure() -> None:
    with pytest.raises(ConfigError):
        run(database="sqlite:///state.db", report=lambda _text: None)
