"""Accuracy on the shared labelled texts does not fall below the targets."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from cleansing.by_name import KINDS
from cleansing.catalogue import read_positions
from cleansing.job_title import TitleIndex
from tandem.bench.cleanse import is_right

GOLD = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "gold"
pytestmark = pytest.mark.skipif(not GOLD.exists(), reason="no shared labelled texts")

SINGLE_VALUES = 0.97
TITLES = 0.90


def _rows(name: str) -> list[dict[str, Any]]:
    text = (GOLD / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"address", "money"}))
def test_single_values(kind: str) -> None:
    rows = [row for row in _rows("values.jsonl") if row["kind"] == kind]
    assert rows
    wrong = []
    for row in rows:
        answer = KINDS[kind](row["text"], row["context"])
        if not is_right(row, answer):
            wrong.append((row["id"], answer["value"]))
            assert row["gold"] is not None, "a value where the label says refuse"
    assert 1 - len(wrong) / len(rows) >= SINGLE_VALUES, wrong


def test_titles() -> None:
    index = TitleIndex(read_positions((GOLD / "catalogue.csv").read_text(encoding="utf-8")))
    right: dict[bool, int] = defaultdict(int)
    for row in _rows("titles.jsonl"):
        found = index.match(row["text"], lang=row["lang"]).value
        code = found.code if found else None
        right[code in (row["gold"], *row["also"])] += 1
        assert row["gold"] is not None or code is None, "a match where the label says none"
    assert right[True] / (right[True] + right[False]) >= TITLES
