"""`tandem chaos`: the user's own link on fakes, and the built-in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tandem.chaos.run import Report
from tandem.chaos.shape import Shape
from tandem.chaos.verdict import Verdict

COUNTERS = {
    "lost": 0,
    "duplicated": 0,
    "diverged": 0,
    "unexplained_writes": 0,
    "quota_exceeded": 0,
    "deletes_above_ceiling": 0,
}


def test_a_link_of_ones_own_is_tried_on_fakes(tandem):
    before = tandem.sent(), tandem.crm.rows("Account")
    answer = tandem.json("chaos", "customers", "--seed", "2", "--jobs", "1")
    report = answer.document
    assert {name: report[name] for name in COUNTERS} == COUNTERS
    assert (answer.code, report["seeds"], report["failing_seeds"]) == (0, 1, [])
    assert report["columns_from"] == {"crm": "description", "erp": "description"}
    assert report["edits"] > 10
    assert (tandem.sent(), tandem.crm.rows("Account")) == before
    assert not (tandem.folder / ".tandem" / "state.db").exists()


def test_without_a_link_there_is_a_built_in_one(tandem):
    answer = tandem("chaos", "--seeds", "1", "--jobs", "1")
    assert answer.code == 0
    assert "Nothing was lost, doubled or left apart" in answer.out


def test_a_storm_that_fails_is_told_by_its_seed(tandem, monkeypatch):
    broken = Report(seeds=2, failing={41: ["lost: crm:Account:7.phone at 00:01:05"]})
    broken.breaches = Verdict(lost=["one"]).counts()
    monkeypatch.setattr("tandem.chaos.run.run", lambda *_arguments, **_named: broken)
    answer = tandem("chaos", "customers", "--seeds", "2")
    assert answer.code == 1
    assert "crm:Account:7.phone" in answer.out
    assert "tandem chaos customers --seed 41" in answer.out
    report = tandem.json("chaos", "--seeds", "2").document
    assert (report["lost"], report["failing_seeds"]) == (1, [41])


@pytest.mark.parametrize(
    ("arguments", "seeds"),
    [
        ((), range(50)),
        (("--seeds", "3"), range(3)),
        (("--seed", "41"), range(41, 42)),
        (("--seed", "41", "--seeds", "3"), range(41, 44)),
    ],
)
def test_which_storms_are_run(tandem, monkeypatch, arguments, seeds):
    asked = []

    def run(_shape: Shape, numbers: Sequence[int], **_rest: Any) -> Report:
        asked.append(numbers)
        return Report()

    monkeypatch.setattr("tandem.chaos.run.run", run)
    tandem("chaos", *arguments)
    assert asked == [list(seeds)]


def test_an_unknown_link_is_told(tandem):
    assert tandem("chaos", "custommers").code == 6


@pytest.mark.parametrize("url", ["sqlite:///here.db", "mysql://somewhere/else"])
def test_scratch_states_live_in_memory_or_in_postgresql(tandem, url):
    answer = tandem("chaos", "--seeds", "1", "--jobs", "1", "--database", url)
    assert answer.code == 3
    assert "PostgreSQL" in answer.err
