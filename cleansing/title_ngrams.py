"""Retrieval of names by their letters: character n-gram TF-IDF, re-ranked by rapidfuzz.

Retrieval reads only the n-grams that the title has, so a title costs a few milliseconds over ten
thousand names. The weights of the re-ranking were fitted once on national job titles against the
ESCO classification in three languages, each half against the other.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cleansing.text import fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SIZES = range(2, 6)
_SHORT_STEM = 5
_CANDIDATES = 40
_MOST_FREQUENT = 0.25
"""N-grams of more than this share of the names tell nothing and cost most; they are left out."""

_WEIGHTS = {
    "letters": 1.0,
    "stems": 0.6,
    "token_sort": 0.23,
    "partial": 0.24,
    "mixed": 0.37,
    "first_word": 0.11,
    "covered": 0.27,
    "near": 0.18,
    "entry": 0.29,
    "names": -0.14,
    "segment": 0.5,
}
_ONE_NAME = {"rich": -0.26, "poor": 0.3}
"""An entry with a single name is a heading where the others have many names, and else a job."""
_RICH = 6.0
_FULL = 3.2
"""What the features of two equal names add up to."""

_ASIDE = re.compile(r"\([^)]*\)")
_EXCEPT = re.compile(
    r"\b(?:except|other than|all other|other|related|poza|pozostali|pozostale|inni|други|друг|без"
    r"|освен|кроме|крім|інші|прочие|otros|otras|excepto|εκτοσ|λοιποι)\b"
)
_TAIL = re.compile(r"\b(?:except|other than|excepto|освен|кроме|крім|εκτοσ)\b.*$")
_SEGMENTS = re.compile(r"[/;–—]")
_ENUMERATED = re.compile(r"[,/;–—]| and | y | und ")
_AND = re.compile(r" (?:and|y|und) ")


def _grams(text: str) -> Iterable[str]:
    """Character n-grams inside the words of a folded text, word ends marked.

    >>> sorted(_grams("ceo"))[:4]
    [' c', ' ce', ' ceo', ' ceo ']
    """
    for word in text.split():
        padded = f" {word} "
        for size in _SIZES:
            for at in range(len(padded) - size + 1):
                yield padded[at : at + size]


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    """A word without most of its ending: enough to join cases, genders and numbers.

    >>> _stem("kierownik"), _stem("kierowników"), _stem("chef"), _stem("teachers")
    ('kierow', 'kierow', 'chef', 'teache')
    """
    if len(word) > 7:
        return word[:6]
    return word[: max(4, len(word) - 2)] if len(word) > 4 else word


def _stems(text: str, *, short: bool = False) -> list[str]:
    """Stems of the words; short ones are of one length, so that no ending crosses a border.

    >>> _stems("техник"), _stems("техници"), _stems("техници", short=True)
    (['техн'], ['техни'], ['техни'])
    """
    return [word[:_SHORT_STEM] if short else _stem(word) for word in text.split()]


def _segments(title: str) -> list[str]:
    """Kinds that a title names side by side; a comma parts them only in an enumeration.

    >>> _segments("Cooks, Bakers and Chefs"), _segments("Operator, autoclave")
    (['cooks', 'bakers', 'chefs'], ['operator autoclave'])
    """
    parts = _ENUMERATED if _AND.search(title) else _SEGMENTS
    return [part for part in map(fold, parts.split(title)) if part]


def essence(title: str) -> str:
    """Folded title without asides, exceptions and "other": what is to be found.

    >>> essence("Cooks, All Other (except fast food)")
    'cooks'
    """
    plain = fold(_ASIDE.sub(" ", title)) or fold(title)
    kept = " ".join(_EXCEPT.sub(" ", _TAIL.sub(" ", plain)).split())
    return kept or plain


class _Inverted:
    """TF-IDF over one kind of term, as postings: cosine of a query with every row at once."""

    def __init__(self, rows: Sequence[Iterable[str]]) -> None:
        import numpy as np  # noqa: PLC0415 - importing the package stays cheap
        from scipy.sparse import csr_matrix  # noqa: PLC0415

        counts = [Counter(row) for row in rows]
        seen: Counter[str] = Counter(term for row in counts for term in row)
        most = max(50.0, len(rows) * _MOST_FREQUENT)
        self._place = {term: at for at, term in enumerate(t for t, n in seen.items() if n <= most)}
        self.idf = {
            term: math.log((1 + len(rows)) / (1 + seen[term])) + 1.0 for term in self._place
        }
        self.unseen = math.log(1 + len(rows)) + 1.0
        terms: list[int] = []
        docs: list[int] = []
        values: list[float] = []
        for doc, row in enumerate(counts):
            weighed = self._weighed(row)
            terms.extend(self._place[term] for term in weighed)
            docs.extend([doc] * len(weighed))
            values.extend(weighed.values())
        shape = (max(1, len(self._place)), len(rows))
        self._postings = csr_matrix(
            (np.array(values, dtype=np.float32), (terms, docs)), shape=shape, dtype=np.float32
        )

    def _weighed(self, counts: Counter[str]) -> dict[str, float]:
        raw = {
            term: (1.0 + math.log(count)) * self.idf[term]
            for term, count in counts.items()
            if term in self._place
        }
        norm = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        return {term: value / norm for term, value in raw.items()}

    def cosine(self, row: Iterable[str]) -> NDArray[np.float32]:
        """Cosine of a row of terms with every row of the index."""
        import numpy as np  # noqa: PLC0415
        from scipy.sparse import csr_matrix  # noqa: PLC0415

        weighed = self._weighed(Counter(row))
        terms = [self._place[term] for term in weighed]
        values = np.fromiter(weighed.values(), dtype=np.float32, count=len(weighed))
        query = csr_matrix(
            (values, terms, [0, len(terms)]), shape=(1, self._postings.shape[0]), copy=False
        )
        scores: NDArray[np.float32] = (query @ self._postings).toarray()[0]
        return scores


class NgramIndex:
    """Names of entries, found by their letters.

    Args:
        names: the names.
        entries: number of the entry of each name; an entry may have many names.
    """

    def __init__(self, names: Sequence[str], entries: Sequence[int]) -> None:
        import numpy as np  # noqa: PLC0415

        self._names = [fold(name) for name in names]
        self._entries = np.array(entries, dtype=np.int32)
        counts = np.bincount(self._entries) if len(names) else np.zeros(1, dtype=np.int64)
        self._name_count = counts[self._entries] if len(names) else counts
        several = counts[counts > 1]
        self.rich = len(several) > 0 and float(several.mean()) >= _RICH
        """Whether entries have so many names that letters alone find most titles."""
        self._stems = [_stems(name, short=self.rich) for name in self._names]
        self._one_name = _ONE_NAME["rich" if self.rich else "poor"]
        self._mixed_sizes = bool((counts == 1).any()) and len(several) > 0
        self._letters = _Inverted([list(_grams(name)) for name in self._names])
        self._words = _Inverted(self._stems)

    def best(self, title: str) -> list[tuple[int, float]]:
        """Numbers of the likeliest names and their scores, 0.0 to about 1.0, best first."""
        import numpy as np  # noqa: PLC0415

        query = essence(title)
        if not query or not self._names:
            return []
        stems = _stems(query, short=self.rich)
        letters, words = self._letters.cosine(_grams(query)), self._words.cosine(stems)
        both = letters + words
        size = min(_CANDIDATES, len(both))
        top = np.argpartition(-both, size - 1)[:size]
        per_entry: dict[int, list[float]] = {}
        for name in top:
            per_entry.setdefault(int(self._entries[name]), []).append(float(both[name]))
        compare = self._comparer(query, stems, _segments(title) if self.rich else [])
        scored = []
        for name in top:
            closest = sorted(per_entry[int(self._entries[name])], reverse=True)[:3]
            score = (
                _WEIGHTS["letters"] * float(letters[name])
                + _WEIGHTS["stems"] * float(words[name])
                + _WEIGHTS["entry"] * sum(closest) / 3
                + compare(int(name))
            )
            scored.append((int(name), score / _FULL))
        return sorted(scored, key=lambda pair: -pair[1])

    def _comparer(
        self, query: str, stems: list[str], segments: list[str]
    ) -> Callable[[int], float]:
        """The re-ranking of one query: how near a name is by rapidfuzz and by its words."""
        from rapidfuzz import fuzz  # noqa: PLC0415

        first, wanted = stems[:1], set(stems)
        idf, unseen = self._words.idf, self._words.unseen

        def compare(name: int) -> float:
            text, own = self._names[name], self._stems[name]
            sort = fuzz.token_sort_ratio(query, text) / 100
            own_weight = sum(idf.get(stem, 1.0) for stem in set(own)) or unseen
            shared = sum(idf.get(stem, 1.0) for stem in wanted.intersection(own))
            score = (
                _WEIGHTS["token_sort"] * sort
                + _WEIGHTS["near"] * max(0.0, sort - 0.8) * 5
                + _WEIGHTS["partial"] * fuzz.partial_ratio(query, text) / 100
                + _WEIGHTS["mixed"] * fuzz.WRatio(query, text) / 100
                + _WEIGHTS["first_word"] * (first == own[:1])
                + _WEIGHTS["covered"] * shared / own_weight
            )
            if self._mixed_sizes and not self.rich:
                score += _WEIGHTS["names"] * math.log1p(float(self._name_count[name]))
            if self._mixed_sizes:
                score += self._one_name * bool(self._name_count[name] == 1)
            if segments:
                closest: Any = max(fuzz.token_sort_ratio(part, text) for part in segments)
                score += _WEIGHTS["segment"] * float(closest) / 100
            return score

        return compare
