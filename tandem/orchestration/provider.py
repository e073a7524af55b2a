"""What Airflow is told about this package: connection types and the fields of their forms.

Airflow loads this module while it is still loading itself, so nothing here imports Airflow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STANDARD = ("description", "host", "schema", "login", "password", "port", "extra")
"""Fields every connection form has unless they are hidden."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the settings of one kind of system stand in an Airflow connection.

    Attributes:
        kind: kind of system, as in `systems.yaml`.
        title: what the list of connection types shows.
        hook: class in `tandem.orchestration.hook`.
        standard: standard field of a connection → setting it holds.
        labels: standard field → its label in the form.
        placeholders: standard field → an example shown in it.
        extra: setting kept among the extras → its label in the form.
        secret: settings of `extra` that are shown as dots.
    """

    kind: str
    title: str
    hook: str
    standard: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    placeholders: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    secret: Sequence[str] = ()

    @property
    def connection_type(self) -> str:
        """Airflow's name of the connection type.

        >>> FORMS["tryton"].connection_type
        'tandem_tryton'
        """
        return f"tandem_{self.kind}"

    def connection_type_info(self) -> dict[str, Any]:
        """The entry of `connection-types` that draws the form."""
        hidden = [f for f in STANDARD if f not in (*self.standard, "description", "extra")]
        return {
            "connection-type": self.connection_type,
            "hook-class-name": f"tandem.orchestration.hook.{self.hook}",
            "hook-name": self.title,
            "ui-field-behaviour": {
                "hidden-fields": hidden,
                "relabeling": dict(self.labels),
                "placeholders": dict(self.placeholders),
            },
            "conn-fields": {
                name: {"label": label, "schema": _schema(name in self.secret)}
                for name, label in self.extra.items()
            },
        }


def _schema(secret: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": ["string", "null"]}
    return schema | {"format": "password"} if secret else schema


FORMS: Mapping[str, Form] = {
    form.kind: form
    for form in (
        Form(
            kind="salesforce",
            title="Tandem: Salesforce",
            hook="SalesforceHook",
            standard={"host": "instance_url", "login": "client_id", "password": "client_secret"},
            labels={"host": "Instance URL", "login": "Client ID", "password": "Client secret"},
            placeholders={"host": "https://acme.my.salesforce.com"},
            extra={
                "username": "User name (password flow only)",
                "password": "Password of that user",
                "security_token": "Security token of that user",
                "api_version": "API version",
                "external_id": "External id column",
            },
            secret=("password", "security_token"),
        ),
        Form(
            kind="tryton",
            title="Tandem: Tryton",
            hook="TrytonHook",
            standard={
                "host": "url",
                "schema": "database",
                "login": "user",
                "password": "password",
            },
            labels={"host": "Server URL", "schema": "Database", "login": "User"},
            placeholders={"host": "https://erp.example", "schema": "erp"},
        ),
        Form(
            kind="file",
            title="Tandem: folder of CSV and XLSX files",
            hook="FileHook",
            extra={
                "path": "Folder",
                "key": "Key column",
                "encoding": "Encoding",
                "delimiter": "Delimiter",
            },
        ),
    )
}
"""Forms by kind of system."""

OTHER = Form(
    kind="system",
    title="Tandem: another system",
    hook="TandemHook",
    standard={"host": "url", "login": "user", "password": "password"},
    labels={"host": "URL", "login": "User"},
)
"""For kinds that other packages add: settings beyond these three stand in the extras."""


def get_provider_info() -> dict[str, Any]:
    """Airflow's description of this package (entry point `apache_airflow_provider`)."""
    return {
        "package-name": "tandem-sync",
        "name": "Tandem",
        "description": "Keeps a CRM and an ERP in agreement, both ways.",
        "connection-types": [form.connection_type_info() for form in (*FORMS.values(), OTHER)],
    }
