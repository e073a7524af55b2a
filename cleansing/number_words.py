"""Words that people write around a number: scales, units, currencies, bounds and estimates."""

from __future__ import annotations

import re

from cleansing.tables import words

SCALES: dict[str, dict[str, int]] = {
    "*": {
        **dict.fromkeys(words("k тыс тис tys tsd tis χιλ ming минг thousand хил tausend"), 3),
        **dict.fromkeys(words("mln млн mio εκατ mn million millions millionen"), 6),
        **dict.fromkeys(words("bn млрд mld mrd mlrd billion δισ"), 9),
    },
    "en": {"m": 6, "mm": 6, "b": 9},
    "es": {"mil": 3, "m": 6, "millones": 6, "millón": 6},
    "pt": {"mil": 3, "milhões": 6, "milhão": 6, "mi": 6},
    "it": {"mila": 3, "mille": 3, "milioni": 6, "milione": 6, "miliardi": 9},
    "fr": {"mille": 3, "m": 6, "millions": 6, "md": 9},
    "de": {"t": 3, "milliarden": 9},
    "ro": {"mii": 3, "mil": 6, "milioane": 6},
    "cs": {"tisíc": 3, "mil": 6, "milionů": 6, "miliard": 9},
    "sk": {"tisíc": 3, "mil": 6, "miliónov": 6},
    "pl": {"tysięcy": 3, "tysiące": 3, "milionów": 6, "miliony": 6, "miliardów": 9},
    "uk": {"тисяч": 3, "тисячі": 3, "к": 3, "мільйонів": 6, "мільйони": 6, "мільярдів": 9},
    "ru": {"тысяч": 3, "тысячи": 3, "к": 3, "миллионов": 6, "миллиона": 6, "миллиардов": 9},
    "bg": {"хиляди": 3, "милиона": 6, "милиарда": 9},
    "el": {"χιλιάδες": 3, "εκατομμύρια": 6, "δις": 9, "εκ": 6},
    "uz": {"million": 6, "milliard": 9},
    "tr": {"bin": 3, "milyon": 6, "milyar": 9},
    "hu": {"ezer": 3, "e": 3, "millió": 6, "m": 6},
}
"""Powers of ten by language; `*` for words that mean the same wherever they are used."""

UNITS = words(
    """
    kg g gr mg t ton tons tonne tonnes tona ton toneladas l lt ltr liter litre litr litrow litros m
    cm mm km m2 m3 mb kw kwh mw mwh gw gb tb mb v w kva ha ar h hr hrs min s pcs pc pcs. pieces ea
    units unit szt sztuk st stk stck stuck ud uds unidades ks db buc adet dona ta шт штук штука кг г
    гр т тн тонн тонна тонны л литр литров літрів м см мм км м2 м3 кв куб квм квт год час ч мин хв
    дн дней днів day days dni dias τεμ τμχ τεμαχια κιλα κιλο κ χλγ λ λτ τ τμ percent per cent prc
    procent процент процентов процентів відсотків prozent por ciento τοις εκατο foiz net netto
    brutto gross incl excl vat each only ед од компл комплект sq ft in lb lbs oz gal rob раб μ
    persons person people os osob чел осіб employees total razem suma сума сумма итого всего σύνολο
    συνολο price preis cena ціна цена precio τιμη amount betrag kwota importe ποσο qty ilosc
    кількість количество cantidad ποσοτητα no num nr n
    """
)
"""Folded words that say what is counted, and change nothing about the number."""

NOT_EXACT = re.compile(
    r"(?:^| )(?:ca|approx|approximately|about|circa|around|ok|okolo|kolo|приблизно|близько|"
    r"примерно|около|περιπου|aprox|alrededor|cerca|unos|etwa|ungefahr|environ|taxminan|"
    r"от|до|від|od|do|from|up|bis|ab|hasta|desde|εως|απο|min|max|mindestens|over|under|ponad|"
    r"более|менее|понад|mas|menos|plus|minus)(?: |$)"
)
"""Folded words that make a number a bound or an estimate."""

CURRENCY_SIGNS: dict[str, tuple[str, ...]] = {
    "€": ("EUR",),
    "ЕВРО": ("EUR",),
    "ЄВРО": ("EUR",),
    "EURO": ("EUR",),
    "EUROS": ("EUR",),
    "ΕΥΡΩ": ("EUR",),
    "$": ("USD", "CAD", "AUD", "NZD", "MXN", "ARS", "CLP", "COP", "SGD", "HKD", "TWD"),
    "US$": ("USD",),
    "ДОЛ": ("USD",),
    "ДОЛЛ": ("USD",),
    "£": ("GBP", "EGP"),
    "¥": ("JPY", "CNY"),
    "₽": ("RUB",),
    "РУБ": ("RUB", "BYN"),
    "РУБЛЕЙ": ("RUB", "BYN"),
    "Р": ("RUB", "BYN"),
    "₴": ("UAH",),
    "ГРН": ("UAH",),
    "ГРИВЕНЬ": ("UAH",),
    "HRN": ("UAH",),
    "ZŁ": ("PLN",),
    "ZL": ("PLN",),
    "ZLOTYCH": ("PLN",),
    "SO'M": ("UZS",),
    "SOM": ("UZS", "KGS"),
    "SUM": ("UZS",),
    "СУМ": ("UZS",),
    "СУММ": ("UZS",),
    "СЎМ": ("UZS",),
    "СОМ": ("KGS", "UZS"),
    "₸": ("KZT",),
    "ТГ": ("KZT",),
    "ТЕНГЕ": ("KZT",),
    "₺": ("TRY",),
    "TL": ("TRY",),
    "KČ": ("CZK",),
    "KC": ("CZK",),
    "FT": ("HUF",),
    "ЛВ": ("BGN",),
    "ЛЕВА": ("BGN",),
    "LEI": ("RON", "MDL"),
    "LEU": ("RON", "MDL"),
    "KR": ("SEK", "NOK", "DKK", "ISK"),
    "ДИН": ("RSD",),
    "DIN": ("RSD",),
    "₾": ("GEL",),
    "ЛАРИ": ("GEL",),
    "₼": ("AZN",),
    "֏": ("AMD",),
    "₹": ("INR",),
    "RS": ("INR", "PKR"),
    "R$": ("BRL",),
    "₪": ("ILS",),
    "₩": ("KRW",),
    "₫": ("VND",),
    "₦": ("NGN",),
    "R": ("ZAR",),
    "FR": ("CHF",),
}
"""Signs and words of currencies, upper case, with the codes that they may mean, likeliest first."""
