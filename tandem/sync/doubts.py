"""Doubts: updates of which nobody knows whether they were carried out, and what to think of them.

Reading the record tells, unless somebody has edited it since: then it may show the value from
before our write because the write never came, or because somebody set it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from connectors.base import Operation, Record
from tandem.mapping.transforms import NativeReference
from tandem.model.fields import Plain, is_empty, same
from tandem.state import audit, outbox
from tandem.state import chain as chains
from tandem.state.outbox import Intent
from tandem.sync.types import Link, ObjectRules

Moved = tuple[Intent, Record]
"""An update of unknown outcome, and its record as it is now."""


def moved_since(doubtful: Sequence[Intent], link: Link) -> list[Moved]:
    """Updates whose record is no longer at the version that they were decided on."""
    moved: list[Moved] = []
    for intent in doubtful:
        if intent.operation is Operation.UPDATE and intent.native_id:
            columns = link.objects[intent.object].mappings[intent.system].columns
            connector = link.connectors[intent.system]
            (record,) = connector.read(intent.stream, columns, [intent.native_id])
            if not record.deleted and record.version != intent.expected_version:
                moved.append((intent, record))
    return moved


def forget_agreement(
    connection: Connection, moved: Sequence[Moved], link: Link, at: datetime, run_id: str
) -> None:
    """Take what these records show for their own word where it may be somebody's edit.

    That is in the fields written that show what was agreed before our write, or anything else
    that is not ours: what shows that may go back to what was agreed, and mean it. One that shows
    our value has agreed to it; one that is empty and was not has been edited. One that was empty
    and is empty is filled again, for nothing good is wiped out on a guess; the audit tells that
    somebody may have cleared it.
    """
    loaded = chains.load(connection, (intent.canonical_id for intent, _ in moved))
    facts = []
    for intent, record in moved:
        side = loaded[intent.canonical_id].side(intent.system)
        if side is not None and side.native_id == intent.native_id:
            shown = _shown(connection, record, link.objects[intent.object], intent)
            kinds = link.objects[intent.object].kinds
            empty = [n for n, v in shown.items() if is_empty(v) and is_empty(side.baseline.get(n))]
            filled = {n: intent.values[n] for n in empty if not is_empty(intent.values[n])}
            if filled:
                fact = outbox.fact_about(
                    intent,
                    "clearing.doubted",
                    at=at,
                    run_id=run_id,
                    before=filled,
                    after=dict.fromkeys(filled),
                )
                facts.append(fact)
            side.baseline = {
                name: agreed
                for name, agreed in side.baseline.items()
                if name not in shown
                or (is_empty(shown[name]) and not same(kinds[name], shown[name], agreed))
            }
            # What shows our value agrees to it, also should it be edited before it is read again.
            agreed = {n: v for n, v in shown.items() if same(kinds[n], v, intent.values[n])}
            side.values, side.baseline = side.values | agreed, side.baseline | agreed
            # Our write may have come after what waits in the inbox was read.
            side.written_at = at
            side.dirty |= {"baseline", "observed"}
    chains.save(connection, loaded.values(), at)
    audit.append(connection, facts)


def tell_of_merges(
    connection: Connection, intents: Sequence[Intent], at: datetime, run_id: str
) -> None:
    """Tell what a merge whose answer was lost may have put an end to: nobody had decided on it."""
    facts = [
        outbox.fact_about(intent, "merge.doubted", at=at, run_id=run_id, fields=intent.cause)
        for intent in intents
        if intent.cause.get("*", {}).get("unsettled")
    ]
    audit.append(connection, facts)


def _shown(
    connection: Connection, record: Record, rules: ObjectRules, intent: Intent
) -> dict[str, Plain]:
    """What a record shows now in the fields of an intent, as far as it can be read."""
    read = rules.mappings[intent.system].read(record.values).values
    shown: dict[str, Plain] = {}
    for name in intent.values:
        if name not in read:
            continue
        value = read[name]
        if isinstance(value, NativeReference):
            key = (intent.system, value.stream, value.native_id)
            known = chains.find(connection, [key])
            if key not in known:
                continue
            value = known[key]
        shown[name] = value
    return shown
