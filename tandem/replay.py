"""Commands of people: another try for what failed for good.

A dead letter is not sent again as it was: the world has moved on since. It is taken back, the
records of its chain are read, and what is to be written is decided anew. A quarantined record is
read again from its system and goes through the pipeline from the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from tandem.errors import NotFoundError
from tandem.state import audit, inbox, outbox, quarantine
from tandem.state.bulk import chunks
from tandem.state.database import Database
from tandem.state.inbox import Cause
from tandem.state.outbox import Intent, PushState
from tandem.state.quarantine import Quarantined
from tandem.state.tables import outbox as outbox_table
from tandem.sync.reread import decide_anew

EVERYTHING = 1_000_000
"""More records than any quarantine that a person still replays by hand."""


def replay_dead_letters(
    database: Database,
    ids: Iterable[int] | None,
    *,
    link: str | None = None,
    person: str,
    at: datetime,
) -> list[Intent]:
    """Take dead letters back and have their records decided anew by the next sync.

    Args:
        database: the state.
        ids: numbers of dead letters; None for all.
        link: of this link only.
        person: who asks for it.
        at: now.

    Raises:
        NotFoundError: one of the numbers is no dead letter (of this link); nothing is replayed.
    """
    with database.begin() as connection:
        letters = _dead_letters(connection, ids, link)
        decide_anew(connection, letters, Cause.REPLAY, at, actor=person)
    return letters


def _dead_letters(
    connection: Connection, ids: Iterable[int] | None, link: str | None
) -> list[Intent]:
    query = select(outbox_table.c.id).where(outbox_table.c.state == PushState.REJECTED)
    if link is not None:
        query = query.where(outbox_table.c.link == link)
    rejected = set(connection.execute(query).scalars())
    wanted = rejected if ids is None else set(ids)
    if missing := wanted - rejected:
        numbers = ", ".join(map(str, sorted(missing)))
        where = f"link '{link}' has" if link else "there is"
        raise NotFoundError(
            f"{where} no dead letter {numbers}; `tandem deadletter list` shows them"
        )
    return [letter for part in chunks(sorted(wanted)) for letter in outbox.by_ids(connection, part)]


def replay_quarantine(
    database: Database,
    records: Iterable[tuple[str, str]] | None,
    *,
    link: str | None = None,
    person: str,
    at: datetime,
) -> list[Quarantined]:
    """Have quarantined records read again by the next sync.

    They stay in quarantine until they have been understood.

    Args:
        database: the state.
        records: (system, native id) pairs; None for all.
        link: of this link only.
        person: who asks for it.
        at: now.

    Raises:
        NotFoundError: one of them is not in quarantine; nothing is replayed.
    """
    with database.begin() as connection:
        chosen = quarantine.listing(connection, link, EVERYTHING)
        if records is not None:
            wanted = set(records)
            chosen = [one for one in chosen if (one.system, one.native_id) in wanted]
            if missing := wanted - {(one.system, one.native_id) for one in chosen}:
                names = ", ".join(f"{system}:{native_id}" for system, native_id in sorted(missing))
                raise NotFoundError(
                    f"{names}: not in quarantine; `tandem quarantine list` shows what is"
                )
        for one in chosen:
            inbox.add_hints(
                connection,
                link=one.link,
                keys=[(one.object, one.system, one.stream, one.native_id)],
                cause=Cause.REPLAY,
                at=at,
            )
        audit.append(connection, [_replayed(one, person, at) for one in chosen])
    return chosen


def _replayed(one: Quarantined, person: str, at: datetime) -> dict[str, object]:
    return audit.fact(
        at,
        one.link,
        "record.replayed",
        object_name=one.object,
        system=one.system,
        native_id=one.native_id,
        cause={"reasons": one.reasons},
        actor=person,
    )
