"""What storms have found about questions and quarantine, each as the shortest story of it."""

from __future__ import annotations

from dataclasses import replace

from connectors.errors import RetryableError
from tandem.chaos.faults import Fail
from tandem.state import quarantine
from tandem.sync.agreement import compare
from tests.scenarios.test_21_merge_and_unmerge_at_the_source import state_of
from tests.scenarios.test_doubles import a_double
from tests.scenarios.world import CAPABLE


def _in_quarantine(w, *keys):
    with w.database.begin() as connection:
        return quarantine.among(connection, keys) == set(keys)


def test_what_is_asked_about_and_becomes_unreadable_is_asked_about_no_more(world):
    w = world()
    account = w.crm.insert("Account", name="Acme", phone="1")
    twin = w.erp.insert("party", name="Acme", phone="2")
    w.cycle(2)
    assert [item.native_id for item in w.reviews("duplicate")] == [twin]
    w.erp.edit("party", twin, name="")
    w.cycle(2)
    assert w.reviews() == []
    assert w.inbox() == {}
    assert _in_quarantine(w, ("erp", "party", twin))
    assert set(w.erp.rows("party")) == {twin, w.linked(account)}


def test_the_newest_of_two_readings_decides_on_quarantine(world):
    w = world()
    native_id = w.crm.insert("Account", name="Acme")
    pipeline = w.pipeline()
    assert pipeline.open()
    pipeline.pull()
    w.crm.edit("Account", native_id, name="")
    pipeline.pull()
    pipeline.drain()
    pipeline.close()
    assert _in_quarantine(w, ("crm", "Account", native_id))


def _told_of(w, object_name, system, native_id):
    """An event tells of a record, and of nothing else."""
    pipeline = w.pipeline()
    assert pipeline.open()
    pipeline.hint(object_name, system, native_id)
    pipeline.drain()
    pipeline.close()


def test_a_create_that_waited_goes_out_though_the_news_of_its_source_wait(world):
    w = world(objects=("account", "contact"))
    person = w.erp.insert(
        "person", given="Anna", family="Kowalska", account=w.erp.insert("party", name="")
    )
    _told_of(w, "contact", "erp", person)  # waits for its account; its twin would find it
    w.erp.remove("person", person)
    w.erp.script("page", *[Fail(RetryableError("reset"))] * 2)
    contact = w.crm.insert("Contact", given="Anna", family="Kowalska", phone="1")

    def refer(step):
        if step == "batch.stored" and not w.crm.rows("Contact")[contact].get("account"):
            w.crm.edit("Contact", contact, account=w.crm.insert("Account", name=""))

    w.checkpoint = refer
    w.cycle(3)
    assert [row["phone"] for row in w.erp.rows("person").values()] == ["1"]
    assert compare(w.link, w.database).divergent == []
    account = w.crm.rows("Contact")[contact]["account"]
    w.crm.edit("Account", account, name="Omega Trade")
    w.cycle(4)
    (row,) = w.erp.rows("person").values()
    assert (row["phone"], row["account"]) == ("1", w.linked(account))
    assert compare(w.link, w.database).divergent == []


def test_a_candidate_is_created_though_its_news_wait_for_another_record(world):
    w = world(objects=("account", "contact"))
    contact = w.crm.insert("Contact", given="Anna", family="Kowalska", phone="1")
    w.erp.insert("person", given="Anna", family="Kowalska", phone="2")
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    nameless = w.crm.insert("Account", name="")
    w.crm.edit("Contact", contact, account=nameless)
    w.cycle(2)
    w.decide(item, {"canonical_id": None})
    w.cycle(3)
    assert {row["phone"] for row in w.erp.rows("person").values()} == {"1", "2"}
    assert compare(w.link, w.database).divergent == []
    w.crm.edit("Account", nameless, name="Omega Trade")
    w.cycle(4)
    accounts = {row["phone"]: row.get("account") for row in w.erp.rows("person").values()}
    assert accounts == {"1": w.linked(nameless), "2": None}
    assert compare(w.link, w.database).divergent == []


