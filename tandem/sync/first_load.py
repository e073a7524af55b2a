"""The first load of two full systems, cut so that several workers settle it side by side.

    shares    what is to be looked at, in shares                       under the lease
    look      translate the rows of a share, note what finds them      several at a time, no lease
    cut       what hangs together into one bundle; pass the lease on   under the lease
    settle    one bundle, batch by batch                               several under one lease

Once for each object, parents first: contacts are matched by their account. What cannot be looked at
ahead stays in the inbox for the one worker that comes after: deletions, hints, records without a
reading or without their parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache

import orjson
import structlog
from sqlalchemy import Connection

from tandem.mapping.compiler import Reading
from tandem.mapping.transforms import NativeReference
from tandem.matching.incremental import Values
from tandem.matching.parts import bundles, parts
from tandem.state import audit, first_load, inbox, lease
from tandem.state.first_load import Looked
from tandem.state.inbox import Arrival
from tandem.state.lease import Lease
from tandem.sync.contracts import working
from tandem.sync.match import evidence
from tandem.sync.normalise import normalise
from tandem.sync.pipeline import Pipeline
from tandem.sync.types import Link, ObjectRules
from tandem.sync.waiting import References

log = structlog.get_logger(__name__)

BUNDLE = 10_000
"""Rows of a share and of a bundle: a minute's work or less, so that many workers find enough."""

LEAST = 2 * BUNDLE
"""Rows from which on cutting is worth the two looks at each of them."""

MOST_BUNDLES = 64

HOLDER = "batch:bundles"
"""Holds the lease on behalf of all who settle bundles."""

HELD = timedelta(minutes=10)
"""How long the lease outlives the last sign of those who settle: tasks have to find a worker."""

_DECODED = 50_000
"""Records whose evidence is kept at hand while pairs are judged."""

Share = tuple[int, int]
"""First and last id of rows of the inbox."""


