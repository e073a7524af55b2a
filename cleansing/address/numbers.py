"""Postcodes, post boxes and house numbers: the digits of an address."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from cleansing.address.regions import postcode_pattern
from cleansing.address.vocabulary import vocabulary

HOUSE_NUMBER = re.compile(
    r"\d{1,5}[^\W\d_]?(?:[-/–]\d{0,5}[^\W\d_]?\d{0,3})*|s/n|б/н|bb|б\.н\.", re.IGNORECASE
)
"""A word that can be a house number by its shape: 5, 37Α, 44-46, 104/122, 4A, s/n."""

_SERIAL = re.compile(r"-(?:я|й|е|го|ая|ый|ий|ша|га)$")
"""Endings of "1-я линия": a number that belongs to the street's name."""

_ROMAN = re.compile(r"[IVX]{1,5}\.?")

_ORDINAL = re.compile(
    r"\d{1,3}(?:[ºª°]|st|nd|rd|th|ος|ου|ο|e|er|ème|eme|a|r|n|t|-?й|-?ий|-?ий|\.)", re.IGNORECASE
)

_LENIENT: dict[str, str] = {
    "PL": r"\d{2}[- ]?\d{3}",
    "CZ": r"\d{3} ?\d{2}",
    "SK": r"\d{3} ?\d{2}",
    "SE": r"\d{3} ?\d{2}",
    "PT": r"\d{4}(?:-?\d{3})?",
    "BR": r"\d{5}-?\d{3}",
    "NL": r"\d{4} ?[A-Z]{2}",
    "GB": r"(?:GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})",
    "IM": r"IM\d{1,2} ?\d[A-Z]{2}",
    "JE": r"JE\d{1,2} ?\d[A-Z]{2}",
    "GG": r"GY\d{1,2} ?\d[A-Z]{2}",
    "CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    "AR": r"(?:[A-Z]\d{4} ?[A-Z]{3}|\d{4})",
    "KZ": r"(?:\d{6}|[A-Z]\d{2}[A-Z]\d[A-Z]\d)",
    "AZ": r"(?:AZ ?)?\d{4}",
    "LT": r"(?:LT-)?\d{5}",
    "LV": r"(?:LV-)?\d{4}",
    "MD": r"(?:MD-?)?\d{4}",
    "HT": r"(?:HT ?)?\d{4}",
    "IE": r"[A-Z]\d[\dW] ?[A-Z\d]{4}",
    "UZ": r"\d{6}",
    "AM": r"\d{4}",
    "GE": r"\d{4}",
    "TM": r"\d{6}",
    "KG": r"\d{6}",
    "TJ": r"\d{6}",
    "XK": r"\d{5}",
    "PS": r"(?:P\d{7}|\d{5,6})",
    "MV": r"\d{5}",
    "ES": r"\d{5}",
    "BY": r"\d{6}",
    "JP": r"〒?\d{3}-?\d{4}",
}
"""Postcodes as people type them; the strict shape is checked against the postal directory."""

_PREFIX: dict[str, str] = {
    "A": "AT", "B": "BE", "D": "DE", "E": "ES", "F": "FR", "H": "HU", "I": "IT", "L": "LU",
    "N": "NO", "S": "SE", "P": "PT", "FIN": "FI", "DK": "DK", "SF": "FI", "SLO": "SI",
}  # fmt: skip
"""Motorised-traffic signs that stand before a postcode ("D-20354")."""

_KEPT = frozenset({"LV", "LT", "MD", "AZ", "KY"})
"""Countries whose sign is part of the postcode."""

_PREFIXED = re.compile(
    r"(?<![\w-])([A-Z]{1,3})-(?=\d{2}-?\d{3}(?!\d)|\d{3} \d{2}(?!\d)|\d{4,6}(?!\d))"
)

