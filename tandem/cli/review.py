"""`tandem review`: the questions put to people, and their answers."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.failure import UsageError
from tandem.cli.output import Json, Limit, cell, errors, grid, show

if TYPE_CHECKING:
    from tandem.state.reader import Reader
    from tandem.state.review import ReviewItem

review = typer.Typer(
    help="See and answer the questions put to people.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Filter = Annotated[str | None, typer.Option(help="Only of this one.")]
ReviewId = Annotated[int, typer.Argument(metavar="ID", help="Number of the question.")]


@review.command("list", epilog=epilog(Exit.CONFIG, Exit.USAGE))
def list_items(
    *,
    link: Filter = None,
    kind: Filter = None,
    object_name: Annotated[str | None, typer.Option("--object", help="Only of this one.")] = None,
    system: Filter = None,
    field: Filter = None,
    state: Annotated[str, typer.Option(help="open, decided, applied, void or any.")] = "open",
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List the questions, oldest first."""
    from tandem.cli.installation import installation, reading
    from tandem.clock import SystemClock
    from tandem.state.reader import Question
    from tandem.state.review import ReviewKind, ReviewState

    _check_choice("--kind", kind, ReviewKind)
    _check_choice("--state", state, (*ReviewState, "any"))
    wanted = Question(
        link=link,
        kind=kind,
        object=object_name,
        system=system,
        field=field,
        state=None if state == "any" else ReviewState(state),
    )
    with installation() as app, reading(app) as reader:
        items = reader.reviews(wanted, limit=limit)
        total = reader.count_reviews(wanted)
    now = SystemClock().now()
    show(
        {"total": total, "items": [asdict(item) for item in items]},
        lambda console: _list(console, items, total, now),
        as_json=as_json,
    )


def _check_choice(option: str, value: str | None, choices: Iterable[str]) -> None:
    known = [str(choice) for choice in choices]
    if value is not None and value not in known:
        raise UsageError(f"{option} takes one of {', '.join(known)}")


def _list(console: Console, items: list[ReviewItem], total: int, now: datetime) -> None:
    if not items:
        console.print("No such questions.")
        return
    headings = ["id#", "v#", "kind", "object", "field", "system", "about", "asked"]
    rows = [
        (
            *(item.id, item.version, item.kind, item.object, item.field, item.system),
            _about(item),
            f"{cell(now - item.opened_at)} ago" if item.opened_at else "",
        )
        for item in items
    ]
    console.print(grid("", headings, rows))
    if len(items) < total:
        console.print(f"{total - len(items)} more; --limit shows more of them.")


def _about(item: ReviewItem) -> str:
    """The heart of a question in one line."""
    question = item.question
    if "sides" in question:
        return " | ".join(f"{system}: {cell(value)}" for system, value in question["sides"].items())
    if "text" in question:
        return cell(question["text"])
    if "shown" in question:
        return f"{cell(question['shown'])} instead of {cell(question['golden'])}"
    if "record" in question:
        return cell(question["record"].get("name"))
    if item.kind in _TOLD:
        return _TOLD[item.kind](question)
    return cell({k: f"{k} {v}" for k, v in question.items() if isinstance(v, int)})


def _twins(question: Mapping[str, Any]) -> str:
    """The names of two known records that may be one."""
    from tandem.model.fields import label

    return " | ".join(label(e["values"]) for e in question.get("pair") or question["double"])


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "duplicate": _twins,
    "drift": lambda question: str(question["context"]["told"]),
    "quality_gate": lambda question: "; ".join(e["why"] for e in question["expectations"]),
}
"""Kinds of questions that say in words what they are about."""


@review.command("show", epilog=epilog(Exit.CONFIG, Exit.NOT_FOUND))
def show_item(review_id: ReviewId, as_json: Json = False) -> None:
    """Show one question with everything needed to decide, and how to answer it."""
    from tandem.cli.answer import ANSWERS
    from tandem.cli.installation import installation, reading

    with installation() as app, reading(app) as reader:
        item = reader.review(review_id)
        together = len(reader.review_group(item))
    answers = list(ANSWERS[item.kind])
    show(
        asdict(item) | {"group_size": together, "answers": answers},
        lambda console: _show(console, item, together, answers),
        as_json=as_json,
    )


def _show(console: Console, item: ReviewItem, together: int, answers: list[str]) -> None:
    where = f"{item.system}:{item.native_id}" if item.native_id else item.system
    rows: list[tuple[str, Any]] = [
        ("object", item.object),
        ("record", where or item.canonical_id),
        ("canonical id", item.canonical_id),
        ("field", item.field),
        ("state", f"{item.state}, version {item.version}"),
        ("asked", item.opened_at),
        ("decided", f"by {item.decided_by}" if item.decided_by else None),
    ]
    rows += _flat(item.question)
    title = f"question {item.id}: {item.kind}"
    console.print(grid(title, ["what", "now"], [r for r in rows if r[1] not in (None, "")]))
    if item.state == "open":
        console.print(
            f"Answer: tandem review decide {item.id} --version {item.version} "
            + "  or  ".join(answers),
            markup=False,
        )
        if together > 1:
            console.print(f"{together} open questions can be answered alike with --group.")


