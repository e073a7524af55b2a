"""Which kinds of system there are, and how to get a connector to one.

A kind is built by a function from the settings of one system (config/systems.yaml) to a connector.
The ones that ship are in the table below and are imported when first asked for. A package of yours
adds its own through an entry point; a kind that ships cannot be replaced that way:

    [project.entry-points."tandem.connectors"]
    acme = "acme_tandem:build"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from connectors.base import Connector
from connectors.errors import StopRunError

GROUP = "tandem.connectors"

BUILT_IN: Mapping[str, str] = {
    "file": "connectors.file:build",
    "memory": "connectors.memory:build",
    "salesforce": "connectors.salesforce:build",
    "tryton": "connectors.tryton:build",
}


def kinds() -> tuple[str, ...]:
    """Every kind of system there is a connector for, sorted.

    >>> "file" in kinds() and "tryton" in kinds()
    True
    """
    return tuple(sorted({**_third_party(), **BUILT_IN}))


def connector(kind: str, settings: Mapping[str, Any]) -> Connector:
    """A connector to one system.

    Args:
        kind: see `kinds`.
        settings: what that kind needs: address, folder, credentials already resolved.

    Raises:
        StopRunError: no such kind, its package cannot be imported, or it refuses the settings.
    """
    target = BUILT_IN.get(kind) or _third_party().get(kind)
    if target is None:
        raise StopRunError(
            f"no connector for systems of kind {kind!r}; there are: {', '.join(kinds())}",
            code="connector.unknown_kind",
        )
    module, _, function = target.partition(":")
    try:
        build: Callable[[Mapping[str, Any]], Connector] = getattr(import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise StopRunError(
            f"the connector for kind {kind!r} ({target}) cannot be loaded: {error}",
            code="connector.not_importable",
        ) from error
    return build(settings)


def _third_party() -> dict[str, str]:
    """Kind → `module:function` of the packages installed beside us."""
    # Looking through every installed package takes a tenth of a second: not for what ships.
    from importlib.metadata import entry_points  # noqa: PLC0415 - as above

    return {point.name: point.value for point in entry_points(group=GROUP)}
