"""Splink and recordlinkage on the same task, set up as their manuals advise; benchmark only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tandem.matching.arrays import Ints
from tandem.matching.clustering import connected, one_to_one
from tandem.matching.columns import Kind
from tandem.matching.engine import Raw
from tandem.matching.suggest import kind_of, useful

Answer = Ints
"""Cluster number per record."""

_SURE = 0.9


@dataclass(frozen=True, slots=True)
class Task:
    """What a tool is given.

    Attributes:
        texts: column → text per record, empty when missing.
        kinds: what the columns that can help hold.
        keys: combinations of columns that make two records candidates.
        side: 0 or 1 per record to link two files; None to find duplicates.
    """

    texts: Mapping[str, Sequence[str]]
    kinds: Mapping[str, Kind]
    keys: Sequence[tuple[str, ...]]
    side: Ints | None


def kinds(raw: Raw) -> dict[str, Kind]:
    """Kinds of the columns that can help, recognised as Tandem does."""
    return {name: kind_of(*column) for name, column in raw.items() if useful(*column)}


def keys(candidates: Sequence[str]) -> list[tuple[str, ...]]:
    """The blocking rules that are plain equality of columns.

    >>> keys(["same email", "same city and same first 4 of name", "same city and same born"])
    [('email',), ('city', 'born')]
    """
    found = []
    for sentence in candidates:
        parts = sentence.removeprefix("same ").split(" and same ")
        if sentence.startswith("same ") and not any(" of " in part for part in parts):
            found.append(tuple(parts))
    return found


def _frame(task: Task) -> Any:
    import pandas as pd  # noqa: PLC0415 - benchmark only

    frame = pd.DataFrame({name: list(task.texts[name]) for name in task.kinds})
    frame = frame.apply(lambda column: column.str.lower()).replace("", None)
    frame.insert(0, "unique_id", np.arange(len(frame)))
    return frame


def run_splink(task: Task) -> Answer:
    """Splink: u from random pairs, m by expectation-maximisation, clusters at 0.9."""
    import splink  # noqa: PLC0415 - benchmark only
    from splink import block_on  # noqa: PLC0415

    logging.getLogger("splink").setLevel(logging.ERROR)
    frame = _frame(task)
    names = {name: f"c{place}" for place, name in enumerate(task.kinds)}
    frame = frame.rename(columns=names)
    blocked = [tuple(names[name] for name in key) for key in task.keys]
    settings = splink.SettingsCreator(
        link_type="dedupe_only" if task.side is None else "link_only",
        comparisons=[_splink_comparison(names[name], kind) for name, kind in task.kinds.items()],
        blocking_rules_to_generate_predictions=[block_on(*key) for key in blocked],
    )
    api = splink.DuckDBAPI()
    if task.side is None:
        tables = api.register(frame)
    else:
        tables = [
            api.register(frame[task.side == part], dataset_display_name=f"part{part}")
            for part in (0, 1)
        ]
    linker = splink.Linker(tables, settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*key) for key in blocked[:2]], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for key in (blocked[0], blocked[-1]):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*key))
    found = linker.inference.predict(threshold_match_probability=_SURE)
    predicted = found.as_pandas_dataframe()
    left = predicted["unique_id_l"].to_numpy(dtype=np.int64)
    right = predicted["unique_id_r"].to_numpy(dtype=np.int64)
    return _clusters(task, left, right, predicted["match_weight"].to_numpy())


def _splink_comparison(name: str, kind: Kind) -> Any:
    import splink.comparison_library as library  # noqa: PLC0415 - benchmark only

    if kind in (Kind.DATE, Kind.CODE, Kind.PHONE):
        return library.DamerauLevenshteinAtThresholds(name, [1, 2])
    if kind is Kind.CATEGORY:
        return library.ExactMatch(name)
    comparison = library.JaroWinklerAtThresholds(name, [0.92, 0.8])
    return comparison.configure(term_frequency_adjustments=True)


def run_recordlinkage(task: Task) -> Answer:
    """recordlinkage: Jaro-Winkler or Levenshtein at thresholds, its ECM classifier, components."""
    import recordlinkage  # noqa: PLC0415 - benchmark only

    frame = _frame(task).drop(columns="unique_id").fillna("")
    parts = [frame] if task.side is None else [frame[task.side == part] for part in (0, 1)]
    indexer = recordlinkage.Index()
    for key in task.keys:
        indexer.block(list(key))
    pairs = indexer.index(*parts)
    compare = recordlinkage.Compare()
    for name, kind in task.kinds.items():
        exact = kind in (Kind.DATE, Kind.CODE, Kind.PHONE, Kind.CATEGORY)
        method, bound = ("levenshtein", 0.85) if exact else ("jarowinkler", 0.88)
        compare.string(name, name, method=method, threshold=bound, label=name)
    vectors = compare.compute(pairs, *parts)
    links = recordlinkage.ECMClassifier().fit_predict(vectors)
    left = np.asarray(links.get_level_values(0), dtype=np.int64)
    right = np.asarray(links.get_level_values(1), dtype=np.int64)
    return _clusters(task, left, right, vectors.loc[links].sum(axis=1).to_numpy())


def _clusters(task: Task, left: Ints, right: Ints, weights: Any) -> Answer:
    """One to one across files; connected components within one, as these tools leave it."""
    count = len(next(iter(task.texts.values())))
    if task.side is not None:
        kept = one_to_one(left, right, weights)
        left, right = left[kept], right[kept]
    return connected(count, left, right)


RIVALS: Mapping[str, Callable[[Task], Answer]] = {
    "splink": run_splink,
    "recordlinkage": run_recordlinkage,
}
