"""`tandem contract`: the streams as they were accepted, and what is no longer so."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.output import Json, grid, show

if TYPE_CHECKING:
    from tandem.state.contract import Contract
    from tandem.state.reader.contracts import DriftWarning

contract = typer.Typer(
    help="The streams as they were accepted.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

LinkName = Annotated[str, typer.Argument(metavar="LINK", help="Name of the link.")]
System = Annotated[str | None, typer.Option("--system", help="Of this system only.")]
Stream = Annotated[str | None, typer.Option("--stream", help="Of this stream only.")]


@contract.command("show", epilog=epilog(Exit.CONFIG, Exit.NOT_FOUND))
def show_contracts(
    link: LinkName, system: System = None, stream: Stream = None, as_json: Json = False
) -> None:
    """Show the contract of each stream, and what is no longer as it says.

    The first sync of a link accepts every stream as its system describes it. No system is called.
    """
    from tandem.cli.installation import chosen_links, installation, reading

    with installation() as app, reading(app) as reader:
        (name,) = chosen_links(app, link)
        contracts = [
            one
            for (of, what), one in sorted(reader.contracts(name).items())
            if system in (None, of) and stream in (None, what)
        ]
        warnings = [
            warning
            for warning in reader.drift(name)
            if system in (None, warning.system) and stream in (None, warning.stream)
        ]
    show(
        {
            "contracts": [_document(one) for one in contracts],
            "drift": [asdict(warning) for warning in warnings],
        },
        lambda console: _tell(console, contracts, warnings),
        as_json=as_json,
    )


def _document(one: Contract) -> dict[str, Any]:
    from tandem.state.contract import columns_of

    return {
        "system": one.system,
        "stream": one.spec.stream,
        "version": one.version,
        "digest": one.digest,
        "accepted_by": one.accepted_by,
        "accepted_at": one.accepted_at,
        "columns": columns_of(one.spec),
    }


def _tell(console: Console, contracts: list[Contract], warnings: list[DriftWarning]) -> None:
    if not contracts:
        console.print("No contract yet: the first sync accepts the streams as they are.")
        return
    rows = [
        (one.system, one.spec.stream, one.version, len(one.spec.columns), one.accepted_by, at)
        for one in contracts
        for at in [one.accepted_at]
    ]
    headings = ["system", "stream", "version#", "columns#", "accepted by", "at"]
    console.print(grid("contracts", headings, rows))
    for warning in warnings:
        console.print(warning.sentence, highlight=False)
    if any(warning.acceptable and not warning.accepted for warning in warnings):
        console.print("`tandem contract accept LINK` accepts what was meant to be so.")


@contract.command("accept", epilog=epilog(Exit.CONFIG, Exit.NOT_FOUND))
def accept_contracts(
    link: LinkName,
    system: System = None,
    stream: Stream = None,
    person: Annotated[str | None, typer.Option("--as", help="Who accepts; you by default.")] = None,
    as_json: Json = False,
) -> None:
    """Accept what has changed about the streams; the next sync works by it.

    What the mapping cannot work with is not accepted: change the mapping, or the system.
    """
    from tandem.cli.installation import chosen_links, installation, reading
    from tandem.clock import SystemClock
    from tandem.decide import decide

    with installation() as app, reading(app) as reader:
        (name,) = chosen_links(app, link)
        wanted = [
            warning
            for warning in reader.drift(name)
            if system in (None, warning.system)
            and stream in (None, warning.stream)
            and not warning.accepted
        ]
        accepted = [warning for warning in wanted if warning.acceptable]
        for warning in accepted:
            decide(
                app.database,
                warning.review_id,
                version=reader.review(warning.review_id).version,
                decision={"approve": True},
                person=person or getpass.getuser(),
                at=SystemClock().now(),
            )
    left = [warning for warning in wanted if not warning.acceptable]
    show(
        {
            "accepted": [warning.sentence for warning in accepted],
            "left": [warning.sentence for warning in left],
        },
        lambda console: _tell_accepted(console, accepted, left),
        as_json=as_json,
    )


def _tell_accepted(
    console: Console, accepted: list[DriftWarning], left: list[DriftWarning]
) -> None:
    for warning in accepted:
        console.print(f"accepted: {warning.sentence}", highlight=False)
    for warning in left:
        console.print(f"change the mapping: {warning.sentence}", highlight=False)
    if not accepted and not left:
        console.print("Every stream is as it was accepted.")
    if accepted:
        console.print("The next sync works by it.")
