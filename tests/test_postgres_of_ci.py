"""CI finds a PostgreSQL anywhere: the server that it starts itself answers, and leaves nothing."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

SCRIPT = Path(__file__).resolve().parents[1] / ".ci" / "with_postgres.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("with_postgres", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def open_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary folders are made: one that the server's user can pass, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        monkeypatch.setattr("tempfile.tempdir", name)
        yield Path(name)


@pytest.mark.slow
def test_a_server_of_our_own_answers_and_leaves_nothing(
    script: ModuleType, open_folder: Path
) -> None:
    with script.own_server() as url:
        assert make_url(url).host == "127.0.0.1"
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1
        engine.dispose()
    with pytest.raises(OperationalError), create_engine(url).connect():
        pass
    assert list(open_folder.iterdir()) == []


def test_the_command_finds_the_server_and_its_exit_code_is_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TANDEM_TEST_POSTGRES", "sqlite://")
    told = [sys.executable, "-c", "import os; print(os.environ['TANDEM_TEST_POSTGRES']); exit(3)"]
    done = subprocess.run(
        [sys.executable, SCRIPT, *told], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, "sqlite://\n")
