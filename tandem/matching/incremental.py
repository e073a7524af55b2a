"""Match one record at a time, inside the pipeline: keys to look up, pairs to judge.

The state keeps the keys of every record in an index; a changed record is compared with those that
share one. Both calls are pure and take a few microseconds; importing this module loads neither
pandas nor DuckDB.

    >>> accounts = Matcher.for_object("account")
    >>> crm = {"name": "Acme Trading S.A.", "tax_id": "EL094014201", "address": {"city": "Athens"}}
    >>> erp = {"name": "ACME TRADING", "tax_id": "094 014 201"}
    >>> bool(set(accounts.keys(crm)) & set(accounts.keys(erp)))
    True
    >>> scored = accounts.compare(crm, erp)
    >>> scored.decision, [level.level for level in scored.levels]
    ('link', ['same tax id', 'exact'])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import log2

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from tandem.matching import forms
from tandem.matching.defaults import DEFAULTS, Model
from tandem.matching.scored import Decision, Level, Scored, probability_of

Values = Mapping[str, object]
Finding = tuple[str, str] | None
"""Field and level, None when one side has nothing to compare."""

MOST_PER_KEY = 200
"""A key that more records share says too little to be worth the comparisons; pass it over."""

NAME_KEY = "name:"
"""Prefix of the key that the records of one name share."""


class Matcher:
    """Keys and judgement for one canonical object. Immutable; safe to share between threads."""

    __slots__ = ("_comparisons", "_keys", "model")

    def __init__(self, model: Model) -> None:
        self.model = model
        self._keys, self._comparisons = _OBJECTS[model.object]

    def finds(self, key: str) -> bool:
        """Whether records that share this key are candidates by the model's rules."""
        allowed = self.model.candidates
        return allowed is None or key.partition(":")[0] in allowed

    @property
    def fields(self) -> frozenset[str]:
        """Fields of a record that can change the judgement on it."""
        return frozenset(field for field, _ in self.model.weights) - self.model.ignored

    @classmethod
    def for_object(cls, name: str) -> Matcher:
        """The matcher with default weights.

        Raises:
            KeyError: there are no default rules for this object.
        """
        return cls(DEFAULTS[name])

    def keys(self, record: Values) -> tuple[str, ...]:
        """Stable strings; two records that may be one thing share at least one of them."""
        return tuple(dict.fromkeys(self._keys(record)))

    def compare(self, left: Values, right: Values, *, same_name: int = 1) -> Scored:
        """Judge a pair; the order of the two does not matter.

        Args:
            left: canonical values of one record.
            right: those of the other.
            same_name: known records whose name is the same by sound; a name that many have says
                little about any two of them.
        """
        model = self.model
        levels: list[Level] = []
        total = model.prior
        doubt = contradiction = False
        for comparison in self._comparisons:
            finding = comparison(left, right)
            if finding is None or finding[0] in model.ignored:
                continue
            weight = model.weights[finding]
            levels.append(Level(finding[0], finding[1], weight))
            total += weight
            if same_name > 1 and weight > 0 and finding[0] == "name" in model.rare_counts_more:
                common = Level(
                    "name", f"shared by {same_name} records", -min(weight, log2(same_name))
                )
                levels.append(common)
                total += common.weight
            doubt = doubt or finding in model.doubts
            contradiction = contradiction or finding in model.contradictions
        probability = 0.0 if contradiction else probability_of(total)
        decision: Decision = "apart"
        if probability >= model.link and not doubt:
            decision = "link"
        elif probability >= model.review:
            decision = "review"
        return Scored(probability, decision, total, tuple(levels), contradiction)


def _text(record: Values, field: str) -> str:
    value = record.get(field)
    return value if isinstance(value, str) else ""


def _emails(record: Values) -> tuple[forms.EmailForm, ...]:
    value = record.get("emails")
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, Iterable):
        return ()
    return tuple(forms.email_form(text) for text in value if isinstance(text, str) and text)


def _address(record: Values) -> Mapping[str, object]:
    value = record.get("address")
    return value if isinstance(value, Mapping) else {}


# --- account: comparisons -------------------------------------------------------------------


def _tax_id(left: Values, right: Values) -> Finding:
    a_text, b_text = _text(left, "tax_id"), _text(right, "tax_id")
    if not a_text or not b_text:
        return None
    a, b = forms.tax_form(a_text), forms.tax_form(b_text)
    if not a.number or not b.number:
        return None
    countries_agree = a.country == b.country or not a.country or not b.country
    if (a.number == b.number and countries_agree) or (
        # The letters of a prefix may have been taken for part of one side's own number.
        a.country + a.number == b.number or b.country + b.number == a.number
    ):
        return ("tax_id", "same tax id")
    a_valid = forms.tax_validity(a.number, a.country or _text(_address(left), "country"))
    b_valid = forms.tax_validity(b.number, b.country or _text(_address(right), "country"))
    if a_valid is not False and b_valid is not False:
        return ("tax_id", "different tax id")
    slip = DamerauLevenshtein.distance(a.number, b.number, score_cutoff=1) <= 1
    return ("tax_id", "one digit off" if slip else "different, one not valid")


