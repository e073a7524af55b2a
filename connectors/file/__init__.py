"""A folder of CSV and XLSX files as a system: one file per stream, one line per record.

    systems:
      sales_sheet:
        kind: file
        path: /srv/share/sales
        key: {customers: number, contacts: [company, email]}
        encoding: cp1251

`customers.csv` (or `.tsv`, `.xlsx`) is the stream `customers`; its first line names the columns.
All values are text, as the file has them: "007" keeps its zeros, "1.234,50" its comma.

A row's version is its place in the history of changes plus a hash. The history is kept in
`.tandem/snapshot.sqlite` beside the files, so a cycle in which nobody saved costs one look at the
file's size and time, and a row that is no longer there becomes a tombstone; unless so many went at
once that the file was probably cut short (`vanish_percent`). See `connectors.file.settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.file.connector import FileConnector
from connectors.file.settings import FileSettings

KIND = "file"

__all__ = ["KIND", "FileConnector", "FileSettings", "build"]


def build(settings: Mapping[str, Any]) -> FileConnector:
    """A connector to one folder; see `FileSettings` for what can be set.

    Raises:
        StopRunError: a setting is missing, unknown or of the wrong shape.
    """
    return FileConnector(FileSettings.of(settings))
