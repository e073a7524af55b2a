"""Whatever people do while the connector reads, and wherever it is stopped: nothing is lost.

Random edits, creations, deletions and late commits happen between the pages of a reader that is
killed and started again from its last cursor. A mirror kept from the pages alone must end equal to
the org.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Accepted, Cursor, Operation, Page, Write
from connectors.salesforce import SalesforceConnector, build
from tandem.sandbox.testing import RunningSandbox, running_sandbox

LOOK_BACK_S = 30
NAME = ["Name"]

steps = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.integers(1, 7)),
        st.tuples(st.just("late"), st.integers(1, 3)),
        st.tuples(st.just("edit"), st.integers(0, 99)),
        st.tuples(st.just("delete"), st.integers(0, 99)),
        st.tuples(st.just("page"), st.integers(1, 3)),
        st.tuples(st.just("restart"), st.just(0)),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@dataclass
class Reader:
    """Reads page by page, keeps a mirror, and may be killed between pages."""

    connector: SalesforceConnector
    mirror: dict[str, str] = field(default_factory=dict)
    cursor: Cursor | None = None
    sweep: Iterator[Page] | None = None

    def page(self) -> bool:
        """Read one page; False when the sweep was over."""
        if self.sweep is None:
            self.sweep = self.connector.read_changes("Account", NAME, self.cursor)
        page = next(self.sweep, None)
        if page is None:
            self.sweep = None
            return False
        for record in page.records:
            if record.deleted:
                self.mirror.pop(record.native_id, None)
            else:
                self.mirror[record.native_id] = record.values["Name"]
        self.cursor = page.cursor
        return True


@dataclass
class Org:
    """People at work in the org."""

    sandbox: RunningSandbox
    connector: SalesforceConnector
    ids: list[str] = field(default_factory=list)
    number: int = 0

    def do(self, what: str, count: int) -> None:
        if what == "create":
            self.ids += self.sandbox.seed("Account", [{"Name": self.name()} for _ in range(count)])
        elif what == "late":
            stamp = f"{datetime.now(UTC) - timedelta(seconds=LOOK_BACK_S / 2):%Y-%m-%dT%H:%M:%SZ}"
            rows = [{"Name": self.name(), "SystemModstamp": stamp} for _ in range(count)]
            self.ids += self.sandbox.seed("Account", rows)
        elif self.ids:
            native_id = self.ids[count % len(self.ids)]
            values: dict[str, Any] = {"Name": self.name()} if what == "edit" else {}
            operation = Operation.UPDATE if what == "edit" else Operation.DELETE
            (result,) = self.connector.write(
                "Account", [Write(operation, "key", native_id, values)]
            )
            assert isinstance(result, Accepted)
            if operation is Operation.DELETE:
                self.ids.remove(native_id)

    def name(self) -> str:
        self.number += 1
        return f"name {self.number}"

    def rows(self) -> dict[str, str]:
        found = self.connector.read("Account", NAME, self.ids)
        return {record.native_id: record.values["Name"] for record in found}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps, read_batch=st.integers(1, 5))
def test_a_reader_that_is_stopped_anywhere_ends_with_what_the_org_holds(
    server: RunningSandbox, steps: list[tuple[str, int]], read_batch: int
) -> None:
    server.control("POST", "reset")
    settings = {**server.credentials(), "look_back_s": LOOK_BACK_S}
    org = Org(server, build(settings))
    reader = Reader(build({**settings, "read_batch": read_batch}))
    try:
        for what, count in steps:
            if what == "page":
                for _ in range(count):
                    reader.page()
            elif what == "restart":
                reader.sweep = None
            else:
                org.do(what, count)
        for _ in range(2):  # the sweep that is under way, and one that sees all there is
            reader.page()
            while reader.page():
                pass
        assert reader.mirror == org.rows()
    finally:
        org.connector.close()
        reader.connector.close()
