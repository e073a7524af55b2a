"""`tandem backup` and `tandem restore`: the whole state as one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, show

if TYPE_CHECKING:
    from tandem.state.backup import Manifest
    from tandem.state.check import Broken

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, a ZIP archive.")]


@with_epilog(
    epilog(
        Exit.CONFIG,
        Exit.OUT_OF_REACH,
        attention="the state is inconsistent; it is backed up all the same",
    )
)
def backup(file: File, as_json: Json = False) -> None:
    """Write the whole state into one file.

    Workers may go on meanwhile: the file shows one moment. It holds values of records: keep it as
    safe as the database itself.
    """
    from tandem.cli.installation import installation
    from tandem.clock import SystemClock
    from tandem.state import backup as backups

    with installation() as app:
        found = _examine(app.database)
        try:
            manifest = backups.write(app.settings.database_url, file, SystemClock().now())
        except OSError as error:
            raise backups.BackupError(f"{file}: cannot be written: {error.strerror}") from error
    _answer(file, manifest, found, "backed up", as_json=as_json)


@with_epilog(
    epilog(
        Exit.CONFIG,
        Exit.OUT_OF_REACH,
        attention="the file is damaged, the database is in use, or the state is inconsistent",
    )
)
def restore(
    file: File,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the state that the database holds.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put a backup into the state database.

    It may be SQLite or PostgreSQL, whichever the backup came from. All of the file is checked
    first; then all of it is restored, or nothing. Stop the workers before. The next run of each
    link reads what happened since, before it writes anything.
    """
    from tandem.cli.installation import read_settings
    from tandem.clock import SystemClock
    from tandem.log import configure
    from tandem.state import backup as backups
    from tandem.state.database import Database, open_engine

    settings = read_settings()
    configure(settings.log_level)
    restored = backups.restore(settings.database_url, file, SystemClock().now(), force=force)
    database = Database(open_engine(settings.database_url))
    found = _examine(database)
    database.close()
    _answer(file, restored.manifest, found, "restored", as_json=as_json)


def _examine(database: Any) -> list[Broken]:
    from tandem.state import check

    with database.begin() as connection:
        return list(check.broken(connection))


def _answer(
    file: Path, manifest: Manifest, found: list[Broken], verb: str, *, as_json: bool
) -> None:
    from dataclasses import asdict

    rows = {name: table.rows for name, table in manifest.tables.items() if table.rows}

    def tell(console: Console) -> None:
        console.print(
            f"{manifest.rows} rows of {len(rows)} tables {verb}, schema {manifest.revision}: {file}"
        )
        for one in found:
            console.print(f"inconsistent: {one.rule}: {one.rows} rows, e.g. {one.examples[0]}")

    document = {
        "file": str(file),
        "revision": manifest.revision,
        "created_at": manifest.created_at,
        "rows": manifest.rows,
        "tables": rows,
        "inconsistent": [asdict(one) for one in found],
    }
    show(document, tell, as_json=as_json)
    raise typer.Exit(Exit.ATTENTION if found else Exit.OK)
