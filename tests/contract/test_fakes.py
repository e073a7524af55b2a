"""The memory system and its misbehaving child keep the contract; the faults are what they say."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import (
    Accepted,
    Column,
    ColumnType,
    Connector,
    Deferred,
    Idempotency,
    Operation,
    Rejected,
    StreamSpec,
    Unknown,
    Values,
    Write,
)
from connectors.errors import RateLimitedError, RecordError, StopRunError
from connectors.memory import CAPABILITIES, MemorySystem, build, text_stream
from connectors.testing import ConnectorContract, Outside
from tandem.chaos.faults import Fail, Killed, LostAnswer, Precision, RateLimit, ShortPage
from tandem.chaos.system import FakeSystem
from tandem.clock import ManualClock
from tests.fakes.desk import Desk

SMALL = replace(
    CAPABILITIES,
    read_batch=4,
    merges=frozenset({"account"}),
    unmerges=frozenset({"account"}),
)
ACCOUNT = text_stream("account", ["name", "phone", "title"])
CONTACT = StreamSpec(
    "contact",
    {
        "name": Column("name", ColumnType.STRING, required=True, length=10),
        "account": Column("account", ColumnType.REFERENCE, references="account"),
        "status": Column("status", ColumnType.STRING, allowed=("open", "closed")),
        "id": Column("id", ColumnType.STRING, writable=False),
    },
)


class _Contract(ConnectorContract):
    stream = "account"

    @pytest.fixture
    def outside(self, connector: Connector) -> Outside:
        assert isinstance(connector, MemorySystem)
        return Desk(connector, self.stream)

    def sample(self, number: int) -> Values:
        return {"name": f"Acme {number}", "phone": f"030 {number}", "title": None}


@pytest.mark.parametrize("idempotency", Idempotency)
@pytest.mark.parametrize(
    "abilities",
    [
        {},
        {"incremental": False, "tombstones": False},
        {"tombstones": False},
        {"conditional_writes": False, "deletes": False},
    ],
    ids=lambda abilities: ",".join(abilities) or "all",
)
class TestMemory(_Contract):
    @pytest.fixture
    def connector(self, idempotency: Idempotency, abilities: dict[str, bool]) -> MemorySystem:
        return MemorySystem([ACCOUNT], replace(SMALL, idempotency=idempotency, **abilities))  # type: ignore[arg-type]  # a mapping of bools


class TestMisbehaving(_Contract):
    """Coarse stamps, a skewed clock and a lagging index are no excuse."""

    @pytest.fixture(params=[Precision.SECOND, Precision.ROUNDED_UP])
    def connector(self, request: pytest.FixtureRequest) -> FakeSystem:
        self.clock = ManualClock()
        lag = timedelta(seconds=30)
        return FakeSystem(
            [ACCOUNT],
            clock=self.clock,
            capabilities=replace(
                SMALL, look_back=lag, search_lag=lag, idempotency=Idempotency.MARKER
            ),
            precision=request.param,
            stamp_versions=True,
            tells_version=False,
            skew=timedelta(minutes=10),
        )

    def settle(self) -> None:
        self.clock.advance(30.7)

    def now(self) -> datetime:
        return self.clock.now()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 21, 12, 0, 0, 700_000, tzinfo=UTC))


def create(number: int, **values: Any) -> Write:
    return Write(Operation.CREATE, f"key-{number}", None, {"name": f"N{number}", **values})


def changes(system: MemorySystem, cursor: Any = None, stream: str = "account") -> Any:
    pages = list(system.read_changes(stream, ["name"], cursor))
    return [record for page in pages for record in page.records], pages[-1].cursor


# --- the memory system --------------------------------------------------------------------------


def test_settings_build_a_system_or_say_what_is_wrong() -> None:
    system = build({"streams": {"account": ["name"]}, "read_batch": 7})
    assert system.capabilities.read_batch == 7
    for settings in ({}, {"streams": {"account": ["name"]}, "speed": 11}):
        with pytest.raises(StopRunError, match="streams"):
            build(settings)


def test_values_are_held_against_the_columns() -> None:
    system = MemorySystem([ACCOUNT, CONTACT])
    account = system.insert("account", name="Acme")
    gone = system.insert("account", name="Gone")
    system.remove("account", gone)
    verdicts = {
        "REQUIRED": {"account": account},
        "TOO_LONG": {"name": "Anastasia Lo"},
        "NO_SUCH_REFERENCE": {"name": "Ann", "account": gone},
        "NOT_ALLOWED": {"name": "Ann", "status": "half"},
        "READ_ONLY": {"name": "Ann", "id": "77"},
        "UNKNOWN_COLUMN": {"name": "Ann", "fax": "030 1"},
    }
    for code, values in verdicts.items():
        (result,) = system.write("contact", [Write(Operation.CREATE, code, None, values)])
        assert isinstance(result, Rejected)
        assert result.code == code
        assert len(result.columns) == 1
        assert not any(str(value) in result.message for value in values.values())
    good = {"name": "Ann", "account": account, "status": None}
    (result,) = system.write("contact", [Write(Operation.CREATE, "good", None, good)])
    assert isinstance(result, Accepted)
    (result,) = system.write(
        "contact", [Write(Operation.UPDATE, "blank", result.native_id, {"name": ""})]
    )
    assert isinstance(result, Rejected)


def test_find_is_refused_where_there_is_none() -> None:
    with pytest.raises(RecordError):
        MemorySystem([ACCOUNT]).find("account", "key")


def test_many_changes_of_few_rows_do_not_pile_up() -> None:
    system = MemorySystem([ACCOUNT])
    native_id = system.insert("account", name="0")
    _, cursor = changes(system)
    for number in range(5000):
        system.edit("account", native_id, name=str(number))
    records, _ = changes(system, cursor)
    assert [record.values["name"] for record in records] == ["4999"]
    assert len(system._streams["account"].log) < 2000


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_idle_at_once_and_read_in_steady_memory() -> None:
    system = MemorySystem([ACCOUNT])
    for number in range(100_000):
        system.insert("account", name=f"N{number}")
    tracemalloc.start()
    read = sum(len(page.records) for page in system.read_changes("account", ["name"], None))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == 100_000
    assert peak < 3_000_000  # a page or two, not the table
    _, cursor = changes(system)
    before, calls = time.perf_counter(), system.calls
    assert changes(system, cursor)[0] == []
    assert system.calls == calls + 1
    assert time.perf_counter() - before < 0.02


# --- the faults ---------------------------------------------------------------------------------


def test_a_lost_answer_leaves_the_write_done_or_not(clock: ManualClock) -> None:
    system = FakeSystem([ACCOUNT], clock=clock)
    system.script("write", LostAnswer(), LostAnswer(committed=False), LostAnswer(at=1))
    writes = [create(1), create(2)]
    assert all(isinstance(r, Unknown) for r in system.write("account", writes))
    assert len(system.rows("account")) == 2
    assert all(isinstance(r, Unknown) for r in system.write("account", [create(3)]))
    assert len(system.rows("account")) == 2
    results = system.write("account", [create(4), create(5), create(6)])
    assert [type(result) for result in results] == [Accepted, Unknown, Accepted]
    assert len(system.rows("account")) == 5
    assert [write.key for write in system.writes] == [f"key-{n}" for n in range(1, 7)]


def test_a_rate_limit_strikes_inside_the_batch_or_before_it(clock: ManualClock) -> None:
    system = FakeSystem([ACCOUNT], clock=clock)
    system.script("write", RateLimit(at=2, retry_after=30), Fail(RateLimitedError("429")))
    results = system.write("account", [create(n) for n in range(4)])
    assert results[2:] == [Deferred("429", 30), Deferred("429", 30)]
    with pytest.raises(RateLimitedError):
        system.write("account", [create(9)])
    assert len(system.rows("account")) == 2
    assert system.calls == 2
    assert isinstance(system.write("account", [create(9)])[0], Accepted)


def test_some_rows_are_refused(clock: ManualClock) -> None:
    refusal = Rejected("DUPLICATE", "duplicate phone", ("phone",))
    system = FakeSystem(
        [ACCOUNT],
        clock=clock,
        reject=lambda _, write: refusal if write.values["name"] == "N1" else None,
    )
    results = system.write("account", [create(n) for n in range(3)])
    assert [type(result) for result in results] == [Accepted, Rejected, Accepted]


@pytest.mark.parametrize("incremental", [True, False])
def test_a_listing_is_silently_short(clock: ManualClock, incremental: bool) -> None:
    system = FakeSystem(
        [ACCOUNT], clock=clock, capabilities=replace(SMALL, incremental=incremental)
    )
    for number in range(20):
        system.insert("account", name=str(number))
    system.script("page", ShortPage())
    assert changes(system)[0] == []
    system.script("page", None, None, ShortPage(keep=1))
    assert len(changes(system)[0]) == 9
    system.script("page", None, None, ShortPage(keep=1, ends=False))
    assert len(changes(system)[0]) == 17
    assert len(changes(system)[0]) == 20
    system.script("page", None, Fail(RateLimitedError("429")))
    with pytest.raises(RateLimitedError):
        changes(system)


def test_what_is_saved_is_not_what_was_sent(clock: ManualClock) -> None:
    system = FakeSystem(
        [ACCOUNT],
        clock=clock,
        rewrite=lambda _, values: {name: str(value).upper() for name, value in values.items()},
        tells_version=False,
    )
    (result,) = system.write("account", [create(1, phone="x")])
    assert result == Accepted("1", None)
    assert system.rows("account") == {"1": {"name": "N1", "phone": "X"}}


def test_an_automation_edits_shortly_after_our_write(clock: ManualClock) -> None:
    system = FakeSystem([ACCOUNT], clock=clock, automation=lambda *_: {"phone": "2"})
    system.write("account", [create(1, phone="1")])
    assert system.rows("account")["1"]["phone"] == "1"
    clock.advance(0.05)
    assert system.rows("account")["1"]["phone"] == "2"
    assert len(system.writes) == 1
    assert [event.version for event in system.events] == ["1", "2"]


def test_a_late_commit_arrives_within_the_look_back_only(clock: ManualClock) -> None:
    found = []
    for look_back in (0, 120):
        system = FakeSystem(
            [ACCOUNT],
            clock=clock,
            capabilities=replace(CAPABILITIES, look_back=timedelta(seconds=look_back)),
        )
        late = system.insert("account", name="before")
        _, cursor = changes(system)
        clock.advance(1)
        system.edit_late("account", late, {"name": "after"}, timedelta(seconds=90))
        clock.advance(60)
        system.insert("account", name="other")
        _, cursor = changes(system, cursor)
        assert system.rows("account")[late]["name"] == "before"
        clock.advance(31)
        records, cursor = changes(system, cursor)
        found.append("after" in {record.values["name"] for record in records})
        clock.advance(300)
        _, cursor = changes(system, cursor)
        assert changes(system, cursor)[0] == []
    assert found == [False, True]


@pytest.mark.parametrize(("precision", "shown"), [(Precision.SECOND, 0), (Precision.ROUNDED_UP, 1)])
def test_stamps_are_coarse_and_versions_with_them(
    clock: ManualClock, precision: Precision, shown: int
) -> None:
    system = FakeSystem(
        [ACCOUNT],
        clock=clock,
        capabilities=replace(CAPABILITIES, look_back=timedelta(seconds=2)),
        precision=precision,
        stamp_versions=True,
        skew=timedelta(minutes=10),
    )
    assert system.check().clock_skew == timedelta(minutes=10)
    native_id = system.insert("account", name="a")
    ((first,), cursor) = changes(system)
    assert first.modified_at == datetime(2026, 11, 21, 12, 10, shown, tzinfo=UTC)
    clock.advance(0.1)
    system.edit("account", native_id, name="b")
    ((second,), _) = changes(system, cursor)
    assert second.version == first.version
    assert second.values != first.values
    with pytest.raises(ValueError, match="look back"):
        FakeSystem([ACCOUNT], clock=clock, precision=precision)


def test_the_index_lags(clock: ManualClock) -> None:
    system = FakeSystem(
        [ACCOUNT],
        clock=clock,
        capabilities=replace(
            CAPABILITIES, idempotency=Idempotency.MARKER, search_lag=timedelta(seconds=30)
        ),
    )
    system.write("account", [create(1)])
    assert system.find("account", "key-1") is None
    clock.advance(30)
    assert system.find("account", "key-1") == "1"
    system.write("account", [create(1)])
    assert len(system.rows("account")) == 2


@pytest.mark.parametrize(
    ("point", "rows"), [("C.write.before", 0), ("C.write.row", 1), ("C.write.after", 2)]
)
def test_it_can_be_killed_anywhere(clock: ManualClock, point: str, rows: int) -> None:
    def crash(passed: str) -> None:
        if passed == point:
            raise Killed(point)

    system = FakeSystem([ACCOUNT], clock=clock, name="C", at_point=crash)
    with pytest.raises(Killed):
        system.write("account", [create(1), create(2)])
    assert len(system.rows("account")) == rows


def test_the_schema_drifts_between_two_pages(clock: ManualClock) -> None:
    def drift(point: str) -> None:
        if point == "fake.page" and "label" not in system.describe("account").columns:
            system.alter("account", "name", name="label", length=5)
            system.alter("account", "title", name=None)

    system = FakeSystem([ACCOUNT], clock=clock, capabilities=SMALL, at_point=drift)
    for number in range(5):
        system.insert("account", name=f"N{number}")
    first, second = system.read_changes("account", ["phone"], None)
    assert len(first.records) + len(second.records) == 5
    assert set(system.describe("account").columns) == {"phone", "label"}
    assert system.rows("account")["1"]["label"] == "N0"
    with pytest.raises(RecordError):
        changes(system)


def test_a_quiet_change_is_not_reported(clock: ManualClock) -> None:
    system = FakeSystem([ACCOUNT], clock=clock)
    native_id = system.insert("account", name="a")
    ((before,), cursor) = changes(system)
    system.edit_quietly("account", native_id, name="b")
    assert changes(system, cursor)[0] == []
    (after,) = system.read("account", ["name"], [native_id])
    assert after.version == before.version
    assert after.values == {"name": "b"}


def test_records_merge_and_part_again(clock: ManualClock) -> None:
    system = FakeSystem([ACCOUNT, CONTACT], clock=clock)
    loser = system.insert("account", name="Acme GmbH", phone="1")
    winner = system.insert("account", name="Acme")
    contact = system.insert("contact", name="Ann", account=loser)
    before = system.rows("account")
    merge = system.merge("account", loser, winner)
    assert system.rows("account") == {winner: {"name": "Acme", "phone": "1"}}
    assert system.rows("contact")[contact]["account"] == winner
    assert system.events[-1].deleted
    system.unmerge(merge)
    after = system.rows("account")
    assert after[loser] == before[loser]
    assert after[winner]["phone"] is None
    assert system.rows("contact")[contact]["account"] == loser
