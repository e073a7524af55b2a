"""`tandem console`: the steward's console, and who may log in to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from tandem.cli.exits import Exit, epilog
from tandem.cli.failure import UsageError
from tandem.cli.output import Json, grid, show

if TYPE_CHECKING:
    from tandem.state.database import Database

console = typer.Typer(
    help="Serve the steward's console.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
user = typer.Typer(help="Who may log in with a password.", rich_markup_mode=None)
console.add_typer(user, name="user")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name that they log in with.")]
ROLES = ("viewer", "steward", "engineer")


@console.callback(invoke_without_command=True, epilog=epilog(Exit.CONFIG))
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8094,
) -> None:
    """Serve the steward's console until it is interrupted.

    It speaks plain HTTP: put a proxy with TLS before it wherever it leaves this machine.
    """
    if context.invoked_subcommand is not None:
        return
    import uvicorn

    from tandem.cli.installation import installation
    from tandem.console.app import create_app
    from tandem.console.context import Console
    from tandem.orchestration.doorbell import ring

    with installation() as app:
        made = Console.of(app, ring=ring)
        print(f"The console is at http://{host}:{port}/", file=sys.stderr)
        try:
            # Addresses and paths of requests are in no log: they may tell who looked at whom.
            uvicorn.run(
                create_app(made),
                host=host,
                port=port,
                log_level="warning",
                access_log=False,
                server_header=False,
            )
        finally:
            made.close()


@contextmanager
def _database() -> Iterator[Database]:
    from tandem.cli.installation import read_settings
    from tandem.state.database import Database, migrate, open_engine

    url = read_settings().database_url
    migrate(url)
    database = Database(open_engine(url))
    try:
        yield database
    finally:
        database.close()


def _new_password() -> str:
    """A password from the terminal, twice, or the first line of what is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


@user.command("add", epilog=epilog(Exit.CONFIG, Exit.USAGE))
def add_user(
    name: Name,
    role: Annotated[str, typer.Option(help="viewer, steward or engineer.")] = "steward",
) -> None:
    """Let somebody log in. The password is asked for, or read from standard input."""
    from tandem.clock import SystemClock
    from tandem.console import accounts
    from tandem.console.roles import Role

    if role not in ROLES:
        raise UsageError(f"--role takes one of {', '.join(ROLES)}")
    with _database() as database:
        made = accounts.add(database, name, Role(role), _new_password(), SystemClock().now())
    print(f"{made.name} may log in as {made.role}.")


@user.command("list", epilog=epilog(Exit.CONFIG))
def list_users(as_json: Json = False) -> None:
    """List who may log in with a password."""
    from tandem.console import accounts

    with _database() as database:
        found = accounts.listing(database)
    rows = [(one.name, one.role, one.created_at, one.changed_at) for one in found]
    show(
        {"accounts": [{"name": one.name, "role": one.role} for one in found]},
        lambda out: out.print(grid("", ["name", "role", "since", "password since"], rows)),
        as_json=as_json,
    )


@user.command("remove", epilog=epilog(Exit.CONFIG, Exit.NOT_FOUND))
def remove_user(name: Name) -> None:
    """Let somebody log in no more, and log them out everywhere."""
    from tandem.console import accounts

    with _database() as database:
        accounts.remove(database, name)
    print(f"{name} may log in no more.")


@user.command("password", epilog=epilog(Exit.CONFIG, Exit.NOT_FOUND))
def change_password(name: Name) -> None:
    """Give somebody another password, and log them out everywhere."""
    from tandem.clock import SystemClock
    from tandem.console import accounts

    with _database() as database:
        accounts.change_password(database, name, _new_password(), SystemClock().now())
    print(f"{name} has another password.")
