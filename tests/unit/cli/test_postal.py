"""`tandem postal`: what is installed, and a clear way out where it is not."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from tandem.cli.exits import Exit
from tandem.cli.main import run

pytestmark = pytest.mark.skipif(
    find_spec("address_finder_data_p00") is not None, reason="the extra libpostal is installed"
)


def test_install_without_the_extra_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["postal", "install", "--folder", str(tmp_path / "model")])
    assert code == Exit.USAGE
    assert "pip install 'tandem-sync[libpostal]'" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()


def test_status_tells_where_the_model_would_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIBPOSTAL_DATA_DIR", str(tmp_path))
    assert run(["postal", "status", "--json"]) == Exit.ATTENTION
    assert json.loads(capsys.readouterr().out) == {
        "installed": False,
        "prepared": False,
        "folder": str(tmp_path),
        "model": "1.0.2",
    }
    assert run(["postal", "status"]) == Exit.ATTENTION
    assert "tandem postal install" in capsys.readouterr().out
