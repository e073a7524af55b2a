"""Comparable forms of the values that companies and people are told apart by; pure, cached.

Each function takes one text as it stands in a canonical record and gives the form that two records
have in common when they mean the same. Nothing here is shown or stored in place of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from cleansing.legal_forms import FORMS
from cleansing.text import fold, latin

_CACHE = 1 << 17


def _word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


FREE_MAIL = _word_set(
    """aol.com bk.ru fastmail.com gmail.com gmx.com gmx.de gmx.net googlemail.com hotmail.com
    icloud.com inbox.ru interia.pl list.ru live.com mail.com mail.ru me.com msn.com o2.pl
    onet.pl outlook.com outlook.es proton.me protonmail.com rambler.ru ukr.net umail.uz web.de
    windowslive.com wp.pl yahoo.com yahoo.es yahoo.gr yandex.ru ymail.com"""
)
"""Domains whose mailboxes belong to anybody: sharing one says nothing."""

SHARED_MAILBOXES = _word_set(
    """accounting accounts admin billing buh buhgalter contact finance hello help info invoice
    invoices kontakt kadry mail marketing office order orders post purchase reception sales
    sekretariat service support team zakupy"""
)
"""Names of mailboxes that several people read."""

_LEGAL_KINDS = {
    "sa": """sa ae ανωνυμη_εταιρεια spolka_akcyjna aktiengesellschaft ag пат пао ао зао оао ват зат
        прат jsc ojsc cjsc pjsc plc as oyj nv aj акционерное_общество публичное_акционерное_общество
        joint_stock_company public_joint_stock_company sociedad_anonima акціонерне_товариство
        приватне_акціонерне_товариство aksiyadorlik_jamiyati""",
    "ltd": """ltd limited llc gmbh επε ικε ооо тов sp_z_o_o spzoo zoo mchj мчж sl slu srl sarl bv
        sro doo оод еоод eood ood sociedad_limitada limited_liability_company pty_ltd co_ltd
        общество_с_ограниченной_ответственностью товариство_з_обмеженою_відповідальністю
        spolka_z_ograniczona_odpowiedzialnoscia masuliyati_cheklangan_jamiyat
        gesellschaft_mit_beschrankter_haftung ιδιωτικη_κεφαλαιουχικη_εταιρεια""",
    "inc": "inc incorporated corp corporation",
    "partnership": """οε εε sp_j sp_k kg gmbh_co_kg ohg lp llp s_c ομορρυθμη_εταιρεια
        ετερορρυθμη_εταιρεια spolka_jawna spolka_komandytowa""",
    "sole": "фоп ип хк фх yatt яtt физическое_лицо_предприниматель",
    "co": "co company",
}


_NUMERALS = frozenset({("ii",), ("i", "i"), ("iii",)})
"""A Cyrillic form may look like one in Latin letters: a second fund is no legal form."""


def _legal_table() -> dict[tuple[str, ...], str]:
    """Latin words of every spelling of every legal form, and its kind; empty for a rare one."""
    table: dict[tuple[str, ...], str] = {}
    for kind, written in _LEGAL_KINDS.items():
        for form in written.split():
            _add_form(table, form.replace("_", " "), kind)
    for form, *rest in FORMS:
        # Countries, and where the form stands, do not matter here; the last column may be absent.
        for spelling in (form, *"".join(rest[2:]).split(";")):
            _add_form(table, spelling, "")
    return table


def _add_form(table: dict[tuple[str, ...], str], spelling: str, kind: str) -> None:
    words = tuple(latin(spelling).split())
    if words and words not in _NUMERALS:
        table.setdefault(words, kind)
        if sum(map(len, words)) <= 4:  # "s.a." parts into letters when it is folded
            table.setdefault(tuple("".join(words)), kind)


_LEGAL = _legal_table()
_LEGAL_STARTS = frozenset(words[0] for words in _LEGAL)
_LEGAL_LONGEST = max(map(len, _LEGAL))
_SMALL_WORDS = _word_set("the and of de la el und y i kai ta o h")


@dataclass(frozen=True, slots=True)
class CompanyForm:
    """A company's name, ready to compare.

    Attributes:
        core: Latin words without the legal form, in their order.
        legal: kind of the legal form (`"sa"`, `"ltd"`, …); empty when none is written.
        words: the words of `core`.
        numbers: words that are numbers or ordinals written in digits.
        roman: True when it was written in Latin letters, so no romanisation blurs it.
    """

    core: str
    legal: str
    words: frozenset[str]
    numbers: frozenset[str]
    roman: bool


@lru_cache(maxsize=_CACHE)
def company_form(name: str) -> CompanyForm:
    """Split a company's name into what is its own and its legal form.

    >>> company_form('ТОВ "Ромашка"').core, company_form("Romashka LLC").core
    ('romashka', 'romashka')
    >>> company_form("Acme Sp. z o.o.").legal, company_form("ACME S.A.").legal
    ('ltd', 'sa')
    """
    words = latin(name).split()
    kept, legal = _without_legal(words)
    if not kept:
        kept = words
    return CompanyForm(
        " ".join(kept),
        legal,
        frozenset(word for word in kept if word not in _SMALL_WORDS) or frozenset(kept),
        frozenset(word for word in kept if word[0].isdigit()),
        fold(name).isascii(),
    )


def _may_stand(form: list[str], first: bool, last: bool) -> bool:
    """Initials and lone short words inside a name are words of it."""
    if max(map(len, form)) == 1:
        return last
    return first or last or len(form) > 1


def _without_legal(words: list[str]) -> tuple[list[str], str]:
    if _LEGAL_STARTS.isdisjoint(words):
        return words, ""
    kept: list[str] = []
    legal = ""
    start = 0
    while start < len(words):
        for stop in range(min(len(words), start + _LEGAL_LONGEST), start, -1):
            kind = _LEGAL.get(tuple(words[start:stop]))
            if kind is not None and _may_stand(words[start:stop], start == 0, stop == len(words)):
                legal = kind if legal in ("", "co") else legal
                start = stop
                break
        else:
            kept.append(words[start])
            start += 1
    while len(kept) > 1 and (kept[-1],) in _LEGAL:
        legal = legal or _LEGAL[kept[-1],]
        kept.pop()
    return kept, legal


_SPELLINGS = {
    "shch": "s", "sch": "s", "tch": "s", "ch": "h", "kh": "h", "gh": "g", "ph": "f", "th": "t",
    "sh": "s", "zh": "z", "ts": "z", "tz": "z", "cz": "s", "sz": "s", "ks": "x", "mp": "b",
    "nt": "d", "ck": "k",
}  # fmt: skip
_SPELLED = re.compile("|".join(sorted(_SPELLINGS, key=len, reverse=True)))
_ONE_SOUND = str.maketrans("cqwb", "kkvv", "aeiouyj ")
_VOWELS = frozenset("aeiouyj")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=_CACHE)
def sound(word: str) -> str:
    """A word's consonants as they sound, so that spellings and romanisations meet.

    >>> sound("papadopoulos") == sound("papadopoylos"), sound("kyiv") == sound("kiiv")
    (True, True)
    """
    first = "a" if word[:1] in _VOWELS else ""
    heard = _SPELLED.sub(lambda spelt: _SPELLINGS[spelt.group()], word).translate(_ONE_SOUND)
    return first + _DOUBLED.sub(r"\1", heard) or word


@dataclass(frozen=True, slots=True)
class TaxForm:
    """A tax id: the country it names (empty when none) and its own characters."""

    country: str
    number: str


_PREFIX = re.compile(r"(?:[A-Z]{2})(?=\d{7,}|[A-Z]?\d{6,}[A-Z]?$|U\d{8}$)")
_NOT_ALNUM = re.compile(r"[^0-9A-Z]+")


@lru_cache(maxsize=_CACHE)
def tax_form(text: str) -> TaxForm:
    """Country prefix and number of a tax id as written.

    >>> tax_form("EL 094 014 201")
    TaxForm(country='GR', number='094014201')
    >>> tax_form("094014201").number, tax_form("ES B-58818501").number
    ('094014201', 'B58818501')
    """
    number = _NOT_ALNUM.sub("", text.upper())
    prefix = _PREFIX.match(number)
    if prefix is None:
        return TaxForm("", number)
    country = prefix.group()
    return TaxForm("GR" if country == "EL" else country, number[2:])


@lru_cache(maxsize=_CACHE)
def tax_validity(number: str, country: str) -> bool | None:
    """Whether the check digit holds; None when there is no rule for the country.

    >>> tax_validity("094014201", "GR"), tax_validity("094014202", "GR"), tax_validity("1", "")
    (True, False, None)
    """
    if not country:
        return None
    # stdnum loads a module per country: 0.1 s that only those pay who compare tax ids.
    from stdnum import get_cc_module  # noqa: PLC0415 - see above

    rule = get_cc_module(country.lower(), "vat")
    return None if rule is None else bool(rule.is_valid(number))


@lru_cache(maxsize=_CACHE)
def phone_form(text: str) -> str:
    """The last nine digits: the country prefix may be missing; empty when too short to tell.

    >>> phone_form("+30 210 123 4567"), phone_form("2101234567"), phone_form("12")
    ('101234567', '101234567', '')
    """
    digits = "".join(char for char in text if char.isdecimal())
    return digits[-9:] if len(digits) >= 6 else ""


@lru_cache(maxsize=_CACHE)
def host_form(website: str) -> str:
    """Host of a website without `www.`.

    >>> host_form("https://www.Acme.gr/el/"), host_form("acme.gr")
    ('acme.gr', 'acme.gr')
    """
    host = website.strip().casefold().split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
    return host.removeprefix("www.")


@dataclass(frozen=True, slots=True)
class EmailForm:
    """One address: comparable text, domain (empty for free mail), and whether people share it."""

    address: str
    domain: str
    shared: bool


@lru_cache(maxsize=_CACHE)
def email_form(text: str) -> EmailForm:
    """Comparable form of one e-mail address.

    >>> email_form("Info@Acme.gr")
    EmailForm(address='info@acme.gr', domain='acme.gr', shared=True)
    >>> email_form("maria@gmail.com").domain
    ''
    """
    address = text.strip().casefold()
    mailbox, _, domain = address.rpartition("@")
    return EmailForm(address, "" if domain in FREE_MAIL else domain, mailbox in SHARED_MAILBOXES)


_STREET_WORDS = _word_set(
    """street st str ul ulica ulitsa vulitsya vul vulica vulicia odos leoforos leof av ave avenue
    avda avenida calle c road rd prospekt pr prosp bulvar blvd boulevard plac pl plaza plateia
    kochasi kocha koca proezd pereulok provulok per lane ln drive dr court ct kucasi strasse
    platz al aleja al. aleje os"""
)


@lru_cache(maxsize=_CACHE)
def street_form(street: str) -> str:
    """Sounds of a street's own words, sorted; the kind of street does not count.

    >>> street_form("Οδός Ερμού") == street_form("Ermou Str.")
    True
    """
    words = latin(street).split()
    own = [word for word in words if word not in _STREET_WORDS] or words
    return " ".join(sorted(sound(word) for word in own))


@lru_cache(maxsize=_CACHE)
def place_form(name: str) -> str:
    """Sounds of a town's name.

    >>> place_form("Αθήνα") == place_form("Athina"), place_form("Київ") == place_form("Kyiv")
    (True, True)
    """
    return " ".join(sound(word) for word in latin(name).split())


@lru_cache(maxsize=_CACHE)
def code_form(text: str) -> str:
    """House numbers and postcodes: letters and digits only.

    >>> code_form("105 63"), code_form("12-а")
    ('10563', '12a')
    """
    return latin(text).replace(" ", "")


@lru_cache(maxsize=_CACHE)
def person_form(name: str) -> tuple[str, ...]:
    """Latin words of a person's name, in their order.

    >>> person_form("Παπαδοπούλου-Ιωάννου")[1]
    'ioannoy'
    """
    return tuple(latin(name).split())
