"""Yes and no, in the words and marks of a language.

One word can say yes in one language and no in another (Czech "ne" is no, Greek "ne" is yes), so the
language decides; without it a word that languages disagree on is refused.
"""

from __future__ import annotations

import re
import unicodedata

from cleansing.result import Cleansed, refuse
from cleansing.tables import rows, words
from cleansing.text import fold, tidy

_WORDS = {
    lang: tuple(frozenset(fold(word) or word for word in words(cell)) for cell in (yes, no))
    for lang, yes, no in rows(
        """
        en | yes y yeah yep yup yea true t on enabled | no n nope nah false f off disabled
        uk | так т да ага істина увімкнено є + | ні н нет неправда хиба вимкнено немає
        ru | да д ага истина вкл включено есть + | нет н ложь выкл выключено
        be | так т да ага | не н нет
        pl | tak t prawda wlaczone | nie n falsz wylaczone
        cs | ano a jo pravda | ne n nepravda
        sk | ano a hej pravda | nie n nepravda
        es | si s verdadero cierto v | no n falso f
        pt | sim s verdadeiro v | nao n falso f
        it | si s vero v | no n falso f
        ca | si s cert | no n fals
        fr | oui o vrai v | non n faux f
        de | ja j wahr richtig ein | nein n falsch nee aus
        nl | ja j waar aan | nee n onwaar neen uit
        sv | ja j sant | nej n falskt
        da | ja j sand | nej n falsk
        no | ja j sann | nei n usann
        nb | ja j sann | nei n usann
        fi | kylla k joo tosi | ei e epatosi
        et | jah j jaa toene | ei e vale
        lv | ja j patiess | ne n nepatiess
        lt | taip t | ne n
        hu | igen i igaz | nem n hamis
        ro | da d adevarat | nu n fals
        bg | да д вярно | не н невярно
        sr | da d да д tacno тачно | ne n не н netacno нетачно
        hr | da d tocno istina | ne n netocno neistina
        bs | da d | ne n
        sl | da d | ne n
        mk | да д | не н
        el | ναι αληθες αληθησ αληθεσ σωστο nai ne | οχι ψευδες ψευδησ ψευδεσ λαθος λαθοσ ochi oxi
        tr | evet e dogru | hayir h yanlis yok
        az | beli he | xeyr yox
        uz | ha xa ха rost togri | yoq йук йўқ notogri
        kk | иа ия ия | жок жоқ
        ky | ооба | жок
        tg | ха бале | не
        ka | ki კი დიახ | ara არა
        hy | այո | ոչ
        sq | po p | jo j
        ar | نعم | لا
        he | כן | לא
        zh | 是 对 真 有 | 否 不 假 无
        ja | はい 真 | いいえ 偽
        ko | 예 네 참 | 아니요 아니오 거짓
        """
    )
}
"""Language → folded words for yes and for no."""
_TRUE = words("1 true yes ✓ ✔ ☑ ✅ 👍")
_FALSE = words("0 false ☐ ✗ ✘ ❌ 👎")
_BOX_TRUE = words("x х v + * ✗ ✘ ☒ ×")
_TICKED = re.compile(r"[\[(]\s*[xXхХvV✓✔]\s*[\])]")
_MISLEADING = frozenset({("no", "pl"), ("no", "cs"), ("no", "sk")})
"""Words of other languages that are a casual yes where they are typed."""


def _mark(text: str) -> str:
    """Folded words, or the mark itself where folding leaves nothing of it."""
    plain = unicodedata.normalize("NFKC", text.strip(" .!;,\ufe0f"))
    return fold(plain).replace(" ", "") or plain.strip("[](){} ").casefold()


def _in_language(mark: str, lang: str) -> bool | None:
    yes, no = _WORDS.get(lang, (frozenset(), frozenset()))
    if (mark in yes) == (mark in no):
        return None
    return mark in yes


def cleanse_boolean(
    text: str, *, lang: str | None = None, checkbox: bool = False
) -> Cleansed[bool]:
    """Whether a text says yes or no.

    Args:
        text: what was typed.
        lang: language (`"pl"`) or locale (`"pl-PL"`) of the text.
        checkbox: the field is a box to tick, where any mark means yes.

    Returns:
        The answer, or a refusal: `two_readings:true|false` or `no_boolean`.

    >>> cleanse_boolean("TAK", lang="pl-PL").value, cleanse_boolean("Όχι.", lang="el").value
    (True, False)
    >>> cleanse_boolean("ne").reasons, cleanse_boolean("X", checkbox=True).value
    (('refused:two_readings:true|false',), True)
    """
    plain = tidy(text)
    if not plain:
        return Cleansed(None, 1.0, ("empty",))
    language = lang.replace("_", "-").split("-")[0].lower() if lang else None
    mark = _mark(plain)
    if _TICKED.fullmatch(plain) or (checkbox and mark in _BOX_TRUE):
        return Cleansed(True)
    if language and (answer := _in_language(mark, language)) is not None:
        return Cleansed(answer)
    if mark in _TRUE or mark in _FALSE:
        return Cleansed(mark in _TRUE)
    return _in_any_language(mark, language)


def _in_any_language(mark: str, language: str | None) -> Cleansed[bool]:
    """The answer that every language gives a word; of single letters only Y and N are flags."""
    if (mark, language) in _MISLEADING:
        return refuse("two_readings:true|false")
    if len(mark) == 1 and (mark not in {"y", "n"} or language == "el"):
        return refuse("no_boolean")
    answers = {_in_language(mark, other) for other in _WORDS} - {None}
    if len(answers) > 1:
        return refuse("two_readings:true|false")
    if answers:
        return Cleansed(True in answers, 0.9, ("boolean:other_language",))
    return refuse("no_boolean")


def boolean_text(value: bool, *, lang: str) -> str:
    """The usual word for a truth value in a language; `true` and `false` where none is known.

    >>> boolean_text(True, lang="uk"), boolean_text(False, lang="el"), boolean_text(True, lang="xx")
    ('так', 'όχι', 'true')
    """
    usual = _USUAL.get(lang.replace("_", "-").split("-")[0].lower(), ("true", "false"))
    return usual[0] if value else usual[1]


_USUAL = {
    lang: (yes, no)
    for lang, yes, no in rows(
        """
        en | yes | no
        uk | так | ні
        ru | да | нет
        pl | tak | nie
        es | sí | no
        el | ναι | όχι
        uz | ha | yo'q
        de | ja | nein
        fr | oui | non
        it | sì | no
        pt | sim | não
        cs | ano | ne
        sk | áno | nie
        ro | da | nu
        bg | да | не
        tr | evet | hayır
        nl | ja | nee
        hu | igen | nem
        """
    )
}
