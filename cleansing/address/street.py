"""The street and its number, in what the surer kinds of words have left over."""

from __future__ import annotations

from dataclasses import dataclass

from cleansing.address.numbers import is_house_number
from cleansing.address.vocabulary import Vocabulary
from cleansing.address.words import Words

_THRESHOLD = 3.0

_NUMBERED = frozenset(
    [
        "street",
        "st",
        "avenue",
        "av",
        "ave",
        "calle",
        "cl",
        "c",
        "carrera",
        "cra",
        "kra",
        "cr",
        "rue",
        "route",
        "rte",
        "road",
        "rd",
        "highway",
        "hwy",
        "autoroute",
        "sokak",
        "sok",
        "rn",
        "line",
        "линия",
        "calz",
    ]
)
"""Types of streets that have a number for a name."""

_KILOMETRE = frozenset({"km", "км", "χλμ"})
_DIRECTIONS = frozenset(
    ["n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west"]
)


@dataclass(slots=True)
class _Street:
    """A span that may be a street: words first to end - 1, its number beside or inside it."""

    first: int
    end: int
    score: float
    number: tuple[int, int] | None = None
    taken: tuple[int, int] = (0, 0)


def _better(street: _Street, best: _Street) -> bool:
    """The higher score; of two streets without a number the later, as a building comes first."""
    if street.score == best.score:
        return street.number is None and best.number is None
    return street.score > best.score


