"""Whoever follows a stream page by page, stopping anywhere, ends with what the system holds."""

from __future__ import annotations

import csv
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Connector, Cursor
from connectors.errors import RetryableError
from connectors.file import build
from connectors.memory import CAPABILITIES, MemorySystem, text_stream
from tandem.chaos.faults import Precision
from tandem.chaos.system import FakeSystem
from tandem.clock import ManualClock

LATE = timedelta(seconds=5)
# (what, which record, new text or number of pages)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "edit", "late", "remove", "read", "wait", "restart"]),
        st.integers(0, 7),
        st.integers(1, 4),
    ),
    max_size=40,
)


class Replica:
    """A reader that commits a page with its cursor and may be killed after any page."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.cursor: Cursor | None = None

    def follow(self, connector: Connector, pages: int | None = None) -> None:
        for page in islice(connector.read_changes("account", ["name"], self.cursor), pages):
            for record in page.records:
                self.rows.pop(record.native_id, None)
                if not record.deleted:
                    self.rows[record.native_id] = record.values["name"]
            self.cursor = json.loads(json.dumps(page.cursor))


@pytest.mark.parametrize("precision", [None, *Precision])
@given(steps=STEPS)
@settings(max_examples=150, deadline=None)
def test_memory_systems(precision: Precision | None, steps: list[tuple[str, int, int]]) -> None:
    clock = ManualClock()
    columns = [text_stream("account", ["name"])]
    system: MemorySystem
    if precision is None:
        system = MemorySystem(columns, replace(CAPABILITIES, read_batch=2), now=clock.now)
    else:
        abilities = replace(CAPABILITIES, read_batch=2, look_back=LATE)
        system = FakeSystem(columns, clock=clock, capabilities=abilities, precision=precision)
    replica = Replica()
    for number, (what, which, amount) in enumerate(steps):
        ids = list(system.rows("account"))
        native_id = ids[which % len(ids)] if ids else ""
        if what == "insert":
            system.insert("account", name=f"N{number}")
        elif what == "read":
            replica.follow(system, amount)
        elif what == "wait":
            clock.advance(amount * 0.7)
        elif ids and what == "edit":
            system.edit("account", native_id, name=f"N{number}")
        elif ids and what == "remove":
            system.remove("account", native_id)
        elif ids and what == "late" and isinstance(system, FakeSystem):
            system.edit_late("account", native_id, {"name": f"N{number}"}, LATE)
    clock.advance(LATE.total_seconds())
    replica.follow(system)  # ends the cycle that may have been interrupted
    replica.follow(system)  # what committed late behind that cycle's position comes with the next
    assert replica.rows == {i: row["name"] for i, row in system.rows("account").items()}
    clock.advance(2 * LATE.total_seconds())
    replica.follow(system)
    calls = system.calls
    replica.follow(system)
    assert system.calls == calls + 1


@given(steps=STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_file(steps: list[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "account.csv"
        rows: dict[str, str] = {}
        replica = Replica()
        save(path, rows)
        connector = build({"path": folder, "key": "id", "read_batch": 2})
        for number, (what, which, amount) in enumerate(steps):
            native_id = sorted(rows)[which % len(rows)] if rows else ""
            if what == "insert":
                rows[f"{number}"] = f"N{number}"
            elif what == "read":
                with suppress(RetryableError):
                    replica.follow(connector, amount)
                continue
            elif what == "restart":
                connector.close()
                connector = build({"path": folder, "key": "id", "read_batch": 2})
            elif native_id and what == "edit":
                # Few texts: a row often goes back to what it was.
                rows[native_id] = f"M{which % 2}"
            elif native_id and what == "remove":
                del rows[native_id]
            elif what == "late":
                rows = dict(reversed(rows.items()))
            save(path, rows)
        replica.follow(connector)
        assert replica.rows == rows
        connector.close()


def save(path: Path, rows: dict[str, str]) -> None:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([("id", "name"), *rows.items()])
