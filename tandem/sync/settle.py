"""Settle: one chain from what its sides hold to intents, questions and facts. Pure but for the ids.

Whatever was intended for the chain and has not left yet is decided anew, so edits that follow each
other quickly collapse into one write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connectors.base import Operation
from tandem.clock import IdSource
from tandem.model.fields import Plain, same
from tandem.settings import DeletePolicy
from tandem.state import audit
from tandem.state.chain import Chain, ChainState, Side, SideState
from tandem.state.outbox import Intent, PushState
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.sync.diff import diff
from tandem.sync.joining import absorb, promote
from tandem.sync.questions import Questions
from tandem.sync.resolve import resolve, rule_on_deletion
from tandem.sync.types import (
    ChangeSet,
    Conflict,
    DeletionRuling,
    Link,
    ObjectRules,
    Resolution,
)


@dataclass(slots=True)
class Settlement:
    """What settling chains leads to, collected over a batch."""

    intents: list[Intent] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)
    questions: list[ReviewItem] = field(default_factory=list)
    applied: list[int] = field(default_factory=list)
    void: list[int] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0


_IN_FLIGHT = (PushState.SENDING, PushState.UNKNOWN)
_WAITING = (PushState.INTENDED, PushState.PARKED)
_UNTIL = {Operation.MERGE: SideState.MERGING, Operation.UNMERGE: SideState.UNMERGING}
"""How a record stands for as long as it is to be merged, or brought back, in its system."""


def settle(
    chain: Chain,
    rules: ObjectRules,
    link: Link,
    *,
    intents: Sequence[Intent],
    items: Sequence[ReviewItem],
    contested: Set[str],
    now: datetime,
    run_id: str,
    ids: IdSource,
    into: Settlement,
) -> None:
    """Settle one chain.

    Args:
        chain: as observed; golden values, baselines and states are brought up to date in place.
        rules: of its object.
        link: the link it belongs to.
        intents: its intents that are not settled.
        items: its review items that are open, or decided and not applied.
        contested: systems in which a record may exist that somebody has been asked about.
        now: moment of the run's clock.
        run_id: the run.
        ids: source of idempotency keys.
        into: collects what follows.
    """
    if any(intent.state in _IN_FLIGHT for intent in intents):
        # The outcome of a write is not known: its settlement puts the chain into the inbox again.
        edited = diff(chain, rules).changes
        waiting = (intent for intent in intents if intent.state in _WAITING)
        into.superseded += [i.id for i in waiting if _is_overtaken(i, chain, edited)]
        return
    _Settler(chain, rules, link, intents, items, now, run_id, ids, into).run(contested)


def _is_overtaken(intent: Intent, chain: Chain, edited: Mapping[str, Mapping[str, Plain]]) -> bool:
    """Whether a write must not leave before it is decided anew.

    What has been found in a system meanwhile need not be created there, and what somebody has
    edited there must not be overwritten unseen.
    """
    if intent.operation is Operation.CREATE:
        return chain.side(intent.system) is not None
    names = intent.values or edited
    return any(intent.system in edited.get(name, ()) for name in names)


def _use_of_its_own(side: Side) -> dict[str, Plain]:
    """What somebody has said about whether a record is in use that will be out of use."""
    said, agreed = side.values.get("active"), side.baseline.get("active")
    return {} if "active" not in side.baseline or said == agreed else {"active": said}


class _Settler:
    def __init__(
        self,
        chain: Chain,
        rules: ObjectRules,
        link: Link,
        intents: Sequence[Intent],
        items: Sequence[ReviewItem],
        now: datetime,
        run_id: str,
        ids: IdSource,
        into: Settlement,
    ) -> None:
        self._chain = chain
        self._rules = rules
        self._link = link
        self._waiting = {i.id: i for i in intents if i.state in _WAITING}
        self._dead = [i for i in intents if i.state is PushState.REJECTED]
        self._items = items
        self._questions = Questions(chain, rules, link.name, items)
        self._now = now
        self._run_id = run_id
        self._ids = ids
        self._into = into

    def run(self, contested: Set[str]) -> None:
        promote(self._chain)
        changes = diff(self._chain, self._rules)
        if changes.gone:
            ruling = self._rule_on(changes)
            if ruling.policy is None:
                self._questions.about_deletion(changes.gone)
                self._supersede_waiting()
                self._put_questions()
                return
            self._let_go(ruling)
            if ruling.policy is not DeletePolicy.PROPAGATE:
                # What was to be merged into a record that is gone takes its place at once.
                promote(self._chain)
                changes = diff(self._chain, self._rules)
            self._carry_over(ruling)
        if self._chain.state is ChainState.LIVE:
            conflicts = self._resolve(changes, contested)
            self._carry_out_merges(conflicts)
        else:
            self._delete_what_is_left()
            self._into.superseded += [
                i.id for i in self._dead if i.operation is not Operation.DELETE
            ]
        self._supersede_waiting()
        self._put_questions()

    def _resolve(self, changes: ChangeSet, contested: Set[str]) -> Mapping[str, Conflict]:
        create_in = {s for s in self._rules.mappings if self._rules.makes(self._chain, s)}
        resolution = resolve(
            self._chain,
            changes,
            self._rules,
            decisions=self._questions.decisions(),
            dead=self._refused_values(),
            create_in=create_in - contested,
        )
        self._adopt(resolution, changes)
        unheard = absorb(self._chain, changes, resolution.conflicts, self._rules.kinds)
        self._note_overruled_edits(unheard)
        count = len(self._into.intents)
        for system, values in resolution.writes.items():
            self._intend(Operation.UPDATE, system, values)
        for system, values in resolution.creates.items():
            self._intend(Operation.CREATE, system, values)
        if len(self._into.intents) == count and not resolution.origins:
            self._into.unchanged += 1
        self._drop_dead_letters(resolution)
        self._questions.about(resolution, changes)
        return resolution.conflicts

    def _refused_values(self) -> dict[str, dict[str, Plain]]:
        dead: dict[str, dict[str, Plain]] = {}
        for intent in self._dead:
            if intent.operation is Operation.CREATE and self._chain.side(intent.system):
                continue  # there is a record by now, met or merged: it is asked to take the values
            if self._is_about_another(intent):
                continue
            dead.setdefault(intent.system, {}).update(intent.values)
        return dead

    def _adopt(self, resolution: Resolution, changes: ChangeSet) -> None:
        """Take over the golden values, and note what the sides agree to already."""
        chain = self._chain
        self._into.applied += resolution.applied
        self._into.stale += resolution.stale
        if resolution.origins:
            before = {name: chain.values.get(name) for name in resolution.origins}
            for name, origin in resolution.origins.items():
                chain.origins[name] = origin | {"at": self._now.isoformat(), "run": self._run_id}
            after = {name: resolution.values.get(name) for name in resolution.origins}
            self._fact("golden.changed", before=before, after=after, cause=resolution.origins)
            self._note_overruled(resolution)
        if resolution.values != chain.values:
            chain.values = dict(resolution.values)
            chain.dirty = True
        for system, agreed in resolution.agreed.items():
            side = chain.side(system)
            assert side is not None
            news = {
                n: v for n, v in agreed.items() if n not in side.baseline or side.baseline[n] != v
            }
            if news:
                side.baseline.update(news)
                side.dirty.add("baseline")
        for system, name in changes.renditions:
            side = chain.side(system)
            if side is not None and name in side.rewrites:
                del side.rewrites[name]
                side.dirty.add("baseline")
                self._questions.about_rewrite(side, name)

    def _note_overruled(self, resolution: Resolution) -> None:
        """What was decided against has had its say: only what its side says next is an edit."""
        for name, origin in resolution.origins.items():
            for system, value in origin.get("losers", {}).items():
                side = self._chain.side(system)
                if side is not None and side.values.get(name) == value:
                    side.baseline[name] = value
                    side.dirty.add("baseline")

    def _note_overruled_edits(self, unheard: Sequence[tuple[Side, dict[str, Plain]]]) -> None:
        """Edits of a record that is merged have given way to those of the record that stays."""
        golden, origins = self._chain.values, self._chain.origins
        for side, before in unheard:
            self._fact(
                "edit.overruled",
                system=side.system,
                native_id=side.native_id,
                before=before,
                after={name: golden.get(name) for name in before},
                cause={name: origins[name] for name in before if name in origins},
            )

    def _intend(
        self,
        operation: Operation,
        system: str,
        values: dict[str, Plain] | Any,
        record: Side | None = None,
        unsettled: Mapping[str, Plain] | None = None,
    ) -> None:
        chain = self._chain
        side = record or chain.side(system)
        for waiting in self._waiting.values():
            if (
                waiting.system == system
                and waiting.operation is operation
                and waiting.native_id == (side.native_id if side else None)
                and waiting.values == values
                and waiting.expected_version == (side.version if side else None)
            ):
                del self._waiting[waiting.id]
                return
        causes = {name: chain.origins.get(name, {"rule": "default"}) for name in values}
        if operation is Operation.DELETE:
            causes = {"*": {"rule": "deleted", "system": self._gone_in()}}
        elif record is not None:
            causes = {"*": {"rule": f"{operation}d", "record": record.merged_from or chain.id}}
            if unsettled:
                causes["*"]["unsettled"] = unsettled
        if operation is Operation.UPDATE and side is not None:
            self._note_replaced_text(side, values, causes)
        self._into.intents.append(
            Intent(
                link=self._link.name,
                object=chain.object,
                canonical_id=chain.id,
                system=system,
                stream=side.stream if side else self._rules.mappings[system].stream,
                operation=operation,
                values=dict(values),
                key=chain.create_key(system) if operation is Operation.CREATE else self._ids.new(),
                native_id=side.native_id if side else None,
                expected_version=side.version if side else None,
                mapping=self._mapping_version(system),
                cause=causes,
                changed_at=self._changed_at(causes, system),
                run_id=self._run_id,
            )
        )

    def _carry_out_merges(self, conflicts: Mapping[str, Conflict]) -> None:
        """What is merged here is merged in its system too, and what is not is brought back."""
        refused = {(i.operation, i.system, i.native_id) for i in self._dead}
        for side in self._chain.sides:
            primary = self._chain.side(side.system)
            operation = None
            if side.state is SideState.UNMERGING:
                operation = Operation.UNMERGE
            elif side.state is SideState.MERGING and primary and not primary.deleted:
                operation = Operation.MERGE
            elif side.state is SideState.DUPLICATE and primary and not side.deleted:
                self._questions.about_double(side, primary)
            if operation and (operation, side.system, side.native_id) not in refused:
                # The system may fill what is empty there: what nobody has decided on yet is told.
                own = side.system
                unsettled = {n: c.sides[own] for n, c in conflicts.items() if own in c.sides}
                self._intend(operation, own, {}, side, unsettled | _use_of_its_own(side))

    def _mapping_version(self, system: str) -> str | None:
        """The mapping that turns the values into native ones; None for one that rests."""
        mapping = self._rules.mappings.get(system)
        return mapping.version if mapping else None

    def _note_replaced_text(self, side: Side, values: Any, causes: dict[str, Any]) -> None:
        """A text that we cannot read is no canonical value: the audit keeps it as it was typed."""
        fields = self._rules.mappings[side.system].fields
        typed = {n: fields[n].native(side.native) for n in values if n in side.refused}
        if typed:
            self._fact(
                "text.replaced",
                system=side.system,
                native_id=side.native_id,
                before=typed,
                after={name: values[name] for name in typed},
                cause={name: causes[name] for name in typed},
            )

    def _gone_in(self) -> str | None:
        return next((s.system for s in self._chain.sides if s.deleted), None)

    def _changed_at(self, causes: dict[str, Any], target: str) -> datetime | None:
        sources = {cause.get("system") for cause in causes.values()} - {None, target}
        moments = [
            s.modified_at for s in self._chain.sides if s.system in sources and s.modified_at
        ]
        return max(moments, default=None)

    def _drop_dead_letters(self, resolution: Resolution) -> None:
        """A dead letter ends when what it carried is no longer to be written to its record."""
        for intent in self._dead:
            if intent.operation in _UNTIL:
                record = self._chain.record(intent.system, intent.native_id)
                if record is None or record.state is not _UNTIL[intent.operation]:
                    self._into.superseded.append(intent.id)
                continue
            side = self._chain.side(intent.system)
            current = any(
                same(self._rules.kinds[name], resolution.values.get(name), value)
                and not (side and same(self._rules.kinds[name], side.values.get(name), value))
                for name, value in intent.values.items()
            )
            replaced = intent.operation is Operation.CREATE and (
                side is not None
                or any(
                    i.canonical_id == self._chain.id and i.system == intent.system
                    for i in self._into.intents
                )
            )
            if replaced or self._is_about_another(intent) or not current:
                self._into.superseded.append(intent.id)

    def _is_about_another(self, intent: Intent) -> bool:
        """It was to change a record that is not the one of its system any more."""
        side = self._chain.side(intent.system)
        return intent.operation is Operation.UPDATE and (
            side is None or side.native_id != intent.native_id
        )

    def _supersede_waiting(self) -> None:
        self._into.superseded += self._waiting

    def _put_questions(self) -> None:
        self._into.questions += self._questions.asked
        self._into.void += self._questions.moot()

    # Deletions

    def _rule_on(self, changes: ChangeSet) -> DeletionRuling:
        decided = None
        for item in self._items:
            if item.kind is ReviewKind.DELETION and item.state is ReviewState.DECIDED:
                assert item.decision is not None
                decided = (DeletePolicy(item.decision["policy"]), item.id)
        ruling = rule_on_deletion(self._chain, changes.gone, self._rules, decided)
        if all(self._link.connectors[s].capabilities.deletes for s in ruling.delete_in):
            return ruling
        # A system that cannot delete can at least stop using the record.
        return replace(ruling, policy=DeletePolicy.DEACTIVATE, delete_in=())

    def _let_go(self, ruling: DeletionRuling) -> None:
        """The records that are gone are no longer those of their systems."""
        chain = self._chain
        for system in ruling.gone:
            side = chain.side(system)
            assert side is not None
            if system in ruling.recreate_in:
                side.miss(chain.id)
            else:
                side.state = SideState.GONE
                side.dirty.add("crosswalk")
            self._fact(
                "record.gone",
                system=system,
                native_id=side.native_id,
                cause={"policy": ruling.policy},
            )
        if ruling.review_id is not None:
            self._into.applied.append(ruling.review_id)

    def _carry_over(self, ruling: DeletionRuling) -> None:
        """What the deletion means for the record as a whole."""
        chain = self._chain
        if ruling.policy is DeletePolicy.PROPAGATE:
            chain.state, chain.dirty = ChainState.DELETED, True
        elif ruling.policy is DeletePolicy.DEACTIVATE:
            chain.values = {**chain.values, "active": False}
            chain.origins["active"] = {
                "rule": "deactivated",
                "system": ruling.gone[0],
                "at": self._now.isoformat(),
                "run": self._run_id,
            }
            chain.dirty = True

    def _delete_what_is_left(self) -> None:
        for side in self._chain.sides:
            if side.state is SideState.LINKED and not side.deleted:
                self._intend(Operation.DELETE, side.system, {})

    def _fact(
        self,
        action: str,
        *,
        system: str | None = None,
        native_id: str | None = None,
        before: Any = None,
        after: Any = None,
        cause: Any = None,
    ) -> None:
        self._into.facts.append(
            audit.fact(
                self._now,
                self._link.name,
                action,
                object_name=self._chain.object,
                canonical_id=self._chain.id,
                system=system,
                native_id=native_id,
                before=before,
                after=after,
                cause=cause,
                run_id=self._run_id,
            )
        )
