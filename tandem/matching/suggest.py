"""Rules from the files alone: columns are recognised by what they hold, never by their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from tandem.matching.arrays import Floats, Ints, combine, factorise
from tandem.matching.columns import Column, Kind
from tandem.matching.rules import Rules, check_rules

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_DATE = re.compile(
    r"(?:19|20)\d\d([-/.]?)(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?:[T ].*)?"
    r"|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:19|20)\d\d"
)
_PHONE = re.compile(r"\+?[\d\s()./-]{7,20}")
_PHONE_SIGNS = re.compile(r"[+()/]|\d[ .-]\d")
_STREET = re.compile(
    r"\b(?:st|str|street|ave|avenue|blvd|boulevard|rd|road|dr|drive|lane|ln|place|court|circuit|"
    r"crescent|close|way|highway|hwy|pkwy|ul|ulica|calle|rue|via|strasse|odos|leoforos|вул|ул|οδός|"
    r"λεωφόρος|пр|просп|проспект|улица|вулиця|ko'chasi)\b",
    re.IGNORECASE,
)
_SAMPLE = 2000
_LARGE = 120_000
"""Records above which rules are chosen on a sample, and kept few and cheap."""
_GRAMS_PAY = 60_000
"""Records up to which the n-gram index is built."""


def recognise(texts: Sequence[str]) -> Kind:
    """What a column holds.

    Args:
        texts: distinct texts as they stand (a sample will do).

    >>> recognise(["1971-06-24", "1980-01-02"]), recognise(["310/246-1501"])
    (<Kind.DATE: 'date'>, <Kind.PHONE: 'phone'>)
    >>> recognise(["435 s. la cienega blvd.", "1 main st"]), recognise(["Robert", "Ann"])
    (<Kind.ADDRESS: 'address'>, <Kind.NAME: 'name'>)
    """
    sample = [text.strip() for text in texts[:_SAMPLE]]
    if _share(sample, _EMAIL.fullmatch) > 0.6:
        return Kind.EMAIL
    if _share(sample, _DATE.fullmatch) > 0.8:
        return Kind.DATE
    if _share(sample, _is_phone) > 0.7 and _share(sample, _PHONE_SIGNS.search) > 0.5:
        return Kind.PHONE
    if _share(sample, _STREET.search) > 0.3:
        return Kind.ADDRESS
    if _share(sample, _is_code) > 0.6:
        return Kind.CODE
    words = sum(len(text.split()) for text in sample) / max(1, len(sample))
    return Kind.TEXT if words > 1.7 else Kind.NAME


def _share(sample: Sequence[str], test: object) -> float:
    assert callable(test)
    return sum(1 for text in sample if test(text)) / max(1, len(sample))


def _is_phone(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    return bool(_PHONE.fullmatch(text)) and 7 <= digits <= 15


def _is_code(text: str) -> bool:
    digits = sum(char.isdigit() for char in text)
    return " " not in text.strip()[8:] and digits >= 0.4 * max(1, len(text)) and len(text) <= 24


def useful(texts: Sequence[str], codes: Ints, side: Ints | None = None) -> bool:
    """Whether a column can help: not empty, not constant, not a key of its own, no running number.

    Args:
        texts: distinct texts of the column.
        codes: per record, the position of its text; -1 when empty.
        side: file of each record, when there are two.
    """
    known = codes[codes >= 0]
    if len(known) < 0.02 * len(codes) or len(texts) < 2:
        return False
    if len(texts) == len(known):
        sample = [text.strip() for text in texts[:_SAMPLE]]
        return _share(sample, _is_key) <= 0.9
    return not _counts_rows(texts, codes, np.zeros_like(codes) if side is None else side)


def _counts_rows(texts: Sequence[str], codes: Ints, side: Ints) -> bool:
    """Running numbers: each file uses each number once, and hardly leaves one out."""
    if codes.min(initial=0) < 0 or not all(text.isdecimal() for text in texts[:_SAMPLE]):
        return False
    for part in (0, 1):
        inside = codes[side == part]
        if len(np.unique(inside)) < len(inside):
            return False
    numbers = [int(text) for text in texts if text.isdecimal()]
    return len(numbers) == len(texts) and max(numbers) - min(numbers) < 2 * len(codes)


def _is_key(text: str) -> bool:
    return " " not in text and any(char.isdigit() for char in text) and "@" not in text


_LEVELS: Mapping[Kind, list[str]] = {
    Kind.NAME: ["exact", "jaro_winkler >= 0.94", "jaro_winkler >= 0.88", "jaro_winkler >= 0.75"],
    Kind.TEXT: [
        "exact",
        "same words",
        "character overlap >= 0.8",
        "token containment >= 0.99",
        "character overlap >= 0.6",
        "character overlap >= 0.4",
        "character overlap >= 0.2",
    ],
    Kind.ADDRESS: [
        "exact",
        "character overlap >= 0.8",
        "character overlap >= 0.6",
        "same number",
        "character overlap >= 0.4",
        "character overlap >= 0.2",
    ],
    Kind.PHONE: ["exact", "last 7 digits equal", "edits <= 1"],
    Kind.EMAIL: ["exact", "similarity >= 0.92", "same mailbox", "similarity >= 0.75"],
    Kind.DATE: ["exact", "edits <= 1", "date parts >= 2", "edits <= 2", "date parts >= 1"],
    Kind.CODE: ["exact", "edits <= 1", "edits <= 2"],
    Kind.CATEGORY: ["exact"],
}


_QUICK_LEVELS: Mapping[Kind, list[str]] = {
    Kind.TEXT: ["exact", "same words", "similarity >= 0.9", "similarity >= 0.75",
                "similarity >= 0.55"],
    Kind.ADDRESS: ["exact", "similarity >= 0.9", "similarity >= 0.8", "same number",
                   "similarity >= 0.6"],
}  # fmt: skip
"""For large files: n-grams of a million addresses take longer than all other comparisons."""


def kind_of(texts: Sequence[str], codes: Ints) -> Kind:
    """`recognise`, and categories by how seldom their values change."""
    filled = int((codes >= 0).sum())
    kind = recognise(texts)
    few = len(texts) <= max(12, 0.002 * filled)
    return Kind.CATEGORY if few and kind in (Kind.NAME, Kind.CODE, Kind.TEXT) else kind


def suggest_rules(
    columns: Mapping[str, Column], title: str, pairs_per_record: float | None = None
) -> Rules:
    """Rules for these columns.

    Args:
        columns: cleaned, by name.
        title: what is matched, for people.
        pairs_per_record: about how many candidates blocking may give; None to go by the size.
    """
    size = len(next(iter(columns.values())).codes)
    budget = pairs_per_record or (40.0 if size <= _LARGE else 5.0)
    names_it = _naming_column(columns)
    levels = _LEVELS if size <= _LARGE else _QUICK_LEVELS
    compare = {
        name: {
            "as": column.kind.value,
            "levels": [*levels.get(column.kind, _LEVELS[column.kind]), *_swaps(columns, name)],
            "rare values count more": column.kind is not Kind.DATE,
            "identifies": name == names_it,
        }
        for name, column in columns.items()
    }
    document = {
        "match": title,
        "candidates": _candidates(columns, budget),
        "compare": compare,
        "decide": {"link": 0.5, "review": 0.1},
    }
    return check_rules(document, "suggested rules")


def _naming_column(columns: Mapping[str, Column]) -> str | None:
    """Files begin with what people call the thing, when that is several words long."""
    words = (Kind.NAME, Kind.TEXT, Kind.ADDRESS)
    first = next((name for name, column in columns.items() if column.kind in words), None)
    return first if first is not None and columns[first].kind is Kind.TEXT else None


def _swaps(columns: Mapping[str, Column], name: str) -> list[str]:
    """Columns of the same kind that share values: people put one in the other's place."""
    here = columns[name]
    if here.kind is not Kind.NAME:
        return []
    mine = Counter(dict(zip(here.values, here.frequency.tolist(), strict=True)))
    found = []
    for other, column in columns.items():
        if other == name or column.kind is not Kind.NAME:
            continue
        shared = sum(mine[value] for value in column.values if value in mine)
        if shared > 0.1:
            found.append(f"swapped with {other}")
    return found[:1]


