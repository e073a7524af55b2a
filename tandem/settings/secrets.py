"""References to secrets, and what they lead to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tandem.errors import ConfigError
from tandem.settings.installation import Settings

Resolver = Callable[[str], str]


def _from_environment(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise ConfigError(f"secret reference env:{name}: the variable is not set") from None


def _from_file(path: str) -> str:
    try:
        return (Settings().home / Path(path).expanduser()).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"secret reference file:{path}: {error.strerror}") from error


SECRET_RESOLVERS: dict[str, Resolver] = {"env": _from_environment, "file": _from_file}
"""Scheme → function from the rest of the reference to the value. Orchestration adds `airflow`."""


def resolve_secrets(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with every reference replaced by its value.

    Raises:
        ConfigError: a reference leads nowhere.
    """
    return {key: _resolve(value) for key, value in settings.items()}


def _resolve(value: Any) -> Any:
    if isinstance(value, Mapping):
        return resolve_secrets(value)
    if isinstance(value, str):
        scheme, colon, rest = value.partition(":")
        if colon and scheme in SECRET_RESOLVERS:
            return SECRET_RESOLVERS[scheme](rest)
    return value
