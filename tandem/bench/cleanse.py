"""Bench `cleanse`: how often the cleansers are right on labelled texts, how fast, in what memory.

    values     numbers, dates, phones, … : right, and wrong where the label says refuse
    titles     free titles to a directory of positions, and national titles to ESCO
    addresses  every labelled address set

Beside Tandem, in the same run: character TF-IDF and rapidfuzz's token_sort for titles, usaddress
and (where it is installed) libpostal for addresses. Each tool runs in a process of its own, so that
its peak memory is its own. Speed is by processor time, so that a busy machine changes little.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer

from cleansing.address import postal
from cleansing.by_name import KINDS, Answer
from cleansing.catalogue import read_positions
from cleansing.job_title import Position, TitleIndex
from tandem.bench.addresses import PARSERS, normal, score_addresses, time_addresses

_LEAST_SECONDS = 0.5
_BASELINE_QUERIES = 500
"""Queries that the slow tools are given; a share of them, evenly taken, where there are more."""

Ranker = Callable[[str, str | None], Sequence[str]]
"""A title and its language → codes, best first; none where it refuses."""


class Part(StrEnum):
    """A part of the bench."""

    VALUES = "values"
    TITLES = "titles"
    ADDRESSES = "addresses"
    NATIONAL_TITLES = "national_titles"


def run(
    shared: Annotated[
        Path, typer.Option(help="Folder with `data/gold`, `data/titles` and `data/address`.")
    ] = Path("../shared"),
    *,
    only: Sequence[Part] = (),
) -> dict[str, Any]:
    """Quality and speed of the cleansers on labelled texts; of all parts, or only some.

    Args:
        shared: the folder that holds `data/`.
        only: parts to measure; none: all.
    """
    report: dict[str, Any] = {"bench": "cleanse"}
    missing: dict[str, str] = {}
    gold = shared / "data" / "gold"
    parts: dict[Part, tuple[Callable[[Path], dict[str, Any]], Path]] = {
        Part.VALUES: (lambda path: _in_own_process(score_values, path), gold / "values.jsonl"),
        Part.TITLES: (_beside_each_other(score_gold_titles), gold / "titles.jsonl"),
        Part.ADDRESSES: (_addresses, shared / "data" / "address"),
        Part.NATIONAL_TITLES: (_national_titles, shared / "data" / "titles"),
    }
    for name, (score, path) in parts.items():
        if only and name not in only:
            continue
        if path.exists():
            report[name.value] = score(shared)
        else:
            missing[name.value] = f"{path} is not there"
    if postal.parser_state() != "ready":
        missing["libpostal"] = postal.parser_state()
    return report | {"missing": missing}


def _national_titles(shared: Path) -> dict[str, Any]:
    """Every national set that has queries and the right answers to them."""
    return {
        folder.name: _beside_each_other(score_national)(folder)
        for folder in sorted((shared / "data" / "titles").glob("*"))
        if (folder / "queries.tsv").exists() and (folder / "annotations.tsv").exists()
    }


def _addresses(shared: Path) -> dict[str, Any]:
    """Tandem's report with the share of its rivals beside it, and what each of them takes.

    Speed and memory are measured in a process that judges nothing: judging loads our directories.
    """
    tools = [tool for tool in PARSERS if tool != "libpostal" or postal.parser_state() == "ready"]
    found = {tool: _in_own_process(score_addresses, shared, tool) for tool in tools}
    speed = {tool: _in_own_process(time_addresses, shared, tool) for tool in tools}
    for scores in found.values():
        del scores["peak_mb"]
    report = found["tandem"]
    for tool in tools[1:]:
        for name, scores in found[tool].items():
            report[name][f"{tool}_all_right"] = scores["all_right"]
    return {
        "with_libpostal": "libpostal" in tools,
        "sets": report,
        "peak_mb": {tool: speeds.pop("peak_mb") for tool, speeds in speed.items()},
        "per_second": {
            f"{tool}_{where}": speeds[where] for tool, speeds in speed.items() for where in speeds
        },
    }


def _beside_each_other(score: Callable[[Path, str], dict[str, Any]]) -> Any:
    """A score of all tools for titles, each in a process of its own."""

    def each(path: Path) -> dict[str, Any]:
        return {tool: _in_own_process(score, path, tool) for tool in TITLE_TOOLS}

    return each


def _in_own_process(score: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_with_peak, score, *args).result()


def _with_peak(score: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
    found = score(*args)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return {**found, "peak_mb": round(peak, 1)}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def _per_second(work: Callable[[], int]) -> int:
    """Operations per second of processor time of `work`, which tells how many it did."""
    work()
    done, start = 0, time.process_time()
    while (spent := time.process_time() - start) < _LEAST_SECONDS:
        done += work()
    return round(done / spent)


# -- single values -----------------------------------------------------------------------------


def _is_same(got: Any, wanted: Any) -> bool:
    """Whether a value is the labelled one: numbers by value, texts without case and marks.

    >>> _is_same("Δρ", "Δρ."), _is_same(1500, 1500.0), _is_same(None, ""), _is_same(True, 1)
    (True, True, False, False)
    """
    if isinstance(wanted, bool) or isinstance(got, bool) or wanted is None or got is None:
        return got is wanted
    if isinstance(wanted, Mapping):
        return isinstance(got, Mapping) and all(
            _is_same(got.get(key), value) for key, value in wanted.items()
        )
    if isinstance(wanted, int | float):
        return not isinstance(got, Mapping) and Decimal(str(got)) == Decimal(str(wanted))
    return normal(str(got)) == normal(str(wanted))


def is_right(row: Mapping[str, Any], answer: Answer) -> bool:
    """Whether an answer is the label or one of the readings that are accepted beside it."""
    return any(_is_same(answer["value"], wanted) for wanted in (row["gold"], *row["also"]))


def score_values(shared: Path) -> dict[str, Any]:
    """Accuracy and operations per second of each kind of single value.

    Returns:
        Kind → `rows`, `accuracy`, `false_values` (a value where the label is null and accepts
        none), `others_right` (further numbers, addresses and extensions), `per_second`.
    """
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(shared / "data" / "gold" / "values.jsonl"):
        by_kind[row["kind"]].append(row)
    return {kind: _score_kind(kind, rows) for kind, rows in by_kind.items()}


def _score_kind(kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    cleanser = KINDS[kind]

    def all_rows() -> int:
        for row in rows:
            cleanser(row["text"], row["context"])
        return len(rows)

    answers = [(row, cleanser(row["text"], row["context"])) for row in rows]
    right = sum(is_right(row, answer) for row, answer in answers)
    false = sum(
        row["gold"] is None and answer["value"] is not None and not is_right(row, answer)
        for row, answer in answers
    )
    more = [
        _is_same(answer.get(key), row[key]) if key == "ext" else answer.get(key) == row[key]
        for row, answer in answers
        for key in ("ext", "other")
        if key in row
    ]
    return {
        "rows": len(rows),
        "accuracy": round(right / len(rows), 4),
        "false_values": false,
        "others_right": f"{sum(more)}/{len(more)}",
        "per_second": _per_second(all_rows),
    }


# -- job titles --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Names:
    """All names of a directory with the code of each, for the plain tools."""

    names: list[str]
    codes: list[str]

    @classmethod
    def of(cls, positions: Sequence[Position]) -> _Names:
        pairs = [(name, position.code) for position in positions for name in position.all_names()]
        return cls([name for name, _ in pairs], [code for _, code in pairs])

    def token_sort(self) -> Ranker:
        """Ratio of sorted words by rapidfuzz over all names, nothing else."""
        from rapidfuzz import fuzz, process, utils  # noqa: PLC0415 - only benches compare

        names = [utils.default_process(name) for name in self.names]

        def rank(title: str, _lang: str | None) -> list[str]:
            query = utils.default_process(title)
            found = process.extract(query, names, scorer=fuzz.token_sort_ratio, limit=10)
            return list(dict.fromkeys(self.codes[at] for _, _, at in found))[:5]

        return rank

    def tfidf(self) -> Ranker:
        """Character n-gram TF-IDF of scikit-learn, best cosine first."""
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

        vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
        matrix = vectors.fit_transform(name.casefold() for name in self.names).T.tocsr()

        def rank(title: str, _lang: str | None) -> list[str]:
            cosine = (vectors.transform([title.casefold()]) @ matrix).toarray()[0]
            best = cosine.argsort()[::-1][:10]
            return list(dict.fromkeys(self.codes[at] for at in best if cosine[at] > 0))[:5]

        return rank


def _score_ranker(
    rank: Ranker, cases: Sequence[tuple[str, str | None, frozenset[str | None]]]
) -> dict[str, Any]:
    """Top-1 and top-5, false matches where nothing is right, processor time a title."""
    first = fifth = false = 0
    start = time.process_time()
    for title, lang, wanted in cases:
        codes = rank(title, lang)
        best = codes[0] if codes else None
        first += best in wanted
        fifth += best in wanted or any(code in wanted for code in codes)
        false += best is not None and wanted == {None}
    spent = time.process_time() - start
    return {
        "rows": len(cases),
        "top_1": round(first / len(cases), 4),
        "top_5": round(fifth / len(cases), 4),
        "false_matches": false,
        "ms_a_title": round(spent / len(cases) * 1000, 2),
        "per_second": round(len(cases) / spent),
    }


TITLE_TOOLS = ("tandem", "tfidf", "token_sort")


def _score_tool(
    tool: str,
    positions: Sequence[Position],
    own: Callable[[TitleIndex, str, str | None], list[str]],
    cases: Sequence[tuple[str, str | None, frozenset[str | None]]],
) -> dict[str, Any]:
    """The scores of one tool; the plain ones get fewer queries, as they are slow."""
    names = _Names.of(positions)
    start = time.process_time()
    if tool == "tandem":
        index = TitleIndex(positions)
        built = time.process_time() - start
        scores = _score_ranker(lambda title, lang: own(index, title, lang), cases)
        refused = sum(index.match(title, lang=lang).value is None for title, lang, _ in cases[::5])
        scores["refused"] = round(refused / len(cases[::5]), 4)
    else:
        rank = names.tfidf() if tool == "tfidf" else names.token_sort()
        built = time.process_time() - start
        scores = _score_ranker(rank, cases[:: max(1, len(cases) // _BASELINE_QUERIES)])
    return {"names": len(names.names), "build_s": round(built, 2), **scores}


def score_gold_titles(shared: Path, tool: str) -> dict[str, Any]:
    """Free titles in several languages to a directory of positions, with titles to refuse."""
    gold = shared / "data" / "gold"
    positions = read_positions((gold / "catalogue.csv").read_text(encoding="utf-8"))
    cases = [
        (row["text"], row["lang"], frozenset((row["gold"], *row["also"])))
        for row in _rows(gold / "titles.jsonl")
    ]

    def own(index: TitleIndex, title: str, lang: str | None) -> list[str]:
        found = index.match(title, lang=lang)
        if found.value is None:
            return []
        also = [code[5:] for code in found.reasons if code.startswith("also:")]
        return [found.value.code, *also]

    return _score_tool(tool, positions, own, cases)


def score_national(folder: Path, tool: str) -> dict[str, Any]:
    """National job titles to the entries of ESCO: the right one first, or among the first five.

    Every query has an answer, so the best candidate counts, however unlikely; `refused` is the
    share that the cleanser would put to a person.
    """
    entry = dict(_cells(folder / "concept_mapping.tsv"))
    names: dict[str, list[str]] = defaultdict(list)
    for element, name in _cells(folder / "corpus_elements.tsv"):
        names[entry[element]].append(name)
    wanted: dict[str, set[str | None]] = defaultdict(set)
    for query, _, element, *_ in _cells(folder / "annotations.tsv"):
        wanted[query].add(entry[element])
    cases: list[tuple[str, str | None, frozenset[str | None]]] = [
        (title, None, frozenset(wanted[query])) for query, title in _cells(folder / "queries.tsv")
    ]
    positions = [Position(code, tuple(own)) for code, own in names.items()]

    def own(index: TitleIndex, title: str, lang: str | None) -> list[str]:
        return [candidate.position.code for candidate in index.rank(title, lang=lang)]

    return _score_tool(tool, positions, own, cases)


def _cells(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield line.split("\t")
