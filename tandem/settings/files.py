"""Reads and checks all of `config/`; every complaint names file and line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from tandem.errors import ConfigError
from tandem.settings.links import LinkConfig
from tandem.settings.systems import SystemConfig
from tandem.settings.values import Strict
from tandem.yaml_file import YamlFile, did_you_mean


class _Systems(Strict):
    systems: Mapping[str, SystemConfig] = Field(min_length=1)


class CatalogueFile(Strict):
    """Synonyms for the entries of a directory, one file per directory."""

    directory: str
    entries: Mapping[str, tuple[str, ...]] = Field(min_length=1)


class Config(Strict):
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
        _check_quality(file, link)
        if link.link in links:
            raise ConfigError(file.complaint(("link",), f"a second link named '{link.link}'"))
        links[link.link] = link
    if not links:
        raise ConfigError(f"{folder / 'links'}: no link is configured; add one YAML file per link")
    return Config(
        systems=systems,
        links=links,
        synonyms=_load_synonyms(folder / "catalogues"),
    )


def _check_quality(file: YamlFile, link: LinkConfig) -> None:
    complaints = [
        file.complaint(("objects", object_name, "quality", *place), message)
        for object_name, rules in link.objects.items()
        for place, message in rules.quality.complaints(object_name)
    ]
    if complaints:
        raise ConfigError("\n".join(complaints))


def _load_synonyms(folder: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    synonyms: dict[str, tuple[tuple[str, str], ...]] = {}
    for path in sorted(folder.glob("*.yaml")):
        catalogue = YamlFile(path).to(CatalogueFile)
        pairs = tuple((text, code) for code, texts in catalogue.entries.items() for text in texts)
        synonyms[catalogue.directory] = (*synonyms.get(catalogue.directory, ()), *pairs)
    return synonyms
