"""The gate against the real Great Expectations, on batches that are good and bad on purpose."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from connectors.base import Column, ColumnType, StreamSpec
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.schema import Mapping
from tandem.mapping.transforms import Catalogues
from tandem.model.quality import Outcome, Past, Verdict
from tandem.quality.frame import Frame
from tandem.quality.gate import MOST_IDS, judge
from tandem.quality.suite import suite
from tandem.quality.tell import why
from tandem.settings import Quality

pytestmark = pytest.mark.slow
"""Great Expectations takes seconds to load."""

MAPPING = CompiledMapping(
    Mapping(
        object="account",
        system="crm",
        stream="Account",
        fields={
            "name": "Name",
            "tax_id": "Tax",
            "industry": "Industry",
            "employees": {"column": "Staff", "transform": "integer"},
            "active": {"column": "Active", "transform": "boolean"},
        },
    ),
    Catalogues(),
)
SPEC = StreamSpec(
    "Account",
    {
        column.name: column
        for column in (
            Column("Name", ColumnType.STRING, length=12, required=True),
            Column("Industry", ColumnType.STRING, allowed=("Retail", "Steel")),
            Column("Staff", ColumnType.NUMBER),
            Column("Active", ColumnType.BOOLEAN),
        )
    },
)
RULES = Quality.model_validate({"unique": ["tax_id"], "ranges": {"employees": {"max": 500}}})
PAST = Past(({"industry": 0.1},), (100,))


def _good(number: int) -> dict[str, Any]:
    return {
        "Name": f"Company {number}",
        "Tax": f"T{number}",
        "Industry": "Steel" if number % 10 else None,
        "Staff": number,
        "Active": True,
    }


def _judge(
    change: Callable[[int], dict[str, Any]] = lambda _: {}, listed: int | None = 100
) -> Verdict:
    expected = suite(MAPPING, SPEC, RULES, PAST)
    frame = Frame(MAPPING, expected)
    for number in range(100):
        frame.add(f"id-{number}", _good(number) | change(number))
    return judge(frame, expected, tolerance=0.05, listed=listed)


def _missed(verdict: Verdict) -> dict[str, int]:
    return {finding.name: finding.failed for finding in verdict.findings if not finding.met}


def test_a_good_batch_passes_with_nothing_to_remark() -> None:
    verdict = _judge()
    assert (verdict.outcome, verdict.rows, verdict.listed) == (Outcome.PASSED, 100, 100)
    assert [(finding.met, finding.failed) for finding in verdict.findings] == [(True, 0)] * 10
    assert verdict.null_rates == {
        "name": 0.0, "tax_id": 0.0, "industry": 0.1, "employees": 0.0, "active": 0.0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({"Name": None}, {"not_null.name": 10}),
        ({"Name": "A name that is too long"}, {"length.name": 10}),
        ({"Industry": "Catering"}, {"allowed.industry": 10}),
        ({"Staff": "many"}, {"type.employees": 10}),
        ({"Staff": 501}, {"range.employees": 10}),
        ({"Active": "perhaps"}, {"type.active": 10}),
        ({"Tax": "T1"}, {"unique.tax_id": 10}),
    ],
)
def test_too_many_records_that_miss_a_rule_hold_the_batch(
    change: dict[str, Any], missed: dict[str, int]
) -> None:
    verdict = _judge(lambda number: change if 1 <= number <= 10 else {})
    assert verdict.outcome is Outcome.HELD
    assert _missed(verdict) == missed
    (finding,) = verdict.failed
    assert set(finding.native_ids) == {f"id-{number}" for number in range(1, 11)}
    assert (finding.observed, finding.allowed) == (0.1, (None, 0.05))


def test_few_records_that_miss_a_rule_do_not_hold_up_the_batch() -> None:
    verdict = _judge(lambda number: {"Name": None} if number < 5 else {})
    assert (verdict.outcome, verdict.culprits) == (Outcome.PASSED, frozenset())
    (finding,) = (f for f in verdict.findings if f.failed)
    assert (finding.name, finding.failed, finding.met) == ("not_null.name", 5, True)


def test_few_records_that_share_a_key_are_held_alone() -> None:
    verdict = _judge(lambda number: {"Tax": "T1"} if number in (1, 2) else {})
    assert (verdict.outcome, verdict.culprits) == (Outcome.PARTLY, {"id-1", "id-2"})


def test_the_past_notices_what_single_records_cannot_show() -> None:
    emptied = _judge(lambda _: {"Industry": None})
    assert (_missed(emptied), emptied.outcome) == ({"null_rate.industry": 0}, Outcome.HELD)
    (finding,) = emptied.failed
    assert (finding.observed, finding.allowed) == (1.0, (None, 0.35))


@pytest.mark.parametrize(
    ("listed", "missed"),
    [(None, []), (100, []), (500, []), (501, ["row_count"]), (9000, ["row_count"])],
)
def test_the_length_of_a_listing_counts_the_records_that_were_known(
    listed: int | None, missed: list[str]
) -> None:
    assert list(_missed(_judge(listed=listed))) == missed


def test_a_finding_names_some_records_and_counts_all() -> None:
    (finding,) = _judge(lambda _: {"Name": None}).failed
    assert (finding.failed, len(finding.native_ids)) == (100, MOST_IDS)
    assert why(finding) == "100 records (100 %) have no name; at most 5 % may"


def test_a_batch_of_nothing_but_blanks_can_be_measured() -> None:
    verdict = _judge(lambda _: dict.fromkeys(SPEC.columns))
    assert _missed(verdict) == {"not_null.name": 100, "null_rate.industry": 0}


def test_nothing_is_sent_to_anybody() -> None:
    _judge()
    import os

    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert "great_expectations" in sys.modules
