from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from connectors.base import (
    Accepted,
    Cursor,
    Deferred,
    Gone,
    Operation,
    Record,
    Rejected,
    Write,
    WriteResult,
)
from connectors.errors import ConnectorError, RecordError, RetryableError, StopRunError
from connectors.file import FileConnector, build
from connectors.file import connector as connector_module
from connectors.file.sheet import locked, replace_file

SECRET = "s3cr3t-value"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def connect(folder: Path) -> Iterator[Any]:
    opened: list[FileConnector] = []

    def start(**settings: Any) -> FileConnector:
        opened.append(build({"path": folder, "key": "id", **settings}))
        return opened[-1]

    yield start
    for connector in opened:
        connector.close()


def save(folder: Path, text: str, name: str = "customers.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def numbered(*numbers: int) -> str:
    return "id,name\n" + "".join(f"{n},N{n}\n" for n in numbers)


def take(
    connector: FileConnector, cursor: Cursor | None = None, columns: tuple[str, ...] = ("name",)
) -> tuple[dict[str, Record], Cursor, ConnectorError | None]:
    """All that is read until the end or an error; the last cursor; the error."""
    records: dict[str, Record] = {}
    error = None
    try:
        for page in connector.read_changes("customers", columns, cursor):
            records |= {record.native_id: record for record in page.records}
            cursor = page.cursor
    except ConnectorError as raised:
        error = raised
    assert cursor is not None
    return records, cursor, error


def write(connector: FileConnector, *writes: Write) -> list[WriteResult]:
    return connector.write("customers", writes)


def create(key: str, **values: Any) -> Write:
    return Write(Operation.CREATE, key, None, values)


def update(native_id: str, **values: Any) -> Write:
    return Write(Operation.UPDATE, "key", native_id, values)


def delete(native_id: str) -> Write:
    return Write(Operation.DELETE, "key", native_id)


# --- settings and the folder --------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"path": "x"},
        {"path": "x", "key": []},
        {"path": "x", "key": {"customers": 3}},
        {"path": "x", "key": "id", "encoding": "utf-7000"},
        {"path": "x", "key": "id", "delimiter": ";;"},
        {"path": "x", "key": "id", "colour": "red"},
    ],
)
def test_wrong_settings_stop_at_once(settings: dict[str, Any]) -> None:
    with pytest.raises(StopRunError) as error:
        build(settings)
    assert error.value.code == "file.settings"


def test_a_stream_without_a_key_is_named(folder: Path, connect: Any) -> None:
    save(folder, numbered(1))
    with pytest.raises(StopRunError, match="'customers'"):
        take_or_raise(connect(key={"contacts": "id"}))


def take_or_raise(connector: FileConnector, cursor: Cursor | None = None) -> dict[str, Record]:
    records, _, error = take(connector, cursor or {"history": "", "since": 0})
    if error:
        raise error
    return records


def test_streams_are_files_and_nothing_else(folder: Path, connect: Any) -> None:
    for name in ("a.csv", "b.TSV", "c.xlsx", "~$c.xlsx", ".hidden.csv", "readme.txt"):
        save(folder, "id\n", name)
    connector = connect()
    assert connector.streams() == ("a", "b", "c")
    assert "3 CSV" in connector.check().product
    save(folder, "id\n", "a.xlsx")
    with pytest.raises(StopRunError, match=r"a\.csv and a\.xlsx"):
        connector.streams()


def test_an_absent_folder_is_not_made(folder: Path, connect: Any) -> None:
    connector = connect(path=folder / "share")
    for call in (connector.check, lambda: take_or_raise(connector)):
        with pytest.raises(StopRunError) as error:
            call()
        assert error.value.code == "file.missing"
    assert not (folder / "share").exists()


