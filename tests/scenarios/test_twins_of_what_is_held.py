"""While a quality gate holds a newcomer, nobody makes its twin beside it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import RetryableError
from tandem.chaos.faults import Fail, Killed
from tandem.chaos.scratch import empty
from tandem.sync.agreement import compare
from tandem.sync.pipeline import Pipeline
from tandem.sync.plan import plan
from tests.scenarios.conftest import MakeWorld
from tests.scenarios.test_11_in_bundles import finish, in_bundles
from tests.scenarios.world import CAPABLE, World

pytestmark = pytest.mark.slow
"""Great Expectations takes seconds to load."""

TWIN = {"name": "Acme", "website": "acme.example"}
STEPS = ("pull.stored", "gate.judged", "batch.stored", "push.intended", "push.sending", "push.sent")


def _words(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) * 3 for digit in f"{number:03}")


def _batch(w: World, *, start: int = 0, **values: Any) -> str:
    """Twelve parties, half of them nameless: they are held. Acme's id among them."""
    for n in range(start, start + 11):
        w.erp.insert("party", {"name": None if n % 2 else f"Company {_words(n)}"})
    return w.erp.insert("party", TWIN | values)


def _held(world: MakeWorld, **settings: Any) -> tuple[World, str, str]:
    """A world in which Acme is held in the ERP and has been entered in the CRM as well."""
    w = world(**({"policy": {"quality": {"min_rows": 10}, "default": "latest"}} | settings))
    held = _batch(w)
    w.cycle()
    account = w.crm.insert("Account", TWIN)
    w.cycle(3)
    assert (w.inbox(), w.outbox()) == ({"held": 12}, {"parked": 1})
    assert _acmes(w) == [held]
    return w, account, held


def _acmes(w: World) -> list[str]:
    return [i for i, row in w.erp.rows("party").items() if row["name"] == "Acme"]


def _decide(w: World, *, approve: bool) -> None:
    (item,) = w.reviews("quality_gate")
    w.decide(item, {"approve": approve})


def _is_one(w: World, account: str, held: str) -> None:
    assert w.linked(account) == held
    assert _acmes(w) == [held]
    assert [row["name"] for row in w.crm.rows("Account").values()].count("Acme") == 1
    assert w.outbox().get("parked", 0) == 0
    assert compare(w.link, w.database).divergent == []
    w.quiet(3)


def _go_two_ways(w: World, account: str, held: str) -> None:
    made = w.linked(account)
    assert made not in (None, held)
    assert held in w.erp.rows("party")
    assert w.outbox().get("parked", 0) == 0
    w.quiet(3)


def test_a_newcomer_waits_for_its_held_twin_and_is_one_with_it_when_that_is_let_go(
    world: MakeWorld,
) -> None:
    w, account, held = _held(world)
    _decide(w, approve=True)
    w.cycle(2)
    assert w.inbox() == {}
    _is_one(w, account, held)


def test_a_newcomer_that_comes_with_the_batch_waits_as_well(world: MakeWorld) -> None:
    w = world(policy={"quality": {"min_rows": 10}, "default": "latest"})
    account = w.crm.insert("Account", TWIN)
    held = _batch(w)
    w.cycle(2)
    assert _acmes(w) == [held]
    _decide(w, approve=True)
    w.cycle(2)
    _is_one(w, account, held)


def test_a_person_is_asked_when_it_is_not_sure_and_the_batch_is_let_go(world: MakeWorld) -> None:
    w = world(policy={"quality": {"min_rows": 10}, "default": "latest"})
    held = _batch(w, website=None)
    w.cycle()
    account = w.crm.insert("Account", {"name": "Acme", "phone": "1"})
    w.cycle(2)
    assert _acmes(w) == [held]
    _decide(w, approve=True)
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    assert (item.system, item.native_id) == ("erp", held)
    assert (_acmes(w), w.outbox().get("parked", 0)) == ([held], 0)
    w.decide(item, {"canonical_id": item.question["candidates"][0]["canonical_id"]})
    w.cycle(2)
    _is_one(w, account, held)


