"""What failed for good: a write that a system refused, a record that cannot be read."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import BaseModel

from tandem.console.context import Console, ConsoleDependency, VisitorDependency
from tandem.console.login import redirect
from tandem.console.pages import Pages
from tandem.console.questions import told
from tandem.console.roles import Role
from tandem.console.templating import record_url
from tandem.errors import NotFoundError
from tandem.replay import replay_dead_letters, replay_quarantine
from tandem.state import outbox, quarantine
from tandem.state.outbox import PushState

pages = Pages("failures")

Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Word = Annotated[str, Path(max_length=80, pattern=r"^[^\x00]+$")]
NativeId = Annotated[str, Path(max_length=255, pattern=r"^[^\x00]+$")]


class DeadLetterPage(BaseModel):
    """A write that a system refused for good, or that names a record which the system lacks.

    Attributes:
        answer: the system's own words.
        values: what was to be written.
        waits: whether nothing has replaced it yet.
    """

    id: int
    link: str
    object: str
    canonical_id: str
    system: str
    native_id: str | None
    operation: str
    values: dict[str, Any]
    answer: dict[str, Any]
    attempts: int
    at: datetime | None
    waits: bool
    url: str | None


class QuarantinePage(BaseModel):
    """A record that cannot be read.

    Attributes:
        reasons: by field.
        payload: the record as it came.
    """

    link: str
    object: str
    system: str
    stream: str
    native_id: str
    reasons: dict[str, list[str]]
    payload: dict[str, Any]
    since: datetime
    url: str | None


@pages.page("/dead-letters/{intent_id}", "dead_letter.html")
def dead_letter_page(intent_id: Number, console: ConsoleDependency) -> DeadLetterPage:
    """A write that was refused, with the system's own words."""
    with console.reader.view() as connection:
        found = outbox.by_ids(connection, [intent_id])
    if not found or found[0].answer is None:
        raise NotFoundError(f"there is no dead letter {intent_id}")
    letter = found[0]
    known = letter.native_id
    return DeadLetterPage(
        id=letter.id,
        link=letter.link,
        object=letter.object,
        canonical_id=letter.canonical_id,
        system=letter.system,
        native_id=known,
        operation=letter.operation,
        values=letter.values,
        answer=letter.answer or {},
        attempts=letter.attempts,
        at=letter.sent_at or letter.created_at,
        waits=letter.state is PushState.REJECTED,
        url=record_url(console, letter.system, letter.stream, known) if known else None,
    )


@pages.page("/quarantine/{system}/{stream}/{native_id}", "quarantine.html")
def quarantine_page(
    system: Word, stream: Word, native_id: NativeId, console: ConsoleDependency
) -> QuarantinePage:
    """A record that could not be read, and why."""
    with console.reader.view() as connection:
        found = quarantine.get(connection, (system, stream, native_id))
    if found is None:
        raise NotFoundError("this record is not in quarantine")
    return QuarantinePage(**asdict(found), url=record_url(console, system, stream, native_id))


class Replayed(BaseModel):
    """How many are tried again by the next cycle."""

    replayed: int


@pages.command("/dead-letters/{intent_id}/replay", role=Role.ENGINEER)
def replay_letter(
    intent_id: Number, console: ConsoleDependency, visitor: VisitorDependency
) -> Replayed:
    """Have a refused write decided anew by the next cycle."""
    return _replay_letter(console, intent_id, visitor.name)


def _replay_letter(console: Console, intent_id: int, person: str) -> Replayed:
    now = console.clock.now()
    done = replay_dead_letters(console.database, [intent_id], person=person, at=now)
    for letter in done:
        told(console, letter.link)
    return Replayed(replayed=len(done))


@pages.form("/dead-letters/{intent_id}/replay", role=Role.ENGINEER)
def replay_letter_form(
    request: Request, intent_id: Number, console: ConsoleDependency, visitor: VisitorDependency
) -> Response:
    """Try a refused write again, with the button of its page."""
    _replay_letter(console, intent_id, visitor.name)
    return redirect(request, "/inbox?kind=dead_letter")


@pages.command("/quarantine/{system}/{stream}/{native_id}/replay", role=Role.ENGINEER)
def replay_record(
    system: Word,
    stream: Word,
    native_id: NativeId,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> Replayed:
    """Have a record in quarantine read again by the next cycle."""
    quarantine_page(system, stream, native_id, console)
    return _replay_record(console, system, native_id, visitor.name)


def _replay_record(console: Console, system: str, native_id: str, person: str) -> Replayed:
    now = console.clock.now()
    done = replay_quarantine(console.database, [(system, native_id)], person=person, at=now)
    for record in done:
        told(console, record.link)
    return Replayed(replayed=len(done))


@pages.form("/quarantine/{system}/{stream}/{native_id}/replay", role=Role.ENGINEER)
def replay_record_form(
    request: Request,
    system: Word,
    native_id: NativeId,
    console: ConsoleDependency,
    visitor: VisitorDependency,
) -> Response:
    """Read a record again, with the button of its page."""
    _replay_record(console, system, native_id, visitor.name)
    return redirect(request, "/inbox?kind=quarantine")