def test_the_snapshot_may_be_elsewhere(folder: Path, connect: Any) -> None:
    save(folder, numbered(1))
    assert take_or_raise(connect(state=folder / "local" / "state"))
    assert not (folder / ".tandem").exists()
    (folder / "local" / "state" / "snapshot.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StopRunError) as error:
        take_or_raise(connect(state=folder / "local" / "state"))
    assert error.value.code == "file.state"


# --- how a file is read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding", "setting"),
    [
        ("id;name\n007;Müller, Söhne\n", "utf-8", "utf-8-sig"),
        ("id;name\n007;Müller, Söhne\n", "utf-8-sig", "utf-8-sig"),
        ("id\tname\r\n007\tMüller, Söhne\r\n", "utf-8", "utf-8-sig"),
        ('"id","name"\n"007","Müller, Söhne"\n', "cp1252", "cp1252"),
        (" id | name \n 007 |Müller, Söhne|\n", "utf-16", "utf-16"),
    ],
)
def test_forms_of_csv(folder: Path, connect: Any, text: str, encoding: str, setting: str) -> None:
    save(folder, text.replace("Söhne|", "Söhne"), encoding=encoding)
    records = take_or_raise(connect(encoding=setting))
    assert {i: r.values for i, r in records.items()} == {"007": {"name": "Müller, Söhne"}}


def test_text_stays_text(folder: Path, connect: Any) -> None:
    save(folder, 'id,name\n1,"1.234,50"\n2,00042\n3,\n4\n\n5,"a\nb"\n6, x \n')
    values = {i: r.values["name"] for i, r in take_or_raise(connect()).items()}
    assert values == {"1": "1.234,50", "2": "00042", "3": "", "4": "", "5": "a\nb", "6": " x "}


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("", "file.header", "line 1: there is no header"),
        ("id,name,name\n", "file.header", "line 1: column 'name' is there twice"),
        ("id,,name\n", "file.header", "line 1: column 2 has no name"),
        ("number,name\n", "file.no_key_column", "no key column 'id'; there are 'number', 'name'"),
        ("id,name\n1,a\n2,\udcff\n", "file.encoding", "line 3: not utf-8 text"),
        ('id,name\n1,a\n2,"' + SECRET * 20_000, "file.csv", "line 3"),
    ],
)
def test_unreadable_files_name_the_line(
    folder: Path, connect: Any, text: str, code: str, where: str
) -> None:
    (folder / "customers.csv").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(StopRunError) as error:
        take_or_raise(connect())
    assert error.value.code == code
    assert where in error.value.message
    assert "customers.csv" in error.value.message
    assert SECRET not in error.value.message


def test_several_key_columns_make_one_id(folder: Path, connect: Any) -> None:
    save(folder, "firm,mail,name\nA,x@y.z,Ann\n")
    connector = connect(key=["firm", "mail"])
    records = take_or_raise(connector)
    assert list(records) == ['["A", "x@y.z"]']
    assert [c.name for c in connector.describe("customers").columns.values() if c.required] == [
        "firm", "mail",
    ]  # fmt: skip
    results = write(
        connector,
        create("k1", firm="B", mail="b@y.z", name="Bob"),
        create("k2", firm="C", name="Cid"),
        update('["A", "x@y.z"]', name="Anna"),
    )
    assert [type(result) for result in results] == [Accepted, Rejected, Accepted]
    assert connector.find("customers", "k1") is None
    assert set(take_or_raise(connector)) == {'["A", "x@y.z"]', '["B", "b@y.z"]'}


# --- lines that cannot be taken -----------------------------------------------------------------


def test_faulty_lines_are_named_and_hold_up_no_other(folder: Path, connect: Any) -> None:
    save(
        folder,
        f"id,name\n1,a\n,{SECRET}\n2,b\n3,c\n2,{SECRET}\n4,d,{SECRET}\n5,4.01234E+12\n6,e\n",
    )
    connector = connect()
    records, cursor, error = take(connector)
    assert set(records) == {"1", "3", "6"}
    assert isinstance(error, RecordError)
    assert error.code == "file.faulty_rows"
    assert error.message == (
        "customers.csv, line 3: no key in column 'id'; lines 4 and 6: the same key; "
        "line 7: 1 cells more than the header; line 8: column 'name' holds a number that a "
        "spreadsheet has shortened; format the column as text and enter it again"
    )
    assert SECRET not in str(error)
    _, cursor, error = take(connector, cursor)
    assert error is not None, "it is said again until it is put right"
    save(folder, numbered(1, 2, 3, 4, 5, 6).replace("N1", "a").replace("N3", "c"))
    records, _, error = take(connector, cursor)
    assert set(records) == {"2", "4", "5", "6"}
    assert error is None


