"""The outermost layer: every call passes here to be counted, limited, stamped, or made to fail."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tandem.sandbox.context import Sandbox, answer
from tandem.sandbox.errors import ApiError
from tandem.sandbox.faults import Fault

API = "/services/"
DATA = "/services/data/"
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "testserver"})

Strike = Callable[["Gate", Fault, Scope, Receive, Send], Awaitable[None]]


class Gate:
    """ASGI layer around the whole application.

    Attributes:
        sandbox: the CRM behind it.
    """

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = _foreign(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        path = scope["path"]
        if path.startswith(API) and path.endswith("/"):
            # The client library ends some paths with a slash; the routes do not.
            scope["path"] = path = path.rstrip("/")
        stamped = self._stamped(path, send)
        fault = self.sandbox.faults.strike(scope["method"], path)
        if fault is not None:
            self.sandbox.calls[f"fault.{fault.fault}"] += 1
            await _STRIKES[fault.fault](self, fault, scope, receive, send)
        elif path.startswith(DATA) and self.sandbox.daily_used >= self.sandbox.daily_limit:
            error = ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            await answer(error.as_body(), error.status)(scope, receive, stamped)
        else:
            await self.serve(scope, receive, stamped)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and count the call by the function that did."""
        if scope["path"].startswith(DATA):
            self.sandbox.daily_used += 1
        await self._app(scope, receive, send)
        endpoint = scope.get("endpoint")
        if scope["path"].startswith(API) and endpoint is not None:
            self.sandbox.calls[endpoint.__name__] += 1

    def _stamped(self, path: str, send: Send) -> Send:
        """`send` that adds the sandbox's own date and the limit to the headers."""

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Date"] = self.sandbox.clock.http_date()
                if path.startswith(DATA):
                    used, limit = self.sandbox.daily_used, self.sandbox.daily_limit
                    headers["Sforce-Limit-Info"] = f"api-usage={used}/{limit}"
            await send(message)

        return stamped

    # --- the faults -----------------------------------------------------------------------------

    async def strike_status(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with an error and do nothing."""
        code, message = _STATUS_ERRORS[fault.fault]
        headers = {}
        if fault.retry_after is not None:
            headers["Retry-After"] = str(math.ceil(fault.retry_after))
        response = answer(ApiError(code, message).as_body(), int(fault.fault), headers)
        await response(scope, receive, self._stamped(scope["path"], send))

    async def strike_slow(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer late."""
        await asyncio.sleep(fault.delay_s)
        await self.serve(scope, receive, self._stamped(scope["path"], send))

    async def strike_reset(
        self, _fault: Fault, _scope: Scope, _receive: Receive, send: Send
    ) -> None:
        """Break the connection before anything is done."""
        _abort(send)

    async def strike_after_commit(
        self, fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Carry the call out and keep the answer."""

        async def swallow(_message: Message) -> None:
            """Drop the answer."""

        await self.serve(scope, receive, swallow)
        if fault.fault == "timeout_after_commit":
            await asyncio.sleep(fault.delay_s)
        _abort(send)

    async def strike_empty_page(
        self, _fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Succeed with no rows."""
        response = answer({"totalSize": 0, "done": True, "records": []})
        await response(scope, receive, self._stamped(scope["path"], send))


_STATUS_ERRORS = {
    "429": ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."),
    "500": ("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId."),
    "503": ("SERVER_UNAVAILABLE", "The server is temporarily unavailable."),
}

_STRIKES: dict[str, Strike] = {
    "429": Gate.strike_status,
    "500": Gate.strike_status,
    "503": Gate.strike_status,
    "slow": Gate.strike_slow,
    "reset": Gate.strike_reset,
    "timeout_after_commit": Gate.strike_after_commit,
    "reset_after_commit": Gate.strike_after_commit,
    "empty_page": Gate.strike_empty_page,
}


def _abort(send: Send) -> None:
    """Break the connection without an answer.

    ASGI has no word for that. uvicorn's `send` is a method of the object that owns the socket;
    under another server the exception ends the call, which then answers 500.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        msg = "this server cannot break a connection"
        raise ConnectionResetError(msg)
    transport.abort()


def _foreign(scope: Scope) -> PlainTextResponse | None:
    """Refuse what a web page elsewhere may send through a browser on this machine."""
    headers = Headers(scope=scope)
    host = urlsplit(f"//{headers.get('host', '')}").hostname
    if host not in LOCAL_HOSTS:
        return PlainTextResponse("This server answers on the loopback only.", 421)
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return PlainTextResponse("Requests from other sites are refused.", 403)
    return None
