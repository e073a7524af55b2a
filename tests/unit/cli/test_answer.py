"""From options to decisions, for every kind of question."""

from __future__ import annotations

import pytest

from tandem.cli.answer import ANSWERS, Answer
from tandem.cli.failure import UsageError
from tandem.decide import _ANSWERS as FORMS
from tandem.state.review import ReviewItem, ReviewKind


def item(kind: ReviewKind, **question: object) -> ReviewItem:
    return ReviewItem(
        link="customers",
        kind=kind,
        subject="s",
        object="account",
        group_key="g",
        question=dict(question),
        system="erp",
        field="phone",
        id=1,
    )


@pytest.mark.parametrize(
    ("kind", "answer", "decision"),
    [
        (ReviewKind.CONFLICT, Answer(take="crm"), {"value": "2"}),
        (ReviewKind.CONFLICT, Answer(value="null"), {"value": None}),
        (ReviewKind.MANDATORY_GAP, Answer(value='["a"]'), {"value": ["a"]}),
        (ReviewKind.REFUSED_VALUE, Answer(value='"x"'), {"value": "x"}),
        (ReviewKind.REWRITE, Answer(leave=True), {}),
        (ReviewKind.REWRITE, Answer(take="erp"), {"value": "ACME"}),
        (ReviewKind.DUPLICATE, Answer(link="abc"), {"canonical_id": "abc"}),
        (ReviewKind.DUPLICATE, Answer(apart=True), {"canonical_id": None}),
        (ReviewKind.DELETION, Answer(policy="restore"), {"policy": "restore"}),
        (ReviewKind.DELETE_APPROVAL, Answer(approve=True), {"approve": True}),
        (ReviewKind.DELETE_APPROVAL, Answer(reject=True), {"approve": False}),
        (ReviewKind.DRIFT, Answer(approve=True), {"approve": True}),
        (ReviewKind.UNKNOWN_OUTCOME, Answer(native_id="7"), {"native_id": "7"}),
        (ReviewKind.UNKNOWN_OUTCOME, Answer(resend=True), {"native_id": None}),
    ],
)
def test_each_answer_means_a_decision_that_its_question_takes(kind, answer, decision):
    asked = item(kind, sides={"crm": "2", "erp": "3"}, shown="ACME", golden="Acme", candidates=[])
    assert answer.decision(asked) == decision
    assert any(set(decision) == set(form) for form in FORMS[kind])


@pytest.mark.parametrize(
    ("answer", "decision"),
    [(Answer(link="abc"), {"merge_into": "abc"}), (Answer(apart=True), {"keep_apart": True})],
)
def test_two_known_records_are_merged_or_kept_apart(answer, decision):
    assert answer.decision(item(ReviewKind.DUPLICATE, pair=[])) == decision


def test_every_kind_of_question_can_be_answered():
    assert set(ANSWERS) == set(ReviewKind)


@pytest.mark.parametrize("kind", ReviewKind)
def test_an_answer_to_another_question_is_refused_with_those_that_fit(kind):
    approvals = (
        ReviewKind.DELETE_APPROVAL,
        ReviewKind.QUALITY_GATE,
        ReviewKind.DRIFT,
        ReviewKind.RESTORED_SYSTEM,
    )
    wrong = Answer(apart=True) if kind in approvals else Answer(approve=True)
    with pytest.raises(UsageError, match="answer it with --"):
        wrong.decision(item(kind))


@pytest.mark.parametrize("answer", [Answer(), Answer(take="crm", leave=True)])
def test_exactly_one_answer_is_taken(answer):
    with pytest.raises(UsageError, match="exactly one"):
        answer.decision(item(ReviewKind.REWRITE, shown="a", golden="b"))
