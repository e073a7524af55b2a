"""`tandem`: the group of commands, and the one place where errors become exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from tandem import __version__
from tandem.cli.exits import table
from tandem.cli.lazy import Lazy, LazyGroup


class Commands(LazyGroup):
    """Every command of `tandem`, in the order in which one gets to know them."""

    table = {  # noqa: RUF012  (a ClassVar, declared as one by LazyGroup)
        "init": Lazy("tandem.cli.init:init", "Write an example configuration to start from."),
        "doctor": Lazy("tandem.cli.doctor:doctor", "Check everything that a sync relies on."),
        "systems": Lazy("tandem.cli.systems:systems", "Show the systems and what they can do."),
        "plan": Lazy("tandem.cli.plan:plan", "Show what a sync would write, without writing."),
        "sync": Lazy("tandem.cli.sync:sync", "Bring the systems of a link into agreement."),
        "status": Lazy("tandem.cli.status:status", "Show how the links are doing."),
        "contract": Lazy("tandem.cli.contract:contract", "The streams as they were accepted."),
        "explain": Lazy("tandem.cli.explain:explain", "Tell why a record holds what it holds."),
        "review": Lazy("tandem.cli.review:review", "See and answer the questions put to people."),
        "merge": Lazy("tandem.cli.merge:merge", "Merge two records, here and in every system."),
        "unmerge": Lazy("tandem.cli.merge:unmerge", "Take a merge back, in every system."),
        "deadletter": Lazy(
            "tandem.cli.deadletter:deadletter", "Writes that a system refused for good."
        ),
        "quarantine": Lazy(
            "tandem.cli.quarantine:quarantine", "Records that could not be understood."
        ),
        "console": Lazy("tandem.cli.console:console", "Serve the steward's console."),
        "quality": Lazy(
            "tandem.cli.quality:quality", "Show what the quality gates found, and the scorecard."
        ),
        "cleanse": Lazy("tandem.cli.cleanse:cleanse", "Cleanse a column of a file."),
        "postal": Lazy("tandem.cli.postal:postal", "Prepare libpostal, which is optional."),
        "match": Lazy("tandem.cli.match:match", "Find the same parties within or between files."),
        "rules": Lazy("tandem.cli.rules:rules", "See the rules of matching, and let them learn."),
        "backup": Lazy("tandem.cli.backup:backup", "Write the whole state into one file."),
        "restore": Lazy("tandem.cli.backup:restore", "Put a backup into the state database."),
        "demo": Lazy("tandem.cli.demo:demo", "Run two real systems and keep them in agreement."),
        "chaos": Lazy(
            "tandem.cli.chaos:chaos",
            "Prove on misbehaving systems that nothing is lost.",
        ),
        "bench": Lazy("tandem.cli.bench:bench", "Measure how fast and how good Tandem is here."),
    }


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=table(),
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tandem {__version__}")
        raise typer.Exit


@app.callback()
def tandem(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Keeps a CRM and an ERP in agreement: both ways, in near real time, losing nothing.

    Where things are is told by TANDEM_HOME (.tandem), TANDEM_CONFIG (config), TANDEM_MAPPINGS
    (mappings), TANDEM_DATABASE (SQLite in the home) and TANDEM_LOG_LEVEL (WARNING).
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; expected errors are printed, not raised."""
    group = typer.main.get_command(app)
    try:
        code = group.main(list(arguments) or ["--help"], prog_name="tandem", standalone_mode=False)
    except Exception as error:
        # What it takes to tell errors apart is imported only when there is one.
        from tandem.cli.failure import report

        code = report(error, as_json="--json" in arguments)
        if code is None:
            raise
    return int(code or 0)


def main() -> None:
    """Entry point of the `tandem` command."""
    sys.exit(run(sys.argv[1:]))
