"""How alike two names of persons or companies are, whatever script and order they are written in.

Words are paired off, best likeness first; what stays over on both sides speaks against, what one
side merely adds speaks against a little, unless it is a number or a country: "Fund II" is not
"Fund", "Banco Santander México" is not "Banco Santander".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from cleansing.text import latin
from tandem.matching.forms import company_form, sound

_ALIKE = 0.65
"""Words less alike than this are different words."""

_ADDED = 0.15
"""Weight of a letter that one side adds; letters that differ on both sides weigh double."""

_CLASH = 0.85
"""Factor when each side has a long word of its own, or a number or country stays over."""

_ONE_WORD = {
    "ibn": "bin", "ben": "bin", "el": "al", "ul": "al", "mohammad": "muhammad",
    "mohammed": "muhammad", "mohamed": "muhammad", "muhamad": "muhammad", "sheikh": "shaikh",
    "st": "saint", "and": "", "the": "", "of": "", "mr": "", "mrs": "", "ms": "", "dr": "",
    "prof": "", "sir": "",
}  # fmt: skip


def _split(text: str) -> list[str]:
    return text.split()


_SMALL_NUMBERS = {
    word: number
    for number, word in enumerate(
        _split(
            """zero one two three four five six seven eight nine ten eleven twelve thirteen
            fourteen fifteen sixteen seventeen eighteen nineteen"""
        )
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        _split("twenty thirty forty fifty sixty seventy eighty ninety"), start=2
    )
} | {"fourty": 40}
_PARTICLES = frozenset(_split("al bin da de den der di dos du e i la le van von y"))
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})")


@dataclass(frozen=True, slots=True)
class NameForm:
    """A name ready to compare.

    Attributes:
        words: Latin words in their order, without legal form, title and articles.
        weights: letters of each word; particles count less.
        joined: the words without blanks.
    """

    words: tuple[str, ...]
    weights: tuple[float, ...]
    joined: str


@lru_cache(maxsize=1 << 16)
def name_form(name: str) -> NameForm:
    """Words of a name, numbers in digits, lone letters put together.

    >>> name_form("The L.X.C. Aviation Ltd").words, name_form("Brigade Forty-Four").words
    (('lxc', 'aviation'), ('brigade', '44'))
    """
    plain = company_form(name).core.split()
    words = tuple(_initials_joined(_numbers_joined([_ONE_WORD.get(word, word) for word in plain])))
    words = words or tuple(plain)
    weights = tuple(len(word) * (0.3 if word in _PARTICLES else 1.0) for word in words)
    return NameForm(words, weights, "".join(words))


def _numbers_joined(words: list[str]) -> list[str]:
    joined: list[str] = []
    tens = 0
    for word in words:
        small = _SMALL_NUMBERS.get(word)
        if small is not None and tens and 0 < small < 10:
            joined[-1] = str(tens + small)
        elif small is not None:
            joined.append(str(small))
        elif word in _TENS:
            joined.append(str(_TENS[word]))
        elif word:
            joined.append(word)
        tens = _TENS.get(word, 0)
    return joined


def _initials_joined(words: list[str]) -> list[str]:
    joined: list[str] = []
    run = False
    for word in words:
        letter = len(word) == 1 and word.isalpha()
        if letter and run:
            joined[-1] += word
        else:
            joined.append(word)
        run = letter
    return joined


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    # Half a megabyte of babel that only those pay who compare names.
    from babel import Locale  # noqa: PLC0415 - see above

    names = {latin(name) for name in Locale("en").territories.values()}
    own = {"deutschland", "schweiz", "espana", "polska", "hellas", "ellada", "uk", "usa"}
    return frozenset(name for name in names if " " not in name) | own


def name_similarity(left: str, right: str) -> float:
    """Likeness of two names, 0.0 to 1.0; about 0.78 parts the same from the different.

    >>> name_similarity("Smith, John", "John Smith"), name_similarity("Siemens AG", "Siemens")
    (1.0, 1.0)
    >>> name_similarity("Sergei Lavrov", "Сергей Лавров") > 0.78
    True
    >>> name_similarity("Igor Deripaska", "Oleg Deripaska") < 0.78
    True
    """
    a, b = name_form(left), name_form(right)
    if a.joined == b.joined or sorted(a.words) == sorted(b.words):
        return 1.0
    paired, likeness, over_a, over_b = _pair_off(a, b)
    left_a = sum(a.weights[place] for place in over_a)
    left_b = sum(b.weights[place] for place in over_b)
    against = 2.0 * min(left_a, left_b) + _ADDED * abs(left_a - left_b)
    score = likeness / (paired + against) if paired else 0.0
    rest_a, rest_b = [a.words[place] for place in over_a], [b.words[place] for place in over_b]
    telling = any(_is_telling(word) for word in rest_a + rest_b)
    if telling:
        score *= _CLASH
    if max(map(len, rest_a), default=0) >= 4 and max(map(len, rest_b), default=0) >= 4:
        score *= _CLASH
    whole = 0.0 if telling else DamerauLevenshtein.normalized_similarity(a.joined, b.joined)
    return max(score, whole) if whole > 0.9 else score


def _pair_off(a: NameForm, b: NameForm) -> tuple[float, float, set[int], set[int]]:
    """Weight paired, weight times likeness, and the words that stay over on either side."""
    likes = []
    for i, x in enumerate(a.words):
        for j, y in enumerate(b.words):
            like = _word_similarity(x, y)
            if like >= _ALIKE:
                likes.append((like, -i, -j))
    over_a, over_b = set(range(len(a.words))), set(range(len(b.words)))
    paired = likeness = 0.0
    for like, i, j in sorted(likes, reverse=True):
        if -i in over_a and -j in over_b:
            over_a.discard(-i)
            over_b.discard(-j)
            weight = a.weights[-i] + b.weights[-j]
            paired += weight
            likeness += like * weight
    for one, over_one, two, over_two in ((a, over_a, b, over_b), (b, over_b, a, over_a)):
        weight, like = _pair_with_two(one, over_one, two, over_two)
        paired, likeness = paired + weight, likeness + like
    return paired, likeness, over_a, over_b


def _pair_with_two(
    one: NameForm, over_one: set[int], two: NameForm, over_two: set[int]
) -> tuple[float, float]:
    """A word that the other side writes as two."""
    paired = likeness = 0.0
    for place in sorted(over_one):
        for first in sorted(over_two):
            if first + 1 in over_two:
                both = two.words[first] + two.words[first + 1]
                like = DamerauLevenshtein.normalized_similarity(one.words[place], both)
                if like > 0.8:
                    over_one.discard(place)
                    over_two.difference_update((first, first + 1))
                    paired += 2.0 * one.weights[place]
                    likeness += 2.0 * one.weights[place] * like
                    break
    return paired, likeness


def _word_similarity(x: str, y: str) -> float:
    if x == y:
        return 1.0
    if len(x) == 1 or len(y) == 1:
        return 0.85 if x[0] == y[0] else 0.0
    like = DamerauLevenshtein.normalized_similarity(x, y, score_cutoff=0.3)
    if 0.3 <= like < 0.9 and max(len(x), len(y)) >= 4 and sound(x) == sound(y):
        return 0.9
    return like


def _is_telling(word: str) -> bool:
    return word.isdigit() or _ROMAN.fullmatch(word) is not None or word in _countries()
