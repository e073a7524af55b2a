"""What the API does to records: create, update, delete, upsert, merge; its rules and stamps."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tandem.sandbox.clock import SandboxClock
from tandem.sandbox.errors import ApiError, MalformedRequestError, no_such_resource
from tandem.sandbox.ids import normalise_id
from tandem.sandbox.schema import ACCOUNT, CONTACT, SCHEMA, Field, FieldType, SObject
from tandem.sandbox.store import Row, Store
from tandem.sandbox.values import check_value, read_values


class Rows:
    """Records by the API's rules.

    Every method that writes takes JSON-like values and the id of the acting user, and raises
    `ApiError` for what the API refuses. Call them inside `store.transaction()`.

    Attributes:
        locks: how many of the next writes to a record fail as if somebody else held it, by id.
    """

    def __init__(self, store: Store, clock: SandboxClock) -> None:
        self.store = store
        self.clock = clock
        self.locks: Counter[str] = Counter()

    def create(self, sobject: SObject, body: Mapping[str, Any], user_id: str) -> str:
        """Add a record; its id."""
        _refuse_read_only(sobject)
        values = read_values(sobject, body)
        _refuse_system_fields(sobject, values)
        row = self._checked(sobject, values)
        missing = [field.name for field in sobject.required if row.get(field.name) is None]
        if missing:
            raise _required(missing)
        native_id = self.insert(sobject, row, user_id)
        self._log(sobject, native_id, "create", user_id)
        return native_id

    def insert(self, sobject: SObject, row: Row, user_id: str) -> str:
        """Add a row of storable values, filling what the system fills; its id."""
        now = self.clock.now_ms()
        for field in sobject.fields:
            if field.type is FieldType.BOOLEAN and row.get(field.name) is None:
                row[field.name] = int(field.default or False)
        filled = {
            "CreatedDate": now,
            "LastModifiedDate": now,
            "SystemModstamp": now,
            "CreatedById": user_id,
            "LastModifiedById": user_id,
            "OwnerId": user_id,
            **{name: value for name, value in row.items() if value is not None},
            "Id": self.store.new_id(sobject),
        }
        if sobject.person:
            filled["Name"] = full_name(filled)
        try:
            self.store.insert(sobject, filled)
        except sqlite3.IntegrityError:
            raise self._duplicate(sobject, filled) from None
        return str(filled["Id"])

    def update(
        self, sobject: SObject, native_id: str, body: Mapping[str, Any], user_id: str
    ) -> str:
        """Set some columns of a record; its id. Also an update to equal values moves the stamp."""
        _refuse_read_only(sobject)
        values = read_values(sobject, body)
        values.pop("Id", None)
        _refuse_system_fields(sobject, values)
        row = self.live(sobject, native_id)
        self._take_lock(row["Id"])
        changes = self._checked(sobject, values)
        cleared = [f.name for f in sobject.required if f.name in changes and not changes[f.name]]
        if cleared:
            raise _required(cleared)
        for field in sobject.fields:
            if field.type is FieldType.BOOLEAN and field.name in changes:
                changes[field.name] = int(changes[field.name] or 0)
        changes |= self._stamps(user_id)
        if sobject.person:
            changes["Name"] = full_name({**row, **changes})
        try:
            self.store.update(sobject, row["Id"], changes)
        except sqlite3.IntegrityError:
            raise self._duplicate(sobject, {**row, **changes}) from None
        self._log(sobject, row["Id"], "update", user_id)
        return str(row["Id"])

    def delete(self, sobject: SObject, native_id: str, user_id: str) -> str:
        """Move a record to the recycle bin (an account with its contacts); its id."""
        _refuse_read_only(sobject)
        row = self.live(sobject, native_id)
        self._take_lock(row["Id"])
        self._mark_deleted(sobject, row["Id"], user_id)
        if sobject is ACCOUNT:
            account_id = CONTACT.by_name["accountid"]
            for contact_id in self.store.ids_with(CONTACT, account_id, row["Id"]):
                self._mark_deleted(CONTACT, contact_id, user_id)
        return str(row["Id"])

    def undelete(self, sobject: SObject, native_id: str, user_id: str) -> None:
        """Take a record back out of the recycle bin."""
        row = self.store.row(sobject, normalise_id(native_id) or "")
        if row is None or not row["IsDeleted"]:
            raise no_such_resource()
        changes = {"IsDeleted": 0, **self._stamps(user_id)}
        if "masterrecordid" in sobject.by_name:
            changes["MasterRecordId"] = None
        try:
            self.store.update(sobject, row["Id"], changes)
        except sqlite3.IntegrityError:
            raise self._duplicate(sobject, row) from None
        self.store.forget_deletion(sobject, row["Id"])
        self._log(sobject, row["Id"], "undelete", user_id)

    def upsert(
        self, sobject: SObject, key: Field, value: Any, body: Mapping[str, Any], user_id: str
    ) -> tuple[str, bool]:
        """Update the record that holds the key, or create it; its id, and if it was created."""
        text = str(value or "").strip()
        if not text:
            raise ApiError("MISSING_ARGUMENT", f"{key.name} not specified", [key.name])
        found = self.store.ids_with(sobject, key, text)
        if len(found) > 1:
            raise ApiError(
                "DUPLICATE_EXTERNAL_ID", f"{key.name}: more than one record found", [key.name]
            )
        if found:
            return self.update(sobject, found[0], body, user_id), False
        return self.create(sobject, {**body, key.name: text}, user_id), True

    def merge(
        self, sobject: SObject, winner_id: str, loser_ids: Sequence[str], user_id: str
    ) -> None:
        """Merge records into one: losers are deleted, what pointed at them points at the winner."""
        winner = self.live(sobject, winner_id)["Id"]
        stamps = self._stamps(user_id)
        for loser_id in loser_ids:
            loser = self.live(sobject, loser_id)["Id"]
            for child, field in _references_to(sobject):
                for child_id in self.store.ids_with(child, field, loser):
                    self.store.update(child, child_id, {field.name: winner, **stamps})
            self._mark_deleted(sobject, loser, user_id)
            self.store.update(sobject, loser, {"MasterRecordId": winner})
        self.store.update(sobject, winner, stamps)
        self._log(sobject, winner, "merge", user_id)

    def live(self, sobject: SObject, native_id: str) -> Row:
        """Return a record that is not deleted."""
        known = normalise_id(native_id)
        if known is None:
            raise ApiError(
                "MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type", ["Id"]
            )
        row = self.store.row(sobject, known) if known.startswith(sobject.key_prefix) else None
        if row is None:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if row["IsDeleted"]:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def _checked(self, sobject: SObject, values: Mapping[str, Any]) -> Row:
        row: Row = {}
        for name, value in values.items():
            field = sobject.by_name[name.lower()]
            row[name] = check_value(field, value)
            if field.references is not None and row[name] is not None:
                self._check_target(field, row[name])
        return row

    def _check_target(self, field: Field, target_id: str) -> None:
        target = SCHEMA[str(field.references).lower()]
        row = self.store.row(target, target_id)
        if row is None or row["IsDeleted"]:
            raise ApiError(
                "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [field.name]
            )

    def _duplicate(self, sobject: SObject, row: Row) -> ApiError:
        unique = [field for field in sobject.fields if field.external_id and row.get(field.name)]
        for field in unique:
            others = set(self.store.ids_with(sobject, field, row[field.name])) - {row["Id"]}
            if others:
                return ApiError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {field.name} duplicates value on record with id: "
                    f"{min(others)[:15]}",
                    [field.name],
                )
        return ApiError("DUPLICATE_VALUE", "duplicate value found: <unknown>")

    def _mark_deleted(self, sobject: SObject, native_id: str, user_id: str) -> None:
        stamps = self._stamps(user_id)
        self.store.update(sobject, native_id, {"IsDeleted": 1, **stamps})
        self.store.log_deletion(sobject, native_id, stamps["SystemModstamp"])
        self._log(sobject, native_id, "delete", user_id)

    def _log(self, sobject: SObject, native_id: str, operation: str, user_id: str) -> None:
        self.store.log_write(sobject, native_id, operation, user_id, self.clock.now_ms())

    def _stamps(self, user_id: str) -> Row:
        now = self.clock.now_ms()
        return {"LastModifiedDate": now, "SystemModstamp": now, "LastModifiedById": user_id}

    def _take_lock(self, native_id: str) -> None:
        if self.locks[native_id] > 0:
            self.locks[native_id] -= 1
            raise ApiError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")


def full_name(row: Mapping[str, Any]) -> str:
    """Compose a person's Name, which nobody can write.

    >>> full_name({"FirstName": "Ada", "LastName": "Lovelace", "MiddleName": None})
    'Ada Lovelace'
    """
    parts = (row.get("FirstName"), row.get("MiddleName"), row.get("LastName"))
    return " ".join(part for part in parts if part)[:121]


def _references_to(sobject: SObject) -> list[tuple[SObject, Field]]:
    return [
        (child, field)
        for child in SCHEMA.values()
        for field in child.fields
        if field.references == sobject.name and field.writable
    ]


def _required(names: Sequence[str]) -> ApiError:
    return ApiError(
        "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names
    )


def _refuse_read_only(sobject: SObject) -> None:
    if not sobject.editable:
        raise MalformedRequestError(
            "INSUFFICIENT_ACCESS_OR_READONLY", f"{sobject.label_plural} cannot be written here"
        )


def _refuse_system_fields(sobject: SObject, values: Mapping[str, Any]) -> None:
    refused = [name for name in values if not sobject.by_name[name.lower()].writable]
    if refused:
        raise ApiError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(refused)}. Please check the security "
            "settings of this field and verify that it is read/write for your profile or "
            "permission set.",
            refused,
        )
