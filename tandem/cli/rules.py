"""`tandem rules`: by which rules the pipeline finds what is one party, and what decisions teach."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.failure import UsageError
from tandem.cli.output import Json, errors, grid, show

if TYPE_CHECKING:
    from tandem.app import App
    from tandem.matching.defaults import Model
    from tandem.matching.scored import Scored

MOST_DECISIONS = 100_000

rules = typer.Typer(
    help="See the rules of matching, and let them learn.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ObjectName = Annotated[str, typer.Argument(metavar="OBJECT", help="account or contact.")]


def _model(app: App, object_name: str) -> Model:
    from tandem.matching.defaults import DEFAULTS
    from tandem.yaml_file import did_you_mean

    if object_name not in DEFAULTS:
        hint = did_you_mean(object_name, DEFAULTS)
        raise UsageError(f"there is no object '{object_name}' to match{hint}")
    return app.matcher(object_name).model


@rules.command("show", epilog=epilog(Exit.CONFIG, Exit.USAGE))
def show_rules(object_name: ObjectName, as_json: Json = False) -> None:
    """Print the rules in effect for an object: the defaults as config/matching/ changes them.

    The YAML is a whole file for config/matching/; a file there needs to name only what differs.
    """
    import yaml

    from tandem.cli.installation import installation
    from tandem.matching.object_rules import as_yaml

    with installation() as app:
        text = as_yaml(_model(app, object_name))
    show(yaml.safe_load(text), lambda console: console.out(text, end=""), as_json=as_json)


@rules.command("learn", epilog=epilog(Exit.CONFIG, Exit.USAGE))
def learn_rules(
    object_name: ObjectName,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the corrected rules to this file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Correct the weights by what stewards decided about possible duplicates.

    Nothing changes until the file is in config/matching/: the rules of a sync never move by
    themselves. Few decisions change little, and both kinds of answer are needed.
    """
    from tandem.cli.installation import installation, reading
    from tandem.matching.decisions import pairs_of, taught
    from tandem.matching.object_rules import as_yaml
    from tandem.state.reader import Question
    from tandem.state.review import ReviewKind

    asked = Question(kind=ReviewKind.DUPLICATE, object=object_name, state=None)
    with installation() as app, reading(app) as reader:
        model = _model(app, object_name)
        pairs = [
            pair
            for one in reader.reviews(asked, limit=MOST_DECISIONS)
            if one.decision is not None
            for pair in pairs_of(one.question, one.decision)
        ]
    corrected = taught(model, pairs)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(as_yaml(corrected), encoding="utf-8")
    changes = _changes(model, corrected, pairs)
    linked = sum(linked for _, linked in pairs)
    document = {
        "object": object_name,
        "linked": linked,
        "apart": len(pairs) - linked,
        "changes": changes,
    }
    show(document, lambda console: _tell(console, document, out), as_json=as_json)
    if out is not None:
        errors().print(f"The corrected rules are in {out}.")


def _changes(
    model: Model, corrected: Model, pairs: list[tuple[Scored, bool]]
) -> list[dict[str, Any]]:
    seen = Counter((level.field, level.level) for scored, _ in pairs for level in scored.levels)
    return [
        {
            "field": field,
            "level": level,
            "bits": round(bits, 2),
            "learned": round(corrected.weights[field, level], 2),
            "decisions": seen[field, level],
        }
        for (field, level), bits in model.weights.items()
        if corrected.weights[field, level] != bits
    ]


def _tell(console: Console, document: dict[str, Any], out: Path | None) -> None:
    linked, apart = document["linked"], document["apart"]
    console.print(f"{linked} pairs were linked by people, {apart} kept apart.")
    if not document["changes"]:
        console.print("Nothing to learn: it takes answers of both kinds.")
        return
    headings = ["field", "level", "bits #", "learned #", "decisions #"]
    console.print(grid("", headings, [list(one.values()) for one in document["changes"]]))
    if out is None:
        file = f"config/matching/{document['object']}.yaml"
        console.print(f"--out {file} puts them to use from the next run on.")
