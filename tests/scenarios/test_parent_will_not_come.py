"""A write that names a parent which will not come to its system: a person is told, and nobody else
is held up. Once the parent is there after all, it goes out by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from connectors.base import Idempotency
from connectors.errors import RecordError
from tandem.chaos.faults import Fail, Killed
from tandem.replay import replay_dead_letters
from tandem.state import backup, outbox
from tandem.state.chain import SideState
from tandem.state.outbox import Intent, PushState
from tandem.state.tables import crosswalk
from tandem.state.tables import outbox as outbox_table
from tandem.sync.agreement import compare
from tests.scenarios.world import CAPABLE, World

OBJECTS = ("account", "contact")


def an_account(make: Any, policy: str = "unlink", **erp: Any) -> tuple[World, str, str]:
    """An account on both sides; its ids in the CRM and in the ERP."""
    capable = {"capabilities": replace(CAPABLE, **erp)}
    w = make(policy={"deletes": {"policy": policy}}, objects=OBJECTS, erp=capable)
    return w, *w.pair(website="acme.example")


def an_account_deleted_in_the_erp(make: Any, **erp: Any) -> tuple[World, str, str]:
    w, account, partner = an_account(make, **erp)
    w.erp.remove("party", partner)
    w.cycle(2)
    return w, account, partner


def ann(w: World, account: str) -> str:
    """A contact of an account, entered in the CRM."""
    contact = w.crm.insert("Contact", given="Ann", family="Lee", phone="1", account=account)
    w.cycle(2)
    return contact


def canonical(w: World, account: str) -> str:
    return next(row.canonical_id for row in w.crosswalk() if row.native_id == account)


def letters(w: World) -> list[Intent]:
    with w.database.begin() as connection:
        return outbox.dead_letters(connection, "customers")


def told(w: World, why: str) -> dict[str, Any]:
    """The values of the only dead letter, which says why it is one."""
    (letter,) = letters(w)
    assert letter.answer == {
        "code": "no_parent",
        "message": f"{why}; link or restore it in erp, or name another one",
        "columns": [],
    }
    return letter.values


def people(w: World) -> list[tuple[Any, ...]]:
    return [
        (row.get("given"), row.get("phone"), row.get("account"))
        for row in w.erp.rows("person").values()
    ]


def agree(w: World) -> None:
    """Nothing is a dead letter, nothing differs, nothing is written any more."""
    assert (letters(w), w.outbox().get("parked"), w.inbox()) == ([], None, {})
    assert compare(w.link, w.database).divergent == []
    w.quiet(3)


def _deleted_by_policy(w: World, partner: str) -> None:
    w.erp.remove("party", partner)
    w.cycle(2)


def _deleted_and_answered(w: World, partner: str) -> None:
    _deleted_by_policy(w, partner)
    w.decide(*w.reviews("deletion"), {"policy": "unlink"})
    w.cycle(2)


def _unlinked(w: World, partner: str) -> None:
    with w.database.begin() as connection:
        row = update(crosswalk).where(crosswalk.c.native_id == partner)
        connection.execute(row.values(state=SideState.UNLINKED))


@pytest.mark.parametrize(
    ("policy", "lose", "why"),
    [
        ("unlink", _deleted_by_policy, "was deleted in erp"),
        ("deactivate", _deleted_by_policy, "was deleted in erp"),
        ("review", _deleted_and_answered, "was deleted in erp"),
        ("unlink", _unlinked, "is unlinked in erp"),
    ],
)
def test_who_refers_to_what_is_gone_in_a_system_is_told_there(world, policy, lose, why):
    w, account, partner = an_account(world, policy)
    lose(w, partner)
    ann(w, account)
    parent = canonical(w, account)
    name = {"given": "Ann", "middle": None, "family": "Lee"}
    assert told(w, f"account: account {parent} {why}") == {
        "name": name,
        "phone": "1",
        "account": parent,
    }
    assert people(w) == []
    assert compare(w.link, w.database).divergent == []
    w.crm.insert("Contact", given="Bob", family="Lee")
    w.cycle(2)
    assert people(w) == [("Bob", None, None)]
    w.quiet(3)


def test_who_waits_for_what_is_deleted_everywhere_is_told(world):
    w = world(policy={"deletes": {"policy": "unlink"}}, objects=OBJECTS)
    account = w.crm.insert("Account", name="Acme", phone="1")
    w.erp.insert("party", name="Acme", phone="2")
    ann(w, account)
    assert (w.outbox(), letters(w)) == ({"parked": 1}, [])  # a person is asked about the account
    w.crm.remove("Account", account)
    w.cycle(2)
    told(w, f"account: account {canonical(w, account)} was deleted")


def _restored(w: World, partner: str) -> str:
    w.erp.edit("party", partner, name="Acme", website="acme.example")
    return partner


def _linked_again(w: World, _partner: str) -> str:
    again = w.erp.insert("party", name="Acme", website="acme.example")
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    w.decide(item, {"canonical_id": item.question["candidates"][0]["canonical_id"]})
    return again


@pytest.mark.parametrize("comes", [_restored, _linked_again])
def test_it_goes_out_by_itself_once_the_parent_is_there_after_all(world, comes):
    w, account, partner = an_account_deleted_in_the_erp(world)
    ann(w, account)
    (letter,) = letters(w)
    there = comes(w, partner)
    w.cycle(3)
    assert people(w) == [("Ann", "1", there)]
    (fact,) = w.facts("write.replayed")
    assert (fact.actor, fact.cause) == (
        "tandem",
        {"intent": letter.id, "operation": "create", "parent": canonical(w, account)},
    )
    agree(w)


@pytest.mark.parametrize("step", ["batch.stored", "erp.write.row", "push.sent", "push.recorded"])
@pytest.mark.parametrize("passes", [0, 1])
def test_it_goes_out_once_whenever_the_worker_dies(world, step, passes):
    w, account, partner = an_account_deleted_in_the_erp(world)
    daughter = {"name": "Daughter", "website": "daughter.example", "parent": account}
    w.crm.insert("Account", daughter)
    ann(w, account)
    assert [letter.operation for letter in letters(w)] == ["create", "update"]
    w.erp.edit("party", partner, name="Acme", website="acme.example")
    dies = iter([False] * passes + [True])

    def die(at):
        if at == step and next(dies, False):
            raise Killed

    w.checkpoint = w.erp.at_point = die
    with pytest.raises(Killed):
        w.cycle(3)
    w.clock.advance(120)
    w.cycle(4)
    assert people(w) == [("Ann", "1", partner)]
    assert {r["name"]: r.get("parent") for r in w.erp.rows("party").values()} == {
        "Acme": None,
        "Daughter": partner,
    }
    agree(w)


def test_another_parent_or_none_is_a_way_out(world):
    w, account, _ = an_account_deleted_in_the_erp(world)
    contact = ann(w, account)
    other = w.crm.insert("Account", name="Zeta", website="zeta.example")
    w.crm.edit("Contact", contact, account=other)
    w.cycle(2)
    assert people(w) == [("Ann", "1", w.linked(other))]
    w.crm.edit("Contact", contact, account=account, phone="2")
    w.cycle(2)
    assert told(w, f"account: account {canonical(w, account)} was deleted in erp")
    w.crm.edit("Contact", contact, account=None)
    w.cycle(2)
    assert people(w) == [("Ann", "2", None)]
    agree(w)


def test_only_what_names_the_parent_waits_for_it(world):
    w, account, partner = an_account(world)
    contact = w.crm.insert("Contact", given="Ann", family="Lee", phone="1")
    w.cycle(2)
    w.erp.remove("party", partner)
    w.cycle(2)
    w.crm.edit("Contact", contact, account=account, phone="2")
    w.cycle(2)
    assert people(w) == [("Ann", "2", None)]
    parent = canonical(w, account)
    assert told(w, f"account: account {parent} was deleted in erp") == {"account": parent}
    w.crm.edit("Contact", contact, phone="3")
    w.cycle(2)
    assert people(w) == [("Ann", "3", None)]
    w.erp.edit("party", partner, name="Acme", website="acme.example")
    w.cycle(3)
    assert people(w) == [("Ann", "3", partner)]
    agree(w)


def test_a_record_goes_without_a_parent_of_its_own_kind_and_is_told_about(world):
    w, holding, partner = an_account_deleted_in_the_erp(world)
    w.crm.insert("Account", name="Daughter", website="daughter.example", parent=holding)
    w.cycle(3)
    parent = canonical(w, holding)
    assert told(w, f"parent: account {parent} was deleted in erp") == {"parent": parent}
    assert [r.get("parent") for r in w.erp.rows("party").values()] == [None]
    w.erp.edit("party", partner, name="Acme", website="acme.example")
    w.cycle(3)
    parents = {r["name"]: r.get("parent") for r in w.erp.rows("party").values()}
    assert parents == {"Acme": None, "Daughter": partner}
    agree(w)


def test_a_newer_edit_takes_the_place_of_the_dead_letter(world):
    w, account, _ = an_account_deleted_in_the_erp(world)
    contact = ann(w, account)
    w.crm.edit("Contact", contact, phone="2")
    w.cycle(2)
    why = f"account: account {canonical(w, account)} was deleted in erp"
    assert told(w, why)["phone"] == "2"
    replay_dead_letters(w.database, None, person="stella", at=w.clock.now())
    w.cycle(2)
    assert told(w, why)["phone"] == "2"  # nothing has changed since


@pytest.mark.parametrize("made", [False, True])
def test_nobody_is_told_about_a_record_that_is_deleted_itself(world, made):
    w, account, partner = an_account(world)
    w.erp.remove("party", partner)
    w.cycle(2)
    if made:
        contact = w.crm.insert("Contact", given="Ann", family="Lee")
        w.cycle(2)
        w.crm.edit("Contact", contact, account=account)
        w.cycle(2)
    else:
        contact = ann(w, account)
    assert len(letters(w)) == 1
    w.crm.remove("Contact", contact)
    w.cycle(2)
    for item in w.reviews("deletion"):
        w.decide(item, {"policy": "propagate"})
    w.cycle(2)
    assert people(w) == []
    agree(w)


def test_the_letter_ends_with_the_record_that_it_was_for(world):
    w, account, _ = an_account_deleted_in_the_erp(world)
    contact = w.crm.insert("Contact", given="Ann", family="Lee")
    w.cycle(2)
    w.crm.edit("Contact", contact, account=account)
    w.cycle(2)
    assert len(letters(w)) == 1
    (person,) = w.erp.rows("person")
    w.erp.remove("person", person)
    w.cycle(2)
    for item in w.reviews("deletion"):
        w.decide(item, {"policy": "unlink"})
    w.cycle(2)
    assert letters(w) == []


@pytest.mark.parametrize("same", [True, False])
def test_nothing_is_a_dead_letter_while_a_person_is_asked_about_the_parent(world, same):
    w, account, _ = an_account_deleted_in_the_erp(world)
    newcomer = w.erp.insert("party", name="Acme", website="acme.example")
    w.cycle()
    (item,) = w.reviews("duplicate")
    ann(w, account)
    assert (letters(w), w.outbox()["parked"]) == ([], 1)
    candidate = item.question["candidates"][0]["canonical_id"]
    w.decide(item, {"canonical_id": candidate if same else None})
    w.cycle(3)
    if same:
        assert people(w) == [("Ann", "1", newcomer)]
        agree(w)
    else:
        told(w, f"account: account {canonical(w, account)} was deleted in erp")
        assert people(w) == []


def test_what_could_not_be_restored_is_waited_for(world):
    w, account, partner = an_account(world, "restore")
    w.erp.script("write", Fail(RecordError("refused")))
    w.erp.remove("party", partner)
    w.cycle(2)
    ann(w, account)
    (letter,) = letters(w)  # a person is told about the account: that is enough
    assert (letter.object, w.outbox()["parked"]) == ("account", 1)
    replay_dead_letters(w.database, None, person="stella", at=w.clock.now())
    w.cycle(2)
    assert people(w) == [("Ann", "1", w.linked(account))]
    agree(w)


def test_a_parent_that_policy_does_not_create_is_told_about_until_somebody_enters_it(world):
    w = world(policy={"create_in": ["crm"]}, objects=OBJECTS)
    account = w.crm.insert("Account", name="Acme", website="acme.example")
    ann(w, account)
    told(w, f"account: account {canonical(w, account)} is not to be created in erp")
    there = w.erp.insert("party", name="Acme", website="acme.example")
    w.cycle(3)
    assert people(w) == [("Ann", "1", there)]
    agree(w)


def test_a_full_compare_looks_at_everything_that_waits(world):
    w, account, _ = an_account_deleted_in_the_erp(world)
    ann(w, account)
    with w.database.begin() as connection:  # as it was left by a policy that has changed since
        dead = outbox_table.c.state == PushState.REJECTED
        connection.execute(update(outbox_table).where(dead).values(state=PushState.PARKED))
    w.cycle(2)
    assert letters(w) == []
    w.compare()
    told(w, f"account: account {canonical(w, account)} was deleted in erp")


def test_what_may_have_gone_out_by_itself_since_a_backup_is_asked_about(world, tmp_path: Path):
    w, account, partner = an_account_deleted_in_the_erp(world, idempotency=Idempotency.NONE)
    ann(w, account)
    url = w.database.engine.url.render_as_string(hide_password=False)
    backup.write(url, tmp_path / "state.zip", w.clock.now())
    w.erp.edit("party", partner, name="Acme", website="acme.example")
    w.cycle(3)
    (person,) = w.erp.rows("person")
    backup.restore(url, tmp_path / "state.zip", w.clock.now(), force=True)
    w.cycle(3)
    (item,) = w.reviews("unknown_outcome")
    w.decide(item, {"native_id": person})
    w.cycle(3)
    assert (people(w), len(w.crm.rows("Contact"))) == ([("Ann", "1", partner)], 1)
    agree(w)