def test_a_plan_tells_of_creates_that_wait_and_does_not_promise_them(world: MakeWorld) -> None:
    w = world(policy={"quality": {"min_rows": 10}, "default": "latest"})
    w.crm.insert("Account", TWIN)
    w.crm.insert("Account", {"name": "Dolmen Catering", "website": "dolmen.example"})
    _batch(w)
    before = plan(w.link, w.database, clock=w.clock, ids=w.ids)
    assert (before.totals, before.waiting) == ({"account": {"erp": {"create": 1}}}, 1)
    w.cycle(2)
    assert w.outbox() == {"accepted": 1, "parked": 1}
    after = plan(w.link, w.database, clock=w.clock, ids=w.ids)
    assert (after.totals, after.waiting) == ({}, 1)


def test_nobody_else_waits(world: MakeWorld) -> None:
    w, _, held = _held(world)
    other = w.crm.insert("Account", {"name": "Dolmen Catering", "website": "dolmen.example"})
    w.cycle()
    assert w.linked(other) in w.erp.rows("party")
    assert _acmes(w) == [held]


def test_an_edit_of_who_waits_leaves_it_waiting_and_is_not_lost(world: MakeWorld) -> None:
    w, account, held = _held(world)
    w.crm.edit("Account", account, phone="7")
    w.cycle(2)
    assert (_acmes(w), w.outbox()["parked"]) == ([held], 1)
    _decide(w, approve=True)
    w.cycle(2)
    _is_one(w, account, held)
    assert w.erp.rows("party")[held]["phone"] == "7"


def test_an_edit_of_who_waits_that_makes_it_another_lets_it_go(world: MakeWorld) -> None:
    w, account, held = _held(world)
    w.crm.edit("Account", account, name="Dolmen Catering", website="dolmen.example")
    w.cycle(2)
    assert w.inbox() == {"held": 12}
    _go_two_ways(w, account, held)


def test_a_newcomer_that_is_deleted_waits_no_more(world: MakeWorld) -> None:
    w, account, held = _held(
        world, policy={"quality": {"min_rows": 10}, "deletes": {"policy": "propagate"}}
    )
    w.crm.remove("Account", account)
    w.cycle(2)
    assert w.outbox() == {"superseded": 1}
    assert _acmes(w) == [held]


def test_what_is_set_aside_stands_there_all_the_same(world: MakeWorld) -> None:
    w, account, held = _held(world)
    w.clock.advance(60)
    _decide(w, approve=False)
    w.cycle(3)
    assert (w.inbox(), w.outbox(), _acmes(w)) == ({"set_aside": 12}, {"parked": 1}, [held])
    w.compare()
    assert (w.inbox(), w.outbox(), _acmes(w)) == ({"held": 12}, {"parked": 1}, [held])
    _decide(w, approve=True)
    w.cycle(2)
    _is_one(w, account, held)


def test_what_is_set_aside_and_has_become_good_is_met_after_a_full_compare(
    world: MakeWorld,
) -> None:
    w, account, held = _held(world)
    _decide(w, approve=False)
    w.cycle()
    for number, (native_id, row) in enumerate(w.erp.rows("party").items()):
        if row["name"] is None:
            w.erp.edit_quietly("party", native_id, name=f"Found {_words(900 + number)}")
    w.compare()
    w.cycle()
    assert w.inbox() == {}
    _is_one(w, account, held)


def test_what_is_set_aside_and_edited_is_met(world: MakeWorld) -> None:
    w, account, held = _held(world)
    _decide(w, approve=False)
    w.cycle()
    w.erp.edit("party", held, phone="7")
    w.cycle(2)
    _is_one(w, account, held)
    assert w.crm.rows("Account")[account]["phone"] == "7"


def test_a_held_record_that_is_mended_is_met(world: MakeWorld) -> None:
    w, account, held = _held(world)
    w.erp.edit("party", held, phone="7")
    w.cycle(2)
    assert w.inbox() == {"held": 11}
    _is_one(w, account, held)


def test_a_held_record_that_becomes_another_holds_up_nobody(world: MakeWorld) -> None:
    w, account, held = _held(world)
    w.erp.edit("party", held, name="Dolmen Catering", website="dolmen.example")
    w.cycle(2)
    _go_two_ways(w, account, held)


@pytest.mark.parametrize("aside", [False, True])
def test_a_held_record_that_is_deleted_holds_up_nobody(world: MakeWorld, aside: bool) -> None:
    w, account, held = _held(world)
    if aside:
        _decide(w, approve=False)
    w.erp.remove("party", held)
    w.cycle(2)
    assert _acmes(w) == [w.linked(account)]
    w.quiet(3)


