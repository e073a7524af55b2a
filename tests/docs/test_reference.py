"""What the code declares is in the reference, and the reference says nothing else."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # comes with Airflow, its stubs do not
import pytest
import typer
import yaml

from connectors.base import Connector
from connectors.registry import BUILT_IN, connector
from docs import markdown
from tandem.cli.main import Commands
from tandem.cli.main import app as cli
from tandem.mapping.transforms import TRANSFORMS
from tandem.model.objects import OBJECTS
from tandem.model.quality import Rule, Severity
from tandem.orchestration.doorbell import AirflowSettings
from tandem.settings import DeletePolicy, PolicyName, Settings
from tandem.state.review import ReviewKind
from tests.docs.pages import ROOT, files, generator, text_of, written_by_hand

GENERATED = generator().generated()


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_file_is_up_to_date(name: str) -> None:
    path = ROOT / name
    assert path.exists(), f"{name} is missing: run `make docs`"
    assert path.read_text(encoding="utf-8") == GENERATED[name], f"{name} is old: run `make docs`"


def test_nothing_in_the_reference_is_left_over() -> None:
    there = {f"docs/reference/{path.name}" for path in (ROOT / "docs/reference").iterdir()}
    assert there == {name for name in GENERATED if name.startswith("docs/")}


def test_the_examples_of_the_generator_hold() -> None:
    result = doctest.testmod(markdown)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("page", ["settings", "mapping", "connectors", "questions"])
def test_every_row_says_what_it_means(page: str) -> None:
    heading: list[str] = []
    for line in GENERATED[f"docs/reference/{page}.md"].splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        heading = cells if "meaning" in cells else heading if cells else []
        if "meaning" in heading:
            assert cells[heading.index("meaning")], line


def test_every_command_has_its_help_in_the_reference() -> None:
    page = GENERATED["docs/reference/cli.md"]
    paths = [path for path, _ in generator().commands()]
    assert {"tandem sync", "tandem review decide"} <= set(paths)
    for path in paths:
        assert re.search(rf"^Usage: {path}( |$)", page, flags=re.MULTILINE), path


def test_every_command_says_what_it_is_for() -> None:
    group = typer.main.get_command(cli)
    for name, lazy in Commands.table.items():
        assert len(lazy.summary) > 15, name
        assert lazy.load(name).get_short_help_str(limit=200) == lazy.summary, name
    assert group.help


def _named_in(page: str, names: object) -> list[str]:
    text = text_of(ROOT / page)
    return [str(name) for name in names if f"`{name}`" not in text]  # type: ignore[attr-defined]  # any iterable


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("docs/reference/mapping.md", TRANSFORMS),
        ("docs/reference/settings.md", PolicyName),
        ("docs/reference/settings.md", DeletePolicy),
        ("docs/reference/settings.md", Rule),
        ("docs/reference/settings.md", Severity),
        ("docs/concepts.md", PolicyName),
        ("docs/concepts.md", DeletePolicy),
        ("docs/reference/questions.md", ReviewKind),
        ("docs/steward-guide.md", ReviewKind),
        ("README.md", BUILT_IN),
    ],
)
def test_everything_one_can_name_in_a_file_is_explained(page: str, names: object) -> None:
    assert _named_in(page, names) == []


def test_every_object_has_its_fields_in_the_reference() -> None:
    page = text_of(ROOT / "docs/reference/objects.md")
    for name, model in OBJECTS.items():
        section = page.split(f"## {name}\n")[1].split("\n## ")[0]
        for field in model.model_fields:
            assert f"| `{field}` |" in section


def test_every_kind_of_system_has_its_settings_in_the_reference() -> None:
    page = text_of(ROOT / "docs/reference/connectors.md")
    for kind in BUILT_IN:
        assert f"\n## {kind}\n" in page


def test_the_contract_of_a_connector_is_told_whole() -> None:
    text = text_of(ROOT / "docs/write-a-connector.md")
    table = text.split("## The contract")[1].split("## Answers")[0]
    told = {re.match(r"\| `(\w+)", line)[1] for line in table.splitlines() if "| `" in line}  # type: ignore[index]  # it matches
    declared = {name for name in vars(Connector) if not name.startswith("_")}
    assert told == declared


SETTINGS_FOR_A_LOOK: dict[str, dict[str, Any]] = {
    "file": {"path": "sheets", "key": "id"},
    "memory": {"streams": {"account": ["name"]}},
    "salesforce": {"instance_url": "https://acme.example", "access_token": "x"},
    "tryton": {"url": "https://erp.example", "database": "erp", "password": "x"},
}


def test_the_table_of_systems_says_what_the_connectors_declare() -> None:
    rows = {
        kind: row
        for row in text_of(ROOT / "README.md").splitlines()
        for kind in BUILT_IN
        if row.startswith(f"| `{kind}` |")
    }
    for kind, row in rows.items():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        built = connector(kind, SETTINGS_FOR_A_LOOK[kind])
        can = built.capabilities
        built.close()
        assert can.incremental == (cells[2] != "no"), kind
        assert can.tombstones == (cells[3] != "no"), kind
        assert (can.idempotency.value != "none") == (cells[4] != "no"), kind
        assert can.conditional_writes == ("before the write" not in cells[5]), kind


VARIABLE = re.compile(r"\bTANDEM_[A-Z][A-Z_]*[A-Z]\b")


def _variables(paths: list[Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        for name in VARIABLE.findall(path.read_text(encoding="utf-8")):
            found.setdefault(name, path.relative_to(ROOT).as_posix())
    return found


def test_every_environment_variable_is_documented_and_every_documented_one_is_read() -> None:
    code = _variables(
        [p for p in files(".py", ".yaml", "Makefile", "run") if "docs" not in p.parts]
    )
    of_settings = {
        f"{declared.model_config['env_prefix']}{name.upper()}"
        for declared in (Settings, AirflowSettings)
        for name in declared.model_fields
    }
    told = _variables([*written_by_hand(), ROOT / "docs/reference/settings.md"])
    example = {name for name, where in code.items() if where.startswith(("config/", "tandem/demo"))}
    assert of_settings <= told.keys()
    prefixes = ("TANDEM_AIRFLOW",)  # taken apart by code that clears the environment
    assert {n: w for n, w in code.items() if n not in (*told, *example, *prefixes)} == {}
    assert {n: w for n, w in told.items() if n not in code and n not in of_settings} == {}


def test_the_schema_for_editors_accepts_what_the_loader_accepts() -> None:
    schema = json.loads(GENERATED["mappings/schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    found = sorted((ROOT / "mappings").rglob("*.yaml"))
    assert found
    for path in found:
        assert list(validator.iter_errors(yaml.safe_load(path.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"object": "acount"},
        {"fields": {"nmae": "Name"}},
        {"fields": {"name": {"column": "Name", "transform": "txt"}}},
        {"fields": {"name": {"column": "Name", "colour": "red"}}},
        {"country": "Greece"},
    ],
)
def test_the_schema_for_editors_refuses_what_is_wrong(wrong: dict[str, object]) -> None:
    schema = json.loads(GENERATED["mappings/schema.json"])
    right = {"object": "account", "system": "crm", "stream": "Account", "fields": {"name": "Name"}}
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(right)
    assert not validator.is_valid(right | wrong)
