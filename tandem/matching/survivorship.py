"""The golden record: for each field, whose value survives, and where it came from.

>>> day = datetime(2026, 3, 1, tzinfo=UTC)
>>> crm = Version("crm", "c1", {"name": "Acme", "phone": ""}, modified_at=day)
>>> erp = Version("erp", "e1", {"name": "ACME SA", "phone": "210"})
>>> golden = survive((crm, erp), {"name": Rule("latest"), "phone": Rule("owner", owner="crm")})
>>> golden["name"].value, golden["name"].origin.system, golden["phone"].origin.native_id
('Acme', 'crm', 'e1')
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Strategy = Literal["owner", "latest", "most_complete", "most_frequent", "longest", "steward"]
"""How a surviving value is chosen:

* `owner`: the owner's value; when it is empty, the next system's in order.
* `latest`: the value of the version modified last.
* `most_complete`: the value with the most parts filled; of a text, any that is filled.
* `most_frequent`: the value most versions agree on.
* `longest`: the longest text.
* `steward`: what a person decided; until then as `owner`.
"""


@dataclass(frozen=True, slots=True)
class Version:
    """One system's view of a thing, in canonical form.

    Attributes:
        system: name of the system.
        native_id: the record's id there.
        values: field → canonical value; absent, None and empty all mean that it has none.
        modified_at: when the record changed last, UTC; None when the system does not say.
        field_modified_at: when single fields changed last, where that is known.
    """

    system: str
    native_id: str
    values: Mapping[str, Any]
    modified_at: datetime | None = None
    field_modified_at: Mapping[str, datetime] = field(default_factory=dict)

    def moment(self, name: str) -> datetime:
        """When this field changed last; the beginning of time when nobody knows."""
        known = self.field_modified_at.get(name, self.modified_at)
        return known or datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field survives.

    Attributes:
        strategy: see `Strategy`.
        owner: system whose value goes first; it also settles every tie.
    """

    strategy: Strategy = "owner"
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from, and by which strategy it was chosen."""

    system: str
    native_id: str
    strategy: Strategy


@dataclass(frozen=True, slots=True)
class Survivor:
    """A value of the golden record with its origin."""

    value: Any
    origin: Origin


def survive(
    versions: Sequence[Version],
    rules: Mapping[str, Rule],
    decisions: Mapping[str, Origin] | None = None,
    default: Rule = Rule(),
) -> dict[str, Survivor]:
    """The golden record of one thing.

    Args:
        versions: every record that is this thing, in the order of the systems' precedence.
        rules: by field.
        decisions: by field, the record whose value a steward chose; it wins whatever the rule.
        default: the rule of fields that `rules` does not name.

    Returns:
        Field → surviving value; a field that nobody fills is left out.

    >>> survive((Version("crm", "1", {"city": None}),), {})
    {}
    """
    names = dict.fromkeys(name for version in versions for name in version.values)
    golden = {}
    for name in names:
        filled = [version for version in versions if _is_filled(version.values.get(name))]
        if filled:
            rule = rules.get(name, default)
            chosen, strategy = _choose(name, filled, rule, (decisions or {}).get(name))
            origin = Origin(chosen.system, chosen.native_id, strategy)
            golden[name] = Survivor(chosen.values[name], origin)
    return golden


def _choose(
    name: str, filled: Sequence[Version], rule: Rule, decided: Origin | None
) -> tuple[Version, Strategy]:
    if decided is not None:
        for version in filled:
            if (version.system, version.native_id) == (decided.system, decided.native_id):
                return version, "steward"
    # The owner goes first, so that the first of equals is the owner's.
    ordered = sorted(filled, key=lambda version: version.system != rule.owner)
    return _STRATEGIES[rule.strategy](name, ordered), rule.strategy


def _is_filled(value: Any) -> bool:
    """Whether there is anything in a value; 0 and False are values.

    >>> [_is_filled(value) for value in (None, "", " ", (), {}, {"city": ""}, 0, False, "x")]
    [False, False, False, False, False, False, True, True, True]
    """
    return _parts(value) > 0


def _parts(value: Any) -> int:
    """How many filled parts a value has; a plain one has one.

    >>> _parts({"city": "Oslo", "unit": ""}), _parts(("a", "b")), _parts("Oslo")
    (1, 2, 1)
    """
    if value is None:
        return 0
    if isinstance(value, str):
        return 1 if value.strip() else 0
    if isinstance(value, Mapping):
        return sum(1 for part in value.values() if _parts(part))
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(1 for part in value if _parts(part))
    return 1


def _first(name: str, ordered: Sequence[Version]) -> Version:  # noqa: ARG001 - a strategy
    return ordered[0]


def _latest(name: str, ordered: Sequence[Version]) -> Version:
    return max(ordered, key=lambda version: version.moment(name))


def _most_complete(name: str, ordered: Sequence[Version]) -> Version:
    return max(ordered, key=lambda version: _parts(version.values[name]))


def _most_frequent(name: str, ordered: Sequence[Version]) -> Version:
    counts = Counter(_same(version.values[name]) for version in ordered)
    return max(ordered, key=lambda version: counts[_same(version.values[name])])


def _same(value: Any) -> str:
    """A form that equal values share; order in a mapping does not matter."""
    if isinstance(value, Mapping):
        return repr(sorted((name, part) for name, part in value.items() if _parts(part)))
    return repr(value)


def _longest(name: str, ordered: Sequence[Version]) -> Version:
    return max(ordered, key=lambda version: len(str(version.values[name])))


_STRATEGIES: Mapping[Strategy, Callable[[str, Sequence[Version]], Version]] = {
    "owner": _first,
    "latest": _latest,
    "most_complete": _most_complete,
    "most_frequent": _most_frequent,
    "longest": _longest,
    "steward": _first,
}
