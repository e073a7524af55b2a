"""`tandem merge` and `tandem unmerge`: one record of two, and two of one again."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.explain import canonical_id_of
from tandem.cli.failure import UsageError
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, cell, grid, show

if TYPE_CHECKING:
    from tandem.merge import MergePreview
    from tandem.sync.golden import SurvivingField

Record = Annotated[
    str,
    typer.Argument(metavar="OBJECT:ID", help="account:CANONICAL_ID, or account:SYSTEM:NATIVE_ID."),
]
Person = Annotated[str | None, typer.Option("--as", help="Who decides; you by default.")]


@with_epilog(epilog(Exit.CONFIG, Exit.NOT_FOUND, Exit.USAGE))
def merge(
    survivor: Record,
    loser: Record,
    *,
    choose: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=JSON", help="This value survives, whatever the rule says; repeatable."
        ),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only show what would come of it.")
    ] = False,
    person: Person = None,
    as_json: Json = False,
) -> None:
    """Merge two records, here and in every system.

    The second one goes into the first. What survives is decided field by field by the rules of
    survivorship; --preview shows it. The next sync carries it out: by a system's own merge where it
    has one; elsewhere the second record is put out of use and says which one took its place.
    `tandem unmerge` takes it back.
    """
    from tandem.cli.installation import installation, reading
    from tandem.clock import SystemClock
    from tandem.merge import merge as decide
    from tandem.merge import preview_merge

    choices = _choices(choose or ())
    with installation() as app, reading(app) as reader:
        ids = {
            "survivor": canonical_id_of(app, reader, survivor),
            "loser": canonical_id_of(app, reader, loser),
        }
        link = app.config.links[reader.chain(ids["survivor"]).link]
        if preview:
            found = preview_merge(app.database, link, **ids, choices=choices)
        else:
            found = decide(
                app.database,
                link,
                **ids,
                person=person or getpass.getuser(),
                at=SystemClock().now(),
                choices=choices,
            )
    show(
        found.to_dict() | {"decided": not preview},
        lambda console: _tell(console, found, decided=not preview),
        as_json=as_json,
    )


@with_epilog(epilog(Exit.CONFIG, Exit.NOT_FOUND, Exit.USAGE))
def unmerge(record: Record, *, person: Person = None, as_json: Json = False) -> None:
    """Take a merge back, in every system.

    The record gets its own values again. What was edited since the merge stays with the survivor.
    Where a system cannot bring the merged record back, it is created anew. The next sync carries it
    out.
    """
    from tandem.cli.installation import installation, reading
    from tandem.clock import SystemClock
    from tandem.merge import merged_record
    from tandem.merge import unmerge as decide

    with installation() as app, reading(app) as reader:
        canonical_id = merged_record(app.database, *_named(app, reader, record))
        survivor = decide(
            app.database,
            canonical_id,
            person=person or getpass.getuser(),
            at=SystemClock().now(),
        )
    show(
        {"record": canonical_id, "survivor": survivor},
        lambda console: console.print(
            f"{canonical_id} is taken out of {survivor} again; the next sync carries it out."
        ),
        as_json=as_json,
    )


def _named(app: Any, reader: Any, record: str) -> tuple[str, tuple[str, str] | None]:
    """The canonical id that a record has today, and the native record when one was named."""
    _, _, rest = record.partition(":")
    system, colon, native_id = rest.partition(":")
    return canonical_id_of(app, reader, record), (system, native_id) if colon else None


def _choices(given: Sequence[str]) -> dict[str, Any]:
    """Values by field.

    >>> _choices(['phone="1"', "active=true"])
    {'phone': '1', 'active': True}
    """
    choices = {}
    for text in given:
        field, equals, value = text.partition("=")
        try:
            if not equals:
                raise ValueError(text)
            choices[field] = orjson.loads(value)
        except ValueError:
            raise UsageError(
                f"--choose takes FIELD=JSON; a text stands in double quotes, as in "
                f"--choose '{field}=\"Acme Ltd\"'"
            ) from None
    return choices


def _tell(console: Console, found: MergePreview, *, decided: bool) -> None:
    rows = [
        (r.system, r.native_id, r.becomes if r.into is None else f"{r.becomes} into {r.into}")
        for r in found.records
    ]
    title = f"{found.object} {found.loser} into {found.survivor}"
    console.print(grid(title, ["system", "record", "becomes"], rows))
    headings = ["field", "survives", "because", "records hold"]
    console.print(grid("what survives", headings, [_line(field) for field in found.fields]))
    if found.undecided:
        fields = ", ".join(found.undecided)
        console.print(f"Choose first, with --choose FIELD=JSON: {fields}.", markup=False)
    elif decided:
        console.print("Decided; the next sync carries it out.")


def _line(field: SurvivingField) -> tuple[Any, ...]:
    held = "; ".join(f"{h.system}:{h.native_id} {cell(h.value)}" for h in field.held)
    because = "a person has to choose" if field.needs_choice else field.rule
    return (field.field, field.value, because, held)
