"""What the fields of a form become."""

from __future__ import annotations

import pytest

from tandem.console.choices import Choice, Input
from tandem.console.decisions import decision_of, typed_value
from tandem.decide import DecisionError

MERGE = Choice(key="merge:b", label="", decision={"merge_into": "b"}, writes=[])


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "-3", -3),
        ("integer", "", None),
        ("boolean", "false", False),
        ("text_set", " b \r\na\n\nb", ["a", "b"]),
        ("text", " a\r\nb ", "a\nb"),
    ],
)
def test_a_typed_text_is_read_as_its_kind(kind, text, value):
    assert typed_value(Input(kind=kind, parts=[], value=None, suggestions=[]), {"value": text}) == (
        value
    )


@pytest.mark.parametrize("text", ["--3", "3.0", "1_000", "three"])
def test_what_is_no_whole_number_is_refused(text):
    number = Input(kind="integer", parts=[], value=None, suggestions=[])
    with pytest.raises(DecisionError, match="type a whole number"):
        typed_value(number, {"value": text})


def test_chosen_survivors_go_with_a_merge():
    chosen = {"survives.name": '"Acme"', "survives.phone": "null", "survives.email": ""}
    assert decision_of(MERGE, None, chosen) == {
        "merge_into": "b",
        "choices": {"name": "Acme", "phone": None},
    }


def test_a_survivor_that_no_page_has_offered_is_refused():
    with pytest.raises(DecisionError, match="the form is incomplete"):
        decision_of(MERGE, None, {"survives.name": "Acme"})
