"""Tax numbers: the compact code, its country and its kind, accepted when its check digits hold.

The country comes from the number's own prefix or from the record. Labels ("NIP", "ИНН", "P.IVA"),
blanks and punctuation go; a second code behind the number (the Russian KPP) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

from cleansing.result import Cleansed, refuse
from cleansing.tables import words
from cleansing.tax_kinds import KINDS, VAT_PREFIXES
from cleansing.text import tidy


@dataclass(frozen=True, slots=True)
class TaxId:
    """A tax number whose rule holds.

    Attributes:
        code: compact; with its country prefix when the text states one and the number is for VAT.
        country: ISO alpha-2 of the country that issued it.
        kind: its name there (`"NIP"`, `"AFM"`, `"EDRPOU"`).
    """

    code: str
    country: str
    kind: str

    def __str__(self) -> str:
        """The code, as it is written in one word.

        >>> str(TaxId("EL802718287", "GR", "AFM"))
        'EL802718287'
        """
        return self.code

    @property
    def vat(self) -> str:
        """The code with the prefix of the EU's VAT system, for countries that have one.

        >>> TaxId("8991618046", "PL", "NIP").vat, TaxId("20161805", "UA", "EDRPOU").vat
        ('PL8991618046', '20161805')
        """
        prefix = "EL" if self.country == "GR" else self.country
        if prefix not in VAT_PREFIXES or self.country in {"GB", "CH"}:
            return self.code
        return self.code if self.code.startswith(prefix) else prefix + self.code


class _Rule(NamedTuple):
    country: str
    kind: str
    names: frozenset[str]
    check: Callable[[str], str | None]
    shape_only: bool


_LOOK_ALIKES = str.maketrans("АВЕКМНОРСТХІΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXIABEZHIKMNOPTYX")
_PARTS = re.compile(r"\s*[/,;|()\n]\s*|\s+(?:КПП|KPP)\b.*$", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s.\-–—_/:№#'’]+")
_LABELS = words(
    """
    VAT NIP REGON PESEL AFM CIF NIF NIE DNI INN TIN STIR EIN UST USTID USTIDNR IDNR ID NO NR NUM
    NUMBER CODE KOD PIVA IVA TVA BTW MWST UID CUI DIC ICO OIB PIB CVR UNP BIN IIN EDRPOU IPN TAX
    REG EU UE PARTITA CF COD RNOKPP PINFL VOEN KRS IK EIK SIREN SIRET MOMS ALV KMKR PVN PVM MVA
    ORGNR ORG ABN GSTIN RFC CUIT RUT CNPJ CPF STNR VRN UTR GST DDV IC DPH
    """
)


def _kz(code: str) -> str | None:
    """Check digit of a Kazakh BIN or IIN: a weighted sum modulo 11, with a second try.

    >>> _kz("971240001315"), _kz("971240001316")
    ('971240001315', None)
    """
    if not re.fullmatch(r"\d{12}", code):
        return None
    digits = [int(char) for char in code]
    check = sum(weight * digit for weight, digit in zip(range(1, 12), digits, strict=False)) % 11
    if check == 10:
        weights = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
        check = sum(w * digit for w, digit in zip(weights, digits, strict=False)) % 11
    return code if check == digits[11] else None


def _by_stdnum(module: str) -> Callable[[str], str | None]:
    def check(code: str) -> str | None:
        rule: Any = import_module(f"stdnum.{module}")
        return str(rule.compact(code)) if rule.is_valid(code) else None

    return check


def _by_shape(pattern: str) -> Callable[[str], str | None]:
    """Only the shape is known, so the keys in order are taken for a placeholder too."""
    shape = re.compile(pattern)
    return lambda code: (
        code if shape.fullmatch(code) and not "12345678901234".startswith(code) else None
    )


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[_Rule, ...]]:
    found: dict[str, list[_Rule]] = {}
    for country, kind, source, names in KINDS:
        if source.startswith("shape:"):
            check = _by_shape(source.removeprefix("shape:"))
        else:
            check = _kz if source == "checksum:kz" else _by_stdnum(source)
        rule = _Rule(country, kind, words(names) | {kind}, check, source.startswith("shape:"))
        found.setdefault(country, []).append(rule)
    return {country: tuple(rules) for country, rules in found.items()}


def _compactions(text: str) -> Iterator[str]:
    """The ways to take a number out of its label, the fullest first.

    >>> list(_compactions("P.IVA 03141590012")), list(_compactions("NIP: PL 899-161-80-46"))
    (['03141590012'], ['PL8991618046', '8991618046'])
    """
    tokens = [_PUNCTUATION.sub("", token) for token in re.split(r"[\s:№#]+", text)]
    kept = [
        token
        for token in tokens
        if any(char.isdigit() for char in token)
        or (token.isascii() and token not in _LABELS and len(token) <= 4)
    ]
    numeric = [token for token in kept if any(char.isdigit() for char in token)]
    attached = re.sub(r"^[^\d]{3,}", "", "".join(numeric))
    runs = [token for token in numeric if len(token) >= 8]
    digits = re.sub(r"\D", "", "".join(numeric))
    yield from dict.fromkeys(
        code for code in ("".join(kept), "".join(numeric), attached, *runs, digits) if len(code) > 4
    )


def _is_placeholder(code: str) -> bool:
    digits = re.sub(r"\D", "", code)
    return len(set(digits)) <= 1


def _prefix(code: str) -> str | None:
    """The country prefix that a code states.

    >>> _prefix("GR802718287"), _prefix("8991618046")
    ('GR', None)
    """
    head = code[:2]
    return head if head in VAT_PREFIXES and len(code) > 6 else None


def _read(code: str, country: str | None, kind: str | None) -> TaxId | None:
    """The number that a compact code is, by its prefix's country or else by the record's."""
    if _is_placeholder(code):
        return None
    prefix = _prefix(code)
    issuers = [VAT_PREFIXES[prefix]] if prefix else []
    if country and country not in issuers:
        issuers.append(country)
    for issuer in issuers:
        for rule in _rules().get(issuer, ()):
            if kind and not _asks_for(kind, rule, issuer):
                continue
            bare = code[2:] if prefix and VAT_PREFIXES[prefix] == issuer else code
            if (checked := rule.check(code) or rule.check(bare)) is None:
                continue
            stated = prefix is not None and VAT_PREFIXES[prefix] == issuer
            return TaxId(_coded(checked, rule, stated=stated, kind=kind), issuer, rule.kind)
    return None


def _asks_for(kind: str, rule: _Rule, issuer: str) -> bool:
    """Whether a kind, as the caller names it, means this rule; an unknown name means any."""
    known = any(kind in other.names for other in _rules()[issuer])
    return kind in rule.names or not known


def _coded(checked: str, rule: _Rule, *, stated: bool, kind: str | None) -> str:
    """The code with the prefix that the text states, where the number is one for VAT."""
    prefix = "EL" if rule.country == "GR" else rule.country
    for_vat = "VAT" in rule.names and kind in {None, "VAT"}
    if not stated or not for_vat or prefix == "CH":
        return checked
    return prefix + checked.removeprefix(prefix)


def cleanse_tax_id(
    text: str, *, country: str | None = None, kind: str | None = None, vat: bool = False
) -> Cleansed[TaxId]:
    """The tax number in a text.

    Args:
        text: what was typed.
        country: ISO alpha-2 of the record, for numbers without a prefix.
        kind: which number the field is for (`"VAT"`, `"NIP"`, `"EDRPOU"`); others are refused.
        vat: give the code with its EU prefix, stated or not.

    Returns:
        The number, or a refusal: `no_country`, `no_code`, `check_digit` or `two_readings`.

    >>> cleanse_tax_id("ΑΦΜ: GR 802718287", country="GR").value
    TaxId(code='EL802718287', country='GR', kind='AFM')
    >>> cleanse_tax_id("ИНН/КПП 7708314159 / 770801001", country="RU").value
    TaxId(code='7708314159', country='RU', kind='INN')
    >>> cleanse_tax_id("B82314157", country="ES").reasons
    ('refused:check_digit',)
    """
    plain = tidy(text).upper().translate(_LOOK_ALIKES).replace("EΛ", "EL")
    if not plain:
        return Cleansed(None, 1.0, ("empty",))
    kind = "VAT" if vat and kind is None else kind.upper() if kind else None
    country = country.upper() if country else None
    found = _first_reading(plain, country, kind)
    if not found:
        if not re.search(r"\d{2}", plain):
            return refuse("no_code")
        stated = any(_prefix(code) for code in _compactions(plain))
        return refuse("check_digit" if stated or country else "no_country")
    best = found[0]
    same_kind = {tax.code for tax in found if (tax.country, tax.kind) == (best.country, best.kind)}
    if len({code.removeprefix("EL").removeprefix(best.country) for code in same_kind}) > 1:
        return refuse("two_readings:" + "|".join(sorted(same_kind)))
    if vat:
        best = TaxId(best.vat, best.country, best.kind)
    rule = next(rule for rule in _rules()[best.country] if rule.kind == best.kind)
    if rule.shape_only:
        return Cleansed(best, 0.8, ("tax_id:shape_only",))
    return Cleansed(best)


def _first_reading(plain: str, country: str | None, kind: str | None) -> list[TaxId]:
    """The valid numbers of a text: the text as a whole, else part by part."""
    whole = next(_valid([plain], country, kind), None)
    if whole and not _PARTS.search(plain):
        return [whole]
    parts = [part for part in _PARTS.split(plain) if part]
    found = list(_valid(parts, country, kind))
    return found or ([whole] if whole else [])


def _valid(parts: list[str], country: str | None, kind: str | None) -> Iterator[TaxId]:
    for part in parts:
        for code in _compactions(part):
            if tax := _read(code, country, kind):
                yield tax
                break