def test_a_known_row_that_becomes_faulty_is_not_deleted(folder: Path, connect: Any) -> None:
    save(folder, numbered(1, 2, 3))
    connector = connect()
    _, cursor, _ = take(connector)
    save(folder, "id,name\n1,N1\n2,x\n2,y\n3,N3\n")
    records, cursor, error = take(connector, cursor)
    assert records == {}
    assert isinstance(error, RecordError)
    with pytest.raises(RecordError, match="lines 3 and 4"):
        connector.read("customers", ["name"], ["2"])
    assert isinstance(write(connector, update("2", name="z"))[0], Rejected)
    # Back to what it was: must arrive, for the reader may have missed an earlier change of it.
    save(folder, numbered(1, 2, 3))
    records, _, error = take(connector, cursor)
    assert set(records) == {"2"}
    assert error is None


def test_no_row_is_taken_for_deleted_while_a_line_has_lost_its_key(
    folder: Path, connect: Any
) -> None:
    save(folder, numbered(1, 2, 3))
    connector = connect()
    _, cursor, _ = take(connector)
    save(folder, "id,name\n1,N1\n,N2\n4,N4\n")
    records, cursor, error = take(connector, cursor)
    assert set(records) == {"4"}
    assert isinstance(error, RecordError)
    save(folder, "id,name\n1,N1\n2,N2\n4,N4\n")
    records, _, error = take(connector, cursor)
    assert {i: r.deleted for i, r in records.items()} == {"3": True}


# --- the guard ----------------------------------------------------------------------------------


def test_vanished_rows_are_not_deleted_but_additions_go_on(folder: Path, connect: Any) -> None:
    save(folder, numbered(*range(100)))
    connector = connect()
    _, cursor, _ = take(connector)
    save(folder, numbered(*range(70), 200))
    for _ in range(2):
        records, _, error = take(connector, cursor)
        assert set(records) == {"200"}
        assert isinstance(error, StopRunError)
        assert error.code == "file.rows_vanished"
        assert "30 of 10" in error.message
        assert "accept_vanished: {customers: 30}" in error.message
    with pytest.raises(StopRunError):
        connector.read("customers", ["name"], ["99"])
    assert isinstance(write(connector, update("99", name="x"))[0], Deferred)
    assert isinstance(write(connector, update("5", name="five"))[0], Accepted)
    _, cursor, _ = take(connector, cursor)

    save(folder, numbered(*range(100), 200))
    records, _, error = take(connector, cursor)
    assert not [r for r in records.values() if r.deleted]
    assert error is None


def test_an_accepted_number_of_rows_may_vanish_and_no_other(folder: Path, connect: Any) -> None:
    save(folder, numbered(*range(100)))
    _, cursor, _ = take(connect())
    save(folder, numbered(*range(70)))
    assert take(connect(), cursor)[2] is not None
    assert take(connect(accept_vanished={"customers": 29}), cursor)[2] is not None
    records, cursor, error = take(connect(accept_vanished={"customers": 30}), cursor)
    assert error is None
    assert {r.native_id for r in records.values() if r.deleted} == set(map(str, range(70, 100)))
    assert take(connect(), cursor) == ({}, cursor, None)


@pytest.mark.parametrize(
    ("known", "left", "percent", "held"),
    [
        (100, 80, 20, False),
        (100, 79, 20, True),
        (12, 3, 20, False),  # nine
        (12, 2, 20, True),
        (100, 0, 100, False),
        (100, 89, 5, True),
    ],
)
def test_where_the_guard_begins(
    folder: Path, connect: Any, known: int, left: int, percent: float, held: bool
) -> None:
    save(folder, numbered(*range(known)))
    connector = connect(vanish_percent=percent)
    _, cursor, _ = take(connector)
    save(folder, numbered(*range(left)))
    records, _, error = take(connector, cursor)
    assert len(records) == (0 if held else known - left)
    assert (error is not None) is held


