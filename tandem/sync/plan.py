"""Plan: what a sync would write where, per field, computed by the pipeline itself without pushing.

The pipeline runs on a scratch copy of the state: it takes no lease, holds up no worker, and leaves
nothing behind. The systems are read, never written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Select, Table, and_, delete, event, func, insert, not_, select

from connectors.base import Operation
from tandem.clock import Clock, IdSource, SystemClock
from tandem.mapping.compiler import CompiledMapping
from tandem.model.fields import Plain, label
from tandem.state import chain as chains
from tandem.state import inbox, outbox, review
from tandem.state.chain import Chain
from tandem.state.database import Database, open_engine
from tandem.state.outbox import Intent, PushState
from tandem.state.quota import Priority
from tandem.state.review import ReviewItem, ReviewState
from tandem.state.tables import FOLLOWING, audit, lease, metadata, run
from tandem.state.tables import outbox as outbox_table
from tandem.state.tables import review as review_table
from tandem.sync.governor import Governor, govern
from tandem.sync.pipeline import ROUNDS, Pipeline
from tandem.sync.run import Failure
from tandem.sync.twins import meet_all
from tandem.sync.types import Link

COPIED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class PlannedField:
    """One field of a write.

    Attributes:
        field: canonical name.
        columns: the native columns that it stands in.
        before: what the record holds now, in canonical form; None for a create.
        after: what it would hold.
        cause: rule, system or person behind the new value; see `Chain.origins`.
    """

    field: str
    columns: tuple[str, ...]
    before: Plain
    after: Plain
    cause: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One write that a sync would send. `label` names the record for people."""

    object: str
    canonical_id: str
    label: str
    system: str
    stream: str
    operation: Operation
    native_id: str | None
    fields: tuple[PlannedField, ...]


