"""Writes docs/reference and mappings/schema.json from the code. `make docs` runs it.

What a reader may look up is declared once, in the code: commands by Typer, settings and files by
pydantic models, transforms by their registry, tables by SQLAlchemy. A test fails when a page here
says anything else.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from pydantic_settings import BaseSettings

from connectors.base import Capabilities, ColumnType, Idempotency
from connectors.file.settings import FileSettings
from connectors.registry import BUILT_IN
from connectors.salesforce.settings import SalesforceSettings
from connectors.tryton.settings import TrytonSettings
from docs.markdown import attributes, default_text, intro, members, table
from tandem.cli.answer import ANSWERS
from tandem.cli.exits import MEANING
from tandem.cli.main import app
from tandem.console.config import (
    ConsoleConfig,
    FourEyes,
    Logins,
    Metrics,
    OidcConfig,
    Sessions,
)
from tandem.mapping.schema import Direction, FieldMapping
from tandem.mapping.schema import Mapping as MappingFile
from tandem.mapping.transforms import TRANSFORMS
from tandem.matching.object_rules import MatchRules
from tandem.model.objects import OBJECTS, field_types, mandatory_fields
from tandem.model.quality import Rule, Severity
from tandem.orchestration.doorbell import AirflowSettings
from tandem.settings import (
    Alerts,
    CatalogueFile,
    DeletePolicy,
    Deletes,
    LinkConfig,
    ObjectPolicy,
    PolicyName,
    Quality,
    Schedule,
    Settings,
    SystemConfig,
)
from tandem.state import tables
from tandem.state.review import ReviewKind

ROOT = Path(__file__).resolve().parents[1]
NOTE = (
    "<!-- Written by docs/generate.py from the code. Change the code, then run `make docs`. -->\n"
)
WIDTH = 88

POLICIES: Mapping[PolicyName, str] = {
    PolicyName.OWNER: "The system named by `owner` wins, whoever else changed the field.",
    PolicyName.LATEST: "The later change wins. Each clock is corrected by its measured lead; two "
    "changes closer than `clock_skew` go to a person.",
    PolicyName.MOST_COMPLETE: "The value that says more wins: more parts of an address, more "
    "members of a set, a longer text. A tie goes to a person.",
    PolicyName.UNION: "Sets of texts only: what any side added is in, what any side removed is "
    "out. Any other kind of field goes to a person.",
    PolicyName.REVIEW: "A person decides. The field stays as it is on every side until then.",
}

DELETES: Mapping[DeletePolicy, str] = {
    DeletePolicy.PROPAGATE: "The record is deleted on the other sides too.",
    DeletePolicy.DEACTIVATE: "The records on the other sides stay; where they have a field "
    "`active`, it becomes false.",
    DeletePolicy.RESTORE: "The record is created again where it was deleted.",
    DeletePolicy.UNLINK: "The records on the other sides stay and are no longer kept in step with "
    "the deleted one.",
    DeletePolicy.REVIEW: "A person is asked, record by record.",
}

QUESTIONS: Mapping[ReviewKind, str] = {
    ReviewKind.CONFLICT: "Several sides changed one field differently, and the policy could not "
    "decide, or says that a person shall.",
    ReviewKind.DUPLICATE: "A new record may be one that is known already; the candidates are "
    "ranked, with their evidence. Or two known records may be one, or are one and stand twice in "
    "a system.",
    ReviewKind.REFUSED_VALUE: "A text has no safe reading, such as an unknown job title.",
    ReviewKind.MANDATORY_GAP: "A record cannot be created in a system, because a field that is "
    "mandatory there is empty.",
    ReviewKind.REWRITE: "A system turns our value into another one again and again.",
    ReviewKind.DELETION: "A record was deleted, and the policy says that a person shall decide "
    "what follows.",
    ReviewKind.DELETE_APPROVAL: "More deletions came at once than the ceiling allows; all of them "
    "wait.",
    ReviewKind.QUALITY_GATE: "A batch does not meet what its mapping, its system's own description "
    "and the last good batches make one expect; none of it was pushed.",
    ReviewKind.UNKNOWN_OUTCOME: "The answer to a create was lost, and the system offers no way to "
    "find out whether it was carried out.",
    ReviewKind.RESTORED_SYSTEM: "A system came back from a backup: its latest records show older "
    "states than were seen. The link stands still.",
    ReviewKind.DRIFT: "A system's stream is no longer as it was when it was accepted, such as "
    "a column renamed, shortened or made mandatory. The field or the mapping concerned rests.",
}


RULES: Mapping[Rule, str] = {
    Rule.NOT_NULL: "A field without which there is no such object, that the mapping marks "
    "`required`, or that the system demands of every create, is filled.",
    Rule.UNIQUE_ID: "No native id comes twice at one version.",
    Rule.UNIQUE: "No two records share a value of a field listed under `unique`.",
    Rule.ALLOWED: "A column that the system restricts holds only values that it offers.",
    Rule.LENGTH: "No value is longer than its column.",
    Rule.TYPE: "A column of numbers holds numbers, one of booleans holds booleans.",
    Rule.RANGE: "A number lies within its bounds under `ranges`.",
    Rule.ROW_COUNT: "A full listing is neither much shorter nor much longer than the median of the "
    "last good ones, by `shrink` and `growth`.",
    Rule.NULL_RATE: "A field is not empty far more often than in any of the last good batches, by "
    "`null_rate_rise`.",
}

SEVERITIES: Mapping[Severity, str] = {
    Severity.BLOCK: "Above `tolerance` the whole batch waits for a person. Below it the batch goes "
    "on, and what is wrong with single records is dealt with record by record. The default.",
    Severity.HOLD: "Above `tolerance` the whole batch waits, below it only the records concerned. "
    "The default of `unique`.",
    Severity.WARN: "It is recorded and shown, and nothing waits.",
    Severity.IGNORE: "It is not looked at.",
}


# Pages


def cli() -> str:
    """Every command with its own help."""
    parts = [
        "# Commands\n",
        "Every command takes `--json` where it answers something, prints its progress and its "
        "errors on stderr, and ends with one of these exit codes:\n",
        table(["code", "meaning"], [[str(int(c)), text] for c, text in MEANING.items()]),
        "\n## tandem\n",
        _help(typer.main.get_command(app), "tandem"),
    ]
    for path, command in commands():
        level = "#" * len(path.split())
        parts += [f"\n{level} {path}\n", _help(command, path)]
    return "\n".join(parts)


def commands() -> Iterator[tuple[str, Any]]:
    """Every command below `tandem` by its path: `("tandem review list", command)`."""
    yield from _below("tandem", typer.main.get_command(app))


def _below(path: str, group: Any) -> Iterator[tuple[str, Any]]:
    for name in getattr(group, "commands", {}):
        # What a group lists may stand for a command that is loaded when it is called.
        _, command, _ = group.resolve_command(typer.Context(group, info_name=path), [name])
        yield f"{path} {name}", command
        yield from _below(f"{path} {name}", command)


def _help(command: Any, path: str) -> str:
    context = typer.Context(command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH)
    return f"```text\n{command.get_help(context)}\n```"


def _environment(documented: type[BaseSettings]) -> list[tuple[str, str, str]]:
    text = {"password": "reference to that user's password."} | attributes(documented)
    prefix = documented.model_config["env_prefix"]
    return [
        (f"`{prefix}{name.upper()}`", default_text(field.default), text[name])
        for name, field in documented.model_fields.items()
    ]


def settings() -> str:
    """Environment and the files in config/."""
    return "\n".join(
        [
            "# Settings\n",
            "## Environment\n",
            table(["variable", "default", "meaning"], _environment(Settings)),
            "\nTo ring the doorbell of an Airflow elsewhere:\n",
            table(["variable", "default", "meaning"], _environment(AirflowSettings)),
            "\nThe variables of the tests are in [CONTRIBUTING](../../CONTRIBUTING.md).\n",
            "## config/systems.yaml\n",
            "`systems`: name of the system → what it is.\n",
            members(SystemConfig),
            "\nA value `env:NAME` is replaced by that environment variable, `file:PATH` by the "
            "content of that file (a relative path starts in `TANDEM_HOME`), and under Airflow "
            "`airflow:CONNECTION`, `airflow:CONNECTION#FIELD` and `airflow:CONNECTION#extra.NAME` "
            "by a field of that connection. The settings of each kind of system are in "
            "[connectors](connectors.md).\n",
            "## config/links/*.yaml\n",
            "One file per link. A duration is `30s`, `5m`, `2h`, `1d` or a number of seconds.\n",
            members(
                LinkConfig,
                link="name of the link; small letters, digits and `_`.",
                systems="names of the systems that are kept in agreement, two or more.",
                objects="object → its rules.",
                schedule="when Airflow runs the lanes.",
                alerts="when somebody is told that the link needs them.",
                clock_skew="how far apart two changes must be, beyond the measured skew, to tell "
                "which came later.",
            ),
            "\n### An object of a link\n",
            members(ObjectPolicy),
            "\n### Policies\n",
            "A policy is its name, or `{ policy: owner, owner: SYSTEM }`. It is asked only when "
            "sides changed one field differently; a change on one side alone needs no policy.\n",
            table(["policy", "who wins"], [[f"`{name}`", POLICIES[name]] for name in PolicyName]),
            "\n### Deletes\n",
            members(Deletes, policy="what a deletion leads to."),
            "",
            table(
                ["policy", "what a deletion leads to"],
                [[f"`{name}`", DELETES[name]] for name in DeletePolicy],
            ),
            "\nOf the two ceilings the lower one holds; the share allows at least one deletion.\n",
            "### Quality\n",
            members(
                Quality,
                min_rows="smaller batches go on without a gate.",
                tolerance="share of a batch that may fail a rule about single records.",
                growth="a full listing may be this many times as long as the last good ones.",
            ),
            "",
            table(["rule", "what is expected"], [[f"`{r}`", RULES[r]] for r in Rule]),
            "",
            table(
                ["severity", "when it is not met"], [[f"`{v}`", SEVERITIES[v]] for v in Severity]
            ),
            "",
            "### Schedule\n",
            members(Schedule),
            "\n### Alerts\n",
            members(Alerts),
            "\n## config/catalogues/*.yaml\n",
            "One file per directory of allowed values: how people write its entries. What stewards "
            "decide is kept in the state and wins over the file.\n",
            members(
                CatalogueFile,
                directory="name of the directory, e.g. `position`.",
                entries="entry of the directory → how people write it.",
            ),
            "\n## config/console.yaml\n",
            "The steward's console; the file may be missing.\n",
            members(
                ConsoleConfig,
                sessions="how long a login lasts.",
                logins="how many failed logins are borne.",
                four_eyes="from how much on a second person has to confirm.",
                oidc="login by OpenID Connect.",
                metrics="who may read `/metrics` without logging in.",
            ),
            "\n### sessions\n",
            members(Sessions),
            "\n### logins\n",
            members(Logins),
            "\n### four_eyes\n",
            members(FourEyes),
            "\n### oidc\n",
            members(OidcConfig),
            "\n### metrics\n",
            members(Metrics),
            "\n## config/matching/*.yaml\n",
            "One file per object: what differs from the default "
            "[rules of matching](../matching.md).\n",
            members(
                MatchRules, decide="thresholds `link` and `review`; as by default when left out."
            ),
        ]
    )


def mapping() -> str:
    """Mapping files and transforms."""
    rows = [
        (
            f"`{t.name}`",
            t.summary,
            ", ".join(sorted(kind.value for kind in t.kinds)),
            ", ".join(f"`{part}`" for part in t.parts),
            ", ".join(_option(name, o) for name, o in t.options.items()),
        )
        for t in TRANSFORMS.values()
    ]
    return "\n".join(
        [
            "# Mapping files\n",
            "One file per (object, system): `mappings/OBJECT.SYSTEM.yaml`. Editors check it "
            "against [schema.json](../../mappings/schema.json) when its first line is "
            "`# yaml-language-server: $schema=schema.json`. How to write one is in "
            "[write a mapping](../write-a-mapping.md).\n",
            members(MappingFile),
            "\n## A field\n",
            members(FieldMapping),
            "",
            table(
                ["direction", "meaning"],
                [[f"`{d.value}`", _DIRECTIONS[d]] for d in Direction],
            ),
            "\n## Transforms\n",
            table(["transform", "what it does", "kinds of field", "parts", "options"], rows),
        ]
    )


_DIRECTIONS = {
    Direction.BOTH: "The system's value counts, and it receives the agreed one.",
    Direction.READ: "The system's value counts, but nothing is written to it.",
    Direction.WRITE: "The system receives the value; its own edits are not taken.",
}


def _option(name: str, option: inspect.Parameter) -> str:
    default = default_text(option.default)
    note = f" ({default})" if default else ""
    return f"`{name}`{note}"


def objects() -> str:
    """The canonical objects."""
    parts = [
        "# Objects\n",
        "The canonical types that mappings translate into and out of. Parents come before "
        "children: also the order in which they are created.\n",
    ]
    for name, model in OBJECTS.items():
        mandatory = mandatory_fields(name)
        rows = [
            (
                f"`{field}`",
                kind.kind.value + (f" to {kind.references}" if kind.references else ""),
                "yes" if field in mandatory else "",
            )
            for field, kind in field_types(name).items()
        ]
        parts += [f"## {name}\n", f"{intro(model)}\n", table(["field", "kind", "mandatory"], rows)]
        parts.append("")
    return "\n".join(parts)


def connectors() -> str:
    """Kinds of system and their settings."""
    parts = [
        "# Connectors\n",
        "A kind of system is what `kind` in `config/systems.yaml` names. Packages of yours add "
        "kinds by an entry point, see [write a connector](../write-a-connector.md).\n",
    ]
    for kind in sorted(BUILT_IN):
        module = import_module(f"connectors.{kind}")
        headline = (inspect.getdoc(module) or "").partition("\n")[0]
        parts += [f"## {kind}\n", f"{headline}\n"]
        if kind in _SETTINGS:
            parts += [members(_SETTINGS[kind]), ""]
        else:
            parts += [intro(module.build) + "\n", _args(module.build), ""]
    return "\n".join(
        [
            *parts,
            "## What a connector declares\n",
            f"{intro(Capabilities)}\n",
            members(Capabilities),
            "",
            table(
                ["idempotency", "how a create is told from a repeated one"],
                [[f"`{i.value}`", _IDEMPOTENCY[i]] for i in Idempotency],
            ),
            "",
            "Column types: " + ", ".join(f"`{t.value}`" for t in ColumnType) + ".",
        ]
    )


_SETTINGS: Mapping[str, type] = {
    "file": FileSettings,
    "salesforce": SalesforceSettings,
    "tryton": TrytonSettings,
}
_IDEMPOTENCY = {
    Idempotency.KEY: "The system drops a second call with the same key.",
    Idempotency.EXTERNAL_ID: "A create is an upsert on a column that holds our key.",
    Idempotency.MARKER: "Our key is stored with the record, and can be searched for.",
    Idempotency.NONE: "Not at all: a lost answer becomes a question to a person.",
}


def _args(function: Callable[..., Any]) -> str:
    text = inspect.getdoc(function) or ""
    found = re.search(r"Args:\n(.*?)(?:\n\n|\Z)", text, re.DOTALL)
    lines = (line.strip() for line in found[1].splitlines()) if found else ()
    return " ".join(lines).removeprefix("settings: ")


def questions() -> str:
    """What people are asked, and how they answer."""
    rows = [
        (f"`{kind}`", QUESTIONS[kind], " or ".join(f"`{form}`" for form in ANSWERS[kind]))
        for kind in ReviewKind
    ]
    return "\n".join(
        [
            "# Questions to people\n",
            "What the pipeline does not decide by itself it asks, one open question per subject. "
            "`tandem review list` shows them, `tandem review decide` answers them.\n",
            table(["kind", "what is asked", "answers"], rows),
        ]
    )


def state() -> str:
    """The tables of the state database."""
    parts = ["# State database\n", "```text\n" + intro(tables) + "\n```\n"]
    for found in tables.metadata.sorted_tables:
        rows = [
            (
                f"`{column.name}`",
                str(column.type).lower() if not hasattr(column.type, "impl") else "moment (UTC)",
                "key" if column.primary_key else "" if column.nullable else "not null",
            )
            for column in found.columns
        ]
        parts += [f"## {found.name}\n", table(["column", "type", ""], rows), ""]
    return "\n".join(parts)


def schema() -> str:
    """JSON Schema of a mapping file, for editors."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tandem mapping file",
        **MappingFile.model_json_schema(mode="validation"),
    }
    field = document["$defs"]["FieldMapping"]["properties"]
    field["transform"] |= {"enum": list(TRANSFORMS)}
    names = dict.fromkeys(field_name for name in OBJECTS for field_name in field_types(name))
    one = document["properties"]["fields"]["additionalProperties"]
    short = {"type": "string", "description": "Name of the native column."}
    document["properties"]["fields"] |= {
        "propertyNames": {"enum": list(names)},
        "additionalProperties": {"anyOf": [short, one]},
    }
    document["properties"]["object"] |= {"enum": list(OBJECTS)}
    return json.dumps(document, indent=2, ensure_ascii=False)


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/cli.md": cli,
    "docs/reference/settings.md": settings,
    "docs/reference/mapping.md": mapping,
    "docs/reference/objects.md": objects,
    "docs/reference/connectors.md": connectors,
    "docs/reference/questions.md": questions,
    "docs/reference/state.md": state,
}
"""File → what writes it."""


def generated() -> dict[str, str]:
    """Every generated file with its content, by its path in the repository."""
    pages = {name: f"{NOTE}\n{page().rstrip()}\n" for name, page in PAGES.items()}
    return pages | {"mappings/schema.json": schema() + "\n"}


def main() -> None:
    """Write what differs."""
    for name, content in generated().items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
            sys.stdout.write(f"written  {name}\n")


if __name__ == "__main__":
    main()
