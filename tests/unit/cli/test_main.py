"""The group of commands: help, version, start-up, errors."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tandem import __version__
from tandem.cli.exits import MEANING, Exit
from tandem.cli.failure import explain
from tandem.cli.main import Commands
from tandem.errors import ConfigError, FencedError, NotFoundError, StaleDecisionError

HEAVY = (
    *("sqlalchemy", "pydantic", "pandas", "numpy", "rich", "airflow", "phonenumbers"),
    *("requests", "alembic", "orjson", "structlog", "tandem.app", "tandem.settings"),
)


def python(*code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=True
    ).stdout


def test_help_names_every_command_and_every_exit_code(tandem):
    answer = tandem("--help")
    assert answer.code == 0
    for name, lazy in Commands.table.items():
        assert name in answer.out
        assert lazy.summary in answer.out
    text = " ".join(answer.out.split())
    for code, meaning in MEANING.items():
        assert f"{code:d} {meaning}" in text


def test_no_arguments_show_the_help(tandem):
    assert tandem().out == tandem("--help").out


def test_the_version_is_the_packages(tandem):
    answer = tandem("--version")
    assert (answer.code, answer.out) == (0, f"tandem {__version__}\n")


@pytest.mark.parametrize("name", Commands.table)
def test_each_command_is_there_and_its_summary_is_its_first_line(name):
    lazy = Commands.table[name]
    command = lazy.load(name)
    assert command.help.partition("\n")[0] == lazy.summary


@pytest.mark.parametrize(
    "name", [n for n in Commands.table if n not in ("cleanse", "match", "demo")]
)
def test_each_command_tells_its_exit_codes(tandem, name):
    answer = tandem(name, "--help")
    assert answer.code == 0
    if "Commands:" in answer.out and "Exit codes:" not in answer.out:
        return  # a group: each of its commands tells its own, see below
    assert "Exit codes: 0 done" in answer.out


@pytest.mark.parametrize(
    "command",
    [
        *(("review", name) for name in ("list", "show", "decide")),
        *((group, name) for group in ("deadletter", "quarantine") for name in ("list", "replay")),
    ],
)
def test_subcommands_tell_theirs_and_offer_json(tandem, command):
    answer = tandem(*command, "--help")
    assert "Exit codes: 0 done" in answer.out
    assert "--json" in answer.out


def test_help_imports_nothing_heavy():
    loaded = python(
        "import json, sys",
        "from tandem.cli.main import run",
        "import io, contextlib",
        "with contextlib.redirect_stdout(io.StringIO()):",
        "    assert run(['--help']) == 0",
        f"print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))",
    )
    assert json.loads(loaded) == []


def test_help_starts_within_half_a_second_of_computing():
    used = python(
        "import sys, time",
        "from tandem.cli.main import run",
        "run(['--help'])",
        "sys.stdout.write('|%f' % time.process_time())",
    )
    # Computing time, not wall time: other processes of the machine do not count.
    assert float(used.rpartition("|")[2]) < 0.5


@pytest.mark.parametrize(
    ("arguments", "complaint", "way_out"),
    [
        (["snyc"], "No such command 'snyc'. Did you mean 'sync'?", "see `tandem --help`"),
        (["sync"], "Missing argument 'LINK'", "see `tandem sync --help`"),
        (["sync", "a", "--nonsense"], "No such option: --nonsense", "see `tandem sync --help`"),
        (["review"], "Missing command", "see `tandem review --help`"),
    ],
)
def test_a_wrong_command_line_is_told_with_the_way_out(tandem, arguments, complaint, way_out):
    answer = tandem(*arguments)
    assert answer.code == Exit.USAGE
    assert complaint in answer.err
    assert way_out in answer.err
    assert answer.out == ""


def test_an_error_is_one_json_document_when_json_is_asked_for(tandem):
    answer = tandem("sync", "nonsense", "--json")
    error = answer.document["error"]
    assert (error["code"], error["exit"]) == ("not_found", 6)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), Exit.CONFIG),
        (FencedError("x"), Exit.LEASE_HELD),
        (NotFoundError("x"), Exit.NOT_FOUND),
        (StaleDecisionError("x"), Exit.STALE),
        (KeyboardInterrupt(), Exit.INTERRUPTED),
    ],
)
def test_each_error_has_its_exit_code(error, code):
    failure = explain(error)
    assert failure is not None
    assert failure.exit is code


def test_an_error_that_nobody_expects_is_not_hidden(tandem, monkeypatch):
    def broken(_self: object, _name: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tandem.app.App.link", broken)
    with pytest.raises(ZeroDivisionError):
        tandem("sync", "customers")
    assert explain(ZeroDivisionError()) is None
