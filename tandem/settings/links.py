"""`config/links/*.yaml`: what is kept in agreement with what, when, and by which rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field, model_validator

from tandem.model.objects import OBJECTS, field_types
from tandem.settings.policies import ObjectPolicy, Policy, Survivor
from tandem.settings.values import Duration, Strict
from tandem.yaml_file import did_you_mean


class Alerts(Strict):
    """When somebody is told that a link needs them; each once, until it is over.

    Questions that hold up more than a field (a quality gate, a changed structure, many deletions,
    an unknown outcome, a restored system) are always told.

    Attributes:
        oldest_unsent: age of the oldest write that is not answered.
        backlog: records to be worked on and writes to be sent.
        dead_letters: writes refused for good.
        quarantined: records that cannot be read.
    """

    oldest_unsent: Duration = timedelta(minutes=15)
    backlog: int = Field(default=50_000, ge=0)
    dead_letters: int = Field(default=0, ge=0)
    quarantined: int = Field(default=0, ge=0)


class Schedule(Strict):
    """When Airflow runs the lanes. Cron expressions in UTC.

    Attributes:
        full_compare: every record of every side against the state; finds what no event told.
        sweep: the timed twin of the doorbell: pull and drain what a lost event left behind.
        interval: pause between two cycles of the live loop.
        lease: how long one live run holds the link before it hands over.
    """

    full_compare: str | None = "0 3 * * *"
    sweep: str = "*/5 * * * *"
    interval: Duration = timedelta(seconds=1)
    lease: Duration = timedelta(minutes=5)


class LinkConfig(Strict):
    """A set of systems kept in agreement, with the policy per object."""

    link: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    systems: tuple[str, ...] = Field(min_length=2)
    objects: Mapping[str, ObjectPolicy] = Field(min_length=1)
    schedule: Schedule = Schedule()
    alerts: Alerts = Alerts()
    clock_skew: Duration = timedelta(seconds=2)

    @model_validator(mode="after")
    def _names_known(self) -> LinkConfig:
        for name, rules in self.objects.items():
            if name not in OBJECTS:
                raise ValueError(f"there is no object '{name}'{did_you_mean(name, OBJECTS)}")
            known = field_types(name)
            ruled: tuple[tuple[str, Policy | Survivor], ...] = (
                *rules.fields.items(),
                *rules.survivorship.fields.items(),
            )
            for field, rule in ruled:
                if field not in known:
                    raise ValueError(f"{name} has no field '{field}'{did_you_mean(field, known)}")
                if rule.owner and rule.owner not in self.systems:
                    raise ValueError(f"owner '{rule.owner}' of {name}.{field} is not in the link")
        return self
