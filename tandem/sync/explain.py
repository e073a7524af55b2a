"""Explain: why a record holds what it holds, field by field, from the state and the mappings.

Nothing is computed anew: every answer is what the pipeline itself stored when it decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from tandem.mapping.schema import FieldMapping
from tandem.mapping.schema import Mapping as MappingFile
from tandem.model.fields import Plain, label
from tandem.model.objects import field_types
from tandem.state.chain import Chain, Side, SideState
from tandem.state.outbox import Intent, PushState
from tandem.state.reader import Fact, Question, Reader
from tandem.state.review import ReviewItem


@dataclass(frozen=True, slots=True)
class WriteStory:
    """A write of one field, and the system's answer to it, in its own words."""

    at: datetime | None
    intent: int | None
    before: Plain
    after: Plain
    run: str | None
    answer: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SideStory:
    """One field on one side.

    Attributes:
        columns: native columns by part; "" stands for a single column.
        transform: how they are read and written, with its `options`.
        direction: which way the field may travel here.
        native: what the columns held when last read.
        observed: the same in canonical form; None where it is refused or empty.
        baseline: what this side last agreed to.
        refused: reasons why the native value has no safe reading.
        last_write: our last accepted write of it.
        refused_write: a write of it that the system refused for good.
        pending: number of a write of it that is decided and not answered.
    """

    system: str
    native_id: str
    columns: dict[str, str]
    transform: str
    options: dict[str, Any]
    direction: str
    native: dict[str, Any]
    observed: Plain
    baseline: Plain
    refused: tuple[str, ...]
    last_write: WriteStory | None
    refused_write: WriteStory | None
    pending: int | None


@dataclass(frozen=True, slots=True)
class FieldStory:
    """One canonical field.

    Attributes:
        golden: the value that holds.
        rule: why: a policy, a change, an agreement or a decision.
        system: whose value it was.
        person: who decided, when a person did; `review_id` is the question they answered.
        since: when that was settled; `run` is in which run.
        losers: system → value that did not prevail.
        questions: ids of open questions about it.
    """

    field: str
    golden: Plain
    rule: str | None
    system: str | None
    person: str | None
    review_id: int | None
    since: str | None
    run: str | None
    losers: dict[str, Plain]
    questions: tuple[int, ...]
    sides: tuple[SideStory, ...]


@dataclass(frozen=True, slots=True)
class LinkStory:
    """One native record that is, or was, this canonical record.

    Attributes:
        rule: how we know that it is.
        native: every column as the system gave it when it was last read.
    """

    system: str
    stream: str
    native_id: str
    state: str
    rule: str
    linked_at: datetime | None
    version: str | None
    modified_at: datetime | None
    seen_at: datetime | None
    written_at: datetime | None
    deleted: bool
    native: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say about one canonical record."""

    object: str
    canonical_id: str
    link: str
    label: str
    state: str
    merged_into: str | None
    links: tuple[LinkStory, ...]
    fields: tuple[FieldStory, ...]
    timeline: tuple[Fact, ...]

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known beside the chain; mappings by system, writes by (system, field)."""

    mappings: Mapping[str, MappingFile]
    writes: Mapping[tuple[str, str], WriteStory]
    refused: Mapping[tuple[str, str], WriteStory]
    pending: Sequence[Intent]
    questions: Sequence[ReviewItem]


def explain(
    reader: Reader, mappings: Mapping[tuple[str, str], MappingFile], canonical_id: str
) -> Explanation:
    """Tell the story of a canonical record.

    Args:
        reader: of the state.
        mappings: by (object, system), for columns and transforms.
        canonical_id: the record.

    Raises:
        NotFoundError: there is no such record.
    """
    chain = reader.chain(canonical_id)
    history = reader.history(canonical_id)
    known = _Known(
        mappings={
            system: mapping
            for (object_name, system), mapping in mappings.items()
            if object_name == chain.object
        },
        writes=_answered(reader, last_writes(history)),
        refused=_refused(reader.intents(canonical_id, (PushState.REJECTED,))),
        pending=reader.intents(canonical_id),
        questions=reader.reviews(Question(canonical_id=canonical_id)),
    )
    return Explanation(
        object=chain.object,
        canonical_id=chain.id,
        link=chain.link,
        label=label(chain.values),
        state=chain.state,
        merged_into=chain.merged_into,
        links=tuple(_link(side) for side in chain.sides),
        fields=tuple(
            _field(chain, name, known)
            for name in field_types(chain.object)
            if _is_known(chain, name)
        ),
        timeline=tuple(history),
    )


