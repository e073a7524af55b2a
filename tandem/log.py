"""Logging: events named `noun.verb_past` with ids and counts, on stderr; never a field's value.

A terminal gets lines for people, everything else one JSON object per line. Two rules are enforced
here rather than trusted: a log event may carry plain scalars only, and an exception is told by its
class, its code and its place, because its text may repeat what a record holds.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

Event = MutableMapping[str, Any]

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}
_SCALARS = (str, int, float, bool, type(None))


def only_scalars(_logger: Any, _method: str, event: Event) -> Event:
    """Replace everything that could hold a record's values by the name of its type.

    >>> only_scalars(None, "info", {"event": "run.started", "record": {"name": "Acme"}})
    {'event': 'run.started', 'record': '<dict>'}
    """
    return {
        key: value if isinstance(value, _SCALARS) else f"<{type(value).__name__}>"
        for key, value in event.items()
    }


def exception_without_text(_logger: Any, _method: str, event: Event) -> Event:
    """An exception as class, code and innermost place."""
    found = event.pop("exc_info", None)
    if not found:
        return event
    if isinstance(found, BaseException):
        error: BaseException | None = found
    else:
        error = found[1] if isinstance(found, tuple) else sys.exc_info()[1]
    if error is None:
        return event
    event["error"] = type(error).__name__
    if isinstance(code := getattr(error, "code", None), str):
        event["code"] = code
    if frames := traceback.extract_tb(error.__traceback__):
        event["at"] = f"{frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}"
    return event


def configure(level: str = "WARNING") -> None:
    """Set up structlog, and the standard library's logging below it.

    Args:
        level: DEBUG, INFO, WARNING or ERROR; other packages are heard from WARNING on.
    """
    people = sys.stderr.isatty()
    render: Any = structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        exception_without_text,
        only_scalars,
    ]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        # Looked up at every event: whoever redirects stderr later gets what is said later.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    heard = max(LEVELS[level], logging.WARNING)
    others = logging.StreamHandler(sys.stderr)
    others.setLevel(heard)  # some packages set a level of their own for their loggers
    others.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                exception_without_text,
                only_scalars,
                render,
            ],
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
        )
    )
    logging.basicConfig(level=heard, handlers=[others], force=True)
