"""Diff and resolve, over arbitrary chains: what must hold whatever the sides say."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.transforms import Catalogues
from tandem.matching.incremental import Matcher
from tandem.model.fields import same
from tandem.model.objects import field_types
from tandem.settings import ObjectPolicy
from tandem.state.chain import Chain, Side
from tandem.sync.diff import diff
from tandem.sync.resolve import resolve
from tandem.sync.types import ObjectRules, Resolution
from tests.scenarios.world import account_mapping

FIELDS = ("name", "phone", "industry", "website")
TYPES = field_types("account")
START = datetime(2026, 1, 1, tzinfo=UTC)

values = st.fixed_dictionaries(
    {name: st.one_of(st.none(), st.sampled_from(["1", "2", "3"])) for name in FIELDS}
)
policies = st.sampled_from(
    ["latest", "review", "most_complete", {"policy": "owner", "owner": "crm"}]
)


def rules(policy: Any) -> ObjectRules:
    mappings = (account_mapping("crm", "Account"), account_mapping("erp", "party"))
    return ObjectRules(
        object="account",
        kinds={name: t.kind for name, t in TYPES.items()},
        references={"parent": "account"},
        policy=ObjectPolicy.model_validate({"default": policy}),
        mappings={m.system: CompiledMapping(m, Catalogues()) for m in mappings},
        matcher=Matcher.for_object("account"),
    )


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    golden = draw(values)
    sides = []
    for system, stream in (("crm", "Account"), ("erp", "party")):
        agreed = draw(st.sets(st.sampled_from(FIELDS)))
        sides.append(
            Side(
                system,
                stream,
                "1",
                values=draw(values),
                baseline={name: golden[name] for name in agreed},
                modified_at=START + timedelta(seconds=draw(st.integers(0, 10))),
            )
        )
    return Chain(id="c", object="account", link="l", values=dict(golden), sides=sides)


def settled(chain: Chain, rule: ObjectRules) -> Resolution:
    return resolve(chain, diff(chain, rule), rule, decisions={}, dead={}, create_in=frozenset())


@given(chains(), policies)
def test_every_field_is_agreed_written_or_in_conflict(chain: Chain, policy: Any) -> None:
    rule = rules(policy)
    found = settled(chain, rule)
    for side in chain.sides:
        for name in FIELDS:
            outcomes = [
                name in found.agreed.get(side.system, {}),
                name in found.writes.get(side.system, {}),
                name in found.conflicts,
            ]
            assert sum(outcomes) == 1, (side.system, name)


@given(chains(), policies)
def test_no_edit_is_lost_without_a_word(chain: Chain, policy: Any) -> None:
    """What a side changed becomes golden, is a conflict, or stands among the losers."""
    rule = rules(policy)
    changes = diff(chain, rule).changes
    found = settled(chain, rule)
    for name, by_side in changes.items():
        for value in by_side.values():
            kept = same(rule.kinds[name], found.values.get(name), value)
            losers = found.origins.get(name, {}).get("losers", {})
            assert kept or name in found.conflicts or value in losers.values()


@given(chains(), policies)
def test_once_carried_out_there_is_nothing_left_to_do(chain: Chain, policy: Any) -> None:
    rule = rules(policy)
    found = settled(chain, rule)
    after = deepcopy(chain)
    after.values = dict(found.values)
    for side in after.sides:
        side.baseline |= dict(found.agreed.get(side.system, {}))
        written = dict(found.writes.get(side.system, {}))
        side.values |= written
        side.baseline |= written
    again = settled(after, rule)
    assert dict(again.writes) == {}
    assert again.conflicts.keys() == found.conflicts.keys()


@given(values, policies)
def test_sides_that_show_what_they_agreed_to_have_changed_nothing(
    golden: dict[str, Any], policy: Any
) -> None:
    sides = [
        Side(system, stream, "1", values=dict(golden), baseline=dict(golden))
        for system, stream in (("crm", "Account"), ("erp", "party"))
    ]
    chain = Chain(id="c", object="account", link="l", values=dict(golden), sides=sides)
    assert diff(chain, rules(policy)).changes == {}
    assert dict(settled(chain, rules(policy)).writes) == {}