@pytest.mark.parametrize("aside", [False, True])
def test_a_held_record_that_vanished_without_a_word_holds_up_nobody(
    world: MakeWorld, aside: bool
) -> None:
    mute = {"capabilities": replace(CAPABLE, tombstones=False)}
    w, account, held = _held(world, erp=mute)
    if aside:
        _decide(w, approve=False)
    w.erp.remove("party", held)
    w.cycle(2)
    assert _acmes(w) == []
    w.compare()
    assert _acmes(w) == [w.linked(account)]
    w.quiet(3)


def test_a_held_record_that_is_read_again_as_it_is_stays_and_as_another_is_met(
    world: MakeWorld,
) -> None:
    w, account, held = _held(world)
    for phone in (None, "7"):
        w.erp.edit_quietly("party", held, phone=phone)
        assert _acmes(w) == [held]
        worker = w.pipeline()
        assert worker.open()
        worker.hint("account", "erp", held)
        worker.drain()
        worker.close()
        assert w.linked(account) == (held if phone else None)
    _is_one(w, account, held)


def test_changed_rules_let_both_go(world: MakeWorld) -> None:
    w, account, held = _held(world)
    w.config = world(policy={"quality": False, "default": "latest"}).config
    w.cycle(2)
    _is_one(w, account, held)


def test_what_waits_for_its_parent_once_it_is_let_go_is_met_as_ever(world: MakeWorld) -> None:
    w = world(policy={"quality": {"min_rows": 10}, "default": "latest"})
    nameless = w.erp.insert("party", {"name": None})
    held = _batch(w, parent=nameless)
    w.cycle()
    account = w.crm.insert("Account", TWIN)
    w.cycle()
    assert _acmes(w) == [held]
    _decide(w, approve=True)
    w.cycle(3)
    assert w.linked(account) == held
    assert _acmes(w) == [held]


def test_two_held_batches_that_hold_twins_meet_once_both_are_let_go(world: MakeWorld) -> None:
    w = world(policy={"quality": {"min_rows": 10}, "default": "latest"})
    held = _batch(w)
    for n in range(100, 111):
        w.crm.insert("Account", {"name": None if n % 2 else f"Firm {_words(n)}"})
    account = w.crm.insert("Account", TWIN)
    w.cycle()
    assert w.inbox() == {"held": 24}
    crm, erp = sorted(w.reviews("quality_gate"), key=lambda item: item.system or "")
    w.decide(crm, {"approve": True})
    w.cycle(2)
    assert (w.inbox(), _acmes(w)) == ({"held": 12}, [held])
    w.decide(erp, {"approve": True})
    w.cycle(2)
    _is_one(w, account, held)


def _die_at(w: World, step: str, times: int = 3) -> None:
    """So many workers die at their first such step."""

    def die(at: str) -> None:
        if at == step:
            raise Killed

    for _ in range(times):
        w.checkpoint = die
        with suppress(Killed):
            w.cycle()
        w.clock.advance(61)
    w.checkpoint = lambda _step: None


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("end", ["let go", "set aside", "edited", "deleted"])
def test_workers_may_die_anywhere(world: MakeWorld, step: str, end: str) -> None:
    w = world(policy={"quality": {"min_rows": 10}, "default": "latest"})
    account = w.crm.insert("Account", TWIN)
    held = _batch(w)
    _die_at(w, step)
    w.cycle(2)
    assert (_acmes(w), w.outbox()["parked"], w.inbox()) == ([held], 1, {"held": 12})
    if end == "edited":
        w.erp.edit("party", held, phone="7")
    elif end == "deleted":
        w.erp.remove("party", held)
    else:
        _decide(w, approve=end == "let go")
    _die_at(w, step)
    if end == "set aside":
        w.checkpoint = lambda at: _raise() if at == "gate.judged" else None
        with suppress(Killed):
            w.compare()
        w.checkpoint = lambda _step: None
        w.clock.advance(61)
        _die_at(w, step)
        w.cycle()
        assert (_acmes(w), w.inbox()) == ([held], {"held": 12})
        _decide(w, approve=True)
        _die_at(w, step)
    w.cycle(3)
    if end == "deleted":
        assert _acmes(w) == [w.linked(account)]
    else:
        _is_one(w, account, held)


def _raise() -> None:
    raise Killed


