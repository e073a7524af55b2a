"""What quality gates found, batch by batch, and how long the last full listings were.

Only figures and native ids are kept here, never a value of a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tandem.model.quality import GOOD, Finding, Outcome, Past, Rule, Severity, Verdict
from tandem.state.bulk import upsert
from tandem.state.tables import gate_result, listing


@dataclass(frozen=True, slots=True)
class GateResult:
    """One batch that went through a gate.

    Attributes:
        rows: records in the batch.
        listed: records of the full listing that it came from; None for other batches.
        held: records that were kept from going on; they may have been decided on since.
        findings: every expectation and how it was met.
        null_rates: canonical field → share of the batch in which it was empty.
        rules: digest of the configured rules that it was judged by.
    """

    id: int
    link: str
    object: str
    system: str
    run_id: str | None
    at: datetime
    outcome: Outcome
    rows: int
    listed: int | None
    held: int
    findings: tuple[Finding, ...]
    null_rates: Mapping[str, float]
    rules: str

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The findings that are not met."""
        return tuple(finding for finding in self.findings if not finding.met)


def _finding(stored: Mapping[str, Any]) -> Finding:
    low, high = stored["allowed"]
    return Finding(
        name=stored["name"],
        rule=Rule(stored["rule"]),
        severity=Severity(stored["severity"]),
        field=stored["field"],
        columns=tuple(stored["columns"]),
        met=stored["met"],
        failed=stored["failed"],
        observed=stored["observed"],
        allowed=(low, high),
        native_ids=tuple(stored["native_ids"]),
    )


def _result(row: Any) -> GateResult:
    return GateResult(
        id=row.id,
        link=row.link,
        object=row.object,
        system=row.system,
        run_id=row.run_id,
        at=row.at,
        outcome=Outcome(row.outcome),
        rows=row.rows,
        listed=row.listed,
        held=row.held,
        findings=tuple(map(_finding, row.findings)),
        null_rates=row.null_rates,
        rules=row.rules,
    )


def add(
    connection: Connection,
    verdict: Verdict,
    *,
    link: str,
    object_name: str,
    system: str,
    held: int,
    rules: str,
    run_id: str,
    at: datetime,
) -> int:
    """Keep what a gate found. Returns the result's id."""
    row = {
        "link": link,
        "object": object_name,
        "system": system,
        "run_id": run_id,
        "at": at,
        "outcome": verdict.outcome,
        "rows": verdict.rows,
        "listed": verdict.listed,
        "held": held,
        "findings": [asdict(finding) for finding in verdict.findings],
        "null_rates": dict(verdict.null_rates),
        "rules": rules,
    }
    added = connection.execute(insert(gate_result).values(row).returning(gate_result.c.id))
    return int(added.scalar_one())


def conclude(connection: Connection, result_id: int, outcome: Outcome) -> None:
    """Note what a person, or the course of things, made of a batch that was held as a whole."""
    connection.execute(
        update(gate_result)
        .where(gate_result.c.id == result_id, gate_result.c.outcome == Outcome.HELD)
        .values(outcome=outcome)
    )


def get(connection: Connection, result_id: int) -> GateResult:
    """One result; it exists, because questions name only results that were stored with them."""
    row = connection.execute(select(gate_result).where(gate_result.c.id == result_id)).one()
    return _result(row)


def results(
    connection: Connection,
    link: str,
    *,
    object_name: str | None = None,
    system: str | None = None,
    limit: int = 20,
) -> list[GateResult]:
    """The latest results of a link, newest first."""
    query = select(gate_result).where(gate_result.c.link == link)
    if object_name:
        query = query.where(gate_result.c.object == object_name)
    if system:
        query = query.where(gate_result.c.system == system)
    rows = connection.execute(query.order_by(gate_result.c.id.desc()).limit(limit))
    return [_result(row) for row in rows]


def past(connection: Connection, link: str, object_name: str, system: str, count: int) -> Past:
    """What the last good batches of one stream looked like."""
    rows = connection.execute(
        select(gate_result.c.null_rates, gate_result.c.listed)
        .where(
            gate_result.c.link == link,
            gate_result.c.object == object_name,
            gate_result.c.system == system,
            gate_result.c.outcome.in_(GOOD),
        )
        .order_by(gate_result.c.id.desc())
        .limit(count)
    ).all()
    return Past(
        null_rates=tuple(row.null_rates for row in rows),
        listed=tuple(row.listed for row in rows if row.listed is not None),
    )


# Full listings


def note_listing(
    connection: Connection, link: str, object_name: str, system: str, rows: int, at: datetime
) -> None:
    """Keep how many records a full listing held, for the gate that its news will come to."""
    row = {"link": link, "object": object_name, "system": system, "rows": rows, "at": at}
    upsert(connection, listing, [row])


def last_listing(connection: Connection, link: str, object_name: str, system: str) -> int | None:
    """Length of the full listing that no gate has seen yet."""
    return connection.execute(
        select(listing.c.rows).where(*_of(link, object_name, system))
    ).scalar()


def forget_listing(connection: Connection, link: str, object_name: str, system: str) -> None:
    """A gate has seen it: what comes next is another batch."""
    connection.execute(delete(listing).where(*_of(link, object_name, system)))


def _of(link: str, object_name: str, system: str) -> tuple[Any, ...]:
    return (
        listing.c.link == link,
        listing.c.object == object_name,
        listing.c.system == system,
    )
