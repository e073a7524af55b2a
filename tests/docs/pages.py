"""The pages of the documentation as tests look at them: text, fenced blocks, links, headings."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]

NOT_OURS = frozenset(
    (".git", ".venv", ".tandem", ".airflow", "build", "dist", "__pycache__", ".hypothesis")
)
"""Folders, by name, that hold nothing of the repository."""


@dataclass(frozen=True)
class Block:
    """A fenced block: the words after the fence, the text, and where it stands."""

    page: Path
    line: int
    words: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def files(*suffixes: str) -> list[Path]:
    """Files of the repository whose names end so, without what is made by running it."""
    return [path for path in _all_files() if not suffixes or path.name.endswith(suffixes)]


@cache
def _all_files() -> tuple[Path, ...]:
    found = []
    for folder, names, here in os.walk(ROOT):
        names[:] = [name for name in names if not _is_made(name)]
        found += [Path(folder) / name for name in here]
    return tuple(sorted(found))


def _is_made(name: str) -> bool:
    return name in NOT_OURS or name.endswith(("_cache", ".egg-info"))


@cache
def pages() -> tuple[Path, ...]:
    """Every Markdown page: those at the root and those in docs/."""
    return (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))


def written_by_hand() -> tuple[Path, ...]:
    """The pages that no program writes."""
    return tuple(page for page in pages() if "reference" not in page.parts)


def name_of(path: Path) -> str:
    """A path as it stands in the repository; the name of a test's case."""
    return path.relative_to(ROOT).as_posix()


@cache
def text_of(page: Path) -> str:
    """A page's text."""
    return page.read_text(encoding="utf-8")


_FENCE = re.compile(r"^```(.*)$")


def blocks(*languages: str) -> list[Block]:
    """Fenced blocks in one of these languages, over all pages written by hand."""
    return [block for block in _all_blocks() if block.words and block.words[0] in languages]


def _all_blocks() -> Iterator[Block]:
    for page in written_by_hand():
        words: tuple[str, ...] | None = None
        start = 0
        held: list[str] = []
        for number, line in enumerate(text_of(page).splitlines(), 1):
            fence = _FENCE.match(line)
            if fence and words is None:
                words, start, held = tuple(fence[1].split()), number, []
            elif fence:
                yield Block(page, start, words or (), "\n".join(held) + "\n")
                words = None
            else:
                held.append(line)


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)


def headings(page: Path) -> list[str]:
    """Headings of a page, without their marks."""
    return re.findall(r"^#{1,6} (.+)$", prose(page), flags=re.MULTILINE)


def anchor(heading: str) -> str:
    """The anchor that GitHub gives to a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


@cache
def generator() -> ModuleType:
    """docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
