"""Watches a link by its limits and tells people once when one is passed, not every five minutes.

The task fails with the codes of what is new, so it goes the way of every failed task: Airflow shows
it, callbacks and notifiers are told. What was told stands in the audit as `link.alerted`; what is
over may be told again when it comes back.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from tandem.clock import Clock, SystemClock
from tandem.errors import AlertError
from tandem.settings import Alerts
from tandem.state import audit
from tandem.state.reader.history import Wanted, facts
from tandem.state.reader.links import LinkView, link_view

if TYPE_CHECKING:
    from tandem.app import App

ACTION = "link.alerted"

QUESTIONS = {
    "quality_gate": "alert.quality_gate",
    "drift": "alert.drift",
    "restored_system": "alert.restored_system",
    "delete_approval": "alert.delete_approval",
    "unknown_outcome": "alert.unknown_outcome",
}
"""Kinds of questions that hold up more than a field, and their codes."""


def alerts_of(view: LinkView, limits: Alerts, now: datetime) -> dict[str, int]:
    """Code → how much, for every limit that is passed.

    Args:
        view: how the link is doing.
        limits: as configured.
        now: the moment of the view.
    """
    found: dict[str, int] = {}
    if view.oldest_unsent and now - view.oldest_unsent > limits.oldest_unsent:
        found["alert.oldest_unsent"] = int((now - view.oldest_unsent).total_seconds())
    if view.backlog > limits.backlog:
        found["alert.backlog"] = view.backlog
    if view.dead_letters > limits.dead_letters:
        found["alert.dead_letters"] = view.dead_letters
    if view.quarantined > limits.quarantined:
        found["alert.quarantined"] = view.quarantined
    for kind, code in QUESTIONS.items():
        if count := view.questions.get(kind, 0):
            found[code] = count
    return found


def watch(app: App, link: str, clock: Clock | None = None) -> dict[str, int]:
    """Look at a link. Returns code → how much, for all that was known already.

    Raises:
        AlertError: a limit is passed that was not when it was last looked at.
    """
    now = (clock or SystemClock()).now()
    with app.database.begin() as connection:
        view = link_view(connection, link, now)
        found = alerts_of(view, app.config.links[link].alerts, now)
        told = _told(connection, link)
        if set(found) != told:
            fact = audit.fact(now, link, ACTION, object_name="link", after=found)
            audit.append(connection, [fact])
    if new := tuple(code for code in found if code not in told):
        amounts = ", ".join(f"{code} {found[code]}" for code in new)
        raise AlertError(f"link {link}: {amounts}; `tandem status {link}` tells more", new)
    return found


def _told(connection: Connection, link: str) -> set[str]:
    last = facts(connection, Wanted(link=link, action=ACTION), limit=1)
    return set(last[0].after or ()) if last else set()
