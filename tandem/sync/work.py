"""Work: what the parts of one batch share: the state, the rules, the moment, the chains at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tandem.clock import IdSource
from tandem.state import audit
from tandem.state import chain as chains
from tandem.state.chain import Chain, Side
from tandem.sync.types import Counts, Key, Link, ObjectRules


@dataclass(slots=True)
class Work:
    """One batch of one object, in one transaction.

    Attributes:
        missing: records that references look for in vain.
        known: native record → its canonical id.
        chains: the one `Chain` of each canonical id that anybody has asked for.
        candidates: chains that were loaded to compare newcomers with.
        touched: those to be settled and saved with the batch, in the order in which they came up.
        counts: what the batch has done.
    """

    connection: Connection
    link: Link
    rules: ObjectRules
    now: datetime
    run_id: str
    ids: IdSource
    missing: set[Key]
    known: dict[Key, str] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)
    candidates: dict[str, Chain] = field(default_factory=dict)
    touched: dict[str, None] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    def chain(self, canonical_id: str) -> Chain:
        """A chain to be looked at."""
        chain = self.chains.get(canonical_id) or self.candidates.get(canonical_id)
        if chain is None:
            chain = chains.load(self.connection, [canonical_id])[canonical_id]
        return self.chains.setdefault(canonical_id, chain)

    def touch(self, canonical_id: str) -> Chain:
        """A chain that will be settled and saved with the batch."""
        self.touched[canonical_id] = None
        return self.chain(canonical_id)

    def to_settle(self) -> list[Chain]:
        """The chains that have been touched so far."""
        return [self.chains[canonical_id] for canonical_id in self.touched]

    def holder(self, key: Key) -> tuple[Chain, Side]:
        """The chain that a known record belongs to by now, and its side; it is touched."""
        first = self.touch(self.known[key])
        for chain in (first, *self.chains.values()):
            for side in chain.sides:
                if side.key == key:
                    return chain, side
        raise AssertionError("a record of the crosswalk belongs to a chain")

    def fact(
        self,
        action: str,
        chain: Chain,
        side: Side | None = None,
        *,
        cause: dict[str, Any],
        before: Any = None,
        after: Any = None,
        actor: str = audit.ENGINE,
    ) -> dict[str, Any]:
        """A row for the audit, of this run and moment."""
        return audit.fact(
            self.now,
            self.link.name,
            action,
            object_name=chain.object,
            canonical_id=chain.id,
            system=side.system if side else None,
            native_id=side.native_id if side else None,
            before=before,
            after=after,
            cause=cause,
            actor=actor,
            run_id=self.run_id,
        )
