"""A batch that is not as it should be is held; everything else of the link goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tandem.model.quality import Outcome
from tandem.state import quality
from tandem.state.quality import GateResult
from tandem.sync.agreement import compare
from tests.scenarios.conftest import MakeWorld
from tests.scenarios.world import World

pytestmark = pytest.mark.slow
"""Great Expectations takes seconds to load."""

RULES = {"min_rows": 10}


def _make(world: MakeWorld, **rules: Any) -> World:
    return world(policy={"quality": RULES | rules, "default": "latest"})


def _insert(made: World, numbers: Iterable[int], **values: Any) -> list[str]:
    """Accounts that are like no other; a value may be a function of the number."""
    return [
        made.crm.insert(
            "Account",
            {
                "name": f"Company {_word(n)}",
                **{k: v(n) if callable(v) else v for k, v in values.items()},
            },
        )
        for n in numbers
    ]


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) * 3 for digit in f"{number:03}")


def _half(number: int) -> str | None:
    return None if number % 2 else f"Company {_word(number)}"


def _results(made: World) -> list[GateResult]:
    with made.database.begin() as connection:
        return quality.results(connection, "customers")


def _outcomes(made: World) -> list[tuple[Outcome, int, int]]:
    """(outcome, rows, held) of each gate, oldest first."""
    return [(r.outcome, r.rows, r.held) for r in reversed(_results(made))]


def _names(made: World) -> list[str]:
    return sorted(row["name"] for row in made.erp.rows("party").values())


def test_a_good_batch_goes_on(world: MakeWorld) -> None:
    made = _make(world)
    _insert(made, range(12))
    assert made.cycle()["gates"] == 1
    assert len(_names(made)) == 12
    assert _outcomes(made) == [(Outcome.PASSED, 12, 0)]
    made.quiet()
    assert len(_results(made)) == 1


def test_a_batch_with_half_its_names_empty_is_held_and_nothing_of_it_is_pushed(
    world: MakeWorld,
) -> None:
    made = _make(world)
    made.erp.insert("party", {"name": "From the other side"})
    ids = _insert(made, range(12), name=_half)
    counts = made.cycle()
    assert (counts["gates"], counts["gates_failed"], counts["gate_held"]) == (1, 1, 12)
    assert _names(made) == ["From the other side"]
    assert "From the other side" in [r["name"] for r in made.crm.rows("Account").values()]
    assert made.inbox() == {"held": 12}
    (item,) = made.reviews("quality_gate")
    assert (item.object, item.system, item.stream) == ("account", "crm", "Account")
    assert item.question == {
        "gate": 1,
        "rows": 12,
        "held": 12,
        "expectations": [
            {
                "expectation": "not_null.name",
                "why": "6 records (50 %) have no name; at most 5 % may",
                "severity": "block",
                "columns": ["name"],
                "failed": 6,
                "observed": 0.5,
                "allowed": [None, 0.05],
                "native_ids": ids[1::2],
            }
        ],
    }
    made.quiet(3)
    assert len(_results(made)) == 1


def test_the_twin_of_what_is_held_is_asked_about_when_that_is_let_go(world: MakeWorld) -> None:
    made = _make(world)
    ids = _insert(made, range(12), name=_half)
    twin = made.erp.insert("party", {"name": _half(2), "phone": "1"})
    made.cycle(2)
    (gate,) = made.reviews("quality_gate")
    made.decide(gate, {"approve": True})
    made.cycle(2)
    (item,) = made.reviews("duplicate")
    assert (item.system, item.native_id) == ("crm", ids[2])
    assert [c["values"]["phone"] for c in item.question["candidates"]] == ["1"]
    assert [r["phone"] for r in made.erp.rows("party").values() if r["name"] == _half(2)] == ["1"]
    assert twin in made.erp.rows("party")


def test_a_full_compare_neither_frees_nor_doubles_what_is_held(world: MakeWorld) -> None:
    made = _make(world)
    _insert(made, range(12), name=_half)
    made.cycle()
    made.compare()
    made.cycle()
    assert made.inbox() == {"held": 12}
    assert _outcomes(made) == [(Outcome.HELD, 12, 12)]
    assert len(made.reviews("quality_gate")) == 1


def test_a_released_batch_flows_as_it_is(world: MakeWorld) -> None:
    made = _make(world)
    _insert(made, range(12), name=_half)
    made.cycle()
    (item,) = made.reviews("quality_gate")
    made.decide(item, {"approve": True})
    made.cycle()
    assert len(_names(made)) == 6  # the nameless ones are in quarantine, each for itself
    assert made.inbox() == {}
    assert _outcomes(made) == [(Outcome.RELEASED, 12, 12)]
    assert made.reviews() == []


def test_a_batch_that_was_set_aside_comes_again_with_the_next_full_compare(
    world: MakeWorld,
) -> None:
    made = _make(world)
    _insert(made, range(12), name=_half)
    made.cycle()
    (item,) = made.reviews("quality_gate")
    made.clock.advance(60)
    made.decide(item, {"approve": False})
    made.cycle(3)
    assert (made.inbox(), made.reviews(), _names(made)) == ({"set_aside": 12}, [], [])
    made.compare()
    assert made.inbox() == {"held": 12}
    assert len(made.reviews("quality_gate")) == 1
    assert _outcomes(made) == [(Outcome.SET_ASIDE, 12, 12), (Outcome.HELD, 12, 12)]


def test_newer_content_replaces_what_is_held_and_the_rest_is_looked_at_again(
    world: MakeWorld,
) -> None:
    made = _make(world)
    ids = _insert(made, range(12), name=_half)
    made.cycle()
    for number in (1, 3):
        made.crm.edit("Account", ids[number], {"name": f"Mended {_word(number)}"})
    made.cycle()
    assert made.inbox() == {"held": 10}
    (item,) = made.reviews("quality_gate")
    assert (item.version, item.question["held"], item.question["gate"]) == (2, 10, 2)
    assert _names(made) == [f"Mended {_word(1)}", f"Mended {_word(3)}"]
    for number in (5, 7, 9, 11):
        made.crm.edit("Account", ids[number], {"name": f"Mended {_word(number)}"})
    made.cycle(2)
    assert made.inbox() == {}
    assert made.reviews() == []
    assert len(_names(made)) == 12
    assert _outcomes(made) == [
        (Outcome.SUPERSEDED, 12, 12),
        (Outcome.SUPERSEDED, 10, 10),
        (Outcome.PASSED, 6, 0),
    ]


def test_a_second_batch_is_judged_by_itself(world: MakeWorld) -> None:
    made = _make(world)
    _insert(made, range(12), name=_half)
    made.cycle()
    _insert(made, range(20, 32))
    made.cycle()
    assert len(_names(made)) == 12
    assert made.inbox() == {"held": 12}
    assert _outcomes(made) == [(Outcome.HELD, 12, 12), (Outcome.PASSED, 12, 0)]


def test_changed_rules_have_what_is_held_looked_at_again(world: MakeWorld) -> None:
    made = _make(world)
    _insert(made, range(12), name=_half)
    made.cycle()
    made.config = _make(world, tolerance=0.6).config
    made.cycle()
    assert made.reviews() == []
    assert len(_names(made)) == 6
    assert _outcomes(made) == [(Outcome.SUPERSEDED, 12, 12), (Outcome.PASSED, 12, 0)]


def test_only_the_records_that_share_a_declared_key_are_held(world: MakeWorld) -> None:
    made = _make(world, unique=["tax_id"], tolerance=0.2)
    ids = _insert(made, range(12), tax_id=lambda n: "T1" if n in (3, 4) else f"T{n + 10}")
    assert made.cycle()["gate_held"] == 2
    assert len(_names(made)) == 10
    (item,) = made.reviews("quality_gate")
    (shared,) = item.question["expectations"]
    assert shared["native_ids"] == [ids[3], ids[4]]
    assert _outcomes(made) == [(Outcome.PARTLY, 12, 2)]
    made.crm.edit("Account", ids[4], {"tax_id": "T4"})
    made.cycle(2)
    assert len(_names(made)) == 12
    assert (made.inbox(), made.reviews()) == ({}, [])


def test_a_hint_does_not_free_a_record_that_is_held_as_it_is(world: MakeWorld) -> None:
    made = _make(world)
    ids = _insert(made, range(12), name=_half)
    made.cycle()
    pipeline = made.pipeline()
    assert pipeline.open()
    pipeline.hint("account", "crm", ids[0])
    pipeline.drain()
    pipeline.close()
    assert made.inbox() == {"held": 12}
    assert _names(made) == []


def test_children_wait_for_a_parent_that_is_held(world: MakeWorld) -> None:
    made = world(policy={"quality": RULES}, objects=("account", "contact"))
    ids = _insert(made, range(12), name=_half)
    made.crm.insert("Contact", {"given": "Anna", "family": "Kowalska", "account": ids[0]})
    made.cycle(2)
    assert made.inbox() == {"held": 12, "parked": 1}
    assert made.erp.rows("person") == {}
    (item,) = made.reviews("quality_gate")
    made.decide(item, {"approve": True})
    made.cycle(2)
    (person,) = made.erp.rows("person").values()
    assert person["account"] == made.linked(ids[0])


def test_a_field_that_is_suddenly_empty_is_noticed(world: MakeWorld) -> None:
    made = _make(world)
    ids = _insert(made, range(12), phone=lambda n: f"+3021012345{n:02}")
    made.cycle(2)
    for native_id in ids:
        made.crm.edit("Account", native_id, {"phone": None})
    made.cycle()
    assert all(row["phone"] for row in made.erp.rows("party").values())
    (item,) = made.reviews("quality_gate")
    (missed,) = item.question["expectations"]
    assert missed["expectation"] == "null_rate.phone"
    assert missed["allowed"] == [None, 0.25]


def test_a_full_listing_that_is_far_too_short_is_noticed(world: MakeWorld) -> None:
    made = _make(world)
    ids = _insert(made, range(60))
    made.compare()
    made.cycle()
    for native_id in ids[:50]:
        made.crm.remove("Account", native_id)
    for number, native_id in enumerate(ids[50:]):
        made.crm.edit("Account", native_id, {"name": f"Renamed {_word(number)}"})
    made.compare()
    held = [item for item in made.reviews("quality_gate") if item.system == "crm"]
    (missed,) = held[0].question["expectations"]
    assert missed["why"] == (
        "the full listing held 10 records; after the last good ones it should hold 30 to 300"
    )


@pytest.mark.parametrize("rules", [{"enabled": False}, {"severity": {"not_null": "ignore"}}])
def test_a_gate_can_be_switched_off(world: MakeWorld, rules: Mapping[str, Any]) -> None:
    made = _make(world, **rules)
    _insert(made, range(12), name=_half)
    made.cycle()
    assert len(_names(made)) == 6
    assert made.reviews() == []


def test_a_warning_is_recorded_and_holds_up_nothing(world: MakeWorld) -> None:
    made = _make(world, severity={"not_null.name": "warn"})
    _insert(made, range(12), name=_half)
    made.cycle()
    assert len(_names(made)) == 6
    assert _outcomes(made) == [(Outcome.WARNED, 12, 0)]
    assert [finding.name for finding in _results(made)[0].failed] == ["not_null.name"]


def test_a_handful_of_edits_goes_through_no_gate(world: MakeWorld) -> None:
    made = _make(world)
    _insert(made, range(9), name=_half)
    made.cycle()
    assert _results(made) == []
    assert made.inbox() == {}


def test_what_people_are_asked_and_what_is_kept_holds_no_value(world: MakeWorld) -> None:
    made = _make(world, unique=["phone"])
    _insert(made, range(12), name=_half, phone="+302101234567")
    made.cycle()
    (item,) = made.reviews("quality_gate")
    assert len(item.question["expectations"]) == 2
    told = repr(item.question) + repr(_results(made)) + repr(made.facts("batch.held"))
    assert "302101234567" not in told
    assert "Company" not in told


def test_what_a_person_has_set_aside_is_a_difference_that_somebody_knows_about(
    world: MakeWorld,
) -> None:
    made = _make(world)
    ids = _insert(made, range(12), phone="1")
    made.cycle(2)
    for native_id in ids:
        made.crm.edit("Account", native_id, phone=None)
    made.cycle()
    assert made.inbox() == {"held": 12}
    (item,) = made.reviews("quality_gate")
    made.decide(item, {"approve": False})
    made.cycle(2)
    assert made.inbox() == {"set_aside": 12}
    found = compare(made.link, made.database)
    assert ([d.field for d in found.named], found.divergent) == (["phone"] * 12, [])
