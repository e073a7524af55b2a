"""Job titles: free text in any language to the entries of a directory of positions.

A title is looked up in this order: what a steward decided, the directory's own names, then by
letters (`title_ngrams`) and by meaning (`title_meaning`). Company names, regions, gender and
seniority are left out of account unless the directory has a position for them. When nothing fits
the answer is none: the directory never gains an entry here. Where the directory is a classification
that has headings over its positions, the nearest heading takes what no position comes near to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cleansing.result import Cleansed, refuse
from cleansing.text import fold, latin, tidy
from cleansing.title_meaning import MeaningIndex, meaning, without_company
from cleansing.title_ngrams import NgramIndex
from cleansing.title_words import KIN, NOT_STATED


@dataclass(frozen=True, slots=True)
class Position:
    """An entry of the directory.

    Attributes:
        code: its code there.
        names: its names, by language (`{"en": ("Accountant",)}`) or as a plain tuple; the first
            is the one to show.
    """

    code: str
    names: Mapping[str, tuple[str, ...]] | tuple[str, ...] = field(hash=False)

    @property
    def name(self) -> str:
        """The name to show.

        >>> Position("P1", {"en": ("Accountant",), "pl": ("Księgowy",)}).name
        'Accountant'
        """
        return next(iter(self.all_names()), self.code)

    def all_names(self) -> tuple[str, ...]:
        """Its names in every language."""
        if isinstance(self.names, Mapping):
            return tuple(name for names in self.names.values() for name in names)
        return self.names

    def named(self, lang: str | None) -> str:
        """Its name in a language, or the one to show."""
        if lang and isinstance(self.names, Mapping):
            return next(iter(self.names.get(lang.partition("-")[0], ())), self.name)
        return self.name


@dataclass(frozen=True, slots=True)
class Candidate:
    """A position that a title may mean, and how likely, 0.0 to 1.0."""

    position: Position
    score: float


_LEAST = 0.6
"""Below this score no entry is near enough."""
_CLOSE = 0.02
_NEAREST = 0.97
"""No likeness is as good as the very name."""
_NEAR = 0.85
_LIKE_A_HEADING = 0.7
"""Where no position scores `_NEAR`, a heading that scores at least this share of it is likelier."""
_MANY_NAMES = 6.0
_WHOLE_IS_ENOUGH = {"poor": 0.75, "rich": 0.5}
"""A title that scores this much as a whole is not cut into parts; where entries have many names
the parts are compared with each already."""
_PARTS = re.compile(r"\s+[-–—|]\s+|\s*[/;,|+&\n]\s*|\s+@\s+|\s*[()\[\]]\s*")
_MIN_LETTERS = 2


class TitleIndex:
    """A directory of positions that answers titles.

    Building it takes some seconds for ten thousand names; a title then takes milliseconds.

    Args:
        positions: the entries; their codes differ.
        synonyms: titles that a steward decided, with the code that each means.

    Raises:
        ValueError: two positions share a code, or a synonym names a code that no position has.

    >>> index = TitleIndex(
    ...     [
    ...         Position("P1", {"en": ("Chief Executive Officer",), "uk": ("Гендиректор",)}),
    ...         Position("P2", {"en": ("Chief Accountant",), "uk": ("Головний бухгалтер",)}),
    ...     ],
    ...     synonyms=[("бос", "P1")],
    ... )
    >>> index.match("Главбух ООО «Вектор»").value.code, index.match("бос").value.code
    ('P2', 'P1')
    >>> index.match("Beekeeper").reasons
    ('refused:unknown_title',)
    """

    def __init__(
        self, positions: Iterable[Position], synonyms: Iterable[tuple[str, str]] = ()
    ) -> None:
        self.positions = tuple(positions)
        by_code = {position.code: position for position in self.positions}
        if len(by_code) != len(self.positions):
            raise ValueError("two positions share a code")
        self._synonyms: dict[str, Position] = {}
        for text, code in synonyms:
            if code not in by_code:
                raise ValueError(f"a synonym names an unknown code: {code}")
            self._synonyms[fold(text)] = by_code[code]
        self._names: list[str] = []
        self._owner: list[int] = []
        self._exact: dict[str, list[int]] = {}
        self._inverted: dict[str, list[int]] = {}
        headings = _headings(self.positions)
        for place, position in enumerate(self.positions):
            if position.code in headings:
                continue
            for name in dict.fromkeys(position.all_names()):
                key = fold(name)
                self._exact.setdefault(key, []).append(len(self._names))
                self._inverted.setdefault(_in_any_order(key), []).append(len(self._names))
                self._names.append(name)
                self._owner.append(place)
        self._letters = NgramIndex(self._names, self._owner)
        self._meanings = MeaningIndex(self._names, self._owner)
        self._headings = TitleIndex(_lowest(headings)) if headings else None
        """Headings of a classification, which hold what has no position of its own."""

    def match(self, text: str, *, lang: str | None = None, limit: int = 5) -> Cleansed[Position]:
        """The position that a title means.

        Args:
            text: the title as typed.
            lang: its language; decides between positions that share a name.
            limit: how many other candidates the reasons name at most.

        Returns:
            The position, or a refusal: `unknown_title`, `not_a_title`, or `two_readings:…` with
            the codes of positions that fit equally. `also:CODE` reasons name the runners-up.
        """
        plain = tidy(text)
        if not plain:
            return Cleansed(None, 1.0, ("empty",))
        if decided := self._synonyms.get(fold(plain)):
            return Cleansed(decided, 1.0, ("title:synonym",))
        if _says_nothing(plain):
            return refuse("not_a_title")
        ranked = self.rank(plain, lang=lang, limit=limit)
        if not ranked or ranked[0].score < _LEAST:
            return refuse("unknown_title")
        also = tuple(f"also:{candidate.position.code}" for candidate in ranked[1:])
        how = "title:exact" if ranked[0].score >= 1.0 else "title:near"
        return Cleansed(ranked[0].position, round(min(1.0, ranked[0].score), 3), (how, *also))

    def rank(self, text: str, *, lang: str | None = None, limit: int = 5) -> tuple[Candidate, ...]:
        """The likeliest positions of a title, best first, however unlikely.

        >>> index = TitleIndex([Position("P1", ("Driver",)), Position("P2", ("Truck driver",))])
        >>> [candidate.position.code for candidate in index.rank("truck drivers")]
        ['P2', 'P1']
        """
        ranked = self._ranked(text, lang, limit)
        if self._headings is None:
            return ranked
        above = self._headings.rank(text, lang=lang, limit=limit)
        nearest = ranked[0].score if ranked else 0.0
        if above and nearest < _NEAR and above[0].score > _LIKE_A_HEADING * nearest:
            return (above[0], *ranked, *above[1:])[:limit]
        return (*ranked, *above)[:limit]

    def _ranked(self, text: str, lang: str | None, limit: int) -> tuple[Candidate, ...]:
        """The likeliest positions by their own names, best first."""
        plain = tidy(text)
        scores: dict[int, float] = {}
        enough = _WHOLE_IS_ENOUGH["rich" if self._letters.rich else "poor"]
        for nth, part in enumerate(_readings(plain)):
            if nth and max(scores.values(), default=0.0) >= enough:
                break
            for place, score in self._scores(part, lang).items():
                scores[place] = max(scores.get(place, 0.0), score - _CLOSE * nth)
        scores |= dict(self._exact_scores(plain, lang))
        best = sorted(scores.items(), key=lambda pair: -pair[1])[:limit]
        return tuple(Candidate(self.positions[place], score) for place, score in best)

    def _exact_scores(self, text: str, lang: str | None) -> list[tuple[int, float]]:
        """Positions that have the very name, in whatever order its words stand.

        Of several, the one that is called so first of all comes first, then the one with the
        fewest names: a name says more of an entry that has few.
        """
        key = fold(text)
        found = self._exact.get(key) or self._inverted.get(_in_any_order(key), [])
        ordered = sorted(
            found,
            key=lambda name: (
                not self._is_in(name, lang),
                self._names[name].casefold() != text.casefold(),
                not self._is_own_name(name),
                len(self.positions[self._owner[name]].all_names()),
            ),
        )
        places = dict.fromkeys(self._owner[name] for name in ordered)
        return [(place, 1.0 - _CLOSE * nth / 10) for nth, place in enumerate(places)]

    def _is_own_name(self, name: int) -> bool:
        """Whether it is the first of its position's names in a language, the others are for it."""
        position, text = self.positions[self._owner[name]], self._names[name]
        if isinstance(position.names, Mapping):
            return any(names[:1] == (text,) for names in position.names.values())
        return position.name == text

    def _is_in(self, name: int, lang: str | None) -> bool:
        names = self.positions[self._owner[name]].names
        if lang is None or not isinstance(names, Mapping):
            return True
        return self._names[name] in names.get(lang.partition("-")[0], ())

    def _scores(self, text: str, lang: str | None) -> dict[int, float]:
        """Score of each position that a title comes near to, by letters and by meaning."""
        scores: dict[int, float] = {}
        said = meaning(text)
        by_letters = dict(self._letters.best(text))
        if said.empty:
            for name, letters in by_letters.items():
                self._keep(scores, name, letters)
            return scores | self._near_exact(text, lang)
        most = _MEANING_SHARE * said.known**2 * (0.5 if self._letters.rich else 1.0)
        by_meaning = self._meanings.scores(said)
        likely = (by_meaning > _LIKELY).nonzero()[0]
        best = likely[by_meaning[likely].argsort()[::-1][:_SHORTLIST]]
        for name in dict.fromkeys((*by_letters, *map(int, best))):
            share = most * float(self._meanings.tells[name])
            means = float(by_meaning[name])
            self._keep(scores, name, _combined(by_letters.get(name, 0.0), means, share))
        return scores | self._near_exact(text, lang)

    def _near_exact(self, text: str, lang: str | None) -> dict[int, float]:
        """Positions that have a name which a part of the title is."""
        return {place: score - _CLOSE / 2 for place, score in self._exact_scores(text, lang)}

    def _keep(self, scores: dict[int, float], name: int, score: float) -> None:
        place = self._owner[name]
        scores[place] = max(scores.get(place, 0.0), min(score, _NEAREST))