def last_writes(history: Iterable[Fact]) -> dict[tuple[str, str], WriteStory]:
    """(system, field) → our last accepted write of it; `history` is oldest first."""
    found: dict[tuple[str, str], WriteStory] = {}
    for fact in history:
        if fact.action != "write.accepted" or fact.system is None:
            continue
        for name, after in (fact.after or {}).items():
            found[fact.system, name] = WriteStory(
                at=fact.at,
                intent=fact.cause.get("intent"),
                before=(fact.before or {}).get(name),
                after=after,
                run=fact.run_id,
            )
    return found


def _answered(
    reader: Reader, writes: Mapping[tuple[str, str], WriteStory]
) -> dict[tuple[str, str], WriteStory]:
    """The same writes with what the systems answered."""
    ids = {write.intent for write in writes.values() if write.intent is not None}
    answers = {intent.id: intent.answer for intent in reader.intents_by_ids(ids)}
    return {
        place: replace(write, answer=answers.get(write.intent) if write.intent else None)
        for place, write in writes.items()
    }


def _refused(letters: Iterable[Intent]) -> dict[tuple[str, str], WriteStory]:
    return {
        (letter.system, name): WriteStory(
            letter.sent_at, letter.id, None, value, letter.run_id, letter.answer
        )
        for letter in letters
        for name, value in letter.values.items()
    }


def _is_known(chain: Chain, name: str) -> bool:
    """Whether anybody ever said something about a field."""
    return chain.values.get(name) is not None or any(
        side.values.get(name) is not None or name in side.refused for side in chain.sides
    )


def _link(side: Side) -> LinkStory:
    return LinkStory(
        system=side.system,
        stream=side.stream,
        native_id=side.native_id,
        state=side.state,
        rule=side.rule,
        linked_at=side.linked_at,
        version=side.version,
        modified_at=side.modified_at,
        seen_at=side.seen_at,
        written_at=side.written_at,
        deleted=side.deleted,
        native=dict(side.native),
    )


def _field(chain: Chain, name: str, known: _Known) -> FieldStory:
    origin = chain.origins.get(name, {})
    sides = [
        _side(side, name, mapping.fields[name], known)
        for side in chain.sides
        if side.state is SideState.LINKED
        and (mapping := known.mappings.get(side.system)) is not None
        and name in mapping.fields
    ]
    return FieldStory(
        field=name,
        golden=chain.values.get(name),
        rule=origin.get("rule"),
        system=origin.get("system"),
        person=origin.get("person"),
        review_id=origin.get("review_id"),
        since=origin.get("at"),
        run=origin.get("run"),
        losers=origin.get("losers", {}),
        questions=tuple(item.id for item in known.questions if item.field == name),
        sides=tuple(sides),
    )


def _side(side: Side, name: str, field: FieldMapping, known: _Known) -> SideStory:
    columns = {"": field.column} if field.column else dict(field.columns)
    return SideStory(
        system=side.system,
        native_id=side.native_id,
        columns=columns,
        transform=field.transform,
        options=dict(field.options),
        direction=field.direction,
        native={column: side.native.get(column) for column in columns.values()},
        observed=side.values.get(name),
        baseline=side.baseline.get(name),
        refused=tuple(side.refused.get(name, ())),
        last_write=known.writes.get((side.system, name)),
        refused_write=known.refused.get((side.system, name)),
        pending=next(
            (i.id for i in known.pending if i.system == side.system and name in i.values), None
        ),
    )
