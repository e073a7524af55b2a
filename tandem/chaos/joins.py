"""Merges and unmerges that we asked a system for: what it may change beside what was asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tandem.chaos.ledger import Ledger, Writing
from tandem.model.fields import is_empty

_CAUSES = {"merge": "record.merged", "unmerge": "record.unmerged"}
"""Operation → what the audit calls its cause."""


def is_one(intent: Any) -> bool:
    """Whether a write joins or parts records."""
    return intent.operation in _CAUSES


def said(ledger: Ledger, chains: Collection[str], name: str, *, until: datetime) -> list[Any]:
    """What a system made of a field of these canonical records when it merged them for us."""
    return [
        writing.after[name]
        for writing in ledger.writings
        if writing.after is not None
        and name in writing.after
        and writing.at <= until
        and any(map(is_one, ledger.papers.intents.get(writing.push_key, ())))
        and ledger.papers.chain(writing.key) in chains
    ]


def wrong_with(ledger: Ledger, writing: Writing, intent: Any) -> list[str]:
    """A merge was made at a source or decided; its system moves references and fills gaps."""
    decided = any(
        fact.action == _CAUSES[intent.operation] and fact.at <= writing.at
        for fact in ledger.papers.facts[ledger.papers.root(intent.canonical_id)]
    )
    if not decided:
        return ["merges or parts records, nobody knows why"]
    if writing.key[2] == intent.native_id:
        return _wrong_with_the_record(ledger, writing)
    before, after = writing.before or {}, writing.after or {}
    references = ledger.rules(writing.object).references
    return [
        f"changes {name} of a record that only stands beside a merge"
        for name, value in after.items()
        if name not in references
        and not is_empty(was := before.get(name))
        and not ledger.alike(writing.object, name, was, value)
    ]


def _wrong_with_the_record(ledger: Ledger, writing: Writing) -> list[str]:
    """It goes or comes back as a whole; or it is put out of use, or back into use."""
    mapping = ledger.rules(writing.object).mappings[writing.key[0]]
    use = mapping.fields["active"].natives if "active" in mapping.fields else ()
    flags = {*use, *filter(None, [mapping.merged_into])}
    whole = writing.before is None or writing.after is None
    return [] if whole or writing.columns <= flags else ["sets more than whether it is in use"]
