"""Whole files: what a match finds in them, and what it says about it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tandem.bench.people import generate, write
from tandem.matching.engine import Matched, match_records
from tandem.matching.files import FileError, factorised, read_raw, read_texts
from tandem.matching.index import Known
from tandem.matching.report import pair_rows, reason_text
from tandem.matching.rules import dump_rules, parse_rules
from tandem.matching.scoring import probabilities
from tandem.matching.truth import cluster_quality, pair_quality, true_pairs, truth_codes

ASIDE = ("key", "system", "person")
SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "er"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "people.csv"
    write(path, generate(3000))
    return path


@pytest.fixture(scope="module")
def matched(people: Path) -> Matched:
    return match_records(read_raw([people], ASIDE, None))


def test_duplicates_are_found_without_labels_or_rules(people: Path, matched: Matched) -> None:
    truth = truth_codes(read_texts(people, ["person"])["person"])
    assert cluster_quality(truth, None, matched.clusters).f1 > 0.995
    assert matched.blocking_recall > 0.99


def test_the_same_file_gives_the_same_answer(people: Path, matched: Matched) -> None:
    again = match_records(read_raw([people], ASIDE, None))
    assert np.array_equal(again.clusters, matched.clusters)
    assert np.array_equal(again.weights, matched.weights)


def test_suggested_rules_are_rules_one_can_keep(people: Path, matched: Matched) -> None:
    kept = parse_rules(dump_rules(matched.rules))
    again = match_records(read_raw([people], (), set(kept.compare)), kept)
    assert np.array_equal(again.clusters, matched.clusters)


def test_two_files_are_linked_one_to_one(tmp_path: Path) -> None:
    table = generate(2000)
    paths, truths = [], []
    for system in ("crm", "erp"):
        rows = np.flatnonzero(table["system"] == system)
        # One record per person and system, as one-to-one promises to find.
        _, first = np.unique(table["person"][rows], return_index=True)
        rows = rows[np.sort(first)]
        paths.append(tmp_path / f"{system}.csv")
        write(paths[-1], {name: values[rows] for name, values in table.items()})
        truths.append(table["person"][rows].tolist())
    truth = truth_codes([*truths[0], *truths[1]])
    side = np.repeat([0, 1], [len(truths[0]), len(truths[1])])
    found = match_records(read_raw(paths, ASIDE, None), None, side)
    for part in (0, 1):
        sizes = np.bincount(found.clusters[side == part])
        assert sizes.max() == 1, "no two records of one file in a cluster"
    assert cluster_quality(truth, side, found.clusters).f1 > 0.99


def test_every_pair_tells_its_reasons_and_they_sum_to_its_score(matched: Matched) -> None:
    keys = [str(n) for n in range(len(matched.clusters))]
    rows = list(pair_rows(matched, keys))
    assert {row[3] for row in rows} <= {"link", "review"}
    for _, _, score, _, reasons in rows[:: max(1, len(rows) // 50)]:
        bits = sum(float(step.rsplit(" ", 1)[1]) for step in reasons.split("; "))
        assert float(probabilities(np.array([bits]))[0]) == pytest.approx(float(score), abs=0.02)


def test_fixed_weights_are_kept_through_learning(people: Path, matched: Matched) -> None:
    document = dump_rules(matched.rules) + "weights:\n  city: {exact: 1.5}\n"
    found = match_records(read_raw([people], ASIDE, None), parse_rules(document))
    place = found.model.names.index("city")
    assert found.model.weights()[place][0] == pytest.approx(1.5)


def test_a_batch_is_matched_with_what_is_known(people: Path, matched: Matched) -> None:
    truth = truth_codes(read_texts(people, ["person"])["person"])
    texts = read_texts(people)
    batch = {
        name: factorised([values[:200]]) for name, values in texts.items() if name not in ASIDE
    }
    arrived = Known(matched).match(batch)
    linked = arrived.decisions == 2
    assert set(arrived.new[linked].tolist()) == set(range(200))
    same = truth[arrived.known[linked]] == truth[arrived.new[linked]]
    assert same.mean() > 0.995


def test_contradicting_values_keep_records_apart() -> None:
    names = ["Acme Trading", "Acme Trading", "Bolt", "Bolt", "Core", "Core"]
    tax = ["094014201", "094019245", "1", "1", "2", ""]
    raw = {"name": factorised([names]), "tax": factorised([tax])}
    rules = parse_rules(
        "candidates: [same name]\n"
        "compare:\n"
        "  name: {as: text, levels: [exact]}\n"
        "  tax: {as: code, levels: [exact], contradicts: true}\n"
        "weights: {name: {exact: 20}}\n"
    )
    found = match_records(raw, rules)
    assert found.clusters[0] != found.clusters[1]
    assert found.decisions()[0] == 0
    assert found.clusters[4] == found.clusters[5]


def test_files_as_people_write_them(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text('\ufeff id ; "name" ;town\n1; "A;B\nC" ; Oslo\n2;;\n3;x\n', encoding="utf-8")
    texts = read_texts(path)
    assert texts == {"id": ["1", "2", "3"], "name": ["A;B\nC", "", "x"], "town": ["Oslo", "", ""]}


def test_what_cannot_be_read_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("only\n1\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"one\.csv: the first line"):
        read_texts(path)
    with pytest.raises(FileError, match=r"none\.csv: No such file"):
        read_texts(tmp_path / "none.csv")


def test_a_file_that_tells_nothing_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="no column holds anything"):
        match_records({"same": factorised([["x", "x", "x"]])})


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public sets are not beside the repository")
@pytest.mark.parametrize(
    ("name", "column", "least"),
    [
        ("febrl_dataset1.csv", "rec_id", 0.9995),
        ("febrl_dataset3.csv", "rec_id", 0.9995),
        ("organisations.csv", "True Id", 0.92),
        ("fake_1000.csv", "cluster", 0.94),
    ],
)
def test_public_sets_without_labels(name: str, column: str, least: float) -> None:
    path = SHARED / name
    truth = truth_codes(read_texts(path, [column])[column])
    found = match_records(read_raw([path], [column, "Id", "unique_id"], None))
    assert cluster_quality(truth, None, found.clusters).f1 >= least
    left, right = found.left[found.decisions() == 2], found.right[found.decisions() == 2]
    assert pair_quality(truth, None, left, right).precision > 0.95
    assert true_pairs(truth, None) > 0


def test_reasons_are_one_line_of_csv(tmp_path: Path, matched: Matched) -> None:
    keys = [str(n) for n in range(len(matched.clusters))]
    path = tmp_path / "pairs.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(pair_rows(matched, keys))
    with path.open(encoding="utf-8", newline="") as file:
        assert all(len(row) == 5 for row in csv.reader(file))
    assert reason_text(()) == ""


def test_a_full_name_beside_its_parts_is_not_counted_twice(people: Path) -> None:
    raw = dict(read_raw([people], ASIDE, None))
    given, family = (read_texts(people, [name])[name] for name in ("given_name", "family_name"))
    raw["full_name"] = factorised([[f"{a} {b}" for a, b in zip(given, family, strict=True)]])
    found = match_records(raw)
    assert "full_name" not in found.rules.compare
    assert {"given_name", "family_name"} <= set(found.rules.compare)


def test_running_numbers_of_two_files_are_no_evidence() -> None:
    table = generate(1000)
    names = ("given_name", "family_name", "born", "email")
    raw = {name: factorised([table[name].tolist()]) for name in names}
    # Both files count their rows from 1: equal numbers mean nothing.
    raw["id"] = factorised([[str(n) for n in range(1, 501)], [str(n) for n in range(1, 501)]])
    side = np.repeat([0, 1], 500)
    assert "id" not in match_records(raw, None, side).rules.compare
