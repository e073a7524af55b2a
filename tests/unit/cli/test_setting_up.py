"""`tandem init`, `doctor` and `systems`."""

from __future__ import annotations

from datetime import timedelta

import pytest
import yaml

from connectors.errors import RetryableError
from tandem.chaos.faults import Fail


def findings(answer, verdict):
    return [c["finding"] for c in answer.document["checks"] if c["verdict"] == verdict]


def test_init_writes_the_examples_once_and_creates_the_state(tandem, tmp_path):
    first = tandem.json("init", "new")
    assert first.code == 0
    assert "config/systems.yaml" in first.document["written"]
    assert any(name.startswith("mappings/") for name in first.document["written"])
    assert (tmp_path / "new/.tandem/state.db").exists()

    mine = tmp_path / "new/config/systems.yaml"
    mine.write_text("mine: true\n")
    second = tandem.json("init", "new")
    assert second.document["kept"] == ["config/systems.yaml"]
    assert second.document["written"] == []
    assert mine.read_text() == "mine: true\n"
    assert "--force" in tandem("init", "new").out

    assert tandem.json("init", "new", "--force").document["written"] == ["config/systems.yaml"]
    assert mine.read_text() != "mine: true\n"


def test_what_init_writes_is_a_valid_configuration(tandem, tmp_path):
    from tandem.mapping.loader import load_mappings
    from tandem.settings import load_config

    tandem("init", "new")
    config = load_config(tmp_path / "new/config")
    assert load_mappings(tmp_path / "new/mappings", config.systems)


def test_doctor_finds_nothing_wrong(tandem):
    tandem("sync", "customers")
    answer = tandem.json("doctor")
    assert answer.code == 0
    assert answer.document["ok"] is True
    assert findings(answer, "failed") == []
    assert "account fits erp:party" in findings(answer, "ok")
    assert "Nothing failed." in tandem("doctor").out


def test_doctor_names_file_line_and_way_out_of_a_wrong_key(tandem):
    path = tandem.folder / "config/systems.yaml"
    path.write_text("systems:\n  crm:\n    knd: memory\n")
    answer = tandem.json("doctor")
    assert answer.code == 3
    assert "config/systems.yaml:3: systems.crm.knd: unknown key; did you mean 'kind'?" in findings(
        answer, "failed"
    )


@pytest.mark.parametrize(
    ("change", "complaint", "code"),
    [
        (
            lambda erp: erp.alter("party", "phone", name="telephone"),
            "fields.phone.column: stream 'party' has no column 'phone'",
            3,
        ),
        (
            lambda erp: erp.alter("party", "phone", writable=False),
            "fields.phone.column: column 'phone' cannot be written; set 'direction: read'",
            3,
        ),
        (
            lambda erp: erp.alter("party", "industry", required=True),
            "stream 'party' requires 'industry': mark industry as 'required: true'",
            0,
        ),
        (
            lambda erp: erp.alter("party", "name", length=20),
            "fields.name.column: column 'name' holds 20 characters, crm up to 255",
            0,
        ),
    ],
)
def test_doctor_compares_mappings_with_the_live_streams(tandem, change, complaint, code):
    tandem.crm.alter("Account", "name", length=255)
    change(tandem.erp)
    answer = tandem.json("doctor")
    assert answer.code == code
    found = findings(answer, "failed" if code else "warning")
    assert any("mappings/account.erp.yaml:" in f and complaint in f for f in found), found


def test_doctor_names_a_required_column_that_nothing_fills(tandem):
    path = tandem.folder / "mappings/account.erp.yaml"
    mapping = yaml.safe_load(path.read_text())
    del mapping["fields"]["industry"]
    path.write_text(yaml.safe_dump(mapping))
    tandem.erp.alter("party", "industry", required=True)
    answer = tandem.json("doctor")
    assert answer.code == 3
    assert any(
        "requires 'industry' and no field is written to it" in f for f in findings(answer, "failed")
    )


