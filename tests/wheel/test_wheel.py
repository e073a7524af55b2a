"""The built wheel, alone in a clean environment, has everything that it needs to be of use.

Dependencies are borrowed from the environment that runs the tests; our own packages are not: the
working copy is not on the path there, so what the wheel lacks is missing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tandem import __version__

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

SYSTEMS = """
systems:
  crm: { kind: file, settings: { path: crm, key: id } }
  erp: { kind: file, settings: { path: erp, key: number } }
"""
LINK = """
link: customers
systems: [crm, erp]
objects:
  account: { default: latest, fields: { name: { policy: owner, owner: crm } } }
"""
MAPPINGS = {
    "account.crm.yaml": """
object: account
system: crm
stream: accounts
country: GR
fields: { name: name, phone: { column: phone, transform: phone }, website: www }
""",
    "account.erp.yaml": """
object: account
system: erp
stream: parties
country: GR
fields: { name: title, phone: { column: tel, transform: phone }, website: site }
""",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the programs of an environment that holds the wheel."""
    home = tmp_path_factory.mktemp("clean") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    subprocess.run(
        [UV, "pip", "install", "--quiet", "--no-deps", "--python", python, wheel], check=True
    )
    purelib = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    # A folder named in a .pth file gives its packages but not its own .pth files: the working
    # copy, which is installed there as editable, stays out.
    Path(purelib, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


def _tandem(scripts: Path, folder: Path, *arguments: str, code: int = 0) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TANDEM_", "PYTHON"))}
    done = subprocess.run(
        [scripts / "tandem", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_packages_defaults_and_licence_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {
        "tandem",
        "connectors",
        "cleansing",
        "tandem_sync",
    }
    for part in ("config", "mappings"):
        there = {p.relative_to(ROOT).as_posix() for p in (ROOT / part).rglob("*") if p.is_file()}
        assert {f"tandem/_defaults/{name}" for name in there} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".pyc", ".db", ".sqlite"))]


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    there = {
        path.relative_to(ROOT).as_posix()
        for package in ("tandem", "connectors", "cleansing")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sorted(there - names) == []


def test_it_is_the_wheel_that_runs(scripts: Path, tmp_path: Path) -> None:
    found = subprocess.run(
        [
            scripts / "python",
            "-c",
            "import tandem, connectors, cleansing;"
            "print(tandem.__file__, connectors.__file__, cleansing.__file__)",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert [Path(name).is_relative_to(scripts.parent) for name in found] == [True] * 3


def test_version_and_help(scripts: Path, tmp_path: Path) -> None:
    assert _tandem(scripts, tmp_path, "--version") == f"tandem {__version__}\n"
    assert "Exit codes:" in _tandem(scripts, tmp_path, "--help")


def test_init_writes_the_example_configuration(scripts: Path, tmp_path: Path) -> None:
    told = json.loads(_tandem(scripts, tmp_path, "init", "here", "--json"))
    assert "config/systems.yaml" in told["written"]
    for name in told["written"]:
        assert (tmp_path / "here" / name).read_bytes() == (ROOT / name).read_bytes()
    assert (tmp_path / "here/.tandem/state.db").exists()


def test_two_folders_are_brought_into_agreement_offline(scripts: Path, tmp_path: Path) -> None:
    files = {
        "config/systems.yaml": SYSTEMS,
        "config/links/customers.yaml": LINK,
        **{f"mappings/{name}": text for name, text in MAPPINGS.items()},
        "crm/accounts.csv": "id,name,phone,www\n1,Acme S.A.,210 1234567,acme.example\n",
        "erp/parties.csv": "number,title,tel,site\n7,ACME SA,+30 2101234567,acme.example\n"
        "8,Beta Ltd,,beta.example\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _tandem(scripts, tmp_path, "doctor")
    planned = json.loads(_tandem(scripts, tmp_path, "plan", "customers", "--json", code=2))
    assert planned["total"] > 0
    before = (tmp_path / "crm/accounts.csv").read_text()
    assert before == files["crm/accounts.csv"], "a plan writes nothing"
    _tandem(scripts, tmp_path, "sync", "customers")
    assert "Beta Ltd" in (tmp_path / "crm/accounts.csv").read_text(encoding="utf-8")
    _tandem(scripts, tmp_path, "plan", "customers")
    again = json.loads(_tandem(scripts, tmp_path, "sync", "customers", "--json"))
    assert not {"creates", "updates", "deletes"} & again["counts"].keys()
