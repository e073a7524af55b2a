"""A batch as columns, one value per record: what the expectations look at. Pure.

    {"native_id": ["1", "2"], "Name": ["Acme", None], "FirstName|LastName": ["Anna Kowalska", None]}

Blank texts, empty lists and empty composites are None. Texts stay texts; a column of numbers has
numbers where it can be read as numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.base import ColumnType, Values
from tandem.mapping.compiler import CompiledField, CompiledMapping
from tandem.mapping.transforms import Refused
from tandem.model.fields import is_empty
from tandem.model.quality import Rule
from tandem.quality.suite import ID, Expectation


class Frame:
    """Collects the columns that a suite needs, record by record."""

    def __init__(self, mapping: CompiledMapping, suite: Iterable[Expectation]) -> None:
        self._mapping = mapping
        self.columns: dict[str, list[Any]] = {ID: []}
        self._sources: dict[str, Expectation] = {}
        for expectation in suite:
            if expectation.columns:
                self._sources.setdefault(frame_column(expectation), expectation)
        for name in self._sources:
            self.columns[name] = []
        self._empty = dict.fromkeys(mapping.fields, 0)

    def __len__(self) -> int:
        return len(self.columns[ID])

    def add(self, native_id: str, values: Values) -> None:
        """Take in one record."""
        self.columns[ID].append(native_id)
        for name, expectation in self._sources.items():
            self.columns[name].append(self._value(expectation, values))
        for field in self._mapping.fields.values():
            self._empty[field.name] += not _filled(field, values)

    @property
    def null_rates(self) -> dict[str, float]:
        """Canonical field → share of the records in which nothing stands."""
        count = len(self)
        return {name: round(n / count, 4) for name, n in self._empty.items()} if count else {}

    def _value(self, expectation: Expectation, values: Values) -> Any:
        if expectation.rule is Rule.RANGE:
            return self._number(self._mapping.fields[expectation.field], values)
        if expectation.type is ColumnType.NUMBER:
            return as_number(_tidy(values.get(expectation.columns[0])))
        if expectation.type is ColumnType.BOOLEAN:
            return _tidy(values.get(expectation.columns[0]))
        parts = [text for c in expectation.columns if (text := as_text(values.get(c))) is not None]
        return " ".join(parts) or None

    def _number(self, field: CompiledField, values: Values) -> float | None:
        """As the mapping reads it; what it refuses is no matter of a range."""
        read = field.pair.read(field.native(values), self._mapping.country)
        return None if read is None or isinstance(read, Refused) else float(read)


def frame_column(expectation: Expectation) -> str:
    """Name of the column that an expectation looks at."""
    name = "|".join(expectation.columns)
    if expectation.rule is Rule.RANGE:
        return f"{name} (as a number)"
    return f"{name} (as it is)" if expectation.type is not None else name


def _filled(field: CompiledField, values: Mapping[str, Any]) -> bool:
    return any(_tidy(values.get(column)) is not None for column in field.natives)


def _tidy(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        return None
    return None if is_empty(value) else value


def as_text(value: Any) -> str | None:
    """A native value as text; None when nothing stands there.

    >>> as_text(" "), as_text(0), as_text(["b", "a"])
    (None, '0', "['b', 'a']")
    """
    tidy = _tidy(value)
    return None if tidy is None else str(tidy)


def as_number(value: Any) -> Any:
    """A number, also from plain text; anything else stays as it is.

    >>> as_number("12.50"), as_number(3), as_number("a lot"), as_number(True)
    (12.5, 3.0, 'a lot', True)
    """
    if value is None or isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value
