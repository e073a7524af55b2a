"""Findings in words, for questions, listings and reports. Figures and names, never a value."""

from __future__ import annotations

from tandem.model.quality import Finding, Rule

_WRONG = {
    Rule.NOT_NULL: "have no {what}",
    Rule.UNIQUE_ID: "share their id with another one of the same version",
    Rule.UNIQUE: "share their {what} with another one",
    Rule.ALLOWED: "hold a value in {what} that the system does not offer",
    Rule.LENGTH: "hold more in {what} than its column takes",
    Rule.TYPE: "hold a value of the wrong type in {what}",
    Rule.RANGE: "hold a number in {what} that is out of its range",
}


def why(finding: Finding) -> str:
    """What a finding says, in one line.

    >>> names = Finding("not_null.name", Rule.NOT_NULL, "block", "name", ("Name",), False, 60, 0.5,
    ...                 (None, 0.05))
    >>> why(names)
    '60 records (50 %) have no name; at most 5 % may'
    >>> why(Finding("null_rate.fax", Rule.NULL_RATE, "block", "fax", ("Fax",), False, 0, 0.9,
    ...             (None, 0.35)))
    'fax is empty in 90 % of the records; in the last good batches it would be in at most 35 %'
    >>> why(Finding("row_count", Rule.ROW_COUNT, "block", "", (), False, 0, 120, (500.0, 5000.0)))
    'the full listing held 120 records; after the last good ones it should hold 500 to 5000'
    """
    low, high = finding.allowed
    if finding.observed is None:
        return f"{finding.name} could not be measured"
    if finding.rule is Rule.ROW_COUNT:
        return (
            f"the full listing held {finding.observed:.0f} records; after the last good ones it "
            f"should hold {low:.0f} to {high:.0f}"
        )
    if finding.rule is Rule.NULL_RATE:
        return (
            f"{finding.field} is empty in {percent(finding.observed)} of the records; in the last "
            f"good batches it would be in at most {percent(high)}"
        )
    wrong = _WRONG[finding.rule].format(what=_what(finding))
    count = f"{finding.failed} record{'s' * (finding.failed != 1)} ({percent(finding.observed)})"
    return f"{count} {wrong}; at most {percent(high)} may"


def _what(finding: Finding) -> str:
    part = finding.name.removeprefix(f"{finding.rule}.{finding.field}").removeprefix(".")
    return part or finding.field


def percent(share: float | None) -> str:
    """A share for people.

    >>> percent(0.0512), percent(0.5), percent(None)
    ('5.1 %', '50 %', '')
    """
    return "" if share is None else f"{round(share * 100, 1):g} %"
