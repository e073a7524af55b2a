"""Exit codes: the one table that `--help`, the docs and the error boundary share."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class Exit(IntEnum):
    """How a command ended. A command documents in its `--help` what 1 means for it."""

    OK = 0
    ATTENTION = 1
    PLAN_HAS_WRITES = 2
    CONFIG = 3
    OUT_OF_REACH = 4
    LEASE_HELD = 5
    NOT_FOUND = 6
    STALE = 7
    USAGE = 64
    INTERRUPTED = 130


MEANING: Mapping[Exit, str] = MappingProxyType(
    {
        Exit.OK: "done",
        Exit.ATTENTION: "something failed, or records need attention",
        Exit.PLAN_HAS_WRITES: "the plan has something to write",
        Exit.CONFIG: "the configuration is wrong",
        Exit.OUT_OF_REACH: "a system or the state database is out of reach",
        Exit.LEASE_HELD: "another worker holds the link",
        Exit.NOT_FOUND: "there is nothing of that name or id",
        Exit.STALE: "the question changed since it was looked at",
        Exit.USAGE: "the command line is wrong",
        Exit.INTERRUPTED: "stopped from the keyboard",
    }
)


def table() -> str:
    """All exit codes in one paragraph, for `tandem --help`.

    >>> table().partition(" · ")[0]
    'Exit codes: 0 done'
    """
    return "Exit codes: " + " · ".join(f"{code:d} {text}" for code, text in MEANING.items())


def epilog(*codes: Exit, attention: str = "") -> str:
    """The exit codes of one command, for its `--help`; `attention` says what 1 means there.

    >>> epilog(Exit.NOT_FOUND, attention="writes were rejected")
    'Exit codes: 0 done · 1 writes were rejected · 6 there is nothing of that name or id'
    """
    own = {Exit.OK, *codes} | ({Exit.ATTENTION} if attention else set())
    meaning = dict(MEANING) | ({Exit.ATTENTION: attention} if attention else {})
    return "Exit codes: " + " · ".join(f"{code:d} {meaning[code]}" for code in sorted(own))
