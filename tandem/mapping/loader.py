"""Reads all mapping files of a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tandem.errors import ConfigError
from tandem.mapping.schema import Mapping
from tandem.yaml_file import YamlFile


def load_mappings(folder: Path, systems: Iterable[str]) -> dict[tuple[str, str], Mapping]:
    """Mappings by (object, system) from `folder/**/*.yaml`, those of the given systems only.

    Raises:
        ConfigError: a file is wrong, or two files map the same object of the same system.
    """
    known = set(systems)
    found: dict[tuple[str, str], Mapping] = {}
    complaints: list[str] = []
    for path in sorted(folder.rglob("*.yaml")):
        try:
            file = YamlFile(path)
            mapping = file.to(Mapping)
        except ConfigError as error:
            complaints.append(error.message)
            continue
        key = (mapping.object, mapping.system)
        if mapping.system not in known:
            continue
        if key in found:
            complaints.append(
                file.complaint(("object",), f"{key[0]} of {key[1]} is mapped in another file too")
            )
        found[key] = mapping
    if complaints:
        raise ConfigError("\n".join(complaints))
    return found
