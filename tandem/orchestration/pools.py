"""The pools that the DAGs refer to, as `airflow pools import` wants them.

    python -m tandem.orchestration.pools > pools.json && airflow pools import pools.json

A task whose pool does not exist never starts. Give a system more slots, or fewer, in Airflow.
"""

from __future__ import annotations

import json
import sys

from tandem.orchestration.lanes import pools
from tandem.settings import Settings, load_config


def main() -> None:
    """Print the pools of the configuration that `TANDEM_CONFIG` points to."""
    wanted = pools(load_config(Settings().config))
    described = {
        name: {"slots": slots, "description": "Tandem", "include_deferred": False}
        for name, slots in wanted.items()
    }
    json.dump(described, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
