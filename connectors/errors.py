"""Errors of connectors; the class says what to do next.

    ConnectorError
    ├── RetryableError        try the same call again later; nothing was changed by it
    │   └── RateLimitedError  … after `retry_after` seconds, and slow down everybody else too
    ├── StopRunError          no call to this system can succeed until a person acts
    │   └── LoginError        … because it does not know us
    ├── UnknownOutcomeError   the call may or may not have been carried out: probe before resending
    └── RecordError           this record, or this call's arguments, are at fault; others may go on

Messages carry ids, field names and the vendor's error code, never a field's value.
"""

from __future__ import annotations

from typing import Any


class ConnectorError(Exception):
    """Anything a connector raises.

    Attributes:
        code: stable name of the case; `docs/errors.md` has a section for each.
        message: what happened, what to do about it; free of field values.
    """

    code = "connector.error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"

    def __reduce__(self) -> tuple[Any, ...]:
        # Airflow carries exceptions between processes: keyword arguments must survive pickling.
        return (_rebuild, (type(self), self.message, self.__dict__.copy()))


def _rebuild(cls: type[ConnectorError], message: str, state: dict[str, Any]) -> ConnectorError:
    error = cls(message)
    error.__dict__.update(state)
    return error


class RetryableError(ConnectorError):
    """A passing fault (5xx, refused connection): the call had no effect and may be repeated."""

    code = "connector.retryable"


class RateLimitedError(RetryableError):
    """The system asked us to slow down; `retry_after` is in seconds."""

    code = "connector.rate_limited"

    def __init__(self, message: str, *, retry_after: float = 30.0, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class StopRunError(ConnectorError):
    """The system refuses everything (wrong address, no permission, quota spent for the day)."""

    code = "connector.stop"


class LoginError(StopRunError):
    """The system does not accept our credentials, also after one renewal."""

    code = "connector.login"


class UnknownOutcomeError(ConnectorError):
    """The connection was lost after the request had left: it may have been carried out."""

    code = "connector.unknown_outcome"


class RecordError(ConnectorError):
    """The system rejects this record or this call (unknown column, bad value, not found)."""

    code = "connector.record"
