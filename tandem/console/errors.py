"""What the console refuses, and how each error of Tandem is answered.

TandemError
├── ConsoleError             anything that the console itself refuses
│   ├── LoginRequiredError   nobody is logged in, or no longer
│   ├── BadLoginError        name and password do not belong together
│   ├── TooManyLoginsError   wait before the next try
│   ├── ForbiddenError       the role does not allow it
│   └── ForgedRequestError   the request does not come from one of our pages
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, Field

from tandem.errors import ConfigError, NotFoundError, StaleDecisionError, TandemError


class ConsoleError(TandemError):
    """Refused by the console."""

    code = "console.refused"


class LoginRequiredError(ConsoleError):
    """Nobody is logged in, or the session has ended."""

    code = "console.login_required"


class BadLoginError(ConsoleError):
    """Name and password do not belong together."""

    code = "console.bad_login"


class TooManyLoginsError(ConsoleError):
    """Too many logins have failed for this name or from this address."""

    code = "console.too_many_logins"


class ForbiddenError(ConsoleError):
    """The person's role does not allow it."""

    code = "console.forbidden"


class ForgedRequestError(ConsoleError):
    """The request carries no valid token, or comes from another site."""

    code = "console.forged_request"


class Problem(BaseModel):
    """Why a request was refused.

    Attributes:
        code: stable code, explained in the documentation of errors.
        message: the reason in one sentence.
    """

    code: str = Field(examples=["not_found"])
    message: str


STATUS: Mapping[type[TandemError], int] = {
    LoginRequiredError: 401,
    BadLoginError: 401,
    ForbiddenError: 403,
    ForgedRequestError: 403,
    NotFoundError: 404,
    StaleDecisionError: 409,
    ConfigError: 422,
    TooManyLoginsError: 429,
    TandemError: 409,
}
"""Error → HTTP status; the nearest class counts."""


def status_of(error: TandemError) -> int:
    """The status with which an error is answered.

    >>> status_of(NotFoundError("there is no link 'x'")), status_of(ConfigError("wrong"))
    (404, 422)
    """
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
