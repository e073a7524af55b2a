from __future__ import annotations

from pathlib import Path

import pytest

from tandem.matching.decisions import load_model, model_from, taught
from tandem.matching.incremental import Matcher
from tandem.matching.rules import RulesError

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


def test_an_object_file_names_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "account.yaml"
    path.write_text("match: account\ndecide: {link: 0.5, review: 0.2}\n", encoding="utf-8")
    model = load_model(path)
    assert (model.link, model.review) == (0.5, 0.2)
    assert model.weights == Matcher.for_object("account").model.weights


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("match: invoice", "mine.yaml: match: no object 'invoice'; there are account, contact"),
        ("{match: account, weights: {fax: {same: 1}}}", "weights: no such level: fax → same"),
        ("{match: account, decide: {link: 2}}", "mine.yaml: decide → link: "),
        ("match: [", "mine.yaml: not YAML"),
    ],
)
def test_faults_are_named(text: str, reason: str) -> None:
    with pytest.raises(RulesError) as caught:
        model_from(text, "mine.yaml")
    assert reason in str(caught.value)
