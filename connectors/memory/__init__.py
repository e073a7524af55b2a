"""Systems that live in memory: for benchmarks, examples and as the body of test fakes.

>>> from connectors.base import Operation, Write
>>> crm = build({"streams": {"account": ["name", "phone"]}})
>>> native_id = crm.insert("account", name="Acme", phone="030 1")
>>> [page] = crm.read_changes("account", ["name"], None)
>>> page.records[0].values
{'name': 'Acme'}
>>> crm.write("account", [Write(Operation.UPDATE, "key-1", native_id, {"phone": "030 2"})])
[Accepted(native_id='1', version='2')]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.errors import StopRunError
from connectors.memory.system import CAPABILITIES, MemorySystem, text_stream

KIND = "memory"

__all__ = ["CAPABILITIES", "KIND", "MemorySystem", "build", "text_stream"]


def build(settings: Mapping[str, Any]) -> MemorySystem:
    """An empty system.

    Args:
        settings: `streams`: name → list of its (text) columns; and, optionally, any field of
            `connectors.base.Capabilities`, such as `read_batch`.

    Raises:
        StopRunError: a setting is missing or unknown.
    """
    options = dict(settings)
    streams = options.pop("streams", None)
    if not streams:
        raise StopRunError("a memory system needs 'streams'", code="memory.settings")
    try:
        capabilities = replace(CAPABILITIES, **options)
    except TypeError:
        known = ", ".join(("streams", *CAPABILITIES.__dataclass_fields__))
        raise StopRunError(
            f"a memory system has the settings {known}", code="memory.settings"
        ) from None
    return MemorySystem(
        [text_stream(name, columns) for name, columns in streams.items()], capabilities
    )
