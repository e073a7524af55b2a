"""`tandem chaos`: does the user's own mapping survive whatever goes wrong? On fakes, by seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.status import Status

from tandem.cli.exits import Exit, epilog
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, errors, grid, show

if TYPE_CHECKING:
    from tandem.chaos.run import Report
    from tandem.chaos.shape import Shape

STORMS = 50
"""How many, unless it is said."""


@with_epilog(
    epilog(
        Exit.CONFIG,
        Exit.NOT_FOUND,
        attention="something was lost, doubled, left apart or written without a cause",
    )
)
def chaos(
    link: Annotated[
        str | None,
        typer.Argument(metavar="LINK", help="A link of yours; a built-in one when not given."),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", min=1, help=f"How many storms; {STORMS} without --seed."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="The first of them; without --seeds this one alone."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes; one per core when not given.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            envvar="TANDEM_CHAOS_DATABASE",
            help="Scratch states in this PostgreSQL database, not in memory.",
        ),
    ] = None,
    sigkill: Annotated[
        int | None,
        typer.Option("--sigkill", min=1, help="Instead, kill a real worker process so many times."),
    ] = None,
    edits: Annotated[
        int, typer.Option("--edits", min=1, help="With --sigkill: edits made meanwhile.")
    ] = 100,
    as_json: Json = False,
) -> None:
    """Prove on misbehaving systems that nothing is lost.

    Every seed is a storm: people enter, edit and delete records on all sides, answers are lost,
    systems refuse, workers die and overtake each other, stewards answer at random. Then it is calm,
    and a ledger of every edit is compared with what is there. The pipeline is the real one; the
    systems are fakes shaped like yours, and neither your systems nor your state are touched.

    A storm that fails is told by its seed; --seed runs it once more, and with --seeds so many from
    there. With --sigkill there is one long storm instead, in which the worker is a process of its
    own that is killed at moments that nobody can foresee.
    """
    from tandem.chaos.run import cores, run
    from tandem.log import configure

    first = seed or 0
    count = seeds or (STORMS if seed is None else 1)
    numbers = list(range(first, first + count))
    shape = _shape(link)
    configure("ERROR")  # hundreds of calls fail by purpose: that is no news
    with errors().status("0 storms") as status:
        if sigkill is not None:
            report = _killing(shape, sigkill, edits, first, status)
        else:
            report = run(
                shape,
                numbers,
                jobs=jobs or cores(),
                database=database,
                progress=lambda done, failed: status.update(
                    f"{done} of {len(numbers)} storms, {failed} failed"
                ),
            )
    columns = {name: system.known_by for name, system in shape.systems.items()}
    document = {"link": link, "columns_from": columns} | report.to_dict()
    show(document, lambda console: _tell(console, report, link), as_json=as_json)
    raise typer.Exit(Exit.OK if report.holds else Exit.ATTENTION)


def _killing(shape: Shape, kills: int, edits: int, seed: int, status: Status) -> Report:
    import time

    from tandem.chaos.run import Report
    from tandem.chaos.sigkill import run

    began, report = time.monotonic(), Report()
    report.add(
        run(
            shape,
            kills=kills,
            edits=edits,
            seed=seed,
            progress=lambda done, made: status.update(f"{done} of {kills} kills, {made} edits"),
        )
    )
    report.seconds = time.monotonic() - began
    return report


def _shape(link: str | None) -> Shape:
    from tandem.chaos.shape import built_in, of_link

    if link is None:
        return built_in()
    from tandem.cli.installation import installation

    with installation() as app:
        return of_link(app, link)


def _tell(console: Console, report: Report, link: str | None) -> None:
    rows = [(name.replace("_", " "), count) for name, count in report.tally.items()]
    rows += [(name.replace("_", " "), count) for name, count in report.breaches.items()]
    console.print(grid(f"{report.seeds} storms", ["counted", "number#"], rows))
    if report.holds:
        console.print("Nothing was lost, doubled or left apart; every write has a cause.")
        return
    failed = [(s, line) for s, lines in sorted(report.failing.items()) for line in lines]
    console.print(grid("failed", ["seed#", "what"], failed[:20]))
    again = " ".join(["tandem chaos", *([link] if link else []), f"--seed {failed[0][0]}"])
    console.print(f"Run `{again}` to see it again, and report it with your mapping files.")
