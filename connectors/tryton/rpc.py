"""Tryton's JSON-RPC: sessions, calls and what its error answers mean.

    POST /erp/rpc/  {"id": 0, "method": "common.db.login", "params": ["admin", {"password": "…"}]}
                 →  {"id": 0, "result": [1, "0f3a…", null]}          user id, token, bus

    POST /erp/rpc/  {"id": 1, "method": "model.party.party.create", "params": [[{…}], {}]}
    Authorization: Session base64("admin:1:0f3a…")
                 →  {"id": 1, "result": [17]}
                 →  {"id": 1, "error": ["UserError", ["The value …", "", null]]}     status 200 too

The last parameter is the context. Every call is one transaction: an error means that nothing of it
was carried out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from requests.adapters import BaseAdapter

from connectors.errors import (
    ConnectorError,
    LoginError,
    RateLimitedError,
    RecordError,
    RetryableError,
    StopRunError,
)
from connectors.http import Fault, FaultTable, HttpClient
from connectors.tryton.settings import TrytonSettings

Context = Mapping[str, Any]

FAULTS: FaultTable = {
    404: Fault(StopRunError, "tryton.no_database", "check the name of the database"),
    "no_database": Fault(StopRunError, "tryton.no_database", "check the name of the database"),
    403: Fault(StopRunError, "tryton.forbidden", "give the user access to this model"),
}
"""Statuses that mean something else here than elsewhere."""

REFUSALS: Mapping[str, tuple[type[ConnectorError], str]] = {
    "UserError": (RecordError, "tryton.user_error"),
    "UserWarning": (RecordError, "tryton.user_warning"),
    "ConcurrencyException": (RecordError, "tryton.stale"),
    "LoginException": (LoginError, "tryton.login"),
    "RateLimitException": (RateLimitedError, "tryton.rate_limited"),
    "TimeOutException": (RetryableError, "tryton.timeout"),
}
"""Class in an error answer → what to do next and its stable name."""

SERVER_FAULT = (RecordError, "tryton.server_error")
"""Any other class: the server stumbled over this call's arguments."""

LANGUAGE = "en"
"""In which names are read and messages are given; codes that are names are in it."""

STALE = REFUSALS["ConcurrencyException"][1]

CLOCK_MARGIN = timedelta(seconds=1)
"""A `Date` header is cut to whole seconds: the clock read from it is half a second off at most."""

_TIME_PARTS = ("year", "month", "day", "hour", "minute", "second", "microsecond")
_LABEL = re.compile(r'field "([^"]+)"')


def public_text(text: str) -> str:
    """An error text without values: what stands between its first and its last quote goes.

    Tryton quotes values, names of records and labels alike, so all of it has to.

    >>> public_text('The value "Bad" for field "Name" in record "A "B" C" of "Party" is too long.')
    'The value … is too long.'
    >>> public_text("The code on party must be unique.")
    'The code on party must be unique.'
    """
    return re.sub(r'".*"', "…", text, flags=re.DOTALL).strip()


class Refusal(RecordError):  # noqa: N818 - an answer, not a failure
    """The server understood the call and says no. Nothing was carried out.

    Attributes:
        labels: labels of the fields that the server names, in its language.
        missing: it is about rows that are not there.
    """

    code = "tryton.refused"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        labels: tuple[str, ...] = (),
        missing: bool = False,
    ) -> None:
        super().__init__(message, code=code)
        self.labels = labels
        self.missing = missing


