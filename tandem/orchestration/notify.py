"""Tells whoever wants to know that a task has failed for good.

A package of yours is told through an entry point, a function of one `Failure`:

    [project.entry-points."tandem.notifiers"]
    pager = "acme_tandem:page"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

import structlog

log = structlog.get_logger(__name__)

GROUP = "tandem.notifiers"


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that ran out of tries. Ids and codes only, so that it may go anywhere.

    Attributes:
        code: stable code of the error, or the name of its class.
    """

    dag: str
    task: str
    run: str
    tries: int
    code: str


Notifier = Callable[[Failure], None]


def notify(context: Mapping[str, Any]) -> None:
    """Log a failure and hand it to every notifier; `on_failure_callback` of all tasks."""
    task = context["ti"]
    error = context.get("exception")
    # An alert may tell of several things: each is told by its own code.
    codes = getattr(error, "codes", ()) or (getattr(error, "code", type(error).__name__),)
    for code in codes:
        _tell(
            Failure(
                dag=task.dag_id,
                task=task.task_id,
                run=task.run_id,
                tries=task.try_number,
                code=str(code),
            )
        )


def _tell(failure: Failure) -> None:
    log.error(
        "task.failed",
        dag=failure.dag,
        task=failure.task,
        run=failure.run,
        tries=failure.tries,
        code=failure.code,
    )
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            notifier: Notifier = point.load()
            notifier(failure)
        except Exception as error_of_notifier:  # noqa: BLE001  (foreign code; the others are told)
            log.warning(
                "notifier.failed", notifier=point.name, error=type(error_of_notifier).__name__
            )
