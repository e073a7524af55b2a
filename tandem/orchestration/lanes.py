"""Names that DAGs, pools, doorbell and demo agree on. Imports neither Airflow nor the engine."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tandem.settings import Config

LIVE_POOL = "tandem_live"
"""Pool of the live loops, which keep their slots."""

SLOTS = 2
"""Tasks that may work with one system at a time, over all links."""


class Mode(StrEnum):
    """What a batch run reads."""

    FIRST_LOAD = "first_load"
    COMPARE = "compare"
    CHANGES = "changes"
    BACKFILL = "backfill"


def dag_id(link: str, lane: str) -> str:
    """Id of the DAG that runs a lane.

    >>> dag_id("customers", "live")
    'tandem_customers_live'
    """
    return f"tandem_{link}_{lane}"


def doorbell_uri(link: str) -> str:
    """URI of the asset whose events say that there is work.

    >>> doorbell_uri("customers")
    'tandem://customers/doorbell'
    """
    return f"tandem://{link}/doorbell"


def pool_of(system: str) -> str:
    """Name of the pool that bounds how many tasks work with a system."""
    return f"tandem_{system}"


def pools(config: Config) -> Mapping[str, int]:
    """Every pool that the DAGs refer to, with its slots; without them no task starts."""
    return {LIVE_POOL: len(config.links)} | {pool_of(s): SLOTS for s in sorted(config.systems)}