def test_nothing_is_emptied_in_a_record_that_we_made_and_have_not_read(world):
    w = world(policy={"deletes": {"policy": "restore"}})
    native_id, partner = w.pair(phone="1")
    w.crm.edit("Account", native_id, phone=None, parent=native_id)
    w.cycle(2)
    w.erp.sent.clear()
    w.erp.remove("party", partner)
    w.cycle(3)
    create, *updates = w.erp.writes
    assert dict(create.values) == {"name": "Acme"}
    assert [dict(update.values) for update in updates] == [{"parent": w.linked(native_id)}]


def test_a_newcomer_follows_the_double_that_it_names_when_both_are_decided_at_once(world):
    w, (c1, _, double, _), item = a_double(world)
    newcomer = w.crm.insert("Account", name="Acme", tax_id="EL094014201", parent=double)
    w.cycle(2)
    (asked,) = [each for each in w.reviews("duplicate") if each.native_id == newcomer]
    w.decide(asked, {"canonical_id": None})
    w.decide(item, {"keep_apart": True})
    w.cycle(4)
    partner = w.linked(newcomer)
    assert partner is not None
    assert w.erp.rows("party")[partner]["parent"] == w.linked(double) != w.linked(c1)
    assert compare(w.link, w.database).divergent == []


def test_a_decision_on_what_nobody_says_any_more_replaces_no_text(world):
    w = world(policy={"deletes": {"policy": "unlink"}})
    phone = {"column": "phone", "transform": "phone", "options": {"region": "DE"}}
    for system in ("crm", "erp"):
        w.map_field("account", system, "phone", phone)
    account, partner = w.pair()
    w.crm.edit("Account", account, phone="030 123456")
    w.erp.edit("party", partner, phone="030 654321")
    w.cycle(2)
    (item,) = w.reviews("conflict")
    w.decide(item, {"value": "+4930654321"})
    w.crm.edit("Account", account, phone="ask Bob")
    w.erp.remove("party", partner)
    w.cycle(4)
    assert w.crm.rows("Account")[account]["phone"] == "ask Bob"
    assert [item.field for item in w.reviews("refused_value")] == ["phone"]


def test_a_candidate_is_created_though_it_was_looked_at_before_the_answer_was_carried_out(world):
    w = world()
    account = w.crm.insert("Account", name="Acme", phone="1")
    twin = w.erp.insert("party", name="Acme", phone="2")
    w.cycle(2)
    w.erp.edit("party", twin, phone="3")
    _told_of(w, "account", "erp", twin)
    (item,) = w.reviews("duplicate")
    w.decide(item, {"canonical_id": None})
    w.erp.script("page", Fail(RetryableError("reset")))
    w.erp.script("read", Fail(RetryableError("500")))  # the account alone is worked off
    w.cycle()
    assert (w.linked(account), w.inbox()) == (None, {"deferred": 1})
    w.cycle(2)
    assert set(w.erp.rows("party")) == {twin, w.linked(account)}
    assert {row["phone"] for row in w.crm.rows("Account").values()} == {"1", "3"}
    assert compare(w.link, w.database).divergent == []


def test_a_value_that_was_never_agreed_on_and_is_emptied_is_an_edit(world):
    w = world(policy={"default": "review"})
    account = w.crm.insert("Account", name="Acme", website="acme.example", phone="1")
    twin = w.erp.insert("party", name="Acme", website="acme.example", phone="2")
    w.cycle(2)
    (item,) = w.reviews("conflict")
    w.erp.edit("party", twin, phone=None)
    w.cycle(3)
    (again,) = w.reviews("conflict")
    assert (again.id, again.question["sides"]) == (item.id, {"crm": "1", "erp": None})
    w.decide(again, {"value": "1"})
    w.cycle(3)
    assert w.linked(account) == twin
    assert w.erp.rows("party")[twin]["phone"] == "1"
    assert w.facts("golden.changed")[-1].cause["phone"]["losers"] == {"erp": None}
    w.quiet(3)