def test_doctor_tells_a_missing_secret_and_never_shows_one(tandem, monkeypatch):
    monkeypatch.setenv("ERP_PASSWORD", "hunter2")
    systems = {"kind": "memory", "settings": {"as": "erp", "password": "env:ERP_PASSWORD"}}
    crm = {"kind": "memory", "settings": {"as": "crm", "token": "env:NO_SUCH_TOKEN"}}
    tandem.write("config/systems.yaml", {"systems": {"crm": crm, "erp": systems}})
    answer = tandem.json("doctor")
    assert answer.code == 3
    assert "secret reference env:NO_SUCH_TOKEN: the variable is not set" in findings(
        answer, "failed"
    )
    assert "env: reference resolves" in findings(answer, "ok")
    assert "hunter2" not in answer.out + answer.err


def test_doctor_tells_a_system_out_of_reach_a_slow_clock_and_a_spent_quota(tandem):
    tandem.erp.script("check", Fail(RetryableError("connection refused")))
    tandem.crm.skew = timedelta(seconds=-30)
    tandem.crm.calls = 900
    answer = tandem.json("doctor")
    assert answer.code == 4
    assert "connection refused [connector.retryable]" in findings(answer, "failed")
    warnings = findings(answer, "warning")
    assert any("its clock is -30.0 s off ours" in w for w in warnings)
    assert any("of 1000 calls of the period are used" in w for w in warnings)


def test_doctor_writes_nothing(tandem):
    tandem("doctor")
    assert tandem.sent() == 0
    assert not (tandem.folder / ".tandem").exists()


def test_systems_shows_what_each_can_do(tandem):
    answer = tandem.json("systems")
    assert answer.code == 0
    crm = answer.document["systems"][0]
    assert (crm["system"], crm["streams"], crm["quota_limit"]) == (
        "crm",
        ["Account", "Contact"],
        1000,
    )
    assert crm["capabilities"]["look_back"] == 5.0
    assert "idempotency: key" in tandem("systems").out


def test_systems_goes_on_past_one_that_is_out_of_reach(tandem):
    tandem.crm.script("check", Fail(RetryableError("connection refused")))
    answer = tandem.json("systems")
    assert answer.code == 4
    crm, erp = answer.document["systems"]
    assert crm["error"] == "connection refused [connector.retryable]"
    assert erp["error"] is None


def test_a_wrong_environment_is_a_configuration_error_without_its_value(tandem, monkeypatch):
    monkeypatch.setenv("TANDEM_LOG_LEVEL", "LOUD-SECRET")
    answer = tandem("status")
    assert answer.code == 3
    assert "TANDEM_LOG_LEVEL" in answer.err
    assert "LOUD-SECRET" not in answer.err


def test_a_database_out_of_reach_is_told_without_its_password(tandem, monkeypatch):
    monkeypatch.setenv("TANDEM_DATABASE", "postgresql://tandem:hunter2@127.0.0.1:1/tandem")
    answer = tandem("status")
    assert answer.code == 4
    assert "[state.database]" in answer.err
    assert "hunter2" not in answer.err
    assert "Traceback" not in answer.err


def test_init_takes_the_examples_out_of_an_installed_package(tandem, tmp_path, monkeypatch):
    shipped = tmp_path / "site-packages/tandem/_defaults"
    for name in ("config/systems.yaml", "mappings/account.crm.yaml", "config/.hidden"):
        (shipped / name).parent.mkdir(parents=True, exist_ok=True)
        (shipped / name).write_text(f"# {name}\n")
    installed = tmp_path / "site-packages/tandem/cli/init.py"
    monkeypatch.setattr("tandem.cli.init.__file__", str(installed))
    answer = tandem.json("init", "new")
    assert answer.document["written"] == ["config/systems.yaml", "mappings/account.crm.yaml"]

    for path in shipped.rglob("*.yaml"):
        path.unlink()
    (shipped / "config/.hidden").unlink()
    answer = tandem.json("init", "new")
    assert answer.code == 3
    assert "the example configuration is missing" in answer.err
