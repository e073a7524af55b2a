"""From free text to words: pieces parted, glued words cut, phones and e-mails out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleansing.text import fold, tidy

_CONTACT = re.compile(
    r"""[\w.+-]+@[\w-]+\.[\w.-]+                      # e-mail
    |(?:https?://|www\.)\S+
    |(?<!\w)(?:(?:tel|tél|tfno|tlf|telf|phone|ph|mob|mobile|cell|fax|faks|gsm|kom|móvil|telefon|
        telefono|teléfono|telefone|telefoon|тел|моб|т|факс|τηλ|κιν|κινητό|τηλέφωνο|φαξ|телефон)[.:\s/]{0,3})\s?\(?\+?\(?\d[\d\s()./-]{4,}\d
    |(?<!\w)\+\s?\d[\d\s()./-]{7,}\d
    |(?<!\w)00\d{2}[\s-]\d[\d\s()-]{6,}\d
    |(?<![\w/])\(0\d{2,4}\)[\s-]?\d[\d\s-]{4,}\d
    |(?<![\w/])0?\d{2,3}[\s-]\d{3}[\s-]\d{2}[\s-]\d{2}(?!\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MAY_HOLD_CONTACT = re.compile(r"@|www|http|(?:\d[\s()./-]{0,3}){7}", re.IGNORECASE)
_DIGITS = frozenset("0123456789")
_SHORTEST_PHONE = 7
_BREAK_SIGNS = frozenset("\r\n\t;|•·")
_BREAK = re.compile(r"[\r\n\t;|•·]+")
_DASH = re.compile(r"(?<!\d) [-–—]+ | [-–—]+ (?!\d)|(?<=\d) [-–—]+ (?=\d{4}|\d+[ºª°])|[()\[\]]")
_DASH_SIGNS = frozenset("-–—()[]")
_QUOTE_SIGNS = frozenset('"«»“”„‟')
_QUOTES = str.maketrans(dict.fromkeys(_QUOTE_SIGNS, ""))
_KILOMETRE = re.compile(r"\b(km|км|χλμ)\.?\s*(\d+)[.,](\d+)", re.IGNORECASE)
_DECIMAL = "\u066b"
"""Stands for the comma of "km 9,2" while commas part pieces."""

_CUT_AFTER_STOP = re.compile(
    # The stop first, so that the search skips from stop to stop.
    r"\.(?:(?<=[^\W\d_]\.)(?=[^\W\d_]{2})"
    r"|(?:(?<=[^\W\d_]{2}\.)|(?<=-[^\W\d_]\.))(?=[^\W\d_]\.)"
    r"|(?<=[^\W\d_]{2}\.)(?=[^\W\d_](?!\w)))"
)
_CUT_BEFORE_DIGIT = re.compile(r"\.(?<=[^\W\d_]\.)(?=\d)")
_CUT_SLASH = re.compile(r"(?<![\w/])([cC])/(?!o\b)(?=\w)")
_CUT_NUMBER = re.compile(r"(?<=\d{4})-(?=[^\W\d_]{3})")
_NUMERO = re.compile(r"(?<![^\W\d_])(№|n[º°]|#)\.?\s*(?=\d)", re.IGNORECASE)
_SPACED_SLASH = re.compile(r"(?<=\d)\s+/\s+(?=\d)")
_CORNER = re.compile(r"(?<=\d)([^\W\d_]?)\s*&\s*(?=[^\W\d])")
"""After a number, "&" names the side street of a corner."""
_CUT_COLON = re.compile(r"(?<=[^\W\d_]):(?=[^\s/])")
_TWO_NAMES = re.compile(r"(?<=[^\W\d_]{4})\s?/\s?(?=[^\W\d_]{4})")
"""As in "Çankaya/Ankara": a district and its town."""


_EDGE = "edge"


class Words:
    """The words of one address text and what each was taken for.

    `text` and `key` have one element per word. `label` and `piece` have some more, which
    stand for what lies before the first word (index -1) and behind the last: never free, in no
    piece.

    Attributes:
        whole: the prepared text, one piece per line.
        text: the words as typed.
        key: the same, folded.
        piece: number of the piece (between commas, lines or dashes) of each word.
        label: what the word was taken for, `""` while it is free.
        numeric: whether the word has a digit.
        last_piece: number of the last piece.
    """

    __slots__ = ("key", "label", "last_piece", "numeric", "piece", "text", "whole")

    def __init__(self, whole: str, text: list[str], key: list[str], piece: list[int]) -> None:
        self.whole = whole
        self.text = text
        self.key = key
        self.numeric = [not _DIGITS.isdisjoint(k) for k in key] + [False] * 6
        self.last_piece = piece[-1] if piece else 0
        self.piece = [*piece, -2, -3, -4, -5, -6, -1]
        self.label = [""] * len(text) + [_EDGE] * 6

    def __len__(self) -> int:
        return len(self.text)

    def join(self, first: int, end: int) -> str:
        """Words first to end - 1 as typed; a piece boundary becomes a blank."""
        joined = " ".join(self.text[first:end]).strip(" :-")
        return joined.replace(_DECIMAL, ",") if _DECIMAL in joined else joined

    def join_key(self, first: int, end: int) -> str:
        """The same words as a match key."""
        return self.key[first] if end - first == 1 else " ".join(self.key[first:end])

    def claim(self, first: int, end: int, label: str) -> None:
        """Take words first to end - 1 for something."""
        for i in range(first, end):
            self.label[i] = label

    def free(self, i: int) -> bool:
        """True if there is a word i (from -1 to a few behind the last) and nothing took it."""
        return not self.label[i]

    def same_piece(self, i: int, j: int) -> bool:
        """True if words i and j both exist and no comma stands between them."""
        return self.piece[i] == self.piece[j]

    def end_of_piece(self, i: int) -> int:
        """Index behind the last word of the piece that word i is in."""
        end = i + 1
        while self.piece[end] == self.piece[i]:
            end += 1
        return end

    def runs(self) -> Iterator[tuple[int, int]]:
        """Spans of free words that no comma and no taken word interrupts."""
        label, piece = self.label, self.piece
        i, count = 0, len(self.text)
        while i < count:
            if label[i]:
                i += 1
                continue
            end = i + 1
            while not label[end] and piece[end] == piece[i]:
                end += 1
            yield i, end
            i = end

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The words that cover characters start to end - 1 of `whole`."""
        first = last = len(self.text)
        at = 0
        for i, word in enumerate(self.text):
            at = self.whole.index(word, at)
            if at >= end:
                last = i
                break
            at += len(word)
            if at > start:
                first = min(first, i)
        return min(first, last), last


def _cut_stop(match: re.Match[str]) -> str:
    """A stop followed by a capital ends an abbreviation ("ul.Długa"); "P.zza" is one word."""
    following = match.string[match.end()]
    return ". " if following.isupper() or not following.isascii() else "."


def prepare(text: str) -> tuple[str, tuple[str, ...]]:
    r"""The text with one piece per line, and the contacts that were taken out of it.

    >>> prepare("UL.PUŁAWSKA 145, 02-715  WARSZAWA; tel. 22 123 45 67")
    ('UL. PUŁAWSKA 145\n02-715 WARSZAWA', ('tel. 22 123 45 67',))
    """
    if not _BREAK_SIGNS.isdisjoint(text):
        text = _BREAK.sub(", ", text)
    whole = tidy(text)
    signs = set(whole)
    if not signs.isdisjoint(_QUOTE_SIGNS):
        whole = whole.translate(_QUOTES)
    contacts: tuple[str, ...] = ()
    many_digits = sum(map(whole.count, _DIGITS)) >= _SHORTEST_PHONE
    if ("@" in signs or many_digits or "www" in whole or "http" in whole) and (
        _MAY_HOLD_CONTACT.search(whole)
    ):
        contacts = tuple(match.group().strip() for match in _CONTACT.finditer(whole))
        whole = _CONTACT.sub(" , ", whole)
    if "." in signs:
        whole = _CUT_AFTER_STOP.sub(_cut_stop, whole)
        whole = _CUT_BEFORE_DIGIT.sub(". ", whole)
    lower = whole.lower()
    if "km" in lower or "км" in lower or "χλμ" in lower:
        whole = _KILOMETRE.sub(rf"\1 \2{_DECIMAL}\3", whole)
    if not signs.isdisjoint("№#º°"):
        whole = _NUMERO.sub(" № ", whole)
    if ":" in signs:
        whole = _CUT_COLON.sub(": ", whole)
    if "/" in signs:
        whole = _TWO_NAMES.sub(", ", whole)
        whole = _SPACED_SLASH.sub("/", _CUT_SLASH.sub(r"\1/ ", whole))
    if "&" in signs:
        whole = _CORNER.sub(r"\1, ", whole)
    if not signs.isdisjoint(_DASH_SIGNS):
        whole = _DASH.sub(", ", _CUT_NUMBER.sub(" ", whole))
    return "\n".join(filter(None, map(str.strip, whole.split(",")))), contacts


def split(whole: str) -> Words:
    r"""The words of a prepared text.

    >>> words = split("ul. Długa 5\nGdańsk")
    >>> words.key, words.piece[: len(words)]
    (['ul', 'dluga', '5', 'gdansk'], [0, 0, 0, 1])
    """
    texts: list[str] = []
    keys: list[str] = []
    pieces: list[int] = []
    for number, line in enumerate(whole.split("\n")):
        for word in line.split(" "):
            key = fold(word)
            if key or word == "№":
                texts.append(word)
                keys.append(key or word)
                pieces.append(number)
    return Words(whole, texts, keys, pieces)