_NOTHING = frozenset(fold(word) for word in NOT_STATED)
_KIN = frozenset(fold(word) for word in KIN)
_SHORTLIST = 30
_LIKELY = 0.4
_MEANING_SHARE = 0.75


def _combined(letters: float, means: float, share: float) -> float:
    """One score of two; a meaning can lift a title more than it can sink one."""
    if means < letters:
        share /= 2
    return share * means + (1 - share) * letters


def _headings(positions: Sequence[Position]) -> dict[str, Position]:
    """Entries that are headings of a classification, by code.

    Their codes make a tree (`C2`, `C21`, `C211`) and each has one name, in a directory whose
    positions have many. Codes that are merely counted make a tree too, but not of such entries.

    >>> jobs = [Position(f"job-{n}", tuple(f"{n}{c}" for c in "abcdef")) for n in range(3)]
    >>> list(_headings([*jobs, Position("C2", ("Professionals",)), Position("C21", ("Doctors",))]))
    ['C2', 'C21']
    >>> _headings([Position("1", ("Cook", "Chef")), Position("10", ("Driver",))])
    {}
    """
    codes = {position.code for position in positions}
    longer = {code for code in codes if any(code[:end] in codes for end in range(1, len(code)))}
    tree = longer | {code[:end] for code in longer for end in range(1, len(code))}
    counts = {position.code: len(set(position.all_names())) for position in positions}
    several = [n for code, n in counts.items() if n > 1]
    named_once = all(counts[code] == 1 for code in tree & codes)
    if not several or not named_once or sum(several) < _MANY_NAMES * len(several):
        return {}
    return {position.code: position for position in positions if position.code in tree}


