"""`tandem match`: find what is the same within a file or between two, without any configuration."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.failure import UsageError
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, errors, grid, show

if TYPE_CHECKING:
    from tandem.matching.arrays import Ints
    from tandem.matching.engine import Matched, Pairs, Raw, Report
    from tandem.matching.rules import Rules

_FILE = {"exists": True, "dir_okay": False, "readable": True}


@with_epilog(epilog(Exit.CONFIG, Exit.USAGE))
def match(
    left: Annotated[Path, typer.Argument(help="A delimited file with a header.", **_FILE)],
    right: Annotated[
        Path | None,
        typer.Argument(help="A second file: link the two one to one.", **_FILE),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", help="Rules in YAML to match by.", **_FILE)
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Take rules from the data alone and print them.")
    ] = False,
    key: Annotated[
        str | None, typer.Option("--key", help="Column that names a record; else the line number.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the pairs to link and to review here.")
    ] = None,
    clusters: Annotated[
        Path | None, typer.Option("--clusters", help="Write the cluster of every record here.")
    ] = None,
    apart: Annotated[
        Path | None,
        typer.Option(
            "--apart",
            help="Pairs that people keep apart, by key, in columns left and right: no two of "
            "them come into one cluster, and nobody is asked about them.",
            **_FILE,
        ),
    ] = None,
    truth: Annotated[
        str | None, typer.Option("--truth", help="Column that says what is true: score by it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find the same parties within or between files.

    Without --rules, rules are suggested from what the columns hold; nothing is learned from labels.
    """
    if rules is not None and suggest:
        raise UsageError("--rules goes with --suggest in no way: give one of them")
    start = time.perf_counter()
    from tandem.matching.engine import match_records
    from tandem.matching.rules import load_rules

    given = load_rules(rules) if rules else None
    paths = [left] if right is None else [left, right]
    with _progress(as_json) as report:
        report("reading files")
        raw, side, keys, true = _read(paths, given, key, truth)
        kept = _kept(apart, keys, side)
        try:
            matched = match_records(raw, given, side, report, kept_apart=kept)
        except ValueError as error:
            raise UsageError(f"{left}: {error}") from error
        if out is not None:
            report("writing pairs")
            _write_pairs(out, matched, keys)
        if clusters is not None:
            report("writing clusters")
            _write_clusters(clusters, matched, keys)
    document = _document(matched, side, true)
    document["seconds"] = round(time.perf_counter() - start, 3)
    document["peak_mb"] = round(_peak_mb(), 1)
    if suggest:
        document["rules"] = matched.rules.model_dump(
            mode="json", by_alias=True, exclude_defaults=True
        )
    show(document, lambda console: _tell(console, document, matched, suggest), as_json=as_json)


def _read(
    paths: Sequence[Path], given: Rules | None, key: str | None, truth: str | None
) -> tuple[Raw, Ints | None, list[str], Ints | None]:
    """Columns to match by; file per record, when there are two; keys; true things."""
    import numpy as np

    from tandem.matching.files import FileError, read_records
    from tandem.matching.truth import truth_codes

    named = [name for name in (key, truth) if name is not None]
    try:
        only = None if given is None else set(given.compare)
        raw, aside = read_records(paths, named, named if given is None else [], only)
    except FileError as error:
        raise UsageError(error.message) from error
    if given is not None and (missing := set(given.compare) - set(raw)):
        raise UsageError(f"{paths[-1]}: the rules name columns it lacks: {', '.join(missing)}")
    sizes = _sizes(paths, raw, aside)
    keys = [str(line) for size in sizes for line in range(1, size + 1)]
    if key is not None:
        keys = [text for table in aside for text in table[key]]
    true = None
    if truth is not None:
        true = truth_codes([text for table in aside for text in table[truth]])
    side = np.repeat(np.arange(2, dtype=np.int64), sizes) if len(sizes) == 2 else None
    return raw, side, keys, true


def _kept(path: Path | None, keys: Sequence[str], side: Ints | None) -> Pairs:
    """Positions of the pairs that people keep apart."""
    from tandem.matching.engine import NO_PAIRS
    from tandem.matching.files import FileError, positions_of

    if path is None:
        return NO_PAIRS
    second = 0 if side is None else int(side.sum())
    try:
        return positions_of(path, keys, [len(keys) - second, second][: 1 + (second > 0)])
    except FileError as error:
        raise UsageError(error.message) from error


def _sizes(
    paths: Sequence[Path], raw: Raw, aside: Sequence[Mapping[str, Sequence[str]]]
) -> list[int]:
    """Records per file."""
    from tandem.matching.files import read_texts

    count = len(next(iter(raw.values()))[1])
    if len(paths) == 1:
        return [count]
    if aside[0]:
        first = len(next(iter(aside[0].values())))
    else:
        first = len(next(iter(read_texts(paths[0], [next(iter(raw))]).values())))
    return [first, count - first]


def _document(matched: Matched, side: Ints | None, true: Ints | None) -> dict[str, Any]:
    """Counts, and how good the match is when that can be told."""
    from tandem.matching.report import LINK, REVIEW
    from tandem.matching.truth import cluster_quality, pair_quality, recall_of

    decisions = matched.decisions()
    linked = decisions == LINK
    document: dict[str, Any] = {
        "records": len(matched.clusters),
        "candidates": matched.candidates,
        "links": int(linked.sum()),
        "reviews": int((decisions == REVIEW).sum()),
        "found": int(matched.clusters.max(initial=-1)) + 1,
        "blocking_recall_estimated": matched.blocking_recall,
    }
    if true is not None:
        left, right = matched.left[linked], matched.right[linked]
        document["pairs"] = asdict(pair_quality(true, side, left, right))
        document["clustered"] = asdict(cluster_quality(true, side, matched.clusters))
        found = slice(0, matched.candidates)
        document["blocking_recall"] = recall_of(
            true, side, matched.left[found], matched.right[found]
        )
    return document


def _tell(console: Console, document: dict[str, Any], matched: Matched, suggest: bool) -> None:
    from tandem.matching.rules import dump_rules

    if suggest:
        console.print(dump_rules(matched.rules), markup=False, highlight=False)
    rows = []
    for name, value in document.items():
        if isinstance(value, dict) and name != "rules":
            rows += [(f"{name} {part}", f"{share:.4f}") for part, share in value.items()]
        elif name != "rules":
            rows.append((name, f"{value:,}" if isinstance(value, int) else f"{value:.4f}"))
    console.print(grid("", ["", "#"], rows))


def _write_pairs(path: Path, matched: Matched, keys: Sequence[str]) -> None:
    from tandem.matching.report import PAIR_COLUMNS, pair_rows

    _write(path, PAIR_COLUMNS, pair_rows(matched, keys))


def _write_clusters(path: Path, matched: Matched, keys: Sequence[str]) -> None:
    from tandem.matching.report import CLUSTER_COLUMNS

    _write(path, CLUSTER_COLUMNS, zip(keys, matched.clusters.tolist(), strict=True))


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


@contextmanager
def _progress(silent: bool) -> Iterator[Report]:
    """Shows the step a long run is in, on stderr, when somebody watches."""
    console = errors()
    if silent or not console.is_terminal:
        yield lambda step: None  # noqa: ARG005 - nobody watches
        return
    with console.status("starting") as status:
        yield status.update


def _peak_mb() -> float:
    """Most memory this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