def _company_name(left: Values, right: Values) -> Finding:
    a_text, b_text = _text(left, "name"), _text(right, "name")
    if not a_text or not b_text:
        return None
    a, b = forms.company_form(a_text), forms.company_form(b_text)
    return ("name", _company_level(a, b))


def _company_level(a: forms.CompanyForm, b: forms.CompanyForm) -> str:
    other_script = a.roman != b.roman and _same_sounds(a.words, b.words)
    if a.core == b.core or a.words == b.words or other_script:
        clash = a.legal != b.legal and a.legal not in ("", "co") and b.legal not in ("", "co")
        return "same but for the legal form" if clash else "exact"
    if a.numbers != b.numbers and a.numbers and b.numbers:
        return "different number in the name"
    a_sorted, b_sorted = " ".join(sorted(a.words)), " ".join(sorted(b.words))
    if _close(a_sorted, b_sorted):
        return "jaro_winkler >= 0.92"
    shared = len(a.words & b.words)
    if shared and shared >= 0.6 * max(len(a.words), len(b.words)):
        return "token overlap >= 0.6"
    if a.core.replace(" ", "") == b.core.replace(" ", ""):
        return "jaro_winkler >= 0.92"
    return "different"


def _same_sounds(a: frozenset[str], b: frozenset[str]) -> bool:
    """True for one name in two scripts; short words sound alike too easily to count."""
    return (
        len(a) == len(b)
        and min(map(len, a)) >= 4
        and {forms.sound(word) for word in a} == {forms.sound(word) for word in b}
    )


def _close(a: str, b: str) -> bool:
    """Jaro-Winkler forgives any ending after a common start; two names may differ by a slip."""
    most = 1 + max(len(a), len(b)) // 8
    return (
        JaroWinkler.similarity(a, b, score_cutoff=0.92) >= 0.92
        and DamerauLevenshtein.distance(a, b, score_cutoff=most) <= most
    )


def _account_emails(left: Values, right: Values) -> Finding:
    a, b = _emails(left), _emails(right)
    if not a or not b:
        return None
    if {email.address for email in a} & {email.address for email in b}:
        return ("emails", "same email")
    if {email.domain for email in a if email.domain} & {email.domain for email in b}:
        return ("emails", "same domain")
    return ("emails", "different")


def _phones(field: str, same: str) -> Callable[[Values, Values], Finding]:
    def compare(left: Values, right: Values) -> Finding:
        a, b = forms.phone_form(_text(left, field)), forms.phone_form(_text(right, field))
        if not a or not b:
            return None
        return (field, same if a == b else "different")

    return compare


def _website(left: Values, right: Values) -> Finding:
    a, b = forms.host_form(_text(left, "website")), forms.host_form(_text(right, "website"))
    if not a or not b:
        return None
    return ("website", "same website" if a == b else "different")


def _addresses(left: Values, right: Values) -> Finding:
    a, b = _address(left), _address(right)
    if not a or not b:
        return None
    a_country, b_country = _text(a, "country").upper(), _text(b, "country").upper()
    if a_country and b_country and a_country != b_country:
        return ("address", "another country")
    a_code, b_code = forms.code_form(_text(a, "postcode")), forms.code_form(_text(b, "postcode"))
    a_city, b_city = forms.place_form(_text(a, "city")), forms.place_form(_text(b, "city"))
    same_code, same_city = bool(a_code) and a_code == b_code, bool(a_city) and a_city == b_city
    a_street = forms.street_form(_text(a, "street"))
    b_street = forms.street_form(_text(b, "street"))
    if a_street and a_street == b_street and (same_code or same_city):
        a_house = forms.code_form(_text(a, "house_number"))
        b_house = forms.code_form(_text(b, "house_number"))
        same_house = bool(a_house) and a_house == b_house
        return ("address", "same street and number" if same_house else "same street")
    if same_code:
        return ("address", "same postcode")
    if same_city:
        known = a_code and b_code and a_street and b_street
        return ("address", "another address in the same city" if known else "same city")
    return ("address", "another city") if a_city and b_city else None


# --- contact: comparisons -------------------------------------------------------------------


def _person_name(left: Values, right: Values) -> Finding:
    a_given = forms.person_form(_text(left, "given_name"))
    b_given = forms.person_form(_text(right, "given_name"))
    a_family = forms.person_form(_text(left, "family_name"))
    b_family = forms.person_form(_text(right, "family_name"))
    if not (a_given or a_family) or not (b_given or b_family):
        return None
    return ("name", _person_level(a_given, a_family, b_given, b_family))


_Words = tuple[str, ...]