def test_a_create_that_was_decided_before_waits_for_the_gate(world: MakeWorld) -> None:
    w = world(policy={"quality": {"min_rows": 10}, "default": "latest"})
    account = w.crm.insert("Account", TWIN)
    w.erp.script("write", *[Fail(RetryableError("500"))] * 2)
    w.cycle()
    assert w.outbox() == {"intended": 1}
    held = _batch(w)
    reads = iter(["crm", "erp"])
    w.checkpoint = lambda at: _raise() if at == "pull.stored" and next(reads) == "erp" else None
    w.erp.script("write", *[Fail(RetryableError("500"))] * 2)
    with suppress(Killed):
        w.cycle()
    assert (w.inbox(), w.outbox()) == ({"new": 12}, {"intended": 1})
    w.checkpoint = lambda _step: None
    w.clock.advance(1000)
    w.erp.calm()
    w.cycle()
    assert (_acmes(w), w.inbox(), w.outbox()) == ([held], {"held": 12}, {"parked": 1})
    _decide(w, approve=True)
    w.cycle(2)
    _is_one(w, account, held)


def _load(world: MakeWorld) -> World:
    """Both systems full; what is in the ERP will be held."""
    w = world(
        policy={"quality": {"min_rows": 10}, "default": {"policy": "latest"}},
        objects=("account", "contact"),
    )
    with w.database.begin() as connection:
        empty(connection)
    for n in range(12):
        w.crm.insert("Account", {"name": f"Company {_words(n)}", "website": f"c{n}.example"})
        name = None if n % 2 else f"Company {_words(n)}"
        w.erp.insert("party", {"name": name, "website": f"c{n}.example"})
    worker = w.pipeline()
    assert worker.open()
    worker.pull()
    worker.close()
    return w


@pytest.mark.parametrize("approve", [False, True])
def test_a_first_load_in_bundles_makes_no_twin_beside_what_is_held(
    world: MakeWorld, approve: bool
) -> None:
    found = []
    for load_it in (finish, lambda w: in_bundles(w, 6, reversed)):
        w = _load(world)
        load_it(w)
        w.cycle(2)
        before = _names(w)
        _decide(w, approve=approve)
        w.cycle(3)
        asked = sorted((item.system, item.label) for item in w.reviews("duplicate"))
        pairs = {row["name"]: w.linked(i) for i, row in w.crm.rows("Account").items()}
        parties = w.erp.rows("party")
        linked = {name: partner and parties[partner] for name, partner in pairs.items()}
        found.append((before, _names(w), w.inbox(), w.outbox(), asked, linked))
    assert found[0] == found[1]
    # Six have no twin that could be read, six wait for it.
    names = sorted(f"Company {_words(n)}" for n in range(12))
    assert found[0][:2] == (names, names)


def _names(w: World) -> list[str]:
    return sorted(row["name"] for row in w.erp.rows("party").values() if row["name"])


def _goes_and_comes_back(w: World, pipeline: Pipeline, party: str) -> None:
    """Its deletion has been read when it is there again, in a batch that a gate holds."""
    before = w.erp.rows("party")[party]
    w.erp.remove("party", party)
    pipeline.pull()
    w.erp.edit("party", party, **(before | {"phone": "2"}))
    _batch(w)
    pipeline.cycle()
    pipeline.close()
    w.cycle(3)


def test_what_is_held_of_it_from_before_and_after_a_deletion_says_that_it_is_there(
    world: MakeWorld,
) -> None:
    w = world(policy={"quality": {"min_rows": 10}, "deletes": {"policy": "propagate"}})
    account, party = w.pair(name="Zeta", phone="1")
    pipeline = w.pipeline()
    assert pipeline.open()
    w.erp.edit("party", party, phone="0")
    pipeline.pull()
    _goes_and_comes_back(w, pipeline, party)
    assert set(w.inbox()) == {"held"}
    assert w.crm.rows("Account") == {account: {"name": "Zeta", "phone": "1"}}


def test_what_is_held_is_there_whatever_an_older_deletion_says(world: MakeWorld) -> None:
    w = world(policy={"quality": {"min_rows": 10}, "deletes": {"policy": "propagate"}})
    account, party = w.pair(name="Zeta", phone="1")
    pipeline = w.pipeline()
    assert pipeline.open()
    _goes_and_comes_back(w, pipeline, party)
    assert w.inbox() == {"held": 13}
    assert w.crm.rows("Account") == {account: {"name": "Zeta", "phone": "1"}}
    _decide(w, approve=True)
    w.cycle(3)
    assert w.crm.rows("Account")[account]["phone"] == "2"
    assert w.linked(account) == party