def test_our_own_deletions_do_not_alarm_the_guard(folder: Path, connect: Any) -> None:
    save(folder, numbered(*range(20)))
    connector = connect()
    _, cursor, _ = take(connector)
    results = write(connector, *(delete(str(n)) for n in range(15)))
    assert all(isinstance(result, Accepted) for result in results)
    records, _, error = take(connector, cursor)
    assert error is None
    assert len([r for r in records.values() if r.deleted]) == 15


# --- changes and cursors ------------------------------------------------------------------------


def test_an_idle_cycle_only_looks_at_size_and_time(
    folder: Path, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(folder, numbered(1, 2))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    connector = connect()
    _, cursor, _ = take(connector)
    monkeypatch.setattr(connector_module, "scan", None)
    calls = connector.calls
    assert take(connector, cursor)[0] == {}
    assert connector.calls == calls + 1


def test_a_second_save_within_the_clocks_tick_is_noticed(folder: Path, connect: Any) -> None:
    path = save(folder, numbered(1))
    connector = connect()
    _, cursor, _ = take(connector)
    times = path.stat().st_mtime_ns
    path.write_text(numbered(1).replace("N1", "M1"))
    os.utime(path, ns=(times, times))
    assert take(connector, cursor)[0]["1"].values == {"name": "M1"}


def test_there_and_back_is_two_changes(folder: Path, connect: Any) -> None:
    connector = connect()
    cursor, versions = None, []
    for name in ("N1", "M1", "N1"):
        save(folder, f"id,name\n1,{name}\n")
        records, cursor, _ = take(connector, cursor)
        versions.append(records["1"].version)
    assert len(set(versions)) == 3


def test_order_of_rows_and_columns_is_no_change(folder: Path, connect: Any) -> None:
    save(folder, "id,name,city\n1,a,x\n2,b,y\n")
    connector = connect()
    _, cursor, _ = take(connector)
    save(folder, "city;id;name\ny;2;b\nx;1;a\n")
    assert take(connector, cursor)[0] == {}


def test_two_readers_follow_at_their_own_pace(folder: Path, connect: Any) -> None:
    connector, other = connect(), connect()
    save(folder, numbered(1, 2))
    _, slow, _ = take(connector)
    save(folder, numbered(1, 3))
    _, fast, _ = take(other, slow)
    save(folder, numbered(1, 3, 4))
    assert set(take(other, fast)[0]) == {"4"}
    records, _, _ = take(connector, slow)
    assert {i: r.deleted for i, r in records.items()} == {"2": True, "3": False, "4": False}


def test_a_lost_snapshot_means_reading_all_again(folder: Path, connect: Any) -> None:
    save(folder, numbered(1, 2))
    _, cursor, _ = take(connect())
    (folder / ".tandem" / "snapshot.sqlite").unlink()
    assert set(take(connect(), cursor)[0]) == {"1", "2"}


def test_a_resumed_cycle_starts_over_when_the_file_was_saved(folder: Path, connect: Any) -> None:
    save(folder, numbered(*range(5000)))
    connector = connect()
    pages = connector.read_changes("customers", ["name"], None)
    first = next(pages)
    assert first.cursor["row"] == 1000
    save(folder, numbered(*range(1000)))
    with pytest.raises(RetryableError) as error:
        list(pages)
    assert error.value.code == "file.changing"
    save(folder, numbered(*reversed(range(5000))))
    assert set(take(connector, first.cursor)[0]) == set(map(str, range(5000)))


def test_a_resumed_cycle_goes_on_where_it_stopped(folder: Path, connect: Any) -> None:
    save(folder, numbered(*range(9)))
    connector = connect(read_batch=4)
    first = next(connector.read_changes("customers", ["name"], None))
    assert list(take(connector, first.cursor)[0]) == ["4", "5", "6", "7", "8"]


def test_modified_at_is_when_the_file_was_saved(folder: Path, connect: Any) -> None:
    path = save(folder, numbered(1))
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    connector = connect()
    records, cursor, _ = take(connector)
    assert records["1"].modified_at == moment
    save(folder, numbered(1, 2))
    records, _, _ = take(connector, cursor)
    assert set(records) == {"2"}
    since = connector.cursor_at("customers", moment + timedelta(hours=1))
    assert set(take(connector, since)[0]) == {"2"}
    since = connector.cursor_at("customers", moment)
    assert set(take(connector, since)[0]) == {"1", "2"}


# --- writing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "encoding"),
    [
        (
            "\ufeffid;name;note\r\n1;Ä;keep\r\n2;b;gone\r\n3;c;\r\n",
            "\ufeffid;name;note\r\n1;Ü;keep\r\n3;c;\r\nk;n;\r\n",
            "utf-8-sig",
        ),
        (
            '"id","name","note"\n"1","a, b","keep"\n"2","b",""\n\n,"faulty",""\n"4","x","y",z\n',
            '"id","name","note"\n"1","Ü","keep"\n\n"","faulty",""\n"4","x","y","z"\n"k","n",""\n',
            "utf-8-sig",
        ),
        ("id\tname\n1\nпривет\tx\n2\tb", "id\tname\n1\tЮ\nпривет\tx\nk\tn\n", "cp1251"),
    ],
)
def test_what_was_not_to_be_changed_stays(
    folder: Path, connect: Any, before: str, after: str, encoding: str
) -> None:
    path = folder / "customers.csv"
    path.write_bytes(before.encode("utf-8" if "8" in encoding else encoding))
    path.chmod(0o640)
    name = "Ü" if "8" in encoding else "Ю"
    results = write(
        connect(encoding=encoding), update("1", name=name), delete("2"), create("k", name="n")
    )
    assert [type(result) for result in results] == [Accepted] * 3
    assert path.read_bytes().decode("utf-8" if "8" in encoding else encoding) == after
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [p.name for p in folder.iterdir() if p.suffix == ".tmp"] == []