def test_a_value_that_an_older_reading_lacks_was_not_emptied(world):
    w = world()
    native_id, partner = w.pair()
    pipeline = w.pipeline()
    assert pipeline.open()
    pipeline.hint("account", "crm", native_id)  # is read afresh, before what follows is looked at
    w.crm.edit("Account", native_id, industry="Retail")
    pipeline.pull()
    w.crm.edit("Account", native_id, phone="1")
    pipeline.pull()
    pipeline.drain()
    pipeline.close()
    assert w.erp.rows("party")[partner]["phone"] == "1"
    assert compare(w.link, w.database).divergent == []


def test_an_answer_that_is_carried_out_late_lets_the_candidate_be_created(world):
    w = world()
    account = w.crm.insert("Account", name="Acme")
    w.erp.script("write", *[Fail(RetryableError("500"))] * 3)
    w.cycle()
    namesake = w.erp.insert("party", name="Acme", phone="1")
    w.erp.script("page", *[Fail(RetryableError("reset"))] * 2)
    worker = w.pipeline()
    assert worker.open()
    worker.hint("account", "erp", namesake)
    worker.close()
    w.cycle()
    (item,) = w.reviews("duplicate")
    w.decide(item, {"canonical_id": None})
    w.erp.script("read", Fail(RetryableError("500")))
    w.cycle()  # the candidate is looked at; what was decided about cannot be read
    assert w.inbox() == {"deferred": 1}
    w.erp.calm()
    w.cycle(3)
    assert w.linked(account) not in (None, namesake)
    assert len(w.crm.rows("Account")) == len(w.erp.rows("party")) == 2


def test_who_replaces_an_unreadable_text_by_what_stood_there_before_means_it(world):
    w = world(policy={"default": "latest"})
    account, party = w.pair(active=True)
    w.crm.edit("Account", account, active="perhaps")
    w.erp.edit("party", party, active=None)
    w.crm.script("write", Fail(RetryableError("500")))
    w.cycle()
    w.crm.edit("Account", account, active=True)
    w.cycle(5)
    assert w.crm.rows("Account")[account]["active"] is True
    assert w.erp.rows("party")[party]["active"] is True
    w.quiet()


def test_an_answer_about_a_text_that_was_mended_meanwhile_is_moot(world):
    w = world(policy={"default": "latest"})
    account, party = w.pair(active=True)
    w.crm.edit("Account", account, active="perhaps")
    w.cycle(2)
    (item,) = w.reviews("refused_value")
    w.crm.edit("Account", account, active=True)
    w.decide(item, {"value": False})
    w.cycle(3)
    assert w.crm.rows("Account")[account]["active"] is True
    assert w.erp.rows("party")[party]["active"] is True
    assert w.reviews() == []
    w.quiet()


def test_who_is_no_candidate_any_more_is_created_after_all(world):
    w = world()
    first = w.crm.insert("Account", name="Acme", phone="1")
    newcomer = w.erp.insert("party", name="Acme", phone="2")
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    w.erp.edit("party", newcomer, name="Omega")
    second = w.crm.insert("Account", name="Omega", phone="3")
    w.cycle(3)
    (again,) = w.reviews("duplicate")
    assert (again.id, again.native_id) == (item.id, newcomer)
    assert w.linked(first) not in {None, newcomer}
    assert w.linked(second) is None


def test_nothing_is_written_to_what_somebody_is_asked_to_delete(world):
    w = world(erp={"capabilities": replace(CAPABLE, conditional_writes=False)})
    pipeline = w.pipeline(batch=1)
    assert pipeline.open()
    account = w.crm.insert("Account", name="Acme", website="acme.example", phone="2")
    party = w.erp.insert("party", name="Acme", website="acme.example")
    pipeline.pull()
    w.crm.remove("Account", account)
    pipeline.pull()
    w.erp.edit("party", party, phone="3")
    pipeline.pull()
    pipeline.drain()
    pipeline.close()
    w.cycle(3)
    assert [item.kind for item in w.reviews()] == ["deletion"]
    assert w.erp.rows("party") == {party: {"name": "Acme", "website": "acme.example", "phone": "3"}}


