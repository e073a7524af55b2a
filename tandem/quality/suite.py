"""What is expected of a batch. Pure.

It is generated from the mapping, the stream's contract, the rules of the link, and what the last
good batches looked like. A name in two columns, mandatory for every contact, of which the CRM
demands the family name:

    not_null.name           (FirstName, LastName)   one of them is filled
    not_null.name.LastName  (LastName,)             this one is filled
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from connectors.base import Column, ColumnType, StreamSpec
from tandem.mapping.compiler import CompiledField, CompiledMapping
from tandem.mapping.schema import Direction
from tandem.model.objects import mandatory_fields
from tandem.model.quality import Past, Rule, Severity
from tandem.settings import Quality

ID = "native_id"
"""Column of a batch's frame that holds the native ids."""

PER_RECORD = frozenset(Rule) - {Rule.ROW_COUNT, Rule.NULL_RATE}
"""Rules that single records fail; the others judge the batch as a whole."""

_TEXTUAL = (ColumnType.STRING, ColumnType.REFERENCE)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that is expected of a batch.

    Attributes:
        field: canonical field; empty where the rule is about the table.
        columns: native columns of the record that it looks at; several count as one value.
        part: the native column when the rule is about one of a field's several columns.
        low, high: bounds of a length, a number, a row count or a share; None is open.
        allowed: the values that may stand there, for `Rule.ALLOWED`.
        type: what kind of value may stand there, for `Rule.TYPE`.
    """

    rule: Rule
    severity: Severity
    field: str = ""
    columns: tuple[str, ...] = ()
    part: str = ""
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    type: ColumnType | None = None

    @property
    def name(self) -> str:
        """Rule, field and part, as `not_null.name`: unique within a suite."""
        return ".".join(part for part in (self.rule, self.field, self.part) if part)

    @property
    def per_record(self) -> bool:
        """Whether single records fail it."""
        return self.rule in PER_RECORD


def suite(
    mapping: CompiledMapping, spec: StreamSpec | None, rules: Quality, past: Past
) -> list[Expectation]:
    """Everything that is expected of a batch, without what is to be ignored.

    Args:
        mapping: the object in the system that the batch came from.
        spec: the stream's contract; None when it is not known.
        rules: configuration of the gate.
        past: the last good batches; what they cannot tell is not expected.
    """
    columns = spec.columns if spec else {}
    expected = [
        Expectation(Rule.UNIQUE_ID, rules.severity_of(Rule.UNIQUE_ID, "")),
        *_row_count(rules, past),
    ]
    for field in mapping.fields.values():
        if field.direction is not Direction.WRITE:
            expected += _field(mapping.object, field, columns, rules, past)
    return [e for e in expected if e.severity is not Severity.IGNORE]


def _row_count(rules: Quality, past: Past) -> Iterator[Expectation]:
    if past.listed:
        usual = median(past.listed)
        yield Expectation(
            Rule.ROW_COUNT,
            rules.severity_of(Rule.ROW_COUNT, ""),
            low=usual * (1 - rules.shrink),
            high=usual * rules.growth,
        )


def _field(
    object_name: str,
    field: CompiledField,
    columns: Mapping[str, Column],
    rules: Quality,
    past: Past,
) -> Iterator[Expectation]:
    name, natives = field.name, field.natives

    def expect(rule: Rule, **what: object) -> Expectation:
        facts = {"field": name, "columns": natives, **what}
        return Expectation(rule, rules.severity_of(rule, name), **facts)  # type: ignore[arg-type]  # of its fields

    if name in mandatory_fields(object_name) or field.required:
        yield expect(Rule.NOT_NULL)
    if name in rules.unique:
        yield expect(Rule.UNIQUE)
    if name in rules.ranges:
        bounds = rules.ranges[name]
        yield expect(Rule.RANGE, low=bounds.min, high=bounds.max)
    rates = [rates[name] for rates in past.null_rates if name in rates]
    if rates:
        yield expect(Rule.NULL_RATE, high=min(1.0, max(rates) + rules.null_rate_rise))
    for native in natives:
        if native in columns:
            part = native if len(natives) > 1 else ""
            mandatory = name in mandatory_fields(object_name) or field.required
            for rule, what in _column(columns[native]):
                if rule is not Rule.NOT_NULL or part or not mandatory:
                    yield expect(rule, columns=(native,), part=part, **what)


def _column(column: Column) -> Iterator[tuple[Rule, dict[str, object]]]:
    """What the system itself says about one of its columns."""
    if column.required:
        yield Rule.NOT_NULL, {}
    if column.allowed and column.type in _TEXTUAL:
        yield Rule.ALLOWED, {"allowed": column.allowed}
    if column.length is not None and column.type is ColumnType.STRING:
        yield Rule.LENGTH, {"high": column.length}
    if column.type in (ColumnType.NUMBER, ColumnType.BOOLEAN):
        yield Rule.TYPE, {"type": column.type}