def _candidates(columns: Mapping[str, Column], pairs_per_record: float) -> list[str]:
    """Cheapest rules first, until the budget of pairs is spent."""
    size = len(next(iter(columns.values())).codes)
    sample = _sample(size)
    single = _single_keys(columns, sample)
    chosen: list[str] = []
    taken: list[tuple[str, ...]] = []
    spent = 0.0
    for keys, most in ((single, 50), (_joint_keys(single), 50 if size <= _LARGE else 8)):
        costs = {names: _pairs(codes) * size / len(sample) ** 2 for names, codes in keys.items()}
        room = len(chosen) + most
        for names in sorted(costs, key=lambda names: costs[names]):
            cost = costs[names]
            dominated = any(set(names) >= set(other) for other in taken)
            if dominated or cost <= 0 or cost > 0.25 * pairs_per_record or len(chosen) >= room:
                continue
            if spent + cost > pairs_per_record:
                break
            chosen.append("same " + " and same ".join(names))
            taken.append(names)
            spent += cost
    if size <= _GRAMS_PAY:
        wordy = [
            name for name, column in columns.items() if column.kind in (Kind.TEXT, Kind.ADDRESS)
        ]
        grams = wordy or [name for name, c in columns.items() if c.kind is Kind.NAME]
        chosen.extend(f"rare 3-grams of {name}" for name in grams)
    return chosen


