"""`tandem explain`: why a record holds what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.failure import UsageError
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, cell, grid, show
from tandem.errors import NotFoundError

if TYPE_CHECKING:
    from tandem.app import App
    from tandem.state.reader import Fact, Reader
    from tandem.sync.explain import Explanation, FieldStory, SideStory


@with_epilog(epilog(Exit.CONFIG, Exit.NOT_FOUND, Exit.USAGE))
def explain(
    record: Annotated[
        str,
        typer.Argument(
            metavar="OBJECT:ID",
            help="account:CANONICAL_ID, or account:SYSTEM:NATIVE_ID.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """Tell why a record holds what it holds.

    For each field: the value that holds, by which rule, whose it was or who decided, which values
    lost, how each side holds it and what was last written there; then the record's history. Told
    from the state alone; no system is called.
    """
    from tandem.cli.installation import installation, reading
    from tandem.sync.explain import explain as tell

    with installation() as app, reading(app) as reader:
        told = tell(reader, app.mappings, canonical_id_of(app, reader, record))
    show(told.to_dict(), lambda console: _tell(console, told), as_json=as_json)


def canonical_id_of(app: App, reader: Reader, record: str) -> str:
    """The canonical id of OBJECT:ID.

    Raises:
        UsageError: it has not that form, or the object does not exist.
        NotFoundError: the native record is linked to nothing.
    """
    from tandem.model.objects import OBJECTS
    from tandem.yaml_file import did_you_mean

    object_name, _, rest = record.partition(":")
    if not rest:
        raise UsageError("give OBJECT:ID, e.g. account:crm:0015g00000XYZ")
    if object_name not in OBJECTS:
        raise UsageError(f"there is no object '{object_name}'{did_you_mean(object_name, OBJECTS)}")
    system, colon, native_id = rest.partition(":")
    if not colon:
        return rest
    if system not in app.config.systems:
        hint = did_you_mean(system, app.config.systems)
        raise UsageError(f"there is no system '{system}'{hint}")
    found = reader.canonical_id(object_name, system, native_id)
    if found is None:
        raise NotFoundError(
            f"{object_name} {system}:{native_id} is not linked; it may wait in `tandem review "
            "list`, be in `tandem quarantine list`, or not have been read yet"
        )
    return found


def _tell(console: Console, told: Explanation) -> None:
    title = f"{told.object} {told.canonical_id} {told.label} ({told.state})"
    rows = [
        (f"{x.system}:{x.native_id}", x.state, x.rule, x.linked_at, x.modified_at, x.written_at)
        for x in told.links
    ]
    headings = ["record", "state", "because", "linked", "modified there", "written by us"]
    console.print(grid(title, headings, rows))
    headings = ["field", "value that holds", "because", "lost", "side", "as it stands", "agreed"]
    lines = [line for field in told.fields for line in _lines(field)]
    console.print(grid("fields", [*headings, "last written"], lines))
    history = [(f.at, f.action, f.system, f.actor, _gist(f)) for f in told.timeline]
    console.print(grid("history", ["when", "what", "system", "by", "fields"], history))


def _lines(field: FieldStory) -> list[tuple[Any, ...]]:
    first = (field.field, field.golden, _because(field), _lost(field))
    sides = [_side(side) for side in field.sides] or [("", "", "", "")]
    return [first + sides[0], *(("", "", "", "", *side) for side in sides[1:])]


def _because(field: FieldStory) -> str:
    if field.questions:
        return f"asked in question {', '.join(map(str, field.questions))}"
    if field.person:
        return f"{field.person} decided question {field.review_id}"
    return " ".join(part for part in (field.rule, field.system) if part)


def _lost(field: FieldStory) -> str:
    return "; ".join(f"{system}: {cell(value)}" for system, value in field.losers.items())


def _side(side: SideStory) -> tuple[Any, ...]:
    where = f"{side.system}.{'+'.join(side.columns.values())} ({side.transform})"
    refused = f" not understood: {', '.join(side.refused)}" if side.refused else ""
    write = side.last_write
    written = f"{cell(write.at)}: {cell(write.after)}" if write else ""
    if side.pending is not None:
        written += f" write {side.pending} is under way"
    return (where, cell(side.native) + refused, side.baseline, written.strip())


def _gist(fact: Fact) -> str:
    """The fields that a fact is about."""
    about = fact.after if isinstance(fact.after, dict) else fact.before
    return ", ".join(about) if isinstance(about, dict) else ""
