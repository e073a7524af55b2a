"""Tryton's directories: countries, subdivisions, categories, types of relation.

Read when first needed and kept. A value that is not found makes us look again, at most once a
minute: somebody may just have added it. Nothing here ever adds an entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from connectors.base import Entry
from connectors.errors import RecordError, StopRunError
from connectors.tryton.rpc import LANGUAGE, Rpc
from connectors.tryton.settings import TrytonSettings

REFRESH_AFTER = 60.0
"""Seconds for which a directory is believed when a value is not in it."""


@dataclass(frozen=True, slots=True)
class _Directory:
    """Entries by code, and the ids and codes they translate between."""

    entries: tuple[Entry, ...]
    ids: Mapping[str, int]
    codes: Mapping[int, str]
    read_at: float


class Directories:
    """Codes of directory entries ↔ the ids that Tryton's fields hold."""

    def __init__(
        self, rpc: Rpc, settings: TrytonSettings, clock: Callable[[], float] = monotonic
    ) -> None:
        self._rpc = rpc
        self._settings = settings
        self._clock = clock
        self._cache: dict[str, _Directory] = {}
        self._categories: list[dict[str, Any]] | None = None
        self._readers: Mapping[str, Callable[[], list[tuple[int, Entry]]]] = {
            "country": self._countries,
            "subdivision": self._subdivisions,
            "position": self._positions,
            "relation": self._relation_types,
        }

    def entries(self, name: str) -> Sequence[Entry]:
        """All entries of a directory, read anew.

        Raises:
            RecordError: there is no such directory.
        """
        if name not in self._readers:
            known = ", ".join(sorted(self._readers))
            raise RecordError(
                f"no directory {name!r}; there are: {known}", code="tryton.no_directory"
            )
        entries = self._read(name).entries
        return self._translated(entries) if name == "position" else entries

    def id_of(self, name: str, code: str) -> int | None:
        """Id of the entry with this code; None when there is none."""
        found = self._get(name).ids.get(code)
        if found is None and self._is_old(name):
            found = self._read(name).ids.get(code)
        return found

    def code_of(self, name: str, native_id: int) -> str | None:
        """Code of the entry with this id; None when it has none or is not of this directory."""
        found = self._get(name).codes.get(native_id)
        if found is None and self._is_old(name):
            found = self._read(name).codes.get(native_id)
        return found

    def person_category(self) -> int:
        """Id of the category that marks persons.

        Raises:
            StopRunError: the database has no such category.
        """
        return self._root(self._settings.person_category, "person_category")

    def relation_type(self, name: str) -> int:
        """Id of a type of relation.

        Raises:
            StopRunError: the database has none of this name.
        """
        found = self.id_of("relation", name)
        if found is None:
            raise StopRunError(
                f"tryton: there is no relation type {name!r}: create it, with its reverse,"
                " or name the one in use in the settings",
                code="tryton.not_set_up",
            )
        return found

    def _get(self, name: str) -> _Directory:
        return self._cache.get(name) or self._read(name)

    def _is_old(self, name: str) -> bool:
        return self._clock() - self._cache[name].read_at >= REFRESH_AFTER

    def _read(self, name: str) -> _Directory:
        if name == "position":
            self._categories = None
        rows = self._readers[name]()
        directory = _Directory(
            entries=tuple(entry for _, entry in rows),
            # The first of two entries with one code wins, in both directions.
            ids={entry.code: native_id for native_id, entry in reversed(rows)},
            codes={native_id: entry.code for native_id, entry in rows},
            read_at=self._clock(),
        )
        self._cache[name] = directory
        return directory

    def _search(
        self,
        model: str,
        fields: Sequence[str],
        domain: Sequence[Any] = (),
        context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        order = [["id", "ASC"]]
        rows: list[dict[str, Any]] = self._rpc.read(
            model, "search_read", list(domain), 0, None, order, list(fields), context=context
        )
        return rows

    def _countries(self) -> list[tuple[int, Entry]]:
        rows = self._search("country.country", ("code", "name"))
        return [(row["id"], Entry(row["code"], row["name"])) for row in rows if row["code"]]

    def _subdivisions(self) -> list[tuple[int, Entry]]:
        rows = self._search("country.subdivision", ("code", "name", "country"))
        countries = self._get("country").codes
        return [
            (row["id"], Entry(row["code"], row["name"], countries.get(row["country"])))
            for row in rows
            if row["code"]
        ]

    def _relation_types(self) -> list[tuple[int, Entry]]:
        rows = self._search("party.relation.type", ("name",))
        return [(row["id"], Entry(row["name"], row["name"])) for row in rows]

    def _positions(self) -> list[tuple[int, Entry]]:
        root = self._root(self._settings.position_category, "position_category")
        parents: dict[int | None, str | None] = {root: None}
        found: list[tuple[int, Entry]] = []
        pending = sorted(self._all_categories(), key=lambda row: row["id"])
        # Children may have lower ids than their parents, so go level by level.
        while level := [row for row in pending if row["parent"] in parents]:
            for row in level:
                parents[row["id"]] = row["name"]
                found.append((row["id"], Entry(row["name"], row["name"], parents[row["parent"]])))
            pending = [row for row in pending if row["id"] not in parents]
        return found

    def _translated(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """The positions with their names in every other language that users can choose."""
        names: dict[str, dict[str, str]] = {entry.code: {} for entry in entries}
        for lang in self._search("ir.lang", ("code",), [["translatable", "=", True]]):
            code = str(lang["code"])
            if code == LANGUAGE:
                continue
            translated = self._search("party.category", ("name",), context={"language": code})
            for row in translated:
                known = self._cache["position"].codes.get(row["id"])
                if known is not None and row["name"] != known:
                    names[known][code.partition("_")[0]] = row["name"]
        return tuple(replace(entry, names=names[entry.code]) for entry in entries)

    def _root(self, name: str, setting: str) -> int:
        for row in self._all_categories():
            if row["name"] == name and row["parent"] is None:
                return int(row["id"])
        raise StopRunError(
            f"tryton: there is no party category {name!r}: create it,"
            f" or name the one in use as {setting!r}",
            code="tryton.not_set_up",
        )

    def _all_categories(self) -> list[dict[str, Any]]:
        if self._categories is None:
            self._categories = self._search("party.category", ("name", "parent"))
        return self._categories