def _sample(size: int) -> Ints:
    """Records to estimate on: all of them, or enough for a good guess."""
    if size <= _LARGE:
        return np.arange(size, dtype=np.int64)
    return np.random.default_rng(20).choice(size, _LARGE, replace=False)


def _single_keys(columns: Mapping[str, Column], sample: Ints) -> dict[tuple[str, ...], Ints]:
    """Key codes of every column, and of the beginnings of names."""
    single: dict[tuple[str, ...], Ints] = {
        (name,): column.codes[sample] for name, column in columns.items()
    }
    for name, column in columns.items():
        if column.kind in (Kind.NAME, Kind.TEXT, Kind.ADDRESS) and len(column.values) > 50:
            first = [value[:4] for value in column.values]
            table = {value: place for place, value in enumerate(dict.fromkeys(first))}
            codes = np.array([*(table[value] for value in first), -1], dtype=np.int64)
            single[(f"first 4 of {name}",)] = codes[column.codes[sample]]
    return single


def _joint_keys(single: Mapping[tuple[str, ...], Ints]) -> dict[tuple[str, ...], Ints]:
    """Key codes of two columns at once."""
    found: dict[tuple[str, ...], Ints] = {}
    for ((left,), a), ((right,), b) in combinations(single.items(), 2):
        if left.split(" of ")[-1] != right.split(" of ")[-1]:
            found[left, right], _ = factorise(combine(a, b, int(b.max(initial=0)) + 1))
    return found


def _pairs(codes: Ints) -> float:
    known = codes[codes >= 0]
    sizes: Floats = np.bincount(known).astype(np.float64) if len(known) else np.zeros(1)
    return float((sizes * (sizes - 1) / 2).sum())


def repeated(columns: Mapping[str, Column]) -> set[str]:
    """Columns whose words two others hold already, or one holds all of: evidence counts once.

    A full name beside given name and surname would count the same agreement twice.
    """
    wordy = {
        name: column
        for name, column in columns.items()
        if column.kind in (Kind.NAME, Kind.TEXT, Kind.ADDRESS)
    }
    found: set[str] = set()
    for name, column in wordy.items():
        parts = [
            other
            for other, part in wordy.items()
            if other not in found | {name} and _share_held(part, column) > _REPEATS
        ]
        same = any(_share_held(column, wordy[other]) > _REPEATS for other in parts)
        if len(parts) >= 2 or same:
            found.add(name)
    return found


_REPEATS = 0.8
"""Share of the records in which one column holds another's words for it to repeat them."""


def _share_held(part: Column, whole: Column) -> float:
    """How often, where both are filled, `whole` has all the words of `part`."""
    both = np.flatnonzero((part.codes >= 0) & (whole.codes >= 0))
    if len(both) < 20:
        return 0.0
    sample = both[:: max(1, len(both) // _SAMPLE)]
    held = 0
    for a, b in zip(part.codes[sample].tolist(), whole.codes[sample].tolist(), strict=True):
        held += set(part.values[a].split()) <= set(whole.values[b].split())
    return held / len(sample)