def _person_level(a_given: _Words, a_family: _Words, b_given: _Words, b_family: _Words) -> str:
    same_family, same_given = _alike(a_family, b_family), _alike(a_given, b_given)
    a_all, b_all = a_given + a_family, b_given + b_family
    level = "same given name, another family name" if same_given else "different"
    if same_family and same_given:
        level = "exact" if a_all == b_all else "same sounds"
    elif sorted(a_all) == sorted(b_all):
        level = "same words, other order"
    elif same_family and not (a_given and b_given):
        level = "same family name, given name missing"
    elif same_family and _initial_agrees(a_given[0], b_given[0]):
        level = "same family name, initial agrees"
    elif (same_family and a_given[0] == b_given[0]) or _close(" ".join(a_all), " ".join(b_all)):
        level = "jaro_winkler >= 0.92"
    elif same_family:
        level = "same family name, another given name"
    return level


def _initial_agrees(a: str, b: str) -> bool:
    return a[0] == b[0] and 1 in (len(a), len(b))


def _alike(a: _Words, b: _Words) -> bool:
    """Equal, or one name in two spellings; an absent name is like none."""
    if not a or not b:
        return False
    return a == b or (
        len(a) == len(b)
        and min(map(len, a + b)) >= 3
        and [forms.sound(word) for word in a] == [forms.sound(word) for word in b]
        and JaroWinkler.similarity(" ".join(a), " ".join(b)) >= 0.8
    )


def _contact_emails(left: Values, right: Values) -> Finding:
    a, b = _emails(left), _emails(right)
    if not a or not b:
        return None
    b_addresses = {email.address for email in b}
    same = [email for email in a if email.address in b_addresses]
    if not same:
        return ("emails", "different")
    shared = all(email.shared for email in same)
    return ("emails", "same shared mailbox" if shared else "same email")


def _account_reference(left: Values, right: Values) -> Finding:
    a, b = left.get("account"), right.get("account")
    if not a or not b:
        return None
    return ("account", "same account" if a == b else "another account")


def _title(left: Values, right: Values) -> Finding:
    a, b = forms.person_form(_text(left, "title")), forms.person_form(_text(right, "title"))
    return ("title", "same title") if a and a == b else None


# --- keys -----------------------------------------------------------------------------------


def _account_keys(record: Values) -> Iterable[str]:
    tax = _text(record, "tax_id")
    if tax:
        number = forms.tax_form(tax).number
        yield f"tax:{number}"
    for email in _emails(record):
        yield f"mail:{email.address}"
        if email.domain:
            yield f"host:{email.domain}"
    host = forms.host_form(_text(record, "website"))
    if host:
        yield f"host:{host}"
    phone = forms.phone_form(_text(record, "phone"))
    if phone:
        yield f"tel:{phone}"
    yield from _account_name_keys(record)


def _account_name_keys(record: Values) -> Iterable[str]:
    name = _text(record, "name")
    if not name:
        return
    form = forms.company_form(name)
    sounds = sorted({forms.sound(word) for word in form.words})
    yield NAME_KEY + " ".join(sounds)
    yield "joined:" + forms.sound(form.core.replace(" ", ""))[:12]
    address = _address(record)
    code = forms.code_form(_text(address, "postcode"))
    city = forms.place_form(_text(address, "city"))
    for word in sorted(sounds, key=len, reverse=True)[:3]:
        if code:
            yield f"word+code:{word[:6]}|{code}"
        if city:
            yield f"word+city:{word}|{city}"
    for place in range(len(sounds)):
        # All words but one: survives a word added, lost or misspelt in a longer name.
        if len(sounds) > 2:
            yield "most:" + " ".join(sounds[:place] + sounds[place + 1 :])


def _contact_keys(record: Values) -> Iterable[str]:
    for email in _emails(record):
        if not email.shared:
            yield f"mail:{email.address}"
    for field in ("phone", "mobile"):
        phone = forms.phone_form(_text(record, field))
        if phone:
            yield f"tel:{phone}"
    given = [forms.sound(word) for word in forms.person_form(_text(record, "given_name"))]
    family = [forms.sound(word) for word in forms.person_form(_text(record, "family_name"))]
    if not given and not family:
        return
    yield NAME_KEY + " ".join(sorted(given + family))
    account = record.get("account")
    for word in family:
        if account:
            yield f"family+account:{word}|{account}"
        if given:
            yield f"family+initial:{word}|{given[0][:2]}"
    if account and given:
        yield f"given+account:{given[0]}|{account}"


_Comparison = Callable[[Values, Values], Finding]
_Keys = Callable[[Values], Iterable[str]]
_OBJECTS: Mapping[str, tuple[_Keys, tuple[_Comparison, ...]]] = {
    "account": (
        _account_keys,
        (
            _tax_id,
            _company_name,
            _account_emails,
            _phones("phone", "same phone"),
            _website,
            _addresses,
        ),
    ),
    "contact": (
        _contact_keys,
        (
            _person_name,
            _contact_emails,
            _phones("mobile", "same mobile"),
            _phones("phone", "same phone"),
            _account_reference,
            _title,
            _addresses,
        ),
    ),
}
