"""The rules: words are taken one kind after the other, the surest kinds first.

What contacts, countries, postcodes, boxes, flats, regions and towns leave over is looked through
for a street with its number; what is then left belongs to no field and is reported, not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log10

from cleansing.address import gazetteer, numbers
from cleansing.address.model import Address, Directory
from cleansing.address.regions import find_region, postcode_prefixes
from cleansing.address.street import StreetReader
from cleansing.address.vocabulary import Vocabulary, vocabulary
from cleansing.address.words import Words
from cleansing.text import fold, latin

_LONGEST_PLACE = 5
_CITY_THRESHOLD = 3.4
_STREET_THRESHOLD = 3.0
_CODED_REGIONS = frozenset({"CA", "AU", "BR", "IT", "MX", "US"})
_SHORT_POSTCODE = 4
_STOREYS_BEFORE_DOORS = frozenset({"em", "emelet", "fsz", "fszt"})
_CITY_WITH_PARTS = 100_000
_SPACED_POSTCODE = frozenset({"GB", "CA", "IM", "JE", "GG"})


@dataclass(slots=True)
class Reading:
    """What has been read so far.

    Attributes:
        values: field → text.
        trust: field → confidence.
        reasons: in the order found.
        ignored: pieces that belong to no field.
    """

    values: dict[str, str] = field(default_factory=dict)
    trust: dict[str, float] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def put(self, name: str, value: str, trust: float, reason: str) -> None:
        """Fill a field; what was read first stays."""
        if value and name not in self.values:
            self.values[name] = value
            self.trust[name] = trust
            self.reasons.append(f"{name}:{reason}")

    def address(self) -> Address:
        """The fields as an address."""
        return Address(**self.values)


@dataclass(slots=True)
class _Candidate:
    first: int
    end: int
    score: float
    name: str
    reason: str
    trust: float
    claim_from: int
    claim_to: int


class Parser:
    """Reads one address of a known country; `read` is called once."""

    __slots__ = ("country", "directory", "reading", "vocabulary", "words")

    def __init__(
        self, words: Words, country: str, directory: Directory | None, reading: Reading
    ) -> None:
        self.words = words
        self.country = country
        self.directory = directory
        self.reading = reading
        self.vocabulary: Vocabulary = vocabulary(country)

    def read(self) -> Reading:
        """Take every kind of word in turn."""
        self._take_noise()
        self._take_box()
        self._take_postcode()
        self._take_units()
        self._take_marked_regions()
        self._take_city()
        self._take_regions()
        self._take_street()
        self._report_rest()
        return self.reading

    def city_alone(self) -> str | None:
        """The town in a text that is nothing but a town, with or without its word."""
        for first, end in self._place_runs():
            marked = self._marked_city(first, end)
            if marked is not None and (marked.claim_from, marked.claim_to) == (0, len(self.words)):
                return marked.name
        return None

    # -- what is no address ------------------------------------------------------------------

    def _take_noise(self) -> None:
        """ "attn …", "до рук …": the rest of the piece names a person or a department."""
        words, noise = self.words, self.vocabulary.noise
        for i, key in enumerate(words.key):
            if words.label[i]:
                continue
            starts = key in noise and (len(key) > 2 or not words.same_piece(i - 1, i))
            if not starts:
                starts = any(
                    words.same_piece(i, i + n - 1) and words.join_key(i, i + n) in noise
                    for n in (2, 3, 4)
                )
            if starts:
                end = i + 1
                while end < len(words) and words.piece[end] == words.piece[i]:
                    end += 1
                if end == i + 1 and key in noise and words.text[i].endswith(":"):
                    end = self._end_of_piece(i + 1)
                words.claim(i, min(end, len(words)), "noise")

    def _end_of_piece(self, i: int) -> int:
        end = i
        while end < len(self.words) and self.words.piece[end] == self.words.piece[i]:
            end += 1
        return end

    def _report_rest(self) -> None:
        words = self.words
        for i, label in enumerate(words.label):
            if label == "noise" and (i == 0 or words.label[i - 1] != "noise"):
                end = i
                while end < len(words) and words.label[end] == "noise":
                    end += 1
                self.reading.ignored.append(words.join(i, end))
        for first, end in words.runs():
            self.reading.ignored.append(words.join(first, end))

    # -- digits ------------------------------------------------------------------------------

    def _take_box(self) -> None:
        found = numbers.find_box(self.words.whole, self.country)
        if found is not None:
            start, stop, number = found
            first, end = self.words.span(start, stop)
            if not any(self.words.label[first:end]):
                self.words.claim(first, end, "po_box")
                self.reading.put("po_box", number, 0.95, "marked")

    def _take_postcode(self) -> None:
        finder = numbers.postcode_finder(self.country)
        if finder is None:
            return
        best: tuple[float, int, int, str, bool] | None = None
        for match in finder.finditer(self.words.whole):
            first, end = self.words.span(match.start(), match.end())
            if first >= end or any(self.words.label[first:end]):
                continue
            if not any(c.isdigit() for c in match["code"]):
                continue
            code = " ".join(match["code"].split())
            score = self._postcode_score(first, end, code, match["label"] is not None)
            if score >= 2 and (best is None or score > best[0]):
                best = (score, first, end, code, match["label"] is not None)
        if best is not None:
            _, first, end, code, labelled = best
            self.words.claim(first, end, "postcode")
            strict = numbers.strict_postcode(self.country)
            valid = strict is not None and strict.fullmatch(code) is not None
            trust = 0.97 if valid or labelled else 0.9
            code = code.upper()
            if self.country in _SPACED_POSTCODE and " " not in code:
                code = f"{code[:-3]} {code[-3:]}"
            self.reading.put("postcode", code, trust, "checked" if valid else "pattern")

    def _postcode_score(self, first: int, end: int, code: str, labelled: bool) -> float:
        words = self.words
        before, after = first - 1, end
        digits = sum(c.isdigit() for c in code)
        score = 0.0 if digits <= _SHORT_POSTCODE else 2.0
        if not code.isdigit():
            score += 1.5 if digits > _SHORT_POSTCODE else 3.0
        opens = not words.same_piece(before, first) or words.label[before] == "country"
        closes = not words.same_piece(end - 1, after) or words.label[after] == "country"
        score += 6.0 * labelled + 3.0 * (opens and closes)
        if closes and not opens and self._ends_with_city(first):
            score += 3.0
        if not closes and self._starts_with_place(after):
            score += 3.0
        elif opens and not closes:
            score += 1.0
        marks = self.vocabulary.number_before | self.vocabulary.unit_before
        if not opens and not labelled and words.key[before] in marks:
            score -= 5.0
        return score

    def _starts_with_place(self, first: int) -> bool:
        words = self.words
        return any(
            words.same_piece(first, first + n - 1)
            and (
                self._known(first, first + n) is not None
                or (n > 1 and find_region(self.country, words.join(first, first + n)) is not None)
            )
            for n in range(1, _LONGEST_PLACE)
        )

    def _ends_with_city(self, end: int) -> bool:
        words = self.words
        return any(
            words.same_piece(end - n, end - 1) and self._known(end - n, end) is not None
            for n in range(1, _LONGEST_PLACE)
        )

    # -- inside the building -----------------------------------------------------------------

    def _take_units(self) -> None:
        words, known = self.words, self.vocabulary
        parts: list[tuple[int, int]] = []
        i = 0
        while i < len(words):
            end = i if words.label[i] else self._unit_end(i)
            if end > i:
                words.claim(i, end, "unit")
                parts.append((i, end))
                i = end
            else:
                i += 1
        if parts:
            texts = [words.join(first, end) for first, end in parts]
            self.reading.put("unit", " ".join(texts), 0.9, "marked")
        del known

    def _unit_end(self, i: int) -> int:
        """Where the flat, floor or room that begins with word i ends; i if none does."""
        words, known = self.words, self.vocabulary
        key = words.key[i]
        following = words.free(i + 1) and words.same_piece(i, i + 1)
        if key in known.unit_rest or (
            following and words.join_key(i, i + 2) in known.unit_rest and words.free(i + 1)
        ):
            return self._end_of_free(i)
        if numbers.is_ordinal(words.text[i]) and words.text[i][-1] in "ºª°" and not following:
            return i + 1 if i and not words.same_piece(i - 1, i) else self._doors(i + 1)
        if following and words.key[i + 1] in known.unit_after and self._is_level(i):
            return self._doors(i + 2)
        last = key.rsplit(" ", 1)
        if len(last) == 2 and last[1] in known.unit_after and last[0][:1].isdigit():
            return i + 1
        if key in known.unit_before and following and self._unit_value(i + 1):
            if not self._opens_unit(i):
                return i
            return self._doors(i + 2)
        if key in known.unit_alone and i and (following or not words.same_piece(i, i + 1)):
            return self._doors(i + 1)
        if words.text[i][-1:] in "ºª°" or words.text[i][1:2] in {"º", "ª"}:
            return self._doors(i + 1) if i else i
        return i

    def _is_level(self, i: int) -> bool:
        word = self.words.text[i]
        return numbers.is_ordinal(word) or (
            word.rstrip(".").isdigit() and len(word) <= 3 and not self.words.same_piece(i - 1, i)
        ) or (word.endswith(".") and word[:-1].isdigit())

    def _unit_value(self, i: int) -> bool:
        word = self.words.text[i]
        return numbers.is_value(word) or word in {"№"}

    def _opens_unit(self, i: int) -> bool:
        """Words that also mean other things ("m", "p", "of") need a number in front of them."""
        words, key = self.words, self.words.key[i]
        if len(key) > 2 or words.text[i].endswith(".") or not words.same_piece(i - 1, i):
            return i > 0 or len(key) > 1
        return any(c.isdigit() for c in words.text[i - 1]) or words.label[i - 1] == "unit"

    def _doors(self, end: int) -> int:
        """Door words and letters that go on with a unit: "2º izda.", "pral. 1a", "4º C"."""
        words, known = self.words, self.vocabulary
        if words.free(end) and words.text[end - 1] == "№":
            end += 1
        while words.free(end) and words.same_piece(end - 1, end):
            word, key = words.text[end], words.key[end]
            numbered_door = word.rstrip(".").isdigit() and (
                word.endswith(".") or words.key[end - 1] in _STOREYS_BEFORE_DOORS
            )
            door = numbered_door or key in known.unit_alone or word[-1:] in "ºª°" or (
                len(key) <= 2 and (key[:1].isdigit() and not key.isdigit() or word.isupper())
                and not key.isdigit() and key not in known.street_before
            )
            if not door:
                break
            end += 1
        return end

    def _end_of_free(self, i: int) -> int:
        words = self.words
        end = i
        while words.free(end) and words.piece[end] == words.piece[i]:
            end += 1
        return end

    # -- regions -----------------------------------------------------------------------------

    def _take_marked_regions(self) -> None:
        """ "Львівська обл.", "woj. mazowieckie", "Milano MI"; districts go with them, unread."""
        words, known = self.words, self.vocabulary
        for i, key in enumerate(words.key):
            if words.label[i]:
                continue
            if key in known.region_after:
                self._take_region_back(i)
            elif key in known.region_before:
                self._take_region_ahead(i)
            elif key in known.district_after and words.free(i - 1) and words.same_piece(i - 1, i):
                first = i - 1
                words.claim(first, i + 1, "district")
            elif key in known.district_before and words.free(i + 1) and words.same_piece(i, i + 1):
                words.claim(i, i + 2, "district")
            elif self.country in _CODED_REGIONS and self._is_region_code(i):
                region = find_region(self.country, words.text[i])
                if region is not None:
                    words.claim(i, i + 1, "region")
                    self.reading.put("region", region, 0.97, "code")

    def _is_region_code(self, i: int) -> bool:
        words = self.words
        word = words.text[i]
        if not (2 <= len(word) <= 3 and word.isascii() and word.isalpha() and word.isupper()):
            return False
        return not (words.free(i + 1) and words.same_piece(i, i + 1)) and i > 0

    def _take_region_back(self, i: int) -> None:
        words = self.words
        for n in (3, 2, 1):
            first = i - n
            if first >= 0 and all(words.free(j) and words.same_piece(j, i) for j in range(first, i)):
                if self._put_region(first, i + 1):
                    return
        if words.free(i - 1) and words.same_piece(i - 1, i) and len(words.key[i - 1]) > 3:
            text = words.join(i - 1, i + 1)
            words.claim(i - 1, i + 1, "region")
            self.reading.put("region", text, 0.6, "unverified")

    def _take_region_ahead(self, i: int) -> None:
        words = self.words
        for n in (3, 2, 1):
            end = i + 1 + n
            if all(words.free(j) and words.same_piece(i, j) for j in range(i + 1, end)):
                if self._put_region(i, end):
                    return

    def _put_region(self, first: int, end: int) -> bool:
        text = self.words.join(first, end)
        if len(self.words.join_key(first, end)) < 2:
            return False
        own = self.directory.region(self.country, text) if self.directory else None
        region = own or find_region(self.country, text)
        if region is None:
            return False
        self.words.claim(first, end, "region")
        self.reading.put("region", region, 1.0 if own else 0.97, "directory" if own else "name")
        return True

    def _take_regions(self) -> None:
        """A piece, or what a town leaves of it, that is the name of a region and nothing else."""
        if "region" in self.reading.values:
            return
        for first, end in list(self.words.runs()):
            if end - first <= _LONGEST_PLACE and self._put_region(first, end):
                return
        for first, end in list(self.words.runs()):
            for n in range(min(3, end - first - 1), 0, -1):
                beside_city = (
                    self.words.same_piece(first - 1, first)
                    and self.words.label[first - 1] == "city"
                )
                if beside_city and self._put_region(first, first + n):
                    return

    # -- towns -------------------------------------------------------------------------------

    def _known(self, first: int, end: int) -> tuple[str, int, str] | None:
        """Name, inhabitants and reason for a place with exactly these words."""
        key = self.words.join_key(first, end)
        if self.directory is not None and self.directory.cities:
            own = self.directory.city(self.country, key)
            if own is not None:
                return own, 10**7, "directory"
        if len(key) < 2 or key.isdigit():
            return None
        rank = gazetteer.find_rank(self.country, key)
        if rank is None:
            return None
        place = gazetteer.place(self.country, rank)
        reason = "name" if key.replace(" ", "") in _keys(place.name) else "alias"
        return place.name, place.population, reason

    def _take_city(self) -> None:
        best: _Candidate | None = None
        for candidate in self._city_candidates():
            after = candidate.claim_to
            if after < len(self.words) and self.words.label[after] == "region":
                candidate.score += 1.5
            candidate.score += self._beside_lone_postcode(candidate)
            if best is None or candidate.score > best.score:
                best = candidate
        if best is None or best.score < _CITY_THRESHOLD:
            return
        self.words.claim(best.claim_from, best.claim_to, "city")
        self.reading.put("city", best.name, best.trust, best.reason)

    def _beside_lone_postcode(self, candidate: _Candidate) -> float:
        """A postcode that is a piece of its own stands next to its town."""
        words = self.words
        for i in (candidate.claim_from - 1, candidate.claim_to):
            if self._code_at(i) and abs(words.piece[i] - words.piece[candidate.first]) == 1:
                return 0.8
        return 0.0

    def _city_candidates(self) -> Iterator[_Candidate]:
        for first, end in self._place_runs():
            marked = self._marked_city(first, end)
            if marked is not None:
                yield marked
                continue
            yield from self._plain_cities(first, end)

    def _place_runs(self) -> Iterator[tuple[int, int]]:
        """Runs, cut before every word that announces a street or a town."""
        words, known = self.words, self.vocabulary
        for first, end in words.runs():
            cut = first
            for i in range(first + 1, end):
                if self._announces(i, known.street_before) or self._announces(i, known.city_before):
                    yield cut, i
                    cut = i
            yield cut, end

    def _announces(self, i: int, kinds: frozenset[str]) -> bool:
        """True if word i announces something; one letter alone needs its stop."""
        words, key = self.words, self.words.key[i]
        if key not in kinds or not words.same_piece(i, i + 1):
            return False
        if len(key) > 2:
            return True
        text = words.text[i]
        return text[-1] in "./º" or (not text.isascii() and text.islower()) or text.isupper()

    def _marked_city(self, first: int, end: int) -> _Candidate | None:
        words, known = self.words, self.vocabulary
        for n in (2, 1):
            if first + n < end and words.join_key(first, first + n) in known.city_before:
                if n == 1 and not self._announces(first, known.city_before):
                    continue
                return self._named_city(first + n, end, claim_from=first)
        for i in range(first + 1, end):
            if words.key[i] in known.city_after and words.text[i] != words.text[i].upper():
                return self._named_city(first, i, claim_from=first, claim_to=i + 1)
        return None

    def _named_city(
        self, first: int, end: int, *, claim_from: int, claim_to: int | None = None
    ) -> _Candidate | None:
        """The town that a marker announces: the longest known name, else the words to a digit."""
        words = self.words
        spans = (
            [(first, stop) for stop in range(min(end, first + _LONGEST_PLACE), first, -1)]
            if claim_to is None
            else [(start, end) for start in range(max(first, end - _LONGEST_PLACE), end)]
        )
        for start, stop in spans:
            known = self._known(start, stop)
            if known is not None:
                name, people, reason = known
                return _Candidate(
                    start, stop, 9.0 + _weight(people), name, reason, 0.99,
                    claim_from if claim_to is None else start, claim_to or stop,
                )  # fmt: skip
        stop = first
        while stop < end and not any(c.isdigit() for c in words.text[stop]):
            stop += 1
        if stop == first or stop - first > 3:
            return None
        name = words.join(first, stop)
        return _Candidate(
            first, stop, 7.0, name, "unverified", 0.6, claim_from, claim_to or stop
        )

    def _plain_cities(self, first: int, end: int) -> Iterator[_Candidate]:
        words = self.words
        street = words.key[first] in self.vocabulary.street_before and end - first > 1
        near_code = self._near_postcode(first, end)
        edge = 0.5 if words.piece[first] in {0, words.piece[-1]} else 0.0
        if not street and end - first <= _LONGEST_PLACE:
            known = self._known(first, end)
            if known is not None:
                score = 5.0 + near_code + edge + _weight(known[1])
                if near_code == 0 and find_region(self.country, words.join(first, end)):
                    score -= 1.5
                if self._number_follows(end):
                    score -= 2.5
                yield self._candidate(first, end, score, known)
            elif (part := self._part_of_city(first, end, near_code)) is not None:
                yield part
            elif near_code and self._could_be_place(first, end):
                yield _Candidate(
                    first, end, 4.0, words.join(first, end), "unverified", 0.55, first, end
                )
        for n in range(min(_LONGEST_PLACE, end - first - 1), 0, -1):
            if not street and self._leaves_street(first + n, end):
                known = self._known(first, first + n)
                if known is not None:
                    near = self._near_postcode(first, first + n) if first else 0.0
                    score = 3.0 + 0.3 * n + near + _weight(known[1])
                    yield self._candidate(first, first + n, score, known)
            if self._follows_street(first, end - n, street):
                known = self._known(end - n, end)
                if known is not None:
                    near = self._near_postcode(end - n, end)
                    score = 3.0 + 0.3 * n + near + edge + _weight(known[1])
                    yield self._candidate(end - n, end, score, known)

    def _number_follows(self, i: int) -> bool:
        """ "Abovyan, 12": a piece that is only a house number makes a street of the one before."""
        words = self.words
        return (
            words.free(i)
            and not words.same_piece(i - 1, i)
            and not words.same_piece(i, i + 1)
            and numbers.is_house_number(words.text[i])
        )

    def _part_of_city(self, first: int, end: int, near_code: float) -> _Candidate | None:
        """ "Praha 2", "Ostrava-Poruba": a city with the number or name of its part."""
        words = self.words
        last = words.text[end - 1].rstrip(".")
        if end - first > 1 and (last.isdigit() or numbers.is_ordinal(last)) and len(last) <= 4:
            known = self._known(first, end - 1)
        elif end - first == 1 and "-" in words.text[first]:
            rank = gazetteer.find_rank(self.country, words.key[first].split(" ")[0])
            if rank is None:
                return None
            place = gazetteer.place(self.country, rank)
            known = (place.name, place.population, "part")
        else:
            return None
        if known is None or (known[1] < _CITY_WITH_PARTS and not near_code):
            return None
        return self._candidate(first, end, 3.5 + near_code + _weight(known[1]), known)

    @staticmethod
    def _candidate(
        first: int, end: int, score: float, known: tuple[str, int, str]
    ) -> _Candidate:
        name, people, reason = known
        trust = 1.0 if reason == "directory" else min(0.99, 0.8 + _weight(people) / 10)
        return _Candidate(first, end, score, name, reason, trust, first, end)

    def _code_at(self, i: int) -> bool:
        return 0 <= i < len(self.words) and self.words.label[i] == "postcode"

    def _near_postcode(self, first: int, end: int) -> float:
        words = self.words
        before = self._code_at(first - 1) and words.same_piece(first - 1, first)
        after = self._code_at(end) and words.same_piece(end - 1, end)
        return 3.0 if before else 2.5 if after else 0.0

    def _could_be_place(self, first: int, end: int) -> bool:
        words, known = self.words, self.vocabulary
        if end - first > 4 or any(c.isdigit() for w in words.text[first:end] for c in w):
            return False
        keys = words.key[first:end]
        streets = known.street_before | known.street_after | known.company
        return len("".join(keys)) > 2 and not any(key in streets for key in keys)

    def _leaves_street(self, first: int, end: int) -> bool:
        """True if the words after a leading town can be a street, not just its type or number."""
        words, known = self.words, self.vocabulary
        names = [
            key for key, text in zip(words.key[first:end], words.text[first:end], strict=True)
            if key not in known.street_after and not any(c.isdigit() for c in text) and len(key) > 1
        ]  # fmt: skip
        return bool(names) and words.key[first] not in known.street_after

    def _follows_street(self, first: int, at: int, street: bool) -> bool:
        """True if a town may begin at word `at` of a run."""
        words, known = self.words, self.vocabulary
        before = words.text[at - 1]
        if any(c.isdigit() for c in before) and at - 1 > first:
            return True
        if street:
            return False
        return all(key not in known.street_after for key in words.key[at:at + 1])

    # -- streets -----------------------------------------------------------------------------

    def _take_street(self) -> None:
        found = StreetReader(self.words, self.vocabulary).read()
        if found is None:
            return
        street, number, rest, trust = found
        self.reading.put("street", street, trust, "rules")
        if number is not None:
            self.reading.put("house_number", number, min(trust, 0.95), "rules")
        if rest is not None:
            self.reading.put("unit", rest, 0.7, "after_number")


def _weight(people: int) -> float:
    return 0.3 * min(log10(people + 1), 7.0)


def _keys(name: str) -> tuple[str, ...]:
    return fold(name).replace(" ", ""), latin(name).replace(" ", "")


def agrees(country: str, postcode: str, region: str) -> bool | None:
    """Whether a postcode belongs to the region; None where the directory cannot tell.

    >>> agrees("ES", "28014", "Madrid"), agrees("ES", "28014", "Sevilla"), agrees("GR", "1", "x")
    (True, False, None)
    """
    prefix = postcode_prefixes(country).get(region)
    return None if prefix is None else prefix.match(postcode) is not None
