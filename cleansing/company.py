"""Company names: the name apart from its legal form.

The form may stand behind the name ("Weber & Sohn GmbH & Co. KG"), in front of it ("ТОВ «Ромашка»")
or behind a comma; it is given in its usual abbreviation, whichever way it was spelled. The letters
of the name stay as typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cleansing.legal_forms import FORMS
from cleansing.result import Cleansed, refuse
from cleansing.text import fold, latin, tidy


@dataclass(frozen=True, slots=True)
class Company:
    """A company.

    Attributes:
        name: the name without legal form and outer quotation marks.
        legal_form: usual abbreviation (`"Sp. z o.o."`, `"ТОВ"`); None when the text has none.
        country: ISO alpha-2 of the record, or of the form when only one country has it.
    """

    name: str
    legal_form: str | None = None
    country: str | None = None

    def __str__(self) -> str:
        """One line that reads back as the same value.

        >>> str(Company("Ромашка", "ТОВ", "UA")), str(Company("Weber", "GmbH", "DE"))
        ('ТОВ «Ромашка»', 'Weber GmbH')
        """
        if self.legal_form is None:
            return self.name
        if _stands_in_front(self.legal_form):
            return f"{self.legal_form} «{self.name}»"
        return f"{self.name} {self.legal_form}"


class _Form(NamedTuple):
    form: str
    countries: frozenset[str]
    in_front: bool


class _Found(NamedTuple):
    form: _Form
    name: str
    sure: bool


_QUOTES = "\"'«»“”„‟‘’‚`´″〝〞"
_PAIRS = {"«": "»", "“": "”", "„": "”“", "‘": "’", '"': '"', "'": "'", "‚": "’‘", "`": "`´'"}
_ATTACHED = re.compile(r"^(\w[\w.]*)(?=[\"«„“])")
_EDGE = " ,;:-–—|/"
_NOTE = re.compile(r"\s*\([^()]*\)\s*$")
_ROMANIAN_FRONT = re.compile(r"^S\.?\s?C\.?\s+(?=\S)")
_USUALLY_BEHIND = frozenset({"S.A.", "Sp. z o.o.", "AS", "AB"})
_MOST_WORDS = 9
_SHORT = 3


def _key(text: str) -> str:
    """How a form is looked up: folded, in one word.

    >>> _key("Sp. z o.o.") == _key("SP Z OO"), _key("GmbH & Co. KG")
    (True, 'gmbhcokg')
    """
    return fold(text).replace(" ", "")


@lru_cache(maxsize=1)
def _forms() -> dict[str, tuple[_Form, ...]]:
    """Every spelling's key with the forms that it may stand for."""
    found: dict[str, list[_Form]] = {}
    for name, countries, *more in FORMS:
        in_front = bool(more) and more[0] == "<"
        form = _Form(name, frozenset(countries.split()), in_front)
        spellings = more[1].split(";") if len(more) > 1 else []
        for spelling in (name, *spellings):
            known = found.setdefault(_key(spelling), [])
            if spelling.strip() and form not in known:
                known.append(form)
    found.pop("", None)
    return {key: tuple(forms) for key, forms in found.items()}


@lru_cache(maxsize=1)
def _look_alikes() -> dict[str, tuple[_Form, ...]]:
    """Greek and Cyrillic forms by the Latin letters that look the same ("TOB" for ТОВ)."""
    alike = str.maketrans("авекмнорстухіαβεζηικμνορτυχ", "abekmhopctyxiabezhikmnoptyx")
    return {key.translate(alike): forms for key, forms in _forms().items() if not key.isascii()}


@lru_cache(maxsize=1)
def _unspaced() -> re.Pattern[str]:
    """Forms in scripts that write no blanks between words."""
    forms = (name for name, *_ in FORMS if re.match(r"[\u3040-\u9fff\uac00-\ud7af]", name))
    return re.compile("|".join(sorted(forms, key=len, reverse=True)))


@lru_cache(maxsize=1)
def _in_front() -> frozenset[str]:
    return frozenset(row[0] for row in FORMS if len(row) > 2 and row[2] == "<") - _USUALLY_BEHIND


def _stands_in_front(form: str) -> bool:
    return form in _in_front()


def _unquoted(name: str) -> str:
    """The name without punctuation at its ends and without quotation marks around all of it.

    >>> _unquoted(', «Торговий дім "Мрія"»'), _unquoted('Завод "Маяк"')
    ('Торговий дім "Мрія"', 'Завод "Маяк"')
    """
    before = None
    name = name.strip(_EDGE)
    while name != before and len(name) > 1:
        before = name
        closing = _PAIRS.get(name[0], "")
        inner = name[1:-1]
        if closing and name[-1] in closing and _left_open(inner, name[0], closing):
            name = name[1:].strip(_EDGE)
        elif closing and name[-1] in closing and not _closes_early(inner, name[0], closing):
            name = inner.strip(_EDGE)
        elif name[0] in _QUOTES and not any(mark in name[1:] for mark in closing or name[0]):
            name = name[1:].strip(_EDGE)
        elif name[-1] in _QUOTES and not any(mark in name[:-1] for mark in _QUOTES):
            name = name[:-1].strip(_EDGE)
    return name if name.count("«") == name.count("»") else _unquoted(_without_marks(name))


def _without_marks(name: str) -> str:
    """The name without quotation marks that nobody closed or opened."""
    return " ".join(re.sub(r"[«»]", " ", name).split()).strip(_EDGE)


def _left_open(inner: str, opening: str, closing: str) -> bool:
    """True when one mark closes two quotations: in `«Дім «Мрія»` the last one is the inner's."""
    if opening in closing:
        return inner.count(opening) == 1
    return inner.count(opening) > sum(inner.count(mark) for mark in closing)


