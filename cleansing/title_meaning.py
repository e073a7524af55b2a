"""What a job title means: its ranks and its fields, whatever language it is written in.

"Зам. нач. отд. продаж", "Deputy Head of Sales" and "Z-ca kierownika ds. sprzedaży" mean the same:
deputy + head, sales. Titles are compared by meanings where letters have nothing in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cleansing.text import fold
from cleansing.title_words import (
    FIELD_LIKENESS,
    MEANINGS,
    ROLE_LIKENESS,
    ROLES,
    WHOLE_TITLES,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MODIFIERS = {"senior": 0.12, "junior": 0.35, "acting": 0.0, "dept": 0.0}
"""Ranks that only shade another one, and how much they count."""
_GENERIC = {
    "engineer": 0.5,
    "operator": 0.5,
    "driver": 0.6,
    "inspector": 0.6,
    "analyst": 0.7,
    "consultant": 0.7,
    "administration": 0.8,
    "accounting": 0.8,
    "service": 0.7,
    "worker": 0.5,
    "company": 0.2,
}
"""Fields that many positions share say less than the field beside them."""
_OF_THE_WHOLE = frozenset({"director", "deputy", "vice"})
"""Ranks that are over the whole company where no field is named."""
_LONGEST = 6
_MIN_TYPO = 5
_ENDING = 3


@dataclass(frozen=True, slots=True)
class Meaning:
    """Ranks and fields of a title.

    Attributes:
        roles: ranks (`director`, `head`, `deputy`); `specialist` where only a field is named.
        fields: what the rank is over (`sales`, `it`).
        known: share of the words that the tables know.
    """

    roles: frozenset[str]
    fields: frozenset[str]
    known: float = 1.0

    @property
    def empty(self) -> bool:
        """True when nothing of the title is known."""
        return not self.roles and not self.fields


class _Pattern(NamedTuple):
    words: tuple[tuple[str, bool], ...]
    meanings: tuple[str, ...]


@lru_cache(maxsize=1)
def _patterns() -> tuple[dict[str, list[_Pattern]], dict[str, list[_Pattern]]]:
    """Patterns by their first word: whole words, and stems."""
    whole: dict[str, list[_Pattern]] = {}
    stems: dict[str, list[_Pattern]] = {}
    for meanings, spellings in MEANINGS:
        tags = tuple(tag for tag in meanings.split() if not tag.endswith("_"))
        for spelling in spellings.split(";"):
            parts: list[tuple[str, bool]] = []
            for word in spelling.split():
                folded = fold(word.rstrip("*")).split()
                parts.extend((part, False) for part in folded[:-1])
                parts.extend((part, word.endswith("*")) for part in folded[-1:])
            if parts:
                first, is_stem = parts[0]
                (stems if is_stem else whole).setdefault(first, []).append(
                    _Pattern(tuple(parts), tags)
                )
    return whole, stems


@lru_cache(maxsize=1)
def _typo_stems() -> dict[int, list[str]]:
    """Stems and words that a mistyped word may have meant, by length."""
    whole, stems = _patterns()
    found: dict[int, set[str]] = {}
    for first, patterns in (*whole.items(), *stems.items()):
        if len(first) >= _MIN_TYPO and any(len(pattern.words) == 1 for pattern in patterns):
            found.setdefault(len(first), set()).add(first)
    return {size: sorted(words) for size, words in sorted(found.items(), reverse=True)}


@lru_cache(maxsize=1 << 14)
def _mended(word: str) -> str | None:
    """The known beginning that a word misses by one slip of the keyboard.

    >>> _mended("cheif"), _mended("desginer"), _mended("zebra")
    ('chief', 'designer', None)
    """
    from rapidfuzz import process  # noqa: PLC0415 - only titles need it, and only for slips
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    if len(word) < _MIN_TYPO:
        return None
    for size, stems in _typo_stems().items():
        if not len(word) - _ENDING <= size <= len(word) + 1 or word[0] not in {
            stem[0] for stem in stems
        }:
            continue
        found = process.extractOne(word[:size], stems, scorer=OSA.distance, score_cutoff=1)
        if found and found[0][0] == word[0]:
            return str(found[0])
    return None


def _fits(pattern: _Pattern, words: Sequence[str]) -> bool:
    if len(pattern.words) > len(words):
        return False
    return all(
        typed.startswith(word) if stem else typed == word
        for (word, stem), typed in zip(pattern.words, words, strict=False)
    )


def _longest_fit(words: Sequence[str]) -> _Pattern | None:
    """The pattern that reads most of the beginning of a row of words."""
    whole, stems = _patterns()
    first = words[0]
    tried = list(whole.get(first, ()))
    for size in range(1, len(first) + 1):
        tried.extend(stems.get(first[:size], ()))
    fitting = [pattern for pattern in tried if _fits(pattern, words)]
    return max(
        fitting,
        key=lambda pattern: (
            len(pattern.words),
            sum(len(word) + (not stem) for word, stem in pattern.words),
        ),
        default=None,
    )


@lru_cache(maxsize=1)
def _whole_titles() -> dict[str, frozenset[str]]:
    return {
        fold(title): frozenset(meanings.split())
        for meanings, titles in WHOLE_TITLES
        for title in titles.split(";")
    }


@lru_cache(maxsize=1 << 15)
def meaning(title: str, *, mend: bool = True) -> Meaning:
    """Ranks and fields that a title names; slips of the keyboard are mended on request.

    >>> sorted(meaning("зам. нач. отд. продаж").roles), sorted(meaning("CFO").fields)
    (['deputy', 'head'], ['finance'])
    >>> meaning("Δ/ντής Πωλήσεων") == meaning("Dyrektor ds. sprzedaży")
    True
    """
    words = fold(title).split()
    if alone := _whole_titles().get(" ".join(words)):
        return _sorted(alone, 1.0)
    tags, known, at = set[str](), 0, 0
    while at < len(words):
        rest = words[at : at + _LONGEST]
        fit = _longest_fit(rest)
        if fit is None and mend and (mended := _mended(words[at])):
            fit = _longest_fit([mended, *rest[1:]])
        if fit is None:
            at += 1
            continue
        tags.update(fit.meanings)
        known += len(fit.words)
        at += len(fit.words)
    return _sorted(tags, known / len(words) if words else 0.0)


def _sorted(tags: Iterable[str], known: float) -> Meaning:
    named = frozenset(tag for tag in tags if not tag.endswith("_"))
    roles = named & ROLES
    fields = named - ROLES - {"dept"}
    main = roles - _MODIFIERS.keys()
    if not main and fields:
        roles |= {"specialist"}
    if len(main) > 1:
        roles -= {"specialist", "worker"}
    if "director" in main <= _OF_THE_WHOLE and not fields and known == 1.0:
        fields |= {"general"}
    if "executive_assistant" in fields:  # whose assistant it is does not matter
        roles, fields = frozenset({"assistant"}), frozenset({"executive_assistant"})
    if roles == {"proprietor"}:  # what follows is the person's own name
        known = 1.0
    return Meaning(roles, fields, known)


class MeaningIndex:
    """Meanings of many names, compared with one title at once.

    Args:
        names: the names, in the order in which scores are given back.
        entries: number of the entry of each name.
    """

    def __init__(self, names: Sequence[str], entries: Sequence[int]) -> None:
        import numpy as np  # noqa: PLC0415 - importing the package stays cheap

        found = [meaning(name, mend=False) for name in names]
        distinct = list(dict.fromkeys((m.roles, m.fields) for m in found))
        place = {key: at for at, key in enumerate(distinct)}
        self._of_name = np.array([place[m.roles, m.fields] for m in found], dtype=np.int32)
        sharing: dict[tuple[frozenset[str], frozenset[str]], set[int]] = {}
        for m, entry in zip(found, entries, strict=True):
            sharing.setdefault((m.roles, m.fields), set()).add(entry)
        shared_by = np.array([len(sharing[key]) for key in distinct], dtype=np.float32)
        self.tells = (1.0 / np.maximum(1.0, shared_by - 1.0))[self._of_name]
        """How much a name's meaning decides: 1.0, less where several entries mean the same."""
        self._known = np.array([m.known for m in found], dtype=np.float32)
        self._roles = _Side([roles for roles, _ in distinct], ROLE_LIKENESS, _MODIFIERS)
        self._fields = _Side([fields for _, fields in distinct], FIELD_LIKENESS, _GENERIC)

    def scores(self, title: Meaning) -> NDArray[np.float32]:
        """Likeness of a title's meaning to each name's, 0.0 to 1.0.

        A name whose words the tables know only in part counts for less.
        """
        import numpy as np  # noqa: PLC0415

        roles = self._roles.likeness(title.roles)
        fields = self._fields.likeness(title.fields)
        if title.fields:
            combined = 0.45 * roles + 0.55 * fields
            combined[self._fields.sizes == 0] *= 0.5
        else:
            combined = np.where(self._fields.sizes == 0, roles, 0.5 * roles)
        scored: NDArray[np.float32] = (combined[self._of_name] * (0.4 + 0.6 * self._known)).astype(
            np.float32
        )
        return scored


