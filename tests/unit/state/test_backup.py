"""A backup is the whole state, in either direction between the databases; a damaged one is none."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from tandem.state import backup, check, recovery
from tandem.state.backup import BackupError, NewerBackupError, TargetError
from tandem.state.database import Database, migrate, open_engine, revisions
from tandem.state.tables import FOLLOWING, canonical, lease, metadata
from tests.databases import fresh_postgres
from tests.scenarios.world import World


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A second database, of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'other.db'}"
        return
    with fresh_postgres() as url:
        yield url


@pytest.fixture
def filled(world: World) -> World:
    """A state with pairs, a conflict, and accents."""
    native_id, _ = world.pair(phone="1", website="acme.example", industry="Σίδηρος")
    world.crm.edit("Account", native_id, phone="2")
    world.erp.edit("party", world.linked(native_id), phone="3")
    world.cycle()
    return world


def contents(url: str) -> dict[str, list[Any]]:
    """Every table but the two that a restore changes, and what follows from the others."""
    database = Database(open_engine(url))
    with database.begin() as connection:
        tables = {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in metadata.sorted_tables
            if table.name not in ("lease", "recovery") and table not in FOLLOWING
        }
    database.close()
    return {name: sorted(rows, key=repr) for name, rows in tables.items()}


def test_what_is_restored_is_what_was_backed_up(
    url: str, other: str, filled: World, tmp_path: Path
) -> None:
    manifest = backup.write(url, tmp_path / "state.zip", filled.clock.now())
    assert manifest.revision == revisions()[-1]
    assert manifest.tables["crosswalk"].rows == 2
    restored = backup.restore(other, tmp_path / "state.zip", filled.clock.now())
    assert restored.manifest == manifest
    assert contents(other) == contents(url)
    database = Database(open_engine(other))
    with database.begin() as connection:
        assert list(check.broken(connection)) == []
        assert recovery.catching_up(connection, "customers", {("crm", "Account")})
        token = connection.execute(select(lease.c.token)).scalar_one()
    assert token > recovery.TOKENS_AHEAD
    # Ids go on after the greatest one.
    filled.database = database
    filled.crm.insert("Account", name="Newcomer", website="new.example")
    filled.cycle(2)
    assert filled.outbox() == {"accepted": 2}
    database.close()


def test_a_state_is_replaced_only_when_asked(url: str, filled: World, tmp_path: Path) -> None:
    path, now = tmp_path / "state.zip", filled.clock.now()
    backup.write(url, path, now)
    with pytest.raises(TargetError, match="--force"):
        backup.restore(url, path, now)
    assert filled.pipeline().open()
    with pytest.raises(TargetError, match="customers"):
        backup.restore(url, path, now, force=True)
    later = now + timedelta(minutes=2)
    backup.restore(url, path, later, force=True)
    assert len(contents(url)["crosswalk"]) == 2


def damaged(path: Path, member: str, content: bytes | None) -> Path:
    """A copy of a backup with one member replaced, or left out."""
    copy = path.with_name("damaged.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for name in source.namelist():
            if name != member:
                target.writestr(name, source.read(name))
            elif content is not None:
                target.writestr(name, content)
    return copy


def test_a_damaged_file_changes_nothing(
    url: str, other: str, filled: World, tmp_path: Path
) -> None:
    path, now = tmp_path / "state.zip", filled.clock.now()
    backup.write(url, path, now)
    manifest = json.loads(zipfile.ZipFile(path).read("manifest.json"))
    cut = tmp_path / "cut.zip"
    cut.write_bytes(path.read_bytes()[:-100])
    newer = json.dumps(manifest | {"revision": "9999"}).encode()
    format_2 = json.dumps(manifest | {"format": 2}).encode()
    for member, content, error in (
        ("manifest.json", None, BackupError),
        ("manifest.json", b"{}", BackupError),
        ("tables/crosswalk.jsonl", None, BackupError),
        ("tables/crosswalk.jsonl", b"[]\n", BackupError),
        ("manifest.json", newer, NewerBackupError),
        ("manifest.json", format_2, NewerBackupError),
    ):
        with pytest.raises(BackupError) as raised:
            backup.restore(other, damaged(path, member, content), now)
        assert type(raised.value) is error
    for wrong in (tmp_path / "missing.zip", cut):
        with pytest.raises(BackupError):
            backup.restore(other, wrong, now)
    migrate(other)
    assert not any(contents(other).values())


def test_a_broken_invariant_is_named(filled: World) -> None:
    with filled.database.begin() as connection:
        assert list(check.broken(connection)) == []
        connection.execute(delete(canonical))
        found = {one.rule: one for one in check.broken(connection)}
    assert found["a link leads to a canonical record"].rows == 2
    assert found["a link leads to a canonical record"].examples[0].startswith("crm:Account:")
    assert "a write belongs to a canonical record" in found


def test_a_failed_write_leaves_the_old_file(url: str, filled: World, tmp_path: Path) -> None:
    path = tmp_path / "state.zip"
    backup.write(url, path, filled.clock.now())
    before = path.read_bytes()
    folder = tmp_path / "gone"
    folder.mkdir()
    shutil.rmtree(folder)
    with pytest.raises(OSError, match="gone"):
        backup.write(url, folder / "state.zip", filled.clock.now())
    assert path.read_bytes() == before
