"""From the options of `tandem review decide` to the decision that a question takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import orjson

from tandem.cli.failure import UsageError
from tandem.state.review import ReviewItem, ReviewKind

ANSWERS: Mapping[ReviewKind, tuple[str, ...]] = {
    ReviewKind.CONFLICT: ("--take SYSTEM", "--value JSON"),
    ReviewKind.MANDATORY_GAP: ("--value JSON",),
    ReviewKind.REFUSED_VALUE: ("--value JSON",),
    ReviewKind.REWRITE: ("--leave", "--take SYSTEM", "--value JSON"),
    ReviewKind.DUPLICATE: ("--link CANONICAL_ID", "--apart"),
    ReviewKind.DELETION: ("--policy propagate|restore|deactivate|unlink",),
    ReviewKind.DELETE_APPROVAL: ("--approve", "--reject"),
    ReviewKind.QUALITY_GATE: ("--approve", "--reject"),
    ReviewKind.UNKNOWN_OUTCOME: ("--native-id ID", "--resend"),
    ReviewKind.DRIFT: ("--approve",),
    ReviewKind.RESTORED_SYSTEM: ("--approve", "--reject"),
}
"""The options that answer a question of each kind."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The options of one call; exactly one of them is set."""

    take: str | None = None
    value: str | None = None
    link: str | None = None
    policy: str | None = None
    native_id: str | None = None
    apart: bool = False
    approve: bool = False
    reject: bool = False
    resend: bool = False
    leave: bool = False

    @property
    def option(self) -> str:
        """Name of the option that was given.

        Raises:
            UsageError: none or several were.
        """
        given = [f.name for f in fields(self) if getattr(self, f.name) not in (None, False)]
        if len(given) != 1:
            names = ", ".join(f"--{f.name.replace('_', '-')}" for f in fields(self))
            raise UsageError(f"give exactly one answer: {names}")
        return given[0]

    def decision(self, item: ReviewItem) -> dict[str, Any]:
        """The decision that this answer means for one question.

        Raises:
            UsageError: the question does not take such an answer.
        """
        option = self.option
        flag = f"--{option.replace('_', '-')}"
        if not any(form.split(" ")[0] == flag for form in ANSWERS[item.kind]):
            forms = " or ".join(ANSWERS[item.kind])
            raise UsageError(f"question {item.id} is a {item.kind}: answer it with {forms}")
        return _DECISIONS[option](self, item)


def _take(answer: Answer, item: ReviewItem) -> dict[str, Any]:
    if item.kind is ReviewKind.REWRITE:
        held = {item.system: item.question["shown"]}
    else:
        held = item.question["sides"]
    if answer.take not in held:
        systems = ", ".join(str(system) for system in held)
        raise UsageError(f"question {item.id}: --take one of {systems}")
    return {"value": held[answer.take]}


def _value(answer: Answer, item: ReviewItem) -> dict[str, Any]:
    try:
        return {"value": orjson.loads(answer.value or "")}
    except orjson.JSONDecodeError:
        raise UsageError(
            f"question {item.id}: --value takes JSON; a text stands in double quotes, "
            "as in --value '\"Acme Ltd\"'"
        ) from None


def _is_new(item: ReviewItem) -> bool:
    """Whether a question about a duplicate is about a record that is not known yet."""
    return "candidates" in item.question


_DECISIONS: Mapping[str, Callable[[Answer, ReviewItem], dict[str, Any]]] = {
    "take": _take,
    "value": _value,
    "link": lambda answer, item: {"canonical_id" if _is_new(item) else "merge_into": answer.link},
    "apart": lambda _, item: {"canonical_id": None} if _is_new(item) else {"keep_apart": True},
    "policy": lambda answer, _: {"policy": answer.policy},
    "approve": lambda _, __: {"approve": True},
    "reject": lambda _, __: {"approve": False},
    "native_id": lambda answer, _: {"native_id": answer.native_id},
    "resend": lambda _, __: {"native_id": None},
    "leave": lambda _, __: {},
}
