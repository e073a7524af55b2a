"""Marks what differs inside two texts, word by word and, inside a word, sign by sign."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal

from pydantic import BaseModel

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
LONGEST = 2000
"""Longer texts are shown without marks: comparing them takes longer than reading them."""


class Mark(BaseModel):
    """A piece of a text: the same on both sides, only in the text, or missing from it."""

    kind: Literal["same", "new", "gone"]
    text: str


def marks(before: str, after: str) -> list[Mark]:
    """The later text in pieces, with what is missing from it in between.

    >>> [(m.kind, m.text) for m in marks("Main St 5", "Main St 7")]
    [('same', 'Main St '), ('gone', '5'), ('new', '7')]
    >>> [(m.kind, m.text) for m in marks("", "new")]
    [('new', 'new')]
    """
    if max(len(before), len(after)) > LONGEST:
        return [Mark(kind="same" if before == after else "new", text=after)]
    first, second = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Mark] = []
    for action, i, j, k, m in SequenceMatcher(a=first, b=second, autojunk=False).get_opcodes():
        old, new = "".join(first[i:j]), "".join(second[k:m])
        found += [Mark(kind="same", text=new)] if action == "equal" else _inside(old, new)
    return _joined(found)


def _inside(old: str, new: str) -> list[Mark]:
    """Words that are nearly the same, such as numbers with one other digit, by their signs."""
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    if matcher.ratio() < 0.6:
        return _pieces(old, new)
    found: list[Mark] = []
    for action, i, j, k, m in matcher.get_opcodes():
        if action == "equal":
            found.append(Mark(kind="same", text=new[k:m]))
        else:
            found += _pieces(old[i:j], new[k:m])
    return found


def _pieces(old: str, new: str) -> list[Mark]:
    return [Mark(kind=kind, text=text) for kind, text in (("gone", old), ("new", new)) if text]


def _joined(found: list[Mark]) -> list[Mark]:
    joined: list[Mark] = []
    for mark in found:
        if joined and joined[-1].kind == mark.kind:
            joined[-1] = Mark(kind=mark.kind, text=joined[-1].text + mark.text)
        else:
            joined.append(mark)
    return joined
