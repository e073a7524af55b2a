"""One look at a whole file: which rows are there, which are faulty, which are gone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from operator import itemgetter
from typing import Self

from connectors.errors import StopRunError
from connectors.file.sheet import Line, Sheet
from connectors.file.snapshot import Fault

LEAST_VANISHED = 10
"""Fewer missing rows than this are believed, whatever their share."""
FAULTY = ""
"""Stands for the hash of a row that is known but cannot be taken as it is now."""


class Layout:
    """How to read the key, the values and the hash off the lines of one file.

    Args:
        columns: the header.
        key: names of the key columns.

    >>> Layout(("id", "name"), ("id",)).native_id([" 007 ", "Bond"])
    '007'
    >>> Layout(("firm", "mail"), ("firm", "mail")).native_id(["A", "b@c.de"])
    '["A", "b@c.de"]'
    """

    def __init__(self, columns: tuple[str, ...], key: tuple[str, ...]) -> None:
        self.columns = columns
        self.key = key
        self._key_indexes = [columns.index(name) for name in key]
        # By name, so that moving a column changes no hash.
        self._order = sorted(range(len(columns)), key=columns.__getitem__)
        names = "\x1e".join(columns[index] for index in self._order)
        self._seed = blake2b(f"{names}\x1d".encode(), digest_size=9)

    @classmethod
    def of(cls, sheet: Sheet, key: tuple[str, ...]) -> Self:
        """The layout of a file.

        Raises:
            StopRunError: a key column is not in its header.
        """
        columns = tuple(sheet.header())
        missing = [name for name in key if name not in columns]
        if missing:
            raise StopRunError(
                f"{sheet.path.name}, line 1: no key column {', '.join(map(repr, missing))}; "
                f"there are {', '.join(map(repr, columns))}",
                code="file.no_key_column",
            )
        return cls(columns, key)

    def native_id(self, cells: Sequence[str]) -> str | None:
        """The id of a row: its key, or a JSON list of it; None when a part is empty."""
        parts = [cells[index].strip() for index in self._key_indexes]
        if not all(parts):
            return None
        return parts[0] if len(parts) == 1 else json.dumps(parts, ensure_ascii=False)

    def hash(self, cells: Sequence[str]) -> str:
        """18 hexadecimal digits that change when a cell does."""
        row = self._seed.copy()
        row.update("\x1f".join([cells[index] for index in self._order]).encode())
        return row.hexdigest()

    def values(self, cells: Sequence[str]) -> dict[str, str]:
        """Column name → text."""
        return dict(zip(self.columns, cells, strict=False))


@dataclass(slots=True)
class Scan:
    """What a file holds.

    Attributes:
        hashes: native id → hash of every good row.
        faults: the lines that are not good.
    """

    hashes: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def good_lines(sheet: Sheet, layout: Layout) -> Iterator[tuple[str, Line]]:
    """Native id and line of every line that is neither blank nor faulty; keys may recur."""
    for line in sheet.lines():
        if line.fault is None and not line.blank:
            native_id = layout.native_id(line.cells)
            if native_id is not None:
                yield native_id, line


def scan(sheet: Sheet, layout: Layout) -> Scan:
    """Look at every line."""
    result = Scan()
    first_lines: dict[str, int] = {}
    recurring: dict[str, list[int]] = {}
    for line in sheet.lines():
        if line.blank:
            continue
        native_id = layout.native_id(line.cells)
        if line.fault is not None:
            result.faults.append(Fault(native_id, (line.number,), line.fault))
        elif native_id is None:
            key = " and ".join(map(repr, layout.key))
            result.faults.append(Fault(None, (line.number,), f"no key in column {key}"))
        elif native_id in first_lines:
            recurring.setdefault(native_id, [first_lines[native_id]]).append(line.number)
        else:
            first_lines[native_id] = line.number
            result.hashes[native_id] = layout.hash(line.cells)
    for native_id, lines in recurring.items():
        del result.hashes[native_id]
        result.faults.append(Fault(native_id, tuple(lines), "the same key"))
    for fault in result.faults:
        # A good line and a faulty one with one key: neither is to be believed.
        if fault.native_id is not None:
            result.hashes.pop(fault.native_id, None)
    return result


@dataclass(frozen=True, slots=True)
class Difference:
    """What is new since the last look.

    Attributes:
        changed: native id → hash; `FAULTY` for a known row that has become so.
        gone: rows to be reported deleted.
        vanished: missing rows that were too many to be believed; 0 when there are none.
    """

    changed: dict[str, str]
    gone: tuple[str, ...]
    vanished: int


def compare(
    before: Mapping[str, str],
    now: Scan,
    *,
    removed_by_us: Collection[str] = (),
    vanish_percent: float,
    accepted: int = 0,
) -> Difference:
    """Compare two looks at a file; refuse to take a damaged file for a mass deletion.

    Args:
        before: native id → hash.
        now: the file as it is.
        removed_by_us: rows that this connector has just deleted.
        vanish_percent: largest share of the known rows that may go at once.
        accepted: number of missing rows that a person has accepted.

    >>> before = {"1": "a", "2": "b", "3": "c"}
    >>> compare(before, Scan({"1": "a", "2": "x", "4": "d"}), vanish_percent=20)
    Difference(changed={'2': 'x', '4': 'd'}, gone=('3',), vanished=0)
    """
    faulty = {fault.native_id for fault in now.faults}
    changed = {i: h for i, h in now.hashes.items() if before.get(i) != h}
    changed |= {i: FAULTY for i in before if i in faulty and before[i] != FAULTY}
    missing = [i for i in before if i not in now.hashes and i not in faulty]
    theirs = [i for i in missing if i not in removed_by_us]
    too_many = (
        len(theirs) >= LEAST_VANISHED
        and len(theirs) > len(before) * vanish_percent / 100
        and len(theirs) != accepted
    )
    # A line without a readable key may be any of the missing rows: do not guess that it is not.
    hold = too_many or None in faulty
    gone = [i for i in missing if i in removed_by_us] if hold else missing
    return Difference(changed, tuple(gone), len(theirs) if too_many else 0)


def summary(faults: Sequence[Fault], most: int = 5) -> str:
    """The first few faults, for a message.

    >>> summary([Fault("7", (3, 9), "the same key"), Fault(None, (12,), "no key")])
    'lines 3 and 9: the same key; line 12: no key'
    """
    told = [
        f"line{'s' * (len(fault.lines) > 1)} {' and '.join(map(str, fault.lines))}: {fault.reason}"
        for fault in sorted(faults, key=itemgetter(1))[:most]
    ]
    rest = len(faults) - most
    return "; ".join(told) + (f"; and {rest} more" if rest > 0 else "")
