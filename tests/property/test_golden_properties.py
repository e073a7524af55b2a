"""What survives a merge: the same whatever the order, and merging again changes nothing."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tandem.settings import ObjectPolicy, SurvivorRule
from tandem.state.chain import Chain, Side
from tandem.sync.golden import surviving

SYSTEMS = ("crm", "erp", "sheet")
FIELDS = ("name", "phone", "website", "industry")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

texts = st.sampled_from([None, "", "a", "b", "abc", "a longer text"])
policies = st.builds(
    lambda rules, owner: ObjectPolicy.model_validate(
        {
            "survivorship": {
                "fields": {
                    name: {"rule": rule, "owner": owner if rule == "owner" else None}
                    for name, rule in zip(FIELDS, rules, strict=True)
                }
            }
        }
    ),
    st.tuples(*[st.sampled_from(list(SurvivorRule))] * len(FIELDS)),
    st.sampled_from([None, *SYSTEMS]),
)


@st.composite
def chains(draw: st.DrawFn, name: str) -> Chain:
    chain = Chain(id=name, object="account", link="customers")
    for system in draw(st.lists(st.sampled_from(SYSTEMS), min_size=1, unique=True)):
        values: dict[str, Any] = {field: draw(texts) for field in FIELDS}
        age = timedelta(hours=draw(st.integers(0, 3)))
        side = Side(system, "s", f"{name}-{system}", values=values, modified_at=EPOCH + age)
        side.baseline = dict(values) if draw(st.booleans()) else {}
        chain.sides.append(side)
    chain.values = {field: draw(texts) for field in FIELDS}
    return chain


def outcome(survivor: Chain, loser: Chain, policy: ObjectPolicy) -> dict[str, tuple[Any, ...]]:
    return {
        f.field: (f.value, f.rule, f.system, f.native_id, f.differs)
        for f in surviving(survivor, loser, policy, SYSTEMS)
    }


@given(chains("one"), chains("other"), policies, st.randoms())
def test_the_order_of_the_sides_does_not_matter(
    survivor: Chain, loser: Chain, policy: ObjectPolicy, order: random.Random
) -> None:
    before = outcome(survivor, loser, policy)
    order.shuffle(survivor.sides)
    order.shuffle(loser.sides)
    assert outcome(survivor, loser, policy) == before


@given(chains("one"), chains("other"), policies)
def test_a_value_that_survives_was_held_by_the_record_it_is_said_to_come_from(
    survivor: Chain, loser: Chain, policy: ObjectPolicy
) -> None:
    for field in surviving(survivor, loser, policy, SYSTEMS):
        held = {(h.system, h.native_id): h.value for h in field.held}
        if field.system is not None:
            assert held[field.system, field.native_id or ""] == field.value
        else:
            assert field.value is None
            assert not any((value or "").strip() for value in held.values())


@given(chains("one"), chains("other"), policies)
def test_merging_what_agrees_already_changes_nothing(
    survivor: Chain, loser: Chain, policy: ObjectPolicy
) -> None:
    first = {f.field: f.value for f in surviving(survivor, loser, policy, SYSTEMS)}
    for chain in (survivor, loser):
        chain.values = dict(first)
        for side in chain.sides:
            side.values, side.baseline = dict(first), dict(first)
    again = surviving(survivor, loser, policy, SYSTEMS)
    assert {f.field: f.value for f in again} == first
    assert not any(f.differs or f.needs_choice for f in again)


@given(chains("one"), chains("other"), policies, texts)
def test_a_persons_choice_wins_over_every_rule(
    survivor: Chain, loser: Chain, policy: ObjectPolicy, phone: str | None
) -> None:
    found = surviving(survivor, loser, policy, SYSTEMS, {"phone": phone})
    (field,) = [f for f in found if f.field == "phone"]
    assert (field.value, field.rule, field.needs_choice) == (phone, "decision", False)
