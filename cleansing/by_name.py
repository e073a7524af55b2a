"""Cleansers by the name of the kind of value, with plain answers: what a file or a form exchanges.

A request is a text with its context (`country`, `locale`, `lang`, …); an answer is a mapping that
JSON can hold. Each cleanser is imported when its kind is first asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cleansing.result import Cleansed, refuse

if TYPE_CHECKING:
    from cleansing.job_title import TitleIndex

Context = Mapping[str, Any]
Answer = dict[str, Any]
Cleanser = Callable[[str, Context], Answer]

ADDRESS_FIELDS = ("street", "house_number", "unit", "city", "region", "postcode", "country")


def _answer(cleansed: Cleansed[Any], plain: Callable[[Any], Any], **more: Any) -> Answer:
    value = None if cleansed.value is None else plain(cleansed.value)
    return {
        "value": value,
        **more,
        "confidence": cleansed.confidence,
        "reasons": list(cleansed.reasons),
    }


def _text(context: Context, *names: str) -> str | None:
    """The first of several entries of a context that says something.

    >>> _text({"country": "", "default_country": "PL"}, "country", "default_country")
    'PL'
    """
    return next((str(context[name]) for name in names if context.get(name)), None)


def _country(context: Context) -> str | None:
    return _text(context, "country", "default_country", "default_region")


def _lang(context: Context) -> str | None:
    return _text(context, "lang", "locale")


def _locale(context: Context) -> str | None:
    """The locale of a context: stated, or of its language and country together."""
    if stated := _text(context, "locale"):
        return stated
    lang, country = _text(context, "lang"), _country(context)
    if lang and country and "-" not in lang:
        return f"{lang}-{country}"
    return lang


def exact_number(value: Decimal) -> int | float | str:
    """A decimal as the JSON number that holds it exactly, or as text where none does.

    >>> exact_number(Decimal("1500.0")), exact_number(Decimal("0.1"))
    (1500, 0.1)
    >>> exact_number(Decimal("0.12345678901234567890"))
    '0.12345678901234567890'
    """
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def _address(text: str, context: Context) -> Answer:
    from cleansing.address import cleanse_address  # noqa: PLC0415 - its directories load slowly

    found = cleanse_address(text, default_country=_text(context, "default_country", "country"))

    def plain(address: Any) -> dict[str, Any]:
        fields = {name: getattr(address, name) for name in ADDRESS_FIELDS}
        return fields | ({"po_box": address.po_box} if address.po_box else {})

    return _answer(found, plain)


def _phone(text: str, context: Context) -> Answer:
    from cleansing.phone import cleanse_phone  # noqa: PLC0415 - loaded when asked for

    found = cleanse_phone(
        text, region=_text(context, "default_region", "region") or _country(context)
    )
    more = {"ext": found.value.ext, "other": list(found.value.other)} if found.value else {}
    return _answer(found, lambda phone: phone.e164, **more)


def _email(text: str, _context: Context) -> Answer:
    from cleansing.email import cleanse_email  # noqa: PLC0415 - loaded when asked for

    found = cleanse_email(text)
    more = {"other": list(found.value.other)} if found.value else {}
    return _answer(found, lambda email: email.address, **more)


def _tax_id(text: str, context: Context) -> Answer:
    from cleansing.tax_id import cleanse_tax_id  # noqa: PLC0415 - loaded when asked for

    found = cleanse_tax_id(text, country=_country(context), kind=_text(context, "type", "tax_kind"))
    more = {"country": found.value.country, "type": found.value.kind} if found.value else {}
    return _answer(found, lambda tax: tax.code, **more)


def _company(text: str, context: Context) -> Answer:
    from cleansing.company import cleanse_company  # noqa: PLC0415 - loaded when asked for

    return _answer(
        cleanse_company(text, country=_country(context)),
        lambda found: {
            "name": found.name,
            "legal_form": found.legal_form,
            "country": found.country,
        },
    )


def _person(text: str, context: Context) -> Answer:
    from cleansing.person import cleanse_person  # noqa: PLC0415 - loaded when asked for

    return _answer(
        cleanse_person(text, lang=_lang(context), country=_country(context)),
        lambda found: {
            "title": found.title,
            "given": found.given,
            "middle": found.middle,
            "family": found.family,
        },
    )


def _number(text: str, context: Context) -> Answer:
    from cleansing.number import cleanse_number  # noqa: PLC0415 - loaded when asked for

    locale = _locale(context)
    found: Cleansed[Decimal] = (
        cleanse_number(text, locale=locale) if locale else refuse("no_locale")
    )
    return _answer(found, exact_number)


def _money(text: str, context: Context) -> Answer:
    from cleansing.number import Money, cleanse_money  # noqa: PLC0415 - loaded when asked for

    locale = _locale(context)
    found: Cleansed[Money] = (
        cleanse_money(text, locale=locale, currency=_text(context, "currency"))
        if locale
        else refuse("no_locale")
    )
    return _answer(
        found, lambda money: {"amount": exact_number(money.amount), "currency": money.currency}
    )


def _date(text: str, context: Context) -> Answer:
    from cleansing.date import cleanse_date  # noqa: PLC0415 - loaded when asked for

    locale = _locale(context)
    found: Cleansed[dt.date | dt.datetime] = (
        cleanse_date(text, locale=locale, source=_text(context, "source"))
        if locale
        else refuse("no_locale")
    )
    return _answer(found, lambda moment: moment.isoformat())


def _boolean(text: str, context: Context) -> Answer:
    from cleansing.boolean import cleanse_boolean  # noqa: PLC0415 - loaded when asked for

    checkbox = _text(context, "field") == "checkbox"
    return _answer(cleanse_boolean(text, lang=_lang(context), checkbox=checkbox), bool)


KINDS: Mapping[str, Cleanser] = {
    "address": _address,
    "company": _company,
    "person": _person,
    "phone": _phone,
    "email": _email,
    "tax_id": _tax_id,
    "number": _number,
    "money": _money,
    "date": _date,
    "boolean": _boolean,
}
"""Kind → its cleanser; titles need a directory, see `title_cleanser`.

>>> KINDS["phone"]("044 234-56-78", {"country": "UA"})["value"]
'+380442345678'
>>> KINDS["number"]("1.234", {"locale": "pl-PL"})["reasons"]
['refused:two_readings:1234|1.234']
"""


def title_cleanser(index: TitleIndex) -> Cleanser:
    """The cleanser of job titles over a directory; its value is `code` and `name`."""

    def title(text: str, context: Context) -> Answer:
        lang = _lang(context)
        return _answer(
            index.match(text, lang=lang),
            lambda position: {"code": position.code, "name": position.named(lang)},
        )

    return title
