"""Values that stand in several of the files: durations, shares; and the strict base of them all."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _seconds(value: object) -> object:
    """`30s`, `5m`, `2h`, `1d` or a number of seconds."""
    if isinstance(value, str) and value[-1:] in _UNITS and value[:-1].strip().isdigit():
        return timedelta(**{_UNITS[value[-1]]: int(value[:-1])})
    return value


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
Duration = Annotated[timedelta, BeforeValidator(_seconds)]


class Strict(BaseModel):
    """Frozen; a key that it does not know is a complaint."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _share(value: object) -> object:
    """`20%` or `0.2`."""
    if isinstance(value, str) and value.endswith("%") and value[:-1].strip().isdigit():
        return int(value[:-1]) / 100
    return value


Share = Annotated[float, BeforeValidator(_share), Field(ge=0, le=1)]
