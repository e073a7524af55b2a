"""`tandem bench`: finding the benches, their options, their reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from tandem.bench.accounts import account, accounts
from tandem.bench.engine import measure
from tandem.cli.bench import SUMMARIES, printing
from tandem.cli.lazy import command_of


def run(
    records: Annotated[int, typer.Option(min=1, help="So many.")] = 5,
    folder: Path | None = None,
    *,
    sizes: Sequence[int] = (1, 2),
    report: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measures nothing.

    Args:
        records: so many.
    """
    assert report is not None
    report("looking")
    return {"records": records, "folder": folder, "parts": [{"size": size} for size in sizes]}


def call(*arguments: str) -> None:
    command_of("nothing", printing(run)).main(list(arguments), standalone_mode=False)


def test_parameters_become_options_and_the_report_is_printed(capsys):
    call("--records", "7", "--sizes", "3", "--sizes", "4", "--json")
    captured = capsys.readouterr()
    assert captured.out == (
        '{\n  "records": 7,\n  "folder": null,\n  "parts": [\n'
        '    {\n      "size": 3\n    },\n    {\n      "size": 4\n    }\n  ]\n}\n'
    )
    assert captured.err == "looking\n"


def test_people_get_a_table_of_the_parts(capsys):
    call()
    out = capsys.readouterr().out
    assert "parts 2 size" in out


def test_help_has_the_first_line_only(capsys):
    call("--help")
    out = capsys.readouterr().out
    assert "Measures nothing." in out
    assert "Args" not in out
    assert "--report" not in out


def test_every_bench_is_told(tandem):
    answer = tandem("bench", "--help")
    for name in ("engine", "load"):
        assert SUMMARIES[name].split(" ")[0] in answer.out
        assert tandem("bench", name, "--help").code == 0
    assert tandem("bench", "nonsense").code == 64


def test_accounts_are_all_different():
    assert len({a["name"] for a in accounts(2000)}) > 1990
    assert len({a["phone"] for a in accounts(2000)}) == 2000
    assert next(iter(accounts(1, start=5))) == account(5)


@pytest.mark.parametrize("cleansed", [False, True])
def test_the_engine_bench_brings_every_account_over_and_idles_at_one_call_per_stream(cleansed):
    measured = measure(100, cleansed=cleansed)
    assert measured["phases"]["load"]["counts"]["creates"] == 100
    assert measured["phases"]["echo"]["counts"] == {
        "read": 100,
        "arrived": 100,
        "unchanged": 100,
    }
    assert measured["idle_calls"] == 2
    assert measured["phases"]["delta"]["counts"]["updates"] == 1


@pytest.mark.slow
def test_tandem_bench_engine_measures_in_processes_of_its_own(tandem):
    answer = tandem.json("bench", "engine", "--records", "200", "--no-memory")
    assert answer.code == 0
    report = answer.document
    assert report["records_per_core_s"] > 0
    assert report["cleansed"]["records"] == 200
    (memory,) = report["memory"]
    assert memory["engine_mb"] == pytest.approx(memory["peak_mb"] - memory["systems_mb"], abs=0.1)
