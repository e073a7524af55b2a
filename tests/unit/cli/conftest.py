"""An installation on disk whose two systems are fakes that outlive each command."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml

from tandem.chaos.system import FakeSystem
from tandem.cli.main import run
from tandem.clock import SystemClock
from tandem.state.quota import Budget
from tests.scenarios.world import CAPABLE, CRM_SPECS, ERP_SPECS, account_mapping, contact_mapping


@dataclass
class Answer:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass
class Installation:
    """`tandem` as a user has it: files in a folder, two systems, a state database."""

    folder: Path
    crm: FakeSystem
    erp: FakeSystem
    _capture: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Answer:
        self._capture.readouterr()
        code = run(arguments)
        captured = self._capture.readouterr()
        return Answer(code, captured.out, captured.err)

    def json(self, *arguments: str) -> Answer:
        answer = self(*arguments, "--json")
        json.loads(answer.out)
        return answer

    def write(self, path: str, content: Mapping[str, Any]) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False))

    def configure(self, **objects: Any) -> None:
        """The link `customers` with these rules per object."""
        self.write(
            "config/links/customers.yaml",
            {
                "link": "customers",
                "systems": ["crm", "erp"],
                "objects": objects or {"account": {"deletes": {"policy": "review"}}},
            },
        )

    def sent(self) -> int:
        return len(self.crm.sent) + len(self.erp.sent)


@pytest.fixture
def tandem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Installation]:
    clock = SystemClock()
    systems = {
        "crm": FakeSystem(
            CRM_SPECS, clock=clock, name="crm", capabilities=CAPABLE, quota=Budget(per_day=1000)
        ),
        "erp": FakeSystem(ERP_SPECS, clock=clock, name="erp", capabilities=CAPABLE),
    }
    for name in ("HOME", "CONFIG", "MAPPINGS", "DATABASE", "LOG_LEVEL"):
        monkeypatch.delenv(f"TANDEM_{name}", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "tandem.app.build_connector", lambda _kind, settings: systems[settings["as"]]
    )
    installed = Installation(tmp_path, systems["crm"], systems["erp"], capsys)
    installed.write(
        "config/systems.yaml",
        {"systems": {n: {"kind": "memory", "settings": {"as": n}} for n in systems}},
    )
    installed.configure()
    mappings = [
        account_mapping("crm", "Account"),
        account_mapping("erp", "party"),
        contact_mapping("crm", "Contact", "Account"),
        contact_mapping("erp", "person", "party"),
    ]
    for mapping in mappings:
        installed.write(
            f"mappings/{mapping.object}.{mapping.system}.yaml",
            mapping.model_dump(mode="json", exclude_defaults=True),
        )
    handlers, level = logging.root.handlers[:], logging.root.level
    yield installed
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
