# ruff: noqa: D102 - the tests' names are their sentences
"""The rules of `connectors.base` as tests: subclass, say how to reach your system, run pytest.

    class TestAcme(ConnectorContract):
        stream = "customers"

        @pytest.fixture
        def connector(self) -> Iterator[Connector]:
            connector = acme.build({"url": SANDBOX, "read_batch": 4})
            yield connector
            connector.close()

        @pytest.fixture
        def outside(self) -> Outside:
            return ThroughConnector(acme.build({"url": SANDBOX}), self.stream)

        def sample(self, number: int) -> Values:
            return {"name": f"Acme {number}", "phone": f"+49 30 {number:06}"}

Every test makes the records it needs and looks at those only, so a system that already holds
others serves as well. What a system cannot do, it says in its capabilities; the tests that need it
are then skipped, with that as the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Protocol
from uuid import uuid4

import pytest

from connectors.base import (
    Accepted,
    Connector,
    Cursor,
    Gone,
    Idempotency,
    Operation,
    Page,
    Record,
    Rejected,
    Stale,
    Values,
    Write,
)
from connectors.errors import RecordError

NO_SUCH = "no_such_thing"
"""A name that no stream, column or directory bears."""


class Outside(Protocol):
    """Somebody else at work in the system, not through the connector under test."""

    def insert(self, values: Values) -> str:
        """Make a record; its native id."""

    def edit(self, native_id: str, values: Values) -> None:
        """Set some columns of a record."""

    def remove(self, native_id: str) -> None:
        """Delete a record."""


class ThroughConnector:
    """Somebody at work through a connector of their own, for systems without another door."""

    def __init__(self, connector: Connector, stream: str) -> None:
        self._connector = connector
        self._stream = stream

    def insert(self, values: Values) -> str:
        """See `Outside`."""
        return self._write(Write(Operation.CREATE, _key(), None, values)).native_id

    def edit(self, native_id: str, values: Values) -> None:
        """See `Outside`."""
        self._write(Write(Operation.UPDATE, _key(), native_id, values))

    def remove(self, native_id: str) -> None:
        """See `Outside`."""
        self._write(Write(Operation.DELETE, _key(), native_id))

    def _write(self, write: Write) -> Accepted:
        (result,) = self._connector.write(self._stream, [write])
        return _accepted(result)


class ConnectorContract:
    """Tests that every connector passes.

    Give the two fixtures and `sample`; override the rest where your system needs it.

    Attributes:
        stream: a stream that can be read and written.
        missing_id: an id of the right shape that no record has.
    """

    stream: str
    missing_id: str = "999999999"

    @pytest.fixture
    def connector(self) -> Any:
        """The connector under test, with pages of at most ten records."""
        raise NotImplementedError

    @pytest.fixture
    def outside(self, connector: Connector) -> Outside:
        """Somebody else at work in the same system."""
        raise NotImplementedError

    def sample(self, number: int) -> Values:
        """Writable values of a record; two or more columns, all different for each number.

        As a read gives them back: text in the system's own shape.
        """
        raise NotImplementedError

    def settle(self) -> None:
        """Wait (or move a fake's clock) until what was just done can be read.

        For systems with coarse timestamps or an index that lags.
        """

    def now(self) -> datetime:
        """The system's clock, UTC; for fakes whose time is not ours."""
        return datetime.now(UTC)

    # --- what it says about itself --------------------------------------------------------------

    def test_it_has_the_shape_of_a_connector(self, connector: Connector) -> None:
        assert isinstance(connector, Connector)
        assert connector.capabilities.write_batch >= 1
        assert 1 <= connector.capabilities.read_batch <= 10, "build it with small pages"

    def test_check_is_cheap_and_counted(self, connector: Connector) -> None:
        connector.check()  # may log in first
        before = connector.calls
        assert connector.check().product
        assert connector.calls == before + 1

    def test_streams_describe_themselves(self, connector: Connector) -> None:
        assert self.stream in connector.streams()
        spec = connector.describe(self.stream)
        assert spec.stream == self.stream
        assert all(name == column.name for name, column in spec.columns.items())
        for name in self.sample(0):
            assert spec.columns[name].writable, name
        required = {c.name for c in spec.columns.values() if c.required and c.writable}
        assert required <= set(self.sample(0)), "the sample leaves out a required column"

    def test_names_that_do_not_exist_are_record_errors(self, connector: Connector) -> None:
        with pytest.raises(RecordError):
            connector.describe(NO_SUCH)
        with pytest.raises(RecordError):
            connector.directory(NO_SUCH)
        with pytest.raises(RecordError):
            list(connector.read_changes(NO_SUCH, self._columns, None))
        with pytest.raises(RecordError):
            list(connector.read_changes(self.stream, [NO_SUCH], None))
        with pytest.raises(RecordError):
            connector.read(self.stream, [NO_SUCH], [self.missing_id])

    # --- reading --------------------------------------------------------------------------------

    def test_stopping_after_any_page_loses_nothing(
        self, connector: Connector, outside: Outside
    ) -> None:
        batch = connector.capabilities.read_batch
        made = {outside.insert(self.sample(number)) for number in range(2 * batch + 1)}
        self.settle()
        pages = self._pages(connector)
        assert len(pages) > 2
        assert all(len(page.records) <= batch for page in pages)
        assert made <= _ids(pages)
        for stop in range(1, len(pages) + 1):
            resumed = self._pages(connector, pages[stop - 1].cursor)
            assert made <= _ids(pages[:stop]) | _ids(resumed), f"lost after page {stop}"

    def test_records_say_what_was_asked(self, connector: Connector, outside: Outside) -> None:
        native_id = outside.insert(self.sample(1))
        self.settle()
        (name, *_) = self._columns
        record = _last(self._pages(connector, columns=[name]), native_id)
        assert record.stream == self.stream
        assert record.values == {name: self.sample(1)[name]}
        assert record.version
        assert not record.deleted
        _assert_utc(record.modified_at)

    def test_a_cycle_without_changes_costs_one_call(
        self, connector: Connector, outside: Outside
    ) -> None:
        outside.insert(self.sample(1))
        self.settle()
        cursor = self._caught_up(connector)
        before = connector.calls
        assert self._pages(connector, cursor), "at least one page, be it empty"
        assert connector.calls - before <= 1

    def test_a_change_arrives_with_another_version(
        self, connector: Connector, outside: Outside
    ) -> None:
        native_id = outside.insert(self.sample(1))
        outside.insert(self.sample(2))
        self.settle()
        first = _last(self._pages(connector), native_id)
        cursor = self._caught_up(connector)
        outside.edit(native_id, self.sample(3))
        self.settle()
        second = _last(self._pages(connector, cursor), native_id)
        assert second.values == self.sample(3)
        assert second.version != first.version
        _assert_utc(second.modified_at)

    def test_a_record_made_after_the_cursor_arrives(
        self, connector: Connector, outside: Outside
    ) -> None:
        cursor = self._caught_up(connector)
        native_id = outside.insert(self.sample(1))
        self.settle()
        assert _last(self._pages(connector, cursor), native_id).values == self.sample(1)

    def test_a_deletion_is_seen(self, connector: Connector, outside: Outside) -> None:
        native_id, other = (outside.insert(self.sample(number)) for number in (1, 2))
        self.settle()
        cursor = self._caught_up(connector)
        outside.remove(native_id)
        self.settle()
        if connector.capabilities.tombstones:
            gone = _last(self._pages(connector, cursor), native_id)
            assert gone.deleted
            assert gone.values == {}
            _assert_utc(gone.modified_at)
        live = {r.native_id for p in self._pages(connector) for r in p.records if not r.deleted}
        assert other in live
        assert native_id not in live
        (tombstone,) = connector.read(self.stream, self._columns, [native_id])
        assert tombstone.deleted

    def test_reading_from_a_moment(self, connector: Connector, outside: Outside) -> None:
        native_id = outside.insert(self.sample(1))
        self.settle()
        _last(self._pages(connector), native_id)
        cursor = connector.cursor_at(self.stream, self.now() - timedelta(days=1))
        assert native_id in _ids(self._pages(connector, cursor))

    def test_reading_by_id(self, connector: Connector, outside: Outside) -> None:
        native_ids = [outside.insert(self.sample(number)) for number in range(12)]
        self.settle()
        records = connector.read(self.stream, self._columns, [*native_ids, self.missing_id])
        by_id = {record.native_id: record for record in records}
        assert len(records) == len(by_id) == 13
        assert [by_id[i].values for i in native_ids] == [self.sample(n) for n in range(12)]
        assert by_id[self.missing_id].deleted
        assert by_id[self.missing_id].values == {}
        assert connector.read(self.stream, self._columns, []) == []

    def test_both_ways_of_reading_agree(self, connector: Connector, outside: Outside) -> None:
        native_id = outside.insert(self.sample(1))
        self.settle()
        (record,) = connector.read(self.stream, self._columns, [native_id])
        assert record == _last(self._pages(connector), native_id)

    # --- writing --------------------------------------------------------------------------------

    def test_one_result_per_write_in_order(self, connector: Connector) -> None:
        writes = [self._create(number) for number in range(5)]
        results = connector.write(self.stream, writes)
        native_ids = [_accepted(result).native_id for result in results]
        self.settle()
        assert [self._read(connector, i).values for i in native_ids] == [w.values for w in writes]
        assert connector.write(self.stream, []) == []

    def test_the_told_version_is_the_one_that_is_read(self, connector: Connector) -> None:
        told = _accepted(self._write(connector, self._create(1)))
        for number in (2, 3):
            if told.version is None:
                pytest.skip("the system does not tell the version of a record just written")
            self.settle()
            assert told.version == self._read(connector, told.native_id).version
            update = self._update(told.native_id, self.sample(number))
            told = _accepted(self._write(connector, update))

    def test_an_update_touches_the_named_columns_only(
        self, connector: Connector, outside: Outside
    ) -> None:
        native_id = outside.insert(self.sample(1))
        self.settle()
        name, *others = self._columns
        _accepted(self._write(connector, self._update(native_id, {name: self.sample(2)[name]})))
        self.settle()
        values = self._read(connector, native_id).values
        assert values[name] == self.sample(2)[name]
        assert {n: values[n] for n in others} == {n: self.sample(1)[n] for n in others}

    def test_a_bad_write_fails_alone(self, connector: Connector) -> None:
        bad = Write(Operation.CREATE, _key(), None, {**self.sample(2), NO_SUCH: "x"})
        results = connector.write(self.stream, [self._create(1), bad, self._create(3)])
        assert [type(result) for result in results] == [Accepted, Rejected, Accepted]

    def test_a_delete_leaves_a_tombstone(self, connector: Connector, outside: Outside) -> None:
        if not connector.capabilities.deletes:
            pytest.skip("the system cannot delete")
        native_id = outside.insert(self.sample(1))
        self.settle()
        write = Write(Operation.DELETE, _key(), native_id)
        assert _accepted(self._write(connector, write)).native_id == native_id
        self.settle()
        assert self._read(connector, native_id).deleted
        again = Write(Operation.DELETE, _key(), native_id)
        assert isinstance(self._write(connector, again), Gone)

    def test_what_is_not_there_is_gone(self, connector: Connector) -> None:
        update = self._update(self.missing_id, self.sample(1))
        results = connector.write(self.stream, [self._create(1), update, self._create(2)])
        assert [type(result) for result in results] == [Accepted, Gone, Accepted]

    def test_a_conditional_write_notices_the_other(
        self, connector: Connector, outside: Outside
    ) -> None:
        if not connector.capabilities.conditional_writes:
            pytest.skip("the system has no conditional writes")
        native_id = outside.insert(self.sample(1))
        self.settle()
        seen = self._read(connector, native_id).version
        outside.edit(native_id, self.sample(2))
        self.settle()
        stale = [
            Write(Operation.UPDATE, _key(), native_id, self.sample(3), seen),
            *([Write(Operation.DELETE, _key(), native_id, {}, seen)] * self._deletes(connector)),
        ]
        for write in stale:
            assert isinstance(self._write(connector, write), Stale)
        current = self._read(connector, native_id)
        assert current.values == self.sample(2)
        fresh = Write(Operation.UPDATE, _key(), native_id, self.sample(3), current.version)
        _accepted(self._write(connector, fresh))
        assert self._read(connector, native_id).values == self.sample(3)

    def test_a_repeated_create_makes_one_record(self, connector: Connector) -> None:
        kind = connector.capabilities.idempotency
        if kind not in (Idempotency.KEY, Idempotency.EXTERNAL_ID):
            pytest.skip(f"idempotency of this system is {kind.value!r}: the engine probes instead")
        create = self._create(1)
        first = _accepted(self._write(connector, create))
        self.settle()
        assert _accepted(self._write(connector, create)).native_id == first.native_id
        self.settle()
        records = [r for page in self._pages(connector) for r in page.records if not r.deleted]
        alike = {r.native_id for r in records if r.values == self.sample(1)}
        assert first.native_id in alike
        assert len(alike) == 1

    def test_a_create_is_found_by_its_key(self, connector: Connector) -> None:
        kind = connector.capabilities.idempotency
        if kind not in (Idempotency.EXTERNAL_ID, Idempotency.MARKER):
            pytest.skip(f"idempotency of this system is {kind.value!r}: nothing to find")
        first, second = self._create(1), self._create(2)
        assert connector.find(self.stream, first.key) is None
        made = _accepted(self._write(connector, first)).native_id
        _accepted(self._write(connector, second))
        self.settle()
        assert connector.find(self.stream, first.key) == made
        assert connector.find(self.stream, _key()) is None

    def test_a_merged_record_names_the_survivor(
        self, connector: Connector, outside: Outside
    ) -> None:
        self._needs("merges", connector)
        survivor, loser = (outside.insert(self.sample(number)) for number in (1, 2))
        self.settle()
        cursor = self._caught_up(connector)
        merge = Write(Operation.MERGE, _key(), loser, into=survivor)
        for _ in range(2):  # what is merged already is fine
            assert _accepted(self._write(connector, merge)).native_id == loser
            self.settle()
        gone = self._read(connector, loser)
        assert (gone.deleted, gone.merged_into, gone.values) == (True, survivor, {})
        if connector.capabilities.tombstones:
            assert _last(self._pages(connector, cursor), loser).merged_into == survivor
        assert not self._read(connector, survivor).deleted
        merge = Write(Operation.MERGE, _key(), survivor, into=self.missing_id)
        assert not isinstance(self._write(connector, merge), Accepted)
        assert not self._read(connector, survivor).deleted

    def test_an_unmerged_record_is_there_again(
        self, connector: Connector, outside: Outside
    ) -> None:
        self._needs("unmerges", connector)
        survivor, loser = (outside.insert(self.sample(number)) for number in (1, 2))
        self.settle()
        merge = Write(Operation.MERGE, _key(), loser, into=survivor)
        _accepted(self._write(connector, merge))
        self.settle()
        cursor = self._caught_up(connector)
        unmerge = Write(Operation.UNMERGE, _key(), loser)
        for _ in range(2):
            assert _accepted(self._write(connector, unmerge)).native_id == loser
            self.settle()
        assert self._read(connector, loser).values == self.sample(2)
        assert not _last(self._pages(connector, cursor), loser).deleted
        unmerge = Write(Operation.UNMERGE, _key(), self.missing_id)
        assert not isinstance(self._write(connector, unmerge), Accepted)

    # --- shared by the tests --------------------------------------------------------------------

    def _needs(self, capability: str, connector: Connector) -> None:
        if self.stream not in getattr(connector.capabilities, capability):
            pytest.skip(f"the system declares no {capability} for {self.stream}")

    @property
    def _columns(self) -> list[str]:
        return list(self.sample(0))

    def _pages(
        self,
        connector: Connector,
        cursor: Cursor | None = None,
        columns: Sequence[str] | None = None,
    ) -> list[Page]:
        """All pages from a cursor; cursors go through JSON, as the engine stores them."""
        stored = None if cursor is None else json.loads(json.dumps(cursor))
        pages = list(connector.read_changes(self.stream, columns or self._columns, stored))
        assert pages, "no page at all"
        return pages

    def _caught_up(self, connector: Connector) -> Cursor:
        return self._pages(connector)[-1].cursor

    def _read(self, connector: Connector, native_id: str) -> Record:
        (record,) = connector.read(self.stream, self._columns, [native_id])
        return record

    def _create(self, number: int) -> Write:
        return Write(Operation.CREATE, _key(), None, self.sample(number))

    def _update(self, native_id: str, values: Values) -> Write:
        return Write(Operation.UPDATE, _key(), native_id, values)

    def _write(self, connector: Connector, write: Write) -> object:
        (result,) = connector.write(self.stream, [write])
        return result

    def _deletes(self, connector: Connector) -> int:
        return int(connector.capabilities.deletes)


_numbers = count(1)


def _key() -> str:
    """A fresh idempotency key, unlike those of earlier runs against the same system."""
    return f"contract-{uuid4().hex[:12]}-{next(_numbers)}"


def _ids(pages: Iterable[Page]) -> set[str]:
    return {record.native_id for page in pages for record in page.records}


def _last(pages: Iterable[Page], native_id: str) -> Record:
    """The record as the last page that has it gives it."""
    found = [r for page in pages for r in page.records if r.native_id == native_id]
    assert found, "the record did not arrive"
    return found[-1]


def _accepted(result: object) -> Accepted:
    assert isinstance(result, Accepted), result
    return result


def _assert_utc(moment: datetime | None) -> None:
    assert moment is None or moment.utcoffset() == timedelta(0), "modified_at must be aware UTC"
