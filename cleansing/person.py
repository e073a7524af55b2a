"""Names of persons: title, given name, patronymic or initial, family name.

The order comes from the language, from patronymics, initials, commas and capitals, and from common
given names; where a language knows both orders and nothing in the text decides, the name is refused
with its two readings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cleansing.company import cleanse_company
from cleansing.given_names import EVERYWHERE, GIVEN
from cleansing.name_words import (
    AMBIGUOUS_TITLES,
    COMPOUND_SURNAMES_ZH,
    EITHER_ORDER,
    FAMILY_FIRST,
    LANGUAGE_OF,
    NOT_A_PERSON,
    PARTICLES,
    PATRONYMIC,
    PATRONYMIC_WORDS,
    SURNAME,
    TITLES,
    TITLES_BEHIND,
    TWO_SURNAMES,
)
from cleansing.result import Cleansed, refuse
from cleansing.text import fold, latin, tidy


@dataclass(frozen=True, slots=True)
class Person:
    """The parts of a person's name; None where the text does not have the part.

    Attributes:
        title: as typed ("dr hab.", "Δρ.").
        given: given name or names, or the first initial.
        middle: patronymic or further initials.
        family: family name or names with their particles.
    """

    title: str | None = None
    given: str | None = None
    middle: str | None = None
    family: str | None = None

    def __str__(self) -> str:
        """One line that reads back as the same value, family name first.

        >>> str(Person("dr", "Олена", "Петрівна", "Шевченко"))
        'dr Шевченко, Олена, Петрівна'
        """
        if self.family is None:
            return " ".join(filter(None, (self.title, self.given, self.middle)))
        parts = (self.family, self.given or "", self.middle or "")
        return f"{self.title or ''} {', '.join(parts).rstrip(', ')}".strip()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to cut a name, and how much speaks for it."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    middle: tuple[str, ...] = ()
    weight: int = 0


_INITIAL = re.compile(r"^[^\W\d_\u2e80-\uffff]\.?$")
_GLUED_INITIALS = re.compile(r"(?<![^\W\d_])([^\W\d_])\.(?=[^\W\d_])")
_NICKNAME = re.compile(r"\s*[(\"«“„][^()\"»”]*[)\"»”]\s*")
_SEVERAL = re.compile(r"(?i)\s[&+/]\s|;|\s(?:and|und|oraz|та|και|și|va|ja|és)\s")
_DEGREE = re.compile(r"(?i)^(?:к|д|канд|докт)\.\s?[^\W\d_]{1,5}\.\s?(?:н|наук)\.?\s+")
_CJK = re.compile(r"^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af・·\s]+$")
_STRONG, _CLEAR = 4, 5
"""How much evidence makes a customary order doubtful, and how much turns it round."""


def _is_initial(word: str) -> bool:
    return bool(_INITIAL.match(word))


def _bare(word: str) -> str:
    return fold(word).replace(" ", "")


@lru_cache(maxsize=1 << 14)
def _is_given(word: str, language: str) -> bool:
    """Whether a word, or each part of a hyphenated one, is a common given name."""
    own = GIVEN.get(language)
    return all(
        (own is not None and fold(part) in own) or latin(part) in EVERYWHERE
        for part in word.split("-")
        if part
    )


def _is_surname(word: str, language: str) -> bool:
    ending = SURNAME.get(language)
    return bool(ending and len(word) > 4 and ending.search(word.rsplit("-", 1)[-1]))


def _cased(word: str) -> str:
    """A word in capitals or small letters as names are written.

    >>> _cased("ШЕВЧЕНКО"), _cased("o'brien"), _cased("zielińska-wójcik"), _cased("MCDONALD")
    ('Шевченко', "O'Brien", 'Zielińska-Wójcik', 'McDonald')
    """
    lower = word.lower()
    parts = [part[:1].upper() + part[1:] for part in re.split(r"(?<=-)", lower)]
    cased = "".join(parts)
    cased = re.sub(r"^([OD])['’](\w)", lambda m: f"{m[1]}'{m[2].upper()}", cased)
    return re.sub(r"^Mc(\w)", lambda m: f"Mc{m[1].upper()}", cased)


def _as_name(words: Sequence[str], *, recase: bool) -> str | None:
    """The words of a part, joined; capitals only where the whole text was in one case."""
    out = []
    for place, word in enumerate(words):
        one_case = (word.isupper() and len(word) > 2) or recase
        if _is_initial(word):
            out.append(word.rstrip(".").upper() + ".")
        elif place < len(words) - 1 and one_case and _bare(word) in PARTICLES:
            out.append(word.lower())
        else:
            out.append(_cased(word) if one_case else word)
    return " ".join(out) or None


def _split_titles(words: list[str], language: str) -> tuple[list[str], list[str]]:
    """Titles at both ends, and the words between them.

    >>> _split_titles(["dr", "hab.", "Maria", "Zielińska"], "pl")
    (['dr', 'hab.'], ['Maria', 'Zielińska'])
    """
    front = 0
    while front < len(words) - 1 and (
        _is_title(words[front], language, first=front == 0)
        or (_is_title_behind(words[front]) and (front > 0 or len(words[front]) > 2))
    ):
        front += 1
    behind = len(words)
    while behind - front > 1 and _is_title_behind(words[behind - 1]):
        behind -= 1
    titles = [word.strip(",") for word in (*words[:front], *words[behind:])]
    return titles, words[front:behind]


@lru_cache(maxsize=1)
def _titles() -> frozenset[str]:
    return frozenset(map(_bare, TITLES))


def _is_title(word: str, language: str, *, first: bool) -> bool:
    key = _bare(word)
    if key not in _titles():
        return False
    if len(key) == 1:
        return word[0].islower() or (first and (key, language) in {("d", "es"), ("m", "fr")})
    if key in AMBIGUOUS_TITLES:
        return "." in word or language in AMBIGUOUS_TITLES[key]
    return True


def _is_title_behind(word: str) -> bool:
    key = word.strip(",").replace(".", "").casefold()
    return key in TITLES_BEHIND and (len(key) > 2 or word.isupper() or "." in word)


def _patronymic_at(words: Sequence[str]) -> int | None:
    places = [place for place, word in enumerate(words) if PATRONYMIC.match(word)]
    return places[-1] if places else None


def _join_patronymic(words: list[str]) -> list[str]:
    """A father's name and the word that makes a patronymic of it, as one.

    >>> _join_patronymic(["Karimov", "Aziz", "Akmal", "o‘g‘li"])
    ['Karimov', 'Aziz', 'Akmal o‘g‘li']
    """
    out: list[str] = []
    for word in words:
        if out and _bare(word) in PATRONYMIC_WORDS:
            out[-1] = f"{out[-1]} {word}"
        else:
            out.append(word)
    return out


def _join_particles(words: Sequence[str], language: str) -> list[str]:
    """Particles with the word behind them, as one: `["van der Berg"]`."""
    out: list[str] = []
    held: list[str] = []
    for word in words:
        if language != "vi" and _bare(word) in PARTICLES and not _is_initial(word):
            held.append(word)
        else:
            out.append(" ".join((*held, word)))
            held = []
    return [*out, *held]


def _readings(words: list[str], language: str) -> list[_Reading]:
    """The ways to cut a name without a comma, the customary one first."""
    initials = [word for word in words if _is_initial(word)]
    full = [word for word in words if not _is_initial(word)]
    if not full:
        return []
    if initials:
        return _with_initials(words, full, initials, language)
    if (place := _patronymic_at(full)) is not None or any(" " in word for word in full):
        joined = next((at for at, word in enumerate(full) if _is_uzbek_patronymic(word)), None)
        at = joined if joined is not None else place
        if at is not None and (found := _with_patronymic(full, at, language)):
            return found
    if language == "bg" and len(full) == 3 and _is_given(full[0], language):
        return [_Reading((full[0],), (full[2],), (full[1],), 3)]
    if len(full) == 1:
        return []
    return _plain_readings(full, language)


def _is_uzbek_patronymic(word: str) -> bool:
    return " " in word and _bare(word.rsplit(" ", 1)[-1]) in PATRONYMIC_WORDS


def _with_initials(
    words: list[str], full: list[str], initials: list[str], language: str
) -> list[_Reading]:
    if len(full) == 1:
        return [_Reading((initials[0],), (full[0],), tuple(initials[1:]), 5)]
    if _is_initial(words[0]):
        return [_Reading((words[0],), tuple(full[-1:]), tuple(words[1:-1]), 5)]
    return [
        _Reading(reading.given, reading.family, tuple(initials), reading.weight)
        for reading in _plain_readings(full, language)
    ]


def _with_patronymic(words: list[str], place: int, language: str) -> list[_Reading]:
    """A name with a patronymic: it stands behind the given name."""
    patronymic = (words[place],)
    rest = [*words[:place], *words[place + 1 :]]
    if len(rest) == 1:
        sure = _is_given(rest[0], language) and bool(
            re.search(r"(?i)(?:на|na|li|zi)$", words[place])
        )
        return [_Reading((rest[0],), (), patronymic, 4)] if sure and place == 1 else []
    if len(rest) != 2:
        return []
    if place == 1:
        return [_Reading((rest[0],), (rest[1],), patronymic, 5)]
    given_first = _evidence(rest[0], rest[1], language) > _evidence(rest[1], rest[0], language)
    given, family = (rest[0], rest[1]) if given_first else (rest[1], rest[0])
    return [_Reading((given,), (family,), patronymic, 5)]


def _evidence(given: str, family: str, language: str) -> int:
    """What speaks for one word being the given and the other the family name."""
    return (
        2 * _is_given(given, language)
        - 2 * _is_given(family, language)
        + _is_surname(family, language)
        - _is_surname(given, language)
        + 4 * (family.isupper() and not given.isupper() and len(family) > 2)
    )


def _plain_readings(words: list[str], language: str) -> list[_Reading]:
    """Given names first and family name first, weighed."""
    units = _join_particles(words, language)
    if len(units) < 2:
        return []
    front = _given_first(units, language)
    back = _family_first(units, language)
    return [front, back] if language not in FAMILY_FIRST else [back, front]


def _given_first(units: list[str], language: str) -> _Reading:
    count = 1
    while count < len(units) - 1 and _is_given(_last(units[count]), language):
        count += 1
    if len(units) > 2:
        surnames = 2 if language in TWO_SURNAMES else 1
        if surnames == 1 and not any(" " in unit for unit in units[1:]):
            count = len(units) - 1
        elif surnames == 1:
            count = next(
                at for at, unit in enumerate(units) if at and (" " in unit or at == len(units) - 1)
            )
        elif len(units) >= 4:
            count = min(count, len(units) - 2) if count > 1 else len(units) - 2
    given, family = units[:count], units[count:]
    return _Reading(tuple(given), tuple(family), (), _evidence(given[0], family[-1], language))


def _family_first(units: list[str], language: str) -> _Reading:
    if language == "vi" and len(units) > 2:
        return _Reading((units[-1],), (units[0],), tuple(units[1:-1]), 3)
    count = 1
    if language in TWO_SURNAMES and len(units) > 2 and not _is_given(units[1], language):
        count = 2
    family, given = units[:count], units[count:]
    return _Reading(
        tuple(given), tuple(family), (), _evidence(given[0] if given else "", family[0], language)
    )


def _last(unit: str) -> str:
    return unit.rsplit(" ", 1)[-1]


def _cjk(text: str, language: str) -> Cleansed[Person]:
    """A name in Chinese, Japanese or Korean letters, surname first."""
    parts = re.split(r"[\s・·]+", text)
    if len(parts) == 2:
        return Cleansed(Person(None, parts[1], None, parts[0]))
    kana = re.search(r"[\u3040-\u30ff]", text)
    if len(parts) != 1 or not 2 <= len(text) <= 4 or language == "ja" or kana:
        return refuse("two_readings:no_blank_between_family_and_given")
    size = 2 if text[:2] in COMPOUND_SURNAMES_ZH and len(text) > 2 else 1
    return Cleansed(Person(None, text[size:], None, text[:size]), 0.9)


def _by_comma(text: str, language: str, titles: list[str]) -> Cleansed[Person] | None:
    """ "García López, José Antonio": family names, a comma, given names."""  # noqa: D210 - the quotation comes first
    parts = [
        [word for word in part.split() if any(char.isalpha() for char in word)]
        for part in text.split(",")
    ]
    if len(parts) not in {2, 3} or not parts[0] or not parts[1]:
        return None
    more, family = _split_titles(parts[0], language)
    between, given = _split_titles(parts[1], language)
    titles = [*titles, *more, *between]
    if len(family) == 1 and _is_title(family[0], language, first=True):
        return None
    if len(given) == 1 and _is_title(given[0], language, first=True):
        titles, given = [*titles, *given], []
    middle = parts[2] if len(parts) == 3 else []
    if not middle:
        given = _join_patronymic(given)
        start = next((at for at, word in enumerate(given) if at and _is_middle(word)), len(given))
        given, middle = given[:start], given[start:]
    recase = text == text.lower() or text == text.upper()
    return Cleansed(
        Person(
            " ".join(titles) or None,
            _as_name(given, recase=recase),
            _as_name(middle, recase=recase),
            _as_name(family, recase=recase),
        )
    )


def _is_middle(word: str) -> bool:
    return _is_initial(word) or bool(PATRONYMIC.match(word)) or _is_uzbek_patronymic(word)


def _firm(text: str) -> bool:
    """True for a company: a legal form that cannot be a word of a name."""
    company = cleanse_company(text).value
    form = company.legal_form if company else None
    return bool(form and (len(form) > 3 or "." in form))


def _language(lang: str | None, country: str | None) -> str:
    if lang:
        return lang.replace("_", "-").partition("-")[0].lower()
    return LANGUAGE_OF.get((country or "").upper(), "")


def _chosen(readings: list[_Reading], language: str) -> tuple[_Reading, float] | None:
    """The reading that evidence or custom decides, with its confidence."""
    if len(readings) == 1:
        return readings[0], 1.0
    custom, other = readings
    if custom.weight > other.weight:
        return custom, 1.0
    if other.weight > custom.weight and (language in EITHER_ORDER or language in FAMILY_FIRST):
        return other, 0.95
    against = other.weight - custom.weight
    if against >= _CLEAR or (against >= _STRONG and len(other.family) > 1):
        return other, 0.9
    if against >= _STRONG or language in {"uk", "ru", "be", "uz", "kk", "ky", "tg", ""}:
        return None
    return custom, 0.8


def cleanse_person(
    text: str, *, lang: str | None = None, country: str | None = None
) -> Cleansed[Person]:
    """The parts of a person's name.

    Args:
        text: what was typed.
        lang: language or locale of the name.
        country: ISO alpha-2 of the record, used where no language is known.

    Returns:
        The person, or a refusal: `not_a_person`, `several_persons`, `one_word`,
        `unclear` or `two_readings:…`.

    >>> cleanse_person("ШЕВЧЕНКО ОЛЕНА ПЕТРІВНА", lang="uk").value
    Person(title=None, given='Олена', middle='Петрівна', family='Шевченко')
    >>> cleanse_person("dr hab. Maria Zielińska-Wójcik", lang="pl").value
    Person(title='dr hab.', given='Maria', middle=None, family='Zielińska-Wójcik')
    >>> cleanse_person("Nagy Péter", lang="hu").value.family
    'Nagy'
    """
    language = _language(lang, country)
    found = _read(text, language)
    if found.value and _read(str(found.value), language).value != found.value:
        return refuse("unclear")  # its own text reads otherwise: a title amid the name, noise
    return found


def _read(text: str, language: str) -> Cleansed[Person]:
    """A person's name, taken from the text as it stands."""
    plain = tidy(_NICKNAME.sub(" ", text)).strip(" ,;-")
    if not tidy(text):
        return Cleansed(None, 1.0, ("empty",))
    if NOT_A_PERSON.search(plain) or not any(char.isalpha() for char in plain) or _firm(plain):
        return refuse("not_a_person")
    if _SEVERAL.search(f" {plain} ") or (language == "pl" and " i " in plain):
        return refuse("several_persons")
    if _CJK.match(plain):
        return _cjk(plain, language)
    spaced = _GLUED_INITIALS.sub(r"\1. ", plain)
    degree = _DEGREE.match(plain)
    if degree:
        plain = plain[degree.end() :]
        spaced = _GLUED_INITIALS.sub(r"\1. ", plain)
    spelled = [word for word in spaced.split() if any(char.isalpha() for char in word)]
    titles, words = _split_titles(spelled, language)
    if degree:
        titles = [degree[0].strip(), *titles]
    rest = " ".join(words).strip(", ")
    if "," in rest and (found := _by_comma(rest, language, titles)):
        return found
    return _without_comma(rest.replace(",", "").split(), titles, language)


