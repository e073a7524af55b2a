"""Progress of a running pipeline, on stderr, when somebody is there to see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

if TYPE_CHECKING:
    from tandem.state.database import Database
    from tandem.sync.pipeline import Pipeline

WRITTEN = ("creates", "updates", "deletes", "rejected")
WIDTH = 40


class Meter:
    """Three bars: records read, worked off, written. `step` is the pipeline's checkpoint."""

    def __init__(self, database: Database, link: str) -> None:
        self._database = database
        self._link = link
        self._pipeline: Pipeline | None = None
        self._waiting = 0

    def step(self, name: str) -> None:
        """Note how much is left in the inbox; called between two transactions."""
        if name in ("pull.stored", "batch.stored"):
            # Imported by the pipeline long before; a command that shows no bars never needs it.
            from tandem.state import inbox

            with self._database.begin() as connection:
                self._waiting = inbox.counts(connection, self._link).get("new", 0)

    @contextmanager
    def shown(self, pipeline: Pipeline, console: Console) -> Iterator[None]:
        """Show the bars while the pipeline works; nothing where there is no terminal."""
        self._pipeline = pipeline
        if not console.is_terminal:
            yield
            return
        with Live(get_renderable=self.bars, console=console, refresh_per_second=5, transient=True):
            yield

    def bars(self) -> Table:
        """The bars as they stand."""
        assert self._pipeline is not None, "shown() comes first"
        counts = dict(self._pipeline.counts.by_name)
        arrived, intended = counts.get("arrived", 0), counts.get("intended", 0)
        written = sum(counts.get(name, 0) for name in WRITTEN)
        worked = max(arrived - self._waiting, 0)
        table = Table.grid(padding=(0, 2))
        table.add_row("read", ProgressBar(None, width=WIDTH), f"{counts.get('read', 0):,} records")
        table.add_row("worked off", _bar(worked, arrived), f"{worked:,} of {arrived:,}")
        table.add_row("written", _bar(written, intended), f"{written:,} of {intended:,}")
        return table


def _bar(done: int, total: int) -> ProgressBar:
    return ProgressBar(max(total, 1), min(done, total), width=WIDTH)
