"""A steward who answers at random, now and then on the strength of an old look at the question."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tandem.chaos.world import World
from tandem.decide import DecisionError, decide
from tandem.errors import StaleDecisionError
from tandem.state import outbox, review
from tandem.state.review import ReviewItem, ReviewKind

PERSON = "stella"
APART = ("propagate", "deactivate", "restore", "unlink")


class Steward:
    """Answers open questions of a world.

    Attributes:
        accepted_stale: answers to a question that had changed since, and were taken all the same.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[int, ReviewItem] = {}
        self.accepted_stale: list[str] = []

    @property
    def _draw(self) -> random.Random:
        return self._world.draw

    def look(self) -> list[ReviewItem]:
        """The open questions. What was looked at first is what an answer may be based on later."""
        with self._world.database.begin() as connection:
            items = review.listing(connection, self._world.link.name, limit=200)
        for item in items:
            self._seen.setdefault(item.id, item)
        return items

    def act(self) -> None:
        """Look at the questions, answer some of them."""
        for item in self.look():
            if self._draw.random() < 0.3:
                self.answer(item)

    def answer_everything(self) -> int:
        """Answer whatever is open; how much there was."""
        items = self.look()
        for item in items:
            self.answer(item, old=False)
        return len(items)

    def answer(self, item: ReviewItem, *, old: bool | None = None) -> None:
        """Answer one question, perhaps as it was when it was looked at first."""
        seen = self._seen[item.id]
        if old is None:
            old = self._draw.random() < 0.3
        basis = seen if old else item
        answer = _ANSWERS.get(item.kind)
        decision = answer(self, basis) if answer else None
        if decision is None:
            return
        try:
            decide(
                self._world.database,
                item.id,
                version=basis.version,
                decision=decision,
                person=PERSON,
                at=self._world.clock.now(),
            )
        except (StaleDecisionError, DecisionError):
            return
        self._world.tally.decisions += 1
        if basis.version != item.version:
            self.accepted_stale.append(f"review {item.id}, {item.kind}")

    # --- answers by kind --------------------------------------------------------------------------

    def _value(self, item: ReviewItem) -> dict[str, Any]:
        sides = item.question.get("sides")
        if sides:
            return {"value": self._draw.choice([sides[name] for name in sorted(sides)])}
        return {"value": item.question.get("golden")}

    def _gap(self, item: ReviewItem) -> dict[str, Any] | None:
        return {"value": "x"} if item.field else None

    def _deletion(self, _item: ReviewItem) -> dict[str, Any]:
        return {"policy": self._draw.choice(APART)}

    def _duplicate(self, item: ReviewItem) -> dict[str, Any]:
        """Of a newcomer any candidate, or none; records that are known already stay apart."""
        if "candidates" not in item.question:
            return {"keep_apart": True}
        ids = [candidate["canonical_id"] for candidate in item.question["candidates"]]
        return {"canonical_id": self._draw.choice([*ids, None])}

    def _approval(self, _item: ReviewItem) -> dict[str, Any]:
        return {"approve": self._draw.random() < 0.7}

    def _outcome(self, item: ReviewItem) -> dict[str, Any]:
        """Look into the system, as a person would."""
        key = self._key(item.question["intent"])
        made = self._world.systems[item.system or ""].history
        return {"native_id": next((c.native_id for c in made if c.ours == key), None)}

    def _key(self, intent: int) -> str:
        with self._world.database.begin() as connection:
            (found,) = outbox.by_ids(connection, [intent])
        return found.key


Answer = Callable[[Steward, ReviewItem], dict[str, Any] | None]

_ANSWERS: dict[ReviewKind, Answer] = {
    ReviewKind.CONFLICT: Steward._value,
    ReviewKind.REFUSED_VALUE: Steward._value,
    ReviewKind.REWRITE: Steward._value,
    ReviewKind.MANDATORY_GAP: Steward._gap,
    ReviewKind.DELETION: Steward._deletion,
    ReviewKind.DUPLICATE: Steward._duplicate,
    ReviewKind.DELETE_APPROVAL: Steward._approval,
    ReviewKind.UNKNOWN_OUTCOME: Steward._outcome,
    ReviewKind.QUALITY_GATE: Steward._approval,
}
