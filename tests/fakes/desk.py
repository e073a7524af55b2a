"""People at work in a memory system, as the contract suite of connectors asks for them."""

from __future__ import annotations

from connectors.base import Values
from connectors.memory import MemorySystem


class Desk:
    """Somebody at work on one stream of a memory system; see `connectors.testing.Outside`."""

    def __init__(self, system: MemorySystem, stream: str) -> None:
        self._system, self._stream = system, stream

    def insert(self, values: Values) -> str:
        return self._system.insert(self._stream, values)

    def edit(self, native_id: str, values: Values) -> None:
        self._system.edit(self._stream, native_id, values)

    def remove(self, native_id: str) -> None:
        self._system.remove(self._stream, native_id)
