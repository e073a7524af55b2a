"""Budgets: what is granted, what never is, and how workers share one row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tandem.state import quota
from tandem.state.database import Database
from tandem.state.quota import Bucket, Budget, Grant, Priority

DAWN = datetime(2026, 3, 1, tzinfo=UTC)
NOON = DAWN + timedelta(hours=12)
DAILY = Budget(per_day=100, reserve=0.2, backfill=0.5)


def bucket(**values: object) -> Bucket:
    return replace(Bucket("crm", DAWN), **values)


def test_the_reserve_is_left_whoever_asks():
    fresh = bucket().at(DAILY, NOON)
    assert (fresh.day_limit, fresh.reserved) == (100, 20)
    assert bucket(used=79).at(DAILY, NOON).grant(DAILY, Priority.LIVE, 1, NOON) == Grant(1)
    spent = bucket(used=80).at(DAILY, NOON).grant(DAILY, Priority.LIVE, 1, NOON)
    assert spent == Grant(0, DAWN + timedelta(days=1), "day")


def test_a_backfill_stops_at_its_share_and_live_work_goes_on():
    half = bucket(used=40).at(DAILY, NOON)
    assert half.grant(DAILY, Priority.BACKFILL, 1, NOON).calls == 0
    assert half.grant(DAILY, Priority.LIVE, 1, NOON).calls == 2


def test_the_system_knows_better_what_others_have_used():
    told = bucket(used=3, told_used=90, told_limit=100, since_told=1).at(DAILY, NOON)
    assert told.used_by_all() == 91
    assert told.grant(DAILY, Priority.LIVE, 1, NOON).calls == 0


def test_a_new_day_begins_at_midnight():
    spent = bucket(used=80, told_used=90, told_limit=100)
    assert spent.at(DAILY, NOON + timedelta(days=1)).grant(
        DAILY, Priority.LIVE, 1, NOON + timedelta(days=1)
    ) == Grant(4)


def test_nobody_calls_before_the_moment_that_one_was_told():
    until = NOON + timedelta(seconds=30)
    paused = bucket().paused(until, "retry_after").paused(NOON, "retry_after")
    assert paused.grant(DAILY, Priority.LIVE, 1, NOON) == Grant(0, until, "retry_after")
    assert paused.at(DAILY, until).grant(DAILY, Priority.LIVE, 1, until).calls > 0


def test_a_system_that_stays_away_is_tried_ever_more_rarely():
    down, now, tries = bucket(), NOON, 0
    while now < NOON + timedelta(days=3):
        down = down.failed(now)
        tries += 1
        now = max(down.not_before or now, now + timedelta(seconds=1))
    assert tries < 450
    back = down.answered()
    assert (back.failures, back.not_before, back.reason) == (0, None, None)


@given(
    rate=st.integers(1, 2000),
    window=st.sampled_from([1, 60]),
    reserve=st.floats(0, 0.9),
    gaps=st.lists(st.floats(0, 20), min_size=1, max_size=200),
)
def test_no_window_holds_more_than_its_calls(
    rate: int, window: int, reserve: float, gaps: list[float]
):
    budget = Budget(rate=rate, window=timedelta(seconds=window), reserve=reserve)
    now, filling, taken = NOON, bucket(), []
    for gap in gaps:
        now += timedelta(seconds=gap)
        filling = filling.at(budget, now)
        calls = filling.grant(budget, Priority.LIVE, 1, now).calls
        filling = filling.spend(calls)
        taken.append((now, calls))
    # Calls may leave up to `hold` after they were taken.
    span = budget.window + (budget.hold or timedelta())
    allowed = max(rate * (1 - reserve), 2)
    for start, _ in taken:
        assert sum(n for at, n in taken if start <= at < start + span) <= allowed + 1e-6


def test_workers_that_take_at_once_share_one_budget(state: Database):
    def worker(_number: int) -> int:
        got = 0
        while True:
            with state.begin() as connection:
                grant = quota.take(connection, "crm", DAILY, Priority.LIVE, 1, NOON)
            if grant.until is not None:
                return got
            got += grant.calls

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(worker, range(4))) == 80