def test_values_become_text_or_are_refused(folder: Path, connect: Any) -> None:
    save(folder, "id,name\n1,a\n", encoding="cp1251")
    connector = connect(encoding="cp1251")
    good: list[Any] = ["007", 7, Decimal("12.50"), True, None, "+49 30 1", "-5", "a\nb"]
    for value in good:
        assert isinstance(write(connector, update("1", name=value))[0], Accepted), value
    bad: dict[str, list[Any]] = {
        "FORMULA": ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-x"],
        "NOT_ENCODABLE": ["東京"],
        "NOT_TEXT": [[1], {"a": 1}],
    }
    for code, values in bad.items():
        for value in values:
            (result,) = write(connector, update("1", name=value))
            assert isinstance(result, Rejected), value
            assert (result.code, result.columns) == (code, ("name",))
            assert str(value) not in result.message
    assert connector.read("customers", ["name"], ["1"])[0].values == {"name": "a\nb"}


def test_the_key_of_a_create(folder: Path, connect: Any) -> None:
    path = save(folder, numbered(1))
    connector = connect()
    results = write(
        connector,
        create("k1", name="made"),
        create("k2", id="9", name="given"),
        create("k3", id="1", name="another's"),
        create("k4", id="1", name="N1"),  # what our lost first try would have left
        create("k1", name="made"),
        create("k5", id="9", name="given"),
    )
    assert [r.native_id if isinstance(r, Accepted) else r for r in results] == [
        "k1", "9", Rejected("DUPLICATE_KEY", "DUPLICATE_KEY", ("id",)), "1", "k1", "9",
    ]  # fmt: skip
    assert path.read_text() == numbered(1) + "k1,made\n9,given\n"
    assert isinstance(write(connector, update("9", id="10"))[0], Rejected)
    assert isinstance(write(connector, update("9", id="9", name="same key"))[0], Accepted)
    assert isinstance(write(connector, delete("9"), update("9", name="x"))[1], Gone)
    write(connector, create("k1", name="other text"))
    assert connector.read("customers", ["name"], ["k1"])[0].values == {"name": "made"}


