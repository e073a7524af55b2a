"""`tandem status`: how the links are doing, from the state alone; no system is called."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, cell, grid, show

if TYPE_CHECKING:
    from tandem.state.reader import LinkStatus, QuotaStatus


@with_epilog(
    epilog(
        Exit.CONFIG,
        Exit.NOT_FOUND,
        attention="the last run failed, something rests because its stream has changed, or there "
        "are dead letters or quarantined records",
    )
)
def status(
    link: Annotated[
        str | None, typer.Argument(metavar="[LINK]", help="One link; all of them if none is named.")
    ] = (None),
    as_json: Json = False,
) -> None:
    """Show how the links are doing.

    Last runs, what waits in inbox and outbox, open questions, dead letters, quarantine, how far
    each stream has been read, who holds the link, and how long a change takes to the other side.
    """
    from dataclasses import asdict

    from tandem.cli.installation import chosen_links, installation, reading
    from tandem.clock import SystemClock

    with installation() as app, reading(app) as reader:
        now = SystemClock().now()
        names = chosen_links(app, link)
        found = [reader.status(name, now=now) for name in names]
        systems = {system for name in names for system in app.config.links[name].systems}
        quotas = reader.quotas(now=now, systems=systems)
    show(
        {
            "links": [_document(one, now) for one in found],
            "systems": [asdict(one) | {"left": one.left} for one in quotas],
        },
        lambda console: _tell(console, found, quotas, now),
        as_json=as_json,
    )
    raise typer.Exit(Exit.ATTENTION if any(s.needs_attention for s in found) else Exit.OK)


def _document(status: LinkStatus, now: datetime) -> dict[str, Any]:
    from dataclasses import asdict

    since = status.oldest_unsent
    return asdict(status) | {
        "needs_attention": status.needs_attention,
        "oldest_unsent_age": now - since if since else None,
    }


def _tell(
    console: Console, found: list[LinkStatus], quotas: list[QuotaStatus], now: datetime
) -> None:
    for status in found:
        facts = [fact for fact in _facts(status, now) if fact[1] not in ("", 0)]
        console.print(grid(f"link {status.link}", ["what", "now"], facts))
        if not status.runs:
            console.print("It never ran: `tandem sync` or the DAGs start it.")
        rows = [
            (run.started_at, run.lane, run.outcome or "running", _counts(run.counts))
            for run in status.runs
        ]
        if rows:
            console.print(grid("last runs", ["started", "lane", "outcome", "counts"], rows))
        for warning in status.drift:
            console.print(warning.sentence, highlight=False)
        positions = [(p.system, p.stream, p.moved_at) for p in status.watermarks]
        if positions:
            console.print(grid("read up to", ["system", "stream", "last read"], positions))
    _tell_quotas(console, quotas)


def _tell_quotas(console: Console, quotas: list[QuotaStatus]) -> None:
    rows = [
        (
            one.system,
            one.used,
            "" if one.left is None else one.left,
            "" if one.limit is None else f"{one.reserved or 0} of {one.limit}",
            one.waits_until or "",
            _WHY.get(one.reason or "", ""),
        )
        for one in quotas
    ]
    headings = ["system", "calls today#", "left#", "reserved", "not called before", "because"]
    if rows:
        console.print(grid("systems", headings, rows))


_WHY = {"down": "it is out of reach", "retry_after": "it asked to be left alone"}


def _facts(status: LinkStatus, now: datetime) -> list[tuple[str, Any]]:
    fresh = status.freshness
    linked = [
        f"{object_name} " + ", ".join(f"{system} {n}" for system, n in systems.items())
        for object_name, systems in status.linked.items()
    ]
    lag = f"half within {cell(fresh.p50)}, 95 % within {cell(fresh.p95)}" if fresh.writes else ""
    holder = status.holder
    return [
        ("linked records", "; ".join(linked)),
        ("inbox", _counts(status.inbox)),
        ("outbox", _counts(status.outbox)),
        ("questions", _counts(status.review)),
        ("oldest question", _age(status.oldest_question, now)),
        ("dead letters", status.dead_letters),
        ("quarantine", status.quarantined),
        (f"freshness ({fresh.writes} writes)", lag),
        ("oldest unsent", _age(status.oldest_unsent, now)),
        ("worked on by", f"{holder.holder} until {cell(holder.expires_at)}" if holder else ""),
    ]


def _counts(counts: dict[str, int]) -> str:
    """Counts in one line.

    >>> _counts({"new": 2, "parked": 1})
    'new 2, parked 1'
    """
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _age(moment: datetime | None, now: datetime) -> str:
    return f"{cell(now - moment)} ago" if moment else ""
