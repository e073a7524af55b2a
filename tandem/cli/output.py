"""What commands print: one JSON document, or tables for people; progress goes to stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Show at most so many.")]


def to_json(document: Any) -> str:
    """A document as indented JSON; moments are ISO text, durations are seconds.

    >>> print(to_json({"lag": timedelta(seconds=1.5)}))
    {
      "lag": 1.5
    }
    """
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(document, default=_plain, option=options).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def show(document: Any, people: Callable[[Console], None], *, as_json: bool) -> None:
    """Print a command's answer in the form that was asked for."""
    if as_json:
        print(to_json(document))
    else:
        people(Console())


def errors() -> Console:
    """Where progress and remarks go."""
    return Console(stderr=True)


def grid(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """A table of plain cells; a heading that ends in # is a number and stands to the right."""
    table = Table(title=title or None, title_justify="left", title_style="bold")
    for heading in headings:
        number = heading.endswith("#")
        justify: Literal["left", "right"] = "right" if number else "left"
        table.add_column(heading.removesuffix("#"), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(value)) for value in row))
    return table


def cell(value: Any) -> str:
    """A value as people read it in a table.

    >>> cell(None), cell(True), cell(["a", "b"]), cell({"city": "Oslo", "unit": None})
    ('', 'yes', 'a, b', 'Oslo')
    >>> cell(timedelta(seconds=90))
    '1 min 30 s'
    """
    for kind, form in _CELLS:
        if isinstance(value, kind):
            return form(value)
    return str(value)


_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def duration(span: timedelta) -> str:
    """A span of time in its two largest units.

    >>> duration(timedelta(hours=26)), duration(timedelta(seconds=0.25))
    ('1 d 2 h', '0.25 s')
    """
    seconds = abs(span.total_seconds())
    sign = "-" if span < timedelta(0) else ""
    if seconds < 60:
        return f"{sign}{seconds:.3g} s"
    parts: list[str] = []
    rest = int(seconds)
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return sign + " ".join(parts[:2])


_CELLS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (type(None), lambda _: ""),
    (bool, lambda value: "yes" if value else "no"),
    (datetime, lambda value: f"{value:%Y-%m-%d %H:%M:%S}"),
    (timedelta, duration),
    (Mapping, lambda value: ", ".join(cell(part) for part in value.values() if part)),
    ((list, tuple), lambda value: ", ".join(cell(part) for part in value)),
)
