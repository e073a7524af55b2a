"""What is wrong with the rules of a quality gate is told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tandem.errors import ConfigError
from tandem.model.quality import Rule, Severity
from tandem.settings import Quality, load_config

LINK = """link: customers
systems: [crm, erp]
objects:
  account:
    quality: {quality}
"""
SYSTEMS = "systems: { crm: { kind: memory }, erp: { kind: memory } }\n"


def _load(folder: Path, quality: str) -> Quality:
    (folder / "links").mkdir()
    (folder / "systems.yaml").write_text(SYSTEMS)
    (folder / "links" / "customers.yaml").write_text(LINK.replace("{quality}", quality))
    return load_config(folder).links["customers"].objects["account"].quality


@pytest.mark.parametrize(
    ("quality", "line", "message"),
    [
        (
            "{ unique: [tax] }",
            5,
            "objects.account.quality.unique.0: account has no field 'tax'; did you mean 'tax_id'?",
        ),
        (
            "\n      ranges: { name: { min: 1 } }",
            6,
            "objects.account.quality.ranges.name: account.name is a text: only numbers have a "
            "range",
        ),
        (
            "\n      severity:\n        notnull: warn",
            7,
            "objects.account.quality.severity.notnull: there is no quality rule 'notnull'; "
            "did you mean 'not_null'?",
        ),
        (
            "{ severity: { null_rate.fx: warn } }",
            5,
            "objects.account.quality.severity.null_rate.fx: account has no field 'fx'; "
            "did you mean 'fax'?",
        ),
        (
            "\n      tolerance: 2",
            6,
            "objects.account.quality.tolerance: Input should be less than 1",
        ),
        (
            "{ ranges: { employees: { min: 5, max: 1 } } }",
            5,
            "objects.account.quality.ranges.employees: 'min' is above 'max'",
        ),
        ("{ tolerence: 0.1 }", 5, "objects.account.quality.tolerence: unknown key; did you mean "
         "'tolerance'?"),
    ],
)  # fmt: skip
def test_a_complaint_names_file_and_line(
    tmp_path: Path, quality: str, line: int, message: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        _load(tmp_path, quality)
    assert raised.value.message == f"{tmp_path / 'links' / 'customers.yaml'}:{line}: {message}"


def test_a_gate_is_switched_off_by_one_word(tmp_path: Path) -> None:
    assert _load(tmp_path, "false") == Quality(enabled=False)


def test_the_narrower_severity_wins() -> None:
    rules = Quality(severity={"null_rate": Severity.WARN, "null_rate.fax": Severity.IGNORE})
    assert rules.severity_of(Rule.NULL_RATE, "phone") is Severity.WARN
    assert rules.severity_of(Rule.NULL_RATE, "fax") is Severity.IGNORE
    assert rules.severity_of(Rule.UNIQUE, "tax_id") is Severity.HOLD
    assert rules.severity_of(Rule.ALLOWED, "industry") is Severity.BLOCK
