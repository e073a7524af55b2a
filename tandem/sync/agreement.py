"""Agreement: do the systems of a link hold the same, field by field? Read afresh from the systems.

A difference is *named* when somebody has been asked about it, or when it is a dead letter whose
reason is kept. What is left over is divergence, and there should be none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from connectors.base import Record
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.schema import Direction
from tandem.mapping.transforms import NativeReference
from tandem.model.fields import same
from tandem.state import chain as chains
from tandem.state import inbox, outbox, quarantine, review
from tandem.state.bulk import chunks
from tandem.state.chain import Chain, ChainState, Side
from tandem.state.database import Database
from tandem.state.tables import canonical
from tandem.sync.contracts import working
from tandem.sync.types import Link, ObjectRules


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which a system does not show the golden value."""

    object: str
    canonical_id: str
    system: str
    native_id: str | None
    field: str


@dataclass(slots=True)
class Agreement:
    """What a comparison found.

    Attributes:
        records: native records read, by system.
        pairs: canonical records that are linked in every system that holds their object.
        fields: field values compared.
        named: differences that an open review item or a dead letter names.
        divergent: those that nobody knows about.
    """

    records: dict[str, int] = field(default_factory=dict)
    pairs: int = 0
    fields: int = 0
    named: list[Difference] = field(default_factory=list)
    divergent: list[Difference] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Every difference is named."""
        return not self.divergent

    @property
    def share(self) -> float:
        """Share of the compared field values that agree; 1.0 when there are none."""
        differing = len(self.named) + len(self.divergent)
        return 1.0 if not self.fields else 1 - differing / self.fields


def compare(link: Link, database: Database) -> Agreement:
    """Read every record of every system and compare it with the golden record of its chain."""
    found = Agreement()
    with database.begin() as connection:
        # What rests is named by a question; it is not compared.
        link = working(link, connection)
    for rules in link.objects.values():
        shown = {
            system: dict(_read(link, mapping, found)) for system, mapping in rules.mappings.items()
        }
        with database.begin() as connection:
            ids = (
                connection.execute(
                    select(canonical.c.id).where(
                        canonical.c.link == link.name,
                        canonical.c.object == rules.object,
                        canonical.c.state == ChainState.LIVE,
                    )
                )
                .scalars()
                .all()
            )
            for chunk in chunks(ids):
                _compare(connection, rules, chunk, shown, found)
    return found


def _read(link: Link, mapping: CompiledMapping, found: Agreement) -> Iterator[tuple[str, Record]]:
    connector = link.connectors[mapping.system]
    for page in connector.read_changes(mapping.stream, mapping.columns, None):
        for record in page.records:
            if not record.deleted:
                yield record.native_id, record
    found.records.setdefault(mapping.system, 0)


def _compare(
    connection: Connection,
    rules: ObjectRules,
    ids: list[str],
    shown: dict[str, dict[str, Record]],
    found: Agreement,
) -> None:
    intents = outbox.open_for(connection, ids)
    items = review.for_chains(connection, ids)
    contested = review.contested(connection, ids)
    loaded = chains.load(connection, ids).values()
    aside = _set_aside(connection, [side.key for chain in loaded for side in chain.sides])
    for chain in loaded:
        known = {(i.system, i.field) for i in items.get(chain.id, ())}
        known |= {(None, i.field) for i in items.get(chain.id, ()) if i.system is None}
        dead = {(i.system, name) for i in intents.get(chain.id, ()) for name in i.values}
        sides = 0
        for system, mapping in rules.mappings.items():
            side = chain.side(system)
            if side is None:
                asked = (chain.id, system) in contested or any(s == system for s, _ in known)
                asked = asked or any(s == system for s, _ in dead)
                # Its create waits for what waits itself: for a person, or for another record.
                asked = asked or any(each.key in aside for each in chain.sides)
                if rules.makes(chain, system) and not asked:
                    found.divergent.append(Difference(chain.object, chain.id, system, None, "*"))
                continue
            sides += 1
            record = shown[system].get(side.native_id)
            found.records[system] = found.records.get(system, 0) + (record is not None)
            for name in _differing(connection, chain, side, record, mapping, rules, found):
                difference = Difference(chain.object, chain.id, system, side.native_id, name)
                is_named = (
                    (system, name) in known
                    or (None, name) in known
                    or (system, name) in dead
                    or any(f is None for _, f in known)
                    or side.key in aside
                    or side.awaits(name)
                )
                (found.named if is_named else found.divergent).append(difference)
        found.pairs += sides == len(rules.mappings)


def _set_aside(
    connection: Connection, keys: list[tuple[str, str, str]]
) -> set[tuple[str, str, str]]:
    """Records in quarantine, and those whose news wait for a person or for another record."""
    return quarantine.among(connection, keys) | inbox.waiting(connection, keys)


def _differing(
    connection: Connection,
    chain: Chain,
    side: Side,
    record: Record | None,
    mapping: CompiledMapping,
    rules: ObjectRules,
    found: Agreement,
) -> Iterator[str]:
    if record is None:
        yield "*"
        return
    reading = mapping.read(record.values, chain.values)
    for name, mapped in mapping.fields.items():
        if mapped.direction is Direction.READ:
            continue
        found.fields += 1
        golden = chain.values.get(name)
        value: Any = reading.values.get(name)
        if isinstance(value, NativeReference):
            key = (side.system, value.stream, value.native_id)
            value = chains.find(connection, [key]).get(key)
        if name in rules.references and value is None and golden is not None:
            # What was deleted there cannot be referred to there.
            value = None if chains.native_ids(connection, [golden], side.system) else golden
        kind = rules.kinds[name]
        agrees = name in reading.values and (
            same(kind, value, golden) or same(kind, value, mapping.echo(name, golden))
        )
        if not agrees:
            yield name
