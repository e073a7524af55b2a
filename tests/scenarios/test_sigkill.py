"""A real worker process is killed at moments nobody can foresee: nothing is lost or doubled."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tandem.chaos.shape import built_in
from tandem.chaos.sigkill import run

KILLS = int(os.environ.get("TANDEM_TEST_KILLS", "5"))
"""How often: moments of death cannot be repeated, so each run is another one."""


@pytest.mark.slow
def test_workers_are_killed_while_people_go_on_editing() -> None:
    able = replace(built_in(), varied=False)  # both systems know a create of ours by its key
    outcome = run(able, kills=KILLS, edits=8 * KILLS)
    assert outcome.verdict.lines() == []
    assert outcome.tally["kills"] == KILLS
    assert outcome.tally["edits"] >= 8 * KILLS
