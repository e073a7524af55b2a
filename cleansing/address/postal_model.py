"""libpostal's model: joined once out of hash-checked packages, then found by libpostal.

The extra `tandem-sync[libpostal]` installs the model as twelve packages of compressed parts, from
an uploader of its own. Installers check hashes only where a lock file tells them, so every part is
checked here against the hash that this release was tried with, and so is every joined file. The
packages are never imported: only their `data/chunk.bin` is read.
"""

from __future__ import annotations

import hashlib
import lzma
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

VERSION = "1.0.2"
"""Release of the packages that hold the parts."""

FOLDER_VARIABLE = "LIBPOSTAL_DATA_DIR"
"""Environment variable by which libpostal itself, and we, are told where the model is."""

_BLOCK = 1 << 20


class ModelError(RuntimeError):
    """The model cannot be prepared; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """A package that holds a part of a file, and the SHA-256 of that part."""

    package: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of the model.

    Attributes:
        path: where libpostal looks for it, below the model's folder.
        size: bytes once unpacked.
        sha256: of the unpacked file.
        parts: what it is joined from: one xz stream, cut into pieces.
    """

    path: str
    size: int
    sha256: str
    parts: tuple[Part, ...]


def _parts(first: int, *hashes: str) -> tuple[Part, ...]:
    return tuple(
        Part(f"address_finder_data_p{number:02d}", sha256)
        for number, sha256 in enumerate(hashes, start=first)
    )


MODEL: tuple[ModelFile, ...] = (
    ModelFile(
        "address_parser/address_parser_crf.dat",
        1_014_429_504,
        "e44b308e9e1942efe8ad8226929e29ca49e9ea2900ed36625c601c53509ba5c1",
        _parts(
            0,
            "453da98756a9ad868a99de154a758f825893532181ce4efa92a0f330ed2e6e0a",
            "5cdd296374ad248b8f70c93a856c4e18437336da181244a45d2d7e059dd0b7a6",
            "6e08bdd1c71e85d6cf739a3afb04b348e6537a3d3f6ff318a7aac1a4e69cd523",
            "8390313298c14f96c8d0ae3d11bdb42ad64b609874b25a0ddaac2363cea05c74",
            "7c128e7af9c0e4470d8bd93d9fcf3382d35e4f68a6e5bcd672860dd2cd5a3737",
        ),
    ),
    ModelFile(
        "address_parser/address_parser_postal_codes.dat",
        621_588_636,
        "7c5b20c541c16758cc73c41025f2327be525831dff272a6b4c3aeb901e481b1b",
        _parts(5, "52d4554596d6cfd7beb31f2e46b6b7df4e4d6b50460aed9dbe4167e17397b960"),
    ),
    ModelFile(
        "address_parser/address_parser_phrases.dat",
        137_484_586,
        "739643ea06d8c492ba57bd51ba1dc1243853e7f8c6130e3a7bd30150221119e6",
        _parts(6, "09957fdf4f203284b5b57a8f11f1eca461f6c2bc3612e35634c9a9b2b226fcc1"),
    ),
    ModelFile(
        "address_parser/address_parser_vocab.trie",
        99_219_597,
        "962a985f29530440035bd379826f38e35f0f0fc718926444658d89bbd70829b1",
        _parts(7, "206e4268fc9cfa7fd8ed259d159f5021fe3f7d2459984cd06e54bc594222f821"),
    ),
    ModelFile(
        "language_classifier/language_classifier.dat",
        77_823_270,
        "f0800eb07610b7ecb771a01b037a4c9ea6eed01668c2e1b863a2202f3db9e13c",
        _parts(8, "54d7c111239f8e664b25370e17dba00743d96ec144d791ee6fb8764ba1128ecf"),
    ),
    ModelFile(
        "transliteration/transliteration.dat",
        19_570_085,
        "db75453e1d8a24302be0831304f9bb4792d41ea4e5a5e645c3839ee04763e64c",
        _parts(9, "3ae09bd7fed21c0dadf49ffdb1a7f797d8516deddcecf30b3c0392d5cd89a12a"),
    ),
    ModelFile(
        "address_expansions/address_dictionary.dat",
        8_737_530,
        "9fbf8779942bcc84841ac948ebd0c910b37edc7ff812125f09b6c39018747b1d",
        _parts(10, "66c8132975c6ee6c29222299be2e8cc55c22496d695d43bebf527c79de749ae9"),
    ),
    ModelFile(
        "numex/numex.dat",
        396_966,
        "269630109fac796ab576b7fb29a36f3279c0c194e46a9abe91684653bf082a38",
        _parts(11, "1195717690a2230e444106886fff0f0e85d9eb33f52422fde01772a3eecf3b3f"),
    ),
)
"""What libpostal reads, 1.98 GB in all."""


def model_folder() -> Path:
    """Where the model is, or will be: `LIBPOSTAL_DATA_DIR`, else a folder of the user's cache."""
    if told := os.environ.get(FOLDER_VARIABLE):
        return Path(told)
    cache = os.environ.get("XDG_CACHE_HOME")
    base = Path(cache) if cache else Path.home() / ".cache"
    return base / "tandem" / f"libpostal-{VERSION}"


def is_prepared(folder: Path, files: Sequence[ModelFile] = MODEL) -> bool:
    """Whether every file of the model is in the folder, judged by its size."""
    return all(_size(folder / file.path) == file.size for file in files)


def prepare(
    folder: Path,
    files: Sequence[ModelFile] = MODEL,
    told: Callable[[str], None] = lambda _: None,
) -> None:
    """Join the model into a folder; files that are there and right are kept.

    Every part is checked before it is unpacked and every file before it gets its name, so that a
    run that was broken off leaves nothing that looks whole.

    Args:
        folder: made where it is missing; needs 2 GB.
        files: what to join.
        told: is told each file that is worked on.

    Raises:
        ModelError: a package is missing, or its content is not what this release was tried with.
        OSError: the folder cannot be written, or the disk is full.
    """
    chunks = {part: _chunk(part) for file in files for part in file.parts}
    for file in files:
        target = folder / file.path
        told(file.path)
        if _size(target) == file.size and _sha256(target) == file.sha256:
            continue
        for part in file.parts:
            if _sha256(chunks[part]) != part.sha256:
                raise ModelError(
                    f"{part.package} is not the package that this release was tried with "
                    f"(version {VERSION}); nothing was taken from it. "
                    "Install the extra anew: pip install --force-reinstall 'tandem-sync[libpostal]'"
                )
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            _join([chunks[part] for part in file.parts], unfinished, file)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)


def _chunk(part: Part) -> Path:
    """The file of a part, found without running anything of its package."""
    spec = find_spec(part.package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        chunk = Path(place) / "data" / "chunk.bin"
        if chunk.is_file():
            return chunk
    raise ModelError(
        f"{part.package} is not installed: pip install 'tandem-sync[libpostal]' brings "
        "libpostal and its model"
    )


def _join(chunks: Sequence[Path], target: Path, file: ModelFile) -> None:
    unpack = lzma.LZMADecompressor()
    found = hashlib.sha256()
    with target.open("wb") as out:
        for chunk in chunks:
            for block in _blocks(chunk):
                plain = unpack.decompress(block)
                found.update(plain)
                out.write(plain)
    if not unpack.eof or found.hexdigest() != file.sha256:
        raise ModelError(f"{file.path}: the joined parts are not the expected file")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    for block in _blocks(path):
        found.update(block)
    return found.hexdigest()


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
