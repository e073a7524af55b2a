"""Whatever happens in whatever order: both sides agree in the end, nothing is doubled or lost."""

from __future__ import annotations

import pytest

from tandem.state.database import Database
from tests.scenarios.storm import Storm


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_after_the_storm(database: Database, seed: int) -> None:
    storm = Storm(database, seed)
    found = storm.run()
    w = storm.world
    assert found.divergent == []
    assert storm.duplicates() == []
    assert not {"intended", "sending", "unknown"} & set(w.outbox())
    assert not {"new", "deferred", "parked"} & set(w.inbox())
    w.quiet()
    assert all(fact.cause["fields"] for fact in w.facts("write.accepted"))
