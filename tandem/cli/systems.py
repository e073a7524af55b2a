"""`tandem systems`: the systems and what they can do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import typer

from tandem.cli.exits import Exit, epilog
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, errors, grid, show

if TYPE_CHECKING:
    from tandem.app import App


@dataclass(frozen=True, slots=True)
class SystemView:
    """One system as people see it; `error` says why it could not be asked."""

    system: str
    kind: str
    product: str | None = None
    streams: tuple[str, ...] = ()
    capabilities: dict[str, Any] | None = None
    clock_skew: timedelta | None = None
    calls: int = 0
    quota_used: int | None = None
    quota_limit: int | None = None
    error: str | None = None


@with_epilog(epilog(Exit.CONFIG, Exit.OUT_OF_REACH))
def systems(as_json: Json = False) -> None:
    """Show the systems and what they can do.

    Each system is asked once. `calls` is what that took; quota is what the system itself tells.
    """
    from tandem.cli.installation import installation

    with installation() as app, errors().status("asking the systems"):
        found = [_view(app, name, system.kind) for name, system in app.config.systems.items()]
    headings = ["system", "kind", "product", "streams", "can", "clock", "calls#", "quota"]
    show(
        {"systems": [asdict(view) for view in found]},
        lambda console: console.print(grid("", headings, [_row(view) for view in found])),
        as_json=as_json,
    )
    raise typer.Exit(Exit.OUT_OF_REACH if any(view.error for view in found) else Exit.OK)


def _view(app: App, name: str, kind: str) -> SystemView:
    from connectors.errors import ConnectorError

    try:
        connector = app.connector(name)
        about = connector.check()
        return SystemView(
            system=name,
            kind=kind,
            product=about.product,
            streams=tuple(connector.streams()),
            capabilities=asdict(connector.capabilities),
            clock_skew=about.clock_skew,
            calls=connector.calls,
            quota_used=about.quota_used,
            quota_limit=about.quota_limit,
        )
    except ConnectorError as error:
        return SystemView(system=name, kind=kind, error=str(error))


def _row(view: SystemView) -> tuple[Any, ...]:
    if view.error:
        return (view.system, view.kind, f"out of reach: {view.error}", "", "", "", "", "")
    quota = f"{view.quota_used} of {view.quota_limit}" if view.quota_limit else ""
    skew = f"{view.clock_skew.total_seconds():+.1f} s" if view.clock_skew else "in step"
    can = _abilities(view.capabilities or {})
    streams = ", ".join(view.streams)
    return (view.system, view.kind, view.product, streams, can, skew, view.calls, quota)


def _abilities(capabilities: dict[str, Any]) -> str:
    """What a system can do, in words; batch sizes are in the JSON.

    >>> _abilities({"incremental": True, "tombstones": False, "idempotency": "marker"})
    'incremental, idempotency: marker'
    """
    words = ("incremental", "tombstones", "conditional_writes", "deletes")
    able = [word.replace("_", " ") for word in words if capabilities.get(word)]
    return ", ".join([*able, f"idempotency: {capabilities.get('idempotency')}"])
