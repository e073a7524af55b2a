"""Which of the numbers in an address is the postcode."""

from __future__ import annotations

from cleansing.address import gazetteer, numbers
from cleansing.address.reading import Text
from cleansing.address.regions import find_region

_THRESHOLD = 2.0
_SHORT = 4
_LONGEST_PLACE = 4
_SPACED = frozenset({"GB", "CA", "IM", "JE", "GG"})


def take_postcode(text: Text) -> None:
    """Take the best-placed number of the country's postcode shape, if any is placed well."""
    words = text.words
    finder = numbers.postcode_finder(text.country)
    if finder is None:
        return
    best: tuple[float, int, int, str, bool] | None = None
    for match in finder.finditer(words.whole):
        code = match["code"]
        first, end = words.span(match.start(), match.end())
        if first >= end or any(words.label[first:end]) or not any(c.isdigit() for c in code):
            continue
        labelled = match["label"] is not None
        score = _score(text, first, end, code, labelled)
        if score >= _THRESHOLD and (best is None or score > best[0]):
            best = (score, first, end, code, labelled)
    if best is not None:
        _, first, end, code, labelled = best
        words.claim(first, end, "postcode")
        strict = numbers.strict_postcode(text.country)
        valid = strict is not None and strict.fullmatch(code) is not None
        reason = "checked" if valid else "pattern"
        trust = 0.97 if valid or labelled else 0.9
        text.reading.put("postcode", _tidy(code, text.country), trust, reason)


def _tidy(code: str, country: str) -> str:
    code = " ".join(code.upper().split())
    if country in _SPACED and " " not in code:
        return f"{code[:-3]} {code[-3:]}"
    if country == "NL" and " " not in code:
        return f"{code[:4]} {code[4:]}"
    return code


def _score(text: Text, first: int, end: int, code: str, labelled: bool) -> float:
    """How well a number stands for a postcode: shape, its own piece, a town beside it."""
    words, known = text.words, text.vocabulary
    before, after = first - 1, end
    digits = sum(c.isdigit() for c in code)
    score = 0.0 if digits <= _SHORT else 2.0
    if not code.isdigit():
        score += 1.5 if digits > _SHORT else 3.0
    opens = not words.same_piece(before, first) or words.label[before] == "country"
    closes = not words.same_piece(end - 1, after) or words.label[after] == "country"
    score += 6.0 * labelled + 3.0 * (opens and closes)
    if closes and not opens and _ends_with_city(text, first):
        score += 3.0
    if not closes and _starts_with_place(text, after):
        score += 3.0
    elif opens and not closes:
        score += 1.0
    if not opens and not labelled:
        key = words.key[before]
        if key in known.number_before or key in known.unit_before:
            score -= 5.0
    return score


def _starts_with_place(text: Text, first: int) -> bool:
    words = text.words
    for n in range(1, _LONGEST_PLACE + 1):
        if not words.same_piece(first, first + n - 1):
            return False
        if gazetteer.find_rank(text.country, words.join_key(first, first + n)) is not None:
            return True
        if n > 1 and find_region(text.country, words.join(first, first + n)) is not None:
            return True
    return False


def _ends_with_city(text: Text, end: int) -> bool:
    words = text.words
    for n in range(1, _LONGEST_PLACE + 1):
        if end - n < 0 or not words.same_piece(end - n, end - 1):
            return False
        if gazetteer.find_rank(text.country, words.join_key(end - n, end)) is not None:
            return True
    return False
