"""Scenario 25: values survive C → E → C, or are refused with a reason; none costs another write."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from cleansing.text import tidy
from connectors.base import ColumnType
from tandem.model.fields import Kind, same

TEXTS = {
    "composed": "Zażółć gęślą jaźń",
    "combining": "Zaz\u0307o\u0301\u0142c\u0301 e\u0301te\u0301",
    "right to left": "شركة النور للتجارة 123 בע״מ",
    "emoji": "Café ☕ 👩🏽\u200d🔧 🇺🇦",
    "quotes": 'O\'Neil "Acme" <b>&amp;</b> \\ %s {}',
    "blanks": "Acme  GmbH",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_go_there_and_back(world, text):
    w = world()
    crm_id, erp_id = w.pair(industry=text)
    held = w.erp.rows("party")[erp_id]["industry"]
    assert same(Kind.TEXT, held, tidy(text))  # composed, blanks as one: nothing else may differ
    w.erp.edit("party", erp_id, phone="+48 1")  # the whole row comes back
    w.cycle(3)
    assert w.crm.rows("Account")[crm_id]["industry"] == text  # to the last code point
    assert [s.write.values for s in w.crm.sent] == [{"phone": "+48 1"}]
    w.erp.edit("party", erp_id, industry=held)  # saved again as it is
    w.quiet(5)


@pytest.mark.parametrize("nothing", [{}, {"industry": None}, {"industry": ""}, {"industry": " "}])
def test_null_empty_and_absent_are_one_and_cost_nothing(world, nothing):
    w = world()
    crm_id, erp_id = w.pair(**nothing)
    assert w.erp.rows("party")[erp_id].get("industry") is None
    w.erp.edit("party", erp_id, industry="")
    w.quiet(3)
    assert w.crm.rows("Account")[crm_id].get("industry") == nothing.get("industry")
    w.erp.edit("party", erp_id, industry="steel")
    w.cycle(2)
    assert w.crm.rows("Account")[crm_id]["industry"] == "steel"
    w.crm.edit("Account", crm_id, industry=None)  # emptied on purpose: that travels
    w.cycle(3)
    assert w.erp.rows("party")[erp_id]["industry"] is None
    w.quiet(5)


def with_turnover(world, in_crm, in_erp, **settings):
    w = world(**settings)
    for system, stream, how in ((w.crm, "Account", in_crm), (w.erp, "party", in_erp)):
        system.alter(stream, "turnover", type=ColumnType.NUMBER)
        w.map_field("account", system.name, "turnover", {"column": "turnover", **how})
    return w


def test_six_decimals_and_a_side_that_keeps_four(world):
    four = {"transform": "decimal", "options": {"places": 4}}
    w = with_turnover(world, {"transform": "decimal"}, four)
    crm_id, erp_id = w.pair(turnover=1234.567891)
    assert w.erp.rows("party")[erp_id]["turnover"] == 1234.5679
    w.erp.edit("party", erp_id, phone="+48 1")
    w.quiet_but(crm=[{"phone": "+48 1"}])
    assert w.crm.rows("Account")[crm_id]["turnover"] == 1234.567891
    w.erp.edit("party", erp_id, turnover=5.5)  # an edit over there is one
    w.cycle(3)
    assert w.crm.rows("Account")[crm_id]["turnover"] == 5.5
    w.quiet(5)


def test_a_side_that_rounds_without_saying_so_is_settled_once_by_policy(world):
    rounds = {"rewrite": lambda _stream, v: {k: _rounded(x) for k, x in v.items()}}
    owner = {"fields": {"turnover": {"policy": "owner", "owner": "crm"}}}
    w = with_turnover(
        world, {"transform": "decimal"}, {"transform": "decimal"}, erp=rounds, policy=owner
    )
    crm_id, erp_id = w.pair(turnover=0.123456)
    w.cycle(5)
    assert w.crm.sent == []
    assert len(w.erp.sent) <= 2
    assert w.crm.rows("Account")[crm_id]["turnover"] == 0.123456
    assert w.erp.rows("party")[erp_id]["turnover"] == 0.1235
    assert [(i.kind, i.field) for i in w.reviews()] == [("rewrite", "turnover")]
    w.quiet()


def _rounded(value):
    return round(value, 4) if isinstance(value, float) else value


@pytest.mark.parametrize(
    ("currency", "typed", "amount"),
    [("JPY", "¥1,234,567", 1234567.0), ("KWD", "KWD 1,234.567", 1234.567), ("EUR", "0.10 €", 0.1)],
)
def test_amounts_of_currencies_with_none_two_and_three_decimals(world, currency, typed, amount):
    money = {"transform": "money", "options": {"locale": "en_US", "currency": currency}}
    w = with_turnover(world, money, {"transform": "decimal"})
    crm_id, erp_id = w.pair(turnover=typed)
    assert w.erp.rows("party")[erp_id]["turnover"] == amount
    w.erp.edit("party", erp_id, phone="+48 1")
    w.quiet_but(crm=[{"phone": "+48 1"}])
    assert w.crm.rows("Account")[crm_id]["turnover"] == typed


def test_an_amount_in_another_currency_is_refused_with_a_reason(world):
    money = {"transform": "money", "options": {"locale": "en_US", "currency": "JPY"}}
    w = with_turnover(world, money, {"transform": "decimal"})
    crm_id, erp_id = w.pair(turnover="KWD 1.234")
    assert w.erp.rows("party")[erp_id].get("turnover") is None
    (item,) = w.reviews("refused_value")
    assert (item.field, item.question["text"]) == ("turnover", "KWD 1.234")
    assert item.question["reasons"][0].startswith("refused:")
    assert w.crm.rows("Account")[crm_id]["turnover"] == "KWD 1.234"
    w.quiet(3)


@pytest.fixture(params=["Pacific/Pago_Pago", "UTC", "Pacific/Kiritimati"])
def local_time(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The worker's own time zone: UTC-11, UTC and UTC+14."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def with_date(world):
    w = world()
    how = {"column": "since", "transform": "date", "options": {"locale": "en-GB"}}
    for system, stream in ((w.crm, "Account"), (w.erp, "party")):
        system.alter(stream, "since", type=ColumnType.DATE)
        w.map_field("account", system.name, "customer_since", how)
    return w


@pytest.mark.usefixtures("local_time")
@pytest.mark.parametrize("day", ["2024-02-29", "2023-12-31", "1970-01-01"])
def test_a_day_is_the_same_day_everywhere(world, day):
    w = with_date(world)
    crm_id, erp_id = w.pair(since=day)
    assert w.erp.rows("party")[erp_id]["since"] == day
    w.erp.edit("party", erp_id, phone="+48 1")
    w.quiet_but(crm=[{"phone": "+48 1"}])
    assert w.crm.rows("Account")[crm_id]["since"] == day


@pytest.mark.parametrize(
    "moment",
    [
        "2024-02-29T00:00:00+14:00",
        "2024-02-28T23:30:00-11:00",
        "2024-02-29T10:00:00",  # naive: nobody knows where
    ],
)
def test_a_moment_is_not_taken_for_a_day(world, moment):
    w = with_date(world)
    crm_id, erp_id = w.pair(since=moment)
    assert w.erp.rows("party")[erp_id].get("since") is None
    (item,) = w.reviews("refused_value")
    assert (item.field, item.question["text"]) == ("customer_since", moment)
    assert item.question["reasons"] == ["refused:not_valid"]
    assert w.crm.rows("Account")[crm_id]["since"] == moment
    w.quiet(3)