@dataclass(frozen=True, slots=True)
class PlannedQuestion:
    """One question that a sync would put to people."""

    kind: str
    object: str
    canonical_id: str | None
    system: str | None
    native_id: str | None
    field: str | None
    question: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync would do.

    Attributes:
        totals: object → system → operation → number of writes, also of those not listed.
        writes: the writes; at most as many as were asked for.
        questions: what people would be asked anew.
        waiting: creates that are no part of it: a record that is held, or that a write of unknown
            outcome may have made, may be what they would create.
        failures: streams that could not be read; the plan does without what they have to say.
        counts: what the pipeline counted on the way, see `Counts`.
    """

    link: str
    totals: dict[str, dict[str, dict[str, int]]]
    writes: tuple[PlannedWrite, ...]
    questions: tuple[PlannedQuestion, ...]
    waiting: int = 0
    failures: tuple[Failure, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Number of writes, also of those not listed."""
        return sum(
            count
            for systems in self.totals.values()
            for operations in systems.values()
            for count in operations.values()
        )

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain values, for JSON."""
        failures = [
            {"system": f.system, "stream": f.stream, "code": f.error.code} for f in self.failures
        ]
        return {"total": self.total} | asdict(replace(self, failures=())) | {"failures": failures}


def plan(
    link: Link,
    database: Database,
    *,
    limit: int | None = None,
    clock: Clock | None = None,
    ids: IdSource | None = None,
) -> Plan:
    """Compute what a sync of `link` would write.

    Args:
        link: the link, ready to run.
        database: the state to start from; it is only read.
        limit: most writes and questions to list; the totals count all.
        clock: as for `Pipeline`.
        ids: as for `Pipeline`.
    """
    clock = clock or SystemClock()
    governor = Governor(database, clock, link.connectors, link.budgets)
    # Reading counts too: against the budgets of the state, not against those of its copy.
    link = replace(govern(link, governor, Priority.LIVE), budgets={}, told={})
    with closing(governor), scratch_copy(database, link.name) as scratch:
        asked = _open_questions(scratch, link.name)
        pipeline = Pipeline(link, scratch, lane="plan", clock=clock, ids=ids)
        assert pipeline.open(), "nobody else knows the scratch copy"
        with scratch.begin() as connection:
            inbox.retry_deferred(connection, link.name)
        pipeline.pull()
        pipeline.drain(push=False)
        for _ in range(ROUNDS):
            with scratch.begin() as connection:
                met = meet_all(connection, link)
            if not met:
                break
            pipeline.work_off()
        pipeline.close()
        return Plan(
            link=link.name,
            totals=_totals(scratch, link.name),
            writes=tuple(_writes(scratch, link, limit)),
            questions=tuple(_new_questions(scratch, link.name, asked, limit)),
            waiting=_waiting(scratch, link.name),
            failures=tuple(pipeline.failures),
            counts=dict(pipeline.counts.by_name),
        )


# The scratch copy


@contextmanager
def scratch_copy(database: Database, link: str) -> Iterator[Database]:
    """What a pipeline needs of the state, in a database of its own that vanishes at the end.

    A transaction that is rolled back would do too, but it would keep every worker waiting for as
    long as the systems take to be read.
    """
    with tempfile.TemporaryDirectory(prefix="tandem-plan-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'state.db'}")
        event.listen(engine, "connect", _without_durability)
        try:
            if database.engine.dialect.name == "sqlite":
                _copy_file(database.engine, engine)
            else:
                _copy_rows(database.engine, engine, link)
            scratch = Database(engine)
            with scratch.begin() as connection:
                connection.execute(delete(lease))
            yield scratch
        finally:
            engine.dispose()


def _without_durability(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _copy_file(source: Engine, target: Engine) -> None:
    with closing(source.raw_connection()) as here, closing(target.raw_connection()) as there:
        here.driver_connection.backup(there.driver_connection)  # type: ignore[union-attr]  # SQLite's own


def _copy_rows(source: Engine, target: Engine, link: str) -> None:
    metadata.create_all(target)
    steady = source.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with steady.connect() as here, here.begin(), target.begin() as there:
        for table in metadata.sorted_tables:
            if table in (audit, lease, run, *FOLLOWING):
                continue
            rows = here.execution_options(yield_per=COPIED_AT_ONCE).execute(_needed(table, link))
            for part in rows.mappings().partitions():
                there.execute(insert(table), [dict(row) for row in part])


def _needed(table: Table, link: str) -> Select[Any]:
    query = select(table)
    if "link" in table.c:
        query = query.where(table.c.link == link)
    if table is outbox_table:
        query = query.where(table.c.state.in_(outbox.OPEN))
    return query


# What came of it


def _open_questions(scratch: Database, link: str) -> dict[int, int]:
    with scratch.begin() as connection:
        rows = connection.execute(
            select(review_table.c.id, review_table.c.version).where(
                review_table.c.link == link, review_table.c.state == ReviewState.OPEN
            )
        )
        return {row.id: row.version for row in rows}


def _new_questions(
    scratch: Database, link: str, asked: Mapping[int, int], limit: int | None
) -> list[PlannedQuestion]:
    with scratch.begin() as connection:
        rows = connection.execute(
            select(review_table.c.id, review_table.c.version)
            .where(review_table.c.link == link, review_table.c.state == ReviewState.OPEN)
            .order_by(review_table.c.id)
        ).all()
        new = [row.id for row in rows if asked.get(row.id) != row.version]
        return [_question(review.get(connection, review_id)) for review_id in new[:limit]]


def _question(item: ReviewItem) -> PlannedQuestion:
    return PlannedQuestion(
        kind=item.kind,
        object=item.object,
        canonical_id=item.canonical_id,
        system=item.system,
        native_id=item.native_id,
        field=item.field,
        question=item.question,
    )


_TO_SEND = and_(
    outbox_table.c.state.in_((PushState.INTENDED, PushState.PARKED)),
    not_(outbox.waits_beside()),
)


def _totals(scratch: Database, link: str) -> dict[str, dict[str, dict[str, int]]]:
    columns = (outbox_table.c.object, outbox_table.c.system, outbox_table.c.operation)
    with scratch.begin() as connection:
        rows = connection.execute(
            select(*columns, func.count())
            .where(outbox_table.c.link == link, _TO_SEND)
            .group_by(*columns)
            .order_by(*columns)
        ).all()
    totals: dict[str, dict[str, dict[str, int]]] = {}
    for object_name, system, operation, count in rows:
        totals.setdefault(object_name, {}).setdefault(system, {})[operation] = count
    return totals


def _waiting(scratch: Database, link: str) -> int:
    with scratch.begin() as connection:
        return connection.execute(
            select(func.count())
            .select_from(outbox_table)
            .where(
                outbox_table.c.link == link,
                outbox_table.c.state == PushState.PARKED,
                outbox.waits_beside(),
            )
        ).scalar_one()


def _writes(scratch: Database, link: Link, limit: int | None) -> list[PlannedWrite]:
    with scratch.begin() as connection:
        ids = connection.execute(
            select(outbox_table.c.id)
            .where(outbox_table.c.link == link.name, _TO_SEND)
            .order_by(outbox_table.c.id)
            .limit(limit)
        ).scalars()
        found: list[PlannedWrite] = []
        for part in _parts(list(ids)):
            intents = outbox.by_ids(connection, part)
            known = chains.load(connection, (intent.canonical_id for intent in intents))
            found += [
                _write(i, known[i.canonical_id], link.objects[i.object].mappings[i.system])
                for i in intents
            ]
    return found


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), COPIED_AT_ONCE):
        yield ids[start : start + COPIED_AT_ONCE]


def _write(intent: Intent, chain: Chain, mapping: CompiledMapping) -> PlannedWrite:
    side = chain.side(intent.system)
    held = side.values if side and intent.operation is not Operation.CREATE else {}
    return PlannedWrite(
        object=intent.object,
        canonical_id=intent.canonical_id,
        label=label(chain.values),
        system=intent.system,
        stream=intent.stream,
        operation=intent.operation,
        native_id=intent.native_id,
        fields=tuple(
            PlannedField(
                field=name,
                columns=mapping.fields[name].natives,
                before=held.get(name),
                after=value,
                cause=intent.cause.get(name, {}),
            )
            for name, value in intent.values.items()
        ),
    )
