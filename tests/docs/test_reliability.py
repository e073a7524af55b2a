"""The page on reliability names tests that there are, and the storms that are run."""

from __future__ import annotations

import ast
import re

from tests.docs.pages import ROOT, text_of

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def _rows() -> list[str]:
    section = text_of(ROOT / "docs/reliability.md").split("## Bad input")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][1:]


def test_every_row_names_a_test_that_exists() -> None:
    rows = _rows()
    assert len(rows) > 30
    for row in rows:
        named = NAMED.findall(row)
        assert named, row
        for path, test in named:
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert test in functions, row


def test_no_row_is_there_twice() -> None:
    inputs = [row.split(" | ")[0] for row in _rows()]
    assert len(inputs) == len(set(inputs))


def test_the_page_names_the_storms_that_ci_runs() -> None:
    page, ci = (text_of(ROOT / path) for path in ("docs/reliability.md", ".ci/run"))
    run = re.findall(r"(tandem chaos --seeds \d+ --json)$", ci, flags=re.MULTILINE)
    assert len(run) == 1
    assert f"{run[0]}   what CI runs" in page
