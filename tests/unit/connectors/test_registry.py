from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType

import pytest

from connectors import registry
from connectors.errors import StopRunError


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A third-party package that registers two kinds: a new one and one that ships."""
    module = ModuleType("acme_tandem")
    module.build = dict  # type: ignore[attr-defined]  # a module made on the spot
    monkeypatch.setitem(sys.modules, "acme_tandem", module)
    points = [EntryPoint(n, "acme_tandem:build", registry.GROUP) for n in ("acme", "file")]
    monkeypatch.setattr(registry, "entry_points", lambda group: EntryPoints(points))
    return module


def test_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(StopRunError) as error:
        registry.connector("salseforce", {})
    assert error.value.code == "connector.unknown_kind"
    assert all(kind in error.value.message for kind in registry.kinds())


def test_third_parties_add_kinds_but_replace_none(acme: ModuleType) -> None:
    assert "acme" in registry.kinds()
    built: object = registry.connector("acme", {"url": "x"})
    assert built == {"url": "x"}
    assert registry._table()["file"].value == registry.BUILT_IN["file"]


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
