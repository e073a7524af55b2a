"""From what the code declares to Markdown: tables, types in words, docstrings taken apart."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table.

    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    head = list(headings)
    body = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    ruler = "|" + "---|" * len(head)
    return "\n".join([_line(head), ruler, *(_line(row) for row in body)])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


_ATTRIBUTE = re.compile(r"^ {4}(\w+(?:, \w+)*): (.*)$")


def attributes(documented: type) -> dict[str, str]:
    """Name → text, out of the section `Attributes:` of a class's docstring.

    >>> class Box:
    ...     '''A box.
    ...
    ...     Attributes:
    ...         width, height: in metres;
    ...             outside.
    ...     '''
    >>> attributes(Box)
    {'width': 'in metres; outside.', 'height': 'in metres; outside.'}
    """
    found: dict[str, str] = {}
    names: list[str] = []
    _, _, section = (inspect.getdoc(documented) or "").partition("Attributes:\n")
    for line in section.splitlines():
        if match := _ATTRIBUTE.match(line):
            names = match[1].split(", ")
            found.update(dict.fromkeys(names, match[2].strip()))
        elif line.startswith("     ") and names:
            found.update({name: f"{found[name]} {line.strip()}" for name in names})
        elif line.strip():
            break
    return found


def intro(documented: object) -> str:
    """A docstring up to its first section of attributes, arguments or errors."""
    text = inspect.getdoc(documented) or ""
    return re.split(r"\n+(?:Attributes|Args|Raises):\n", text)[0].strip()


def default_text(value: Any) -> str:
    """A default as it would stand in YAML.

    >>> default_text(True), default_text(None), default_text(timedelta(minutes=5))
    ('`true`', '', '`300s`')
    """
    if value in (PydanticUndefined, MISSING, inspect.Parameter.empty):
        return "required"
    if value in (None, "", {}, (), []) or isinstance(value, BaseModel):
        return ""
    text = next((form(value) for kind, form in _FORMS if isinstance(value, kind)), str(value))
    return f"`{text}`"


_FORMS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (timedelta, lambda value: f"{value.total_seconds():g}s"),
    (Enum, lambda value: str(value.value)),
    (bool, lambda value: str(value).lower()),
)


def type_text(annotation: Any) -> str:
    """An annotation in words that fit YAML.

    >>> type_text(int), type_text(tuple[str, ...] | None), type_text(Mapping[str, str])
    ('number', 'list of text', 'text → text')
    """
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " · ".join(f"`{member.value}`" for member in annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        return _PLAIN.get(getattr(annotation, "__name__", ""), "")
    if origin is Literal:
        return " · ".join(f"`{choice}`" for choice in arguments)
    named = [type_text(a) for a in arguments if a is not type(None) and a is not Ellipsis]
    if origin in (tuple, list):
        return f"list of {named[0]}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"{named[0]} → {named[1] or 'anything'}"
    return " or ".join(dict.fromkeys(name for name in named if name))


_PLAIN = {
    "str": "text",
    "int": "number",
    "float": "number",
    "bool": "true or false",
    "Path": "path",
    "timedelta": "duration",
    "SecretStr": "secret",
    "Bounds": "`min` and `max`",
    "Policy": "policy",
    "Deletes": "see below",
    "Quality": "see below",
    "Schedule": "see below",
    "ObjectPolicy": "see below",
    "FieldMapping": "field",
}


def members(documented: type, **also: str) -> str:
    """Table of what can be set in a pydantic model or dataclass.

    Args:
        documented: the class.
        also: meaning of what its docstring leaves to its name.
    """
    text = also | attributes(documented)
    if issubclass(documented, BaseModel):
        found = [
            (
                name,
                type_text(field.annotation),
                default_text(field.get_default(call_default_factory=True)),
            )
            for name, field in documented.model_fields.items()
        ]
    else:
        assert is_dataclass(documented)
        hints = inspect.get_annotations(documented, eval_str=True)
        found = [
            (f.name, type_text(hints[f.name]), default_text(_dataclass_default(f)))
            for f in fields(documented)
        ]
    rows = [(f"`{name}`", kind, default, text.get(name, "")) for name, kind, default in found]
    return table(["name", "type", "default", "meaning"], rows)


def _dataclass_default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
