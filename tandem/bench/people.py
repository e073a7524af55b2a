"""Generated files of persons in two systems, of any size, with the truth beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.str_]


def _split(text: str) -> Texts:
    return np.array(text.split())


_ONSETS = _split("b br d dr f fr g gr h j k kl l m n p pr r s st sl t tr v z ch sh")
_VOWELS = _split("a e i o u ai ei ou ia")
_CODAS = np.array(["", "", "", "n", "r", "s", "l", "m", "k", "t", "nd", "rt", "ss", "x"])
_STREETS = _split("street avenue road lane square drive")
_PROVIDERS = _split("mail.example post.example inbox.example letter.example")

COLUMNS = ("key", "system", "person", "given_name", "family_name", "born", "street", "city",
           "postcode", "phone", "email")  # fmt: skip
"""Columns of a generated file; `person` is the truth."""


def _words(draw: np.random.Generator, count: int, syllables: int) -> Texts:
    """Distinct made-up words."""
    size = count * 2
    word = np.full(size, "", dtype="U24")
    for _ in range(syllables):
        for parts in (_ONSETS, _VOWELS, _CODAS):
            word = np.char.add(word, parts[draw.integers(0, len(parts), size)])
    distinct = np.unique(word)
    draw.shuffle(distinct)
    return distinct[:count]


def _skewed(draw: np.random.Generator, count: int, size: int, skew: float) -> NDArray[np.int64]:
    """Positions of which a few are common and most are rare."""
    places: NDArray[np.int64] = (count * draw.random(size) ** skew).astype(np.int64)
    return places


def generate(records: int, seed: int = 7) -> dict[str, Texts]:
    """Persons of whom 60 % are in both systems, some twice in one, each copy with its own slips.

    Args:
        records: how many, over both systems.
        seed: the same seed gives the same file.

    Returns:
        `COLUMNS`, each an array of `records` texts; empty where a value is missing.
    """
    draw = np.random.default_rng(seed)
    people = int(records / 1.7)
    truth = np.concatenate([np.arange(people), draw.integers(0, people, records - people)])
    system = np.concatenate([draw.integers(0, 2, people), np.zeros(records - people, dtype=int)])
    system[people:] = 1 - system[truth[people:]]
    original = _originals(draw, people)
    columns = {name: values[truth] for name, values in original.items()}
    copy = np.arange(records) >= people
    for name, values in columns.items():
        typed = _with_slips(draw, values, copy & (draw.random(records) < 0.12))
        missing = draw.random(records) < (0.25 if name in ("phone", "email") else 0.04)
        columns[name] = np.where(missing, "", typed)
    order = draw.permutation(records)
    named = {
        "key": np.char.add("r", np.arange(records).astype(str)),
        "system": np.where(system == 0, "crm", "erp")[order],
        "person": truth.astype(str)[order],
        **{name: values[order] for name, values in columns.items()},
    }
    return {name: named[name] for name in COLUMNS}


def _originals(draw: np.random.Generator, people: int) -> dict[str, Texts]:
    given = _words(draw, 2000, 2)[_skewed(draw, 2000, people, 2.0)]
    family = _words(draw, 30_000, 2)[_skewed(draw, 30_000, people, 1.6)]
    cities = 3000
    city = _skewed(draw, cities, people, 2.0)
    street = _words(draw, 20_000, 2)[draw.integers(0, 20_000, people)]
    number = draw.integers(1, 200, people).astype(str)
    kind = _STREETS[draw.integers(0, len(_STREETS), people)]
    day = np.datetime64("1940-01-01") + draw.integers(0, 25_000, people)
    mailbox = np.char.add(np.char.add(given, "."), family)
    mailbox = np.char.add(mailbox, draw.integers(1, 999, people).astype(str))
    provider = _PROVIDERS[draw.integers(0, len(_PROVIDERS), people)]
    return {
        "given_name": given,
        "family_name": family,
        "born": day.astype(str),
        "street": np.char.add(
            np.char.add(np.char.add(number, " "), street), np.char.add(" ", kind)
        ),
        "city": _words(draw, cities, 3)[city],
        "postcode": (10_000 + city * 20 + draw.integers(0, 20, people)).astype(str),
        "phone": np.char.add("+30 2", draw.integers(100_000_000, 999_999_999, people).astype(str)),
        "email": np.char.add(np.char.add(mailbox, "@"), provider),
    }


def _with_slips(draw: np.random.Generator, values: Texts, where: NDArray[np.bool_]) -> Texts:
    """The values with one slip of the keyboard each: a sign lost, doubled, swapped or replaced."""
    slipped = values.copy()
    chosen = np.flatnonzero(where)
    kinds, places = draw.integers(0, 4, len(chosen)), draw.random(len(chosen))
    letters = draw.integers(97, 123, len(chosen))
    typed = []
    for text, kind, share, letter in zip(
        values[chosen].tolist(), kinds.tolist(), places.tolist(), letters.tolist(), strict=True
    ):
        at = int(share * len(text))
        middle = ("", text[at : at + 1] * 2, text[at : at + 2][::-1], chr(letter))[kind]
        typed.append(text[:at] + middle + text[at + (2 if kind == 2 else 1) :])
    slipped[chosen] = typed
    return slipped


def write(path: Path, columns: dict[str, Texts]) -> None:
    """Write the columns as CSV."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(columns) + "\n")
        file.writelines(",".join(row) + "\n" for row in zip(*columns.values(), strict=True))
