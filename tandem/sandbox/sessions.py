"""Who may call: the org's credentials and the sessions given out for them."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

ORG_ID = "00DTn0000000001MAA"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller must present. The sandbox guards made-up records on the loopback only.

    Attributes:
        client_id, client_secret: of the connected app.
        password: of every user.
        security_token: what SOAP callers append to the password.
    """

    client_id: str = "tandem"
    client_secret: str = "tandem-secret"  # noqa: S105 - opens made-up records on the loopback
    password: str = "tandem-password"  # noqa: S105 - see above
    security_token: str = "token"  # noqa: S105 - see above

    def match_client(self, client_id: str, client_secret: str) -> bool:
        """Whether this is the connected app."""
        return _same(client_id, self.client_id) and _same(client_secret, self.client_secret)

    def match_password(self, password: str) -> bool:
        """Whether this is the password, with the security token appended or without."""
        return _same(password, self.password) or _same(
            password, self.password + self.security_token
        )


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


class Sessions:
    """Open sessions by token. They end with the process, as a real one ends with its time-out."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}

    def open(self, user_id: str) -> str:
        """Start a session of a user; its token."""
        token = f"{ORG_ID[:15]}!{secrets.token_urlsafe(48)}"
        self._users[token] = user_id
        return token

    def user(self, headers: Mapping[str, str]) -> str | None:
        """Return the user whose session the `Authorization` header names."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        known = scheme.lower() in {"bearer", "oauth"}
        return self._users.get(token.strip()) if known else None

    def expire(self) -> None:
        """End every session."""
        self._users.clear()
