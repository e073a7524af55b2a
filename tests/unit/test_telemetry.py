"""Traces: which spans a run leaves, and that no value of a record is in them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import ClassVar

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from tandem import telemetry
from tandem.errors import FencedError
from tandem.state.database import Database, migrate, open_engine
from tandem.sync.run import LEASE
from tests.scenarios.world import World


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    return exporter


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    migrate(url)
    database = Database(open_engine(url))
    yield World(database)
    database.close()


def test_the_spans_of_a_run(world, spans):
    world.crm.insert("Account", name="Acme Secret", phone="+49 30 123")
    world.cycle()
    finished = spans.get_finished_spans()
    by_id = {span.context.span_id: span for span in finished}
    (run,) = [span for span in finished if span.name == "tandem.run"]
    assert run.parent is None
    assert run.attributes["tandem.link"] == "customers"
    assert run.attributes["tandem.lane"] == "cli"
    assert run.attributes["tandem.count.creates"] == 1
    (cycle,) = [span for span in finished if span.name == "tandem.cycle"]
    assert by_id[cycle.parent.span_id] is run
    pulls = [span for span in finished if span.name == "tandem.pull"]
    assert {(s.attributes["tandem.system"], s.attributes["tandem.stream"]) for s in pulls} == {
        ("crm", "Account"),
        ("erp", "party"),
    }
    assert sum(s.attributes.get("tandem.count.arrived", 0) for s in pulls) == 1
    creates = [s for s in finished if s.attributes.get("tandem.count.creates")]
    assert {s.name for s in creates} == {"tandem.run", "tandem.cycle", "tandem.push"}
    assert "Secret" not in str([s.to_json() for s in finished])


class Work:
    """Something that counts and fails."""

    counted: ClassVar = {"read": 3}
    named: ClassVar = {"link": "customers"}

    def __init__(self) -> None:
        self.place = telemetry.Place()


def test_a_failure_is_told_by_its_class_not_by_its_text(spans):
    with pytest.raises(ValueError), telemetry.span("work", Work(), system="crm"):  # noqa: PT011  (raised here)
        raise ValueError("Acme Secret is not a number")
    (span,) = spans.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ValueError")
    assert "Secret" not in span.to_json()
    assert dict(span.attributes) == {"tandem.link": "customers", "tandem.system": "crm"}


def test_a_run_that_is_never_ended_takes_no_other_run_into_it(world, spans, caplog):
    overtaken = world.pipeline("overtaken")
    assert overtaken.open()
    world.clock.advance(LEASE.total_seconds() + 1)
    successor = world.pipeline("successor")
    assert successor.open()
    with pytest.raises(FencedError):
        overtaken.cycle()
    del overtaken
    gc.collect()
    successor.cycle()
    successor.close()
    finished = spans.get_finished_spans()
    by_id = {span.context.span_id: span for span in finished}
    (run,) = [span for span in finished if span.name == "tandem.run"]
    assert run.parent is None
    pushes = [s for s in finished if s.name == "tandem.push"]
    assert {by_id[by_id[s.parent.span_id].parent.span_id] for s in pushes} == {run}
    assert not trace.get_current_span().get_span_context().is_valid
    assert caplog.messages == []
