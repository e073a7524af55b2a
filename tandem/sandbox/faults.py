"""The fault script: what shall go wrong, on which calls, how often.

[{"method": "PATCH", "path": "composite/sobjects", "fault": "timeout_after_commit", "times": 1},
 {"path": "/query", "after": 2, "fault": "429", "retry_after": 3}]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

FaultName = Literal[
    "429", "500", "503", "slow", "reset", "timeout_after_commit", "reset_after_commit", "empty_page"
]


class Fault(BaseModel):
    """One line of the script.

    Attributes:
        method: regular expression that the whole HTTP method must match.
        path: regular expression to be found in the path.
        after: how many matching calls go well first.
        times: how many calls then go wrong.
        fault: `429`, `500`, `503`: answered so, nothing done. `slow`: answered `delay_s` late.
            `reset`: the connection breaks, nothing done. `reset_after_commit`: the call is carried
            out, then the connection breaks. `timeout_after_commit`: the call is carried out, its
            answer never comes and after `delay_s` the connection breaks. `empty_page`: a query
            succeeds without rows.
        retry_after: seconds, for the header of a 429 or 503.
        delay_s: see `fault`.
    """

    model_config = ConfigDict(extra="forbid")

    method: str = ".*"
    path: str = ".*"
    after: int = Field(default=0, ge=0)
    times: int = Field(default=1, ge=1)
    fault: FaultName
    retry_after: float | None = Field(default=None, ge=0)
    delay_s: float = Field(default=30.0, ge=0)

    @field_validator("fault", mode="before")
    @classmethod
    def _status_as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @field_validator("method", "path")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            msg = f"not a regular expression: {error}"
            raise ValueError(msg) from None
        return value

    def matches(self, method: str, path: str) -> bool:
        """Whether a call is meant.

        >>> Fault(method="GET|HEAD", path="/query", fault="slow").matches("GET", "/v59.0/query")
        True
        """
        found = re.fullmatch(self.method, method, re.IGNORECASE)
        return bool(found) and re.search(self.path, path) is not None


class FaultScript:
    """The faults still to come, in order; the first that matches a call strikes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def load(self, faults: Sequence[Fault]) -> None:
        """Add to the script."""
        self._faults += [fault.model_copy() for fault in faults]

    def clear(self) -> None:
        """Let everything go well from now on."""
        self._faults.clear()

    def remaining(self) -> list[Fault]:
        """Return what has not struck yet."""
        return [fault.model_copy() for fault in self._faults]

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the fault for this call, if any, and cross it off."""
        for fault in self._faults:
            if not fault.matches(method, path):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times == 0:
                self._faults.remove(fault)
            return fault
        return None
