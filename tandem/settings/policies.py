"""Rules of one object within a link: conflicts, deletions, quality, survivorship."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from tandem.model.fields import Kind
from tandem.model.objects import field_types
from tandem.model.quality import Rule, Severity
from tandem.settings.values import Strict
from tandem.yaml_file import did_you_mean


class PolicyName(StrEnum):
    """Rule that resolves a conflict."""

    OWNER = "owner"
    LATEST = "latest"
    MOST_COMPLETE = "most_complete"
    UNION = "union"
    REVIEW = "review"


class Policy(Strict):
    """How conflicts over a field are resolved; `owner` names the system of record."""

    policy: PolicyName
    owner: str | None = None

    @model_validator(mode="after")
    def _owner_named(self) -> Policy:
        if (self.policy is PolicyName.OWNER) != (self.owner is not None):
            raise ValueError("'owner' goes with policy 'owner', and policy 'owner' needs it")
        return self


def _short_policy(value: object) -> object:
    return {"policy": value} if isinstance(value, str) else value


PolicyConfig = Annotated[Policy, BeforeValidator(_short_policy)]


class DeletePolicy(StrEnum):
    """What a deletion on one side means for the others."""

    PROPAGATE = "propagate"
    DEACTIVATE = "deactivate"
    RESTORE = "restore"
    UNLINK = "unlink"
    REVIEW = "review"


class Deletes(Strict):
    """Deletions: the policy, and the ceiling above which a person must approve.

    Attributes:
        ceiling: most deletions that one system may report in one run before all of them wait.
        ceiling_share: the same as a share of the records linked to that system.
    """

    policy: DeletePolicy = DeletePolicy.REVIEW
    ceiling: int = Field(default=25, ge=0)
    ceiling_share: float = Field(default=0.05, ge=0, le=1)


class Bounds(Strict):
    """What a number may lie between, bounds included."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Bounds:
        if self.min is None and self.max is None:
            raise ValueError("give 'min', 'max' or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("'min' is above 'max'")
        return self


class Quality(Strict):
    """The quality gate of one object: what is expected of each larger batch before it goes on.

    Attributes:
        enabled: `quality: false` is short for a gate that is switched off.
        min_rows: smaller batches go on without a gate.
        tolerance: share of a batch that may fail a rule about single records.
        null_rate_rise: how far the share of empty values of a field may rise above the highest of
            the last good batches.
        shrink: a full listing may be this much shorter than the last good ones, as a share.
        growth: a full listing may be this many times as long as the last good ones.
        history: with how many of the last good batches a batch is compared.
        unique: fields of which no two records may share a value.
        ranges: bounds of numeric fields.
        severity: what a rule that is not met leads to, by rule (`allowed`) or by rule and field
            (`null_rate.phone`): `block`, `hold`, `warn` or `ignore`.
    """

    enabled: bool = True
    min_rows: int = Field(default=100, ge=1)
    tolerance: float = Field(default=0.05, ge=0, lt=1)
    null_rate_rise: float = Field(default=0.25, ge=0, le=1)
    shrink: float = Field(default=0.5, ge=0, le=1)
    growth: float = Field(default=5, ge=1)
    history: int = Field(default=5, ge=1)
    unique: tuple[str, ...] = ()
    ranges: Mapping[str, Bounds] = {}
    severity: Mapping[str, Severity] = {}

    def severity_of(self, rule: Rule, field: str) -> Severity:
        """What follows when a rule about a field is not met; the narrower setting wins."""
        default = Severity.HOLD if rule is Rule.UNIQUE else Severity.BLOCK
        return self.severity.get(f"{rule}.{field}", self.severity.get(rule, default))

    def complaints(self, object_name: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """(place, message) for each name in it that means nothing for an object.

        >>> [text for _, text in Quality(unique=("tax",)).complaints("account")]
        ["account has no field 'tax'; did you mean 'tax_id'?"]
        """
        types = field_types(object_name)

        def unknown(name: str) -> str:
            return f"{object_name} has no field '{name}'{did_you_mean(name, types)}"

        for index, name in enumerate(self.unique):
            if name not in types:
                yield ("unique", index), unknown(name)
        for name in self.ranges:
            if name not in types:
                yield ("ranges", name), unknown(name)
            elif types[name].kind not in (Kind.INTEGER, Kind.DECIMAL):
                yield (
                    ("ranges", name),
                    f"{object_name}.{name} is a {types[name].kind}: only numbers have a range",
                )
        for key in self.severity:
            rule, _, name = key.partition(".")
            if rule not in set(Rule):
                hint = did_you_mean(rule, set(Rule))
                yield ("severity", key), f"there is no quality rule '{rule}'{hint}"
            elif name and name not in types:
                yield ("severity", key), unknown(name)


def _short_quality(value: object) -> object:
    return {"enabled": value} if isinstance(value, bool) else value


class MergePolicy(StrEnum):
    """What a merge in one system means for the other systems' records."""

    FOLLOW = "follow"
    REVIEW = "review"


class SurvivorRule(StrEnum):
    """How the value is found that survives when two records become one."""

    OWNER = "owner"
    LATEST = "latest"
    MOST_COMPLETE = "most_complete"
    MOST_FREQUENT = "most_frequent"
    LONGEST = "longest"
    STEWARD = "steward"


class Survivor(Strict):
    """How one field survives; `owner` names the system whose value goes first."""

    rule: SurvivorRule
    owner: str | None = None


def _short_survivor(value: object) -> object:
    return {"rule": value} if isinstance(value, str) else value


SurvivorConfig = Annotated[Survivor, BeforeValidator(_short_survivor)]

_SURVIVOR_OF = {
    PolicyName.OWNER: SurvivorRule.OWNER,
    PolicyName.LATEST: SurvivorRule.LATEST,
    PolicyName.MOST_COMPLETE: SurvivorRule.MOST_COMPLETE,
    PolicyName.UNION: SurvivorRule.MOST_COMPLETE,
    # Who merges is there to look: the survivor's own value is proposed, and gaps are filled.
    PolicyName.REVIEW: SurvivorRule.OWNER,
}
"""Conflict policy → how a field survives a merge that has no rule of its own."""


class Survivorship(Strict):
    """Which value survives a merge, by field.

    Attributes:
        default: rule of every field that has none of its own; when None, the field's conflict
            policy says it.
        fields: rule by canonical field.
    """

    default: SurvivorConfig | None = None
    fields: Mapping[str, SurvivorConfig] = {}


class ObjectPolicy(Strict):
    """Rules of one object within a link.

    Attributes:
        default: policy of every field that has none of its own.
        fields: policy by canonical field.
        survivorship: see `Survivorship`.
        merges: what a merge in one system means for the others: `follow` merges there as well,
            `review` asks a person first.
        deletes: see `Deletes`.
        create_in: systems in which missing records are created; all of the link's when None.
        quality: see `Quality`.
    """

    default: PolicyConfig = Policy(policy=PolicyName.REVIEW)
    fields: Mapping[str, PolicyConfig] = {}
    survivorship: Survivorship = Survivorship()
    merges: MergePolicy = MergePolicy.REVIEW
    deletes: Deletes = Deletes()
    create_in: tuple[str, ...] | None = None
    quality: Annotated[Quality, BeforeValidator(_short_quality)] = Quality()

    def policy(self, field: str) -> Policy:
        """The policy that holds for a field."""
        return self.fields.get(field, self.default)

    def survivor(self, field: str) -> Survivor:
        """The rule by which a field survives a merge."""
        rule = self.survivorship.fields.get(field, self.survivorship.default)
        if rule is not None:
            return rule
        policy = self.policy(field)
        return Survivor(rule=_SURVIVOR_OF[policy.policy], owner=policy.owner)
