"""Parents: a write waits for a record that it names only while that record may still come.

contact → account, which the ERP does not have
    it is to be created there, or asked about        the contact's write waits for it
    deleted, unlinked, or not to be created there    a dead letter says which account is missing
    it is there after all                            what waited goes out, the letter is taken back
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from tandem.state import chain as chains
from tandem.state import outbox, review
from tandem.state.chain import Chain, ChainState, SideState
from tandem.state.inbox import Cause
from tandem.state.outbox import PushState
from tandem.sync.reread import decide_anew
from tandem.sync.types import Link


def will_not_come(
    connection: Connection, canonical_ids: Iterable[str], *, link: Link, system: str
) -> dict[str, str]:
    """Canonical id → why a system will have no record of it unless somebody sees to it.

    Args:
        connection: the state.
        canonical_ids: what has no record in the system.
        link: as configured: what rests today may come when it works again.
        system: where the records are missed.
    """
    wanted = set(canonical_ids)
    asked = review.contested(connection, wanted)
    found = {
        chain.id: _why_not(chain, link, system, asked=(chain.id, system) in asked)
        for chain in chains.load(connection, wanted).values()
    }
    return {canonical_id: why for canonical_id, why in found.items() if why is not None}


def _why_not(chain: Chain, link: Link, system: str, *, asked: bool) -> str | None:
    if chain.state is ChainState.DELETED:
        return "was deleted"
    rules = link.objects.get(chain.object)
    states = {side.state for side in chain.sides if side.system == system}
    if (
        asked
        or chain.state is ChainState.MERGED  # whoever refers to it is decided anew
        or (rules is not None and rules.makes(chain, system))
        or SideState.UNMERGING in states
    ):
        return None
    if SideState.GONE in states:
        return f"was deleted in {system}"
    return f"is unlinked in {system}" if states else f"is not to be created in {system}"


def look_again(connection: Connection, parents: Iterable[Chain], now: datetime) -> None:
    """Decide again about writes that wait for these records, of which something has changed.

    Whether a parked write goes on waiting is seen when it is pushed. A dead letter was overtaken
    by other writes, perhaps: once its parent is there, its records are read and it is decided anew.
    """
    known = {chain.id: chain for chain in parents}
    waiting = outbox.waiting_for(connection, known)
    outbox.unpark(connection, [i.id for i in waiting if i.state is PushState.PARKED])
    back = [
        intent
        for intent in waiting
        if intent.state is PushState.REJECTED
        and known[intent.waiting_on or ""].side(intent.system) is not None
    ]
    decide_anew(connection, back, Cause.HINT, now)
