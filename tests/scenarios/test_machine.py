"""The whole sync as a state machine: it holds, and a broken engine is found and told in few steps.

A few examples, the same every time. To look further, with other examples every time:

    TANDEM_TEST_EXAMPLES=2000 pytest tests/scenarios/test_machine.py -k holds
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import delete

from tandem.log import configure
from tandem.state.tables import inbox
from tandem.sync.pipeline import Pipeline
from tests.scenarios.machine import States, SyncMachine

EXAMPLES = os.environ.get("TANDEM_TEST_EXAMPLES")

PROFILE = settings(
    max_examples=int(EXAMPLES or 20),
    stateful_step_count=25,
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
SHORT = settings(PROFILE, max_examples=300, stateful_step_count=4, derandomize=True)


@pytest.fixture
def states(sqlite_template: Path) -> Iterator[States]:
    configure("ERROR")  # hundreds of calls fail by purpose
    states = States(sqlite_template)
    yield states
    states.close()


def test_the_sync_holds(states: States) -> None:
    run_state_machine_as_test(partial(SyncMachine, states), settings=PROFILE)


class OverlooksDeletions(Pipeline):
    """What was deleted in one system stays in the other."""

    def drain(self, *, push: bool = True) -> None:
        with self._begin() as connection:
            connection.execute(delete(inbox).where(inbox.c.deleted))
        super().drain(push=push)


def test_a_broken_engine_is_found_and_told_in_few_steps(states: States) -> None:
    broken = partial(SyncMachine, states, OverlooksDeletions)
    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(broken, settings=SHORT)
    story = "\n".join(found.value.__notes__)
    steps = re.findall(r"state\.(\w+)\(", story)
    assert "delete" in steps
    assert len(steps) <= 4, story  # begin, delete, teardown; one more is no shame
