"""`tandem bench`: measurements, one module of `tandem.bench` each.

A bench is a function `run` that returns its report as plain values. Its parameters become options,
as typer reads them; one named `report` is told what is being measured, and `--json` is added.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, get_args, get_origin

import typer
from rich.console import Console
from typer.core import TyperGroup

from tandem.cli.exits import Exit, epilog
from tandem.cli.lazy import command_of, placeholder
from tandem.cli.output import Json, cell, errors, grid, show

SUMMARIES: Mapping[str, str] = {
    "engine": "Records per second of the pipeline between systems in memory, and its memory.",
    "load": "A first load into a real Tryton beside a bare loop of the same API calls.",
    "connect": "Two full systems, a real Tryton one of them, connected for the first time.",
    "bundles": "A large first load by one worker and by several, on PostgreSQL.",
    "match": "Quality and speed of matching on labelled and generated files.",
    "console": "How fast the steward's console answers over a million records.",
    "cleanse": "Quality and speed of the cleansers on labelled texts.",
}
"""The benches there may be; those whose module is here are commands."""


class Benches(TyperGroup):
    """The benches of this installation; each is imported when it runs."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, summary in SUMMARIES.items():
            if find_spec(f"tandem.bench.{name}") is not None:
                self.add_command(placeholder(name, summary), name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real bench for the one that the arguments name."""
        name, found, rest = super().resolve_command(ctx, args)
        if name is None:
            return name, found, rest
        run = import_module(f"tandem.bench.{name}").run
        return name, command_of(name, printing(run)), rest


bench = typer.Typer(
    cls=Benches,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=epilog(Exit.CONFIG),
)


@bench.callback()
def benches() -> None:
    """Measure how fast and how good Tandem is here."""


def printing(run: Callable[..., Mapping[str, Any]]) -> Callable[..., None]:
    """A command with the options of a bench and `--json`, which prints the bench's report."""
    parameters = inspect.signature(run, eval_str=True).parameters
    told = {"report": _say} if "report" in parameters else {}

    def command(as_json: bool = False, **options: Any) -> None:
        report = run(**options, **told)
        show(report, lambda console: _tell(console, report), as_json=as_json)

    own = [_option(p) for name, p in parameters.items() if name not in told]
    keyword = inspect.Parameter.KEYWORD_ONLY
    last = inspect.Parameter("as_json", keyword, default=False, annotation=Json)
    command.__signature__ = inspect.Signature([*own, last])  # type: ignore[attr-defined]  # of functions
    command.__annotations__ = {p.name: p.annotation for p in (*own, last)}
    command.__doc__ = inspect.cleandoc(run.__doc__ or "").partition("\n")[0]
    return command


def _say(what: str) -> None:
    errors().print(what, markup=False)


def _option(parameter: inspect.Parameter) -> inspect.Parameter:
    """A parameter of a bench as typer takes it: by keyword, a sequence as a list."""
    annotation, default = parameter.annotation, parameter.default
    if get_origin(annotation) is Sequence:
        annotation, default = list[get_args(annotation)[0]], list(default)  # type: ignore[misc]  # at run time
    keyword = inspect.Parameter.KEYWORD_ONLY
    return parameter.replace(kind=keyword, annotation=annotation, default=default)


def _tell(console: Console, report: Mapping[str, Any]) -> None:
    console.print(grid("", ["measured", "value#"], _rows(report)))


def _rows(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """A report as rows, its parts one after the other.

    >>> list(_rows({"records": 5, "memory": [{"peak_mb": 1.5}]}))
    [('records', '5'), ('memory 1 peak_mb', '1.5')]
    """
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _rows(part, f"{path} {name}".strip())
    elif isinstance(value, Sequence) and not isinstance(value, str) and _is_deep(value):
        for number, part in enumerate(value, start=1):
            yield from _rows(part, f"{path} {number}")
    else:
        yield path, f"{value:,}" if isinstance(value, int) else cell(value)


def _is_deep(value: Sequence[Any]) -> bool:
    return any(isinstance(part, Mapping) for part in value)
