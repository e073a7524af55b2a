"""`tandem plan`: what a sync would write where, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.failure import exit_of, told
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, cell, errors, grid, show

if TYPE_CHECKING:
    from tandem.sync.plan import Plan, PlannedWrite


@with_epilog(
    epilog(Exit.PLAN_HAS_WRITES, Exit.CONFIG, Exit.OUT_OF_REACH, Exit.NOT_FOUND),
)
def plan(
    link: Annotated[str, typer.Argument(metavar="LINK", help="Name of the link.")],
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="List at most so many writes.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a sync would write, without writing.

    Reads what has changed and decides on a copy of the state. No system is written to, and the
    state stays as it is. Questions that people would be asked are listed too, and it is told how
    many creates would wait. When a system is out of reach, the plan does without what it has to
    say, and the exit code is 4.
    """
    from tandem.cli.installation import installation
    from tandem.sync.plan import plan as compute

    with installation() as app, errors().status(f"planning {link}"):
        planned = compute(app.link(link), app.database, limit=limit)
    show(planned.to_dict(), lambda console: _tell(console, planned), as_json=as_json)
    code = exit_of(told(planned.failures))
    raise typer.Exit(code or (Exit.PLAN_HAS_WRITES if planned.total else Exit.OK))


def _tell(console: Console, planned: Plan) -> None:
    if not planned.total:
        console.print(f"plan {planned.link}: nothing to write.")
    else:
        rows = [
            (object_name, system, operation, count)
            for object_name, systems in planned.totals.items()
            for system, operations in systems.items()
            for operation, count in operations.items()
        ]
        console.print(
            grid(f"plan {planned.link}", ["object", "system", "operation", "writes#"], rows)
        )
        headings = ["record", "write", "field", "before", "after", "because"]
        lines = [line for write in planned.writes for line in _lines(write)]
        console.print(grid("", headings, lines))
        if len(planned.writes) < planned.total:
            console.print(f"{planned.total - len(planned.writes)} more writes are not listed.")
    if planned.waiting:
        console.print(
            f"creates that wait: {planned.waiting}. What they would create may stand there "
            "already: in a batch that a quality gate holds, or by a write of unknown outcome."
        )
    if planned.questions:
        asked = [
            (q.kind, q.object, q.system, q.native_id or q.canonical_id, q.field)
            for q in planned.questions
        ]
        headings = ["question", "object", "system", "record", "field"]
        console.print(grid("people would be asked", headings, asked))


def _lines(write: PlannedWrite) -> list[tuple[str, ...]]:
    record = f"{write.object} {write.label}".strip()
    where = f"{write.operation} {write.system}:{write.native_id or write.stream}"
    if not write.fields:
        return [(record, where, "", "", "", "")]
    lines: list[tuple[str, ...]] = []
    for field in write.fields:
        because = " ".join(
            str(part) for part in (field.cause.get("rule"), field.cause.get("system")) if part
        )
        lines.append((record, where, field.field, cell(field.before), cell(field.after), because))
        record = where = ""
    return lines
