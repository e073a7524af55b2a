"""Whatever happens in whatever order: nothing is lost, doubled, left apart or written for nothing.

`tandem chaos` runs the same storms by the thousand.
"""

from __future__ import annotations

import pytest

from tandem.chaos.papers import read
from tandem.chaos.run import storm
from tandem.chaos.scratch import Scratch
from tandem.chaos.shape import built_in
from tandem.chaos.storm import Storm
from tandem.chaos.verdict import judge
from tandem.chaos.world import World
from tandem.state.database import Database

SHAPE = built_in()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_after_the_storm(database: Database, seed: int) -> None:
    assert storm(SHAPE, Scratch(database), seed).verdict.lines() == []


@pytest.mark.slow
def test_in_some_storms_quality_gates_hold_batches(database: Database) -> None:
    world = World(SHAPE, Scratch(database).empty(), 52)
    assert world.config.objects["account"].quality.min_rows < 10
    Storm(world).run()
    papers = read(database, world.link.name)
    assert [fact for fact in papers.all_facts if fact.action == "batch.held"]
    assert [q for q in papers.all_questions if q.kind == "quality_gate" and q.decided_by]
    assert judge(world, []).lines() == []


def test_the_same_seed_gives_the_same_storm(database: Database) -> None:
    place = Scratch(database)
    first, again = storm(SHAPE, place, 7), storm(SHAPE, place, 7)
    assert first == again
    assert first.tally["edits"] > 20


def test_nobody_edits_between_the_last_look_and_a_write_that_is_not_checked(
    database: Database,
) -> None:
    world = World(SHAPE, Scratch(database).empty(), 845)
    checks = {name: s.capabilities.conditional_writes for name, s in world.systems.items()}
    assert checks == {"crm": True, "erp": False}
    stormy, edited = Storm(world), []
    unseen, seen = (
        ("push.sending", "erp.write.before", "erp.write.row"),
        ("erp.write.after", "page"),
    )
    for step in (*unseen, *seen, "crm.write.before"):
        before = world.tally.edits
        stormy._edit_meanwhile(step)
        if world.tally.edits > before:
            edited.append(step)
    assert edited == [*seen, "crm.write.before"]
