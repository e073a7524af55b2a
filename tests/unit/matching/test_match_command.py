from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tandem.bench import people
from tandem.bench.match import run as run_bench
from tandem.cli.main import run


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("match") / "people.csv"
    people.write(path, people.generate(1500))
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_file_is_matched_scored_and_written(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs, clusters = tmp_path / "pairs.csv", tmp_path / "clusters.csv"
    line = [str(file), "--key", "key", "--truth", "person", "--suggest", "--json"]
    assert run(["match", *line, "--out", str(pairs), "--clusters", str(clusters)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document["pairs"]) == set(document["clustered"]) == {"precision", "recall", "f1"}
    assert document["clustered"]["f1"] > 0.99
    assert 0.99 < document["blocking_recall"] <= 1.0
    assert document["seconds"] > 0
    assert document["peak_mb"] > 10
    assert document["rules"]["candidates"]
    linked = [row for row in rows(pairs) if row["decision"] == "link"]
    assert len(linked) == document["links"]
    by_key = {row["key"]: row["cluster"] for row in rows(clusters)}
    assert len(by_key) == document["records"] == 1500
    assert all(by_key[row["left"]] == by_key[row["right"]] for row in linked)
    assert all(0.0 <= float(row["score"]) <= 1.0 and row["reasons"] for row in rows(pairs))


def test_kept_rules_give_the_same_pairs(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = tmp_path / "first.csv", tmp_path / "again.csv"
    assert run(["match", str(file), "--truth", "person", "--suggest", "--out", str(first)]) == 0
    printed = capsys.readouterr().out
    kept = tmp_path / "rules.yaml"
    kept.write_text(printed[: printed.index("\n\n")], encoding="utf-8")
    assert run(["match", str(file), "--rules", str(kept), "--out", str(again)]) == 0
    assert first.read_text(encoding="utf-8") == again.read_text(encoding="utf-8")


def test_what_people_keep_apart_shares_no_cluster_by_whatever_way(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs, clusters = tmp_path / "pairs.csv", tmp_path / "clusters.csv"
    line = ["match", str(file), "--key", "key", "--out", str(pairs), "--clusters", str(clusters)]
    assert run(line) == 0
    parties: dict[str, list[str]] = {}
    for row in rows(clusters):
        parties.setdefault(row["cluster"], []).append(row["key"])
    largest = max(parties.values(), key=len)
    assert len(largest) > 2
    found = [(row["left"], row["right"]) for row in rows(pairs) if row["decision"] == "link"]
    # Two of one party, whom a third still joins; every tenth link; and one of whom nobody knows.
    kept = [(largest[-1], largest[0]), *found[::10], ("nobody", found[0][0])]
    decided = tmp_path / "apart.csv"
    decided.write_text("left,right\n" + "".join(f"{a},{b}\n" for a, b in kept), encoding="utf-8")
    assert run([*line, "--apart", str(decided)]) == 0
    cluster_of = {row["key"]: row["cluster"] for row in rows(clusters)}
    assert [pair for pair in kept[:-1] if cluster_of[pair[0]] == cluster_of[pair[1]]] == []
    proposed = {frozenset((row["left"], row["right"])) for row in rows(pairs)}
    assert proposed & {frozenset(pair) for pair in kept} == set()
    assert len(set(cluster_of.values())) > len(parties)
    capsys.readouterr()


def test_what_people_keep_apart_is_not_linked_between_two_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [f"{a} {b}" for a in ("Acme", "Zeta", "Omega") for b in ("Trading", "Works", "Foods")]
    for name in ("crm", "erp"):
        lines = [f"{name}{i},{w},{i}00{i} Harbour Rd" for i, w in enumerate(words)]
        (tmp_path / f"{name}.csv").write_text("key,name,street\n" + "\n".join(lines))
    (tmp_path / "apart.csv").write_text("left;right\ncrm0;erp0\n")
    line = ["match", *(str(tmp_path / f"{n}.csv") for n in ("crm", "erp")), "--key", "key"]
    out = tmp_path / "pairs.csv"
    linked = []
    for more in ([], ["--apart", str(tmp_path / "apart.csv")]):
        assert run([*line, "--out", str(out), *more]) == 0
        linked.append({(r["left"], r["right"]) for r in rows(out) if r["decision"] == "link"})
    assert linked[0] - linked[1] == {("crm0", "erp0")}
    capsys.readouterr()


def test_two_files_are_linked(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = rows(file)
    paths = []
    for system in ("crm", "erp"):
        paths.append(tmp_path / f"{system}.csv")
        with paths[-1].open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, table[0].keys())
            writer.writeheader()
            writer.writerows(row for row in table if row["system"] == system)
    pairs = tmp_path / "pairs.csv"
    line = [*map(str, paths), "--key", "key", "--truth", "person", "--json", "--out", str(pairs)]
    assert run(["match", *line]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["pairs"]["precision"] > 0.99
    left = [row["left"] for row in rows(pairs) if row["decision"] == "link"]
    assert len(left) == len(set(left)) == document["links"]


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        (["FILE", "--truth", "nobody"], 64, "no column 'nobody'"),
        (["FILE", "--rules", "RULES", "--suggest"], 64, "give one of them"),
        (["FILE", "--rules", "RULES"], 3, "candidates → 1."),
        (["FILE", "--apart", "RULES"], 64, "must name at least two columns"),
        (["none.csv"], 64, "none.csv"),
    ],
)
def test_what_cannot_be_done_is_told_with_a_code(
    file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    line: list[str],
    code: int,
    told: str,
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "candidates: [alike city]\ncompare: {city: {as: name, levels: [exact]}}\n", encoding="utf-8"
    )
    names = {"FILE": str(file), "RULES": str(rules)}
    assert run(["match", *(names.get(word, word) for word in line)]) == code
    assert told in " ".join(capsys.readouterr().err.split())


def test_the_benchmark_measures_what_is_there(tmp_path: Path) -> None:
    document = run_bench(tmp_path, sizes=(1200,), rivals_up_to=0)
    assert document["missing"]["public sets"]
    measured = document["sets"]["people_1200"]["tandem"]
    assert measured["f1"] > 0.99
    assert measured["peak_mb"] > 10
    assert "names" not in document
