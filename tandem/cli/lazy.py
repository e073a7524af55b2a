"""Commands that are imported when they run: `tandem --help` loads none of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Lazy(NamedTuple):
    """A command by its place, and the line that stands for it in the list of commands.

    Attributes:
        target: `module:name` of a command function, or of a `typer.Typer` with subcommands.
        summary: first line of its docstring; a test keeps the two equal.
    """

    target: str
    summary: str

    def load(self, name: str) -> Any:
        """The real command.

        Raises:
            ImportError, AttributeError: it is not there.
        """
        module, _, attribute = self.target.partition(":")
        return command_of(name, getattr(import_module(module), attribute))


def command_of(name: str, found: Callable[..., Any] | typer.Typer) -> Any:
    """The command for a function, or for a Typer with subcommands."""
    command = typer.main.get_command(found if isinstance(found, typer.Typer) else _app(found))
    command.name = name
    return command


def placeholder(name: str, summary: str) -> TyperCommand:
    """What stands for a command in a list until it is called."""
    return TyperCommand(name, help=summary)


def _app(function: Callable[..., Any]) -> typer.Typer:
    # Plain help: the formatter of rich takes longer to load than all of this command line.
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(epilog=getattr(function, "epilog", None))(function)
    return app


def with_epilog(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command function the text that ends its `--help`."""

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        function.epilog = text  # type: ignore[attr-defined]  # functions take attributes
        return function

    return mark


class LazyGroup(TyperGroup):
    """A group whose commands are placeholders until one of them is called."""

    table: ClassVar[dict[str, Lazy]] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, lazy in self.table.items():
            self.add_command(placeholder(name, lazy.summary), name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command for the one that the arguments name, with logging on stderr."""
        name, found, rest = super().resolve_command(ctx, args)
        if name is None or name not in self.table:
            return name, found, rest
        from tandem.log import LEVELS, configure

        level = os.environ.get("TANDEM_LOG_LEVEL", "")
        configure(level if level in LEVELS else "WARNING")
        return name, self.table[name].load(name), rest
