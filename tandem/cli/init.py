"""`tandem init`: an example configuration to start from, and the state database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, show
from tandem.errors import ConfigError

FOLDERS = ("config", "mappings")


@with_epilog(epilog(Exit.CONFIG, Exit.OUT_OF_REACH))
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where to write; here by default.")
    ] = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that are there and differ.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write an example configuration to start from.

    Puts `config/` and `mappings/` into DIR and creates the state database. Files that are there
    already stay as they are, unless --force is given.
    """
    written: list[str] = []
    kept: list[str] = []
    for source, relative in _examples():
        target = folder / relative
        content = source.read_bytes()
        if target.exists() and target.read_bytes() != content and not force:
            kept.append(str(relative))
            continue
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            written.append(str(relative))
    database = _create_state(folder)
    show(
        {"folder": str(folder), "written": written, "kept": kept, "database": database},
        lambda console: _tell(console, folder, written, kept, database),
        as_json=as_json,
    )


def _examples() -> Iterator[tuple[Path, Path]]:
    """(file, its path in the new folder): package data of a wheel, or the folders of a checkout."""
    package = Path(__file__).parents[1]
    shipped = package / "_defaults"
    root = shipped if shipped.is_dir() else package.parent
    found = [
        (path, path.relative_to(root))
        for name in FOLDERS
        for path in sorted((root / name).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    if not found:
        raise ConfigError(f"{root}: the example configuration is missing; install Tandem again")
    yield from found


def _create_state(folder: Path) -> str:
    from sqlalchemy.engine import make_url

    from tandem.cli.installation import read_settings
    from tandem.state.database import migrate

    settings = read_settings()
    if "TANDEM_HOME" not in os.environ and not settings.database:
        settings = settings.model_copy(update={"home": folder / settings.home})
    migrate(settings.database_url)
    return make_url(settings.database_url).render_as_string(hide_password=True)


def _tell(
    console: Console, folder: Path, written: list[str], kept: list[str], database: str
) -> None:
    for name in written:
        console.print(f"written  {folder / name}", markup=False)
    for name in kept:
        console.print(f"kept     {folder / name} (differs; --force writes over it)", markup=False)
    console.print(f"state    {database}", markup=False)
    console.print("Next: adapt config/systems.yaml, then `tandem doctor`.", markup=False)
