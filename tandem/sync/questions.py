"""Questions: what settling one chain asks people about, and what their answers say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tandem.model.fields import is_empty, label
from tandem.state.chain import Chain, Side, SideState
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.sync.pairs import double_question
from tandem.sync.types import ChangeSet, Conflict, Decision, ObjectRules, Resolution


class Questions:
    """Asks about one chain.

    Args:
        chain: as observed; its golden values are those that it is settled to.
        rules: of its object.
        link: its link.
        items: its review items that are open, or decided and not applied.

    Attributes:
        asked: what people are asked from now on.
    """

    def __init__(
        self, chain: Chain, rules: ObjectRules, link: str, items: Sequence[ReviewItem]
    ) -> None:
        self._chain = chain
        self._rules = rules
        self._link = link
        self._items = items
        self._overtaken: list[int] = []
        self.asked: list[ReviewItem] = []

    def decisions(self) -> dict[str, Decision]:
        """Canonical field → a person's answer that has not been applied yet."""
        found: dict[str, Decision] = {}
        for item in self._items:
            if item.state is not ReviewState.DECIDED or not item.field or item.decision is None:
                continue
            if item.kind is ReviewKind.REFUSED_VALUE and not self._stands(item):
                self._overtaken.append(item.id)
                continue
            seen = item.question["sides"] if item.kind is ReviewKind.CONFLICT else None
            found[item.field] = Decision(
                item.decision.get("value"), item.decided_by or "", item.id, seen
            )
        return found

    def moot(self) -> list[int]:
        """Items that nobody need answer any more, or whose answer came too late.

        Open questions that this settlement did not ask again have answered themselves.
        """
        asked = {item.subject for item in self.asked}
        return self._overtaken + [
            item.id
            for item in self._items
            if item.state is ReviewState.OPEN
            and item.subject not in asked
            and item.kind in _SELF_CLOSING
        ]

    def about(self, resolution: Resolution, changes: ChangeSet) -> None:
        """Ask about conflicts, values that are needed and missing, and texts nobody can read."""
        for name, conflict in resolution.conflicts.items():
            self._about_conflict(name, conflict)
        for system, names in resolution.gaps.items():
            for name in names:
                self._ask(
                    ReviewKind.MANDATORY_GAP,
                    field_name=name,
                    system=system,
                    question={"record": self._filled()},
                )
        for side in self._chain.sides:
            if side.state is not SideState.LINKED or side.system not in self._rules.mappings:
                continue
            for name, reasons in side.refused.items():
                decided = resolution.origins.get(name, {}).get("rule") == "decision"
                if not decided and not side.awaits(name) and name not in changes.changes:
                    self._about_text(side, name, reasons)

    def about_deletion(self, gone: Sequence[str]) -> None:
        """Ask what the deletion of a record in these systems means for the others."""
        self._ask(
            ReviewKind.DELETION,
            question={"gone": list(gone), "record": self._filled()},
            system=gone[0],
        )

    def about_rewrite(self, side: Side, name: str) -> None:
        """Ask about a system that insists on its own form of our value."""
        self._ask(
            ReviewKind.REWRITE,
            field_name=name,
            system=side.system,
            question={"shown": side.values.get(name), "golden": self._chain.values.get(name)},
        )

    def about_double(self, side: Side, primary: Side) -> None:
        """Ask whether a second record of one system is to be merged into the first."""
        self.asked.append(double_question(self._chain, side, primary))

    def _stands(self, item: ReviewItem) -> bool:
        """Whether the text that somebody was asked about has not been replaced meanwhile."""
        side = self._chain.side(item.system or "")
        mapping = self._rules.mappings.get(item.system or "")
        field = mapping.fields.get(item.field or "") if mapping else None
        return side is None or field is None or field.native(side.native) == item.question["text"]

    def _about_conflict(self, name: str, conflict: Conflict) -> None:
        moments = {
            system: side.modified_at.isoformat()
            if (side := self._chain.side(system)) and side.modified_at
            else None
            for system in conflict.sides
        }
        self._ask(
            ReviewKind.CONFLICT,
            field_name=name,
            question={
                "base": conflict.base,
                "sides": dict(conflict.sides),
                "policy": conflict.policy,
                "context": {"modified_at": moments},
            },
        )

    def _about_text(self, side: Side, name: str, reasons: Sequence[str]) -> None:
        mapped = self._rules.mappings[side.system].fields.get(name)
        if mapped is None:
            return
        typed = mapped.native(side.native)
        self._ask(
            ReviewKind.REFUSED_VALUE,
            field_name=name,
            system=side.system,
            question={
                "text": typed,
                "reasons": list(reasons),
                "golden": self._chain.values.get(name),
            },
            group=f"{name}={typed}"[:300],
        )

    def _filled(self) -> dict[str, Any]:
        return {n: v for n, v in self._chain.values.items() if not is_empty(v)}

    def _ask(
        self,
        kind: ReviewKind,
        *,
        question: Mapping[str, Any],
        field_name: str | None = None,
        system: str | None = None,
        group: str | None = None,
    ) -> None:
        chain = self._chain
        side = chain.side(system) if system else None
        self.asked.append(
            ReviewItem(
                link=self._link,
                kind=kind,
                subject=":".join(part for part in (kind, chain.id, system, field_name) if part),
                object=chain.object,
                group_key=f"{kind}:{system or '*'}:{chain.object}.{group or field_name or '*'}",
                question=dict(question),
                canonical_id=chain.id,
                system=system,
                stream=side.stream if side else None,
                native_id=side.native_id if side else None,
                field=field_name,
                label=label(chain.values),
            )
        )


_SELF_CLOSING = frozenset(
    {
        ReviewKind.CONFLICT,
        ReviewKind.REFUSED_VALUE,
        ReviewKind.MANDATORY_GAP,
        ReviewKind.DELETION,
    }
)
