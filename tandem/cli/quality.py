"""`tandem quality`: what the gates found over time, and how good the records are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tandem.cli.exits import Exit, epilog
from tandem.cli.lazy import with_epilog
from tandem.cli.output import Json, Limit, grid, show

if TYPE_CHECKING:
    from tandem.model.scorecard import Card, FieldScore
    from tandem.state.quality import GateResult

OWNERS = 10
"""Owners that are shown of one object in one system; --json has all of them."""


@with_epilog(epilog(Exit.CONFIG, Exit.NOT_FOUND, attention="a batch is held"))
def quality(
    link: Annotated[
        str | None, typer.Argument(metavar="[LINK]", help="One link; all of them if none is named.")
    ] = None,
    *,
    limit: Limit = 10,
    as_json: Json = False,
) -> None:
    """Show what the quality gates found, and the scorecard.

    Gates: the latest batches of each object and system, with a trend of what was not as expected.
    Scorecard: per object, system and field how many records have a value and how many of these can
    be read, and whose records leave empty what some system insists on.
    """
    from tandem.cli.installation import chosen_links, installation, reading

    with installation() as app, reading(app) as reader:
        found = {
            name: (
                reader.gate_results(name, limit=limit),
                reader.scorecard(name, app.shapes(name)),
            )
            for name in chosen_links(app, link)
        }
    show(
        {"links": [_document(name, *told) for name, told in found.items()]},
        lambda console: _tell(console, found),
        as_json=as_json,
    )
    held = any(result.outcome == "held" for results, _ in found.values() for result in results)
    raise typer.Exit(Exit.ATTENTION if held else Exit.OK)


def _document(link: str, results: list[GateResult], cards: list[Card]) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "link": link,
        "gates": [
            asdict(result) | {"failed": [finding.name for finding in result.failed]}
            for result in results
        ],
        "scorecard": [
            {
                "object": card.object,
                "system": card.system,
                "records": card.total.records,
                "gaps": card.total.gaps,
                "fields": list(map(_field, card.total.fields)),
                "owners": [
                    {
                        "owner": score.owner,
                        "records": score.records,
                        "gaps": score.gaps,
                        "fields": list(map(_field, score.fields)),
                    }
                    for score in card.owners
                ],
            }
            for card in cards
        ],
    }


def _field(score: FieldScore) -> dict[str, Any]:
    from dataclasses import asdict

    derived = ("empty", "completeness", "validity", "gaps")
    return asdict(score) | {name: getattr(score, name) for name in derived}


def _tell(console: Console, found: dict[str, tuple[list[GateResult], list[Card]]]) -> None:
    for link, (results, cards) in found.items():
        _tell_gates(console, link, results)
        for card in cards:
            _tell_card(console, card)


def _tell_gates(console: Console, link: str, results: list[GateResult]) -> None:
    from tandem.quality.tell import why

    if not results:
        console.print(f"link {link}: no batch was large enough for a gate yet.")
        return
    rows = [
        (r.id, r.at, r.object, r.system, r.rows, r.outcome, "; ".join(map(why, r.failed)))
        for r in results
    ]
    headings = ["gate#", "at", "object", "system", "rows#", "outcome", "what is not as expected"]
    console.print(grid(f"gates of link {link}, newest first", headings, rows))
    streams = dict.fromkeys((r.object, r.system) for r in results)
    trends = []
    for object_name, system in streams:
        own = [r for r in reversed(results) if (r.object, r.system) == (object_name, system)]
        trends.append((object_name, system, trend(map(_worst, own)), trend(r.rows for r in own)))
    title = "trend, oldest first"
    console.print(grid(title, ["object", "system", "worst failing share", "rows"], trends))


def _worst(result: GateResult) -> float:
    """The largest share of records that miss one of the rules about single records."""
    return max((finding.failed for finding in result.findings), default=0) / max(result.rows, 1)


_BARS = "▁▂▃▄▅▆▇█"


def trend(values: Iterable[float]) -> str:
    """Figures as a line of bars; the highest one is full.

    >>> trend([0, 0.5, 1]), trend([0, 0]), trend([])
    ('▁▅█', '▁▁', '')
    """
    known = list(values)
    top = max(known, default=0)
    steps = len(_BARS) - 1
    return "".join(_BARS[round(value / top * steps) if top else 0] for value in known)


def _tell_card(console: Console, card: Card) -> None:
    from tandem.quality.tell import percent

    total = card.total
    if not total.records:
        console.print(f"{card.object} in {card.system}: no record was seen yet.")
        return
    rows = [
        (
            score.field,
            score.filled,
            percent(score.completeness),
            percent(score.validity),
            score.gaps or "",
            ", ".join(score.mandatory_in),
        )
        for score in total.fields
    ]
    title = f"{card.object} in {card.system}: {total.records} records"
    headings = ["field", "filled#", "completeness#", "validity#", "gaps#", "mandatory in"]
    console.print(grid(title, headings, rows))
    if card.owners:
        _tell_owners(console, card)


def _tell_owners(console: Console, card: Card) -> None:
    rows = [
        (score.owner or "nobody", score.records, score.gaps, _emptiest(score.fields))
        for score in card.owners[:OWNERS]
    ]
    title = f"{card.object} in {card.system}: who leaves mandatory fields empty"
    console.print(grid(title, ["owner", "records#", "gaps#", "where"], rows))
    if len(card.owners) > OWNERS:
        console.print(f"{len(card.owners) - OWNERS} more owners; --json shows all of them.")


def _emptiest(scores: Sequence[FieldScore]) -> str:
    """Mandatory fields with gaps, most gaps first."""
    gaps = sorted((s for s in scores if s.gaps), key=lambda s: -s.gaps)
    return ", ".join(f"{score.field} {score.gaps}" for score in gaps)
