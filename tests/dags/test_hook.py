"""Airflow connections as settings, the provider's forms, and references to single secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tandem.errors import ConfigError
from tandem.orchestration.provider import FORMS, OTHER, get_provider_info
from tandem.settings import SECRET_RESOLVERS, SystemConfig
from tests.dags.conftest import Installation

pytestmark = pytest.mark.airflow

TRYTON = {
    "conn_type": "tandem_tryton",
    "host": "https://erp.example",
    "schema": "erp",
    "login": "tandem",
    "password": "pass-word",
    "extra": {"timeout": 30, "position_category": ""},
}


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Defines a connection the way a deployment does."""

    def define(name: str, content: dict[str, Any]) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(content))

    return define


def test_a_connection_becomes_settings(connection: Any) -> None:
    from tandem.orchestration.hook import settings_of

    connection("erp_prod", TRYTON)
    assert settings_of(SystemConfig(kind="tryton", connection="erp_prod")) == {
        "url": "https://erp.example",
        "database": "erp",
        "user": "tandem",
        "password": "pass-word",
        "timeout": 30,
    }


def test_the_file_says_what_the_connection_leaves_open(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tandem.orchestration.hook import settings_of

    connection("erp_prod", TRYTON)
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    system = SystemConfig(
        kind="tryton",
        connection="erp_prod",
        settings={"password": "env:NOT_SET_HERE", "look_back": 20, "user": "admin"},
    )
    settings = settings_of(system)
    assert settings["look_back"] == 20
    assert settings["user"] == "tandem"
    assert settings["password"] == "pass-word"


def test_salesforce_keeps_both_passwords_apart(connection: Any) -> None:
    from tandem.orchestration.hook import settings_of

    connection(
        "crm",
        {
            "conn_type": "tandem_salesforce",
            "host": "https://acme.example",
            "login": "app",
            "password": "app-secret",
            "extra": {"username": "sync@acme.example", "password": "user-secret"},
        },
    )
    assert settings_of(SystemConfig(kind="salesforce", connection="crm")) == {
        "instance_url": "https://acme.example",
        "client_id": "app",
        "client_secret": "app-secret",
        "username": "sync@acme.example",
        "password": "user-secret",
    }


def test_without_a_connection_the_file_alone_counts() -> None:
    from tandem.orchestration.hook import settings_of

    assert settings_of(SystemConfig(kind="file", settings={"path": "x"})) == {"path": "x"}


def test_a_missing_connection_is_named_with_the_way_out() -> None:
    from tandem.orchestration.hook import settings_of

    with pytest.raises(ConfigError, match=r"no Airflow connection 'nope'.*AIRFLOW_CONN_NOPE"):
        settings_of(SystemConfig(kind="tryton", connection="nope"))


@pytest.mark.parametrize(
    ("reference", "value"),
    [("erp", "pass-word"), ("erp#login", "tandem"), ("erp#extra.timeout", "30")],
)
def test_one_secret_of_a_connection(connection: Any, reference: str, value: str) -> None:
    from tandem.orchestration.hook import resolve_airflow

    connection("erp", TRYTON)
    assert resolve_airflow(reference) == value


@pytest.mark.parametrize(
    ("reference", "complaint"),
    [("erp#port", "empty"), ("erp#extra.nope", "empty"), ("erp#colour", "host, schema, login")],
)
def test_a_reference_that_leads_nowhere(connection: Any, reference: str, complaint: str) -> None:
    from tandem.orchestration.hook import resolve_airflow

    connection("erp", TRYTON)
    with pytest.raises(ConfigError, match=complaint) as raised:
        resolve_airflow(reference)
    assert "pass-word" not in str(raised.value)


def test_the_installation_of_a_task_resolves_airflow_references(
    connection: Any, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tandem.orchestration.hook import app_for_airflow

    monkeypatch.delitem(SECRET_RESOLVERS, "airflow", raising=False)
    connection("folder", {"conn_type": "tandem_file", "extra": {"path": str(installation.home)}})
    connection("erp_key", {"conn_type": "generic", "password": "code"})
    systems = installation.config / "systems.yaml"
    systems.write_text(
        "systems:\n"
        "  crm: {kind: file, connection: folder, settings: {path: elsewhere, key: id}}\n"
        "  erp:\n    kind: file\n"
        f"    settings: {{path: '{installation.home}/erp', key: airflow:erp_key}}\n"
    )
    app = app_for_airflow()
    assert app.connector("crm").check().product
    assert list(app.connector("erp").streams()) == ["partners"]
    app.close()
    monkeypatch.delitem(SECRET_RESOLVERS, "airflow")


def test_the_test_button(connection: Any, installation: Installation) -> None:
    from airflow.sdk import Connection

    connection("crm", {})
    folder = {"path": str(installation.home / "crm"), "key": "id"}
    good = Connection(conn_id="crm", conn_type="tandem_file", extra=json.dumps(folder))
    worked, message = good.test_connection()
    assert worked, message
    assert "answers" in message

    bad = Connection(
        conn_id="crm", conn_type="tandem_tryton", host="erp.example", password="s3cret"
    )
    worked, message = bad.test_connection()
    assert not worked
    assert "database, url" in message
    assert "s3cret" not in message


def test_a_connection_of_another_kind_names_it(connection: Any, installation: Installation) -> None:
    from tandem.orchestration.hook import TandemHook

    folder = {"path": str(installation.home / "crm"), "key": "id"}
    connection("other", {"conn_type": "tandem_system", "extra": {"kind": "file", **folder}})
    assert TandemHook("other").test_connection()[0]
    connection("other", {"conn_type": "tandem_system", "extra": folder})
    worked, message = TandemHook("other").test_connection()
    assert not worked
    assert "add the kind of system" in message


def test_airflow_accepts_the_provider_and_finds_its_hooks() -> None:
    from airflow.providers_manager import ProvidersManager
    from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime

    assert "tandem-sync" in ProvidersManager().providers  # type: ignore[no-untyped-call]  # Airflow's
    hooks = ProvidersManagerTaskRuntime().hooks  # type: ignore[no-untyped-call]  # Airflow's
    for form in (*FORMS.values(), OTHER):
        hook = hooks[form.connection_type]
        assert hook is not None
        assert hook.hook_name == form.title


def test_the_forms_name_settings_that_the_connectors_have() -> None:
    from connectors.file.settings import FileSettings
    from connectors.salesforce.settings import SalesforceSettings
    from connectors.tryton.settings import TrytonSettings

    known = {
        "file": set(FileSettings.__dataclass_fields__),
        "salesforce": set(SalesforceSettings.model_fields),
        "tryton": set(TrytonSettings.model_fields),
    }
    assert set(FORMS) == set(known)
    for kind, form in FORMS.items():
        assert {*form.standard.values(), *form.extra} <= known[kind]
        assert not set(form.standard.values()) & set(form.extra)


def test_secrets_are_dots_in_the_forms() -> None:
    fields = {
        (entry["connection-type"], name): field["schema"].get("format")
        for entry in get_provider_info()["connection-types"]
        for name, field in entry["conn-fields"].items()
    }
    dotted = {key for key, form in fields.items() if form == "password"}
    assert dotted == {
        ("tandem_salesforce", "password"),
        ("tandem_salesforce", "security_token"),
    }
