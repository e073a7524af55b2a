"""Every error code has a section that says what to do, and every section has a code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tandem.errors import TandemError
from tests.docs.pages import ROOT, text_of

PAGE = ROOT / "docs/errors.md"
DOTTED = re.compile(r"[a-z]+\.[a-z][a-z_]*")
TELLS = frozenset(
    (
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "fact",
        "fact_about",
        "_fact",
        "_tell",
        "open",
    )
)
"""Calls whose texts are names of events, facts or files."""


def _modules() -> Iterator[Path]:
    for package in ("tandem", "connectors"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "sandbox" not in path.parts:
                yield path


def _declared(tree: ast.Module) -> Iterator[str]:
    """Codes that stand after `code=`, as a class's `code`, or in a `Failure`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if not isinstance(part, ast.Assign) or not isinstance(part.value, ast.Constant):
                    continue
                if [t.id for t in part.targets if isinstance(t, ast.Name)] == ["code"]:
                    yield str(part.value.value)
        if isinstance(node, ast.Call) and _called(node) not in TELLS:
            for keyword in node.keywords:
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)
            if _called(node) == "Failure" and len(node.args) > 1:
                yield from (str(a.value) for a in node.args[1:2] if isinstance(a, ast.Constant))


def _called(node: ast.Call) -> str:
    """Name of what is called, without what it belongs to."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _silent(tree: ast.Module) -> set[ast.AST]:
    """Texts that are no codes: docstrings, what `TELLS` are told, names of facts sought."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            found.add(node.value)
        if isinstance(node, ast.Call) and _called(node) in TELLS:
            found.update(node.args)
        if isinstance(node, ast.Compare) and getattr(node.left, "attr", "") == "action":
            found.update(node.comparators)
    return found


@cache
def codes() -> frozenset[str]:
    """Every error code of the product."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in _modules()]
    found = {code for tree in trees for code in _declared(tree)}
    prefixes = {code.partition(".")[0] for code in found if "." in code}
    # Tables and positional arguments hold codes too: any text of that shape in a known family.
    for tree in trees:
        silent = _silent(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                family = node.value.partition(".")[0]
                if node not in silent and family in prefixes and DOTTED.fullmatch(node.value):
                    found.add(node.value)
    return frozenset(code for code in found if not _is_something_else(code))


def _is_something_else(text: str) -> bool:
    """Names of files, and dotted names of modules and entry points, have the same shape."""
    family, _, rest = text.partition(".")
    return rest in ("db", "html", "log", "pid", "po", "yaml") or (
        family == "tandem" and text != TandemError.code
    )


def _sections() -> dict[str, str]:
    parts = re.split(r"^### (\S+)$", text_of(PAGE), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_the_scan_sees_every_way_in_which_code_names_a_code() -> None:
    found = codes()
    assert {
        "config.invalid",  # attribute of a class
        "connector.unknown_kind",  # code=
        "http.forbidden",  # table of faults
        "tryton.user_error",  # table of pairs
        "file.encoding",  # positional argument
        "tryton.half_done",  # constant of a module
        "state.database",  # a failure that the command line tells
    } <= found


def test_every_code_has_a_section() -> None:
    assert sorted(codes() - _sections().keys()) == []


def test_every_section_has_a_code() -> None:
    assert sorted(_sections().keys() - codes()) == []


def test_every_section_says_what_to_do() -> None:
    for code, text in _sections().items():
        happened, _, todo = text.partition("**Do:**")
        assert len(happened.split()) >= 3, code
        assert todo.split("\n## ")[0].strip(), code


def test_refusals_of_files_and_memory_are_explained() -> None:
    shouted = re.compile(r'"([A-Z]+(?:_[A-Z]+)+|REQUIRED|FORMULAS?)"')
    used = {
        code
        for folder in ("file", "memory")
        for path in (ROOT / "connectors" / folder).glob("*.py")
        for code in shouted.findall(path.read_text(encoding="utf-8"))
    }
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", text_of(PAGE), flags=re.MULTILINE))
    assert used == told
