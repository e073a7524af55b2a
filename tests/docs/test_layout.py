"""The tour shows what there is, decisions are named by date, and nothing names a machine."""

from __future__ import annotations

import itertools
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from tests.docs.pages import NOT_OURS, ROOT, files, name_of, text_of

TOUR = ROOT / "docs/tour-of-the-code.md"
ADRS = sorted(path for path in (ROOT / "docs/adr").glob("*.md") if path.name != "README.md")
DAGS = sorted((ROOT / "dags").glob("*.py"))


def _tree() -> set[str]:
    """Folders and files that the tour's tree names, by their path."""
    block = text_of(TOUR).split("```text\n")[1].split("```")[0]
    found: set[str] = set()
    folder = ""
    for line in block.splitlines()[1:]:
        inner = line.startswith("│   ")
        words = re.sub(r"^[│ ]*[├└]── ", "", line).split()
        names = list(itertools.takewhile(_is_path, words))
        if not inner:
            folder = names[0]
        found.update(folder + name if inner else name for name in names)
    return {name.rstrip("/") for name in found}


def _is_path(word: str) -> bool:
    return "." in word or word.endswith("/") or word in ("LICENSE", "Makefile")


def test_what_the_tour_shows_is_there() -> None:
    assert len(_tree()) > 25
    assert sorted(name for name in _tree() if not (ROOT / name).exists()) == []


def test_every_folder_is_on_the_tour() -> None:
    top = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    inner = {
        f"{package}/{path.name}"
        for package in ("tandem", "connectors", "cleansing")
        for path in (ROOT / package).iterdir()
        if (path / "__init__.py").exists()
    }
    made = {name for name in top if name in NOT_OURS}
    assert sorted((top - made | inner) - _tree()) == []


def test_modules_that_pages_name_are_there() -> None:
    pattern = re.compile(r"`((?:tandem|connectors|cleansing|tests|dags|docs|config)/[\w./-]+)`")
    missing = [
        f"{name_of(page)}: {name}"
        for page in files(".md")
        for name in pattern.findall(text_of(page))
        if not (ROOT / name).exists()
    ]
    assert missing == []


def test_the_tour_shows_the_layers_that_the_linter_checks() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = rules["contracts"][0]["layers"]
    # A layer in brackets may be missing; the tour shows those that are there.
    there = [re.sub(r"\(console\) \| ", "", layer) for layer in layers]
    block = text_of(TOUR).split("a machine says so\n\n```text\n")[1].split("```")[0]
    told = [line.partition("   ")[0].replace("·", "|") for line in block.splitlines()]
    assert told == [*there, rules["contracts"][1]["layers"][1]]


def test_dag_files_are_short_and_know_orchestration_only() -> None:
    assert DAGS
    for path in DAGS:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40
        imported = re.findall(r"^(?:from|import) (\S+)", text, flags=re.MULTILINE)
        ours = {name for name in imported if name != "__future__"}
        assert all(name.startswith("tandem.orchestration") for name in ours)


@pytest.mark.parametrize("path", ADRS, ids=name_of)
def test_a_decision_is_named_by_its_date_and_says_why(path: Path) -> None:
    match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})-[a-z][a-z0-9-]*\.md", path.name)
    assert match
    assert date.fromisoformat(match[1])
    text = text_of(path)
    assert f"\nDecided on {match[1]}." in text
    for section in ("## Why", "## Decision", "## What follows"):
        assert f"\n{section}\n" in text


def test_the_list_of_decisions_is_complete() -> None:
    text = text_of(ROOT / "docs/adr/README.md")
    told = re.findall(r"^\| (\S+) \| \[(.+)\]\((.+)\) \|$", text, flags=re.MULTILINE)
    there = [(p.name[:10], text_of(p).splitlines()[0].removeprefix("# "), p.name) for p in ADRS]
    assert told == there


MACHINE = (
    re.compile(r"(?<![\w./-])/(?:work|root)/"),
    re.compile(r"/home/[a-z]"),
    re.compile(r"\." + r"library\b"),
    re.compile(r"pypi\." + r"org|python" + r"hosted"),
)


@pytest.mark.parametrize("pattern", MACHINE, ids=lambda pattern: pattern.pattern)
def test_no_file_names_a_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    found = []
    for path in files():
        if path.name in ("uv.lock", "LICENSE"):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name_of(path)}: {hit}" for hit in pattern.findall(text)]
    assert found == []
