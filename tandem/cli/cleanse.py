"""`tandem cleanse`: a column of a file, cleansed value by value, without any configuration."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from tandem.cli.exits import Exit, epilog
from tandem.cli.failure import UsageError
from tandem.cli.lazy import with_epilog

if TYPE_CHECKING:
    from cleansing.by_name import Cleanser

_KINDS = "address, title, company, person, phone, email, tax_id, number, money, date or boolean"


@with_epilog(epilog(Exit.USAGE, attention="some lines were malformed, the others are done"))
def cleanse(
    kind: Annotated[str, typer.Argument(help=f"What the texts are: {_KINDS}.")],
    source: Annotated[
        str, typer.Option("--in", help="JSON Lines with `id`, `text` and context; - is stdin.")
    ] = "-",
    target: Annotated[str, typer.Option("--out", help="JSON Lines to write; - is stdout.")] = "-",
    context: Annotated[
        list[str] | None,
        typer.Option("--context", help="key=value for lines that lack the key; may be repeated."),
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", help="Directory of positions: CSV, TSV, JSON or JSON Lines."),
    ] = None,
) -> None:
    """Cleanse a column of a file.

    Each line is an object with `text`, usually an `id`, and what is known beside the text:
    `default_country`, `country`, `locale`, `lang`. Each answer has `id`, `value`, `confidence` and
    `reasons`; `value` is null where the text has no safe reading.
    """
    defaults = _context(context or [])
    cleanser = _cleanser(kind, catalogue)
    with ExitStack() as files:
        lines = _open(source, "r", files)
        out = _open(target, "w", files)
        malformed = _run(lines, out, cleanser, defaults, "stdin" if source == "-" else source)
    if malformed:
        raise typer.Exit(Exit.ATTENTION)


def _context(pairs: Sequence[str]) -> dict[str, str]:
    """The defaults of the command line.

    Raises:
        UsageError: one has no `=`.

    >>> _context(["locale=de-DE", "country=DE"])
    {'locale': 'de-DE', 'country': 'DE'}
    """
    found = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            raise UsageError(f"--context {pair}: write key=value")
        found[key.strip()] = value.strip()
    return found


def _cleanser(kind: str, catalogue: Path | None) -> Cleanser:
    from cleansing.by_name import KINDS, title_cleanser

    if kind != "title":
        if kind not in KINDS:
            raise UsageError(f"{kind}: there is {_KINDS}")
        if catalogue is not None:
            raise UsageError("--catalogue goes with titles only")
        return KINDS[kind]
    if catalogue is None:
        raise UsageError("titles need the directory of positions: --catalogue FILE")
    from cleansing.catalogue import read_positions
    from cleansing.job_title import TitleIndex

    try:
        return title_cleanser(TitleIndex(read_positions(catalogue.read_text(encoding="utf-8"))))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{catalogue}: {reason}") from error


def _open(name: str, mode: str, files: ExitStack) -> TextIO:
    """A file, or a standard stream for `-`.

    Raises:
        UsageError: it cannot be opened.
    """
    if name == "-":
        return sys.stdin if mode == "r" else sys.stdout
    bad_bytes = "surrogateescape" if mode == "r" else "strict"
    try:
        return files.enter_context(
            io.TextIOWrapper(io.FileIO(name, mode), encoding="utf-8", errors=bad_bytes)
        )
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from error


def _run(
    lines: Iterable[str],
    out: TextIO,
    cleanser: Cleanser,
    defaults: Mapping[str, str],
    name: str,
) -> int:
    """Cleanse line by line; malformed lines are told on stderr and counted."""
    malformed = 0
    for number, request in _requests(lines):
        if isinstance(request, str):
            malformed += 1
            print(f"{name}:{number}: {request}", file=sys.stderr)
            continue
        nested = request.get("context")
        known = {**defaults, **(nested if isinstance(nested, Mapping) else {}), **request}
        try:
            answer = cleanser(request["text"] or "", known)
        except ValueError as error:  # the context is wrong: an unknown locale
            malformed += 1
            print(f"{name}:{number}: {error}", file=sys.stderr)
            continue
        out.write(json.dumps({"id": request.get("id"), **answer}, ensure_ascii=False) + "\n")
    return malformed


def _requests(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Line number with the request, or with what is wrong; empty lines are passed over.

    >>> list(_requests(['{"id": 1, "text": "TAK"}', "", "{"]))
    [(1, {'id': 1, 'text': 'TAK'}), (3, 'not JSON')]
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            request = json.loads(line)
        except json.JSONDecodeError:
            yield number, "not JSON"
            continue
        if not isinstance(request, dict):
            yield number, "not an object"
        elif not isinstance(request.get("text", 0), str | None):
            yield number, "`text` is missing or no text"
        elif not _is_unicode(request):
            yield number, "not UTF-8"
        else:
            yield number, request


def _is_unicode(request: Any) -> bool:
    """False when bytes or escapes of the line stand for no character."""
    try:
        json.dumps(request, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
