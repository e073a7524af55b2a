"""One HTTP system: a pooled session whose failures are our errors.

The question that every failure must answer is *may the call be repeated?* Two things decide it:

* did the request leave our machine? A refused connection did not; a read timeout did;
* would a second try do harm? A read may always be repeated, a write only when the system is sure
  that it did nothing.

    what happened                              a read            a write
    refused, unknown host, connect timeout     RetryableError    RetryableError
    read timeout, reset, answer cut short      RetryableError    UnknownOutcomeError
    status 500, 502, 504                       RetryableError    UnknownOutcomeError
    status 503, 429                            RetryableError    RetryableError
    … that names a time to wait                RateLimitedError  RateLimitedError
    any other status                           see `FAULTS`      see `FAULTS`

The client itself repeats a call only once, after a 401 and a renewal of the session. Waiting and
trying again belong to the engine, which sees every system's budget.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.exceptions import (
    ConnectTimeout,
    InvalidHeader,
    InvalidJSONError,
    InvalidSchema,
    InvalidURL,
    JSONDecodeError,
    MissingSchema,
    ProxyError,
    RequestException,
)
from urllib3.exceptions import MaxRetryError, NewConnectionError

from connectors.errors import (
    ConnectorError,
    LoginError,
    RateLimitedError,
    RecordError,
    RetryableError,
    StopRunError,
    UnknownOutcomeError,
)

# At debug level urllib3 logs whole request lines; queries and paths carry values of records.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
DEFAULT_RETRY_AFTER = 30.0
"""Seconds to wait after a rate limit that names no time."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What one status, or one vendor's error code, means.

    Attributes:
        error: class to raise; it says what to do next.
        code: stable name of the case.
        advice: what a person can do about it.
        certain: nothing was carried out. When False, a write becomes `UnknownOutcomeError`.
    """

    error: type[ConnectorError]
    code: str
    advice: str = ""
    certain: bool = True


FaultTable = Mapping[int | str, Fault]
"""HTTP status, or vendor's error code, → what it means. The vendor's code is looked up first."""

FAULTS: FaultTable = {
    400: Fault(RecordError, "http.bad_request"),
    401: Fault(LoginError, "http.unauthorised", "check the credentials of this system"),
    403: Fault(StopRunError, "http.forbidden", "give the integration user the right to do this"),
    404: Fault(RecordError, "http.not_found"),
    405: Fault(StopRunError, "http.wrong_method", "check the address of this system"),
    408: Fault(RetryableError, "http.request_timeout"),
    409: Fault(RecordError, "http.conflict"),
    410: Fault(RecordError, "http.gone"),
    412: Fault(RecordError, "http.stale"),
    413: Fault(RecordError, "http.too_large", "lower the batch size of this system"),
    422: Fault(RecordError, "http.unprocessable"),
    423: Fault(RetryableError, "http.locked"),
    425: Fault(RetryableError, "http.too_early"),
    429: Fault(RateLimitedError, "http.rate_limited"),
    500: Fault(RetryableError, "http.server_error", certain=False),
    501: Fault(StopRunError, "http.not_implemented", "check the version of this system"),
    502: Fault(RetryableError, "http.bad_gateway", certain=False),
    503: Fault(RetryableError, "http.unavailable"),
    504: Fault(RetryableError, "http.gateway_timeout", certain=False),
}
_REDIRECT = Fault(StopRunError, "http.redirected", "use the address that this system moved to")
_OTHER_4XX = Fault(RecordError, "http.rejected")
_OTHER_5XX = Fault(RetryableError, "http.server_error", certain=False)

Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]
VendorCode = Callable[[requests.Response], str | None]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds to wait that a `Retry-After` header asks for; None when it says nothing readable.

    Args:
        header: seconds, or an HTTP date.
        now: the *system's* clock, since its date is by that clock.

    >>> retry_after("120", datetime(2026, 11, 21, tzinfo=UTC))
    120.0
    >>> retry_after("Sat, 21 Nov 2026 00:00:30 GMT", datetime(2026, 11, 21, tzinfo=UTC))
    30.0
    >>> retry_after("Sat, 21 Nov 2026 00:00:00 GMT", datetime(2026, 11, 22, tzinfo=UTC))
    0.0
    >>> retry_after("soon", datetime(2026, 11, 21, tzinfo=UTC)) is None
    True
    """
    text = (header or "").strip()
    if text.replace(".", "", 1).isdecimal():
        return float(text)
    moment = http_date(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def http_date(header: str | None) -> datetime | None:
    """The moment in a `Date` or `Retry-After` header, UTC.

    >>> http_date("Sat, 21 Nov 2026 08:30:00 GMT")
    datetime.datetime(2026, 11, 21, 8, 30, tzinfo=datetime.timezone.utc)
    >>> http_date("yesterday") is None
    True
    """
    try:
        moment = parsedate_to_datetime(header or "")
    except (ValueError, IndexError, TypeError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@contextmanager
def connection_faults(call: str, *, safe: bool) -> Iterator[None]:
    """Turn what `requests` raises inside the block into our errors.

    For a vendor's client library that owns its session as much as for `HttpClient`.

    Args:
        call: the call's name in messages; free of values.
        safe: the call only reads.

    Raises:
        RetryableError: nothing left our machine, or the call only reads.
        UnknownOutcomeError: a write left our machine and its answer did not arrive.
        StopRunError: the address, the certificate or a header is wrong.
        RecordError: a value cannot be sent (NaN, infinity).
    """
    try:
        yield
    except (InvalidURL, InvalidSchema, MissingSchema):
        raise StopRunError(f"{call}: not a usable address", code="http.address") from None
    except InvalidHeader:
        raise StopRunError(
            f"{call}: a credential with a line break or the like in it", code="http.header"
        ) from None
    except RequestException as error:
        # `from None` below: the text of the original carries the URL, and that carries values.
        cause = type(error).__name__
        if isinstance(error, InvalidJSONError) and not isinstance(error, JSONDecodeError):
            raise RecordError(f"{call}: a value that JSON has not", code="http.json") from None
        if any(isinstance(link, ssl.SSLCertVerificationError) for link in _chain(error)):
            raise StopRunError(
                f"{call}: the system's certificate is not trusted; install its authority",
                code="http.certificate",
            ) from None
        if _never_left(error):
            raise RetryableError(f"{call}: no connection ({cause})", code="http.connect") from None
        if safe:
            raise RetryableError(f"{call}: no answer ({cause})", code="http.no_answer") from None
        raise UnknownOutcomeError(f"{call}: no answer ({cause})", code="http.no_answer") from None


def _never_left(error: RequestException) -> bool:
    if isinstance(error, ConnectTimeout | ProxyError):
        return True
    cause = error.args[0] if error.args else None
    return (
        isinstance(error, requests.ConnectionError)
        and isinstance(cause, MaxRetryError)
        and isinstance(cause.reason, NewConnectionError)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it wraps (as first argument or as `reason`) and what those wrap."""
    link: Any = error
    while isinstance(link, BaseException):
        yield link
        link = getattr(link, "reason", None) or (link.args[0] if link.args else None)


class Meter(BaseAdapter):
    """A transport that counts calls and reads the system's clock, in front of any other.

    Mount it on a vendor library's session to meter that library too. Not a lock but the
    interpreter keeps `calls` whole: one connector serves one thread.

    Attributes:
        calls: requests sent, answered or not.
        clock_skew: the system's clock minus ours, as of the last `Date` header; ± 1 s.
    """

    def __init__(self, inner: BaseAdapter, now: Callable[[], datetime] = _utc_now) -> None:
        super().__init__()
        self.calls = 0
        self.clock_skew = timedelta(0)
        self._inner = inner
        self._now = now

    def send(  # type: ignore[override]  # the stub spells out arguments that we only pass on
        self, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        """Pass the request on; count it whatever happens."""
        self.calls += 1
        started = monotonic()
        response = self._inner.send(request, **options)
        system_time = http_date(response.headers.get("Date"))
        if system_time is not None:
            # The header is cut to whole seconds and was written about half a round trip ago.
            age = timedelta(seconds=(monotonic() - started) / 2)
            self.clock_skew = system_time + timedelta(seconds=0.5) + age - self._now()
        return response

    def close(self) -> None:
        """Close the transport behind it."""
        self._inner.close()


@dataclass(slots=True)
class HttpClient:
    """Calls to one system, failures translated.

        client = HttpClient("https://erp.example/api", auth=bearer, faults={429: ...})
        rows = client.json("GET", "/partners", params={"limit": 100})

    Attributes:
        base_url: what every path is appended to.
        auth: puts credentials on a request, as `requests` calls it.
        renew: gets new credentials; called once when a call is answered with 401.
        faults: this vendor's additions to `FAULTS`.
        vendor_code: reads the vendor's error code from an answer's body.
        connect_timeout, read_timeout: seconds; the second is for each wait on the socket.
        pool: connections kept alive.
        adapter: the transport; tests put theirs here.
        now: our clock, UTC.
    """

    base_url: str
    auth: Auth | None = None
    renew: Callable[[], None] | None = None
    faults: FaultTable = field(default_factory=dict)
    vendor_code: VendorCode | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    pool: int = 4
    adapter: BaseAdapter | None = None
    now: Callable[[], datetime] = _utc_now
    session: requests.Session = field(init=False, repr=False)
    _meter: Meter = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.base_url = self.base_url.rstrip("/")
        self.session = requests.Session()
        # Always an auth of our own: without one, requests lets ~/.netrc replace our headers.
        self.session.auth = self.auth or (lambda request: request)
        adapter = self.adapter or HTTPAdapter(pool_connections=1, pool_maxsize=self.pool)
        self._meter = Meter(adapter, self.now)
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, self._meter)

    @property
    def calls(self) -> int:
        """Requests sent since construction."""
        return self._meter.calls

    @property
    def clock_skew(self) -> timedelta:
        """The system's clock minus ours, as of the last answer; ± 1 s."""
        return self._meter.clock_skew

    def request(
        self,
        method: str,
        path: str,
        *,
        safe: bool | None = None,
        answers: Collection[int] = (),
        name: str | None = None,
        **options: Any,
    ) -> requests.Response:
        """One call; its answer when that is 2xx or among `answers`.

        Args:
            method: HTTP method.
            path: appended to the base URL; or a whole URL below it, as some systems give for the
                next page.
            safe: the call only reads; by default so when the method says so.
            answers: statuses that the caller wants to see instead of an error.
            name: the call in messages; by default method and path without the query. Give one
                when the path carries a value.
            options: `params`, `json`, `data`, `headers`, as for `requests`.

        Raises:
            ConnectorError: see the module's table.
        """
        safe = method.upper() in SAFE_METHODS if safe is None else safe
        call = name or self._name(method, path)
        response = self._send(method, path, call, safe, options)
        if (
            response.status_code == HTTPStatus.UNAUTHORIZED
            and self.renew is not None
            and HTTPStatus.UNAUTHORIZED not in answers
        ):
            self.renew()
            response = self._send(method, path, call, safe, options)
        if response.status_code in answers or response.status_code // 100 == 2:
            return response
        raise self._error(call, response, safe=safe)

    def json(self, method: str, path: str, **options: Any) -> Any:
        """Like `request`, decoded; None for an empty body."""
        safe = options.get("safe")
        response = self.request(method, path, **options)
        return decode(
            response,
            safe=method.upper() in SAFE_METHODS if safe is None else safe,
            call=options.get("name") or self._name(method, path),
        )

    def close(self) -> None:
        """Close the pooled connections."""
        self.session.close()

    def _name(self, method: str, path: str) -> str:
        return f"{method} {path.removeprefix(self.base_url).partition('?')[0]}"

    def _send(
        self, method: str, path: str, call: str, safe: bool, options: Mapping[str, Any]
    ) -> requests.Response:
        url = path if path.startswith(self.base_url + "/") else self.base_url + path
        with connection_faults(call, safe=safe):
            return self.session.request(
                method,
                url,
                timeout=(self.connect_timeout, self.read_timeout),
                # A followed redirect turns a POST into a GET that looks like success.
                allow_redirects=False,
                **options,
            )

    def _error(self, call: str, response: requests.Response, *, safe: bool) -> ConnectorError:
        vendor_code = self.vendor_code(response) if self.vendor_code else None
        fault = _fault(response.status_code, vendor_code, self.faults)
        answer = f"{response.status_code} {vendor_code}" if vendor_code else response.status_code
        message = f"{call}: answered {answer}" + (f"; {fault.advice}" if fault.advice else "")
        if not (safe or fault.certain):
            return UnknownOutcomeError(message, code=fault.code)
        system_time = http_date(response.headers.get("Date")) or self.now()
        wait = retry_after(response.headers.get("Retry-After"), system_time)
        if issubclass(fault.error, RateLimitedError):
            wait = DEFAULT_RETRY_AFTER if wait is None else wait
            return fault.error(message, code=fault.code, retry_after=wait)
        if issubclass(fault.error, RetryableError) and wait is not None:
            return RateLimitedError(message, code=fault.code, retry_after=wait)
        return fault.error(message, code=fault.code)


def _fault(status: int, vendor_code: str | None, vendor_faults: FaultTable) -> Fault:
    """The most specific meaning: the vendor's code, then the vendor's status, then ours.

    >>> _fault(400, "QUOTA", {"QUOTA": Fault(StopRunError, "shop.quota")}).code
    'shop.quota'
    >>> _fault(418, None, {}).code, _fault(302, None, {}).code
    ('http.rejected', 'http.redirected')
    """
    if vendor_code is not None and vendor_code in vendor_faults:
        return vendor_faults[vendor_code]
    found = vendor_faults.get(status) or FAULTS.get(status)
    if found is not None:
        return found
    return {3: _REDIRECT, 5: _OTHER_5XX}.get(status // 100, _OTHER_4XX)


def decode(response: requests.Response, *, safe: bool = True, call: str = "call") -> Any:
    """The answer's JSON; None for an empty body.

    Args:
        response: the answer.
        safe: the call only read.
        call: its name in messages.

    Raises:
        RetryableError: JSON that was cut short, for a read.
        StopRunError: something else than JSON (a log-in page, a portal), for a read.
        UnknownOutcomeError: either of them, for a write.
    """
    if not response.content:
        return None
    try:
        return response.json()
    except (JSONDecodeError, UnicodeDecodeError):
        kind = response.headers.get("Content-Type", "").partition(";")[0] or "no content type"
    message = f"{call}: the answer ({kind}, {len(response.content)} bytes) is not JSON"
    if not safe:
        raise UnknownOutcomeError(message, code="http.not_json")
    if "json" in kind:
        raise RetryableError(f"{message}: cut short?", code="http.not_json")
    raise StopRunError(f"{message}: check the address of this system", code="http.not_json")
