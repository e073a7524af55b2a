"""Answers queries in pages, and remembers where the long ones are."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tandem.sandbox.errors import ApiError
from tandem.sandbox.schema import Field, SObject
from tandem.sandbox.soql.compiler import Plan, compile_query
from tandem.sandbox.soql.parser import parse
from tandem.sandbox.store import Row, Store
from tandem.sandbox.values import RENDERERS, render_value

DEFAULT_BATCH = 2000
MIN_BATCH = 200
OPEN_CURSORS = 10
CURSOR_SECONDS = 15 * 60
_IDS_PER_STATEMENT = 500


def row_url(version: str, sobject: SObject, native_id: str) -> str:
    """Return the address of a record.

    >>> from tandem.sandbox.schema import ACCOUNT
    >>> row_url("59.0", ACCOUNT, "001Tn0000000001IAA")
    '/services/data/v59.0/sobjects/Account/001Tn0000000001IAA'
    """
    return f"/services/data/v{version}/sobjects/{sobject.name}/{native_id}"


def render_row(
    sobject: SObject, row: Row, version: str, fields: Sequence[Field] | None = None
) -> dict[str, Any]:
    """Return a row as JSON: all of its columns, or some."""
    fields = sobject.fields if fields is None else fields
    return {
        "attributes": {"type": sobject.name, "url": row_url(version, sobject, row["Id"])},
        **{field.name: render_value(field, row[field.name]) for field in fields},
    }


@dataclass(frozen=True, slots=True)
class _Cursor:
    plan: Plan
    ids: tuple[str, ...]
    expires: float


class Queries:
    """SOQL in, pages of records out."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cursors: OrderedDict[str, _Cursor] = OrderedDict()
        self._opened = 0

    def run(
        self, soql: str, *, version: str, include_deleted: bool = False, batch: int = DEFAULT_BATCH
    ) -> dict[str, Any]:
        """Answer a query with its first page.

        Raises:
            ApiError: the query cannot be read or names what is not there.
        """
        plan = compile_query(parse(soql), include_deleted=include_deleted)
        if plan.count is not None:
            return self._count(plan)
        sql = plan.select + _id_column(plan) + plan.joins + plan.body
        wanted = batch + 1 if plan.limit is None else min(plan.limit, batch + 1)
        rows = self._store.select(
            f"{sql} LIMIT ? OFFSET ?", [*plan.parameters, wanted, plan.offset]
        )
        if len(rows) <= batch:
            return {"totalSize": len(rows), "done": True, "records": _records(plan, rows, version)}
        return self.more(self._open(plan), version=version, batch=batch)

    def more(
        self, locator: str, *, version: str, batch: int = DEFAULT_BATCH, resource: str = "query"
    ) -> dict[str, Any]:
        """Answer with a further page.

        Args:
            locator: the last part of a `nextRecordsUrl`: cursor and position, `01gTn…-2000`.
            version: of the API, for the addresses in the answer.
            batch: records in the page.
            resource: `query` or `queryAll`.

        Raises:
            ApiError: `INVALID_QUERY_LOCATOR` when it is unknown or too old.
        """
        name, _, position = locator.partition("-")
        cursor = self._cursors.get(name)
        if cursor is None or cursor.expires < time.monotonic() or not position.isdecimal():
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        self._cursors.move_to_end(name)
        start = int(position)
        ids = cursor.ids[start : start + batch]
        rows = self._rows(cursor.plan, ids)
        end = start + len(ids)
        answer: dict[str, Any] = {
            "totalSize": len(cursor.ids),
            "done": end >= len(cursor.ids),
            "records": _records(cursor.plan, rows, version),
        }
        if not answer["done"]:
            answer["nextRecordsUrl"] = f"/services/data/v{version}/{resource}/{name}-{end}"
        return answer

    def _count(self, plan: Plan) -> dict[str, Any]:
        ((total,),) = self._store.select(plan.select + plan.joins + plan.body, plan.parameters)
        if plan.count is not None and plan.count.path is None:
            return {"totalSize": total, "done": True, "records": []}
        record = {"attributes": {"type": "AggregateResult"}, "expr0": total}
        return {"totalSize": 1, "done": True, "records": [record]}

    def _open(self, plan: Plan) -> str:
        limit = -1 if plan.limit is None else plan.limit
        ids = self._store.select(
            f"{plan.ids}{plan.joins}{plan.body} LIMIT ? OFFSET ?",
            [*plan.parameters, limit, plan.offset],
        )
        self._opened += 1
        name = f"01gTn{self._opened:010d}"
        expires = time.monotonic() + CURSOR_SECONDS
        self._cursors[name] = _Cursor(plan, tuple(native_id for (native_id,) in ids), expires)
        while len(self._cursors) > OPEN_CURSORS:
            self._cursors.popitem(last=False)
        return f"{name}-0"

    def _rows(self, plan: Plan, ids: Sequence[str]) -> list[tuple[Any, ...]]:
        found: dict[str, tuple[Any, ...]] = {}
        for start in range(0, len(ids), _IDS_PER_STATEMENT):
            some = ids[start : start + _IDS_PER_STATEMENT]
            marks = ", ".join("?" * len(some))
            sql = f'{plan.select}{_id_column(plan)}{plan.joins} WHERE "main"."Id" IN ({marks})'
            found |= {row[-1]: row for row in self._store.select(sql, some)}
        return [found[native_id] for native_id in ids if native_id in found]


def _id_column(plan: Plan) -> str:
    """The id in last place: the record's address needs it, asked for or not."""
    return ", " + plan.ids.removeprefix("SELECT ")


def _records(plan: Plan, rows: Sequence[tuple[Any, ...]], version: str) -> list[dict[str, Any]]:
    return list(_rendered(plan, rows, version))


def _rendered(
    plan: Plan, rows: Sequence[tuple[Any, ...]], version: str
) -> Iterator[dict[str, Any]]:
    flat = all(len(column.path) == 1 for column in plan.columns)
    names = [column.path[-1] for column in plan.columns]
    special: list[tuple[str, Callable[[Any], Any]]] = [
        (column.path[-1], RENDERERS[column.field.type])
        for column in plan.columns
        if column.field.type in RENDERERS
    ]
    prefix = row_url(version, plan.sobject, "")
    for row in rows:
        record: dict[str, Any] = {
            "attributes": {"type": plan.sobject.name, "url": prefix + row[-1]}
        }
        if flat:
            record.update(zip(names, row, strict=False))
            for name, renderer in special:
                if record[name] is not None:
                    record[name] = renderer(record[name])
        else:
            record |= _nest(plan, row)
        yield record


def _nest(plan: Plan, row: tuple[Any, ...]) -> dict[str, Any]:
    """Columns by path; a relationship that leads to no record is null as a whole."""
    record: dict[str, Any] = {}
    for column, value in zip(plan.columns, row, strict=False):
        target = record
        for step in column.path[:-1]:
            target = target.setdefault(step, {"attributes": {"type": column.owner.name}})
        target[column.path[-1]] = render_value(column.field, value)
    return {name: _null_if_empty(value) for name, value in record.items()}


def _null_if_empty(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _null_if_empty(part) for name, part in value.items() if name != "attributes"}
    empty = all(part is None for part in inner.values())
    return None if empty else {"attributes": value["attributes"], **inner}
