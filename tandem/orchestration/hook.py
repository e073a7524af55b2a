"""Airflow connections as the settings of systems; the connectors themselves know no Airflow.

A system whose entry in `systems.yaml` names a `connection` takes its settings from there; what the
connection does not say stays as the file has it. One secret alone can be referred to as well:
`airflow:crm_prod` is that connection's password, `airflow:crm_prod#login` another of its fields,
`airflow:crm_prod#extra.security_token` one of its extras.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from connectors.base import Connector, SystemInfo
from connectors.errors import ConnectorError
from connectors.registry import connector as build_connector
from tandem.errors import ConfigError
from tandem.orchestration.provider import FORMS, OTHER, Form
from tandem.settings import SECRET_RESOLVERS, SystemConfig, resolve_secrets

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from tandem.app import App

FIELDS = ("host", "schema", "login", "password", "port")


class TandemHook(BaseHook):
    """A system reached by an Airflow connection.

    Attributes:
        form: how the connection's fields map to settings.
    """

    form: Form = OTHER
    conn_name_attr = "tandem_conn_id"
    default_conn_name = "tandem_default"
    conn_type = OTHER.connection_type
    hook_name = OTHER.title

    def __init__(self, tandem_conn_id: str = default_conn_name, kind: str | None = None) -> None:
        """Name the connection; nothing is looked up before it is needed.

        Args:
            tandem_conn_id: id of the Airflow connection.
            kind: kind of system; needed only for kinds that have no connection type of their own.
        """
        super().__init__()
        self.tandem_conn_id = tandem_conn_id
        self._kind = kind

    def get_conn(self) -> Connector:
        """A connector to the system.

        Raises:
            ConfigError: there is no such connection, or it does not say which kind of system it is.
            StopRunError: the settings are not usable.
        """
        connection = _connection(self.tandem_conn_id)
        settings = settings_from(connection, self.form)
        kind = self._kind or settings.pop("kind", None) or self.form.kind
        if kind == OTHER.kind:
            raise ConfigError(
                f"connection '{self.tandem_conn_id}': add the kind of system to its extras, "
                'e.g. {"kind": "tryton"}'
            )
        return build_connector(kind, settings)

    def test_connection(self) -> tuple[bool, str]:
        """Make one cheap authenticated call; for the Test button and `airflow connections test`."""
        try:
            connector = self.get_conn()
        except (ConnectorError, ConfigError) as error:
            return False, str(error)
        try:
            return True, _greeting(connector.check())
        except ConnectorError as error:
            return False, str(error)
        finally:
            connector.close()


class SalesforceHook(TandemHook):
    """A Salesforce org."""

    form = FORMS["salesforce"]
    conn_type = form.connection_type
    hook_name = form.title


class TrytonHook(TandemHook):
    """A Tryton database."""

    form = FORMS["tryton"]
    conn_type = form.connection_type
    hook_name = form.title


class FileHook(TandemHook):
    """A folder of CSV and XLSX files."""

    form = FORMS["file"]
    conn_type = form.connection_type
    hook_name = form.title


def settings_from(connection: Connection, form: Form) -> dict[str, Any]:
    """The settings that a connection holds; what it leaves empty is left out.

    The extras are settings by their own names. Where a standard field and an extra hold the same
    setting, the standard field wins: it is the one that people see first.
    """
    extras = {k: v for k, v in connection.extra_dejson.items() if v not in (None, "")}
    standard = {
        setting: value
        for name, setting in form.standard.items()
        if (value := getattr(connection, name)) not in (None, "")
    }
    return extras | standard


def settings_of(system: SystemConfig) -> Mapping[str, Any]:
    """Settings of a system under Airflow: those of its connection over those in `systems.yaml`.

    Raises:
        ConfigError: there is no such connection, or a reference leads nowhere.
    """
    if system.connection is None:
        return resolve_secrets(system.settings)
    form = FORMS.get(system.kind, OTHER)
    over = settings_from(_connection(system.connection), form)
    # Only what the connection leaves open is resolved: the file may refer to secrets that exist
    # where the command line runs and nowhere else.
    return resolve_secrets({k: v for k, v in system.settings.items() if k not in over}) | over


def resolve_airflow(reference: str) -> str:
    """The value behind `airflow:CONNECTION`, `airflow:CONNECTION#FIELD` or `…#extra.NAME`.

    Raises:
        ConfigError: there is no such connection, or that field of it is empty.
    """
    name, _, field = reference.partition("#")
    field = field or "password"
    connection = _connection(name)
    if field.startswith("extra."):
        value = connection.extra_dejson.get(field.removeprefix("extra."))
    elif field in FIELDS:
        value = getattr(connection, field)
    else:
        raise ConfigError(
            f"secret reference airflow:{reference}: a connection has "
            f"{', '.join(FIELDS)} and extra.NAME"
        )
    if value in (None, ""):
        raise ConfigError(f"secret reference airflow:{reference}: this field is empty")
    return str(value)


def app_for_airflow() -> App:
    """The installation as tasks use it, with connections for settings."""
    # Over a second of imports, which the DAG parser and the connection form can do without.
    from tandem import telemetry  # noqa: PLC0415
    from tandem.app import App  # noqa: PLC0415

    telemetry.configure()
    SECRET_RESOLVERS["airflow"] = resolve_airflow
    return App(settings_of=settings_of)


def _connection(name: str) -> Connection:
    try:
        return BaseHook.get_connection(name)
    except AirflowNotFoundException:
        raise ConfigError(
            f"there is no Airflow connection '{name}'; add it by `airflow connections add`, "
            f"the UI or AIRFLOW_CONN_{name.upper()}"
        ) from None


def _greeting(system: SystemInfo) -> str:
    skew = system.clock_skew.total_seconds()
    return f"{system.product} answers; its clock is {skew:+.1f} s off ours"