def _without_comma(words: list[str], titles: list[str], language: str) -> Cleansed[Person]:
    title = " ".join(titles) or None
    text = " ".join(words)
    recase = len(text) > 2 and (text == text.lower() or text == text.upper())
    joined = _join_patronymic(words)
    if father := _father(joined):
        joined, middle = father
        reading = _chosen(_readings(joined, language) or [_Reading((), ())], language)
        if reading:
            reading = _Reading(reading[0].given, reading[0].family, middle), reading[1]
    elif len(joined) == 1:
        return _one_word(joined, title, language, recase=recase)
    else:
        readings = _readings(joined, language)
        if not readings:
            return refuse("two_readings:patronymic_or_family")
        reading = _chosen(readings, language)
    if reading is None:
        return refuse(f"two_readings:{words[0]}|{words[-1]}")
    cut, confidence = reading
    parts = (
        _as_name(" ".join(part).split(), recase=recase)
        for part in (cut.given, cut.middle, cut.family)
    )
    given, middle_name, family = parts
    if any(part and _is_title(part, language, first=True) for part in (given, family)):
        return refuse("not_a_person")
    reasons = () if confidence > 0.8 else ("person:order_by_custom",)
    return Cleansed(Person(title, given, middle_name, family), confidence, reasons)


def _one_word(
    words: list[str], title: str | None, language: str, *, recase: bool
) -> Cleansed[Person]:
    """A common given name, or the family name behind a title; any other word may be either."""
    name = _as_name(words, recase=recase)
    if fold(words[0]) in GIVEN.get(language, ()) and not _is_initial(words[0]):
        return Cleansed(Person(title, name, None, None), 0.8, ("person:given_name_only",))
    if title is None or _is_initial(words[0]):
        return refuse("one_word")
    return Cleansed(Person(title, None, None, name), 0.8, ("person:family_name_only",))


def _father(words: list[str]) -> tuple[list[str], tuple[str, ...]] | None:
    """The Greek "του Ιωάννη" behind a name: the words before it, and the father's name."""
    keys = [_bare(word) for word in words]
    if "του" in keys[2:] and keys[-1] != "του":
        at = keys.index("του", 2)
        return words[:at], tuple(words[at + 1 :])
    return None
