"""`/metrics` for Prometheus: the figures of the overview, by the same functions."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tandem.console.context import Console, ConsoleDependency
from tandem.console.errors import LoginRequiredError
from tandem.settings import resolve_secrets
from tandem.state.reader.links import LinkView, link_view, totals
from tandem.state.reader.quotas import QuotaStatus, quotas_of

router = APIRouter(tags=["metrics"])

LIVE = 2.0
"""Seconds for which everybody is told the same figures."""

FLOWS = {
    "writes": "Writes that a system accepted, by operation.",
    "rejected": "Writes that a system refused for good.",
    "asked": "Questions put to people.",
    "compared": "Records read by full compares.",
    "diverged": "Known records that a full compare found changed.",
    "repaired": "Of these, the records that led to a write.",
    "failures": "Streams that could not be read or written in a run.",
}
"""Series of the trends → what it counts."""


# Prometheus' own format, not part of the API.
@router.get("/metrics", include_in_schema=False)
def metrics(
    request: Request,
    console: ConsoleDependency,
    authorization: Annotated[str, Header(max_length=1000)] = "",
) -> Response:
    """How the links are doing, for a monitoring system."""
    if request.state.visitor is None and not _may_read(console, authorization):
        raise LoginRequiredError("send the token of `metrics` in console.yaml, or log in")
    text: bytes = console.remembered("metrics", LIVE, lambda: _told(console))
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _may_read(console: Console, authorization: str) -> bool:
    reference = console.settings.metrics.token
    if reference is None:
        return False
    token = str(resolve_secrets({"token": reference})["token"])
    return hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode())


def _told(console: Console) -> bytes:
    now = console.clock.now()
    with console.reader.view() as connection:
        views = [link_view(connection, link, now) for link in console.config.links]
        flows = {link: totals(connection, link, list(FLOWS)) for link in console.config.links}
        quotas = quotas_of(connection, now=now, systems=console.config.systems)
    registry = CollectorRegistry()
    registry.register(_Figures(views, flows, quotas, now))
    return generate_latest(registry)


class _Figures(Collector):
    """What was read from the state, as Prometheus has it."""

    def __init__(
        self,
        views: list[LinkView],
        flows: dict[str, dict[tuple[str, str], float]],
        quotas: list[QuotaStatus],
        now: datetime,
    ) -> None:
        self._views, self._flows, self._quotas, self._now = views, flows, quotas, now

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        yield from self._levels()
        yield from self._by_label()
        yield from self._totals()
        yield from self._quota()

    def _levels(self) -> Iterator[Metric]:
        for name, about, value in (
            ("dead_letters", "Writes refused for good that wait for a person.", _dead_letters),
            ("quarantined", "Records that could not be read.", _quarantined),
            ("working", "1 while a worker holds the link.", _working),
            ("oldest_unsent_seconds", "Age of the oldest write not answered; 0 for none.", None),
            ("oldest_question_seconds", "Age of the oldest open question; 0 for none.", None),
            ("last_run_timestamp_seconds", "When the last run began.", _last_run),
            ("last_run_ok", "0 if the last run failed.", _last_ok),
            ("last_compare_timestamp_seconds", "When the last full compare ended.", _last_compare),
        ):
            family = GaugeMetricFamily(f"tandem_{name}", about, labels=["link"])
            for view in self._views:
                since = {
                    "oldest_unsent_seconds": view.oldest_unsent,
                    "oldest_question_seconds": view.oldest_question,
                }.get(name)
                age = (self._now - since).total_seconds() if since else 0.0
                family.add_metric([view.link], value(view) if value else age)
            yield family

    def _by_label(self) -> Iterator[Metric]:
        for name, about, label in (
            ("inbox", "Records to be worked on, by state.", "state"),
            ("unsent", "Writes decided and not answered, by state.", "state"),
            ("questions", "Open questions, by kind.", "kind"),
        ):
            family = GaugeMetricFamily(f"tandem_{name}", about, labels=["link", label])
            for view in self._views:
                for key, count in getattr(view, name).items():
                    family.add_metric([view.link, key], count)
            yield family
        linked = GaugeMetricFamily(
            "tandem_linked_records",
            "Linked records, as of the last count.",
            labels=["link", "object", "system"],
        )
        fresh = GaugeMetricFamily(
            "tandem_freshness_seconds",
            "From a change to its acceptance at the other side, over the latest writes.",
            labels=["link", "quantile"],
        )
        for view in self._views:
            for key, count in view.linked.items():
                object_name, _, system = key.partition(" ")
                linked.add_metric([view.link, object_name, system], count)
            for quantile, length in (("0.5", view.freshness.p50), ("0.95", view.freshness.p95)):
                if length is not None:
                    fresh.add_metric([view.link, quantile], length.total_seconds())
        yield from (linked, fresh)

    def _totals(self) -> Iterator[Metric]:
        for series, about in FLOWS.items():
            family = CounterMetricFamily(f"tandem_{series}", about, labels=["link", "what"])
            for link, found in self._flows.items():
                for (name, label), value in found.items():
                    if name == series:
                        family.add_metric([link, label], value)
            yield family

    def _quota(self) -> Iterator[Metric]:
        used = GaugeMetricFamily(
            "tandem_quota_used_calls", "Calls of the day, others' included.", labels=["system"]
        )
        limit = GaugeMetricFamily(
            "tandem_quota_limit_calls", "Calls that there are in a day.", labels=["system"]
        )
        reserved = GaugeMetricFamily(
            "tandem_quota_reserved_calls", "Calls left to other applications.", labels=["system"]
        )
        waits = GaugeMetricFamily(
            "tandem_system_waits_seconds", "How long nobody calls the system.", labels=["system"]
        )
        for quota in self._quotas:
            used.add_metric([quota.system], quota.used)
            if quota.limit is not None:
                limit.add_metric([quota.system], quota.limit)
            reserved.add_metric([quota.system], quota.reserved or 0)
            wait = (quota.waits_until - self._now).total_seconds() if quota.waits_until else 0
            waits.add_metric([quota.system], wait)
        yield from (used, limit, reserved, waits)


def _dead_letters(view: LinkView) -> float:
    return view.dead_letters


def _quarantined(view: LinkView) -> float:
    return view.quarantined


def _working(view: LinkView) -> float:
    return float(view.holder is not None)


def _last_run(view: LinkView) -> float:
    return view.last_run.started_at.timestamp() if view.last_run else 0.0


def _last_ok(view: LinkView) -> float:
    return float(view.last_run is None or view.last_run.outcome in (None, "done", "stopped"))


def _last_compare(view: LinkView) -> float:
    ended = view.last_compare.finished_at if view.last_compare else None
    return ended.timestamp() if ended else 0.0
