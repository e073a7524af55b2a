from __future__ import annotations

from tandem.matching.decisions import pairs_of, taught
from tandem.matching.incremental import Matcher

SWITCHBOARD = ({"name": "Acme", "phone": "2101234567"}, {"name": "Acme", "phone": "2101234567"})
NAMESAKES = ({"name": "Acme"}, {"name": "Acme"})


def test_decisions_move_weights_towards_what_people_say() -> None:
    matcher = Matcher.for_object("account")
    before = matcher.compare(*SWITCHBOARD)
    assert before.decision == "link"
    decided = [(before, False)] * 40 + [(matcher.compare(*NAMESAKES), True)] * 40
    after = Matcher(taught(matcher.model, decided)).compare(*SWITCHBOARD)
    assert after.weight < before.weight
    assert after.decision != "link"


def test_few_decisions_change_little_and_one_sided_ones_nothing() -> None:
    model = Matcher.for_object("account").model
    scored = Matcher(model).compare(*SWITCHBOARD)
    other = Matcher(model).compare(*NAMESAKES)
    few = taught(model, [(scored, True), (other, False)])
    assert abs(few.weights["phone", "same phone"] - model.weights["phone", "same phone"]) < 1.0
    assert taught(model, [(scored, True)] * 100) == model


def test_a_contradiction_cannot_be_taught_away() -> None:
    model = Matcher.for_object("account").model
    scored = Matcher(model).compare(
        {"name": "Acme", "tax_id": "EL094014201"}, {"name": "Acme", "tax_id": "EL094019245"}
    )
    assert scored.contradiction
    other = Matcher(model).compare(*NAMESAKES)
    changed = taught(model, [(scored, True)] * 50 + [(other, False)] * 50)
    key = ("tax_id", "different tax id")
    assert changed.weights[key] == model.weights[key]
    assert key in changed.contradictions


def test_what_people_answered_becomes_pairs() -> None:
    levels = [{"field": "name", "level": "exact", "weight": 9.0}]
    question = {
        "candidates": [
            {"canonical_id": "a", "levels": levels},
            {"canonical_id": "b", "levels": []},
        ]
    }
    assert [(p.weight, linked) for p, linked in pairs_of(question, {"canonical_id": "a"})] == [
        (9.0, True),
        (0.0, False),
    ]
    assert [linked for _, linked in pairs_of(question, {"canonical_id": None})] == [False, False]
    assert list(pairs_of(question, {"policy": "restore"})) == []


def test_an_answer_about_two_known_records_is_a_pair_too() -> None:
    question = {"pair": [], "levels": [{"field": "name", "level": "exact", "weight": 9.0}]}
    for decision, linked in (({"merge_into": "a"}, True), ({"keep_apart": True}, False)):
        (pair,) = pairs_of(question, decision)
        assert (pair[0].weight, pair[1]) == (9.0, linked)
    assert list(pairs_of({"pair": []}, {"keep_apart": True})) == []
