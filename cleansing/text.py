"""Text folding that every cleanser shares: what two spellings must have in common to be compared.

`tidy` keeps the text readable and is safe to store; `fold` and `latin` make match keys, which are
compared and indexed but never shown or stored in place of the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_CACHE = 1 << 16

_APOSTROPHES = frozenset("'`´‘’‚‛′ʹʻʼʽʾʿˈˊˋ˴՚׳＇ꞌ")
"""Signs that people type for one and the same apostrophe; a match key drops them all."""

_LETTERS = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ı": "i",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ŧ": "t",
    "ĸ": "k",
    "ŋ": "n",
    "ə": "a",
    "ς": "σ",
    "ґ": "г",
}
"""Letters that Unicode does not decompose, although a keyboard without them replaces them so."""


def _is_diacritic(char: str) -> bool:
    """True for marks that a keyboard may lack; the vowel signs of Indic scripts stay."""
    point = ord(char)
    return 0x0300 <= point <= 0x036F or (
        unicodedata.combining(char) != 0 and 0x0591 <= point <= 0x0670
    )


class _FoldTable(dict[int, str]):
    """A `str.translate` table that works out each character once, when it is first met."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        folded = "".join(self._parts(char))
        self[point] = folded
        return folded

    @staticmethod
    def _parts(char: str) -> list[str]:
        if char in _APOSTROPHES:
            return []
        bare = [c for c in unicodedata.normalize("NFKD", char) if not _is_diacritic(c)]
        lower = unicodedata.normalize("NFKD", "".join(bare).casefold())
        parts = []
        for part in lower:
            if part in _APOSTROPHES or _is_diacritic(part):
                continue
            letter = _LETTERS.get(part, part)
            category = unicodedata.category(letter[0])
            if category[0] in "LNM":
                parts.append(letter)
            elif category not in {"Cc", "Cf", "Cs"} or letter.isspace():
                parts.append(" ")
        return parts


class _TidyTable(dict[int, str]):
    """Drops what cannot be seen, turns every kind of white space into a blank."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        if char.isspace():
            kept = " "
        elif unicodedata.category(char) in {"Cc", "Cf", "Cs"} and char not in _JOINERS:
            kept = ""
        else:
            kept = char
        self[point] = kept
        return kept


_JOINERS = "\u200c\u200d"
_JOINED = "[\u0600-\u1fff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]"
_LOOSE_JOINER = re.compile(f"(?<!{_JOINED})[{_JOINERS}]|[{_JOINERS}](?!{_JOINED})")
"""Joiners are seen in scripts that join letters, and in emoji of several parts; not elsewhere."""


_FOLD = _FoldTable()
_TIDY = _TidyTable()


def tidy(text: str) -> str:
    r"""The same text without what nobody can see: composed (NFC), one blank between words.

    >>> tidy("  Οδός\u00a0Ερμού\u200b  56\n")
    'Οδός Ερμού 56'
    >>> tidy("Cafe\u0301") == "Café"
    True
    >>> tidy("Ac\u200dme"), len(tidy("\U0001f469\u200d\U0001f527"))
    ('Acme', 3)
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    seen = unicodedata.normalize("NFC", text.translate(_TIDY))
    if any(joiner in seen for joiner in _JOINERS):
        seen = _LOOSE_JOINER.sub("", seen)
    return " ".join(seen.split())


@lru_cache(maxsize=_CACHE)
def fold(text: str) -> str:
    """Match key: case, diacritics, quotes, dashes and punctuation no longer tell texts apart.

    The script stays. Apostrophes vanish, any other punctuation parts words. Texts that fold to
    the same key are the same words typed differently.

    >>> fold("Łódź, ul. Święty Marcin 80/82")
    'lodz ul swiety marcin 80 82'
    >>> fold("ΟΔΟΣ Ερμού") == fold("Οδός ΕΡΜΟΥ")
    True
    >>> fold("Qo‘qon"), fold("Straße"), fold("Орёл"), fold("St.-Denis")
    ('qoqon', 'strasse', 'орел', 'st denis')
    """
    folded = text.translate(_FOLD)
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", folded)
    return " ".join(folded.split())


@lru_cache(maxsize=_CACHE)
def latin(text: str) -> str:
    """Match key across scripts: `fold`, written in Latin letters.

    A rough romanisation that serves comparison only; names that follow a national standard need
    that standard's table.

    >>> latin("Київ"), latin("Αθήνα"), latin("Łódź")
    ('kiiv', 'athina', 'lodz')
    """
    folded = fold(text)
    return folded if folded.isascii() else fold(anyascii(folded))