def test_of_two_readings_of_a_newcomer_the_newest_alone_is_asked_about(world):
    w = world(policy={"default": "latest"})
    account, _ = w.pair(website="acme.example", phone="1")
    party = w.erp.insert("party", name="Acme")
    worker = w.pipeline()
    assert worker.open()
    worker.pull()
    w.clock.advance(1)
    w.erp.edit("party", party, name="Dolmen Catering", website="dolmen.example")
    worker.pull()
    assert w.inbox() == {"new": 2}
    worker.drain()
    worker.close()
    w.cycle(3)
    assert (w.reviews(), w.inbox()) == ([], {})
    names = {row["name"] for row in w.crm.rows("Account").values()}
    assert (names, w.linked(account) == party) == ({"Acme", "Dolmen Catering"}, False)
    w.quiet()


def test_who_came_since_a_person_was_asked_is_asked_about_before_a_record_is_new(world):
    w = world(policy={"default": "latest"})
    w.pair(website="acme.example", phone="1")
    party = w.erp.insert("party", name="Acme")
    w.cycle()
    (first,) = w.reviews("duplicate")
    w.crm.insert("Account", name="Acme", website="acme-2.example", phone="2")
    w.cycle(2)
    w.decide(first, {"canonical_id": None})
    w.cycle(2)
    (second,) = w.reviews("duplicate")
    shown = [{c["canonical_id"] for c in item.question["candidates"]} for item in (first, second)]
    assert (second.native_id, len(shown[0]), len(shown[1])) == (party, 1, 2)
    assert shown[0] < shown[1]
    w.decide(second, {"canonical_id": None})
    w.cycle(2)
    assert (w.reviews(), len(w.crm.rows("Account"))) == ([], 3)
    w.quiet()


def test_who_may_be_whom_a_person_is_asked_about_is_not_created_beside_it(world):
    w = world(policy={"default": "latest"})
    w.pair(website="acme.example", phone="1")
    party = w.erp.insert("party", name="Acme")
    w.cycle()
    twin = w.crm.insert("Account", name="Acme", website="acme-2.example", phone="2")
    other = w.crm.insert("Account", name="Dolmen Catering", website="dolmen.example")
    w.cycle(3)
    assert (w.linked(twin), w.outbox()["parked"]) == (None, 1)
    assert w.linked(other) in w.erp.rows("party")
    (item,) = w.reviews("duplicate")
    w.decide(item, {"canonical_id": None})
    w.cycle(2)
    (again,) = w.reviews("duplicate")
    chosen = state_of(w, ("crm", twin))[1]
    assert chosen in {c["canonical_id"] for c in again.question["candidates"]}
    w.decide(again, {"canonical_id": chosen})
    w.cycle(2)
    assert (w.linked(twin), len(w.erp.rows("party"))) == (party, 3)
    assert (w.inbox(), w.outbox().get("parked", 0)) == ({}, 0)
    w.quiet(3)


def test_who_is_said_to_be_another_lets_go_whom_it_kept_from_being_created(world):
    w = world(policy={"default": "latest"})
    account, _ = w.pair(website="acme.example", phone="1")
    w.erp.insert("party", name="Acme")
    w.cycle()
    twin = w.crm.insert("Account", name="Acme", website="acme-2.example", phone="2")
    w.cycle(2)
    (item,) = w.reviews("duplicate")
    w.decide(item, {"canonical_id": state_of(w, ("crm", account))[1]})
    w.cycle(2)
    assert w.linked(twin) in w.erp.rows("party")
    assert (w.inbox(), w.outbox().get("parked", 0)) == ({}, 0)
    w.quiet(3)
