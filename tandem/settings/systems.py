"""`config/systems.yaml`: the installations of CRM and ERP, and how many calls may be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from tandem.settings.values import Share, Strict


class Quota(Strict):
    """Calls that may be made to a system, by all workers together.

    Attributes:
        per_second: calls per second.
        per_minute: calls per minute; one of the two, or none.
        per_day: calls per day (UTC); where the system tells a lower limit, that one holds.
        reserve: share of all of these that is left to other applications, and never touched.
        backfill: share of the rest that a batch may use; live edits may use all of it.
    """

    per_second: int | None = Field(default=None, ge=1)
    per_minute: int | None = Field(default=None, ge=1)
    per_day: int | None = Field(default=None, ge=1)
    reserve: Share = 0.2
    backfill: Share = 0.5

    @model_validator(mode="after")
    def _one_rate(self) -> Quota:
        if self.per_second is not None and self.per_minute is not None:
            raise ValueError("'per_second' and 'per_minute' do not go together: keep the stricter")
        return self


class SystemConfig(Strict):
    """One CRM or ERP installation.

    Attributes:
        kind: name of the connector.
        settings: what the connector needs; a value `env:…`, `file:…` or `airflow:…` is a reference.
        connection: Airflow connection whose fields replace the settings of the same names.
        url: where people see a record: `{stream}` and `{id}` are replaced.
        quota: calls that may be made to it; no limit when not given. See `Quota`.
    """

    kind: str
    settings: Mapping[str, Any] = {}
    connection: str | None = None
    url: str | None = None
    quota: Quota | None = None
