"""Calls to one org through simple-salesforce: log in, renew once, translate what goes wrong.

Importing this module imports the client library, which takes its time: the connector does so when
it makes its first call.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession

from connectors.errors import (
    ConnectorError,
    LoginError,
    RateLimitedError,
    RetryableError,
    StopRunError,
    UnknownOutcomeError,
)
from connectors.http import (
    DEFAULT_RETRY_AFTER,
    Meter,
    connection_faults,
    http_date,
    retry_after,
)
from connectors.salesforce.faults import DAILY_WAIT_S, call_fault, first_error, unknown_column
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.transport import Transport

Answer = TypeVar("Answer")

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address


class SalesforceCallError(Exception):
    """Carries a translated error with what the writer needs to know about it.

    Attributes:
        error: what to raise to the engine.
        vendor_code: Salesforce's name of the case.
        column: the column that the org does not know, when that is the fault.
    """

    def __init__(self, error: ConnectorError, vendor_code: str | None, column: str | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.vendor_code = vendor_code
        self.column = column


class Client:
    """One org's session. Serves one thread.

    Args:
        settings: of the org.
        adapter: the transport; tests put theirs here.
        now: our clock, UTC.
    """

    def __init__(
        self,
        settings: SalesforceSettings,
        adapter: BaseAdapter | None,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._now = now
        self._transport = Transport(adapter or HTTPAdapter(), settings)
        self._meter = Meter(self._transport, now)
        self._session = requests.Session()
        # Always an auth of our own: without one, requests lets ~/.netrc replace our headers.
        self._session.auth = lambda request: request
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._meter)
        self._salesforce: Salesforce | None = None
        self._ready_token = settings.access_token

    @property
    def calls(self) -> int:
        """Requests sent, logins included."""
        return self._meter.calls

    @property
    def clock_skew(self) -> timedelta:
        """The org's clock minus ours, as of the last answer."""
        return self._meter.clock_skew

    @property
    def asked_at(self) -> datetime:
        """The org's time when it got the last request, in whole seconds and never too late."""
        response = self._transport.last
        moment = http_date(response.headers.get("Date")) if response is not None else None
        if response is None or moment is None:
            return self._now().replace(microsecond=0)
        return (moment - response.elapsed).replace(microsecond=0)

    def header(self, name: str) -> str | None:
        """Return a header of the last answer."""
        return None if self._transport.last is None else self._transport.last.headers.get(name)

    def call(self, name: str, action: Callable[[Salesforce], Answer], *, safe: bool) -> Answer:
        """Carry out one call of the client library.

        Args:
            name: of the call in messages; free of values.
            action: what to do with the library.
            safe: the call only reads.

        Raises:
            ConnectorError: see `connectors.http`.
        """
        try:
            return self.call_raw(name, action, safe=safe)
        except SalesforceCallError as failure:
            raise failure.error from None

    def call_raw(self, name: str, action: Callable[[Salesforce], Answer], *, safe: bool) -> Answer:
        """Like `call`, for callers that look into why a call failed.

        Raises:
            SalesforceCallError: the org answered with an error.
            ConnectorError: the org did not answer, or does not let us in.
        """
        try:
            return self._attempt(name, action, safe)
        except SalesforceExpiredSession:
            self._salesforce = None
        try:
            return self._attempt(name, action, safe)
        except SalesforceExpiredSession as error:
            code, _ = first_error(error.content)
            raise LoginError(
                f"salesforce: {name}: refused a fresh session ({code}); check the integration "
                "user's profile",
                code="salesforce.session",
            ) from None

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def _attempt(self, name: str, action: Callable[[Salesforce], Answer], safe: bool) -> Answer:
        salesforce = self._salesforce or self._log_in()
        try:
            with connection_faults(f"salesforce: {name}", safe=safe):
                return action(salesforce)
        except SalesforceExpiredSession:
            raise
        except SalesforceError as error:
            raise self._translated(name, error, safe) from None

    def _translated(self, name: str, error: SalesforceError, safe: bool) -> SalesforceCallError:
        code, message = first_error(error.content)
        fault = call_fault(error.status, code)
        column = unknown_column(message) if code == "INVALID_FIELD" else None
        parts = [f"salesforce: {name}: answered {error.status}"]
        parts += [f" {code}"] * (code is not None)
        parts += [f" (no column {column})"] * (column is not None)
        parts += [f"; {fault.advice}"] * bool(fault.advice)
        text = "".join(parts)
        translated: ConnectorError
        if not (safe or fault.certain):
            translated = UnknownOutcomeError(text, code=fault.code)
        elif issubclass(fault.error, RateLimitedError):
            translated = fault.error(text, code=fault.code, retry_after=self._wait(message))
        else:
            translated = fault.error(text, code=fault.code)
        return SalesforceCallError(translated, code, column)

    def _wait(self, message: str) -> float:
        asked = retry_after(self.header("Retry-After"), self._now() + self.clock_skew)
        if asked is not None:
            return asked
        return DAILY_WAIT_S if "TotalRequests" in message else DEFAULT_RETRY_AFTER

    # --- logging in -----------------------------------------------------------------------------

    def _log_in(self) -> Salesforce:
        settings = self._settings
        if settings.access_token is not None:
            if self._ready_token is None:
                raise LoginError(
                    "salesforce: the access_token has expired and cannot be renewed",
                    code="salesforce.session",
                )
            token, address = self._ready_token.get_secret_value(), settings.instance_url
            self._ready_token = None
        else:
            token, address = self._fetch_token()
        self._salesforce = Salesforce(
            session_id=token,
            instance_url=address,
            version=settings.api_version,
            session=self._session,
            parse_float=Decimal,
            object_pairs_hook=dict,
        )
        return self._salesforce

    def _fetch_token(self) -> tuple[str, str]:
        """A fresh session: its token and the address to call."""
        with connection_faults("salesforce: log in", safe=True):
            response = self._session.post(
                self._settings.instance_url + TOKEN_PATH, data=self._grant()
            )
            body = _json(response)
        if response.status_code == requests.codes.ok and "access_token" in body:
            return str(body["access_token"]), str(
                body.get("instance_url") or self._settings.instance_url
            )
        code, _ = first_error(body)
        text = f"salesforce: log in: answered {response.status_code} {code}"
        if response.status_code == requests.codes.too_many_requests:
            raise RateLimitedError(text, retry_after=self._wait(""), code="salesforce.rate_limited")
        if response.status_code >= requests.codes.server_error:
            raise RetryableError(text, code="salesforce.unavailable")
        if response.status_code in {requests.codes.bad_request, requests.codes.unauthorized}:
            raise LoginError(
                f"{text}; check client_id, client_secret and the user", code="salesforce.login"
            )
        raise StopRunError(f"{text}; check instance_url", code="salesforce.login")

    def _grant(self) -> dict[str, str]:
        settings = self._settings
        assert settings.client_id is not None
        assert settings.client_secret is not None
        grant = {
            "client_id": settings.client_id,
            "client_secret": settings.client_secret.get_secret_value(),
        }
        if settings.username is None or settings.password is None:
            return {**grant, "grant_type": "client_credentials"}
        token = settings.security_token
        password = settings.password.get_secret_value()
        return {
            **grant,
            "grant_type": "password",
            "username": settings.username,
            "password": password + (token.get_secret_value() if token else ""),
        }


def _json(response: requests.Response) -> dict[str, Any]:
    """The body, when it is a JSON object; else nothing, and the status speaks."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return {}
    if isinstance(body, list) and body and isinstance(body[0], dict):
        body = body[0]
    return body if isinstance(body, dict) else {}
