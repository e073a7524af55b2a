"""What can be set for a folder of files."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from connectors.errors import StopRunError

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileSettings:
    """Settings of one folder.

    Attributes:
        path: the folder.
        key: the column or columns that tell records apart: one answer for all streams, or by
            stream. A create that leaves a single key column empty gets its idempotency key there.
        encoding: of CSV files; `utf-8-sig` reads and keeps UTF-8 with or without a byte-order mark.
        delimiter: of CSV files; None finds it in the first line.
        sheet: of XLSX files; None takes the first.
        vanish_percent: when more than this share of the known rows (and at least ten) is missing
            at once, nothing is reported deleted and the run stops.
        accept_vanished: stream → the number of missing rows that a person has accepted.
        read_batch: records per page.
        state: folder of the snapshot; None for `.tandem` in the folder itself. Give a local folder
            when `path` is a network share.
    """

    path: Path
    key: Key | Mapping[str, Key]
    encoding: str = "utf-8-sig"
    delimiter: str | None = None
    sheet: str | None = None
    vanish_percent: float = 20.0
    accept_vanished: Mapping[str, int] = field(default_factory=dict)
    read_batch: int = 1000
    state: Path | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Settings out of YAML.

        >>> FileSettings.of({"path": "sheets", "key": "id"}).key_of("customers")
        ('id',)
        >>> FileSettings.of({"path": "sheets", "keys": "id"})
        Traceback (most recent call last):
        ...
        connectors.errors.StopRunError: a file system has no setting 'keys'; ... [file.settings]
        """
        known = [f.name for f in fields(cls)]
        for name in settings:
            if name not in known:
                raise _wrong(f"has no setting {name!r}; it has {', '.join(known)}")
        for name in ("path", "key"):
            if not settings.get(name):
                raise _wrong(f"needs the setting {name!r}")
        values = dict(settings)
        values["path"] = Path(settings["path"]).expanduser()
        if settings.get("state"):
            values["state"] = Path(settings["state"]).expanduser()
        key = settings["key"]
        values["key"] = (
            {stream: _key(one) for stream, one in key.items()}
            if isinstance(key, Mapping)
            else _key(key)
        )
        result = cls(**values)
        try:
            codecs.lookup(result.encoding)
        except LookupError:
            raise _wrong(f"knows no encoding {result.encoding!r}") from None
        if result.delimiter is not None and len(result.delimiter) != 1:
            raise _wrong("needs a 'delimiter' of one character")
        return result

    def key_of(self, stream: str) -> Key:
        """The key columns of a stream.

        Raises:
            StopRunError: there are none for it.
        """
        if not isinstance(self.key, Mapping):
            return self.key
        if stream not in self.key:
            raise _wrong(f"needs the 'key' of stream {stream!r}")
        return self.key[stream]

    @property
    def state_folder(self) -> Path:
        """Where the snapshot and the lock are."""
        return self.state or self.path / ".tandem"


def _key(key: object) -> Key:
    names = (key,) if isinstance(key, str) else key
    if not isinstance(names, list | tuple) or not all(n and isinstance(n, str) for n in names):
        raise _wrong("needs a column or a list of columns as 'key'")
    return tuple(names)


def _wrong(what: str) -> StopRunError:
    return StopRunError(f"a file system {what}", code="file.settings")
