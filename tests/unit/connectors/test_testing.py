"""The contract suite can fail: each broken connector is caught by the rule it breaks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base import (
    Accepted,
    Cursor,
    Gone,
    Idempotency,
    Operation,
    Page,
    Record,
    Rejected,
    StreamSpec,
    SystemInfo,
    Values,
    Write,
    WriteResult,
)
from connectors.memory import CAPABILITIES, MemorySystem, text_stream
from connectors.memory.system import Row
from connectors.testing import ConnectorContract, ThroughConnector
from tests.fakes.desk import Desk


class Contract(ConnectorContract):
    stream = "account"

    def sample(self, number: int) -> Values:
        return {"name": f"Acme {number}", "phone": f"030 {number}"}


class LosesARecordBetweenPages(MemorySystem):
    def read_changes(self, stream: str, columns: Sequence[str], cursor: Cursor | None) -> Any:
        for page in super().read_changes(stream, columns, cursor):
            yield replace(page, records=page.records[bool(page.cursor.get("began")) :])


class ResumesAfterTheSecond(MemorySystem):
    """Its cursor is a timestamp alone, and rows share timestamps."""

    def read_changes(self, stream: str, columns: Sequence[str], cursor: Cursor | None) -> Any:
        for page in super().read_changes(stream, columns, cursor):
            yield replace(page, cursor={**page.cursor, "after": [page.cursor["after"][0], 1 << 60]})


class PagesTooLarge(MemorySystem):
    def read_changes(self, stream: str, columns: Sequence[str], cursor: Cursor | None) -> Any:
        pages = list(super().read_changes(stream, columns, cursor))
        for first, second in zip(pages[::2], [*pages[1::2], Page((), {})], strict=False):
            records = first.records + second.records
            yield Page(records, second.cursor or first.cursor)


class CursorIsNoJson(MemorySystem):
    def read_changes(self, stream: str, columns: Sequence[str], cursor: Cursor | None) -> Any:
        for page in super().read_changes(stream, columns, cursor):
            yield replace(page, cursor={**page.cursor, "began": datetime.now(UTC)})


class NoPageWhenIdle(MemorySystem):
    def read_changes(self, stream: str, columns: Sequence[str], cursor: Cursor | None) -> Any:
        return (page for page in super().read_changes(stream, columns, cursor) if page.records)


class CallsTwiceWhenIdle(MemorySystem):
    def read_changes(self, stream: str, columns: Sequence[str], cursor: Cursor | None) -> Any:
        self.calls += 1
        return super().read_changes(stream, columns, cursor)


class NoTombstones(MemorySystem):
    def read_changes(self, stream: str, columns: Sequence[str], cursor: Cursor | None) -> Any:
        for page in super().read_changes(stream, columns, cursor):
            yield replace(page, records=tuple(r for r in page.records if not r.deleted))


class ListsTheDead(MemorySystem):
    def _record(self, stream: str, native_id: str, row: Row, columns: Sequence[str]) -> Record:
        return super()._record(stream, native_id, replace(row, deleted=False), columns)


class MissingIsLeftOut(MemorySystem):
    def read(self, stream: str, columns: Sequence[str], native_ids: Sequence[str]) -> list[Record]:
        return [r for r in super().read(stream, columns, native_ids) if not r.deleted]


class VersionStands(MemorySystem):
    def shown(self, row: Row) -> tuple[str, datetime]:
        return "1", row.stamp


class NaiveTimes(MemorySystem):
    def shown(self, row: Row) -> tuple[str, datetime]:
        return str(row.number), row.stamp.replace(tzinfo=None)


class ReadsAllColumns(MemorySystem):
    def read_changes(self, stream: str, columns: Sequence[str], cursor: Cursor | None) -> Any:
        self._check_columns(stream, columns)
        return super().read_changes(stream, ["name", "phone"], cursor)


class IgnoresUnknownColumns(MemorySystem):
    def _check_columns(self, stream: str, columns: Sequence[str]) -> None:
        self._stream(stream)


class AnswersOutOfOrder(MemorySystem):
    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        return super().write(stream, writes)[::-1]


class TellsAnotherVersion(MemorySystem):
    def carry_out(self, stream: str, write: Write) -> WriteResult:
        result = super().carry_out(stream, write)
        return replace(result, version="0") if isinstance(result, Accepted) else result


class BlanksTheRest(MemorySystem):
    def carry_out(self, stream: str, write: Write) -> WriteResult:
        blank = dict.fromkeys(self._stream(stream).columns)
        return super().carry_out(stream, replace(write, values={**blank, **write.values}))


class OneBadSpoilsAll(MemorySystem):
    def write(self, stream: str, writes: Sequence[Write]) -> list[WriteResult]:
        results = super().write(stream, writes)
        bad = [result for result in results if isinstance(result, Rejected)]
        return [bad[0]] * len(results) if bad else results


class GoneIsAccepted(MemorySystem):
    def carry_out(self, stream: str, write: Write) -> WriteResult:
        result = super().carry_out(stream, write)
        return Accepted(write.native_id or "") if isinstance(result, Gone) else result


class IgnoresExpectedVersion(MemorySystem):
    def carry_out(self, stream: str, write: Write) -> WriteResult:
        return super().carry_out(stream, replace(write, expected_version=None))


class RepeatsCreates(MemorySystem):
    _recognises_keys = False


class FindsNothing(MemorySystem):
    def find(self, stream: str, key: str) -> str | None:
        return None


class FindsTheLast(MemorySystem):
    def find(self, stream: str, key: str) -> str | None:
        return next(reversed(self._stream(stream).made.values()), None)


class DeletesNothing(MemorySystem):
    def carry_out(self, stream: str, write: Write) -> WriteResult:
        if write.operation is Operation.DELETE:
            return Accepted(write.native_id or "")
        return super().carry_out(stream, write)


class MergesNothing(MemorySystem):
    def carry_out(self, stream: str, write: Write) -> WriteResult:
        if write.operation is Operation.MERGE:
            return Accepted(write.native_id or "")
        return super().carry_out(stream, write)


class UnmergesNothing(MemorySystem):
    def carry_out(self, stream: str, write: Write) -> WriteResult:
        if write.operation is Operation.UNMERGE:
            return Accepted(write.native_id or "")
        return super().carry_out(stream, write)


class ChecksForFree(MemorySystem):
    def check(self) -> SystemInfo:
        return SystemInfo("cached")


class StartsLate(MemorySystem):
    def cursor_at(self, stream: str, moment: datetime) -> Cursor:
        return super().cursor_at(stream, self.now())


class PagesOfAThousand(MemorySystem):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.capabilities = replace(self.capabilities, read_batch=1000)


class DescribesAnotherStream(MemorySystem):
    def describe(self, stream: str) -> StreamSpec:
        return replace(super().describe(stream), stream="contact")


class ForgetsTheNew(MemorySystem):
    def read_changes(self, stream: str, columns: Sequence[str], cursor: Cursor | None) -> Any:
        for page in super().read_changes(stream, columns, cursor):
            new = cursor is not None
            records = tuple(r for r in page.records if not (new and r.version == "1"))
            yield replace(page, records=records)


class ReadsAnotherVersion(MemorySystem):
    def read(self, stream: str, columns: Sequence[str], native_ids: Sequence[str]) -> list[Record]:
        return [replace(r, version="0") for r in super().read(stream, columns, native_ids)]


RULES: dict[type[MemorySystem], Callable[..., None]] = {
    LosesARecordBetweenPages: Contract.test_stopping_after_any_page_loses_nothing,
    ResumesAfterTheSecond: Contract.test_stopping_after_any_page_loses_nothing,
    PagesTooLarge: Contract.test_stopping_after_any_page_loses_nothing,
    CursorIsNoJson: Contract.test_stopping_after_any_page_loses_nothing,
    NoPageWhenIdle: Contract.test_a_cycle_without_changes_costs_one_call,
    CallsTwiceWhenIdle: Contract.test_a_cycle_without_changes_costs_one_call,
    NoTombstones: Contract.test_a_deletion_is_seen,
    ListsTheDead: Contract.test_a_deletion_is_seen,
    MissingIsLeftOut: Contract.test_reading_by_id,
    VersionStands: Contract.test_a_change_arrives_with_another_version,
    NaiveTimes: Contract.test_records_say_what_was_asked,
    ReadsAllColumns: Contract.test_records_say_what_was_asked,
    IgnoresUnknownColumns: Contract.test_names_that_do_not_exist_are_record_errors,
    AnswersOutOfOrder: Contract.test_one_result_per_write_in_order,
    TellsAnotherVersion: Contract.test_the_told_version_is_the_one_that_is_read,
    BlanksTheRest: Contract.test_an_update_touches_the_named_columns_only,
    OneBadSpoilsAll: Contract.test_a_bad_write_fails_alone,
    GoneIsAccepted: Contract.test_what_is_not_there_is_gone,
    IgnoresExpectedVersion: Contract.test_a_conditional_write_notices_the_other,
    RepeatsCreates: Contract.test_a_repeated_create_makes_one_record,
    FindsNothing: Contract.test_a_create_is_found_by_its_key,
    FindsTheLast: Contract.test_a_create_is_found_by_its_key,
    DeletesNothing: Contract.test_a_delete_leaves_a_tombstone,
    MergesNothing: Contract.test_a_merged_record_names_the_survivor,
    UnmergesNothing: Contract.test_an_unmerged_record_is_there_again,
    ChecksForFree: Contract.test_check_is_cheap_and_counted,
    StartsLate: Contract.test_reading_from_a_moment,
    PagesOfAThousand: Contract.test_it_has_the_shape_of_a_connector,
    DescribesAnotherStream: Contract.test_streams_describe_themselves,
    ForgetsTheNew: Contract.test_a_record_made_after_the_cursor_arrives,
    ReadsAnotherVersion: Contract.test_both_ways_of_reading_agree,
}


def run(rule: Callable[..., None], kind: type[MemorySystem], clock: Iterator[datetime]) -> None:
    system = kind(
        [text_stream("account", ["name", "phone"])],
        replace(
            CAPABILITIES,
            read_batch=4,
            idempotency=Idempotency.EXTERNAL_ID,
            merges=frozenset({"account"}),
            unmerges=frozenset({"account"}),
        ),
        now=lambda: next(clock),
    )
    given = {"connector": system, "outside": Desk(system, "account")}
    wanted = inspect.signature(rule).parameters.keys() & given.keys()
    rule(Contract(), **{name: given[name] for name in wanted})


def moments() -> Iterator[datetime]:
    """Two calls share each moment, so that rows tie."""
    tick = 0
    start = datetime.now(UTC).timestamp()
    while True:
        tick += 1
        yield datetime.fromtimestamp(start + tick // 2, UTC)


@pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.__name__)
def test_a_broken_connector_is_caught(kind: type[MemorySystem]) -> None:
    rule = RULES[kind]
    run(rule, MemorySystem, moments())  # the same rule passes what is not broken
    with pytest.raises((AssertionError, pytest.fail.Exception, TypeError)):
        run(rule, kind, moments())


def test_every_rule_can_fail() -> None:
    rules = {rule for name, rule in vars(ConnectorContract).items() if name.startswith("test_")}
    assert rules == set(RULES.values())


def test_somebody_else_may_come_through_a_connector() -> None:
    system = MemorySystem([text_stream("account", ["name"])])
    somebody = ThroughConnector(system, "account")
    native_id = somebody.insert({"name": "a"})
    somebody.edit(native_id, {"name": "b"})
    assert system.rows("account") == {native_id: {"name": "b"}}
    somebody.remove(native_id)
    assert system.rows("account") == {}
    with pytest.raises(AssertionError):
        somebody.insert({"fax": "a"})
