"""Logging: JSON beside the terminal, no field values, no texts of exceptions."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from connectors.errors import LoginError
from tandem.log import configure


@pytest.fixture(autouse=True)
def as_it_was():
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_an_event_is_one_json_object_on_stderr(capsys):
    configure("INFO")
    structlog.get_logger("x").info("run.started", link="customers", counts=3)
    (event,) = events(capsys)
    assert event["event"] == "run.started"
    assert (event["link"], event["counts"], event["level"]) == ("customers", 3, "info")
    assert str(event["timestamp"]).endswith("Z")


def test_below_the_level_nothing_is_said(capsys):
    configure()
    structlog.get_logger("x").info("run.started")
    assert events(capsys) == []


def test_other_packages_are_heard_from_warning_on_whatever_level_they_set(capsys):
    configure("INFO")
    stranger = logging.getLogger("some.stranger")
    stranger.setLevel(logging.DEBUG)
    stranger.info("I made a folder")
    stranger.warning("It is full")
    (event,) = events(capsys)
    assert (event["event"], event["level"]) == ("It is full", "warning")


def test_records_never_get_into_the_log(capsys):
    configure()
    structlog.get_logger("x").warning("record.refused", record={"name": "Acme"}, names=["Acme"])
    (event,) = events(capsys)
    assert (event["record"], event["names"]) == ("<dict>", "<list>")
    assert "Acme" not in json.dumps(event)


def test_an_exception_is_told_by_class_code_and_place(capsys):
    configure()
    try:
        raise LoginError("rejected for Acme")
    except LoginError:
        structlog.get_logger("x").exception("run.failed")
        logging.getLogger("somebody").exception("it broke")
    ours, theirs = events(capsys)
    assert (ours["error"], ours["code"]) == ("LoginError", "connector.login")
    assert "test_log.py:" in str(ours["at"])
    assert theirs["error"] == "LoginError"
    assert "Acme" not in json.dumps([ours, theirs])


def test_other_packages_are_heard_from_warnings_on(capsys):
    configure("DEBUG")
    logging.getLogger("somebody").info("chatter")
    logging.getLogger("somebody").warning("careful")
    (event,) = events(capsys)
    assert (event["event"], event["level"]) == ("careful", "warning")
