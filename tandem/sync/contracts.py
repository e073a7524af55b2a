"""Contracts at work: streams are compared with what was accepted, and what does not fit rests.

It rests until the mapping, the system or a person puts it right. Describing costs calls, so it is
done at the start of a run and when something smells of a change: a stream that cannot be read, rows
that lack a column, a refused write that names one, values that became empty or were cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from connectors.base import StreamSpec
from connectors.errors import ConnectorError, RecordError
from tandem.clock import Clock
from tandem.mapping.compiler import CompiledMapping
from tandem.model.fields import Plain, is_empty
from tandem.model.objects import mandatory_fields
from tandem.state import audit, contract, inbox, outbox, review, touched
from tandem.state import chain as chains
from tandem.state.chain import Side, SideState
from tandem.state.contract import Contract, StreamKey
from tandem.state.inbox import Cause
from tandem.state.outbox import PushState
from tandem.state.review import ReviewItem, ReviewKind, ReviewState
from tandem.state.touched import Rest
from tandem.sync.drift import (
    Change,
    Difference,
    Drift,
    Severity,
    Usage,
    accepting,
    differences,
    judge,
    never_there,
    told,
)
from tandem.sync.pull import Transaction
from tandem.sync.types import Counts, Link, ObjectRules

log = structlog.get_logger(__name__)

Live = dict[StreamKey, StreamSpec | None]
"""Streams as their systems describe them now; None for one that is gone."""


class Contracts:
    """Keeps watch over the streams of one link during a run.

    Attributes:
        configured: the link as its files say.
        link: the link as it can be worked now: without what rests.
        checked: streams that have been compared since the last reading of changes.
    """

    def __init__(
        self, link: Link, begin: Transaction, *, clock: Clock, run_id: str, counts: Counts
    ) -> None:
        self.configured = link
        self.link = link
        self.checked: set[StreamKey] = set()
        self._begin = begin
        self._clock = clock
        self._run_id = run_id
        self._counts = counts

    def begin_run(self) -> None:
        """Compare every stream, and note by which mappings this run works."""
        now = self._clock.now()
        with self._begin() as connection:
            used = audit.last_mappings(connection, self.configured.name)
            audit.note_mappings(connection, self._run_id, self._documents(), now)
            for (object_name, system), (version, _) in self._documents().items():
                before = used.get(f"{object_name}:{system}", version)
                if before != version:
                    mapping = self.configured.objects[object_name].mappings[system]
                    self._mapping_changed(connection, mapping, before, now)
        self.inspect(_streams(self.configured))

    def _documents(self) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
        return {
            (mapping.object, mapping.system): (mapping.version, mapping.document)
            for rules in self.configured.objects.values()
            for mapping in rules.mappings.values()
        }

    def _mapping_changed(
        self, connection: Connection, mapping: CompiledMapping, before: str, now: datetime
    ) -> None:
        """Whatever a full compare reads next counts as not seen yet, by the new mapping."""
        touched.forget(connection, mapping.system, mapping.stream)
        fact = audit.fact(
            now,
            self.configured.name,
            "mapping.changed",
            object_name=mapping.object,
            system=mapping.system,
            cause={"before": before, "after": mapping.version},
            run_id=self._run_id,
        )
        audit.append(connection, [fact])

    def inspect(self, streams: Iterable[StreamKey]) -> bool:
        """Compare streams with their contracts; True when something else rests than before."""
        live = self._describe(streams)
        self.checked.update(live)
        with self._begin() as connection:
            comparison = _Comparison(
                connection, self.configured, live, self._clock.now(), self._run_id
            )
            comparison.run()
            self._counts.add("asked", comparison.asked)
            before, self.link = self.link, working(self.configured, connection)
        return _shape(before) != _shape(self.link)

    def decided(self) -> set[StreamKey]:
        """Streams of which a person has accepted a change that has not been taken up yet."""
        with self._begin() as connection:
            return {
                (str(item.system), str(item.stream))
                for item in review.pending(connection, self.link.name, ReviewKind.DRIFT)
                if item.state is ReviewState.DECIDED
            }

    def _describe(self, streams: Iterable[StreamKey]) -> Live:
        found: Live = {}
        for system, stream in dict.fromkeys(streams):
            connector = self.configured.connectors[system]
            try:
                try:
                    found[system, stream] = connector.describe(stream)
                except RecordError:
                    if stream in connector.streams():
                        raise
                    found[system, stream] = None
            except ConnectorError as error:
                # Out of reach, or too confused to tell: what rests goes on resting.
                log.info("contract.unread", system=system, stream=stream, code=error.code)
        return found


def _streams(link: Link) -> list[StreamKey]:
    return [
        (system, mapping.stream)
        for rules in link.objects.values()
        for system, mapping in rules.mappings.items()
    ]


def _shape(link: Link) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        (rules.object, system): tuple((f.name, f.required, f.length) for f in m.fields.values())
        for rules in link.objects.values()
        for system, m in rules.mappings.items()
    }


class ContractInDoubtError(Exception):
    """Values became empty or were cut: is the stream still as agreed? Nothing was stored."""

    def __init__(self, streams: Set[tuple[str, str]]) -> None:
        super().__init__(", ".join(f"{system}:{stream}" for system, stream in sorted(streams)))
        self.streams = streams


def lost_something(side: Side) -> bool:
    """Whether a value of a side just read is empty or cut where there was one before."""
    return "observed" in side.dirty and any(
        not is_empty(base) and name in side.values and _less(side.values[name], base)
        for name, base in side.baseline.items()
    )


def _less(value: Plain, base: Plain) -> bool:
    if is_empty(value):
        return True
    is_text = isinstance(value, str) and isinstance(base, str)
    return is_text and len(value) < len(base) and base.startswith(value)


# What rests


def working(link: Link, connection: Connection) -> Link:
    """The link without what rests: fields and mappings that open questions of drift name."""
    items = review.pending(connection, link.name, ReviewKind.DRIFT)
    specs = {key: found.spec for key, found in contract.current(connection, link.name).items()}
    objects = {name: _working(rules, items, specs) for name, rules in link.objects.items()}
    return replace(link, objects=objects)


def _working(
    rules: ObjectRules, items: Sequence[ReviewItem], specs: dict[StreamKey, StreamSpec]
) -> ObjectRules:
    mappings: dict[str, CompiledMapping] = {}
    for system, mapping in rules.mappings.items():
        own = [i.question for i in items if i.object == rules.object and i.system == system]
        if any(question["severity"] == Severity.MAPPING for question in own):
            continue
        spec = specs.get((system, mapping.stream))
        lengths = {c.name: c.length for c in spec.columns.values() if c.length} if spec else {}
        mappings[system] = mapping.fitted(
            resting=_fields(own, Severity.FIELD),
            gone={question["column"] for question in own if question["change"] == "column_gone"},
            required=_fields(own, Severity.WARNING, Change.MADE_MANDATORY),
            lengths=lengths,
        )
    return replace(rules, mappings=mappings)


def _fields(
    questions: Sequence[dict[str, Any]], severity: Severity, change: Change | None = None
) -> frozenset[str]:
    return frozenset(
        name
        for question in questions
        if question["severity"] == severity and change in (None, question["change"])
        for name in question["fields"]
    )


# One comparison


class _Comparison:
    """Compares descriptions with contracts in one transaction; asks, closes, and has replayed."""

    def __init__(
        self, connection: Connection, link: Link, live: Live, now: datetime, run_id: str
    ) -> None:
        self._connection = connection
        self._link = link
        self._live = live
        self._now = now
        self._run_id = run_id
        self._known = contract.current(connection, link.name)
        self._pending = {
            item.subject: item
            for item in review.pending(connection, link.name, ReviewKind.DRIFT)
            if (item.system, item.stream) in live
        }
        self._items: dict[str, ReviewItem] = {}
        self.asked = 0

    def run(self) -> None:
        for (system, stream), spec in self._live.items():
            self._compare(system, stream, spec)
        over = [i for subject, i in self._pending.items() if subject not in self._items]
        for item in over:
            self._replay(item)
        for state in (ReviewState.APPLIED, ReviewState.VOID):
            ids = [i.id for i in over if (i.state is ReviewState.DECIDED) is (state == "applied")]
            review.close(self._connection, ids, state, self._now)
        new = [item for subject, item in self._items.items() if subject not in self._pending]
        self.asked = review.open_items(self._connection, self._items.values(), self._now)
        for item in new:
            self._lay_to_rest(item)

    def _compare(self, system: str, stream: str, spec: StreamSpec | None) -> None:
        known = self._known.get((system, stream))
        if known is None and spec is not None:
            known = self._accept(system, spec, audit.ENGINE)
        found = differences(known.spec, spec) if known else [Difference(Change.STREAM_GONE)]
        usage = self._usage(system, stream, found)
        kept: set[str] = set()
        people: set[str] = set()
        for rules in self._link.objects.values():
            mapping = rules.mappings.get(system)
            if mapping is None or mapping.stream != stream:
                continue
            missing = never_there(mapping, known.spec, spec) if known and spec else []
            for difference in (*found, *missing):
                drift = judge(difference, mapping, spec, keys=_keys(rules), usage=usage)
                if drift.severity is Severity.HARMLESS:
                    continue
                item = _item(self._link.name, mapping, drift)
                asked = self._pending.get(item.subject)
                if asked is not None and drift.severity is Severity.WARNING:
                    # What was in use is not seen any more since the field rests.
                    item.question = asked.question
                if asked is not None and asked.state is ReviewState.DECIDED and drift.acceptable:
                    people.add(asked.decided_by or "")
                else:
                    self._items[item.subject] = item
                    kept.add(difference.column)
        if known is not None and spec is not None:
            # All but the columns that somebody still has to look at is as agreed from now on.
            by = ", ".join(sorted(people)) or audit.ENGINE
            self._accept(system, accepting(spec, known.spec, kept), by)

    def _usage(self, system: str, stream: str, found: Sequence[Difference]) -> Usage:
        longest: dict[str, int] = {}
        in_use: dict[str, Set[str]] = {}
        for d in found:
            if d.change is Change.SHORTENED:
                longest[d.column] = touched.longest(self._connection, system, stream, d.column)
            elif d.change is Change.VALUES_REMOVED:
                in_use[d.column] = touched.in_use(
                    self._connection, system, stream, d.column, d.after
                )
        return Usage(longest, in_use)

    def _accept(self, system: str, spec: StreamSpec, by: str) -> Contract:
        before = self._known.get((system, spec.stream))
        if before is not None and before.digest == contract.digest(spec):
            return before
        after = contract.store(self._connection, self._link.name, system, spec, by=by, at=self._now)
        self._known[system, spec.stream] = after
        cause = {"stream": spec.stream, "version": after.version}
        self._fact("contract.accepted", "*", system, cause=cause, actor=by)
        return after

    def _lay_to_rest(self, item: ReviewItem) -> None:
        """What was about to be written to a field that rests is decided anew without it."""
        question = item.question
        log.warning(
            "contract.broken",
            link=item.link,
            system=item.system,
            stream=item.stream,
            column=question["column"],
            change=question["change"],
            severity=question["severity"],
        )
        self._fact("contract.broken", item.object, item.system, cause=question)
        if question["severity"] != Severity.FIELD:
            return
        rest = _rest(item, self._now)
        waiting = touched.waiting(self._connection, rest)
        outbox.mark(
            self._connection, [i.id for i in waiting], PushState.SUPERSEDED, done_at=self._now
        )
        self._read_again(_sides(self._connection, waiting))

    def _replay(self, item: ReviewItem) -> None:
        """What came by while something rested, and nothing else, is looked at again."""
        if item.question["severity"] == Severity.WARNING or item.opened_at is None:
            return
        rest = _rest(item, item.opened_at)
        keys = touched.keys(self._connection, rest)
        letters = touched.dead_letters(self._connection, rest)
        outbox.mark(
            self._connection, [i.id for i in letters], PushState.SUPERSEDED, done_at=self._now
        )
        self._read_again(keys)
        cause = {"column": item.question["column"], "records": len(keys)}
        self._fact("contract.restored", item.object, item.system, cause=cause)

    def _read_again(self, keys: Iterable[touched.Key]) -> None:
        inbox.add_hints(
            self._connection,
            link=self._link.name,
            keys=keys,
            cause=Cause.REPLAY,
            at=self._now,
        )

    def _fact(
        self,
        action: str,
        object_name: str,
        system: str | None,
        *,
        cause: dict[str, Any],
        actor: str = audit.ENGINE,
    ) -> None:
        fact = audit.fact(
            self._now,
            self._link.name,
            action,
            object_name=object_name,
            system=system,
            cause=cause,
            actor=actor,
            run_id=self._run_id,
        )
        audit.append(self._connection, [fact])


def _keys(rules: ObjectRules) -> frozenset[str]:
    """Fields without which a record cannot be told from others."""
    apart = {name for name, _level in rules.matcher.model.contradictions}
    return mandatory_fields(rules.object) | apart


def _item(link: str, mapping: CompiledMapping, drift: Drift) -> ReviewItem:
    difference = drift.difference
    place = (mapping.object, mapping.system, difference.change, difference.column)
    return ReviewItem(
        link=link,
        kind=ReviewKind.DRIFT,
        subject=":".join((ReviewKind.DRIFT, link, *place)),
        object=mapping.object,
        group_key=f"{ReviewKind.DRIFT}:{mapping.system}:{mapping.stream}.{difference.column}",
        question={
            "change": difference.change,
            "column": difference.column,
            "severity": drift.severity,
            "fields": list(drift.fields),
            "before": difference.before,
            "after": difference.after,
            "acceptable": drift.acceptable,
            "context": {"told": told(drift, mapping.object, mapping.system, mapping.stream)},
        },
        system=mapping.system,
        stream=mapping.stream,
        field=drift.fields[0] if drift.fields else None,
    )


def _rest(item: ReviewItem, since: datetime) -> Rest:
    question = item.question
    fields = question["fields"] if question["severity"] == Severity.FIELD else ()
    return Rest(
        item.link, item.object, str(item.system), str(item.stream), frozenset(fields), since
    )


def _sides(connection: Connection, intents: Sequence[outbox.Intent]) -> list[touched.Key]:
    found = chains.load(connection, (intent.canonical_id for intent in intents))
    return [
        (chain.object, *side.key)
        for chain in found.values()
        for side in chain.sides
        if side.state is SideState.LINKED
    ]
