"""Local accounts: who may log in with a password, and how often one may fail."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, insert, select, update

from tandem.console.config import Logins
from tandem.console.errors import BadLoginError, TooManyLoginsError
from tandem.console.roles import Role
from tandem.errors import ConfigError, NotFoundError
from tandem.state.database import Database
from tandem.state.tables import console_account, console_session, login_failure

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
LONGEST_NAME = 100


class AccountError(ConfigError):
    """The name or the password cannot be used."""

    code = "console.account"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in."""

    name: str
    role: Role
    created_at: datetime
    changed_at: datetime


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("the password of a name that does not exist")


def account_name(text: str) -> str:
    """A name as it is stored: the same for every way of typing it.

    >>> account_name(" Anna ")
    'anna'

    Raises:
        AccountError: it is empty, too long, or has characters that nobody can see.
    """
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise AccountError(f"a name has 1 to {LONGEST_NAME} printable characters")
    return name


def _password(text: str) -> str:
    password = unicodedata.normalize("NFKC", text)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountError(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; "
            "a sentence is easier to remember than signs"
        )
    return password


def add(database: Database, name: str, role: Role, password: str, at: datetime) -> Account:
    """Let somebody in.

    Raises:
        AccountError: the name is taken, or name or password cannot be used.
    """
    account = Account(account_name(name), role, at, at)
    row = {
        "name": account.name,
        "role": role,
        "password_hash": _hasher().hash(_password(password)),
        "created_at": at,
        "changed_at": at,
    }
    with database.begin() as connection:
        taken = select(console_account.c.name).where(console_account.c.name == account.name)
        if connection.execute(taken).scalar() is not None:
            raise AccountError(f"there is an account '{account.name}' already")
        connection.execute(insert(console_account).values(row))
    return account


def listing(database: Database) -> Sequence[Account]:
    """All accounts by name."""
    with database.begin() as connection:
        rows = connection.execute(select(console_account).order_by(console_account.c.name)).all()
    return [Account(r.name, Role(r.role), r.created_at, r.changed_at) for r in rows]


def remove(database: Database, name: str) -> None:
    """Let somebody in no more; whoever is logged in under this name is logged out.

    Raises:
        NotFoundError: there is no such account.
    """
    with database.begin() as connection:
        gone = connection.execute(
            delete(console_account).where(console_account.c.name == account_name(name))
        )
        if not gone.rowcount:
            raise NotFoundError(f"there is no account '{name}'")
        connection.execute(
            delete(console_session).where(console_session.c.name == account_name(name))
        )


def change_password(database: Database, name: str, password: str, at: datetime) -> None:
    """Give somebody another password; their sessions end.

    Raises:
        NotFoundError: there is no such account.
        AccountError: the password cannot be used.
    """
    hashed = _hasher().hash(_password(password))
    with database.begin() as connection:
        changed = connection.execute(
            update(console_account)
            .where(console_account.c.name == account_name(name))
            .values(password_hash=hashed, changed_at=at)
        )
        if not changed.rowcount:
            raise NotFoundError(f"there is no account '{name}'")
        connection.execute(
            delete(console_session).where(console_session.c.name == account_name(name))
        )


def verify(
    database: Database, name: str, password: str, *, address: str, limits: Logins, at: datetime
) -> Account:
    """The account that name and password belong to.

    Failures are counted by name and by network address, both as digests: what people mistype is
    nobody's business.

    Raises:
        TooManyLoginsError: too many tries have failed.
        BadLoginError: they do not belong together.
    """
    try:
        known = account_name(name)
    except AccountError:
        known = ""
    keys = {
        _digest("name", known): limits.per_name,
        _digest("address", address): limits.per_address,
    }
    _count_try(database, keys, limits, at)
    with database.begin() as connection:
        row = connection.execute(
            select(console_account).where(console_account.c.name == known)
        ).one_or_none()
    # A name that nobody has takes as long as one that somebody has.
    if not _matches(row.password_hash if row else _nobodys_hash(), password) or row is None:
        raise BadLoginError("name and password do not belong together")
    with database.begin() as connection:
        connection.execute(delete(login_failure).where(login_failure.c.key.in_(list(keys))))
    return Account(row.name, Role(row.role), row.created_at, row.changed_at)


def _count_try(database: Database, keys: dict[str, int], limits: Logins, at: datetime) -> None:
    """Count this try as failed until it has succeeded: many at once do not slip through."""
    since = at - limits.window
    with database.begin() as connection:
        connection.execute(delete(login_failure).where(login_failure.c.at < since))
        rows = connection.execute(
            select(login_failure.c.key, func.count())
            .where(login_failure.c.key.in_(list(keys)), login_failure.c.at >= since)
            .group_by(login_failure.c.key)
        )
        failed: dict[str, int] = dict(rows.all())
        exceeded = any(failed.get(key, 0) >= most for key, most in keys.items())
        if not exceeded:
            connection.execute(insert(login_failure), [{"key": key, "at": at} for key in keys])
    if exceeded:
        minutes = max(1, round(limits.window.total_seconds() / 60))
        raise TooManyLoginsError(f"too many failed logins; try again in {minutes} minutes")


def _digest(kind: str, text: str) -> str:
    return blake2b(f"{kind}:{text}".encode(), digest_size=16).hexdigest()


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, unicodedata.normalize("NFKC", password))
    except (VerificationError, InvalidHashError):
        return False
