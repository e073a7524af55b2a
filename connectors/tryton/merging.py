"""Merges by Tryton's own wizard "Replace".

The wizard puts the source and its children out of use, notes on it which party replaces it, and
lets every document of the database refer to that one. There is no way back: Tryton lets nobody
clear that note, nor put a replaced party into use again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from connectors.base import Accepted, Gone, Rejected, Stale, Unknown, Write, WriteResult
from connectors.errors import ConnectorError, UnknownOutcomeError
from connectors.tryton.flatten import Row, is_replaced, stamps_of
from connectors.tryton.rpc import Refusal, Rpc
from connectors.tryton.versions import decode

WIZARD = "party.replace"
RELATION = "party.relation.all"
WARNING = "tryton.user_warning"
WARNINGS = ("party.replace name {} {}", "party.replace tax_identifier {} {}")
"""What the wizard asks its user to confirm: that the two differ in name, or in tax identifier."""


@dataclass(frozen=True, slots=True)
class Replacing:
    """Carries out merges, one by one.

    Attributes:
        rpc: the database.
        read: rows of the parties with these ids; missing ones are left out.
    """

    rpc: Rpc
    read: Callable[[Iterable[int]], list[Row]]

    def carry_out(self, write: Write) -> WriteResult:
        """Carry out one merge.

        Raises:
            ConnectorError: nothing was carried out.
        """
        party, into = _id(write.native_id), _id(write.into)
        rows = {row["id"]: row for row in self.read({party, into} - {0})}
        row = rows.get(party)
        if row is None:
            return Gone()
        try:
            return self._merge(row, rows.get(into), write)
        except UnknownOutcomeError as error:
            return Unknown(error.code)
        except Refusal as refusal:
            return Rejected(refusal.code, refusal.message)

    def _merge(self, row: Row, survivor: Row | None, write: Write) -> WriteResult:
        if survivor is None or survivor["id"] == row["id"]:
            return Rejected("tryton.no_survivor", "there is no such party to replace it")
        if is_replaced(row):
            if row["replaced_by"] != survivor["id"]:
                return Gone()
            self._move_relations(row["id"], survivor["id"])
            return Accepted(str(row["id"]))
        version = None if write.expected_version is None else decode(write.expected_version)
        if version and not version.stamps(row["id"]).items() <= stamps_of(row).items():
            return Stale()
        self._replace(row["id"], survivor["id"])
        self._move_relations(row["id"], survivor["id"])
        return Accepted(str(row["id"]))

    def _replace(self, source: int, destination: int) -> None:
        session, *_ = self.rpc.wizard(WIZARD, "create")
        step = (session, {"ask": {"source": source, "destination": destination}}, "replace")
        try:
            try:
                self.rpc.wizard(WIZARD, "execute", *step)
            except Refusal as refusal:
                if refusal.code != WARNING:
                    raise
                # That they differ is known: a person, or another system, decided that they are one.
                for warning in WARNINGS:
                    self.rpc.change("res.user.warning", "skip", warning.format(source, destination))
                self.rpc.wizard(WIZARD, "execute", *step)
        finally:
            with suppress(ConnectorError):
                self.rpc.wizard(WIZARD, "delete", session)

    def _move_relations(self, source: int, destination: int) -> None:
        """Let relations lead to the survivor; the wizard leaves them where they were."""
        ids = self.rpc.read(RELATION, "search", [["to", "=", source]], 0, None, None)
        if ids:
            self.rpc.change(RELATION, "write", ids, {"to": destination})


def _id(text: str | None) -> int:
    """An id; 0, which no party has, for what is none."""
    return int(text) if text and text.isdecimal() else 0
