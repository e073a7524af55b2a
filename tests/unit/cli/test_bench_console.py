"""`tandem bench console`: a small state is made, every page answers, the group is answered."""

from __future__ import annotations

import pytest

from tandem.bench.console import run
from tandem.bench.console_seed import GROUP


@pytest.mark.slow
def test_every_page_is_measured_and_the_group_answered():
    told: list[str] = []
    report = run(records=4000, items=20_000, requests=5, report=told.append)
    assert (report["database"], report["records"], report["open_items"]) == ("sqlite", 4000, 20_000)
    assert report["group"]["questions"] == GROUP
    assert report["slowest"] in report["pages"]
    assert all(figures["p95_ms"] >= figures["p50_ms"] for figures in report["pages"].values())
    assert report["pages"]["an empty page"]["p95_to_empty_page"] >= 1
    assert {"record", "overview", "inbox", "metrics", "records, by name"} <= set(report["pages"])
    assert "record" in told
