"""Turns a query's tree into SQL over the store's tables.

Table and column names in the SQL come from the schema only; what a caller wrote is a parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tandem.sandbox.errors import ApiError
from tandem.sandbox.ids import normalise_id
from tandem.sandbox.schema import SCHEMA, Field, FieldType, SObject, find_sobject
from tandem.sandbox.soql.tree import (
    Both,
    Comparison,
    Condition,
    Count,
    FieldGroup,
    Literal,
    Membership,
    Moment,
    Negation,
    Operator,
    Ordering,
    Query,
)

MAX_OFFSET = 2000
MAX_ALL_FIELDS = 200
_MAIN = "main"
_ID_TYPES = frozenset({FieldType.ID, FieldType.REFERENCE})
_KINDS: dict[FieldType, tuple[type, ...]] = {
    FieldType.BOOLEAN: (bool,),
    FieldType.INT: (int, float),
    FieldType.DATETIME: (Moment,),
}


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of the answer: where it stands in a record, and how it is written."""

    path: tuple[str, ...]
    field: Field
    owner: SObject


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled query.

    Attributes:
        sobject: the object asked for.
        columns: of the answer; empty for a count.
        count: set when the query only counts.
        select, ids: SQL up to FROM, for the columns and for the ids alone.
        body: joins, conditions and order, to be put behind either.
        parameters: of the body.
        limit, offset: as written.
    """

    sobject: SObject
    columns: tuple[OutputColumn, ...]
    count: Count | None
    select: str
    ids: str
    joins: str
    body: str
    parameters: tuple[Any, ...]
    limit: int | None
    offset: int


def compile_query(query: Query, *, include_deleted: bool) -> Plan:
    """Return the SQL of a query.

    Raises:
        ApiError: an unknown object or column, a literal of the wrong kind, a bound overstepped.
    """
    sobject = find_sobject(query.sobject)
    if sobject is None:
        raise ApiError("INVALID_TYPE", f"sObject type '{query.sobject}' is not supported.")
    if query.offset > MAX_OFFSET:
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    scope = _Scope(sobject)
    count = _sole_count(query)
    columns = () if count else _columns(query, scope)
    counted = scope.resolve(count.path)[0] if count and count.path else "*"
    names = ", ".join(scope.resolve(column.path)[0] for column in columns)
    select = f"SELECT COUNT({counted})" if count else f"SELECT {names}"
    conditions, parameters = [], []
    if not include_deleted:
        conditions.append(f'"{_MAIN}"."IsDeleted" = 0')
    if query.where is not None:
        sql, values = _condition(query.where, scope)
        conditions.append(sql)
        parameters.extend(values)
    order = _order(query.order_by, scope)
    return Plan(
        sobject=sobject,
        columns=columns,
        count=count,
        select=select,
        ids=f'SELECT "{_MAIN}"."Id"',
        joins=f' FROM "{sobject.name}" AS "{_MAIN}"' + "".join(scope.joins.values()),
        body=(" WHERE " + " AND ".join(conditions) if conditions else "") + order,
        parameters=tuple(parameters),
        limit=query.limit,
        offset=query.offset,
    )


class _Scope:
    """The tables a query reaches: its own, and those joined through relationships."""

    def __init__(self, sobject: SObject) -> None:
        self.sobject = sobject
        self.joins: dict[tuple[str, ...], str] = {}

    def resolve(self, path: tuple[str, ...]) -> tuple[str, Field, SObject]:
        """Return the SQL name, the field and its object, joining what the path passes through."""
        owner, alias = self.sobject, _MAIN
        for depth, step in enumerate(path[:-1], start=1):
            reference = owner.relationships.get(step.lower())
            if reference is None or reference.references is None:
                raise ApiError(
                    "INVALID_FIELD",
                    f"Didn't understand relationship '{step}' in field path.",
                )
            owner, inner = SCHEMA[reference.references.lower()], alias
            trail = tuple(part.lower() for part in path[:depth])
            alias = "_".join(trail)
            self.joins[trail] = (
                f' LEFT JOIN "{owner.name}" AS "{alias}"'
                f' ON "{alias}"."Id" = "{inner}"."{reference.name}"'
            )
        field = owner.field(path[-1])
        if field is None:
            raise ApiError(
                "INVALID_FIELD", f"No such column '{path[-1]}' on entity '{owner.name}'."
            )
        return f'"{alias}"."{field.name}"', field, owner


def _sole_count(query: Query) -> Count | None:
    counts = [selection for selection in query.selections if isinstance(selection, Count)]
    if not counts:
        return None
    if len(query.selections) > 1:
        raise ApiError("MALFORMED_QUERY", "Grouped query: fields beside COUNT() need GROUP BY")
    if query.order_by:
        raise ApiError("MALFORMED_QUERY", "ORDER BY cannot be used with COUNT()")
    return counts[0]


def _columns(query: Query, scope: _Scope) -> tuple[OutputColumn, ...]:
    columns: dict[tuple[str, ...], OutputColumn] = {}
    for selection in query.selections:
        if isinstance(selection, Count):
            continue
        paths = (
            _group_paths(selection, query, scope.sobject)
            if isinstance(selection, FieldGroup)
            else [selection]
        )
        for path in paths:
            column = _output(path, scope)
            if column.path in columns:
                raise ApiError("MALFORMED_QUERY", f"duplicate field selected: {'.'.join(path)}")
            columns[column.path] = column
    return tuple(columns.values())


def _output(path: tuple[str, ...], scope: _Scope) -> OutputColumn:
    _, field, owner = scope.resolve(path)
    steps: list[str] = []
    current = scope.sobject
    for step in path[:-1]:
        reference = current.relationships[step.lower()]
        steps.append(str(reference.relationship))
        current = SCHEMA[str(reference.references).lower()]
    return OutputColumn((*steps, field.name), field, owner)


def _group_paths(group: FieldGroup, query: Query, sobject: SObject) -> list[tuple[str, ...]]:
    bounded = query.limit is not None and query.limit <= MAX_ALL_FIELDS
    if group.group != "STANDARD" and not bounded:
        raise ApiError(
            "MALFORMED_QUERY",
            f"The SOQL FIELDS function must have a LIMIT of at most {MAX_ALL_FIELDS}",
        )
    wanted = {"ALL": (True, False), "CUSTOM": (True,), "STANDARD": (False,)}[group.group]
    return [(field.name,) for field in sobject.fields if field.custom in wanted]


def _order(orderings: Sequence[Ordering], scope: _Scope) -> str:
    parts = []
    for ordering in orderings:
        name, field, _ = scope.resolve(ordering.path)
        if field.type not in _KINDS and field.type not in _ID_TYPES:
            name = f"fold({name})"
        direction = " DESC" if ordering.descending else ""
        # Nulls come first in either direction; SQLite puts them last in a descending order.
        if ordering.nulls_last != ordering.descending:
            direction += " NULLS LAST" if ordering.nulls_last else " NULLS FIRST"
        parts.append(name + direction)
    return " ORDER BY " + ", ".join(parts) if parts else ""


Fragment = tuple[str, list[Any]]


def _condition(condition: Condition, scope: _Scope) -> Fragment:
    if isinstance(condition, Both):
        fragments = [_condition(part, scope) for part in condition.parts]
        sql = f" {condition.word} ".join(f"({part})" for part, _ in fragments)
        return sql, [value for _, values in fragments for value in values]
    if isinstance(condition, Negation):
        sql, values = _condition(condition.part, scope)
        return f"NOT coalesce({sql}, 0)", values
    if isinstance(condition, Membership):
        return _membership(condition, scope)
    return _comparison(condition, scope)


def _membership(condition: Membership, scope: _Scope) -> Fragment:
    name, field, _ = scope.resolve(condition.path)
    operand = _operand(name, field)
    values = [_value(field, value) for value in condition.values]
    marks = ", ".join("?" * len(values))
    if condition.negated:
        return f"({operand} IS NULL OR {operand} NOT IN ({marks}))", values
    return f"{operand} IN ({marks})", values


def _comparison(condition: Comparison, scope: _Scope) -> Fragment:
    name, field, _ = scope.resolve(condition.path)
    if condition.operator is Operator.LIKE:
        if field.type in _KINDS:
            raise _wrong_kind(field)
        return f"fold({name}) LIKE ? ESCAPE '\\'", [str(condition.value).casefold()]
    if condition.value is None:
        if condition.operator not in {Operator.EQ, Operator.NE}:
            raise ApiError("INVALID_FIELD", f"null cannot be ordered: field '{field.name}'")
        return f"{name} IS {'NOT ' * (condition.operator is Operator.NE)}NULL", []
    value = _value(field, condition.value)
    # A row without a value is also "not equal" to one.
    operator = "IS NOT" if condition.operator is Operator.NE else condition.operator.value
    return f"{_operand(name, field)} {operator} ?", [value]


def _operand(name: str, field: Field) -> str:
    plain = field.type in _KINDS or field.type in _ID_TYPES or field.external_id
    return name if plain else f"fold({name})"


def _value(field: Field, literal: Literal) -> Any:
    if literal is None:
        return None
    kinds = _KINDS.get(field.type)
    if kinds is None:
        if not isinstance(literal, str):
            raise _wrong_kind(field)
        return _id_value(field, literal) if field.type in _ID_TYPES else _text_value(field, literal)
    if not isinstance(literal, kinds) or (isinstance(literal, bool) and bool not in kinds):
        raise _wrong_kind(field)
    return literal.stamp_ms if isinstance(literal, Moment) else literal


def _text_value(field: Field, literal: str) -> str:
    return literal if field.external_id else literal.casefold()


def _id_value(field: Field, literal: str) -> str:
    native_id = normalise_id(literal) if literal else ""
    if native_id is None:
        raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {field.name}")
    return native_id


def _wrong_kind(field: Field) -> ApiError:
    return ApiError(
        "INVALID_FIELD",
        f"value of filter criterion for field '{field.name}' must be of type {field.type}",
    )
