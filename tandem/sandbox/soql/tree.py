"""What a query says, as plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Moment:
    """A date-time literal, in milliseconds since 1970: `2020-10-22T21:03:23Z`."""

    stamp_ms: int


Literal = str | int | float | bool | Moment | None


class Operator(StrEnum):
    """Comparisons by the text that writes them."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    LIKE = "LIKE"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`Phone != null`. The path is `("Phone",)`; `("Account", "Name")` through a relationship."""

    path: tuple[str, ...]
    operator: Operator
    value: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """`Id IN ('…', '…')`, or `NOT IN` when negated."""

    path: tuple[str, ...]
    values: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Both:
    """All (`AND`) or any (`OR`) of the parts."""

    word: str
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """`NOT` of a condition."""

    part: Condition


Condition = Comparison | Membership | Both | Negation


@dataclass(frozen=True, slots=True)
class Ordering:
    """One column of ORDER BY."""

    path: tuple[str, ...]
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Count:
    """`COUNT()` (path None: the answer is the total) or `COUNT(Id)` (the answer is a row)."""

    path: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """`FIELDS(ALL)`, `FIELDS(STANDARD)` or `FIELDS(CUSTOM)`."""

    group: str


Selection = tuple[str, ...] | Count | FieldGroup


@dataclass(frozen=True, slots=True)
class Query:
    """A whole SELECT."""

    selections: tuple[Selection, ...]
    sobject: str
    where: Condition | None
    order_by: tuple[Ordering, ...]
    limit: int | None
    offset: int
