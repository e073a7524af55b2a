"""Logging in and out, and the language of the interface."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from tandem.console import accounts, language, sessions
from tandem.console.context import Console, ConsoleDependency, VisitorDependency
from tandem.console.errors import BadLoginError, TooManyLoginsError, status_of
from tandem.console.guard import LANGUAGE_COOKIE
from tandem.console.pages import API, REFUSALS
from tandem.console.roles import Role
from tandem.console.templating import render

log = structlog.get_logger(__name__)
router = APIRouter(tags=["login"])
doors = APIRouter()
"""Routes that are there where people log in here, and not elsewhere."""
YEAR = 365 * 86400


class Me(BaseModel):
    """Who is logged in.

    Attributes:
        csrf: token that every `POST` carries in the header `X-CSRF-Token`.
    """

    name: str
    role: Role
    csrf: str


@router.get(f"{API}/me", responses={401: REFUSALS[401]})
def me(visitor: VisitorDependency) -> Me:
    """Who is logged in, and the token that commands need."""
    return Me(name=visitor.name, role=visitor.role, csrf=sessions.csrf_token(visitor.key))


def local_path(wanted: str) -> str:
    r"""A path of this console, never another site.

    >>> local_path("/inbox?kind=conflict"), local_path("//evil.example"), local_path("/\\evil")
    ('/inbox?kind=conflict', '/', '/')
    """
    bad = not wanted.startswith("/") or wanted[1:2] in ("/", "\\") or not wanted.isprintable()
    return "/" if bad else wanted


@doors.get("/login", include_in_schema=False)
def login_form(request: Request, console: ConsoleDependency, next: str = "/") -> Response:
    """Ask for name and password."""
    return _form(request, console, wanted=next)


def _form(
    request: Request, console: Console, *, wanted: str, problem: str = "", status: int = 200
) -> Response:
    token = sessions.read_cookie(request, sessions.LOGIN_COOKIE)
    made = token or sessions.new_token()
    page: HTMLResponse = render(
        request,
        "login.html",
        status=status,
        next=local_path(wanted),
        problem=problem,
        token=sessions.csrf_token(made),
        oidc=console.settings.oidc is not None,
    )
    if token is None:
        sessions.set_cookie(request, page, sessions.LOGIN_COOKIE, made)
    return page


@doors.post("/login", include_in_schema=False)
def log_in(
    request: Request,
    console: ConsoleDependency,
    name: Annotated[str, Form()],
    password: Annotated[str, Form()],
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Check name and password and begin a session."""
    try:
        account = accounts.verify(
            console.database,
            name,
            password,
            address=request.client.host if request.client else "",
            limits=console.settings.logins,
            at=console.clock.now(),
        )
    except (BadLoginError, TooManyLoginsError) as error:
        log.warning("login.refused", code=error.code)
        text = (
            language.marked("Name and password do not belong together.")
            if isinstance(error, BadLoginError)
            else language.marked("Too many failed logins. Please try again in some minutes.")
        )
        return _form(request, console, wanted=next, problem=text, status=status_of(error))
    log.info("login.succeeded", role=account.role)
    return enter(request, console, account.name, account.role, next)


def enter(request: Request, console: Console, name: str, role: Role, wanted: str) -> Response:
    """Begin a session and go where the person wanted to."""
    token = sessions.start(
        console.database,
        name,
        role,
        instead_of=sessions.read_cookie(request, sessions.COOKIE),
        limits=console.settings.sessions,
        at=console.clock.now(),
    )
    answer = redirect(request, local_path(wanted))
    sessions.set_cookie(request, answer, sessions.COOKIE, token, lax=True)
    sessions.drop_cookie(request, answer, sessions.LOGIN_COOKIE)
    return answer


def redirect(request: Request, path: str) -> RedirectResponse:
    """Lead to a path of the console, wherever it is mounted."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", 303)


@doors.post("/logout", include_in_schema=False)
def log_out(request: Request, console: ConsoleDependency) -> Response:
    """End the session."""
    token = sessions.read_cookie(request, sessions.COOKIE)
    if token:
        sessions.end(console.database, token)
    answer = redirect(request, "/login")
    sessions.drop_cookie(request, answer, sessions.COOKIE)
    return answer


@router.post("/language", include_in_schema=False)
def choose_language(
    request: Request,
    language_code: Annotated[str, Form(alias="language")],
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Remember the language of the interface in this browser."""
    answer = redirect(request, local_path(next))
    chosen = language.choose(language_code, "")
    secure = request.url.scheme == "https"
    answer.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=YEAR, httponly=True, samesite="lax", secure=secure
    )
    return answer
