"""A state of every released version comes to the present schema whole, and work goes on with it.

`tests/releases/REVISION` holds a backup that was written at that schema, and what the two systems
held then: an agreed pair, a conflict, a deletion that was asked about, a dead letter, a contact
whose account is not there, a create whose answer was lost, and an edit that nobody has read.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from connectors.base import Idempotency, Rejected
from connectors.memory.system import MemorySystem, Row
from tandem.clock import ManualClock
from tandem.state import backup, check
from tandem.state.database import Database, open_engine, revisions
from tandem.state.reader.search import find
from tests.scenarios.world import CAPABLE, World

RELEASES = sorted(path for path in (Path(__file__).parents[2] / "releases").iterdir())


def stand(system: MemorySystem, streams: dict[str, Any]) -> None:
    """Let a system hold what it held."""
    for name, held in streams.items():
        table = system._stream(name)
        for native_id, (values, stamp, sequence, number, deleted) in held["rows"].items():
            at = datetime.fromisoformat(stamp)
            table.rows[native_id] = Row(values, at, sequence, number, deleted)
            system._made_at[name, native_id] = at
        table.listing.extend(held["listing"])
        table.log.extend((datetime.fromisoformat(s), n, i) for s, n, i in held["log"])
        table.made.update(held["made"])
    used = [int(i) for held in streams.values() for i in held["rows"]]
    for _ in range(max(used)):
        next(system._native_ids)
    for _ in range(1000):
        next(system._sequence)


def refuse(_stream: str, write: Any) -> Rejected | None:
    if write.values.get("name") == "Refused":
        return Rejected("bad_name", "not allowed", ("name",))
    return None


def rows_of(connection: Connection) -> dict[str, int]:
    return {
        name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
        for name in inspect(connection).get_table_names()
    }


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_released_state_is_upgraded_and_goes_on(release: Path, url: str) -> None:
    systems = json.loads((release / "systems.json").read_text())
    now = datetime.fromisoformat(systems["now"])
    restored = backup.restore(url, release / "state.zip", now)
    assert (restored.manifest.revision, restored.revision) == (release.name, revisions()[-1])

    database = Database(open_engine(url))
    with database.begin() as connection:
        found = rows_of(connection)
        assert list(check.broken(connection)) == []
        # Records from before there were search keys are found as well.
        hits = find(connection, "conflict ltd", [("crm", "Account"), ("erp", "party")]).hits
        assert len(hits) == 1
    expected = {name: table.rows for name, table in restored.manifest.tables.items()}
    assert {name: found[name] for name in expected} == expected

    capable = replace(CAPABLE, idempotency=Idempotency.MARKER)
    w = World(
        database,
        objects=("account", "contact"),
        erp={"capabilities": capable, "reject": refuse},
        seed=2,
    )
    w.clock = ManualClock(now)
    for system, streams in ((w.crm, systems["crm"]), (w.erp, systems["erp"])):
        system.now = w.clock.now
        stand(system, streams)
    _goes_on(w)
    database.close()


def _goes_on(w: World) -> None:
    accounts, parties = len(w.crm.rows("Account")), len(w.erp.rows("party"))
    w.cycle(3)
    # The lost answer was found out about, the edit was read, and nothing was made twice.
    assert (len(w.crm.rows("Account")), len(w.erp.rows("party"))) == (accounts, parties)
    names = {row["name"] for row in w.crm.rows("Account").values()}
    assert {"Acme Later", "Doubtful", "Refused", "Conflict Ltd"} <= names
    assert [s.write.values for s in w.crm.sent] == [{"name": "Acme Later"}]
    assert w.outbox()["rejected"] == 1
    # What was asked is still asked, and the answer is carried out.
    assert sorted(item.kind for item in w.reviews()) == ["conflict", "deletion", "refused_value"]
    (conflict,) = w.reviews("conflict")
    w.decide(conflict, {"value": "3"})
    w.crm.insert("Account", name="Newcomer", website="newcomer.example")
    w.cycle(3)
    assert len(w.erp.rows("party")) == parties + 1
    w.quiet(3)


def test_a_backup_names_every_table_of_its_time() -> None:
    for release in RELEASES:
        names = zipfile.ZipFile(release / "state.zip").namelist()
        assert "manifest.json" in names
        assert "tables/crosswalk.jsonl" in names
