"""Whatever happens in whatever order: nothing is lost, doubled, left apart or written for nothing.

`tandem chaos` runs the same storms by the thousand.
"""

from __future__ import annotations

import pytest

from tandem.chaos.run import storm
from tandem.chaos.scratch import Scratch
from tandem.chaos.shape import built_in
from tandem.state.database import Database

SHAPE = built_in()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_after_the_storm(database: Database, seed: int) -> None:
    assert storm(SHAPE, Scratch(database), seed).verdict.lines() == []


def test_the_same_seed_gives_the_same_storm(database: Database) -> None:
    place = Scratch(database)
    first, again = storm(SHAPE, place, 7), storm(SHAPE, place, 7)
    assert first == again
    assert first.tally["edits"] > 20
