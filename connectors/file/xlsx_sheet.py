"""XLSX files. Excel keeps numbers, dates and their formats; we want what people see, as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from connectors.errors import RetryableError, StopRunError
from connectors.file.sheet import Changes, Line, header_fault

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

DIGITS = 15
"""Excel keeps this many digits of a number and makes zeros of the rest."""
_ZEROS = re.compile(r"0{2,}")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?")
_FORMULA_TAG = re.compile(rb"<(?:\w{1,8}:)?f[ />]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def cell_text(value: object, number_format: str = "General") -> str:
    """What a cell holds, as text that can be read back.

    >>> cell_text(None), cell_text(12.0), cell_text(0.1 + 0.2), cell_text(True)
    ('', '12', '0.3', 'TRUE')
    >>> cell_text(42, "00000"), cell_text("0042")
    ('00042', '0042')
    >>> cell_text(datetime(2026, 11, 21)), cell_text(datetime(2026, 11, 21, 8, 30))
    ('2026-11-21', '2026-11-21T08:30:00')

    Raises:
        ValueError: the cell's content is not what was entered; the message says why.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number_text(value, number_format)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _number_text(value: float, number_format: str) -> str:
    if abs(value) >= 10**DIGITS:
        raise ValueError(
            f"a number of more than {DIGITS} digits has lost its end in Excel; "
            "format the column as text and enter it again"
        )
    text = f"{value:.{DIGITS}g}"
    if "e" in text:
        text = f"{value:.20f}".rstrip("0")
    if _ZEROS.fullmatch(number_format) and text.isdecimal():
        return text.zfill(len(number_format))
    return text


@dataclass(slots=True)
class XlsxSheet:
    """See `connectors.file.sheet.Sheet`.

    A deleted line is emptied, not taken out: what stands below keeps its place, and with it every
    reference to it. A workbook with formulas is not written: their results would be lost until
    somebody opens it in Excel, and we would read them as empty.

    What was parsed is kept, since parsing takes far longer than anything done with it: one object
    serves one look at the file.

    Args:
        path: the file.
        sheet: name of the sheet; None for the first.
    """

    path: Path
    sheet: str | None = None
    longest: int | None = 32_767
    _lines: list[Line] | None = field(default=None, init=False, repr=False)

    def header(self) -> list[str]:
        """See `Sheet`."""
        with closing(self._workbook(read_only=True)) as book:
            return self._names(book)

    def lines(self) -> Iterator[Line]:
        """See `Sheet`."""
        if self._lines is None:
            self._lines = list(self._parse())
        return iter(self._lines)

    def refusal(self, text: str) -> str | None:
        """See `Sheet`."""
        if _CONTROL.search(text):
            return "CONTROL_CHARACTER"
        return "TOO_LONG" if self.longest and len(text) > self.longest else None

    def read_only(self) -> str | None:
        """See `Sheet`."""
        if self.path.with_name(f"~${self.path.name}").exists():
            raise RetryableError(f"{self.path.name} is open in Excel", code="file.open_in_excel")
        return "FORMULAS" if self._has_formulas() else None

    def rewrite(self, changes: Changes, target: Path) -> None:
        """See `Sheet`."""
        with closing(self._workbook(read_only=False)) as book:
            sheet = self._worksheet(book)
            names = self._names(book)
            lines: list[tuple[int, Any]] = [
                *changes.edited.items(),
                *((number, dict.fromkeys(names, "")) for number in changes.removed),
                *enumerate(changes.added, start=_last_line(sheet) + 1),
            ]
            for number, texts in lines:
                for name, text in texts.items():
                    _set(sheet.cell(number, names.index(name) + 1), text)
            book.save(target)

    def _parse(self) -> Iterator[Line]:
        with closing(self._workbook(read_only=True)) as book:
            names = self._names(book)
            rows = self._worksheet(book).iter_rows(min_row=2, max_col=len(names))
            pending = self._formulas_without_result(len(names)) if self._has_formulas() else set()
            for number, row in enumerate(rows, start=2):
                cells: list[str] = []
                fault = None
                for index, (name, cell) in enumerate(zip(names, row, strict=False)):
                    text, wrong = _read(cell)
                    if (number, index) in pending:
                        wrong = "the formula has no result yet; open and save the file in Excel"
                    cells.append(text)
                    fault = fault or (wrong and f"column {name!r}: {wrong}")
                yield Line(number, cells + [""] * (len(names) - len(cells)), fault)

    def _workbook(self, *, read_only: bool, values: bool = True) -> Workbook:
        from openpyxl import load_workbook  # noqa: PLC0415 - half a second, for XLSX only
        from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - as above

        try:
            return load_workbook(self.path, read_only=read_only, data_only=read_only and values)
        except (BadZipFile, InvalidFileException, KeyError):
            # Excel writes in place: a workbook that is being saved looks like this as well.
            raise RetryableError(
                f"{self.path.name} is not a whole XLSX file (yet)", code="file.xlsx"
            ) from None

    def _has_formulas(self) -> bool:
        """Looked up in the raw XML, since parsing a large workbook twice takes seconds."""
        with ZipFile(self.path) as archive:
            return any(
                _contains_formula(archive, name)
                for name in archive.namelist()
                if name.startswith("xl/worksheets/") and name.endswith(".xml")
            )

    def _formulas_without_result(self, columns: int) -> set[tuple[int, int]]:
        """(line, column index) of formulas that no spreadsheet has calculated."""
        with (
            closing(self._workbook(read_only=True, values=False)) as formulas,
            closing(self._workbook(read_only=True)) as results,
        ):
            span = {"min_row": 2, "max_col": columns}
            pairs = zip(
                self._worksheet(formulas).iter_rows(**span),
                self._worksheet(results).iter_rows(**span),
                strict=True,
            )
            return {
                (number, index)
                for number, (row, result_row) in enumerate(pairs, start=2)
                for index, (cell, result) in enumerate(zip(row, result_row, strict=True))
                # An empty text is a result, too; it is of another type.
                if cell.data_type == "f" and result.value is None and result.data_type == "n"
            }

    def _worksheet(self, book: Workbook) -> Any:
        if self.sheet is None:
            return book.worksheets[0]
        if self.sheet not in book.sheetnames:
            raise StopRunError(
                f"{self.path.name} has no sheet {self.sheet!r}; it has "
                f"{', '.join(map(repr, book.sheetnames))}",
                code="file.sheet",
            )
        return book[self.sheet]

    def _names(self, book: Workbook) -> list[str]:
        first = next(self._worksheet(book).iter_rows(min_row=1, max_row=1), ())
        names = [_read(cell)[0].strip() for cell in first]
        while names and not names[-1]:
            names.pop()
        fault = header_fault(names)
        if fault:
            raise StopRunError(f"{self.path.name}, line 1: {fault}", code="file.header")
        return names


