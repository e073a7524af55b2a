"""Joining libpostal's model: checked parts in, checked files out, nothing half."""

from __future__ import annotations

import hashlib
import importlib
import lzma
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cleansing.address.postal_model import (
    MODEL,
    ModelError,
    ModelFile,
    Part,
    is_prepared,
    model_folder,
    prepare,
)

TEXT = b"a trie of words " * 4000
SECOND = b"numbers"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bytes], Part]:
    """Installs a package of one part."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])

    def one(package: str, content: bytes) -> Part:
        (site / package / "data").mkdir(parents=True)
        # The packages of the real model do not even compile; they must not be imported.
        (site / package / "__init__.py").write_text("this is no Python")
        (site / package / "data" / "chunk.bin").write_bytes(content)
        importlib.invalidate_caches()
        return Part(package, sha(content))

    return one


@pytest.fixture
def files(install: Callable[[str, bytes], Part]) -> tuple[ModelFile, ...]:
    packed = lzma.compress(TEXT)
    cut = len(packed) // 2
    parts = (install("tiny_p00", packed[:cut]), install("tiny_p01", packed[cut:]))
    return (
        ModelFile("parser/words.trie", len(TEXT), sha(TEXT), parts),
        ModelFile(
            "numex/numex.dat",
            len(SECOND),
            sha(SECOND),
            (install("tiny_p02", lzma.compress(SECOND)),),
        ),
    )


def test_parts_become_files(files: tuple[ModelFile, ...], tmp_path: Path) -> None:
    folder = tmp_path / "model"
    assert not is_prepared(folder, files)
    told: list[str] = []
    prepare(folder, files, told.append)
    assert (folder / "parser/words.trie").read_bytes() == TEXT
    assert (folder / "numex/numex.dat").read_bytes() == SECOND
    assert is_prepared(folder, files)
    assert told == ["parser/words.trie", "numex/numex.dat"]
    assert sorted(p.name for p in folder.rglob("*") if p.is_file()) == ["numex.dat", "words.trie"]


def test_a_right_file_is_kept_and_a_spoilt_one_replaced(
    files: tuple[ModelFile, ...], tmp_path: Path
) -> None:
    prepare(tmp_path, files)
    kept = (tmp_path / "numex/numex.dat").stat().st_ino
    (tmp_path / "parser/words.trie").write_bytes(b"x" * len(TEXT))
    prepare(tmp_path, files)
    assert (tmp_path / "parser/words.trie").read_bytes() == TEXT
    assert (tmp_path / "numex/numex.dat").stat().st_ino == kept


def test_a_changed_part_is_refused_before_it_is_unpacked(
    files: tuple[ModelFile, ...], tmp_path: Path
) -> None:
    chunk = tmp_path / "site" / "tiny_p01" / "data" / "chunk.bin"
    chunk.write_bytes(chunk.read_bytes() + b"!")
    with pytest.raises(ModelError, match="tiny_p01 is not the package"):
        prepare(tmp_path / "model", files)
    assert not (tmp_path / "model").exists()


def test_a_file_that_joins_to_something_else_is_not_left_behind(
    files: tuple[ModelFile, ...], tmp_path: Path
) -> None:
    first, second = files
    wrong = ModelFile(second.path, second.size, sha(b"other"), second.parts)
    with pytest.raises(ModelError, match=r"numex/numex\.dat"):
        prepare(tmp_path / "model", (first, wrong))
    found = [path.name for path in (tmp_path / "model").rglob("*") if path.is_file()]
    assert found == ["words.trie"]


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    missing = ModelFile("a", 1, sha(b"a"), (Part("no_such_package_p00", sha(b"a")),))
    with pytest.raises(ModelError, match=r"no_such_package_p00 is not installed: pip install"):
        prepare(tmp_path, (missing,))


def test_the_folder_is_libpostals_own_variable_or_a_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIBPOSTAL_DATA_DIR", str(tmp_path))
    assert model_folder() == tmp_path
    monkeypatch.delenv("LIBPOSTAL_DATA_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert model_folder() == tmp_path / "tandem" / "libpostal-1.0.2"


def test_the_model_names_every_package_of_the_extra_once() -> None:
    packages = [part.package for file in MODEL for part in file.parts]
    assert packages == [f"address_finder_data_p{number:02d}" for number in range(12)]
    assert len({part.sha256 for file in MODEL for part in file.parts}) == 12
