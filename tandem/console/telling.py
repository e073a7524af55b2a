"""How the history of a record is told: rules, actions and causes as sentences."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from babel.numbers import format_percent

from tandem.console import language
from tandem.console.charts import draw, latest
from tandem.console.language import gettext, marked
from tandem.console.templating import environment, moment, number, words
from tandem.model.fields import is_empty

RULES = {
    "changed": marked("%(system)s changed it, nobody else did"),
    "agreed": marked("all sides say the same"),
    "owner": marked("%(system)s is the system of record for this field"),
    "latest": marked("%(system)s changed it last"),
    "most_complete": marked("%(system)s has the most complete value"),
    "union": marked("the values of all sides together"),
    "decision": marked("%(person)s decided it"),
    "deactivated": marked("it was deleted in %(system)s and is kept as not active"),
    "deleted": marked("it was deleted in %(system)s"),
    "steward": marked("%(person)s chose it when records were merged"),
    "longest": marked("%(system)s has the longest value"),
    "most_frequent": marked("most sides have it"),
    "default": marked("the default of the mapping"),
}
"""Rule of a value → sentence."""

POLICIES = {
    "owner": marked("%(owner)s is the system of record"),
    "latest": marked("the latest change wins"),
    "most_complete": marked("the most complete value wins"),
    "union": marked("values are put together"),
    "review": marked("a person decides"),
}
"""Policy of a field → what happens when both sides change it."""

ACTIONS = {
    "record.arrived": marked("New record"),
    "record.linked": marked("Recognised as this record"),
    "record.gone": marked("Deleted at its source"),
    "deletion.dropped": marked("Deletion not carried over"),
    "clearing.doubted": marked("Perhaps cleared, filled again"),
    "merge.doubted": marked("Answer to a merge lost"),
    "edit.overruled": marked("Edit of the merged record gave way"),
    "text.replaced": marked("Unreadable text replaced"),
    "record.replayed": marked("Read again on request"),
    "record.merged": marked("Merged"),
    "record.unmerged": marked("Taken apart again"),
    "golden.changed": marked("Golden record changed"),
    "write.accepted": marked("Written"),
    "write.rejected": marked("Write refused"),
    "write.replayed": marked("Refused write tried again"),
    "link.alerted": marked("Limits of the link"),
}
"""Action of the audit → what it is called."""

STATES = {
    "live": marked("live"),
    "deleted": marked("deleted"),
    "merged": marked("merged"),
    "linked": marked("linked"),
    "gone": marked("gone"),
    "unlinked": marked("kept apart"),
    "duplicate": marked("duplicate"),
    "intended": marked("decided"),
    "parked": marked("waits for another record"),
    "sending": marked("being sent"),
    "unknown": marked("answer lost"),
    "accepted": marked("accepted"),
    "rejected": marked("refused"),
    "superseded": marked("decided anew"),
}
"""State of a record or a write → what it is called."""


def rule_words(story: Any) -> str:
    """Why a field has its value, in one sentence; `story` has `rule`, `system` and `person`."""
    return cause_words({"rule": story.rule or "", "system": story.system, "person": story.person})


def policy_words(policy: Any) -> str:
    """What happens when both sides change a field."""
    known = POLICIES.get(policy.policy)
    return gettext(known) % {"owner": policy.owner or "–"} if known else str(policy.policy)


def action_name(action: str) -> str:
    """What an action of the audit is called.

    >>> action_name("write.accepted"), action_name("gate.failed")
    ('Written', 'Gate failed')
    """
    known = ACTIONS.get(action)
    return gettext(known) if known else action.replace(".", " ").replace("_", " ").capitalize()


def state_name(state: str) -> str:
    """What a state is called."""
    known = STATES.get(state)
    return gettext(known) if known else state.replace("_", " ")


def changes(fact: Any) -> list[tuple[str, str, str]]:
    """What a fact changed, as (field, before, after) in words; empty when it changed no field."""
    after = fact.after if isinstance(fact.after, dict) else {}
    before = fact.before if isinstance(fact.before, dict) else {}
    named = [(name, words(before.get(name)), words(value)) for name, value in after.items()]
    return [one for one in named if one[1] != one[2] or not is_empty(after[one[0]])]


def cause_words(origin: dict[str, Any]) -> str:
    """Why a write carries a value: the rule of a stored cause, in one sentence."""
    known = RULES.get(str(origin.get("rule")))
    names = {"system": origin.get("system") or "–", "person": origin.get("person") or "–"}
    return gettext(known) % names if known else str(origin.get("rule", "")).replace("_", " ")


def when(text: str) -> str:
    """A moment that is kept as text."""
    return moment(datetime.fromisoformat(text))


def span(length: timedelta | float | None) -> str:
    """A length of time in short: what is longer matters less to the second.

    >>> span(timedelta(milliseconds=420)), span(75), span(timedelta(hours=30))
    ('0.4 s', '1 min 15 s', '1 d 6 h')
    """
    if length is None:
        return ""
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 10:
        return f"{round(seconds, 1):g} s"
    whole = round(seconds)
    for unit, size, smaller, part in (
        ("d", 86400, "h", 3600),
        ("h", 3600, "min", 60),
        ("min", 60, "s", 1),
    ):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def amount(value: float | None, unit: str) -> str:
    """A value of a picture in its unit.

    >>> amount(90, "seconds"), amount(0.985, "share"), amount(None, "count")
    ('1 min 30 s', '98.5%', '–')
    """
    if value is None:
        return "–"
    if unit == "seconds":
        return span(value)
    if unit == "share":
        return format_percent(value, format="#,##0.#%", locale=language.spoken())
    return number(round(value, 1))


def payload(value: Any) -> str:
    """A native value as it stood, for reading: text stays, what is deeper is JSON-like."""
    return "" if value is None else str(value)


def install() -> None:
    """Make these functions known to the templates."""
    environment().filters |= {
        "rule_words": rule_words,
        "policy_words": policy_words,
        "action_name": action_name,
        "state_name": state_name,
        "changes": changes,
        "payload": payload,
        "cause_words": cause_words,
        "when": when,
        "span": span,
        "amount": amount,
        "draw": draw,
        "latest": latest,
    }
