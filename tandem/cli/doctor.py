"""`tandem doctor`: everything that a sync relies on, checked without writing anything."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, errors, grid, show

if TYPE_CHECKING:
    from tandem.doctor import Check


@with_epilog(epilog(Exit.CONFIG, Exit.OUT_OF_REACH))
def doctor(as_json: Json = False) -> None:
    """Check everything that a sync relies on.

    Configuration, mappings (each against the columns that its system describes), secret references,
    the state database, every system with its clock and quota, and Airflow. Nothing is written and
    no secret is shown. Warnings do not change the exit code.
    """
    from tandem.cli.installation import installation
    from tandem.doctor import examine

    checks: list[Check] = []
    with installation() as app, errors().status("looking around") as looking:
        for check in examine(app):
            looking.update(f"{check.area}: {check.subject}")
            checks.append(check)
    code = _exit(checks)
    show(
        {"ok": code is Exit.OK, "checks": [asdict(check) for check in checks]},
        lambda console: _tell(console, checks),
        as_json=as_json,
    )
    raise typer.Exit(code)


def _exit(checks: list[Check]) -> Exit:
    from tandem.doctor import Area, Verdict

    failed = {check.area for check in checks if check.verdict is Verdict.FAILED}
    if failed & {Area.CONFIG, Area.SECRETS, Area.MAPPING}:
        return Exit.CONFIG
    return Exit.OUT_OF_REACH if failed else Exit.OK


def _tell(console: Console, checks: list[Check]) -> None:
    rows = [(check.verdict, check.area, check.subject, check.finding) for check in checks]
    console.print(grid("doctor", ["", "area", "what", "finding"], rows))
    wrong = sum(check.verdict == "failed" for check in checks)
    console.print(f"{wrong} failed." if wrong else "Nothing failed.")
