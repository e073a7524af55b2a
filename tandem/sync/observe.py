"""Observe: what a side holds now, and whether it shows what we wrote as we wrote it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime

from tandem.mapping.compiler import Reading
from tandem.model.fields import Plain, is_empty
from tandem.state.chain import Side
from tandem.state.inbox import Arrival


def observe(side: Side, arrival: Arrival, reading: Reading | None, now: datetime) -> None:
    """Note what a side holds now, and whether it shows what we wrote as we wrote it."""
    record = arrival.record
    assert record is not None
    side.version, side.fingerprint = record.version, arrival.fingerprint
    side.modified_at, side.seen_at = record.modified_at or side.modified_at, now
    side.deleted = record.deleted
    side.dirty.add("observed")
    if reading is None:
        return
    mended = side.refused.keys() & reading.values.keys()
    side.values = reading.values
    side.refused = {name: list(reasons) for name, reasons in reading.refused.items()}
    side.native = dict(record.values)
    shown = [n for n in side.awaiting_echo if n in side.values or n in side.refused]
    for name in shown:
        _note_echo(side, name, side.values.get(name), side.baseline.get(name))
    if shown:
        # A field that rests is not read: its echo is still to come.
        side.awaiting_echo = [n for n in side.awaiting_echo if n not in shown]
        side.dirty.add("baseline")
    _hear_again(side, mended - set(shown))


def note_emptied(side: Side, before: Mapping[str, Plain]) -> None:
    """Remember what stood in a field that nobody has agreed on yet: to empty it is an edit.

    Args:
        side: as it was read last.
        before: what it held when its chain was settled last.
    """
    for name, value in side.values.items():
        if is_empty(value) and name not in side.baseline and not is_empty(before.get(name)):
            side.baseline[name] = before[name]
            side.dirty.add("baseline")


def _hear_again(side: Side, mended: Set[str]) -> None:
    """Who replaces an unreadable text by what was agreed before it means it: it is an edit."""
    for name in mended & side.baseline.keys():
        if not is_empty(side.values[name]) and side.values[name] == side.baseline[name]:
            del side.baseline[name]
            side.dirty.add("baseline")


def _note_echo(side: Side, name: str, shown: Plain, written: Plain) -> None:
    if shown == written:
        side.rewrites.pop(name, None)
        return
    before = side.rewrites.get(name)
    count = before["count"] + 1 if before and before["value"] == shown else 1
    side.rewrites[name] = {"value": shown, "count": count}
