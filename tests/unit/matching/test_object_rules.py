"""Rules of an object: what a file may change, and how faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tandem.errors import ConfigError
from tandem.matching.defaults import DEFAULTS
from tandem.matching.incremental import Matcher
from tandem.matching.object_rules import MatchRules, as_yaml, load_match_rules

SWITCHBOARD = {"name": "Acme", "phone": "2101234567"}


def matcher(text: str) -> Matcher:
    return Matcher(MatchRules.model_validate(yaml.safe_load(text)).model())


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_printed_rules_are_the_rules(name: str) -> None:
    rules = MatchRules.model_validate(yaml.safe_load(as_yaml(DEFAULTS[name])))
    assert list(rules.faults()) == []
    assert rules.model().weights == DEFAULTS[name].weights
    assert rules.model().doubts == DEFAULTS[name].doubts
    assert Matcher(rules.model()).compare(SWITCHBOARD, SWITCHBOARD) == Matcher.for_object(
        name
    ).compare(SWITCHBOARD, SWITCHBOARD)


def test_a_file_names_only_what_differs() -> None:
    model = matcher("{match: account, compare: {phone: {same phone: 2}}}").model
    assert model.weights == DEFAULTS["account"].weights | {("phone", "same phone"): 2.0}
    assert (model.link, model.doubts) == (DEFAULTS["account"].link, DEFAULTS["account"].doubts)


def test_a_level_can_ask_or_keep_apart() -> None:
    ask = matcher("{match: account, compare: {phone: {same phone: {bits: 9, ask: true}}}}")
    assert ask.compare(SWITCHBOARD, SWITCHBOARD).decision == "review"
    apart = matcher("{match: account, compare: {phone: {same phone: apart}}}")
    assert apart.compare(SWITCHBOARD, SWITCHBOARD).decision == "apart"


def test_a_doubt_can_be_taken_away() -> None:
    key = ("address", "another country")
    assert key in DEFAULTS["account"].doubts
    assert (
        key
        not in matcher("{match: account, compare: {address: {another country: -1}}}").model.doubts
    )


def test_an_ignored_field_is_not_compared() -> None:
    scored = matcher("{match: account, compare: {phone: ignore}}").compare(SWITCHBOARD, SWITCHBOARD)
    assert [level.field for level in scored.levels] == ["name"]


def test_candidates_can_be_narrowed() -> None:
    narrow = matcher("{match: account, candidates: [same tax id]}")
    keys = narrow.keys(SWITCHBOARD | {"tax_id": "EL094014201"})
    # All keys are kept in the state, so that the rules may widen again without reading everything.
    assert {key.partition(":")[0] for key in keys} == {"tax", "tel", "name", "joined"}
    assert [key for key in keys if narrow.finds(key)] == ["tax:094014201"]


def test_a_common_name_counts_less() -> None:
    accounts = Matcher.for_object("account")
    rare, common = (accounts.compare(SWITCHBOARD, SWITCHBOARD, same_name=n) for n in (1, 64))
    assert (rare.decision, common.decision) == ("link", "review")
    assert [(level.level, level.weight) for level in common.levels][:2] == [
        ("exact", 9.0),
        ("shared by 64 records", -6.0),
    ]
    plain = matcher('{match: account, "rare values count more": []}')
    assert plain.compare(SWITCHBOARD, SWITCHBOARD, same_name=64) == rare


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "match: acount",
            "1: match: there is no object 'acount' to match; did you mean 'account'?",
        ),
        (
            "match: account\ncandidates:\n  - same tax id\n  - same fon",
            "4: candidates.1: unknown rule; did you mean 'same phone'?",
        ),
        (
            "match: account\ncompare:\n  name:\n    exakt: 3",
            "4: compare.name.exakt: name has no such level; did you mean 'exact'?",
        ),
        (
            "match: account\ncompare:\n  fax: ignore",
            "3: compare.fax: account is not compared by it",
        ),
        ("match: account\ndecide: {link: 0.1, review: 0.5}", "2: decide: review must not be above"),
        ("match: account\nrare values count more: [phone]", "frequencies of 'phone' are not known"),
    ],
)
def test_faults_name_file_line_and_way_out(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "account.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_match_rules(tmp_path)
    assert f"{path}:" in str(caught.value)
    assert complaint in str(caught.value)


def test_two_files_for_one_object_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("match: account", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"b\.yaml:1: match: second rules for 'account'"):
        load_match_rules(tmp_path)
