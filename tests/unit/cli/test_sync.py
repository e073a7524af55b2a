"""`tandem sync`, `plan` and `status` over an installation with two fake systems."""

from __future__ import annotations

import threading

from connectors.base import Rejected
from connectors.errors import LoginError, RetryableError
from connectors.memory.system import CAPABILITIES
from tandem.chaos.faults import Fail


def test_a_sync_creates_what_is_missing_and_a_second_one_writes_nothing(tandem):
    tandem.crm.insert("Account", name="Acme", phone="1")
    first = tandem.json("sync", "customers")
    assert first.code == 0
    assert first.document["counts"]["creates"] == 1
    assert [row["name"] for row in tandem.erp.rows("party").values()] == ["Acme"]
    sent = tandem.sent()
    second = tandem.json("sync", "customers")
    assert second.code == 0
    assert "creates" not in second.document["counts"]
    assert tandem.sent() == sent


def test_people_get_a_table(tandem):
    tandem.crm.insert("Account", name="Acme")
    answer = tandem("sync", "customers")
    assert "created" in answer.out
    assert answer.err == ""


def test_a_rejected_write_is_exit_1_and_says_where_to_look(tandem):
    tandem.erp.reject = lambda _stream, _write: Rejected("TOO_LONG", "too long", ("name",))
    tandem.crm.insert("Account", name="Acme")
    answer = tandem("sync", "customers")
    assert answer.code == 1
    assert "tandem deadletter list" in answer.out
    assert tandem.json("status").code == 1


def test_a_system_out_of_reach_is_exit_4(tandem):
    tandem.crm.script("page", Fail(RetryableError("gateway timeout")))
    answer = tandem.json("sync", "customers")
    assert answer.code == 4
    (failure,) = answer.document["failures"]
    assert (failure["system"], failure["stream"]) == ("crm", "Account")
    assert failure["code"] == "connector.retryable"


def test_a_refused_login_is_told_without_traceback_and_the_rest_goes_on(tandem):
    tandem.erp.insert("party", name="Zorg")
    tandem.crm.script("page", Fail(LoginError("crm does not accept the credentials")))
    answer = tandem.json("sync", "customers")
    assert answer.code == 4
    assert answer.document["failures"][0]["code"] == "connector.login"
    told = "error: crm:Account: crm does not accept the credentials [connector.login]\n"
    assert told in answer.err
    assert "way out: renew the credentials" in answer.err
    assert "Traceback" not in answer.err
    assert [row["name"] for row in tandem.crm.rows("Account").values()] == ["Zorg"]
    (link,) = tandem.json("status").document["links"]
    assert link["runs"][0]["outcome"] == "failed"


def test_an_unknown_link_is_exit_6_with_a_suggestion(tandem):
    answer = tandem("sync", "custmers")
    assert answer.code == 6
    assert "did you mean 'customers'?" in answer.err


def test_only_reads_the_one_record_and_finds_its_object(tandem):
    tandem.configure(account={}, contact={})
    account = tandem.crm.insert("Account", name="Acme")
    tandem.crm.insert("Account", name="Later")
    contact = tandem.crm.insert("Contact", given="Anna", family="Kowalska", account=account)
    answer = tandem.json("sync", "customers", "--only", f"crm:{contact}")
    assert answer.code == 0
    assert [row["family"] for row in tandem.erp.rows("person").values()] == ["Kowalska"]
    assert [row["name"] for row in tandem.erp.rows("party").values()] == ["Acme"]


def test_only_brings_home_the_deletion_of_a_known_record(tandem):
    tandem.configure(account={"deletes": {"policy": "propagate"}})
    native_id = tandem.crm.insert("Account", name="Acme")
    tandem("sync", "customers")
    tandem.crm.remove("Account", native_id)
    assert tandem("sync", "customers", "--only", f"crm:{native_id}").code == 0
    assert tandem.erp.rows("party") == {}


def test_only_refuses_what_is_no_record(tandem):
    assert tandem("sync", "customers", "--only", "crm:404").code == 6
    assert tandem("sync", "customers", "--only", "sap:1").code == 64
    assert tandem("sync", "customers", "--only", "crm").code == 64
    assert tandem("sync", "customers", "--only", "crm:1", "--live").code == 64


def test_full_finds_what_no_event_told(tandem):
    tandem.crm.capabilities = CAPABILITIES  # no look-back: what is not stamped is not read again
    native_id = tandem.crm.insert("Account", name="Acme", phone="1")
    tandem("sync", "customers")
    tandem.crm.edit_quietly("Account", native_id, phone="2")
    assert "updates" not in tandem.json("sync", "customers").document["counts"]
    assert tandem.json("sync", "customers", "--full").document["counts"]["updates"] == 1
    assert [row["phone"] for row in tandem.erp.rows("party").values()] == ["2"]


def test_a_link_that_another_worker_holds_is_exit_5(tandem):
    from tandem.app import App

    app = App()
    other = app.pipeline("customers")
    assert other.open()
    answer = tandem("sync", "customers")
    assert answer.code == 5
    assert "is being worked on by" in answer.err
    (link,) = tandem.json("status", "customers").document["links"]
    assert link["holder"]["holder"] in answer.err
    other.close()
    app.close()
    assert tandem("sync", "customers").code == 0


def test_a_live_loop_is_asked_to_give_way(tandem):
    from tandem.app import App
    from tandem.clock import SystemClock
    from tandem.orchestration import turns
    from tandem.sync.pipeline import Pipeline

    app, clock = App(), SystemClock()
    live = Pipeline(app.link("customers"), app.database, holder=turns.holder_name(turns.Lane.LIVE))
    assert live.open()

    def give_way():
        while not turns.claimed(app.database, "customers", clock):
            clock.sleep(0.02)
        live.close()

    loop = threading.Thread(target=give_way, daemon=True)
    loop.start()
    assert tandem("sync", "customers").code == 0
    loop.join()
    assert not turns.claimed(app.database, "customers", clock)
    app.close()


def test_live_ends_when_only_a_person_can_help(tandem):
    tandem.crm.script("page", Fail(LoginError("crm does not accept the credentials")))
    answer = tandem.json("sync", "customers", "--live")
    assert answer.code == 4
    assert answer.document["error"]["code"] == "connector.login"


def test_live_goes_on_until_it_is_asked_to_stop_and_gives_the_link_back(tandem):
    import os
    import signal
    import threading
    import time

    tandem.write(
        "config/links/customers.yaml",
        {
            "link": "customers",
            "systems": ["crm", "erp"],
            "objects": {"account": {}},
            "schedule": {"interval": 0.05},
        },
    )
    tandem.crm.insert("Account", name="First")

    def work_and_stop() -> None:
        deadline = time.monotonic() + 20
        while not tandem.erp.rows("party") and time.monotonic() < deadline:
            time.sleep(0.02)
        tandem.crm.insert("Account", name="Second")
        while len(tandem.erp.rows("party")) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    person = threading.Thread(target=work_and_stop)
    person.start()
    answer = tandem.json("sync", "customers", "--live")
    person.join()
    assert answer.code == 0
    assert answer.document["counts"]["creates"] == 2
    (link,) = tandem.json("status").document["links"]
    assert link["holder"] is None
    assert (link["runs"][0]["lane"], link["runs"][0]["outcome"]) == ("live", "done")
