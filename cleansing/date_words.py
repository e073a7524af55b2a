"""Month names that the locale tables lack, and words that stand in a date without changing it."""

from __future__ import annotations

from cleansing.tables import words
from cleansing.text import fold

EXTRA_MONTHS: dict[str, dict[int, tuple[str, ...]]] = {
    "en": {9: ("sept",)},
    "es": {9: ("set", "setiembre", "sept")},
    "uz": {
        1: ("yanvar", "январ"),
        2: ("fevral", "феврал"),
        3: ("mart", "март"),
        4: ("aprel", "апрел"),
        5: ("may", "май"),
        6: ("iyun", "июн"),
        7: ("iyul", "июл"),
        8: ("avgust", "август"),
        9: ("sentyabr", "sentabr", "сентябр"),
        10: ("oktyabr", "oktabr", "октябр"),
        11: ("noyabr", "ноябр"),
        12: ("dekabr", "декабр"),
    },
    "ru": {9: ("сент", "сен"), 11: ("нояб", "ноя"), 5: ("май", "мая")},
    "uk": {1: ("січ",), 2: ("лют",), 3: ("бер",), 4: ("квіт",), 6: ("черв",), 7: ("лип",)},
    "el": {
        1: ("Γενάρη", "Γενάρης"),
        2: ("Φλεβάρη", "Φλεβάρης"),
        5: ("Μάη", "Μάης"),
        6: ("Ιούνη",),
        7: ("Ιούλη",),
        8: ("Αυγ", "Αυγούστου"),
    },
    "pl": {9: ("wrz",), 10: ("paź", "pazd")},
    "de": {3: ("mrz", "maerz"), 1: ("jänner",)},
    "pt": {9: ("set",)},
    "bg": {1: ("ян",), 6: ("юни",), 7: ("юли",)},
}
"""Language → month → further names and short forms."""

NOISE = frozenset(
    fold(word)
    for word in words(
        """
    th st nd rd of the de del di do da г гг год года рік року р yil yili йил йили йилда r rok roku
    έτους ετους ετοσ am den le el dia o e a ai η ος η του την on der im hr v y il kun er
    """
    )
)
"""Folded words that change nothing."""
