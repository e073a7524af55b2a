"""Fenced blocks are real: YAML loads by the real loaders, commands exist, Python parses."""

from __future__ import annotations

import ast
import itertools
import shlex
import tomllib
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tandem.console.config import load_console_config
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.loader import load_mappings
from tandem.mapping.transforms import Catalogues
from tandem.matching.object_rules import load_match_rules
from tandem.settings import load_config
from tests.docs.pages import ROOT, Block, blocks, generator

SYSTEMS = """
systems:
  crm: { kind: memory, settings: { streams: { Account: [Name] } } }
  erp: { kind: memory, settings: { streams: { party: [name] } } }
"""
LINK = "link: customers\nsystems: [crm, erp]\nobjects: { account: {} }\n"

Load = Callable[[Path, str], Any]


def _config(folder: Path, text: str, name: str) -> Any:
    parts = {"systems.yaml": SYSTEMS, "links/customers.yaml": LINK, name: text}
    for relative, content in parts.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return load_config(folder)


def _mapping(folder: Path, text: str) -> Any:
    (folder / "mapping.yaml").write_text(text, encoding="utf-8")
    found = load_mappings(folder, ["crm", "erp"])
    assert len(found) == 1
    return [CompiledMapping(mapping, Catalogues()) for mapping in found.values()]


def _console(folder: Path, text: str) -> Any:
    (folder / "console.yaml").write_text(text, encoding="utf-8")
    return load_console_config(folder)


def _matching(folder: Path, text: str) -> Any:
    (folder / "one.yaml").write_text(text, encoding="utf-8")
    return load_match_rules(folder)


LOADERS: dict[str, Load] = {
    "mapping": _mapping,
    "systems": lambda folder, text: _config(folder, text, "systems.yaml"),
    "link": lambda folder, text: _config(folder, text, "links/customers.yaml"),
    "matching": _matching,
    "console": _console,
    "catalogue": lambda folder, text: _config(folder, text, "catalogues/one.yaml"),
}


@pytest.mark.parametrize("block", blocks("yaml", "yml"), ids=str)
def test_yaml_loads_by_the_loader_that_its_tag_names(block: Block, tmp_path: Path) -> None:
    assert len(block.words) == 2, f"say which: ```yaml {' | '.join(LOADERS)}"
    assert LOADERS[block.words[1]](tmp_path, block.text)


def test_there_is_an_example_of_each_kind_of_file() -> None:
    assert {block.words[1] for block in blocks("yaml")} == set(LOADERS)


def _tandem(arguments: list[str]) -> None:
    """Parse a command line as the command itself would, without running it."""
    if arguments[0] in ("--help", "--version"):
        return
    known = dict(generator().commands())
    words = list(itertools.takewhile(lambda word: word[0] != "-", arguments))
    paths = [" ".join(["tandem", *words[:n]]) for n in range(len(words), 0, -1)]
    path = next((path for path in paths if path in known), None)
    assert path, f"there is no command {paths[-1]}"
    rest = arguments[len(path.split()) - 1 :]
    if "--help" not in rest:
        known[path].make_context(path, rest)


def _make(arguments: list[str]) -> None:
    targets = {
        line.partition(":")[0]
        for line in (ROOT / "Makefile").read_text().splitlines()
        if line[:1].isalpha() and ":" in line and "=" not in line.partition(":")[0]
    }
    for target in arguments:
        assert target in targets, f"there is no `make {target}`"


def _airflow(arguments: list[str]) -> None:
    assert arguments[:2] in (["dags", "unpause"], ["dags", "trigger"], ["pools", "import"])


def _python(arguments: list[str]) -> None:
    assert arguments[0] == "-m"
    assert find_spec(arguments[1]), f"there is no module {arguments[1]}"


PROGRAMS: dict[str, Callable[[list[str]], None]] = {
    "tandem": _tandem,
    "make": _make,
    "airflow": _airflow,
    "python": _python,
    "cd": lambda arguments: None,
    "git": lambda arguments: None,
    "pip": lambda arguments: None,
    "export": lambda arguments: None,
}


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_every_command_line_is_one(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [line for line in block.text.splitlines() if line.startswith("$ ")]
    assert lines, "a console block shows what to type after `$ `"
    for line in lines:
        program, *arguments = shlex.split(line[2:], comments=True)
        for name in arguments:
            if Path(name).suffix in (".csv", ".jsonl"):
                (tmp_path / name).touch()  # some commands look whether a file is there
        program = program.removeprefix(".venv/bin/")
        assert program in PROGRAMS, f"{program}: no program that these pages need"
        PROGRAMS[program](arguments)


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_parses_and_what_it_imports_of_ours_is_there(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text)):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module.split(".")[0] in ("tandem", "connectors", "cleansing"):
            module = import_module(node.module)
            assert [a.name for a in node.names if not hasattr(module, a.name)] == []


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_toml_parses(block: Block) -> None:
    assert tomllib.loads(block.text)