class StreetReader:
    """Chooses the best street among the free words and takes it."""

    __slots__ = ("vocabulary", "words")

    def __init__(self, words: Words, vocabulary: Vocabulary) -> None:
        self.words = words
        self.vocabulary = vocabulary

    def read(self) -> tuple[str, str | None, str | None, float] | None:
        """Street, house number, what follows the number, confidence; the words are taken."""
        runs = list(self.words.runs())
        best: _Street | None = None
        for n, run in enumerate(runs):
            street = self._street(runs, n, run)
            if street is not None and (best is None or _better(street, best)):
                best = street
        if best is None or best.score < _THRESHOLD:
            return None
        return self._take(best)

    # -- one run -----------------------------------------------------------------------------

    def _street(self, runs: list[tuple[int, int]], n: int, run: tuple[int, int]) -> _Street | None:
        first, end = run
        words = self.words
        if not any(self._is_name(i) for i in range(first, end)):
            return None
        typed_at = self._front_type(first, end)
        if typed_at is None:
            first = self._after_company(first, end)
        kilometre = self._kilometre_beside(runs, n)
        number = None if kilometre else self._number_inside(first, end, typed_at)
        start, stop = (first, end) if typed_at is None else (typed_at, end)
        if number is not None:
            if number[0] > start and not self._name_follows(number[1], end):
                stop = number[0]
            else:
                start = number[1]
        if number is not None and self._only_type(start, stop):
            start, stop, number = min(start, number[0]), max(stop, number[1]), None
        back_at = self._back_type(start, stop)
        if back_at is not None and number is not None and number[0] < start:
            stop = self._with_direction(back_at + 1, stop)
        score = self._type_score(first, start, stop, typed_at) + (
            5.5 if number is not None else 0.0
        )
        if number is None:
            beside = kilometre or self._number_beside(runs, n)
            if beside is not None:
                number, score = beside, score + 4.0
        if start >= stop or not any(self._is_name(i) for i in range(start, stop)):
            return None
        if stop - start == 1 and len(words.key[start]) == 1 and number is not None:
            return self._block(runs, n, start, number, score)
        return _Street(start, stop, score, number, (first, end))

    def _after_company(self, first: int, end: int) -> int:
        """Where the street begins in "ALFA GMBH HAUPTSTR. 5": behind the company's legal form."""
        for i in range(end - 2, first, -1):
            if self.words.key[i] in self.vocabulary.company:
                return i + 1
        return first

    def _kilometre_beside(self, runs: list[tuple[int, int]], n: int) -> tuple[int, int] | None:
        """The piece behind the road that tells its kilometre: "N-340, km 189"."""
        if n + 1 < len(runs):
            first, end = runs[n + 1]
            if self.words.key[first] in _KILOMETRE and self.words.numeric[first + 1]:
                return first, end
        return None

    def _only_type(self, start: int, stop: int) -> bool:
        """As in "Street 4", "8e Avenue", "Calle 19": the number is the street's name."""
        return stop - start == 1 and self.words.key[start] in _NUMBERED

    def _with_direction(self, end: int, stop: int) -> int:
        while end < stop and self.words.key[end] in _DIRECTIONS:
            end += 1
        return min(end, stop)

    def _block(
        self, runs: list[tuple[int, int]], n: int, start: int, number: tuple[int, int], score: float
    ) -> _Street | None:
        """A street without a name, "O 7, 11": letter and digit are the block."""
        beside = self._number_beside(runs, n)
        if beside is None:
            return None
        return _Street(start, number[1], score, beside, (start, number[1]))

    def _type_score(self, first: int, start: int, stop: int, typed_at: int | None) -> float:
        """How surely words start to stop - 1 of the run from `first` name a street."""
        words, known = self.words, self.vocabulary
        score = 0.0
        back_at = self._back_type(start, stop)
        if typed_at is not None:
            score = 5.0 if typed_at == first else 4.5
        elif back_at is not None:
            score = 4.0 if self._with_direction(back_at + 1, stop) == stop else 2.5
        elif any(self._suffixed(i) for i in range(start, stop)):
            score = 4.0
        two_words = back_at is not None and stop - first == 2  # "Bank Lane"
        if typed_at is None and not two_words:
            score -= 4.0 * any(key in known.company for key in words.key[first:stop])
        return score - 0.5 * max(0, stop - start - 5)

    def _is_name(self, i: int) -> bool:
        """A word that can name a street: not a number, not a lone mark."""
        key = self.words.key[i]
        if " " in key and key.rsplit(" ", 1)[1] in self.vocabulary.street_after:
            return True
        return not key[:1].isdigit() and key != "№" and key not in self.vocabulary.number_before

    def _front_type(self, first: int, end: int) -> int | None:
        """Where a word such as "ul." stands that a name follows."""
        words, known = self.words, self.vocabulary
        for i in range(first, end - 1):
            key = words.key[i]
            if key in known.street_heads and any(
                i + n < end and words.join_key(i, i + n) in known.street_before for n in (2, 3)
            ):
                return i
            if key in known.street_before and self._announces(i, first):
                return i
        return None

    def _announces(self, i: int, first: int) -> bool:
        words = self.words
        text, key = words.text[i], words.key[i]
        if key in self.vocabulary.street_after and i > first:
            # "Невский пр. 88", "Baross Gabor ut 14": the type ends the name before it.
            return self._is_name(i + 1) and text.endswith(".") and words.text[i + 1][:1].isupper()
        if len(key) > 2:
            return True
        return i == first or text[-1] in "./º" or text.isupper()

    def _back_type(self, start: int, stop: int) -> int | None:
        words, known = self.words, self.vocabulary
        for i in range(stop - 1, start, -1):
            key = words.key[i]
            if key in known.street_after:
                return i
            if key in known.street_tails and words.join_key(i - 1, i + 1) in known.street_after:
                return i
            if " " in key and key.rsplit(" ", 1)[1] in known.street_after:
                return i
        return None

    def _suffixed(self, i: int) -> bool:
        key = self.words.key[i]
        suffixes = self.vocabulary.street_suffix
        return bool(suffixes) and key.endswith(suffixes) and len(key) > 5

    # -- numbers -----------------------------------------------------------------------------

    def _number_inside(self, first: int, end: int, typed_at: int | None) -> tuple[int, int] | None:
        words, known = self.words, self.vocabulary
        start = first if typed_at is None else typed_at
        marked = self._marked_number(start, end)
        if marked is None and known.number_first and typed_at is None:
            marked = self._number_before_name(first, end)
        if marked is not None:
            return marked
        leading = is_house_number(words.text[first]) and end - first > 1
        if leading and self._leads(first, end, typed_at):
            return first, self._number_end(first + 1, end)
        return self._last_number(start, end) or (
            (typed_at - 1, typed_at)
            if typed_at is not None and typed_at > first and self._is_number(typed_at - 1)
            else None
        )

    def _marked_number(self, start: int, end: int) -> tuple[int, int] | None:
        """A number that its word announces: "nr. 77", "km 9,2"."""
        words, known = self.words, self.vocabulary
        for i in range(start + 1, end - 1):
            if words.text[i + 1][:1].isdigit():
                if words.key[i] in known.number_before:
                    return i, self._number_end(i + 2, end)
                if words.key[i] in _KILOMETRE:
                    return i, i + 2
        return None

    def _last_number(self, start: int, end: int) -> tuple[int, int] | None:
        """The first of the numbers that stand together behind the name."""
        words = self.words
        for last in range(end - 1, start, -1):
            if not self._is_number(last):
                continue
            if any(len(words.key[j]) > 3 and self._is_name(j) for j in range(last + 1, end)):
                continue
            i = last
            while i - 1 > start and self._is_number(i - 1):
                i -= 1
            return i, self._number_end(i + 1, end)
        return None

    def _number_before_name(self, first: int, end: int) -> tuple[int, int] | None:
        """As in "Corner Shop 7-9 Mill St": the last number that a typed name follows."""
        back_at = self._back_type(first, end)
        if back_at is None:
            return None
        for i in range(back_at - 2, first, -1):
            if self._is_number(i):
                return i, i + 1
        return None

    def _name_follows(self, first: int, end: int) -> bool:
        return self.vocabulary.number_first and self._back_type(first, end) is not None

    def _leads(self, first: int, end: int, typed_at: int | None) -> bool:
        """Whether a leading number is the house's: "17 Rue X", but not "3 Maja 5"."""
        others = [i for i in range(first + 1, end) if self._is_number(i)]
        if self.vocabulary.number_first:
            return True
        if others:
            return False
        return (
            typed_at is not None
            or self._back_type(first + 1, end) is not None
            or any(self._suffixed(i) for i in range(first + 1, end))
        )

    def _is_number(self, i: int) -> bool:
        words, known = self.words, self.vocabulary
        if is_house_number(words.text[i]):
            return True
        parts = words.key[i].rsplit(" ", 1)
        return len(parts) == 2 and parts[1] in known.number_after and parts[0][:1].isdigit()

    def _number_end(self, i: int, end: int) -> int:
        """A letter, "bis" or a fraction that goes on with the number."""
        words, known = self.words, self.vocabulary
        if i < end and (
            words.key[i] in known.number_after
            or self._is_letter(i, end)
            or words.text[i] in {"½", "1/2"}
        ):
            return i + 1
        return i

    def _is_letter(self, i: int, end: int) -> bool:
        """A capital, or a small letter that nothing follows: "5 A", "92 a"."""
        word = self.words.text[i]
        return len(word) == 1 and word.isalpha() and (word.isupper() or i + 1 == end)

    def _number_beside(self, runs: list[tuple[int, int]], n: int) -> tuple[int, int] | None:
        """A piece next to the street that is nothing but its number."""
        after = runs[n + 1] if n + 1 < len(runs) else None
        before = runs[n - 1] if n else None
        for run in (after, before):
            if run is not None:
                number = self._pure_number(*run)
                if number is not None:
                    return number
        return None

    def _pure_number(self, first: int, end: int) -> tuple[int, int] | None:
        words, known = self.words, self.vocabulary
        i = first
        while i < end and words.key[i] in known.number_before:
            i += 1
        if i >= end or not (self._is_number(i) or (i > first and words.text[i][:1].isdigit())):
            return None
        stop = self._number_end(i + 1, end)
        return (first, stop) if stop == end or i > first else None

    # -- taking ------------------------------------------------------------------------------

    def _take(self, best: _Street) -> tuple[str, str | None, str | None, float]:
        words = self.words
        street = words.join(best.first, best.end)
        words.claim(best.first, best.end, "street")
        number: str | None = None
        rest: str | None = None
        if best.number is not None:
            number = self._number_text(*best.number)
            words.claim(*best.number, "house_number")
            rest = self._rest(best.number[1])
        trust = min(0.97, 0.55 + best.score / 25)
        return street, number, rest, trust

    def _number_text(self, first: int, end: int) -> str:
        words, known = self.words, self.vocabulary
        while first < end - 1 and words.key[first] in known.number_before:
            first += 1
        text = words.join(first, end).rstrip(".")
        for word in known.number_after:
            if text.casefold().endswith(f"-{word}"):
                text = text[: -len(word) - 1]
        return text

    def _rest(self, i: int) -> str | None:
        """Numbers right after the house number are the flat's: "89, 3-2"."""
        words = self.words
        end = i
        while words.free(end) and self._goes_on(i, end):
            end += 1
        if end == i:
            return None
        words.claim(i, end, "unit")
        return words.join(i, end)

    def _goes_on(self, first: int, i: int) -> bool:
        words = self.words
        if words.same_piece(first - 1, i):
            return len(words.key[i]) <= 5
        if words.key[i] in self.vocabulary.number_before and words.numeric[i + 1]:
            return words.piece[i] == words.piece[first - 1] + 1
        if i > first and words.same_piece(i - 1, i):
            return words.numeric[i]
        return is_house_number(words.text[i]) and words.piece[i] == words.piece[first - 1] + 1
