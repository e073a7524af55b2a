"""`tandem demo`: the whole product on one's own machine."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from tandem.cli.output import Json, errors, grid, show


class Scene(StrEnum):
    """What to do with the demo's systems."""

    RUN = "run"
    UP = "up"
    DOWN = "down"


def demo(
    scene: Annotated[
        Scene, typer.Argument(help="run: from start to end. up: start and stay. down: stop.")
    ] = Scene.RUN,
    home: Annotated[Path, typer.Option(help="Folder for everything it writes.")] = Path(
        ".tandem/demo"
    ),
    accounts: Annotated[int, typer.Option(min=60, help="Accounts in each system.")] = 2000,
    contacts: Annotated[int, typer.Option(min=60, help="Contacts in each system.")] = 3000,
    as_json: Json = False,
) -> None:
    """Run two real systems and keep them in agreement.

    Starts a Tryton ERP, a sandbox CRM and Airflow on 127.0.0.1, fills both systems with messy
    records of the same parties, lets Airflow bring them together, edits on both sides at once, and
    compares every field in the end. Exit code 1 when a difference is left that no open question
    names.
    """
    from tandem.demo.stage import Stage  # the demo's parts load slowly

    started = time.monotonic()
    console = errors()

    def progress(step: str, seconds: float) -> None:
        at = time.monotonic() - started
        console.print(f"[dim]{at:6.1f} s[/]  {step} [dim]({seconds:.1f} s)[/]", highlight=False)

    stage = Stage(home, progress)
    if scene is Scene.DOWN:
        stage.stop()
        console.print("stopped")
        return
    stage.stop()  # what an earlier, interrupted demo left running
    stage.prepare()
    stage.reset()
    try:
        stage.start()
        report = _play(stage, accounts, contacts, progress)
    except BaseException:
        stage.stop()
        raise
    report["seconds"] = round(time.monotonic() - started, 1)
    path = stage.home / "report.json"
    path.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    show(report, lambda out: _tell(out, report, path), as_json=as_json)
    if scene is Scene.UP:
        _stay(stage, console)
    else:
        stage.stop()
    if not report["agreement"]:
        raise typer.Exit(1)


def _play(stage: Any, accounts: int, contacts: int, progress: Any) -> dict[str, Any]:
    from tandem.demo.story import Size, Story

    story = Story(stage, Size(accounts=accounts, contacts=contacts), progress)
    story.seed()
    story.first_load()
    story.burst()
    story.full_compare()
    return story.report()


def _stay(stage: Any, console: Console) -> None:
    from tandem.demo.console import NAME
    from tandem.demo.stage import LINK
    from tandem.orchestration.lanes import dag_id

    stage.airflow.unpause(dag_id(LINK, "live"))
    app = stage.app()
    try:
        stage.console.start(app.database)
    finally:
        app.close()
    console.print("\nEverything stays up until [bold]make down[/] (or tandem demo down):")
    console.print(f"  console      {stage.console.url}")
    console.print(f"               user {NAME}, password in {stage.console.password_file}")
    console.print(f"  Airflow      {stage.airflow.url}")
    console.print(f"  sandbox CRM  {stage.crm.url}")
    console.print(f"  Tryton       {stage.erp.url}")
    console.print(f"               user admin, password in {stage.erp.password_file}")


_ROWS = (
    ("records", "records read at the end, by system"),
    ("linked", "records matched across the systems"),
    ("created", "records created because one system lacked them"),
    ("writes", "writes in all, each with a recorded cause"),
    ("echo_writes", "writes that told a system what it showed already"),
    ("conflicts_open", "conflicts waiting for a person"),
    ("review_open", "questions waiting for a person, conflicts included"),
    ("quarantined", "records that could not be understood"),
    ("quality_gates", "larger batches looked at as a whole before they went on"),
    ("dead_letters", "writes that a system refused"),
    ("named_differences", "differing fields that an open question names"),
    ("divergent_fields", "differing fields that nobody knows of"),
    ("unexplained_writes", "writes without a cause"),
    ("freshness_p50_s", "seconds from an edit to its arrival on the other side, median"),
    ("freshness_p95_s", "the same, 95th percentile"),
    ("dag_runs", "Airflow runs by lane"),
    ("seconds", "seconds for the whole demo"),
)


def _tell(out: Console, report: dict[str, Any], path: Path) -> None:
    rows = [(name, _plain(report[name]), what) for name, what in _ROWS]
    out.print(grid("What happened", ("", "figure#", "meaning"), rows))
    cleansed = [(n, c["read"], c["refused"]) for n, c in report["cleansed"].items()]
    out.print(grid("Texts of the CRM", ("field", "understood#", "refused and asked#"), cleansed))
    out.print(f"Both sides agree: {'yes' if report['agreement'] else 'NO'}; report in {path}")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    return value