class Rpc:
    """Calls to one database; logs in when needed and once again when the session has ended."""

    def __init__(self, settings: TrytonSettings, adapter: BaseAdapter | None = None) -> None:
        self._settings = settings
        self._path = f"/{settings.database}/rpc/"
        self._session: str | None = None
        self._last_now = datetime.min.replace(tzinfo=UTC) + CLOCK_MARGIN
        self._http = HttpClient(
            settings.url,
            auth=self._sign,
            renew=self._login,
            faults=FAULTS,
            vendor_code=_vendor_code,
            read_timeout=settings.timeout,
            adapter=adapter,
        )

    @property
    def calls(self) -> int:
        """Requests sent since construction, logins and retries included."""
        return self._http.calls

    @property
    def clock_skew(self) -> timedelta:
        """The server's clock minus ours, ± 1 s."""
        return self._http.clock_skew

    def server_now(self) -> datetime:
        """The server's clock as we estimate it: never ahead of it. UTC."""
        if self._session is None:
            self._login()  # without any answer yet, nothing is known of its clock
        now = datetime.now(UTC) + self._http.clock_skew - CLOCK_MARGIN
        # Two readings may differ by a second; time must not seem to run backwards for that.
        if self._last_now - CLOCK_MARGIN < now < self._last_now:
            return self._last_now
        self._last_now = now
        return now

    def read(self, model: str, method: str, *params: Any, context: Context | None = None) -> Any:
        """A call that changes nothing."""
        return self._call(f"model.{model}.{method}", params, context or {}, safe=True)

    def change(self, model: str, method: str, *params: Any, context: Context | None = None) -> Any:
        """A call that changes something.

        Raises:
            Refusal: nothing was carried out.
            RetryableError: nothing was carried out.
            UnknownOutcomeError: the answer was lost.
        """
        return self._call(f"model.{model}.{method}", params, context or {}, safe=False)

    def wizard(self, name: str, step: str, *params: Any, context: Context | None = None) -> Any:
        """A step of a wizard: `create`, `execute` or `delete`; raises as `change` does."""
        return self._call(f"wizard.{name}.{step}", params, context or {}, safe=False)

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()

    def _call(self, method: str, params: tuple[Any, ...], context: Context, *, safe: bool) -> Any:
        if self._session is None:
            self._login()
        # In English, whatever the user's language: `public_text` and labels rely on it.
        context = {"language": LANGUAGE, **context}
        payload = {"id": 1, "method": method, "params": [*params, context]}
        return _result(
            method, self._http.json("POST", self._path, json=payload, safe=safe, name=method)
        )

    def _login(self) -> None:
        method = "common.db.login"
        secret = {"password": self._settings.password.get_secret_value()}
        response = self._http.request(
            "POST",
            self._path,
            json={"id": 0, "method": method, "params": [self._settings.user, secret]},
            safe=True,
            answers=(requests.codes.unauthorized,),
            name=method,
        )
        if response.status_code == requests.codes.unauthorized:
            raise LoginError(f"{method}: check the user and the password", code="tryton.login")
        try:
            user_id, token, *_ = _result(method, response.json())
        except Refusal as refusal:
            raise StopRunError(f"{refusal.message}; see the server's log") from None
        session = f"{self._settings.user}:{user_id}:{token}"
        self._session = base64.b64encode(session.encode()).decode()

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._session is not None:
            request.headers["Authorization"] = f"Session {self._session}"
        return request


def _result(method: str, answer: Any) -> Any:
    if not isinstance(answer, dict):
        raise StopRunError(f"{method}: not an answer of Tryton; check the address")
    if "error" not in answer:
        return answer.get("result")
    name, *details = answer["error"]
    error, code = REFUSALS.get(name, SERVER_FAULT)
    # The text of an unexpected exception may hold anything, so it is not repeated.
    text = _text(name, details) if name in REFUSALS and error is RecordError else ""
    message = f"{method}: {public_text(text) or 'the server refused'}"
    if error is RecordError:
        raise Refusal(
            message,
            code=code,
            labels=tuple(_LABEL.findall(text)),
            missing=text.endswith("that don't exist."),
        )
    raise error(message, code=code)


def _text(name: str, details: list[Any]) -> str:
    """The sentence in an error answer.

    >>> _text("UserError", [["The code on party must be unique.", "", None]])
    'The code on party must be unique.'
    >>> _text("UserWarning", [["similar.1", "There is one like it.", ""]])
    'There is one like it.'
    >>> _text("ConcurrencyException", ["Records were modified"])
    'Records were modified'
    """
    parts = details[0] if details and isinstance(details[0], list) else details
    return str(parts[name == "UserWarning"])


def _vendor_code(response: requests.Response) -> str | None:
    """`no_database` where Tryton answers 503 for a database that is not there."""
    missing = re.search(r"does(n.{1,6}t| not) exist", response.text[:2000])
    if response.status_code == requests.codes.unavailable and missing:
        return "no_database"
    return None


def native_time(moment: datetime) -> dict[str, Any]:
    """A moment as Tryton's JSON has it: UTC without a zone.

    >>> native_time(datetime(2026, 11, 21, 8, 30, 0, 123456, tzinfo=UTC))["microsecond"]
    123456
    """
    utc = moment.astimezone(UTC)
    return {"__class__": "datetime", **{part: getattr(utc, part) for part in _TIME_PARTS}}


def utc_time(native: Mapping[str, Any] | None) -> datetime | None:
    """A moment of Tryton's JSON as UTC.

    >>> utc_time({"__class__": "datetime", "year": 2026, "month": 11, "day": 21, "hour": 8,
    ...           "minute": 30, "second": 0, "microsecond": 5})
    datetime.datetime(2026, 11, 21, 8, 30, 0, 5, tzinfo=datetime.timezone.utc)
    """
    if native is None:
        return None
    year, month, day, hour, minute, second, microsecond = (native[part] for part in _TIME_PARTS)
    return datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)
