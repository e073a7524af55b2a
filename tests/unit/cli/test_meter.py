"""Progress bars: what they count, and that they stay away where nobody looks."""

from __future__ import annotations

import io

from rich.console import Console

from tandem.cli.meter import Meter
from tandem.state.database import Database, migrate, open_engine
from tests.scenarios.world import World


def test_the_bars_follow_the_pipeline(tmp_path):
    url = f"sqlite:///{tmp_path / 'state.db'}"
    migrate(url)
    database = Database(open_engine(url))
    world = World(database)
    for number in range(3):
        world.crm.insert("Account", name=f"{'ABC'[number] * 5} Works")
    pipeline = world.pipeline()
    meter = Meter(database, "customers")
    screen = Console(file=io.StringIO(), force_terminal=True, width=100)

    def lines() -> list[str]:
        out = Console(file=io.StringIO(), width=100)
        out.print(meter.bars())
        return [" ".join(line.split()[-3:]) for line in out.file.getvalue().splitlines()]

    assert pipeline.open()
    with meter.shown(pipeline, screen):
        pipeline.pull()
        meter.step("pull.stored")
        assert lines()[1].endswith("0 of 3")
        pipeline.drain()
        meter.step("batch.stored")
        assert [line.endswith("3 of 3") for line in lines()] == [False, True, True]
        assert lines()[0].endswith("3 records")
    pipeline.close()
    assert "read" in screen.file.getvalue()

    nobody = Console(file=io.StringIO())
    with meter.shown(pipeline, nobody):
        pass
    assert nobody.file.getvalue() == ""
    database.close()