def _contains_formula(archive: ZipFile, name: str) -> bool:
    tail = b""
    with archive.open(name) as stream:
        while chunk := stream.read(1 << 20):
            if _FORMULA_TAG.search(tail + chunk):
                return True
            tail = chunk[-16:]
    return False


def _read(cell: Any) -> tuple[str, str | None]:
    """Text of a cell, and what is wrong with it."""
    if cell.data_type == "e":
        return str(cell.value), "the cell holds an error of Excel"
    try:
        return cell_text(cell.value, cell.number_format or "General"), None
    except ValueError as reason:
        return str(cell.value), str(reason)


def _last_line(sheet: Any) -> int:
    """The last line that holds something; formatted but empty lines do not count."""
    for number in range(sheet.max_row, 1, -1):
        if any(cell.value is not None for cell in sheet[number]):
            return number
    return 1


def _set(cell: Any, text: str) -> None:
    """Set a cell; a number stays a number and a date a date when the new text is one, too."""
    old = cell.value
    if text == "":
        cell.value = None
    elif isinstance(old, int | float) and not isinstance(old, bool) and _round_trips(cell, text):
        cell.value = float(text) if "." in text else int(text)
    elif isinstance(old, datetime | date) and (moment := _parsed(datetime.fromisoformat, text)):
        cell.value = moment
    else:
        cell.value = text
        cell.data_type = "s"  # also when it begins with "="
        cell.number_format = "@"


def _round_trips(cell: Any, text: str) -> bool:
    if not _PLAIN_NUMBER.fullmatch(text.lstrip("0") or "0"):
        return False
    return cell_text(float(text), cell.number_format) == text


def _parsed(parse: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        moment = parse(text)
    except ValueError:
        return None
    return moment if cell_text(moment) == text and moment.tzinfo is None else None
