"""At the door: who is there, is the request one of ours, and the headers of every answer."""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tandem.console import language, sessions
from tandem.console.context import ConsoleDependency
from tandem.console.errors import ForgedRequestError
from tandem.console.roles import Visitor

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
LANGUAGE_COOKIE = "tandem_language"


async def listen(request: Request) -> None:
    """Find out which language is spoken; everything that follows speaks it."""
    chosen = language.choose(
        request.cookies.get(LANGUAGE_COOKIE), request.headers.get("Accept-Language", "")
    )
    language.speak(chosen)


async def recognise(request: Request, console: ConsoleDependency) -> Visitor | None:
    """Who is there, for everything that follows; None when nobody is logged in."""
    visitor: Visitor | None = None
    if console.identify is not None:
        visitor = await console.identify(request)
    elif token := sessions.read_cookie(request, sessions.COOKIE):
        now = console.clock.now()
        visitor = await run_in_threadpool(
            sessions.find,
            console.database,
            console.reader,
            token,
            limits=console.settings.sessions,
            at=now,
        )
    request.state.visitor = visitor
    return visitor


async def refuse_forged(request: Request, _visitor: Any = Depends(recognise)) -> None:  # noqa: B008  (how FastAPI declares it)
    """Let only requests change something that come from one of our own pages.

    Raises:
        ForgedRequestError: another site sent it, or it carries no valid token.
    """
    if request.method in SAFE:
        return
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise ForgedRequestError("this request comes from another site")
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc != request.headers.get("Host"):
        raise ForgedRequestError("this request comes from another site")
    given = request.headers.get(CSRF_HEADER)
    if given is None and "form" in request.headers.get("Content-Type", ""):
        field = (await request.form()).get(CSRF_FIELD)
        given = field if isinstance(field, str) else None
    key = csrf_key(request)
    expected = sessions.csrf_token(key) if key else ""
    if not expected or not hmac.compare_digest(expected.encode(), (given or "").encode()):
        raise ForgedRequestError("the page is too old to be sent: load it again, then repeat")


def csrf_key(request: Request) -> str | None:
    """What the token of a page is made from: the session, or the login form's own cookie."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    return visitor.key if visitor else sessions.read_cookie(request, sessions.LOGIN_COOKIE)


def content_security_policy(*, framed: bool) -> str:
    """What a page may do: nothing but what comes from here, and no inline script or style."""
    own = ("script-src", "style-src", "img-src", "connect-src", "form-action", "manifest-src")
    parts = ["default-src 'none'", *(f"{name} 'self'" for name in own), "base-uri 'none'"]
    ancestors = "'self'" if framed else "'none'"
    return "; ".join([*parts, f"frame-ancestors {ancestors}"])


class Headers:
    """Sets the headers that keep a browser from doing what a page did not mean."""

    def __init__(self, app: ASGIApp, *, framed: bool) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": content_security_policy(framed=framed),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and set the headers of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                # What a page shows is personal; only what is the same for all may be kept.
                headers.setdefault("Cache-Control", "no-store")
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, with_headers)
