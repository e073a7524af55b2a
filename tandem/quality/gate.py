"""The gate: has Great Expectations look at a batch, and says what shall become of it.

Great Expectations takes seconds and 200 MB to load, so it is loaded with the first batch that is
large enough for a gate. Nothing of it is kept: no stores, no data docs, no analytics.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from math import ceil, floor
from typing import Any

from connectors.base import ColumnType
from tandem.model.quality import Finding, Outcome, Rule, Severity, Verdict
from tandem.quality.frame import Frame, frame_column
from tandem.quality.suite import ID, Expectation

MOST_IDS = 20
"""Native ids that a finding names; the others are counted."""

_TYPES: Mapping[ColumnType | None, list[str]] = {
    ColumnType.NUMBER: ["float"],
    ColumnType.BOOLEAN: ["bool"],
}


def judge(
    frame: Frame,
    suite: Sequence[Expectation],
    *,
    tolerance: float,
    listed: int | None = None,
) -> Verdict:
    """What a batch is like, measured by its suite.

    Args:
        frame: the records; at least one.
        suite: what is expected; what cannot be measured in this batch is left out.
        tolerance: share of the records that may fail a rule about single records.
        listed: records of the full listing that the batch is the news of; None when it is not.
    """
    asked = [e for e in suite if e.rule is not Rule.ROW_COUNT or listed is not None]
    unchanged = (listed or 0) - len(frame)
    failing = _unmet(frame, asked, unchanged)
    findings, culprits = [], set[str]()
    for expectation in asked:
        ids = failing.get(expectation.name)
        finding = _finding(expectation, frame, ids, tolerance, listed)
        findings.append(finding)
        if finding.met and ids and expectation.severity is Severity.HOLD:
            culprits.update(ids)
    return Verdict(
        outcome=_outcome(findings, culprits),
        rows=len(frame),
        listed=listed,
        findings=tuple(findings),
        null_rates=frame.null_rates,
        culprits=frozenset(culprits),
    )


def _outcome(findings: Iterable[Finding], culprits: set[str]) -> Outcome:
    failed = [finding for finding in findings if not finding.met]
    if any(finding.severity is not Severity.WARN for finding in failed):
        return Outcome.HELD
    if culprits:
        return Outcome.PARTLY
    return Outcome.WARNED if failed else Outcome.PASSED


def _finding(
    expectation: Expectation,
    frame: Frame,
    failing: list[str] | None,
    tolerance: float,
    listed: int | None,
) -> Finding:
    """How one expectation was met; `failing` is None when it was met by every record."""
    ids = dict.fromkeys(failing or ())
    observed: float | None
    allowed: tuple[float | None, float | None]
    if expectation.per_record:
        share = len(failing or ()) / len(frame)
        # Not met, but by no record: Great Expectations could not measure it.
        measured = failing is None or bool(failing)
        met, observed = measured and share <= tolerance, round(share, 4) if measured else None
        allowed = (None, tolerance)
    else:
        met, allowed = failing is None, (expectation.low, expectation.high)
        observed = (
            listed
            if expectation.rule is Rule.ROW_COUNT
            else frame.null_rates.get(expectation.field)
        )
    return Finding(
        name=expectation.name,
        rule=expectation.rule,
        severity=expectation.severity,
        field=expectation.field,
        columns=expectation.columns,
        met=met,
        failed=len(failing or ()),
        observed=observed,
        allowed=allowed,
        native_ids=tuple(ids)[:MOST_IDS],
    )


def _unmet(frame: Frame, suite: Sequence[Expectation], unchanged: int) -> dict[str, list[str]]:
    """Name of each expectation that is not met by every record → native ids of those that fail."""
    engine = _engine()
    cells = engine.cells(frame.columns)
    first = engine.run(cells, suite, unchanged, ids=False)
    unmet = [expectation for expectation in suite if not first[expectation.name].success]
    if not unmet:
        return {}
    second = engine.run(cells, unmet, unchanged, ids=True)
    return {e.name: _failing_ids(second[e.name].result) for e in unmet}


def _failing_ids(result: Mapping[str, Any]) -> list[str]:
    return [str(row[ID]) for row in result.get("unexpected_index_list") or ()]


# Great Expectations


_SETS_ITS_OWN_LEVEL = "great_expectations.data_context.types.base"


@cache
def _engine() -> _Engine:
    """One for the process."""
    return _Engine()


class _Engine:
    """Great Expectations, reduced to what the gate needs."""

    def __init__(self) -> None:
        os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
        import great_expectations  # noqa: PLC0415  (seconds and 200 MB, needed by large batches only)
        import pandas  # noqa: PLC0415  (the same)

        # It tells of its temporary folders; our log is for what happens to the link.
        for name in ("great_expectations", _SETS_ITS_OWN_LEVEL):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._gx = great_expectations
        self._pandas = pandas
        context: Any = great_expectations.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        source = context.data_sources.add_pandas("batches")
        self._whole = source.add_dataframe_asset("batch").add_batch_definition_whole_dataframe(
            "all"
        )

    def cells(self, columns: Mapping[str, list[Any]]) -> Any:
        """The batch as a dataframe whose cells are what they are."""
        return self._pandas.DataFrame(columns, dtype=object)

    def run(
        self, cells: Any, suite: Sequence[Expectation], unchanged: int, *, ids: bool
    ) -> dict[str, Any]:
        """Name of each expectation → its result; with the ids of failing records on demand."""
        batch = self._whole.get_batch(batch_parameters={"dataframe": cells})
        expectations = [self._translate(e, unchanged) for e in suite]
        wanted: dict[str, Any] = {"result_format": "BOOLEAN_ONLY"}
        if ids:
            wanted = {
                "result_format": "COMPLETE",
                "unexpected_index_column_names": [ID],
                "return_unexpected_index_query": False,
            }
        answer = batch.validate(
            self._gx.ExpectationSuite(name="batch", expectations=expectations),
            result_format=wanted,
        )
        found: dict[str, Any] = {}
        for result in answer.results:
            assert result.expectation_config is not None, "each result says what it is about"
            found[result.expectation_config.meta["name"]] = result
        return found

    def _translate(self, expectation: Expectation, unchanged: int) -> Any:
        name, arguments = _EXPECTATIONS[expectation.rule]
        where: dict[str, Any] = {"meta": {"name": expectation.name}}
        if expectation.rule is not Rule.ROW_COUNT:
            where["column"] = frame_column(expectation) if expectation.columns else ID
        return getattr(self._gx.expectations, name)(**where, **arguments(expectation, unchanged))


Arguments = Callable[[Expectation, int], dict[str, Any]]


def _nothing(_expectation: Expectation, _unchanged: int) -> dict[str, Any]:
    return {}


def _row_count(expectation: Expectation, unchanged: int) -> dict[str, Any]:
    # Records that are as we knew them were listed too, but are not in the batch.
    return {
        "min_value": _left(expectation.low, unchanged, ceil),
        "max_value": _left(expectation.high, unchanged, floor),
    }


def _left(bound: float | None, unchanged: int, whole: Callable[[float], int]) -> int | None:
    """What a bound on the listing leaves for the batch."""
    return None if bound is None else max(0, whole(bound - unchanged))


_EXPECTATIONS: Mapping[Rule, tuple[str, Arguments]] = {
    Rule.NOT_NULL: ("ExpectColumnValuesToNotBeNull", _nothing),
    Rule.UNIQUE_ID: ("ExpectColumnValuesToBeUnique", _nothing),
    Rule.UNIQUE: ("ExpectColumnValuesToBeUnique", _nothing),
    Rule.ALLOWED: ("ExpectColumnValuesToBeInSet", lambda e, _: {"value_set": list(e.allowed)}),
    Rule.LENGTH: ("ExpectColumnValueLengthsToBeBetween", lambda e, _: {"max_value": e.high}),
    Rule.TYPE: ("ExpectColumnValuesToBeInTypeList", lambda e, _: {"type_list": _TYPES[e.type]}),
    Rule.RANGE: (
        "ExpectColumnValuesToBeBetween",
        lambda e, _: {"min_value": e.low, "max_value": e.high},
    ),
    Rule.NULL_RATE: (
        "ExpectColumnProportionOfNonNullValuesToBeBetween",
        lambda e, _: {"min_value": 1 - (e.high or 0.0)},
    ),
    Rule.ROW_COUNT: ("ExpectTableRowCountToBeBetween", _row_count),
}
"""Rule → Great Expectations' name for it, and its arguments."""
