"""Where things are, and what `config/` says: systems, links, policies, schedules.

Environment variables (prefix `TANDEM_`) say where configuration, mappings and state live; the YAML
files in the configuration folder say what is linked to what. Secrets are references in both,
resolved when a connector is built and nowhere else: `env:NAME`, `file:PATH` (a relative one starts
in `TANDEM_HOME`), and `airflow:CONNECTION` where Airflow runs us.

Variables may also stand in `.tandem/settings.env`; `make up` writes one, so that the commands of
the same folder find the demo's systems.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from tandem.errors import ConfigError
from tandem.model.objects import OBJECTS, field_types
from tandem.yaml_file import YamlFile, did_you_mean

ENV_FILE = Path(".tandem/settings.env")


class Settings(BaseSettings):
    """Settings of one installation, from the environment.

    Attributes:
        home: folder for what Tandem itself writes (default state database, demo).
        config: folder with `systems.yaml` and `links/*.yaml`.
        mappings: folder with one YAML file per (object, system).
        database: SQLAlchemy URL of the state; SQLite in `home` when not given.
        log_level: DEBUG, INFO, WARNING or ERROR.
    """

    model_config = SettingsConfigDict(
        env_prefix="TANDEM_", env_file=ENV_FILE, extra="ignore", frozen=True
    )

    home: Path = Path(".tandem")
    config: Path = Path("config")
    mappings: Path = Path("mappings")
    database: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"

    @property
    def database_url(self) -> str:
        """The state database's URL."""
        return self.database or f"sqlite:///{self.home.absolute() / 'state.db'}"


def _seconds(value: object) -> object:
    """`30s`, `5m`, `2h`, `1d` or a number of seconds."""
    if isinstance(value, str) and value[-1:] in _UNITS and value[:-1].strip().isdigit():
        return timedelta(**{_UNITS[value[-1]]: int(value[:-1])})
    return value


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
Duration = Annotated[timedelta, BeforeValidator(_seconds)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SystemConfig(_Model):
    """One CRM or ERP installation.

    Attributes:
        kind: name of the connector.
        settings: what the connector needs; a value `env:…`, `file:…` or `airflow:…` is a reference.
        connection: Airflow connection whose fields replace the settings of the same names.
        url: where people see a record: `{stream}` and `{id}` are replaced.
    """

    kind: str
    settings: Mapping[str, Any] = {}
    connection: str | None = None
    url: str | None = None


class PolicyName(StrEnum):
    """Rule that resolves a conflict."""

    OWNER = "owner"
    LATEST = "latest"
    MOST_COMPLETE = "most_complete"
    UNION = "union"
    REVIEW = "review"


class Policy(_Model):
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


class Deletes(_Model):
    """Deletions: the policy, and the ceiling above which a person must approve.

    Attributes:
        ceiling: most deletions that one system may report in one run before all of them wait.
        ceiling_share: the same as a share of the records linked to that system.
    """

    policy: DeletePolicy = DeletePolicy.REVIEW
    ceiling: int = Field(default=25, ge=0)
    ceiling_share: float = Field(default=0.05, ge=0, le=1)


class ObjectPolicy(_Model):
    """Rules of one object within a link.

    Attributes:
        default: policy of every field that has none of its own.
        fields: policy by canonical field.
        deletes: see `Deletes`.
        create_in: systems in which missing records are created; all of the link's when None.
    """

    default: PolicyConfig = Policy(policy=PolicyName.REVIEW)
    fields: Mapping[str, PolicyConfig] = {}
    deletes: Deletes = Deletes()
    create_in: tuple[str, ...] | None = None

    def policy(self, field: str) -> Policy:
        """The policy that holds for a field."""
        return self.fields.get(field, self.default)


class Schedule(_Model):
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


class LinkConfig(_Model):
    """A set of systems kept in agreement, with the policy per object."""

    link: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    systems: tuple[str, ...] = Field(min_length=2)
    objects: Mapping[str, ObjectPolicy] = Field(min_length=1)
    schedule: Schedule = Schedule()
    clock_skew: Duration = timedelta(seconds=2)

    @model_validator(mode="after")
    def _names_known(self) -> LinkConfig:
        for name, rules in self.objects.items():
            if name not in OBJECTS:
                raise ValueError(f"there is no object '{name}'{did_you_mean(name, OBJECTS)}")
            known = field_types(name)
            for field, policy in rules.fields.items():
                if field not in known:
                    raise ValueError(f"{name} has no field '{field}'{did_you_mean(field, known)}")
                if policy.owner and policy.owner not in self.systems:
                    raise ValueError(f"owner '{policy.owner}' of {name}.{field} is not in the link")
        return self


class _Systems(_Model):
    systems: Mapping[str, SystemConfig] = Field(min_length=1)


class CatalogueFile(_Model):
    """Synonyms for the entries of a directory, one file per directory."""

    directory: str
    entries: Mapping[str, tuple[str, ...]] = Field(min_length=1)


class Config(_Model):
    """All of `config/`. `synonyms` is directory → (text, code) pairs."""

    systems: Mapping[str, SystemConfig]
    links: Mapping[str, LinkConfig]
    synonyms: Mapping[str, tuple[tuple[str, str], ...]] = {}


def load_config(folder: Path) -> Config:
    """Read and check `systems.yaml`, `links/*.yaml` and `catalogues/*.yaml`.

    Raises:
        ConfigError: a file is missing or wrong; names file, line and place.
    """
    systems = YamlFile(folder / "systems.yaml").to(_Systems).systems
    links: dict[str, LinkConfig] = {}
    for path in sorted((folder / "links").glob("*.yaml")):
        file = YamlFile(path)
        link = file.to(LinkConfig)
        for index, name in enumerate(link.systems):
            if name not in systems:
                hint = did_you_mean(name, systems)
                raise ConfigError(
                    file.complaint(("systems", index), f"there is no system '{name}'{hint}")
                )
        if link.link in links:
            raise ConfigError(file.complaint(("link",), f"a second link named '{link.link}'"))
        links[link.link] = link
    if not links:
        raise ConfigError(f"{folder / 'links'}: no link is configured; add one YAML file per link")
    return Config(systems=systems, links=links, synonyms=_load_synonyms(folder / "catalogues"))


def _load_synonyms(folder: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    synonyms: dict[str, tuple[tuple[str, str], ...]] = {}
    for path in sorted(folder.glob("*.yaml")):
        catalogue = YamlFile(path).to(CatalogueFile)
        pairs = tuple((text, code) for code, texts in catalogue.entries.items() for text in texts)
        synonyms[catalogue.directory] = (*synonyms.get(catalogue.directory, ()), *pairs)
    return synonyms


Resolver = Callable[[str], str]


def _from_environment(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise ConfigError(f"secret reference env:{name}: the variable is not set") from None


def _from_file(path: str) -> str:
    try:
        return (Settings().home / Path(path).expanduser()).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"secret reference file:{path}: {error.strerror}") from error


SECRET_RESOLVERS: dict[str, Resolver] = {"env": _from_environment, "file": _from_file}
"""Scheme → function from the rest of the reference to the value. Orchestration adds `airflow`."""


def resolve_secrets(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with every reference replaced by its value.

    Raises:
        ConfigError: a reference leads nowhere.
    """
    return {key: _resolve(value) for key, value in settings.items()}


def _resolve(value: Any) -> Any:
    if isinstance(value, Mapping):
        return resolve_secrets(value)
    if isinstance(value, str):
        scheme, colon, rest = value.partition(":")
        if colon and scheme in SECRET_RESOLVERS:
            return SECRET_RESOLVERS[scheme](rest)
    return value
