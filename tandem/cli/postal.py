"""`tandem postal`: the model of the optional second reader of addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tandem.cli.exits import Exit, epilog
from tandem.cli.failure import UsageError
from tandem.cli.output import Json, errors, show

postal = typer.Typer(
    help="Prepare libpostal, which is optional.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Folder = Annotated[
    Path | None,
    typer.Option(help="Folder of the model; LIBPOSTAL_DATA_DIR, or one in the user's cache."),
]


@postal.command("install", epilog=epilog(Exit.USAGE))
def install(folder: Folder = None) -> None:
    """Check the parts of the model and join them: once, 2 GB, about two minutes.

    The parts come with the extra: pip install 'tandem-sync[libpostal]'. Files that are there and
    right are kept, so a second call only checks.
    """
    from cleansing.address.postal_model import FOLDER_VARIABLE, ModelError, model_folder, prepare

    target = folder or model_folder()
    try:
        with errors().status(f"preparing {target}") as status:
            prepare(target, told=lambda file: status.update(f"checking and joining {file}"))
    except ModelError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror}") from error
    print(f"libpostal's model is ready in {target}")
    if target != model_folder():
        print(f"set {FOLDER_VARIABLE}={target} wherever addresses are cleansed")


@postal.command("status", epilog=epilog(attention="addresses are read by the rules alone"))
def status(as_json: Json = False) -> None:
    """Tell whether addresses are read by libpostal too, and where its model is."""
    from importlib.util import find_spec

    from cleansing.address.postal_model import VERSION, is_prepared, model_folder

    folder = model_folder()
    installed, prepared = find_spec("libpypostal") is not None, is_prepared(folder)
    report = {
        "installed": installed,
        "prepared": prepared,
        "folder": str(folder),
        "model": VERSION,
    }
    show(report, lambda console: console.print(_said(report), soft_wrap=True), as_json=as_json)
    raise typer.Exit(Exit.OK if installed and prepared else Exit.ATTENTION)


def _said(report: dict[str, object]) -> str:
    """The state in a sentence that says what to do.

    >>> _said({"installed": False, "prepared": False, "folder": "/x", "model": "1"})
    "not installed: pip install 'tandem-sync[libpostal]', then tandem postal install"
    """
    if not report["installed"]:
        return "not installed: pip install 'tandem-sync[libpostal]', then tandem postal install"
    if not report["prepared"]:
        return f"installed, but there is no model in {report['folder']}: run tandem postal install"
    return f"in use: model {report['model']} in {report['folder']}"
