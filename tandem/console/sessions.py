"""Sessions: a random token in a cookie, its digest in the database.

The token changes at every login, so that nobody can be led to log in under a token that another
person knows. It ends after a time without requests, and after its longest time however busy.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from fastapi import Request, Response
from sqlalchemy import delete, insert, select, update

from tandem.console.config import Sessions
from tandem.console.roles import Role, Visitor
from tandem.state.database import Database
from tandem.state.reader import Reader
from tandem.state.tables import console_session

COOKIE = "tandem_session"
LOGIN_COOKIE = "tandem_login"
"""Holds what the login form's token is made from, before there is a session."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SEEN_EVERY = timedelta(minutes=1)
"""A session's last request is noted that exactly: not every look at a page is a write."""


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token."""
    return sha256(token.encode()).hexdigest()


def csrf_token(key: str) -> str:
    """The token against forged requests that belongs to a session.

    >>> csrf_token("a") == csrf_token("a"), csrf_token("a") == csrf_token("b")
    (True, False)
    """
    return hmac.new(key.encode(), b"csrf", sha256).hexdigest()


def start(
    database: Database,
    name: str,
    role: Role,
    *,
    instead_of: str | None,
    limits: Sessions,
    at: datetime,
) -> str:
    """Begin a session and end the one before it. Returns the new token."""
    token = new_token()
    row = {
        "token_hash": digest(token),
        "name": name,
        "role": role,
        "started_at": at,
        "seen_at": at,
        "expires_at": at + limits.longest,
    }
    with database.begin() as connection:
        connection.execute(delete(console_session).where(console_session.c.expires_at < at))
        if instead_of:
            connection.execute(
                delete(console_session).where(console_session.c.token_hash == digest(instead_of))
            )
        connection.execute(insert(console_session).values(row))
    return token


def find(
    database: Database, reader: Reader, token: str, *, limits: Sessions, at: datetime
) -> Visitor | None:
    """Whose session it is; None when there is none of this token, or no longer."""
    found = select(console_session).where(console_session.c.token_hash == digest(token))
    with reader.view() as connection:
        row = connection.execute(found).one_or_none()
    if row is None or at >= row.expires_at or at >= row.seen_at + limits.idle:
        return None
    if at - row.seen_at >= SEEN_EVERY:
        with database.begin() as connection:
            connection.execute(
                update(console_session)
                .where(console_session.c.token_hash == digest(token))
                .values(seen_at=at)
            )
    return Visitor(row.name, Role(row.role), token)


def end(database: Database, token: str) -> None:
    """End a session."""
    with database.begin() as connection:
        connection.execute(
            delete(console_session).where(console_session.c.token_hash == digest(token))
        )


def cookie_name(request: Request, name: str) -> str:
    """A cookie's name; over TLS browsers then keep every other site from setting it."""
    return f"__Host-{name}" if _secure(request) else name


def read_cookie(request: Request, name: str) -> str | None:
    """A cookie of ours."""
    return request.cookies.get(cookie_name(request, name))


def set_cookie(
    request: Request, response: Response, name: str, value: str, *, lax: bool = False
) -> None:
    """Set a cookie that no script reads and no other site sends along with a form.

    With `lax` it also comes along when a link of another site leads here.
    """
    response.set_cookie(
        cookie_name(request, name),
        value,
        secure=_secure(request),
        httponly=True,
        samesite="lax" if lax else "strict",
        path="/",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(cookie_name(request, name), secure=_secure(request), httponly=True)


def _secure(request: Request) -> bool:
    """Only on the machine itself may a cookie travel without TLS."""
    return request.url.scheme == "https" or request.url.hostname not in LOOPBACK
