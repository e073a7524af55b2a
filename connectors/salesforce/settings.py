"""What the connector needs to know about one org."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from connectors.errors import StopRunError

LOOPBACK = frozenset({"127.0.0.1", "localhost"})
MOST_READ = 2000
MOST_WRITTEN = 200


class SalesforceSettings(BaseModel):
    """One org, and how to log in to it.

    Give `client_id` and `client_secret` for the client-credentials flow; these and `username` and
    `password` for the password flow; or a ready `access_token`, which cannot be renewed.

    Attributes:
        instance_url: the org's own address; plain http on the loopback only.
        client_id, client_secret: of the connected app.
        username, password, security_token: of the integration user.
        access_token: of a session opened elsewhere.
        api_version: without the "v".
        external_id: text column, unique and an external id, that holds our idempotency key.
        look_back_s: how late, in seconds, a row may become visible after its SystemModstamp.
        purge_check_hours: how often the deleted-records call looks for rows that have left the
            recycle bin, where queries no longer see them.
        read_batch: records per page.
        write_batch: records per write call.
        connect_timeout_s, read_timeout_s: of one call.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_url: str
    client_id: str | None = None
    client_secret: SecretStr | None = None
    username: str | None = None
    password: SecretStr | None = None
    security_token: SecretStr | None = None
    access_token: SecretStr | None = None
    api_version: str = Field(default="59.0", pattern=r"^\d{2,3}\.0$")
    external_id: str = Field(default="Tandem_Id__c", pattern=r"^\w+$")
    look_back_s: float = Field(default=60.0, ge=0)
    purge_check_hours: float = Field(default=24.0, gt=0)
    read_batch: int = Field(default=MOST_READ, ge=1, le=MOST_READ)
    write_batch: int = Field(default=MOST_WRITTEN, ge=1, le=MOST_WRITTEN)
    connect_timeout_s: float = Field(default=10.0, gt=0)
    read_timeout_s: float = Field(default=120.0, gt=0)

    @field_validator("instance_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        if not secure or not parts.hostname or parts.path.strip("/"):
            msg = "must be https://… without a path (http on the loopback only)"
            raise ValueError(msg)
        return value.rstrip("/")

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        app = self.client_id and self.client_secret
        if bool(self.username) != bool(self.password):
            msg = "username and password go together"
            raise ValueError(msg)
        if not (self.access_token or app):
            msg = "give client_id and client_secret, or an access_token"
            raise ValueError(msg)
        return self

    @property
    def plain_http(self) -> bool:
        """Whether calls go without TLS, which only the loopback may."""
        return urlsplit(self.instance_url).scheme == "http"


def read_settings(settings: Mapping[str, Any]) -> SalesforceSettings:
    """Validate settings as they stand in a configuration.

    >>> read_settings({"instance_url": "http://crm.example", "access_token": "t"})
    Traceback (most recent call last):
    connectors.errors.StopRunError: salesforce settings: instance_url: Value error, must be
    https://… without a path (http on the loopback only) [salesforce.settings]

    Raises:
        StopRunError: a setting is missing, unknown or wrong; the message names it, not its value.
    """
    try:
        return SalesforceSettings.model_validate(dict(settings))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'login'}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise StopRunError(f"salesforce settings: {problems}", code="salesforce.settings") from None
