"""What a CSV and an XLSX file have in common: numbered lines of text cells under a header."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from connectors.errors import RetryableError, StopRunError


@dataclass(frozen=True, slots=True)
class Line:
    """One line below the header.

    Attributes:
        number: as an editor or a spreadsheet counts, from 1; the header's is 1.
        cells: text, as many as the header has columns.
        fault: why the line cannot be believed, naming the column; None when it can.
    """

    number: int
    cells: Sequence[str]
    fault: str | None = None

    @property
    def blank(self) -> bool:
        """Nothing but empty cells: not a record."""
        return not any(self.cells)


@dataclass(slots=True)
class Changes:
    """What to do to a sheet: line number → cells to set, lines to drop, lines to append."""

    edited: dict[int, Mapping[str, str]] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    added: list[dict[str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.edited or self.removed or self.added)


class Sheet(Protocol):
    """One file."""

    path: Path
    longest: int | None  #: most characters of a cell, None when unbounded

    def header(self) -> list[str]:
        """Names of the columns, in order."""

    def lines(self) -> Iterator[Line]:
        """Lines below the header, in order."""

    def refusal(self, text: str) -> str | None:
        """Code of why a text cannot be kept in a cell of this file; None when it can."""

    def read_only(self) -> str | None:
        """Code of why this file must not be written at all; None when it may."""

    def rewrite(self, changes: Changes, target: Path) -> None:
        """Write the changed file to `target`; all else stays as it is."""


_MANGLED = re.compile(r"[+-]?\d[.,]\d+E\+\d+", re.IGNORECASE)


def mangled(text: str) -> bool:
    """A long number that a spreadsheet has shortened; its last digits are lost.

    >>> mangled("4,01234E+12"), mangled("4012345678901"), mangled("E+12")
    (True, False, False)
    """
    return _MANGLED.fullmatch(text) is not None


def header_fault(names: Sequence[str]) -> str | None:
    """What is wrong with a header.

    >>> header_fault(["id", "name", "id"])
    "column 'id' is there twice"
    >>> header_fault(["id", ""])
    'column 2 has no name'
    """
    if not names:
        return "there is no header"
    for index, name in enumerate(names):
        if not name:
            return f"column {index + 1} has no name"
        if name in names[:index]:
            return f"column {name!r} is there twice"
    return None


@contextmanager
def file_faults(path: Path) -> Iterator[None]:
    """Turn what the operating system raises into our errors.

    Raises:
        StopRunError: no such file or folder, or no right to it.
        RetryableError: the disk or the share has a passing fault; the file is as it was.
    """
    try:
        yield
    except FileNotFoundError:
        raise StopRunError(f"{path} is not there", code="file.missing") from None
    except PermissionError:
        raise StopRunError(
            f"{path}: no permission; give it to the account that runs this", code="file.permission"
        ) from None
    except OSError as error:
        raise RetryableError(
            f"{path.name}: {error.strerror or type(error).__name__}", code="file.io"
        ) from None


def replace_file(path: Path, write: Callable[[Path], None], unchanged: Callable[[], bool]) -> bool:
    """Put a new file in the place of an old one, whole or not at all.

    Args:
        path: the file.
        write: makes the new one at the path it is given.
        unchanged: asked last of all; False leaves the old one alone.

    Returns:
        Whether the file was replaced.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(draft)
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        draft.chmod(path.stat().st_mode & 0o777)
        if not unchanged():
            return False
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    # The file is in its place already: a share that cannot sync a folder is no reason to fail.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def locked(path: Path, patience: float = 5.0) -> Iterator[None]:
    """Hold a lock file; the operating system frees it when the process dies.

    Args:
        path: the lock file.
        patience: seconds to wait for another process.

    Raises:
        RetryableError: another process held it all that time.
    """
    deadline = time.monotonic() + patience
    with path.open("a") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise RetryableError(
                        f"{path.parent}: another process is at work there", code="file.locked"
                    ) from None
                time.sleep(0.05)
        yield
