"""Errors of Tandem; the class says what to do next.

    TandemError
    ├── ConfigError        the configuration is wrong: names file, place and way out; exit code 3
    ├── FencedError        another worker took over this link: stop at once, nothing is lost
    ├── StaleDecisionError a person decided on a view that is no longer true: look again
    ├── AlertError         a limit of a link is passed: somebody shall look; the link goes on
    └── NotFoundError      there is no such link, record or review item

Errors of systems are in `connectors.errors`. Bad data is a value (`Quarantined`), not an exception.
"""

from __future__ import annotations

from typing import Any


class TandemError(Exception):
    """Anything Tandem raises by purpose; `code` has a section in `docs/errors.md`."""

    code = "tandem.error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.message,))


class ConfigError(TandemError):
    """A file of the configuration cannot be used; the message names it and the way out."""

    code = "config.invalid"


class FencedError(TandemError):
    """This worker's lease has passed to another; whatever it was about to write is not written."""

    code = "lease.fenced"


class StaleDecisionError(TandemError):
    """The review item changed after the person looked at it."""

    code = "review.stale"


class NotFoundError(TandemError):
    """Something was asked for by a name or id that does not exist."""

    code = "not_found"


class AlertError(TandemError):
    """A limit of a link was passed since it was last looked at.

    Attributes:
        codes: what is new, e.g. `alert.oldest_unsent`.
    """

    code = "alert.raised"

    def __init__(self, message: str, codes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.codes = codes

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.message, self.codes))