class FirstLoad(Pipeline):
    """Prepares a first load and cuts it; opened and closed like any run."""

    _duration = HELD
    _worked: tuple[str, ...] = ()
    _passed_on = False

    def shares(self, object_name: str, *, least: int, rows: int) -> list[Share]:
        """What is to be looked at; nothing where one worker does as well.

        The gates judge the load first, and objects before this one are brought in.
        """
        if self._recovering or not self._is_large(object_name, least):
            return []
        names = list(self._link.objects)
        self._worked = tuple(names[: names.index(object_name)])
        self.settle_doubts()
        self.drain(push=False)
        with self._begin() as connection:
            first_load.forget(connection, self._link.name, object_name)
            return first_load.shares(connection, self._link.name, object_name, rows)

    def cut(self, object_name: str, *, rows: int, most: int = MOST_BUNDLES) -> list[int]:
        """Numbers of the bundles, fullest first; none where somebody has begun to settle."""
        name = self._link.name
        with self._begin() as connection:
            if not first_load.is_first(connection, object_name):
                return []
            looked = _LookedAt(first_load.looked_at(connection, name, object_name))
        matcher = self._link.objects[object_name].matcher
        found = parts(looked.found_by, looked.tied_by, looked.evidence, matcher)
        count = max(1, min(most, len(looked.found_by) // rows))
        cut = bundles(found, count)
        with self._begin() as connection:
            first_load.bundle(connection, cut)
        self.counts.add("parts", len(found))
        self.counts.add("bundles", len(cut))
        log.info("load.cut", link=name, object=object_name, parts=len(found), bundles=len(cut))
        return list(range(len(cut)))

    def pass_on(self) -> int:
        """Leave the lease to those who settle the bundles. Returns its token."""
        assert self._lease is not None
        with self._begin() as connection:
            self._lease = lease.pass_on(connection, self._lease, HOLDER, self._clock.now() + HELD)
        self._passed_on = True
        return self._lease.token

    def _claim(self, connection: Connection) -> list[Arrival]:
        return inbox.claim(
            connection, link=self._link.name, objects=self._worked, limit=self._batch
        )

    def _give_back(self, connection: Connection) -> None:
        if not self._passed_on:
            super()._give_back(connection)

    def _is_large(self, object_name: str, least: int) -> bool:
        with self._begin() as connection:
            return (
                first_load.is_first(connection, object_name)
                and first_load.size(connection, self._link.name, object_name) >= least
            )


class Settler(Pipeline):
    """Settles one bundle. Others settle theirs meanwhile under the same lease.

    Each proves it last in its transactions, for as long as it takes to store them: so they do not
    wait for each other, and whoever takes the link over waits for all and fences them all off.
    """

    _duration = HELD

    def join(self, token: int) -> None:
        """Begin a run under the lease that `FirstLoad.pass_on` has left."""
        self._lease = Lease(self._link.name, token, HOLDER)
        with self._begin() as connection:
            audit.start_run(connection, self.run_id, self._link.name, self._lane, self._clock.now())
        self._begin_run()

    def settle(self, object_name: str, bundle: int) -> None:
        """Work a bundle off.

        Raises:
            FencedError: another worker has taken the link over; it works off what is left.
        """
        self._bundle = (object_name, bundle)
        self.work_off()
        with self._begin() as connection:
            first_load.forget(connection, self._link.name, object_name, bundle)

    def _claim(self, connection: Connection) -> list[Arrival]:
        assert self._lease is not None
        # The only moment at which they wait for each other: the lease lives on while one works.
        lease.prove(connection, self._lease, self._clock.now(), HELD)
        return first_load.claim(connection, self._link.name, *self._bundle, self._batch)

    def _give_back(self, connection: Connection) -> None:
        """Others may still settle; whoever comes after them ends their lease."""

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        assert self._lease is not None, "join() comes first"
        with self._database.begin() as connection:
            yield connection
            lease.prove_beside(connection, self._lease)


def look(connection: Connection, link: Link, object_name: str, share: Share) -> int:
    """Note what finds the rows of a share. Needs no lease: nothing follows from it by itself.

    Returns how many could be looked at.
    """
    rules = working(link, connection).objects[object_name]
    count = 0
    for arrivals in first_load.arrivals(connection, link.name, object_name, share):
        looked = _look(connection, link, rules, arrivals)
        first_load.add(connection, link.name, object_name, looked)
        count += len(looked)
    return count


def _look(
    connection: Connection, link: Link, rules: ObjectRules, arrivals: Sequence[Arrival]
) -> list[Looked]:
    read: list[tuple[Arrival, Reading | None]] = []
    for arrival in arrivals:
        mapping = rules.mappings.get(arrival.system)
        if mapping is not None and arrival.record is not None:
            reading = normalise(arrival.record, mapping, link.name)
            if isinstance(reading, Reading):
                read.append((arrival, reading))
    above = {name: o for name, o in rules.references.items() if o != rules.object}
    resolved = References(connection, above, set()).resolve(read, set())
    return [_looked(rules, arrival, reading) for arrival, reading in resolved.ready if reading]


def _looked(rules: ObjectRules, arrival: Arrival, reading: Reading) -> Looked:
    values = reading.values
    known = {n: value for n, value in values.items() if not isinstance(value, NativeReference)}
    own = evidence(rules.object, known)
    parents = [
        inbox.waiting_for((arrival.system, value.stream, value.native_id))
        for value in values.values()
        if isinstance(value, NativeReference)
    ]
    ties = [inbox.waiting_for(arrival.key), *parents]
    return Looked(arrival.id, own, rules.matcher.keys(own), ties)


class _LookedAt:
    """The rows of a load. What they say is kept packed: a load may have a million of them."""

    def __init__(self, rows: Iterator[Looked]) -> None:
        self.found_by: dict[int, tuple[str, ...]] = {}
        self.tied_by: dict[int, tuple[str, ...]] = {}
        self._packed: dict[int, bytes] = {}
        for row in rows:
            self.found_by[row.inbox_id] = tuple(row.found_by)
            self.tied_by[row.inbox_id] = tuple(row.tied_by)
            # orjson leaves kilobytes of room behind what it gives: a copy has none.
            self._packed[row.inbox_id] = bytes(bytearray(orjson.dumps(row.evidence)))
        self.evidence = lru_cache(_DECODED)(self._evidence)

    def _evidence(self, inbox_id: int) -> Values:
        values: Values = orjson.loads(self._packed[inbox_id])
        return values
