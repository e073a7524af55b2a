"""How questions are called and told on pages; every sentence is marked for translation."""

from __future__ import annotations

from typing import Any

from tandem.console.language import gettext, marked
from tandem.console.templating import words
from tandem.model.fields import is_empty, label
from tandem.state.review import ReviewItem

DEAD_LETTER = "dead_letter"
QUARANTINE = "quarantine"

KINDS = {
    "conflict": marked("Conflict"),
    "duplicate": marked("Possible duplicate"),
    "refused_value": marked("Value not understood"),
    "mandatory_gap": marked("Mandatory field empty"),
    "rewrite": marked("Value rewritten"),
    "deletion": marked("Deletion"),
    "delete_approval": marked("Many deletions"),
    "unknown_outcome": marked("Unknown outcome"),
    "merge": marked("Merge"),
    "quality_gate": marked("Quality gate"),
    "drift": marked("Changed structure"),
    "restored_system": marked("Restored system"),
    DEAD_LETTER: marked("Write refused"),
    QUARANTINE: marked("Record not readable"),
}
"""Kind of question → what it is called."""


def kind_name(kind: str) -> str:
    """What a kind of question is called."""
    return gettext(KINDS.get(kind, kind.replace("_", " ").capitalize()))


def heading(item: ReviewItem) -> str:
    """The record that a question is about, in one line."""
    record = item.question.get("record")
    name = item.label or (label(record) if isinstance(record, dict) else "")
    return name or item.native_id or item.canonical_id or item.link


def about(question: dict[str, Any]) -> str:
    """The heart of a question in one line.

    >>> about({"sides": {"crm": "1", "erp": None}})
    'crm: 1 | erp: –'
    """
    if isinstance(question.get("sides"), dict):
        return " | ".join(f"{s}: {words(v) or '–'}" for s, v in question["sides"].items())
    if "text" in question:
        return words(question["text"])
    if "shown" in question:
        return f"{words(question['shown'])} ≠ {words(question['golden'])}"
    if "change" in question:
        return str(question["context"]["told"])
    if isinstance(question.get("candidates"), list):
        names = [label(c["values"]) for c in question["candidates"] if isinstance(c, dict)]
        return " | ".join(names)
    numbers = {k: v for k, v in question.items() if isinstance(v, int) and not is_empty(v)}
    return ", ".join(f"{name} {value}" for name, value in numbers.items())
