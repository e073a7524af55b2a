"""`tandem quarantine`: records that could not be brought into canonical form."""

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
    from tandem.state.quarantine import Quarantined

quarantine = typer.Typer(
    help="Records that could not be understood.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

LinkName = Annotated[str | None, typer.Option("--link", help="Name of the link; all by default.")]


@quarantine.command("list", epilog=epilog(Exit.CONFIG, Exit.NOT_FOUND))
def list_records(link: LinkName = None, limit: Limit = 100, as_json: Json = False) -> None:
    """List the records in quarantine, oldest first, with the reasons per field."""
    from tandem.cli.installation import chosen_links, installation, reading

    with installation() as app, reading(app) as reader:
        names = chosen_links(app, link)
        records = [one for name in names for one in reader.quarantined(name, limit)][:limit]
        total = sum(reader.count_quarantined(name) for name in names)
    show(
        {"total": total, "quarantined": [asdict(one) for one in records]},
        lambda console: _list(console, records, total),
        as_json=as_json,
    )


def _list(console: Console, records: list[Quarantined], total: int) -> None:
    if not records:
        console.print("Nothing is in quarantine.")
        return
    rows = [
        (
            one.link,
            one.object,
            f"{one.system}:{one.native_id}",
            "; ".join(f"{name}: {', '.join(why)}" for name, why in one.reasons.items()),
            one.since,
        )
        for one in records
    ]
    console.print(grid("", ["link", "object", "record", "why", "since"], rows))
    if len(records) < total:
        console.print(f"{total - len(records)} more; --limit shows more of them.")
    console.print("`tandem quarantine replay SYSTEM:ID` reads a record again.")


@quarantine.command("replay", epilog=epilog(Exit.CONFIG, Exit.NOT_FOUND, Exit.USAGE))
def replay_records(
    *,
    records: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SYSTEM:ID]...", help="Records in quarantine."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    link: LinkName = None,
    person: Annotated[str | None, typer.Option("--as", help="Who asks; you by default.")] = None,
    as_json: Json = False,
) -> None:
    """Have records in quarantine read again by the next sync.

    They leave the quarantine when they have been understood.
    """
    if bool(records) == everything:
        raise UsageError("name records as SYSTEM:ID, or say --all")
    keys = [_key(record) for record in records] if records else None
    from tandem.cli.installation import installation
    from tandem.clock import SystemClock
    from tandem.replay import replay_quarantine

    with installation() as app:
        replayed = replay_quarantine(
            app.database,
            keys,
            link=link,
            person=person or getpass.getuser(),
            at=SystemClock().now(),
        )
    show(
        {"replayed": [f"{one.system}:{one.native_id}" for one in replayed]},
        lambda console: console.print(f"{len(replayed)} will be read again by the next sync."),
        as_json=as_json,
    )


def _key(record: str) -> tuple[str, str]:
    system, colon, native_id = record.partition(":")
    if not (colon and native_id):
        raise UsageError(f"'{record}' is not SYSTEM:ID")
    return system, native_id
