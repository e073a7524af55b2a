"""`tandem deadletter`: writes that a system refused for good."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.failure import UsageError
from tandem.cli.output import Json, Limit, grid, show

if TYPE_CHECKING:
    from tandem.state.outbox import Intent

deadletter = typer.Typer(
    help="Writes that a system refused for good.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

LinkName = Annotated[str | None, typer.Option("--link", help="Name of the link; all by default.")]


@deadletter.command("list", epilog=epilog(Exit.CONFIG, Exit.NOT_FOUND))
def list_letters(link: LinkName = None, limit: Limit = 100, as_json: Json = False) -> None:
    """List the refused writes, oldest first, with the system's own words."""
    from tandem.cli.installation import chosen_links, installation, reading

    with installation() as app, reading(app) as reader:
        letters = [
            letter
            for name in chosen_links(app, link)
            for letter in reader.dead_letters(name, limit)
        ][:limit]
    show(
        {"dead_letters": [asdict(letter) for letter in letters]},
        lambda console: _list(console, letters),
        as_json=as_json,
    )


def _list(console: Console, letters: list[Intent]) -> None:
    if not letters:
        console.print("No dead letters.")
        return
    headings = ["id#", "link", "object", "write", "fields", "refused with", "sent"]
    rows = [
        (
            letter.id,
            letter.link,
            letter.object,
            f"{letter.operation} {letter.system}:{letter.native_id or letter.stream}",
            ", ".join(letter.values),
            f"{(letter.answer or {}).get('code', '')} {(letter.answer or {}).get('message', '')}",
            letter.sent_at,
        )
        for letter in letters
    ]
    console.print(grid("", headings, rows))
    console.print("`tandem deadletter replay ID` has it decided anew once its cause is mended.")


@deadletter.command("replay", epilog=epilog(Exit.CONFIG, Exit.NOT_FOUND, Exit.USAGE))
def replay_letters(
    *,
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="[ID]...", help="Numbers of dead letters.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of the link.")] = False,
    link: LinkName = None,
    person: Annotated[str | None, typer.Option("--as", help="Who asks; you by default.")] = None,
    as_json: Json = False,
) -> None:
    """Have refused writes decided anew by the next sync.

    A refused write is not sent again as it was: its records are read once more, and what is to be
    written follows from what they hold then.
    """
    if bool(ids) == everything:
        raise UsageError("name dead letters by number, or say --all")
    from tandem.cli.installation import installation
    from tandem.clock import SystemClock
    from tandem.replay import replay_dead_letters

    with installation() as app:
        replayed = replay_dead_letters(
            app.database,
            ids or None,
            link=link,
            person=person or getpass.getuser(),
            at=SystemClock().now(),
        )
    show(
        {"replayed": [letter.id for letter in replayed]},
        lambda console: console.print(f"{len(replayed)} taken back; the next sync decides anew."),
        as_json=as_json,
    )
