"""Flats, floors, entrances, offices: whatever is inside the building."""

from __future__ import annotations

from cleansing.address import numbers
from cleansing.address.reading import Text

_RAISED = frozenset("ºª°")
_STOREYS_BEFORE_DOORS = frozenset({"em", "emelet", "fsz", "fszt"})


def take_units(text: Text) -> None:
    """Take every word that a unit word marks; they make one field in the order of the text."""
    words = text.words
    parts: list[str] = []
    i = 0
    while i < len(words):
        end = i if words.label[i] else _unit_end(text, i)
        if end > i:
            words.claim(i, end, "unit")
            parts.append(words.join(i, end))
            i = end
        else:
            i += 1
    if parts:
        text.reading.put("unit", " ".join(parts), 0.9, "marked")


def _unit_end(text: Text, i: int) -> int:
    """Where the flat, floor or room that begins with word i ends; i if none does."""
    words, known = text.words, text.vocabulary
    word, key = words.text[i], words.key[i]
    raised = not _RAISED.isdisjoint(word)
    following = words.free(i + 1) and words.same_piece(i, i + 1)
    after = following and words.key[i + 1] in known.unit_after
    if not (raised or after or key.partition(" ")[0] in known.unit_heads or " " in key):
        return i
    if key in known.unit_rest or (following and words.join_key(i, i + 2) in known.unit_rest):
        return _end_of_free(text, i)
    if after and _is_level(text, i):
        return _doors(text, i + 2)
    compound = key.rsplit(" ", 1)
    if len(compound) == 2 and compound[1] in known.unit_after and compound[0][:1].isdigit():
        return i + 1
    if key in known.unit_before and following and numbers.is_value(words.text[i + 1]):
        return _doors(text, i + 2) if _opens(text, i) else i
    alone = key in known.unit_alone or (raised and word[:1].isdigit())
    return _doors(text, i + 1) if alone and i else i


def _is_level(text: Text, i: int) -> bool:
    """A floor's number: an ordinal, or a small number that no street owns."""
    word = text.words.text[i]
    bare = word.rstrip(".")
    if numbers.is_ordinal(word):
        return True
    return bare.isdigit() and len(bare) <= 3 and not text.words.same_piece(i - 1, i)


def _opens(text: Text, i: int) -> bool:
    """Words that also mean other things ("m", "p", "of") need a number in front of them."""
    words, key = text.words, text.words.key[i]
    if len(key) > 2 or words.text[i].endswith((".", ":")) or not words.same_piece(i - 1, i):
        return i > 0 or len(key) > 1
    return words.numeric[i - 1] or words.label[i - 1] == "unit"


def _doors(text: Text, end: int) -> int:
    """Door words and letters that go on with a unit: "2º izda.", "pral. 1a", "4º C"."""
    words = text.words
    if words.free(end) and words.text[end - 1] == "№":
        end += 1
    while words.free(end) and words.same_piece(end - 1, end) and _is_door(text, end):
        end += 1
    return end


def _is_door(text: Text, i: int) -> bool:
    words, known = text.words, text.vocabulary
    word, key = words.text[i], words.key[i]
    if key in known.unit_alone or word[-1] in _RAISED:
        return True
    bare = word.rstrip(".")
    if bare.isdigit():
        return word.endswith(".") or words.key[i - 1] in _STOREYS_BEFORE_DOORS
    short = len(key) <= 2 and key not in known.street_before
    return short and (key[:1].isdigit() or word.isupper())


def _end_of_free(text: Text, i: int) -> int:
    words = text.words
    end = i
    while words.free(end) and words.piece[end] == words.piece[i]:
        end += 1
    return end
