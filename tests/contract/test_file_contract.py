"""Folders of CSV and XLSX files keep the contract of connectors."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from connectors.base import Connector, Values
from connectors.registry import connector as connector_of_kind
from connectors.testing import ConnectorContract, Outside

COLUMNS = ["number", "name", "phone", "city", "remark"]


class CsvHand:
    """Somebody with a text editor."""

    def __init__(self, path: Path, encoding: str, delimiter: str) -> None:
        self._path, self._encoding, self._delimiter = path, encoding, delimiter
        self._numbers = count(10_001)
        self._save([COLUMNS])

    def insert(self, values: Values) -> str:
        native_id = f"0{next(self._numbers)}"
        row = {**values, "number": native_id, "remark": "by hand"}
        self._save([*self._rows(), [str(row.get(name, "")) for name in COLUMNS]])
        return native_id

    def edit(self, native_id: str, values: Values) -> None:
        self._save(
            [
                [str(values.get(name, cell)) for name, cell in zip(COLUMNS, row, strict=True)]
                if row[0] == native_id
                else row
                for row in self._rows()
            ]
        )

    def remove(self, native_id: str) -> None:
        self._save([row for row in self._rows() if row[0] != native_id])

    def _rows(self) -> list[list[str]]:
        with self._path.open(encoding=self._encoding, newline="") as stream:
            return list(csv.reader(stream, delimiter=self._delimiter))

    def _save(self, rows: list[list[str]]) -> None:
        with self._path.open("w", encoding=self._encoding, newline="") as stream:
            csv.writer(stream, delimiter=self._delimiter).writerows(rows)


class XlsxHand:
    """Somebody with a spreadsheet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._numbers = count(10_001)
        book = Workbook()
        assert book.active is not None
        book.active.append(COLUMNS)
        book.save(path)

    def insert(self, values: Values) -> str:
        native_id = f"0{next(self._numbers)}"
        book = load_workbook(self._path)
        row = {**values, "number": native_id, "remark": "by hand"}
        book.worksheets[0].append([row.get(name) for name in COLUMNS])
        book.save(self._path)
        return native_id

    def edit(self, native_id: str, values: Values) -> None:
        book = load_workbook(self._path)
        for row in book.worksheets[0].iter_rows(min_row=2):
            if row[0].value == native_id:
                for name, value in values.items():
                    row[COLUMNS.index(name)].value = value
        book.save(self._path)

    def remove(self, native_id: str) -> None:
        book = load_workbook(self._path)
        sheet = book.worksheets[0]
        (number,) = [row[0].row for row in sheet.iter_rows(min_row=2) if row[0].value == native_id]
        assert number is not None
        sheet.delete_rows(number)
        book.save(self._path)


class _FileContract(ConnectorContract):
    stream = "customers"
    encoding = "utf-8-sig"

    @pytest.fixture
    def connector(self, tmp_path: Path, outside: Outside) -> Iterator[Connector]:
        connector = connector_of_kind(
            "file", {"path": tmp_path, "key": "number", "read_batch": 4, "encoding": self.encoding}
        )
        yield connector
        connector.close()

    def sample(self, number: int) -> Values:
        return {
            "name": f'Müller & Söhne "{number}"; Co',
            "phone": f"+49 30 {number:06}",
            "city": f"00{number}",
        }


class TestCsv(_FileContract):
    @pytest.fixture
    def outside(self, tmp_path: Path) -> Outside:
        return CsvHand(tmp_path / "customers.csv", "utf-8", ",")


class TestWindowsCsv(_FileContract):
    encoding = "cp1251"

    @pytest.fixture
    def outside(self, tmp_path: Path) -> Outside:
        return CsvHand(tmp_path / "customers.csv", "cp1251", ";")

    def sample(self, number: int) -> Values:
        return {
            "name": f"ООО «Ромашка» №{number}",
            "phone": f"8 ({number})",
            "city": f"1.{number},50",
        }


class TestXlsx(_FileContract):
    @pytest.fixture
    def outside(self, tmp_path: Path) -> Outside:
        return XlsxHand(tmp_path / "customers.xlsx")
