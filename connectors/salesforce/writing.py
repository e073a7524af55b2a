"""How writes become calls: sObject Collections, at most 200 records each, with a result for each.

    create   PATCH composite/sobjects/Account/Tandem_Id__c   an upsert: a repeat finds the record
    update   PATCH composite/sobjects
    delete   DELETE composite/sobjects?ids=…
    merge, unmerge   over SOAP, see `connectors.salesforce.soap`

A call that the org cannot even read (an unknown column, a value of the wrong JSON type) fails as a
whole, with nothing done. The records at fault are then found, so that the others are not held up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.base import (
    Accepted,
    Deferred,
    Gone,
    Operation,
    Record,
    Rejected,
    Unknown,
    Write,
    WriteResult,
)
from connectors.errors import (
    ConnectorError,
    RateLimitedError,
    RecordError,
    RetryableError,
    StopRunError,
    UnknownOutcomeError,
)
from connectors.salesforce import soap
from connectors.salesforce.client import Client, SalesforceCallError
from connectors.salesforce.faults import record_result

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

COLLECTIONS = "composite/sobjects"
Find = Callable[[str, str], str | None]


def waves(writes: Sequence[Write]) -> list[list[int]]:
    """Split writes, by position, so that no record is written twice in one call.

    >>> writes = [Write(Operation.UPDATE, key, native_id) for key, native_id in
    ...           [("a", "001A"), ("b", "001B"), ("c", "001A")]]
    >>> waves(writes)
    [[0, 1], [2]]
    """
    seen: dict[str, int] = {}
    split: list[list[int]] = []
    for position, write in enumerate(writes):
        # A create is told from its repeat by its key, any other write by its record.
        name = f"key {write.key}" if write.native_id is None else f"id {write.native_id}"
        wave = seen.get(name, 0)
        seen[name] = wave + 1
        if wave == len(split):
            split.append([])
        split[wave].append(position)
    return split


@dataclass(slots=True)
class WriteBatch:
    """One `write` call of the connector under way.

    Attributes:
        client: of the org.
        stream: the object.
        external_id: column that holds the idempotency key.
        writes: what to do.
        find: looks a record up by its key.
        read: a record of the stream by its id, as it is now.
        results: by position in `writes`, as far as they are known.
    """

    client: Client
    stream: str
    external_id: str
    writes: Sequence[Write]
    find: Find
    read: Callable[[str], Record]
    results: dict[int, WriteResult] = field(default_factory=dict)

    def run(self) -> list[WriteResult]:
        """Carry the writes out; one result each, in order.

        Raises:
            ConnectorError: nothing at all was carried out.
        """
        try:
            for wave in waves(self.writes):
                for operation in Operation:
                    self._send([p for p in wave if self.writes[p].operation is operation])
        except (RetryableError, StopRunError) as error:
            if not self.results:
                raise
            # Something was carried out, so this call has to answer; the rest waits.
            wait = error.retry_after if isinstance(error, RateLimitedError) else 0.0
            for position in range(len(self.writes)):
                self.results.setdefault(position, Deferred(error.code, retry_after=wait))
        return [self.results[position] for position in range(len(self.writes))]

    def _send(self, positions: Sequence[int]) -> None:
        """Carry out writes of one kind in one call, or in more when the org cannot read it."""
        positions = [position for position in positions if self._encodable(position)]
        if not positions:
            return
        try:
            answers = self._call(positions)
        except SalesforceCallError as failure:
            self._send_failed(positions, failure)
        except UnknownOutcomeError as error:
            self._set(positions, Unknown(error.code))
        else:
            if len(answers) != len(positions):
                self._set(positions, Unknown("salesforce.answer_incomplete"))
                return
            for position, answer in zip(positions, answers, strict=True):
                self.results[position] = self._result(self.writes[position], answer)

    def _send_failed(self, positions: Sequence[int], failure: SalesforceCallError) -> None:
        error = failure.error
        if isinstance(error, UnknownOutcomeError):
            self._set(positions, Unknown(error.code))
        elif not isinstance(error, RecordError):
            raise error
        elif len(positions) == 1:
            columns = () if failure.column is None else (failure.column,)
            self._set(
                positions, Rejected(failure.vendor_code or error.code, error.message, columns)
            )
        else:
            for part in self._suspects(positions, failure.column):
                self._send(part)

    def _suspects(self, positions: Sequence[int], column: str | None) -> Iterable[Sequence[int]]:
        """Split the writes of an unreadable call: by the column it names, else in halves."""
        guilty = [p for p in positions if column is not None and column in self.writes[p].values]
        if guilty:
            innocent = [p for p in positions if p not in guilty]
            rejection = Rejected("INVALID_FIELD", f"there is no column {column}", (str(column),))
            self._set(guilty, rejection)
            return [innocent]
        middle = len(positions) // 2
        return [positions[:middle], positions[middle:]]

    def _set(self, positions: Iterable[int], result: WriteResult) -> None:
        for position in positions:
            self.results[position] = result

    def _call(self, positions: Sequence[int]) -> list[Mapping[str, Any]]:
        some = [self.writes[position] for position in positions]
        operation = some[0].operation
        send = {
            Operation.CREATE: self._upsert,
            Operation.UPDATE: self._update,
            Operation.DELETE: self._delete,
            Operation.MERGE: self._over_soap,
            Operation.UNMERGE: self._over_soap,
        }[operation]
        answer = self.client.call_raw(
            f"{operation} {len(some)} {self.stream}", lambda sf: send(sf, some), safe=False
        )
        return answer if isinstance(answer, list) else []

    def _upsert(self, salesforce: Salesforce, some: Sequence[Write]) -> Any:
        records = [{**write.values, self.external_id: write.key} for write in some]
        path = f"{COLLECTIONS}/{self.stream}/{self.external_id}"
        return salesforce.restful(path, method="PATCH", data=self._body(records))

    def _update(self, salesforce: Salesforce, some: Sequence[Write]) -> Any:
        records = [{**write.values, "id": write.native_id} for write in some]
        return salesforce.restful(COLLECTIONS, method="PATCH", data=self._body(records))

    def _delete(self, salesforce: Salesforce, some: Sequence[Write]) -> Any:
        ids = ",".join(str(write.native_id) for write in some)
        params = {"ids": ids, "allOrNone": "false"}
        return salesforce.restful(COLLECTIONS, params=params, method="DELETE")

    def _over_soap(self, salesforce: Salesforce, some: Sequence[Write]) -> Any:
        return soap.call(salesforce, self.stream, some)

    def _body(self, records: Sequence[Mapping[str, Any]]) -> str:
        typed = [{"attributes": {"type": self.stream}, **record} for record in records]
        return json.dumps({"allOrNone": False, "records": typed}, default=encode, allow_nan=False)

    def _encodable(self, position: int) -> bool:
        values = self.writes[position].values
        if _has_json_form(dict(values)):
            return True
        columns = tuple(column for column, value in values.items() if not _has_json_form(value))
        named = ", ".join(columns)
        self.results[position] = Rejected("salesforce.not_json", f"no JSON value: {named}", columns)
        return False

    def _result(self, write: Write, answer: Mapping[str, Any]) -> WriteResult:
        if write.operation in (Operation.MERGE, Operation.UNMERGE):
            return self._merge_result(write, answer)
        if answer.get("success"):
            return Accepted(str(answer["id"]))
        errors = answer.get("errors") or [{}]
        if write.operation is Operation.CREATE and self._is_our_duplicate(errors[0]):
            return self._found_after_all(write)
        return record_result(errors[0], write.values, has_id=write.native_id is not None)

    def _merge_result(self, write: Write, answer: Mapping[str, Any]) -> WriteResult:
        native_id = str(write.native_id)
        if answer.get("success"):
            return Accepted(native_id)
        result = record_result((answer.get("errors") or [{}])[0], {}, has_id=True)
        if not isinstance(result, Gone | Rejected):
            return result
        try:
            record = self.read(native_id)
        except ConnectorError as error:
            return Unknown(error.code)
        done = (
            record.merged_into == write.into
            if write.operation is Operation.MERGE
            else not record.deleted
        )
        if done and (write.operation is Operation.UNMERGE or record.deleted):
            return Accepted(native_id)
        if isinstance(result, Gone) and not record.deleted:
            return Rejected("INVALID_CROSS_REFERENCE_KEY", "there is no record to merge into")
        return Gone() if record.deleted else result

    def _is_our_duplicate(self, error: Mapping[str, Any]) -> bool:
        """Whether somebody sent the same create at the same moment, and was faster."""
        named = [*error.get("fields", ()), *str(error.get("message", "")).split()]
        return error.get("statusCode") == "DUPLICATE_VALUE" and self.external_id in named

    def _found_after_all(self, write: Write) -> WriteResult:
        try:
            native_id = self.find(self.stream, write.key)
        except ConnectorError as error:
            return Unknown(error.code)
        return Unknown("DUPLICATE_VALUE") if native_id is None else Accepted(native_id)


def _has_json_form(value: object) -> bool:
    try:
        json.dumps(value, default=encode, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def encode(value: object) -> object:
    """Turn what JSON does not know into what Salesforce expects.

    Its numbers are doubles, so a Decimal loses nothing here that it would keep there.

    >>> encode(Decimal("12.50")), encode(Decimal("3")), encode(date(2026, 11, 21))
    (12.5, 3, '2026-11-21')

    Raises:
        TypeError: there is nothing to turn it into.
    """
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    msg = f"{type(value).__name__} has no JSON form"
    raise TypeError(msg)
