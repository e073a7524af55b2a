"""Puts an installation together: settings, configuration, mappings, connectors, state.

This is what the drivers (CLI, orchestration, console) hold; nothing below it knows about files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import Any

from connectors.base import Connector, Entry, SystemInfo
from connectors.errors import ConnectorError, RecordError
from connectors.registry import connector as build_connector
from tandem.clock import Clock, IdSource
from tandem.desk.groups import give_due
from tandem.errors import ConfigError, NotFoundError
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.loader import load_mappings
from tandem.mapping.schema import Mapping as MappingFile
from tandem.mapping.transforms import Catalogues
from tandem.matching.incremental import Matcher
from tandem.matching.object_rules import MatchRules, load_match_rules
from tandem.model.objects import OBJECTS, field_types
from tandem.model.scorecard import Shape
from tandem.quality.shapes import shapes_of
from tandem.settings import (
    Config,
    LinkConfig,
    Quota,
    Settings,
    SystemConfig,
    load_config,
    resolve_secrets,
)
from tandem.state import synonym
from tandem.state.database import Database, migrate, open_engine
from tandem.state.quota import Budget
from tandem.sync.pipeline import Pipeline
from tandem.sync.types import Link, ObjectRules
from tandem.yaml_file import did_you_mean

SettingsSource = Callable[[SystemConfig], Mapping[str, Any]]
"""Where a system's settings come from; orchestration replaces it by Airflow connections."""

DIRECTORIES = ("country", "subdivision", "city", "position")
"""Directories that transforms read, from any system that has them; each costs a call."""


def plain_settings(system: SystemConfig) -> Mapping[str, Any]:
    """Settings as they stand in `systems.yaml`, references resolved."""
    return resolve_secrets(system.settings)


class App:
    """One installation of Tandem."""

    def __init__(
        self, settings: Settings | None = None, *, settings_of: SettingsSource = plain_settings
    ) -> None:
        self.settings = settings or Settings()
        self._settings_of = settings_of
        self._connectors: dict[str, Connector] = {}

    @cached_property
    def config(self) -> Config:
        """The checked configuration.

        Raises:
            ConfigError: a file is missing or wrong.
        """
        return load_config(self.settings.config)

    @cached_property
    def mappings(self) -> dict[tuple[str, str], MappingFile]:
        """The checked mappings by (object, system)."""
        return load_mappings(self.settings.mappings, self.config.systems)

    @cached_property
    def match_rules(self) -> dict[str, MatchRules]:
        """What `config/matching/` changes about the rules of matching, by object."""
        return load_match_rules(self.settings.config / "matching")

    @cached_property
    def database(self) -> Database:
        """The state database, brought to the current schema."""
        url = self.settings.database_url
        migrate(url)
        return Database(open_engine(url))

    def connector(self, system: str) -> Connector:
        """The connector of a system; one per process.

        Raises:
            ConfigError: the system is not configured, or its settings are not usable.
        """
        if system not in self._connectors:
            config = self.config.systems.get(system)
            if config is None:
                hint = did_you_mean(system, self.config.systems)
                raise ConfigError(f"there is no system '{system}'{hint}")
            self._connectors[system] = build_connector(config.kind, self._settings_of(config))
        return self._connectors[system]

    def link(self, name: str) -> Link:
        """A link with connectors and compiled mappings.

        Raises:
            NotFoundError: there is no such link.
            ConfigError: a mapping is missing or does not compile.
        """
        config = self._link_config(name)
        connectors = {system: self.connector(system) for system in config.systems}
        catalogues = self._catalogues(connectors.values())
        about = {system: _about(connector) for system, connector in connectors.items()}
        skew = {system: told.clock_skew for system, told in about.items()}
        objects: dict[str, ObjectRules] = {}
        for object_name in OBJECTS:
            if object_name not in config.objects:
                continue
            mappings = {
                system: CompiledMapping(mapping, catalogues)
                for system in config.systems
                if (mapping := self.mappings.get((object_name, system))) is not None
            }
            if len(mappings) < 2:
                raise ConfigError(
                    f"link '{name}': {object_name} is mapped in {len(mappings)} of its systems; "
                    f"add mapping files to {self.settings.mappings}"
                )
            types = field_types(object_name)
            objects[object_name] = ObjectRules(
                object=object_name,
                kinds={n: t.kind for n, t in types.items()},
                references={n: t.references for n, t in types.items() if t.references},
                policy=config.objects[object_name],
                mappings=mappings,
                matcher=self.matcher(object_name),
                skew=skew,
                tolerance=config.clock_skew,
            )
        return Link(
            config,
            connectors,
            objects,
            budgets={
                system: budget_of(quota)
                for system in config.systems
                if (quota := self.config.systems[system].quota) is not None
            },
            told={
                system: (told.quota_used or 0, told.quota_limit)
                for system, told in about.items()
                if told.quota_limit is not None
            },
        )

    def _link_config(self, name: str) -> LinkConfig:
        config = self.config.links.get(name)
        if config is None:
            raise NotFoundError(f"there is no link '{name}'{did_you_mean(name, self.config.links)}")
        return config

    def matcher(self, object_name: str) -> Matcher:
        """The matcher of an object: the default rules, as `config/matching/` changes them."""
        rules = self.match_rules.get(object_name)
        return Matcher(rules.model()) if rules else Matcher.for_object(object_name)

    def pipeline(
        self,
        name: str,
        *,
        lane: str = "cli",
        clock: Clock | None = None,
        ids: IdSource | None = None,
    ) -> Pipeline:
        """A pipeline over a link, not yet opened."""
        return Pipeline(
            self.link(name),
            self.database,
            lane=lane,
            clock=clock,
            ids=ids,
            give_answers=give_due,
        )

    def _catalogues(self, connectors: Iterable[Connector]) -> Catalogues:
        entries: dict[str, tuple[Entry, ...]] = {}
        for connector in connectors:
            for directory in DIRECTORIES:
                with suppress(RecordError):
                    entries[directory] = (
                        *entries.get(directory, ()),
                        *connector.directory(directory),
                    )
        with self.database.begin() as connection:
            decided = synonym.by_directory(connection)
        # What a person decided comes last: it wins over the file.
        synonyms = {
            directory: (*self.config.synonyms.get(directory, ()), *decided.get(directory, ()))
            for directory in {*self.config.synonyms, *decided}
        }
        return Catalogues(entries, synonyms)

    def shapes(self, name: str) -> tuple[Shape, ...]:
        """What the scorecard of a link counts, see `Reader.scorecard`. No system is called.

        Raises:
            NotFoundError: there is no such link.
            ConfigError: a file is missing or wrong.
        """
        config = self._link_config(name)
        return shapes_of(self.mappings, config.systems, config.objects)

    def close(self) -> None:
        """Give back connections."""
        for connector in self._connectors.values():
            connector.close()
        if "database" in self.__dict__:
            self.database.close()


def _about(connector: Connector) -> SystemInfo:
    try:
        return connector.check()
    except ConnectorError:
        # A system that is out of reach now will say so in the run; its clock is not the problem.
        return SystemInfo("")


def budget_of(quota: Quota) -> Budget:
    """A system's configured quota as the governor takes it."""
    second = quota.per_second is not None
    return Budget(
        rate=quota.per_second if second else quota.per_minute,
        window=timedelta(seconds=1 if second else 60),
        per_day=quota.per_day,
        reserve=quota.reserve,
        backfill=quota.backfill,
    )
