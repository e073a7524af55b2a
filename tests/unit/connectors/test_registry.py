from __future__ import annotations

import importlib
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType

import pytest

from connectors import registry
from connectors.errors import StopRunError
from connectors.file import FileConnector


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A third-party package that registers two kinds: a new one and one that ships."""
    module = ModuleType("acme_tandem")
    module.build = dict  # type: ignore[attr-defined]  # a module made on the spot
    monkeypatch.setitem(sys.modules, "acme_tandem", module)
    points = {registry.GROUP: [EntryPoint(n, "acme_tandem:build", "") for n in ("acme", "file")]}
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: EntryPoints(points[group]))
    return module


def test_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(StopRunError) as error:
        registry.connector("salseforce", {})
    assert error.value.code == "connector.unknown_kind"
    assert all(kind in error.value.message for kind in registry.kinds())


def test_third_parties_add_kinds_but_replace_none(acme: ModuleType, tmp_path: Path) -> None:
    assert "acme" in registry.kinds()
    built: object = registry.connector("acme", {"url": "x"})
    assert built == {"url": "x"}
    assert type(registry.connector("file", {"path": tmp_path, "key": "id"})) is FileConnector


def test_a_package_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        registry, "BUILT_IN", {"gone": "no_such_package:build", "odd": "connectors.base:nothing"}
    )
    for kind in ("gone", "odd"):
        with pytest.raises(StopRunError) as error:
            registry.connector(kind, {})
        assert error.value.code == "connector.not_importable"
        assert kind in error.value.message


def test_listing_kinds_imports_no_connector() -> None:
    before = set(sys.modules)
    assert set(registry.BUILT_IN) <= set(registry.kinds())
    assert not [name for name in set(sys.modules) - before if name.startswith("connectors.")]


@pytest.mark.parametrize("kind", registry.BUILT_IN)
def test_what_ships_is_there(kind: str) -> None:
    module, _, function = registry.BUILT_IN[kind].partition(":")
    package = importlib.import_module(module)
    assert callable(getattr(package, function))
    assert kind == package.KIND
    with pytest.raises(StopRunError):  # a setting too many, and none that it needs
        registry.connector(kind, {"no_such_setting": 1})