class _Side:
    """Soft overlap of one set of tags with many."""

    def __init__(
        self,
        sets: Sequence[frozenset[str]],
        likeness: dict[frozenset[str], float],
        weights: dict[str, float],
    ) -> None:
        import numpy as np  # noqa: PLC0415

        tags = sorted({tag for tags in sets for tag in tags})
        self._place = {tag: at for at, tag in enumerate(tags)}
        self._likeness = likeness
        self._weights = weights
        weight = np.array([weights.get(tag, 1.0) for tag in tags], dtype=np.float32)
        member = np.zeros((len(sets), len(tags)), dtype=np.float32)
        for row, named in enumerate(sets):
            for tag in named:
                member[row, self._place[tag]] = 1.0
        self._columns = np.ascontiguousarray(member.T)
        self._weighed = member * weight
        self.sizes = self._weighed.sum(axis=1)

    def likeness(self, named: frozenset[str]) -> NDArray[np.float32]:
        """Share of both sets that the other has something like; 0.0 where either is empty."""
        import numpy as np  # noqa: PLC0415

        best = np.zeros(len(self._place), dtype=np.float32)
        matched = np.zeros(len(self._weighed), dtype=np.float32)
        size = 0.0
        for tag in named:
            near = self._near(tag)
            weight = self._weights.get(tag, 1.0)
            size += weight
            best = np.maximum(best, near)
            most = np.zeros_like(matched)
            for column in near.nonzero()[0]:
                np.maximum(most, self._columns[column] * near[column], out=most)
            matched += weight * most
        total = self.sizes + size
        overlap = matched + self._weighed @ best
        result: NDArray[np.float32] = np.divide(
            overlap, total, out=np.zeros_like(overlap), where=total > 0
        )
        return result

    def _near(self, tag: str) -> NDArray[np.float32]:
        import numpy as np  # noqa: PLC0415

        return np.array(
            [
                1.0 if other == tag else self._likeness.get(frozenset((tag, other)), 0.0)
                for other in self._place
            ],
            dtype=np.float32,
        )


_COMPANY = re.compile(r"[\"«“„][^\"»”]*[\"»”]?")


def without_company(title: str) -> str:
    """The title without the company behind it: a quoted name, or words before a legal form.

    >>> without_company('Генеральный директор ООО "Вектор"')
    'Генеральный директор'
    >>> without_company("Gł. Księgowy Budimpol Sp. z o.o.")
    'Gł. Księgowy'
    """
    from cleansing.company import cleanse_company  # noqa: PLC0415 - one direction of a close pair

    plain = _COMPANY.sub(" ", title)
    plain = re.sub(
        r"(?i)\s+(?:ооо|тов|зао|ао|оао|пао|ат|прат|пат|тзов|mchj|ip|at\s+.*|@.*)\s*$", "", plain
    )
    company = cleanse_company(plain).value
    words = plain.split()
    if company and company.legal_form and len(company.legal_form) > 2 and len(words) > 2:
        words = company.name.split()
        while len(words) > 1 and _longest_fit(fold(words[-1]).split() or [""]) is None:
            words.pop()
    return " ".join(words).strip(" ,-–—|/")
