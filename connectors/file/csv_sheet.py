"""CSV files, read and written without changing what was not to be changed."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.errors import StopRunError
from connectors.file.sheet import Changes, Line, header_fault, mangled

DELIMITERS = ",;\t|"
# A spreadsheet runs a cell that begins like this as a formula. "+49 30", "-5" and "(0)1" do not.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s(.,]|$)")


def find_delimiter(first_line: str) -> str:
    r"""The delimiter of a file, by its first line; text in quotes does not count.

    >>> find_delimiter('number;"name, legal form";city')
    ';'
    >>> find_delimiter("number\tname")
    '\t'
    >>> find_delimiter("number")
    ','
    """
    bare = re.sub(r'"(?:[^"]|"")*"', "", first_line)
    return max(DELIMITERS, key=bare.count)


@dataclass(frozen=True, slots=True)
class _Form:
    """How a file is written, so that it can be written so again."""

    encoding: str
    delimiter: str
    line_end: str
    quote_all: bool


@dataclass(slots=True)
class CsvSheet:
    """See `connectors.file.sheet.Sheet`.

    Args:
        path: the file.
        encoding: of its text.
        delimiter: None to find it in the first line.
    """

    path: Path
    encoding: str
    delimiter: str | None = None
    longest: int | None = None

    def header(self) -> list[str]:
        """See `Sheet`."""
        for _, cells in self._parsed(self._form()):
            return self._names(cells)
        raise self._stop(1, "there is no header", "file.header")

    def lines(self) -> Iterator[Line]:
        """See `Sheet`."""
        names: list[str] = []
        for number, cells in self._parsed(self._form()):
            if not names:
                names = self._names(cells)
                continue
            surplus = len(cells) - len(names)
            yield Line(
                number,
                # Spreadsheets leave out empty cells at the end of a line.
                cells + [""] * -surplus if surplus < 0 else cells,
                f"{surplus} cells more than the header" if surplus > 0 else _fault(names, cells),
            )

    def refusal(self, text: str) -> str | None:
        """See `Sheet`."""
        if _FORMULA.match(text):
            return "FORMULA"
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return "NOT_ENCODABLE"
        return None

    def read_only(self) -> str | None:
        """See `Sheet`; a CSV file never is."""
        return None

    def rewrite(self, changes: Changes, target: Path) -> None:
        """See `Sheet`."""
        form = self._form()
        names: list[str] = []
        with target.open("w", encoding=form.encoding, newline="") as stream:
            writer = csv.writer(
                stream,
                delimiter=form.delimiter,
                lineterminator=form.line_end,
                quoting=csv.QUOTE_ALL if form.quote_all else csv.QUOTE_MINIMAL,
            )
            for number, cells in self._parsed(form):
                if not names:
                    names = self._names(cells)
                elif number in changes.edited:
                    cells.extend([""] * (len(names) - len(cells)))
                    for name, text in changes.edited[number].items():
                        cells[names.index(name)] = text
                if number not in changes.removed:
                    writer.writerow(cells)
            writer.writerows([added.get(name, "") for name in names] for added in changes.added)

    def _form(self) -> _Form:
        with self.path.open("rb") as stream:
            head = stream.read(1 << 16)
        encoding = self.encoding
        if encoding.lower().replace("_", "-") == "utf-8-sig" and not head.startswith(
            b"\xef\xbb\xbf"
        ):
            encoding = "utf-8"
        text = head.decode(encoding, errors="ignore")
        first_line = text.partition("\n")[0]
        return _Form(
            encoding=encoding,
            delimiter=self.delimiter or find_delimiter(first_line),
            line_end="\r\n" if first_line.endswith("\r") else "\n",
            quote_all=text.startswith('"') and first_line.rstrip().endswith('"'),
        )

    def _parsed(self, form: _Form) -> Iterator[tuple[int, list[str]]]:
        """Number of the first line of each row, and its cells."""
        number = 1
        with self.path.open(encoding=form.encoding, newline="") as stream:
            reader = csv.reader(stream, delimiter=form.delimiter)
            try:
                for cells in reader:
                    yield number, cells
                    number = reader.line_num + 1
            except UnicodeDecodeError:
                raise self._stop(
                    self._undecodable_line(form.encoding),
                    f"not {form.encoding} text; set 'encoding'",
                    "file.encoding",
                ) from None
            except csv.Error as error:
                raise self._stop(number, f"not readable as CSV ({error})", "file.csv") from None

    def _undecodable_line(self, encoding: str) -> int:
        content = self.path.read_bytes()
        try:
            content.decode(encoding)
        except UnicodeDecodeError as error:
            return content.count(b"\n", 0, error.start) + 1
        return 1

    def _names(self, cells: list[str]) -> list[str]:
        names = [cell.strip() for cell in cells]
        fault = header_fault(names)
        if fault:
            raise self._stop(1, fault, "file.header")
        return names

    def _stop(self, line: int, message: str, code: str) -> StopRunError:
        return StopRunError(f"{self.path.name}, line {line}: {message}", code=code)


def _fault(names: list[str], cells: list[Any]) -> str | None:
    if "+" not in "".join(cells):  # most lines; cell by cell takes three times as long
        return None
    for name, cell in zip(names, cells, strict=False):
        if mangled(cell):
            return (
                f"column {name!r} holds a number that a spreadsheet has shortened; "
                "format the column as text and enter it again"
            )
    return None
