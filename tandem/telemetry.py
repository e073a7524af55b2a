"""Traces by OpenTelemetry: what a run spent its time on, with counts and never a record's value.

    tandem.run                 link, lane, run id, every count of the run
      tandem.cycle
        tandem.push            object, system, operation
        tandem.pull            system, stream
        tandem.work_off

Nothing is traced unless `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`), or
`OTEL_TRACES_EXPORTER=console`, is set; then the standard `OTEL_` variables say where to and how.
The SDK and its exporter come with Airflow. A program that has set up OpenTelemetry itself keeps its
own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from opentelemetry import trace
from opentelemetry.context import Context

Scalar = str | int | float | bool
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

_tracer = trace.get_tracer("tandem")


class Place:
    """Where in a trace a worker is: what it does next is part of that.

    A run lasts from one call to another, and a worker that died or was overtaken never ends it. So
    its span is nobody's current span in between, or the program's next run would become part of it.

    Attributes:
        context: of the innermost open span; None for wherever the program is.
    """

    def __init__(self) -> None:
        self.context: Context | None = None
        self._run: trace.Span = trace.INVALID_SPAN

    def enter(self, name: str, counted: Counted) -> None:
        """Begin the span of a run."""
        self._run = _tracer.start_span(f"tandem.{name}", attributes=_told(counted))
        self.context = trace.set_span_in_context(self._run)

    def leave(self, counted: Counted) -> None:
        """End it, with what was counted meanwhile."""
        _tell_counts(self._run, counted, {})
        self._run.end()
        self.context = None


class Counted(Protocol):
    """Something that counts what it does, and knows for whom."""

    @property
    def place(self) -> Place:
        """Where its spans belong."""

    @property
    def counted(self) -> Mapping[str, int]:
        """Counts by name, so far."""

    @property
    def named(self) -> Mapping[str, Scalar]:
        """What tells its work from that of others: link, run, lane."""


Method = TypeVar("Method", bound=Callable[..., Any])


def wanted(environment: Mapping[str, str]) -> str | None:
    """The exporter that the environment asks for; None for no traces.

    >>> wanted({}), wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"})
    (None, 'otlp')
    >>> wanted({"OTEL_TRACES_EXPORTER": "console"}), wanted({"OTEL_SDK_DISABLED": "true"})
    ('console', None)
    """
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    named = environment.get("OTEL_TRACES_EXPORTER")
    if named in ("console", "otlp"):
        return named
    return "otlp" if not named and any(environment.get(name) for name in ENDPOINTS) else None


def configure(environment: Mapping[str, str] = os.environ) -> None:
    """Set up traces if the environment asks for them and nobody has done so before."""
    exporter = wanted(environment)
    if exporter is None or not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return
    # Loaded by those who want traces only: the SDK takes a moment.
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import (  # noqa: PLC0415
        BatchSpanProcessor,
        ConsoleSpanExporter,
        SpanExporter,
    )

    out: SpanExporter
    if exporter == "console":
        out = ConsoleSpanExporter()
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )

        out = OTLPSpanExporter()
    # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over what is given here.
    default = {} if "OTEL_SERVICE_NAME" in environment else {"service.name": "tandem"}
    provider = TracerProvider(resource=Resource.create(default))
    provider.add_span_processor(BatchSpanProcessor(out))
    trace.set_tracer_provider(provider)


@contextmanager
def span(name: str, counted: Counted, **attributes: Scalar) -> Iterator[None]:
    """A span over a piece of work; at its end it has what was counted meanwhile.

    Args:
        name: what is done, e.g. `pull`.
        counted: who does it.
        attributes: names and ids only, never a value of a record.
    """
    place = counted.place
    outer = place.context
    with _tracer.start_as_current_span(
        f"tandem.{name}",
        context=outer,
        attributes=_told(counted, **attributes),
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        place.context = trace.set_span_in_context(current, outer)
        before = dict(counted.counted) if current.is_recording() else {}
        try:
            yield
        except Exception as error:
            # The class and the code; the text may repeat what a record holds.
            code = str(getattr(error, "code", type(error).__name__))
            current.set_status(trace.StatusCode.ERROR, code)
            raise
        finally:
            place.context = outer
            _tell_counts(current, counted, before)


def _told(counted: Counted, **attributes: Scalar) -> dict[str, Scalar]:
    return {f"tandem.{key}": value for key, value in {**counted.named, **attributes}.items()}


def _tell_counts(current: trace.Span, counted: Counted, before: Mapping[str, int]) -> None:
    if current.is_recording():
        for key, count in counted.counted.items():
            if gained := count - before.get(key, 0):
                current.set_attribute(f"tandem.count.{key}", gained)


def traced(name: str) -> Callable[[Method], Method]:
    """Trace every call of a method of something that counts."""

    def wrap(method: Method) -> Method:
        @wraps(method)
        def call(self: Counted, *arguments: Any, **options: Any) -> Any:
            with span(name, self):
                return method(self, *arguments, **options)

        return cast(Method, call)

    return wrap
