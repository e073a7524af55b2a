"""The Airflow DAGs of every link in `config/`: batch, events, sweep and live lane of each.

Everything is in `tandem.orchestration.dags`; a wrong file in `config/` shows in Airflow as this
file's import error, which names the file and the line.
"""

from __future__ import annotations

from tandem.orchestration.dags import build_dags

globals().update(build_dags())