def test_a_write_that_changes_nothing_leaves_the_file_alone(folder: Path, connect: Any) -> None:
    path = save(folder, numbered(1))
    connector = connect()
    version = take(connector)[0]["1"].version
    before = path.stat()
    assert write(connector, update("1", name="N1")) == [Accepted("1", version)]
    assert path.stat() == before


def test_somebody_else_saves_while_we_write(
    folder: Path, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(folder, numbered(1, 2))
    connector = connect()
    saves = iter([numbered(1, 2, 3)])

    def meanwhile(*arguments: Any) -> bool:
        with suppress(StopIteration):
            save(folder, next(saves))
        return replace_file(*arguments)

    monkeypatch.setattr(connector_module, "replace_file", meanwhile)
    assert isinstance(write(connector, update("1", name="one"))[0], Accepted)
    assert (folder / "customers.csv").read_text() == numbered(1, 2, 3).replace("N1", "one")
    saves = iter([numbered(1, n) for n in range(2, 9)])
    with pytest.raises(RetryableError):
        write(connector, update("1", name="two"))
    assert "two" not in (folder / "customers.csv").read_text()


def test_a_crash_while_writing_leaves_the_old_file(
    folder: Path, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(folder, numbered(1, 2))
    connector = connect()
    take(connector)

    def disk_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(RetryableError, match="No space left"):
        write(connector, update("1", name="one"))
    assert path.read_text() == numbered(1, 2)
    assert sorted(p.name for p in folder.iterdir()) == [".tandem", "customers.csv"]


def test_one_writer_at_a_time(folder: Path, connect: Any) -> None:
    save(folder, numbered())
    take(connect())
    lock = folder / ".tandem" / "lock"
    with locked(lock), pytest.raises(RetryableError) as error, locked(lock, patience=0.1):
        pass
    assert error.value.code == "file.locked"
    answers: list[WriteResult] = []
    writers = [
        threading.Thread(
            target=lambda n=n: answers.extend(write(connect(), create(f"k{n}", name=f"N{n}")))
        )
        for n in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(answers) == 8
    lines = (folder / "customers.csv").read_text().splitlines()
    assert sorted(lines[1:]) == [f"k{n},N{n}" for n in range(8)]


def test_no_permission_is_said_plainly(folder: Path, connect: Any, monkeypatch: Any) -> None:
    path = save(folder, numbered(1))

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(StopRunError) as error:
        connect().describe("customers")
    assert error.value.code == "file.permission"
    assert path.name in error.value.message


# --- Excel --------------------------------------------------------------------------------------


def workbook(folder: Path, rows: list[list[Any]], formats: dict[str, str] | None = None) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    path = folder / "customers.xlsx"
    book.save(path)
    return path


def test_cells_of_excel_as_people_see_them(folder: Path, connect: Any) -> None:
    cells = [
        7, 12.5, 0.1 + 0.2, True, datetime(2026, 11, 21), datetime(2026, 11, 21, 8, 30),
        "007", 42, None, 1e-7, 45000,
    ]  # fmt: skip
    workbook(
        folder,
        [["id", "name", None], *([n, cell] for n, cell in enumerate(cells, start=1))],
        {"B9": "00000", "B12": "yyyy-mm-dd"},
    )
    values = [record.values["name"] for record in take_or_raise(connect()).values()]
    assert values == [
        "7", "12.5", "0.3", "TRUE", "2026-11-21", "2026-11-21T08:30:00",
        "007", "00042", "", "0.0000001", "2023-03-15",
    ]  # fmt: skip


def test_cells_that_excel_has_spoilt_are_named(folder: Path, connect: Any) -> None:
    workbook(
        folder,
        [
            ["id", "name"],
            [1, "good"],
            [2, 4012345678901234567],
            [3, "#N/A"],
            [4, "=1+1"],
            [5, 123456789012345],
        ],
    )
    book = load_workbook(folder / "customers.xlsx")
    book.worksheets[0]["B4"].data_type = "e"
    book.save(folder / "customers.xlsx")
    records, _, error = take(connect())
    assert {i: r.values["name"] for i, r in records.items()} == {
        "1": "good",
        "5": "123456789012345",
    }
    assert error is not None
    assert "line 3: column 'name': a number of more than 15 digits" in error.message
    assert "line 4: column 'name': the cell holds an error" in error.message
    assert "line 5: column 'name': the formula has no result yet" in error.message
    assert "4012345678901234567" not in error.message


def test_a_workbook_keeps_what_we_do_not_write(folder: Path, connect: Any) -> None:
    path = workbook(
        folder,
        [
            ["id", "name", "amount", "day"],
            ["1", "a", 1.5, datetime(2026, 1, 1)],
            ["2", "b", 2, None],
        ],
        {"C2": "0.00"},
    )
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet["B2"].font = Font(bold=True)
    sheet.column_dimensions["B"].width = 33
    book.create_sheet("Notes")["A1"] = "keep me"
    book.save(path)
    results = write(
        connect(),
        update("1", name="=1+1", amount="2.5", day="2026-02-01"),
        delete("2"),
        create("k", name="007", amount="3"),
    )
    assert [type(result) for result in results] == [Accepted] * 3
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert book["Notes"]["A1"].value == "keep me"
    assert sheet["B2"].font.bold
    assert sheet.column_dimensions["B"].width == 33
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert (sheet["C2"].value, sheet["C2"].number_format) == (2.5, "0.00")
    assert sheet["D2"].value == datetime(2026, 2, 1)
    assert [cell.value for cell in sheet[3]] == ["k", "007", "3", None] or [
        cell.value for cell in sheet[4]
    ] == ["k", "007", "3", None]
    records = take_or_raise(connect())
    assert set(records) == {"1", "k"}


def test_a_workbook_with_formulas_or_open_in_excel_is_not_written(
    folder: Path, connect: Any
) -> None:
    path = workbook(folder, [["id", "name"], ["1", "a"]])
    (folder / "~$customers.xlsx").write_bytes(b"")
    with pytest.raises(RetryableError) as error:
        write(connect(), update("1", name="b"))
    assert error.value.code == "file.open_in_excel"
    (folder / "~$customers.xlsx").unlink()
    book = load_workbook(path)
    book.create_sheet("Sums")["A1"] = "=1+1"
    book.save(path)
    (result,) = write(connect(), update("1", name="b"))
    assert isinstance(result, Rejected)
    assert result.code == "FORMULAS"


def test_a_named_sheet_is_read(folder: Path, connect: Any) -> None:
    path = workbook(folder, [["some", "title"]])
    book = load_workbook(path)
    sheet = book.create_sheet("List")
    sheet.append(["id", "name"])
    sheet.append(["1", "a"])
    book.save(path)
    assert take_or_raise(connect(sheet="List"))["1"].values == {"name": "a"}
    with pytest.raises(StopRunError, match="'Sheet', 'List'"):
        take_or_raise(connect(sheet="Liste"))


def test_half_a_workbook_is_tried_again(folder: Path, connect: Any) -> None:
    path = workbook(folder, [["id", "name"], ["1", "a"]])
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(RetryableError):
        take_or_raise(connect())


# --- size ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_hundred_thousand_rows(folder: Path, connect: Any) -> None:
    path = save(folder, numbered(*range(100_000)))
    connector = connect()
    started = time.perf_counter()
    records, cursor, _ = take(connector)
    assert len(records) == 100_000
    assert time.perf_counter() - started < 20
    os.utime(path, (1_700_000_000, 1_700_000_000))
    take(connector, cursor)
    started = time.perf_counter()
    assert take(connector, cursor)[0] == {}
    assert time.perf_counter() - started < 0.1
