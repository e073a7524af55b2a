"""What a transform is: a named reshaping of a value, both ways, and what it may answer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from cleansing.result import Cleansed
from connectors.base import Entry
from tandem.model.fields import Kind, Plain


@dataclass(frozen=True, slots=True)
class Refused:
    """There is a native value, but no safe reading of it; `reasons` are stable codes."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NativeReference:
    """A reference as one system holds it; the match stage turns it into a canonical id."""

    stream: str
    native_id: str


@dataclass(frozen=True, slots=True)
class Catalogues:
    """Directories of allowed values and the synonyms that stewards decided, by directory name."""

    entries: Mapping[str, Sequence[Entry]] = field(default_factory=dict)
    synonyms: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


Read = Callable[[Any, str | None], Any]
"""(native value, the record's country) → Plain | Refused | NativeReference"""

Write = Callable[[Plain, Any], Any]
"""(canonical value, native value there now) → native value"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both directions of a transform with its options filled in."""

    read: Read
    write: Write


@dataclass(frozen=True, slots=True)
class Transform:
    """A named transform as mappings refer to it.

    Attributes:
        name: name in YAML.
        make: factory; keyword arguments are the options, `catalogues` is passed when it asks.
        kinds: kinds of canonical field it may feed.
        parts: names of the native columns it takes together; empty for a single column.
        by_country: the record's country decides how it reads a value.
    """

    name: str
    make: Callable[..., Pair]
    kinds: frozenset[Kind]
    parts: tuple[str, ...] = ()
    by_country: bool = False

    @property
    def options(self) -> dict[str, inspect.Parameter]:
        """Options that may stand in YAML, by name."""
        parameters = inspect.signature(self.make).parameters
        return {name: p for name, p in parameters.items() if name != "catalogues"}

    @property
    def takes_catalogues(self) -> bool:
        """Whether the factory wants the directories of allowed values."""
        return "catalogues" in inspect.signature(self.make).parameters

    @property
    def summary(self) -> str:
        """First line of the factory's docstring."""
        return (inspect.getdoc(self.make) or "").partition("\n")[0]


_registry: dict[str, Transform] = {}
TRANSFORMS: Mapping[str, Transform] = MappingProxyType(_registry)
"""All transforms by name."""


def transform(
    *kinds: Kind, parts: tuple[str, ...] = (), by_country: bool = False
) -> Callable[[Callable[..., Pair]], Callable[..., Pair]]:
    """Register a factory under its own name; third-party code may call it too."""

    def register(make: Callable[..., Pair]) -> Callable[..., Pair]:
        name = make.__name__
        _registry[name] = Transform(name, make, frozenset(kinds), parts, by_country)
        return make

    return register


def from_cleansed(cleansed: Cleansed[Any], plain: Callable[[Any], Plain]) -> Any:
    """The plain value of a cleanser's answer, its refusal, or None where there was no text."""
    if cleansed.value is not None:
        return plain(cleansed.value)
    return Refused(cleansed.reasons) if cleansed.refused else None


MEMO = 16_384
"""Readings that a transform remembers: the same text comes by again as an echo, in a compare, and
on the other side."""


def remembered(read: Callable[[str, str | None], Any]) -> Read:
    """A reader of texts that works out each text once; what is blank reads as nothing.

    Composite readings are shared: like every plain value, they are replaced and never changed.
    """
    memo = lru_cache(maxsize=MEMO)(read)

    def read_once(native: Any, country: str | None) -> Any:
        return None if is_blank(native) else memo(str(native), country)

    return read_once


def as_is(value: Plain, _current: Any) -> Any:
    """Write a value unchanged."""
    return value


def is_blank(native: Any) -> bool:
    """True of None and of text without a sign in it."""
    return native is None or (isinstance(native, str) and not native.strip())
