"""The ledger finds what an engine does wrong: each invariant is broken on purpose, and counted."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from connectors.base import Idempotency, Operation, Write
from connectors.errors import RecordError, RetryableError
from tandem.chaos.faults import Fail, Killed, LostAnswer, Precision, RateLimit
from tandem.chaos.papers import Papers, read
from tandem.chaos.scratch import Scratch
from tandem.chaos.shape import Shape, built_in
from tandem.chaos.steward import Steward
from tandem.chaos.storm import Storm
from tandem.chaos.verdict import Verdict, judge
from tandem.chaos.world import World
from tandem.decide import decide
from tandem.settings import LinkConfig
from tandem.state import audit as facts
from tandem.state.database import Database
from tandem.state.inbox import InboxState
from tandem.state.outbox import PushState
from tandem.state.quota import Budget
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.state.tables import audit, inbox, outbox, review, waiting_key
from tandem.sync.pipeline import Pipeline
from tandem.sync.types import Checkpoint, Link


def shape(quota: Budget | None, **rules: Any) -> Shape:
    """The built-in shape with fixed policies and well-behaved systems."""
    known = built_in()
    systems = {name: replace(system, quota=quota) for name, system in known.systems.items()}
    config = {"link": "chaos", "systems": ["crm", "erp"], "objects": {"account": rules}}
    mappings = tuple(m for m in known.mappings if m.object == "account")
    parts = {"config": LinkConfig.model_validate(config), "systems": systems, "mappings": mappings}
    return replace(known, **parts, varied=False)


class Calm:
    """A world without trouble, in which single things are done by hand."""

    def __init__(
        self,
        database: Database,
        pipeline: type[Pipeline] = Pipeline,
        quota: Budget | None = None,
        **rules: Any,
    ) -> None:
        self.world = World(
            shape(quota, **rules),
            Scratch(database).empty(),
            1,
            draw=random.Random(1),
            pipeline=pipeline,
        )
        self.crm, self.erp = self.world.systems["crm"], self.world.systems["erp"]
        self.world.parties["Bakelomi"] = None

    def enter(self, **columns: Any) -> str:
        native_id = self.crm.insert("Account", Name="Bakelomi GmbH", **columns)
        self.settle()
        return native_id

    def answer(self, item: ReviewItem, decision: dict[str, Any]) -> None:
        at = self.world.clock.now()
        database, version = self.world.database, item.version
        decide(database, item.id, version=version, decision=decision, person="stella", at=at)
        self.settle()

    def settle(self) -> None:
        Storm(self.world).settle()

    def verdict(self) -> Verdict:
        return judge(self.world, [])


class Drops(Pipeline):
    """Forgets whatever is new about phones: an edit that never arrives."""

    def drain(self, *, push: bool = True) -> None:
        with self._database.begin() as connection:
            edited = inbox.c["values"]["Phone"].as_string() == "+4930222222"
            connection.execute(delete(inbox).where(edited))
        super().drain(push=push)


class Forgets(Pipeline):
    """Keeps no audit of what a policy decided against."""

    def close(self, outcome: str = "done") -> None:
        with self._database.begin() as connection:
            connection.execute(
                update(audit).where(audit.c.action == "golden.changed").values(cause={}, after={})
            )
        super().close(outcome)


def test_a_calm_day_has_no_breach(database: Database) -> None:
    calm = Calm(database)
    native_id = calm.enter(Phone="+4930111111")
    calm.crm.edit("Account", native_id, Phone="+4930222222")
    calm.settle()
    assert calm.verdict() == Verdict()


def test_each_try_of_a_create_is_judged_by_what_was_decided_by_then(database: Database) -> None:
    calm = Calm(database)
    refused = Fail(RecordError("one of these is wrong"))
    calm.erp.script("write", LostAnswer(), refused, refused)
    native_id = calm.crm.insert("Account", Name="Bakelomi GmbH")
    assert calm.world.work()
    (made,) = calm.erp.rows("party")
    calm.erp.remove("party", made)
    assert calm.world.work()
    (item,) = Steward(calm.world).look()
    calm.answer(item, {"native_id": None})
    calm.crm.edit("Account", native_id, Website="acme.example")
    calm.settle()  # decided anew, the create keeps its key
    assert [row["website"] for row in calm.erp.rows("party").values()] == ["acme.example"]
    assert calm.verdict() == Verdict()


def test_an_edit_that_the_engine_drops_leaves_the_sides_apart(database: Database) -> None:
    calm = Calm(database, Drops)
    native_id = calm.enter(Phone="+4930111111")
    calm.crm.edit("Account", native_id, Phone="+4930222222")
    calm.settle()
    assert calm.verdict().counts() == Verdict().counts() | {"diverged": 1}


def test_an_edit_that_is_overwritten_without_a_word_is_lost(database: Database) -> None:
    calm = Calm(database, Forgets, default={"policy": "owner", "owner": "crm"})
    native_id = calm.enter(Phone="+4930111111")
    (partner,) = calm.erp.rows("party")
    calm.crm.edit("Account", native_id, Phone="+4930222222")
    calm.erp.edit("party", partner, phone="+4930333333")
    calm.settle()
    lost = calm.verdict().lost
    assert [line.partition(" at ")[0] for line in lost] == [f"erp:party:{partner}.phone"]


def test_an_answer_about_another_field_does_not_account_for_an_edit(database: Database) -> None:
    owner = {"policy": "owner", "owner": "crm"}
    calm = Calm(database, Forgets, default=owner, fields={"employees": "review"})
    native_id = calm.enter(Employees=1)
    (partner,) = calm.erp.rows("party")
    calm.crm.edit("Account", native_id, Employees=2, Emails__c="crm@bakelomi.example")
    calm.erp.edit("party", partner, employees=3, emails=["erp@bakelomi.example"])
    calm.settle()
    (item,) = Steward(calm.world).look()
    calm.answer(item, {"value": 3})
    lost = [line.partition(" at ")[0] for line in calm.verdict().lost]
    assert lost == [f"erp:party:{partner}.emails"]


def test_the_same_edit_is_accounted_for_where_the_audit_names_it(database: Database) -> None:
    calm = Calm(database, default={"policy": "owner", "owner": "crm"})
    native_id = calm.enter(Phone="+4930111111")
    (partner,) = calm.erp.rows("party")
    calm.crm.edit("Account", native_id, Phone="+4930222222")
    calm.erp.edit("party", partner, phone="+4930333333")
    calm.settle()
    assert calm.verdict() == Verdict()


def test_an_edit_that_says_what_is_golden_when_it_is_met_has_nothing_to_add(
    database: Database,
) -> None:
    calm = Calm(database)
    native_id = calm.crm.insert("Account", Name="Bakelomi GmbH", Website="bakelomi.example")
    twin = calm.erp.insert("party", name="Bakelomi GmbH")
    calm.world.work()  # whether they are one is asked
    assert len(Steward(calm.world).look()) == 1
    calm.world.clock.advance(1)
    calm.erp.edit("party", twin, website="bakelomi.example")
    calm.settle()
    calm.crm.edit("Account", native_id, Website=None)
    calm.settle()
    assert calm.erp.rows("party")[twin]["website"] is None
    assert calm.verdict() == Verdict()


@pytest.mark.parametrize("by", ["write.accepted", "golden.changed", "nobody"])
def test_an_edit_to_the_golden_value_is_told_by_the_write_or_the_record_that_replaces_it(
    database: Database, by: str
) -> None:
    calm = Calm(database)
    native_id = calm.enter(Phone="+4930111111")
    (partner,) = calm.erp.rows("party")
    calm.crm.script("write", RateLimit(retry_after=60))
    calm.erp.edit("party", partner, phone="+4930222222")
    calm.world.work()
    calm.world.clock.advance(1)
    calm.crm.edit("Account", native_id, Phone="+4930222222")  # before our write of it gets through
    calm.settle()
    calm.erp.edit("party", partner, phone="+4930333333")
    calm.settle()
    assert calm.crm.rows("Account")[native_id]["Phone"] == "+4930333333"
    with database.begin() as connection:
        silent = audit.c.action.in_({"write.accepted", "golden.changed"} - {by})
        connection.execute(update(audit).where(silent).values(before={}))
    lost = [line.partition(" at ")[0] for line in calm.verdict().lost]
    assert lost == ([f"crm:Account:{native_id}.phone"] if by == "nobody" else [])


def test_to_take_an_unreadable_text_away_again_says_nothing(database: Database) -> None:
    calm = Calm(database)
    native_id = calm.enter(Emails__c="nobody")
    (partner,) = calm.erp.rows("party")
    calm.erp.edit("party", partner, emails=["info@firm.example"])

    def call(step: str) -> None:
        if step == "push.intended":
            calm.crm.edit("Account", native_id, Phone="+4930111111")

    with calm.world.interrupted(call):
        calm.world.work()
    steward = Steward(calm.world)
    (item,) = steward.look()
    calm.crm.edit("Account", native_id, Emails__c=None)
    steward.answer(item)  # what is golden, not what was typed
    calm.settle()
    assert calm.crm.rows("Account")[native_id]["Emails__c"] == "info@firm.example"
    assert calm.verdict() == Verdict()


def test_a_create_that_is_made_twice_is_a_duplicate(database: Database) -> None:
    calm = Calm(database)
    calm.enter()
    (sent,) = calm.erp.sent
    calm.erp.write("party", [replace(sent.write, key="another")])
    counts = calm.verdict().counts()
    assert counts["duplicated"] == 1
    assert counts["unexplained_writes"] == 1  # no intent was stored for it


@pytest.mark.parametrize("asked", [True, False])
def test_a_twin_that_waits_for_what_a_person_is_asked_about_a_create_is_asked_about(
    database: Database, asked: bool
) -> None:
    calm = Calm(database)
    calm.erp.capabilities = replace(calm.erp.capabilities, idempotency=Idempotency.NONE)
    native_id = calm.crm.insert("Account", Name="Bakelomi GmbH")
    calm.erp.insert("party", name="Bakelomi GmbH")
    calm.erp.script("page", Fail(RetryableError("reset")))  # it is not read in time
    calm.erp.script("write", LostAnswer())
    calm.world.work()
    calm.settle()
    steward = Steward(calm.world)
    (item,) = steward.look()
    assert item.kind == ReviewKind.UNKNOWN_OUTCOME
    assert len(calm.erp.rows("party")) == 2
    if not asked:
        with database.begin() as connection:
            connection.execute(update(review).values(state=ReviewState.VOID))
        assert len(calm.verdict().duplicated) == 1
        return
    assert calm.verdict() == Verdict()
    steward.answer(item, old=False)
    calm.settle()
    (item,) = steward.look()
    assert item.kind == ReviewKind.DUPLICATE
    assert list(calm.crm.rows("Account")) == [native_id]
    assert calm.verdict() == Verdict()


def test_a_write_that_nobody_decided_on_is_unexplained(database: Database) -> None:
    calm = Calm(database)
    calm.enter()
    (partner,) = calm.erp.rows("party")
    rogue = Write(Operation.UPDATE, "rogue", partner, {"website": "rogue.example"})
    calm.erp.write("party", [rogue])
    verdict = calm.verdict()
    assert verdict.unexplained_writes == [f"erp:party:{partner}: no intent was stored for it"]


def test_a_value_that_nobody_entered_is_unexplained(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = Calm(database)
    native_id = calm.enter(Phone="+4930111111")
    real = calm.erp.write

    def garble(stream: str, writes: Sequence[Write]) -> Any:
        garbled = [replace(w, values=dict(w.values) | {"website": "garbled"}) for w in writes]
        return real(stream, garbled)

    monkeypatch.setattr(calm.erp, "write", garble)
    calm.crm.edit("Account", native_id, Phone="+4930222222")
    calm.world.work()
    assert "sets website unasked" in calm.verdict().unexplained_writes[0]


def test_what_we_wrote_into_a_record_that_is_kept_apart_since_was_entered(
    database: Database,
) -> None:
    calm = Calm(database, merges="follow")
    there = {n: calm.erp.insert("party", name=n, active=True) for n in ("Acme", "Omega Trade")}
    calm.settle()
    here = {row["Name"]: native_id for native_id, row in calm.crm.rows("Account").items()}
    calm.crm.edit("Account", here["Omega Trade"], Phone="+4930111111")
    calm.settle()
    merge = calm.erp.merge("party", there["Omega Trade"], there["Acme"])
    calm.settle()
    calm.crm.edit("Account", here["Omega Trade"], Active__c=True)  # taken back, in the CRM first
    calm.settle()
    calm.erp.unmerge(merge)
    calm.settle()
    (item,) = Steward(calm.world).look()
    calm.answer(item, {"keep_apart": True})
    phones = [each["Phone"] for each in calm.crm.rows("Account").values()]
    assert phones.count("+4930111111") == 2
    assert calm.verdict() == Verdict()


@pytest.mark.parametrize("told", [True, False])
def test_a_merge_that_puts_a_record_out_of_use_has_a_cause_where_the_audit_tells_it(
    database: Database, told: bool
) -> None:
    calm = Calm(database)
    ids = [calm.crm.insert("Account", Name=name) for name in ("Acme", "Omega Trade")]
    calm.settle()
    calm.crm.edit("Account", ids[1], Name="Acme")
    calm.settle()
    (item,) = Steward(calm.world).look()
    calm.answer(item, {"merge_into": item.canonical_id})
    in_use = [row.get("active") for row in calm.erp.rows("party").values()]
    assert sorted(in_use, key=str) == [False, None]
    if told:
        assert calm.verdict() == Verdict()
        return
    with database.begin() as connection:
        connection.execute(delete(audit).where(audit.c.action == "record.merged"))
    wrong = calm.verdict().unexplained_writes
    assert len(wrong) == 2
    assert all(line.endswith("merges or parts records, nobody knows why") for line in wrong)


@pytest.mark.parametrize("told", [True, False])
def test_what_a_merge_made_golden_is_told_by_the_audit(database: Database, told: bool) -> None:
    calm = Calm(database, merges="follow")
    parent, child, other = (
        calm.crm.insert("Account", Name=name) for name in ("Acme", "Omega Trade", "Zeta")
    )
    calm.crm.edit("Account", child, ParentId=parent)
    calm.settle()
    there = {row["name"]: native_id for native_id, row in calm.erp.rows("party").items()}
    assert calm.erp.rows("party")[there["Omega Trade"]]["parent"] == there["Acme"]
    calm.erp.merge("party", there["Acme"], there["Omega Trade"])  # it refers to itself no more
    calm.settle()
    calm.crm.edit("Account", child, ParentId=other)
    calm.settle()
    assert calm.erp.rows("party")[there["Omega Trade"]]["parent"] == there["Zeta"]
    if not told:
        with database.begin() as connection:
            merged = audit.c.action == "record.merged"
            connection.execute(update(audit).where(merged).values(after={}))
    lost = [line.partition(" at ")[0] for line in calm.verdict().lost]
    assert lost == ([] if told else [f"erp:party:{there['Omega Trade']}.parent"])


def test_what_a_merge_tells_of_one_record_is_not_taken_for_anothers(database: Database) -> None:
    calm = Calm(database, merges="follow", default="review")
    kept, merged = (calm.crm.insert("Account", Name=name) for name in ("Acme", "Omega Trade"))
    calm.settle()
    there = {row["name"]: native_id for native_id, row in calm.erp.rows("party").items()}
    calm.crm.edit("Account", merged, Website="omega.example")
    calm.erp.edit("party", there["Omega Trade"], website="trade.example")
    calm.settle()
    # Nobody sees what the other one's record in the ERP says for a moment.
    calm.erp.edit("party", there["Acme"], website="trade.example")
    calm.erp.edit("party", there["Acme"], website=None)
    calm.crm.edit("Account", kept, Website="acme.example")
    calm.settle()
    assert calm.erp.rows("party")[there["Acme"]]["website"] == "acme.example"
    calm.crm.merge("Account", merged, kept)
    calm.settle()
    with database.begin() as connection:
        merge = select(audit.c.cause).where(audit.c.action == "record.merged")
        told = [cause["unsettled"]["website"] for cause in connection.execute(merge).scalars()]
    assert told == [{"erp": "trade.example"}] * 2
    assert calm.verdict() == Verdict()


def test_what_nobody_has_seen_is_not_taken_for_seen_when_we_have_written_it(
    database: Database,
) -> None:
    calm = Calm(database, merges="follow", default="review")
    calm.erp.precision, calm.erp.stamp_versions = Precision.SECOND, True  # the write changes none
    kept, _ = (
        calm.crm.insert("Account", Name=name, Website=website)
        for name, website in (("Acme", None), ("Omega Trade", "omega.example"))
    )
    calm.settle()
    there = {row["name"]: native_id for native_id, row in calm.erp.rows("party").items()}
    calm.erp.merge("party", there["Omega Trade"], there["Acme"])  # it fills the website
    calm.erp.edit("party", there["Acme"], website=None)  # and somebody takes it away unseen
    calm.erp.script("write", LostAnswer())
    assert calm.world.work(pause=0)
    assert calm.erp.rows("party")[there["Acme"]]["website"] == "omega.example"
    calm.crm.edit("Account", kept, Website="acme.example")
    calm.settle()
    (item,) = [i for i in Steward(calm.world).look() if i.kind is ReviewKind.CONFLICT]
    calm.answer(item, {"value": "omega.example"})
    assert calm.crm.rows("Account")[kept]["Website"] == "omega.example"
    assert calm.verdict() == Verdict()


def test_who_waits_for_a_record_whose_return_was_refused_is_told_by_that(
    database: Database,
) -> None:
    calm = Calm(database, merges="follow")
    kept, merged, child = (
        calm.crm.insert("Account", Name=name) for name in ("Acme", "Omega Trade", "Zeta")
    )
    calm.settle()
    merge = calm.crm.merge("Account", merged, kept)
    calm.settle()
    calm.crm.unmerge(merge)
    calm.erp.script("write", Fail(RecordError("blocked")))
    calm.settle()
    calm.crm.edit("Account", child, ParentId=merged)
    calm.settle()
    with database.begin() as connection:
        states = connection.execute(select(outbox.c.state).order_by(outbox.c.id)).scalars().all()
    assert (states.count(PushState.PARKED), states.count(PushState.REJECTED)) == (1, 1)
    assert calm.verdict() == Verdict()


def test_who_still_has_the_name_of_another_one_is_told_by_the_question_about_it(
    database: Database,
) -> None:
    calm = Calm(database, merges="follow", default="review")
    calm.world.parties["Tunaremo"] = None
    first = calm.crm.insert("Account", Name="Acme")
    calm.settle()
    (there,) = calm.erp.rows("party")
    second = calm.crm.insert("Account", Name="Tunaremo")
    calm.erp.script("write", Fail(RetryableError("down")))
    assert calm.world.work()  # it has no record of its own in the ERP yet
    merge = calm.crm.merge("Account", first, second)
    calm.settle()
    assert [row["name"] for row in calm.erp.rows("party").values()] == ["Tunaremo"]
    calm.crm.unmerge(merge)
    calm.erp.script("write", LostAnswer(committed=False), LostAnswer(committed=False))
    assert calm.world.work()
    calm.erp.edit("party", there, phone="+4930111111")  # so nobody knows what the write has done
    calm.settle()
    assert [row["name"] for row in calm.erp.rows("party").values()] == ["Tunaremo"] * 2
    (item,) = Steward(calm.world).look()
    assert (item.kind, item.field) == (ReviewKind.CONFLICT, "name")
    assert calm.verdict() == Verdict()
    with database.begin() as connection:
        connection.execute(delete(review))
    assert [line.partition(" are ")[2] for line in calm.verdict().duplicated] == ["all Tunaremo"]


def test_who_waits_for_a_record_that_never_comes_is_told_from_who_waits_in_a_circle(
    database: Database,
) -> None:
    calm = Calm(database)
    child = calm.crm.insert("Account", Name="Bakelomi GmbH")
    with calm.world.interrupted(_die_when_stored):
        calm.world.work()

    def waits_for(target: str) -> None:
        row = {"state": InboxState.PARKED, "waiting_on": f"crm|Account|{target}"}
        with database.begin() as connection:
            connection.execute(update(inbox).values(row))

    waits_for("nobody")
    assert calm.verdict() == Verdict()
    waits_for(child)
    assert calm.verdict().diverged == [
        f"crm:Account:{child} waits for crm|Account|{child}, which is here"
    ]


def _die_when_stored(step: str) -> None:
    if step == "pull.stored":
        raise Killed


def _hold(calm: Calm, name: str, state: InboxState) -> None:
    """Its batch is held, and nothing is noted that its twin would find it by."""
    calm.erp.insert("party", name=name)
    with calm.world.interrupted(_die_when_all_is_stored(2)):
        calm.world.work()
    asked = "quality_gate:1" if state is InboxState.HELD else None
    row = {"state": state, "waiting_on": asked, "gate_id": 1}
    at = calm.world.clock.now()
    held = facts.fact(at, "chaos", "batch.held", object_name="account", cause={"gate": 1})
    with calm.world.database.begin() as connection:
        connection.execute(update(inbox).values(row))
        facts.append(connection, [held])


def _die_when_all_is_stored(streams: int) -> Checkpoint:
    left = [streams]

    def die(step: str) -> None:
        left[0] -= step == "pull.stored"
        if not left[0]:
            raise Killed

    return die


HELD = pytest.mark.parametrize("state", [InboxState.HELD, InboxState.SET_ASIDE])


@HELD
def test_a_twin_that_we_make_beside_what_is_held_is_a_duplicate(
    database: Database, state: InboxState
) -> None:
    calm = Calm(database)
    _hold(calm, "Bakelomi GmbH", state)
    calm.world.clock.advance(100)
    calm.enter()
    (breach,) = calm.verdict().duplicated
    assert breach.endswith("are all Bakelomi")


@HELD
def test_a_twin_that_was_there_before_is_asked_about_with_its_batch(
    database: Database, state: InboxState
) -> None:
    calm = Calm(database)
    calm.erp.script("page", *[Fail(RetryableError("reset"))] * 9)
    calm.enter()
    calm.world.clock.advance(100)
    calm.erp.calm()
    _hold(calm, "Bakelomi GmbH", state)
    calm.settle()
    assert len(calm.erp.rows("party")) == 2
    assert calm.verdict() == Verdict()


def test_a_twin_that_was_there_before_is_asked_about_once_who_it_waits_for_is_told(
    database: Database,
) -> None:
    calm = Calm(database)
    calm.erp.script("page", *[Fail(RetryableError("reset"))] * 9)
    calm.enter()
    calm.world.clock.advance(100)
    calm.erp.calm()
    calm.erp.insert("party", name="Bakelomi GmbH", parent=calm.erp.insert("party", name=""))
    calm.settle()
    assert len(calm.erp.rows("party")) == 3
    assert calm.verdict() == Verdict()


def test_a_twin_that_we_make_beside_what_waits_is_a_duplicate(database: Database) -> None:
    calm = Calm(database)
    calm.erp.insert("party", name="Bakelomi GmbH", parent=calm.erp.insert("party", name=""))
    calm.settle()
    with database.begin() as connection:
        connection.execute(delete(waiting_key))
    calm.world.clock.advance(100)
    calm.enter()
    (breach,) = calm.verdict().duplicated
    assert breach.endswith("are all Bakelomi")


def test_whom_a_person_was_shown_stays_shown_when_two_were_one_for_a_while(
    database: Database,
) -> None:
    calm = Calm(database, merges="follow")
    account = calm.enter(Phone="+4930222222")
    other = calm.crm.insert("Account", Name="Zeta Werke")
    twin = calm.erp.insert("party", name="Bakelomi GmbH", phone="+4930222222")
    calm.settle()
    merge = calm.crm.merge("Account", account, other)
    calm.settle()
    calm.crm.unmerge(merge)
    calm.settle()
    (item,) = [i for i in Steward(calm.world).look() if i.native_id == twin]
    calm.answer(item, {"canonical_id": None})
    assert calm.verdict() == Verdict()


def test_two_systems_make_one_record_anew_under_one_key(database: Database) -> None:
    calm = Calm(database, deletes={"policy": "restore"})
    native_id = calm.enter()
    (partner,) = calm.erp.rows("party")
    calm.erp.remove("party", partner)
    calm.settle()
    calm.crm.remove("Account", native_id)
    calm.settle()
    assert {sent.write.key for sent in calm.crm.sent} <= {sent.write.key for sent in calm.erp.sent}
    assert len(calm.crm.sent) == 1
    assert calm.verdict() == Verdict()


@pytest.mark.parametrize(("guarded", "breaches"), [(True, 0), (False, 1)])
def test_deletions_beyond_the_ceiling_are_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch, guarded: bool, breaches: int
) -> None:
    if not guarded:
        nobody = lambda *_arguments: 0  # noqa: E731  (stands for a method)
        monkeypatch.setattr("tandem.sync.run.Ceiling._hold", nobody)
    deletes = {"policy": "propagate", "ceiling": 2, "ceiling_share": 1.0}
    calm = Calm(database, deletes=deletes)
    for number in range(6):
        calm.crm.insert("Account", Name=f"Firm {number} {'abcdef'[number] * 8}")
    calm.settle()
    for native_id in list(calm.crm.rows("Account")):
        calm.crm.remove("Account", native_id)
    calm.settle()
    assert len(calm.verdict().deletes_above_ceiling) == breaches


def test_a_deletion_that_is_tried_again_counts_where_it_came_to_light(database: Database) -> None:
    calm = Calm(database, deletes={"policy": "propagate", "ceiling": 1})
    ids = [calm.crm.insert("Account", Name=name) for name in ("Acme", "Omega Trade", "Zeta")]
    calm.settle()
    calm.erp.script("write", Fail(RecordError("not now")))
    calm.crm.remove("Account", ids[0])
    calm.world.work()
    left = {row["name"]: native_id for native_id, row in calm.erp.rows("party").items()}
    assert set(left) == {"Acme", "Omega Trade", "Zeta"}
    calm.erp.edit("party", left["Acme"], phone="+4930111111")  # its deletion is sent once more
    calm.crm.remove("Account", ids[1])
    calm.settle()
    assert [row["name"] for row in calm.erp.rows("party").values()] == ["Zeta"]
    assert calm.verdict().deletes_above_ceiling == []


@pytest.mark.parametrize("made", [True, False])
def test_a_deletion_that_a_person_drops_is_told_by_the_history_of_the_record(
    database: Database, made: bool
) -> None:
    calm = Calm(database, deletes={"policy": "propagate", "ceiling": 1})
    ids = [calm.crm.insert("Account", Name=name) for name in ("Acme", "Omega Trade", "Zeta")]
    if not made:
        calm.erp.script("write", *[Fail(RetryableError("down"))] * 99)
    calm.settle()
    for native_id in ids[:2]:
        calm.crm.remove("Account", native_id)
    calm.settle()
    calm.erp.calm()
    (item,) = Steward(calm.world).look()
    calm.answer(item, {"approve": False})
    papers = read(database, "chaos")
    dropped = [f for f in papers.all_facts if f.action == "deletion.dropped"]
    assert {(f.actor, f.system, f.native_id) for f in dropped} == {
        ("stella", "crm", native_id) for native_id in ids[:2]
    }
    assert {f.canonical_id for f in dropped} == {
        papers.canonical_of["crm", "Account", native_id] for native_id in ids[:2]
    }
    assert calm.verdict() == Verdict()


class Hasty(Pipeline):
    """Knows of no budget."""

    def __init__(self, link: Link, *arguments: Any, **named: Any) -> None:
        super().__init__(replace(link, budgets={}), *arguments, **named)


@pytest.mark.parametrize(
    ("pipeline", "systems"),
    [(Pipeline, set()), (Hasty, {"crm", "erp"})],
)
def test_calls_beyond_a_quota_are_counted(
    database: Database, pipeline: type[Pipeline], systems: set[str]
) -> None:
    calm = Calm(database, pipeline, quota=Budget(rate=10))
    for number in range(6):
        calm.crm.insert("Account", Name=f"Firm {number} {'abcdef'[number] * 8}")
        calm.world.work(pause=1)
    assert {breach.partition(":")[0] for breach in calm.verdict().quota_exceeded} == systems


def test_a_record_is_known_by_what_it_was_once_taken_up_as() -> None:
    papers = Papers(merged_into={"merged": "kept"})
    papers.canonical_of[("crm", "Account", "8")] = "today"
    taken_up = [("crm", "8", "before"), ("crm", "8", "merged"), ("erp", "8", "of another one")]
    papers.all_facts = [
        SimpleNamespace(action="record.linked", system=system, native_id=number, canonical_id=then)
        for system, number, then in taken_up
    ]
    assert papers.once("today") == {"before", "kept"}


def test_two_workers_with_one_lease_are_noticed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = Calm(database)
    storm = Storm(calm.world)
    monkeypatch.setattr(Pipeline, "open", lambda _self: True)
    storm._crowd("")
    assert storm.restless == ["two workers held one lease"]


def test_writes_that_never_end_are_noticed(database: Database) -> None:
    calm = Calm(database)
    native_id = calm.enter(Phone="+4930111111")
    numbers = iter(range(222_222, 999_999))
    step: Checkpoint = lambda _step: calm.crm.edit(  # noqa: E731  (an incident is a function)
        "Account", native_id, Phone=f"+4930{next(numbers)}"
    )
    storm = Storm(calm.world)
    with calm.world.interrupted(lambda at: step(at) if at == "pull.stored" else None):
        storm.settle()
    assert storm.restless == ["still writing after 60 calm cycles"]


@pytest.mark.parametrize("state", [PushState.PARKED, PushState.REJECTED])
def test_a_write_that_waits_for_a_parent_that_is_here_is_counted(
    database: Database, state: PushState
) -> None:
    calm = Calm(database)
    calm.enter()
    with calm.world.database.begin() as connection:
        connection.execute(update(outbox).values(state=state, waiting_on=outbox.c.canonical_id))
    (breach,) = calm.verdict().diverged
    assert breach.endswith("which is here")


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("everywhere", [True, False])
def test_a_write_that_waits_for_a_parent_that_will_not_come_is_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch, everywhere: bool, told: bool
) -> None:
    if not told:
        nothing = lambda *_arguments, **_named: {}  # noqa: E731  (stands for a function)
        monkeypatch.setattr("tandem.sync.pipeline.will_not_come", nothing)
    calm = Calm(database, deletes={"policy": "unlink"})
    parent = calm.enter()
    (partner,) = calm.erp.rows("party")
    calm.erp.remove("party", partner)
    calm.settle()
    calm.crm.insert("Account", Name="Omega Trade", ParentId=parent)
    calm.settle()
    if everywhere:
        calm.crm.remove("Account", parent)
        calm.settle()
    breaches = calm.verdict().diverged
    assert [line.rpartition(", ")[2] for line in breaches] == (
        [] if told else ["which will not come"]
    )
