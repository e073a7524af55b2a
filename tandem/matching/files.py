"""Reading delimited files into factorised columns; the only input of matching that is not pure."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tandem.errors import TandemError
from tandem.matching.arrays import Ints
from tandem.matching.engine import Raw


class FileError(TandemError):
    """A file cannot be matched; the message says which and why, without its values."""

    code = "match.file"


_SMALL = 32 << 20
"""Bytes up to which the standard library reads a file sooner than DuckDB is loaded."""

_LOAD = (
    "create table file as select * from read_csv($path, delim=$delim, header=false, skip=1, "
    "quote='\"', escape='\"', all_varchar=true, strict_mode=false, names=$names, nullstr=''{more})"
)

_DELIMITERS = (",", ";", "\t", "|")


def header_of(path: Path) -> tuple[str, list[str]]:
    """Delimiter and column names, stripped.

    Raises:
        FileError: there is no such file, or it has no header.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            line = file.readline().rstrip("\r\n")
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from error
    delimiter = max(_DELIMITERS, key=line.count)
    cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    names = [cell.strip() for cell in cells]
    if len(names) < 2 or "" in names or len(set(names)) < len(names):
        raise FileError(f"{path}: the first line must name at least two columns, each once")
    return delimiter, names


def read_texts(path: Path, columns: Collection[str] | None = None) -> dict[str, list[str]]:
    """Stripped texts of a file's columns, empty where nothing stands.

    Args:
        path: comma, semicolon, tab or bar between the columns; UTF-8.
        columns: which; None for all.

    Raises:
        FileError: the file cannot be read, or lacks a column.
    """
    delimiter, names = header_of(path)
    wanted = names if columns is None else [name for name in names if name in columns]
    for name in columns or ():
        if name not in names:
            raise FileError(f"{path}: no column {name!r}; there are {', '.join(names)}")
    try:
        if path.stat().st_size < _SMALL:
            return _read_small(path, delimiter, names, wanted)
        return _read_large(path, delimiter, names, wanted)
    except (OSError, csv.Error) as error:
        raise FileError(f"{path}: not a delimited file: {type(error).__name__}") from error


def _read_small(
    path: Path, delimiter: str, names: Sequence[str], wanted: Sequence[str]
) -> dict[str, list[str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
        next(reader)
        rows = [row for row in reader if row]
    places = [names.index(name) for name in wanted]
    return {
        name: [row[place].strip() if place < len(row) else "" for row in rows]
        for name, place in zip(wanted, places, strict=True)
    }


def _read_large(
    path: Path, delimiter: str, names: Sequence[str], wanted: Sequence[str]
) -> dict[str, list[str]]:
    import duckdb  # noqa: PLC0415 - half a second that only those pay who read large files

    settings = {"path": str(path), "delim": delimiter, "names": list(names)}
    with duckdb.connect(config={"threads": 2}) as connection:
        try:
            connection.execute(_LOAD.format(more=""), settings)
        except duckdb.Error:
            # Rows that end early: read slowly, and take what is not there as empty.
            more = ", null_padding=true, parallel=false"
            try:
                connection.execute(_LOAD.format(more=more), settings)
            except duckdb.Error as error:
                raise FileError(f"{path}: not a delimited file: {type(error).__name__}") from error
        return {name: _texts(connection, name) for name in wanted}


def _texts(connection: Any, name: str) -> list[str]:
    quoted = name.replace('"', '""')
    found = connection.execute(
        f"select coalesce(trim(\"{quoted}\"), '') as text from file"  # noqa: S608 - quoted above
    ).fetchnumpy()["text"]
    texts: list[str] = found.tolist()
    return texts


def positions_of(path: Path, keys: Sequence[str], sizes: Sequence[int]) -> tuple[Ints, Ints]:
    """Positions of the pairs of records that a file names by key.

    Args:
        path: columns `left` and `right`; of two files that are matched, keys of the first and of
            the second. A pair of which a record is not there, or not any more, is passed over.
        keys: of all records; those of the second file after those of the first.
        sizes: records per file.

    Raises:
        FileError: the file cannot be read, or lacks one of the two columns.
    """
    named = read_texts(path, ("left", "right"))
    first, last = range(sizes[0]), range(len(keys) - sizes[-1], len(keys))
    places: list[dict[str, list[int]]] = [{}, {}]
    for found, positions in zip(places, (first, last), strict=True):
        for position in positions:
            found.setdefault(keys[position], []).append(position)
    pairs = [
        (a, b)
        for one, other in zip(named["left"], named["right"], strict=True)
        for a in places[0].get(one, ())
        for b in places[1].get(other, ())
        if a != b
    ]
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return left, right


def factorised(parts: Sequence[Sequence[str]]) -> tuple[list[str], Ints]:
    """Distinct texts over all parts, and the position of each record's text; -1 when empty.

    >>> factorised([["a", "", "b"], ["a"]])
    (['a', 'b'], array([ 0, -1,  1,  0]))
    """
    positions: dict[str, int] = {"": -1}
    codes = np.empty(sum(map(len, parts)), dtype=np.int64)
    start = 0
    for texts in parts:
        place = positions.setdefault
        codes[start : start + len(texts)] = [place(text, len(positions) - 1) for text in texts]
        start += len(texts)
    del positions[""]
    return list(positions), codes


def read_raw(paths: Sequence[Path], left_out: Collection[str], only: Collection[str] | None) -> Raw:
    """Factorised columns of one file, or of two files, one below the other.

    Args:
        paths: one or two files; of two, the columns both have are read.
        left_out: columns not to match by (keys, truth).
        only: the columns to read; None for all.

    Raises:
        FileError: a file cannot be read, or the two share no column.
    """
    return read_records(paths, (), left_out, only)[0]


def read_records(
    paths: Sequence[Path],
    aside: Collection[str],
    left_out: Collection[str],
    only: Collection[str] | None,
) -> tuple[Raw, list[dict[str, list[str]]]]:
    """`read_raw`, and the texts of some columns per file, in one reading.

    Raises:
        FileError: as there, or a file lacks a column of `aside`.
    """
    names = [header_of(path)[1] for path in paths]
    shared = [name for name in names[0] if all(name in others for others in names)]
    wanted = [n for n in shared if n not in left_out and (only is None or n in only)]
    if not wanted:
        raise FileError(f"{paths[-1]}: no column to match by in common")
    tables = [read_texts(path, {*wanted, *aside}) for path in paths]
    kept = [{name: table[name] for name in aside} for table in tables]
    return {name: factorised([table.pop(name) for table in tables]) for name in wanted}, kept