_BOX = re.compile(
    r"""(?<!\w)(?:p\.?\s?o\.?\s?box|post\s?box|a/я|а/с|а/я|аб\.?\s?скр(?:инька)?\.?
    |абонентск\w+\ ящик|абонентськ\w+\ скриньк\w+|skr(?:ytka)?\.?\s?poczt(?:owa)?\.?|skrytka
    |apdo\.?(?:\s(?:de\s)?correos|\spostal)?|apartado(?:\s(?:de\s)?correos|\spostal)?
    |τ\.?\s?θ\.?|ταχ\.?\s?θυρ(?:ίδα)?\.?|t\.\s?th\.|b\.\s?p\.|bp|bo[iî]te\spostale|postfach|postbus
    |casella\spostale|c[aă]su[tț]a\spo[sș]tal[aă]|p\.?\s?o\.?\s?b\.?|пощенска\sкутия
    |п\.\s?к\.(?!\s?\d{4}(?!\d))|posta\skutusu|abonent(?:lik)?\s?q?u?t?i?s?i?|a/ya|caixa\spostal|postboks|pošt\.?\s?přihr\w*
    |p\.?\s?f\.|pf\.?|postafiók)
    \s*(?:№|nr\.?|n[º°o]\.?|\#|:)?\s*(\d[\d-]*(?:\ \d\d(?!\d)){0,3})(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_CP = re.compile(r"(?<!\w)c\.?\s?p\.?\s*(?:nr\.?\s*)?(\d{1,4})(?!\w)", re.IGNORECASE)
_LOCAL_BOX = {
    **dict.fromkeys(
        ("RO", "IT", "CH", "MD"),
        re.compile(r"(?<!\w)cp\s*(?:nr\.?\s*)?(\d{1,4})(?!\w)", re.IGNORECASE),
    ),
    "FR": re.compile(r"(?<!\w)(?:cs|tsa)\s*(\d{5})(?!\w)", re.IGNORECASE),
    "TR": re.compile(r"(?<!\w)p\.?\s?k\.?\s*(?:no\.?:?\s*)?(\d{1,4})(?!\w)", re.IGNORECASE),
}
"""Words for a box that mean something else in other countries ("CP" is a postcode in Spain)."""


@lru_cache(maxsize=1 << 14)
def is_house_number(word: str) -> bool:
    """True if the word can be a house number by its shape.

    >>> [is_house_number(w) for w in ("37Α", "104/122", "28ης", "Krupówki")]
    [True, True, False, False]
    """
    bare = word.rstrip(".")
    return HOUSE_NUMBER.fullmatch(bare) is not None and _SERIAL.search(bare) is None


def is_ordinal(word: str) -> bool:
    """True for a floor's number: 2nd, 4ος, 3º, "2."."""
    return _ORDINAL.fullmatch(word) is not None or _ROMAN.fullmatch(word) is not None


def is_value(word: str) -> bool:
    """True if the word can name a flat, floor or entrance: 5, 12Н, B, IV, 4ºC."""
    bare = word.rstrip(".")
    return any(c.isdigit() for c in bare) or (len(bare) <= 3 and bare.isupper()) or len(bare) == 1


@cache
def postcode_finder(country: str) -> re.Pattern[str] | None:
    """Finds the country's postcodes in a prepared text; group `code`, and `label` if announced."""
    shape = _LENIENT.get(country) or postcode_pattern(country)
    if shape is None:
        return None
    announced = vocabulary(country).postcode
    sign = "" if country in shape else f"(?:{country}[- ]?)?"
    return re.compile(
        rf"(?<![\w/-])(?:(?P<label>{announced})[\s.:№-]*)?{sign}(?P<code>{shape})(?![\w/-])",
        re.IGNORECASE,
    )


@cache
def strict_postcode(country: str) -> re.Pattern[str] | None:
    """The shape that the postal directory asks for."""
    shape = postcode_pattern(country)
    return None if shape is None else re.compile(shape, re.IGNORECASE)


def country_of_prefix(text: str) -> str | None:
    """Country told by a sign before the postcode.

    >>> country_of_prefix("D-20354 Hamburg"), country_of_prefix("PL-50-068 Wrocław")
    ('DE', 'PL')
    """
    match = _PREFIXED.search(text) if "-" in text else None
    if match is None:
        return None
    sign = match.group(1)
    return _PREFIX.get(sign) or (sign if len(sign) == 2 and postcode_pattern(sign) else None)


def drop_prefix(text: str) -> str:
    """The text without such signs.

    >>> drop_prefix("GR-105 63 Αθήνα")
    '105 63 Αθήνα'
    """
    return _PREFIXED.sub(lambda m: m.group() if m.group(1) in _KEPT else "", text)


def find_box(text: str, country: str | None) -> tuple[int, int, str] | None:
    """Start, end and number of a post box in a prepared text.

    >>> find_box("skr. poczt. 118", "PL")
    (0, 15, '118')
    """
    match = _BOX.search(text)
    if match is None and country in _LOCAL_BOX:
        match = _LOCAL_BOX[country].search(text)
    return None if match is None else (match.start(), match.end(), match.group(1))
