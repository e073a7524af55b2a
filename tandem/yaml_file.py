"""Reads a YAML file into a pydantic model; every complaint names file, line and way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tandem.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


class YamlFile:
    """A parsed YAML file that remembers on which line each of its values stands."""

    def __init__(self, path: Path) -> None:
        """Parse `path`.

        Raises:
            ConfigError: it does not exist, is not UTF-8 or is not YAML.
        """
        self.path = path
        try:
            text = path.read_text(encoding="utf-8")
            self._node = yaml.compose(text, Loader=yaml.SafeLoader)
            self.content: Any = yaml.safe_load(text)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: cannot be read: {error}") from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            problem = getattr(error, "problem", "not YAML")
            raise ConfigError(f"{path}:{line}: {problem}; check indentation and quotes") from error

    def line(self, place: Iterable[str | int]) -> int:
        """Line of the value at a place such as `("fields", "phone", "transform")`, from 1.

        A place that does not exist gives the line of the deepest part that does.
        """
        node, line = self._node, 1
        for step in place:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line

    def complaint(self, place: Iterable[str | int], message: str) -> str:
        """`file:line: place: message`."""
        place = tuple(place)
        where = ".".join(str(step) for step in place)
        return f"{self.path}:{self.line(place)}: {where + ': ' if where else ''}{message}"

    def to(self, model: type[M]) -> M:
        """The content as an instance of `model`.

        Raises:
            ConfigError: it does not fit; all complaints, one per line.
        """
        try:
            return model.model_validate(self.content if self.content is not None else {})
        except ValidationError as error:
            complaints = [
                self.complaint(_without_tags(e["loc"]), _message(e, model)) for e in error.errors()
            ]
            raise ConfigError("\n".join(complaints)) from error


def _child(node: Any, step: str | int) -> tuple[int, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child = node.value[step]
        return child.start_mark.line + 1, child
    return None


def _without_tags(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return tuple(step for step in loc if step != "[key]")


def _message(error: Any, model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        return f"unknown key{did_you_mean(str(error['loc'][-1]), _keys(model))}"
    return str(error["msg"]).removeprefix("Value error, ")


def _keys(model: type[BaseModel]) -> set[str]:
    keys = set(model.model_fields)
    for definition in model.model_json_schema().get("$defs", {}).values():
        keys.update(definition.get("properties", {}))
    return keys


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that ends an error message.

    >>> did_you_mean("phnoe", ["phone", "fax"])
    "; did you mean 'phone'?"
    >>> did_you_mean("xyz", ["phone", "fax"])
    '; known: fax, phone'
    """
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(known)}"