def _closes_early(inner: str, opening: str, closing: str) -> bool:
    """True when the first quotation mark is closed before the end: `"A" and "B"`."""
    if opening in closing:
        return inner.count(opening) == 2 and not re.search(rf"\s{re.escape(opening)}\w", inner)
    depth = 1
    for char in inner:
        depth += (char == opening) - (char in closing)
        if depth == 0:
            return True
    return False


def _choose(key: str, typed: str, country: str | None) -> tuple[_Form, bool] | None:
    """The form that a spelling means in a country, and whether that is sure.

    A short spelling is a form only where the country has it or where it is typed as one (capitals
    or dots): "de" and "sa" are words elsewhere.
    """
    forms = _forms().get(key, ())
    at_home = [form for form in (*forms, *_look_alikes().get(key, ())) if country in form.countries]
    if at_home:
        return at_home[0], True
    if not forms:
        return None
    as_typed = [form for form in forms if form.form == typed]
    looks_like_one = "." in typed or typed.isupper() or bool(as_typed)
    if len(key) <= _SHORT and not looks_like_one:
        return None
    return (as_typed or list(forms))[0], country is None


def _says_something(word: str) -> bool:
    """True for a word that has more than signs: a form neither begins nor ends with a sign."""
    return any(char.isalnum() for char in word)


def _is_name(text: str) -> bool:
    """True for what can be a name: it says something and is no legal form itself."""
    return _says_something(text) and _key(text) not in _forms()


def _behind(text: str, country: str | None) -> _Found | None:
    words = text.split(" ")
    for size in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        typed = " ".join(words[-size:]).strip(_EDGE + _QUOTES)
        if not _says_something(words[-size]):
            continue
        if chosen := _choose(_key(typed), typed, country):
            name = _unquoted(" ".join(words[:-size]))
            if _is_name(name):
                return _Found(chosen[0], name, chosen[1])
    return None


def _before(text: str, country: str | None) -> _Found | None:
    parted = _ATTACHED.sub(r"\1 ", text)
    words = parted.split(" ")
    for size in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        typed = " ".join(words[:size]).strip(_EDGE)
        if not _says_something(words[size - 1]):
            continue
        chosen = _choose(_key(typed), typed, country)
        rest = " ".join(words[size:])
        if chosen and (chosen[0].in_front or rest[0] in _QUOTES or size > 1):
            name = _unquoted(text[len(text) - len(rest) :] if text.endswith(rest) else rest)
            if _is_name(name):
                return _Found(chosen[0], name, chosen[1])
    return None


def _find(text: str, country: str | None) -> _Found | None:
    """The form of a text: in front when it is one for that place, else behind."""
    front, back = _before(text, country), _behind(text, country)
    if front and back:
        better_front = country in front.form.countries or country not in back.form.countries
        return front if better_front and front.form.in_front else back
    return front or back


def cleanse_company(text: str, *, country: str | None = None) -> Cleansed[Company]:
    """A company's name and legal form.

    Args:
        text: what was typed.
        country: ISO alpha-2 of the record; it decides what a spelling means that several
            countries share.

    Returns:
        The company; `legal_form` is None when the text names none. Refused: `no_name`, or
        `unclear` where two readings cannot be told apart.

    >>> cleanse_company('Товариство з обмеженою відповідальністю "Ромашка"', country="UA").value
    Company(name='Ромашка', legal_form='ТОВ', country='UA')
    >>> cleanse_company("NORDEX SPÓŁKA Z O.O. SP.K.").value
    Company(name='NORDEX', legal_form='Sp. z o.o. sp.k.', country='PL')
    >>> cleanse_company("P.H.U. Kowalski", country="PL").value
    Company(name='P.H.U. Kowalski', legal_form=None, country='PL')
    """
    found = _read(text, country.upper() if country else None)
    if found.value and _read(str(found.value), country and country.upper()).value != found.value:
        return refuse("unclear")  # its own text reads otherwise: two forms, stray quotation marks
    return found


def _read(text: str, country: str | None) -> Cleansed[Company]:
    """A company's name and form, taken from the text as it stands."""
    plain = tidy(_unspaced().sub(r" \g<0> ", text))
    if not plain:
        return Cleansed(None, 1.0, ("empty",))
    if country in {None, "RO"} and (bare := _ROMANIAN_FRONT.sub("", plain)) != plain:
        behind = _behind(bare, "RO")
        plain = bare if behind and "RO" in behind.form.countries else plain
    found = _find(plain, country)
    reasons: list[str] = []
    note = _NOTE.search(plain)
    if note and (found is None or _find(note[0].strip(" ()"), country)):
        without_note = _find(plain[: note.start()], country)
        reasons = ["company:note_dropped"] if without_note else []
        found = without_note or found
    if found is None:
        name = _unquoted(plain)
        if not _is_name(name):
            return refuse("no_name")
        return Cleansed(Company(name, None, country), 0.9, ("company:no_legal_form",))
    if country is None and len(found.form.countries) == 1:
        country = next(iter(found.form.countries))
        reasons.append("country:from_legal_form")
    if not found.sure:
        reasons.append("company:foreign_legal_form")
    return Cleansed(
        Company(found.name, found.form.form, country), 1.0 if found.sure else 0.8, tuple(reasons)
    )


@lru_cache(maxsize=1 << 16)
def company_key(text: str) -> str:
    """Match key of a company name: legal forms off, Latin letters, no punctuation.

    >>> company_key('ТОВ "Ромашка"') == company_key("Romashka LLC"), company_key("S.A. Foo, Ltd.")
    (True, 'foo')
    """
    name = tidy(text)
    for _ in range(3):
        company = cleanse_company(name).value
        if company is None or company.name == name:
            break
        name = company.name
    return latin(fold(name).replace("ου", "ou"))
