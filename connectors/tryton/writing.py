"""Batches of writes: one call each, and what to do when Tryton refuses one.

A call is one transaction, so one bad record takes the whole batch down with it. The others must
not pay for that: what can be told at once (records that are gone or stale) is taken out, and the
rest is halved until the culprit stands alone. Nothing is written twice, since a refused call wrote
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.base import (
    Accepted,
    Deferred,
    Gone,
    Operation,
    Rejected,
    Stale,
    Unknown,
    Write,
    WriteResult,
)
from connectors.errors import ConnectorError, UnknownOutcomeError
from connectors.tryton.compose import Composer, ValueRefused, needs_street
from connectors.tryton.flatten import Row, View, stamps_of
from connectors.tryton.merging import Replacing
from connectors.tryton.rpc import STALE, Refusal, Rpc
from connectors.tryton.streams import CHILD_MODELS, Part, columns_named
from connectors.tryton.versions import Version, decode

PARTY = "party.party"
HALF_DONE = "tryton.half_done"
INACTIVE_TOO = {"active_test": False}


@dataclass(frozen=True, slots=True)
class _Job:
    """One write, ready to be sent.

    Attributes:
        index: its place in the batch.
        party: id of the party; 0 for a create.
        values: the party's native values.
        stamps: timestamps that make it conditional; empty when it is not.
        then: values for a second call, after this one.
    """

    index: int
    party: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)
    then: Mapping[str, Any] = field(default_factory=dict)


_Send = Callable[[Sequence[_Job]], Sequence[int]]
"""Sends jobs in one call; the ids of their parties, in order."""


@dataclass(slots=True)
class Batch:
    """The writes of one call of `Connector.write`; a result for each, however the calls go.

    Attributes:
        rpc: the database.
        composer: builds native commands for the stream.
        view: flattens rows of the stream.
        read: rows of the parties with these ids, all fields; missing ones are left out.
        writes: what to carry out.
    """

    rpc: Rpc
    composer: Composer
    view: View
    read: Callable[[Iterable[int]], list[Row]]
    writes: Sequence[Write]
    _results: dict[int, WriteResult] = field(default_factory=dict)
    _unfinished: list[_Job] = field(default_factory=list)

    def run(self) -> list[WriteResult]:
        """Carry the writes out: creates, then updates, deletes and merges.

        Raises:
            ConnectorError: nothing was carried out.
        """
        try:
            self._attempt(self._creates(), self._send_creates)
            self._attempt(self._updates(), self._send_updates)
            self._finish(self._unfinished)
            self._attempt(self._deletes(), self._send_deletes)
            self._merge()
        except ConnectorError as error:
            if not any(isinstance(r, Accepted | Unknown) for r in self._results.values()):
                raise
            # What has a result keeps it; the rest was certainly not carried out.
            rest = Deferred(error.code, getattr(error, "retry_after", 0.0))
            return [self._results.get(i, rest) for i in range(len(self.writes))]
        return [self._results[i] for i in range(len(self.writes))]

    # --- jobs ------------------------------------------------------------------------------------

    def _creates(self) -> list[_Job]:
        jobs = []
        for index, write in self._of(Operation.CREATE):
            try:
                native = self.composer.create(write.values, write.key)
            except ValueRefused as refused:
                self._reject(index, refused)
                continue
            # Tryton creates active parties only.
            then = {"active": False} if native.pop("active", True) is False else {}
            jobs.append(_Job(index, values=native, then=then))
        return jobs

    def _updates(self) -> list[_Job]:
        versions = self._versions()
        streets = self._streets(versions)
        jobs = []
        for index, (version, conditional) in versions.items():
            write = self.writes[index]
            party = _party(write)
            try:
                draft = self.composer.update(
                    str(party), write.values, version, streets.get(version.address_id)
                )
            except ValueRefused as refused:
                self._reject(index, refused)
                continue
            if not draft.values:
                self._results[index] = Accepted(str(party))
                continue
            stamps = draft.stamps if conditional else {}
            first, then = _steps(draft.values, version)
            jobs.append(_Job(index, party, first, stamps, then))
        return jobs

    def _deletes(self) -> list[_Job]:
        wanted = {index: _party(write) for index, write in self._of(Operation.DELETE)}
        if not wanted:
            return []
        # Tryton says nothing when a row to delete is not there, so we have to look.
        domain = [["id", "in", sorted(set(wanted.values()))]]
        found = set(self.rpc.read(PARTY, "search", domain, 0, None, None, context=INACTIVE_TOO))
        jobs = []
        for index, party in wanted.items():
            expected = self.writes[index].expected_version
            version = None if expected is None else decode(expected)
            if party not in found:
                self._results[index] = Gone()
            elif expected is not None and version is None:
                self._results[index] = Stale()
            else:
                jobs.append(_Job(index, party, stamps=version.stamps(party) if version else {}))
        return jobs

    def _merge(self) -> None:
        replacing = Replacing(self.rpc, self.read)
        for index, write in self._of(Operation.MERGE):
            self._results[index] = replacing.carry_out(write)
        for index, _ in self._of(Operation.UNMERGE):
            self._results[index] = Rejected("tryton.no_unmerge", "a replaced party stays replaced")

    def _of(self, operation: Operation) -> list[tuple[int, Write]]:
        return [(i, w) for i, w in enumerate(self.writes) if w.operation is operation]

    def _versions(self) -> dict[int, tuple[Version, bool]]:
        """Update → what its party consists of, and whether the write depends on that."""
        updates = self._of(Operation.UPDATE)
        blind = {_party(write) for _, write in updates if write.expected_version is None}
        rows = {row["id"]: row for row in self.read(blind)} if blind else {}
        versions = {}
        for index, write in updates:
            if write.expected_version is not None:
                version = decode(write.expected_version)
                if version is None:
                    self._results[index] = Stale()
                else:
                    versions[index] = (version, True)
            elif _party(write) in rows:
                versions[index] = (self.view.version(rows[_party(write)]), False)
            else:
                self._results[index] = Gone()
        return versions

    def _streets(self, versions: Mapping[int, tuple[Version, bool]]) -> dict[int | None, str]:
        """Address → text of its street, for the updates that need it."""
        wanted = [
            version.address_id
            for index, (version, _) in versions.items()
            if needs_street(self.writes[index].values, version)
        ]
        if not wanted:
            return {}
        rows = self.rpc.read(
            CHILD_MODELS[Part.ADDRESS],
            "search_read",
            [["id", "in", wanted]],
            *(0, None, None),
            ["street_unstructured"],
            context=INACTIVE_TOO,
        )
        return {row["id"]: row["street_unstructured"] for row in rows}

    # --- calls -----------------------------------------------------------------------------------

    def _send_creates(self, jobs: Sequence[_Job]) -> Sequence[int]:
        ids: list[int] = self.rpc.change(PARTY, "create", [job.values for job in jobs])
        return ids

    def _send_updates(self, jobs: Sequence[_Job]) -> Sequence[int]:
        pairs = [part for job in jobs for part in ([job.party], job.values)]
        self.rpc.change(PARTY, "write", *pairs, context=_condition(jobs))
        return [job.party for job in jobs]

    def _send_deletes(self, jobs: Sequence[_Job]) -> Sequence[int]:
        ids = list(dict.fromkeys(job.party for job in jobs))
        self.rpc.change(PARTY, "delete", ids, context=_condition(jobs))
        return [job.party for job in jobs]

    def _attempt(self, jobs: Sequence[_Job], send: _Send, *, sorted_out: bool = False) -> None:
        if not jobs:
            return
        try:
            ids = send(jobs)
        except UnknownOutcomeError as error:
            self._results |= {job.index: Unknown(error.code) for job in jobs}
        except Refusal as refusal:
            self._refused(jobs, send, refusal, sorted_out=sorted_out)
        else:
            for job, party in zip(jobs, ids, strict=True):
                self._results[job.index] = Accepted(str(party))
                if job.then:
                    self._unfinished.append(_Job(job.index, party, job.then))

    def _finish(self, jobs: Sequence[_Job]) -> None:
        """Second calls. Whatever befalls one, the first has been carried out: that is unknown."""
        if not jobs:
            return
        self._results |= {job.index: Unknown(HALF_DONE) for job in jobs}
        try:
            self._send_updates(jobs)
        except UnknownOutcomeError:
            return
        except Refusal:
            if len(jobs) > 1:
                middle = len(jobs) // 2
                self._finish(jobs[:middle])
                self._finish(jobs[middle:])
            return
        self._results |= {job.index: Accepted(str(job.party)) for job in jobs}

    def _refused(
        self, jobs: Sequence[_Job], send: _Send, refusal: Refusal, *, sorted_out: bool
    ) -> None:
        remaining = jobs if sorted_out or not jobs[0].party else self._sort_out(jobs)
        if len(remaining) < len(jobs):
            self._attempt(remaining, send, sorted_out=True)
        elif len(jobs) > 1:
            middle = len(jobs) // 2
            self._attempt(jobs[:middle], send, sorted_out=True)
            self._attempt(jobs[middle:], send, sorted_out=True)
        elif refusal.code == STALE:
            self._results[jobs[0].index] = Stale()
        else:
            columns = columns_named(self.view.stream, refusal.message, refusal.labels)
            given = self.writes[jobs[0].index].values
            self._results[jobs[0].index] = Rejected(
                refusal.code, refusal.message, tuple(c for c in columns if c in given)
            )

    def _sort_out(self, jobs: Sequence[_Job]) -> Sequence[_Job]:
        """Answer the jobs whose party is gone or stale; the others."""
        rows = {row["id"]: row for row in self.read({job.party for job in jobs})}
        remaining = []
        for job in jobs:
            row = rows.get(job.party)
            if row is None:
                self._results[job.index] = Gone()
            elif not job.stamps.items() <= stamps_of(row).items():
                self._results[job.index] = Stale()
            else:
                remaining.append(job)
        return remaining

    def _reject(self, index: int, refused: ValueRefused) -> None:
        self._results[index] = Rejected(refused.code, refused.message, refused.columns)


def _party(write: Write) -> int:
    """Id of the party to write; 0, which no party has, for what is not an id."""
    text = write.native_id or ""
    return int(text) if text.isdecimal() else 0


def _steps(values: Mapping[str, Any], version: Version) -> tuple[dict[str, Any], dict[str, Any]]:
    """What to write in the first call and what in the second.

    The own fields of an inactive party are frozen, even in the call that makes it active.

    >>> _steps({"active": True, "name": "A"}, Version("12.5", active=False))
    ({'active': True}, {'name': 'A'})
    >>> _steps({"active": False, "name": "A"}, Version("12.5"))
    ({'active': False, 'name': 'A'}, {})
    """
    if version.active or not values.get("active"):
        return dict(values), {}
    rest = {name: value for name, value in values.items() if name != "active"}
    return {"active": True}, rest


def _condition(jobs: Iterable[_Job]) -> dict[str, Any]:
    stamps = {key: stamp for job in jobs for key, stamp in job.stamps.items()}
    return {"_timestamp": stamps} if stamps else {}