def _flat(question: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """A question's parts as rows; candidates and sides get one row each.

    >>> _flat({"sides": {"crm": "1", "erp": "2"}, "reasons": ["a", "b"]})
    [('sides crm', '1'), ('sides erp', '2'), ('reasons', 'a, b')]
    """
    rows: list[tuple[str, Any]] = []
    for name, value in question.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping):
            rows += _flat(value, f"{path} ")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for number, part in enumerate(value, start=1):
                rows += _flat(part, f"{path} {number} ")
        else:
            rows.append((path, cell(value)))
    return rows


@review.command("decide", epilog=epilog(Exit.CONFIG, Exit.NOT_FOUND, Exit.STALE, Exit.USAGE))
def decide_item(
    review_id: ReviewId,
    *,
    version: Annotated[
        int | None, typer.Option(help="Version of the question that was looked at.")
    ] = None,
    take: Annotated[
        str | None, typer.Option(metavar="SYSTEM", help="The value that this system holds.")
    ] = None,
    value: Annotated[
        str | None, typer.Option(metavar="JSON", help="This value; null empties the field.")
    ] = None,
    link: Annotated[
        str | None, typer.Option(metavar="CANONICAL_ID", help="It is this record.")
    ] = None,
    apart: Annotated[bool, typer.Option("--apart", help="It is none of them.")] = False,
    policy: Annotated[
        str | None, typer.Option(help="Of a deletion: propagate, restore, deactivate or unlink.")
    ] = None,
    approve: Annotated[
        bool, typer.Option("--approve", help="Deletions, batch: let it go on.")
    ] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Deletions, batch: drop it.")] = False,
    native_id: Annotated[
        str | None, typer.Option(metavar="ID", help="It was created as this record.")
    ] = None,
    resend: Annotated[bool, typer.Option("--resend", help="It was not created: again.")] = False,
    leave: Annotated[bool, typer.Option("--leave", help="Leave it as the system has it.")] = False,
    group: Annotated[
        bool, typer.Option("--group", help="Answer every open question of its group alike.")
    ] = False,
    person: Annotated[str | None, typer.Option("--as", help="Who decides; you by default.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Decide on the question as it is now.")] = (
        False
    ),
    as_json: Json = False,
) -> None:
    """Answer a question; the next sync applies the answer.

    An answer counts for the version of the question that was looked at: name it with --version, or
    confirm the question as it is shown now, or say --yes. If the facts have changed since, nothing
    is decided and the exit code is 7. With --group and --take each question of the group gets the
    value that the system holds for its own record.
    """
    from tandem.cli.answer import Answer
    from tandem.cli.installation import installation, reading
    from tandem.clock import SystemClock
    from tandem.decide import decide

    answer = Answer(
        take=take,
        value=value,
        link=link,
        policy=policy,
        native_id=native_id,
        apart=apart,
        approve=approve,
        reject=reject,
        resend=resend,
        leave=leave,
    )
    with installation() as app, reading(app) as reader:
        item = reader.review(review_id)
        answer.decision(item)  # an answer that does not fit is refused before anything is asked
        items = _with_group(reader, item) if group else [item]
        seen = version if version is not None else _looked_at(item, len(items), yes=yes)
        decided = [
            decide(
                app.database,
                one.id,
                version=seen if one is item else one.version,
                decision=answer.decision(one),
                person=person or getpass.getuser(),
                at=SystemClock().now(),
            )
            for one in items
        ]
    show(
        {"decided": [asdict(one) for one in decided]},
        lambda console: console.print(f"{len(decided)} decided; the next sync applies it."),
        as_json=as_json,
    )


def _with_group(reader: Reader, item: ReviewItem) -> list[ReviewItem]:
    """The item first: if it is stale, none of the others is decided."""
    return [item, *(one for one in reader.review_group(item) if one.id != item.id)]


def _looked_at(item: ReviewItem, together: int, *, yes: bool) -> int:
    """The version that the person has in front of them.

    Raises:
        UsageError: nobody can be asked whether this is the question they mean.
    """
    from tandem.cli.answer import ANSWERS

    if yes:
        return item.version
    if not sys.stdin.isatty():
        raise UsageError("say with --version which version was looked at, or --yes")
    _show(errors(), item, together, list(ANSWERS[item.kind]))
    typer.confirm("Decide this?", abort=True, err=True)
    return item.version