def _lowest(headings: Mapping[str, Position]) -> list[Position]:
    """Headings that stand above no other.

    >>> _lowest({code: Position(code, ("x",)) for code in ("C2", "C21", "C3")})[0].code
    'C21'
    """
    above = {code[:end] for code in headings for end in range(1, len(code))}
    return [position for code, position in headings.items() if code not in above]


def _in_any_order(key: str) -> str:
    """The words of a folded name, sorted: lists of occupations write "designer, industrial".

    >>> _in_any_order(fold("Designer, industrial")) == _in_any_order(fold("Industrial designer"))
    True
    """
    return " ".join(sorted(key.split()))


def _says_nothing(text: str) -> bool:
    """True for a dash, a number, words for "not stated", or whose relation a person is.

    >>> _says_nothing("---"), _says_nothing("не вказано"), _says_nothing("CEO")
    (True, True, False)
    """
    words = fold(text).split()
    letters = sum(char.isalpha() for char in text)
    if letters < _MIN_LETTERS:
        return True
    return all(word in _NOTHING for word in words) or any(word in _KIN for word in words)


def _readings(text: str) -> Sequence[str]:
    """A title as a whole and without company, then its parts: double titles, regions, asides.

    >>> _readings("CEO / Founder")
    ['CEO / Founder', 'CEO', 'Founder']
    >>> _readings("Gł. Księgowy Budimpol Sp. z o.o.")
    ['Gł. Księgowy']
    """
    bare = without_company(text) or text
    parts = [part.strip(" .-") for part in _PARTS.split(bare)]
    found = [bare, *(part for part in parts if len(latin(part)) >= _MIN_LETTERS)]
    return list(dict.fromkeys(found))
