from __future__ import annotations

from pathlib import Path

import pytest

from tandem.matching.rules import RulesError, dump_rules, load_rules, parse_rules

GOOD = """
match: customers
candidates:
  - same tax id
  - same first 4 of surname and same year of born
  - neighbours within 7 by surname then town
  - rare 3-grams of surname, town
compare:
  surname:
    as: name
    levels: [exact, jaro_winkler >= 0.92, swapped with town]
    rare values count more: true
  town: {as: name, levels: [exact]}
  born: {as: date, levels: [exact, edits <= 1]}
  tax id: {as: code, levels: [exact, edits <= 1], contradicts: true}
decide: {link: 0.9, review: 0.5}
weights:
  surname: {exact: 9.0, otherwise: -3.0}
"""


def test_a_document_survives_being_written_and_read() -> None:
    rules = parse_rules(GOOD)
    assert parse_rules(dump_rules(rules)) == rules
    assert rules.compare["tax id"].contradicts
    assert [rule.sentence for rule in rules.parsed_candidates] == list(rules.candidates)


@pytest.mark.parametrize(
    ("wrong", "right", "place", "reason"),
    [
        ("exact, edits <= 1]}", "exact, edits < 1]}", "compare → born → levels → 2.", "edits < 1"),
        ("as: date", "as: dates", "compare → born → as", "'date'"),
        ("  - same tax id", "  - alike tax id", "candidates → 1.", "no candidates rule reads"),
        ("  - same tax id", "  - same vat id", "", "'vat id', which compare lacks"),
        ("swapped with town", "swapped with city", "", "a column that compare lacks"),
        ("review: 0.5", "review: 0.95", "decide", "review must not be above link"),
        ("decide:", "decides:", "decides", "Extra inputs"),
        ("exact: 9.0", "excat: 9.0", "", "no level 'excat'"),
    ],
)
def test_a_fault_is_named_with_file_and_place(
    tmp_path: Path, wrong: str, right: str, place: str, reason: str
) -> None:
    assert wrong in GOOD
    path = tmp_path / "customers.yaml"
    path.write_text(GOOD.replace(wrong, right), encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        load_rules(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert place in message
    assert reason in message


def test_what_is_not_yaml_is_told_with_its_line() -> None:
    with pytest.raises(RulesError, match=r"mine\.yaml: line 2: not YAML"):
        parse_rules("match: a\ncompare: [", "mine.yaml")


def test_an_empty_file_is_no_set_of_rules() -> None:
    with pytest.raises(RulesError, match="a mapping with candidates and compare"):
        parse_rules("")
