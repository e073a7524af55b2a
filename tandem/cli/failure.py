"""From an error to what the user is told: message, code, way out, exit code.

Expected errors never show a traceback. Errors of the database drivers are told without their text:
it repeats statements with the values of records in them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from connectors.errors import ConnectorError, RecordError
from tandem.cli.exits import Exit
from tandem.errors import (
    ConfigError,
    FencedError,
    NotFoundError,
    StaleDecisionError,
    TandemError,
)

if TYPE_CHECKING:
    from tandem.sync.run import Failure as StreamFailure


class LeaseHeldError(TandemError):
    """Another worker holds the link."""

    code = "lease.held"


class UsageError(TandemError):
    """The command line asks for something that does not go together."""

    code = "usage"


@dataclass(frozen=True, slots=True)
class Failure:
    """What the user is told."""

    message: str
    code: str
    way_out: str
    exit: Exit


_TANDEM: tuple[tuple[type[TandemError], Exit, str], ...] = (
    (LeaseHeldError, Exit.LEASE_HELD, "wait for it to end, or see `tandem status`"),
    (FencedError, Exit.LEASE_HELD, "nothing is lost: the other worker goes on"),
    (NotFoundError, Exit.NOT_FOUND, ""),
    (StaleDecisionError, Exit.STALE, "`tandem review show` tells what is asked now"),
    (UsageError, Exit.USAGE, ""),
    (ConfigError, Exit.CONFIG, "`tandem doctor` checks the whole configuration"),
    (TandemError, Exit.ATTENTION, ""),
)

_BY_CODE: dict[str, tuple[Exit, str]] = {
    "review.bad_decision": (Exit.USAGE, "`tandem review show` tells what is asked"),
    "connector.unknown_kind": (Exit.CONFIG, "correct `kind` in systems.yaml"),
    "connector.not_importable": (Exit.CONFIG, "install the package of that connector"),
    "connector.login": (Exit.OUT_OF_REACH, "renew the credentials that systems.yaml refers to"),
    "connector.rate_limited": (Exit.OUT_OF_REACH, "run it again later"),
    "connector.retryable": (Exit.OUT_OF_REACH, "run it again later; nothing was changed by it"),
    "connector.unknown_outcome": (Exit.OUT_OF_REACH, "the next sync finds out what became of it"),
}

# Typer's own errors (unknown option, missing argument): ClickException, by whichever name the
# installed version of typer imports it.
_CLICK = typer.BadParameter.__mro__[2]


def explain(error: BaseException) -> Failure | None:
    """What to tell about an error; None for one that nobody expects."""
    if isinstance(error, TandemError):
        known, way_out = next((e, w) for kind, e, w in _TANDEM if isinstance(error, kind))
        known, way_out = _BY_CODE.get(error.code, (known, way_out))
        return Failure(error.message, error.code, way_out, known)
    if isinstance(error, ConnectorError):
        return _of_connector(error)
    if isinstance(error, _CLICK):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "tandem"
        text: str = error.format_message()  # type: ignore[attr-defined]  # a ClickException
        return Failure(text, "usage", f"see `{command} --help`", Exit.USAGE)
    if isinstance(error, (typer.Abort, KeyboardInterrupt)):
        return Failure("stopped", "interrupted", "", Exit.INTERRUPTED)
    if type(error).__module__.startswith("sqlalchemy."):
        return Failure(
            f"the state database does not answer as it should ({type(error).__name__})",
            "state.database",
            "check TANDEM_DATABASE; `tandem doctor` tries to reach it",
            Exit.OUT_OF_REACH,
        )
    return None


def _of_connector(error: ConnectorError) -> Failure:
    if error.code in _BY_CODE:
        code, way_out = _BY_CODE[error.code]
    elif error.code.endswith(".settings"):
        code, way_out = Exit.CONFIG, "correct the settings in systems.yaml"
    elif isinstance(error, RecordError):
        code, way_out = Exit.ATTENTION, "`tandem doctor` compares the mappings with the system"
    else:
        code, way_out = Exit.OUT_OF_REACH, "`tandem doctor` tries to reach every system"
    return Failure(error.message, error.code, way_out, code)


def told(failures: Iterable[StreamFailure]) -> list[dict[str, Any]]:
    """What failed on single streams while the rest went on: told on stderr, and as plain values."""
    found: list[dict[str, Any]] = []
    for one in failures:
        failure = _of_connector(one.error)
        print(f"error: {one.system}:{one.stream}: {one.error}", file=sys.stderr)
        print(f"  way out: {failure.way_out}", file=sys.stderr)
        found.append(
            {
                "system": one.system,
                "stream": one.stream,
                "code": failure.code,
                "message": failure.message,
                "way_out": failure.way_out,
                "exit": int(failure.exit),
            }
        )
    return found


def exit_of(failures: Iterable[Mapping[str, Any]]) -> Exit:
    """The exit code that `told` failures lead to; the gravest if there are several."""
    return Exit(max((one["exit"] for one in failures), default=Exit.OK))


def report(error: BaseException, *, as_json: bool) -> int | None:
    """Tell the user; the exit code, or None when the error is not an expected one."""
    failure = explain(error)
    if failure is None:
        return None
    print(f"error: {failure.message} [{failure.code}]", file=sys.stderr)
    if failure.way_out:
        print(f"  way out: {failure.way_out}", file=sys.stderr)
    if as_json:
        from tandem.cli.output import to_json

        told = {"code": failure.code, "message": failure.message, "way_out": failure.way_out}
        print(to_json({"error": told | {"exit": int(failure.exit)}}))
    return int(failure.exit)
